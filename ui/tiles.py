"""Tiles: one number each, with its state, what it is compared with, its target and its trend; a click leads further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from charts import Palette
from metrics import BENCHMARKS, CATALOG, Better, Metric, Target, Unit, targets, text
from ui import cards, sparkline
from ui.lead import Lead
from ui.markdown import prose

_STATES: dict[str, tuple[Literal["blue", "yellow", "orange"], str]] = {
    "good": ("blue", "Good"),
    "watch": ("yellow", "Watch"),
    "act": ("orange", "Act"),
}


@dataclass(frozen=True)
class Tile:
    """What a tile says.

    ``base`` is what ``value`` is compared with, the target apart, and ``versus`` says which: ``PY``, ``31 Jul 2026``;
    ``target`` stands for the target itself. ``trend`` ends with ``value``. ``numerator`` and ``denominator`` are those
    of ``value``, in money or as the metric has them. ``window`` is what a flow is measured over: ``3mo``. ``relative``
    tells differences in percent; ``scale`` is how the reader wants money written. ``aside`` ends the line of words.
    ``alert`` says which rule the number is beyond, where one is.
    """

    metric: str
    value: float | None
    base: float | None
    trend: tuple[float | None, ...]
    currency: str
    versus: str = "PY"
    state: str | None = None
    target: Target | None = None
    note: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    window: str = ""
    relative: bool = False
    scale: text.Scale | None = None
    aside: str = ""
    alert: str = ""
    leads: Lead | None = None

    @property
    def definition(self) -> Metric:
        return CATALOG[self.metric]

    @property
    def measured_over(self) -> str:
        """The window in words, for money that flowed; nothing for a balance or a ratio."""
        flows = self.definition.windowed and self.definition.unit is Unit.MONEY
        return text.window(self.window) if flows and self.window else ""

    @property
    def compared(self) -> float | None:
        """What the value is held against: the base, or the target."""
        if self.versus == "target":
            return self.target.good if self.target else None
        return self.base

    @property
    def change(self) -> float | None:
        """Above what it is compared with; ``None`` where one of the two is missing."""
        return None if self.value is None or self.compared is None else self.value - self.compared

    @property
    def written(self) -> str:
        """The value."""
        return text.value(self.value, self.definition.unit, self.currency, self.scale)

    @property
    def difference(self) -> str:
        """The change with its sign, or nothing."""
        if self.change is None:
            return ""
        if self.relative:
            return text.relative(self.value, self.compared)
        return text.change(self.change, self.definition.unit, self.currency, self.scale)

    @property
    def moved(self) -> bool:
        """Whether there is a difference that can be seen."""
        return self.difference not in ("", "no change", text.MISSING)

    @property
    def context(self) -> str:
        """What the difference is from, and the target: ``vs PY · target 20 %``."""
        aim = f"target {_short(self.target.good, self.definition, self.currency)}" if self.target else ""
        if self.versus == "target":
            told = [f"vs {aim}" if aim else "no target set"]
        else:
            told = [f"{self.versus} {text.MISSING}" if self.change is None else f"vs {self.versus}", aim]
        return " · ".join(part for part in (*told, self.aside) if part)


def row(tiles: Sequence[Tile]) -> None:
    """Tiles side by side, two by two on a phone; one that names its window gets the room for it."""
    widths = [1.12 if tile.measured_over else 1.0 for tile in tiles]
    with st.container(key="tiles"):
        for place, tile in zip(st.columns(widths, gap="xsmall"), tiles, strict=True):
            with place:
                draw(tile)


def draw(tile: Tile) -> None:
    """One tile. Its help tells the formula, what was divided by what, and the source."""
    metric, palette = tile.definition, cards.theme()
    with st.container(border=True, height="stretch", gap=None, key=f"tile_{tile.metric}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xxsmall", wrap=False
        ):
            _label(tile)
            if tile.state:
                colour, word = _STATES[tile.state]
                st.badge(word, color=colour)
        st.metric(
            metric.label,
            _money_safe(tile.written),
            delta=_money_safe(tile.difference) or None,
            delta_color=_colour(tile),
            delta_arrow=("up" if (tile.change or 0) > 0 else "down") if tile.moved else "off",
            delta_description=_money_safe(tile.context),
            label_visibility="collapsed",
        )
        drawn = sparkline.svg(tile.trend, _shade(tile, palette), palette, tile.target.good if tile.target else None)
        if drawn:
            st.image(drawn, width="stretch", alt=_seen(tile))


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
    if tile.alert:
        lines.append(f"Alert: {prose(tile.alert)}")
    benchmark = BENCHMARKS.get(tile.metric)
    if benchmark and benchmark.line is not None:
        lines.append(f"Others: {prose(f'{benchmark.line_label} {text.value(benchmark.line, metric.unit)}')}")
    lines.append(f":gray[{prose(metric.source)}]")
    return "\n\n".join(lines)


def impact(metric: Metric, change: float | None) -> str | None:
    """Whether a change is ``good`` or ``bad``; ``None`` where the metric has no direction."""
    if not change or metric.better is Better.NEITHER:
        return None
    return "good" if (change > 0) == (metric.better is Better.HIGHER) else "bad"


def _label(tile: Tile) -> None:
    """The name, which is the link of the whole tile, and the help beside it."""
    label = prose(", ".join(part for part in (tile.definition.label, tile.measured_over) if part))
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", width="content", wrap=False):
        if tile.leads is None:
            st.markdown(label, width="content", help=explanation(tile))
            return
        st.page_link(tile.leads.page, label=label, icon="", query_params=tile.leads.parameters)
        st.markdown("\u2060", width="content", help=explanation(tile))


def _money_safe(words: str) -> str:
    """Two dollar signs in a line would be read as a formula."""
    return words.replace("$", "\\$")


def _effect(tile: Tile) -> str | None:
    return impact(tile.definition, tile.change) if tile.moved else None


def _colour(tile: Tile) -> Literal["blue", "orange", "gray"]:
    effect = _effect(tile)
    return "gray" if effect is None else "blue" if effect == "good" else "orange"


def _shade(tile: Tile, palette: Palette) -> str:
    effect = _effect(tile)
    return palette.neutral if effect is None else palette.good if effect == "good" else palette.bad


def _seen(tile: Tile) -> str:
    """The trend in words."""
    known = [value for value in tile.trend if value is not None]
    low, high = (text.value(value, tile.definition.unit, tile.currency) for value in (min(known), max(known)))
    return f"{tile.definition.label} over {text.count(len(known), 'month-end')}: between {low} and {high}"


def _short(target: float, metric: Metric, currency: str) -> str:
    """A target without a unit that the value already carries: ``38``, ``10 %``."""
    return f"{target:g}" if metric.unit is Unit.DAYS else text.goal(target, metric.unit, currency)
