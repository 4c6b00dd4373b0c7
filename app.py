"""The frame: page settings, navigation, shared filters. Every page and every deep link goes through here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ledger.errors import OutstandingError
from ui import address, filters, navigation, states, store

ASSETS = Path(__file__).parent / "ui" / "assets"

st.set_page_config(
    page_title="Outstanding", page_icon=str(ASSETS / "icon.svg"), layout="wide", initial_sidebar_state=240
)

st.html(ASSETS / "frame.css")

SECTIONS = {
    "Summary": [
        st.Page("pages/summary/overview.py", title="Overview", icon=":material/space_dashboard:", default=True),
        st.Page("pages/summary/changes.py", title="Why it moved", icon=":material/waterfall_chart:"),
    ],
    "Receivables": [
        st.Page("pages/receivables/aging.py", title="Aging", icon=":material/stacked_bar_chart:"),
        st.Page("pages/receivables/segments.py", title="Segments", icon=":material/grid_on:"),
        st.Page("pages/receivables/cohorts.py", title="Cohorts", icon=":material/event_repeat:"),
        st.Page("pages/receivables/customers.py", title="Customers", icon=":material/groups:"),
    ],
    "Collections and risk": [
        st.Page("pages/collections/effectiveness.py", title="Effectiveness", icon=":material/speed:"),
        st.Page("pages/risk/provision.py", title="Provision", icon=":material/shield:"),
        st.Page("pages/risk/concentration.py", title="Concentration", icon=":material/donut_small:"),
    ],
    "Data and help": [
        st.Page("pages/data/health.py", title="Health", icon=":material/fact_check:"),
        st.Page("pages/help/glossary.py", title="Glossary", icon=":material/menu_book:"),
    ],
}

page = st.navigation(SECTIONS, position="hidden")
address.settle(page.url_path)
st.logo(str(ASSETS / f"logo_{'dark' if st.context.theme.type == 'dark' else 'light'}.svg"), size="large")

navigation.draw(SECTIONS)

try:
    with st.skeleton(height=560):
        store.begin()
    if store.is_ready() or page.title != "Glossary":
        filters.draw(store.book())
        states.freshness(store.status())
        states.agreement(store.book(), store.settings())
    page.run()
except OutstandingError as error:
    states.trouble(error)
except Exception as error:  # noqa: BLE001  (whatever it is, the reader gets a sentence and the log gets the rest)
    states.unexpected(error)
