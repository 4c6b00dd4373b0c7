"""Bars to both sides of zero: what is more and what is less than it should be, the worst on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charts import native, spec
from charts.figure import Spec
from charts.native import Kind, Native, Series, Value
from charts.palette import LIGHT, Palette

_SIDES = ("onleft", "onright")
_NONE = "not compared"


@dataclass(frozen=True)
class Bar:
    """One group. ``size``: in the axis's unit, ``None`` where nothing can be said; ``tips``: one value a heading."""

    key: str
    label: str
    size: float | None
    words: str
    is_bad: bool
    tips: tuple[str, ...] = ()


def height(count: int) -> int:
    """Pixels that so many bars take."""
    return max(60, 26 * count + 26)


def as_native(bars: Sequence[Bar], values: Sequence[Value], what: str, form: str, unit: str) -> Native | None:
    """The bars for programs that draw them themselves; ``None`` without any.

    Args:
        bars: as drawn.
        values: of each bar, unscaled.
        what: they measure.
        form: how values are written, in the number format of spreadsheets.
        unit: of the axis.
    """
    if not bars:
        return None
    series = Series(
        what,
        tuple(values),
        LIGHT.bad,
        colours=tuple(LIGHT.bad if bar.is_bad else LIGHT.good for bar in bars),
        labels=tuple("" if bar.size is None else bar.words for bar in bars),
    )
    return Native(Kind.BARS, native.names(bar.label for bar in bars), (series,), form, unit)


def layers(bars: Sequence[Bar], palette: Palette, headings: Sequence[str] = ()) -> list[Spec]:
    """The bars from top to bottom in the order given; a click picks ``key``. ``headings`` name the ``tips``."""
    if not bars:
        return []
    rows: list[dict[str, Any]] = [
        {
            "key": bar.key,
            "label": bar.label,
            "size": bar.size or 0.0,
            "onright": (_NONE if bar.size is None else bar.words) if (bar.size or 0.0) >= 0 else "",
            "onleft": bar.words if (bar.size or 0.0) < 0 else "",
            "colour": palette.bad if bar.is_bad else palette.good,
            "ink": palette.quiet if bar.size is None else palette.text,
            **{f"tip{place}": words for place, words in enumerate(bar.tips)},
        }
        for bar in bars
    ]
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": [bar.label for bar in bars],
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelFontSize": 12},
    }
    low, high = min(0.0, *(row["size"] for row in rows)), max(0.0, *(row["size"] for row in rows))
    beside = [spec.wide(row[side] for row in rows) if any(row[side] for row in rows) else 0 for side in _SIDES]
    drawn: Spec = {
        "mark": {"type": "bar", "aria": False},
        "encoding": {
            "y": y,
            "x": spec.quantity(
                "size", scale=spec.between(low, high, *beside), axis={"grid": True, "tickCount": 5, "labels": False}
            ),
            "color": spec.literal("colour"),
        },
    }
    zero: Spec = {
        "data": spec.data([{"size": 0}]),
        "mark": {"type": "rule", "color": palette.actual, "strokeWidth": 1},
        "encoding": {"x": spec.quantity("size")},
    }
    tips = spec.tip(("label", "Of"), *((f"tip{place}", heading) for place, heading in enumerate(headings)))
    clicks = spec.target("key", {"y": y, "x": {"value": 0}, "x2": {"value": "width"}, "tooltip": tips})
    left, right = (pixels and f"width * {0.6 * pixels / sum(beside)} - 5" for pixels in beside)
    sides = (_labels(y, "onright", "left", 5, right), _labels(y, "onleft", "right", -5, left))
    return [{"data": spec.data(rows), **layer} for layer in (drawn, zero, *sides, clicks)]


def _labels(y: Spec, words: str, align: str, dx: int, narrow: str | int) -> Spec:
    """The words at one side. They end in an ellipsis past ``narrow`` pixels, where the place has no more for them."""
    limit = {"limit": {"expr": f"max({narrow}, 20)"}} if narrow else {}
    return {
        "mark": {"type": "text", "align": align, "dx": dx, "fontWeight": 600, "aria": False, **limit},
        "encoding": {"y": y, "x": spec.quantity("size"), "text": {"field": words}, "color": spec.literal("ink")},
    }
