"""The explorer's stacked bars, of what adds up: parts on each other over days, or side by side in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from charts import explorer_base as shared
from charts import explorer_panel as panels
from charts import native, spec
from charts.explorer_panel import Mark, Panel, Point
from charts.figure import Figure, Setting, Spec
from charts.native import Kind, Native, Series
from charts.palette import LIGHT, Palette, spread
from metrics import text

MOST_PARTS = 6
"""Parts drawn; all smaller ones are one together."""


def stacked(panel: Panel, setting: Setting, told: str = "", *, height: int = 270) -> Figure:
    """Parts on each other: days stand side by side with the rows as parts; else rows lie with the columns as parts."""
    upright = bool(panel.days)
    bands, parts = (panel.columns, panel.rows) if upright else (panels.cut(panel.rows, shared.MOST_ROWS), panel.columns)
    scale = setting.fitting(max((_stack(panel, band, parts, upright=upright) for band in bands), default=0.0))
    kept, merged = _parts(panel, bands, parts, upright=upright)
    shades = dict(zip([name for name, _ in kept], _shades(len(kept), setting.palette, rest=merged), strict=True))
    rows = [
        _segment(panel, band, name, place, members, setting, scale, upright=upright)
        for band in bands
        for place, (name, members) in enumerate(kept)
    ]
    tall = height if upright else max(90, shared.ROW * len(bands) + 60)
    drawn = _stack_spec(panel, bands, rows, shades, setting.palette, tall, upright=upright)
    figure = shared.figure(panel, setting, scale, "stacked", drawn, tall, told)
    return replace(figure, native=_native(panel, bands, kept, setting, scale, rest=merged) if bands and kept else None)


def _native(
    panel: Panel,
    bands: Sequence[Mark],
    parts: Sequence[tuple[str, Sequence[Mark]]],
    setting: Setting,
    scale: text.Scale,
    *,
    rest: bool,
) -> Native:
    """The same stacks: a series a part, over days or groups."""
    days = [band.day for band in bands if band.day]
    series = [
        Series(
            text.name(name),
            tuple(_summed([_point(panel, band, one, upright=bool(days)).value for one in members]) for band in bands),
            shade,
        )
        for (name, members), shade in zip(parts, _shades(len(parts), LIGHT, rest=rest), strict=True)
    ]
    return Native(
        Kind.STACKED if days else Kind.STACKED_BARS,
        spec.months(days) if days else native.names(band.label for band in bands),
        tuple(series),
        native.form(panel.metric.unit, scale),
        panels.unit(panel.metric, setting, scale),
    )


def _parts(
    panel: Panel, bands: Sequence[Mark], parts: Sequence[Mark], *, upright: bool
) -> tuple[list[tuple[str, list[Mark]]], bool]:
    """Names of the parts drawn and what they hold: the largest, then everything else as one; and whether there is."""

    def size(part: Mark) -> float:
        return sum(abs(_point(panel, band, part, upright=upright).value or 0.0) for band in bands)

    ordered = panels.ranked(parts, size)
    named = [part for part in ordered if not part.is_rest]
    rest = [part for part in ordered if part.is_rest]
    if len(named) > MOST_PARTS:
        named, rest = named[:MOST_PARTS], [*named[MOST_PARTS:], *rest]
    return [*((part.label, [part]) for part in named), *([("Others", rest)] if rest else [])], bool(rest)


def _shades(count: int, palette: Palette, *, rest: bool) -> list[str]:
    """A tint for each part, the largest darkest; grey for the rest."""
    lightest = spread((palette.ground, palette.good), 101)[34]
    named = spread((palette.actual, palette.good, lightest), count - rest) if count > rest else ()
    return [*named, *([palette.unapplied] if rest else [])]


def _point(panel: Panel, band: Mark, part: Mark, *, upright: bool) -> Point:
    return panel.at(part, band) if upright else panel.at(band, part)


def _stack(panel: Panel, band: Mark, parts: Sequence[Mark], *, upright: bool) -> float:
    return sum(abs(_point(panel, band, part, upright=upright).value or 0.0) for part in parts)


def _segment(
    panel: Panel,
    band: Mark,
    name: str,
    place: int,
    members: Sequence[Mark],
    setting: Setting,
    scale: text.Scale,
    *,
    upright: bool,
) -> shared.Row:
    points = [_point(panel, band, member, upright=upright) for member in members]
    value, base = (_summed([getattr(point, side) for point in points]) for side in ("value", "base"))
    one = Point(value, base, is_known=all(point.is_known for point in points))
    picked = (members[0].key, band.key) if upright else (band.key, members[0].key)
    return {
        "band": band.day or f"{band.label}{shared.APART}{band.key}",
        "as_of": band.day,
        "label": band.label,
        "part": name,
        "order": place,
        "key": "\x1e".join(picked) if len(members) == 1 else "",
        "size": shared.scaled(value, panel.metric, scale),
        **shared.tooltip(panel, one, setting),
    }


def _summed(values: Sequence[float | None]) -> float | None:
    """The sum of amounts that add up; nothing where one is missing."""
    return None if any(value is None for value in values) else sum(value for value in values if value is not None)


def _stack_spec(
    panel: Panel,
    bands: Sequence[Mark],
    rows: list[shared.Row],
    shades: Mapping[str, str],
    palette: Palette,
    height: int,
    *,
    upright: bool,
) -> Spec:
    size = spec.quantity("size", stack="zero", axis={"grid": True, "tickCount": 5})
    if upright:
        sides: Spec = {"x": spec.month_axis([band.day for band in bands if band.day]), "y": size}
    else:
        axis = {
            "domain": False,
            "ticks": False,
            "labelColor": palette.text,
            "labelFontSize": 12,
            "labelLimit": 140,
            "labelExpr": shared.NAME_ALONE,
        }
        order = [f"{band.label}{shared.APART}{band.key}" for band in bands]
        sides = {"y": {"field": "band", "type": "nominal", "sort": order, "axis": axis}, "x": size}
    drawn: Spec = {
        "params": [{"name": "pick", "select": {"type": "point", "fields": ["key"], "toggle": False}}],
        "mark": {"type": "bar", "stroke": palette.ground, "strokeWidth": 1, "cursor": "pointer"},
        "encoding": {
            **sides,
            "color": {**spec.shade("part", shades, list(shades)), "legend": {"symbolStrokeWidth": 0}},
            "order": spec.quantity("order"),
            "tooltip": shared.tips(panel, ("part", panel.group if upright else panel.across)),
        },
    }
    return spec.chart(palette, [drawn], height, data=spec.data(rows))
