"""The preset for Odoo: what differs by version, its parameters, and what goes wrong."""

from __future__ import annotations

import re
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from config.presets import FOLDER, read_preset
from config.settings import load
from data_sources.refresh import refresh
from ledger.book import Book
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers, open_items
from tests.mappings import books
from tests.mappings.odoo_books import EUR, INCOME, JPY, RECEIVABLE, STAFF, USD, Odoo, negated

DAY = date(2026, 11, 20)


def source(address: str, version: str = "17", **parameters: str) -> str:
    more = "\n".join(f'{name} = "{value}"' for name, value in parameters.items())
    return f'kind = "sql"\nurl = "{address}"\n[parameters]\nversion = "{version}"\n{more}'


def book_of(odoo: Odoo, folder: Path, **parameters: str) -> Book:
    address = odoo.in_sqlite(folder / "odoo.sqlite")
    return books.made(folder / "settings", "odoo", source(address, odoo.version, **parameters), currency="USD")


def roster(book: Book) -> dict[str, dict[str, object]]:
    return {row["name"]: row for row in customers(book).rows(named=True)}


def with_customers(version: str) -> Odoo:
    """Customers with all that an invoice has no word of: terms, limits, people, tags."""
    odoo = Odoo(version)
    odoo.partner("Seller")
    odoo.add("res_users", id=2, partner_id=2)
    country = odoo.add("res_country", name='{"en_US": "Germany", "fr_FR": "Allemagne"}')
    industry = odoo.add("res_partner_industry", name='{"en_US": "Retail"}')
    for tag in ("VIP", "Chain"):
        odoo.add("res_partner_category", name=f'{{"en_US": "{tag}"}}')
    rich = odoo.partner("Rich", country_id=country, industry_id=industry, user_id=1, email="rich@example.com")
    plain, strict = odoo.partner("Plain"), odoo.partner("Strict")
    odoo.partner("Only a supplier")
    for tag in (1, 2):
        odoo.add("res_partner_res_partner_category_rel", category_id=tag, partner_id=rich)
    for who in (rich, plain, strict):
        odoo.invoice("2026-01-01", "10", who, invoice_user_id=1)
    odoo.invoice("2026-02-01", "10", plain, invoice_user_id=2)
    odoo.invoice("2026-03-01", "10", plain, invoice_user_id=1, state="draft")
    odoo.invoice("2026-04-01", "10", plain, invoice_user_id=1, company_id=2)
    agree(odoo)
    if version == "18":
        on_partners(odoo, rich, plain, strict)
    else:
        beside_partners(odoo, rich, plain, strict)
    return odoo


def agree(odoo: Odoo) -> None:
    """Terms 1 in two parts, and terms that no number of days says: 2 to a month's end, 3 (of Odoo 16) in months."""
    if odoo.version == "16":
        for term, days, months, end in ((1, 30, 0, False), (1, 60, 0, False), (2, 45, 0, True), (3, 0, 1, False)):
            odoo.add("account_payment_term_line", payment_id=term, days=days, months=months, end_month=end)
        return
    for term, days, kind in ((1, 30, "days_after"), (1, 60, "days_after"), (2, 45, "days_after_end_of_month")):
        odoo.add("account_payment_term_line", payment_id=term, nb_days=days, delay_type=kind)


def on_partners(odoo: Odoo, rich: int, plain: int, strict: int) -> None:
    """Limits and terms where Odoo 18 keeps them."""
    for who, limit, term in (
        (rich, '{"1": 5000.5, "2": 7000}', '{"1": 1}'),
        (plain, '{"1": 0}', '{"1": 2}'),
        (strict, '{"2": 90}', '{"1": false}'),
    ):
        odoo.rows["res_partner"][who - 1].update(credit_limit=limit, property_payment_term_id=term)


def beside_partners(odoo: Odoo, rich: int, plain: int, strict: int) -> None:
    """Limits and terms where Odoo 16 and 17 keep them."""
    for who, company, limit in ((rich, 1, 5000.5), (rich, 2, 7000.0), (plain, 1, 0.0), (strict, 2, 90.0)):
        odoo.add("ir_property", name="credit_limit", res_id=f"res.partner,{who}", company_id=company, value_float=limit)
    for who, term in ((rich, 1), (plain, 2)):
        value = f"account.payment.term,{term}"
        name = "property_payment_term_id"
        odoo.add("ir_property", name=name, res_id=f"res.partner,{who}", company_id=None, value_reference=value)
    # The default of all partners, and another property: neither is a limit of this partner.
    odoo.add("ir_property", name="credit_limit", res_id=None, company_id=1, value_float=1.0)
    odoo.add("ir_property", name="barcode", res_id=f"res.partner,{strict}", company_id=1, value_float=3.0)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize("version", ["16", "17", "18"])
def test_customers_of_each_version(version, database, tmp_path, request):
    odoo = with_customers(version)
    if database == "sqlite":
        address = odoo.in_sqlite(tmp_path / "odoo.sqlite")
    else:
        address = odoo.in_postgres(request.getfixturevalue("postgres").admin, f"customers{version}")
    told = source(address, version, companies="1", language="fr_FR")
    book = books.made(tmp_path / "settings", "odoo", told, currency="USD")
    found = roster(book)
    assert sorted(found) == ["Plain", "Rich", "Strict"]
    rich = found["Rich"]
    assert (rich["credit_limit"], rich["terms_days"]) == (5000.5, 60)
    assert (rich["segment"], rich["country"], rich["industry"]) == ("Chain", "Allemagne", "Retail")
    assert (rich["collector"], rich["sales_rep"], rich["email"]) == ("Clerk", "Clerk", "rich@example.com")
    # Without a salesperson: who sold last, drafts aside. A limit of 0 is none; terms to a month's end have no days.
    assert [found["Plain"][name] for name in ("collector", "credit_limit", "terms_days")] == ["Seller", None, None]
    # Its limit is the other company's.
    assert [found["Strict"][name] for name in ("credit_limit", "terms_days")] == [None, None]
    assert books.differences(book) == []


def test_the_largest_limit_of_the_companies_that_are_read_counts(tmp_path):
    for version in ("17", "18"):
        (tmp_path / version).mkdir()
        found = roster(book_of(with_customers(version), tmp_path / version))
        assert [found[name]["credit_limit"] for name in ("Rich", "Strict")] == [7000, 90]


@pytest.mark.parametrize("version", ["17", "18"])
def test_a_contact_brings_its_company_which_alone_has_the_limit(version, tmp_path):
    """Odoo copies limits and terms to the contacts of a company."""
    odoo = Odoo(version)
    firm = odoo.partner("Firm")
    branch = odoo.partner("Branch", firm)
    odoo.entry("2026-05-01", (RECEIVABLE, "7"), (INCOME, "-7"), partner=branch, commercial_partner_id=firm)
    for who in (firm, branch):
        odoo.rows["res_partner"][who - 1]["credit_limit"] = '{"1": 50.0}'
        odoo.add("ir_property", name="credit_limit", res_id=f"res.partner,{who}", company_id=1, value_float=50.0)
    found = roster(book_of(odoo, tmp_path))
    assert {name: (row["parent_id"], row["credit_limit"]) for name, row in found.items()} == {
        "Firm": (None, 50),
        "Branch": (str(firm), None),
    }


def test_the_columns_are_those_of_the_aged_partner_balance(tmp_path):
    """Due on 1 January; a payment on account is as late as its own date says."""
    odoo = Odoo()
    who = odoo.partner("Customer")
    odoo.invoice("2026-01-01", "100", who)
    odoo.receipt("2026-01-01", "1", who)
    book = book_of(odoo, tmp_path)
    edges = {day: books.buckets(book, date(2026, 1, 1) + timedelta(days=day)) for day in (0, 1, 30, 31, 120, 121)}
    assert {day: [(bucket, str(amount)) for (bucket,), amount in found.items()] for day, found in edges.items()} == {
        0: [("current", "99.000")],
        1: [("1–30", "99.000")],
        30: [("1–30", "99.000")],
        31: [("31–60", "99.000")],
        120: [("91–120", "99.000")],
        121: [("120+", "99.000")],
    }
    # As the README says of the partner statement.
    written = (tmp_path / "settings" / "app.toml").read_text()
    (tmp_path / "settings" / "app.toml").write_text(written.replace("[aging]\n", '[aging]\nlast_day = "outside"\n'))
    book = refresh(load(tmp_path / "settings"), now=books.NOW)
    assert list(books.buckets(book, date(2026, 1, 30))) == [("1–30",)]
    assert list(books.buckets(book, date(2026, 1, 31))) == [("31–60",)]


def test_terms_in_months_have_no_days(tmp_path):
    odoo = with_customers("16")
    odoo.rows["ir_property"][4]["value_reference"] = "account.payment.term,3"
    assert roster(book_of(odoo, tmp_path))["Rich"]["terms_days"] is None


def test_odoo_18_differs_in_the_documents_by_one_column_only():
    usual, newest = ((FOLDER / "odoo" / f"documents.{name}").read_text() for name in ("sql", "18.sql"))
    assert [line for line in usual.splitlines() if line not in newest.splitlines()] == [
        '    -- "No follow-up", which Odoo means for items in litigation. Odoo 18 has it no more.',
        "    l.blocked AS disputed,",
    ]
    assert [line for line in newest.splitlines() if line not in usual.splitlines()] == []


def test_each_company_is_an_entity_with_its_own_currency(tmp_path):
    odoo = Odoo()
    who = odoo.partner("Both")
    odoo.invoice("2026-01-01", "10", who)
    odoo.invoice("2026-01-01", "20", who, company_id=2)
    book = book_of(odoo, tmp_path, companies="2 , 1", rates="none")
    rows = open_items(book, DAY).select("entity", "currency", "open_amount").sort("entity").rows()
    assert rows == [("Main", "USD", 10), ("Second", "EUR", 20)]
    gl = book.frames["gl"].sort("entity").select("entity", "currency", "as_of", "gl_balance", "difference").rows()
    on = date(2026, 1, 1)
    assert gl == [("Main", "USD", on, 10, 0), ("Second", "EUR", on, 20, 0)]


def test_non_trade_accounts_can_be_left_out(tmp_path):
    odoo = Odoo()
    who = odoo.partner("Employee")
    loan = odoo.entry("2026-01-01", (STAFF, "10"), (2, "-10"), partner=who)[0]
    odoo.match(loan, odoo.entry("2026-02-01", (STAFF, "-4"), (2, "4"), partner=who)[0], "4")
    odoo.invoice("2026-01-01", "3", who)
    amounts = {}
    for wanted in ("included", "left_out"):
        (tmp_path / wanted).mkdir()
        book = book_of(odoo, tmp_path / wanted, non_trade=wanted)
        amounts[wanted] = open_items(book, DAY)["open"].to_list()
        assert books.differences(book) == []
        assert book.frames["gl"]["gl_balance"][0] == sum(amounts[wanted])
        assert book.frames["quarantine"].is_empty()
    assert amounts == {"included": [6, 3], "left_out": [3]}


def test_balances_of_the_accounts_stand_on_the_last_day_of_a_month_with_entries(tmp_path):
    odoo = Odoo()
    who = odoo.partner("Customer")
    for day, amount in (("2026-01-05", "10"), ("2026-01-09", "5.10"), ("2026-03-02", "-7")):
        odoo.entry(day, (1, amount), (3, negated(amount)), partner=who)
    odoo.invoice("2026-01-30", "99", who, state="draft")
    gl = book_of(odoo, tmp_path).frames["gl"].select("as_of", "gl_balance", "difference").rows()
    assert gl == [(date(2026, 3, 2), 8.1, 0), (date(2026, 1, 9), 15.1, 0)]


def test_rates_are_read_where_they_are_asked_for(tmp_path):
    odoo = Odoo()
    for currency, day, rate, company in (
        (EUR, "2026-01-01", "0.8", 1),
        (EUR, "2026-02-01", "2", None),
        (JPY, "2026-01-15", "160", 1),
        (JPY, "2025-12-01", "9", 1),
        (JPY, "2026-01-16", "1", 2),
        (USD, "2026-01-01", "1", 1),
        (USD, "2026-01-10", "2", 1),
    ):
        odoo.add("res_currency_rate", currency_id=currency, name=day, rate=rate, company_id=company)
    odoo.invoice("2026-01-01", "10", odoo.partner("Customer"))
    book = book_of(odoo, tmp_path, rates="odoo", reporting_currency="USD")
    rates = book.frames["fx_rates"].sort("currency", "date").rows()
    # The quotient of both rates of the day. Before the dollar's first rate it is not known, and what the second company
    # keeps for itself says nothing of the first.
    assert [(code, str(day), float(rate)) for code, day, rate in rates] == [
        ("EUR", "2026-01-01", 1.25),
        ("EUR", "2026-02-01", 1),
        ("JPY", "2026-01-15", 0.0125),
    ]


def test_without_rates_none_are_read(tmp_path):
    odoo = Odoo()
    odoo.add("res_currency_rate", currency_id=EUR, name="2026-01-01", rate="0.8", company_id=1)
    odoo.invoice("2026-01-01", "10", odoo.partner("Customer"))
    assert book_of(odoo, tmp_path).frames["fx_rates"].is_empty()


def test_a_difference_is_found(tmp_path):
    odoo = Odoo()
    who = odoo.partner("Customer")
    invoice, receipt = odoo.invoice("2026-01-01", "10", who), odoo.receipt("2026-01-02", "4", who)
    odoo.match(invoice, receipt, "4")
    odoo.rows["account_partial_reconcile"].clear()  # but the residuals stay
    found = books.differences(book_of(odoo, tmp_path))
    assert [(row["document_id"], row["source"], row["books"]) for row in found] == [
        (str(invoice), 6, 10),
        (str(receipt), 0, -4),
    ]
    assert {row["customer_id"] for row in found} == {str(who)}


def test_a_broken_reconciliation_leaves_no_trace(tmp_path):
    """Odoo deletes the row, so that a day gone by has another balance after it: the books tell."""
    odoo = Odoo()
    who = odoo.partner("Customer")
    invoice = odoo.invoice("2026-01-01", "10", who)
    odoo.match(invoice, odoo.receipt("2026-01-02", "10", who), "10")
    book = book_of(odoo, tmp_path)
    assert books.open_by_document(book, date(2026, 1, 31)) == {}
    with sqlite3.connect(tmp_path / "odoo.sqlite") as base:
        base.execute("DELETE FROM account_partial_reconcile")
    base.close()
    book = refresh(load(tmp_path / "settings"), now=books.NOW)
    assert len(books.open_by_document(book, date(2026, 1, 31))) == 2
    assert not book.frames["revised"].is_empty()


def test_another_version_than_was_said(tmp_path):
    address = Odoo("18").in_sqlite(tmp_path / "odoo.sqlite")
    with pytest.raises(SourceError, match="ir_property") as error:
        books.made(tmp_path / "settings", "odoo", source(address, "17"), currency="USD")
    assert "customers.sql" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_column_that_has_another_name(tmp_path):
    odoo = Odoo()
    odoo.invoice("2026-01-01", "10", odoo.partner("Customer"))
    address = odoo.in_sqlite(tmp_path / "odoo.sqlite")
    with sqlite3.connect(tmp_path / "odoo.sqlite") as base:
        base.execute("ALTER TABLE account_move_line RENAME COLUMN date_maturity TO due")
    base.close()
    with pytest.raises(SourceError, match="date_maturity"):
        books.made(tmp_path / "settings", "odoo", source(address), currency="USD")


def test_parameters_are_checked(tmp_path):
    for at, (name, value, says) in enumerate(
        (
            ("companies", "1; DROP TABLE res_partner", "ids of the companies"),
            ("non_trade", "maybe", "included or left_out"),
            ("rates", "ecb", "must be one of none, odoo"),
            ("version", "15", "must be one of 16, 17, 18"),
            ("compani", "1", "unknown key parameters.compani"),
        )
    ):
        folder = tmp_path / str(at)
        folder.mkdir()
        told = {"version": "17", name: value}
        lines = "\n".join(f'{key} = "{text}"' for key, text in told.items())
        with pytest.raises(ConfigError, match=says):
            books.made(
                folder / "s", "odoo", f'kind = "sql"\nurl = "sqlite:///x"\n[parameters]\n{lines}', currency="USD"
            )


def test_other_databases_and_a_missing_version():
    preset = read_preset("odoo", "here")
    with pytest.raises(ConfigError, match="written for postgresql and sqlite, not for mysql"):
        preset.mapping("mysql", {"version": "17"}, "here")
    with pytest.raises(ConfigError, match=r"parameters\.version is missing: the version of Odoo"):
        preset.mapping("sqlite", {}, "here")


@pytest.mark.parametrize("version", ["17", "18"])
def test_the_rights_that_the_readme_asks_for_are_enough(version, tmp_path, postgres):
    odoo = with_customers(version)
    address = odoo.in_postgres(postgres.admin, f"rights{version}")
    readme = (FOLDER / "odoo" / "README.md").read_text()
    granted = readme.split("```sql\n")[1].split("```")[0].replace("outstanding", f"reader{version}")
    if version == "18":
        granted = "".join(line for line in granted.splitlines(keepends=True) if "ir_property" not in line)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(cast(Any, granted))
    told = source(address.replace("postgres:@", f"reader{version}:secret@"), version, rates="odoo")
    book = books.made(tmp_path / "settings", "odoo", told, currency="USD")
    assert sorted(roster(book)) == ["Plain", "Rich", "Strict"]


def test_the_readme_lists_every_parameter_with_its_default():
    readme = (FOLDER / "odoo" / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*?)\|", readme, re.MULTILINE))
    known = read_preset("odoo", "here").says.parameters
    assert list(rows) == list(known)
    for name, row in rows.items():
        written = known[name].default
        assert row.strip('`" ') == ("all" if name == "companies" else written or ""), name
