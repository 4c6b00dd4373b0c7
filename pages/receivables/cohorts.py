"""Of what was billed in a month, how much is paid by 30, 60, 90 days, and do newer months pay slower?"""

from __future__ import annotations

import streamlit as st

from ui import breadcrumb, breakdown, cards, cohorts, filters, heading, states, store

book, view, palette = store.book(), filters.current(), cards.theme()
head = st.container(gap="small")
found = cohorts.rows(view)
if not found["billed"].sum():
    heading.draw(states.without_data(book, view) or "Nothing was billed here in the last two years", view)
    states.empty()
    st.stop()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    breadcrumb.draw(breadcrumb.steps(book, view), "cohorts")
    age = cohorts.choose_age()
measured = cohorts.measured(found, age)
with head:
    heading.draw(cohorts.message(measured, view), view)

left, right = st.columns(2, gap="small")
with left:
    cards.chart(cohorts.heat_map(found, view, palette, age), view, key="cohorts", stretch=True)
with right:
    cards.chart(cohorts.curves(found, view, palette, 150), view, key="paid_curves")
    cards.chart(cohorts.at_risk(view, palette, 120), view, key="at_risk")

offered = breakdown.dimensions(book, view)
if measured and measured.previous is not None and offered:
    by = breakdown.choose_among(offered, usual=("segment", "region"))
    cohorts.draw_groups(view, palette, by, measured)
