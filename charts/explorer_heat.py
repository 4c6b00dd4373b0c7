"""The explorer's heat map: rows by columns, every value printed and coloured."""

from __future__ import annotations

from collections.abc import Sequence

from charts import explorer_base as shared
from charts import explorer_panel as panels
from charts import spec
from charts.explorer_panel import Mark, Panel
from charts.figure import Figure, Setting, Spec
from charts.palette import Palette, contrast, spread
from metrics import Better, text

_FIGURES = 26
"""Columns beyond which no figures stand in the cells."""

_STRONGEST = 55
"""Per cent of the colour in the strongest cell: the figure on it must stay readable."""


def heat(panel: Panel, setting: Setting, told: str = "") -> Figure:
    """Rows by columns. A ratio is coloured by how it differs from all rows together, an amount by its size."""
    drawn = panels.cut(panel.rows, shared.MOST_ROWS)
    scale = setting.fitting(panel.largest())
    judged = not panel.metric.additive and panel.metric.better is not Better.NEITHER
    strongest = _strongest(panel, drawn, judged=judged)
    rows = [
        _heat_cell(panel, row, column, setting, scale, strongest, judged=judged)
        for row in drawn
        for column in panel.columns
    ]
    height = shared.ROW * max(len(drawn), 1) + 46
    colours = "blue better, orange worse than all together" if judged else "the darker, the more"
    drawing = _heat_spec(panel, drawn, rows, setting.palette, height)
    return shared.figure(panel, setting, scale, "heat", drawing, height, told, (), colours)


def _strongest(panel: Panel, drawn: Sequence[Mark], *, judged: bool) -> float:
    """The difference, or the amount, that has the full colour."""
    sizes = sorted(
        abs(tone)
        for row in drawn
        for column in panel.columns
        if (tone := _tone(panel, row, column, judged=judged)) is not None
    )
    # One outlier must not bleach everything else.
    return sizes[int((len(sizes) - 1) * 0.95)] if sizes else 0.0


def _tone(panel: Panel, row: Mark, column: Mark, *, judged: bool) -> float | None:
    value = panel.at(row, column).value
    if not judged or value is None:
        return value
    whole = panel.together.get(column.key)
    return None if whole is None or whole.value is None else value - whole.value


def _heat_cell(
    panel: Panel, row: Mark, column: Mark, setting: Setting, scale: text.Scale, strongest: float, *, judged: bool
) -> shared.Row:
    point, palette = panel.at(row, column), setting.palette
    tone = _tone(panel, row, column, judged=judged)
    colour = shared.ink(tone, panel.metric, palette) if judged else palette.good
    part = min(abs(tone) / strongest, 1.0) if tone is not None and strongest else 0.0
    fill = spread((palette.ground, colour), 101)[round(part * _STRONGEST)] if point.value is not None else palette.panel
    whole = panel.together.get(column.key)
    return {
        "row": f"{row.label}{shared.APART}{row.key}",
        "column": f"{column.label}{shared.APART}{column.key}",
        "label": row.label,
        "across": column.label,
        "key": f"{row.key}\x1e{column.key}",
        "fill": fill,
        "ink": max((palette.text, palette.ground), key=lambda ink: contrast(ink, fill)),
        "figure": "–" if point.value is None else panels.short(point.value, panel.metric, scale),
        "whole": panels.full(whole.value if whole else None, panel.metric, setting),
        **shared.tooltip(panel, point, setting),
    }


def _heat_spec(panel: Panel, drawn: Sequence[Mark], rows: list[shared.Row], palette: Palette, height: int) -> Spec:
    name = {"labelExpr": shared.NAME_ALONE, "domain": False, "ticks": False}
    axis = {**name, "labelColor": palette.text, "labelLimit": 190}
    down: Spec = {
        "field": "row",
        "type": "nominal",
        "sort": [f"{row.label}{shared.APART}{row.key}" for row in drawn],
        "axis": axis,
    }
    order = [f"{column.label}{shared.APART}{column.key}" for column in panel.columns]
    top = {**name, "orient": "top", "labelLimit": 90, "labelOverlap": "greedy"}
    across: Spec = {"field": "column", "type": "nominal", "sort": order, "axis": top}
    place = {"x": across, "y": down}
    layers: list[Spec] = [
        {
            "mark": {"type": "rect", "stroke": palette.ground, "strokeWidth": 2, "aria": False},
            "encoding": {**place, "color": spec.literal("fill")},
        }
    ]
    if len(panel.columns) <= _FIGURES:
        layers.append(
            {
                "mark": {"type": "text", "aria": False},
                "encoding": {**place, "text": {"field": "figure"}, "color": spec.literal("ink")},
            }
        )
    clicks: Spec = {
        "params": [{"name": "pick", "select": {"type": "point", "fields": ["key"], "toggle": False}}],
        "mark": {"type": "rect", "fillOpacity": 0.001, "cursor": "pointer"},
        "encoding": {
            **place,
            "tooltip": shared.tips(panel, ("across", panel.across or "Of"), ("whole", "All together")),
        },
    }
    return spec.chart(palette, [*layers, clicks], height, data=spec.data(rows))
