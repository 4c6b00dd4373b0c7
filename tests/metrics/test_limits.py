"""Exposure against credit limits, families rolled up."""

from __future__ import annotations

import pytest

from ledger.scope import Scope
from metrics import credit_limits, evaluate
from tests.ledger.books import book, customer, day, invoice, payment, rate

END = day("2024-03-31")
NO_LIMIT = "nobody with something open has a credit limit"


def owing(balances, customers, *more, **how):
    documents = [invoice(f"I-{id}", amount, customer_id=id) for id, amount in balances.items()]
    return book([*documents, *more], customers=customers, **how)


def told(of, metric, **how):
    row = evaluate(of, [metric], [END], **how).row(0, named=True)
    return row["value"], row["note"]


def test_a_customer_over_and_one_within_its_limit():
    done = owing({"A": "120", "B": "30"}, [customer("A", credit_limit="100"), customer("B", credit_limit="60")])
    table = credit_limits(done, END)
    assert table.drop("as_of", "currency").rows() == [
        ("A", "customer", 1, 100, 120, 1.2, 20, None), ("B", "customer", 1, 60, 30, 0.5, 0, None),
    ]  # fmt: skip
    assert told(done, "over_limit") == (20, None)
    # 150 ÷ 160.
    assert told(done, "credit_utilisation") == (0.9375, None)


def test_exactly_at_the_limit_is_not_over_it():
    done = owing({"A": "100"}, [customer("A", credit_limit="100.00")])
    assert credit_limits(done, END).select("utilisation", "over_limit").row(0) == (1, 0)


def test_no_limit_is_not_a_limit_of_zero():
    none = owing({"A": "100"}, [customer("A")])
    assert credit_limits(none, END).is_empty()
    assert told(none, "over_limit") == told(none, "credit_utilisation") == (None, NO_LIMIT)
    zero = owing({"A": "100"}, [customer("A", credit_limit="0")])
    assert credit_limits(zero, END).select("limit", "exposure", "utilisation", "over_limit", "note").row(0) == (
        0, 100, None, 100, "a limit of zero",
    )  # fmt: skip
    assert told(zero, "over_limit") == (100, None)
    assert told(zero, "credit_utilisation") == (None, "every limit is zero")


def test_a_limit_below_zero_and_one_beyond_reach_are_none():
    done = owing(
        {"A": "100", "B": "5"},
        [customer("A", credit_limit="-1"), customer("B", credit_limit="99999999999999999999")],
    )
    assert credit_limits(done, END).is_empty()


def test_exposure_is_net_of_unapplied_credits_and_at_least_zero():
    held = [customer("A", credit_limit="50"), customer("B", credit_limit="50")]
    done = owing(
        {"A": "80", "B": "10"}, held,
        payment("P", "-20", "2024-03-01", customer_id="A"), payment("Q", "-30", "2024-03-01", customer_id="B"),
    )  # fmt: skip
    assert credit_limits(done, END).select("customer", "exposure", "over_limit").rows() == [("A", 60, 10), ("B", 0, 0)]


# P has a limit of 100; its child A one of 50; A's child B and P's child C none. D is alone.
FAMILY = [
    customer("P", credit_limit="100"), customer("A", parent_id="P", credit_limit="50"), customer("B", parent_id="A"),
    customer("C", parent_id="P"), customer("D", credit_limit="10"),
]  # fmt: skip


def test_a_parent_is_exposed_to_its_whole_family():
    done = owing({"A": "40", "B": "30", "C": "60", "D": "5"}, FAMILY)
    rows = credit_limits(done, END).select("customer", "level", "members", "exposure", "over_limit").rows()
    # A and B owe 70 of 50, and with C 130 of 100; the parent owes nothing itself.
    assert rows == [("P", "group", 4, 130, 30), ("A", "group", 2, 70, 20), ("D", "customer", 1, 5, 0)]


def test_what_is_over_two_limits_counts_once():
    # The parent is 30 over and its child 20: the 20 are among the 30.
    done = owing({"A": "40", "B": "30", "C": "60", "D": "5"}, FAMILY)
    assert told(done, "over_limit") == (30, None)
    # The parent is within its limit, the child is not.
    assert told(owing({"A": "40", "B": "30", "C": "10"}, FAMILY), "over_limit") == (20, None)
    # 20 of the child and 7 of another family.
    assert told(owing({"A": "70", "D": "17"}, FAMILY), "over_limit") == (27, None)


def test_children_that_are_over_together_exceed_what_the_parent_is_over():
    family = [customer("P", credit_limit="100"), *(customer(id, parent_id="P", credit_limit="10") for id in "ABC")]
    # Children 30 + 30 + 0 over; the family of 90 is within its parent's 100.
    assert told(owing({"A": "40", "B": "40", "C": "10"}, family), "over_limit") == (60, None)


def test_an_excess_passes_through_a_parent_without_a_limit():
    family = [customer("P"), customer("A", parent_id="P"), customer("B", parent_id="A", credit_limit="10")]
    assert told(owing({"B": "25"}, family), "over_limit") == (15, None)


def test_utilisation_is_of_the_topmost_limits_alone():
    done = owing({"A": "40", "B": "30", "C": "60", "D": "5"}, FAMILY)
    row = evaluate(done, ["credit_utilisation"], [END]).row(0, named=True)
    assert (row["numerator"], row["denominator"], row["value"]) == (135, 110, pytest.approx(135 / 110))


def test_limits_of_customers_without_anything_open_are_not_used_and_do_not_count():
    done = owing({"A": "5"}, FAMILY)
    row = evaluate(done, ["credit_utilisation"], [END]).row(0, named=True)
    assert (row["numerator"], row["denominator"]) == (5, 100)
    assert credit_limits(done, END)["customer"].to_list() == ["A", "P"]


def test_a_circle_of_parents_does_no_harm():
    ring = [customer("A", parent_id="B", credit_limit="10"), customer("B", parent_id="A", credit_limit="5")]
    done = owing({"A": "8", "B": "9"}, ring)
    # A is taken as the head: 17 of 10, B 9 of 5.
    assert credit_limits(done, END).select("customer", "over_limit").rows() == [("A", 7), ("B", 4)]
    assert told(done, "over_limit") == (7, None)


def test_a_part_of_the_company_is_exposed_by_what_it_is_owed():
    asia = invoice("X", "90", customer_id="D", region="APAC")
    done = owing({"A": "40", "B": "30", "C": "60", "D": "5"}, FAMILY, asia)
    rows = evaluate(done, ["over_limit", "credit_utilisation"], [END], by=["region"])
    assert rows.select("region", "metric", "value").rows() == [
        ("APAC", "over_limit", 80), ("APAC", "credit_utilisation", 9),
        ("EMEA", "over_limit", 30), ("EMEA", "credit_utilisation", pytest.approx(135 / 110)),
    ]  # fmt: skip
    assert credit_limits(done, END, Scope.of(region="APAC")).select("customer", "exposure").rows() == [("D", 90)]


def test_a_past_day_has_its_own_exposure():
    done = owing({"A": "40"}, FAMILY, invoice("L", "100", customer_id="A", document_date="2024-03-10"))
    days = [day("2023-12-31"), day("2024-02-29"), END]
    rows = evaluate(done, ["over_limit"], days)
    # 140 is 90 over the child's limit and 40 over the parent's: the larger.
    assert rows.select("value", "note").rows() == [(None, NO_LIMIT), (0, None), (90, None)]


def test_limits_are_in_the_reporting_currency():
    yen = {"rules": {"reporting_currency": "JPY"}}
    done = owing({}, [customer("A", credit_limit="1000")], invoice("X", "1500", currency="JPY", customer_id="A"), **yen)
    assert credit_limits(done, END).select("limit", "exposure", "over_limit").row(0) == (1000, 1500, 500)
    euro = invoice("X", "1000", currency="EUR", customer_id="A")
    done = book([euro], customers=[customer("A", credit_limit="1000")], fx_rates=[rate("EUR", "2024-01-01", "1.10")])
    assert credit_limits(done, END).select("limit", "exposure", "over_limit").row(0) == (1000, 1100, 100)


def test_limits_say_nothing_of_currencies_that_are_never_added():
    euro = invoice("X", "1000", currency="EUR", customer_id="A")
    done = owing({"A": "200"}, [customer("A", credit_limit="100")], euro)
    note = "limits are in USD, and nothing converts the amounts to it"
    rows = evaluate(done, ["over_limit", "credit_utilisation"], [END])
    assert rows.select("currency", "value", "note").rows() == [
        (currency, None, note) for currency in ("EUR", "EUR", "USD", "USD")
    ]
    table = credit_limits(done, END).select("currency", "limit", "exposure", "utilisation", "over_limit", "note")
    assert table.rows() == [("EUR", None, 1000, None, None, note), ("USD", None, 200, None, None, note)]
