"""What lowers debts otherwise than by money: credit memos, write-offs, discounts."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.calendar import Window
from ledger.listing import reductions
from ledger.scope import Scope
from tests.ledger.books import book, invoice, payment, settled

YEAR = Window(date(2024, 1, 1), date(2024, 12, 31))


def given():
    return book(
        [
            invoice("I1", "100", number="N-1"),
            invoice("I2", "900", currency="JPY", customer_id="C2"),
            invoice("M1", "-40", kind="credit_memo", document_date="2024-03-01", due_date=None),
            invoice("M0", "-7", kind="credit_memo", document_date="2023-12-31", due_date=None),
            payment("P1", "-30", "2024-04-01"),
        ],
        [
            settled("S1", "30", "2024-04-01"),
            settled("S2", "5", "2024-05-01", by="discount"),
            settled("S3", "25", "2024-06-01", by="write_off"),
            settled("S4", "900", "2024-07-01", by="write_off", of="I2"),
            settled("S5", "-30", "2024-04-01", of="P1"),
        ],
        rules={"conversion": "none"},
    )


def test_each_has_its_day_kind_document_and_amount_in_its_own_currency():
    assert reductions(given(), YEAR).rows() == [
        (date(2024, 7, 1), "write_off", "I2", None, 900, "JPY"),
        (date(2024, 6, 1), "write_off", "I1", "N-1", 25, "USD"),
        (date(2024, 5, 1), "discount", "I1", "N-1", 5, "USD"),
        (date(2024, 3, 1), "credit_memo", "M1", None, 40, "USD"),
    ]


@pytest.mark.parametrize(
    ("window", "ids"),
    [
        (Window(date(2024, 5, 1), date(2024, 6, 1)), ["I1", "I1"]),
        (Window(date(2023, 12, 31), date(2024, 3, 1)), ["M1", "M0"]),
        (Window(date(2025, 1, 1), date(2025, 1, 31)), []),
    ],
)
def test_both_ends_of_the_window_count(window, ids):
    assert reductions(given(), window)["document_id"].to_list() == ids


def test_a_scope_chooses():
    assert reductions(given(), YEAR, Scope.of(customer="C2"))["document_id"].to_list() == ["I2"]
