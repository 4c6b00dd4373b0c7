"""Connect a ledger: choose a source, test it, say what its columns are, and see its first rows before it is saved."""

from __future__ import annotations

import streamlit as st

from ui import administrators
from ui.connecting import steps

st.title("Connect a ledger", anchor=False)
if administrators.is_one():
    st.caption(
        "The source is only ever read. Nothing here changes what is shown until a refresh reads it. Secrets stay in "
        "the environment of the server: no file, page or message shows them."
    )
    steps.draw()
else:
    administrators.refuse()
