"""Who owes it: groups side by side, each bar split by age, the most overdue on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from charts import native, spec
from charts.aging import METRICS, NET, heading, largest
from charts.figure import Figure, Key, Setting, Spec
from charts.native import Kind, Native, Series
from charts.palette import LIGHT
from metrics import text

OTHERS = "\ue000others"
"""The place of all that are not drawn by themselves: a sign that no name has, and that pictures may hold."""

_BESIDE = 1.7
"""Of the longest bar: room for balance and share at its end."""


_THINNEST = 0.014
"""Of the width: what takes the clicks of a bucket is never narrower."""


def by_group(
    aged: pl.DataFrame,
    group: str,
    setting: Setting,
    *,
    most: int = 12,
    clickable: bool = True,
    by_cell: bool = False,
    chosen: str | None = None,
) -> Figure:
    """Horizontal bars of open money by bucket, the most overdue group on top.

    Args:
        aged: ``key, label, bucket, amount``; ``key`` identifies a group in a click, ``label`` is written at its bar.
        group: what the groups are, in the singular: ``Region``.
        setting: the view's words, currency, colours and buckets.
        most: how many bars are drawn; the table twin has every group.
        clickable: a click picks a group, by its ``key``.
        by_cell: a click picks a ``cell``, bucket and key as ``31–60/North``, without a bucket beside the bar.
        chosen: the bucket that is picked, or none; the others fade.
    """
    wide = widened(aged, setting.buckets)
    shown, rest = wide.head(most), wide.slice(most)
    scale = setting.fitting(largest(shown["gross"]))
    finding = by_group_finding(wide, group, setting.currency)
    height = max(60, 25 * shown.height + 30)
    more = f"{rest.height:,}{text.NBSP}more of {text.money(rest['total'].sum(), setting.currency)} in the table"
    drawn = _spec(aged, shown, setting, scale, height, clickable=clickable)
    return Figure(
        name=f"aging_by_{group.lower().replace(' ', '_')}",
        title=finding,
        subtitle=setting.subtitle(
            f"Open receivables by {group.lower()}, {scale.unit(setting.currency)}, most overdue first",
            NET,
            more if rest.height else "",
        ),
        alt=f"Horizontal bars of open receivables by {group.lower()} and age. {finding}.",
        spec=_by_cell(drawn, shown, setting, scale, chosen) if by_cell else drawn,
        key=_key(setting) if by_cell else (),
        table=_twin(wide, group, setting),
        metrics=METRICS,
        height=height,
        palette=setting.palette,
        native=_native(shown, setting, scale, [scale.bare(total) for total in shown["total"]]),
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


def _key(setting: Setting) -> tuple[Key, ...]:
    fills = setting.palette.aging(setting.buckets)
    return tuple(Key(heading(bucket, setting.buckets), fills[bucket]) for bucket in setting.buckets)


def _by_cell(drawn: Spec, shown: pl.DataFrame, setting: Setting, scale: text.Scale, chosen: str | None) -> Spec:
    """The same bars, where what takes the clicks is a part of a bar, or what is beside it."""
    bars, totals, rows = drawn["layer"]
    if chosen is not None:
        is_chosen = {"test": {"field": "bucket", "equal": heading(chosen, setting.buckets)}, "value": 1}
        bars = {**bars, "encoding": {**bars["encoding"], "opacity": {"condition": is_chosen, "value": 0.35}}}
    told = _rows(shown, setting, scale)
    wide = largest(shown["gross"]) / scale.divisor * 1.1
    parts = [
        {
            **words,
            "cell": f"{bucket}/{words['key']}",
            "from": start,
            "to": end,
            "spoken": f"label: {words['label']}; bucket: {heading(bucket, setting.buckets) if bucket else 'all'}",
        }
        for row, words in zip(shown.iter_rows(named=True), told, strict=True)
        for bucket, start, end in _reaches(row, setting.buckets, scale, wide)
    ]
    reach = {"x": spec.quantity("from"), "x2": {"field": "to"}}
    encoding = {**rows["encoding"], **reach, "description": {"field": "spoken", "type": "nominal"}}
    clicks = {**spec.target("cell", encoding), "data": spec.data(parts)}
    return {**drawn, "layer": [bars, totals, clicks]}


def _reaches(
    row: dict[str, float], buckets: Sequence[str], scale: text.Scale, wide: float
) -> list[tuple[str, float, float]]:
    """From where to where each bucket of a bar takes clicks, and what is beside the bar for the group as a whole."""
    found: list[tuple[str, float, float]] = []
    left = right = 0.0
    for bucket in buckets:
        size = row[bucket] / scale.divisor
        if size < 0:
            reach = max(-size, _THINNEST * wide)
            found.append((bucket, left - reach, left))
            left -= reach
        elif size > 0:
            reach = max(size, _THINNEST * wide)
            found.append((bucket, right, right + reach))
            right += reach
    return [*found, ("", right, wide)] if right < wide else found


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


def _native(shown: pl.DataFrame, setting: Setting, scale: text.Scale, totals: Sequence[str]) -> Native | None:
    """The bars of ``shown``, as ``widened`` has them, with the buckets that hold anything."""
    buckets, fills = setting.buckets, LIGHT.aging(setting.buckets)
    if shown.is_empty():
        return None
    return Native(
        Kind.STACKED_BARS,
        native.names(shown["label"]),
        tuple(
            Series(heading(bucket, buckets), tuple(shown[bucket]), fills[bucket])
            for bucket in buckets
            if shown[bucket].abs().sum()
        ),
        native.money(scale),
        scale.unit(setting.currency),
        tuple(totals),
    )


@dataclass(frozen=True)
class Others:
    """All that are not drawn by themselves: how many, what they owe, and how much of it is overdue."""

    count: int
    total: float
    overdue: float
    gross: float


def debtors(
    aged: pl.DataFrame,
    count: int,
    share: float,
    setting: Setting,
    *,
    others: Others | None = None,
    row_height: float = 24.5,
) -> Figure:
    """The largest balances as bars without names, to stand beside a list of them: largest on top.

    What is written at a bar: the balance and the share of it that is overdue.

    Args:
        aged: ``key, label, bucket, amount`` of the customers to draw.
        count: how many they are.
        share: their part of the whole balance, 0 to 1.
        setting: the view's words, currency, colours and buckets.
        others: all the rest, written in figures below the bars: a bar of it would flatten theirs.
        row_height: pixels a row takes, so that names and bars stand level.
    """
    wide = widened(aged, setting.buckets).sort(["total", "label"], descending=[True, False])
    scale = setting.fitting(largest(wide["gross"]))
    finding = debtors_finding(wide, count, share)
    lines = wide.height + (others is not None)
    height = round(row_height * max(lines, 1))
    drawn = _spec(aged, wide, setting, scale, height, clickable=False)
    rows = drawn["data"]["values"]
    for row, told in zip(rows, wide.iter_rows(named=True), strict=True):
        row["share"] = _late(told["overdue"], told["gross"])
    if others is not None:
        rows.append(_rest(others, setting, scale))
    order = [row["label"] for row in rows]
    buckets = [heading(bucket, setting.buckets) for bucket in setting.buckets[:-1]]
    names = drawn["layer"][0]["encoding"]["y"]
    told = f"datum.label === '{OTHERS}' ? 'all others' : datum.label"
    names = {**names, "axis": {**names["axis"], "labelExpr": told}}
    for layer in drawn["layer"]:
        layer["encoding"]["y"] = {**names, "sort": order, "scale": {"domain": order}}
        if "field" in layer["encoding"]["x"]:
            room = {"domainMax": largest(wide["gross"]) / scale.divisor * _BESIDE or 1.0, "nice": False}
            layer["encoding"]["x"] = {**layer["encoding"]["x"], "scale": room, "axis": None}
    shares: Spec = {
        "mark": {"type": "text", "align": "right", "color": setting.palette.quiet, "aria": False},
        "encoding": {"y": drawn["layer"][1]["encoding"]["y"], "x": {"value": "width"}, "text": {"field": "share"}},
    }
    drawn["layer"].insert(2, shares)
    drawn["autosize"] = {"type": "fit-x", "contains": "padding"}
    drawn["padding"] = {"left": 0, "right": 4, "top": 0, "bottom": 0}
    fills = setting.palette.aging(setting.buckets)
    return Figure(
        name="largest_debtors",
        title=finding,
        subtitle=setting.subtitle(f"{scale.unit(setting.currency)} and overdue share"),
        alt=f"Horizontal bars of the largest debtors' balances by age. {finding}.",
        spec=drawn,
        table=_twin(wide, "Customer", setting),
        metrics=("total_ar", *METRICS),
        height=height,
        palette=setting.palette,
        key=tuple(Key(name, fills[bucket]) for name, bucket in zip(buckets, setting.buckets, strict=False)),
        names_beside=True,
        native=_native(wide, setting, scale, _owed(wide, scale)),
    )


def _owed(wide: pl.DataFrame, scale: text.Scale) -> list[str]:
    """Each balance with the share of it that is overdue: ``3.2 (45 %)``."""
    return [
        scale.bare(total) + (f" ({late})" if (late := _late(overdue, gross)) else "")
        for total, overdue, gross in wide.select("total", "overdue", "gross").iter_rows()
    ]


def _late(overdue: float, gross: float) -> str:
    return f"{overdue / gross * 100:.0f}{text.NBSP}%" if gross > 0 else ""


def _rest(others: Others, setting: Setting, scale: text.Scale) -> dict[str, object]:
    exact = text.exact(others.total, setting.currency)
    return {
        "key": "",
        "label": OTHERS,
        "top": 0.0,
        "text": scale.bare(others.total),
        "share": _late(others.overdue, others.gross),
        "late": text.exact(others.overdue, setting.currency),
        "whole": exact,
    }


def debtors_finding(wide: pl.DataFrame, count: int, share: float) -> str:
    """What the largest hold together, and how much of what the first owes is overdue; ``wide``: the largest first."""
    if wide.is_empty():
        return "Nobody owes anything"
    top = wide.row(0, named=True)
    name, gross, overdue = text.name(top["label"]), top["gross"], top["overdue"]
    held = f"{name} owes {text.share(share)} of all" if count == 1 else f"The {count} largest owe {text.share(share)}"
    late = "none" if overdue <= 0 or gross <= 0 else "all" if overdue == gross else text.share(overdue / gross)
    return f"{held}, {late} of it overdue" if count == 1 else f"{held}; of {name}, {late} is overdue"


def _twin(wide: pl.DataFrame, group: str, setting: Setting) -> pl.DataFrame:
    return wide.select(
        pl.col("label").alias(group),
        *[pl.col(bucket).alias(heading(bucket, setting.buckets)) for bucket in setting.buckets],
        pl.col("overdue").alias("Overdue"),
        pl.col("total").alias(f"Total AR, {setting.currency}"),
    )
