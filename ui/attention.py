"""Who needs someone: alerts and what else stands out, each with its cause and the way to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from briefing import needs
from briefing.needs import Need
from briefing.view import View
from metrics import text
from ui import address, alerts, changes, filters, store
from ui.markdown import plain, prose

_BADGES: dict[str, tuple[str, Literal["orange", "yellow", "blue", "green", "gray"]]] = {
    "act": ("Act", "orange"),
    "watch": ("Watch", "yellow"),
    "better": ("Better", "blue"),
    needs.SEEN: ("Seen to", "green"),
    needs.SNOOZED: ("Snoozed", "gray"),
    needs.CLOSED: ("Closed", "gray"),
}


def draw(view: View) -> None:
    """The card."""
    answers = store.answers()
    lines = needs.needs(answers, view, alerts.raised().told())
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_attention"):
        with st.container(key="title_attention"):
            st.markdown(f"**{prose(needs.title(lines, view))}**")
        st.caption(prose(" · ".join(part for part in (_subtitle(lines, view), view.part) if part)))
        if not lines:
            calm = needs.reaches(answers.book, view)
            icon = ":blue[:material/check_circle:]" if calm else ":material/history:"
            st.caption(f"{icon} {prose(needs.nothing(answers, view))}")
        with st.container(gap="xsmall", key="attention"):
            for place, need in enumerate(lines):
                _line(need, place)
        problem = store.alerts().problem
        if problem:
            st.caption(prose(f"Alerts are left out, since they cannot be read: {problem}"))


def page(need: Need) -> str | None:
    """Where it leads: to its alert, else to the page that tells most of its part, or why DSO moved; or nowhere."""
    if need.alert:
        return alerts.PAGE
    if need.kind == "dso" and not need.where:
        return changes.PAGE
    return need.page if need.where else None


def parameters(need: Need) -> address.Parameters:
    """Of the address of that page."""
    if need.alert:
        return alerts.link(need.alert)
    own: Mapping[str, address.Change] = changes.leading("dso") if need.kind == "dso" else {}
    return filters.leading(need.where, own)


def _line(need: Need, place: int) -> None:
    """Who it is about, as a link, with a badge at the end; below it why, in half a line."""
    with st.container(gap=None, key=f"attention_{place}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="xsmall", wrap=False
        ):
            words, to = f"**{prose(need.who)}**", page(need)
            if to is None:
                st.markdown(words)
            else:
                st.page_link(to, label=words, icon="", help=plain(need.words), query_params=parameters(need))
            word, colour = _BADGES.get(need.urgency, _BADGES["watch"])
            st.badge(word, color=colour)
        st.caption(prose(need.brief))


def _subtitle(lines: Sequence[Need], view: View) -> str:
    return f"{'Most money first · as' if lines else 'As'} of {text.day(view.day)}"
