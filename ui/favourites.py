"""Favourites: any page just as it is, marked with one click and one click away from everywhere."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qs, urlencode

import streamlit as st

from ledger.errors import OutstandingError
from metrics import text
from state import Favourite
from ui import address, breadcrumb, filters, reader, store
from ui.markdown import plain, prose

_TOLD = "_favourites_told"
_LONGEST = 400
"""Of an address that can be kept; a longer one is what saved views are for."""


@st.fragment
def draw(page: str, title: str, pages: Collection[str]) -> None:
    """The list, filled when it is opened.

    Args:
        page: the script that is shown.
        title: what it is called.
        pages: every script there is.
    """
    opened = st.popover(
        "Favourites",
        icon=":material/star:",
        type="tertiary",
        on_change="rerun",
        key="favourites",
    )
    if not opened.open:
        return
    with opened:
        try:
            kept = [each for each in store.state().favourites(reader.who()) if each.kind == "page"]
        except OutstandingError as error:
            st.caption(prose(f"Favourites cannot be read: {error}"))
            return
        _list(kept, pages)
        _add(page, title, kept)
        told = st.session_state.pop(_TOLD, None)
        if told:
            st.warning(prose(told), icon=":material/star:")


def _list(kept: list[Favourite], pages: Collection[str]) -> None:
    if not kept:
        st.caption(
            "None yet. A favourite is a page with its filters, customer and choices; the latest day stays latest."
        )
    for place, favourite in enumerate(kept):
        script, _, query = favourite.key.partition("?")
        with st.container(horizontal=True, gap="small", horizontal_alignment="distribute", wrap=False):
            if script in pages:
                st.page_link(script, label=plain(favourite.label), query_params=parse_qs(query), width="stretch")
            else:
                st.caption(f"{plain(favourite.label)} (this page no longer exists)", width="stretch")
            st.button(
                "Remove",
                key=f"favourite_{place}",
                type="tertiary",
                on_click=_tried,
                args=("unmark", favourite.key, ""),
            )


def _add(page: str, title: str, kept: list[Favourite]) -> None:
    key = f"{page}?{urlencode(address.here(), doseq=True)}" if address.here() else page
    if any(each.key == key for each in kept):
        st.caption("This page, as it is now, is among them.")
        return
    st.button(
        "Add this page as it is",
        key="favourite_add",
        icon=":material/star:",
        on_click=_tried,
        args=("mark", key, title),
    )


def _label(title: str) -> str:
    """``Aging: South, as of 31 May 2026``: the page, whom it is about, and the day unless it is the latest."""
    if not store.is_ready():
        return title
    view = filters.current()
    whose = breadcrumb.whose(store.book(), view)
    when = "" if view.is_latest else f"as of {text.day(view.day)}"
    about = ", ".join(part for part in (whose, when) if part)
    return f"{title}: {about}"[:200] if about else title


def _tried(change: str, key: str, label: str) -> None:
    """Mark or unmark; what keeps it from being done is a sentence. ``label``: what the page is called."""
    keep, who = store.state(), reader.who()
    try:
        if change == "unmark":
            keep.unmark(who, "page", key)
        elif len(key) > _LONGEST:
            st.session_state[_TOLD] = "Too much is chosen here for a favourite: choose fewer filters."
        else:
            keep.mark(who, "page", key, _label(label))
    except OutstandingError as error:
        st.session_state[_TOLD] = str(error)
