"""Which customers owe what, and how does one of them pay?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from metrics import text
from ui import breadcrumb, cards, controls, customers, drill, filters, heading, items, paying, store
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
key = drill.at(drill.CUSTOMER)
if key and not customers.known(key):
    st.warning(prose(f"There is no customer '{text.name(key)}' in this snapshot: choose one below."))

if key and customers.known(key):
    id = drill.customer_id(key)
    master = store.customer(id)
    heading.draw(customers.message(view, key), view)
    breadcrumb.draw(customers.steps(key, view), "customers")
    st.caption(customers.facts(master))
    paying.draw(id, view)
    customers.parent(master)
    customers.draw_tiles(book, view, key, master.get("credit_limit"))
    documents = store.documents(view.day, id)
    left, right = st.columns(2, gap="small")
    with left:
        cards.chart(customers.aged(book, view, key, palette), view, key="customer_aging", stretch=True)
    with right:
        cards.chart(customers.paid(documents, view, palette), view, key="customer_paid", stretch=True)
    document = drill.at(drill.DOCUMENT)
    if document:
        items.document(documents, document, view, lambda: drill.leave(drill.DOCUMENT), "customer_document")
    open_ones = store.most_overdue_first(documents.filter(pl.col("status") == "open"))
    with st.container(border=True, gap="xsmall"):
        open_tab, all_tab = st.tabs([f"Open, {open_ones.height:,}", f"All documents, {documents.height:,}"])
        with open_tab:
            items.open_list(open_ones, view, key="customer_open", with_customer=False)
            cards.table(customers.statement(documents), f"statement_{id}", view, key="statement")
        with all_tab:
            items.documents(documents.head(1_000), view, key="customer_all")
            cards.table(documents, f"documents_{id}", view, key="documents")
else:
    rows = customers.listed(book, view)
    heading.draw(customers.list_message(rows, view), view)
    st.caption(prose(customers.counted(rows)))
    words = controls.text("Find a customer", key=customers.FIND, placeholder="Name or id", icon=":material/search:")
    matching = customers.found(rows, words)
    if matching.is_empty():
        st.info("No customer matches: try fewer letters, or widen the filters in the sidebar.")
        st.stop()
    customers.draw_list(book, view, matching)
