"""How much of what is open will be lost, and what would better collection save?"""

from __future__ import annotations

import streamlit as st

from metrics import text
from ui import breadcrumb, cards, filters, heading, provision, rolls, states, store
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
plan = provision.plan()
now, before = provision.reading(view, view.day, plan), provision.opening(view, plan)
if now.open <= 0:
    heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()

moved = provision.movement(view, plan)
heading.draw(provision.message(now, before, view), view)
breadcrumb.draw(breadcrumb.steps(book, view), "provision")
st.caption(provision.ESTIMATE)
doubts = provision.warnings(now, plan)
if doubts:
    st.warning("  \n".join(prose(words) for words in doubts), icon=":material/rule:")
provision.draw_tiles(now, before, moved, view)

left, right = st.columns([5, 3], gap="small")
with right, st.container(border=True, height="stretch", gap="small", key="card_what_if"):
    improvement = provision.choose_improvement()
    figure = st.container(gap="xxsmall")
    tried = provision.choose_adjustments(plan)
    with figure:
        drawn = provision.what_if(view, palette, tried, improvement, 110)
        cards.title(drawn, view, "what_if")
        st.vega_lite_chart(spec=drawn.spec, theme=None, alt=drawn.alt, width="stretch", key="chart_what_if")
        sooner = provision.cash_effect(view, improvement)
        if sooner:
            st.caption(prose(f"{sooner}."))
changed = tried != plan or improvement > 0
with left, st.container(border=True, height="stretch", gap="xsmall", key="card_matrix"):
    then = provision.reading(view, view.day, tried, improvement) if changed else None
    provision.draw_matrix(view, now, then)

left, right = st.columns(2, gap="small")
with left:
    if before is None:
        with st.container(border=True, height="stretch"):
            st.markdown("**How the allowance moved is not known**")
            st.caption(
                prose(f"The history does not reach back to {text.day(view.span.opening)}: choose a shorter window.")
            )
    else:
        cards.chart(provision.movement_figure(view, moved, palette), view, key="provision_movement", stretch=True)
with right:
    cards.chart(rolls.trend(view, palette, 170), view, key="forward_rolls", stretch=True)

with st.container(border=True, gap="xxsmall", key="card_rolls"):
    place = st.container(gap="xxsmall")
    method = rolls.choose_method()
    with place:
        rates = rolls.heat_map(view, palette, method, plan.months)
        cards.title(rates, view, "rolls")
        st.caption(prose(rolls.METHOD_TOLD[method]))
        st.vega_lite_chart(spec=rates.spec, theme=None, alt=rates.alt, width="stretch", key=f"chart_rolls_{method}")
