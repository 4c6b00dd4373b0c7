"""How each customer stood and paid, then and now: what the search for causes weighs.

A balance on one day is a chance sample of a customer's habits: the day before a payment run reads worse than the day
after. So both ends of a comparison are taken over the month-ends of a quarter, and what customers paid in half a year
stands beside what they owed: two witnesses that have hardly an invoice in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from ledger import facts
from ledger.book import Book
from ledger.calendar import Window, months_before
from ledger.movements import met
from ledger.scope import COMPANY

Names = tuple[str, str, str, str]
"""Base and part before, base and part after: two ratios to compare."""

OPEN: Names = ("_open0", "_late0", "_open1", "_late1")
"""Open debit money and the overdue part of it, summed over the month-ends before and after."""

PAID: Names = ("_paid0", "_days0", "_paid1", "_days1")
"""Paid invoices and debit memos, and paid × days beyond terms, in half a year before each day: what is weighed."""

RECENT: Names = ("_paid_then", "_days_then", "_paid_now", "_days_now")
"""The same in the quarter before each day: what is told."""

DAYS: Names = ("_open_then", "_late_then", "_open_now", "_late_now")
"""Open debit money and the overdue part of it, at the close of the two days themselves."""

SUMS = (*OPEN, *PAID, *RECENT, *DAYS, "_old_then", "_old_now")
"""The last two are what is more than 90 days overdue on the two days."""

_YEAR, _HALF, _QUARTER = 12, 6, 3


@dataclass(frozen=True)
class Horizon:
    """Two days to compare, and what stands for the time around each.

    ``before`` and ``after``: days whose balances are summed. ``paid`` and ``recent``: the windows before each day whose
    payments are ``PAID`` and ``RECENT``, the earlier one first.
    """

    start: date
    day: date
    before: tuple[date, ...]
    after: tuple[date, ...]
    paid: tuple[Window, Window]
    recent: tuple[Window, Window]

    @classmethod
    def of(cls, book: Book, day: date, window: str) -> Horizon | None:
        """A year where the history reaches, else half a year, else the window; ``None`` where not even that.

        It reaches when at least the quarter before the start is in the books too.
        """
        first = book.first_day
        if first is None:
            return None
        for months in (_YEAR, _HALF):
            start = _back(day, months)
            for length in (_HALF, _QUARTER):
                if start and (begin := _back(start, length)) and begin >= first:
                    paid = (_before(start, length), _before(day, length))
                    recent = (_before(start, _QUARTER), _before(day, _QUARTER))
                    return cls(start, day, _ends(start), _ends(day), paid, recent)
        span = Window.ending(day, window)
        if span.opening < first:
            return None
        both = (Window(span.opening - timedelta(days=span.days - 1), span.opening), span)
        return cls(span.opening, day, (span.opening,), (day,), both, both)


def evidence(book: Book, horizon: Horizon) -> pl.DataFrame:
    """``customer`` (its number), ``cell`` and ``SUMS``, in minor units, of everyone who owed or paid anything.

    It is of the whole company: ``book.within`` takes what is in a scope.
    """
    keys = ["customer", "cell"]
    days = sorted({*horizon.before, *horizon.after})
    owed = facts.positions(book.open_slices(days), keys, book.rules.aging)
    slices = book.select("slices", COMPANY).filter(met((*horizon.paid, *horizon.recent), "closed_on"))
    moved = facts.paid_slices(slices)
    return (
        owed.group_by(keys)
        .agg(_balances(horizon))
        .join(moved.group_by(keys).agg(_payments(horizon)), on=keys, how="full", coalesce=True)
        .with_columns(pl.col(SUMS).fill_null(0))
        .sort(keys)
        .collect(engine="streaming")
    )


def _balances(horizon: Horizon) -> list[pl.Expr]:
    when = pl.col("as_of")
    owed = {
        "open": pl.col("amount") - pl.col("credit"),
        "late": pl.col("overdue"),
        "old": pl.col("over_90"),
    }
    around = {
        f"_{name}{end}": _where(when.is_in(days), owed[name])
        for end, days in enumerate((horizon.before, horizon.after))
        for name in ("open", "late")
    }
    on = {
        f"_{name}_{moment}": _where(when == day, owed[name])
        for moment, day in (("then", horizon.start), ("now", horizon.day))
        for name in owed
    }
    return [value.alias(name) for name, value in {**around, **on}.items()]


def _payments(horizon: Horizon) -> list[pl.Expr]:
    amount = pl.col("amount")
    late = amount.cast(pl.Int128) * (pl.col("closed_on") - pl.col("due")).dt.total_days()
    return [
        _where(pl.col("closed_on").is_between(window.start, window.end), value).alias(name)
        for names, windows in ((PAID, horizon.paid), (RECENT, horizon.recent))
        for window, pair in zip(windows, (names[:2], names[2:]), strict=True)
        for name, value in zip(pair, (amount, late), strict=True)
    ]


def _where(holds: pl.Expr, amount: pl.Expr) -> pl.Expr:
    # Zeros are summed in one pass over all rows; a filter would be one for every customer.
    return pl.when(holds).then(amount).otherwise(0).sum()


def _ends(day: date) -> tuple[date, ...]:
    return tuple(months_before(day, back) for back in range(_QUARTER))


def _before(day: date, months: int) -> Window:
    return Window.ending(day, f"{months}mo")


def _back(day: date, months: int) -> date | None:
    """``None`` before the year 1."""
    return months_before(day, months) if day.year > 1 + months // _YEAR else None
