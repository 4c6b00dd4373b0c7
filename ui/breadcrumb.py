"""The way down and back: company, the chosen values, the customer, the document; each step leads back to itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from briefing.view import View
from ledger.book import Book
from ledger.scope import UNASSIGNED
from metrics import text
from ui import address, behind, drill, filters, store
from ui.markdown import plain

WHOLE = "Whole company"
"""The first step: nothing is narrowed."""

ITEMS = "pages/receivables/aging.py"
"""The page of open items."""

_DOWN = {ITEMS: "Open items", drill.CUSTOMERS: "Customers"}


@dataclass(frozen=True)
class Step:
    """A level the reader is at, and how to return to it."""

    words: str
    back: Callable[[], None]


def draw(found: Sequence[Step], key: str) -> None:
    """The steps as a row of small buttons; the last one, in plain words, is where the reader is."""
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        for place, step in enumerate(found):
            arrow = ":material/chevron_right:"
            if place == len(found) - 1:
                st.markdown(f"{'' if place == 0 else f'{arrow} '}**{plain(step.words)}**", width="content")
                continue
            st.button(
                plain(step.words),
                key=f"{key}_step_{place}",
                on_click=step.back,
                type="tertiary",
                icon=None if place == 0 else arrow,
            )


def bar(book: Book, view: View, key: str, *, down: Sequence[str] = (ITEMS, drill.CUSTOMERS)) -> DeltaGenerator:
    """The way back at the left; at the right the pages ``down`` with the documents and customers of the same part.

    Returns:
        A place between the two, for a choice of the page.
    """
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small", key=f"{key}_bar"
    ):
        draw(steps(book, view), key)
        with st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", width="content"
        ):
            place = st.container(width="content")
            for page in down:
                st.page_link(page, label=_DOWN[page], icon=":material/arrow_forward:", query_params=address.link())
    return place


def steps(book: Book, view: View) -> list[Step]:
    """From the whole company down to where the reader is, in drill order."""
    narrowed = [name for name in book.dimensions if view.scope.values(name)]
    found = [Step(WHOLE, lambda: _to_dimension(narrowed, 0))]
    for place, name in enumerate(narrowed, start=1):
        words = f"{book.dimensions[name]}: {text.listed(_values(view, name))}"
        found.append(Step(words, lambda place=place: _to_dimension(narrowed, place)))
    bucket = drill.at(drill.BUCKET)
    if bucket:
        found.append(Step(f"{bucket} days" if bucket[0].isdigit() else bucket.capitalize(), _to_bucket))
    chosen = behind.asked(book.rules.aging.buckets)
    if chosen:
        found.append(Step(chosen.words, lambda: drill.leave(drill.DOCUMENT, drill.CUSTOMER)))
    customer = customer_at()
    if customer:
        label = store.customer(drill.customer_id(customer))["label"]
        found.append(Step(text.name(label), lambda: drill.leave(drill.DOCUMENT)))
    return [*found, *document_step(customer, view)]


def customer_at() -> str | None:
    """The customer that the address names, as it writes it, if there is one: a link may be older than the data."""
    key = drill.at(drill.CUSTOMER)
    return key if key and store.has_customer(drill.customer_id(key)) else None


def whose(book: Book, view: View) -> str:
    """Whom the numbers are of: the customer, else the chosen values in drill order; nothing for the whole company."""
    customer = customer_at()
    if customer:
        return text.name(store.customer(drill.customer_id(customer))["label"], UNASSIGNED)
    chosen = [_values(view, name) for name in book.dimensions if view.scope.values(name)]
    return ", ".join(text.listed(values) for values in chosen)


def _values(view: View, dimension: str) -> list[str]:
    """The chosen values of a dimension, as words."""
    chosen = view.scope.values(dimension)
    values = sorted({text.name(value) for value in chosen - {None}} - {UNASSIGNED})
    # A row without a value and one that says "Unassigned" read the same: told once.
    return [*values, UNASSIGNED] if chosen & {None, UNASSIGNED} else values


def document_step(customer: str | None, view: View) -> list[Step]:
    """The last step, when the reader is at a document of the customer."""
    document = drill.at(drill.DOCUMENT)
    if not customer or not document:
        return []
    number = store.document_number(view.day, drill.customer_id(customer), document)
    return [Step(f"Document {text.name(number)}", lambda: None)]


def _to_dimension(narrowed: list[str], place: int) -> None:
    """Back to the first ``place`` of the chosen dimensions."""
    drill.leave(drill.DOCUMENT, drill.CUSTOMER, drill.BUCKET, behind.BEHIND)
    filters.widen(*narrowed[place:])


def _to_bucket() -> None:
    drill.leave(drill.DOCUMENT, drill.CUSTOMER, behind.BEHIND)
