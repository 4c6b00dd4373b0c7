"""The presets for Dynamics 365 Finance, from a database and from files: one test for each thing easily got wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from config.presets import FOLDER
from ledger.book import Book
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers, open_items
from tests.mappings.books import buckets, differences, made, sqlite_of
from tests.mappings.finance import DISCOUNT, JOURNAL, NEVER, PAYMENT, PENNY, REVALUED, SALES, Finance, Row
from tests.mappings.looks import around, kinds, moved, open_amounts, open_base, settled, warned

LAST = date(2025, 7, 31)


@pytest.fixture
def erp() -> Finance:
    return Finance()


@pytest.fixture(params=["dynamics365_fo", "dynamics365_fo_export"])
def book(request, erp: Finance, tmp_path: Path):
    def made_of(more: str = "", **options) -> Book:
        if request.param == "dynamics365_fo":
            source = f'kind = "sql"\nurl = "{sqlite_of(tmp_path / "finance.sqlite", erp.shouted())}"'
        else:
            source = f'kind = "files"\n{erp.exported(tmp_path)}'
        now = datetime(2025, 8, 1, 12, tzinfo=UTC)
        return made(tmp_path / "config", request.param, f"{source}\n{more}", currency="USD", now=now, **options)

    return made_of


def at(book: Book, day: date, *rows: Row) -> list[float]:
    """What is open of each of ``rows``."""
    found = open_amounts(book, day)
    return [found.get(str(row["recid"]), 0) for row in rows]


def agrees(book: Book, erp: Finance) -> None:
    """Each day of an event and the one before are what Dynamics' own balance gives, and today is its own word."""
    assert differences(book) == []
    for day in around(row["transdate"] for rows in erp.tables.values() for row in rows if "transdate" in row):
        assert open_amounts(book, day) == erp.balance(day.isoformat()), day


def test_a_settlement_counts_on_both_sides_and_from_its_own_date(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 1000, duedate="2025-02-09")
    payment = erp.trans(PAYMENT, "2025-02-20", -600)
    erp.settle(invoice, payment, "2025-03-05", 600)
    books = book()
    assert at(books, date(2025, 1, 9), invoice, payment) == [0, 0]
    assert at(books, date(2025, 3, 4), invoice, payment) == [1000, -600]
    assert at(books, date(2025, 3, 5), invoice, payment) == [400, 0]
    assert moved(books, LAST) == {"billed": 1000, "cash": -600, "closing": 400}
    agrees(books, erp)


def test_a_settlement_dated_before_either_side_counts_from_the_later(erp, book):
    invoice = erp.trans(SALES, "2025-03-01", 100)
    payment = erp.trans(PAYMENT, "2025-01-25", -100)
    erp.settle(invoice, payment, "2025-02-01", 100)
    early, late = erp.trans(SALES, "2025-01-10", 70), erp.trans(PAYMENT, "2025-03-01", -70)
    erp.settle(early, late, "2025-02-01", 70)
    books = book()
    assert at(books, date(2025, 2, 28), invoice, payment, early, late) == [0, -100, 70, 0]
    assert at(books, date(2025, 3, 1), invoice, payment, early, late) == [0, 0, 0, 0]
    assert "settled_before_document" not in warned(books)
    assert differences(books) == []


def test_a_settlement_taken_back_opens_both_sides_again(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 100)
    payment = erp.trans(PAYMENT, "2025-01-20", -100)
    erp.settle(invoice, payment, "2025-01-20", 100)
    erp.settle(invoice, payment, "2025-03-10", -100)
    books = book()
    assert at(books, date(2025, 3, 9), invoice, payment) == [0, 0]
    assert at(books, date(2025, 3, 10), invoice, payment) == [100, -100]
    assert moved(books, LAST) == {"billed": 100, "cash": -100}
    agrees(books, erp)


def test_the_same_account_in_two_companies_is_two_customers(erp, book):
    here = erp.trans(SALES, "2025-01-10", 100)
    there = erp.trans(SALES, "2025-01-10", 40, company="demf", currencycode="EUR")
    books = book("[mapping]\nfx_rates = \"SELECT 'EUR' AS currency, '2025-01-01' AS date, 1.5 AS rate\"")
    assert books.frames["documents"].height == 2
    rows = open_items(books, LAST).select("document_id", "customer_id", "customer", "entity").sort("document_id")
    assert rows.rows() == [
        (str(here["recid"]), "501", "Contoso Retail", "usmf"),
        (str(there["recid"]), "502", "Litware GmbH", "demf"),
    ]
    # Each company's base amounts are in its own currency: 40 € are 60 $, not 40.
    assert open_base(books, LAST) == {str(here["recid"]): 100, str(there["recid"]): 60}
    agrees(books, erp)


def test_rows_of_another_company_under_the_same_ids_are_not_mixed_in(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 100)
    payment = erp.trans(PAYMENT, "2025-01-20", -60)
    erp.settle(invoice, payment, "2025-01-20", 60)
    # By number alone either side would be found twice, and what is open of the invoice counted twice.
    for row in (invoice, payment):
        erp.tables["custtrans"].append({**row, "dataareaid": "demf", "transtype": SALES, "transdate": "2025-05-05"})
    books = book(force=True)
    assert settled(books, invoice["recid"]) == [(date(2025, 1, 20), "cash", 60)]
    # The twins themselves are kept out for their ids, and nothing else is.
    assert books.quarantine["table"].to_list() == ["documents", "documents"]
    assert differences(books) == []


def test_a_settlement_between_companies_finds_the_other_side(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 100, company="demf", currencycode="USD")
    payment = erp.trans(PAYMENT, "2025-03-01", -100)
    erp.settle(invoice, payment, "2025-02-01", 100)
    books = book("[mapping]\nfx_rates = \"SELECT 'EUR' AS currency, '2025-01-01' AS date, 1 AS rate\"")
    assert settled(books, invoice["recid"]) == [(date(2025, 3, 1), "cash", 100)]


def test_a_cash_discount_is_a_transaction_of_its_own_and_a_discount_of_the_invoice(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 1000)
    payment = erp.trans(PAYMENT, "2025-01-20", -980)
    discount = erp.trans(DISCOUNT, "2025-01-20", -20)
    erp.settle(invoice, payment, "2025-01-20", 980)
    erp.settle(invoice, discount, "2025-01-20", 20)
    books = book()
    day = date(2025, 1, 20)
    assert sorted(settled(books, invoice["recid"])) == [(day, "cash", 980), (day, "discount", 20)]
    assert settled(books, discount["recid"]) == [(day, "other", -20)]
    assert moved(books, LAST) == {"billed": 1000, "cash": -980, "discounts": -20}
    agrees(books, erp)


def test_a_penny_difference_is_written_off(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 100)
    payment = erp.trans(PAYMENT, "2025-01-20", -99.99)
    penny = erp.trans(PENNY, "2025-01-20", -0.01)
    erp.settle(invoice, payment, "2025-01-20", 99.99)
    erp.settle(invoice, penny, "2025-01-20", 0.01)
    books = book()
    assert str(moved(books, LAST)["write_offs"]) == "-0.01"
    assert at(books, LAST, invoice, payment, penny) == [0, 0, 0]


def test_a_credit_note_settles_the_invoice_and_itself(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 100)
    note = erp.trans(SALES, "2025-01-15", -70)
    erp.settle(invoice, note, "2025-02-01", 50)
    books = book()
    assert at(books, LAST, invoice, note) == [50, -20]
    assert settled(books, note["recid"]) == [(date(2025, 2, 1), "credit", -50)]
    assert moved(books, LAST) == {"billed": 100, "credits": -70, "closing": 30}
    agrees(books, erp)


def test_a_credit_note_paid_out_is_cash_that_went_back(erp, book):
    note = erp.trans(SALES, "2025-01-15", -70)
    refund = erp.trans(PAYMENT, "2025-02-01", 70)
    erp.settle(note, refund, "2025-02-01", -70)
    books = book()
    assert moved(books, LAST) == {"credits": -70, "cash": 70}
    agrees(books, erp)


def test_the_exchange_adjustment_leads_back_to_the_invoices_own_rate(erp, book):
    # 100 € at 1.10, of which 50 are paid at 1.20: the settlement is valued at 60, and 5 of it are a difference.
    invoice = erp.trans(SALES, "2025-01-10", 100, rate=1.1, currencycode="EUR")
    payment = erp.trans(PAYMENT, "2025-02-01", -50, rate=1.2, currencycode="EUR")
    erp.settle(invoice, payment, "2025-02-01", 50, rate=1.2, adjustment=-5)
    books = book()
    assert open_base(books, date(2025, 1, 31)) == {str(invoice["recid"]): 110}
    assert open_base(books, LAST) == {str(invoice["recid"]): 55}
    agrees(books, erp)


def test_a_revaluation_moves_base_money_only(erp, book):
    erp.trans(SALES, "2025-01-10", 100, rate=1.1, currencycode="EUR")
    valued = erp.trans(REVALUED, "2025-01-31", 0, currencycode="EUR", amountmst=4)
    books = book()
    assert open_base(books, LAST)[str(valued["recid"])] == 4
    assert moved(books, LAST) == {"billed": 110, "other": 4, "closing": 114}
    assert differences(books) == []


def test_empty_dates_of_1900_are_no_dates(erp, book):
    erp.trans(SALES, "2025-01-10", 100, duedate=NEVER)
    erp.trans(SALES, "2025-01-12", 50, documentdate="2025-01-08", duedate="2025-02-07")
    books = book()
    rows = books.frames["documents"].sort("posting_date").select("document_date", "due_date", "posting_date")
    assert rows.rows() == [
        (date(2025, 1, 10), None, date(2025, 1, 10)),
        (date(2025, 1, 8), date(2025, 2, 7), date(2025, 1, 12)),
    ]


def test_instalments_are_one_document_with_the_transactions_own_due_date(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 900, duedate="2025-04-10")
    erp.tables["custtransopen"].clear()
    for due in ("2025-02-09", "2025-03-11", "2025-04-10"):
        erp.opened(invoice, due, 300)
    payment = erp.trans(PAYMENT, "2025-02-09", -300)
    erp.settle(invoice, payment, "2025-02-09", 300)
    books = book()
    # The open rows know 11 March and 10 April; of the first, settled, no date is left anywhere.
    assert buckets(books, date(2025, 4, 10)) == {("current",): 600}
    assert buckets(books, date(2025, 5, 10)) == {("1–30",): 600}
    assert buckets(books, date(2025, 5, 11)) == {("31–60",): 600}
    agrees(books, erp)


def test_transaction_types_are_told_apart(erp, book):
    cases = [
        (SALES, 1, "I", "invoice"), (SALES, -1, "I", "credit_memo"), (8, 1, "", "invoice"), (8, -1, "", "credit_memo"),
        (PAYMENT, -1, "", "payment"), (PAYMENT, -1, "I", "payment"), (7, 1, "", "debit_memo"),
        (13, 1, "", "debit_memo"), (22, 1, "", "debit_memo"), (JOURNAL, 1, "I", "invoice"),
        (JOURNAL, -1, "I", "credit_memo"), (JOURNAL, -1, "", "journal"), (DISCOUNT, -1, "", "journal"),
        (REVALUED, 1, "I", "journal"),
    ]  # fmt: skip
    expected = {}
    for at, (kind, amount, invoice, said) in enumerate(cases):
        number = f"{invoice}{at}"
        erp.trans(kind, "2025-01-10", amount, invoice=number if invoice else "", voucher=number)
        expected[number] = said
    assert kinds(book()) == expected


def test_customers_have_their_names_from_the_address_book(erp, book):
    erp.trans(SALES, "2025-01-10", 100)
    rows = customers(book()).sort("customer_id").select("customer_id", "label", "segment", "credit_limit").rows()
    assert [row[:3] for row in rows] == [("501", "Contoso Retail", "10"), ("502", "Litware GmbH", "10")]
    # A limit of 0 is none.
    assert [row[3] and float(row[3]) for row in rows] == [9000, None]


def test_what_dynamics_says_is_open_is_held_against_the_books(erp, book):
    invoice = erp.trans(SALES, "2025-01-10", 100)
    erp.trans(SALES, "2025-01-11", 40)
    erp.tables["custtransopen"][0]["amountcur"] = 93.5
    assert differences(book()) == [
        {"customer_id": "501", "document_id": str(invoice["recid"]), "currency": "USD",
         "source": 93.5, "books": 100.0, "difference": 6.5}
    ]  # fmt: skip


def test_both_presets_say_the_same():
    first, second = (sorted((FOLDER / name).glob("*.sql")) for name in ("dynamics365_fo", "dynamics365_fo_export"))
    assert [file.read_text() for file in first] == [file.read_text() for file in second]


def test_a_column_of_another_version_is_named(erp, book):
    row = erp.trans(SALES, "2025-01-10", 100)
    row["transactiondate"] = row.pop("transdate")
    with pytest.raises(SourceError, match=r"(?i)transdate"):
        book()


def test_a_file_that_is_not_named_is_asked_for(erp, tmp_path):
    erp.trans(SALES, "2025-01-10", 100)
    tables = erp.exported(tmp_path).replace("custsettlement =", "settlement =")
    with pytest.raises((ConfigError, SourceError), match="custsettlement"):
        made(tmp_path / "config", "dynamics365_fo_export", f'kind = "files"\n{tables}', currency="USD")


def test_a_parameter_is_refused_and_so_is_another_database(tmp_path):
    source = 'kind = "sql"\nurl = "mssql+pyodbc://reader@host/ax"\n[parameters]\ncompany = "usmf"'
    with pytest.raises(ConfigError, match=r"unknown key parameters\.company"):
        made(tmp_path / "one", "dynamics365_fo", source, currency="USD")
    with pytest.raises(ConfigError, match="written for mssql and sqlite, not for oracle"):
        made(tmp_path / "two", "dynamics365_fo", 'kind = "sql"\nurl = "oracle://reader@host/ax"', currency="USD")


def test_parquet_amounts_come_exact(erp, tmp_path):
    erp.trans(SALES, "2025-01-10", 33.33)
    erp.exported(tmp_path)
    assert pl.read_parquet(tmp_path / "custtrans.parquet")["amountcur"].dtype == pl.Decimal(38, 6)
