"""What closes what, from when, by the preset for Tryton: one case a trap, on SQLite and on PostgreSQL.

A case enters what it needs for parties of its own and yields; all cases share a database and its books, and then each
goes on with them.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.mappings import books
from tests.mappings.cases import Made
from tests.mappings.tryton_books import (
    BANK,
    CASH,
    DRAFTS,
    INCOME,
    ONE,
    PAYMENTS,
    REVENUE,
    WRITE_OFF,
    cases,
    closed,
    euros,
    owed,
    told,
)

case = cases()


@case
def an_invoice_paid_early_stays_open_until_it_is_due(tryton):
    who = tryton.party("Early payer")
    invoice = tryton.invoice("2026-01-10", who, {"amount": "100", "maturity_date": "2026-03-10"})[0]
    receipt = tryton.receipt("2026-01-20", who, "100", pays=invoice)
    tryton.reconcile(invoice, receipt)
    made = yield
    both = {invoice: ("100.00",), receipt: ("-100.00",)}
    assert owed(made.book(ONE), "2026-01-20", invoice, receipt) == both
    assert owed(made.book(ONE), "2026-03-09", invoice, receipt) == both
    assert owed(made.book(ONE), "2026-03-10", invoice, receipt) == {}
    assert closed(made.book(ONE), invoice) == [("2026-03-10", "cash", "100.00")]
    assert closed(made.book(ONE), receipt) == [("2026-03-10", "cash", "-100.00")]
    assert owed(made.book(PAYMENTS), "2026-01-19", invoice, receipt) == {invoice: ("100.00",)}
    assert owed(made.book(PAYMENTS), "2026-01-20", invoice, receipt) == {}
    assert closed(made.book(PAYMENTS), invoice) == [("2026-01-20", "cash", "100.00")]


@case
def before_8_2_a_reconciliation_has_the_latest_posting_date(tryton):
    who = tryton.party("Early payer of old")
    invoice = tryton.invoice("2026-01-10", who, {"amount": "100", "maturity_date": "2026-03-10"})[0]
    receipt = tryton.receipt("2026-01-20", who, "100")
    tryton.reconcile(invoice, receipt, day="2026-01-20")
    made = yield
    assert owed(made.book(ONE), "2026-01-19", invoice, receipt) == {invoice: ("100.00",)}
    assert owed(made.book(ONE), "2026-01-20", invoice, receipt) == {}


@case
def what_payments_do_not_tell_is_closed_by_the_last_posting(tryton):
    # Cash that was not entered as a payment of anything, reconciled later with two invoices.
    who = tryton.party("Unapplied")
    cash = tryton.receipt("2026-01-25", who, "800")
    first = tryton.invoice("2026-02-01", who, {"amount": "500", "maturity_date": "2026-03-03"})[0]
    second = tryton.invoice("2026-02-20", who, {"amount": "300", "maturity_date": "2026-03-22"})[0]
    tryton.reconcile(cash, first, second)
    made = yield
    three = first, second, cash
    assert owed(made.book(ONE), "2026-03-21", *three) == {first: ("500.00",), second: ("300.00",), cash: ("-800.00",)}
    assert owed(made.book(ONE), "2026-03-22", *three) == {}
    assert owed(made.book(PAYMENTS), "2026-02-19", *three) == {first: ("500.00",), cash: ("-800.00",)}
    assert owed(made.book(PAYMENTS), "2026-02-20", *three) == {}
    assert closed(made.book(PAYMENTS), second) == [("2026-02-20", "cash", "300.00")]


@case
def a_partial_payment_is_a_credit_beside_its_invoice(tryton):
    who = tryton.party("Half payer")
    invoice = tryton.invoice("2026-02-01", who, {"amount": "200", "maturity_date": "2026-03-01"})[0]
    receipt = tryton.receipt("2026-02-11", who, "80.55", pays=invoice)
    made = yield
    assert owed(made.book(ONE), "2026-06-30", invoice, receipt) == {invoice: ("200.00",), receipt: ("-80.55",)}
    assert closed(made.book(ONE), invoice) == []
    assert owed(made.book(PAYMENTS), "2026-02-10", invoice, receipt) == {invoice: ("200.00",)}
    assert owed(made.book(PAYMENTS), "2026-06-30", invoice, receipt) == {invoice: ("119.45",)}
    assert closed(made.book(PAYMENTS), receipt) == [("2026-02-11", "cash", "-80.55")]


@case
def a_payment_goes_to_the_instalment_due_first(tryton):
    who = tryton.party("Instalments")
    # Entered in another order than they are due.
    dues = [("40", "2026-04-01"), ("30", "2026-02-01"), ("30", "2026-03-01")]
    late, first, second = tryton.invoice("2026-01-01", who, *({"amount": a, "maturity_date": d} for a, d in dues))
    one = tryton.receipt("2026-02-05", who, "45", pays=first)
    two = tryton.receipt("2026-03-05", who, "25", pays=first)
    made = yield
    assert [told(made.book(ONE), line)["due_date"] for line in (first, late)] == [date(2026, 2, 1), date(2026, 4, 1)]
    five = late, first, second, one, two
    assert owed(made.book(PAYMENTS), "2026-02-28", *five) == {second: ("15.00",), late: ("40.00",)}
    # The second pays what the first has left of the March instalment, and 10 of April's.
    assert owed(made.book(PAYMENTS), "2026-03-05", *five) == {late: ("30.00",)}
    assert closed(made.book(PAYMENTS), two) == [("2026-03-05", "cash", "-10.00"), ("2026-03-05", "cash", "-15.00")]


@case
def a_reconciled_payment_paid_the_instalment_it_is_reconciled_with(tryton):
    who = tryton.party("Later instalment")
    dues = ({"amount": "50", "maturity_date": day} for day in ("2026-02-01", "2026-03-01"))
    first, second = tryton.invoice("2026-01-01", who, *dues)
    receipt = tryton.receipt("2026-01-15", who, "50", pays=first)
    tryton.reconcile(second, receipt)
    made = yield
    assert owed(made.book(PAYMENTS), "2026-01-15", first, second, receipt) == {first: ("50.00",)}


@case
def a_payment_before_its_invoice_counts_from_the_invoice(tryton):
    who = tryton.party("Prepaid")
    invoice = tryton.invoice("2026-02-01", who, {"amount": "70", "maturity_date": "2026-02-01"})[0]
    receipt = tryton.receipt("2026-01-25", who, "70", pays=invoice)
    made = yield
    assert owed(made.book(PAYMENTS), "2026-01-31", invoice, receipt) == {receipt: ("-70.00",)}
    assert owed(made.book(PAYMENTS), "2026-02-01", invoice, receipt) == {}


@case
def an_exchange_difference_keeps_the_wizard_s_date(tryton):
    who = tryton.party("Rate rose")
    invoice = tryton.invoice("2026-01-15", who, euros("1000", amount="1052.63", maturity_date="2026-02-14"))[0]
    receipt = tryton.receipt("2026-03-20", who, "1111.11", pays=invoice, line=euros("-1000"))
    # Reconciled in November, without a date: the difference is of that day.
    lines = ({"party": who, "amount": "58.48"}, {"account": INCOME, "amount": "-58.48"})
    exchange = tryton.move("2026-11-10", *lines, journal=WRITE_OFF)[0]
    tryton.reconcile(invoice, receipt, exchange)
    made = yield
    three = invoice, receipt, exchange
    paid = {invoice: ("EUR", "1000.00", "1052.63"), receipt: ("EUR", "-1000.00", "-1111.11")}
    assert owed(made.book(ONE), "2026-11-09", *three) == paid
    assert owed(made.book(ONE), "2026-11-10", *three) == {}
    assert closed(made.book(ONE), invoice) == [("2026-11-10", "cash", "1000.00")]
    # What came above the invoice is exchange, without any euros.
    assert closed(made.book(ONE), receipt) == [("2026-11-10", "cash", "-1000.00"), ("2026-11-10", "fx", "0.00")]
    assert closed(made.book(ONE), exchange) == [("2026-11-10", "other", "58.48")]
    # The payment settles in euros when it came; the dollars too much are on the invoice until they are booked.
    assert owed(made.book(PAYMENTS), "2026-03-19", *three) == {invoice: ("EUR", "1000.00", "1052.63")}
    assert owed(made.book(PAYMENTS), "2026-11-09", *three) == {invoice: ("EUR", "0.00", "-58.48")}
    assert owed(made.book(PAYMENTS), "2026-11-10", *three) == {}
    assert closed(made.book(PAYMENTS), invoice) == [("2026-03-20", "cash", "1000.00"), ("2026-11-10", "fx", "0.00")]


@case
def a_write_off_in_euros_has_an_exchange_difference_too(tryton):
    who = tryton.party("Short in euros")
    invoice = tryton.invoice("2026-01-15", who, euros("100", amount="110", maturity_date="2026-01-15"))[0]
    receipt = tryton.receipt("2026-02-10", who, "94.50", line=euros("-90"))
    short = ({"party": who, "amount": "-10.50", **euros("-10")}, {"account": INCOME, "amount": "10.50"})
    write_off = tryton.move("2026-02-10", *short, journal=WRITE_OFF)[0]
    lines = ({"party": who, "amount": "-5"}, {"account": INCOME, "amount": "5"})
    exchange = tryton.move("2026-02-10", *lines, journal=WRITE_OFF)[0]
    tryton.reconcile(invoice, receipt, write_off, exchange)
    made = yield
    day = "2026-02-10"
    assert closed(made.book(ONE), invoice) == [(day, "cash", "90.00"), (day, "fx", "0.00"), (day, "write_off", "10.00")]
    assert closed(made.book(ONE), write_off) == [(day, "other", "-10.00")]
    assert owed(made.book(ONE), day, invoice, receipt, write_off, exchange) == {}


@case
def a_write_off_is_no_cash(tryton):
    who = tryton.party("Short payer")
    invoice = tryton.invoice("2026-01-05", who, {"amount": "900", "maturity_date": "2026-02-03"})[0]
    receipt = tryton.receipt("2026-04-02", who, "880", pays=invoice)
    lines = ({"party": who, "amount": "-20"}, {"account": INCOME, "amount": "20"})
    write_off = tryton.move("2026-04-05", *lines, journal=WRITE_OFF)[0]
    tryton.reconcile(invoice, receipt, write_off)
    made = yield
    day = "2026-04-05"
    assert closed(made.book(ONE), invoice) == [(day, "cash", "880.00"), (day, "write_off", "20.00")]
    assert closed(made.book(ONE), write_off) == [(day, "other", "-20.00")]
    assert told(made.book(ONE), write_off)["kind"] == "journal"
    assert owed(made.book(PAYMENTS), "2026-04-02", invoice, receipt, write_off) == {invoice: ("20.00",)}
    assert closed(made.book(PAYMENTS), invoice) == [("2026-04-02", "cash", "880.00"), (day, "write_off", "20.00")]


@case
def a_rest_written_off_in_the_customer_s_disfavour_is_no_cash(tryton):
    who = tryton.party("Payer of too much")
    invoice = tryton.invoice("2026-01-05", who, {"amount": "100", "maturity_date": "2026-01-05"})[0]
    receipt = tryton.receipt("2026-01-09", who, "105")
    lines = ({"party": who, "amount": "5"}, {"account": INCOME, "amount": "-5"})
    write_off = tryton.move("2026-01-09", *lines, journal=WRITE_OFF)[0]
    tryton.reconcile(invoice, receipt, write_off)
    made = yield
    day = "2026-01-09"
    assert closed(made.book(ONE), receipt) == [(day, "cash", "-100.00"), (day, "write_off", "-5.00")]
    assert closed(made.book(ONE), write_off) == [(day, "other", "5.00")]


@case
def euros_paid_in_dollars_leave_no_exchange_difference(tryton):
    who = tryton.party("Two currencies")
    invoice = tryton.invoice("2026-02-20", who, euros("264", amount="290.40", maturity_date="2026-02-20"))[0]
    receipt = tryton.receipt("2026-05-06", who, "300", pays=invoice)
    # Tryton compares dollars here: what is over is a write-off, though from the same kind of journal.
    lines = ({"party": who, "amount": "9.60"}, {"account": INCOME, "amount": "-9.60"})
    write_off = tryton.move("2026-05-06", *lines, journal=WRITE_OFF)[0]
    tryton.reconcile(invoice, receipt, write_off, day="2026-05-07")
    made = yield
    for parameters, day in ((ONE, "2026-05-07"), (PAYMENTS, "2026-05-06")):
        # Of two currencies, a payment does not say how much it pays: the reconciliation does.
        assert closed(made.book(parameters), invoice) == [(day, "cash", "264.00")]
        assert closed(made.book(parameters), receipt) == [(day, "cash", "-290.40"), (day, "write_off", "-9.60")]


@case
def shares_of_several_kinds_come_to_the_cent(tryton):
    who = tryton.party("Three ways")
    dues = ({"amount": amount, "maturity_date": "2026-06-01"} for amount in ("33.34", "33.33", "33.33"))
    items = tryton.invoice("2026-06-01", who, *dues)
    receipt = tryton.receipt("2026-06-02", who, "66.67")
    credit = tryton.invoice("2026-06-02", who, {"amount": "-33.33"})[0]
    tryton.reconcile(*items, receipt, credit)
    made = yield
    # 66.67 of 100 is cash: 22.2278 of 33.34, and 22.2211 of 33.33.
    parts = [[row[1:] for row in closed(made.book(ONE), item)] for item in items]
    assert parts[0] == [("cash", "22.23"), ("credit", "11.11")]
    assert parts[1] == parts[2] == [("cash", "22.22"), ("credit", "11.11")]


@case
def shares_of_whole_amounts_are_not_whole(tryton):
    who = tryton.party("Round sums")
    items = tryton.invoice("2026-06-01", who, *({"amount": "10"} for _ in range(3)))
    receipt = tryton.receipt("2026-06-02", who, "20")
    credit = tryton.invoice("2026-06-02", who, {"amount": "-10"})[0]
    tryton.reconcile(*items, receipt, credit)
    made = yield
    parts = [[row[1:] for row in closed(made.book(ONE), item)] for item in items]
    assert parts == [[("cash", "6.67"), ("credit", "3.33")]] * 3


@case
def a_repayment_entered_for_an_invoice_pays_nothing_of_it(tryton):
    who = tryton.party("Repaid")
    invoice = tryton.invoice("2026-06-01", who, {"amount": "100"})[0]
    receipt = tryton.receipt("2026-06-02", who, "80", pays=invoice)
    back = tryton.receipt("2026-06-03", who, "-30", pays=invoice)
    made = yield
    assert owed(made.book(PAYMENTS), "2026-06-03", invoice, receipt, back) == {invoice: ("20.00",), back: ("30.00",)}


@case
def a_cancelled_invoice_and_its_credit_note_are_reconciled_together(tryton):
    who = tryton.party("Cancelled")
    invoice = tryton.invoice("2026-01-07", who, {"amount": "650", "maturity_date": "2026-03-08"})[0]
    credit = tryton.invoice("2026-03-12", who, {"amount": "-650", "maturity_date": "2026-05-11"})[0]
    tryton.rows["account_invoice"][-2].update(state="cancelled", cancel_move=tryton.line(credit)["move"])
    tryton.reconcile(invoice, credit)
    made = yield
    kinds = [told(made.book(ONE), line)["kind"] for line in (invoice, credit)]
    assert kinds == ["invoice", "credit_memo"]
    both = {invoice: ("650.00",), credit: ("-650.00",)}
    assert owed(made.book(ONE), "2026-05-10", invoice, credit) == both
    assert owed(made.book(ONE), "2026-05-11", invoice, credit) == {}
    assert closed(made.book(ONE), invoice) == [("2026-05-11", "credit", "650.00")]
    assert closed(made.book(PAYMENTS), invoice) == [("2026-03-12", "credit", "650.00")]
    assert closed(made.book(PAYMENTS), credit) == [("2026-03-12", "credit", "-650.00")]


@case
def an_invoice_taken_back_by_its_move_is_credited(tryton):
    who = tryton.party("Taken back")
    invoice = tryton.invoice("2026-01-07", who, {"amount": "65", "maturity_date": "2026-01-07"})[0]
    back = ({"party": who, "amount": "-65"}, {"account": INCOME, "amount": "65"})
    origin = f"account.move,{tryton.line(invoice)['move']}"
    credit = tryton.move("2026-01-09", *back, origin=origin, journal=REVENUE)[0]
    tryton.reconcile(invoice, credit)
    made = yield
    assert told(made.book(ONE), credit)["kind"] == "credit_memo"
    assert closed(made.book(ONE), invoice) == [("2026-01-09", "credit", "65.00")]
    assert closed(made.book(ONE), credit) == [("2026-01-09", "credit", "-65.00")]


@case
def a_bounced_payment_leaves_its_invoice_open(tryton):
    who = tryton.party("Bounced")
    invoice = tryton.invoice("2026-03-20", who, {"amount": "420", "maturity_date": "2026-04-19"})[0]
    receipt = tryton.receipt("2026-04-22", who, "420", pays=invoice)
    back = ({"party": who, "amount": "420"}, {"account": BANK, "amount": "-420"})
    origin = f"account.move,{tryton.line(receipt)['move']}"
    returned = tryton.move("2026-04-25", *back, origin=origin, journal=CASH)[0]
    tryton.reconcile(receipt, returned)
    made = yield
    for parameters in (ONE, PAYMENTS):
        book = made.book(parameters)
        assert owed(book, "2026-04-24", invoice, receipt) == {invoice: ("420.00",), receipt: ("-420.00",)}
        assert owed(book, "2026-04-25", invoice, receipt, returned) == {invoice: ("420.00",)}
        # No refund: the cash never was.
        assert closed(book, receipt) == [("2026-04-25", "cash", "-420.00")]
        assert closed(book, returned) == [("2026-04-25", "other", "420.00")]
        assert told(book, returned)["kind"] == "journal"


@case
def money_paid_out_for_a_credit_note_is_a_refund(tryton):
    who = tryton.party("Refunded")
    credit = tryton.invoice("2026-03-01", who, {"amount": "-30", "maturity_date": "2026-03-01"})[0]
    payout = tryton.receipt("2026-03-08", who, "-30", pays=credit)
    tryton.reconcile(credit, payout)
    made = yield
    for parameters in (ONE, PAYMENTS):
        book = made.book(parameters)
        assert closed(book, credit) == [("2026-03-08", "refund", "-30.00")]
        assert closed(book, payout) == [("2026-03-08", "other", "30.00")]
        assert told(book, payout)["kind"] == "journal"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path_factory) -> Made:
    return case.made(request, tmp_path_factory.mktemp("tryton"))


@pytest.mark.parametrize("name", case.names)
def test_trap(name, made):
    case.checked(name, made)


@pytest.mark.parametrize("parameters", [ONE, PAYMENTS, DRAFTS])
def test_nothing_is_refused_and_what_is_not_reconciled_agrees(parameters, made):
    book = made.book(parameters)
    assert book.frames["quarantine"].is_empty()
    assert books.differences(book) == []
    assert not book.frames["verified_totals"].is_empty()
