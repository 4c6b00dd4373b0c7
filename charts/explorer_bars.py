"""The explorer's bars: a row each, with a mark for what it is compared with, and the change beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from charts import explorer_base as shared
from charts import explorer_panel as panels
from charts import native, notation, spec
from charts.explorer_panel import Mark, Panel, Point
from charts.figure import LINE, Figure, Key, Setting, Spec
from charts.native import Kind, Look, Native, Series
from charts.notation import Role
from charts.palette import LIGHT, Palette
from metrics import text

_DWARFS = 2.0
"""What is left over is not drawn beside bars when it is so many times the largest of them."""


def bars(panel: Panel, setting: Setting, told: str = "") -> Figure:
    """A bar a row, with a mark for what it is compared with; days stand side by side, groups below each other."""
    drawn = _side_by_side(panel)
    scale = setting.fitting(panel.largest(drawn))
    upright = drawn and drawn[0].day is not None
    make = _standing if upright else _lying
    height = 230 if upright else max(70, shared.ROW * len(drawn) + 26)
    drawing = make(panel, drawn, setting, scale, height)
    cut = "the others together only in the table" if len(drawn) < min(len(panel.rows), shared.MOST_ROWS) else ""
    figure = shared.figure(panel, setting, scale, "bars", drawing, height, told, _bar_key(panel, setting), cut)
    return replace(figure, native=_native(panel, drawn, setting, scale) if drawn else None)


def _native(panel: Panel, drawn: Sequence[Mark], setting: Setting, scale: text.Scale) -> Native:
    """The bars with their figures, and what they are compared with: as marks over columns, as bars beside bars.

    No program has marks over bars that lie.
    """
    palette, metric = LIGHT, panel.metric
    points = [panel.at(mark, panel.last) for mark in drawn]
    days = [mark.day for mark in drawn if mark.day]
    now = Series(
        metric.label,
        tuple(point.value for point in points),
        palette.actual,
        colours=tuple(palette.neutral if mark.is_rest else palette.actual for mark in drawn),
        labels=tuple("" if point.value is None else panels.short(point.value, metric, scale) for point in points),
    )
    base = Series(
        panel.versus,
        tuple(point.base for point in points),
        _base_colour(panel, palette),
        Look.MARKER if days else Look.BAR,
    )
    return Native(
        Kind.COLUMNS if days else Kind.BARS,
        spec.months(days) if days else native.names(mark.label for mark in drawn),
        (now, base) if any(point.base is not None for point in points) else (now,),
        native.form(metric.unit, scale),
        panels.unit(metric, setting, scale),
    )


def _side_by_side(panel: Panel) -> tuple[Mark, ...]:
    """The rows that are drawn: without what is left over where that would dwarf everything else."""
    drawn = panels.cut(panel.rows, shared.MOST_ROWS)
    named = tuple(mark for mark in drawn if not mark.is_rest)
    rest = panel.largest([mark for mark in drawn if mark.is_rest])
    return named if named and rest > _DWARFS * panel.largest(named) else drawn


def _bar_key(panel: Panel, setting: Setting) -> tuple[Key, ...]:
    """What the marks are, where any is drawn."""
    if not any(point.base is not None for point in panel.points.values()):
        return ()
    return (Key("now", setting.palette.actual), Key(panel.versus, _base_colour(panel, setting.palette), LINE))


def _base_colour(panel: Panel, palette: Palette) -> str:
    return palette.good if panel.versus == "target" else notation.colour(Role.PREVIOUS, palette)


def _lying(panel: Panel, drawn: Sequence[Mark], setting: Setting, scale: text.Scale, height: int) -> Spec:
    palette, column = setting.palette, panel.last
    rows = [_bar(panel, mark, panel.at(mark, column), setting, scale) for mark in drawn]
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": [row["name"] for row in rows],
        "axis": {
            "domain": False,
            "ticks": False,
            "labelColor": palette.text,
            "labelFontSize": 12,
            "labelLimit": 140,
            "labelExpr": shared.NAME_ALONE,
        },
    }
    x = spec.quantity(
        "size",
        scale=shared.room(rows, 2.1 if any(row["moved"] for row in rows) else 1.25),
        axis={"grid": True, "tickCount": 4, "labelExpr": shared.axis(panel.metric)},
    )
    layers: list[Spec] = [
        {"mark": {"type": "bar", **_solid(palette)}, "encoding": {"y": y, "x": x, "color": spec.literal("fill")}},
        _base_marks(panel, palette, {"y": y, "x": spec.quantity("base")}),
        {
            "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600, "color": palette.text, "aria": False},
            "encoding": {"y": y, "x": spec.quantity("top"), "text": {"field": "figure"}},
        },
        {
            "mark": {"type": "text", "align": "right", "aria": False},
            "encoding": {"y": y, "x": {"value": "width"}, "text": {"field": "moved"}, "color": spec.literal("ink")},
        },
    ]
    clicks = spec.target("key", {"y": y, "x": {"value": 0}, "x2": {"value": "width"}, "tooltip": shared.tips(panel)})
    return spec.chart(palette, [*layers, clicks], height, data=spec.data(rows))


def _standing(panel: Panel, drawn: Sequence[Mark], setting: Setting, scale: text.Scale, height: int) -> Spec:
    palette, column = setting.palette, panel.last
    rows = [
        {**_bar(panel, mark, panel.at(mark, column), setting, scale), "as_of": mark.day} for mark in drawn if mark.day
    ]
    x = spec.month_axis([mark.day for mark in drawn if mark.day])
    y = spec.quantity("size", scale=shared.room(rows, 1.12), axis={"labelExpr": shared.axis(panel.metric)})
    layers: list[Spec] = [
        {"mark": {"type": "bar", **_solid(palette)}, "encoding": {"x": x, "y": y, "color": spec.literal("fill")}},
        _base_marks(panel, palette, {"x": x, "y": spec.quantity("base")}),
        {
            "mark": {"type": "text", "dy": -8, "fontWeight": 600, "color": palette.text, "aria": False},
            "encoding": {"x": x, "y": spec.quantity("top"), "text": {"field": "figure"}},
        },
    ]
    clicks = spec.target("key", {"x": x, "y": {"value": 0}, "y2": {"value": "height"}, "tooltip": shared.tips(panel)})
    return spec.chart(palette, [*layers, clicks], height, data=spec.data(rows))


def _solid(palette: Palette) -> Spec:
    return {"strokeWidth": 0, "color": palette.actual, "aria": False}


def _base_marks(panel: Panel, palette: Palette, encoding: Spec) -> Spec:
    mark = {**notation.marker(palette), "color": _base_colour(panel, palette), "aria": False}
    return {"transform": [{"filter": "isValid(datum.base)"}], "mark": mark, "encoding": encoding}


def _bar(panel: Panel, mark: Mark, point: Point, setting: Setting, scale: text.Scale) -> shared.Row:
    palette, metric = setting.palette, panel.metric
    change = point.change if point.is_known else None
    sizes = [shared.scaled(value, metric, scale) or 0.0 for value in (point.value, point.base)]
    return {
        "key": mark.key,
        "name": f"{mark.label}{shared.APART}{mark.key}",
        "label": mark.label,
        "size": shared.scaled(point.value, metric, scale),
        "base": shared.scaled(point.base, metric, scale),
        "top": max(0.0, *sizes),
        "fill": palette.neutral if mark.is_rest else palette.actual,
        "figure": panels.short(point.value, metric, scale),
        "moved": "" if change is None else panels.moved(point, metric, setting),
        "ink": shared.ink(change, metric, palette),
        **shared.tooltip(panel, point, setting),
    }
