"""Tiles: one number each, with its state, what it is compared with, its target and its trend; a click leads further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from briefing.tile import Tile
from charts import Palette, sparkline
from metrics import BENCHMARKS, targets, text
from ui import cards
from ui.lead import Lead
from ui.markdown import prose

_STATES: dict[str, tuple[Literal["blue", "yellow", "orange"], str]] = {
    "good": ("blue", "Good"),
    "watch": ("yellow", "Watch"),
    "act": ("orange", "Act"),
}


Leading = tuple[Tile, Lead | None]
"""A tile and where a click on it leads."""


def row(tiles: Sequence[Leading]) -> None:
    """Tiles side by side, two by two on a phone; one that names its window gets the room for it."""
    widths = [1.12 if tile.measured_over else 1.0 for tile, _ in tiles]
    with st.container(key="tiles"):
        for place, (tile, lead) in zip(st.columns(widths, gap="xsmall"), tiles, strict=True):
            with place:
                draw(tile, lead)


def draw(tile: Tile, lead: Lead | None = None) -> None:
    """One tile. Its help tells the formula, what was divided by what, and the source."""
    metric, palette = tile.definition, cards.theme()
    with st.container(border=True, height="stretch", gap=None, key=f"tile_{tile.metric}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xxsmall", wrap=False
        ):
            _label(tile, lead)
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
            st.image(drawn, width="stretch", alt=tile.seen)


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


def _label(tile: Tile, lead: Lead | None) -> None:
    """The name, which is the link of the whole tile, and the help beside it."""
    label = prose(", ".join(part for part in (tile.definition.label, tile.measured_over) if part))
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", width="content", wrap=False):
        if lead is None:
            st.markdown(label, width="content", help=explanation(tile))
            return
        st.page_link(lead.page, label=label, icon="", query_params=lead.parameters)
        st.markdown("\u2060", width="content", help=explanation(tile))


def _money_safe(words: str) -> str:
    """Two dollar signs in a line would be read as a formula."""
    return words.replace("$", "\\$")


def _colour(tile: Tile) -> Literal["blue", "orange", "gray"]:
    return "gray" if tile.effect is None else "blue" if tile.effect == "good" else "orange"


def _shade(tile: Tile, palette: Palette) -> str:
    return palette.neutral if tile.effect is None else palette.good if tile.effect == "good" else palette.bad
