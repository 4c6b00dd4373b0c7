"""Whose money is late, how late, and in which documents, as of any day?"""

from __future__ import annotations

import polars as pl
import streamlit as st

from charts import aging
from ledger.scope import CUSTOMER
from metrics import text
from ui import behind, breadcrumb, breakdown, cards, disputes, drill, filters, heading, items, states, store
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
buckets = book.rules.aging.buckets
customer, document = breadcrumb.customer_at(), drill.at(drill.DOCUMENT)
bucket, chosen = drill.one_of(drill.BUCKET, buckets), behind.asked(buckets)
scope = view.scope if customer is None else view.scope.narrowed(CUSTOMER, drill.customer_id(customer))

if customer is None and drill.at(drill.CUSTOMER):
    st.warning(prose(f"There is no customer '{text.name(drill.at(drill.CUSTOMER))}' in this snapshot: shown are all."))

aged = store.aging((view.day,), scope).filter(pl.col("currency") == view.currency)
setting = view.as_of(palette, buckets)
figure = aging.on_day(aged, setting, chosen=bucket)
heading.draw(aging.on_day_finding(aged, setting, breadcrumb.whose(book, view)), view)
with breadcrumb.bar(book, view, "aging", down=(drill.CUSTOMERS,)):
    share = breakdown.choose_share()
if not aged["count"].sum():
    states.empty()
    st.stop()

left, right = st.columns(2, gap="small")
with left:
    to_bucket = breakdown.to_bucket(bucket)
    cards.chart(figure, view, key=f"on_day_{bucket}", on_pick=to_bucket, field="bucket", stretch=True)
with right:
    cards.chart(
        breakdown.over_time(view, scope, palette, bucket, share=share),
        view,
        key=f"over_time_{view.day}_{bucket}",
        on_pick=breakdown.to_month(view, bucket),
        stretch=True,
    )

# What was asked for stands next to where it was asked: the groups follow once the documents are the point.
behind.draw(view, chosen, bucket, scope)
first = st.container(gap="small")
if customer is None:
    breakdown.draw(view, breakdown.choose(book, view), breakdown.options(book, view), bucket)
else:
    breakdown.customer_link(customer)
disputes.draw(view, scope, aged)

with first if bucket or customer else st.container(gap="small"):
    if customer and document and chosen is None:
        of_customer = store.documents(view.day, drill.customer_id(customer))
        items.document(of_customer, document, view, lambda: drill.leave(drill.DOCUMENT), "aging_document")
    if chosen is None:
        rows, total = store.open_items(view.day, scope, bucket)
        with st.container(border=True, gap="xsmall", key="card_items"):
            items.heading(rows, total, bucket)
            items.open_list(rows, view, key=f"aging_items_{bucket}", with_customer=customer is None)
            cards.table(store.all_open_items(view.day, scope, bucket), "open_items", view, key="aging_csv")
