"""How much is owed, how late is it, is it better or worse than before, and who needs attention?"""

from __future__ import annotations

import streamlit as st

from briefing.summary import TILES
from metrics import text
from ui import (
    attention,
    cards,
    debtors,
    filters,
    heading,
    leading,
    segments,
    states,
    store,
    story,
    summaries,
    tiles,
    why,
)

HEIGHT = 200
"""Of the charts: message, tiles, charts and lists together fit a laptop's screen."""

book, view, palette = store.book(), filters.current(), cards.theme()
summary = summaries.read(view)

if summary.is_empty:
    heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()
values = summary.values()
heading.draw(story.message(view, values), view)
heading.findings(story.lines(view, values, summary.credit_sales))
with st.container(key="overview", gap="small"):
    tiles.row([(summaries.tile(summary, metric), leading.of_tile(metric, summary)) for metric in TILES])

    left, middle, right = st.columns(3, gap="small")
    with left:
        cards.chart(
            summaries.dso(summary, palette, HEIGHT),
            view,
            key="dso",
            on_pick=lambda day: leading.to_month(day, view),
            field="as_of",
            stretch=True,
            leads=leading.DSO,
        )
    with middle:
        cards.chart(
            summaries.aging(summary, palette, HEIGHT),
            view,
            key="aging",
            on_pick=lambda key: leading.to_bucket(key, view),
            stretch=True,
            leads=leading.AGING,
        )
    with right:
        why.draw(summary, palette, HEIGHT)

    left, middle, right = st.columns([12, 10, 11], gap="small")
    with left:
        segments.draw(summary, palette)
    with right:
        debtors.draw(summary, palette)
    # Last, as it takes the longest when it is asked for the first time: all else stands by then.
    with middle:
        attention.draw(view)
