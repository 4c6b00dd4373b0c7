"""What the source itself says is open, held against the books."""

from __future__ import annotations

import pytest

from tests.ledger.books import book, customer, invoice, payment, settled


def says(id: str | None, amount: str, currency: str = "USD", customer: str | None = "C1"):
    return {"document_id": id, "customer_id": customer, "currency": currency, "amount": amount}


DOCUMENTS = [
    invoice("I1"),
    invoice("I2", "50"),
    invoice("I3", "70", customer_id="C2"),
    payment("P1", "-30", "2024-02-01"),
]
SETTLEMENTS = [settled("S1", "40", "2024-02-01"), settled("S2", "50", "2024-03-01", of="I2")]
PEOPLE = [customer("C1"), customer("C2")]
AGREED = [says("I1", "60"), says("I3", "70", customer="C2"), says("P1", "-30")]


def differing(made):
    return made.frames["verified"].rows()


def test_without_the_sources_word_nothing_is_compared():
    made = book(DOCUMENTS, SETTLEMENTS, PEOPLE)
    assert made.frames["verified"].is_empty()
    assert made.frames["verified_totals"].is_empty()


def test_what_agrees_differs_nowhere():
    made = book(DOCUMENTS, SETTLEMENTS, PEOPLE, verify=AGREED)
    assert differing(made) == []
    assert made.frames["verified_totals"].rows() == [("USD", 3, 0, 100.0, 100.0, 0.0)]
    assert made.quality.filter(rule="source_differs")["rows"].item() == 0


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([says("I1", "60.01"), *AGREED[1:]], [("C1", "I1", "USD", 60.01, 60.0, -0.01)]),
        (AGREED[1:], [("C1", "I1", "USD", 0.0, 60.0, 60.0)]),
        ([*AGREED, says("I2", "50")], [("C1", "I2", "USD", 50.0, 0.0, -50.0)]),
        ([*AGREED, says("X", "-9", customer="C9")], [("C9", "X", "USD", -9.0, 0.0, 9.0)]),
        (
            [says("I1", "60", "EUR"), *AGREED[1:]],
            [("C1", "I1", "EUR", 60.0, 0.0, -60.0), ("C1", "I1", "USD", 0.0, 60.0, 60.0)],
        ),
    ],
    ids=["a cent", "left out", "paid here", "unknown here", "another currency"],
)
def test_each_document_that_differs_is_named(told, expected):
    made = book(DOCUMENTS, SETTLEMENTS, PEOPLE, verify=told)
    assert sorted(differing(made), key=lambda row: row[2]) == expected
    found = made.quality.filter(rule="source_differs").row(0, named=True)
    assert (found["rows"], found["table"], found["severity"]) == (len(expected), "verify", "warning")
    assert set(found["examples"]) == {row[1] for row in expected}


def test_the_largest_difference_comes_first():
    made = book(
        DOCUMENTS, SETTLEMENTS, PEOPLE, verify=[says("I1", "61"), says("I3", "75", customer="C2"), says("P1", "-30")]
    )
    assert [row[1] for row in differing(made)] == ["I3", "I1"]


def test_a_source_that_knows_only_customers_is_compared_by_customer():
    told = [says(None, "30"), says(None, "71", customer="C2")]
    made = book(DOCUMENTS, SETTLEMENTS, PEOPLE, verify=told)
    assert differing(made) == [("C2", None, "USD", 71.0, 70.0, -1.0)]
    assert made.frames["verified_totals"].rows() == [("USD", 2, 1, 101.0, 100.0, -1.0)]


def test_a_balance_knows_no_day():
    """What is dated ahead is posted all the same, and so is its settlement."""
    ahead = [invoice("I1", document_date="2025-03-01", due_date="2025-04-01"), invoice("I2", "50")]
    made = book(ahead, [settled("S1", "50", "2025-06-01", of="I2")], verify=[says("I1", "100")])
    assert differing(made) == []


def test_a_row_kept_out_is_a_difference():
    made = book([invoice("I1"), invoice("I2", "fifty")], verify=[says("I1", "100"), says("I2", "50")])
    assert differing(made) == [("C1", "I2", "USD", 50.0, 0.0, -50.0)]


def test_sums_of_each_currency_stand_apart():
    rows = [invoice("I1"), invoice("I2", "5000", currency="JPY")]
    made = book(rows, verify=[says("I1", "99"), says("I2", "5000", "JPY")])
    assert made.frames["verified_totals"].sort("currency").rows() == [
        ("JPY", 1, 0, 5000.0, 5000.0, 0.0),
        ("USD", 1, 1, 99.0, 100.0, 1.0),
    ]
