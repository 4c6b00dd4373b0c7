"""Rolls and the loss rates that they teach, by worked examples."""

from __future__ import annotations

import pytest

from ledger.errors import OutstandingError
from ledger.scope import Scope
from metrics import loss_rates, rolls
from metrics.losses import BY_HAND, NO_HISTORY, NO_LOSS, Left, chain, falls
from tests.ledger.books import book, day, invoice, settled
from tests.metrics.written_off import END, HISTORY, HISTORY_CLOSED, late, matrix, sentence

# Rolls ---------------------------------------------------------------------------------------------------------------


def test_rates_are_shares_of_what_stood_in_the_bucket():
    of = book([*HISTORY, late("N", "1", 0)], HISTORY_CLOSED)
    rows = rolls(of, END).filter(method="followed")
    # N, 1 dollar due on 30 June, has been current at every month-end: 5 × 1 that stay.
    assert rows.select("bucket", "to", "amount", "opening").rows() == [
        ("current", "current", 5, 1005),
        ("current", "1–30", 400, 1005),
        ("current", "paid", 600, 1005),
        ("1–30", "31–60", 100, 400),
        ("1–30", "paid", 300, 400),
        ("31–60", "61–90", 40, 100),
        ("31–60", "paid", 60, 100),
        ("61–90", "120+", 10, 40),
        ("61–90", "paid", 30, 40),
        ("120+", "written off", 10, 10),
    ]
    assert rows["rate"].to_list() == (rows["amount"] / rows["opening"]).to_list()
    assert set(rows["months"]) == {5}


def test_net_flow_compares_balances_and_can_exceed_one():
    # 120+ gets 10 in May and keeps them; 61–90 had 40 in April.
    of = book([*HISTORY, late("OLD", "500", 400)], HISTORY_CLOSED[:4])
    net = rolls(of, END).filter(method="net flow").select("bucket", "to", "amount", "opening", "rate")
    # OLD is over 120 days late from January on: 500 at each of five later month-ends, and H's 10 in May and June;
    # in 91–120 nothing ever stood.
    assert net.rows() == [
        ("current", "1–30", 400, 1000, 0.4),
        ("1–30", "31–60", 100, 400, 0.25),
        ("31–60", "61–90", 40, 100, 0.4),
        ("61–90", "91–120", 0, 40, 0),
        ("91–120", "120+", 2520, 0, None),
    ]


def test_a_foreign_invoice_that_is_paid_in_full_is_paid_exchange_difference_included():
    # 100 euros at 1.10 are 110 dollars. Paid at 1.50, 150 dollars, and 40 of exchange difference the other way: 110.
    base = {"amount_base": "110", "base_currency": "USD"}
    of = book(
        [invoice(currency="EUR", **base), late("N", "1", 0, amount_base="1", base_currency="USD")],
        [
            settled("1", "100", "2024-02-20", amount_base="150"),
            settled("2", "0", "2024-02-20", "fx", amount_base="-40"),
        ],
    )
    rows = rolls(of, day("2024-02-29")).filter(method="followed")
    # N, due on 30 June, stays current: 1 of the 111 dollars.
    assert rows.select("bucket", "to", "amount", "opening", "rate").rows() == [
        ("current", "current", 1, 111, 1 / 111),
        ("current", "paid", 110, 111, 110 / 111),
    ]


def test_an_exchange_difference_of_another_month_takes_rates_outside_nothing_and_everything():
    # As before, but the −40 come in March: of 110, 150 are paid and −40 still open, then −40 are paid.
    base = {"amount_base": "110", "base_currency": "USD"}
    of = book(
        [invoice(currency="EUR", **base), invoice("N", "1", document_date="2024-03-31", due_date="2024-04-30")],
        [
            settled("1", "100", "2024-02-20", amount_base="150"),
            settled("2", "0", "2024-03-05", "fx", amount_base="-40"),
        ],
    )
    rows = rolls(of, day("2024-03-31")).filter(method="followed")
    assert rows.select("bucket", "to", "amount", "opening", "rate").rows() == [
        ("current", "1–30", -40, 110, -40 / 110),
        ("current", "paid", 150, 110, 150 / 110),
        ("1–30", "paid", -40, -40, None),
    ]


def test_a_day_within_a_month_uses_the_month_ends_before_it_and_only_so_many_as_are_asked_for():
    of = book([*HISTORY, late("N", "1", 0)], HISTORY_CLOSED)
    same = ("bucket", "to", "amount", "opening", "rate", "months")
    assert rolls(of, day("2024-05-30")).select(same).equals(rolls(of, day("2024-04-30")).select(same))
    last = rolls(of, END, months=1).filter(method="followed")
    assert last.select("months", "bucket", "to", "amount").rows() == [
        (1, "current", "current", 1),
        (1, "120+", "written off", 10),
    ]
    assert rolls(of, day("2024-02-28")).is_empty()


def test_rolls_over_no_months_are_refused():
    with pytest.raises(OutstandingError) as raises:
        rolls(book([invoice()]), END, months=0)
    assert "0 months" in sentence(raises)


# Loss rates ----------------------------------------------------------------------------------------------------------


def test_loss_rates_are_worked_backwards_from_the_oldest_bucket():
    of = book([*HISTORY, late("N", "1", 0)], HISTORY_CLOSED)
    # 120+: 10 of 10 lost: 1. 61–90: 10 of the 40 go there: 0.25. 31–60: 40 of 100 × 0.25 = 0.1. 1–30: 100 of 400 × 0.1
    # = 0.025. Current: 400 of the 1,000 that left it × 0.025 = 0.01: the 10 of the 1,000 that were lost in the end.
    # Nothing was ever in 91–120.
    rows = loss_rates(of, END)
    assert matrix(rows, "rate") == pytest.approx(
        {"current": 0.01, "1–30": 0.025, "31–60": 0.1, "61–90": 0.25, "91–120": 1, "120+": 1}
    )
    assert [note for note in rows["note"] if note] == ["nothing left this bucket in these months: the rate of 120+"]


def test_what_stays_in_its_bucket_decides_nothing():
    # Of 1,000, 500 stay, 400 are collected and 100 lost: 100 of the 500 that left.
    assert [found.rate for found in chain([Left(gone=500, lost=100)], ["all"])] == [0.2]


def test_a_bucket_may_be_skipped_and_lose_by_itself():
    # Oldest: 30 of 60 lost: 0.5. Middle: nothing seen, so 0.5. Youngest: 8 of 100 lost at once, 10 to the middle and 20
    # to the oldest: (8 + 10 × 0.5 + 20 × 0.5) ÷ 100.
    left = [Left(100, 8, {1: 10, 2: 20}), Left(), Left(60, 30)]
    assert [found.rate for found in chain(left, "abc")] == [pytest.approx(0.23), 0.5, 0.5]


def test_a_rate_set_by_hand_stands_in_the_chain_for_the_learnt_one():
    # As above, but the oldest is 0.2 by hand: (8 + 10 × 0.2 + 20 × 0.2) ÷ 100 = 0.14, and the middle borrows 0.2.
    left = [Left(100, 8, {1: 10, 2: 20}), Left(), Left(60, 30)]
    assert [found.rate for found in chain(left, "abc", by_hand={"c": 0.2})] == [pytest.approx(0.14), 0.2, 0.2]
    # Better by a quarter: 0.2 × 0.75 = 0.15 for the oldest and the middle; (8 + 10 × 0.15 + 20 × 0.15) × 0.75 ÷ 100.
    better = chain(left, "abc", 0.25, {"c": 0.2})
    assert [found.rate for found in better] == [pytest.approx(0.09375), pytest.approx(0.15), pytest.approx(0.15)]
    # The middle by hand and the oldest learnt: (8 + 10 × 0.9 + 20 × 0.5) ÷ 100.
    found = chain(left, "abc", by_hand={"b": 0.9})
    assert [(rate.rate, rate.note) for rate in found] == [(pytest.approx(0.27), None), (0.9, BY_HAND), (0.5, None)]


def test_a_rate_of_nothing_that_was_set_by_hand_is_not_told_as_history():
    # What left the youngest went to the oldest, of which half was lost: 0 only because the oldest is 0 by hand.
    left = [Left(100, 0, {2: 20}), Left(), Left(60, 30)]
    assert [(rate.rate, rate.note) for rate in chain(left, "abc", by_hand={"c": 0})] == [
        (0, None),
        (0, "nothing left this bucket in these months: the rate of c"),
        (0, BY_HAND),
    ]
    assert chain([Left(10, 0, {}), Left(10, 5)], "ab", by_hand={"b": 0})[0].note == NO_LOSS


def test_without_history_everything_is_taken_as_lost_and_says_so():
    found = chain([Left(), Left()], ("young", "old"))
    assert [(rate.rate, rate.note) for rate in found] == [
        (1, "nothing left this bucket in these months: the rate of old"),
        (1, NO_HISTORY),
    ]
    assert set(loss_rates(book(), END)["rate"]) == {1.0}


def test_history_without_a_loss_is_a_rate_of_nothing_and_says_so():
    assert [(rate.rate, rate.note) for rate in chain([Left(gone=10)], ["all"])] == [(0, NO_LOSS)]


def test_a_rate_is_never_outside_nothing_and_everything():
    # Exchange differences can make the parts of a bucket odd: more lost than left, or less than nothing.
    assert [found.rate for found in chain([Left(gone=10, lost=-3), Left(gone=10, lost=12)], "ab")] == [0, 1]


def test_improvement_collects_a_share_of_what_rolled_on_or_was_lost():
    of = book([*HISTORY, late("N", "1", 0)], HISTORY_CLOSED)
    # A tenth less at each step: current passes 1–30, 31–60, 61–90 and 120+ on its way: 0.01 × 0.9^5. 61–90 takes two
    # steps: 0.25 × 0.9^2.
    rows = matrix(loss_rates(of, END, improvement=0.1), "rate")
    assert rows["current"] == pytest.approx(0.01 * 0.9**5)
    assert rows["61–90"] == pytest.approx(0.25 * 0.9**2)
    assert rows["120+"] == pytest.approx(0.9)
    assert rows["91–120"] == rows["120+"]
    assert set(matrix(loss_rates(of, END, improvement=1), "rate").values()) == {0}
    # What was never seen to leave cannot have been collected better.
    assert chain([Left()], ["all"], 0.5)[0].rate == 1
    for wrong in (-0.1, 1.5, float("nan")):
        with pytest.raises(OutstandingError):
            loss_rates(of, END, improvement=wrong)


def test_rates_that_fall_with_age_name_the_bucket_they_fall_from():
    assert falls("abcde", [0.1, 0.3, 0.2, None, 0.25]) == [None, None, "b", None, "b"]
    # Of 100 in 1–30 all are lost, while in 31–60 another 100 are paid.
    of = book(
        [late("A", "100", 20, "2024-04-30"), late("B", "100", 50, "2024-04-30"), late("N", "1", 0)],
        [settled("1", "100", "2024-05-05", "write_off", of="A"), settled("2", "100", "2024-05-05", of="B")],
    )
    notes = matrix(loss_rates(of, END, months=2), "rate", "note")
    assert notes["1–30"] == (1, None)
    assert notes["31–60"] == (0, f"{NO_LOSS}; falls with age: below the rate of 1–30")


def test_currencies_that_are_never_added_have_rates_of_their_own():
    of = book(
        [
            late("U", "100", 200, currency="USD"),
            late("E", "100", 200, currency="EUR"),
            late("N", "1", 0),
        ],
        [
            settled("1", "25", "2024-06-05", "write_off", of="U"),
            settled("2", "75", "2024-06-05", of="U"),
            settled("3", "100", "2024-06-05", of="E"),
        ],
    )
    rows = loss_rates(of, END).filter(bucket="120+")
    assert rows.select("currency", "rate").rows() == [("EUR", 0), ("USD", 0.25)]
    assert loss_rates(of, END, scope=Scope.of(currency="USD"))["currency"].unique().to_list() == ["USD"]
