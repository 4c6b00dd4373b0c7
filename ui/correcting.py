"""Correcting what nobody flagged: any customer's value, and the reading of any value of a dimension."""

from __future__ import annotations

from functools import partial

import polars as pl
import streamlit as st

from ledger.book import Book
from ledger.corrections import given, of_customers, readable, value_of, values
from ledger.fixes import OF_ONE, Fix
from ledger.proposals import proposed
from metrics import text
from ui import signing
from ui.markdown import prose

_MOST = 50
_KINDS = {"value": "A customer's value", "reading": "How a value is read"}
_PLACE = "correct"


def draw(book: Book) -> None:
    """A form that is closed until somebody opens it."""
    with st.expander("Correct something else", icon=":material/edit:", key="fix_correct"):
        kind = st.segmented_control(
            "What", list(_KINDS), default="value", required=True, format_func=_KINDS.__getitem__, key="correct_kind",
            label_visibility="collapsed",
        )  # fmt: skip
        fix = _value(book) if kind == "value" else _reading(book)
        if fix is None:
            return
        left, right = st.columns(2, gap="small")
        with left:
            why = reason(_PLACE)
        with right:
            signing.field(_PLACE)
        accept(fix, why, _PLACE)


def reason(place: str) -> str:
    """A few words that are kept beside the correction."""
    key = f"{place}_why_{signing.form()}"
    return st.text_input("Why", key=key, placeholder="A few words for whoever reads this later") or ""


def accept(fix: Fix, why: str, place: str) -> None:
    """The button that keeps a correction, once there is a value."""
    st.button(
        "Accept", type="primary", icon=":material/check:", key=f"{place}_accept", disabled=not fix.value.strip(),
        on_click=signing.accept, args=(fix, why, place),
    )  # fmt: skip


def value_field(book: Book, customer_id: str, column: str, key: str) -> Fix:
    """What a customer's ``column`` is to be; a proposal, with its reason, where it has none and the books tell one."""
    was = value_of(book, customer_id, column)
    if column in OF_ONE:
        value = st.text_input("Is to be", key=key, placeholder=_example(column))
        return Fix("", "value", column, customer_id, was, (value or "").strip())
    likely = proposed(book, customer_id, column) if was is None else None
    options = [one for one in values(book, column) if one != was]
    if likely and likely.value not in options:
        options.insert(0, likely.value)
    value = st.selectbox(
        "Is to be",
        options,
        index=options.index(likely.value) if likely else None,
        accept_new_options=True,
        placeholder="Choose, or write a new one",
        key=key,
    )
    if likely:
        st.caption(prose(f"Proposed: {likely.value}, as {likely.why}"))
    return Fix("", "value", column, customer_id, was, (value or "").strip())


def label(book: Book, column: str) -> str:
    """What a column is called: by the company where it is a dimension."""
    return book.dimensions.get(column) or text.capital(column.replace("_", " "))


def _example(column: str) -> str:
    return "The number of a customer" if column == "parent_id" else ""


def _value(book: Book) -> Fix | None:
    form = signing.form()
    left, right = st.columns(2, gap="small")
    words = left.text_input("Customer, by name or number", key=f"correct_search_{form}", placeholder="Part of it")
    if not words or not words.strip():
        return None
    found = _found(book, words.strip())
    ids = found["customer_id"].to_list()
    names = dict(found.select("customer_id", "label").iter_rows())
    if not ids:
        st.caption(prose(f"No customer of the master has '{words.strip()}' in its name or number"))
        return None
    shown = text.count(len(ids), "customer") if len(ids) < _MOST else f"the first {_MOST}"
    key = right.selectbox(
        "Customer" if len(ids) == 1 else f"Which one of {shown}",
        ids,
        # Nobody corrects the first one found by mistake.
        index=0 if len(ids) == 1 else None,
        placeholder="Choose the customer",
        format_func=lambda one: f"{text.name(names[one])} ({one})",
        key=f"correct_customer_{form}_{words}",
    )
    if key is None:
        return None
    left, right = st.columns(2, gap="small")
    with left:
        column = st.selectbox(
            "Field",
            of_customers(book),
            index=None,
            placeholder="Choose a field",
            format_func=partial(label, book),
            key=f"correct_column_{form}",
        )
        if column is None:
            return None
        was = value_of(book, key, column)
        st.caption(prose(f"Now: {was}" if was is not None else "Now: nothing"))
    with right:
        return value_field(book, key, column, f"correct_value_{form}_{key}_{column}")


def _found(book: Book, words: str) -> pl.DataFrame:
    """Customers of the master that have ``words`` in name or number, those that begin so before the others."""
    customers = book.frames["customers"].filter(pl.col("known") & pl.col("customer_id").is_not_null())
    wanted = words.lower()
    name, id = (pl.col(each).cast(pl.String).str.to_lowercase() for each in ("label", "customer_id"))
    there = name.str.contains(wanted, literal=True) | id.str.contains(wanted, literal=True)
    begins = name.str.starts_with(wanted) | id.str.starts_with(wanted)
    return customers.filter(there).sort(~begins, "label", "customer_id").head(_MOST)


def _reading(book: Book) -> Fix | None:
    form, dimensions = signing.form(), readable(book)
    if not dimensions:
        st.caption("No dimension has values that could be read as others")
        return None
    first, second, third = st.columns(3, gap="small")
    dimension = first.selectbox(
        "Dimension", list(dimensions), format_func=dimensions.__getitem__, key=f"correct_dimension_{form}"
    )
    if dimension is None:
        return None
    there = given(book, dimension)
    was = second.selectbox(
        "Value", there, index=None, placeholder="Choose a value", key=f"correct_was_{form}_{dimension}"
    )
    value = third.selectbox(
        "Is read as",
        [one for one in there if one != was],
        index=None,
        accept_new_options=True,
        placeholder="Choose, or write a new one",
        key=f"correct_reading_{form}_{dimension}_{was}",
    )
    return Fix("", "reading", dimension, "", was, (value or "").strip()) if was else None
