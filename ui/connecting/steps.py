"""The steps, one after the other; each can be come back to."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import address, controls
from ui.connecting import columns, look, save, source, tables
from ui.connecting.writing import Writing, current, tried
from ui.markdown import prose

STEP = "connect_step"
_STEPS: dict[str, Callable[[Writing], None]] = {
    "Source": source.draw,
    "Tables": tables.draw,
    "Columns": columns.draw,
    "Look": look.draw,
    "Save": save.draw,
}
_OWN = ("Tables", "Columns")


def draw() -> None:
    """The step that the address names, and the way to the next."""
    writing = current()
    steps = [step for step in _STEPS if not (writing.is_mapped and step in _OWN)]
    if address.value(STEP, steps[0]) not in steps:
        address.put({STEP: None})
        address.settle()
    # The way on stands above, so that a long step does not leave the reader at the foot of the next.
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small", key="connect_steps"):
        step = controls.segmented("Step", steps, key=STEP, default=steps[0], width="content")
        onward = st.container(horizontal=True, gap="small", key="connect_onward", width="content")
    _STEPS[step](writing)
    # Drawn last: whether one may go on depends on what was just said.
    _onward(writing, onward, steps, step)


def _lacking(writing: Writing, step: str) -> str:
    """What keeps the reader from the next step; empty where nothing does."""
    if step == "Source":
        return source.lacking(writing)
    told = tried(lambda: columns.missing(writing)) if step == "Columns" else []
    return told if isinstance(told, str) else " ".join(told)


def _onward(writing: Writing, place: DeltaGenerator, steps: list[str], step: str) -> None:
    at = steps.index(step)
    with place:
        if at:
            st.button(
                "Back", icon=":material/arrow_back:", key="connect_back", on_click=_go, args=(steps[at - 1], steps)
            )
        if at < len(steps) - 1:
            lacking = _lacking(writing, step)
            st.button(
                f"Next: {steps[at + 1]}",
                icon=":material/arrow_forward:",
                type="secondary" if step == "Source" else "primary",
                key="connect_next",
                on_click=_go,
                args=(steps[at + 1], steps),
                disabled=bool(lacking),
                help=prose(lacking) or None,
            )


def _go(step: str, steps: list[str]) -> None:
    address.put({STEP: None if step == steps[0] else step})
