"""Rolls: the same money at one month-end and at the next."""

from __future__ import annotations

import pytest

from ledger.aging import AgingRule
from ledger.calendar import Window
from ledger.conversion import Conversion
from ledger.rolls import outcomes
from ledger.scope import Scope
from tests.ledger.books import book, customer, day, invoice, payment, rate, settled

MONTHS = [day(text) for text in ("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30")]
LATER = invoice("LATER", "1", document_date="2024-06-30", due_date="2024-07-31")
"""Something on the last day of June, so that the history has six month-ends."""


def told(of, days=MONTHS, scope=Scope(), by=()):
    """Every roll as (later month-end, labels of the group, bucket, outcome, money)."""
    buckets, ends = of.rules.aging.labels, outcomes(of.rules.aging)
    return [
        (as_of.isoformat()[:7], *group, buckets[bucket], ends[to], amount / 100)
        for as_of, *group, _, bucket, to, amount in of.rolls(days, scope, by).iter_rows()
    ]


def test_an_invoice_is_followed_from_bucket_to_bucket_until_it_is_paid():
    # Issued 10 January, due 9 February. 31 January: not due. 29 February: 20 days late. 31 March: 51. 30 April: 81.
    # 31 May: 112. Paid on 20 June.
    of = book([invoice(), LATER], [settled("1", "100", "2024-06-20")])
    assert told(of) == [
        ("2024-02", "current", "1–30", 100),
        ("2024-03", "1–30", "31–60", 100),
        ("2024-04", "31–60", "61–90", 100),
        ("2024-05", "61–90", "91–120", 100),
        ("2024-06", "91–120", "paid", 100),
    ]


def test_each_part_of_an_invoice_has_its_own_outcome():
    # Of 100 in 1–30 on 29 February, by 31 March 40 were paid, 10 credited, 5 written off, 3 taken as a discount, and
    # 42 are still open, 51 days late. The 42 are paid on the day of the next month-end.
    parts = [
        settled("1", "40", "2024-03-04"),
        settled("2", "10", "2024-03-05", "credit"),
        settled("3", "5", "2024-03-06", "write_off"),
        settled("4", "3", "2024-03-31", "discount"),
        settled("5", "42", "2024-04-30"),
    ]
    of = book([invoice(), LATER], parts)
    assert told(of, MONTHS[2:]) == [
        ("2024-03", "1–30", "31–60", 42),
        ("2024-03", "1–30", "paid", 40),
        ("2024-03", "1–30", "credited", 10),
        ("2024-03", "1–30", "written off", 5),
        ("2024-03", "1–30", "other", 3),
        ("2024-04", "31–60", "paid", 42),
    ]


def test_an_exchange_difference_is_paid_with_the_payment_that_it_arose_on():
    # 110 dollars as booked: 60 euros are paid with 90 dollars and 24 of difference the other way in February (66), the
    # other 40 with 44 dollars in April.
    base = {"amount_base": "110", "base_currency": "USD"}
    of = book(
        [invoice(currency="EUR", **base), LATER | {"amount_base": "1", "base_currency": "USD"}],
        [
            settled("1", "60", "2024-02-20", amount_base="90"),
            settled("2", "0", "2024-02-20", "fx", amount_base="-24"),
            settled("3", "40", "2024-04-20", amount_base="44"),
        ],
    )
    assert told(of, MONTHS[:4]) == [
        ("2024-02", "current", "1–30", 44),
        ("2024-02", "current", "paid", 66),
        ("2024-03", "1–30", "31–60", 44),
        ("2024-04", "31–60", "paid", 44),
    ]


def test_what_came_and_went_between_two_month_ends_is_in_no_roll():
    assert told(book([invoice("I1", document_date="2024-03-02"), LATER], [settled("1", "100", "2024-03-30")])) == []


def test_an_invoice_may_skip_a_bucket_in_a_long_month_and_stay_in_the_oldest():
    # Due 31 January: 29 February is 29 days late, 31 March 60, 30 April 90, 31 May 121, 30 June 151.
    of = book([invoice("I1", document_date="2024-01-05", due_date="2024-01-31"), LATER])
    assert told(of, MONTHS[2:]) == [
        ("2024-03", "1–30", "31–60", 100),
        ("2024-04", "31–60", "61–90", 100),
        ("2024-05", "61–90", "120+", 100),
        ("2024-06", "120+", "120+", 100),
    ]


def test_credits_are_not_followed_even_where_they_are_aged():
    documents = [payment("P1", "-30", "2024-01-15"), invoice("M1", "-20", kind="credit_memo"), LATER]
    for credits in ("separate", "aged"):
        assert told(book(documents, rules={"aging": AgingRule(credits=credits)})) == []


def test_a_write_off_that_is_taken_back_was_lost_in_its_month_and_is_a_new_part_after_it():
    # 31–60 on 31 March, written off on 10 April, taken back on 20 May: 112 days late on 31 May, gone in June.
    of = book(
        [invoice(), LATER],
        [
            settled("1", "100", "2024-04-10", "write_off"),
            settled("2", "-100", "2024-05-20", "write_off"),
            settled("3", "100", "2024-06-03"),
        ],
    )
    assert told(of, MONTHS[3:]) == [("2024-04", "31–60", "written off", 100), ("2024-06", "91–120", "paid", 100)]


@pytest.mark.parametrize(
    ("rule", "bucket"),
    [
        # Document of 31 January, due 1 March: on 31 March 60 days past the one and 30 past the other. Paid in April.
        (AgingRule(), "1–30"),
        (AgingRule(last_day="outside"), "31–60"),
        (AgingRule(basis="document_date"), "31–60"),
        (AgingRule(edges=(15,)), "15+"),
    ],
)
def test_buckets_are_those_of_the_aging_rule(rule, bucket):
    of = book(
        [invoice("I1", document_date="2024-01-31", due_date="2024-03-01"), LATER],
        [settled("1", "100", "2024-04-15")],
        rules={"aging": rule},
    )
    assert told(of, [day("2024-04-30")]) == [("2024-04", bucket, "paid", 100)]


def test_due_on_the_month_end_itself_follows_the_rule_for_due_today():
    documents = [invoice("I1", document_date="2024-03-01", due_date="2024-03-31"), LATER]
    paid = [settled("1", "100", "2024-04-15")]
    for due_today, bucket in (("current", "current"), ("overdue", "1–30")):
        of = book(documents, paid, rules={"aging": AgingRule(due_today=due_today)})
        assert told(of, [day("2024-04-30")]) == [("2024-04", bucket, "paid", 100)]


def test_groups_scopes_and_customers_are_parts_of_the_whole():
    documents = [
        invoice("I1", "100"),
        invoice("I2", "60", customer_id="C2", region="APAC"),
        invoice("I3", "30", customer_id="C2"),
        LATER,
    ]
    of = book(documents, [settled("1", "60", "2024-02-20", of="I2")], [customer(), customer("C2")])
    february = [day("2024-02-29")]
    assert told(of, february) == [("2024-02", "current", "1–30", 130), ("2024-02", "current", "paid", 60)]
    assert told(of, february, by=["region"]) == [
        ("2024-02", "APAC", "current", "paid", 60),
        ("2024-02", "EMEA", "current", "1–30", 130),
    ]
    assert told(of, february, by=["customer", "region"]) == [
        ("2024-02", "C1", "EMEA", "current", "1–30", 100),
        ("2024-02", "C2", "APAC", "current", "paid", 60),
        ("2024-02", "C2", "EMEA", "current", "1–30", 30),
    ]
    assert told(of, february, Scope.of(customer="C2", region="EMEA")) == [("2024-02", "current", "1–30", 30)]


def test_only_month_ends_that_have_one_before_them_have_rolls():
    of = book([invoice(), LATER])
    assert told(of, [day("2024-01-31"), day("2024-02-15")]) == []
    assert of.frames["rolls"]["as_of"].unique().sort().to_list() == MONTHS[1:]


def test_a_month_after_the_last_posting_is_followed_too():
    # Due 9 February: 142 days late on 30 June. LATER is due on 31 July.
    of = book([invoice(), LATER])
    assert told(of, [*MONTHS[5:], day("2024-07-31")]) == [
        ("2024-06", "91–120", "120+", 100),
        ("2024-07", "current", "current", 1),
        ("2024-07", "120+", "120+", 100),
    ]


def test_books_too_young_for_a_roll_have_none():
    of = book([invoice()])
    assert of.frames["rolls"].is_empty()
    assert told(of, [day("2024-01-31")], by=["customer", "region"]) == []
    assert told(book()) == []


def test_at_closing_rates_both_ends_are_valued_at_the_earlier_day():
    # 100 EUR, 1.10 dollars on 31 January and 1.20 from February on: what is followed is 110 dollars, though the 100
    # euros are worth 120 at the later month-end.
    of = book(
        [invoice(currency="EUR"), LATER],
        fx_rates=[rate("EUR", "2024-01-01", "1.1"), rate("EUR", "2024-02-01", "1.2")],
        rules={"conversion": Conversion.CLOSING},
    )
    assert told(of, MONTHS[1:3]) == [("2024-02", "current", "1–30", 110), ("2024-03", "1–30", "31–60", 120)]
    assert told(of, MONTHS[1:3], Scope.of(customer="C1")) == told(of, MONTHS[1:3])


def test_currencies_that_are_never_added_are_followed_apart():
    of = book([invoice(), invoice("I2", "70", currency="EUR"), LATER])
    rows = of.rolls([day("2024-02-29")])
    assert rows.select("currency", "amount").rows() == [("EUR", 7000), ("USD", 10000)]


def test_losses_are_write_offs_of_what_was_owed_and_recoveries_are_those_taken_back():
    # Written off: 100 of I1 in April and 20 of D1 in May; 100 of I1 taken back in May. The write-offs of a payment and
    # of an invoice with the wrong sign are no losses; the discount is none either.
    of = book(
        [
            invoice(),
            invoice("D1", "50", kind="debit_memo"),
            invoice("W1", "-7"),
            payment("P1", "-9", "2024-02-01"),
            LATER,
        ],
        [
            settled("1", "100", "2024-04-10", "write_off"),
            settled("2", "-100", "2024-05-20", "write_off"),
            settled("3", "20", "2024-05-31", "write_off", of="D1"),
            settled("4", "30", "2024-05-31", "discount", of="D1"),
            settled("5", "-9", "2024-05-02", "write_off", of="P1"),
            settled("6", "-7", "2024-05-02", "write_off", of="W1"),
        ],
    )
    columns = ("currency", "written_off", "recovered")
    assert of.written_off(Window(day("2024-04-01"), day("2024-06-30"))).select(columns).rows() == [
        ("USD", 12000, 10000)
    ]
    assert of.written_off(Window(day("2024-05-01"), day("2024-05-31"))).select(columns).rows() == [("USD", 2000, 10000)]
    assert of.written_off(Window(day("2024-06-01"), day("2024-06-30"))).rows() == []
