"""What closes what, from when, by the preset for ERPNext: one case a trap, on SQLite and on MariaDB.

A case enters what it needs for customers of its own and yields; all cases share a database and its books, and then each
goes on with them.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.mappings import books
from tests.mappings.cases import Made
from tests.mappings.erpnext_books import (
    ADVANCES,
    DEBTORS_EUR,
    DEBTORS_JPY,
    DISCOUNT,
    EXCHANGE,
    FEES,
    ONE,
    PAY,
    SINV,
    WRITE_OFF,
    cases,
    closed,
    numbers,
    owed,
    told,
)

case = cases()


@case
def a_payment_counts_from_its_day(erp):
    who = erp.customer("Prompt")
    invoice = erp.invoice("2026-01-10", who, "100", due="2026-02-09")
    payment = erp.payment("2026-01-20", who, (invoice, "60"))
    book = (yield).book(ONE)
    assert owed(book, "2026-01-09", who) == {}
    assert owed(book, "2026-01-19", who) == {invoice: "100.00"}
    assert owed(book, "2026-01-20", who) == {invoice: "40.00"}
    assert closed(book, invoice) == [("2026-01-20", "cash", "60.00")]
    assert closed(book, payment) == [("2026-01-20", "cash", "-60.00")]
    row = told(book, invoice)
    assert (row["kind"], row["due_date"], row["entity"]) == ("invoice", date(2026, 2, 9), "Main & Co. (USA)")
    assert told(book, payment)["kind"] == "payment"


@case
def an_advance_that_is_reconciled_counts_from_the_invoice(erp):
    who = erp.customer("Prepaid")
    payment = erp.payment("2026-01-10", who, rest="500")
    invoice = erp.invoice("2026-02-01", who, "300")
    erp.reconcile(payment, invoice, "300")
    book = (yield).book(ONE)
    # The ledger has the 300 under the payment's day, when there was no invoice yet.
    assert owed(book, "2026-01-31", who) == {payment: "-500.00"}
    assert owed(book, "2026-02-01", who) == {payment: "-200.00"}
    assert closed(book, invoice) == [("2026-02-01", "cash", "300.00")]
    assert closed(book, payment) == [("2026-02-01", "cash", "-300.00")]


@case
def a_payment_for_a_sales_order_waits_for_an_invoice(erp):
    who = erp.customer("Ordering")
    payment = erp.payment("2026-01-10", who, ("SAL-ORD-00001", "80"), rest="5")
    book = (yield).book(ONE)
    assert owed(book, "2026-06-30", who) == {payment: "-85.00"}
    assert closed(book, payment) == []


@case
def what_is_cancelled_never_was(erp):
    who = erp.customer("Cancelled")
    invoice = erp.invoice("2026-03-01", who, "420")
    bounced = erp.payment("2026-03-05", who, (invoice, "420"))
    gone = erp.invoice("2026-03-02", who, "88.88")
    entry = erp.journal(
        "2026-03-03", {"account": "Debtors - M", "amount": "7", "party": who}, {"account": FEES, "amount": "-7"}
    )
    for one in (bounced, gone, entry):
        erp.cancel(one)
    # A cancelled invoice keeps what was outstanding.
    erp.row(SINV, gone)["outstanding_amount"] = "88.88"
    book = (yield).book(ONE)
    assert owed(book, "2026-03-31", who) == {invoice: "420.00"}
    assert (numbers(book, who), closed(book, invoice)) == ([invoice], [])


@case
def drafts_post_nothing(erp):
    who = erp.customer("Draft")
    invoice = erp.invoice("2026-03-01", who, "50")
    erp.invoice("2026-03-01", who, "60", docstatus=0, outstanding_amount="60")
    erp.payment("2026-03-02", who, (invoice, "50"), docstatus=0)
    erp.journal("2026-03-02", {"account": "Debtors - M", "amount": "9", "party": who}, docstatus=0)
    book = (yield).book(ONE)
    assert owed(book, "2026-03-31", who) == {invoice: "50.00"}
    assert numbers(book, who) == [invoice]


@case
def an_amended_invoice_takes_the_place_of_the_cancelled_one(erp):
    who = erp.customer("Amended")
    wrong = erp.invoice("2026-03-01", who, "500")
    erp.cancel(wrong)
    right = erp.invoice("2026-03-01", who, "450", name=f"{wrong}-1", amended_from=wrong)
    book = (yield).book(ONE)
    assert owed(book, "2026-03-31", who) == {right: "450.00"}
    assert numbers(book, who) == [right]


@case
def a_credit_note_goes_into_its_invoice(erp):
    who = erp.customer("Returning")
    invoice = erp.invoice("2026-01-10", who, "300")
    note = erp.invoice("2026-02-05", who, "-100", return_against=invoice)
    book = (yield).book(ONE)
    assert owed(book, "2026-02-04", who) == {invoice: "300.00"}
    assert owed(book, "2026-02-05", who) == {invoice: "200.00"}
    assert closed(book, invoice) == [("2026-02-05", "credit", "100.00")]
    assert closed(book, note) == [("2026-02-05", "credit", "-100.00")]
    assert told(book, note)["kind"] == "credit_memo"


@case
def money_back_for_a_credit_note_belongs_to_its_invoice(erp):
    who = erp.customer("Refunded")
    invoice = erp.invoice("2026-01-10", who, "100")
    erp.payment("2026-01-15", who, (invoice, "100"))
    note = erp.invoice("2026-02-05", who, "-100", return_against=invoice)
    out = erp.payment("2026-02-12", who, (note, "-100"))
    book = (yield).book(ONE)
    # The invoice is paid and credited: it is owed to the customer until the money is back.
    assert owed(book, "2026-02-11", who) == {invoice: "-100.00"}
    assert owed(book, "2026-02-12", who) == {}
    assert closed(book, invoice)[-1] == ("2026-02-12", "refund", "-100.00")
    assert out not in numbers(book, who)


@case
def a_credit_note_may_stand_for_itself(erp):
    who = erp.customer("Own outstanding")
    invoice = erp.invoice("2026-01-10", who, "100")
    note = erp.invoice("2026-02-05", who, "-60", return_against=invoice, alone=True)
    out = erp.payment("2026-02-12", who, (note, "-25"))
    # Payment Reconciliation writes a journal entry of type Credit Note.
    lines = ({"account": "Debtors - M", "party": who, "amount": "35", "against": (SINV, note)},
             {"account": "Debtors - M", "party": who, "amount": "-35", "against": (SINV, invoice)})  # fmt: skip
    erp.journal("2026-02-20", *lines, voucher_type="Credit Note")
    book = (yield).book(ONE)
    assert owed(book, "2026-02-11", who) == {invoice: "100.00", note: "-60.00"}
    assert owed(book, "2026-02-12", who) == {invoice: "100.00", note: "-35.00"}
    assert owed(book, "2026-02-20", who) == {invoice: "65.00"}
    assert closed(book, note) == [("2026-02-12", "refund", "-25.00"), ("2026-02-20", "credit", "-35.00")]
    assert closed(book, invoice) == [("2026-02-20", "credit", "35.00")]
    assert out not in numbers(book, who)


@case
def a_debit_note_stands_beside_its_invoice(erp):
    who = erp.customer("Charged more")
    invoice = erp.invoice("2026-01-10", who, "100")
    facts = {"return_against": invoice, "alone": True, "is_return": False}
    note = erp.invoice("2026-02-05", who, "20", is_debit_note=True, **facts)
    book = (yield).book(ONE)
    assert owed(book, "2026-02-05", who) == {invoice: "100.00", note: "20.00"}
    assert told(book, note)["kind"] == "debit_memo"


@case
def one_payment_may_take_a_credit_note_in(erp):
    who = erp.customer("Net payer")
    invoice = erp.invoice("2026-01-10", who, "500")
    note = erp.invoice("2026-01-11", who, "-100")
    payment = erp.payment("2026-01-20", who, (invoice, "500"), (note, "-100"))
    book = (yield).book(ONE)
    assert owed(book, "2026-01-19", who) == {invoice: "500.00", note: "-100.00"}
    assert owed(book, "2026-01-20", who) == {}
    # 500 of cash, 100 of which went back, make the 400 that came.
    assert closed(book, invoice) == [("2026-01-20", "cash", "500.00")]
    assert closed(book, note) == [("2026-01-20", "refund", "-100.00")]
    assert closed(book, payment) == [("2026-01-20", "cash", "-500.00")]


@case
def an_invoice_in_instalments_is_one_document_due_with_the_last(erp):
    who = erp.customer("Instalments")
    invoice = erp.invoice("2026-01-01", who, "100", due="2026-03-31")
    for term, due, paid in (("First", "2026-01-31", "50"), ("Second", "2026-03-31", "5")):
        erp.add(
            "Payment Schedule", parent=invoice, payment_term=term, due_date=due, payment_amount="50", paid_amount=paid
        )
    # A row for each term, the same voucher twice.
    payment = erp.payment("2026-02-10", who, (invoice, "50"), (invoice, "5"))
    book = (yield).book(ONE)
    assert owed(book, "2026-02-09", who) == {invoice: "100.00"}
    assert owed(book, "2026-02-10", who) == {invoice: "45.00"}
    assert closed(book, invoice) == [("2026-02-10", "cash", "5.00"), ("2026-02-10", "cash", "50.00")]
    assert told(book, invoice)["due_date"] == date(2026, 3, 31)
    assert numbers(book, who) == [payment, invoice]


@case
def deductions_are_no_cash(erp):
    who = erp.customer("Short payer")
    first = erp.invoice("2026-01-10", who, "900")
    second = erp.invoice("2026-01-11", who, "100")
    lost = ((WRITE_OFF, "15"), (DISCOUNT, "5"), (FEES, "2"), (EXCHANGE, "3"))
    payment = erp.payment("2026-02-01", who, (first, "900"), (second, "100"), deductions=lost)
    book = (yield).book(ONE)
    assert owed(book, "2026-02-01", who) == {}
    # Off the largest first. An exchange difference stands beside the bank and is none.
    day = "2026-02-01"
    kinds = [(day, "cash", "878.00"), (day, "discount", "5.00"), (day, "other", "2.00"), (day, "write_off", "15.00")]
    assert closed(book, first) == kinds
    assert closed(book, second) == [(day, "cash", "100.00")]
    assert sorted(closed(book, payment)) == [(day, "cash", "-100.00"), (day, "cash", "-878.00")]


@case
def a_deduction_may_go_on_to_the_next_invoice(erp):
    who = erp.customer("Very short payer")
    first = erp.invoice("2026-01-10", who, "60")
    second = erp.invoice("2026-01-11", who, "50")
    payment = erp.payment("2026-02-01", who, (first, "60"), (second, "50"), deductions=((WRITE_OFF, "70"),))
    book = (yield).book(ONE)
    assert [row[1:] for row in closed(book, first)] == [("write_off", "60.00")]
    assert [row[1:] for row in closed(book, second)] == [("cash", "40.00"), ("write_off", "10.00")]
    assert owed(book, "2026-02-01", who) == {}
    assert told(book, payment)["amount"] == -40.0


@case
def a_deduction_is_in_the_account_s_currency_too(erp):
    who = erp.customer("Short in euros")
    invoice = erp.invoice("2026-01-10", who, "200", base="220", account=DEBTORS_EUR)
    facts = {"account": DEBTORS_EUR, "deductions": ((WRITE_OFF, "11"),)}
    payment = erp.payment("2026-02-01", who, (invoice, "200", "220"), **facts)
    book = (yield).book(ONE)
    # 11 of 220 dollars are 10 of 200 euros.
    day = "2026-02-01"
    assert closed(book, invoice, DEBTORS_EUR) == [(day, "cash", "190.00"), (day, "write_off", "10.00")]
    assert closed(book, payment, DEBTORS_EUR) == [(day, "cash", "-190.00")]
    assert owed(book, day, who) == {}


@case
def a_deduction_in_yen_has_no_cents(erp):
    who = erp.customer("Short in yen")
    invoice = erp.invoice("2026-01-10", who, "50001", base="333.33", account=DEBTORS_JPY)
    facts = {"account": DEBTORS_JPY, "deductions": ((WRITE_OFF, "1.47"),)}
    erp.payment("2026-02-01", who, (invoice, "50001", "333.33"), **facts)
    book = (yield).book(ONE)
    # 1.47 of 333.33 dollars are 220.51 of 50001 yen.
    day = "2026-02-01"
    assert closed(book, invoice, DEBTORS_JPY) == [(day, "cash", "49780.00"), (day, "write_off", "221.00")]
    assert owed(book, day, who) == {}


@case
def an_advance_moves_from_an_account_of_its_own(erp):
    # ERPNext 15 may book advances on a liability account of type receivable, and move them when they are applied.
    who = erp.customer("Separate advances")
    payment = erp.payment("2026-01-10", who, rest="100", account=ADVANCES)
    invoices = [erp.invoice("2026-01-20", who, amount) for amount in ("60", "30")]
    for day, invoice, amount in zip(("2026-02-01", "2026-03-01"), invoices, ("60", "30"), strict=True):
        erp.post((PAY, payment), day, "Debtors - M", f"-{amount}", party=who, against=(SINV, invoice))
        erp.post((PAY, payment), day, ADVANCES, amount, party=who, against=(PAY, payment))
    erp.row(PAY, payment)["unallocated_amount"] = "10"
    book = (yield).book(ONE)
    first, second = invoices
    advance = f"{payment} on {ADVANCES}"
    assert owed(book, "2026-01-31", who) == {first: "60.00", second: "30.00", advance: "-100.00"}
    assert owed(book, "2026-02-01", who) == {second: "30.00", advance: "-40.00"}
    assert owed(book, "2026-03-01", who) == {advance: "-10.00"}
    assert [closed(book, invoice) for invoice in invoices] == [
        [("2026-02-01", "cash", "60.00")],
        [("2026-03-01", "cash", "30.00")],
    ]
    # What it is on the receivable account is what it was on its first day there.
    assert closed(book, payment) == [("2026-02-01", "cash", "-60.00")]


@case
def an_invoice_in_euros_on_an_account_in_dollars_is_owed_in_dollars(erp):
    who = erp.customer("Euros in dollars")
    invoice = erp.invoice("2026-01-10", who, "110", currency="EUR", grand_total="100", base_grand_total="110")
    book = (yield).book(ONE)
    assert owed(book, "2026-01-31", who) == {invoice: "110.00"}
    assert told(book, invoice)["currency"] == "USD"


@case
def an_immutable_ledger_keeps_what_was_before_the_cancelling(erp):
    # A setting of ERPNext 15: nothing is delinked, and what reverses it has the day of the cancelling.
    who = erp.customer("Immutable")
    invoice, gone = erp.invoice("2026-03-01", who, "420"), erp.invoice("2026-03-02", who, "88.88")
    bounced = erp.payment("2026-03-05", who, (invoice, "400"), rest="7")
    for one in (bounced, gone):
        erp.cancel(one, on="2026-04-10")
    book = (yield).book(ONE)
    assert owed(book, "2026-04-09", who) == {invoice: "20.00", gone: "88.88", bounced: "-7.00"}
    assert owed(book, "2026-04-10", who) == {invoice: "420.00"}
    assert closed(book, invoice) == [("2026-03-05", "cash", "400.00"), ("2026-04-10", "refund", "-400.00")]
    assert closed(book, gone) == [("2026-04-10", "credit", "88.88")]


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def made(request: pytest.FixtureRequest, tmp_path_factory) -> Made:
    return case.made(request, tmp_path_factory.mktemp("erpnext"))


@pytest.mark.parametrize("name", case.names)
def test_trap(name, made):
    case.checked(name, made)


def test_nothing_is_refused_and_erpnext_s_own_balances_agree(made):
    book = made.book(ONE)
    assert book.frames["quarantine"].is_empty()
    assert books.differences(book) == []
    assert book.frames["verified_totals"].select("currency").to_series().to_list() == ["USD"]
    assert set(book.frames["gl"]["difference"].to_list()) == {0.0}
