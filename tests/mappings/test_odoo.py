"""The preset for Odoo on a small Odoo made by hand: one case a trap, each on SQLite and on PostgreSQL.

A case enters what it needs for partners of its own and yields; all cases share a database and a refresh, and then each
goes on with the books.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import date

import pytest

from ledger.book import Book
from ledger.listing import customers, documents, history, open_items
from metrics.movement import movement
from tests.mappings import books
from tests.mappings.odoo_books import (
    BANK,
    DISCOUNT,
    EUR,
    EXCHANGE,
    EXPENSE,
    GIFT,
    INCOME,
    JPY,
    LOSS,
    MONEY,
    PAYABLE,
    RATES,
    RECEIVABLE,
    SALES,
    SHOP,
    TAX,
    Odoo,
)

Case = Generator[None, Book, None]
CASES: dict[str, Callable[[Odoo], Case]] = {}

SOURCE = 'kind = "sql"\nurl = "{}"\n[parameters]\nversion = "17"\ncompanies = "1"'


def case(made: Callable[[Odoo], Case]) -> Callable[[Odoo], Case]:
    CASES[made.__name__] = made
    return made


@pytest.fixture(scope="module", params=["sqlite text", "sqlite numbers", "postgresql"])
def entered(request: pytest.FixtureRequest, tmp_path_factory) -> tuple[Book, dict[str, Case]]:
    odoo = Odoo()
    going = {name: made(odoo) for name, made in CASES.items()}
    for one in going.values():
        next(one)
    folder = tmp_path_factory.mktemp("odoo")
    if request.param == "postgresql":
        address = odoo.in_postgres(request.getfixturevalue("postgres").admin, "cases")
    else:
        address = odoo.in_sqlite(folder / "odoo.sqlite", numbers=request.param == "sqlite numbers")
    book = books.made(folder / "settings", "odoo", SOURCE.format(address), currency="USD")
    assert book.frames["quarantine"].is_empty()
    return book, going


@pytest.mark.parametrize("name", CASES)
def test_trap(name, entered):
    book, going = entered
    with pytest.raises(StopIteration):
        going[name].send(book)


def test_every_residual_agrees(entered):
    assert books.differences(entered[0]) == []


def owed(book: Book, day: str, *items: int) -> dict[int, tuple[str, str, str]]:
    """What is open of ``items``: currency, amount and base amount."""
    found = books.open_by_document(book, date.fromisoformat(day))
    plain = {id: tuple(str(part) for part in found[str(id)]) for id in items if str(id) in found}
    return {id: (currency, amount[:-1], base[:-1]) for id, (currency, amount, base) in plain.items()}


def dollars(amount: str) -> tuple[str, str, str]:
    return "USD", amount, amount


def closed(book: Book, item: int) -> list[tuple[str, str, str]]:
    """Day, kind and amount of what closed an item, by kind."""
    rows = history(book, str(item)).select("effective_on", "kind", "amount").iter_rows()
    return sorted((str(day), kind, f"{amount:.2f}") for day, kind, amount in rows)


def told(book: Book, item: int) -> dict[str, object]:
    """An item as the list of documents has it at the end."""
    rows = documents(book, date(2026, 11, 20)).rows(named=True)
    return next(row for row in rows if row["document_id"] == str(item))


@case
def an_invoice_counts_from_its_accounting_date(odoo):
    item = odoo.invoice("2026-02-02", "100.10", odoo.partner("Late books"), invoice_date="2026-01-28")
    book = yield
    assert owed(book, "2026-02-01", item) == {}
    assert owed(book, "2026-02-02", item) == {item: dollars("100.10")}
    assert told(book, item)["document_date"] == date(2026, 1, 28)


@case
def a_receipt_before_its_invoice_counts_from_the_invoice(odoo):
    who = odoo.partner("Early payer")
    receipt, invoice = odoo.receipt("2026-01-25", "70", who), odoo.invoice("2026-02-01", "100", who)
    odoo.match(invoice, receipt, "70")  # on 1 November, says create_date
    book = yield
    assert owed(book, "2026-01-31", receipt, invoice) == {receipt: dollars("-70.00")}
    assert owed(book, "2026-02-01", receipt, invoice) == {invoice: dollars("30.00")}
    assert closed(book, receipt) == [("2026-02-01", "cash", "-70.00")]


@case
def a_partial_of_an_old_database_may_have_no_date(odoo):
    who = odoo.partner("Migrated")
    invoices = [odoo.invoice(day, "5", who) for day in ("2025-01-01", "2025-03-01")]
    receipts = [odoo.receipt(day, "5", who) for day in ("2025-01-07", "2025-02-01")]
    for invoice, receipt in zip(invoices, receipts, strict=True):
        odoo.match(invoice, receipt, "5")
        odoo.rows["account_partial_reconcile"][-1]["max_date"] = None
    book = yield
    assert closed(book, invoices[0]) == [("2025-01-07", "cash", "5.00")]
    assert closed(book, receipts[1]) == [("2025-03-01", "cash", "-5.00")]


@case
def an_exchange_difference_is_booked_at_the_end_of_the_month(odoo):
    who = odoo.partner("Rate fell")
    euros = {"currency_id": EUR, "amount_currency": "1000"}
    invoice = odoo.invoice("2026-01-15", "1100", who, item=euros)
    receipt = odoo.receipt("2026-03-20", "1050", who, item={**euros, "amount_currency": "-1000"})
    nothing = {"currency_id": EUR, "amount_currency": "0"}
    lines = ((RECEIVABLE, "-50", nothing), (EXCHANGE, "50", nothing))
    exchange = odoo.entry("2026-03-31", *lines, partner=who, journal=RATES)[0]
    odoo.match(invoice, receipt, "1050", "1000", "1000", exchange=exchange)
    odoo.match(invoice, exchange, "50", "0", "0")
    book = yield
    three = invoice, receipt, exchange
    assert owed(book, "2026-03-19", *three) == {invoice: ("EUR", "1000.00", "1100.00")}
    # Paid in euros, and not yet in dollars.
    assert owed(book, "2026-03-20", *three) == {invoice: ("EUR", "0.00", "50.00")}
    assert owed(book, "2026-03-31", *three) == {}
    assert closed(book, invoice) == [("2026-03-20", "cash", "1000.00"), ("2026-03-31", "fx", "0.00")]


@case
def an_exchange_gain_stands_on_the_receipt(odoo):
    who = odoo.partner("Rate rose")
    euros = {"currency_id": EUR, "amount_currency": "100"}
    invoice = odoo.invoice("2026-01-15", "110", who, item=euros)
    receipt = odoo.receipt("2026-03-20", "112.50", who, item={**euros, "amount_currency": "-100"})
    nothing = {"currency_id": EUR, "amount_currency": "0"}
    lines = ((RECEIVABLE, "2.50", nothing), (EXCHANGE, "-2.50", nothing))
    exchange = odoo.entry("2026-03-31", *lines, partner=who, journal=RATES)[0]
    odoo.match(invoice, receipt, "110", "100", "100", exchange=exchange)
    odoo.match(exchange, receipt, "2.50", "0", "0")
    book = yield
    assert owed(book, "2026-03-30", invoice, receipt) == {receipt: ("EUR", "0.00", "-2.50")}
    assert owed(book, "2026-03-31", invoice, receipt, exchange) == {}
    assert closed(book, receipt) == [("2026-03-20", "cash", "-100.00"), ("2026-03-31", "fx", "0.00")]


@case
def euros_paid_in_dollars_close_different_amounts(odoo):
    who = odoo.partner("Two currencies")
    invoice = odoo.invoice("2026-02-20", "290.40", who, item={"currency_id": EUR, "amount_currency": "264"})
    receipt = odoo.receipt("2026-05-06", "300", who)
    odoo.match(invoice, receipt, "286.96", "264", "286.96")
    lines = ((RECEIVABLE, "-3.44", {"currency_id": EUR, "amount_currency": "0"}), (EXCHANGE, "3.44"))
    exchange = odoo.entry("2026-05-31", *lines, partner=who, journal=RATES)[0]
    odoo.match(invoice, exchange, "3.44", "0", "0")
    # Before 16 the full reconciliation named that entry, and databases that were upgraded keep it there.
    odoo.add("account_full_reconcile", exchange_move_id=odoo.item(exchange)["move_id"])
    book = yield
    assert owed(book, "2026-05-06", invoice, receipt) == {
        invoice: ("EUR", "0.00", "3.44"),
        receipt: dollars("-13.04"),
    }
    assert closed(book, invoice)[0] == ("2026-05-06", "cash", "264.00")
    assert closed(book, receipt) == [("2026-05-06", "cash", "-286.96")]


@case
def yen_have_no_cents(odoo):
    who = odoo.partner("Yen")
    invoice = odoo.invoice("2026-03-10", "333.33", who, item={"currency_id": JPY, "amount_currency": "50000"})
    receipt = odoo.receipt("2026-05-30", "133.33", who, item={"currency_id": JPY, "amount_currency": "-20000"})
    odoo.match(invoice, receipt, "133.33", "20000", "20000")
    book = yield
    assert owed(book, "2026-06-30", invoice, receipt) == {invoice: ("JPY", "30000.00", "200.00")}


@case
def drafts_and_cancelled_entries_are_out(odoo):
    who = odoo.partner("Not posted")
    dead = [odoo.invoice("2026-04-04", "88.88", who, state=state) for state in ("cancel", "draft")]
    assert [odoo.item(id)["amount_residual"] for id in dead] == ["88.88", "88.88"]
    # Should a reconciliation have outlived its invoice, Odoo takes it off the receipt all the same.
    receipt = odoo.receipt("2026-04-05", "8.88", who)
    odoo.match(dead[0], receipt, "8.88")
    book = yield
    assert owed(book, "2026-11-20", *dead, receipt) == {}


@case
def every_receivable_account_counts_and_no_other(odoo):
    who = odoo.partner("Shop")
    items = odoo.entry("2026-04-10", (SHOP, "43.21"), (PAYABLE, "-20"), (RECEIVABLE, "-23.21"), partner=who)
    book = yield
    assert owed(book, "2026-04-10", *items) == {items[0]: dollars("43.21"), items[2]: dollars("-23.21")}


@case
def an_opening_entry_is_aged_by_its_own_due_date(odoo):
    opening = ((RECEIVABLE, "4321", {"date_maturity": "2025-12-15"}), (PAYABLE, "-4321"))
    item = odoo.entry("2026-01-01", *opening, partner=odoo.partner("Opening"))[0]
    book = yield
    rows = open_items(book, date(2026, 1, 14)).rows(named=True)
    row = next(row for row in rows if row["document_id"] == str(item))
    assert (row["kind"], row["days_past_due"], row["bucket"]) == ("journal", 30, "1–30")
    assert owed(book, "2025-12-31", item) == {}


@case
def an_entry_without_a_due_date_is_due_on_its_day(odoo):
    lines = ((RECEIVABLE, "9", {"date_maturity": None}), (INCOME, "-9"))
    item = odoo.entry("2026-01-01", *lines, partner=odoo.partner("No due date"), invoice_date="2025-12-01")[0]
    book = yield
    assert told(book, item)["due_date"] == date(2026, 1, 1)


@case
def instalments_are_due_one_by_one(odoo):
    lines = [(RECEIVABLE, "50", {"date_maturity": day}) for day in ("2026-02-01", "2026-03-01")]
    items = odoo.entry(
        "2026-01-02", *lines, (INCOME, "-100"), partner=odoo.partner("Half"), type="out_invoice", journal=SALES
    )
    book = yield
    assert [told(book, item)["due_date"] for item in items[:2]] == [date(2026, 2, 1), date(2026, 3, 1)]


@case
def items_stand_under_their_own_partner(odoo):
    firm = odoo.partner("Firm", country_id=odoo.add("res_country", name='{"en_US": "Chile"}'))
    branch = odoo.partner(None, firm, email="branch@example.com")
    # Odoo puts the firm on the item though the invoice names its branch; an entry may name the branch itself.
    invoice = odoo.invoice("2026-05-01", "10", branch, commercial_partner_id=firm, item={"partner_id": firm})
    lines = ((RECEIVABLE, "7"), (INCOME, "-7"))
    entry = odoo.entry("2026-05-01", *lines, partner=branch, commercial_partner_id=firm)[0]
    book = yield
    assert [told(book, item)["customer_id"] for item in (invoice, entry)] == [str(firm), str(branch)]
    rows = {row["customer_id"]: row for row in customers(book).rows(named=True)}
    assert rows[str(firm)]["parent_id"] is None
    said = {name: rows[str(branch)][name] for name in ("name", "parent_id", "country", "email")}
    assert said == {"name": "Firm", "parent_id": str(firm), "country": "Chile", "email": "branch@example.com"}


@case
def an_item_without_partner_has_a_name(odoo):
    item = odoo.entry("2026-06-01", (SHOP, "12"), (INCOME, "-12"))[0]
    book = yield
    assert (told(book, item)["customer_id"], told(book, item)["customer"]) == ("0", "No partner")


@case
def an_early_payment_discount_is_no_cash(odoo):
    who = odoo.partner("Prompt")
    invoice = odoo.invoice("2026-06-01", "1000", who)
    # 980 came; 16.81 of the discount is the sale's, 3.19 the tax's.
    receipt = odoo.receipt("2026-06-08", "1000", who, (DISCOUNT, "16.81", {}), (TAX, "3.19", {"tax_line_id": 1}))
    odoo.match(invoice, receipt, "1000")
    book = yield
    assert closed(book, invoice) == [("2026-06-08", "cash", "980.00"), ("2026-06-08", "discount", "20.00")]
    # Cash that came is the receipt less what it closed without money: once, and on the invoice.
    assert closed(book, receipt) == [("2026-06-08", "cash", "-1000.00")]


@case
def a_write_off_with_the_payment_is_no_cash(odoo):
    who = odoo.partner("Rounded down")
    euros = {"currency_id": EUR, "amount_currency": "900"}
    invoice = odoo.invoice("2026-06-01", "990", who, item=euros)
    short = (EXPENSE, "22", {"currency_id": EUR, "amount_currency": "20"})
    rest = {"currency_id": EUR, "amount_currency": "-900"}
    receipt = odoo.receipt("2026-06-09", "990", who, short, item=rest)
    # The bank's line is in euros too: 968 dollars for 880 euros.
    odoo.item(receipt + 1).update(currency_id=EUR, amount_currency="880")
    odoo.match(invoice, receipt, "990", "900", "900")
    book = yield
    assert closed(book, invoice) == [("2026-06-09", "cash", "880.00"), ("2026-06-09", "write_off", "20.00")]
    assert owed(book, "2026-06-09", invoice, receipt) == {}


@case
def a_discount_on_several_invoices_is_shared_by_amount(odoo):
    who = odoo.partner("Two at once")
    first, second = odoo.invoice("2026-07-01", "300", who), odoo.invoice("2026-07-01", "700", who)
    receipt = odoo.receipt("2026-07-02", "1000", who, (DISCOUNT, "20", {}), (EXPENSE, "1", {}))
    odoo.match(first, receipt, "300")
    odoo.match(second, receipt, "700")
    book = yield
    assert [row[1:] for row in closed(book, first)] == [("cash", "293.70"), ("discount", "6.00"), ("write_off", "0.30")]
    assert [row[2] for row in closed(book, second)] == ["685.30", "14.00", "0.70"]


@case
def money_beyond_the_debt_is_not_taken_for_a_discount(odoo):
    who = odoo.partner("Paid a fee")
    invoice = odoo.invoice("2026-07-01", "100", who)
    receipt = odoo.receipt("2026-07-03", "100", who, (INCOME, "-5", {}))
    odoo.match(invoice, receipt, "100")
    book = yield
    assert closed(book, invoice) == [("2026-07-03", "cash", "100.00")]


@case
def costs_beyond_the_receipt_are_no_discount(odoo):
    who = odoo.partner("Cost more than it brought")
    invoice = odoo.invoice("2026-07-01", "8", who)
    receipt = odoo.receipt("2026-07-04", "8", who, (EXPENSE, "30", {}))  # and 22 left the bank
    odoo.match(invoice, receipt, "8")
    book = yield
    assert closed(book, invoice) == [("2026-07-04", "cash", "8.00")]


@case
def the_share_without_money_is_reckoned_in_the_currency_of_the_entry(odoo):
    who = odoo.partner("Yen, less a little")
    yen = {"currency_id": JPY, "amount_currency": "50000"}
    invoice = odoo.invoice("2026-06-01", "333.33", who, item=yen)
    short = (EXPENSE, "0.83", {"currency_id": JPY, "amount_currency": "124"})
    receipt = odoo.receipt("2026-06-10", "333.33", who, short, item={**yen, "amount_currency": "-50000"})
    odoo.item(receipt + 1).update(currency_id=JPY, amount_currency="49876")
    odoo.match(invoice, receipt, "333.33", "50000", "50000")
    book = yield
    # 0.83 of 333.33 dollars would be 125 yen.
    assert [row[1:] for row in closed(book, invoice)] == [("cash", "49876.00"), ("write_off", "124.00")]


@case
def the_share_without_money_of_a_mixed_entry_is_reckoned_in_the_company_s_currency(odoo):
    who = odoo.partner("Euros to a dollar account")
    euros = {"currency_id": EUR, "amount_currency": "100"}
    invoice = odoo.invoice("2026-06-01", "110", who, item=euros)
    rest = {**euros, "amount_currency": "-100"}
    receipt = odoo.receipt("2026-06-11", "110", who, (EXPENSE, "11", {}), item=rest)
    odoo.match(invoice, receipt, "110", "100", "100")
    book = yield
    assert [row[1:] for row in closed(book, invoice)] == [("cash", "90.00"), ("write_off", "10.00")]


@case
def the_company_s_own_accounts_are_no_write_off(odoo):
    who, invoices = odoo.partner("A dollar short"), {}
    for account in (EXCHANGE, LOSS, GIFT):
        invoices[account] = odoo.invoice("2026-07-01", "100", who)
        odoo.match(invoices[account], odoo.receipt("2026-07-05", "100", who, (account, "1", {})), "100")
    book = yield
    kinds = {account: [row[1] for row in closed(book, item)] for account, item in invoices.items()}
    assert kinds == {EXCHANGE: ["cash"], LOSS: ["cash"], GIFT: ["cash", "discount"]}


@case
def a_bad_debt_entry_is_a_write_off_and_netting_is_not(odoo):
    who = odoo.partner("Bankrupt")
    invoice, netted = odoo.invoice("2026-05-01", "150", who), odoo.invoice("2026-05-01", "40", who)
    loss = odoo.entry("2026-05-28", (RECEIVABLE, "-150"), (EXPENSE, "150"), partner=who)[0]
    ours = odoo.entry("2026-05-29", (RECEIVABLE, "-40"), (PAYABLE, "40"), partner=who)[0]
    odoo.match(invoice, loss, "150")
    odoo.match(netted, ours, "40")
    book = yield
    assert closed(book, invoice) == [("2026-05-28", "write_off", "150.00")]
    assert closed(book, loss) == [("2026-05-28", "other", "-150.00")]
    assert closed(book, netted) == [("2026-05-29", "other", "40.00")]


@case
def a_credit_note_and_its_refund(odoo):
    who = odoo.partner("Returned")
    invoice, note = odoo.invoice("2026-08-01", "60", who), odoo.credit_note("2026-08-05", "100", who)
    paid_out = odoo.entry("2026-08-09", (RECEIVABLE, "40"), (BANK, "-40"), partner=who, journal=MONEY)[0]
    odoo.match(invoice, note, "60")
    odoo.match(paid_out, note, "40")
    book = yield
    assert [told(book, item)["kind"] for item in (note, paid_out)] == ["credit_memo", "journal"]
    assert closed(book, invoice) == [("2026-08-05", "credit", "60.00")]
    assert closed(book, note) == [("2026-08-05", "credit", "-60.00"), ("2026-08-09", "refund", "-40.00")]
    assert closed(book, paid_out) == [("2026-08-09", "other", "40.00")]


@case
def a_receipt_that_is_reversed_is_cash_taken_back(odoo):
    who = odoo.partner("Bounced")
    receipt = odoo.receipt("2026-08-01", "75", who)
    move = odoo.item(receipt)["move_id"]
    lines = ((RECEIVABLE, "75"), (BANK, "-75"))
    back = odoo.entry("2026-08-20", *lines, partner=who, journal=MONEY, reversed_entry_id=move)[0]
    odoo.match(back, receipt, "75")
    book = yield
    assert owed(book, "2026-08-19", receipt, back) == {receipt: dollars("-75.00")}
    assert owed(book, "2026-08-20", receipt, back) == {}
    assert closed(book, receipt) == [("2026-08-20", "cash", "-75.00")]


@case
def a_receipt_that_is_paid_back_closes_no_discount(odoo):
    who = odoo.partner("Paid twice")
    receipt = odoo.receipt("2026-08-01", "100", who, (EXPENSE, "10", {}))
    paid_out = odoo.entry("2026-08-03", (RECEIVABLE, "100"), (BANK, "-100"), partner=who, journal=MONEY)[0]
    odoo.match(paid_out, receipt, "100")
    book = yield
    assert [closed(book, item)[0][1] for item in (receipt, paid_out)] == ["refund", "other"]
    assert len(closed(book, paid_out)) == 1


@case
def what_is_in_litigation_is_disputed(odoo):
    who = odoo.partner("Quarrel")
    item, other = odoo.invoice("2026-09-01", "5", who, item={"blocked": True}), odoo.invoice("2026-09-01", "6", who)
    book = yield
    assert [told(book, id)["disputed"] for id in (item, other)] == [True, False]


@case
def another_company_is_left_out(odoo):
    item = odoo.invoice("2026-09-01", "500", odoo.partner("Elsewhere"), company_id=2)
    book = yield
    assert owed(book, "2026-11-20", item) == {}
    assert not [row for row in customers(book)["name"] if row == "Elsewhere"]


def test_what_came_and_went_is_counted_once(entered):
    """By hand, in dollars, over all cases. What lowers the balance is negative."""
    rows = movement(entered[0], date(2026, 11, 20), "24mo").select("line", "amount").iter_rows()
    line = {name: round(amount, 2) for name, amount in rows}
    receipts = 70 + 5 + 5 + 1050 + 112.50 + 300 + 133.33 + 1000 + 990 + 1000 + 100 + 8 + 75 + 333.33 + 110 + 300 + 100
    without_money = 20 + 22 + 20 + 1 + 0.83 + 11 + 1  # of discounts and write-offs, two of them on one receipt
    assert line["cash"] == -round(receipts - without_money - 75, 2)  # these were taken back
    assert (line["discounts"], line["write_offs"]) == (-(20 + 20 + 1), -(22 + 1 + 150 + 0.83 + 11))
    assert (line["credits"], line["refunds"]) == (-100, 40 + 100)
    assert line["fx"] == -(50 - 2.50 + 3.44)
    # Entries that stand for themselves: opening, shop, no due date, branch, no partner; less what was netted.
    assert line["other"] == 4321 + (43.21 - 23.21) + 9 + 7 + 12 - 40
    assert (line["opening"], line["difference"]) == (0, 0)
