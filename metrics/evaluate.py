"""From the catalogue to numbers: any metrics, any days, any window, any scope, any grouping, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.catalog import CATALOG
from metrics.countback import countback
from metrics.parts import sums
from metrics.spec import Metric, Unit

VALUES = ("value", "unit", "numerator", "denominator", "note")


def evaluate(
    book: Book,
    metrics: Sequence[str] | None = None,
    days: Sequence[date] = (),
    window: str = "3mo",
    scope: Scope = COMPANY,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """Long rows: ``as_of, window, <by…>, currency, metric, value, unit, numerator, denominator, note``.

    Args:
        metrics: ids in the order wanted; ``None`` for the whole catalogue.
        days: as-of days; the book's last day when empty.
        window: ``3mo`` or ``90d``, ending on each as-of day.
        scope: the part of the company.
        by: dimensions to group by, ``customer`` and ``currency`` among them.

    Returns:
        One row per day, group, currency and metric, days and groups sorted. Money is in major units of ``currency``.
        ``value`` is null where it is not defined, and ``note`` says why. ``currency`` is the currency of the money
        that went into the row.

    Raises:
        OutstandingError: an unknown metric, dimension or window.
    """
    chosen = CATALOG.choose(metrics)
    asked = sorted(set(days)) or ([book.last_day] if book.last_day else [])
    windows = [Window.ending(day, window) for day in asked]
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    parts = sums(book, windows, scope, by)
    early = _before_history(book, windows)
    rows = [
        _rows(metric, book, parts, keys, scope, by).with_columns(_order=pl.lit(i)) for i, metric in enumerate(chosen)
    ]
    return (
        pl.concat(rows)
        .join(early, on="as_of", how="left")
        .sort(*keys, "_order", nulls_last=True)
        .select(
            "as_of",
            pl.lit(window).alias("window"),
            *keys[1:],
            "metric",
            "value",
            "unit",
            "numerator",
            "denominator",
            pl.coalesce("note", pl.when(pl.col("_windowed") & pl.col("value").is_not_null()).then("_early")).alias(
                "note"
            ),
        )
    )


def _rows(
    metric: Metric, book: Book, parts: pl.DataFrame, keys: list[str], scope: Scope, by: Sequence[str]
) -> pl.DataFrame:
    """One metric for every row of ``parts``."""
    computed = (
        countback(book, parts.select(*keys, "total_ar"), scope, by)
        if metric.own
        else parts.select(*keys, *_ratio(metric))
    )
    money = metric.unit is Unit.MONEY
    value = major(pl.col("value"), pl.col(CURRENCY)) if money else pl.col("value").cast(pl.Float64)
    # Paid × days is money-days: it is scaled as money is, so that numerator ÷ denominator is the value again.
    return computed.select(
        *keys,
        metric=pl.lit(metric.id),
        value=value,
        unit=pl.lit(metric.unit.value),
        numerator=major(pl.col("numerator"), pl.col(CURRENCY)),
        denominator=major(pl.col("denominator"), pl.col(CURRENCY)),
        note=pl.col("note").cast(pl.String),
        _windowed=pl.lit(metric.windowed),
    )


def _ratio(metric: Metric) -> list[pl.Expr]:
    numerator = pl.lit(0) if metric.numerator is None else metric.numerator
    flag = pl.lit(None, pl.String) if metric.flag is None else metric.flag
    if metric.denominator is None:
        return [
            numerator.alias("value"),
            numerator.alias("numerator"),
            pl.lit(None, pl.Int64).alias("denominator"),
            flag.alias("note"),
        ]
    there = metric.denominator > 0
    ratio = numerator.cast(pl.Float64) / metric.denominator.cast(pl.Float64)
    value = ratio if metric.factor is None else ratio * metric.factor
    return [
        pl.when(there).then(value).alias("value"),
        numerator.cast(pl.Float64).alias("numerator"),
        metric.denominator.cast(pl.Float64).alias("denominator"),
        pl.when(~there).then(pl.lit(metric.no_value)).otherwise(flag).alias("note"),
    ]


def _before_history(book: Book, windows: Sequence[Window]) -> pl.DataFrame:
    """The note for a window that begins before the history does: its sales may be incomplete."""
    first = book.first_day
    told = [
        f"the window begins before the first document ({first.isoformat()})"
        if first and w.start < first.replace(day=1)
        else None
        for w in windows
    ]
    return pl.DataFrame(
        {"as_of": [w.end for w in windows], "_early": told}, schema={"as_of": pl.Date, "_early": pl.String}
    )
