"""Marks on a chart over time: what happened when, as a small triangle at the top with its words as tooltip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from charts import spec
from charts.figure import Figure, Key, Spec
from charts.palette import Palette
from metrics import text

_BEFORE = timedelta(days=31)
"""The first day drawn stands for its month: what happened in it is marked there."""

_RANK = {"act": 0, "watch": 1}
_HEIGHT = 7
_SHAPES = {False: "triangle-down", True: "triangle-up"}


@dataclass(frozen=True)
class Mark:
    """What happened on a day. ``state``: ``act``, ``watch`` or ``info``, which colours it."""

    day: date
    words: str
    state: str = "info"


def on(figure: Figure, marks: Sequence[Mark], days: Sequence[date], *, at_foot: bool = False) -> Figure:
    """A figure of layers over an axis of months (``spec.month_axis`` of ``days``) with marks on it.

    ``at_foot``: below, where the top is taken.
    """
    added = layers(marks, days, figure.palette, spec.month_axis(days), at_foot=at_foot)[1:]
    if not added or figure.is_empty:
        return figure
    # The colour of the first stands for all: the tooltip says which is which.
    named = Key("alert since then", added[0]["data"]["values"][0]["colour"], "▲" if at_foot else "▼")
    key = (*figure.key, named) if figure.key else ()
    return replace(figure, spec={**figure.spec, "layer": [*figure.spec["layer"], *added]}, key=key)


def layers(
    marks: Sequence[Mark], days: Sequence[date], palette: Palette, x: Spec, *, at_foot: bool = False
) -> list[Spec]:
    """The marks over an axis of ``days``, each at the first day drawn that is not before it.

    Several of one day are one mark with all their words. What happened before the first month or after the last day is
    left out.

    Args:
        marks: in any order.
        days: drawn, in order.
        palette: the view's colours.
        x: the axis, over ``as_of`` or ``place``.
        at_foot: below, where the top is taken.
    """
    rows = _rows(marks, days, palette)
    if not rows:
        return []
    y: Spec = {"value": {"expr": f"height - {_HEIGHT}"} if at_foot else _HEIGHT}
    return [
        {
            "data": spec.data(rows),
            "mark": {"type": "rule", "strokeWidth": 1, "strokeDash": [2, 2], "opacity": 0.55, "aria": False},
            "encoding": {"x": x, "y": {"value": 0}, "y2": {"value": "height"}, "color": spec.literal("colour")},
        },
        {
            "data": spec.data(rows),
            "mark": {
                "type": "point",
                "shape": _SHAPES[at_foot],
                "filled": True,
                "size": 90,
                "opacity": 1,
                "stroke": palette.ground,
                "strokeWidth": 1,
            },
            "encoding": {
                "x": x,
                "y": y,
                "color": spec.literal("colour"),
                "tooltip": spec.tip(("words", "Alert"), ("when", "Since")),
                "description": {"field": "spoken", "type": "nominal"},
            },
        },
    ]


def _rows(marks: Sequence[Mark], days: Sequence[date], palette: Palette) -> list[dict[str, Any]]:
    by_place: dict[int, list[Mark]] = {}
    for mark in sorted(marks, key=lambda mark: (_RANK.get(mark.state, 2), mark.day, mark.words)):
        place = _place(mark.day, days)
        if place is not None:
            by_place.setdefault(place, []).append(mark)
    return [
        {
            "place": place,
            "as_of": days[place],
            "words": "; ".join(mark.words for mark in those),
            "when": text.day(min(mark.day for mark in those)),
            "spoken": f"Alert: {'; '.join(mark.words for mark in those)}",
            "colour": palette.good if those[0].state == "info" else palette.state(those[0].state),
        }
        for place, those in sorted(by_place.items())
    ]


def _place(day: date, days: Sequence[date]) -> int | None:
    if not days or day < days[0] - _BEFORE:
        return None
    return next((place for place, drawn in enumerate(days) if drawn >= day), None)
