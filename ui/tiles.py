"""Tiles: one number each, with its state, its change on a year and a month before, its target and its trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from metrics import CATALOG, Better, Metric, Target, Unit, targets, text
from ui.markdown import prose

_STATES: dict[str, tuple[Literal["blue", "yellow", "orange"], str]] = {
    "good": ("blue", "Good"),
    "watch": ("yellow", "Watch"),
    "act": ("orange", "Act"),
}


@dataclass(frozen=True)
class Tile:
    """What a tile says.

    ``year`` and ``period`` are the values a year before and at the month-end before; ``trend`` ends with ``value``.
    ``numerator`` and ``denominator`` are those of ``value``, in money or as the metric has them. ``window`` is what a
    flow is measured over: ``3mo``.
    """

    metric: str
    value: float | None
    year: float | None
    period: float | None
    trend: tuple[float | None, ...]
    currency: str
    state: str | None = None
    target: Target | None = None
    period_name: str = ""
    note: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    window: str = ""

    @property
    def definition(self) -> Metric:
        return CATALOG[self.metric]

    @property
    def measured_over(self) -> str:
        """The window in words, for money that flowed; nothing for a balance or a ratio."""
        flows = self.definition.windowed and self.definition.unit is Unit.MONEY
        return text.window(self.window) if flows and self.window else ""

    @property
    def change(self) -> float | None:
        """Since the year before."""
        return None if self.value is None or self.year is None else self.value - self.year

    @property
    def since_period(self) -> float | None:
        """Since the month-end before."""
        return None if self.value is None or self.period is None else self.value - self.period


def row(tiles: Sequence[Tile]) -> None:
    """Tiles side by side; one that names its window gets the room for it."""
    widths = [1.15 if tile.measured_over else 1.0 for tile in tiles]
    for place, tile in zip(st.columns(widths, gap="small"), tiles, strict=True):
        with place:
            draw(tile)


def draw(tile: Tile) -> None:
    """One tile. Its help tells the formula, what was divided by what, and the source."""
    metric = tile.definition
    change = text.change(tile.change, metric.unit, tile.currency)
    moved = tile.change is not None and change != "no change"
    with st.container(border=True, height="stretch", gap=None, key=f"tile_{tile.metric}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap=None, wrap=False
        ):
            label = ", ".join(part for part in (metric.label, tile.measured_over) if part)
            st.markdown(prose(label), width="content", help=explanation(tile))
            if tile.state:
                colour, word = _STATES[tile.state]
                st.badge(word, color=colour)
        st.metric(
            metric.label,
            _money_safe(text.value(tile.value, metric.unit, tile.currency)),
            delta=_money_safe(f"{change} vs PY" if tile.change is not None else "no value a year ago"),
            delta_color=_colour(tile, moved=moved),
            delta_arrow=("up" if (tile.change or 0) > 0 else "down") if moved else "off",
            chart_data=_sparkline(tile.trend),
            label_visibility="collapsed",
        )
        st.caption(_money_safe(_last_line(tile)))


def explanation(tile: Tile) -> str:
    """How the tile's number came about, as Markdown."""
    metric = tile.definition
    lines = [f"**{prose(metric.question)}**", prose(metric.formula)]
    if tile.numerator is not None and tile.denominator is not None:
        parts = f"{text.exact(tile.numerator, tile.currency)} ÷ {text.exact(tile.denominator, tile.currency)}"
        lines.append(prose(parts))
    if tile.note:
        lines.append(prose(tile.note))
    if tile.target is not None:
        lines.append(f"Target: {prose(targets.told(metric, tile.target, tile.currency))}")
    lines.append(f":gray[{prose(metric.source)}]")
    return "\n\n".join(lines)


def impact(metric: Metric, change: float | None) -> str | None:
    """Whether a change is ``good`` or ``bad``; ``None`` where the metric has no direction."""
    if not change or metric.better is Better.NEITHER:
        return None
    return "good" if (change > 0) == (metric.better is Better.HIGHER) else "bad"


def _money_safe(words: str) -> str:
    """Two dollar signs in a line would be read as a formula."""
    return words.replace("$", "\\$")


def _colour(tile: Tile, *, moved: bool) -> Literal["blue", "orange", "gray"]:
    effect = impact(tile.definition, tile.change) if moved else None
    return "gray" if effect is None else "blue" if effect == "good" else "orange"


def _last_line(tile: Tile) -> str:
    metric = tile.definition
    told = []
    if tile.since_period is not None and tile.period_name:
        before = f"{tile.measured_over} to {tile.period_name}" if tile.measured_over else tile.period_name
        told.append(f"{text.change(tile.since_period, metric.unit, tile.currency)} vs {before}")
    if tile.target is not None:
        told.append(f"target {_short(tile.target.good, metric, tile.currency)}")
    return " · ".join(told) or "no target set"


def _short(target: float, metric: Metric, currency: str) -> str:
    """A target without a unit that the value already carries: ``38``, ``10 %``."""
    return f"{target:g}" if metric.unit is Unit.DAYS else text.goal(target, metric.unit, currency)


def _sparkline(trend: Sequence[float | None]) -> list[float] | None:
    known = [value for value in trend if value is not None]
    return known if len(known) > 1 else None
