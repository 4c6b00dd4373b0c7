"""Looks into books that several presets' tests share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from ledger.book import Book
from ledger.listing import history
from ledger.schema import Kind
from metrics.movement import movement
from tests.mappings.books import open_by_document


def around(events: Iterable[str]) -> list[date]:
    """Each day on which something happens, and the one before: between them nothing changes."""
    found = {date.fromisoformat(day[:10]) for day in events}
    return sorted(found | {day - timedelta(days=1) for day in found})


def open_amounts(book: Book, day: date) -> dict[str, float]:
    """What is open at the end of ``day`` by document, in its own currency; nothing where only base money is."""
    return {id: float(amount) for id, (_, amount, _) in open_by_document(book, day).items() if amount}


def open_base(book: Book, day: date) -> dict[str, float]:
    """What is open at the end of ``day`` by document, in the reporting currency."""
    return {id: float(base) for id, (_, _, base) in open_by_document(book, day).items() if base}


def settled(book: Book, document: object) -> list[tuple[date, str, float]]:
    """What settled a document: the day it counts from, kind and amount, in order."""
    rows = history(book, str(document)).select("effective_on", "kind", "amount")
    return [(day, kind, round(amount, 2)) for day, kind, amount in rows.iter_rows()]


def moved(book: Book, day: date) -> dict[str, Decimal]:
    """The lines of the roll-forward over the twelve months to ``day``, without those of nothing."""
    rows = movement(book, day, "12mo").select("line", "amount")
    return {line: Decimal(str(round(amount, 2))) for line, amount in rows.iter_rows() if round(amount, 2)}


def kinds(book: Book) -> dict[str, str]:
    """What each document is, by its number."""
    names = list(Kind)
    rows = book.frames["documents"].select("number", "kind")
    return {number: names[kind].value for number, kind in rows.iter_rows()}


def warned(book: Book) -> set[str]:
    """The rules that some row broke."""
    rows = book.quality.select("rule", "rows").iter_rows()
    return {rule for rule, broken in rows if broken}
