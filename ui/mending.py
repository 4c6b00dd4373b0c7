"""Mending what looks wrong: a suggestion that a person changes, accepts or passes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

from ledger.book import Book
from ledger.corrections import of_customers, readable, value_of
from ledger.dimension_values import doubtful_values
from ledger.errors import OutstandingError
from ledger.fixes import Fix
from ledger.suspects import marked
from ui import correcting, signing, store
from ui.markdown import prose

_MOST = 200
_PLACE = "mend"


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
        key=f"mend_{check}_{rows.height}_{signing.form()}",
    )
    if chosen is None:
        return
    row, book = told[chosen], store.book()
    with st.container(border=True, gap="small", key="card_mend"):
        fix = _suggested(check, row, book)
        left, right = st.columns(2, gap="small")
        with left:
            why = correcting.reason(_PLACE)
        with right:
            signing.field(_PLACE)
        with st.container(horizontal=True, gap="small"):
            if fix is not None:
                correcting.accept(fix, why, _PLACE)
            mark = marked(pl.DataFrame([row], infer_schema_length=None))["mark"][0]
            st.button(
                "It is right as it is", key="mend_pass", on_click=signing.pass_by, args=(check, mark, why, _PLACE)
            )


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
    fields = (name for name in of_customers(book) if name not in ("name", "parent_id"))
    empty = [name for name in fields if value_of(book, key, name) is None]
    wanted = [name for name in empty if name.replace("_", " ") in str(row["why"])]
    left, right = st.columns(2, gap="small")
    options = [*wanted, *(name for name in empty if name not in wanted)]
    with left:
        column = st.selectbox("Field", options, format_func=partial(correcting.label, book), key=f"mend_column_{key}")
    with right:
        return correcting.value_field(book, key, column, f"mend_value_{key}_{column}") if column else None


def _parent(row: Mapping[str, Any], book: Book) -> Fix:
    """Both stay customers: one becomes part of the other, so that no document changes its owner."""
    pair = str(row["customer_id"]), str(row["other_id"])
    names = {key: value_of(book, key, "label") or key for key in pair}
    child = st.radio(
        "One customer, written twice? Then one becomes part of the other, and both count as one group.",
        pair,
        format_func=lambda key: prose(
            f"{names[key]} ({key}) is part of {names[_other(pair, key)]} ({_other(pair, key)})"
        ),
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
    if one["dimension"] not in readable(book):
        st.caption(prose(f"{one['label']} is mended in the source: balances beside these books name it too."))
        return None
    options = [name for name in store.values(one["dimension"]) if name is not None and name != one["value"]]
    value = st.selectbox(
        prose(f"{one['label']} '{one['value']}' is to be read as"),
        options,
        index=options.index(one["looks_like"]) if one["looks_like"] in options else None,
        accept_new_options=True,
        key=f"mend_reading_{one['dimension']}_{one['value']}",
    )
    return Fix("", "reading", one["dimension"], "", one["value"], value or "")


def without_passed(found: pl.DataFrame) -> pl.DataFrame:
    """``found`` without what somebody said is right; all of it where that cannot be read."""
    try:
        passed = store.state().fixes.passed()
    except OutstandingError:
        return found
    return found if not passed else found.filter(~marked(found)["mark"].is_in(list(passed)))
