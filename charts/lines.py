"""Lines over month-ends, each named at its end: a few that matter stand out, the others stay grey."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from charts import spec
from charts.figure import Figure, Setting, Spec
from metrics import Unit, text

_ROOM = 0.34
"""Of the width that the days take, kept free at the right for the names."""

_APART = 15
"""Pixels between two names."""

_AIR = 0.12
"""Of the height that the values take, kept free above and below."""


@dataclass(frozen=True)
class Line:
    """One line. ``colour``: of line and name; ``is_strong``: drawn thick, its name too; ``is_dotted``: not ours."""

    name: str
    values: Mapping[date, float | None]
    colour: str
    is_strong: bool = False
    is_dotted: bool = False

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
    lines: Sequence[Line], days: Sequence[date], words: Words, unit: Unit, setting: Setting, *, height: int = 230
) -> Figure:
    """A figure of lines with one axis.

    Args:
        lines: the last one is drawn on top; those without any value are left out.
        days: the axis, in order.
        words: what the figure says.
        unit: of the values, one for all: money, days, a ratio, a percentage.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
    """
    drawn = [line for line in lines if line.last(days) is not None]
    layers = _layers(drawn, days, setting, unit, height) if drawn else []
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
    )


def _layers(lines: Sequence[Line], days: Sequence[date], setting: Setting, unit: Unit, height: int) -> list[Spec]:
    values = [value for line in lines for value in line.values.values() if value is not None]
    low, high = _reach(values)
    y = {"scale": {"domain": [low, high], "zero": False, "nice": False}, "axis": _value_axis(unit)}
    x = _days_axis(days)
    layers = [_path(line, days, x, y, unit, setting) for line in lines]
    return [*layers, _names(lines, days, x, y, unit, setting, (high - low) / height)]


def _reach(values: Sequence[float]) -> tuple[float, float]:
    """The axis: what is drawn with some air, never below 0 where nothing is."""
    low, high = min(values), max(values)
    air = (high - low) * _AIR or abs(high) * _AIR or 1.0
    return (max(0.0, low - air) if low >= 0 else low - air), high + air


def _path(line: Line, days: Sequence[date], x: Spec, y: Spec, unit: Unit, setting: Setting) -> Spec:
    rows = [
        {
            "place": place,
            "value": line.values.get(day),
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
    words = spec.tip(("line", "Line"), ("when", "As of"), ("label", "Value"))
    return {
        "data": spec.data(rows),
        "mark": mark,
        "encoding": {"x": x, "y": spec.quantity("value", **y), "tooltip": words},
    }


def _names(
    lines: Sequence[Line], days: Sequence[date], x: Spec, y: Spec, unit: Unit, setting: Setting, pixel: float
) -> Spec:
    """The names at the ends, moved apart where they would lie over each other."""
    ends = [(line, *end) for line in lines if (end := line.last(days)) is not None]
    ends.sort(key=lambda end: end[2])
    places = spread([value for _line, _place, value in ends], _APART * pixel)
    rows = [
        {
            "place": len(days) - 1,
            "value": place,
            "words": f"{line.name} {text.value(value, unit, setting.currency)}{_when(days, at)}",
            "colour": line.colour,
        }
        for (line, at, value), place in zip(ends, places, strict=True)
    ]
    return {
        "data": spec.data(rows),
        "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 8, "limit": 170, "aria": False},
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


def _days_axis(days: Sequence[date]) -> Spec:
    """Days at equal distances, with the months' names, and room at the right for the names of the lines."""
    last = max(len(days) - 1, 1)
    labels = {str(place): words for place, words in enumerate(spec.month_labels(days))}
    return {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [-0.2, last * (1 + _ROOM)], "nice": False, "zero": False},
        "axis": {
            "values": list(range(len(days))),
            "labelExpr": f"({json.dumps(labels)})[datum.value]",
            "labelOverlap": "greedy",
            "grid": False,
            "domain": False,
            "title": None,
        },
    }


def _value_axis(unit: Unit) -> Spec:
    form = {Unit.RATIO: "format(datum.value * 100, '.3~g') + ' %'", Unit.MONEY: "format(datum.value, '.3~s')"}
    return {"labelExpr": form.get(unit, "format(datum.value, '.4~g')"), "title": None, "tickCount": 5}


def _twin(lines: Sequence[Line], days: Sequence[date]) -> pl.DataFrame:
    columns: dict[str, Any] = {"As of": list(days)}
    for line in lines:
        columns[line.name] = pl.Series(line.name, [line.values.get(day) for day in days], dtype=pl.Float64)
    return pl.DataFrame(columns, schema_overrides={"As of": pl.Date}) if lines else pl.DataFrame()
