"""The parts every chart is built from: settings of the look, data, axes and the labels of months."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from charts.figure import Spec
from charts.palette import Palette
from metrics import text

FONT = "Source Sans, Helvetica, sans-serif"
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def chart(palette: Palette, layers: Sequence[Spec], height: int, **rest: Any) -> Spec:
    """A layered chart as wide as its place, in the common look."""
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit", "contains": "padding", "resize": True},
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 2},
        "config": look(palette),
        "layer": list(layers),
        **rest,
    }


def look(palette: Palette) -> Spec:
    """The common look: quiet axes, light horizontal lines, nothing that carries no data."""
    words = {"labelFont": FONT, "titleFont": FONT}
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            **words,
            "labelColor": palette.quiet,
            "titleColor": palette.quiet,
            "labelFontSize": 11,
            "gridColor": palette.grid,
            "domainColor": palette.border,
            "tickColor": palette.border,
            "title": None,
            "labelLimit": 170,
        },
        "axisX": {"grid": False, "ticks": False, "labelPadding": 6, "labelAngle": 0},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6, "tickCount": 5},
        "legend": {
            **words,
            "orient": "top",
            "direction": "horizontal",
            "title": None,
            "labelColor": palette.quiet,
            "labelFontSize": 11,
            "symbolSize": 70,
            "symbolType": "square",
            "symbolStrokeWidth": 0,
            "columnPadding": 10,
            # On a phone a legend takes a second line instead of being cut off.
            "columns": {"expr": "max(1, floor(width / 90))"},
            "offset": 4,
            "padding": 0,
        },
        "text": {"font": FONT, "fontSize": 11, "color": palette.text},
        "bar": {"discreteBandSize": {"band": 0.68}},
        "range": {"category": [palette.actual, palette.good, palette.bad, palette.watch, palette.neutral]},
    }


def data(rows: Iterable[Mapping[str, Any]]) -> Spec:
    """Inline data; days are written as ISO text."""
    return {
        "values": [
            {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()} for row in rows
        ]
    }


def month_axis(ends: Sequence[date]) -> Spec:
    """An axis of days in order: the month's short name, with the year under the first and each January.

    A day that is no month-end is written in full, so that nobody reads a part month as a whole one.
    """
    labels = dict(zip([end.isoformat() for end in ends], month_labels(ends), strict=True))
    return {
        "field": "as_of",
        "type": "ordinal",
        "sort": [end.isoformat() for end in ends],
        "axis": {"labelExpr": f"({json.dumps(labels)})[datum.value]", "labelOverlap": "greedy", "title": None},
    }


def month_labels(ends: Sequence[date]) -> list[list[str]]:
    """The lines written at each day of an axis, as ``month_axis`` has them."""
    labels: list[list[str]] = []
    for place, end in enumerate(ends):
        words = text.month(end) if _is_month_end(end) else f"{end.day} {text.month(end)}"
        labels.append([words, str(end.year)] if place == 0 or end.month == 1 else [words])
    return labels


def months(ends: Sequence[date]) -> tuple[str, ...]:
    """What ``month_axis`` writes at each day, in one line: ``Oct 2025``, ``Nov``."""
    return tuple(" ".join(lines).replace(text.NBSP, " ") for lines in month_labels(ends))


def shade(field: str, colours: Mapping[str, str], present: Sequence[str]) -> Spec:
    """A colour by the names in ``field``, fixed, so that a filter never changes a name's colour."""
    scale = {"domain": list(present), "range": [colours[name] for name in present]}
    return {"field": field, "type": "nominal", "scale": scale, "legend": {"columns": {"expr": columns(present)}}}


def columns(names: Sequence[str]) -> str:
    """An expression: the columns of a legend, all in one line where there is room for it, else as many as fit."""
    takes = [round(len(name) * _LETTER) + _SYMBOL for name in names] or [_SYMBOL]
    return f"width >= {sum(takes)} ? {len(takes)} : max(1, floor(width / {max(takes)}))"


def literal(field: str) -> Spec:
    """A channel that takes the field's own value, such as a colour, as it stands."""
    return {"field": field, "type": "nominal", "scale": None, "legend": None}


def quantity(field: str, **rest: Any) -> Spec:
    """A measured channel."""
    return {"field": field, "type": "quantitative", **rest}


def headroom(top: float) -> Spec:
    """A scale from the data's own zero with room above ``top`` for a label."""
    return {"domainMax": top * 1.1, "nice": False} if top > 0 else {}


_LETTER = 6.4
"""Pixels that a letter of a label takes, at most."""

_SYMBOL = 34
"""Pixels that a legend's symbol takes with the gaps beside it."""


def wide(words: Iterable[str], most: float = 10_000) -> int:
    """Pixels that the longest of ``words`` takes beside a mark, with a gap; a limit of ``most`` cuts it."""
    return round(min(max(map(len, words), default=0) * _LETTER, most) + 10)


def between(low: float, high: float, left: int = 0, right: int = 0) -> Spec:
    """A scale from ``low`` to ``high`` with ``left`` and ``right`` pixels free beside them, however narrow the place.

    Where the place is too narrow for that, values still take two fifths of it.
    """
    unit = f"{(high - low) or 1.0} / max(width - {left + right}, width * 0.4)"
    domain = {"domainMin": {"expr": f"{low} - {left} * {unit}"}} if left else {"domainMin": low}
    return {**domain, "domainMax": {"expr": f"{high} + {right} * {unit}"}, "nice": False, "zero": False}


def target(field: str, encoding: Spec) -> Spec:
    """Invisible bars that take the clicks and show the tooltip, so that a thin bar is as easy to meet as a thick one.

    A click picks ``field``. Marks of other layers take no part once one layer picks.
    """
    whole_band = {"width": {"band": 1}, "height": {"band": 1}}
    return {
        "params": [{"name": "pick", "select": {"type": "point", "fields": [field], "toggle": False}}],
        "mark": {"type": "bar", "fillOpacity": 0.001, "cursor": "pointer", **whole_band},
        "encoding": encoding,
    }


def cells(field: str, encoding: Spec) -> Spec:
    """Invisible cells over those of a table that take the clicks and show the tooltip; a click picks ``field``."""
    return {
        "params": [{"name": "pick", "select": {"type": "point", "fields": [field], "toggle": False}}],
        "mark": {"type": "rect", "fillOpacity": 0.001, "cursor": "pointer"},
        "encoding": encoding,
    }


def tip(*pairs: tuple[str, str]) -> list[Spec]:
    """A tooltip of (field, heading) pairs whose fields hold finished text."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in pairs]


def _is_month_end(when: date) -> bool:
    return (date.fromordinal(when.toordinal() + 1)).month != when.month
