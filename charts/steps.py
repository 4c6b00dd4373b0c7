"""The bars of a bridge: a balance, what is added and taken step by step, and the balance it becomes.

Bars lie where the steps are named groups, and stand where the bridge runs through time from one day to another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from charts import spec
from charts.figure import Spec
from charts.palette import Palette
from metrics import text

BALANCE = "balance"
"""The kind of a bar that stands on the axis; any other kind names the colour of a step."""

_ROOM_ABOVE = 0.1
"""Of the height, kept free for the label of the highest column."""

_WRAPPED = 6
"""Letters of a line below a column: a day stands on two lines, as the years of an axis of months do."""


@dataclass(frozen=True)
class Step:
    """One bar, from ``start`` to ``end`` in the axis's unit. Names need not differ; ``exact`` is for the tooltip."""

    name: str
    start: float
    end: float
    kind: str
    label: str
    exact: str


def layers(
    steps: Sequence[Step], palette: Palette, fills: Mapping[str, str], *, foot: float = 0.0, key: Sequence[str] = ()
) -> list[Spec]:
    """Horizontal bars from top to bottom with thin links between them.

    Args:
        steps: in order.
        palette: the view's colours.
        fills: colour by kind.
        foot: where the axis begins; 0 unless it is cut.
        key: the kinds that a key above the chart names; none draws no key.
    """
    rows = [
        {
            "place": place,
            "name": step.name,
            "start": foot if step.kind == BALANCE else step.start,
            "end": step.end,
            "right": max(foot if step.kind == BALANCE else step.start, step.end, foot),
            "next": min(place + 1, len(steps) - 1),
            "kind": step.kind,
            "label": step.label,
            "exact": step.exact,
        }
        for place, step in enumerate(steps)
    ]
    y = _names(steps, palette)
    # The room at the right is in pixels, so that a round number may stand at the very end: it is left out there.
    axis = {"grid": True, "tickCount": 4, "labelBound": True}
    x = spec.quantity("start", scale=_across(steps, foot), axis=axis)
    legend: Spec | None = {"values": list(key), "columns": {"expr": spec.columns(key)}} if key else None
    bars: Spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": y,
            "x": x,
            "x2": {"field": "end"},
            "color": {**spec.shade("kind", fills, list(fills)), "legend": legend},
            "tooltip": spec.tip(("name", "Line"), ("exact", "Amount")),
        },
    }
    links: Spec = {
        "mark": {"type": "rule", "strokeWidth": 1, "color": palette.quiet, "opacity": 0.5},
        "encoding": {"y": y, "y2": {"field": "next"}, "x": spec.quantity("end")},
    }
    labels: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontWeight": 600, "color": palette.text},
        "encoding": {"y": y, "x": spec.quantity("right"), "text": {"field": "label"}},
    }
    data = spec.data(rows)
    return [{"data": data, **layer} for layer in (links, bars, labels)]


def columns(
    steps: Sequence[Step], palette: Palette, fills: Mapping[str, str], keys: Sequence[str | None]
) -> list[Spec]:
    """Upright bars from left to right with thin links between them, each with its amount above; a click picks a key.

    Args:
        steps: in order.
        palette: the view's colours.
        fills: colour by kind.
        keys: what a click on each bar tells, in order; none is no place to go.
    """
    rows = [
        {
            "place": place,
            "name": step.name,
            "start": 0.0 if step.kind == BALANCE else step.start,
            "end": step.end,
            "top": max(0.0 if step.kind == BALANCE else step.start, step.end, 0.0),
            "next": min(place + 1, len(steps) - 1),
            "kind": step.kind,
            "label": step.label,
            "exact": step.exact,
            "key": key,
        }
        for place, (step, key) in enumerate(zip(steps, keys, strict=True))
    ]
    scale = _scale(steps)
    x = _names(steps, palette, _WRAPPED)
    y = spec.quantity("start", scale=scale, axis={"grid": True, "tickCount": 4})
    links: Spec = {
        "mark": {"type": "rule", "strokeWidth": 1, "color": palette.quiet, "opacity": 0.5},
        "encoding": {"x": x, "x2": {"field": "next"}, "y": spec.quantity("end")},
    }
    bars: Spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": x,
            "y": y,
            "y2": {"field": "end"},
            "color": {**spec.shade("kind", fills, list(fills)), "legend": None},
        },
    }
    labels: Spec = {
        "mark": {"type": "text", "dy": -7, "fontWeight": 600, "color": palette.text},
        "encoding": {"x": x, "y": spec.quantity("top"), "text": {"field": "label"}},
    }
    words = spec.tip(("name", "Line"), ("exact", "Amount"))
    clicks = spec.target("key", {"x": x, "y": {"value": 0}, "y2": {"value": "height"}, "tooltip": words})
    data = spec.data(rows)
    return [{"data": data, **layer} for layer in (links, bars, labels, clicks)]


def picking(drawn: Sequence[Spec], keys: Sequence[str | None]) -> list[Spec]:
    """``layers`` in which a click on a bar picks its ``key``; ``keys`` in the order of the bars, none beyond them."""
    bars = drawn[1]
    named = [
        {**row, "key": keys[place] if place < len(keys) else None} for place, row in enumerate(bars["data"]["values"])
    ]
    encoding = {
        "y": bars["encoding"]["y"],
        "x": {"value": 0},
        "x2": {"value": "width"},
        "tooltip": bars["encoding"]["tooltip"],
    }
    return [{**layer, "data": {"values": named}} for layer in (*drawn, spec.target("key", encoding))]


def _names(steps: Sequence[Step], palette: Palette, width: int = 0) -> Spec:
    """The axis of the bars, by place, so that two bars may have one name; on lines of ``width`` letters, or on one."""
    names = json.dumps(
        [
            wrap(name, width, break_long_words=False) if width else name
            for name in (text.name(step.name) for step in steps)
        ],
        ensure_ascii=False,
    )
    return {
        "field": "place",
        "type": "ordinal",
        "axis": {
            "domain": False,
            "ticks": False,
            "labelColor": palette.text,
            "labelOverlap": False,
            "labelExpr": f"({names})[datum.value]",
        },
    }


def _across(steps: Sequence[Step], foot: float) -> Spec:
    """The axis of bars that lie: from 0 or ``foot``, with room for the longest label at the right."""
    reached = [reach for step in steps for reach in (step.start, step.end)]
    low, high = (foot, max(reached)) if foot else (min([0.0, *reached]), max([0.0, *reached]))
    scale = spec.between(low, high, right=spec.wide(step.label for step in steps))
    return scale if foot else {"domainMax": scale["domainMax"], "nice": False}


def _scale(steps: Sequence[Step]) -> Spec:
    """The axis of bars that stand, with room for a label above the highest."""
    widest = max((max(step.start, step.end, 0.0) for step in steps), default=1.0)
    return {"domainMax": widest * (1 + _ROOM_ABOVE) or 1.0, "nice": False}
