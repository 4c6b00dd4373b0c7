"""One part of a change by group: whose late payment, whose volume, whose mix made it."""

from __future__ import annotations

import polars as pl

from charts import native, notation, spec, variance
from charts.aging import largest
from charts.figure import Figure, Setting
from charts.notation import Effect
from metrics import CATALOG, Unit, text


def by_group(rows: pl.DataFrame, metric: str, part: str, group: str, setting: Setting, *, most: int = 10) -> Figure:
    """Bars to both sides of zero, the largest on top; a click picks ``key``.

    Args:
        rows: ``key, label, amount``: what each group contributed to the part, in the metric's unit.
        metric: id in the catalogue.
        part: what the part is called: ``Late payment``.
        group: what the groups are, in the singular: ``Region``.
        setting: the view's words, currency and colours.
        most: how many are drawn; the table twin has every group.
    """
    chosen = CATALOG[metric]
    ordered = _seen(rows, chosen.unit, setting).sort(pl.col("amount").abs(), "label", descending=[True, False])
    shown = ordered.head(most)
    bars = [
        variance.Bar(
            key=row["key"],
            label=row["label"],
            size=row["amount"],
            words=text.change(row["amount"], chosen.unit, setting.currency, setting.scale),
            is_bad=notation.effect(row["amount"], chosen.better) == Effect.WORSE,
            tips=(_exact(row["amount"], chosen.unit, setting.currency),),
        )
        for row in shown.iter_rows(named=True)
    ]
    # As tall as the bridge that it takes the place of.
    height = variance.height(shown.height) + 2 * 26
    finding = _finding(ordered, part, chosen.unit, setting)
    scale = setting.fitting(largest(shown["amount"]))
    return Figure(
        name=f"{metric}_{part.lower().replace(' ', '_')}_by_{group.lower().replace(' ', '_')}",
        title=finding,
        subtitle=setting.subtitle(
            f"{part} alone, by {group.lower()}: its contribution to the change of {chosen.label}"
        ),
        alt=f"Bars by {group.lower()} of what {part.lower()} contributed. {finding}.",
        spec=spec.chart(setting.palette, variance.layers(bars, setting.palette, ("Contribution",)), height),
        table=ordered.select(pl.col("label").alias(group), pl.col("amount").alias(f"{part}, contribution")),
        metrics=(metric,),
        height=height,
        palette=setting.palette,
        native=variance.as_native(
            bars,
            shown["amount"].to_list(),
            f"{part}, contribution",
            native.form(chosen.unit, scale),
            native.measure(chosen.unit, setting.currency, scale),
        ),
    )


def _seen(rows: pl.DataFrame, unit: Unit, setting: Setting) -> pl.DataFrame:
    """What is more than nothing once it is written."""
    told = [text.change(amount, unit, setting.currency, setting.scale) for amount in rows["amount"]]
    return rows.filter(pl.Series([words != "no change" for words in told], dtype=pl.Boolean))


def _finding(ordered: pl.DataFrame, part: str, unit: Unit, setting: Setting) -> str:
    """Who contributed most to the part."""
    if ordered.is_empty():
        return f"{part}: no group contributed to it"
    told = [
        f"{text.name(row['label'])} ({text.change(row['amount'], unit, setting.currency, setting.scale)})"
        for row in ordered.head(2).iter_rows(named=True)
    ]
    return f"{part}: mostly {text.listed(told)}"


def _exact(amount: float, unit: Unit, currency: str) -> str:
    return text.exact(amount, currency) if unit is Unit.MONEY else text.change(amount, unit, currency)
