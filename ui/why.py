"""The roll-forward of receivables, or why DSO changed over the same window: one card with a choice."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from charts import Figure, Palette
from ledger.errors import OutstandingError
from ui import address, cards, changes, controls, segments
from ui.markdown import prose
from ui.summary import Summary

KEY = "overview_change"
MOVEMENT, DSO = "AR movement", "Why DSO changed"

_SWITCH = 22
"""Pixels that the choice takes from the plot."""


def draw(summary: Summary, palette: Palette, height: int) -> None:
    """The card."""
    labels = summary.book.dimensions
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_movement"):
        place = st.container(gap="xxsmall")
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"
        ):
            chosen = _choose() if labels else MOVEMENT
            _link(chosen, labels)
        with place:
            if chosen == MOVEMENT:
                _figure(summary.movement(palette, height - _SWITCH * bool(labels)), summary, "movement")
                return
            try:
                figure = summary.dso_bridge(palette, height - _SWITCH, segments.grouping(labels))
            except OutstandingError as reason:
                st.markdown("**Why DSO changed cannot be told**")
                st.caption(prose(str(reason)))
                return
            _figure(figure, summary, "why_dso")


def _link(chosen: str, labels: Mapping[str, str]) -> None:
    """The way to the whole explanation, of the same days and groups."""
    st.page_link(
        "pages/summary/changes.py",
        label="Why it moved",
        icon=":material/waterfall_chart:",
        query_params=address.link(
            changes.leading("dso" if chosen == DSO else "total_ar", segments.grouping(labels) if labels else None)
        ),
        width="content",
    )


def _figure(figure: Figure, summary: Summary, key: str) -> None:
    cards.title(figure, summary.view, key)
    st.vega_lite_chart(spec=figure.spec, theme=None, alt=figure.alt, width="stretch", key=f"chart_{key}")


def _choose() -> str:
    return controls.segmented("What is explained", [MOVEMENT, DSO], key=KEY, default=MOVEMENT)
