"""How customers pay, in plain Python: what cash closed, cohorts of a month's billing, and what was still unpaid.

Amounts are those of slices, in the documents' currency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.plain.balances import Reading, Window, month_length, months_back, posted, ratio
from tests.plain.ledger import ZERO, Ledger, Slice, slices

BILLS = ("invoice", "debit_memo")
AGES = (30, 60, 90, 120, 180, 365)
GRACE = 90
"""Days past due after which what is still unpaid counts as at risk."""


def payments(ledger: Ledger, span: Window) -> list[Slice]:
    """Parts of invoices and debit memos that cash closed in the window, in the documents' currency.

    What was paid too much closes nothing, and the taking back of a payment is no payment.
    """
    paid: list[Slice] = []
    for doc in ledger.docs:
        if doc.kind in BILLS:
            paid += [part for part in slices(ledger, doc) if _is_payment(part, span)]
    return paid


def _is_payment(part: Slice, span: Window) -> bool:
    return part.closed_on is not None and part.closed_on in span and part.closed_by == "cash" and part.amount > 0


def weighted(parts: list[Slice], measure: Callable[[Slice], int]) -> Reading:
    total = sum((part.amount for part in parts), ZERO)
    return ratio(sum((part.amount * measure(part) for part in parts), ZERO), total, note="no payments in window")


def days_to_pay(part: Slice) -> int:
    assert part.closed_on is not None
    return (part.closed_on - part.doc.document_date).days


def days_late(part: Slice) -> int:
    assert part.closed_on is not None
    return (part.closed_on - part.doc.due_on).days


def on_time_by_count(parts: list[Slice]) -> Reading:
    """Of the parts that cash closed, how many were closed by their due date; every part counts once."""
    early = sum(1 for part in parts if days_late(part) <= 0)
    return ratio(Fraction(early), Fraction(len(parts)), note="no payments in window")


# Cohorts -------------------------------------------------------------------------------------------------------------


def months_to(day: date, months: int) -> Iterator[Window]:
    """The last so many calendar months, oldest first; the last one ends on ``day``."""
    for back in reversed(range(months)):
        first = months_back(day.replace(day=1), back)
        yield Window(first, min(day, month_end(first)))


def month_end(day: date) -> date:
    return day.replace(day=month_length(day.year, day.month))


@dataclass(frozen=True)
class Cohort:
    """What was billed in a month and how much of it was paid by an age; None while the month is too young."""

    billed: Decimal
    paid: Decimal | None

    @property
    def share(self) -> Fraction | None:
        return None if self.paid is None or self.billed <= 0 else Fraction(self.paid) / Fraction(self.billed)


def cohorts(ledger: Ledger, day: date, months: int = 12) -> dict[tuple[date, int], Cohort]:
    """First of the month and age to what was paid within so many days of the document date.

    A document belongs to the month of its posting, as billed does. What is paid is known once the whole month has
    reached the age: month-end + age ≤ day.
    """
    table: dict[tuple[date, int], Cohort] = {}
    for span in months_to(day, months):
        billed = posted(ledger, span, *BILLS)
        parts = [part for part in _paid_so_far(ledger, day) if part.doc.opened_on in span]
        for age in AGES:
            known = month_end(span.start) + timedelta(days=age) <= day
            paid = sum((part.amount for part in parts if days_to_pay(part) <= age), ZERO)
            table[span.start, age] = Cohort(billed, paid if known else None)
    return table


def _paid_so_far(ledger: Ledger, day: date) -> list[Slice]:
    return payments(ledger, Window(date.min, day))


@dataclass(frozen=True)
class AtRisk:
    """What fell due in a month and was not paid 90 days later; None while the month is too young."""

    due: Decimal
    unpaid: Decimal | None

    @property
    def share(self) -> Fraction | None:
        return None if self.unpaid is None or self.due <= 0 else Fraction(self.unpaid) / Fraction(self.due)


def at_risk(ledger: Ledger, day: date, months: int = 12) -> dict[date, AtRisk]:
    """First of the month to what became of the invoices and debit memos that fell due in it.

    What was paid before it was due fell due all the same; what was posted later than 90 days after its due date never
    did. Still open, for whatever reason, counts as unpaid. Known from month-end + 90 days.
    """
    table: dict[date, AtRisk] = {}
    for span in months_to(day, months):
        month = Window(span.start, month_end(span.start))
        due, unpaid = ZERO, ZERO
        for doc in ledger.docs:
            late = doc.due_on + timedelta(days=GRACE)
            if doc.kind in BILLS and doc.amount > 0 and doc.due_on in month and doc.opened_on <= min(day, late):
                due += doc.amount
                unpaid += sum(
                    (part.amount for part in slices(ledger, doc) if part.is_open(late) and part.amount > 0), ZERO
                )
        known = month.end + timedelta(days=GRACE) <= day
        table[span.start] = AtRisk(due, unpaid if known else None)
    return table
