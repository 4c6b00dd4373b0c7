"""Which customers owe what, and how does one of them pay?"""

from __future__ import annotations

import streamlit as st

from metrics import text
from ui import (
    account,
    breadcrumb,
    cards,
    customer,
    customers,
    drill,
    exposure,
    filters,
    heading,
    items,
    printing,
    statement,
    store,
)
from ui.customer import Account
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
key = drill.at(drill.CUSTOMER)
if key and not customers.known(key):
    st.warning(prose(f"There is no customer '{text.name(key)}' in this snapshot: choose one below."))

if key and customers.known(key):
    one = Account(book, view, key)
    heading.draw(customer.message(one), view)
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="customer_head"
    ):
        breadcrumb.draw(customer.steps(one), "customers")
        with st.container(horizontal=True, width="content", gap="small", vertical_alignment="center"):
            statement.draw(one.id, view)
            printing.button()
    customer.draw_meaning(one)
    customer.draw_elsewhere(one)
    customer.draw_tiles(one)
    with st.container(key="customer_charts"):
        left, middle, right = st.columns(3, gap="small")
    with left:
        exposure.draw(one.id, view, palette)
    with middle:
        aged = customer.aged_over_time(one, palette)
        cards.chart(aged, view, key="customer_aging", on_pick=customer.to_part, stretch=True)
    with right:
        now = customer.aged(one, palette)
        cards.chart(now, view, key="customer_aged", on_pick=customer.to_bucket, field="bucket", stretch=True)
    left, right = st.columns(2, gap="small")
    with left:
        cards.chart(customer.pace(one, palette), view, key="customer_pace", stretch=True)
    with right:
        cards.chart(customer.paid(one, palette), view, key="customer_paid", stretch=True)
    document = drill.at(drill.DOCUMENT)
    if document:
        items.document(one.documents, document, view, lambda: drill.leave(drill.DOCUMENT), "customer_document")
    account.draw(one)
    account.draw_printed(one)
else:
    rows = customers.listed(book, view)
    heading.draw(customers.list_message(rows, view), view)
    matching = customers.choose(rows)
    if matching.is_empty():
        st.info("No customer matches: try fewer letters, fewer marks, or widen the filters in the sidebar.")
        st.stop()
    st.caption(prose(customers.counted(matching, view)))
    customers.draw_links(matching)
    customers.draw_list(book, view, matching)
