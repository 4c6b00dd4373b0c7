"""The preset for Xero in a warehouse, on hand-made tables in two databases: one test for each trap."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import SourceError
from tests.mappings.books import differences
from tests.mappings.warehouse import (
    DATABASES,
    Row,
    Tables,
    Warehouse,
    base_at,
    bucketed,
    moved,
    open_at,
    settled,
)

MONEY = "NUMERIC(18, 2)"
HEAD = (
    f"contact_id TEXT, type TEXT, status TEXT, date DATE, currency_code TEXT, currency_rate NUMERIC(18, 6),"
    f" total {MONEY}, reference TEXT"
)
ALLOCATION = f"allocation_id TEXT, invoice_id TEXT, amount {MONEY}, date DATE, is_deleted BOOLEAN"
COLUMNS = {
    "contact": "contact_id TEXT, name TEXT, email_address TEXT",
    "invoice": f"invoice_id TEXT, invoice_number TEXT, due_date DATE, amount_due {MONEY}, {HEAD}",
    "credit_note": f"credit_note_id TEXT, credit_note_number TEXT, remaining_credit {MONEY}, {HEAD}",
    "overpayment": f"overpayment_id TEXT, remaining_credit {MONEY}, {HEAD}",
    "prepayment": f"prepayment_id TEXT, remaining_credit {MONEY}, {HEAD}",
    "payment": "payment_id TEXT, invoice_id TEXT, credit_note_id TEXT, overpayment_id TEXT, prepayment_id TEXT,"
    f" date DATE, amount {MONEY}, status TEXT",
    "credit_note_allocation": f"credit_note_id TEXT, {ALLOCATION}",
    "overpayment_allocation": f"overpayment_id TEXT, {ALLOCATION}",
    "prepayment_allocation": f"prepayment_id TEXT, {ALLOCATION}",
}
TYPES = {
    "credit_note": "ACCRECCREDIT",
    "overpayment": "RECEIVE-OVERPAYMENT",
    "prepayment": "RECEIVE-PREPAYMENT",
}


class Xero(Tables):
    """Xero's tables, with the balances that it keeps itself."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self.add("contact", contact_id="a", name="Ann", email_address="ann@x.y")

    def _head(self, table: str, day: str, amount: float, **more: Any) -> Row:
        given = {"contact_id": "a", "status": "AUTHORISED", "date": day, "currency_code": "NZD", "currency_rate": 1}
        return self.add(table, **{f"{table}_id": self.id(table), "total": amount}, **(given | more))

    def invoice(self, day: str, amount: float, **more: Any) -> Row:
        return self._head("invoice", day, amount, **({"type": "ACCREC", "amount_due": amount, "due_date": day} | more))

    def credit(self, table: str, day: str, amount: float, **more: Any) -> Row:
        return self._head(table, day, amount, **({"type": TYPES[table], "remaining_credit": amount} | more))

    def pay(self, day: str, row: Row, amount: float, **more: Any) -> Row:
        """A payment on ``row``; on a credit it is a refund."""
        key = next(iter(row))
        row["amount_due" if key == "invoice_id" else "remaining_credit"] -= amount
        given = {"payment_id": self.id("pay"), key: row[key], "date": day, "amount": amount, "status": "AUTHORISED"}
        return self.add("payment", **(given | more))

    def allocate(self, day: str, credit: Row, invoice: Row, amount: float, **more: Any) -> Row:
        key = next(iter(credit))
        credit["remaining_credit"] -= amount
        invoice["amount_due"] -= amount
        given = {"allocation_id": self.id("al"), key: credit[key], "invoice_id": invoice["invoice_id"], "date": day}
        return self.add(
            f"{key.removesuffix('_id')}_allocation", amount=amount, **({"is_deleted": False} | given | more)
        )


def of(row: Row) -> str:
    """The document id of a row: its first column."""
    return row[next(iter(row))]


@pytest.fixture
def erp() -> Xero:
    return Xero()


@pytest.fixture(params=DATABASES)
def book(erp: Xero, request: pytest.FixtureRequest, tmp_path: Path):
    warehouse = Warehouse("xero_warehouse", erp, request, tmp_path)

    def made(**options: Any):
        return warehouse.book("NZD", {"base_currency": "NZD", **options.pop("parameters", {})}, **options)

    return made


def test_a_payment_settles_its_invoice_on_its_own_day(erp, book):
    invoice = erp.invoice("2025-01-10", 100, due_date="2025-02-09")
    erp.pay("2025-02-20", invoice, 60)
    books = book()
    assert open_at(books, "2025-01-09") == {}
    assert open_at(books, "2025-02-19") == {of(invoice): 100}
    assert open_at(books, "2025-02-20") == {of(invoice): 40}
    assert moved(books) == {"billed": 100, "cash": -60, "closing": 40}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_a_credit_note_counts_from_the_day_of_its_allocation_on_both_sides(erp, book):
    invoice, note = erp.invoice("2025-01-10", 100), erp.credit("credit_note", "2025-01-15", 80)
    erp.allocate("2025-03-01", note, invoice, 30)
    books = book()
    assert open_at(books, "2025-02-28") == {of(invoice): 100, of(note): -80}
    assert open_at(books, "2025-03-01") == {of(invoice): 70, of(note): -50}
    assert settled(books, of(note)) == [("2025-03-01", "credit", -30)]
    assert moved(books) == {"billed": 100, "credits": -80, "closing": 20}
    assert differences(books) == []


@pytest.mark.parametrize("kind", ["overpayment", "prepayment"])
def test_money_paid_too_much_or_in_advance_is_a_credit_until_it_is_allocated(erp, book, kind):
    invoice, advance = erp.invoice("2025-02-10", 100), erp.credit(kind, "2025-01-15", 130)
    erp.allocate("2025-02-20", advance, invoice, 100)
    books = book()
    assert open_at(books, "2025-01-31") == {of(advance): -130}
    assert open_at(books, "2025-02-19") == {of(invoice): 100, of(advance): -130}
    assert open_at(books, "2025-02-20") == {of(advance): -30}
    assert moved(books) == {"billed": 100, "cash": -130, "closing": -30}
    assert differences(books) == []
    assert books.quarantine.is_empty()


@pytest.mark.parametrize(("invoice_day", "note_day"), [("2025-03-10", "2025-01-05"), ("2025-01-05", "2025-03-10")])
def test_an_allocation_dated_before_either_side_counts_from_the_later_of_both(erp, book, invoice_day, note_day):
    invoice, note = erp.invoice(invoice_day, 50), erp.credit("credit_note", note_day, 50)
    erp.allocate("2025-02-01", note, invoice, 50)
    books = book()
    assert sum(map(abs, open_at(books, "2025-03-09").values())) == 50
    assert open_at(books, "2025-03-10") == {}


def test_an_allocation_that_was_taken_back_is_out(erp, book):
    invoice, note = erp.invoice("2025-01-10", 100), erp.credit("credit_note", "2025-01-15", 80)
    erp.allocate("2025-03-01", note, invoice, 0, is_deleted=True)["amount"] = 30
    books = book()
    assert open_at(books, "2025-03-01") == {of(invoice): 100, of(note): -80}
    assert differences(books) == []


def test_a_payment_that_was_deleted_is_out(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    erp.pay("2025-03-01", invoice, 0, status="DELETED")["amount"] = 30
    books = book()
    assert open_at(books, "2025-12-31") == {of(invoice): 100}
    assert differences(books) == []


@pytest.mark.parametrize("kind", list(TYPES))
def test_a_payment_on_a_credit_gives_it_back(erp, book, kind):
    credit = erp.credit(kind, "2025-01-15", 80)
    erp.pay("2025-02-01", credit, 50)
    books = book()
    assert open_at(books, "2025-02-01") == {of(credit): -30}
    assert settled(books, of(credit)) == [("2025-02-01", "refund", -50)]
    assert moved(books)["refunds"] == 50
    assert differences(books) == []


def test_drafts_voids_and_suppliers_are_out_with_all_that_hangs_on_them(erp, book):
    paid = erp.invoice("2025-01-10", 100, status="PAID")
    erp.pay("2025-01-20", paid, 100)
    erp.add("contact", contact_id="s", name="Supplier")
    bill = erp.invoice("2025-01-10", 10, type="ACCPAY", contact_id="s")
    erp.pay("2025-01-20", bill, 5)
    note = erp.credit("credit_note", "2025-01-10", 20, type="ACCPAYCREDIT", contact_id="s")
    erp.pay("2025-01-20", note, 5)
    erp.credit("overpayment", "2025-01-10", 20, type="SPEND-OVERPAYMENT", contact_id="s")
    erp.credit("prepayment", "2025-01-10", 20, type="SPEND-PREPAYMENT", contact_id="s")
    for status in ("DRAFT", "SUBMITTED", "VOIDED", "DELETED"):
        erp.invoice("2025-01-10", 7, status=status)
        erp.credit("credit_note", "2025-01-10", 7, status=status)
    erp.credit("overpayment", "2025-01-10", 7, status="VOIDED")
    erp.credit("prepayment", "2025-01-10", 7, status="VOIDED")
    books = book()
    assert open_at(books, "2025-01-15") == {of(paid): 100}
    assert books.frames["documents"].height == 1
    assert books.frames["customers"]["customer_id"].to_list() == ["a"]
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_the_rate_is_foreign_money_for_one_of_the_base_currency(erp, book):
    invoice = erp.invoice("2025-01-10", 99, currency_code="USD", currency_rate=0.6)
    erp.pay("2025-02-01", invoice, 33)
    books = book()
    assert open_at(books, "2025-02-01") == {of(invoice): 66}
    # 99 / 0.6 = 165 New Zealand dollars; a third is paid.
    assert base_at(books, "2025-01-10") == {of(invoice): 165}
    assert base_at(books, "2025-02-01") == {of(invoice): 110}


def test_whole_amounts_are_divided_with_their_decimals(erp, book):
    invoice = erp.invoice("2025-01-10", 100, currency_code="USD", currency_rate=3)
    assert base_at(book(), "2025-01-10") == {of(invoice): 33.33}


def test_amounts_that_a_loader_keeps_as_floating_numbers_keep_their_cents(erp, book):
    erp.columns = {name: re.sub(r"NUMERIC\(.*?\)", "DOUBLE PRECISION", text) for name, text in COLUMNS.items()}
    invoice = erp.invoice("2025-01-10", 0.3, currency_code="USD", currency_rate=0.7)
    erp.pay("2025-02-01", invoice, 0.1)
    erp.pay("2025-02-02", invoice, 0.2)
    books = book()
    assert base_at(books, "2025-01-10") == {of(invoice): 0.43}
    assert open_at(books, "2025-02-02") == {}
    assert base_at(books, "2025-02-02") == {}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_buckets_go_by_due_date(erp, book):
    erp.invoice("2025-01-01", 100, due_date="2025-01-31")
    erp.credit("credit_note", "2025-02-05", 10)
    books = book()
    assert bucketed(books, "2025-01-31") == {"current": 100}
    assert bucketed(books, "2025-03-02") == {"1–30": 90}
    assert bucketed(books, "2025-03-03") == {"1–30": -10, "31–60": 100}


def test_a_balance_that_is_another_in_xero_is_found(erp, book):
    note = erp.credit("credit_note", "2025-01-10", 100)
    note["remaining_credit"] = 93.5
    (row,) = differences(book())
    assert (row["document_id"], row["source"], row["books"]) == (of(note), -93.5, -100)


def test_a_table_that_a_loader_does_not_make_is_said_in_one_sentence(erp, book):
    erp.columns = {name: columns for name, columns in COLUMNS.items() if name != "credit_note_allocation"}
    with pytest.raises(SourceError, match="credit_note_allocation") as error:
        book()
    assert "settlements.sql" in str(error.value)
