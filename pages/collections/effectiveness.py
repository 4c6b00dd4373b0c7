"""How well is owed money collected, and who does better or worse with the customers they have?"""

from __future__ import annotations

import streamlit as st

from metrics import text
from ui import (
    breadcrumb,
    breakdown,
    cards,
    effectiveness,
    filters,
    heading,
    performance,
    states,
    store,
    summaries,
    tiles,
)
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
summary = summaries.read(view, effectiveness.READ)
if summary.is_empty:
    heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()

head = st.container(gap="small")
tiles.row(effectiveness.tiles(summary))
to_day = performance.day_picker(view)
left, right = st.columns(2, gap="small")
with left:
    index = effectiveness.index(summary, palette, 190)
    cards.chart(index, view, key=f"cei_family_{view.day}", on_pick=to_day, stretch=True)
with right:
    prompt = effectiveness.promptness(summary, palette, 190)
    cards.chart(prompt, view, key=f"promptness_{view.day}", on_pick=to_day, stretch=True)

with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
    offered = breakdown.dimensions(book, view)
    by = breakdown.choose_among(offered, usual=("collector", "segment", "region")) if offered else None
    mix = effectiveness.choose_mix(book, by) if by else ()
rows = effectiveness.compared(view, by, mix) if by else None
if by is None or rows is None:
    st.info("The filters leave one group of every kind: widen one to compare.", icon=":material/compare_arrows:")
else:
    st.caption(prose(effectiveness.method(book.dimensions, by, mix)))
    effectiveness.draw_comparison(view, rows, by, mix)
with head:
    heading.draw(effectiveness.headline(summary, rows, by, mix), view)
    breadcrumb.bar(book, view, "effectiveness")
