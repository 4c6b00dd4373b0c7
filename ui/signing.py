"""Signing what people correct: who does it, keeping it, and what became of the click."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import streamlit as st

from config.advice import command
from ledger.corrections import check_in, renewed
from ledger.errors import OutstandingError
from ledger.fixes import Fix
from metrics import text
from state.fixing import AlreadyInForceError
from ui import reader, store
from ui.alerts import person
from ui.markdown import prose

SAID = " (not logged in)"
"""Beside a name that somebody only says: nothing proves it."""

_TOLD = "_fix_told"
_ROUND = "_fix_round"
_NAME = "_fix_name"
_LONGEST = 80
_UNSIGNED = "Write your name first: whoever reads this later wants to know whom to ask."


def field(place: str, width: int | Literal["stretch"] = "stretch") -> None:
    """Asks for a name where nobody is logged in: a browser's mark names nobody. ``place`` tells fields apart."""
    if reader.logged_in():
        return
    key = _key(place)
    st.session_state[key] = st.session_state.get(_NAME, "")
    st.text_input(
        "Your name",
        key=key,
        max_chars=_LONGEST,
        placeholder="You are not logged in",
        on_change=_remember,
        args=(place,),
        width=width,
    )


def signer(place: str) -> str:
    """The name to sign with, remembered until the browser is closed; empty where nobody said any."""
    if name := reader.logged_in():
        return name
    # The field itself first: a click may be told before what was typed just before it.
    told = text.name(st.session_state.get(_key(place), st.session_state.get(_NAME, "")), "").removesuffix(SAID)
    st.session_state[_NAME] = told
    return f"{told}{SAID}" if told else ""


def _remember(place: str) -> None:
    signer(place)


def accept(fix: Fix, why: str, place: str) -> None:
    """Keep a correction, and have ``tell`` say so."""
    by = signer(place)
    if not by:
        refuse(_UNSIGNED)
        return
    try:
        book, fixes = store.book(), store.state().fixes
        check_in(book, fix)
        fix = renewed(book, fix, fixes.in_force())
        kept = fixes.accept(fix, book.dimensions, why, by, datetime.now(UTC))
    except AlreadyInForceError as error:
        told = error.signed
        since = f"{person(told.by)} since {text.moment(told.at)} UTC"
        say(f"{text.capital(told.fix.words())}: this is in force already, by {since}.")
    except OutstandingError as error:
        refuse(str(error))
        return
    else:
        say(f"{text.capital(kept.words())}. It counts from the next refresh on: {command('refresh')}.")
    _empty_forms()


def pass_by(check: str, mark: str, why: str, place: str) -> None:
    """Remember that a suspect is right as it is."""
    by = signer(place)
    if not by:
        refuse(_UNSIGNED)
        return
    try:
        store.state().fixes.pass_by(check, mark, why, by, datetime.now(UTC))
    except OutstandingError as error:
        refuse(str(error))
        return
    say("Remembered as right. It is not shown again while its facts stay the same.")
    _empty_forms()


def withdraw(id: str, place: str) -> None:
    """Take a correction back."""
    by = signer(place)
    if not by:
        refuse(_UNSIGNED)
        return
    try:
        store.state().fixes.withdraw(id, by, datetime.now(UTC))
    except OutstandingError as error:
        refuse(str(error))
        return
    say(f"Withdrawn. From the next refresh on the source's own value counts: {command('refresh')}.")


def say(words: str) -> None:
    """Have ``tell`` say ``words`` in the next run."""
    st.session_state[_TOLD] = words, True


def refuse(words: str) -> None:
    """Have ``tell`` say in the next run why nothing was done."""
    st.session_state[_TOLD] = words, False


def tell() -> None:
    """What became of the last click."""
    words, done = st.session_state.pop(_TOLD, ("", True))
    if words and done:
        st.success(prose(words), icon=":material/check_circle:")
    elif words:
        st.warning(prose(words), icon=":material/error:")


def form() -> str:
    """A part of the keys of a form's fields: after each click that did what it should another one, for empty fields."""
    return str(st.session_state.get(_ROUND, 0))


def _empty_forms() -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def _key(place: str) -> str:
    return f"signer_{place}"
