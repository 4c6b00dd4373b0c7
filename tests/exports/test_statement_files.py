"""What stands in the files: the PDF read back, the workbook read back, the CSV read back."""

from __future__ import annotations

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from exports import Sender, formats, print_statement, statement, statement_csv, statement_pdf, statement_workbook
from ledger.aging import AgingRule
from ledger.scope import Scope
from tests.exports.customers import ARABIC, DAY, HOSTILE, NAMES
from tests.exports.reading import pdf_of, workbook_of
from tests.ledger.books import book, invoice

HEADS = ("Long List Trading plc", "Statement of account")
SENDER = Sender(
    "Meridian Supply Group",
    ("1200 Harbour Street", "Boston, MA 02110"),
    "receivables@example.com",
    "Quote your account.",
)


def _said(pdf):
    """All words of a PDF on one line, invisible places to break left out."""
    pages = [page.extract_text() for page in pdf_of(pdf).pages]
    return re.sub(r"\s+", " ", " ".join(pages).replace("\u200b", ""))


def _printed(ledger, customer_id, **words):
    return _said(statement_pdf(statement(ledger, customer_id, DAY, sender=SENDER, **words)))


def _letters(words):
    return re.sub(r"\s", "", words)


@pytest.mark.parametrize("customer_id", [*NAMES, "STRANGER", None])
def test_a_pdf_for_every_customer_with_every_balance(ledger, customer_id):
    of = statement(ledger, customer_id, DAY, sender=SENDER)
    said = _letters(_said(statement_pdf(of)))
    for currency, balance in of.totals.select("currency", "balance").iter_rows():
        label = "Totaldue" if balance >= 0 else "Balance"
        assert f"{label},{currency}{formats.amount(balance, currency)}" in said


def test_what_a_statement_says(ledger):
    said = _printed(ledger, "MANY")
    for words in (
        "Statement of account as of 31 Dec 2024", *SENDER.address, SENDER.contact, SENDER.note, NAMES["MANY"],
        "many@example.com", "Page 1 of 2", "Payments and credits not yet applied", "963,646", "77.125", "−310.00",
        "Not yet due", "Over 120 days", "If your records differ from ours, please let us know.",
    ):  # fmt: skip
        assert words in said, words
    assert ledger.fingerprint[:12] in said


def test_five_hundred_items_stand_under_a_heading_on_every_page(ledger):
    reader = pdf_of(statement_pdf(statement(ledger, "LONG", DAY)))
    pages = [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]
    assert len(pages) > 8
    for place, said in enumerate(pages, start=1):
        assert f"Page {place} of {len(pages)}" in said
        assert "Number Kind Dated Due" in said
        assert all(words in said for words in HEADS)
    numbers = re.findall(r"INV-\d{4}", " ".join(pages))
    assert numbers == [f"INV-{i:04}" for i in range(500)]
    assert " ".join(pages).count("In dispute: Price differs") == 14


def test_words_that_are_code_elsewhere_are_words_here(ledger):
    assert _letters(_printed(ledger, "EVIL")).count(_letters(HOSTILE)) == 3, "name, number, reason for the dispute"
    of = statement(ledger, "VOID", DAY, sender=Sender(HOSTILE, (HOSTILE,), HOSTILE, HOSTILE))
    assert _letters(_said(statement_pdf(of))).count(_letters(HOSTILE)) == 4, "name, address, contact, note"


def test_what_no_font_has_is_told_and_never_a_failure(ledger):
    made = print_statement(statement(ledger, "ZH", DAY))
    assert made.pdf.startswith(b"%PDF")
    assert set(made.undrawn) <= set(NAMES["ZH"])
    assert print_statement(statement(ledger, "MANY", DAY)).undrawn == ()
    private = book([invoice(number="\ue123\ufdd0")])
    assert print_statement(statement(private, "C1", DAY)).undrawn, "no font has these"


def test_metadata_and_tags(ledger):
    reader = pdf_of(statement_pdf(statement(ledger, "AR", DAY, sender=SENDER)))
    assert reader.metadata.title == f"Statement of account as of 31\xa0Dec\xa02024: {ARABIC}"
    assert reader.metadata.author == "Meridian Supply Group"
    catalog = reader.trailer["/Root"]
    assert catalog["/Lang"] == "en-GB"
    assert catalog["/MarkInfo"]["/Marked"]


def test_a_plain_one_is_fit_for_archives_and_screen_readers(ledger):
    pdf = statement_pdf(statement(ledger, "MANY", DAY))
    reader = pdf_of(pdf)
    xmp = reader.trailer["/Root"]["/Metadata"].get_data()
    assert b"pdfaid:part" in xmp
    assert b"pdfuaid:part" in xmp


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("us-letter", (612, 792))])
def test_paper(ledger, paper, size):
    page = pdf_of(statement_pdf(statement(ledger, "AR", DAY), paper)).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == size


def test_the_same_statement_gives_the_same_bytes(ledger):
    of = statement(ledger, "MANY", DAY)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: (statement_pdf(of), statement_workbook(of)), range(4)))
    assert len(set(made)) == 1


def test_an_account_with_nothing_open(ledger):
    said = _printed(ledger, "VOID")
    assert "There are no open items on your account at the close of 31 Dec 2024." in said
    assert "Total due" not in said


def test_a_balance_in_favour(ledger):
    said = _printed(ledger, "OWED")
    assert "Balance in your favour USD 60.00" in said
    assert "Total due" not in said


def test_a_part_of_the_account_is_named(ledger):
    said = _printed(ledger, "MANY", scope=Scope.of(currency="JPY"))
    assert "This statement covers only a part of your account. Currency: JPY." in said
    assert "EUR" not in said


@pytest.mark.parametrize("edges", [(30,), tuple(range(10, 200, 10))])
def test_any_number_of_buckets(edges):
    books = book(
        [invoice("I1", "1234567.89"), invoice("I2", "5", due_date="2024-12-20")], rules={"aging": AgingRule(edges)}
    )
    of = statement(books, "C1", DAY)
    said = _said(statement_pdf(of))
    assert said.count("1,234,567.89") >= 3
    assert f"Over {edges[-1]} days" in said


def test_ages_that_count_from_the_document_date():
    of = statement(book([invoice()], rules={"aging": AgingRule(basis="document_date")}), "C1", DAY)
    assert "Ageing by days since the document date" in _said(statement_pdf(of))


def test_the_workbook_has_the_same_items_and_real_dates(ledger):
    of = statement(ledger, "MANY", DAY)
    read = workbook_of(statement_workbook(of))
    assert read.sheetnames == ["Open items", "Balance", "About"]
    rows = list(read["Open items"].iter_rows(values_only=True))
    column = {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}
    assert column["Open"] == of.items["open"].to_list()
    assert [day.date() for day in column["Dated"]] == of.items["document_date"].to_list()
    formats_ = {row[0].value: row[8].number_format for row in read["Open items"].iter_rows(min_row=2)}
    assert formats_ == {"EUR": "#,##0.00", "GBP": "#,##0.00", "JPY": "#,##0", "KWD": "#,##0.000", "USD": "#,##0.00"}
    totals = list(read["Balance"].iter_rows(values_only=True))
    assert [row[totals[0].index("Balance")] for row in totals[1:]] == of.totals["balance"].to_list()


def test_the_workbook_of_nothing(ledger):
    read = workbook_of(statement_workbook(statement(ledger, "VOID", DAY)))
    assert [cell.value for cell in read["Open items"][2]] == [None] * 12


def test_the_csv_has_the_same_items_and_runs_nothing():
    of = statement(book([invoice(number="=1+1", disputed="true", dispute_reason="@SUM(A1)")]), "C1", DAY)
    (row,) = csv.DictReader(io.StringIO(statement_csv(of).decode("utf-8-sig")))
    assert (row["Number"], row["In dispute"], row["Open"]) == ("'=1+1", "'@SUM(A1)", "100.0")
