"""Tills, names, customers, companies, versions and parameters of the preset for ERPNext.

Every day of a small hand-made ERPNext is held against its report too.
"""

from __future__ import annotations

import re
import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymysql
import pytest

from config.presets import FOLDER, read_preset
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers, open_items
from tests.mappings import books, erpnext_report
from tests.mappings.cases import Made
from tests.mappings.erpnext_books import (
    DEBTORS_EUR,
    DEBTORS_Z,
    EXCHANGE,
    FEES,
    MAIN,
    ONE,
    SECOND,
    SINV,
    WRITE_OFF,
    Erpnext,
    closed,
    negated,
    owed,
    told,
)
from tests.mappings.looks import around, moved

SERVERS = pytest.mark.parametrize("server", ["sqlite", "mariadb"])


@pytest.fixture
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Puts a small ERPNext on SQLite, or on MariaDB under a name of its own."""

    def put(erp: Erpnext, server: str = "sqlite") -> Made:
        if server == "sqlite":
            return Made(erp.in_sqlite(tmp_path / "erpnext.sqlite"), tmp_path, "erpnext")
        name = re.sub(r"\W", "_", request.node.name)[:60]
        return Made(erp.in_mariadb(request.getfixturevalue("mariadb"), name), tmp_path, "erpnext")

    return put


@SERVERS
def test_what_is_paid_at_the_till_is_open_for_the_rest_only(filled, server):
    erp = Erpnext()
    who = erp.customer("Walk in")
    exact = erp.invoice("2026-01-10", who, "107.55")
    erp.pay(exact, "110", "-2.45")
    part = erp.invoice("2026-01-10", who, "50")
    erp.pay(part, "20", "10")
    nothing = erp.invoice("2026-01-10", who, "8", is_pos=1)
    short = erp.invoice("2026-01-10", who, "99.99", write_off_amount="0.99", base_write_off_amount="0.99")
    erp.pay(short, "99")
    erp.post((SINV, short), "2026-01-10", "Debtors - M", "-0.99", party=who, against=(SINV, short))
    loyal = erp.invoice("2026-01-10", who, "40", loyalty_amount="4")
    erp.pay(loyal, "36")
    erp.post((SINV, loyal), "2026-01-10", "Debtors - M", "-4", party=who, against=(SINV, loyal))
    up = {"grand_total": "19.98", "rounding_adjustment": "0.02", "rounded_total": "20"}
    rounded = erp.invoice("2026-01-10", who, "20", **up, **{f"base_{name}": amount for name, amount in up.items()})
    erp.pay(rounded, "20")
    # Only at the till is anything written off with the invoice.
    usual = erp.invoice("2026-01-10", who, "7", write_off_amount="1", base_write_off_amount="1")
    erp.payment("2026-02-01", who, (part, "15"))
    book = filled(erp, server).book(ONE)
    assert owed(book, "2026-01-10", who) == {part: "20.00", nothing: "8.00", usual: "7.00"}
    assert owed(book, "2026-02-01", who) == {part: "5.00", nothing: "8.00", usual: "7.00"}
    day = "2026-01-10"
    assert closed(book, exact) == [(day, "cash", "107.55")]
    assert closed(book, part) == [(day, "cash", "30.00"), ("2026-02-01", "cash", "15.00")]
    assert closed(book, nothing) == []
    assert closed(book, short) == [(day, "cash", "99.00"), (day, "write_off", "0.99")]
    assert closed(book, loyal) == [(day, "cash", "36.00"), (day, "discount", "4.00")]
    assert closed(book, rounded) == [(day, "cash", "20.00")]
    # The documents are what was sold.
    assert moved(book, date(2026, 6, 30)) == {
        "billed": Decimal("332.54"),
        "cash": Decimal("-307.55"),
        "discounts": Decimal("-4.00"),
        "write_offs": Decimal("-0.99"),
        "closing": Decimal("20.00"),
    }
    assert books.differences(book) == []
    assert book.frames["quarantine"].is_empty()


@SERVERS
def test_what_is_given_back_at_the_till_is_a_refund(filled, server):
    erp = Erpnext()
    who = erp.customer("Bringing back")
    sold = erp.invoice("2026-01-10", who, "30")
    erp.pay(sold, "30")
    returned = erp.invoice("2026-01-12", who, "-30", return_against=sold)
    erp.pay(returned, "-30")
    unrelated = erp.invoice("2026-01-13", who, "-12", is_return=1)
    erp.pay(unrelated, "-12")
    book = filled(erp, server).book(ONE)
    for day in ("2026-01-10", "2026-01-12", "2026-01-13"):
        assert owed(book, day, who) == {}
    assert closed(book, sold) == [
        ("2026-01-10", "cash", "30.00"),
        ("2026-01-12", "credit", "30.00"),
        ("2026-01-12", "refund", "-30.00"),
    ]
    assert closed(book, returned) == [("2026-01-12", "credit", "-30.00")]
    assert closed(book, unrelated) == [("2026-01-13", "refund", "-12.00")]
    assert told(book, unrelated)["kind"] == "credit_memo"


@SERVERS
def test_a_till_on_an_account_in_another_currency(filled, server):
    erp = Erpnext()
    who = erp.customer("Euro till")
    sale = erp.invoice("2026-01-10", who, "100", base="110", account=DEBTORS_EUR, is_pos=1)
    given = {"base": "-66", "party": who, "against": (SINV, sale)}
    erp.post((SINV, sale), "2026-01-10", DEBTORS_EUR, "-60", **given)
    book = filled(erp, server).book(ONE)
    assert owed(book, "2026-01-10", who) == {sale: "40.00 = 44.00"}
    assert closed(book, sale, DEBTORS_EUR) == [("2026-01-10", "cash", "60.00")]


@SERVERS
def test_odd_characters_in_names(filled, server):
    erp = Erpnext()
    odd = erp.customer('O\'Hara "Zwei" | 50% & Söhne_#\\')
    plain = erp.customer("<account> <no>")
    invoices = [erp.invoice("2026-01-10", who, "10", name=f"RE-#{who}/{n}|1") for n, who in enumerate((odd, plain))]
    erp.rows["Sales Invoice"][0]["due_date"] = "2026-03-01"
    # What is taken off them is journals', by whatever name.
    for who, invoice in zip((odd, plain), invoices, strict=True):
        line = {"account": "Debtors - M", "party": who, "amount": "-4", "against": (SINV, invoice)}
        erp.journal("2026-01-20", line, {"account": FEES, "amount": "4"})
    book = filled(erp, server).book(ONE)
    rows = {row["customer_id"]: row for row in open_items(book, date(2026, 1, 31)).rows(named=True)}
    assert {id: (row["number"], row["open"]) for id, row in rows.items()} == {
        odd: (invoices[0], 6.0),
        plain: (invoices[1], 6.0),
    }
    assert rows[odd]["document_id"] == f"{SINV}|{invoices[0]}|{odd}|Debtors - M"
    assert books.differences(book) == []


@SERVERS
def test_opening_invoices_are_aged_by_the_due_date_that_was_entered(filled, server):
    erp = Erpnext()
    who = erp.customer("From before")
    opening = erp.invoice("2026-01-01", who, "70", due="2025-11-02", is_opening="Yes")
    line = {"account": "Debtors - M", "party": who, "amount": "30"}
    entry = erp.journal("2026-01-01", line, {"account": FEES, "amount": "-30"}, voucher_type="Opening Entry")
    book = filled(erp, server).book(ONE)
    assert owed(book, "2025-12-31", who) == {}
    assert owed(book, "2026-01-01", who) == {opening: "70.00", entry: "30.00"}
    assert books.buckets(book, date(2026, 1, 1)) == {("31–60",): Decimal(70), ("1–30",): Decimal(30)}


def test_the_ranges_are_those_of_the_report(filled):
    erp = Erpnext()
    who = erp.customer("Aged")
    # 0 to 30 days in the first range, and what is not due yet in none.
    for amount, due in (
        ("1", "2026-07-01"),
        ("2", "2026-06-30"),
        ("4", "2026-05-31"),
        ("8", "2026-05-30"),
        ("16", "2026-03-01"),
    ):
        erp.invoice("2026-01-01", who, amount, due=due)
    # Credits and payments by their own days.
    erp.payment("2026-05-31", who, rest="32")
    book = filled(erp).book(ONE)
    expected = {"current": 1, "1–30": 2 + 4 - 32, "31–60": 8, "120+": 16}
    assert books.buckets(book, date(2026, 6, 30)) == {(name,): Decimal(amount) for name, amount in expected.items()}


@SERVERS
def test_customers_by_the_fall_backs_of_erpnext(filled, server):
    erp = Erpnext()
    erp.row("Company", MAIN).update(payment_terms="Net 14", credit_limit="900")
    for template, days, based in (
        ("Net 14", "14", "Day(s) after invoice date"),
        ("Net 30", "30", "Day(s) after invoice date"),
        ("Two", "20", "Day(s) after invoice date"),
        ("Two", "40", "Day(s) after invoice date"),
        ("Month end", "0", "Day(s) after the end of the invoice month"),
    ):
        erp.add("Payment Terms Template Detail", parent=template, credit_days=days, due_date_based_on=based)
    erp.add("Customer Group", name="Retail", payment_terms="Net 30")
    for parent, type, limit, more in (
        ("Own", "Customer", "500", {}),
        ("Retail", "Customer Group", "700", {}),
        ("Free", "Customer Group", "800", {"bypass_credit_limit_check": 1}),
        ("Grouped", "Customer", "0", {}),
    ):
        erp.add("Customer Credit Limit", parent=parent, parenttype=type, company=MAIN, credit_limit=limit, **more)
    for name, facts in {
        "Own": {"payment_terms": "Two", "customer_group": "Retail", "territory": "North", "industry": "Steel",
                "account_manager": "ann@example.com", "email_id": "own@example.com"},
        "Grouped": {"customer_group": "Retail", "payment_terms": ""},
        "Bypassing": {"customer_group": "Free", "payment_terms": "Month end"},
        "Nothing": {},
    }.items():  # fmt: skip
        erp.invoice("2026-01-10", erp.customer(name, **facts), "1")
    for person, at in (("Second", 2), ("First", 1)):
        erp.add("Sales Team", parent="Own", parenttype="Customer", idx=at, sales_person=person)
    made = filled(erp, server).book(ONE)
    rows = {row["name"]: row for row in customers(made).rows(named=True)}
    facts = ("segment", "region", "industry", "collector", "sales_rep", "email", "terms_days", "credit_limit")
    assert {name: tuple(row[fact] for fact in facts) for name, row in rows.items()} == {
        "Own": ("Retail", "North", "Steel", "ann@example.com", "First", "own@example.com", 40, 500.0),
        "Grouped": ("Retail", None, None, None, None, None, 30, 700.0),
        "Bypassing": ("Free", None, None, None, None, None, None, 900.0),
        "Nothing": (None, None, None, None, None, None, 14, 900.0),
    }


@SERVERS
def test_two_companies_are_added_with_erpnext_s_rates(filled, server):
    erp = Erpnext()
    for name, limit in ((MAIN, "100"), (SECOND, "50")):
        erp.row("Company", name).update(credit_limit=limit, payment_terms=f"Terms of {name}")
        based = {"due_date_based_on": "Day(s) after invoice date", "credit_days": limit}
        erp.add("Payment Terms Template Detail", parent=f"Terms of {name}", **based)
    for day, rate, selling in (("2026-01-01", "1.10", 1), ("2026-03-01", "1.20", 1), ("2026-01-05", "9", 0)):
        pair = {"from_currency": "EUR", "to_currency": "USD"}
        erp.add("Currency Exchange", date=day, exchange_rate=rate, for_selling=selling, **pair)
    who = erp.customer("Customer of both")
    here = erp.invoice("2026-01-10", who, "10")
    there = erp.invoice("2026-01-10", who, "100", account=DEBTORS_Z)
    made = filled(erp, server)
    both = made.book('rates = "erpnext"\nreporting_currency = "USD"')
    # Booked at the rate of its day, as it stands in the reporting currency.
    assert owed(both, "2026-01-31", who) == {here: "10.00", there: "100.00 = 110.00"}
    assert {told(both, number)["entity"] for number in (here, there)} == {MAIN, SECOND}
    row = customers(both).row(0, named=True)
    # Limits in two currencies are not added, and terms that differ by company are none.
    assert (row["credit_limit"], row["terms_days"]) == (None, None)
    one = made.book(ONE)
    assert owed(one, "2026-01-31", who) == {here: "10.00"}
    row = customers(one).row(0, named=True)
    assert (row["credit_limit"], row["terms_days"]) == (100.0, 100)
    assert one.frames["gl"]["entity"].unique().to_list() == [MAIN]
    assert books.differences(one) == books.differences(both) == []


@SERVERS
def test_limits_of_companies_in_one_currency_are_added(filled, server):
    erp = Erpnext()
    erp.row("Company", MAIN).update(credit_limit="100", payment_terms="Net 14")
    erp.row("Company", SECOND).update(credit_limit="50", payment_terms="Net 14", default_currency="USD")
    erp.add("Account", name="Debtors - Y", account_type="Receivable", account_currency="USD", company=SECOND)
    based = {"due_date_based_on": "Day(s) after invoice date", "credit_days": "14"}
    erp.add("Payment Terms Template Detail", parent="Net 14", **based)
    erp.add("Customer Credit Limit", parent="Trusted", parenttype="Customer", company=SECOND, credit_limit="70")
    for who in ("Trusted", "Usual"):
        erp.customer(who)
        erp.invoice("2026-01-10", who, "1")
        erp.invoice("2026-01-10", who, "2", account="Debtors - Y")
    rows = {row["name"]: row for row in customers(filled(erp, server).book()).rows(named=True)}
    assert {name: (row["credit_limit"], row["terms_days"]) for name, row in rows.items()} == {
        "Trusted": (170.0, 14),
        "Usual": (150.0, 14),
    }


@SERVERS
def test_every_day_is_as_the_report_has_it(filled, server):
    erp = Erpnext()
    _busy(erp)
    book = filled(erp, server).book(ONE)
    tables = ("Payment Ledger Entry", SINV, "Journal Entry")
    rows = {table: _rows(erp, f"tab{table}") for table in tables}
    ledger = erpnext_report.ledger(*(rows[table] for table in tables))
    days = around(entry["posting_date"] for entry in rows["Payment Ledger Entry"])
    assert len(days) > 20
    for day in days:
        lines = erpnext_report.report(ledger, day)
        expected = {
            "|".join(key): (one.currency, *(amount.quantize(Decimal("0.001")) for amount in (one.amount, one.base)))
            for key, one in lines.items()
        }
        assert books.open_by_document(book, day) == expected, day
    assert books.differences(book) == []


def _busy(erp: Erpnext) -> None:
    """Documents of every kind that meet in odd orders: payments and credit notes of later and of earlier invoices."""
    for at in range(1, 7):
        who = erp.customer(f"Customer {at}")
        late = erp.payment(f"2026-01-0{at}", who, rest="75.5")
        entry = erp.journal(
            f"2026-01-1{at}",
            {"account": "Debtors - M", "party": who, "amount": "-33.3"},
            {"account": FEES, "amount": "33.3"},
        )
        sale = erp.invoice(f"2026-02-0{at}", who, f"{100 * at}.10")
        euros = erp.invoice(f"2026-02-1{at}", who, "50", base="55.55", account=DEBTORS_EUR)
        note = erp.invoice(f"2026-03-0{at}", who, "-20.2", return_against=sale, alone=at % 2 == 0)
        erp.payment(f"2026-03-1{at}", who, (note, "-12.34"))
        erp.reconcile(late, sale, "60.06")
        erp.reconcile(entry, sale, f"{at}.5")
        paid = erp.payment(
            f"2026-03-2{at}", who, (euros, "50", "57"), account=DEBTORS_EUR, deductions=((WRITE_OFF, "1.23"),)
        )
        line = {"account": DEBTORS_EUR, "party": who, "amount": "0", "base": "1.45", "against": (SINV, euros)}
        erp.journal(f"2026-04-0{at}", line, {"account": EXCHANGE, "amount": negated("1.45")})
        if at == 3:
            erp.cancel(paid)


def _rows(erp: Erpnext, table: str) -> list[dict[str, Any]]:
    return next(
        [dict(zip(columns, row, strict=True)) for row in values]
        for name, columns, values in erp.values()
        if name == table
    )


def test_a_balance_that_is_not_the_ledger_s_is_found(filled):
    erp = Erpnext()
    who = erp.customer("Edited")
    invoice = erp.invoice("2026-01-10", who, "10")
    erp.payment("2026-01-11", who, rest="3")
    erp.row("Payment Entry", "PAY-00001")["unallocated_amount"] = "2"
    line = {"account": "Debtors - M", "party": who, "amount": "5"}
    entry = erp.journal("2026-01-12", line, {"account": FEES, "amount": "-5"})
    erp.rows["Journal Entry Account"][-2].update(debit_in_account_currency="4")
    # An invoice without any entry in the payment ledger, which the books cannot know of.
    erp.rows["Payment Ledger Entry"].pop(0)
    erp.row(SINV, invoice)["outstanding_amount"] = "10"
    found = {row["document_id"].split("|")[1]: row["difference"] for row in books.differences(filled(erp).book(ONE))}
    assert found == {"PAY-00001": -1.0, entry: 1.0, invoice: -10.0}


def test_month_ends_of_the_general_ledger(filled):
    erp = Erpnext()
    who = erp.customer("Months")
    erp.invoice("2026-01-10", who, "10")
    erp.invoice("2026-02-27", who, "20")
    gone = erp.invoice("2026-02-28", who, "5")
    erp.cancel(gone)
    # Someone wrote on the account without a customer.
    erp.post(("Journal Entry", "JV-00009"), "2026-04-05", "Debtors - M", "7")
    erp.rows["Payment Ledger Entry"].pop()
    rows = filled(erp).book(ONE).frames["gl"].select("as_of", "difference").rows()
    assert rows == [(date(2026, 4, 30), -7.0), (date(2026, 2, 28), 0.0), (date(2026, 1, 31), 0.0)]


def test_version_13_has_no_payment_ledger(filled, tmp_path):
    erp = Erpnext()
    erp.invoice("2026-01-10", erp.customer("Old"), "10")
    made = filled(erp)
    with sqlite3.connect(tmp_path / "erpnext.sqlite") as base:
        base.execute("DROP TABLE `tabPayment Ledger Entry`")
    base.close()
    with pytest.raises(SourceError, match="tabPayment Ledger Entry"):
        made.book(ONE)


def test_version_14_need_not_know_of_credit_notes_that_stand_for_themselves(filled, tmp_path):
    erp = Erpnext()
    who = erp.customer("Fourteen")
    invoice = erp.invoice("2026-01-10", who, "100")
    erp.invoice("2026-01-12", who, "-30", return_against=invoice)
    made = filled(erp)
    with sqlite3.connect(tmp_path / "erpnext.sqlite") as base:
        base.execute("ALTER TABLE `tabSales Invoice` DROP COLUMN update_outstanding_for_self")
    base.close()
    assert owed(made.book(ONE), "2026-01-12", who) == {invoice: "70.00"}


@pytest.mark.parametrize(
    ("url", "parameters", "said"),
    [
        ("sqlite:///erpnext.sqlite", {"company": "O'Brien"}, "parameters.company is 'O'Brien', which cannot be"),
        ("sqlite:///erpnext.sqlite", {"rates": "yes"}, "must be one of none, erpnext"),
        ("sqlite:///erpnext.sqlite", {"companies": "1"}, "unknown key parameters.companies"),
        ("postgresql://h/d", {}, "the preset 'erpnext' is written for mysql and sqlite, not for postgresql"),
    ],
)
def test_what_cannot_be_asked_for_is_said(url, parameters, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        read_preset("erpnext", "here").mapping(url.partition(":")[0], parameters, "here")


def test_the_rights_that_the_readme_asks_for_are_enough(mariadb, tmp_path):
    erp = Erpnext()
    erp.invoice("2026-01-10", erp.customer("Reader"), "10")
    erp.in_mariadb(mariadb, "erpnext_rights")
    readme = (FOLDER / "erpnext" / "README.md").read_text(encoding="utf-8")
    grants = "".join(re.findall(r"```sql\n(.*?)```", readme, re.DOTALL))
    tables = set(re.findall(r"`(tab[^`]+)`", grants))
    connection = pymysql.connect(unix_socket=str(mariadb.socket), user=mariadb.user)
    with connection.cursor() as cursor:
        cursor.execute("CREATE USER reader@localhost IDENTIFIED BY 'reads'")
        for table in tables:
            cursor.execute(f"GRANT SELECT ON erpnext_rights.`{table}` TO reader@localhost")
    connection.close()
    made = Made(mariadb.url("erpnext_rights", "reader", "reads"), tmp_path, "erpnext")
    assert owed(made.book('rates = "erpnext"\nreporting_currency = "USD"'), "2026-01-31", "Reader") == {
        "SINV-00001": "10.00"
    }
    # And none of them for nothing.
    sql = "".join(file.read_text(encoding="utf-8") for file in (FOLDER / "erpnext").glob("*.sql"))
    assert tables == set(re.findall(r"`(tab[^`]+)`", sql))


def test_the_readme_lists_every_parameter_with_its_default():
    readme = (FOLDER / "erpnext" / "README.md").read_text(encoding="utf-8")
    for name, one in read_preset("erpnext", "here").says.parameters.items():
        default = f'`"{one.default}"`' if one.choices else ""
        assert re.search(rf"^\| `{name}` \|.*{default}", readme, re.MULTILINE), name


def test_documents_and_settlements_begin_with_the_same_text():
    texts = [
        (FOLDER / "erpnext" / f"{table}.sql").read_text(encoding="utf-8") for table in ("documents", "settlements")
    ]
    shared = [text.partition("WITH\n")[2].rpartition("\n)\n\nSELECT\n")[0] for text in texts]
    assert shared[0] == shared[1]
    assert len(shared[0]) > 1000
