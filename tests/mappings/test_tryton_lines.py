"""Which lines count, and as what, by the preset for Tryton: one case a trap, as in ``test_tryton``."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.listing import open_items
from tests.mappings import books
from tests.mappings.cases import Made
from tests.mappings.tryton_books import (
    BANK,
    CASH,
    DRAFTS,
    GERMAN,
    INCOME,
    JPY,
    MISC,
    ONE,
    PAYABLE,
    PAYMENTS,
    PLEDGED,
    RECEIVABLE,
    RECLASSED,
    STATEMENT,
    WRITE_OFF,
    cases,
    closed,
    euros,
    owed,
    told,
)

case = cases()


@case
def drafts_count_only_where_asked_for(tryton):
    who = tryton.party("Draft")
    lines = ({"party": who, "amount": "-45"}, {"account": BANK, "amount": "45"})
    draft = tryton.move("2026-05-03", *lines, journal=CASH, state="draft")[0]
    unpaid, promised = (tryton.invoice("2026-05-02", who, {"amount": "12"})[0] for _ in range(2))
    entered = [tryton.receipt("2026-05-03", who, "12", pays=line, state="draft") for line in (unpaid, promised)]
    tryton.reconcile(promised, entered[1])
    made = yield
    assert owed(made.book(PAYMENTS), "2026-05-03", unpaid, *entered) == {unpaid: ("12.00",)}
    # To Tryton a line is closed by whatever it is reconciled with.
    assert owed(made.book(ONE), "2026-05-03", promised) == {}
    assert owed(made.book(ONE), "2026-05-03", draft) == {}
    assert owed(made.book(DRAFTS), "2026-05-02", draft) == {}
    assert owed(made.book(DRAFTS), "2026-05-03", draft) == {draft: ("-45.00",)}


@case
def receivable_is_the_account_s_type_on_the_line_s_side(tryton):
    who = tryton.party("Many accounts")
    amounts = [
        (RECEIVABLE, "1"),
        (PAYABLE, "-2"),
        (RECLASSED, "4"),
        (RECLASSED, "-8"),
        (PLEDGED, "16"),
        (PLEDGED, "-32"),
    ]
    items = tryton.move("2026-04-10", *({"party": who, "account": a, "amount": amount} for a, amount in amounts))
    # Nobody's lines are in no aged balance.
    nobody = tryton.move("2026-04-10", {"amount": "64"})[0]
    made = yield
    expected = {items[0]: ("1.00",), items[2]: ("4.00",), items[5]: ("-32.00",)}
    assert owed(made.book(ONE), "2026-04-10", *items, nobody) == expected
    # In the accounts they are, and the difference says so; as it does of the 12 that only a draft has closed.
    assert made.book(ONE).frames["gl"]["difference"].to_list()[0] == -64.0 - 12.0


@case
def a_move_that_is_cancelled_may_have_its_debit_below_nothing(tryton):
    # Tryton cancels a move by another with the same sides and a minus, unless it is told to turn the sides.
    who = tryton.party("Cancelled with a minus")
    items = tryton.move("2026-04-11", *({"party": who, "account": a, "amount": "6"} for a in (RECEIVABLE, RECLASSED)))
    minus = {"party": who, "amount": "-6", "debit": "-6", "credit": "0"}
    origin = f"account.move,{tryton.line(items[0])['move']}"
    lines = ({**minus, "account": a} for a in (RECEIVABLE, RECLASSED))
    back = tryton.move("2026-04-20", *lines, origin=origin)
    # On an account that is receivable in debit it is still the debit's side.
    made = yield
    both = {**dict.fromkeys(items, ("6.00",)), **dict.fromkeys(back, ("-6.00",))}
    assert owed(made.book(ONE), "2026-04-19", *items, *back) == dict.fromkeys(items, ("6.00",))
    assert owed(made.book(ONE), "2026-04-20", *items, *back) == both
    assert [told(made.book(ONE), line)["kind"] for line in back] == ["journal", "journal"]


@case
def several_lines_of_both_sides_are_closed_together(tryton):
    who = tryton.party("Many at once")
    bills = [tryton.invoice("2026-05-01", who, {"amount": amount}) for amount in ("60", "30", "10.50")]
    credit = tryton.invoice("2026-05-08", who, {"amount": "-20.50"})[0]
    paid = [tryton.receipt("2026-05-09", who, "50"), tryton.receipt("2026-05-12", who, "29")]
    lines = ({"party": who, "amount": "-1"}, {"account": INCOME, "amount": "1"})
    rest = tryton.move("2026-05-15", *lines, journal=WRITE_OFF)[0]
    items = [line for bill in bills for line in bill]
    tryton.reconcile(*items, credit, *paid, rest)
    made = yield
    assert len(owed(made.book(ONE), "2026-05-14", *items, credit, *paid, rest)) == 6
    assert owed(made.book(ONE), "2026-05-15", *items, credit, *paid, rest) == {}
    # Of 100.50, 79 were cash, 20.50 credit and 1 was given up. Each bill has its share of each, rounded for itself: the
    # cash of all three is 78.99.
    shares = [[row[1:] for row in closed(made.book(ONE), item)] for item in items]
    assert shares == [
        [("cash", "47.16"), ("credit", "12.24"), ("write_off", "0.60")],
        [("cash", "23.58"), ("credit", "6.12"), ("write_off", "0.30")],
        [("cash", "8.25"), ("credit", "2.15"), ("write_off", "0.10")],
    ]
    assert [closed(made.book(ONE), line)[0][1:] for line in (*paid, credit, rest)] == [
        ("cash", "-50.00"),
        ("cash", "-29.00"),
        ("credit", "-20.50"),
        ("other", "-1.00"),
    ]


@case
def a_supplier_s_invoice_is_none_of_ours(tryton):
    # Its credit note is owed to us where the account is receivable in debit, and so is what takes that back.
    who = tryton.party("Supplier")
    note = tryton.invoice("2026-04-12", who, {"amount": "12"}, type="in", account=RECLASSED)[0]
    minus = {"party": who, "account": RECLASSED, "amount": "-12", "debit": "-12", "credit": "0"}
    back = tryton.move("2026-04-13", minus, origin=f"account.move,{tryton.line(note)['move']}")[0]
    made = yield
    assert [told(made.book(ONE), line)["kind"] for line in (note, back)] == ["journal", "journal"]
    assert owed(made.book(ONE), "2026-04-13", note, back) == {note: ("12.00",), back: ("-12.00",)}


@case
def lines_of_nobody_that_are_reconciled_settle_nothing(tryton):
    # A settlement without its document would be kept out, which the last test looks for.
    one, other = (tryton.move("2026-04-14", {"amount": amount})[0] for amount in ("3", "-3"))
    tryton.reconcile(one, other)
    made = yield
    assert owed(made.book(ONE), "2026-04-14", one, other) == {}


@case
def a_rest_between_two_other_currencies_is_no_exchange_difference(tryton):
    who = tryton.party("Yen for euros")
    invoice = tryton.invoice("2026-05-20", who, euros("100", amount="110"))[0]
    yen = {"second_currency": JPY, "amount_second_currency": "-15000"}
    receipt = tryton.receipt("2026-05-21", who, "100", line=yen)
    lines = ({"party": who, "amount": "-10"}, {"account": INCOME, "amount": "10"})
    rest = tryton.move("2026-05-21", *lines, journal=WRITE_OFF)[0]
    tryton.reconcile(invoice, receipt, rest)
    made = yield
    # Tryton compares dollars: 100 of 110 were paid.
    day = "2026-05-21"
    assert closed(made.book(ONE), invoice) == [(day, "cash", "90.91"), (day, "write_off", "9.09")]
    assert closed(made.book(ONE), receipt) == [(day, "cash", "-15000.00")]


@case
def a_line_without_a_due_date_is_due_on_its_day(tryton):
    who = tryton.party("Opening")
    lines = ({"party": who, "amount": "9"}, {"party": who, "amount": "7", "maturity_date": "2025-12-15"})
    undated, dated, _ = tryton.move("2026-01-01", *lines, {"account": INCOME, "amount": "-16"})
    made = yield
    assert told(made.book(ONE), undated)["due_date"] == date(2026, 1, 1)
    # An opening balance is aged by the due date that was entered, from the day it was posted.
    assert owed(made.book(ONE), "2025-12-31", dated) == {}
    rows = {row["document_id"]: row for row in open_items(made.book(ONE), date(2026, 1, 14)).rows(named=True)}
    assert (rows[str(dated)]["days_past_due"], rows[str(dated)]["bucket"]) == (30, "31–60")
    assert (rows[str(undated)]["days_past_due"], rows[str(undated)]["kind"]) == (13, "journal")


@case
def an_invoice_counts_from_its_accounting_date(tryton):
    who = tryton.party("Late books")
    invoice = tryton.invoice("2026-02-02", who, {"amount": "100.10"}, invoice_date="2026-01-28")[0]
    made = yield
    assert owed(made.book(ONE), "2026-02-01", invoice) == {}
    assert owed(made.book(ONE), "2026-02-02", invoice) == {invoice: ("100.10",)}
    row = told(made.book(ONE), invoice)
    assert (row["document_date"], str(row["number"])[:3]) == (date(2026, 1, 28), "INV")


@case
def money_is_told_by_journal_or_by_what_it_came_from(tryton):
    who = tryton.party("Many ways to pay")
    ways = (
        {"journal": CASH},
        {"journal": STATEMENT},
        {"journal": MISC, "origin": "account.statement,3"},
        {"journal": MISC, "origin": "account.payment,7"},
        {"journal": MISC},
    )
    items = [tryton.receipt("2026-05-05", who, "10", **way) for way in ways]
    invoice = tryton.invoice("2026-05-05", who, {"amount": "50"})[0]
    tryton.reconcile(invoice, *items)
    made = yield
    kinds = [told(made.book(ONE), item)["kind"] for item in items]
    assert kinds == ["payment"] * 4 + ["journal"]
    assert closed(made.book(ONE), invoice) == [("2026-05-05", "cash", "40.00"), ("2026-05-05", "other", "10.00")]


@case
def yen_have_no_cents(tryton):
    who = tryton.party("Yen")
    line = {"second_currency": JPY, "amount_second_currency": "50000", "amount": "333.33"}
    invoice = tryton.invoice("2026-03-10", who, line)[0]
    # A third of the yen, in cents that do not divide.
    paid = {"second_currency": JPY, "amount_second_currency": "-16667"}
    receipt = tryton.receipt("2026-05-30", who, "109.86", pays=invoice, line=paid)
    made = yield
    assert owed(made.book(ONE), "2026-06-30", invoice)[invoice] == ("JPY", "50000.00", "333.33")
    assert owed(made.book(PAYMENTS), "2026-06-30", invoice, receipt) == {invoice: ("JPY", "33333.00", "223.47")}


@case
def another_company_is_left_out(tryton):
    who = tryton.party("Customer of both")
    lines = ({"party": who, "account": GERMAN, "amount": "77"}, {"account": INCOME, "amount": "-77"})
    item = tryton.move("2026-03-03", *lines, company=2)[0]
    made = yield
    assert owed(made.book(ONE), "2026-03-03", item) == {}


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
