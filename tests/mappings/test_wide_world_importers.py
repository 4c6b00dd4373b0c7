"""The preset for WideWorldImporters, on hand-made tables in SQLite: one test for each trap."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.book import Book
from ledger.errors import ConfigError, SourceError
from tests.mappings.books import differences, made
from tests.mappings.warehouse import Row, Tables, alike, bucketed, moved, open_at, settled

MONEY = "DECIMAL(18, 2)"
COLUMNS = {
    "Sales_CustomerTransactions": "CustomerTransactionID INT, CustomerID INT, TransactionTypeID INT, InvoiceID INT,"
    f" TransactionDate DATE, TransactionAmount {MONEY}, OutstandingBalance {MONEY}, FinalizationDate DATE",
    "Sales_Customers": "CustomerID INT, CustomerName TEXT, BillToCustomerID INT, CustomerCategoryID INT,"
    f" DeliveryCityID INT, CreditLimit {MONEY}, PaymentDays INT",
    "Sales_CustomerCategories": "CustomerCategoryID INT, CustomerCategoryName TEXT",
    "Application_TransactionTypes": "TransactionTypeID INT, TransactionTypeName TEXT",
    "Application_Cities": "CityID INT, CityName TEXT, StateProvinceID INT",
    "Application_StateProvinces": "StateProvinceID INT, SalesTerritory TEXT, CountryID INT",
    "Application_Countries": "CountryID INT, CountryName TEXT",
}
INVOICE, MEMO, PAYMENT, REFUND = 1, 2, 3, 4
NOW = datetime(2016, 5, 31, 12, tzinfo=UTC)


class Sample(Tables):
    """The sample's tables."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        words = "Customer Invoice", "Customer Credit Note", "Customer Payment Received", "Customer Refund"
        for id, name in enumerate(words, 1):
            self.add("Application_TransactionTypes", TransactionTypeID=id, TransactionTypeName=name)
        self.add("Sales_CustomerCategories", CustomerCategoryID=3, CustomerCategoryName="Novelty Shop")
        self.add("Application_Cities", CityID=9, CityName="Lisco", StateProvinceID=5)
        self.add("Application_StateProvinces", StateProvinceID=5, SalesTerritory="Plains", CountryID=2)
        self.add("Application_Countries", CountryID=2, CountryName="United States")
        self.customer(1, "Toys (Head Office)", 1)

    def customer(self, id: int, name: str, billed: int, days: int = 7) -> None:
        self.add(
            "Sales_Customers", CustomerID=id, CustomerName=name, BillToCustomerID=billed, CustomerCategoryID=3,
            DeliveryCityID=9, CreditLimit=3000, PaymentDays=days,
        )  # fmt: skip

    def post(self, type: int, day: str, amount: float, final: str | None = None, **more: Any) -> Row:
        given: Row = {"CustomerID": 1, "OutstandingBalance": 0 if final else amount}
        return self.add(
            "Sales_CustomerTransactions", CustomerTransactionID=int(self.id("")), TransactionTypeID=type,
            TransactionDate=day, TransactionAmount=amount, FinalizationDate=final, **(given | more),
        )  # fmt: skip


@pytest.fixture
def erp() -> Sample:
    return Sample()


@pytest.fixture
def book(erp: Sample, tmp_path: Path):
    def of(more: str = "") -> Book:
        source = f'kind = "sql"\nurl = "{erp.sqlite(tmp_path)}"\n[parameters]\nsales = "Sales_"\n{more}'
        if "application" not in more:
            source += 'application = "Application_"\n'
        return made(tmp_path / "config", "wide_world_importers", source, currency="USD", now=NOW)

    return of


def of(row: Row) -> str:
    return str(row["CustomerTransactionID"])


def test_an_invoice_is_open_as_a_whole_until_the_day_it_is_finalised(erp, book):
    paid = erp.post(INVOICE, "2016-01-05", 100, "2016-01-20")
    payment = erp.post(PAYMENT, "2016-01-20", -100, "2016-01-20")
    left = erp.post(INVOICE, "2016-01-06", 50.25)
    books = book()
    assert open_at(books, "2016-01-04") == {}
    assert open_at(books, "2016-01-19") == {of(paid): 100, of(left): 50.25}
    assert open_at(books, "2016-01-20") == {of(left): 50.25}
    assert settled(books, of(payment)) == [("2016-01-20", "cash", -100)]
    assert moved(books, "2016-05-31") == {"billed": 150.25, "cash": -100, "closing": 50.25}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_a_payment_that_waits_is_a_credit_until_it_is_finalised(erp, book):
    invoice = erp.post(INVOICE, "2016-02-10", 80, "2016-02-15")
    payment = erp.post(PAYMENT, "2016-02-01", -80, "2016-02-15")
    books = book()
    assert open_at(books, "2016-02-09") == {of(payment): -80}
    assert open_at(books, "2016-02-14") == {of(invoice): 80, of(payment): -80}
    assert open_at(books, "2016-02-15") == {}


def test_a_finalisation_before_the_transactions_own_day_counts_from_that_day(erp, book):
    invoice = erp.post(INVOICE, "2016-02-10", 80, "2016-02-01")
    assert settled(book(), of(invoice)) == [("2016-02-10", "credit", 80)]


def test_what_no_money_was_finalised_with_was_not_paid(erp, book):
    credited = erp.post(INVOICE, "2016-01-05", 100, "2016-01-20")
    erp.post(MEMO, "2016-01-20", -100, "2016-01-20")
    erp.customer(2, "Others", 2)
    # Money of another customer, and of another day.
    erp.post(PAYMENT, "2016-01-20", -5, "2016-01-20", CustomerID=2)
    erp.post(INVOICE, "2016-01-20", 5, "2016-01-20", CustomerID=2)
    erp.post(PAYMENT, "2016-01-21", -6, "2016-01-21")
    erp.post(INVOICE, "2016-01-21", 6, "2016-01-21")
    books = book()
    assert settled(books, of(credited)) == [("2016-01-20", "credit", 100)]
    assert moved(books, "2016-05-31") == {"billed": 111, "credits": -100, "cash": -11}


def test_refunds_raise_the_debt_again(erp, book):
    payment = erp.post(PAYMENT, "2016-01-05", -100, "2016-02-01")
    refund = erp.post(REFUND, "2016-02-01", 100, "2016-02-01")
    books = book()
    assert open_at(books, "2016-01-31") == {of(payment): -100}
    assert open_at(books, "2016-02-01") == {}
    assert settled(books, of(refund)) == [("2016-02-01", "other", 100)]


def test_due_is_as_many_days_later_as_the_customer_has_to_pay(erp, book):
    erp.customer(2, "Others", 2, days=30)
    erp.post(INVOICE, "2016-01-01", 100)
    erp.post(INVOICE, "2016-01-01", 10, CustomerID=2)
    books = book()
    # 7 days: due on the 8th. 30 days: due on the 31st.
    assert bucketed(books, "2016-01-08") == {"current": 110}
    assert bucketed(books, "2016-01-09") == {"current": 10, "1–30": 100}
    assert bucketed(books, "2016-02-07") == {"1–30": 110}
    assert bucketed(books, "2016-02-08") == {"1–30": 10, "31–60": 100}


def test_shops_belong_to_their_head_office_and_have_a_place(erp, book):
    erp.customer(2, "Toys (Lisco, NE)", 1)
    erp.post(INVOICE, "2016-01-01", 1)
    rows = {row["customer_id"]: row for row in book().frames["customers"].to_dicts()}
    assert (rows["1"]["parent_id"], rows["2"]["parent_id"]) == (None, "1")
    shop = rows["2"]
    assert (shop["segment"], shop["region"], shop["country"]) == ("Novelty Shop", "Plains", "United States")
    assert (shop["credit_limit"], shop["terms_days"]) == (3000, 7)


def test_a_part_payment_is_found_because_no_table_says_what_was_paid(erp, book):
    invoice = erp.post(INVOICE, "2016-01-01", 100, OutstandingBalance=60)
    (row,) = differences(book())
    assert (row["document_id"], row["source"], row["books"], row["difference"]) == (of(invoice), 60, 100, 40)


def test_a_wrong_prefix_is_said_in_one_sentence(erp, book):
    erp.post(INVOICE, "2016-01-01", 100)
    with pytest.raises(SourceError, match="App_Cities") as error:
        book('application = "App_"\n')
    assert "Did you mean" in str(error.value) or "Application_Cities" in str(error.value)


def test_a_database_that_it_was_not_written_for_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="written for mssql and sqlite, not for oracle"):
        made(tmp_path, "wide_world_importers", 'kind = "sql"\nurl = "oracle://h/d"', currency="USD")


def test_the_files_for_sqlite_differ_in_the_sum_of_days_alone():
    days = [("DATEADD(day, c.PaymentDays, t.TransactionDate)", "DATE(t.TransactionDate, c.PaymentDays || ' days')")]
    assert alike("wide_world_importers", "documents", "sqlite", days)
