"""What a person should look at: the search is made when it is asked for, as it reads all documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from briefing.data_report import counted, stale
from briefing.view import View
from ledger.book import Book
from ledger.suspects import CHECKS, feeds, suspects
from metrics import text
from ui import address, breadcrumb, cards, mending, store
from ui.markdown import prose
from ui.quality import closable, row_picker

LOOK = "health_look"
_MOST = 500


def draw(view: View) -> None:
    """A button that searches; then what was found, a check at a time."""
    asked = address.value(LOOK)
    with st.container(border=True, gap="xsmall", key="card_suspects"):
        if not asked:
            st.markdown("**Look-alikes, outliers and gaps**")
            st.caption(
                "Rows that break no rule, and that somebody should look at: names written twice, one amount billed "
                "twice, unusual amounts and terms, customers without limit, terms or collector, feeds that fell silent"
            )
            first = next(iter(CHECKS))
            st.button("Search", on_click=address.put, args=({LOOK: first},), key="suspects_search")
            return
        found = mending.without_passed(store.remembered(_found))
        closable(_finding(found), (LOOK,))
        silent = stale(store.remembered(_feeds))
        st.caption(prose(text.capital(silent) if silent else "No feed has been silent for longer than usual"))
        if found.is_empty():
            return
        _draw_checks(found, asked, view)


def _draw_checks(found: pl.DataFrame, asked: str, view: View) -> None:
    labels = {name: label for name, label in CHECKS.items() if found.filter(pl.col("check") == name).height}
    chosen = asked if asked in labels else next(iter(labels))
    rows: Mapping[str, int] = dict(found.group_by("check").len().iter_rows())
    key = f"suspects_check_{chosen}_{found.height}"  # what is counted in its labels belongs to it
    st.selectbox(
        "Check",
        list(labels),
        index=list(labels).index(chosen),
        format_func=lambda name: f"{labels[name]} ({rows[name]:,})",
        key=key,
        on_change=lambda: address.put({LOOK: st.session_state[key]}),
        label_visibility="collapsed",
    )
    of = found.filter(pl.col("check") == chosen)
    columns = {
        "Customer": "customer",
        "Document": "document_id",
        "Why": "why",
        "Amount": "amount",
        "Currency": "currency",
    }
    table = of.head(_MOST).select(
        pl.col(name).alias(label) for label, name in columns.items() if of[name].null_count() < of.height
    )
    picked = row_picker(f"suspects_{chosen}", of, _opened)
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config=cards.columns(table),
        key=f"suspects_{chosen}",
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(table.height, 8, row=35),
        alt=CHECKS[chosen],
    )
    cards.table(of, "to_look_at", view, key="suspects_all")
    mending.draw(chosen, of)


def _opened(row: Mapping[str, Any]) -> None:
    """The items of the row's customer."""
    address.go(breadcrumb.ITEMS, {address.CUSTOMER: row["customer_id"]})


def _finding(found: pl.DataFrame) -> str:
    said = counted(found)
    if not said:
        return "Nothing to look at: no look-alikes, outliers or gaps"
    rows = sum(rows for _, rows in said)
    return f"{text.count(rows, 'row')} to look at, by {text.count(len(said), 'check')}"


def _found() -> pl.DataFrame:
    return _book().once(suspects)


def _feeds() -> pl.DataFrame:
    return _book().once(feeds)


def _book() -> Book:
    return store.book()
