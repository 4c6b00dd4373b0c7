"""The title of a page: how much is overdue, better or worse, and who explains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import polars as pl

from ledger.book import Book
from ledger.calendar import Window, months_before
from ledger.money import digits
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope
from metrics import text
from metrics.scan import Where
from metrics.stories import BEHAVIOUR, CUSTOMERS_PAGE, SEGMENTS_PAGE, Headline, named

FLAT = 0.03
"""A change below this share of the balance is told as none."""

PART = 0.3
"""A group that makes less than this share of a change is not its cause …"""

EXCESS = 0.15
"""… nor is one whose share of the change is not at least this much above its share of gross open before it."""

NARROWER = 1.1
"""A pair of dimensions must exceed this many times as far as a single one to be told: of many pairs one will."""

SEVERAL = 3
"""With fewer groups than this, one of them explains most of anything."""

OVERVIEW_PAGE = "pages/summary/overview.py"


@dataclass(frozen=True)
class Cause:
    """A group and the share of a change that it makes, 0 to 1, or more where others moved against it."""

    where: Where
    share: float


def overall(
    book: Book, day: date, window: str = "3mo", scope: Scope = COMPANY, currency: str | None = None
) -> Headline:
    """What overdue money did since the window's opening, or over the year when that saw little, and because of whom.

    ``money`` is the change, above zero where more is overdue; ``where`` leads to its cause and is empty without one.
    The cause is the group, by one or two dimensions, or the customer, whose share of the change exceeds its share of
    the open balance furthest: what it makes beyond its size. ``currency``: one of ``book.currencies_of(scope)``, the
    first when left out.
    """
    money = currency or next(iter(book.currencies_of(scope)), book.rules.reporting_currency)
    opening = Window.ending(day, window).opening
    told = _since(book, day, opening, scope, money)
    year = months_before(day, 12) if day.year > 1 else None
    if told.size < FLAT and year and book.first_day and book.first_day <= year and year != opening:
        over_year = _since(book, day, year, scope, money)
        told = over_year if over_year.size >= FLAT else told
    return told.headline


@dataclass(frozen=True)
class _Told:
    headline: Headline
    size: float
    """The change against the larger of the two balances, 0 to 1."""


def _since(book: Book, day: date, start: date, scope: Scope, currency: str) -> _Told:
    dimensions = [name for name in book.dimensions if name != BEHAVIOUR]
    rows = _moved(book, day, start, scope, dimensions, currency)
    before, now = (float(rows[column].sum()) for column in ("_before", "_now"))
    change = now - before
    size = abs(change) / max(now, before) if max(now, before) > 0 else 0.0
    unit = 10 ** digits(currency)
    amount = text.money(now / unit, currency)
    where: Where = ()
    if now == 0 and before == 0:
        words = "Nothing is overdue"
    elif book.first_day is None or start < book.first_day:
        words, change = f"{amount} is overdue", 0.0
    elif size < FLAT:
        words = f"Overdue held at {amount} since {text.day(start)}"
    else:
        moved = f"{text.direction(change)} {text.money(abs(change) / unit, currency)} {text.since(start, day)}"
        words = f"Overdue {moved} to {amount}"
        found = cause(rows, _moved(book, day, start, scope, [CUSTOMER], currency), dimensions)
        if found is not None:
            where = found.where
            words += f"; {_explains(book, found)}"
    page = CUSTOMERS_PAGE if where and where[0][0] == CUSTOMER else SEGMENTS_PAGE if where else OVERVIEW_PAGE
    return _Told(Headline("overall", words, change / unit, currency, "overdue", where, page, day), size)


def _explains(book: Book, found: Cause) -> str:
    name = named(book, found.where)
    if found.share > 1:
        return f"{name} alone accounts for it"
    return f"{name} explains {found.share * 100:.0f}{text.NBSP}% of it"


def _moved(book: Book, day: date, start: date, scope: Scope, by: list[str], currency: str) -> pl.DataFrame:
    """``<by…>, _before, _now, _open``: overdue at both days and gross open at the first, in minor units."""
    rows = book.positions([start, day], scope, by, ["amount", "credit", "overdue"]).filter(pl.col(CURRENCY) == currency)
    at_start = pl.col("as_of") == start
    return rows.select(
        *by,
        _before=pl.when(at_start).then("overdue").otherwise(0),
        _now=pl.when(pl.col("as_of") == day).then("overdue").otherwise(0),
        _open=pl.when(at_start).then(pl.col("amount") - pl.col("credit")).otherwise(0),
    )


def cause(rows: pl.DataFrame, customers: pl.DataFrame, dimensions: list[str]) -> Cause | None:
    """Who makes most of the change beyond its size: a group of ``dimensions`` in ``rows``, or one of ``customers``.

    Both have ``_before, _now, _open`` beside the names; a dimension with one value is no cause. ``None`` when the
    change is spread, or there is none.
    """
    change = int(rows["_now"].sum()) - int(rows["_before"].sum())
    owed = float(rows["_open"].sum()) or 1.0
    if change == 0:
        return None
    several = [name for name in dimensions if rows[name].n_unique() > 1]
    groupings: list[tuple[pl.DataFrame, tuple[str, ...], float]] = [
        *((rows, keys, NARROWER) for keys in combinations(several, 2)),
        (customers, (CUSTOMER,), 1.0),
        *((rows, (name,), 1.0) for name in several),
    ]
    # Of equals the last: one dimension before two, and of those the one further down, nearer to somebody who can act.
    best: tuple[float, Cause] | None = None
    for frame, keys, times in groupings:
        for excess, found in _lead(frame, keys, change, owed):
            if best is None or excess / times >= best[0]:
                best = (excess / times, found)
    return best[1] if best else None


def _lead(rows: pl.DataFrame, keys: tuple[str, ...], change: int, owed: float) -> Iterator[tuple[float, Cause]]:
    """The group of a grouping that exceeds its size furthest, after by how much; none when it makes too little."""
    groups = rows.group_by(keys).agg(_delta=pl.col("_now").sum() - pl.col("_before").sum(), _open=pl.col("_open").sum())
    if groups.height < SEVERAL:
        return
    part = pl.col("_delta") / change
    lead = (
        groups.with_columns(_part=part, _excess=(part - pl.col("_open") / owed).round(6))
        .filter((pl.col("_part") >= PART) & (pl.col("_excess") >= EXCESS))
        .sort("_excess", *keys, descending=[True, *[False] * len(keys)], nulls_last=True)
        .head(1)
    )
    for row in lead.iter_rows(named=True):
        yield row["_excess"], Cause(tuple((key, row[key]) for key in keys), row["_part"])
