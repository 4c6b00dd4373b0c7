"""What does every number mean, and whose definition is it?"""

from __future__ import annotations

import streamlit as st

from metrics import CATALOG, text
from ui import glossary
from ui.markdown import prose

st.title("What every number means", anchor=False)
st.caption(
    "Every number on every page comes from this catalogue. A ratio is recomputed from its summed parts for every group;"
    " it is never an average of averages. A ratio without a denominator is shown as n/a."
)
words = st.text_input(
    "Find a metric",
    key=glossary.FIND,
    bind="query-params",
    placeholder="Name, question or formula",
    icon=":material/search:",
)
found = glossary.found(CATALOG, words or "")
if not found:
    st.info(prose(f"Nothing in the catalogue mentions '{text.name(words)}'."))
for metric in found:
    glossary.draw(metric)
