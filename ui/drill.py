"""Where a reader has drilled to: customer, bucket, document and grouping, held in the address.

A click on a bar or a row writes the address, and the address is what a page reads. So a reload, a shared link and the
browser's Back all lead to the same place.
"""

from __future__ import annotations

from collections.abc import Collection

from ui import address
from ui.address import BUCKET, CUSTOMER, DOCUMENT, GROUP

__all__ = ["BUCKET", "CUSTOMER", "DOCUMENT", "GROUP"]

CUSTOMERS = "pages/receivables/customers.py"
"""The page that a customer is opened on."""

_NO_ID = "-"
"""Stands for the customer without an id, which an address could not name otherwise."""


def at(parameter: str) -> str | None:
    """Where the reader is, or ``None``."""
    return address.value(parameter) or None


def one_of(parameter: str, known: Collection[str]) -> str | None:
    """Where the reader is, if that place exists; an address may say anything."""
    value = at(parameter)
    return value if value in known else None


def to(parameter: str, value: str | None) -> None:
    """Go there, from a callback; ``None`` leaves the level."""
    address.put({parameter: value})


def to_document(document_id: str, customer: str | None) -> None:
    """Go to a document, and to its customer with it, from a callback."""
    address.put({CUSTOMER: customer_key(customer), DOCUMENT: document_id})


def leave(*parameters: str) -> None:
    """Leave several levels at once, from a callback."""
    address.put(dict.fromkeys(parameters))


def open_customer(key: str) -> None:
    """Open a customer on the customers' page, from a callback; ``key`` as the address writes it."""
    address.go(CUSTOMERS, {CUSTOMER: key})


def customer_key(customer_id: str | None) -> str:
    """A customer's id as the address writes it."""
    return _NO_ID if customer_id is None else customer_id


def customer_id(key: str) -> str | None:
    """The customer's id that the address means."""
    return None if key == _NO_ID else key
