"""The largest debtors: names that lead to the customer, beside bars split by age."""

from __future__ import annotations

import streamlit as st

from charts import Palette
from ui import cards, drill
from ui.markdown import plain
from ui.summary import Summary

MOST = 6


def draw(summary: Summary, palette: Palette) -> None:
    """The card."""
    figure, order = summary.debtors(palette, MOST)
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_debtors"):
        cards.title(figure, summary.view, "debtors")
        names, bars = st.columns([2, 3], gap="small")
        with names, st.container(gap="xsmall"):
            for customer_id, label in order:
                st.page_link(
                    "pages/receivables/customers.py",
                    label=plain(label),
                    icon="",
                    help=f"Open {plain(label)}",
                    query_params={drill.CUSTOMER: drill.customer_key(customer_id)},
                )
        with bars:
            st.vega_lite_chart(spec=figure.spec, theme=None, alt=figure.alt, width="stretch", key="chart_debtors")
