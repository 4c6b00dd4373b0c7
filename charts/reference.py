"""Reference lines: a target, which may change from day to day, and what others report; named in a key of their own.

The names stand in the key and not at the lines, so that they can never lie over each other or over a bar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType

from charts import spec
from charts.figure import Spec
from charts.palette import Palette

_SOLID, _DOTTED = (1, 0), (2, 3)
_HALO = 3.5


@dataclass(frozen=True)
class Line:
    """A value for some of the days drawn. ``is_dotted``: somebody else's figure, not an aim of ours."""

    label: str
    values: Mapping[date, float]
    is_dotted: bool = False


def layers(
    lines: Sequence[Line], days: Sequence[date], palette: Palette, others: Mapping[str, str] = MappingProxyType({})
) -> list[Spec]:
    """The lines over an axis of ``days``: level where a value holds, one step lower or higher where it changes.

    ``others`` are marks of other layers that the key names too, with their colours.
    """
    colours = {**others, **{line.label: palette.quiet if line.is_dotted else palette.good for line in lines}}
    if not colours:
        return []
    dashes = {line.label: _DOTTED for line in lines if line.is_dotted}
    names = list(colours)
    place = {
        # The last days of the lines would join the axis in an order of their own: the days are given.
        "x": {**spec.month_axis(days), "bandPosition": 0, "scale": {"domain": [day.isoformat() for day in days]}},
        "x2": {"field": "until", "bandPosition": 1},
        "y": spec.quantity("value"),
    }
    # A line in the ground's colour below each keeps it apart from the bars that it crosses.
    halo = {"type": "rule", "strokeWidth": _HALO, "stroke": palette.ground, "strokeOpacity": 0.75}
    drawn = {"type": "rule", "strokeWidth": 1.8}
    # Two keys at the top would stand side by side and run out of the card.
    key = {"orient": "bottom", "symbolType": "stroke", "symbolSize": 260, "symbolStrokeWidth": 1.8, "offset": 2}
    shown = {
        "stroke": {**spec.shade("line", colours, names), "legend": key},
        "strokeDash": {
            "field": "line",
            "type": "nominal",
            "scale": {"domain": names, "range": [list(dashes.get(name, _SOLID)) for name in names]},
            "legend": key,
        },
        "tooltip": spec.tip(("line", "Line")),
    }
    rows = spec.data(piece for line in lines for piece in _pieces(line, days))
    return [
        {"data": rows, "mark": halo, "encoding": place},
        {"data": rows, "mark": drawn, "encoding": {**place, **shown}},
    ]


def _pieces(line: Line, days: Sequence[date]) -> list[dict[str, object]]:
    """A row for each run of days with one value: ``as_of`` (its first day), ``until`` (its last), ``value, line``."""
    found: list[dict[str, object]] = []
    for value, run in groupby(days, key=line.values.get):
        held = list(run)
        if value is not None:
            found.append({"as_of": held[0], "until": held[-1], "value": value, "line": line.label})
    return found
