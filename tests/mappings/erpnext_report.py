"""ERPNext's report Accounts Receivable of a past day, worked out a second time from its tables, in plain Python.

After the report as ERPNext 14 and 15 have it: nothing here knows the preset. Every day is worked out anew, from the
entries that were posted by then, as if nothing had come later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

Key = tuple[str, str, str, str]
"""A line of the report: type and number of the voucher, customer, account."""


@dataclass(frozen=True)
class Entry:
    """An entry of the payment ledger; ``against``: type and number of the voucher that it counts for."""

    line: Key
    against: tuple[str, str]
    posted: date
    currency: str
    amount: Decimal
    base: Decimal


@dataclass
class Ledger:
    """What the report reads. ``returned``: credit notes that went into an invoice, and which."""

    entries: list[Entry]
    due: dict[tuple[str, str], date]
    returned: dict[str, str]


def ledger(
    entries: Iterable[dict[str, Any]], invoices: Iterable[dict[str, Any]], journals: Iterable[dict[str, Any]]
) -> Ledger:
    """From rows of Payment Ledger Entry, Sales Invoice and Journal Entry, by column."""
    found = [
        Entry(
            line=(row["voucher_type"], row["voucher_no"], row["party"], row["account"]),
            against=(row["against_voucher_type"], row["against_voucher_no"]),
            posted=_day(row["posting_date"]),
            currency=row["account_currency"],
            amount=Decimal(str(row["amount_in_account_currency"])),
            base=Decimal(str(row["amount"])),
        )
        for row in entries
        if int(row["delinked"]) == 0 and row["account_type"] == "Receivable" and row["party_type"] == "Customer"
    ]
    due: dict[tuple[str, str], date] = {}
    returned: dict[str, str] = {}
    for row in invoices:
        if row["due_date"]:
            due["Sales Invoice", row["name"]] = _day(row["due_date"])
        # The option came with ERPNext 15; before it, every return went into its invoice.
        alone = row.get("update_outstanding_for_self") or 0
        if int(row["is_return"] or 0) and int(row["docstatus"]) == 1 and row["return_against"] and not int(alone):
            returned[row["name"]] = row["return_against"]
    for row in journals:
        if row["bill_no"] and row["due_date"]:
            due["Journal Entry", row["name"]] = _day(row["due_date"])
    return Ledger(found, due, returned)


@dataclass
class Line:
    """A line of the report: since when, in which currency, and what is outstanding."""

    posted: date
    currency: str
    amount: Decimal = Decimal(0)
    base: Decimal = Decimal(0)


def report(books: Ledger, day: date) -> dict[Key, Line]:
    """The lines of ``day`` with anything outstanding, in the account's currency or the company's."""
    entries = sorted((entry for entry in books.entries if entry.posted <= day), key=lambda entry: entry.posted)
    lines: dict[Key, Line] = {}
    for entry in entries:
        lines.setdefault(entry.line, Line(entry.posted, entry.currency))
    for entry in entries:
        kind, number = entry.against
        if kind == "Sales Invoice":
            number = books.returned.get(number, number)
        _, _, party, account = entry.line
        # A voucher that is not there yet cannot take anything: the entry stays with its own.
        line = lines.get((kind, number, party, account)) or lines[entry.line]
        line.amount += entry.amount
        line.base += entry.base
    return {key: line for key, line in lines.items() if line.amount or line.base}


def ranges(books: Ledger, day: date) -> dict[str, Decimal]:
    """The columns of the report in company currency; what is in none of them as ``not due``."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for (kind, number, *_), line in report(books, day).items():
        age = (day - books.due.get((kind, number), line.posted)).days
        if age < 0:
            found["not due"] += line.base
        else:
            names = ("range1", "range2", "range3", "range4")
            limits = zip(names, (30, 60, 90, 120), strict=True)
            found[next((name for name, last in limits if age <= last), "range5")] += line.base
    return {name: amount for name, amount in found.items() if amount}


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
