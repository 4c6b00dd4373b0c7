"""Why did a number move: who made the change, and what did they do?"""

from __future__ import annotations

import streamlit as st

from ledger.errors import OutstandingError
from ui import breadcrumb, breakdown, cards, changes, contributions, filters, heading, performance, states, store
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
early = states.without_data(book, view)
if early:
    heading.draw(early, view)
    states.empty()
    st.stop()

head = st.container(gap="small")
offered = breakdown.options(book, view)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    metric, start, problems = changes.choose(view)
    by = breakdown.choose_among(offered, usual=("segment", "region"))
changes.tell(problems)
try:
    change = changes.Change.read(metric, start, by, view)
except OutstandingError as reason:
    with head:
        heading.draw(f"Why {metric.label} moved cannot be told", view)
        breadcrumb.bar(book, view, "changes")
    st.info(prose(str(reason)), icon=":material/event_busy:")
    st.stop()
with head:
    heading.draw(change.message(), view)
    breadcrumb.bar(book, view, "changes")
if change.is_nothing:
    states.empty()
    st.stop()

changes.draw_lines(changes.lines(change, [name for name in offered if name != by]))
key = f"{metric.id}_{by}_{len(view.filters)}"
if change.has_parts:
    left, right = st.columns(2, gap="small")
    part = contributions.chosen_part(change)
    groups = contributions.of_part(change, part, palette) if part else contributions.by_group(change, palette)
    with left:
        cards.chart(groups, view, key=f"groups_{key}_{part}", on_pick=performance.picker(by), stretch=True)
    with right:
        to_part = contributions.pick_part(part)
        parts = contributions.by_part(change, palette)
        cards.chart(parts, view, key=f"parts_{key}_{part}", on_pick=to_part, stretch=True)
        st.caption(contributions.meaning(change))
else:
    cards.chart(contributions.by_group(change, palette), view, key=f"groups_{key}", on_pick=performance.picker(by))
contributions.draw_table(change)
