"""Cohorts: of what was billed in a month, how much came in by what age; of what fell due, how much stayed unpaid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger import cohorts as ledger_cohorts
from ledger.book import Book
from ledger.calendar import month_end, month_ends, months_before
from ledger.cohorts import AGES, LATE
from ledger.errors import OutstandingError
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, Scope

FIRST_MONTH = "the first month of the history, which may hold items taken over with older dates"
"""Note: an item taken over was seldom paid within 30 days of its date, and never could be before it was posted."""


def cohorts(book: Book, day: date, months: int = 12, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
    """``as_of, <by…>, currency, month, billed, age, paid, share, note``: a row a billing month and age in days.

    ``month`` is the last day of a calendar month, by posting date; the last one is that of ``day``. ``billed`` is that
    of the roll-forward, up to ``day``. ``paid`` is what cash closed within ``age`` days of the document's date, at any
    time up to then: it grows with the age. ``share`` is ``paid ÷ billed``; what was credited or written off is never
    paid, and an invoice whose payment bounced can be paid twice. In booked amounts cash counts at its own rate, so that
    an exchange gain can take ``share`` slightly above 1. ``paid`` and ``share`` are null, with a note, until
    the whole month has reached the age: its last day + ``age`` is not after ``day``.

    Args:
        months: how many billing months; those before the history are left out.
        by: with it, the groups that were billed or paid something; without, every month.

    Raises:
        OutstandingError: ``months`` is less than 1.
    """
    chosen = _months(book, day, months)
    keys = [*book.by_columns(by), CURRENCY, "month"]
    windows = ledger_cohorts.month_windows(chosen, day)
    billed = book.billed(windows, scope, by).with_columns(month=pl.col("as_of").dt.month_end()).drop("as_of")
    paid = ledger_cohorts.paid_by_age(book, day, chosen, scope, by)
    something = billed.filter(pl.col("billed") != 0)
    ages = [str(age) for age in AGES]
    wide = (
        _grid(book, chosen, scope, by, something.select(keys), paid.select(keys))
        .join(billed, on=keys, how="left", nulls_equal=True)
        .join(paid, on=keys, how="left", nulls_equal=True)
        .with_columns(pl.col("billed", *ages).fill_null(0))
        # Sorted here, where there is a row a month: by their text keys six times as many rows take far longer.
        .sort(keys, nulls_last=True)
        .with_row_index("_order")
    )
    share = pl.when(pl.col("billed") > 0).then(pl.col("paid").cast(pl.Float64) / pl.col("billed"))
    note = (
        pl.when(~pl.col("_reached"))
        .then("_from")
        .when(pl.col("billed") <= 0)
        .then(pl.lit("nothing was billed in the month"))
        .when(pl.col("month") == pl.lit(book.first_day, pl.Date).dt.month_end())
        .then(pl.lit(FIRST_MONTH))
    )
    return (
        wide.unpivot(ages, index=["_order", *keys, "billed"], variable_name="age", value_name="paid")
        .with_columns(pl.col("age").cast(pl.Int32))
        .join(_reached(chosen, AGES, day, "when the whole month is {} days old"), on=["month", "age"])
        .with_columns(paid=pl.when("_reached").then("paid"))
        .with_columns(share=share, note=note)
        .sort("_order", "age")
        .select(pl.lit(day).alias("as_of"), *keys, _money("billed"), "age", _money("paid"), "share", "note")
    )


def at_risk(book: Book, day: date, months: int = 12, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
    """``as_of, <by…>, currency, month, due, unpaid, share, note``: of what fell due, what was open 90 days later.

    ``month`` is the last day of a calendar month, by due date; the last one is that of ``day``. ``due`` is whole
    invoices and debit memos, paid or not, posted by ``day`` and by 90 days after their due date; ``unpaid`` what of
    them was open 90 days after each one's own due date, for whatever reason. ``share`` is ``unpaid ÷ due``, 0–1.
    ``unpaid`` and ``share`` are null, with a note, until 90 days after the month's end.

    Args:
        months: how many due months; those before the history are left out.
        by: with it, the groups to whom something fell due; without, every month.

    Raises:
        OutstandingError: ``months`` is less than 1.
    """
    chosen = _months(book, day, months)
    keys = [*book.by_columns(by), CURRENCY, "month"]
    found = ledger_cohorts.unpaid_by_month(book, day, chosen, scope, by)
    share = pl.when(pl.col("due") > 0).then(pl.col("unpaid").cast(pl.Float64) / pl.col("due"))
    note = (
        pl.when(~pl.col("_reached"))
        .then("_from")
        .when(pl.col("due") <= 0)
        .then(pl.lit("nothing fell due in the month"))
    )
    return (
        _grid(book, chosen, scope, by, found.select(keys))
        .join(found, on=keys, how="left", nulls_equal=True)
        .join(_reached(chosen, [LATE], day, "{} days after the month's end"), on="month")
        .with_columns(pl.col("due").fill_null(0))
        .with_columns(unpaid=pl.when("_reached").then(pl.col("unpaid").fill_null(0)))
        .with_columns(share=share, note=note)
        .sort(keys, nulls_last=True)
        .select(pl.lit(day).alias("as_of"), *keys, _money("due"), _money("unpaid"), "share", "note")
    )


def _months(book: Book, day: date, months: int) -> list[date]:
    """The last days of the ``months`` calendar months to that of ``day``, none before the history."""
    if months < 1:
        raise OutstandingError(f"Cohorts of {months} months cannot be shown; ask for 1 or more.")
    if book.first_day is None:
        return []
    last = month_end(day)
    reach = min(months, (day.year - book.first_day.year) * 12 + day.month - book.first_day.month + 1)
    return month_ends(months_before(last, reach - 1), last) if reach > 0 else []


def _grid(book: Book, months: Sequence[date], scope: Scope, by: Sequence[str], *found: pl.DataFrame) -> pl.DataFrame:
    """Every month of every group: without ``by`` a row even where nothing happened."""
    if by:
        return pl.concat(found).unique()
    rows = [(currency, month) for currency in book.currencies_of(scope) for month in months]
    return pl.DataFrame(rows, schema={CURRENCY: pl.String, "month": pl.Date}, orient="row")


def _reached(months: Sequence[date], ages: Sequence[int], day: date, why: str) -> pl.DataFrame:
    """Whether each month has reached each age on ``day``: ``month, age, _reached, _from`` (words for when not)."""
    pairs = [(month, age) for month in months for age in ages]
    grid = pl.DataFrame(pairs, schema={"month": pl.Date, "age": pl.Int32}, orient="row")
    then = pl.col("month") + pl.duration(days=pl.col("age"))
    words = pl.format("known from {}, " + why, then.dt.strftime("%Y-%m-%d"), "age")
    return grid.with_columns(_reached=then <= day, _from=words)


def _money(name: str) -> pl.Expr:
    return major(pl.col(name), pl.col(CURRENCY)).alias(name)
