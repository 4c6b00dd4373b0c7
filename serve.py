"""Start of the server: ``streamlit run serve.py``, or any ASGI server with ``serve:app``.

Until a first visitor has been through ``st.navigation``, Streamlit takes the folder ``pages/`` beside the script for
its older way of finding pages: that visitor's deep link then opens with a "Page not found" dialog. Streamlit remembers
the choice in one private attribute, and setting it beforehand is the whole remedy. ``tests/architecture/test_serve.py``
fails when a new Streamlit no longer has it, or no longer needs it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

PagesManager.uses_pages_directory = False

app = st.App(Path(__file__).with_name("app.py"))
