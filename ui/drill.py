"""Where a reader has drilled to: customer, bucket, document and grouping, held in the address itself.

These are no widgets: a click on a bar or a row writes the address, and the address is what a page reads. So a reload, a
shared link and the browser's Back all lead to the same place.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

CUSTOMER, BUCKET, DOCUMENT, GROUP = "customer", "bucket", "document", "group"
PARAMETERS = (CUSTOMER, BUCKET, DOCUMENT, GROUP)

_NO_ID = "-"
"""Stands for the customer without an id, which an address could not name otherwise."""


def at(parameter: str) -> str | None:
    """Where the reader is, or ``None``."""
    return st.query_params.get(parameter) or None


def one_of(parameter: str, known: Collection[str]) -> str | None:
    """Where the reader is, if that place exists; an address may say anything."""
    value = at(parameter)
    return value if value in known else None


def to(parameter: str, value: str | None) -> None:
    """Go there, from a callback; ``None`` leaves the level."""
    if value is None:
        st.query_params.pop(parameter, None)
    else:
        st.query_params[parameter] = value


def to_document(document_id: str, customer: str | None) -> None:
    """Go to a document, and to its customer with it, in one step, from a callback."""
    st.query_params.update({CUSTOMER: customer_key(customer), DOCUMENT: document_id})


def leave(*parameters: str) -> None:
    """Leave several levels at once, from a callback."""
    for parameter in parameters:
        to(parameter, None)


def address() -> Mapping[str, str]:
    """The levels the reader is at, for a link."""
    return {name: value for name in PARAMETERS if (value := at(name))}


def customer_key(customer_id: str | None) -> str:
    """A customer's id as the address writes it."""
    return _NO_ID if customer_id is None else customer_id


def customer_id(key: str) -> str | None:
    """The customer's id that the address means."""
    return None if key == _NO_ID else key
