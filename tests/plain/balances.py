"""Balances, aging and movement in plain Python: what everything else is a ratio of. Ratios are exact fractions."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.plain.ledger import ZERO, Doc, Ledger, open_balance, slices, takes_effect

UNAPPLIED = "unapplied"
SETTLED_BY = ("cash", "credit", "discount", "write_off", "fx", "refund", "other")


@dataclass(frozen=True)
class AgingRule:
    """How open amounts fall into buckets."""

    edges: tuple[int, ...] = (30, 60, 90, 120)
    basis: str = "due_date"
    credits: str = "separate"
    due_today: str = "current"
    last_day: str = "inside"


@dataclass(frozen=True)
class Reading:
    """One number and its parts: ``numerator ÷ denominator × times``.

    ``value`` is None when it has no meaning, and ``note`` says why.
    """

    value: Fraction | None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    note: str | None = None
    times: int = 1


@dataclass(frozen=True)
class Window:
    """Days ``start`` to ``end``, both inside."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def before(self) -> date:
        """The day whose closing balance is the window's opening balance."""
        return self.start - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


def month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def months_back(day: date, months: int) -> date:
    """The same day of the month ``months`` earlier, or that month's last day when it is shorter."""
    year, month = day.year, day.month - months
    while month < 1:
        year, month = year - 1, month + 12
    return date(year, month, min(day.day, month_length(year, month)))


def window(day: date, text: str) -> Window:
    """``90d`` is 90 days ending on ``day``; ``3mo`` is calendar months when ``day`` ends a month."""
    if text.endswith("mo"):
        months = int(text.removesuffix("mo"))
        if day.day == month_length(day.year, day.month):
            return Window(months_back(day.replace(day=1), months - 1), day)
        return Window(months_back(day, months) + timedelta(days=1), day)
    return Window(day - timedelta(days=int(text.removesuffix("d")) - 1), day)


# Balances ------------------------------------------------------------------------------------------------------------


def total_ar(ledger: Ledger, day: date) -> Decimal:
    return sum((open_balance(ledger, doc, day) for doc in ledger.docs), ZERO)


@dataclass(frozen=True)
class Open:
    """A part of one document that is open at the end of a day.

    ``arose``: the day it was opened by settling more than the amount; None for the document's own amount.
    ``counted``: on one part of each document, so that counting parts counts documents.
    """

    doc: Doc
    left: Decimal
    credit: bool
    arose: date | None = None
    counted: bool = True


def open_parts(ledger: Ledger, doc: Doc, day: date) -> list[Open]:
    """What is open of the document. Several parts only where more than its amount was settled on several days.

    An exchange difference that is left when the document's own currency is settled stays on the document's side.
    """
    left = open_balance(ledger, doc, day)
    parts = [part for part in slices(ledger, doc) if part.is_open(day)]
    side = parts[0].amount if parts else doc.amount or left
    if not parts or side * doc.amount > 0:
        return [Open(doc, left, side < 0)] if left else []
    whole = sum((part.amount for part in parts), ZERO)
    return [Open(doc, left * part.amount / whole, side < 0, part.opened_on, counted=part is parts[0]) for part in parts]


def open_items(ledger: Ledger, day: date) -> list[Open]:
    """The open parts of all documents."""
    return [part for doc in ledger.docs for part in open_parts(ledger, doc, day)]


def gross_open(ledger: Ledger, day: date) -> Decimal:
    return sum((item.left for item in open_items(ledger, day) if not item.credit), ZERO)


def unapplied_credits(ledger: Ledger, day: date) -> Decimal:
    return sum((item.left for item in open_items(ledger, day) if item.credit), ZERO)


def disputed(ledger: Ledger, day: date) -> Decimal:
    """Gross open amounts of documents that the source calls disputed. Credits that are disputed are not among them."""
    return sum((item.left for item in open_items(ledger, day) if item.doc.disputed and not item.credit), ZERO)


def unapplied_cash(ledger: Ledger, day: date) -> Decimal:
    """Open payment documents, as the positive amount that is held. An overpaid invoice is no payment document."""
    return -sum((item.left for item in open_items(ledger, day) if item.doc.kind == "payment" and item.credit), ZERO)


def past_due(ledger: Ledger, day: date, more_than: int = 0, rule: AgingRule | None = None) -> Decimal:
    """Gross open amounts more than so many days past due. Due today is late only where the rule says so.

    What a credit was settled for beyond its amount is due on the day it arose.
    """
    threshold = -1 if more_than == 0 and rule is not None and rule.due_today == "overdue" else more_than
    late = ZERO
    for item in open_items(ledger, day):
        if not item.credit and (day - (item.arose or item.doc.due_on)).days > threshold:
            late += item.left
    return late


def bucket(rule: AgingRule, start: date, day: date) -> int:
    """0 is current, 1 the first late bucket, and so on."""
    age = (day - start).days
    if age < 0 or (age == 0 and rule.due_today == "current"):
        return 0
    for place, edge in enumerate(rule.edges, start=1):
        if age < edge or (age == edge and rule.last_day == "inside"):
            return place
    return len(rule.edges) + 1


def aged_from(rule: AgingRule, doc: Doc) -> date:
    return {"due_date": doc.due_on, "document_date": doc.document_date, "posting_date": doc.opened_on}[rule.basis]


def aging(ledger: Ledger, day: date, rule: AgingRule | None = None) -> dict[int | str, tuple[Decimal, int]]:
    """Amount and number of documents in each bucket that holds any."""
    rule = rule or AgingRule()
    table: dict[int | str, tuple[Decimal, int]] = {}
    for item in open_items(ledger, day):
        apart = item.credit and rule.credits == "separate"
        key = UNAPPLIED if apart else bucket(rule, item.arose or aged_from(rule, item.doc), day)
        amount, count = table.get(key, (ZERO, 0))
        table[key] = (amount + item.left, count + item.counted)
    return table


# Movement ------------------------------------------------------------------------------------------------------------


def settled(ledger: Ledger, span: Window, kind: str) -> Decimal:
    by_id = {doc.document_id: doc for doc in ledger.docs}
    total = ZERO
    for row in ledger.settlements:
        if row.kind == kind and takes_effect(by_id[row.document_id], row) in span:
            total += ledger.value(row)
    return total


def posted(ledger: Ledger, span: Window, *kinds: str) -> Decimal:
    return sum((ledger.value(doc) for doc in ledger.docs if doc.kind in kinds and doc.opened_on in span), ZERO)


def movement(ledger: Ledger, span: Window) -> dict[str, Decimal]:
    """The bridge from opening to closing. Everything but opening, billed and closing is taken away."""
    return {
        "opening": total_ar(ledger, span.before),
        "billed": posted(ledger, span, "invoice", "debit_memo"),
        "credits": settled(ledger, span, "credit") - posted(ledger, span, "credit_memo"),
        "cash": settled(ledger, span, "cash") - posted(ledger, span, "payment"),
        "write_offs": settled(ledger, span, "write_off"),
        "discounts": settled(ledger, span, "discount"),
        "fx": settled(ledger, span, "fx"),
        "refunds": settled(ledger, span, "refund"),
        "other": settled(ledger, span, "other") - posted(ledger, span, "journal"),
        "closing": total_ar(ledger, span.end),
    }


def credit_sales(ledger: Ledger, span: Window) -> Decimal:
    moved = movement(ledger, span)
    return moved["billed"] - moved["credits"]


def plain(amount: Decimal) -> Reading:
    """An amount as it is, without parts."""
    return Reading(Fraction(amount))


def ratio(numerator: Decimal | Fraction, denominator: Decimal | Fraction, times: int = 1, note: str = "") -> Reading:
    """``numerator`` over ``denominator``; None where the denominator is zero or less."""
    above, below = Fraction(numerator), Fraction(denominator)
    if below <= 0:
        return Reading(None, above, below, note, times)
    return Reading(above / below * times, above, below, times=times)
