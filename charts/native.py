"""A chart as an office program draws it itself: its kind, its categories, and the numbers in it, unrounded.

Writers of presentations and workbooks make native charts of it that people can edit; screens and pictures are drawn
from ``Figure.spec``, which rests on the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log10

from charts.palette import spread
from metrics import Unit, text

Value = float | None

DAYS, SHARE, COUNT, TIMES = "0.0", "0.0%", "#,##0", "0.00"
"""How values are written in the number format of spreadsheets: days, ratios of 0 to 1, whole numbers, multiples."""


class Kind(StrEnum):
    """How the bars of a chart stand. ``BRIDGE`` stands from left to right, ``LYING_BRIDGE`` runs from top to bottom.

    ``LINES`` has none. Of those that lie, the first category is on top.
    """

    COLUMNS = "columns"
    STACKED = "stacked columns"
    BARS = "bars"
    STACKED_BARS = "stacked bars"
    LINES = "lines"
    BRIDGE = "bridge"
    LYING_BRIDGE = "lying bridge"

    @property
    def lies(self) -> bool:
        return self in (Kind.BARS, Kind.STACKED_BARS, Kind.LYING_BRIDGE)

    @property
    def is_bridge(self) -> bool:
        return self in (Kind.BRIDGE, Kind.LYING_BRIDGE)


class Look(StrEnum):
    """How one series is drawn: as the chart's bars, or over them."""

    BAR = "bar"
    LINE = "line"
    DOTTED = "dotted line"
    MARKER = "marker"


@dataclass(frozen=True)
class Series:
    """One series: ``values`` by category, missing ones ``None``.

    ``colours``: of each point, where they are not all ``colour``; all are those of the light palette, as pages are
    white. ``is_strong``: a thick line. ``labels``: what is written at each point, empty for nothing; without any,
    points carry no label.
    """

    name: str
    values: tuple[Value, ...]
    colour: str
    look: Look = Look.BAR
    colours: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    is_strong: bool = False


@dataclass(frozen=True)
class Native:
    """A chart of bars and lines over categories.

    ``form``: how values are written on the axis and in cells, in the number format of spreadsheets, as ``#,##0.0,,``
    (millions): the numbers inside stay whole. ``unit``: what the axis says of them. ``totals``: what is written above
    or beside each stack. ``foot``: where the axis begins when it is cut. A bridge has one series: its ``values`` are
    the balances, at the places of ``balances``, and between them the steps with their sign.
    """

    kind: Kind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    form: str
    unit: str = ""
    totals: tuple[str, ...] = ()
    foot: float | None = None
    balances: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Bar:
    """Of one category of a bridge: the invisible part below and above zero, then what is seen below and above zero.

    The seen parts are the balance or the step; one that crosses zero has both.
    """

    hidden: float
    seen: float
    hidden_below: float
    seen_below: float


def bars(of: Native) -> list[Bar]:
    """A bridge as stacked bars on invisible feet, which is how office programs of every age draw one.

    ``seen`` + |``seen_below``| is the size of the step, or of the balance.

    Raises:
        ValueError: not a bridge.
    """
    if not of.kind.is_bridge:
        raise ValueError(f"{of.kind} is not a bridge")
    level, found = 0.0, list[Bar]()
    for place, value in enumerate(of.series[0].values):
        amount = value or 0.0
        start = 0.0 if place in of.balances else level
        level = amount if place in of.balances else level + amount
        found.append(_bar(min(start, level), max(start, level)))
    return found


def _bar(low: float, high: float) -> Bar:
    """From ``low`` to ``high``, as parts above and below zero."""
    return Bar(
        hidden=max(low, 0.0),
        seen=max(high, 0.0) - max(low, 0.0),
        hidden_below=min(high, 0.0),
        seen_below=min(low, 0.0) - min(high, 0.0),
    )


def drawn(series: Sequence[Series], *looks: Look) -> list[Series]:
    """Those of ``series`` that are drawn in one of these ways, in order."""
    return [each for each in series if each.look in looks]


def money(scale: text.Scale) -> str:
    """The number format that writes whole units of money in ``scale``: ``#,##0.0,,`` for millions."""
    thousands = round(log10(scale.divisor) / 3) if scale.divisor > 1 else 0
    return f"{COUNT}.0{',' * thousands}" if thousands else COUNT


def form(unit: Unit, scale: text.Scale) -> str:
    """The number format of a metric's values."""
    known = {Unit.MONEY: money(scale), Unit.RATIO: SHARE, Unit.TIMES: TIMES, Unit.DAYS: DAYS, Unit.PERCENT: DAYS}
    return known.get(unit, "#,##0.0")


def measure(unit: Unit, currency: str, scale: text.Scale) -> str:
    """What an axis says of a metric's values: ``USD m``, ``days``, ``%``."""
    known = {Unit.MONEY: scale.unit(currency), Unit.RATIO: "%", Unit.DAYS: "days", Unit.PERCENT: "0–100"}
    return {**known, Unit.TIMES: "times"}.get(unit, "")


def names(words: Iterable[str | None]) -> tuple[str, ...]:
    """Names from the data as categories: on one line, missing ones by a word."""
    return tuple(text.name(each) for each in words)


def told_apart(colours: Sequence[str]) -> list[str]:
    """``colours`` in which those that several series share become shades, so that a legend tells who is who."""
    shared = {colour for colour in colours if colours.count(colour) > 1}
    shades: Mapping[str, list[str]] = {
        colour: list(spread(_around(colour), colours.count(colour))) for colour in shared
    }
    return [shades[colour].pop() if colour in shades else colour for colour in colours]


def _around(colour: str) -> tuple[str, str]:
    """From halfway to black to halfway to white."""
    return spread(("#000000", colour, "#ffffff"), 5)[1], spread(("#000000", colour, "#ffffff"), 5)[3]
