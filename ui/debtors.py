"""The largest debtors: names that lead to the customer, beside bars split by age."""

from __future__ import annotations

import unicodedata

import streamlit as st

from briefing.summary import Summary
from charts import Palette
from metrics import text
from ui import address, cards, drill, store
from ui.lead import Lead
from ui.markdown import plain

MOST = 8

_WIDTH = 30
"""Letters that fit beside the bars; East Asian ones take the room of two."""


def draw(summary: Summary, palette: Palette) -> None:
    """The card."""
    figure, order, others = store.kept("debtors", lambda: summary.debtors(palette, MOST), summary.view, palette)
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_debtors"):
        cards.title(figure, summary.view, "debtors", Lead(drill.CUSTOMERS))
        names, bars = st.columns([9, 11], gap="small")
        with names, st.container(gap=None, key="debtors"):
            for customer_id, label in order:
                st.page_link(
                    drill.CUSTOMERS,
                    label=plain(shortened(text.name(label))),
                    icon="",
                    help=f"Open {plain(label)}",
                    query_params=address.link({drill.CUSTOMER: drill.customer_key(customer_id)}),
                )
            if others:
                st.page_link(drill.CUSTOMERS, label=text.count(others, "other"), icon="", query_params=address.link())
        with bars:
            cards.draw(figure, "debtors")


def shortened(name: str) -> str:
    """A name that fits beside the bars, ending with an ellipsis when it had to be cut."""
    taken, kept = 0, ""
    for letter in name:
        taken += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if taken > _WIDTH:
            return f"{kept[:-1].rstrip()}…"
        kept += letter
    return name
