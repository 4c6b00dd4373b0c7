"""Count-back DSO: how many days of the latest sales the balance is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.calendar import Window, month_ends
from ledger.money import major
from ledger.running import running
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.parts import balances
from metrics.question import Question


def months_back(book: Book, days: Sequence[date]) -> pl.DataFrame:
    """The calendar months that each of ``days`` counts back over: ``as_of, month, days``.

    From the first month of the history to the day itself. ``month`` is the last day that counts of a month: its
    month-end, and for the as-of day's own month the as-of day.
    """
    ends = [] if book.first_day is None else month_ends(book.first_day, max(days, default=book.first_day))
    rows = [(day, end) for day in days for end in [*(end for end in ends if end < day), *_own(book, day)]]
    months = pl.DataFrame(rows, schema={"as_of": pl.Date, "month": pl.Date}, orient="row")
    return months.with_columns(days=pl.col("month").dt.day().cast(pl.Int64))


def _own(book: Book, day: date) -> list[date]:
    return [] if book.first_day is None or day < book.first_day else [day]


def countback(asked: Question) -> pl.DataFrame:
    """``as_of, <by…>, currency, value, numerator, denominator, note``: a row a group with anything open.

    A month with no or negative credit sales counts its days and takes nothing off, and is noted. When the history
    ends before the balance is used up, the days found are given with a note. A balance of 0 or less is 0 days. Of each
    window only its last day counts.
    """
    numbered = asked.balances.select(*asked.keys, "total_ar").with_row_index("group")
    found = (
        working(asked.book, numbered, asked.scope, asked.by)
        .group_by("group")
        .agg(
            value=pl.col("counted").sum(),
            denominator=pl.col("taken").sum(),
            _skipped=(pl.col("sales") <= 0).any(),
            _uncovered=(pl.col("left") - pl.col("taken")).min(),
        )
    )
    note = (
        pl.when(pl.col("_uncovered").fill_null(pl.col("total_ar")) > 0)
        .then(pl.lit("history exhausted: the balance is larger than all credit sales on record"))
        .when("_skipped")
        .then(pl.lit("months without credit sales count their days"))
    )
    return numbered.join(found, on="group", how="left").select(
        *asked.keys,
        value=pl.when(pl.col("total_ar") <= 0).then(0.0).otherwise(pl.col("value").fill_null(0.0)),
        numerator="total_ar",
        denominator="denominator",
        note=pl.when(pl.col("total_ar") > 0).then(note),
    )


def countback_working(book: Book, day: date, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
    """The walk back as a table: ``as_of, <by…>, currency, month, days, sales, left, taken, counted``.

    Latest month first. ``sales``: credit sales of the month; ``left``: the balance not yet covered before it;
    ``taken``: what the month covers of that; ``counted``: the days it counts, which add up to count-back DSO. Money is
    in major units. Groups that owe nothing have no rows.
    """
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    money = [major(pl.col(name), pl.col(CURRENCY)).alias(name) for name in ("sales", "left", "taken")]
    rows = working(book, _balances(book, [day], scope, by), scope, by)
    return rows.select(*keys, "month", "days", *money, "counted")


def _balances(book: Book, days: Sequence[date], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """``group, as_of, <by…>, currency, total_ar`` in minor units: a row a group with anything open."""
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    return balances(book, list(days), scope, by).select(*keys, "total_ar").with_row_index("group")


def working(book: Book, numbered: pl.DataFrame, scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """The walk back: a row per group and month, latest month first, with what it takes off and the days it counts.

    ``group, <keys>, total_ar, month, days, sales, left, taken, counted``: ``left`` is the balance before the month,
    always positive. ``numbered`` comes with their ``group`` number.
    """
    labels = [*book.by_columns(by), CURRENCY]
    months = months_back(book, numbered["as_of"].unique().sort().to_list())
    # Sorted, so that starts and ends both rise: an as-of day within a month comes before the month's own end.
    windows = [Window(end.replace(day=1), end) for end in months["month"].unique().sort()]
    sales = book.credit_sales(windows, scope, by).rename({"as_of": "month", "credit_sales": "sales"})
    useful = pl.col("sales").clip(lower_bound=0)
    return (
        numbered.filter(pl.col("total_ar") > 0)
        .join(months, on="as_of")
        .join(sales, on=["month", *labels], how="left", nulls_equal=True)
        .with_columns(pl.col("sales").fill_null(0))
        .sort("group", "month", descending=[False, True])
        .with_columns(left=pl.col("total_ar") - running(useful, "group") + useful)
        .filter(pl.col("left") > 0)
        .with_columns(taken=pl.min_horizontal(useful, pl.col("left")))
        .with_columns(
            counted=pl.when(pl.col("sales") > 0)
            .then(pl.col("days") * pl.col("taken").cast(pl.Float64) / pl.col("sales"))
            .otherwise(pl.col("days").cast(pl.Float64))
        )
    )
