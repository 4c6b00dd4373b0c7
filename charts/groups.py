"""Who owes it: groups side by side, each bar split by age, the most overdue on top."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from charts import spec
from charts.aging import METRICS, NET, heading, largest
from charts.figure import Figure, Setting, Spec
from metrics import text


def by_group(aged: pl.DataFrame, group: str, setting: Setting, *, most: int = 12, clickable: bool = True) -> Figure:
    """Horizontal bars of open money by bucket, the most overdue group on top.

    Args:
        aged: ``key, label, bucket, amount``; ``key`` identifies a group in a click, ``label`` is written at its bar.
        group: what the groups are, in the singular: ``Region``.
        setting: the view's words, currency, colours and buckets.
        most: how many bars are drawn; the table twin has every group.
        clickable: a click picks a group, by its ``key``.
    """
    wide = widened(aged, setting.buckets)
    shown, rest = wide.head(most), wide.slice(most)
    scale = text.Scale.fitting(largest(shown["gross"]))
    finding = by_group_finding(wide, group, setting.currency)
    height = max(60, 25 * shown.height + 30)
    more = f"{rest.height:,}{text.NBSP}more of {text.money(rest['total'].sum(), setting.currency)} in the table"
    return Figure(
        name=f"aging_by_{group.lower().replace(' ', '_')}",
        title=finding,
        subtitle=setting.subtitle(
            f"Open receivables by {group.lower()}, {scale.unit(setting.currency)}, most overdue first",
            NET,
            more if rest.height else "",
        ),
        alt=f"Horizontal bars of open receivables by {group.lower()} and age. {finding}.",
        spec=_spec(aged, shown, setting, scale, height, clickable=clickable),
        table=_twin(wide, group, setting),
        metrics=METRICS,
        height=height,
        palette=setting.palette,
    )


def by_group_finding(wide: pl.DataFrame, group: str, currency: str) -> str:
    """Who holds the most overdue money and what share of it."""
    total = float(wide["overdue"].sum() or 0)
    if wide.is_empty() or total <= 0:
        return f"No {group.lower()} has anything overdue"
    top = wide.row(0, named=True)
    if wide.height == 1:
        return f"{top['label']} has {text.money(top['overdue'], currency)} overdue"
    return f"{top['label']} holds {text.share(top['overdue'] / total)} of the overdue {text.money(total, currency)}"


def widened(aged: pl.DataFrame, buckets: Sequence[str]) -> pl.DataFrame:
    """One row a group, most overdue first: ``key, label``, every bucket, ``overdue, gross, total``."""
    amounts = [pl.col("amount").filter(pl.col("bucket") == bucket).sum().alias(bucket) for bucket in buckets]
    sums = [
        pl.sum_horizontal(part).round(2).alias(name)
        for name, part in (("overdue", buckets[1:-1]), ("gross", buckets[:-1]), ("total", buckets))
    ]
    wide = aged.group_by("key", "label").agg(amounts).with_columns(sums)
    return wide.sort(["overdue", "gross", "label"], descending=[True, True, False])


def _spec(
    aged: pl.DataFrame, shown: pl.DataFrame, setting: Setting, scale: text.Scale, height: int, *, clickable: bool
) -> Spec:
    buckets, palette = setting.buckets, setting.palette
    drawn = aged.filter(pl.col("amount") != 0).join(shown.select("key"), on="key", how="semi", nulls_equal=True)
    used = set(drawn["bucket"])
    present = [heading(bucket, buckets) for bucket in buckets if bucket in used]
    fills = {heading(bucket, buckets): colour for bucket, colour in palette.aging(buckets).items()}
    y = {
        "field": "label",
        "type": "nominal",
        "sort": shown["label"].to_list(),
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelFontSize": 12},
    }
    room = spec.headroom(largest(shown["gross"]) / scale.divisor)
    bars: Spec = {
        "data": spec.data(_bars(drawn, setting, scale)),
        "mark": {"type": "bar", "strokeWidth": 0.8, "aria": False},
        "encoding": {
            "y": y,
            "x": spec.quantity("amount", stack="zero", scale=room, axis={"grid": True, "tickCount": 5}),
            "color": spec.shade("bucket", fills, present),
            "stroke": spec.literal("edge"),
            "order": spec.quantity("order"),
        },
    }
    totals: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": 600, "color": palette.text, "aria": False},
        "encoding": {"y": y, "x": spec.quantity("top"), "text": {"field": "text"}},
    }
    words = spec.tip(("label", "Of"), *((name, name) for name in present), ("late", "Overdue"), ("whole", "Total AR"))
    rows = spec.target("key", {"y": y, "x": {"value": 0}, "x2": {"value": "width"}, "tooltip": words})
    if not clickable:
        del rows["params"], rows["mark"]["cursor"]
    return spec.chart(palette, [bars, totals, rows], height, data=spec.data(_rows(shown, setting, scale)))


def _bars(drawn: pl.DataFrame, setting: Setting, scale: text.Scale) -> list[dict[str, object]]:
    buckets = setting.buckets
    edges = setting.palette.aging_edges(buckets)
    return [
        {
            "label": row["label"],
            "bucket": heading(row["bucket"], buckets),
            "order": buckets.index(row["bucket"]),
            "edge": edges[row["bucket"]],
            "amount": row["amount"] / scale.divisor,
        }
        for row in drawn.iter_rows(named=True)
    ]


def _rows(shown: pl.DataFrame, setting: Setting, scale: text.Scale) -> list[dict[str, object]]:
    """What is written of each group, beside its bar and in its tooltip."""
    buckets, currency = setting.buckets, setting.currency
    return [
        {
            "key": row["key"],
            "label": row["label"],
            "top": row["gross"] / scale.divisor,
            "text": scale.bare(row["total"]),
            "late": text.exact(row["overdue"], currency),
            "whole": text.exact(row["total"], currency),
            **{heading(bucket, buckets): text.exact(row[bucket], currency) for bucket in buckets},
        }
        for row in shown.iter_rows(named=True)
    ]


def debtors(aged: pl.DataFrame, count: int, share: float, setting: Setting, *, row_height: float = 24.5) -> Figure:
    """The largest balances as bars without names, to stand beside a list of them: largest on top.

    Args:
        aged: ``key, label, bucket, amount`` of the customers to draw.
        count: how many they are.
        share: their part of the whole balance, 0 to 1.
        setting: the view's words, currency, colours and buckets.
        row_height: pixels a row takes, so that names and bars stand level.
    """
    wide = widened(aged, setting.buckets).sort(["total", "label"], descending=[True, False])
    scale = text.Scale.fitting(largest(wide["gross"]))
    finding = debtors_finding(wide, setting.currency)
    who = "the largest owes" if count == 1 else f"the {count} largest owe"
    drawn = _spec(aged, wide, setting, scale, round(row_height * max(wide.height, 1)), clickable=False)
    for layer in drawn["layer"]:
        for side in ("x", "y"):
            if "field" in layer["encoding"][side]:
                layer["encoding"][side] = {**layer["encoding"][side], "axis": None}
    # Below the bars, outside their height: the bars must stay level with the names.
    drawn["layer"][0]["encoding"]["color"]["legend"] = {"orient": "bottom", "columns": 3, "offset": 6}
    drawn["autosize"] = {"type": "fit-x", "contains": "padding"}
    drawn["padding"] = {"left": 0, "right": 4, "top": 0, "bottom": 0}
    return Figure(
        name="largest_debtors",
        title=finding,
        subtitle=setting.subtitle(
            f"Total AR by age, {scale.unit(setting.currency)}", f"{who} {text.share(share)} of all" if count else ""
        ),
        alt=f"Horizontal bars of the largest debtors' balances by age. {finding}.",
        spec=drawn,
        table=_twin(wide, "Customer", setting),
        metrics=("total_ar", *METRICS),
        height=round(row_height * max(wide.height, 1)),
        palette=setting.palette,
    )


def debtors_finding(wide: pl.DataFrame, currency: str) -> str:
    """Who owes most, and how much of it is overdue; ``wide`` is sorted by what is owed."""
    if wide.is_empty():
        return "Nobody owes anything"
    top = wide.row(0, named=True)
    total, overdue = top["total"], top["overdue"]
    owes = f"{text.name(top['label'])} owes {text.money(total, currency)}"
    if overdue <= 0:
        return f"{owes}, none of it overdue"
    if overdue > total:
        return f"{owes} net of unapplied credits; {text.money(overdue, currency)} is overdue"
    return f"{owes}, {'all' if overdue == total else text.share(overdue / total)} of it overdue"


def _twin(wide: pl.DataFrame, group: str, setting: Setting) -> pl.DataFrame:
    return wide.select(
        pl.col("label").alias(group),
        *[pl.col(bucket).alias(heading(bucket, setting.buckets)) for bucket in setting.buckets],
        pl.col("overdue").alias("Overdue"),
        pl.col("total").alias(f"Total AR, {setting.currency}"),
    )
