"""Corrections of master data: which are in force, what became of each, and how one is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from briefing.view import View
from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.fixes import Came
from metrics import text
from state.fixing import Signed
from ui import address, cards, correcting, signing, store
from ui.alerts import person
from ui.markdown import prose
from ui.quality import closable, row_picker

FIX = "health_fix"
WAITS = "waits for a refresh"
_PLACE = "list"
_CAME = {
    Came.APPLIED: "applied",
    Came.OVERTAKEN: "overtaken: the source says another thing by now",
    Came.NEEDLESS: "needless: the source says the same by now",
    Came.NOTHING: "nothing to correct: no row has it any more",
}
_SHORT = {
    Came.APPLIED: "applied",
    Came.OVERTAKEN: "overtaken",
    Came.NEEDLESS: "needless",
    Came.NOTHING: "without anything to correct",
}


def draw(book: Book, view: View) -> None:
    """The list, the fix that was chosen in it, and a form for another."""
    signing.tell()
    try:
        kept = store.state().fixes.all()
    except OutstandingError as error:
        st.warning(prose(f"Corrections cannot be read: {error}"), icon=":material/error:")
        return
    with st.container(border=True, gap="xsmall", key="card_fixes"):
        chosen = next((one for one in kept if one.fix.id == address.value(FIX)), None)
        closable(finding(book, kept), (FIX,) if chosen else ())
        st.caption(
            "Of master data, accepted here or by the command line, applied by each refresh; the source is not touched, "
            "and money and dates are mended there"
        )
        if chosen:
            _draw_one(book, chosen)
        if kept:
            _draw_list(book, view, kept)
        correcting.draw(book)


def _draw_list(book: Book, view: View, kept: Sequence[Signed]) -> None:
    rows = _rows(book, kept)
    table = rows.drop("id")
    key = f"health_fixes_{address.value(FIX)}"
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config=cards.columns(table),
        key=key,
        on_select=row_picker(key, rows, lambda row: address.put({FIX: row["id"]})),
        selection_mode="single-cell",
        height=cards.table_height(table.height, 6, row=35),
        alt="Corrections",
    )
    st.caption("Click a row to see who signed it, and to withdraw it")
    cards.table(rows, "corrections", view, key="health_fixes_table")


def finding(book: Book, kept: Sequence[Signed]) -> str:
    """How many are in force and what became of them, and how many wait; those that were withdrawn are only listed."""
    states = [_state(book, one) for one in kept if one.in_force]
    waiting = states.count(WAITS)
    came = {short: states.count(_CAME[one]) for one, short in _SHORT.items()}
    force = sum(came.values())
    told = ", ".join(f"{count:,} {short}" for short, count in came.items() if count)
    first = f"{text.count(force, 'correction')} in force ({told})" if force else "No correction in force"
    return f"{first}, {waiting:,} waiting for the next refresh" if waiting else first


def _draw_one(book: Book, one: Signed) -> None:
    st.markdown(f"**{prose(text.capital(one.fix.words()))}** · {prose(_state(book, one))}")
    said = [f"Accepted by {person(one.by)}, {text.moment(one.at)} UTC", one.why]
    if one.withdrawn_at:
        said.append(f"Withdrawn by {person(one.withdrawn_by or '')}, {text.moment(one.withdrawn_at)} UTC")
    st.caption(prose(". ".join(part for part in said if part)))
    if one.in_force:
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            signing.field(_PLACE, width=320)
            st.button(
                "Withdraw", icon=":material/undo:", key="fix_withdraw", on_click=signing.withdraw,
                args=(one.fix.id, _PLACE),
            )  # fmt: skip


def _rows(book: Book, kept: Sequence[Signed]) -> pl.DataFrame:
    came: Mapping[str, Mapping[str, Any]] = {one["id"]: one for one in book.about.get("fixes", ())}
    return pl.DataFrame(
        [
            {
                "id": one.fix.id,
                "Correction": text.capital(one.fix.words()),
                "State": _state(book, one),
                "Rows": came.get(one.fix.id, {}).get("rows"),
                "Why": one.why,
                "By": person(one.by),
                "On": one.at.date(),
            }
            for one in kept
        ],
        schema_overrides={"Rows": pl.Int64},
    )


def _state(book: Book, one: Signed) -> str:
    came = {each["id"]: each["came"] for each in book.about.get("fixes", ())}
    if one.in_force:
        return _CAME[Came(came[one.fix.id])] if one.fix.id in came else WAITS
    return f"withdrawn{', counts until the next refresh' if one.fix.id in came else ''}"
