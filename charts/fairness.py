"""Groups at the same mix of customers: how much better or worse each does than would be expected of it, in money."""

from __future__ import annotations

import polars as pl

from charts import native, spec, variance
from charts.aging import largest
from charts.figure import Figure, Setting
from metrics import CATALOG, Better, text

_SMALL = 0.02
"""A group with less than this share of the money is not the message."""


def by_group(
    rows: pl.DataFrame, metric: str, group: str, setting: Setting, *, mixed: bool = True, most: int = 12
) -> Figure:
    """Bars to the right for more, to the left for less than expected; the worst on top; a click picks ``key``.

    Args:
        rows: ``key, label`` and the columns of ``metrics.fairness`` for one ``metric``.
        metric: overdue money (lower is better) or a collected share.
        group: what the groups are, in the singular: ``Collector``.
        setting: the view's words, currency and colours.
        mixed: whether the comparison is at the same mix of customers, and not with the company's average alone.
        most: how many are drawn; the table twin has every group.
    """
    ordered = worst_first(_with_others(rows), metric)
    shown = ordered.head(most)
    scale = setting.fitting(largest(shown["difference"].drop_nulls()))
    height = variance.height(shown.height)
    bars, unit = _bars(shown, metric, setting, scale), scale.unit(setting.currency)
    headings = (CATALOG[metric].label, "Expected", "Difference", "Note")
    where = " at the same mix" if mixed else ""
    finding = by_group_finding(ordered, metric, group, setting.currency, mixed=mixed)
    left_out = f"{ordered.height - shown.height:,}{text.NBSP}more in the table" if ordered.height > shown.height else ""
    return Figure(
        name=f"{metric}_at_the_same_mix_by_{group.lower().replace(' ', '_')}",
        title=finding,
        subtitle=setting.subtitle(f"{_what(metric)} less expected{where}, {unit}", left_out),
        alt=f"Bars by {group.lower()} of {_what(metric).lower()} against what is expected{where}. {finding}.",
        spec=spec.chart(setting.palette, variance.layers(bars, setting.palette, headings), height),
        table=_twin(ordered, metric, group, setting.currency),
        metrics=(metric,),
        height=height,
        palette=setting.palette,
        native=variance.as_native(
            bars,
            shown["difference"].to_list(),
            f"{_what(metric)} less expected",
            native.money(scale),
            unit,
        ),
    )


def by_group_finding(rows: pl.DataFrame, metric: str, group: str, currency: str, *, mixed: bool = True) -> str:
    """Who is furthest on the bad side of what is expected, and by how much: ``rows`` worst first."""
    judged = rows.filter(pl.col("difference").is_not_null())
    if judged.height <= 1:
        return f"No {group.lower()} can be compared: none has customers like another's"
    whole = float(rows["denominator"].clip(lower_bound=0).sum() or 0)
    matters = judged.filter(pl.col("denominator") >= _SMALL * whole)
    worst = matters.row(0, named=True) if matters.height else judged.row(0, named=True)
    bad = worst["difference"] * _sign(metric)
    if bad < _SMALL / 10 * whole:
        return f"No {group.lower()} stands out: each does about what its customers would lead one to expect"
    usual = "at the company's average"
    money, who = text.money(abs(worst["difference"]), currency), text.name(worst["label"])
    if CATALOG[metric].better is Better.LOWER:
        return f"{who} has {money} more overdue than {'such customers have on average' if mixed else usual}"
    return f"{who} collected {money} less than {'such customers bring on average' if mixed else usual}"


def _what(metric: str) -> str:
    return "Overdue" if CATALOG[metric].better is Better.LOWER else "Collected"


def _sign(metric: str) -> int:
    """1 where more is worse."""
    return 1 if CATALOG[metric].better is Better.LOWER else -1


def _with_others(rows: pl.DataFrame) -> pl.DataFrame:
    """Without any comparison where only one group has one: there is nobody that it could be compared with."""
    lonely = rows["difference"].count() <= 1
    blank = (pl.lit(None, pl.Float64).alias(name) for name in ("expected", "gap", "expected_amount", "difference"))
    return rows.with_columns(blank) if lonely else rows


def worst_first(rows: pl.DataFrame, metric: str) -> pl.DataFrame:
    """The worst on top; those that cannot be compared at the end, the largest first."""
    bad = (pl.col("difference") * _sign(metric)).alias("_bad")
    return rows.sort(bad, "denominator", "label", descending=[True, True, False], nulls_last=True)


def _bars(shown: pl.DataFrame, metric: str, setting: Setting, scale: text.Scale) -> list[variance.Bar]:
    unit, currency = CATALOG[metric].unit, setting.currency
    return [
        variance.Bar(
            key=row["key"],
            label=row["label"],
            size=None if apart is None else apart / scale.divisor,
            words="" if apart is None else f"{_signed(apart, scale)} · {text.change(row['gap'], unit)}",
            is_bad=apart is not None and apart * _sign(metric) > 0,
            tips=(
                text.value(row["value"], unit, currency),
                text.value(row["expected"], unit, currency),
                text.exact(apart, currency),
                row["note"] or "none",
            ),
        )
        for row in shown.iter_rows(named=True)
        for apart in (row["difference"],)
    ]


def _signed(amount: float, scale: text.Scale) -> str:
    words = scale.bare(amount)
    return f"+{words}" if amount > 0 and any(mark in "123456789" for mark in words) else words


def _twin(rows: pl.DataFrame, metric: str, group: str, currency: str) -> pl.DataFrame:
    label, what = CATALOG[metric].label, _what(metric)
    base = "Gross open" if CATALOG[metric].better is Better.LOWER else "Collectible"
    return rows.select(
        pl.col("label").alias(group),
        pl.col("denominator").alias(f"{base}, {currency}"),
        pl.col("numerator").alias(f"{what}, {currency}"),
        pl.col("expected_amount").alias("Expected"),
        pl.col("difference").alias("Difference"),
        pl.col("value").alias(label),
        pl.col("expected").alias(f"{label}, expected"),
        pl.col("peers").alias("Share with comparable customers"),
        pl.col("note").alias("Note"),
    )
