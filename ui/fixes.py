"""Corrections of master data: which are in force, what became of each, and how one is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from briefing.view import View
from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.fixes import Came
from metrics import text
from state.fixing import Signed
from ui import address, cards, reader, store
from ui.alerts import person
from ui.markdown import prose
from ui.quality import closable, row_picker

FIX = "health_fix"
WAITS = "waits for a refresh"
_TOLD = "_fix_told"
_CAME = {
    Came.APPLIED: "applied",
    Came.OVERTAKEN: "overtaken: the source says another thing by now",
    Came.NEEDLESS: "needless: the source says the same by now",
    Came.NOTHING: "nothing to correct: no row has it any more",
}


def draw(book: Book, view: View) -> None:
    """The list, and the fix that was chosen in it; nothing where nobody ever corrected anything."""
    tell()
    try:
        kept = store.state().fixes.all()
    except OutstandingError as error:
        st.warning(prose(f"Corrections cannot be read: {error}"), icon=":material/error:")
        return
    if not kept:
        return
    with st.container(border=True, gap="xsmall", key="card_fixes"):
        chosen = next((one for one in kept if one.fix.id == address.value(FIX)), None)
        closable(finding(book, kept), (FIX,) if chosen else ())
        st.caption(
            "Accepted here or by the command line, applied by each refresh, never to money or dates; the source is not "
            "touched"
        )
        if chosen:
            _draw_one(book, chosen)
        rows = _rows(book, kept)
        table = rows.drop("id")
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(table),
            key=f"health_fixes_{address.value(FIX)}",
            on_select=row_picker(f"health_fixes_{address.value(FIX)}", rows, lambda row: address.put({FIX: row["id"]})),
            selection_mode="single-cell",
            height=cards.table_height(table.height, 6, row=35),
            alt="Corrections",
        )
        cards.table(rows, "corrections", view, key="health_fixes_table")


def finding(book: Book, kept: Sequence[Signed]) -> str:
    """How many are in force, and how many of them wait for a refresh or came to nothing."""
    held = [one for one in kept if one.in_force]
    states = [_state(book, one) for one in held]
    waiting = states.count(WAITS) + len(_gone(book, kept))
    lost = sum(state not in (WAITS, _CAME[Came.APPLIED]) for state in states)
    told = [
        f"{text.count(len(held), 'correction')} in force" if held else "No correction in force",
        f"{text.count(waiting, 'change')} {'waits' if waiting == 1 else 'wait'} for the next refresh"
        if waiting
        else "",
        f"{lost} without effect" if lost else "",
    ]
    return ", ".join(part for part in told if part)


def tell() -> None:
    """What became of the last click."""
    if told := st.session_state.pop(_TOLD, None):
        st.success(prose(told), icon=":material/check_circle:")


def say(words: str) -> None:
    """Have ``tell`` say ``words`` in the next run."""
    st.session_state[_TOLD] = words


def _draw_one(book: Book, one: Signed) -> None:
    st.markdown(f"**{prose(text.capital(one.fix.words()))}** · {prose(_state(book, one))}")
    said = [f"Accepted by {person(one.by)}, {text.moment(one.at)} UTC", one.why]
    if one.withdrawn_at:
        said.append(f"Withdrawn by {person(one.withdrawn_by or '')}, {text.moment(one.withdrawn_at)} UTC")
    st.caption(prose(". ".join(part for part in said if part)))
    if one.in_force:
        st.button("Withdraw", icon=":material/undo:", key="fix_withdraw", on_click=_withdraw, args=(one.fix.id,))


def _withdraw(id: str) -> None:
    try:
        store.state().fixes.withdraw(id, reader.who(), datetime.now(UTC))
    except OutstandingError as error:
        say(str(error))
        return
    say("Withdrawn. From the next refresh on the source's own value counts.")


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


def _gone(book: Book, kept: Sequence[Signed]) -> list[Signed]:
    """Those that were withdrawn since the last refresh, which applied them."""
    applied = {fix.id for fix in book.rules.fixes}
    return [one for one in kept if not one.in_force and one.fix.id in applied]


def _state(book: Book, one: Signed) -> str:
    came = {each["id"]: each["came"] for each in book.about.get("fixes", ())}
    if one.in_force:
        return _CAME[Came(came[one.fix.id])] if one.fix.id in came else WAITS
    return f"withdrawn{', counts until the next refresh' if one.fix.id in came else ''}"
