"""The preset for SAP's tables: what only a database has, and what differs from one to the next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from config.presets import read_preset
from ledger.book import Book
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers
from tests.mappings.books import differences, made, open_by_document, sqlite_of
from tests.mappings.looks import open_amounts, open_base
from tests.mappings.sap_books import Sap, named, refers_to

LAST = date(2025, 12, 31)
Made = Callable[..., Book]


@pytest.fixture
def sap() -> Sap:
    return Sap()


@pytest.fixture
def book(sap: Sap, tmp_path: Path) -> Made:
    return lambda parameters="": sap.books(tmp_path, "tables", parameters)


def test_another_client_is_another_company(sap: Sap, book: Made):
    row = sap.item("2025-01-10", 100)
    sap.item("2025-01-10", 7, MANDT="200")
    cleared = sap.item("2025-01-10", 9, MANDT="200", BELNR=row["BELNR"])
    sap.clear("2025-02-01", cleared)
    sap.customer("0000001001", "Another", {"MANDT": "200"}, MANDT="200")
    sap.others["T001"].append({"MANDT": "200", "BUKRS": "1000", "WAERS": "CHF"})
    books = book()
    assert open_by_document(books, LAST) == {named(row): ("EUR", Decimal(100), Decimal(100))}
    assert sorted(customers(books)["name"]) == ["Adler", "Berg"]
    assert differences(books) == []


def test_amounts_are_stored_with_two_decimals_whatever_the_currency(sap: Sap, book: Made):
    yen = sap.item("2025-01-10", 12.34, WAERS="JPY", DMBTR=Decimal("7.65"))
    dinar = sap.item("2025-01-10", 12.34, WAERS="KWD", DMBTR=Decimal("3.70"))
    sap.others["T001"].append({"MANDT": "100", "BUKRS": "3000", "WAERS": "JPY"})
    tokyo = sap.item("2025-01-10", 10, WAERS="EUR", DMBTR=Decimal("16.20"), BUKRS="3000")
    invoice = sap.item("2025-01-10", 50, WAERS="JPY")
    payment = sap.item("2025-01-20", -50, "DZ", WAERS="JPY", **refers_to(invoice))
    sap.clear("2025-03-01", invoice, payment)
    books = book()
    assert open_amounts(books, LAST) == {named(yen): 1234, named(dinar): 1.234, named(tokyo): 10}
    assert open_amounts(books, date(2025, 1, 15))[named(invoice)] == 5000
    assert differences(books) == []
    bases = books.frames["documents"].select("document_id", "base_currency", "amount_base")
    told = {id: (currency, amount) for id, currency, amount in bases.iter_rows()}
    # In smallest units: 7.65 EUR, and 1,620 JPY.
    assert (told[named(yen)], told[named(tokyo)]) == (("EUR", 765), ("JPY", 1620))


@pytest.mark.parametrize("blank", ["", " ", None], ids=["none", "a space", "null"])
def test_an_empty_field_is_empty_however_it_is_stored(sap: Sap, tmp_path: Path, blank: str | None):
    invoice = sap.item("2025-01-10", 1000, days=(30,))
    part = sap.item("2025-03-01", -300, "DZ", days=(30,), **refers_to(invoice))
    free = sap.item("2025-03-01", -50, "DZ", days=(30,))
    gone = [sap.item("2025-03-01", amount) for amount in (10, -10)]
    sap.clear("2025-04-01", *gone)
    url = sap.in_sqlite(tmp_path / "sap.sqlite", blank)
    source = f'kind = "sql"\nurl = "{url}"\n[parameters]\nclient = "100"\npartial_payments = "net"\n'
    books = made(tmp_path / "config", "sap", source, currency="EUR")
    assert open_amounts(books, LAST) == {named(invoice): 700, named(free): -50}
    before = open_amounts(books, date(2025, 3, 31))
    assert [before[named(row)] for row in (invoice, free, *gone)] == [700, -50, 10, -10]
    dates = dict(books.frames["documents"].select("document_id", "due_date").iter_rows())
    assert (dates[named(part)], dates[named(free)]) == (date(2025, 2, 9), date(2025, 3, 1))
    assert not books.frames["documents"]["disputed"].any()
    assert differences(books) == []


def test_an_open_item_may_have_no_clearing_date_at_all(sap: Sap, tmp_path: Path):
    row = sap.item("2025-01-10", 100)
    tables = sap.tables()
    tables["BSID"][-1]["AUGDT"] = None
    source = f'kind = "sql"\nurl = "{sqlite_of(tmp_path / "sap.sqlite", tables)}"\n[parameters]\nclient = "100"\n'
    assert open_amounts(made(tmp_path / "config", "sap", source, currency="EUR"), LAST) == {named(row): 100}


def test_what_company_codes_say_of_a_customer_counts_where_they_agree(sap: Sap, book: Made):
    other = {"BUKRS": "2000", "BUSAB": "A1", "KNRZE": "0000001001"}
    sap.customer("0000001003", "Calau", {"BUSAB": "ZZ", "KNRZE": "0000001001"}, other)
    sap.others["T052"] += [
        {"MANDT": "100", "ZTERM": "N014", "ZTAGG": 0, "ZTAG1": 7, "ZTAG2": 14, "ZTAG3": 0},
        {"MANDT": "100", "ZTERM": "DAYS", "ZTAGG": 15, "ZTAG1": 30, "ZTAG2": 0, "ZTAG3": 0},
        {"MANDT": "100", "ZTERM": "DAYS", "ZTAGG": 31, "ZTAG1": 60, "ZTAG2": 0, "ZTAG3": 0},
    ]
    sap.customer("0000001004", "Diez", {"ZTERM": "N014"}, {"ZTERM": "N014", "BUKRS": "2000"})
    sap.customer("0000001005", "Elze", {"ZTERM": "DAYS"})
    sap.item("2025-01-10", 100)
    found = {row["customer_id"]: row for row in customers(book('credit_area = "C1"')).iter_rows(named=True)}
    assert {id[-1]: row["collector"] for id, row in found.items()} == {
        "1": "Ada",
        "2": "Ada",
        "3": None,
        "4": None,
        "5": "Ada",
    }
    assert {id[-1]: row["terms_days"] for id, row in found.items()} == {"1": 30, "2": 30, "3": 30, "4": 14, "5": None}
    assert {id[-1]: row["parent_id"] for id, row in found.items() if row["parent_id"]} == {"3": "0000001001"}
    first = found["0000001001"]
    assert (first["credit_limit"], first["risk_class"], first["country"], first["segment"]) == (
        5000,
        "LOW",
        "DE",
        "0001",
    )
    assert found["0000001002"]["credit_limit"] is None
    assert all(row["credit_limit"] is None for row in customers(book()).iter_rows(named=True))


def test_a_limit_in_yen_is_whole(sap: Sap, book: Made):
    sap.others["T014"][0]["WAERS"] = "JPY"
    sap.item("2025-01-10", 100)
    assert customers(book('credit_area = "C1"'))["credit_limit"].max() == 500000


def test_tables_may_stand_in_a_schema(sap: Sap, book: Made):
    row = sap.item("2025-01-10", 100)
    assert open_amounts(book('schema = "main."'), LAST) == {named(row): 100}
    with pytest.raises(SourceError, match=r"SAPSR3\.KNA1"):
        book('schema = "SAPSR3."')


@pytest.mark.parametrize("netted", ["apart", "net"])
def test_postgresql_says_what_sqlite_says(sap: Sap, tmp_path: Path, postgres, netted: str):
    sap.grown(25, seed=3)
    sap.item("2025-01-10", 12.34, WAERS="KWD", DMBTR=Decimal("3.70"), MANSP="A", REBZG="V", SHKZG="H")
    more = f'[parameters]\nclient = "100"\npartial_payments = "{netted}"\n'
    addresses = sap.in_sqlite(tmp_path / "sap.sqlite"), sap.in_postgres(postgres.admin, f"sap_{netted}")
    one, other = (
        made(tmp_path / str(number), "sap", f'kind = "sql"\nurl = "{url}"\n{more}', currency="EUR")
        for number, url in enumerate(addresses)
    )
    assert differences(other) == []
    for day in list(sap.days())[::9]:
        assert open_by_document(one, day) == open_by_document(other, day), day
    columns = ["document_id", "document_date", "due_date", "posting_date", "kind", "disputed", "number"]
    rows = [books.frames["documents"].select(columns).sort("document_id") for books in (one, other)]
    assert rows[0].equals(rows[1])


def test_base_amounts_stay_in_the_company_codes_currency(sap: Sap, book: Made):
    row = sap.item("2025-01-10", 100, BUKRS="2000", WAERS="EUR", DMBTR=110)
    books = book()
    assert dict(books.frames["documents"].select("base_currency", "amount_base").iter_rows()) == {"USD": 11000}
    assert open_amounts(books, LAST) == {named(row): 100}
    assert open_base(books, LAST) == {named(row): 100}


def test_a_column_of_another_version_is_named(sap: Sap, book: Made):
    sap.item("2025-01-10", 100)
    for row in sap.others["KNA1"]:
        row["ACCOUNT_GROUP"] = row.pop("KTOKD")
    with pytest.raises(SourceError, match=r"customers\.sql uses a column 'a\.KTOKD', which its tables do not have"):
        book()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, r"parameters\.client is missing: the SAP client \(MANDT\)"),
        ({"client": "100", "clients": "1"}, r"unknown key parameters\.clients: did you mean 'client'"),
        ({"client": "100", "company_codes": "1000"}, r"parameters\.company_codes is '1000', which cannot be"),
        ({"client": "100", "company_codes": "'1') OR ('1' = '1'"}, r"which cannot be"),
        ({"client": "100", "special_gl": "yes"}, r"must be one of leave_out, keep"),
    ],
)
def test_a_wrong_parameter_is_one_sentence(parameters, said):
    with pytest.raises(ConfigError, match=said) as caught:
        read_preset("sap", "a test").mapping("hana", parameters, "sap.toml")
    assert "\n" not in str(caught.value)


def test_other_databases_are_refused_in_one_sentence():
    said = r"written for hana, mssql, oracle, postgresql and sqlite, not for mysql\."
    with pytest.raises(ConfigError, match=said):
        read_preset("sap", "a test").mapping("mysql", {"client": "100"}, "sap.toml")


def test_the_sql_is_the_same_for_all_databases_but_for_its_words():
    preset = read_preset("sap", "a test")
    given = {"client": "100", "schema": "sap."}
    texts = {dialect: preset.mapping(dialect, given, "a test") for dialect in preset.says.dialects}
    for table, (usual, _) in texts["hana"].items():
        for dialect, words in preset.says.words.items():
            text = texts[dialect][table][0]
            assert (
                text.replace(words["net_due"], preset.says.words["hana"]["net_due"]).replace(
                    f" {words['join']} ", " || "
                )
                == usual
            ), (dialect, table)
            # Every table has the schema before it, and Oracle takes no AS before the other name of one.
            assert re.search(r"(?:FROM|JOIN) sap\.[A-Z]", text)
            assert not re.search(r"(?:FROM|JOIN) (?:[A-Z]|\S+ AS\b)", text)
    assert all("||" not in text for text, _ in texts["mssql"].values())
