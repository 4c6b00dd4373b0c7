"""The source's own balances beside the books, and what history changed: document by document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from briefing import second_looks as told
from briefing.view import View
from ledger.book import Book
from ledger.second_looks import second_looks
from metrics import text
from ui import address, breadcrumb, cards
from ui.markdown import prose
from ui.quality import row_picker

_MOST = 500
_CHANGES = {"appeared": "appeared", "vanished": "gone", "changed": "another amount"}


def draw(book: Book, view: View) -> None:
    """Both looks, one beside the other; where the source says nothing of its balances, how it could."""
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch", gap="xsmall"):
        _draw_verified(book, view)
    with right, st.container(border=True, height="stretch", gap="xsmall"):
        _draw_revised(book, view)


def _draw_verified(book: Book, view: View) -> None:
    looks = book.once(second_looks)
    if looks.verified_totals.is_empty():
        st.markdown("**The source was not asked for its own balances**")
        st.caption(
            "Map a table verify (document_id, customer_id, currency, amount: what the source itself says is open now) "
            "to compare it with what its documents and settlements leave open."
        )
        return
    st.markdown(f"**{prose(text.capital(told.verified(book)))}**")
    st.caption("At the time of the refresh, in the document's currency; difference = books − source")
    if looks.verified.is_empty():
        totals = looks.verified_totals.select(
            pl.col("currency").alias("Currency"),
            pl.col("items").alias("Items"),
            pl.col("source").alias("Source"),
            pl.col("books").alias("Books"),
        )
        st.dataframe(totals, hide_index=True, column_config=cards.columns(totals), key="health_verified_totals")
    else:
        table = looks.verified.head(_MOST).select(
            pl.col("customer").fill_null("").alias("Customer"),
            pl.col("document_id").fill_null("all").alias("Document"),
            pl.col("currency").alias("Currency"),
            pl.col("source").alias("Source"),
            pl.col("books").alias("Books"),
            pl.col("difference").alias("Difference"),
        )
        _rows(table, looks.verified, "health_verified", "What differs from the source's own balances")
    cards.table(looks.verified, "source_balances", view, key="health_verified_all")


def _draw_revised(book: Book, view: View) -> None:
    looks = book.once(second_looks)
    if looks.before is None:
        st.markdown("**No earlier books to compare with**")
        st.caption("The next refresh tells what it changed of the past that is known today.")
        return
    said = told.revised(book)
    if not said:
        st.markdown("**No past day has changed since the books before**")
        st.caption(prose(f"Every open document of {text.day(looks.before)} stands as it was known"))
        return
    st.markdown(f"**History has changed: {prose(said)}**")
    st.caption(
        prose(f"{_days(looks.revised_days)}Back-dated, deleted or un-applied in the source since the books before")
    )
    table = looks.revised.head(_MOST).select(
        pl.col("customer").fill_null("").alias("Customer"),
        pl.col("document_id").alias("Document"),
        pl.col("change").replace(_CHANGES).alias("Change"),
        pl.col("currency").alias("Currency"),
        pl.col("before").alias("Before"),
        pl.col("now").alias("Now"),
        pl.col("difference").alias("Difference"),
    )
    _rows(table, looks.revised, "health_revised", "What history changed", looks.before.isoformat())
    cards.table(looks.revised, "history_changed", view, key="health_revised_all")


def _days(days: pl.DataFrame) -> str:
    """On which month-ends the total is another."""
    if days.is_empty():
        return ""
    ends = [text.day(day) for day in days["as_of"].unique().sort(descending=True)]
    more = f" and {len(ends) - 3:,} more" if len(ends) > 3 else ""  # noqa: PLR2004 - as many as a line holds
    return f"Other totals on {', '.join(ends[:3])}{more}. "


def _rows(table: pl.DataFrame, rows: pl.DataFrame, key: str, alt: str, day: str | None = None) -> None:
    """``table``; a click opens the items of the row's customer."""

    def opened(row: Mapping[str, Any]) -> None:
        if row["customer_id"] is not None:
            address.go(
                breadcrumb.ITEMS, {address.CUSTOMER: row["customer_id"], **({address.AS_OF: day} if day else {})}
            )

    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config=cards.columns(table),
        key=key,
        on_select=row_picker(key, rows, opened),
        selection_mode="single-cell",
        height=cards.table_height(table.height, 7, row=35),
        alt=alt,
    )
