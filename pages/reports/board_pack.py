"""What goes to the board: which sections, with which words, and what does it look like before it leaves?"""

from __future__ import annotations

import streamlit as st

from metrics import text
from ui import (
    address,
    filters,
    heading,
    pack,
    pack_commentary,
    pack_files,
    pack_pages,
    pack_sections,
    states,
    store,
    summaries,
    views,
)
from ui.markdown import prose

book, view = store.book(), filters.current()
views.arrive(pack.PAGE)
now, misread = pack.chosen(book, view)
for words in misread:
    st.warning(prose(words), icon=":material/link_off:")

nothing = states.without_data(book, view)
if nothing or summaries.read(now.view).is_empty:
    heading.draw(nothing or f"Nothing is open on {text.day(view.day)}, so there is nothing to report", view)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        pack.draw_choice(now)
    states.empty()
    st.stop()

written = pack_commentary.read(now)
commented = written.words(now)
made = pack_files.making(now, commented)
heading.draw(pack.message(now, len(commented)), now.view)
with st.container(horizontal=True, gap="small", vertical_alignment="center", key="pack_head"):
    pack.draw_choice(now)
    st.space("stretch")
    views.draw(pack.PAGE)
    if now.sections:
        pack_files.draw(now, made)
views.tell()
pack_files.tell(now)

left, right = st.columns([5, 8], gap="medium")
with left:
    pack_sections.draw(now, book, commented)
    if now.sections:
        pack_commentary.draw(now, written)
with right:
    if now.sections:
        pack_pages.draw(made, address.here())
    else:
        st.info("Choose a section: what is chosen is shown here as it will be printed.", icon=":material/checklist:")
if now.sections:
    pack_pages.enlarge(made)
