"""What a page says when there is nothing to show, or when what it shows is old."""

from __future__ import annotations

import logging

import streamlit as st

from charts import text
from ledger.errors import NoSnapshotError, OutstandingError
from ui import store
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
        " Load the page again; if the data was refreshed by another version, run 'python cli.py refresh'.",
        icon=":material/error:",
    )


def no_snapshot(error: NoSnapshotError) -> None:
    """The first screen of a fresh installation."""
    with st.container(border=True, width=640):
        st.title("No data yet")
        st.markdown(prose(str(error)))
        st.code("python cli.py refresh", language="shell")
        st.caption("This page notices the first snapshot by itself: load it again when the refresh has ended.")
        st.page_link(
            "pages/help/glossary.py", label="Meanwhile, read what every number means", icon=":material/menu_book:"
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


def empty() -> None:
    """Nothing in the scope on that day."""
    st.info(
        "Nothing is open here on this day, and nothing moved in the window:"
        " choose another day, or widen the filters in the sidebar.",
        icon=":material/filter_alt_off:",
    )


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
