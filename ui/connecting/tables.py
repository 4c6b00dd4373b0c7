"""The second step: which of the source's tables are customers, documents and settlements."""

from __future__ import annotations

import streamlit as st

from ledger.schema import TABLES
from metrics import text
from ui import cards
from ui.connecting.writing import Writing, tried
from ui.markdown import prose

NEEDED = tuple(table.name for table in TABLES.values() if not table.optional)
LABELS = {
    "customers": ("Customers", "One row a customer: number, name, and what they are grouped by"),
    "documents": ("Documents", "Invoices, credit memos and payments: one row a document, or an instalment"),
    "settlements": ("Settlements", "What closed a document, when, and how much of it"),
    "fx_rates": ("Exchange rates", "What one unit of a currency was worth on a day"),
    "gl_balances": ("General ledger", "Receivables in the general ledger as of some days, to compare with"),
    "verify": ("Own balances", "What the source itself says is open now, to compare with"),
}
_NONE = "None"
_SHOWN = 20


def draw(writing: Writing) -> None:
    """A choice for each canonical table, and a look into any of the source's."""
    found = tried(writing.browsed)
    if isinstance(found, str) or not found.ok:
        st.error(prose(found if isinstance(found, str) else writing.told(found.sentence)), icon=":material/error:")
        return
    left, right = st.columns([2, 3], gap="medium")
    with left, st.container(border=True, gap="small", key="connect_tables"):
        if not found.tables:
            st.info("This kind of database lists no tables. Write each SELECT by hand in the next step.")
        for table in LABELS:
            _choose(writing, table)
    with right, st.container(border=True, gap="small", key="connect_rows"):
        _look(writing)


def _choose(writing: Writing, table: str) -> None:
    label, said = LABELS[table]
    chosen = tried(lambda: writing.columns(table))
    if isinstance(chosen, str):
        st.error(prose(chosen), icon=":material/error:")
        return
    options = [_NONE, *writing.raw_tables()]
    key = f"connect_raw_{table}"
    st.session_state.setdefault(key, chosen.raw or _NONE)
    raw = st.selectbox(f"{label}{'' if table in NEEDED else ' (may be left out)'}", options, key=key, help=said)
    raw = "" if raw == _NONE else raw
    if raw != chosen.raw and isinstance(problem := tried(lambda: writing.take(table, raw)), str):
        st.error(prose(problem), icon=":material/error:")


def _look(writing: Writing) -> None:
    tables = writing.raw_tables()
    if not tables:
        return
    chosen = next((one.raw for one in writing.tables.values() if one.raw), next(iter(tables)))
    st.session_state.setdefault("connect_look", chosen)
    table = str(st.selectbox("Look into a table", list(tables), key="connect_look"))
    rows = tried(lambda: writing.rows(table))
    if isinstance(rows, str):
        st.error(prose(rows), icon=":material/error:")
        return
    st.caption(
        prose(f"{text.count(len(tables[table]), 'column')}; the first {min(rows.height, _SHOWN)} rows as they come.")
    )
    shown = rows.head(_SHOWN)
    st.dataframe(shown, hide_index=True, height=cards.table_height(shown.height, 12, row=35), alt=f"Rows of {table}")
