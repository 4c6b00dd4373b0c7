"""How much is owed, how late is it, is it better or worse than before, and who needs attention?"""

from __future__ import annotations

import streamlit as st

from ledger.calendar import Window
from metrics import text
from ui import cards, debtors, filters, heading, periods, segments, states, store, story, tiles
from ui.summary import TILES, Summary

book, view, palette = store.book(), filters.current(), cards.theme()
summary = Summary.read(book, view)

if summary.is_empty:
    heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()
heading.draw(story.headline(view, book.dimensions, periods.year_before_if_known(book, view.day)), view)
heading.findings(
    [
        story.dso_sentence(summary.values(), summary.targets.get("dso")),
        story.sliding_customer(view),
        story.day_of_dso(
            summary.values(), summary.credit_sales, Window.ending(view.day, view.window).days, view.currency
        ),
    ]
)
tiles.row([summary.tile(metric) for metric in TILES])

left, middle, right = st.columns(3, gap="small")
with left:
    cards.chart(summary.dso(palette, 190), view, key="dso", stretch=True)
with middle:
    cards.chart(summary.aging(palette, 190), view, key="aging", stretch=True)
with right:
    cards.chart(summary.movement(palette, 190), view, key="movement", stretch=True)

left, right = st.columns([3, 2], gap="small")
with left:
    segments.draw(summary)
with right:
    debtors.draw(summary, palette)
