"""How much is owed, how late is it, is it better or worse than before, and who needs attention?"""

from __future__ import annotations

import streamlit as st

from metrics import text
from ui import cards, debtors, filters, heading, segments, states, store, story, tiles, why
from ui.summary import TILES, Summary

HEIGHT = 156
"""Of the charts: tiles, charts and most rows of the tables fit a laptop's screen."""

LINE = 21
"""Of a title: that of the aging takes two lines as a rule, and its card sets the height of the row."""

book, view, palette = store.book(), filters.current(), cards.theme()
summary = Summary.read(book, view)

if summary.is_empty:
    heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()
heading.draw(story.message(view), view)
heading.findings(story.findings(view, summary.values(), summary.credit_sales))
tiles.row([summary.tile(metric) for metric in TILES])

left, middle, right = st.columns(3, gap="small")
with left:
    cards.chart(summary.dso(palette, HEIGHT), view, key="dso", stretch=True)
with middle:
    cards.chart(summary.aging(palette, HEIGHT - LINE), view, key="aging", stretch=True)
with right:
    why.draw(summary, palette, HEIGHT)

left, right = st.columns([3, 2], gap="small")
with left:
    segments.draw(summary)
with right:
    debtors.draw(summary, palette)
