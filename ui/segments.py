"""The groups of a dimension side by side as a heat map, worst first; a click opens the group."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from briefing import groups
from briefing.summary import Summary
from charts import Figure, Palette, heat
from ledger.scope import Scope
from ui import address, cards, controls, drill, store
from ui.lead import Lead

KEY = "overview_group"
PAGE = "pages/receivables/segments.py"


def draw(summary: Summary, palette: Palette) -> None:
    """The card."""
    labels = summary.book.dimensions
    if not labels:
        return
    dimension = grouping(labels, summary.view.scope)
    figure = store.kept("segments", lambda: _figure(summary, palette, dimension), summary.view, palette, dimension)
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_segments"):
        cards.heading(figure, summary.view, "segments", Lead(PAGE, {drill.GROUP: dimension}))
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall", wrap=False
        ):
            st.caption(cards.subtitle(figure))
            controls.select(
                "Group by",
                list(labels),
                key=KEY,
                default=groups.usual(labels, summary.view.scope),
                format_func=lambda name: labels[name],
                label_visibility="collapsed",
                width=132,
            )
        cards.draw(figure, f"heat_{dimension}", lambda key: _open(dimension, key))


def _figure(summary: Summary, palette: Palette, dimension: str) -> Figure:
    label, rows = summary.book.dimensions[dimension], list(groups.rows(summary, dimension))
    return heat.by_group(
        rows,
        label,
        summary.view.over(palette),
        title=groups.finding(rows, label, summary),
        versus="" if summary.view.base is None else summary.view.versus,
    )


def grouping(labels: Mapping[str, str], scope: Scope) -> str:
    """The dimension that the reader chose to group by, or the usual one."""
    return address.one_of(KEY, labels, groups.usual(labels, scope))


def _open(dimension: str, key: str | None) -> None:
    """Narrow to a group on the segments' page; the others have no filter, so their grouping is opened."""
    if key is None:
        return
    if key == groups.REST:
        address.go(PAGE, {drill.GROUP: dimension})
        return
    address.go(PAGE, {address.dimension(dimension): key})
