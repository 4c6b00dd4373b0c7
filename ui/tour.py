"""Five things to know, shown to a browser's first visitor and whenever somebody asks for them."""

from __future__ import annotations

import logging

import streamlit as st

from ledger.errors import OutstandingError
from ui import reader, store

NOTICE = "tour"
_OPEN, _ASKED = "_tour_open", "_tour_asked"

_THINGS = (
    (
        ":material/campaign:",
        "The headline is the message",
        "Each page begins with what happened, who made it happen and how much money that is.",
    ),
    (
        ":material/event:",
        "One day for every number",
        "As of, Window and the filters hold everywhere. On a past day you see what was owed then.",
    ),
    (
        ":material/ads_click:",
        "Click to go down",
        "Tiles, bars, cells and rows lead to the invoices. Back restores what you saw; the address can be sent.",
    ),
    (
        ":material/help:",
        "Every number explains itself",
        "The question mark tells the formula; the three dots on a chart hold its table, downloads and working.",
    ),
    (
        ":material/tune:",
        "Compare and keep",
        "Hold numbers against last year, the window's opening or the target; the star keeps a page as it is.",
    ),
)


def offer() -> None:
    """Show it to somebody who is here for the first time; nobody is asked twice."""
    if _is_new():
        st.session_state[_OPEN] = True
        _note()
    if st.session_state.get(_OPEN):
        _show()


def open_again() -> None:
    """Show it, from a callback."""
    st.session_state[_OPEN] = True


def _is_new() -> bool:
    """Whether this browser has not seen it. Without a mark of the browser nobody knows, and nobody is bothered."""
    if st.session_state.get(_ASKED) or not store.settings().screen.tour or reader.who() == reader.LOCAL:
        return False
    st.session_state[_ASKED] = True
    try:
        return not store.state().seen(reader.who(), NOTICE)
    except OutstandingError:
        return False  # Where nothing can be noted it would come back with every visit.


def _note() -> None:
    try:
        store.state().note_seen(reader.who(), NOTICE)
    except OutstandingError as error:
        logging.getLogger(__name__).warning("The tour could not be noted as seen: %s", error)


def _close() -> None:
    st.session_state[_OPEN] = False


@st.dialog("Five things to know", width="medium", on_dismiss=_close)
def _show() -> None:
    for icon, title, words in _THINGS:
        st.markdown(f"{icon} **{title}**  \n{words}")
    if st.button("Start", type="primary", key="tour_start", on_click=_close):
        st.rerun()
