"""Of what was billed in a month, how much is paid by 30, 60, 90 days, and do newer months pay slower?"""

from __future__ import annotations

import streamlit as st

from ui import behind, breadcrumb, breakdown, cards, cohorts, filters, heading, states, store

book, view, palette = store.book(), filters.current(), cards.theme()
head = st.container(gap="small")
found = cohorts.rows(view)
if not found["billed"].sum():
    heading.draw(states.without_data(book, view) or "Nothing was billed here in the last two years", view)
    states.empty()
    st.stop()

with breadcrumb.bar(book, view, "cohorts"):
    age = cohorts.choose_age()
measured = cohorts.measured(found, age)
with head:
    heading.draw(cohorts.message(measured, view), view)

chosen = behind.asked(book.rules.aging.buckets)
told = chosen.written if chosen else ""
left, right = st.columns(2, gap="small")
with left:
    cards.chart(
        cohorts.heat_map(found, view, palette, age, chosen),
        view,
        key=f"cohorts_{told}",
        on_pick=behind.to_month(behind.Kind.BILLED, chosen),
        stretch=True,
    )
with right:
    curves = cohorts.curves(found, view, palette, 150)
    cards.chart(curves, view, key=f"paid_curves_{age}", on_pick=cohorts.pick_age(age), field="days")
    cards.chart(
        cohorts.at_risk(view, palette, 120, chosen),
        view,
        key=f"at_risk_{told}",
        on_pick=behind.to_month(behind.Kind.UNPAID, chosen),
        stretch=True,
    )
behind.draw(view, chosen)

offered = breakdown.dimensions(book, view)
if measured and measured.previous is not None and offered:
    by = breakdown.choose_among(offered, usual=("segment", "region"))
    cohorts.draw_groups(view, palette, by, measured)
