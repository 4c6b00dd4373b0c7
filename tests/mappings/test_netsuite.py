"""The preset for NetSuite, on hand-made tables in two databases: one test for each trap."""

from __future__ import annotations

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
    alike,
    base_at,
    bucketed,
    moved,
    open_at,
    settled,
)

MONEY = "NUMERIC(18, 2)"
COLUMNS = {
    "account": "id BIGINT, accttype TEXT",
    "currency": "id BIGINT, symbol TEXT",
    "subsidiary": "id BIGINT, name TEXT, currency BIGINT",
    "customer": "id BIGINT, entityid TEXT, companyname TEXT, altname TEXT, parent BIGINT,"
    f" creditlimit {MONEY}, email TEXT",
    "transaction": "id BIGINT, type TEXT, tranid TEXT, trandate TIMESTAMP, duedate TIMESTAMP, entity BIGINT,"
    f" currency BIGINT, posting TEXT, voided TEXT, foreignamountunpaid {MONEY}, foreignpaymentamountunused {MONEY}",
    "transactionline": '"transaction" BIGINT, id BIGINT, entity BIGINT, subsidiary BIGINT, mainline TEXT,'
    f" foreignamount {MONEY}, foreignamountunpaid {MONEY}, foreignpaymentamountunused {MONEY}",
    "transactionaccountingline": '"transaction" BIGINT, transactionline BIGINT, accountingbook BIGINT, account BIGINT,'
    f" amount {MONEY}, posting TEXT",
    "nexttransactionlinelink": "previousdoc BIGINT, previousline BIGINT, nextdoc BIGINT, nextline BIGINT,"
    f" linktype TEXT, foreignamount {MONEY}",
}
RECEIVABLE, BANK, INCOME, DEPOSITS = 119, 1, 54, 250
DEBTS = ("CustInvc", "CustChrg")
CREDITS = ("CustPymt", "CustCred")


class NetSuite(Tables):
    """NetSuite's tables, with the balances that it keeps itself."""

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        for id, kind in ((RECEIVABLE, "AcctRec"), (BANK, "Bank"), (INCOME, "Income"), (DEPOSITS, "OthCurrLiab")):
            self.add("account", id=id, accttype=kind)
        self.add("currency", id=1, symbol="USD")
        self.add("currency", id=4, symbol="EUR")
        self.add("subsidiary", id=1, name="Parent Company", currency=1)
        self.add("customer", id=7, entityid="C7", companyname="Ann & Co", creditlimit=5000)

    def post(
        self, type: str, day: str, lines: list[tuple[int, float]], *, rate: float = 1, posting: str = "T", **more: Any
    ) -> Row:
        """A transaction and its lines: account and amount, debits positive, the main line first."""
        id = int(self.id(""))
        mine = sum(amount for account, amount in lines if account == RECEIVABLE)
        given: Row = {
            "tranid": f"{type}{id}", "trandate": f"{day} 00:00:00", "entity": 7, "currency": 1 if rate == 1 else 4,
            "voided": "F",
        }  # fmt: skip
        given["foreignamountunpaid"] = mine if type in DEBTS else None
        given["foreignpaymentamountunused"] = -mine if type in CREDITS else None
        row = self.add("transaction", id=id, type=type, posting=posting, **(given | more))
        for number, (account, amount) in enumerate(lines):
            self.line(row, number, account, amount, rate)
        return row

    def line(self, row: Row, number: int, account: int, amount: float, rate: float = 1, customer: int = 7) -> Row:
        for book in (1, 2):
            self.add(
                "transactionaccountingline", transaction=row["id"], transactionline=number, accountingbook=book,
                account=account, amount=round(amount * rate, 2), posting=row["posting"],
            )  # fmt: skip
        return self.add(
            "transactionline", transaction=row["id"], id=number, entity=customer, subsidiary=1,
            mainline="T" if number == 0 else "F", foreignamount=amount,
        )  # fmt: skip

    def invoice(self, day: str, amount: float, *, due: str | None = None, **more: Any) -> Row:
        return self.post("CustInvc", day, [(RECEIVABLE, amount), (INCOME, -amount)], duedate=due, **more)

    def payment(self, day: str, amount: float, **more: Any) -> Row:
        # The main line is the bank's: it is positive.
        return self.post("CustPymt", day, [(BANK, amount), (RECEIVABLE, -amount)], **more)

    def memo(self, day: str, amount: float, **more: Any) -> Row:
        return self.post("CustCred", day, [(RECEIVABLE, -amount), (INCOME, amount)], **more)

    def link(self, paid: Row, paying: Row, amount: float, linktype: str = "Payment", **lines: int) -> None:
        self.add(
            "nexttransactionlinelink", previousdoc=paid["id"], nextdoc=paying["id"], linktype=linktype,
            foreignamount=amount, **({"previousline": 0, "nextline": 0} | lines),
        )  # fmt: skip
        for row in (paid, paying):
            for balance in ("foreignamountunpaid", "foreignpaymentamountunused"):
                if row[balance] is not None:
                    row[balance] -= amount


def of(row: Row, customer: int | None = None) -> str:
    return f"{row['id']}-{customer}" if customer else str(row["id"])


@pytest.fixture
def erp() -> NetSuite:
    return NetSuite()


@pytest.fixture(params=DATABASES)
def book(erp: NetSuite, request: pytest.FixtureRequest, tmp_path: Path):
    return Warehouse("netsuite", erp, request, tmp_path).book


def test_a_payment_is_negative_whatever_its_main_line_says_and_settles_both_sides(erp, book):
    invoice, payment = erp.invoice("2025-01-10", 100, due="2025-02-09"), erp.payment("2025-02-20", 60)
    erp.link(invoice, payment, 45)
    books = book()
    assert open_at(books, "2025-01-09") == {}
    assert open_at(books, "2025-02-19") == {of(invoice): 100}
    assert open_at(books, "2025-02-20") == {of(invoice): 55, of(payment): -15}
    assert settled(books, of(payment)) == [("2025-02-20", "cash", -45)]
    assert moved(books) == {"billed": 100, "cash": -60, "closing": 40}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_only_one_accounting_book_is_read(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    for row in erp.rows["transactionaccountingline"]:
        row["amount"] *= 3 if row["accountingbook"] == 2 else 1
    assert base_at(book(parameters={"book": "1"}), "2025-01-10") == {of(invoice): 100}


def test_another_book_can_be_asked_for(erp, book):
    erp.invoice("2025-01-10", 100, rate=1.1)
    for row in erp.rows["transactionaccountingline"]:
        row["amount"] *= 3 if row["accountingbook"] == 2 else 1
    assert list(base_at(book(parameters={"book": "2"}), "2025-01-10").values()) == [330]


def test_a_credit_memo_dated_before_its_invoice_counts_from_the_later(erp, book):
    memo, invoice = erp.memo("2025-01-25", 30), erp.invoice("2025-02-01", 100)
    erp.link(invoice, memo, 30)
    books = book()
    assert open_at(books, "2025-01-31") == {of(memo): -30}
    assert open_at(books, "2025-02-01") == {of(invoice): 70}
    assert moved(books) == {"billed": 100, "credits": -30, "closing": 70}
    assert differences(books) == []


def test_a_customer_deposit_is_no_receivable_until_it_is_applied(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    deposit = erp.post("CustDep", "2025-01-05", [(BANK, 80), (DEPOSITS, -80)], foreignpaymentamountunused=20)
    application = erp.post("DepAppl", "2025-02-01", [(DEPOSITS, 60), (RECEIVABLE, -60)])
    erp.link(deposit, application, 60, "DepAppl")
    erp.link(invoice, application, 60)
    deposit["foreignpaymentamountunused"] = 20
    books = book()
    assert open_at(books, "2025-01-31") == {of(invoice): 100}
    assert open_at(books, "2025-02-01") == {of(invoice): 40}
    assert moved(books) == {"billed": 100, "cash": -60, "closing": 40}
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_void_and_unposted_transactions_are_out_and_so_are_their_links(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    void = erp.payment("2025-01-20", 40, voided="T")
    erp.add(
        "nexttransactionlinelink", previousdoc=invoice["id"], previousline=0, nextdoc=void["id"], nextline=1,
        linktype="Payment", foreignamount=40,
    )  # fmt: skip
    erp.invoice("2025-01-11", 7, posting="F")
    erp.memo("2025-01-11", 8, voided="T")
    books = book()
    assert open_at(books, "2025-12-31") == {of(invoice): 100}
    assert books.frames["documents"].height == 1
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_a_void_by_reversing_journal_lets_the_journal_take_the_payments_credit(erp, book):
    payment = erp.payment("2025-01-20", 40)
    journal = erp.post("Journal", "2025-02-10", [(RECEIVABLE, 40), (BANK, -40)])
    erp.link(journal, payment, 40)
    books = book()
    assert open_at(books, "2025-02-09") == {of(payment): -40}
    assert open_at(books, "2025-02-10") == {}
    assert differences(books) == []


def test_journals_are_documents_a_customer_each_and_links_find_theirs_by_line(erp, book):
    erp.add("customer", id=8, entityid="C8", altname="Ben")
    journal = erp.post("Journal", "2025-01-01", [(RECEIVABLE, 500), (INCOME, -580)])
    other = erp.line(journal, 2, RECEIVABLE, 80, customer=8)
    erp.rows["transactionline"][0]["foreignamountunpaid"] = 420
    other["foreignamountunpaid"] = 30
    mine, his = erp.payment("2025-02-01", 80), erp.payment("2025-02-05", 50, entity=8)
    erp.rows["transactionline"][-1]["entity"] = 8
    erp.link(journal, mine, 80, previousline=0)
    erp.link(journal, his, 50, previousline=2)
    books = book()
    assert open_at(books, "2025-01-31") == {of(journal, 7): 500, of(journal, 8): 80}
    assert open_at(books, "2025-02-05") == {of(journal, 7): 420, of(journal, 8): 30}
    assert differences(books) == []
    assert set(books.frames["customers"]["name"]) == {"Ann & Co", "Ben"}


def test_a_write_off_journal_credits_the_invoice(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    journal = erp.post("Journal", "2025-06-30", [(INCOME, 100), (RECEIVABLE, -100)])
    erp.link(invoice, journal, 100, nextline=1)
    books = book()
    assert open_at(books, "2025-06-29") == {of(invoice): 100}
    assert open_at(books, "2025-06-30") == {}
    assert moved(books) == {"billed": 100, "other": -100}


def test_a_refund_takes_up_a_credit(erp, book):
    memo = erp.memo("2025-01-10", 100)
    refund = erp.post("CustRfnd", "2025-03-01", [(BANK, -60), (RECEIVABLE, 60)])
    erp.link(memo, refund, 60)
    books = book()
    assert open_at(books, "2025-03-01") == {of(memo): -40}
    assert moved(books) == {"credits": -100, "refunds": 60, "closing": -40}
    assert differences(books) == []


def test_a_discount_on_payment_is_told_apart(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    payment = erp.post("CustPymt", "2025-01-15", [(BANK, 98), (INCOME, 2), (RECEIVABLE, -100)])
    erp.link(invoice, payment, 98, nextline=2)
    erp.link(invoice, payment, 2, "PymtDisc", nextline=2)
    books = book()
    assert open_at(books, "2025-01-15") == {}
    assert moved(books) == {"billed": 100, "cash": -98, "discounts": -2}
    assert differences(books) == []


def test_links_of_orders_and_several_links_between_two_documents(erp, book):
    invoice, payment = erp.invoice("2025-01-10", 100), erp.payment("2025-01-20", 100)
    erp.link(invoice, payment, 60, nextline=1)
    erp.link(invoice, payment, 40, nextline=1)
    order = erp.post("SalesOrd", "2025-01-01", [(INCOME, -100)], posting="F")
    erp.add(
        "nexttransactionlinelink", previousdoc=invoice["id"], nextdoc=payment["id"], previousline=0, nextline=0,
        linktype="OrdBill", foreignamount=55,
    )  # fmt: skip
    erp.add(
        "nexttransactionlinelink", previousdoc=order["id"], nextdoc=invoice["id"], previousline=0, nextline=0,
        linktype="OrdBill", foreignamount=100,
    )  # fmt: skip
    books = book()
    assert settled(books, of(invoice)) == [("2025-01-20", "cash", 100)]
    assert differences(books) == []
    assert books.quarantine.is_empty()


def test_foreign_money_ends_at_zero_and_revaluations_are_out(erp, book):
    invoice = erp.invoice("2025-01-10", 99.99, rate=1.1)
    first, second = erp.payment("2025-02-01", 33.33, rate=1.2), erp.payment("2025-03-01", 66.66, rate=1.3)
    erp.link(invoice, first, 33.33)
    erp.link(invoice, second, 66.66)
    revaluation = erp.post("FxReval", "2025-01-31", [(RECEIVABLE, 0), (INCOME, 0)], entity=None)
    for row in erp.rows["transactionaccountingline"]:
        if row["transaction"] == revaluation["id"]:
            row["amount"] = 12
    books = book()
    assert open_at(books, "2025-01-31") == {of(invoice): 99.99}
    assert base_at(books, "2025-01-31") == {of(invoice): 109.99}
    # A third of 109.99 less, rounded.
    assert base_at(books, "2025-02-01") == {of(invoice): 73.33}
    assert base_at(books, "2025-03-01") == {}
    assert differences(books) == []


def test_buckets_go_by_due_date(erp, book):
    erp.invoice("2025-01-01", 100, due="2025-01-31 00:00:00")
    erp.payment("2025-02-05", 10)
    books = book()
    assert bucketed(books, "2025-01-31") == {"current": 100}
    assert bucketed(books, "2025-03-02") == {"1–30": 90}
    assert bucketed(books, "2025-03-03") == {"1–30": -10, "31–60": 100}


def test_a_balance_that_is_another_in_netsuite_is_found(erp, book):
    invoice = erp.invoice("2025-01-10", 100)
    invoice["foreignamountunpaid"] = 93.5
    (row,) = differences(book())
    assert (row["document_id"], row["source"], row["books"], row["difference"]) == (of(invoice), 93.5, 100, 6.5)


def test_a_column_that_another_copy_names_otherwise_is_said_in_one_sentence(erp, book):
    line = COLUMNS["transactionline"].replace(" foreignamount ", " foreign_amount ")
    erp.columns = {**COLUMNS, "transactionline": line}
    with pytest.raises(SourceError, match="foreignamount") as error:
        book()
    assert "documents" in str(error.value)


def test_a_book_that_is_no_number_is_refused(erp, request, tmp_path):
    with pytest.raises(ConfigError, match=r"parameters\.book is '1 OR 1=1'"):
        Warehouse("netsuite", erp, request, tmp_path).book(parameters={"book": "1 OR 1=1"})


@pytest.mark.parametrize("table", ["documents", "settlements", "verify"])
def test_the_files_for_sqlite_differ_in_quotes_alone(table):
    quotes = [
        ("{{prefix}}transaction t", '"{{prefix}}transaction" t'),
        (".transaction\n", '."transaction"\n'),
        (".transaction =", '."transaction" ='),
    ]
    assert alike("netsuite", table, "sqlite", quotes)
