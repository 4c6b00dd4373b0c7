"""Small ledgers written by hand: a line a document, a line a settlement. Everything left out is the plainest thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from ledger.book import Book, BookRules
from ledger.build import build_book
from ledger.cast import PLAIN, Formats
from ledger.scope import COMPANY, Scope
from metrics import aging, evaluate, movement

Row = dict[str, Any]

TODAY = date(2024, 12, 31)
DIMENSIONS = {"entity": "Entity", "region": "Region"}

_EMPTY = {
    "customers": ("customer_id", "name"),
    "documents": ("document_id", "customer_id", "entity", "kind", "document_date", "currency", "amount"),
    "settlements": ("settlement_id", "document_id", "settled_on", "amount", "kind"),
}


def invoice(id: str = "I1", amount: Any = "100", **more: Any) -> Row:
    """An invoice of 10 January 2024, due on 9 February, to C1 in EMEA. ``more`` says what is different."""
    return {
        "document_id": id, "customer_id": "C1", "entity": "E1", "kind": "invoice", "document_date": "2024-01-10",
        "due_date": "2024-02-09", "currency": "USD", "amount": amount, "region": "EMEA", **more,
    }  # fmt: skip


def payment(id: str, amount: Any, on: str, **more: Any) -> Row:
    """A payment document, negative as the customer owes less."""
    return invoice(id, amount, kind="payment", document_date=on, due_date=None, **more)


def settled(id: str, amount: Any, on: str, by: str = "cash", of: str = "I1", **more: Any) -> Row:
    """A part of document ``of`` that was closed on a day."""
    return {"settlement_id": id, "document_id": of, "settled_on": on, "amount": amount, "kind": by, **more}


def customer(id: str = "C1", name: str | None = "One", **more: Any) -> Row:
    return {"customer_id": id, "name": name, **more}


def rate(currency: str, on: str, rate: Any) -> Row:
    """One of ``currency`` in the reporting currency."""
    return {"currency": currency, "date": on, "rate": rate}


def tables(
    documents: Sequence[Row] = (), settlements: Sequence[Row] = (), customers: Sequence[Row] = (), **more: Sequence[Row]
) -> dict[str, pl.DataFrame]:
    """The canonical tables as a mapping returns them; ``more`` are the optional ones."""
    rows = {"customers": customers or [customer()], "documents": documents, "settlements": settlements}
    return {name: frame(name, given) for name, given in {**rows, **more}.items()}


def frame(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    if not rows:
        return pl.DataFrame(schema=dict.fromkeys(_EMPTY[name], pl.String))
    return pl.DataFrame(list(rows), infer_schema_length=None)


def book(
    documents: Sequence[Row] = (),
    settlements: Sequence[Row] = (),
    customers: Sequence[Row] = (),
    formats: Formats = PLAIN,
    rules: Mapping[str, Any] | None = None,
    **more: Sequence[Row],
) -> Book:
    """The books of these rows, read on 31 December 2024 in USD unless ``rules`` say otherwise."""
    own = {"dimensions": DIMENSIONS, "today": TODAY, **(rules or {})}
    return build_book(tables(documents, settlements, customers, **more), BookRules(**own), formats, "a test")


def day(text: str) -> date:
    return date.fromisoformat(text)


def balance(of: Book, on: str, scope: Scope = COMPANY) -> dict[str, Decimal]:
    """Bucket to what is open in it, empty buckets left out."""
    rows = aging(of, [day(on)], scope).filter(pl.col("count") + pl.col("amount").abs() > 0)
    return {bucket: money(amount) for bucket, amount in rows.select("bucket", "amount").iter_rows()}


def value(of: Book, metric: str, on: str, window: str = "3mo", scope: Scope = COMPANY) -> float | None:
    return evaluate(of, [metric], [day(on)], window, scope)["value"].item()


def owed(of: Book, on: str) -> Decimal:
    """Total AR at the close of a day."""
    return money(value(of, "total_ar", on))


def lines(of: Book, on: str, window: str = "12mo") -> dict[str, Decimal]:
    """The roll-forward, lines of 0 left out except the difference."""
    rows = movement(of, day(on), window)
    told = {line: money(amount) for line, amount in rows.select("line", "amount").iter_rows()}
    return {line: amount for line, amount in told.items() if amount or line == "difference"}


def quarantined(of: Book) -> list[tuple[str, str]]:
    """Key and rule of every row kept out."""
    return of.quarantine.select("key", "rule").rows()


def reasons(of: Book) -> list[str]:
    return of.quarantine["reason"].to_list()


def warned(of: Book) -> dict[str, list[str]]:
    """Rule to the keys that it names, warnings only."""
    rows = of.quality.filter((pl.col("severity") == "warning") & (pl.col("rows") > 0))
    return dict(rows.select("rule", "examples").iter_rows())


def money(amount: float | None) -> Decimal:
    assert amount is not None
    return Decimal(str(amount)).quantize(Decimal("0.001")).normalize() + 0
