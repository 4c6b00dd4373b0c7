"""Widgets that live in the address: each shows what its parameter says, and writes it when the reader chooses.

What is as usual is not written. A value that an address asks for and a widget does not offer is said, and the usual one
is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ledger.errors import did_you_mean
from metrics import text as words_of
from ui import address
from ui.markdown import prose


def segmented(label: str, options: Sequence[str], *, key: str, default: str, **words: Any) -> str:
    """A choice of one, side by side; one is always chosen."""
    _show(key, _asked(label, options, key, default))
    chosen = st.segmented_control(
        label, options, required=True, key=key, on_change=_keep, args=(key, default), **_quiet(words)
    )
    return str(chosen)


def select(label: str, options: Sequence[str], *, key: str, default: str, typed: bool = False, **words: Any) -> str:
    """A choice of one from a list; with ``typed`` also anything that the reader types or links to."""
    asked = address.value(key, default) if typed else _asked(label, options, key, default)
    offered = list(options) if asked in options else [*options, asked]
    _show(key, asked)
    return str(
        st.selectbox(label, offered, key=key, on_change=_keep, args=(key, default), accept_new_options=typed, **words)
        or default
    )


def several(
    label: str, options: Sequence[str], *, key: str, default: Sequence[str] = (), **words: Any
) -> tuple[str, ...]:
    """Any number from a list. None stands for all; where something is usual, none chosen is written as ``-``."""
    asked = address.values(key) or tuple(default)
    _show(key, [each for each in dict.fromkeys(asked) if each in options])
    return tuple(st.multiselect(label, options, key=key, on_change=_keep, args=(key, tuple(default)), **words))


def pills(
    label: str, options: Sequence[str], *, key: str, default: Sequence[str] = (), **words: Any
) -> tuple[str, ...]:
    """Any number side by side. None chosen is written as ``-`` where something is usual."""
    asked = address.values(key) or tuple(default)
    _show(key, [each for each in dict.fromkeys(asked) if each in options])
    chosen = st.pills(
        label, options, selection_mode="multi", key=key, on_change=_keep, args=(key, tuple(default)), **_quiet(words)
    )
    return tuple(chosen)


def text(label: str, *, key: str, **words: Any) -> str:
    """A line of free text."""
    _show(key, address.value(key))
    return str(st.text_input(label, key=key, on_change=_keep, args=(key, ""), **words) or "")


def number(label: str, *, key: str, default: int, least: int, most: int, **words: Any) -> int:
    """A whole number between ``least`` and ``most``."""
    _show(key, min(max(_whole(address.value(key), default), least), most))
    return int(st.number_input(label, least, most, key=key, on_change=_keep, args=(key, str(default)), step=1, **words))


def slider(label: str, *, key: str, default: int, least: int, most: int, **words: Any) -> int:
    """A whole number between ``least`` and ``most``, on a slider."""
    _show(key, min(max(_whole(address.value(key), default), least), most))
    return int(st.slider(label, least, most, key=key, on_change=_keep, args=(key, str(default)), **words))


def part(
    label: str, *, key: str, part: str, default: float, least: float, most: float, step: float, **words: Any
) -> float:
    """One number of several that a parameter holds as ``part=number``."""
    told = [each.rpartition("=")[2] for each in address.values(key) if each.rpartition("=")[0] == part]
    try:
        asked = float(told[0]) if told else default
    except ValueError:
        asked = default
    name = f"{key}_{part}"
    _show(name, min(max(asked, least), most))

    def keep() -> None:
        chosen = st.session_state[name]
        others = [each for each in address.values(key) if each.rpartition("=")[0] != part]
        own = [] if chosen is None or chosen == default else [f"{part}={chosen:g}"]
        address.put({key: [*others, *own]})

    given = st.number_input(label, least, most, step=step, format="%g", key=name, on_change=keep, **words)
    return default if given is None else float(given)


def toggle(label: str, *, key: str, default: bool = False, **words: Any) -> bool:
    """On or off."""
    usual = "yes" if default else "no"
    _show(key, address.one_of(key, ("yes", "no"), usual) == "yes")
    return bool(st.toggle(label, key=key, on_change=_keep, args=(key, usual), **words))


NONE = "-"
"""Nothing chosen where something is usual."""


def _whole(asked: str, default: int) -> int:
    """The whole number that an address writes; it may write anything, ``--5`` or ten thousand digits too."""
    try:
        return int(asked)
    except ValueError:
        return default


def _asked(label: str, options: Sequence[str], key: str, default: str) -> str:
    asked = address.value(key, default)
    near = next((option for option in options if option.casefold() == asked.casefold()), None)
    if near is not None:
        return near
    hint = did_you_mean(asked, options)
    told = f"{label} cannot be '{words_of.name(asked)}'; {hint} Shown is {default}."
    st.warning(prose(told), icon=":material/link_off:")
    return default


def _show(key: str, shown: Any) -> None:
    """Give a widget its value; the same one again would take from a reader what he is typing."""
    if key not in st.session_state or st.session_state[key] != shown:
        st.session_state[key] = shown


def _keep(key: str, usual: Any) -> None:
    """Write what a widget now says."""
    chosen = st.session_state[key]
    match chosen:
        case bool():
            told: Any = "yes" if chosen else "no"
        case None | str() | int() | float():
            told = "" if chosen is None else str(chosen)
        case _:
            told = tuple(chosen) or ((NONE,) if usual else ())
    address.put({key: None if told == usual else told})
    address.settle()


def _quiet(words: dict[str, Any]) -> dict[str, Any]:
    return {"label_visibility": "collapsed", **words}
