"""Random questions, the same every time: seeded by the size, drawn from what the books hold."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ledger import listing
from ledger.book import Book
from ledger.scope import COMPANY, Scope
from metrics import CATALOG

TILES = ("total_ar", "overdue_share", "dso", "cei", "over_90_share", "cash_collected")
"""What the overview shows in tiles; ``briefing.summary`` would bring the libraries of its charts along."""

AS_OF_DAYS = 60
_WINDOWS = ("3mo", "12mo", "90d")


@dataclass(frozen=True)
class Question:
    """A set of metrics, a day, a window, a choice, and how it is split."""

    metrics: tuple[str, ...]
    day: date
    window: str
    scope: Scope
    by: tuple[str, ...]


def as_of_days(book: Book) -> list[date]:
    """Sixty days for a history of positions: its month-ends and, as it has fewer, the middle of the latest months."""
    ends = list(book.month_ends)[-AS_OF_DAYS:]
    middles = [end.replace(day=15) for end in reversed(ends)]
    return sorted({*ends, *middles[: AS_OF_DAYS - len(ends)]})


def month_ends(book: Book) -> list[date]:
    """Those of the last three years."""
    return list(book.month_ends)[-36:]


def any_days(book: Book) -> list[date]:
    """Every day of the last three years but the month-ends and the last day."""
    known, last = set(book.position_days), book.last_day or date(2000, 1, 1)
    return [day for back in range(1, 3 * 365) if (day := last - timedelta(days=back)) not in known]


def kpi_sets(book: Book, days: list[date], count: int, seed: int) -> Iterator[Question]:
    """One to eight metrics of the catalogue, any filter, a third of them split by a dimension."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    customers = _customers(book)
    for _ in range(count):
        metrics = tuple(chance.sample(list(CATALOG), chance.randint(1, 8)))
        by = (chance.choice(list(book.dimensions)),) if chance.random() < 1 / 3 else ()
        scope = _scope(book, customers, chance)
        yield Question(metrics, chance.choice(days), chance.choice(_WINDOWS), scope, by)


def tile_sets(book: Book, days: list[date], count: int, seed: int) -> Iterator[Question]:
    """The overview's tiles for any filter."""
    for question in kpi_sets(book, days, count, seed):
        yield Question(TILES, question.day, "3mo", question.scope, ())


def plain(book: Book, count: int, seed: int) -> list[dict[str, Any]]:
    """Questions that any engine can be asked: an ageing for a filter on a day; half of the days are month-ends."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    ends, days = month_ends(book), any_days(book)
    return [
        {"day": chance.choice(ends if number % 2 else days).isoformat(), "where": _where(book, chance)}
        for number in range(count)
    ]


def drills(book: Book, count: int, seed: int) -> list[dict[str, str]]:
    """Customers, and a day for each; half of the days are the last."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    customers, days, last = _customers(book), any_days(book), str(book.last_day)
    return [
        {"customer": chance.choice(customers), "day": last if number % 2 else chance.choice(days).isoformat()}
        for number in range(count)
    ]


def scope_of(where: dict[str, list[str]]) -> Scope:
    """A choice as it is kept."""
    return Scope.of(**where)


def _customers(book: Book) -> list[str]:
    return listing.customers(book)["customer_id"].drop_nulls().sort().to_list()


def _scope(book: Book, customers: list[str], chance: random.Random) -> Scope:
    if chance.random() < 1 / 8:
        return Scope.of(customer=chance.choice(customers))
    where = _where(book, chance)
    return Scope.of(**where) if where else COMPANY


def _where(book: Book, chance: random.Random) -> dict[str, list[str]]:
    """Up to three dimensions with one to three values each."""
    where: dict[str, list[str]] = {}
    for dimension in chance.sample(list(book.dimensions), chance.choice((0, 1, 1, 2, 3))):
        values = [value for value in book.values(dimension) if value is not None]
        where[dimension] = sorted(chance.sample(values, min(len(values), chance.randint(1, 3))))
    return where
