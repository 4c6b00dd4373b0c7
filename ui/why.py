"""The roll-forward of receivables, or why DSO changed over the same window: one card with a choice."""

from __future__ import annotations

from functools import partial

import streamlit as st

from briefing.summary import Summary
from charts import Figure, Palette
from ledger.errors import OutstandingError
from ui import address, cards, changes, controls, segments, store
from ui.lead import Lead
from ui.markdown import prose

KEY = "overview_change"
MOVEMENT, DSO = "AR movement", "Why DSO changed"

_CHANGES, _AGING = "pages/summary/changes.py", "pages/receivables/aging.py"
_SHORT = {MOVEMENT: "AR", DSO: "DSO"}

_TWO_LINES = 34
"""Pixels that a longer title and subtitle take from the plot, so that the row does not grow by the choice."""

_EXPLAINED = {"billed": "billed", "cash": "cash_collected"}
"""Steps of the roll-forward that are metrics, which a page explains by themselves."""


def draw(summary: Summary, palette: Palette, height: int) -> None:
    """The card."""
    labels = summary.book.dimensions
    chosen = address.one_of(KEY, (MOVEMENT, DSO), MOVEMENT) if labels else MOVEMENT
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_movement"):
        if chosen == MOVEMENT:
            figure = store.kept("movement", lambda: summary.movement(palette, height), summary.view, palette, height)
            cards.heading(figure, summary.view, "movement", Lead(_CHANGES, changes.leading("total_ar")))
            _below(cards.subtitle(figure), offered=bool(labels))
            cards.draw(figure, "movement", lambda line: _follow(line, summary))
            return
        by = segments.grouping(labels, summary.view.scope)
        try:
            made = partial(summary.why, "dso", palette, height - _TWO_LINES, by)
            figure = store.kept("why DSO changed", made, summary.view, palette, height, by)
        except OutstandingError as reason:
            st.markdown("**Why DSO changed cannot be told**")
            _below(prose(str(reason)), offered=True)
            return
        _why(figure, summary, by)


def _why(figure: Figure, summary: Summary, by: str) -> None:
    cards.heading(figure, summary.view, "why_dso", Lead(_CHANGES, changes.leading("dso", by)))
    _below(cards.subtitle(figure), offered=True)
    cards.draw(figure, "why_dso")


def _below(subtitle: str, *, offered: bool) -> None:
    """The subtitle, with the choice at its end, where it takes no height from the chart."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="xsmall", wrap=False
    ):
        st.caption(subtitle)
        if offered:
            controls.segmented(
                "What is explained",
                [MOVEMENT, DSO],
                key=KEY,
                default=MOVEMENT,
                format_func=lambda name: _SHORT[name],
                help="The movement of receivables, or why DSO changed",
                width="content",
            )


def _follow(line: str | None, summary: Summary) -> None:
    """From a column to what explains it: a balance to its aging on that day, a step to who made it."""
    day = {"opening": summary.view.span.opening, "closing": summary.view.day}.get(line or "")
    if day is not None:
        address.go(_AGING, {address.AS_OF: None if summary.view.is_latest and line == "closing" else day.isoformat()})
    elif line is not None:
        Lead(_CHANGES, changes.leading(_EXPLAINED.get(line, "total_ar"))).follow()
