"""Journal entries by the preset for ERPNext: one case a trap, as in ``test_erpnext``."""

from __future__ import annotations

from datetime import date

import pytest

from tests.mappings import books
from tests.mappings.cases import Made
from tests.mappings.erpnext_books import (
    BANK,
    DEBTORS_EUR,
    DISCOUNT,
    EXCHANGE,
    FEES,
    ONE,
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
def an_exchange_difference_keeps_its_own_day(erp):
    who = erp.customer("Rate rose")
    invoice = erp.invoice("2026-01-10", who, "100", base="110", account=DEBTORS_EUR)
    payment = erp.payment("2026-02-01", who, (invoice, "100", "115"), account=DEBTORS_EUR)
    lines = ({"account": DEBTORS_EUR, "party": who, "amount": "0", "base": "5", "against": (SINV, invoice)},
             {"account": EXCHANGE, "amount": "-5"})  # fmt: skip
    entry = erp.journal("2026-02-28", *lines, voucher_type="Exchange Gain Or Loss")
    # One that somebody wrote, and its reversal, on other accounts.
    for sign in ("", "-"):
        by_hand = ({**lines[0], "base": f"{sign}1"}, {"account": FEES, "amount": f"{sign}1"})
        erp.journal("2026-02-28", *by_hand)
    book = (yield).book(ONE)
    assert owed(book, "2026-01-31", who) == {invoice: "100.00 = 110.00"}
    # Nothing is owed in euros; the dollars too much are on the invoice until they are booked.
    assert owed(book, "2026-02-01", who) == {invoice: "0.00 = -5.00"}
    assert owed(book, "2026-02-27", who) == {invoice: "0.00 = -5.00"}
    assert owed(book, "2026-02-28", who) == {}
    assert closed(book, invoice, DEBTORS_EUR) == [("2026-02-01", "cash", "100.00"), *[("2026-02-28", "fx", "0.00")] * 3]
    assert numbers(book, who) == [payment, invoice]
    assert entry not in numbers(book, who)


@case
def a_revaluation_is_money_in_base_only(erp):
    who = erp.customer("Revalued")
    invoice = erp.invoice("2026-01-10", who, "100", base="110", account=DEBTORS_EUR)
    against = ("Exchange Rate Revaluation", "ACC-ERR-00001")
    lines = ({"account": DEBTORS_EUR, "party": who, "amount": "100", "base": "112", "against": against},
             {"account": DEBTORS_EUR, "party": who, "amount": "-100", "base": "-110", "against": against},
             {"account": EXCHANGE, "amount": "-2"})  # fmt: skip
    entry = erp.journal("2026-01-31", *lines, voucher_type="Exchange Rate Revaluation")
    book = (yield).book(ONE)
    assert owed(book, "2026-01-30", who) == {invoice: "100.00 = 110.00"}
    assert owed(book, "2026-01-31", who) == {invoice: "100.00 = 110.00", entry: "0.00 = 2.00"}


@case
def a_journal_entry_is_told_by_its_type_or_by_its_other_lines(erp):
    who = erp.customer("Journals")
    ways = {
        "write_off": [(WRITE_OFF, "Write Off Entry"), (WRITE_OFF, "Journal Entry")],
        "cash": [(BANK, "Bank Entry"), (BANK, "Journal Entry"), (FEES, "Cash Entry"), (FEES, "Credit Card Entry")],
        "discount": [(DISCOUNT, "Journal Entry")],
        "fx": [(EXCHANGE, "Journal Entry")],
        "credit": [(FEES, "Credit Note")],
        "other": [(FEES, "Journal Entry")],
    }
    invoice = erp.invoice("2026-01-10", who, "1000")
    for found in ways.values():
        for account, type in found:
            lines = {"account": "Debtors - M", "party": who, "amount": "-10", "against": (SINV, invoice)}
            erp.journal("2026-02-01", lines, {"account": account, "amount": "10"}, voucher_type=type)
    book = (yield).book(ONE)
    kinds = [kind for _, kind, _ in closed(book, invoice)]
    assert kinds == sorted(kind for kind, found in ways.items() for _ in found)
    # None of them is a document of its own.
    assert numbers(book, who) == [invoice]
    assert owed(book, "2026-02-01", who) == {invoice: "900.00"}


@case
def money_that_a_journal_entry_brought_is_reconciled_later(erp):
    who = erp.customer("Journal advance")
    entry = erp.journal(
        "2026-01-05", {"account": "Debtors - M", "party": who, "amount": "-90"}, {"account": BANK, "amount": "90"}
    )
    invoice = erp.invoice("2026-01-20", who, "70")
    # The journal entry and the payment ledger are written anew; the general ledger is not.
    erp.reconcile(entry, invoice, "70")
    book = (yield).book(ONE)
    assert owed(book, "2026-01-19", who) == {entry: "-90.00"}
    assert owed(book, "2026-01-20", who) == {entry: "-20.00"}
    assert closed(book, invoice) == [("2026-01-20", "cash", "70.00")]
    assert told(book, entry)["kind"] == "payment"


@case
def a_journal_entry_can_be_paid(erp):
    who = erp.customer("Bill by journal")
    lines = ({"account": "Debtors - M", "party": who, "amount": "40"}, {"account": FEES, "amount": "-40"})
    bill = erp.journal("2026-01-05", *lines, bill_no="B-7", due_date="2026-02-04")
    erp.payment("2026-02-10", who, (bill, "30"))
    other = erp.journal("2026-01-06", *lines, due_date="2026-12-31")
    advance = erp.payment("2026-01-02", who, rest="6")
    erp.reconcile(advance, other, "6")
    book = (yield).book(ONE)
    assert owed(book, "2026-02-09", who) == {bill: "40.00", other: "34.00"}
    assert owed(book, "2026-02-10", who) == {bill: "10.00", other: "34.00"}
    assert told(book, bill)["kind"] == "journal"
    # It has a due date only where it stands for a bill.
    assert told(book, bill)["due_date"] == date(2026, 2, 4)
    assert told(book, other)["due_date"] in (None, date(2026, 1, 6))


@case
def a_reversed_journal_entry_stands_beside_what_it_reverses(erp):
    who = erp.customer("Reversed")
    lines = ({"account": "Debtors - M", "party": who, "amount": "40"}, {"account": FEES, "amount": "-40"})
    back = ({"account": "Debtors - M", "party": who, "amount": "-40"}, {"account": FEES, "amount": "40"})
    entry = erp.journal("2026-01-05", *lines)
    reversing = erp.journal("2026-01-15", *back, reversal_of=entry)
    linked = erp.journal("2026-01-06", *lines)
    named = ({**back[0], "against": ("Journal Entry", linked)}, back[1])
    erp.journal("2026-01-16", *named)
    book = (yield).book(ONE)
    assert owed(book, "2026-01-14", who) == {entry: "40.00", linked: "40.00"}
    # Only one that refers to the other takes it off: so does ERPNext's report.
    assert owed(book, "2026-01-31", who) == {entry: "40.00", reversing: "-40.00"}
    assert numbers(book, who) == sorted([entry, reversing, linked])


@case
def a_journal_entry_moves_a_debt_from_one_customer_to_another(erp):
    who, other = erp.customer("Giver"), erp.customer("Taker")
    invoice = erp.invoice("2026-01-05", who, "25")
    lines = ({"account": "Debtors - M", "party": who, "amount": "-25", "against": (SINV, invoice)},
             {"account": "Debtors - M", "party": other, "amount": "25"})  # fmt: skip
    entry = erp.journal("2026-01-15", *lines)
    book = (yield).book(ONE)
    assert owed(book, "2026-01-15", who) == {}
    assert owed(book, "2026-01-15", other) == {entry: "25.00"}
    assert closed(book, invoice) == [("2026-01-15", "other", "25.00")]


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
    assert book.frames["verified_totals"].select("currency").to_series().to_list() == ["EUR", "USD"]
    assert set(book.frames["gl"]["difference"].to_list()) == {0.0}
