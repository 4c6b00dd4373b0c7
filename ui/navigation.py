"""The list of pages. Its links carry day, window, comparison and filters, which Streamlit's own would leave behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui import address


def draw(sections: Mapping[str, Sequence[StreamlitPage]]) -> None:
    """The pages by section, in the sidebar."""
    parameters = address.link()
    with st.sidebar, st.container(gap=None, key="pages"):
        for section, pages in sections.items():
            st.caption(section)
            for page in pages:
                st.page_link(page, query_params=parameters)
