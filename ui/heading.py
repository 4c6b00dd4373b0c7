"""The head of a page: whose numbers, as of when, how fresh, whether they tie; then the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from briefing import second_looks, soundness
from briefing.view import View
from ledger.book import Book
from metrics import text
from ui import address, store
from ui.markdown import plain, prose
from ui.story import Line


@dataclass(frozen=True)
class Ledger:
    """What is said of the general ledger; ``differs`` makes it stand out."""

    words: str
    differs: bool = False


def draw(title: str, view: View, lead: str = "") -> None:
    """The line of facts, the page's message as its title, and what it rests on."""
    book = store.book()
    ledger = general_ledger(book.gl_comparison, view.day)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.caption(plain(book.rules.company), width="content")
        with st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", width="content"
        ):
            for said in _doubts(book, ledger):
                st.page_link("pages/data/health.py", label=f":yellow-badge[{prose(said)}]", query_params=address.link())
            st.caption(facts(view, ledger), width="content")
    st.title(prose(title), anchor=False)
    if lead:
        st.markdown(lead)


def _doubts(book: Book, ledger: Ledger | None) -> list[str]:
    """What stands against the numbers, wherever they are shown."""
    told = [ledger.words if ledger and ledger.differs else "", second_looks.doubt(book)]
    return [said for said in told if said]


def findings(told: Sequence[Line]) -> None:
    """The findings under the message, one beside the other; one that leads somewhere is a link."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="findings"):
        for said, lead in told:
            words = prose(said)
            if lead is None:
                st.markdown(words, width="content")
                continue
            st.page_link(lead.page, label=f":blue[{words} →]", icon="", query_params=lead.parameters)


def facts(view: View, ledger: Ledger | None) -> str:
    """``USD · as of 31 Oct 2026 · 3 months · loaded 2 h ago · data to 31 Oct 2026 · filters``, as Markdown."""
    book, status = store.book(), store.status()
    parts = [view.currency]
    if book.first_day:
        parts += [f"as of {text.day(view.day)}", text.window(view.window)]
    if status.made_at:
        parts.append(f"loaded {text.ago(status.age_seconds)} ago")
    if book.last_day:
        parts.append(f"data to {text.day(book.last_day)}")
    if ledger and not ledger.differs:
        parts.append(ledger.words)
    return " · ".join(prose(part) for part in (*parts, view.part) if part)


def general_ledger(comparison: pl.DataFrame, day: date) -> Ledger | None:
    """How the newest general ledger balances up to ``day`` compare; ``None`` where none were supplied.

    ``comparison``: the book's, with ``difference`` = sub-ledger − general ledger in each balance's own currency.
    """
    told = comparison.filter(pl.col("as_of") <= day)
    newest = told.filter(pl.col("as_of") == pl.col("as_of").max())
    if newest.is_empty():
        return None
    compared: date = newest["as_of"][0]
    apart = newest.filter(pl.col("difference").abs() >= soundness.LEAST).sort(
        pl.col("difference").abs(), descending=True
    )
    if apart.is_empty():
        if compared == day:
            return Ledger("ties to the general ledger")
        return Ledger(f"general ledger last compared {text.day(compared)}")
    gaps = [
        f"{text.name(row['entity'])} {text.exact(abs(row['difference']), row['currency'])}"
        f" {'above' if row['difference'] > 0 else 'below'}"
        for row in apart.iter_rows(named=True)
    ]
    when = "" if compared == day else f" on {text.day(compared)}"
    return Ledger(f"{text.listed(gaps)} the general ledger{when}", differs=True)
