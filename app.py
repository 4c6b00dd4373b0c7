"""The frame: page settings, navigation, shared filters. Every page and every deep link goes through here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ledger.errors import OutstandingError
from ui import address, filters, navigation, printing, states, store

ASSETS = Path(__file__).parent / "ui" / "assets"

st.set_page_config(
    page_title="Outstanding", page_icon=str(ASSETS / "icon.svg"), layout="wide", initial_sidebar_state=240
)

st.html(ASSETS / "frame.css")
st.html(ASSETS / "print.css")
if st.context.theme.type == "dark":
    st.html(ASSETS / "print_dark.css")
    st.html(ASSETS / "frame_dark.css")

page = st.navigation(navigation.registered(), position="hidden")
address.settle(page.url_path)
st.logo(str(ASSETS / f"logo_{'dark' if st.context.theme.type == 'dark' else 'light'}.svg"), size="large")

listed = navigation.draw()

try:
    with st.skeleton(height=560):
        store.begin()
    navigation.draw_badge(listed)
    navigation.draw_kept(page)
    if store.is_ready() or page.title not in navigation.WITHOUT_BOOKS:
        if page.title not in navigation.WITHOUT_FILTERS:
            printing.draw_foot(filters.draw(store.book()))
        states.freshness(store.status())
        states.agreement(store.book(), store.settings())
    with st.spinner("Reading the books"):
        page.run()
except OutstandingError as error:
    states.trouble(error)
except Exception as error:  # noqa: BLE001  (whatever it is, the reader gets a sentence and the log gets the rest)
    states.unexpected(error)
