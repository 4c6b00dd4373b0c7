"""Documents, settlements and slices in plain Python: decimals, loops, nothing clever.

This is the independent check on ``ledger/``. It shares no code with it and favours the obvious over the fast.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

ZERO = Decimal(0)


@dataclass(frozen=True, repr=False)
class _Brief:
    """Shows what differs from the defaults, so that a book which breaks a law fits a screen and can be run again."""

    def __repr__(self) -> str:
        shown = [(one.name, getattr(self, one.name)) for one in fields(self) if getattr(self, one.name) != one.default]
        return f"{type(self).__name__}({', '.join(f'{name}={_source(value)}' for name, value in shown)})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Hypothesis prints counterexamples with this."""
        printer.text(repr(self))


def _source(value: object) -> str:
    if isinstance(value, tuple) and value:
        return "(\n" + "".join(f"    {row!r},\n" for row in value) + ")"
    if isinstance(value, date):
        return f"date({value.year}, {value.month}, {value.day})"
    return repr(value)


@dataclass(frozen=True, repr=False)
class Customer(_Brief):
    """One row of the customer table."""

    customer_id: str
    name: str | None = None
    region: str | None = None
    segment: str | None = None
    parent_id: str | None = None
    credit_limit: Decimal | None = None


@dataclass(frozen=True, repr=False)
class Doc(_Brief):
    """One document. ``amount`` is positive when it raises what the customer owes."""

    document_id: str
    customer_id: str
    kind: str
    document_date: date
    amount: Decimal
    entity: str | None = "E1"
    posting_date: date | None = None
    due_date: date | None = None
    currency: str = "USD"
    amount_base: Decimal | None = None
    base_currency: str | None = None
    number: str | None = None
    disputed: bool = False

    @property
    def opened_on(self) -> date:
        """The day the ledger knows it."""
        return self.document_date if self.posting_date is None else self.posting_date

    @property
    def due_on(self) -> date:
        """A document without a due date is due on its own date."""
        return self.document_date if self.due_date is None else self.due_date


@dataclass(frozen=True, repr=False)
class Settlement(_Brief):
    """A part of one document that is closed. ``amount`` has the document's sign; the opposite sign takes it back."""

    settlement_id: str
    document_id: str
    settled_on: date
    amount: Decimal
    kind: str
    amount_base: Decimal | None = None


@dataclass(frozen=True)
class Slice:
    """A part of one document, open from ``opened_on`` until ``closed_on`` (None: still open).

    A slice of no length stands against a part that a settlement opened (an overpayment, a bounced payment), so that
    slices sum to the document and closed slices to the settlements.
    """

    doc: Doc
    opened_on: date
    closed_on: date | None
    amount: Decimal
    closed_by: str | None

    def is_open(self, day: date) -> bool:
        """Open at the end of the day."""
        return self.opened_on <= day and (self.closed_on is None or self.closed_on > day)


@dataclass(frozen=True, repr=False)
class Ledger(_Brief):
    """A small set of books. Settlements name documents that are in it.

    ``in_base``: read in the entities' own currency, as booked, instead of the documents' currency.
    """

    docs: tuple[Doc, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    customers: tuple[Customer, ...] = ()
    in_base: bool = False

    @cached_property
    def _by_document(self) -> dict[str, list[Settlement]]:
        found: dict[str, list[Settlement]] = {}
        for row in self.settlements:
            found.setdefault(row.document_id, []).append(row)
        return found

    def settled(self, doc: Doc) -> list[Settlement]:
        """The document's settlements in the order they take effect."""
        mine = self._by_document.get(doc.document_id, [])
        return sorted(mine, key=lambda row: (takes_effect(doc, row), row.settlement_id))

    def value(self, row: Doc | Settlement) -> Decimal:
        """The row's amount in the currency that these books are read in."""
        if not self.in_base:
            return row.amount
        if row.amount_base is None:
            raise ValueError(f"{row} has no base amount.")
        return row.amount_base

    def customer(self, doc: Doc) -> Customer | None:
        """The customer's row, or None when the customer table does not know the id."""
        for customer in self.customers:
            if customer.customer_id == doc.customer_id:
                return customer
        return None

    def only(self, docs: list[Doc]) -> Ledger:
        """The same books with these documents alone."""
        ids = {doc.document_id for doc in docs}
        return replace(
            self, docs=tuple(docs), settlements=tuple(row for row in self.settlements if row.document_id in ids)
        )

    def known_on(self, day: date) -> Ledger:
        """The books as someone saw them at the end of ``day``: nothing that took effect later."""
        seen = self.only([doc for doc in self.docs if doc.opened_on <= day])
        by_id = {doc.document_id: doc for doc in seen.docs}
        kept = [row for row in seen.settlements if takes_effect(by_id[row.document_id], row) <= day]
        return replace(seen, settlements=tuple(kept))

    def booked(self) -> Ledger:
        """The same books read in base currency. Every row must carry a base amount."""
        return replace(self, in_base=True)


def takes_effect(doc: Doc, row: Settlement) -> date:
    """A settlement counts from its own day, but never before the ledger knows the document."""
    return max(row.settled_on, doc.opened_on)


def open_balance(ledger: Ledger, doc: Doc, day: date) -> Decimal:
    """What is left of the document at the end of ``day``: negative when it is a credit."""
    if doc.opened_on > day:
        return ZERO
    left = ledger.value(doc)
    for row in ledger.settled(doc):
        if takes_effect(doc, row) <= day:
            left -= ledger.value(row)
    return left


def slices(ledger: Ledger, doc: Doc) -> list[Slice]:
    """The document cut into slices by its settlements, in the document's currency; the last part opened closes first.

    A settlement closes what is open with its own sign. What it has beyond that opens a part of the opposite sign on
    the same day, with a zero-length slice against it.
    """
    cut: list[Slice] = []
    parts = [(doc.opened_on, doc.amount)] if doc.amount else []
    for row in ledger.settled(doc):
        day, left = takes_effect(doc, row), row.amount
        while left and parts and (parts[-1][1] > 0) == (left > 0):
            opened_on, amount = parts.pop()
            closed = min(abs(left), abs(amount)) * (1 if left > 0 else -1)
            cut.append(Slice(doc, opened_on, day, closed, row.kind))
            left -= closed
            if amount != closed:
                parts.append((opened_on, amount - closed))
        if left:
            cut.append(Slice(doc, day, day, left, None))  # it closes nothing of the document
            parts.append((day, -left))
    return cut + [Slice(doc, opened_on, None, amount, None) for opened_on, amount in parts]
