"""Fields that write into what is being written: Streamlit forgets a field that a step does not show."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

import streamlit as st


def text(label: str, held: MutableMapping[str, str], name: str, *, key: str, **words: Any) -> str:
    """A line of text, kept as ``held[name]``; nothing is kept of an empty one."""
    st.session_state.setdefault(key, held.get(name, ""))
    said = str(st.text_input(label, key=key, **words) or "")
    _keep(held, name, said)
    return said


def area(label: str, held: str, *, key: str, **words: Any) -> str:
    """Several lines of text."""
    st.session_state.setdefault(key, held)
    return str(st.text_area(label, key=key, **words) or "")


def choice(
    label: str, options: Sequence[str], held: MutableMapping[str, str], name: str, *, key: str, **words: Any
) -> str:
    """One of ``options``; the first stands for nothing chosen."""
    st.session_state.setdefault(key, held.get(name) if held.get(name) in options else options[0])
    said = str(st.selectbox(label, options, key=key, **words))
    _keep(held, name, "" if said == options[0] else said)
    return said


def _keep(held: MutableMapping[str, str], name: str, said: str) -> None:
    if said:
        held[name] = said
    else:
        held.pop(name, None)
