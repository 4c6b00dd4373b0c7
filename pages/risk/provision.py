"""How much of what is open will be lost, and what would better collection save?"""

from __future__ import annotations

import streamlit as st

from briefing import losses
from metrics import text
from ui import behind, breadcrumb, cards, filters, flows, heading, provision, rolls, states, store
from ui.markdown import prose

book, view, palette = store.book(), filters.current(), cards.theme()
plan, answers = provision.plan(), store.answers()
now, before = losses.reading(answers, view, view.day, plan), losses.base(answers, view, plan)
if now.open <= 0:
    heading.draw(states.without_data(book, view) or f"Nothing is open on {text.day(view.day)}", view)
    states.empty()
    st.stop()

moved = losses.movement(answers, view, plan)
heading.draw(losses.message(now, before, view), view)
breadcrumb.bar(book, view, "provision")
st.caption(losses.ESTIMATE)
doubts = losses.warnings(book, now, plan)
if doubts:
    st.warning("  \n".join(prose(words) for words in doubts), icon=":material/rule:")
provision.draw_tiles(now, before, moved, view)

left, right = st.columns([5, 3], gap="small")
with right, st.container(border=True, height="stretch", gap="small", key="card_what_if"):
    figure = st.container(gap="xxsmall")
    improvement = provision.choose_improvement()
    with st.popover("Adjust loss rates", icon=":material/tune:", type="tertiary", width="content"):
        st.caption("Forward-looking adjustment of each loss rate, %")
        tried = provision.choose_adjustments(plan)
    with figure:
        # What comes in sooner is told below the chart, and takes its room.
        drawn = provision.what_if(view, palette, tried, improvement, 155 if improvement else 215)
        cards.title(drawn, view, "what_if")
        cards.draw(drawn, f"what_if_{improvement:g}", provision.pick_improvement(improvement))
        sooner = provision.cash_effect(view, improvement)
        if sooner:
            st.caption(prose(f"{sooner}."))
changed = tried != plan or improvement > 0
with left, st.container(border=True, height="stretch", gap="xsmall", key="card_matrix"):
    then = losses.reading(answers, view, view.day, tried, improvement) if changed else None
    provision.draw_matrix(view, plan, now, then)

left, right = st.columns(2, gap="small")
with left:
    if losses.reaches(answers, view):
        bridge = provision.movement_figure(view, moved, palette)
        key = f"provision_movement_{view.day}"
        cards.chart(bridge, view, key=key, on_pick=provision.pick_line(view), stretch=True)
    else:
        with st.container(border=True, height="stretch"):
            st.markdown("**How the allowance moved is not known**")
            st.caption(
                prose(f"The history does not reach back to {text.day(view.span.opening)}: choose a shorter window.")
            )
chosen = behind.asked(book.rules.aging.buckets)
told = chosen.written if chosen else ""
with right:
    trend = rolls.trend(view, palette, 170)
    cards.chart(trend, view, key=f"forward_rolls_{view.day}_{told}", on_pick=rolls.pick_point(view), stretch=True)

with st.container(border=True, gap="xxsmall", key="card_rolls"):
    place = st.container(gap="xxsmall")
    method = rolls.choose_method()
    with place:
        rates = rolls.heat_map(view, palette, method, plan.months, chosen)
        cards.title(rates, view, "rolls")
        st.caption(prose(rolls.METHOD_TOLD[method]))
        cards.draw(rates, f"rolls_{method}_{told}", rolls.pick_cell(chosen))
behind.draw(view, chosen)

flows.draw(view, palette)
