"""Which part of the company does worse, and who should act?"""

from __future__ import annotations

import streamlit as st

from metrics import text
from ui import breadcrumb, breakdown, cards, changes, filters, heading, performance, states, store

book, view, palette = store.book(), filters.current(), cards.theme()
head = st.container(gap="small")
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    by = breakdown.choose_among(breakdown.options(book, view), usual=("segment", "region"))
    against = performance.choose_against()
rows = performance.rows(view, by)
if not performance.has_values(rows):
    with head:
        heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()
flags = performance.flags(view, by)
with head:
    heading.draw(performance.headline(flags, rows, by, view), view)
    breadcrumb.bar(book, view, "segments")
    performance.draw_flags(flags, by)

picked = performance.picker(by)
key = f"{by}_{len(view.filters)}_{view.day}"
league = performance.table(rows, flags, by, against, view, palette)
cards.chart(league, view, key=f"league_{key}_{against.name}", on_pick=changes.cell_picker(by), field="cell")
left, right = st.columns(2, gap="small")
with left:
    cards.chart(
        performance.at_stake(flags, by, view, palette), view, key=f"at_stake_{key}", on_pick=picked, stretch=True
    )
with right:
    trend = performance.trend(rows, flags, by, view, palette, 200)
    cards.chart(trend, view, key=f"trend_{key}", on_pick=performance.point_picker(by, view), stretch=True)
