"""Mending what looks wrong: a suggestion that a person changes, accepts or passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import streamlit as st

from ledger.book import Book
from ledger.corrections import check_in, value_of, values
from ledger.dimension_values import doubtful_values
from ledger.errors import OutstandingError
from ledger.fixes import FIXABLE, Fix
from ledger.suspects import marked
from metrics import text
from ui import fixes, reader, store

_MOST = 200
_OWN = ("credit_limit", "email")
"""Fields whose values others do not share."""
_NEXT = "It counts from the next refresh on: python cli.py refresh."


def draw(check: str, rows: pl.DataFrame) -> None:
    """A choice of one of the first ``rows`` of a check, and what can be done about it."""
    told = list(rows.head(_MOST).iter_rows(named=True))
    if not told:
        return
    chosen = st.selectbox(
        "Mend one of these, or say that it is right",
        range(len(told)),
        index=None,
        format_func=lambda at: f"{told[at]['customer'] or told[at]['customer_id']}: {told[at]['why']}",
        placeholder="Choose a row",
        key=f"mend_{check}_{rows.height}",
    )
    if chosen is None:
        return
    row, book = told[chosen], store.book()
    with st.container(border=True, gap="small", key="card_mend"):
        fix = _suggested(check, row, book)
        why = st.text_input(
            "Why", key=f"mend_why_{check}_{chosen}", placeholder="A few words for whoever reads this later"
        )
        with st.container(horizontal=True, gap="small"):
            if fix is not None:
                st.button(
                    "Accept",
                    type="primary",
                    icon=":material/check:",
                    key="mend_accept",
                    disabled=not fix.value,
                    on_click=_accept,
                    args=(fix, why),
                )
            st.button("It is right as it is", key="mend_pass", on_click=_pass, args=(check, row, why))


def _suggested(check: str, row: Mapping[str, Any], book: Book) -> Fix | None:
    """The fix that the fields say; ``None`` where master data is not what is odd."""
    match check:
        case "gap":
            return _filled(row, book)
        case "same_name":
            return _parent(row, book)
        case "odd_value":
            return _read_as(row, book)
        case _:
            st.caption("Amounts and dates are mended in the source. If this is right, say so: it is not shown again.")
            return None


def _filled(row: Mapping[str, Any], book: Book) -> Fix | None:
    key = str(row["customer_id"])
    empty = [name for name in FIXABLE if name not in ("name", "parent_id") and value_of(book, key, name) is None]
    wanted = [name for name in empty if name.replace("_", " ") in str(row["why"])]
    left, right = st.columns(2, gap="small")
    options = [*wanted, *(name for name in empty if name not in wanted)]
    column = left.selectbox("Field", options, format_func=_label, key=f"mend_column_{key}")
    if column is None:
        return None
    name = f"mend_value_{key}_{column}"
    if column in _OWN:
        return Fix("", "value", column, key, None, right.text_input("Is to be", key=name) or "")
    value = right.selectbox(
        "Is to be",
        values(book, column),
        index=None,
        accept_new_options=True,
        placeholder="Choose, or write a new one",
        key=name,
    )
    return Fix("", "value", column, key, None, value or "")


def _parent(row: Mapping[str, Any], book: Book) -> Fix:
    """Both stay customers: one becomes part of the other, so that no document changes its owner."""
    pair = str(row["customer_id"]), str(row["other_id"])
    names = {key: value_of(book, key, "label") or key for key in pair}
    child = st.radio(
        "One customer, written twice? Then one becomes part of the other, and both count as one group.",
        pair,
        format_func=lambda key: f"{names[key]} ({key}) is part of {names[_other(pair, key)]} ({_other(pair, key)})",
        key=f"mend_parent_{'_'.join(pair)}",
    )
    child = str(child)
    return Fix("", "value", "parent_id", child, value_of(book, child, "parent_id"), _other(pair, child))


def _other(pair: tuple[str, str], key: str) -> str:
    return pair[1] if key == pair[0] else pair[0]


def _read_as(row: Mapping[str, Any], book: Book) -> Fix | None:
    doubtful = book.once(doubtful_values)
    told = [
        one for one in doubtful.iter_rows(named=True) if str(row["why"]).startswith(f"{one['label']} '{one['value']}':")
    ]
    if not told:
        return None
    one = told[0]
    options = [name for name in store.values(one["dimension"]) if name is not None and name != one["value"]]
    value = st.selectbox(
        f"{one['label']} '{one['value']}' is to be read as",
        options,
        index=options.index(one["looks_like"]) if one["looks_like"] in options else None,
        accept_new_options=True,
        key=f"mend_reading_{one['dimension']}_{one['value']}",
    )
    return Fix("", "reading", one["dimension"], "", one["value"], value or "")


def _label(column: str) -> str:
    return text.capital(column.replace("_", " "))


def _accept(fix: Fix, why: str) -> None:
    try:
        check_in(store.book(), fix)
        kept = store.state().fixes.accept(fix, store.book().dimensions, why, reader.who(), datetime.now(UTC))
    except OutstandingError as error:
        fixes.say(str(error))
        return
    fixes.say(f"{text.capital(kept.words())}. {_NEXT}")


def _pass(check: str, row: Mapping[str, Any], why: str) -> None:
    mark = marked(pl.DataFrame([row], infer_schema_length=None))["mark"][0]
    try:
        store.state().fixes.pass_by(check, mark, why, reader.who(), datetime.now(UTC))
    except OutstandingError as error:
        fixes.say(str(error))
        return
    fixes.say("Remembered as right. It is not shown again while its facts stay the same.")


def without_passed(found: pl.DataFrame) -> pl.DataFrame:
    """``found`` without what somebody said is right; all of it where that cannot be read."""
    try:
        passed = store.state().fixes.passed()
    except OutstandingError:
        return found
    return found if not passed else found.filter(~marked(found)["mark"].is_in(list(passed)))
