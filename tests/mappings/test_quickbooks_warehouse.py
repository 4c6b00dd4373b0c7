"""The preset for QuickBooks in a warehouse, on hand-made tables in two databases: one test for each trap."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import ConfigError, SourceError
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
    f"id TEXT, customer_id TEXT, doc_number TEXT, transaction_date DATE, currency_id TEXT,"
    f" exchange_rate NUMERIC(18, 6), total_amount {MONEY}, private_note TEXT, _fivetran_deleted BOOLEAN"
)
COLUMNS = {
    "account": "id TEXT, account_type TEXT",
    "customer": "id TEXT, display_name TEXT, fully_qualified_name TEXT, parent_customer_id TEXT, email TEXT",
    "invoice": f"{HEAD}, due_date DATE, balance {MONEY}",
    "credit_memo": f"{HEAD}, balance {MONEY}",
    "refund_receipt": HEAD,
    "payment": f"{HEAD}, reference_number TEXT, unapplied_amount {MONEY}",
    "payment_line": f"payment_id TEXT, amount {MONEY}, invoice_id TEXT, credit_memo_id TEXT, journal_entry_id TEXT,"
    " deposit_id TEXT",
    "journal_entry": HEAD,
    "journal_entry_line": "journal_entry_id TEXT, account_id TEXT, customer_id TEXT, posting_type TEXT,"
    f" amount {MONEY}",
    "deposit": HEAD,
    "deposit_line": f"deposit_id TEXT, deposit_account_id TEXT, deposit_customer_id TEXT, amount {MONEY}",
}


class QuickBooks(Tables):
    """QuickBooks' tables, with the balances that it keeps itself."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self.add("account", id="84", account_type="Accounts Receivable")
        self.add("account", id="79", account_type="Income")
        self.add("customer", id="1", display_name="Ann", fully_qualified_name="Ann")

    def _head(self, table: str, mark: str, day: str, amount: float, **more: Any) -> Row:
        given = {"customer_id": "1", "transaction_date": day, "total_amount": amount, "_fivetran_deleted": False}
        return self.add(table, id=self.id(mark), **(given | more))

    def invoice(self, day: str, amount: float, *, due: str | None = None, **more: Any) -> Row:
        return self._head("invoice", "i", day, amount, **({"due_date": due, "balance": amount} | more))

    def memo(self, day: str, amount: float, **more: Any) -> Row:
        return self._head("credit_memo", "m", day, amount, **({"balance": amount} | more))

    def payment(self, day: str, amount: float, **more: Any) -> Row:
        return self._head("payment", "p", day, amount, **({"unapplied_amount": amount} | more))

    def journal(self, day: str, kind: str, amount: float, customer: str | None = "1", **more: Any) -> Row:
        entry = self._head("journal_entry", "j", day, 0, **more)
        other = "Credit" if kind == "Debit" else "Debit"
        for account, side in (("84", kind), ("79", other)):
            self.add(
                "journal_entry_line",
                journal_entry_id=entry["id"],
                account_id=account,
                customer_id=customer,
                posting_type=side,
                amount=amount,
            )
        return entry

    def deposit(self, day: str, amount: float, account: str = "84") -> Row:
        row = self._head("deposit", "d", day, amount)
        self.add(
            "deposit_line", deposit_id=row["id"], deposit_account_id=account, deposit_customer_id="1", amount=amount
        )
        return row

    def apply(self, payment: Row, **parts: tuple[Row, float] | list[tuple[Row, float]]) -> None:
        """Lines of a payment by what they link to, and what they do to QuickBooks' balances."""
        for what, given in parts.items():
            for row, amount in given if isinstance(given, list) else [given]:
                self.add("payment_line", payment_id=payment["id"], amount=amount, **{f"{what}_id": row["id"]})
                if what == "invoice":
                    row["balance"] -= amount
                    payment["unapplied_amount"] -= amount
                else:
                    payment["unapplied_amount"] += amount
                    if what == "credit_memo":
                        row["balance"] -= amount


@pytest.fixture
def erp() -> QuickBooks:
    return QuickBooks()


@pytest.fixture(params=DATABASES)
def book(erp: QuickBooks, request: pytest.FixtureRequest, tmp_path: Path):
    warehouse = Warehouse("quickbooks_warehouse", erp, request, tmp_path)

    def made(**options: Any):
        parameters = {"home_currency": "USD", **options.pop("parameters", {})}
        return warehouse.book(parameters=parameters, **options)

    return made


def inv(row: Row) -> str:
    return f"INV-{row['id']}"


def pay(row: Row) -> str:
    return f"PAY-{row['id']}"


def memo(row: Row) -> str:
    return f"CM-{row['id']}"


def test_a_payment_settles_the_invoices_of_its_lines_and_the_rest_stays_a_credit(erp, book):
    invoice = erp.invoice("2025-01-10", 70, due="2025-02-09")
    payment = erp.payment("2025-02-20", 65)
    erp.apply(payment, invoice=(invoice, 55))
    books = book()
    assert open_at(books, "2025-01-09") == {}
    assert open_at(books, "2025-02-19") == {inv(invoice): 70}
    assert open_at(books, "2025-02-20") == {inv(invoice): 15, pay(payment): -10}
    assert settled(books, inv(invoice)) == [("2025-02-20", "cash", 55)]
    assert settled(books, pay(payment)) == [("2025-02-20", "cash", -55)]
    assert moved(books) == {"billed": 70, "cash": -65, "closing": 5}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_a_payment_dated_before_its_invoice_counts_from_the_invoice_on_both_sides(erp, book):
    early = erp.payment("2025-01-25", 100)
    first, second = erp.invoice("2025-02-01", 60), erp.invoice("2025-01-10", 40)
    erp.apply(early, invoice=[(first, 60), (second, 40)])
    books = book()
    # 100 were received; 40 found an invoice at once, 60 wait for theirs.
    assert open_at(books, "2025-01-31") == {pay(early): -60}
    assert open_at(books, "2025-02-01") == {}


def test_a_payment_of_nothing_applies_a_credit_memo(erp, book):
    invoice, credit = erp.invoice("2025-03-01", 100), erp.memo("2025-03-05", 35)
    erp.apply(erp.payment("2025-03-20", 0), invoice=(invoice, 30), credit_memo=(credit, 30))
    books = book()
    assert open_at(books, "2025-03-19") == {inv(invoice): 100, memo(credit): -35}
    assert open_at(books, "2025-03-20") == {inv(invoice): 70, memo(credit): -5}
    assert settled(books, inv(invoice)) == [("2025-03-20", "credit", 30)]
    assert settled(books, memo(credit)) == [("2025-03-20", "credit", -30)]
    assert moved(books) == {"billed": 100, "credits": -35, "closing": 65}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_money_and_credit_in_one_payment_are_told_apart_and_nothing_is_lost_between_their_days(erp, book):
    old, new, last = erp.invoice("2025-03-01", 50), erp.invoice("2025-04-10", 100), erp.invoice("2025-04-12", 5)
    credit = erp.memo("2025-03-05", 70)
    payment = erp.payment("2025-03-20", 85)
    erp.apply(payment, invoice=[(old, 50), (new, 100), (last, 5)], credit_memo=(credit, 70))
    books = book()
    # All of it waits for the last invoice of April: what each customer owes is the ledger's on every day before.
    waiting = {inv(old): 50, memo(credit): -70, pay(payment): -85}
    assert open_at(books, "2025-04-09") == waiting
    assert open_at(books, "2025-04-11") == {**waiting, inv(new): 100}
    assert open_at(books, "2025-04-12") == {}
    # The credit of 70 went to the older invoices first: 50, then 20; money paid the other 80 and 5.
    assert settled(books, inv(old)) == [("2025-04-12", "credit", 50)]
    assert sorted(settled(books, inv(new))) == [("2025-04-12", "cash", 80), ("2025-04-12", "credit", 20)]
    assert settled(books, inv(last)) == [("2025-04-12", "cash", 5)]
    assert moved(books) == {"billed": 155, "cash": -85, "credits": -70}
    assert differences(books) == []


def test_what_is_void_has_no_amount_and_its_old_lines_bind_no_payment(erp, book):
    void = erp.invoice("2025-01-10", 0, private_note="Voided", balance=0)
    payment = erp.payment("2025-01-20", 40)
    # The line is still in the warehouse, the payment is unapplied in QuickBooks.
    erp.add("payment_line", payment_id=payment["id"], amount=40, invoice_id=void["id"])
    alive = erp.invoice("2025-01-11", 25, private_note="Voided the former invoice")
    erp.payment("2025-01-21", 0, private_note="Voided")
    books = book()
    assert open_at(books, "2025-12-31") == {inv(alive): 25, pay(payment): -40}
    assert books.frames["documents"].height == 2
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_what_was_deleted_is_out_and_lets_go_of_the_other_side(erp, book):
    gone = erp.invoice("2025-01-10", 40, _fivetran_deleted=True)
    left = erp.invoice("2025-01-10", 70)
    kept, lost = erp.payment("2025-01-20", 40), erp.payment("2025-01-20", 70, _fivetran_deleted=True)
    erp.add("payment_line", payment_id=kept["id"], amount=40, invoice_id=gone["id"])
    erp.add("payment_line", payment_id=lost["id"], amount=70, invoice_id=left["id"])
    erp.memo("2025-01-15", 5, _fivetran_deleted=True)
    erp.journal("2025-01-16", "Debit", 6, _fivetran_deleted=True)
    books = book()
    assert open_at(books, "2025-12-31") == {inv(left): 70, pay(kept): -40}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_refund_receipts_go_through_the_bank_and_are_no_receivable(erp, book):
    erp.invoice("2025-01-10", 10)
    erp._head("refund_receipt", "r", "2025-01-11", 10)
    books = book()
    assert sum(open_at(books, "2025-12-31").values()) == 10


def test_several_lines_to_one_invoice_are_one_settlement(erp, book):
    invoice, payment = erp.invoice("2025-01-10", 100), erp.payment("2025-01-20", 100)
    erp.apply(payment, invoice=[(invoice, 60), (invoice, 40)])
    books = book()
    assert settled(books, inv(invoice)) == [("2025-01-20", "cash", 100)]
    assert differences(books) == []


def test_foreign_money_is_booked_at_each_documents_own_rate_and_ends_at_zero(erp, book):
    euro = {"currency_id": "EUR"}
    invoice = erp.invoice("2025-01-10", 100, exchange_rate=1.1033, **euro)
    for day in ("2025-02-01", "2025-03-01", "2025-04-01"):
        payment = erp.payment(day, 33.33 if day < "2025-04" else 33.34, exchange_rate=1.2, **euro)
        erp.apply(payment, invoice=(invoice, payment["total_amount"]))
    books = book()
    assert open_at(books, "2025-01-31") == {inv(invoice): 100}
    assert base_at(books, "2025-01-31") == {inv(invoice): 110.33}
    # A third less at the invoice's own rate: 110.33 − 36.77.
    assert base_at(books, "2025-02-01") == {inv(invoice): 73.56}
    assert base_at(books, "2025-04-01") == {}


def test_amounts_that_a_loader_keeps_as_floating_numbers_keep_their_cents(erp, book):
    erp.columns = {name: re.sub(r"NUMERIC\(.*?\)", "DOUBLE PRECISION", text) for name, text in COLUMNS.items()}
    invoice, credit = erp.invoice("2025-01-10", 0.3, exchange_rate=1.1, currency_id="EUR"), erp.memo("2025-01-10", 0.1)
    credit |= {"exchange_rate": 1.1, "currency_id": "EUR"}
    payment = erp.payment("2025-02-01", 0.2, exchange_rate=1.3, currency_id="EUR")
    erp.apply(payment, invoice=[(invoice, 0.1), (invoice, 0.2)], credit_memo=(credit, 0.1))
    books = book()
    assert base_at(books, "2025-01-10") == {inv(invoice): 0.33, memo(credit): -0.11}
    assert open_at(books, "2025-02-01") == {}
    assert base_at(books, "2025-02-01") == {}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_journal_entries_on_receivables_are_documents_a_customer_each(erp, book):
    erp.add("customer", id="2", display_name="Ben", fully_qualified_name="Ben")
    opening = erp.journal("2025-01-01", "Debit", 500)
    erp.add(
        "journal_entry_line",
        journal_entry_id=opening["id"],
        account_id="84",
        customer_id="2",
        posting_type="Debit",
        amount=80,
    )
    write_off = erp.journal("2025-05-01", "Credit", 20)
    payment = erp.payment("2025-02-01", 480, unapplied_amount=0)
    erp.add("payment_line", payment_id=payment["id"], amount=480, journal_entry_id=opening["id"])
    books = book()
    mine, other = f"JE-{opening['id']}-1", f"JE-{opening['id']}-2"
    off = f"JE-{write_off['id']}-1"
    assert open_at(books, "2025-01-31") == {mine: 500, other: 80}
    assert open_at(books, "2025-12-31") == {mine: 20, other: 80, off: -20}
    assert differences(books) == []


def test_a_credit_journal_and_a_deposit_on_receivables_pay_through_the_lines_of_a_payment(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    write_off, deposit = erp.journal("2025-02-01", "Credit", 25), erp.deposit("2025-02-02", 75)
    erp.deposit("2025-02-02", 1, account="79")
    erp.apply(
        erp.payment("2025-02-10", 0), invoice=(invoice, 100), journal_entry=(write_off, 25), deposit=(deposit, 75)
    )
    books = book()
    assert open_at(books, "2025-02-09") == {
        inv(invoice): 100, f"JE-{write_off['id']}-1": -25, f"DEP-{deposit['id']}-1": -75
    }  # fmt: skip
    assert open_at(books, "2025-02-10") == {}
    assert moved(books)["cash"] == -75
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_buckets_are_those_of_the_aging_report(erp, book):
    erp.invoice("2025-01-01", 100, due="2025-01-31")
    erp.payment("2025-02-05", 10)
    books = book()
    assert bucketed(books, "2025-01-31") == {"current": 100}
    assert bucketed(books, "2025-03-02") == {"1–30": 90}
    assert bucketed(books, "2025-03-03") == {"1–30": -10, "31–60": 100}


def test_sub_customers_belong_to_their_parents(erp, book):
    erp.add(
        "customer", id="3", display_name="Roof", fully_qualified_name="Ann:Roof", parent_customer_id="1", email="r@x.y"
    )
    erp.invoice("2025-01-01", 1, customer_id="3")
    row = book().frames["customers"].filter(customer_id="3").row(0, named=True)
    assert (row["name"], row["parent_id"], row["email"]) == ("Ann:Roof", "1", "r@x.y")


def test_a_balance_that_is_another_in_quickbooks_is_found(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    invoice["balance"] = 93.5
    (row,) = differences(book())
    assert (row["document_id"], row["source"], row["books"], row["difference"]) == (inv(invoice), 93.5, 100, 6.5)


def test_a_column_that_a_loader_names_otherwise_is_said_in_one_sentence(erp, book):
    erp.columns = {**COLUMNS, "invoice": COLUMNS["invoice"].replace("total_amount", "total_amt")}
    with pytest.raises(SourceError, match="total_amount") as error:
        book()
    assert "documents.sql" in str(error.value)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"home_currency": "dollars"}, "home_currency is 'dollars', which cannot be"),
        ({"currency": "USD"}, "unknown key parameters.currency"),
        ({"prefix": "x; DROP TABLE y"}, "prefix"),
    ],
)
def test_a_wrong_parameter_is_refused(erp, request, tmp_path, parameters, said):
    with pytest.raises(ConfigError, match=said):
        Warehouse("quickbooks_warehouse", erp, request, tmp_path).book(
            parameters={"home_currency": "USD", **parameters}
        )
