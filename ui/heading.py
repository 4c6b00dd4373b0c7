"""The head of a page: whose numbers, as of when, how fresh, whether they tie; then the message."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import streamlit as st

from charts import text
from ledger.book import Book
from ui import drill, store
from ui.markdown import plain, prose
from ui.story import Sentence
from ui.view import View

LEAST = 0.005
"""Half a cent: anything less is no difference."""


def draw(title: str, view: View, lead: str = "") -> None:
    """The line of facts, the page's message as its title, and what it rests on."""
    book = store.book()
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        st.caption(plain(book.rules.company), width="content")
        st.caption(facts(view), width="content")
    st.title(prose(title), anchor=False)
    if lead:
        st.markdown(lead)


def findings(sentences: Sequence[Sentence | None]) -> None:
    """The sentences under the message in a row; one about a customer leads to that customer."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        for sentence in sentences:
            if sentence is None:
                continue
            if sentence.customer_id is None:
                st.markdown(f":small[:blue[{prose(sentence.words)}]]", width="content")
                continue
            st.page_link(
                "pages/receivables/customers.py",
                label=f":blue[{prose(sentence.words)}]",
                icon=":material/arrow_forward:",
                icon_position="right",
                query_params={drill.CUSTOMER: drill.customer_key(sentence.customer_id)},
            )


def facts(view: View) -> str:
    """``USD · as of 31 Oct 2026 · data 2 h old · filters``, as Markdown."""
    book, status = store.book(), store.status()
    parts = [view.currency, f"as of {text.day(view.day)}", text.window(view.window)]
    if status.made_at:
        parts.append(f"data {text.ago(status.age_seconds)} old")
    parts += [general_ledger(book, view), view.part]
    return " · ".join(prose(part) for part in parts if part)


def general_ledger(book: Book, view: View) -> str:
    """Whether the newest general ledger balances up to the day agree; nothing where none were supplied."""
    told = book.gl_comparison.filter(pl.col("as_of") <= view.day)
    newest = told.filter(pl.col("as_of") == pl.col("as_of").max())
    if newest.is_empty():
        return ""
    apart = newest.filter(pl.col("difference").abs() >= LEAST)
    if apart.is_empty():
        return "ties to the general ledger"
    entities = [text.name(entity) for entity in apart["entity"]]
    return f"differs from the general ledger: {text.listed(entities)}"
