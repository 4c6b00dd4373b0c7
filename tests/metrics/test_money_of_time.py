"""What late payment costs, what was given up, and the working of count-back DSO."""

from __future__ import annotations

import pytest

from metrics import countback_working, evaluate
from tests.ledger.books import book, day, invoice, payment, settled, value

END = "2024-03-31"


def test_what_is_overdue_costs_its_share_of_a_year():
    # 1 000 000 overdue × 8 % × 91 days of 1 January to 31 March ÷ 365 = 19 945.205…
    late = book([invoice(amount="1000000")])
    assert value(late, "cost_of_overdue", END) == 19945.21
    # At 10 %: 24 931.506…
    dearer = book([invoice(amount="1000000")], rules={"annual_rate": 0.10})
    assert value(dearer, "cost_of_overdue", END) == 24931.51


def test_a_day_of_dso_is_a_day_of_sales():
    # 10 000 000 sold in the 366 days of 2024: 27 322.404…
    sold = book([invoice(amount="10000000")])
    assert value(sold, "dso_day_value", "2024-12-31", "12mo") == 27322.40


def test_write_offs_are_told_net_of_what_came_back():
    # Opened at 1 000 (I0, of 2023); 1 200 written off and 200 of it taken back; closing gross 1 000 + 2 000 − 1 000.
    ledger = book(
        [invoice("I0", "1000", document_date="2023-06-01", due_date="2023-07-01"), invoice("I1", "2000")],
        [
            settled("S1", "1200", "2024-02-01", "write_off"),
            settled("S2", "-200", "2024-03-01", "write_off"),
        ],
    )
    assert value(ledger, "write_offs", END) == 1000.0
    assert value(ledger, "write_off_ratio", END) == pytest.approx(1000 / ((1000 + 2000) / 2))
    assert value(ledger, "bad_debt_ratio", END) == pytest.approx(1000 / 2000)


def test_exchange_losses_are_what_was_booked_less_what_was_received():
    # Booked at 1.10: 1 100 USD. Paid at 1.06: 1 060 USD received, 40 lost. In April nothing more.
    ledger = book(
        [invoice(amount="1000", currency="EUR", amount_base="1100", base_currency="USD")],
        [
            settled("S1", "1000", "2024-03-20", amount_base="1060"),
            settled("S2", "0", "2024-03-20", "fx", amount_base="40"),
        ],
    )
    assert value(ledger, "fx_losses", END) == 40.0
    assert value(ledger, "total_ar", END) == 0.0
    assert value(ledger, "fx_losses", "2024-06-30") == 0.0


def test_an_opening_that_is_gone_still_counts_in_the_average():
    # 600 open before the window and settled within it: average gross open (600 + 0) ÷ 2.
    ledger = book(
        [invoice("I0", "600", document_date="2023-06-01", region="APAC")],
        [settled("S1", "500", "2024-02-01", of="I0"), settled("S2", "100", "2024-02-02", "write_off", of="I0")],
    )
    rows = evaluate(ledger, ["write_off_ratio"], [day(END)], by=["region"])
    assert rows.select("region", "value").rows() == [("APAC", pytest.approx(100 / 300))]


def test_unapplied_cash_is_what_payments_have_left():
    # 500 received, 300 of it applied; a credit memo of 50 is an unapplied credit and no cash.
    ledger = book(
        [invoice(amount="1000"), payment("P", "-500", "2024-03-01"), invoice("C", "-50", kind="credit_memo")],
        [settled("S1", "300", "2024-03-01"), settled("S2", "-300", "2024-03-01", of="P")],
    )
    assert value(ledger, "unapplied_cash_share", END) == pytest.approx(200 / 500)
    assert value(ledger, "unapplied_credits", END) == -250.0


def test_the_working_of_count_back_adds_up_to_it():
    # 212 owed: 70 of March (31 days), 80 of February (29), 62 of January's 100 (31 × 0.62 = 19.22).
    sold = [("J", "2024-01-10", "100"), ("F", "2024-02-10", "80"), ("M", "2024-03-10", "70")]
    ledger = book(
        [invoice(id, amount, document_date=on, due_date=None) for id, on, amount in sold],
        [settled("S", "38", "2024-03-20", of="J")],
    )
    rows = countback_working(ledger, day(END))
    assert rows.select("month", "days", "sales", "left", "taken").rows() == [
        (day("2024-03-31"), 31, 70.0, 212.0, 70.0),
        (day("2024-02-29"), 29, 80.0, 142.0, 80.0),
        (day("2024-01-31"), 31, 100.0, 62.0, 62.0),
    ]
    assert rows["counted"].to_list() == pytest.approx([31, 29, 31 * 0.62])
    assert rows["counted"].sum() == pytest.approx(value(ledger, "dso_countback", END))
    assert countback_working(ledger, day("2023-12-31")).is_empty()
