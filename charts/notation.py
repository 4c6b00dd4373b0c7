"""The notation: which kind of figure is drawn how, the same in Vega-Lite and in Plotly.

Actual figures are solid and dark, the previous year's are light, planned ones are an outline, forecasts are hatched in
the actual's colour. A variance is coloured by its effect, and carries a sign and a word as well. Every other colour of
a chart comes from the palette.
"""

from __future__ import annotations

from enum import StrEnum

from charts.figure import Spec
from charts.palette import Palette
from metrics.spec import Better

BAND = 0.68
"""The share of its band that a bar fills."""

_LINE = 1.4
_STRIPE, _INKED = 6.0, 0.36
"""Pixels from stripe to stripe of a hatch along the diagonal, and the share of them that is ink."""

_LONGEST = 900
"""Pixels of a bar's two sides together up to which its hatch reaches."""


class Role(StrEnum):
    """What kind of figure a mark stands for."""

    ACTUAL = "actual"
    PREVIOUS = "previous year"
    PLAN = "plan"
    FORECAST = "forecast"


class Effect(StrEnum):
    """What a change means, in the word that stands beside its sign."""

    BETTER = "better"
    WORSE = "worse"
    NEITHER = "change"


def colour(role: Role, palette: Palette) -> str:
    """The colour that says the role: of the fill, of the outline or of the stripes."""
    return palette.previous if role is Role.PREVIOUS else palette.actual


def vega(role: Role, palette: Palette, size: tuple[str, str] = ("", "")) -> Spec:
    """The settings of a Vega-Lite bar or area in this role.

    Args:
        role: what it stands for.
        palette: the view's colours.
        size: of a forecast's bar: expressions of its width and height in pixels, as ``upright`` makes them.
    """
    own = colour(role, palette)
    match role:
        case Role.PLAN:
            return {"fill": palette.ground, "stroke": own, "strokeWidth": _LINE}
        case Role.FORECAST:
            return {"fill": {"expr": _hatch(own, palette.ground, *size)}, "stroke": own, "strokeWidth": 1}
        case _:
            return {"fill": own, "strokeWidth": 0}


def plotly(role: Role, palette: Palette) -> Spec:
    """The ``marker`` of a Plotly bar in this role."""
    own = colour(role, palette)
    match role:
        case Role.PLAN:
            return {"color": palette.ground, "line": {"color": own, "width": _LINE}}
        case Role.FORECAST:
            pattern = {
                "shape": "/",
                "fillmode": "replace",
                "fgcolor": own,
                "bgcolor": palette.ground,
                "size": _STRIPE,
                "solidity": _INKED,
            }
            return {"color": own, "pattern": pattern, "line": {"color": own, "width": 1}}
        case _:
            return {"color": own, "line": {"width": 0}}


def marker(palette: Palette) -> Spec:
    """The previous year as a mark across a bar of this year's, in Vega-Lite."""
    return {"type": "tick", "thickness": 2.5, "bandSize": 22, "color": colour(Role.PREVIOUS, palette)}


def upright(x: str, y: str, field: str) -> tuple[str, str]:
    """Width and height of a bar of ``field`` that stands on zero: ``x`` and ``y`` are its scales."""
    return f"{BAND} * bandwidth('{x}')", f"abs(scale('{y}', 0) - scale('{y}', datum['{field}']))"


def effect(change: float | None, better: Better) -> Effect:
    """What a change means where ``better`` says which way is good."""
    if not change or better is Better.NEITHER:
        return Effect.NEITHER
    return Effect.BETTER if (change > 0) == (better is Better.HIGHER) else Effect.WORSE


def effects(palette: Palette) -> dict[str, str]:
    """The colour of each effect, by its word."""
    return {Effect.BETTER: palette.good, Effect.WORSE: palette.bad, Effect.NEITHER: palette.neutral}


def _hatch(ink: str, ground: str, width: str, height: str) -> str:
    """A gradient of hard stripes at 45 degrees, as wide on a small bar as on a large one.

    Vega knows no patterns. A gradient's line is given in shares of the bar's box, and runs across it as the box is
    stretched: so that stripes are even and diagonal, its end is computed from the bar's size in pixels.
    """
    count = round(_LONGEST / _STRIPE)
    stops = ",".join(
        f"{{offset:{place / count:.5f},color:'{colour}'}},{{offset:{(place + part) / count:.5f},color:'{colour}'}}"
        for stripe in range(count)
        for place, part, colour in ((stripe, _INKED, ink), (stripe + _INKED, 1 - _INKED, ground))
    )
    long = f"{_LONGEST} / max((({width}) * ({width}) + ({height}) * ({height})), 1)"
    ends = f"x1:0,y1:0,x2:({width}) * {long},y2:({height}) * {long}"
    return f"{{gradient:'linear',{ends},stops:[{stops}]}}"
