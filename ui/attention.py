"""Who needs someone: what stands out, the most money first, each with its cause and the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from ledger.calendar import months_before
from metrics import text
from ui import filters, periods, store, story
from ui.markdown import plain, prose
from ui.story import Finding
from ui.view import View

MOST = 5
"""More than a reader keeps."""

_BADGES: dict[str, tuple[str, Literal["orange", "yellow", "blue"]]] = {
    "act": ("Act", "orange"),
    "watch": ("Watch", "yellow"),
    "better": ("Better", "blue"),
}

_HISTORY = 6
"""Months of history without which nobody can be said to have moved."""


def draw(view: View) -> None:
    """The card."""
    told = sorted(story.findings(view)[:MOST], key=lambda found: found.urgency == "better")
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_attention"):
        with st.container(key="title_attention"):
            st.markdown(f"**{prose(title(told, view))}**")
        st.caption(prose(" · ".join(part for part in (_subtitle(told, view), view.part) if part)))
        if not told:
            icon = ":blue[:material/check_circle:]" if _is_long(view) else ":material/history:"
            st.caption(f"{icon} {prose(_nothing(view))}")
        with st.container(gap="xsmall", key="attention"):
            for place, found in enumerate(told):
                _line(found, place)


def title(told: Sequence[Finding], view: View) -> str:
    """How many need somebody, and who of them stands for the most money.

    Their money is not added up: a customer's slide is also in its segment and with its collector.
    """
    calling = [found for found in told if found.urgency != "better"]
    if not calling:
        return "Nothing stands out" if not told else "Nothing calls for action"
    most = max(calling, key=lambda found: found.money)
    money = text.money(most.money, view.currency, view.scale)
    if len(calling) == 1:
        return f"One needs someone: {money} at stake"
    return f"{len(calling)} need someone; the most is at {most.who}, {money}"


def _line(found: Finding, place: int) -> None:
    """Who it is about, as a link, with a badge at the end; below it why, in half a line."""
    with st.container(gap=None, key=f"attention_{place}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="xsmall", wrap=False
        ):
            words = f"**{prose(found.who)}**"
            if found.page is None:
                st.markdown(words)
            else:
                st.page_link(
                    found.page,
                    label=words,
                    icon="",
                    help=plain(found.words),
                    query_params=filters.leading(found.where, found.changes),
                )
            word, colour = _BADGES.get(found.urgency, _BADGES["watch"])
            st.badge(word, color=colour)
        st.caption(prose(found.brief))


def _subtitle(told: Sequence[Finding], view: View) -> str:
    return f"{'Most money first · as' if told else 'As'} of {text.day(view.day)}"


def _nothing(view: View) -> str:
    if not _is_long(view):
        return "The history is too short to tell who moved: half a year before the day is needed."
    return (
        "No debtor's late money grew by an amount that matters, no group moved away from the rest, "
        "and exchange losses are as usual."
    )


def _is_long(view: View) -> bool:
    return periods.is_known(store.book(), months_before(view.day, _HISTORY), None)
