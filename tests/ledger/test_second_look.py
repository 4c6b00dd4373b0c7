"""Cases that a review found: money that must not vanish, change its currency or count as paid when it was not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.conversion import Conversion
from ledger.scope import Scope
from ledger.store import Store
from metrics import evaluate
from tests.ledger.books import balance, book, day, invoice, money, owed, quarantined, rate, settled, value, warned
from tests.ledger.test_store import AT, SMALL

EURO = {"currency": "EUR", "base_currency": "USD"}


def test_unreadable_rates_do_not_quietly_give_up_the_reporting_currency():
    ledger = book([invoice("I1"), invoice("I2", currency="EUR")], fx_rates=[rate("EUR", "2024-01-01", "1,1")])
    assert ledger.currencies == ("USD",)
    assert ("I2", "rate_missing") in quarantined(ledger)


def test_one_document_without_a_rate_does_not_undo_the_booked_amounts_of_the_others():
    ledger = book([invoice("I1", "100", amount_base="110", **EURO), invoice("I2", "50", currency="GBP")])
    assert (ledger.currencies, owed(ledger, "2024-01-31")) == (("USD",), 110)
    assert quarantined(ledger) == [("I2", "rate_missing")]


def test_the_gate_weighs_settlements_in_their_documents_currency():
    # 100 000 000 JPY at 0.0065 is 650 000 USD; 500 000 USD kept out of 1 150 000 is 43 %.
    ledger = book(
        [invoice("Y", "100000000", currency="JPY"), invoice("D", "500000")],
        [settled("1", "100000000", "2024-02-01", of="Y"), settled("2", "500000", "2024-02-30", of="D")],
        fx_rates=[rate("JPY", "2024-01-01", "0.0065")],
    )
    assert ledger.about["quarantined_share"] == pytest.approx(500_000 / 1_150_000)


def test_a_base_amount_in_the_documents_own_currency_counts_in_the_comparison_with_the_ledger_too():
    balances = [{"entity": "E1", "currency": "USD", "as_of": "2024-01-31", "balance": "105"}]
    ledger = book([invoice(amount_base="105", base_currency="USD")], gl_balances=balances)
    assert (owed(ledger, "2024-01-31"), ledger.gl_comparison["difference"].to_list()) == (105, [0.0])
    assert warned(ledger) == {"base_differs": ["I1"]}


def test_money_received_by_mistake_is_no_payment_of_the_invoice():
    # 100 paid of the 10 000 on day 10, 9 900 of it taken back; the second invoice is paid after 50 days: (10 + 50) / 2.
    ledger = book(
        [invoice("I1"), invoice("I2")],
        [
            settled("1", "10000", "2024-01-20"),
            settled("2", "-9900", "2024-01-21"),
            settled("3", "100", "2024-02-29", of="I2"),
        ],
    )
    row = evaluate(ledger, ["days_to_pay"], [day("2024-03-31")], "12mo").row(0, named=True)
    assert (row["value"], row["denominator"]) == (30.0, 200.0)
    assert value(ledger, "cash_collected", "2024-03-31", "12mo") == 200.0


@pytest.mark.parametrize("moved", ["10", "-10"])
def test_a_document_paid_after_a_revaluation_ends_at_zero(moved):
    ledger = book(
        [invoice("I1", "100", amount_base="110", **EURO)],
        [settled("1", "0", "2024-01-31", "fx", amount_base=moved), settled("2", "100", "2024-02-20")],
    )
    assert owed(ledger, "2024-02-10") == 110 - int(moved)
    assert (owed(ledger, "2024-02-29"), value(ledger, "gross_open", "2024-02-29")) == (0, 0.0)


def test_small_rates_keep_their_digits():
    ledger = book(
        [invoice("I1", "99999999999", currency="VND")], fx_rates=[rate("VND", "2024-01-01", "0.000039370078740")]
    )
    assert value(ledger, "total_ar", "2024-01-31") == 3937007.87


def test_a_currency_chosen_without_rates_leaves_the_others_out():
    ledger = book([invoice("I1"), invoice("I2", currency="EUR")])
    assert ledger.rules.conversion is Conversion.NONE
    rows = evaluate(ledger, ["total_ar"], [day("2024-01-31")], scope=Scope.of(currency="EUR"))
    assert rows["currency"].to_list() == ["EUR"]


def test_a_dimension_without_any_value_is_told():
    ledger = book([invoice()], rules={"dimensions": {"region": "Region", "regionn": "Region"}})
    assert ledger.about["unfilled"] == ["regionn"]


def test_the_fingerprint_names_what_was_kept_out_as_well():
    assert book([invoice()]).fingerprint != book([invoice(), invoice("I2", "x")]).fingerprint


def test_a_lost_or_damaged_pointer_costs_no_snapshot(tmp_path):
    store = Store(tmp_path)
    first = store.publish(SMALL, AT)
    for number, damage in enumerate((None, b"\xff\xfe"), start=1):
        pointer = tmp_path / "current"
        pointer.unlink() if damage is None else pointer.write_bytes(damage)
        store.publish(SMALL, AT + timedelta(minutes=number))
    assert (store.snapshots / first.about["id"]).is_dir()
    assert len(store.history()) == 3


def test_a_settlement_of_nothing_opens_nothing():
    # An invoice of nothing, settled by nothing; the cent of exchange difference in March is a credit all the same.
    nothing = invoice("N", "0", currency="EUR", amount_base="0", base_currency="USD")
    difference = settled("2", "0", "2024-03-01", by="fx", of="N", amount_base="0.01")
    settlements = [settled("1", "0", "2024-02-01", of="N", amount_base="0"), difference]
    for given in ([difference], settlements):
        assert balance(book([nothing], given), "2024-03-31") == {"unapplied": money(-0.01)}
