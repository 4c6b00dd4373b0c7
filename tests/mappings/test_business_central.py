"""The preset for Business Central, on hand-made tables: one test for each thing that is easily got wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.book import Book
from ledger.errors import ConfigError, SourceError
from ledger.listing import customers
from tests.mappings.books import buckets, differences, made, sqlite_of
from tests.mappings.central import (
    APPLICATION,
    COMPANY,
    CORRECTION,
    DISCOUNT,
    FINANCE,
    GAIN,
    INVOICE,
    LOSS,
    MEMO,
    NEVER,
    PAYMENT,
    REALIZED_GAIN,
    REALIZED_LOSS,
    REFUND,
    REMINDER,
    ROUNDING,
    TOLERANCE,
    Central,
    Row,
)
from tests.mappings.looks import around, kinds, moved, open_amounts, open_base, settled, warned

LAST = date(2025, 7, 31)


@pytest.fixture
def bc() -> Central:
    return Central()


@pytest.fixture
def book(bc: Central, tmp_path: Path):
    def made_of(parameters: str = f'company = "{COMPANY}"\nlcy = "GBP"', *, of: Central = bc, **options) -> Book:
        url = sqlite_of(tmp_path / "bc.sqlite", of.tables())
        source = f'kind = "sql"\nurl = "{url}"\n[parameters]\n{parameters}'
        now = datetime(2025, 8, 1, 12, tzinfo=UTC)
        return made(tmp_path / "config", "business_central", source, currency="GBP", now=now, **options)

    return made_of


def at(book: Book, day: date, *rows: Row) -> list[float]:
    """What is open of each of ``rows``."""
    found = open_amounts(book, day)
    return [found.get(str(row["Entry No_"]), 0) for row in rows]


def agrees(book: Book, bc: Central) -> None:
    """Each day of an event and the one before are what report 120 makes of them, and today is what is marked open."""
    assert differences(book) == []
    for day in around(row["Posting Date"] for row in [*bc.entries, *bc.details]):
        assert open_amounts(book, day) == bc.remaining(day.isoformat()), day


def test_an_application_counts_on_both_sides_and_from_its_own_date(bc, book):
    invoice = bc.entry(INVOICE, "2025-01-10", 1000, due="2025-02-09")
    payment = bc.entry(PAYMENT, "2025-02-20", -600)
    bc.apply(payment, invoice, "2025-03-05", 600)
    books = book()
    assert at(books, date(2025, 1, 9), invoice, payment) == [0, 0]
    assert at(books, date(2025, 3, 4), invoice, payment) == [1000, -600]
    assert at(books, date(2025, 3, 5), invoice, payment) == [400, 0]
    assert moved(books, LAST) == {"billed": 1000, "cash": -600, "closing": 400}
    agrees(books, bc)


def test_an_entry_counts_from_its_posting_date_not_from_its_documents(bc, book):
    invoice = bc.entry(INVOICE, "2025-02-03", 100)
    invoice["Document Date"] = "2025-01-28 00:00:00"
    books = book()
    assert at(books, date(2025, 2, 2), invoice) == [0]
    assert at(books, date(2025, 2, 3), invoice) == [100]
    agrees(books, bc)


def test_an_application_dated_before_either_side_counts_from_the_later(bc, book):
    invoice, payment = bc.entry(INVOICE, "2025-03-01", 100), bc.entry(PAYMENT, "2025-01-25", -100)
    bc.apply(payment, invoice, "2025-02-01", 100)
    early, late = bc.entry(INVOICE, "2025-01-10", 70), bc.entry(PAYMENT, "2025-03-01", -70)
    bc.apply(late, early, "2025-02-01", 70)
    books = book()
    assert at(books, date(2025, 2, 28), invoice, payment, early, late) == [0, -100, 70, 0]
    assert at(books, date(2025, 3, 1), invoice, payment, early, late) == [0, 0, 0, 0]
    assert "settled_before_document" not in warned(books)


def test_what_is_unapplied_opens_again_and_all_four_rows_count(bc, book):
    invoice, payment = bc.entry(INVOICE, "2025-01-10", 100), bc.entry(PAYMENT, "2025-01-20", -100)
    rows = bc.apply(payment, invoice, "2025-01-20", 100)
    bc.unapply(rows, "2025-03-10")
    books = book()
    assert at(books, date(2025, 3, 9), invoice, payment) == [0, 0]
    assert at(books, date(2025, 3, 10), invoice, payment) == [100, -100]
    assert moved(books, LAST) == {"billed": 100, "cash": -100}
    agrees(books, bc)


@pytest.mark.parametrize("first", ["payment", "invoice"])
def test_the_kind_is_found_whichever_side_was_applied(bc, book, first):
    invoice, payment = bc.entry(INVOICE, "2025-01-10", 100), bc.entry(PAYMENT, "2025-01-20", -100)
    memo, other = bc.entry(MEMO, "2025-01-20", -30), bc.entry(INVOICE, "2025-01-20", 30)
    if first == "payment":
        bc.apply(payment, invoice, "2025-01-20", 100)
        bc.apply(memo, other, "2025-01-20", 30)
    else:
        bc.apply(invoice, payment, "2025-01-20", -100)
        bc.apply(other, memo, "2025-01-20", -30)
    books = book()
    day = date(2025, 1, 20)
    found = [settled(books, row["Entry No_"]) for row in (invoice, payment, other, memo)]
    assert found == [[(day, "cash", 100)], [(day, "cash", -100)], [(day, "credit", 30)], [(day, "credit", -30)]]
    assert moved(books, LAST) == {"billed": 130, "cash": -100, "credits": -30}
    agrees(books, bc)


def test_a_refund_pays_back_what_it_settles_and_bills_nothing(bc, book):
    payment, memo = bc.entry(PAYMENT, "2025-01-10", -50), bc.entry(MEMO, "2025-01-12", -20)
    refund, more = bc.entry(REFUND, "2025-02-01", 50), bc.entry(REFUND, "2025-02-01", 20)
    bc.apply(refund, payment, "2025-02-01", -50)
    bc.apply(memo, more, "2025-02-01", 20)
    books = book()
    assert moved(books, LAST) == {"cash": -50, "credits": -20, "refunds": 70}
    agrees(books, bc)


def test_a_payment_discount_belongs_to_the_payment_that_takes_it(bc, book):
    invoice, payment = bc.entry(INVOICE, "2025-01-10", 1000), bc.entry(PAYMENT, "2025-01-20", -980)
    bc.detail(payment, DISCOUNT, "2025-01-20", -20)
    bc.apply(payment, invoice, "2025-01-20", 1000)
    books = book()
    assert at(books, LAST, invoice, payment) == [0, 0]
    assert moved(books, LAST) == {"billed": 1000, "cash": -980, "discounts": -20}
    agrees(books, bc)


def test_entry_types_are_told_apart(bc, book):
    said = {
        **dict.fromkeys((7, 8, 9, 13, 16, 17), "discount"),
        **dict.fromkeys((TOLERANCE, 14, 15), "write_off"),
        **dict.fromkeys((ROUNDING, CORRECTION, 18), "other"),
    }
    entries = {kind: bc.entry(INVOICE, "2025-01-10", 100) for kind in said}
    for kind, entry in entries.items():
        bc.detail(entry, kind, "2025-01-20", -3)
    books = book()
    for kind, word in said.items():
        assert settled(books, entries[kind]["Entry No_"]) == [(date(2025, 1, 20), word, 3)], kind
    assert moved(books, LAST) == {
        "billed": 1200, "discounts": -18, "write_offs": -9, "other": -9, "closing": 1164
    }  # fmt: skip


def test_exchange_gains_and_losses_move_the_companys_currency_only(bc, book):
    # 100 € booked at 110, valued at 112 at month's end and taken back, paid at 120: 10 are gained.
    invoice = bc.entry(INVOICE, "2025-01-10", 100, rate=1.1, currency="EUR")
    bc.detail(invoice, GAIN, "2025-01-31", 0, 2)
    payment = bc.entry(PAYMENT, "2025-02-10", -100, rate=1.2, currency="EUR")
    bc.detail(invoice, LOSS, "2025-02-10", 0, -2)
    bc.detail(invoice, REALIZED_GAIN, "2025-02-10", 0, 13)
    bc.detail(invoice, REALIZED_LOSS, "2025-02-10", 0, -3)
    bc.apply(payment, invoice, "2025-02-10", 100, base=120)
    books = book()
    both = [str(row["Entry No_"]) for row in (invoice, payment)]
    assert open_base(books, date(2025, 1, 30)) == {both[0]: 110}
    assert open_base(books, date(2025, 1, 31)) == {both[0]: 112}
    assert open_amounts(books, date(2025, 1, 31)) == {both[0]: 100}
    assert open_base(books, date(2025, 2, 10)) == {}
    found = [row for row in settled(books, invoice["Entry No_"]) if row[1] == "fx"]
    assert [(day.isoformat(), amount) for day, _, amount in found] == [("2025-01-31", 0), *[("2025-02-10", 0)] * 3]
    assert moved(books, LAST) == {"billed": 110, "cash": -120, "fx": 10}
    agrees(books, bc)


def test_a_correction_of_the_companys_currency_alone_is_an_exchange_difference(bc, book):
    invoice = bc.entry(INVOICE, "2025-01-10", 100, rate=1.1, currency="EUR")
    bc.detail(invoice, CORRECTION, "2025-01-31", 0, -0.01)
    books = book()
    assert settled(books, invoice["Entry No_"]) == [(date(2025, 1, 31), "fx", 0)]
    assert open_base(books, LAST) == {str(invoice["Entry No_"]): 109.99}


def test_entries_without_a_currency_are_in_the_companys_own(bc, book):
    bc.entry(INVOICE, "2025-01-10", 100)
    bc.entry(INVOICE, "2025-01-11", 50, rate=0.8, currency="USD")
    books = book()
    rows = books.frames["documents"].sort("posting_date").select("currency", "amount_doc", "amount_rep").rows()
    assert differences(books) == []
    assert rows == [("GBP", 10000, 10000), ("USD", 5000, 4000)]


def test_document_types_are_told_apart(bc, book):
    for kind in range(7):
        bc.entry(kind, "2025-01-10", -1 if kind in (PAYMENT, MEMO) else 1, **{"Document No_": str(kind)})
    assert kinds(book()) == {
        "0": "journal", "1": "payment", "2": "invoice", "3": "credit_memo", str(FINANCE): "debit_memo",
        str(REMINDER): "debit_memo", str(REFUND): "journal",
    }  # fmt: skip


def test_buckets_are_those_of_report_120(bc, book):
    bc.entry(INVOICE, "2025-01-10", 100, due="2025-02-09")
    bc.entry(PAYMENT, "2025-03-01", -30)
    books = book()
    assert buckets(books, date(2025, 2, 8)) == {("current",): 100}
    # What is due on the ending date is in the first column already, and what is 30 days late in the second.
    assert buckets(books, date(2025, 2, 9)) == {("1–30",): 100}
    # An unapplied payment is aged from its own date, beside the debts: here on its first day.
    assert buckets(books, date(2025, 3, 10)) == {("1–30",): 70}
    assert buckets(books, date(2025, 3, 11)) == {("1–30",): -30, ("31–60",): 100}
    assert buckets(books, date(2025, 3, 31)) == {("31–60",): 70}
    assert buckets(books, date(2025, 5, 9)) == {("61–90",): 70}
    assert buckets(books, date(2025, 5, 10)) == {("61–90",): -30, ("90+",): 100}


def test_an_invoice_posted_after_the_day_is_not_owed_on_it(bc, book):
    # Report 120 would show it on 31 January when it ages by due or document date.
    invoice = bc.entry(INVOICE, "2025-02-03", 100, due="2025-02-10", **{"Document Date": "2025-01-28 00:00:00"})
    assert at(book(), date(2025, 1, 31), invoice) == [0]


def test_empty_due_dates_of_1753_are_no_dates(bc, book):
    bc.entry(INVOICE, "2025-01-10", 100, **{"Due Date": NEVER})
    assert book().frames["documents"]["due_date"].to_list() == [None]


def test_an_entry_without_an_initial_entry_goes_to_quarantine(bc, book):
    bc.entry(INVOICE, "2025-01-10", 100)
    bc.entry(INVOICE, "2025-01-10", 40)
    bc.details.pop()
    assert book(force=True).quarantine["rule"].to_list() == ["amount_unreadable"]


def test_customers_come_with_their_salesperson_and_who_pays(bc, book):
    bc.entry(INVOICE, "2025-01-10", 100, **{"On Hold": "DIS"})
    books = book()
    rows = customers(books).sort("customer_id").select("label", "parent_id", "region", "sales_rep", "credit_limit")
    first, second = rows.rows()
    assert first[:4] == ("Adatum Corporation", None, "NORTH", "Peter Saddow")
    assert second[:4] == ("Trey Research", "10000", None, "XX")
    assert (first[4], float(second[4])) == (None, 5000)
    assert books.frames["documents"].select("disputed", "dispute_reason").rows() == [(True, "DIS")]


def test_an_entry_marked_closed_that_does_not_sum_to_nothing_is_a_difference(bc, book):
    invoice = bc.entry(INVOICE, "2025-01-10", 100)
    bc.entry(INVOICE, "2025-01-11", 40)
    invoice["Open"] = 0
    assert differences(book()) == [
        {"customer_id": "10000", "document_id": str(invoice["Entry No_"]), "currency": "GBP",
         "source": 0.0, "books": 100.0, "difference": 100.0}
    ]  # fmt: skip


def test_what_is_posted_ahead_is_part_of_the_second_look(bc, book):
    invoice, payment = bc.entry(INVOICE, "2025-01-10", 100), bc.entry(PAYMENT, "2025-09-01", -60)
    bc.apply(payment, invoice, "2025-09-01", 60)
    agrees(book(), bc)


def test_tables_of_nav_have_no_application_in_their_names(book):
    nav = Central("Mein Laden & Söhne", "")
    invoice = nav.entry(INVOICE, "2025-01-10", 100)
    books = book('company = "Mein Laden & Söhne"\nlcy = "GBP"\napp = ""', of=nav)
    assert at(books, LAST, invoice) == [100]


def test_a_column_of_another_version_is_named(bc, book):
    row = bc.entry(INVOICE, "2025-01-10", 100)
    row["Booking Date"] = row.pop("Posting Date")
    with pytest.raises(SourceError, match=r"uses a column '\w\.Posting Date'"):
        book()


def test_a_company_that_is_not_there_is_one_sentence(bc, book):
    bc.entry(INVOICE, "2025-01-10", 100)
    with pytest.raises(
        SourceError,
        match=r"reads a table 'CRONUS Ltd_\$Customer\$437dbf0e-[-0-9a-f]+', which the database does not have",
    ):
        book('company = "CRONUS Ltd_"\nlcy = "GBP"')


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ('lcy = "GBP"', "parameters.company is missing"),
        (f'company = "{COMPANY}"', "parameters.lcy is missing"),
        ('company = "CRONUS Ltd."\nlcy = "GBP"', "parameters.company"),
        ('company = "x\\"; DROP"\nlcy = "GBP"', "parameters.company"),
        (f'company = "{COMPANY}"\nlcy = "£"', "parameters.lcy"),
        (f'company = "{COMPANY}"\nlcy = "GBP"\napp = "437dbf0e"', "parameters.app"),
        (f'company = "{COMPANY}"\nlcy = "GBP"\nextension = ""', "unknown key parameters.extension"),
    ],
)
def test_a_wrong_parameter_is_one_sentence(bc, book, parameters, said):
    bc.entry(INVOICE, "2025-01-10", 100)
    with pytest.raises(ConfigError, match=said):
        book(parameters)


def test_other_databases_are_refused_in_one_sentence(tmp_path):
    source = f'kind = "sql"\nurl = "oracle://reader@host/bc"\n[parameters]\ncompany = "{COMPANY}"\nlcy = "GBP"'
    with pytest.raises(ConfigError, match="written for mssql and sqlite, not for oracle"):
        made(tmp_path, "business_central", source, currency="GBP")


def test_settlements_without_another_side_are_told_as_other(bc, book):
    invoice = bc.entry(INVOICE, "2025-01-10", 100)
    bc.detail(invoice, APPLICATION, "2025-02-01", -100)
    assert settled(book(), invoice["Entry No_"]) == [(date(2025, 2, 1), "other", 100)]
