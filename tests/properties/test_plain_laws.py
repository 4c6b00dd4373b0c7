"""The laws on the plain implementation itself: the judge must keep them before it judges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given

from tests.plain import debtors, paying, rolls
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


@given(ledgers(least=4), days)
def test_nor_in_any_table(ledger: Ledger, day: date) -> None:
    then = ledger.known_on(day)
    for table in (rolls.followed, rolls.net_flow, rolls.provision, paying.cohorts, paying.at_risk):
        assert table(then, day) == table(ledger, day)
    assert debtors.debts(then, day, groups=True) == debtors.debts(ledger, day, groups=True)
    assert debtors.in_use(then, day) == debtors.in_use(ledger, day)


@given(ledgers(least=4), days)
def test_what_becomes_of_a_bucket_adds_up_to_what_was_in_it(ledger: Ledger, day: date) -> None:
    opening = rolls.month_ends(day, 2)[0]
    flows = rolls.followed(ledger, day, 1)
    assert {place: sum(outcomes.values()) for place, outcomes in flows.items()} == rolls.exposures(ledger, opening)
    assert sum(rolls.exposures(ledger, day).values(), ZERO) == plain.evaluate(ledger, day)["gross_open"].value


@given(ledgers(least=4), days)
def test_rates_of_loss_are_shares_and_improvement_lowers_them(ledger: Ledger, day: date) -> None:
    flows = rolls.followed(ledger, day)
    usual, better, best = (rolls.loss_rates(flows, 6, share) for share in (Fraction(0), Fraction(1, 3), Fraction(1)))
    assert all(0 <= less <= more <= 1 for less, more in zip(better, usual, strict=True))
    assert all(rate == 0 for place, rate in enumerate(best) if any(to != place for to in flows.get(place, {})))


@given(ledgers(least=4), days)
def test_more_is_paid_by_a_later_age(ledger: Ledger, day: date) -> None:
    known = {key: one.paid for key, one in paying.cohorts(ledger, day).items() if one.paid is not None}
    for (month, age), paid in known.items():
        assert all(paid >= before for (other, younger), before in known.items() if other == month and younger < age)


@given(ledgers(least=4), days)
def test_money_over_limits_is_part_of_what_is_owed(ledger: Ledger, day: date) -> None:
    over, index = debtors.over_limit(ledger, day).value, debtors.hhi(ledger, day).value
    owed = debtors.debts(ledger, day)
    assert over is None or over <= sum((amount for _, amount in owed), ZERO)
    assert (index is None) == (not owed)
    assert index is None or 10_000 / Fraction(len(owed)) <= index <= 10_000
