"""Where the opening balance went: the same money at both ends of any window."""

from __future__ import annotations

import pytest

from ledger.calendar import Window
from ledger.conversion import Conversion
from ledger.scope import COMPANY, Scope
from metrics import migration
from tests.ledger.books import book, customer, day, invoice, money, payment, settled


def told(of, end, form="1mo", scope=COMPANY, by=()):
    """Every flow as (labels of the group, bucket, outcome, money)."""
    rows = migration(of, Window.ending(day(end), form), scope, by).drop("as_of", "currency", "opening", "rate")
    return [(*labels, money(amount)) for *labels, amount in rows.iter_rows()]


def test_each_part_of_the_opening_balance_has_its_own_outcome():
    # Due 9 February, so on 29 February 20 days late. By 31 March 40 of the 100 are paid, 10 credited, 5 written off and
    # 3 taken as a discount; 42 are still open, 51 days late. What is billed in March was not there to go anywhere.
    parts = [
        settled("1", "40", "2024-03-04"),
        settled("2", "10", "2024-03-05", "credit"),
        settled("3", "5", "2024-03-06", "write_off"),
        settled("4", "3", "2024-03-31", "discount"),
        settled("5", "42", "2024-04-01"),
    ]
    of = book([invoice(), invoice("NEW", "70", document_date="2024-03-02", due_date="2024-03-20")], parts)
    assert told(of, "2024-03-31") == [
        ("1–30", "31–60", 42),
        ("1–30", "paid", 40),
        ("1–30", "credited", 10),
        ("1–30", "written off", 5),
        ("1–30", "other", 3),
    ]


def test_any_days_can_be_the_two_ends():
    # Open on 16 January, not due; on 15 April it is 66 days late.
    assert told(book([invoice()]), "2024-04-15", "90d") == [("current", "61–90", 100)]


def test_an_opening_balance_may_stay_where_it_was():
    slow = invoice("SLOW", "5", due_date="2024-09-30")
    assert told(book([slow]), "2024-04-30") == [("current", "current", 5)]


def test_it_obeys_scope_and_grouping():
    other = invoice("I2", "7", customer_id="C2", region=None)
    of = book([invoice(), other], customers=[customer(), customer("C2", "Two")])
    assert told(of, "2024-02-29", by=["region"]) == [("EMEA", "current", "1–30", 100), (None, "current", "1–30", 7)]
    assert told(of, "2024-02-29", scope=Scope.of(customer=["C2"])) == [("current", "1–30", 7)]


def test_credits_have_no_part_in_it():
    of = book([invoice(), payment("P", "-30", "2024-01-20")])
    assert told(of, "2024-02-29") == [("current", "1–30", 100)]


@pytest.mark.parametrize("of", [book(), book([invoice()])], ids=["no books", "a window before the first day"])
def test_where_the_history_does_not_reach_there_is_nothing(of):
    assert migration(of, Window.ending(day("2023-12-31"), "3mo")).is_empty()


def test_currencies_that_are_never_added_are_followed_apart():
    two = [invoice(), invoice("I2", "7", currency="EUR")]
    rows = migration(book(two, rules={"conversion": Conversion.NONE}), Window.ending(day("2024-02-29"), "1mo"))
    assert rows.select("currency", "amount", "opening", "rate").rows() == [("EUR", 7, 7, 1), ("USD", 100, 100, 1)]
