"""What a page says when there is nothing to show, or when what it shows is old."""

from __future__ import annotations

import logging

import streamlit as st

from briefing.view import View
from config.advice import command
from config.settings import Settings
from data_sources.refresh import changed
from ledger.book import Book
from ledger.errors import NoSnapshotError, OutstandingError
from metrics import text
from ui import address, filters, store
from ui.markdown import prose


def trouble(error: OutstandingError) -> None:
    """One sentence for what went wrong; the way to a first snapshot when there is none."""
    if isinstance(error, NoSnapshotError):
        no_snapshot(error)
        return
    st.title("This page cannot be shown")
    st.error(prose(str(error)), icon=":material/error:")


def unexpected(error: Exception) -> None:
    """A fault of ours: the log has what a developer needs, the reader hears what to do."""
    logging.getLogger(__name__).error("A page failed", exc_info=error)
    st.title("This page failed", anchor=False)
    st.error(
        "Something here did not work as it should; what happened is in the server's log."
        " Load the page again; if the data was refreshed by another version, refresh it.",
        icon=":material/error:",
    )


def no_snapshot(error: NoSnapshotError) -> None:
    """The first screen of a fresh installation."""
    with st.container(border=True, width=640):
        st.title("No data yet")
        st.markdown(prose(str(error)))
        st.code(command("refresh"), language=None, wrap_lines=True)
        st.caption("This page notices the first snapshot by itself: load it again when the refresh has ended.")
        st.page_link(
            "pages/help/glossary.py", label="Meanwhile, read what every number means", icon=":material/menu_book:"
        )


def agreement(book: Book, settings: Settings) -> None:
    """A line above the page when the snapshot was made with other settings."""
    if stale := changed(settings, book):
        st.warning(
            prose(f"{text.listed(stale)} changed since the data was loaded: refresh to put it to use."),
            icon=":material/tune:",
        )


def freshness(status: store.Status) -> None:
    """A line above the page when the last refresh failed, or the data is old."""
    if status.problem:
        since = f" Shown is the snapshot of {text.moment(status.made_at)} UTC." if status.made_at else ""
        st.warning(
            prose(f"The last refresh failed: {_sentence(status.problem)}{since}"), icon=":material/sync_problem:"
        )
    elif status.is_stale:
        st.warning(
            prose(f"The data is {text.ago(status.age_seconds)} old ({text.moment(status.made_at)} UTC): refresh it."),
            icon=":material/history:",
        )


def without_data(book: Book, view: View) -> str | None:
    """The message when the day lies before the history, or there is no history; else ``None``."""
    if book.first_day is None:
        return "There are no receivables in the data"
    if view.day < book.first_day:
        history = f"the history runs from {text.day(book.first_day)} to {text.day(book.last_day)}"
        return f"No data on {text.day(view.day)}: {history}"
    return None


def empty() -> None:
    """Nothing in the scope on that day: what to change, and no more than that."""
    book, view = store.book(), filters.current()
    if book.first_day is None:
        st.info("No document was accepted: the health page says what was read and kept out.", icon=":material/info:")
        st.page_link(
            "pages/data/health.py",
            label="Open data health",
            icon=":material/fact_check:",
            query_params=address.link(),
        )
        return
    early = without_data(book, view) is not None
    found = "" if early else "Nothing is open here on this day, and nothing moved in the window: "
    change = "Choose Latest, or another day of the history" if early else "choose Latest or another day"
    widen = f", or widen the filters in the sidebar ({view.part})" if view.filters and not early else ""
    st.info(prose(f"{found}{change}{widen}."), icon=":material/event_busy:")
    if not view.is_latest:
        st.button("Show the latest day", key="show_latest", on_click=filters.latest, icon=":material/event_available:")


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
