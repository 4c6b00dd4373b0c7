"""The preset for Oracle E-Business Suite, on hand-made tables: one test for each thing that is easily got wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers
from tests.mappings.books import buckets, differences, made, sqlite_of
from tests.mappings.ebs import Receivables, Row
from tests.mappings.looks import around, kinds, moved, open_amounts, open_base, settled

LAST = date(2025, 7, 31)


@pytest.fixture
def ebs() -> Receivables:
    return Receivables()


@pytest.fixture
def book(ebs: Receivables, tmp_path: Path):
    def made_of(more: str = "", **options) -> Book:
        url = sqlite_of(tmp_path / "ebs.sqlite", ebs.filled())
        now = datetime(2025, 8, 1, 12, tzinfo=UTC)
        source = f'kind = "sql"\nurl = "{url}"\n{more}'
        return made(tmp_path / "config", "oracle_ebs", source, currency="USD", now=now, **options)

    return made_of


def at(book: Book, day: date, *rows: Row) -> list[float]:
    """What is open of each of ``rows``."""
    found = open_amounts(book, day)
    return [found.get(str(row["payment_schedule_id"]), 0) for row in rows]


def agrees(book: Book, ebs: Receivables) -> None:
    """Each day of an event and the one before are what Oracle's way back gives, and today is its own word."""
    assert differences(book) == []
    for day in around(row["gl_date"] for rows in ebs.tables.values() for row in rows if row.get("gl_date")):
        assert open_amounts(book, day) == ebs.rolled_back(day.isoformat()), day


def test_an_application_counts_on_both_sides_and_from_its_accounting_date(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 1000, due="2025-02-09")
    receipt = ebs.receipt("2025-02-20", 600)
    ebs.apply(receipt, invoice, "2025-03-05", 600)
    books = book()
    assert at(books, date(2025, 1, 9), invoice, receipt) == [0, 0]
    assert at(books, date(2025, 2, 20), invoice, receipt) == [1000, -600]
    assert at(books, date(2025, 3, 4), invoice, receipt) == [1000, -600]
    assert at(books, date(2025, 3, 5), invoice, receipt) == [400, 0]
    assert moved(books, LAST) == {"billed": 1000, "cash": -600, "closing": 400}
    agrees(books, ebs)


def test_a_transaction_counts_from_its_accounting_date_not_from_its_own(ebs, book):
    row = ebs.schedule("INV", "2025-01-28", 100, gl_date="2025-02-03")
    books = book()
    assert at(books, date(2025, 2, 2), row) == [0]
    assert at(books, date(2025, 2, 3), row) == [100]
    agrees(books, ebs)


def test_an_application_dated_before_a_side_is_posted_counts_from_the_later_of_both(ebs, book):
    invoice = ebs.schedule("INV", "2025-03-01", 100)
    receipt = ebs.receipt("2025-01-25", 100)
    ebs.apply(receipt, invoice, "2025-02-01", 100)
    books = book()
    # The invoice is there from 1 March: until then the receipt is a credit.
    assert at(books, date(2025, 2, 15), invoice, receipt) == [0, -100]
    assert at(books, date(2025, 3, 1), invoice, receipt) == [0, 0]


def test_an_invoice_is_open_until_the_receipt_is_posted(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    receipt = ebs.receipt("2025-03-01", 100)
    ebs.apply(receipt, invoice, "2025-02-01", 100)
    books = book()
    assert at(books, date(2025, 2, 28), invoice, receipt) == [100, 0]
    assert at(books, date(2025, 3, 1), invoice, receipt) == [0, 0]
    assert differences(books) == []


def test_what_is_unapplied_or_on_account_stays_a_credit_of_the_receipt(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    receipt = ebs.receipt("2025-01-20", 300)
    ebs.apply(receipt, invoice, "2025-01-20", 100)
    # 150 are put on account: one row there, one against it.
    ebs.application(receipt, "ACC", "2025-02-01", 150, applied_payment_schedule_id=-1)
    ebs.application(receipt, "UNAPP", "2025-02-01", -150)
    books = book()
    assert at(books, LAST, invoice, receipt) == [0, -200]
    agrees(books, ebs)


def test_an_application_taken_back_opens_both_sides_again(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    receipt = ebs.receipt("2025-01-20", 100)
    ebs.apply(receipt, invoice, "2025-01-20", 100)
    ebs.apply(receipt, invoice, "2025-03-10", -100)
    books = book()
    assert at(books, date(2025, 3, 9), invoice, receipt) == [0, 0]
    assert at(books, date(2025, 3, 10), invoice, receipt) == [100, -100]
    agrees(books, ebs)


def test_a_reversed_receipt_is_gone_from_the_day_of_its_reversal(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 6400)
    receipt = ebs.receipt("2025-01-20", 4000)
    ebs.apply(receipt, invoice, "2025-01-20", 4000)
    ebs.apply(receipt, invoice, "2025-02-05", -4000)
    ebs.reverse(receipt, "2025-02-05")
    books = book()
    assert at(books, date(2025, 2, 4), invoice, receipt) == [2400, 0]
    assert at(books, date(2025, 2, 5), invoice, receipt) == [6400, 0]
    # Nothing was collected in the end.
    assert moved(books, LAST) == {"billed": 6400, "closing": 6400}
    agrees(books, ebs)


def test_a_receipt_reversed_on_the_day_it_came_was_never_open(ebs, book):
    receipt = ebs.receipt("2025-01-20", 50)
    ebs.reverse(receipt, "2025-01-20")
    books = book()
    assert at(books, date(2025, 1, 20), receipt) == [0]
    agrees(books, ebs)


def test_a_debit_memo_reversal_leaves_the_receipt_applied_and_bills_nothing(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    receipt = ebs.receipt("2025-01-20", 100)
    ebs.apply(receipt, invoice, "2025-01-20", 100)
    memo = ebs.schedule("DM", "2025-02-05", 100, reversed_cash_receipt_id=receipt["cash_receipt_id"])
    books = book()
    assert at(books, LAST, invoice, receipt, memo) == [0, 0, 100]
    assert moved(books, LAST) == {"billed": 100, "cash": -100, "other": 100, "closing": 100}
    agrees(books, ebs)


def test_discounts_come_on_top_of_the_amount_applied_and_on_the_invoice_only(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 1000)
    receipt = ebs.receipt("2025-01-20", 970)
    ebs.apply(receipt, invoice, "2025-01-20", 970, earned=20, unearned=10)
    books = book()
    assert at(books, LAST, invoice, receipt) == [0, 0]
    day = date(2025, 1, 20)
    assert sorted(settled(books, invoice["payment_schedule_id"])) == [(day, "cash", 970), (day, "discount", 30)]
    assert settled(books, receipt["payment_schedule_id"]) == [(day, "cash", -970)]
    assert moved(books, LAST) == {"billed": 1000, "cash": -970, "discounts": -30}
    agrees(books, ebs)


def test_only_approved_adjustments_count_and_their_sign_is_the_debts(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    ebs.adjust(invoice, "2025-02-01", -30)
    ebs.adjust(invoice, "2025-02-02", -40, status="W")
    ebs.adjust(invoice, "2025-02-03", -50, status="R")
    ebs.adjust(invoice, "2025-03-01", 5, type="CHARGES")
    books = book()
    assert at(books, date(2025, 2, 28), invoice) == [70]
    assert at(books, LAST, invoice) == [75]
    assert moved(books, LAST) == {"billed": 100, "write_offs": -30, "other": 5, "closing": 75}
    agrees(books, ebs)


def test_a_chargeback_goes_on_with_the_old_debt_and_is_no_write_off(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    ebs.adjust(invoice, "2025-02-01", -40, chargeback_customer_trx_id=77)
    chargeback = ebs.schedule("CB", "2025-02-01", 40)
    books = book()
    assert at(books, LAST, invoice, chargeback) == [60, 40]
    assert moved(books, LAST) == {"billed": 100, "closing": 100}
    agrees(books, ebs)


def test_a_credit_memo_settles_the_invoice_and_itself(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    memo = ebs.schedule("CM", "2025-01-15", -70)
    ebs.apply(memo, invoice, "2025-02-01", 50)
    books = book()
    assert at(books, date(2025, 1, 31), invoice, memo) == [100, -70]
    assert at(books, date(2025, 2, 1), invoice, memo) == [50, -20]
    assert settled(books, memo["payment_schedule_id"]) == [(date(2025, 2, 1), "credit", -50)]
    assert moved(books, LAST) == {"billed": 100, "credits": -70, "closing": 30}
    agrees(books, ebs)


def test_refunds_and_write_offs_of_receipts_and_credit_memos_are_activities(ebs, book):
    receipt = ebs.receipt("2025-01-20", 100)
    memo = ebs.schedule("CM", "2025-01-15", -70)
    nothing = {"payment_schedule_id": -1, "exchange_rate": None}
    ebs.apply(receipt, {**nothing, "payment_schedule_id": -8}, "2025-02-01", 60, status="ACTIVITY")
    ebs.apply(receipt, {**nothing, "payment_schedule_id": -3}, "2025-02-02", 1, status="ACTIVITY")
    ebs.apply(memo, {**nothing, "payment_schedule_id": -8}, "2025-02-03", 70, status="ACTIVITY")
    books = book()
    assert at(books, LAST, receipt, memo) == [-39, 0]
    assert moved(books, LAST) == {
        "cash": -100, "credits": -70, "refunds": 130, "write_offs": 1, "closing": -39
    }  # fmt: skip
    agrees(books, ebs)


def test_a_receipt_netted_with_another_counts_once_on_either(ebs, book):
    much, little = ebs.receipt("2025-01-20", 100), ebs.receipt("2025-01-25", -30)
    ebs.apply(much, little, "2025-02-01", 30, status="ACTIVITY")
    ebs.apply(little, much, "2025-02-01", -30, status="ACTIVITY")
    books = book()
    assert at(books, date(2025, 1, 31), much, little) == [-100, 30]
    assert at(books, LAST, much, little) == [-70, 0]
    assert moved(books, LAST) == {"cash": -70, "closing": -70}
    agrees(books, ebs)


def test_an_unconfirmed_receipt_is_not_in_the_books(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    receipt = ebs.receipt("2025-01-20", 100, confirmed="N")
    ebs.apply(receipt, invoice, "2025-01-20", 100)
    books = book()
    assert at(books, LAST, invoice, receipt) == [100, 0]
    assert books.quarantine.is_empty()
    agrees(books, ebs)


def test_placeholders_of_oracle_are_no_documents(ebs, book):
    ebs.schedule("INV", "2025-01-10", 100)
    ebs.schedule("PMT", "2025-01-10", -5, payment_schedule_id=-1)
    books = book()
    assert books.frames["documents"].height == 1
    agrees(books, ebs)


def test_instalments_are_documents_of_their_own_with_their_own_due_dates(ebs, book):
    first = ebs.schedule("INV", "2025-01-10", 400, due="2025-02-09", trx_number="I-1")
    second = ebs.schedule("INV", "2025-01-10", 600, due="2025-03-11", trx_number="I-1")
    receipt = ebs.receipt("2025-02-01", 400)
    ebs.apply(receipt, first, "2025-02-01", 400)
    books = book()
    assert at(books, date(2025, 2, 28), first, second) == [0, 600]
    # Due on the day itself is current; thirty days later the first bucket still holds it.
    assert buckets(books, date(2025, 3, 11)) == {("current",): 600}
    assert buckets(books, date(2025, 4, 10)) == {("1–30",): 600}
    assert buckets(books, date(2025, 4, 11)) == {("31–60",): 600}
    agrees(books, ebs)


def test_base_amounts_close_each_side_at_its_own_rate(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100, rate=1.1, invoice_currency_code="EUR")
    receipt = ebs.receipt("2025-02-01", 60, rate=1.2, invoice_currency_code="EUR")
    ebs.apply(receipt, invoice, "2025-03-01", 50)
    books = book()
    both = [str(row["payment_schedule_id"]) for row in (invoice, receipt)]
    assert open_base(books, date(2025, 2, 28)) == dict(zip(both, (110, -72), strict=True))
    # 50 € leave 55 $ of the invoice's dollars and 60 $ of the receipt's.
    assert open_base(books, date(2025, 3, 1)) == dict(zip(both, (55, -12), strict=True))
    agrees(books, ebs)


def test_a_receipt_in_another_currency_takes_its_own_part_off_itself(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100, rate=1.1, invoice_currency_code="EUR")
    receipt = ebs.receipt("2025-02-01", 120)
    ebs.apply(receipt, invoice, "2025-02-01", 100, amount_from=115)
    books = book()
    assert at(books, LAST, invoice, receipt) == [0, -5]
    assert open_base(books, LAST) == {str(receipt["payment_schedule_id"]): -5}
    assert differences(books) == []


def test_organisations_are_entities_with_their_own_ledger_currency(ebs, book):
    here = ebs.schedule("INV", "2025-01-10", 100)
    there = ebs.schedule("INV", "2025-01-10", 10.01, rate=150, org_id=458)
    books = book("[mapping]\nfx_rates = \"SELECT 'JPY' AS currency, '2025-01-01' AS date, 0.01 AS rate\"")
    # 10.01 × 150 = 1501.5, which a ledger in yen books as 1502: 15.02 dollars at 0.01.
    assert open_base(books, LAST) == {
        str(here["payment_schedule_id"]): 100, str(there["payment_schedule_id"]): 15.02
    }  # fmt: skip
    assert {key for key, _ in buckets(books, LAST, ["entity"])} == {"Vision Operations", "458"}


def test_classes_are_told_apart(ebs, book):
    for name, kind in [("INV", 1), ("DM", 1), ("CM", -1), ("CB", 1), ("BR", 1), ("DEP", 1)]:
        ebs.schedule(name, "2025-01-10", 100 * kind, trx_number=name)
    ebs.receipt("2025-01-10", 100, trx_number="PMT")
    assert kinds(book()) == {
        "INV": "invoice", "DM": "debit_memo", "CM": "credit_memo", "CB": "journal", "BR": "journal",
        "DEP": "invoice", "PMT": "payment",
    }  # fmt: skip


def test_customers_come_with_the_accounts_own_profile(ebs, book):
    ebs.schedule("INV", "2025-01-10", 100, amount_in_dispute=20)
    books = book()
    row = customers(books).row(0, named=True)
    assert (row["label"], row["collector"], row["risk_class"], row["terms_days"]) == ("AT&T", "Smith", "LOW", 30)
    assert float(row["credit_limit"]) == 50000
    assert customers(books).height == 1
    assert books.frames["documents"]["disputed"].to_list() == [True]


def test_credit_limits_are_read_in_the_currency_that_is_asked_for(ebs, book):
    ebs.schedule("INV", "2025-01-10", 100)
    books = book('[parameters]\nlimit_currency = "EUR"')
    assert float(customers(books).row(0, named=True)["credit_limit"]) == 40000


def test_what_oracle_says_is_left_is_held_against_the_books(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    ebs.schedule("INV", "2025-01-11", 40)
    invoice["amount_due_remaining"] = 93.5
    assert differences(book()) == [
        {"customer_id": "1290", "document_id": str(invoice["payment_schedule_id"]), "currency": "USD",
         "source": 93.5, "books": 100.0, "difference": 6.5}
    ]  # fmt: skip


def test_what_is_posted_ahead_is_part_of_the_second_look(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 100)
    receipt = ebs.receipt("2025-09-01", 100)
    ebs.apply(receipt, invoice, "2025-09-01", 100)
    books = book()
    assert at(books, LAST, invoice, receipt) == [100, 0]
    agrees(books, ebs)


def test_a_column_of_another_version_is_named(ebs, book):
    row = ebs.schedule("INV", "2025-01-10", 100)
    row["accounting_date"] = row.pop("gl_date")
    with pytest.raises(SourceError, match=r"gl_date"):
        book()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[parameters]\nlimit_curency = "EUR"', "unknown key parameters.limit_curency"),
        ('[parameters]\nlimit_currency = "EUR\' OR 1=1"', "parameters.limit_currency"),
    ],
)
def test_a_wrong_parameter_is_one_sentence(ebs, book, more, said):
    ebs.schedule("INV", "2025-01-10", 100)
    with pytest.raises(ConfigError, match=said):
        book(more)


def test_other_databases_are_refused_in_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="written for oracle and sqlite, not for postgresql"):
        made(tmp_path, "oracle_ebs", 'kind = "sql"\nurl = "postgresql://reader@host/erp"', currency="USD")


def test_cents_are_whole(ebs, book):
    invoice = ebs.schedule("INV", "2025-01-10", 33.33, rate=1.07, invoice_currency_code="EUR")
    books = book()
    assert books.quarantine.is_empty()
    assert Decimal(str(open_base(books, LAST)[str(invoice["payment_schedule_id"])])) == Decimal("35.66")
