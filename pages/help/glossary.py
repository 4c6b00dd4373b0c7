"""What does every number mean, and whose definition is it?"""

from __future__ import annotations

import streamlit as st

from metrics import CATALOG, text
from ui import controls, glossary, store
from ui.markdown import prose

st.title("What every number means", anchor=False)
st.caption(
    "Every metric of every page is declared here, once; provision, rolls and cohorts explain themselves on theirs. A"
    " ratio is recomputed from its summed parts for every group; it is never an average of averages. A ratio without a"
    " denominator is shown as n/a."
)
st.caption(
    "A state is a value against the company's target on the as-of day, for the part of the company shown. **Good**: the"
    " target is reached, a value equal to it included. **Act**: the value is worse than the figure that needs"
    " attention. **Watch**: between the two, a value equal to the second included. A benchmark is what others report:"
    " it is drawn dotted where a target is a solid line, and gives no state."
)
words = controls.text(
    "Find a metric", key=glossary.FIND, placeholder="Name, question or formula", icon=":material/search:"
)
found = glossary.found(CATALOG, words)
if not found:
    st.info(prose(f"Nothing in the catalogue mentions '{text.name(words)}'."))
values = glossary.values() if store.is_ready() else {}
for metric in found:
    glossary.draw(metric, values.get(metric.id))
