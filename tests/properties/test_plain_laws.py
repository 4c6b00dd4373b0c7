"""The laws on the plain implementation itself: the judge must keep them before it judges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given

from tests.plain import metrics as plain
from tests.plain.ledger import ZERO, Ledger, open_balance, slices
from tests.plain.strategies import days, ledgers, windows


@given(ledgers(), days)
def test_slices_sum_to_the_document_and_to_its_balance_on_any_day(ledger: Ledger, day: date) -> None:
    for doc in ledger.docs:
        cut = slices(ledger, doc)
        assert sum((part.amount for part in cut), ZERO) == doc.amount
        assert sum((part.amount for part in cut if part.is_open(day)), ZERO) == open_balance(ledger, doc, day)


@given(ledgers(), days)
def test_what_is_open_of_one_document_has_one_sign(ledger: Ledger, day: date) -> None:
    for doc in ledger.docs:
        assert len({part.amount > 0 for part in slices(ledger, doc) if part.is_open(day)}) <= 1


@given(ledgers())
def test_closed_slices_sum_to_the_settlements(ledger: Ledger) -> None:
    for doc in ledger.docs:
        closed = sum((part.amount for part in slices(ledger, doc) if part.closed_on), ZERO)
        assert closed == sum((row.amount for row in ledger.settled(doc)), ZERO)


@given(ledgers(), days)
def test_buckets_sum_to_total_ar(ledger: Ledger, day: date) -> None:
    for rule in (plain.AgingRule(), plain.AgingRule((45,), "posting_date", "aged", "overdue", "outside")):
        buckets = plain.aging(ledger, day, rule)
        assert sum((amount for amount, _ in buckets.values()), ZERO) == plain.total_ar(ledger, day)


@given(ledgers(), days, windows)
def test_opening_and_movement_make_closing(ledger: Ledger, day: date, text: str) -> None:
    moved = plain.movement(ledger, plain.window(day, text))
    gone = sum((amount for name, amount in moved.items() if name not in ("opening", "billed", "closing")), Decimal(0))
    assert moved["opening"] + moved["billed"] - gone == moved["closing"]


@given(ledgers(), days, windows)
def test_what_happens_later_changes_nothing_before(ledger: Ledger, day: date, text: str) -> None:
    assert plain.evaluate(ledger.known_on(day), day, text) == plain.evaluate(ledger, day, text)
