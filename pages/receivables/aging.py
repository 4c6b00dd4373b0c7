"""Whose money is late, how late, and in which documents, as of any day?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from charts import aging
from ledger.scope import CUSTOMER
from ui import breadcrumb, breakdown, cards, disputes, drill, filters, heading, items, periods, states, store

book, view, palette = store.book(), filters.current(), cards.theme()
buckets = book.rules.aging.buckets
customer, document = drill.at(drill.CUSTOMER), drill.at(drill.DOCUMENT)
bucket = drill.one_of(drill.BUCKET, buckets)
scope = view.scope if customer is None else view.scope.narrowed(CUSTOMER, drill.customer_id(customer))

aged = store.aging((view.day,), scope).filter(pl.col("currency") == view.currency)
setting = view.as_of(palette, buckets)
figure = aging.on_day(aged, setting, chosen=bucket)
heading.draw(aging.on_day_finding(aged, setting, breadcrumb.whose(book, view)), view)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    breadcrumb.draw(breadcrumb.steps(book, view), "aging")
    share = breakdown.choose_share()
if not aged["count"].sum():
    states.empty()
    st.stop()

left, right = st.columns(2, gap="small")
with left:
    cards.chart(figure, view, key=f"on_day_{bucket}", on_pick=breakdown.to_bucket, field="bucket", stretch=True)
with right:
    known = tuple(day for day in periods.trend(view.day) if periods.is_known(book, day, None))
    over_year = store.aging(known, scope).filter(pl.col("currency") == view.currency)
    cards.chart(
        aging.over_time(over_year, setting, whole=True, share=share, height=210), view, key="over_time", stretch=True
    )

if customer is None:
    breakdown.draw(view, breakdown.choose(book, view), options=breakdown.options(book, view))
else:
    breakdown.customer_link(customer)
if customer and document:
    of_customer = store.documents(view.day, drill.customer_id(customer))
    items.document(of_customer, document, view, lambda: drill.leave(drill.DOCUMENT), "aging_document")

disputes.draw(view, scope, aged)

rows, total = store.open_items(view.day, scope, bucket)
with st.container(border=True, gap="xsmall"):
    items.heading(rows, total, bucket)
    items.open_list(rows, view, key=f"aging_items_{bucket}", with_customer=customer is None)
    cards.table(store.all_open_items(view.day, scope, bucket), "open_items", view, key="aging_csv")
