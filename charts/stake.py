"""Money at stake: what would not be late at the overdue share of the rest of the company."""

from __future__ import annotations

import polars as pl

from charts import native, spec, variance
from charts.aging import largest
from charts.figure import Figure, Setting
from metrics import text

_WORDS = {"act": "Act", "watch": "Watch"}


def by_group(rows: pl.DataFrame, group: str, setting: Setting, *, most: int = 8) -> Figure:
    """Bars of the money at stake, the most on top; a click picks ``key``.

    Args:
        rows: ``key, label, flag, at_stake, reason``; negative where a group pays better than the rest.
        group: what the groups are, in the singular: ``Region``.
        setting: the view's words, currency and colours.
        most: how many are drawn; the table twin has every group.
    """
    ordered = rows.drop_nulls("at_stake").sort("at_stake", "label", descending=[True, False])
    shown = ordered.head(most)
    scale = setting.fitting(largest(shown["at_stake"]))
    height = variance.height(shown.height)
    finding = finding_of(ordered, group, setting.currency)
    bars = [
        variance.Bar(
            key=row["key"],
            label=row["label"],
            size=row["at_stake"] / scale.divisor,
            words=" · ".join(part for part in (scale.bare(row["at_stake"]), _WORDS.get(row["flag"] or "")) if part),
            is_bad=row["at_stake"] > 0,
            tips=(text.exact(row["at_stake"], setting.currency), row["reason"] or "no flag"),
        )
        for row in shown.iter_rows(named=True)
    ]
    unit = scale.unit(setting.currency)
    what = f"Overdue beyond what it would be at the rest's overdue share, {unit}"
    return Figure(
        name=f"at_stake_by_{group.lower().replace(' ', '_')}",
        title=finding,
        subtitle=setting.subtitle(what),
        alt=f"Bars of the money at stake by {group.lower()}. {finding}.",
        spec=spec.chart(setting.palette, variance.layers(bars, setting.palette, ("At stake", "Flag")), height),
        table=ordered.select(
            pl.col("label").alias(group),
            pl.col("at_stake").alias(f"At stake, {setting.currency}"),
            pl.col("flag").alias("Flag"),
            pl.col("reason").alias("Reason"),
        ),
        metrics=("overdue", "overdue_share"),
        height=height,
        palette=setting.palette,
        native=variance.as_native(
            bars,
            shown["at_stake"].to_list(),
            "At stake",
            native.money(scale),
            unit,
        ),
    )


def finding_of(ordered: pl.DataFrame, group: str, currency: str) -> str:
    """Whose lateness ties up most: ``ordered`` by what is at stake."""
    if ordered.is_empty() or ordered["at_stake"][0] <= 0:
        return f"No {group.lower()} pays later than the rest"
    top = ordered.row(0, named=True)
    money = text.money(top["at_stake"], currency)
    return f"{text.name(top['label'])}: {money} would not be overdue at the rest's overdue share"
