"""Groups by metrics: every value as a figure, a second figure for what it is compared with, coloured by that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import polars as pl

from charts import notation, spec
from charts.figure import Figure, Setting, Spec
from charts.palette import Palette, spread
from metrics import CATALOG, Better, Metric, Unit, text

_ROW = 37
_HEAD = 46

_STRONGEST = 45
"""Per cent of the colour in the strongest cell: the figure on it must stay readable."""

_FULL = 0.2
"""A difference of this share of the value it is compared with has the full colour, where no other is larger."""

_SMALL = 0.01
"""A group with less than this share of the receivables does not set the colours of the others."""

_FLAG = "flag"
_WORDS = {"act": "Act", "watch": "Watch"}


class Against(StrEnum):
    """What a value is compared with."""

    REST = "rest of the company"
    YEAR = "previous year"
    TARGET = "target"
    RANK = "rank"


def league(
    rows: pl.DataFrame,
    flags: Mapping[str, tuple[str | None, str | None]],
    group: str,
    against: Against,
    setting: Setting,
    *,
    title: str,
    by_cell: bool = False,
) -> Figure:
    """One row a group, one column a metric; a click picks ``key``, or ``cell``: the key and the metric.

    Args:
        rows: ``key, label`` and the columns of ``metrics.segments``, groups in the order to be drawn, metrics too; the
            company as a whole may stand among them with the key "" and no comparison.
        flags: per key ``act``, ``watch`` or nothing, and the reason.
        group: what the groups are, in the singular: ``Region``.
        against: what the second figure and the colour say.
        setting: the view's words, currency and colours.
        title: the finding.
        by_cell: a click picks ``cell``, written ``key/metric``; a flag's metric is ``flag``.
    """
    keys, metrics = rows["key"].unique(maintain_order=True), rows["metric"].unique(maintain_order=True).to_list()
    height = _ROW * keys.len() + _HEAD
    scales = _scales(rows, metrics, setting)
    strengths = _strengths(rows, against)
    cells = [
        _cell(row, against, setting, scales[row["metric"]], strengths.get(row["metric"], 0.0))
        for row in rows.iter_rows(named=True)
    ]
    labels = dict(rows.select("key", "label").unique(maintain_order=True).iter_rows())
    if any(flag for flag, _why in flags.values()):
        cells += [_flag(key, labels[key], *flags.get(key, (None, None)), setting.palette) for key in labels]
        metrics = [_FLAG, *metrics]
    colours = "blue better, orange worse" if against in (Against.REST, Against.YEAR) else ""
    colours += ", share of the whole company for sums" if against is Against.REST else ""
    below = {Against.TARGET: "Target below, blue reached, orange missed", Against.RANK: "Rank below, 1 is best"}
    return Figure(
        name=f"league_by_{group.lower().replace(' ', '_')}",
        title=title,
        subtitle=setting.subtitle(below.get(against) or f"Below each value its difference from the {against}", colours),
        alt=f"A table of {group.lower()} by metric, compared with the {against}. {title}.",
        spec=_spec(
            cells,
            list(labels.values()),
            _heads(metrics, scales, setting.currency),
            setting.palette,
            height,
            "cell" if by_cell else "key",
        ),
        table=_twin(rows, flags, group),
        metrics=tuple(metric for metric in metrics if metric != _FLAG),
        height=height,
        palette=setting.palette,
    )


def _scales(rows: pl.DataFrame, metrics: Sequence[str], setting: Setting) -> dict[str, text.Scale]:
    """One scale a column, so that its money compares by eye."""
    found: dict[str, text.Scale] = {}
    for metric in metrics:
        largest = rows.filter((pl.col("metric") == metric) & (pl.col("key") != ""))["value"].abs().max()
        found[metric] = setting.fitting(float(largest) if isinstance(largest, int | float) else 0.0)
    return found


def _strengths(rows: pl.DataFrame, against: Against) -> dict[str, float]:
    """Per metric the difference that has the full colour: the largest of a group that matters."""
    apart, base = ("gap", "rest") if against is Against.REST else ("change", "previous_year")
    size = rows.filter((pl.col("metric") == "total_ar") & (pl.col("key") != ""))
    large = size.filter(pl.col("value") >= _SMALL * pl.col("value").sum())["key"]
    judged = rows.filter(pl.col("key").is_in(large.implode())) if large.len() else rows
    sizes = judged.group_by("metric").agg(
        pl.max_horizontal(pl.col(apart).abs().max(), pl.col(base).abs().median() * _FULL).alias("size")
    )
    return {metric: float(size or 0) for metric, size in sizes.select("metric", "size").iter_rows()}


def _cell(
    row: Mapping[str, Any], against: Against, setting: Setting, scale: text.Scale, strength: float
) -> dict[str, Any]:
    metric, palette, currency = CATALOG[row["metric"]], setting.palette, setting.currency
    is_whole = row["key"] == ""
    second, fill = ("", palette.panel) if is_whole else _second(row, metric, against, setting, strength)
    return {
        "key": row["key"],
        "label": row["label"],
        "metric": row["metric"],
        "value": _short(row["value"], metric, scale),
        "second": second,
        "fill": fill,
        "ink": palette.text,
        "heading": metric.label,
        "exact": text.exact(row["value"], currency)
        if metric.unit is Unit.MONEY
        else text.value(row["value"], metric.unit),
        "rest": text.value(row["rest"], metric.unit, currency),
        "year": text.value(row["previous_year"], metric.unit, currency),
        "target": text.MISSING if row["target"] is None else text.goal(row["target"], metric.unit, currency),
        "rank": "" if row["rank"] is None else f"{row['rank']} of {row['groups']}",
        "why": "",
    }


def _second(
    row: Mapping[str, Any], metric: Metric, against: Against, setting: Setting, strength: float
) -> tuple[str, str]:
    """The small figure and the colour of a cell."""
    palette = setting.palette
    if against is Against.RANK:
        return ("" if row["rank"] is None else f"#{row['rank']}"), palette.ground
    if against is Against.TARGET:
        if row["target"] is None:
            return "no target", palette.ground
        shade = {"good": palette.good, "watch": palette.watch, "act": palette.bad}.get(row["state"] or "")
        return text.goal(row["target"], metric.unit, setting.currency), _mixed(
            palette, shade, 0.6
        ) if shade else palette.ground
    if against is Against.REST and metric.additive:
        # A part of the whole: the rest is simply larger.
        whole = (row["value"] or 0) + (row["rest"] or 0)
        return (f"{text.share((row['value'] or 0) / whole)} of all" if whole > 0 else ""), palette.ground
    apart = row["gap"] if against is Against.REST else row["change"]
    if apart is None:
        return text.MISSING, palette.ground
    told = text.change(apart, metric.unit, setting.currency)
    if metric.better is Better.NEITHER or not strength:
        return told, palette.ground
    shade = notation.effects(palette)[notation.effect(apart, metric.better)]
    return told, _mixed(palette, shade, min(abs(apart) / strength, 1.0))


def _mixed(palette: Palette, colour: str, part: float) -> str:
    return spread((palette.ground, colour), 101)[round(part * _STRONGEST)]


def _short(value: float | None, metric: Metric, scale: text.Scale) -> str:
    """A value without the unit that its column's head carries."""
    if value is None:
        return text.MISSING
    match metric.unit:
        case Unit.MONEY:
            return scale.bare(value)
        case Unit.RATIO:
            return text.number(value * 100, 1)
        case Unit.TIMES:
            return text.number(value, 2)
        case _:
            return text.number(value, 1)


def _flag(key: str, label: str, flag: str | None, reason: str | None, palette: Palette) -> dict[str, Any]:
    fills = {"act": palette.bad, "watch": palette.watch}
    return {
        "key": key,
        "label": label,
        "metric": _FLAG,
        "value": _WORDS.get(flag or "", ""),
        "second": "not judged" if reason and not flag else "",
        "fill": _mixed(palette, fills[flag], 0.7) if flag in fills else palette.ground,
        "ink": palette.text,
        "heading": "Flag",
        "exact": _WORDS.get(flag or "", "none"),
        "why": reason or "",
        **dict.fromkeys(("rest", "year", "target", "rank"), ""),
    }


def _heads(metrics: Sequence[str], scales: Mapping[str, text.Scale], currency: str) -> dict[str, list[str]]:
    """What stands above each column: label and unit."""
    units = {Unit.RATIO: "%", Unit.DAYS: "days", Unit.PERCENT: "0–100", Unit.TIMES: "×"}
    heads: dict[str, list[str]] = {}
    for id in metrics:
        if id == _FLAG:
            heads[id] = ["Flag", ""]
            continue
        metric = CATALOG[id]
        heads[id] = [
            metric.label,
            scales[id].unit(currency) if metric.unit is Unit.MONEY else units.get(metric.unit, ""),
        ]
    return heads


def _spec(
    cells: list[dict[str, Any]],
    labels: list[str],
    heads: Mapping[str, list[str]],
    palette: Palette,
    height: int,
    picked: str,
) -> Spec:
    x: Spec = {
        "field": "metric",
        "type": "nominal",
        "sort": list(heads),
        "axis": {
            "orient": "top",
            "domain": False,
            "ticks": False,
            "labelExpr": f"({json.dumps(dict(heads))})[datum.value]",
            "labelLimit": 120,
            "labelOverlap": False,
            # Two lines hang from where one would stand.
            "labelPadding": 18,
        },
    }
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelFontSize": 12, "labelLimit": 190},
    }
    box: Spec = {
        "mark": {"type": "rect", "stroke": palette.grid, "strokeWidth": 1, "aria": False},
        "encoding": {"x": x, "y": y, "color": spec.literal("fill")},
    }
    lone = "datum.second == ''"
    values = [
        _figures(x, y, "value", {"fontSize": 13, "fontWeight": 600, "dy": -6}, f"!({lone})"),
        _figures(x, y, "value", {"fontSize": 13, "fontWeight": 600}, lone),
        _figures(x, y, "second", {"fontSize": 10.5, "dy": 9}, "datum.value != ''"),
        _figures(x, y, "second", {"fontSize": 10.5}, "datum.value == ''"),
    ]
    tips = spec.tip(
        ("label", "Of"),
        ("heading", "Metric"),
        ("exact", "Value"),
        ("rest", "Rest of the company"),
        ("year", "A year before"),
        ("target", "Target"),
        ("rank", "Rank"),
        ("why", "Reason"),
    )
    clicks = spec.cells(picked, {"x": x, "y": y, "tooltip": tips})
    named = [{**cell, "cell": f"{cell['key']}/{cell['metric']}"} for cell in cells]
    return spec.chart(palette, [box, *values, clicks], height, data=spec.data(named))


def _figures(x: Spec, y: Spec, field: str, mark: dict[str, Any], only: str) -> Spec:
    return {
        "transform": [{"filter": only}],
        "mark": {"type": "text", "aria": False, **mark},
        "encoding": {"x": x, "y": y, "text": {"field": field}, "color": spec.literal("ink")},
    }


def _twin(rows: pl.DataFrame, flags: Mapping[str, tuple[str | None, str | None]], group: str) -> pl.DataFrame:
    why = pl.DataFrame(
        {
            "key": list(flags),
            "Flag": [flag for flag, _ in flags.values()],
            "Reason": [why for _, why in flags.values()],
        },
        schema={"key": pl.String, "Flag": pl.String, "Reason": pl.String},
    )
    return rows.join(why, on="key", how="left", maintain_order="left").select(
        pl.col("label").alias(group),
        pl.col("metric").replace_strict({id: CATALOG[id].label for id in rows["metric"].unique()}).alias("Metric"),
        pl.col("unit").alias("Unit"),
        pl.col("value").alias("Value"),
        pl.col("rank").alias("Rank"),
        pl.col("target").alias("Target"),
        pl.col("state").alias("State"),
        pl.col("previous_year").alias("Previous year"),
        pl.col("change").alias("Change"),
        pl.col("rest").alias("Rest of the company"),
        pl.col("gap").alias("Gap to the rest"),
        "Flag",
        "Reason",
    )
