"""The sections of a pack: which, in which order, of how many rows, by what; all in the address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from config.packs import MOST_ROWS
from ledger.book import Book
from metrics import text
from ui import address, controls, pack
from ui.markdown import prose
from ui.pack import BY, ROWS, SECTIONS, Chosen

ROWED, GROUPED = ("segments", "exposures", "alerts"), ("why", "segments")
"""Sections with a table whose length can be chosen; sections that are told by a dimension."""

_ITS_OWN = ""


def draw(now: Chosen, book: Book, commented: Iterable[str]) -> None:
    """The list: those that are chosen in their order, below them the others."""
    with st.container(border=True, gap="xxsmall", key="pack_list"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown("**Sections**", width="content")
            if any(address.values(key) for key in (SECTIONS, ROWS, BY)):
                st.button(
                    "As defined",
                    key="pack_as_defined",
                    type="tertiary",
                    icon=":material/restart_alt:",
                    on_click=address.put,
                    args=(dict.fromkeys((SECTIONS, ROWS, BY)),),
                    help="The pack's own sections, in its own order",
                )
        written = set(commented)
        names = pack.in_order(now.own)
        for name in (*now.sections, *(name for name in names if name not in now.sections)):
            _draw_row(now, name, book, is_commented=name in written)


def _draw_row(now: Chosen, name: str, book: Book, *, is_commented: bool) -> None:
    is_on = name in now.sections
    label = text.name(pack.label(now.own, name))
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", wrap=False, key=f"pack_row_{name}"):
        key = f"pack_on_{name}"
        if st.session_state.get(key) != is_on:
            st.session_state[key] = is_on
        mark = " :gray[:material/edit_note:]" if is_commented and is_on else ""
        st.checkbox(f"{prose(label)}{mark}", key=key, on_change=_turn, args=(now, name), width="stretch")
        if not is_on:
            return
        if name in (*ROWED, *GROUPED):
            _draw_options(now, name, book, label)
        place, last = now.sections.index(name), len(now.sections) - 1
        for way, icon, step, able in (
            ("up", "arrow_upward", -1, place > 0),
            ("down", "arrow_downward", 1, place < last),
        ):
            st.button(
                f"Move {prose(label)} {way}",
                key=f"pack_{way}_{name}",
                icon=f":material/{icon}:",
                type="tertiary",
                disabled=not able,
                on_click=_move,
                args=(now, name, step),
            )


def _draw_options(now: Chosen, name: str, book: Book, label: str) -> None:
    section = next(each for each in now.pack.sections if each.section == name)
    is_other = name in pack.parts(ROWS) or name in pack.parts(BY)
    with st.popover(f"How {prose(label)} is told", icon=":material/tune:", type="tertiary", key=f"pack_options_{name}"):
        defined = next((each for each in now.own.sections if each.section == name), None)
        # Keyed by what they show: a widget in a popover that is closed takes its value only when it is new.
        if name in GROUPED and book.dimensions:
            offered = list(dict.fromkeys((_ITS_OWN, *book.dimensions, section.by)))
            key = f"pack_by_{name}_{section.by}"
            st.selectbox(
                "Grouped by",
                offered,
                index=offered.index(section.by),
                key=key,
                format_func=lambda by: text.name(book.dimensions.get(by, by)) if by else "As usual",
                on_change=_keep,
                args=(BY, name, key, defined.by if defined else _ITS_OWN),
            )
        if name in ROWED:
            key = f"pack_rows_{name}_{section.rows}"
            st.number_input(
                "Rows shown",
                1,
                MOST_ROWS,
                value=section.rows,
                key=key,
                placeholder="As usual",
                on_change=_keep,
                args=(ROWS, name, key, defined.rows if defined else None),
                help="On slides and on paper; the workbook has all of them.",
            )
        if is_other:
            st.button(
                "As defined",
                key=f"pack_options_reset_{name}",
                type="tertiary",
                on_click=address.put,
                args=({key: _others(key, name) for key in (ROWS, BY)},),
            )


# --- callbacks ----------------------------------------------------------------------------------------------------


def _turn(now: Chosen, name: str) -> None:
    """Put a section where it belongs in the usual order, or take it out."""
    if name in now.sections:
        _write(now, [each for each in now.sections if each != name])
        return
    usual = pack.in_order(now.own)
    before = set(usual[: usual.index(name)])
    place = max((at + 1 for at, each in enumerate(now.sections) if each in before), default=0)
    _write(now, [*now.sections[:place], name, *now.sections[place:]])


def _move(now: Chosen, name: str, step: int) -> None:
    order = list(now.sections)
    at = order.index(name)
    order[at], order[at + step] = order[at + step], order[at]
    _write(now, order)


def _write(now: Chosen, order: list[str]) -> None:
    usual = [each.section for each in now.own.sections]
    address.put({SECTIONS: None if order == usual else order or [controls.NONE]})
    address.settle()


def _keep(parameter: str, name: str, key: str, defined: str | int | None) -> None:
    """Write how one section is told; as the pack's definition has it, nothing is written."""
    said = st.session_state[key]
    own = [] if said in (defined, None, _ITS_OWN) else [f"{name}={said}"]
    address.put({parameter: [*_others(parameter, name), *own]})
    address.settle()


def _others(key: str, name: str) -> list[str]:
    told: Mapping[str, str] = pack.parts(key)
    return [f"{section}={said}" for section, said in told.items() if section != name]
