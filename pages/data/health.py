"""Can the numbers be relied on: where do they come from, what was kept out, and do they tie out?"""

from __future__ import annotations

import streamlit as st

from briefing import soundness
from ui import fields, filters, fixes, heading, health, quality, second_looks, store, suspects
from ui.markdown import prose

book, view = store.book(), filters.current()
heading.draw(soundness.verdict(store.answers(), view), view)
st.caption(
    prose(
        f"{soundness.kept_out(book)} About the whole company: of the filters, only the day and the currency apply here."
    )
)
health.draw_tiles(book, view)
left, right = st.columns(2, gap="small")
with left:
    health.draw_source(book)
with right:
    health.draw_gl(book, view)
second_looks.draw(book, view)
health.draw_movement(view)
quality.draw_rules(book, view)
quality.draw_accepted(book, view)
quality.draw_quarantine(book, view)
quality.draw_row(book)
fields.draw(view)
suspects.draw(view)
fixes.draw(book, view)
health.draw_snapshots()
