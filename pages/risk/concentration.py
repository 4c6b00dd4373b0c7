"""How much hangs on few debtors, who owes more than was granted, and who owes without any limit?"""

from __future__ import annotations

import streamlit as st

from briefing import exposures
from metrics import text
from ui import breadcrumb, cards, concentration, filters, heading, states, store, summaries, tiles, treemap
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
owing = concentration.ranked(view, groups=False)
if owing.is_empty():
    heading.draw(states.without_data(book, view) or f"Nobody owes anything on {text.day(view.day)}", view)
    states.empty()
    st.stop()

summary = summaries.read(view, concentration.READ)
held = concentration.limits(view)
banded = concentration.covered(owing, held)
heading.draw(exposures.message(view, owing, held, concentration.beyond(summary)), view)
with breadcrumb.bar(book, view, "concentration"):
    st.caption(prose(concentration.lead(view, owing)), width="content")
tiles.row(concentration.tiles(summary))

treemap.draw(view, palette)

left, right = st.columns(2, gap="small")
with left:
    concentration.draw_largest(view, palette, held)
with right:
    band = concentration.chosen_band(banded)
    use = concentration.by_use(view, palette, banded, band)
    cards.chart(use, view, key=f"limits_used_{band}", on_pick=concentration.pick_band(band), stretch=True)
concentration.draw_family(view)

left, right = st.columns([5, 3], gap="small")
with left:
    if band in (None, *concentration.LISTED_ANYWAY):
        concentration.draw_over(view, held)
    else:
        concentration.draw_band(view, banded, band)
with right:
    concentration.draw_without(view, banded)
