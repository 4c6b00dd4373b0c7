"""Count-back DSO: how many days of the latest sales the balance is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from ledger.book import Book
from ledger.calendar import Window, month_end
from ledger.scope import CURRENCY, Scope


def months_back(book: Book, day: date) -> list[Window]:
    """The calendar months from the first of the history to ``day``, oldest first; the last one ends on ``day``."""
    if book.first_day is None or day < book.first_day:
        return []
    windows: list[Window] = []
    start = book.first_day.replace(day=1)
    while (end := month_end(start)) < day:
        windows.append(Window(start, end))
        start = end + timedelta(days=1)
    return [*windows, Window(start, day)]


def countback(book: Book, balances: pl.DataFrame, scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """``as_of, <by…>, currency, value, numerator, denominator, note``: one row per row of ``balances``.

    Args:
        balances: ``as_of, <by…>, currency, total_ar`` (minor units).

    A month with no or negative credit sales counts its days and takes nothing off, and is noted. When the history
    ends before the balance is used up, the days found are given with a note. A balance of 0 or less is 0 days.
    """
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    days = balances["as_of"].unique().sort().to_list()
    parts = [_working(book, day, balances.filter(pl.col("as_of") == day), scope, by) for day in days]
    found = (
        pl.concat(parts or [_working(book, date.min, balances, scope, by)])
        .group_by(keys)
        .agg(
            value=pl.col("counted").sum(),
            denominator=pl.col("taken").sum(),
            _skipped=((pl.col("sales") <= 0) & (pl.col("left") > 0)).any(),
            _over=(pl.col("left") - pl.col("taken")).last(),
        )
    )
    note = (
        pl.when(pl.col("_over").fill_null(pl.col("total_ar")) > 0)
        .then(pl.lit("history exhausted: the balance is larger than all credit sales on record"))
        .when("_skipped")
        .then(pl.lit("months without credit sales count their days"))
    )
    return balances.join(found, on=keys, how="left", nulls_equal=True).select(
        *keys,
        value=pl.when(pl.col("total_ar") <= 0).then(0.0).otherwise(pl.col("value").fill_null(0.0)),
        numerator="total_ar",
        denominator="denominator",
        note=pl.when(pl.col("total_ar") > 0).then(note),
    )


def _working(book: Book, day: date, balances: pl.DataFrame, scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """The walk back: a row per group and month, latest month first, with what it takes off and the days it counts.

    ``<keys>, month, days, sales, left, taken, counted``: ``left`` is the balance before the month.
    """
    windows = months_back(book, day)
    labels = [*book.by_columns(by), CURRENCY]
    sales = book.flows(windows, scope, by).select(
        pl.col("as_of").alias("month"), *labels, (pl.col("billed") - pl.col("credits")).alias("sales")
    )
    months = pl.DataFrame(
        {"month": [w.end for w in windows], "days": [w.days for w in windows]},
        schema={"month": pl.Date, "days": pl.Int64},
    )
    grid = (
        balances.select("as_of", *labels, "total_ar")
        .join(months, how="cross")
        .join(sales, on=["month", *labels], how="left", nulls_equal=True)
        .with_columns(pl.col("sales").fill_null(0))
        .sort("month", descending=True)
    )
    group = pl.struct(labels)
    useful = pl.col("sales").clip(lower_bound=0)
    walked = grid.with_columns(left=pl.col("total_ar") - (useful.cum_sum() - useful).over(group)).filter(
        pl.col("left") > 0
    )
    return walked.with_columns(taken=pl.min_horizontal(useful, pl.col("left"))).with_columns(
        counted=pl.when(pl.col("sales") > 0)
        .then(pl.col("days") * pl.col("taken").cast(pl.Float64) / pl.col("sales"))
        .otherwise(pl.col("days").cast(pl.Float64))
    )
