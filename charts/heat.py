"""A heat map of groups by metrics: every value printed, and coloured by how far it is on the wrong side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from charts import spec
from charts.figure import Figure, Setting, Spec
from charts.palette import Palette, spread
from metrics import CATALOG, Better, Metric, Unit, text

ROW = 26
_HEAD = 34

_STRONGEST = 45
"""Per cent of the colour in the strongest cell: the figure on it must stay readable."""

_TWICE = 2.0
"""Beyond the good edge by this many times the way to the edge of attention a cell has the full colour …"""

_HALF = 0.5
"""… and where there is no target, when worse than the whole company by this share of its value."""

STAKE, STATE = "stake", "state"
"""Columns that are no metrics: money beyond what the target share allows, and the state in a word."""

_WORDS = {"good": "Good", "watch": "Watch", "act": "Act"}


@dataclass(frozen=True)
class Cell:
    """A group's value with what it is held against: the target's two edges, else the ``whole`` company's value.

    ``before`` is the value on the day compared with, ``None`` where there is none.
    """

    metric: str
    value: float | None
    good: float | None = None
    attention: float | None = None
    whole: float | None = None
    before: float | None = None


@dataclass(frozen=True)
class Row:
    """A group. ``stake`` is its overdue money beyond what its target share, or the company's share, would leave."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    stake: float | None
    state: str | None = None


def by_group(rows: Sequence[Row], group: str, setting: Setting, *, title: str, versus: str = "") -> Figure:
    """One line a group, in the order given; a click on a cell picks its group's ``key``.

    Args:
        rows: all with the same metrics.
        group: what the groups are, in the singular: ``Region``.
        setting: the view's words, currency and colours.
        title: the finding.
        versus: the day that ``before`` is of, in a few letters, for the tooltip.
    """
    metrics = [cell.metric for cell in rows[0].cells] if rows else []
    money = [cell.value for row in rows for cell in row.cells if CATALOG[cell.metric].unit is Unit.MONEY]
    scale = setting.fitting(max((abs(value) for value in money if value is not None), default=0.0))
    targeted = any(cell.good is not None for row in rows for cell in row.cells)
    cells = [drawn for row in rows for drawn in _cells(row, setting, scale, versus)]
    unit = scale.unit(setting.currency)
    columns = [metrics[0], STAKE, *metrics[1:], STATE] if metrics else []
    height = ROW * len(rows) + _HEAD
    than = "target" if targeted else "the company"
    colours = f"orange: worse than {than}; excess: overdue beyond {than}"
    return Figure(
        name=f"heat_by_{group.lower().replace(' ', '_')}",
        title=title,
        subtitle=setting.subtitle(unit, colours),
        alt=f"A table of {group.lower()} by metric, coloured by distance from target. {title}.",
        spec=_spec(cells, [row.label for row in rows], _heads(columns, unit), setting.palette, height),
        table=_twin(rows, group, metrics, setting.currency),
        metrics=tuple(metrics),
        height=height,
        palette=setting.palette,
    )


def strength(cell: Cell) -> float:
    """How far a value is on the wrong side, 0 (not at all) to 1 (so far that more makes no difference)."""
    metric = CATALOG[cell.metric]
    if cell.value is None or metric.better is Better.NEITHER or metric.unit is Unit.MONEY:
        return 0.0
    sign = 1 if metric.better is Better.LOWER else -1
    if cell.good is not None and cell.attention is not None:
        way = abs(cell.attention - cell.good) or abs(cell.good) or 1.0
        return _within(sign * (cell.value - cell.good) / way / _TWICE)
    if cell.whole:
        return _within(sign * (cell.value - cell.whole) / abs(cell.whole) / _HALF)
    return 0.0


def _within(part: float) -> float:
    return min(max(part, 0.0), 1.0)


def _cells(row: Row, setting: Setting, scale: text.Scale, versus: str) -> list[dict[str, Any]]:
    palette, currency = setting.palette, setting.currency
    shared = {"key": row.key, "label": row.label, "state": _WORDS.get(row.state or "", "no target")}
    drawn = [
        {
            **shared,
            "column": cell.metric,
            "value": _short(cell.value, CATALOG[cell.metric], scale),
            "fill": _fill(palette, strength(cell)),
            "ink": palette.text,
            "heading": CATALOG[cell.metric].label,
            "exact": _told(cell.value, CATALOG[cell.metric], currency),
            "aim": text.MISSING if cell.good is None else text.goal(cell.good, CATALOG[cell.metric].unit, currency),
            "whole": _told(cell.whole, CATALOG[cell.metric], currency),
            "moved": _moved(cell, setting, versus),
        }
        for cell in row.cells
    ]
    beyond = row.stake if row.stake is not None and row.stake > 0 else None
    nothing = dict.fromkeys(("aim", "whole", "moved"), text.MISSING)
    drawn.append(
        {
            **shared,
            **nothing,
            "column": STAKE,
            "value": scale.bare(beyond) if beyond else text.MINUS,
            "fill": palette.ground,
            "ink": palette.text if beyond else palette.quiet,
            "heading": "Overdue beyond target",
            "exact": text.exact(beyond, currency) if beyond else "none",
        }
    )
    drawn.append(
        {
            **shared,
            **nothing,
            "column": STATE,
            "value": _WORDS.get(row.state or "", ""),
            "fill": palette.ground,
            "ink": palette.state(row.state) if row.state else palette.quiet,
            "heading": "State: the worst of its metrics",
            "exact": shared["state"],
        }
    )
    return drawn


def _fill(palette: Palette, part: float) -> str:
    return spread((palette.ground, palette.bad), 101)[round(part * _STRONGEST)]


def _short(value: float | None, metric: Metric, scale: text.Scale) -> str:
    """A value without the unit that its column's head carries."""
    if value is None:
        return text.MISSING
    if metric.unit is Unit.MONEY:
        return scale.bare(value)
    return text.number(value * 100 if metric.unit is Unit.RATIO else value, 1)


def _told(value: float | None, metric: Metric, currency: str) -> str:
    return text.exact(value, currency) if metric.unit is Unit.MONEY else text.value(value, metric.unit)


def _moved(cell: Cell, setting: Setting, versus: str) -> str:
    if cell.value is None or cell.before is None or not versus:
        return text.MISSING
    unit = CATALOG[cell.metric].unit
    if setting.relative:
        return f"{text.relative(cell.value, cell.before)} vs {versus}"
    return f"{text.change(cell.value - cell.before, unit, setting.currency, setting.scale)} vs {versus}"


def _heads(columns: Sequence[str], money: str) -> dict[str, list[str]]:
    """What stands above each column: name and unit."""
    names = {STAKE: "Excess", STATE: "State", "total_ar": "AR", "overdue_share": "Overdue", "over_90_share": "90+"}
    units = {Unit.RATIO: "%", Unit.DAYS: "days", Unit.PERCENT: "0–100", Unit.TIMES: "×", Unit.MONEY: money}
    return {
        column: [
            names.get(column) or CATALOG[column].label,
            money if column == STAKE else units.get(CATALOG[column].unit, "") if column in CATALOG else "",
        ]
        for column in columns
    }


def _spec(
    cells: list[dict[str, Any]], labels: list[str], heads: Mapping[str, list[str]], palette: Palette, height: int
) -> Spec:
    x: Spec = {
        "field": "column",
        "type": "nominal",
        "sort": list(heads),
        "axis": {
            "orient": "top",
            "domain": False,
            "ticks": False,
            "labelExpr": f"({json.dumps(dict(heads))})[datum.value]",
            "labelOverlap": False,
            "labelFontSize": 10,
            # Two lines hang from where one would stand.
            "labelPadding": 17,
        },
    }
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": labels,
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelFontSize": 12, "labelLimit": 104},
    }
    box: Spec = {
        "mark": {"type": "rect", "stroke": palette.grid, "strokeWidth": 1, "aria": False},
        "encoding": {"x": x, "y": y, "color": spec.literal("fill")},
    }
    figures: Spec = {
        "mark": {
            "type": "text",
            "fontSize": 12,
            "fontWeight": {"expr": f"datum.column === '{STATE}' ? 600 : 400"},
            "aria": False,
        },
        "encoding": {"x": x, "y": y, "text": {"field": "value"}, "color": spec.literal("ink")},
    }
    tips = spec.tip(
        ("label", "Of"),
        ("heading", "Metric"),
        ("exact", "Value"),
        ("aim", "Target"),
        ("whole", "Whole company"),
        ("moved", "Change"),
        ("state", "State"),
    )
    clicks: Spec = {
        "params": [{"name": "pick", "select": {"type": "point", "fields": ["key"], "toggle": False}}],
        "mark": {"type": "rect", "fillOpacity": 0.001, "cursor": "pointer"},
        "encoding": {"x": x, "y": y, "tooltip": tips},
    }
    return spec.chart(palette, [box, figures, clicks], height, data=spec.data(cells))


def _twin(rows: Sequence[Row], group: str, metrics: Sequence[str], currency: str) -> pl.DataFrame:
    """A line a group: every metric, its target, and the money beyond it, unrounded."""
    columns: dict[str, list[Any]] = {group: [row.label for row in rows]}
    for place, metric in enumerate(metrics):
        label = CATALOG[metric].label
        columns[f"{label}, {currency}" if CATALOG[metric].unit is Unit.MONEY else label] = [
            row.cells[place].value for row in rows
        ]
        if any(row.cells[place].good is not None for row in rows):
            columns[f"{label}, target"] = [row.cells[place].good for row in rows]
    columns[f"Overdue beyond target, {currency}"] = [row.stake for row in rows]
    columns["State"] = [_WORDS.get(row.state or "") for row in rows]
    texts = {group: pl.String, "State": pl.String}
    return pl.DataFrame(columns, schema={name: texts.get(name, pl.Float64) for name in columns})
