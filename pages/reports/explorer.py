"""Any number by anything: which metrics, of whom, since when, against what?"""

from __future__ import annotations

import streamlit as st

from ledger.scope import CUSTOMER
from ui import breadcrumb, cards, explorer, explorer_figures, explorer_screen, filters, heading, states, store, views
from ui.explorer_answer import answer
from ui.explorer_question import Draw, problem, undrawable
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
views.arrive(explorer.PAGE)
head = st.container(gap="small")
with st.container(horizontal=True, gap="small", vertical_alignment="center", key="explorer_starts"):
    st.caption("Start from", width="content")
    explorer.draw_starts(book.dimensions)
    st.space("stretch")
    views.draw(explorer.PAGE)
views.tell()
question, misread = explorer.choose(book, view)
for words in misread:
    st.warning(prose(words), icon=":material/link_off:")

nothing = states.without_data(book, view)
wrong = problem(question) or explorer.too_many_across(question)
if nothing or wrong:
    with head:
        heading.draw(nothing or "This question has no answer yet", view)
    if nothing:
        states.empty()
    elif wrong:
        explorer.mend(wrong, "question")
    st.stop()

many = CUSTOMER in question.asked.rows
with st.spinner("Every customer is being evaluated" if many else "Every number is being evaluated", show_time=many):
    found = answer(question.asked)
setting = view.over(palette)
with head:
    heading.draw(explorer_figures.message(question.asked, setting), view)
    breadcrumb.draw(breadcrumb.steps(book, view), "explorer")

trouble = undrawable(question)
if trouble:
    explorer.mend(trouble, "drawing")
elif question.draw is not Draw.TABLE:
    explorer_screen.draw_charts(found, question, setting)
explorer_screen.draw_table(found, question, setting)
