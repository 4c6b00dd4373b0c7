"""What only paper needs: the line at the foot of every sheet. ``assets/print.css`` has the rest."""

from __future__ import annotations

import streamlit as st

from briefing.view import View
from metrics import text
from ui import cards

_PRINTED = "_printed"
_PRINT = "<script>/* {count} */ setTimeout(() => window.print(), 300)</script>"
"""Opens the browser's own dialog, once everything of this run is drawn. Counted, so that each click is a new script."""

_MOST = 210
"""Letters of the foot: two lines of an upright sheet."""


def button() -> None:
    """Opens the browser's print dialog for the page as it is."""
    about = "Print this page, or save it as a PDF"
    if st.button("Print", key="print", icon=":material/print:", type="tertiary", help=about):
        count = st.session_state.get(_PRINTED, 0) + 1
        st.session_state[_PRINTED] = count
        st.html(_PRINT.format(count=count), unsafe_allow_javascript=True)


def draw_foot(view: View) -> None:
    """Whose numbers, as of when, over which window, of which part, from which snapshot: on every sheet.

    Only the margin of a sheet repeats without lying over what is on it, and only a style can write there. The words
    reach it as numbers of letters, so that nothing in a name can end the text and become style or markup.
    """
    facts = " · ".join([cards.footnote(view), text.window(view.window, view.day), view.currency])
    shown = facts if len(facts) <= _MOST else f"{facts[: _MOST - 1].rstrip()}…"
    st.html(f"<style>@page {{ @bottom-left {{ content: {css_text(shown)}; }} }}</style>")


def css_text(words: str) -> str:
    """``words`` as a CSS string in which every letter is written by its number."""
    return '"' + "".join(f"\\{ord(letter):x} " for letter in words) + '"'
