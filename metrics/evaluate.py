"""From the catalogue to numbers: any metrics, any days, any window, any scope, any grouping, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.money import digits
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
    question = Question(book, [Window.ending(day, window) for day in asked], scope, by)
    parts = sums(book, question.windows, scope, by, _roots(chosen), question.balances)
    own = {metric.id: _own(metric, question, parts) for metric in chosen if metric.own}
    return _long(chosen, parts, question, own, window)


def _roots(metrics: Sequence[Metric]) -> set[str]:
    """The parts that the metrics are made of."""
    return {name for metric in metrics for name in metric.roots}


def _own(metric: Metric, question: Question, parts: pl.DataFrame) -> pl.DataFrame:
    """``value, numerator, denominator, note`` of a metric of its own for every row of ``parts``, in minor units."""
    keys = question.keys
    found = OWN[metric.own](question).with_columns(_found=pl.lit(value=True))
    joined = parts.select(keys).join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")
    left_out = pl.col("_found").is_null()
    filled = (
        [pl.when(left_out).then(pl.lit(metric.no_value)).otherwise("note").alias("note")]
        if metric.no_value
        else [pl.when(left_out).then(0).otherwise(name).alias(name) for name in ("value", "numerator")]
    )
    return joined.with_columns(filled).select(
        pl.col("value", "numerator", "denominator").cast(pl.Float64), pl.col("note").cast(pl.String)
    )


def _long(
    metrics: Sequence[Metric],
    parts: pl.DataFrame,
    question: Question,
    own: Mapping[str, pl.DataFrame],
    window: str,
) -> pl.DataFrame:
    """Every metric for every row of ``parts``, whose order is kept; ``own``: those of their own, by id."""
    made = ratios(metrics, parts)
    found = pl.concat([own[metric.id] if metric.own else made[metric.id] for metric in metrics])
    # Found metric by metric; of each row of parts all metrics are wanted together.
    each, height = len(metrics), parts.height
    place = pl.int_range(each * height, eager=True)
    row, which = place // each, place % each
    keys = parts.select(question.keys)
    told = pl.DataFrame(
        {
            "metric": [metric.id for metric in metrics],
            "unit": [metric.unit.value for metric in metrics],
            "_money": [metric.unit is Unit.MONEY for metric in metrics],
            "_counted": [metric.counted for metric in metrics],
            "_windowed": [metric.windowed for metric in metrics],
        }
    )
    early = keys.select("as_of").join(_before_history(question), on="as_of", how="left", maintain_order="left")
    rows = pl.concat(
        [
            keys.with_columns(_units(keys[CURRENCY]), early["_early"])[row],
            told[which],
            found[which * height + row],
        ],
        how="horizontal",
    )
    money, units = pl.when("_money").then("_unit").otherwise(1.0), pl.when("_counted").then(1.0).otherwise("_unit")
    noted = pl.when(pl.col("_windowed") & pl.col("value").is_not_null()).then("_early")
    return rows.select(
        "as_of",
        pl.lit(window).alias("window"),
        *question.keys[1:],
        "metric",
        _scaled("value", money),
        "unit",
        _scaled("numerator", units),
        _scaled("denominator", units),
        pl.coalesce("note", noted).alias("note"),
    )


def ratios(metrics: Sequence[Metric], parts: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """``value, numerator, denominator, note`` of each metric made of parts, by id, for every row of ``parts``.

    In minor units, as Float64. ``parts``: sums as ``metrics.parts.sums`` gives them.
    """
    made = [metric for metric in metrics if not metric.own]
    # All in one pass: what many metrics have in common is computed once.
    wide = parts.select(expr.alias(f"{metric.id}.{name}") for metric in made for name, expr in metric.ratio.items())
    return {
        metric.id: pl.DataFrame([wide[f"{metric.id}.{name}"].alias(name) for name in metric.ratio]) for metric in made
    }


def values(metric: Metric, parts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """A metric made of parts, for every row of ``parts``: ``<keys>, metric, …VALUES``.

    ``parts``: sums as ``metrics.parts.sums`` gives them, or what is left of them when others are subtracted.
    """
    made = ratios([metric], parts)[metric.id].with_columns(_units(parts[CURRENCY]))
    unit, none = pl.col("_unit"), pl.lit(1.0)
    found = made.select(
        _scaled("value", unit if metric.unit is Unit.MONEY else none),
        *(_scaled(name, none if metric.counted else unit) for name in ("numerator", "denominator")),
        note="note",
    )
    return parts.select(
        *keys,
        pl.lit(metric.id).alias("metric"),
        found["value"],
        pl.lit(metric.unit.value).alias("unit"),
        *found.get_columns()[1:],
    )


def _scaled(amount: str, unit: pl.Expr) -> pl.Expr:
    # A divisor per row, as in ``ledger.money.major``.
    return pl.col(amount) / (unit + pl.col(amount) * 0)


def _units(currency: pl.Series) -> pl.Series:
    """Minor units of a major one, row by row, as ``_unit``."""
    scale = {code: float(10 ** digits(code)) for code in currency.unique()}
    if len(scale) > 1:
        return currency.replace_strict(scale, return_dtype=pl.Float64).alias("_unit")
    return pl.repeat(next(iter(scale.values()), 1.0), currency.len(), eager=True).alias("_unit")


def begins_early(book: Book) -> str | None:
    """What is said of a window that the history does not reach; ``None`` where there is no history."""
    first = book.first_day
    return f"the window begins before the first document ({first.isoformat()})" if first else None


def _before_history(question: Question) -> pl.DataFrame:
    """The note for a window that begins before the history does: its sales may be incomplete."""
    book, windows = question.book, question.windows
    told = [begins_early(book) if not book.covers(w) else None for w in windows]
    return pl.DataFrame(
        {"as_of": [w.end for w in windows], "_early": told}, schema={"as_of": pl.Date, "_early": pl.String}
    )
