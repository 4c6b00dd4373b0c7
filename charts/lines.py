"""Lines over month-ends, each named at its end: a few that matter stand out, the others stay grey."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from charts import marks as marking
from charts import native, spec
from charts.figure import Figure, Setting, Spec
from charts.marks import Mark
from charts.native import Kind, Look, Native, Series
from charts.palette import on_white
from metrics import Unit, text

_LONGEST = 170
"""Pixels that a name at the end of a line takes, at most."""

_APART = 15
"""Pixels between two names."""

_TIPS = spec.tip(("line", "Line"), ("when", "As of"), ("label", "Value"))

_ROOM = 0.12
"""Of the height that the values take: a label that another one is nearer to would lie over it."""

_AIR = 0.12
"""Of the height that the values take, kept free above and below."""


@dataclass(frozen=True)
class Line:
    """One line. ``colour``: of line and name; ``is_strong``: drawn thick, its name too; ``is_dotted``: not ours.

    ``key`` is what a click tells of it beside the day.
    """

    name: str
    values: Mapping[date, float | None]
    colour: str
    is_strong: bool = False
    is_dotted: bool = False
    key: str = ""

    def last(self, days: Sequence[date]) -> tuple[int, float] | None:
        """Place and value of its last known point."""
        known = [(place, value) for place, day in enumerate(days) if (value := self.values.get(day)) is not None]
        return known[-1] if known else None


@dataclass(frozen=True)
class Words:
    """A figure's ``name`` for files, its finding as ``title``, ``what`` it measures, the ``metrics`` it rests on."""

    name: str
    title: str
    what: str
    metrics: tuple[str, ...] = ()


def over_time(
    lines: Sequence[Line],
    days: Sequence[date],
    words: Words,
    unit: Unit,
    setting: Setting,
    *,
    height: int = 230,
    picked: bool = False,
    marks: Sequence[Mark] = (),
) -> Figure:
    """A figure of lines with one axis.

    Args:
        lines: the last one is drawn on top; those without any value are left out.
        days: the axis, in order.
        words: what the figure says.
        unit: of the values, one for all: money, days, a ratio, a percentage.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
        picked: a click on a point picks its ``key``: that of its line and the day, as ``North/2026-10-31``.
        marks: what happened when, such as an alert that was raised.
    """
    drawn = [line for line in lines if line.last(days) is not None]
    layers = _layers(drawn, days, setting, unit, height, picked=picked, marks=marks) if drawn else []
    return Figure(
        name=words.name,
        title=words.title,
        subtitle=setting.subtitle(words.what),
        alt=f"Lines by month-end: {text.listed([line.name for line in drawn], 8)}. {words.title}.",
        spec=spec.chart(setting.palette, layers, height),
        table=_twin(drawn, days),
        metrics=words.metrics,
        height=height,
        palette=setting.palette,
        native=_native(drawn, days, unit, setting) if drawn else None,
    )


def _native(lines: Sequence[Line], days: Sequence[date], unit: Unit, setting: Setting) -> Native:
    """Lines in shades that a legend tells apart, each named at its end where its name has room there."""
    values = [value for line in lines for value in line.values.values() if value is not None]
    low, high = reach(values)
    scale = setting.fitting(max(map(abs, values)))
    shades = native.told_apart([on_white(line.colour) for line in lines])
    named = _with_room(lines, days, (high - low) * _ROOM)
    series = tuple(
        Series(
            text.name(line.name),
            tuple(line.values.get(day) for day in days),
            shade,
            Look.DOTTED if line.is_dotted else Look.LINE,
            labels=_last(line, days, unit, setting) if line in named else (),
            is_strong=line.is_strong,
        )
        for line, shade in zip(lines, shades, strict=True)
    )
    form, measure = native.form(unit, scale), native.measure(unit, setting.currency, scale)
    return Native(Kind.LINES, spec.months(days), series, form, measure, foot=low if low > 0 else None)


def _with_room(lines: Sequence[Line], days: Sequence[date], apart: float) -> list[Line]:
    """The lines whose ends lie ``apart`` from all that come before them; the strong ones come first."""
    found: list[tuple[Line, float]] = []
    for line in sorted(lines, key=lambda line: not line.is_strong):
        end = line.last(days)
        if end is not None and all(abs(end[1] - other) >= apart for _, other in found):
            found.append((line, end[1]))
    return [line for line, _ in found]


def _last(line: Line, days: Sequence[date], unit: Unit, setting: Setting) -> tuple[str, ...]:
    """Nothing but at the last point, where the value stands."""
    end = line.last(days)
    if end is None:
        return ()
    place, value = end
    words = text.value(value, unit, setting.currency, setting.scale)
    return tuple(words if at == place else "" for at in range(len(days)))


def _layers(
    lines: Sequence[Line],
    days: Sequence[date],
    setting: Setting,
    unit: Unit,
    height: int,
    *,
    picked: bool,
    marks: Sequence[Mark],
) -> list[Spec]:
    values = [value for line in lines for value in line.values.values() if value is not None]
    low, high = reach(values)
    y = {"scale": {"domain": [low, high], "zero": False, "nice": False}, "axis": value_axis(unit)}
    rows = _ends(lines, days, unit, setting, (high - low) / height)
    x = _days_axis(days, spec.wide((row["words"] for row in rows), _LONGEST))
    layers = [_path(line, days, x, y, unit, setting) for line in lines]
    happened = marking.layers(marks, days, setting.palette, x)
    clicks = [_clicks(layers, x, y)] if picked else []
    return [*layers, _names(rows, x, y), *clicks, *happened]


def _clicks(paths: Sequence[Spec], x: Spec, y: Spec) -> Spec:
    """An invisible disc over every point, larger than the point: what one meets with a pointer."""
    return {
        "data": {"values": [row for path in paths for row in path["data"]["values"]]},
        "params": [{"name": "pick", "select": {"type": "point", "fields": ["key"], "toggle": False}}],
        "mark": {"type": "point", "filled": True, "size": 230, "opacity": 0.001, "cursor": "pointer"},
        "encoding": {
            "x": x,
            "y": spec.quantity("value", **y),
            "tooltip": _TIPS,
            "description": {"field": "spoken", "type": "nominal"},
        },
    }


def reach(values: Sequence[float]) -> tuple[float, float]:
    """The axis: what is drawn with some air, never below 0 where nothing is."""
    low, high = min(values), max(values)
    air = (high - low) * _AIR or abs(high) * _AIR or 1.0
    return (max(0.0, low - air) if low >= 0 else low - air), high + air


def _path(line: Line, days: Sequence[date], x: Spec, y: Spec, unit: Unit, setting: Setting) -> Spec:
    rows = [
        {
            "place": place,
            "value": line.values.get(day),
            "key": f"{line.key}/{day.isoformat()}",
            "spoken": f"line: {line.name}; when: {text.day(day)}",
            "line": line.name,
            "when": text.day(day),
            "label": text.value(line.values.get(day), unit, setting.currency),
        }
        for place, day in enumerate(days)
        if line.values.get(day) is not None
    ]
    mark: dict[str, Any] = {
        "type": "line",
        "color": line.colour,
        "strokeWidth": 2.6 if line.is_strong else 1.4,
        "strokeDash": [2, 3] if line.is_dotted else [1, 0],
        "point": False
        if line.is_dotted
        else {"size": 34 if line.is_strong else 14, "color": line.colour, "filled": True},
    }
    return {
        "data": spec.data(rows),
        "mark": mark,
        "encoding": {"x": x, "y": spec.quantity("value", **y), "tooltip": _TIPS},
    }


def _ends(
    lines: Sequence[Line], days: Sequence[date], unit: Unit, setting: Setting, pixel: float
) -> list[dict[str, Any]]:
    """The names at the ends, moved apart where they would lie over each other."""
    ends = [(line, *end) for line in lines if (end := line.last(days)) is not None]
    ends.sort(key=lambda end: end[2])
    places = spread([value for _line, _place, value in ends], _APART * pixel)
    return [
        {
            "place": len(days) - 1,
            "value": place,
            "words": f"{line.name} {text.value(value, unit, setting.currency)}{_when(days, at)}",
            "colour": line.colour,
        }
        for (line, at, value), place in zip(ends, places, strict=True)
    ]


def _names(rows: Sequence[Mapping[str, Any]], x: Spec, y: Spec) -> Spec:
    # In a narrow place names end in an ellipsis: the lines keep two fifths of it.
    limit = {"expr": f"min({_LONGEST}, width * 0.6 - 8)"}
    return {
        "data": spec.data(rows),
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "limit": limit, "aria": False},
        "encoding": {
            "x": x,
            "y": spec.quantity("value", **y),
            "text": {"field": "words"},
            "color": spec.literal("colour"),
        },
    }


def _when(days: Sequence[date], at: int) -> str:
    """The month of a line's last point, where that is not the newest: its value is not today's."""
    return "" if at == len(days) - 1 else f" in {text.month(days[at])}"


def spread(values: Sequence[float], apart: float) -> list[float]:
    """``values`` (rising) moved as little as needed so that neighbours are ``apart``: where names can stand.

    A group of names that push each other is centred on its own values.
    """
    groups: list[list[float]] = []
    for value in values:
        groups.append([value])
        while len(groups) > 1 and _low(groups[-1], apart) - _high(groups[-2], apart) < apart:
            last = groups.pop()
            groups[-1] += last
    return [_low(group, apart) + place * apart for group in groups for place in range(len(group))]


def _low(group: Sequence[float], apart: float) -> float:
    return sum(group) / len(group) - (len(group) - 1) / 2 * apart


def _high(group: Sequence[float], apart: float) -> float:
    return sum(group) / len(group) + (len(group) - 1) / 2 * apart


def _days_axis(days: Sequence[date], beside: int) -> Spec:
    """Days at equal distances, with the months' names, and ``beside`` pixels kept free for the names of the lines."""
    last = max(len(days) - 1, 1)
    labels = {str(place): words for place, words in enumerate(spec.month_labels(days))}
    return {
        "field": "place",
        "type": "quantitative",
        "scale": spec.between(-0.2, last, right=beside),
        "axis": {
            "values": list(range(len(days))),
            "labelExpr": f"({json.dumps(labels)})[datum.value]",
            "labelOverlap": "greedy",
            "grid": False,
            "domain": False,
            "title": None,
        },
    }


def value_axis(unit: Unit) -> Spec:
    """The axis of values of one unit."""
    form = {Unit.RATIO: "format(datum.value * 100, '.3~g') + ' %'", Unit.MONEY: "format(datum.value, '.3~s')"}
    return {"labelExpr": form.get(unit, "format(datum.value, '.4~g')"), "title": None, "tickCount": 5}


def _twin(lines: Sequence[Line], days: Sequence[date]) -> pl.DataFrame:
    columns: dict[str, Any] = {"As of": list(days)}
    for line in lines:
        columns[line.name] = pl.Series(line.name, [line.values.get(day) for day in days], dtype=pl.Float64)
    return pl.DataFrame(columns, schema_overrides={"As of": pl.Date}) if lines else pl.DataFrame()
