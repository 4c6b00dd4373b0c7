"""From the catalogue to numbers: any metrics, any days, any window, any scope, any grouping, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.catalog import CATALOG
from metrics.concentration import effective_debtors, hhi, top_share
from metrics.countback import countback
from metrics.efficiency import collection_efficiency
from metrics.limits import credit_utilisation, over_limit
from metrics.parts import sums
from metrics.question import Question
from metrics.sales_days import dso_rolling, dso_true
from metrics.spec import Metric, Unit

Evaluator = Callable[[Question], pl.DataFrame]
"""What a metric of its own is computed by: ``as_of, <by…>, currency, value, numerator, denominator, note`` for the last
day of each window. Money and its parts are minor units."""

OWN: Mapping[str, Evaluator] = MappingProxyType(
    {
        "countback": countback,
        "dso_rolling": dso_rolling,
        "dso_true": dso_true,
        "collection_efficiency": collection_efficiency,
        "top_share": top_share,
        "hhi": hhi,
        "effective_debtors": effective_debtors,
        "credit_utilisation": credit_utilisation,
        "over_limit": over_limit,
    }
)

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
    parts = sums(book, windows, scope, by, _roots(chosen))
    early = _before_history(book, windows)
    question = Question(book, windows, scope, by)
    rows = [_rows(metric, question, parts).with_columns(_order=pl.lit(i)) for i, metric in enumerate(chosen)]
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


def _roots(metrics: Sequence[Metric]) -> set[str]:
    """The parts that the metrics are made of."""
    made_of = [expr for m in metrics for expr in (m.numerator, m.denominator, m.factor, m.flag) if expr is not None]
    return {name for expr in made_of for name in expr.meta.root_names()}


def _rows(metric: Metric, question: Question, parts: pl.DataFrame) -> pl.DataFrame:
    """One metric for every row of ``parts``."""
    keys = question.keys
    if not metric.own:
        return values(metric, parts, keys)
    found = OWN[metric.own](question).with_columns(_found=pl.lit(value=True))
    joined = parts.select(keys).join(found, on=keys, how="left", nulls_equal=True)
    left_out = pl.col("_found").is_null()
    filled = (
        [pl.when(left_out).then(pl.lit(metric.no_value)).otherwise("note").alias("note")]
        if metric.no_value
        else [pl.when(left_out).then(0).otherwise(name).alias(name) for name in ("value", "numerator")]
    )
    return _in_major(metric, joined.with_columns(filled), keys)


def values(metric: Metric, parts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """A metric made of parts, for every row of ``parts``: ``<keys>, metric, …VALUES``.

    ``parts``: sums as ``metrics.parts.sums`` gives them, or what is left of them when others are subtracted.
    """
    return _in_major(metric, parts.select(*keys, *_ratio(metric)), keys)


def _in_major(metric: Metric, computed: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Minor units as major ones.

    Paid × days is money-days: it is scaled as money is, so that numerator ÷ denominator is the value again.
    """
    value, numerator, denominator = (pl.col(name) for name in ("value", "numerator", "denominator"))
    scaled = [column if metric.counted else major(column, pl.col(CURRENCY)) for column in (numerator, denominator)]
    return computed.select(
        *keys,
        metric=pl.lit(metric.id),
        value=(major(value, pl.col(CURRENCY)) if metric.unit is Unit.MONEY else value).cast(pl.Float64),
        unit=pl.lit(metric.unit.value),
        numerator=scaled[0].cast(pl.Float64),
        denominator=scaled[1].cast(pl.Float64),
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
        f"the window begins before the first document ({first.isoformat()})" if first and not book.covers(w) else None
        for w in windows
    ]
    return pl.DataFrame(
        {"as_of": [w.end for w in windows], "_early": told}, schema={"as_of": pl.Date, "_early": pl.String}
    )
