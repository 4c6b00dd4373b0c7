"""A refresh is held against the books before it, and against what the source says of itself."""

from __future__ import annotations

import pytest

from config.settings import load
from data_sources.refresh import refresh
from ledger.second_looks import second_looks
from tests.ledger.books import day, invoice
from tests.refresh.company import DOCUMENTS, SOURCE, found

VERIFY = [("I1", "60.10"), ("I3", "50.05"), ("I4", "10.00"), ("P1", "-20.00")]


@pytest.fixture
def company(tmp_path):
    return found(tmp_path / "config")


def says(company, rows):
    """The company's source tells what it holds for open."""
    told = "".join(f"{id},USD,{amount}\n" for id, amount in rows)
    (company.folder / "sources" / "verify.csv").write_text(f"document_id,currency,amount\n{told}")
    (company.folder / "sources" / "books.toml").write_text(f'{SOURCE}verify = "verify.csv"\n')
    return load(company.folder)


def test_the_first_refresh_has_nothing_before_it(company):
    looks = second_looks(refresh(company.settings))
    assert (looks.before, looks.revised.height, looks.verified_totals.height) == (None, 0, 0)


def test_the_next_one_tells_what_became_of_the_past(company):
    refresh(company.settings)
    again = second_looks(refresh(company.settings))
    assert (again.before, again.revised.height, again.revised_days.height) == (day("2024-03-25"), 0, 0)
    company.table("documents", [row for row in DOCUMENTS if row["document_id"] != "I4"])
    looks = second_looks(refresh(company.settings))
    assert looks.revised.select("customer_id", "customer", "document_id", "change", "before", "now").rows() == [
        ("C3", "=cmd()", "I4", "vanished", 10.0, 0.0)
    ]
    assert looks.revised_days["difference"].to_list() == [-10.0]


def test_another_companys_books_are_no_history(company):
    refresh(company.settings)
    file = company.folder / "app.toml"
    file.write_text(file.read_text().replace("Test company", "Another"))
    assert second_looks(refresh(load(company.folder))).before is None


def test_what_the_source_says_of_itself_is_read_with_it(company):
    assert second_looks(refresh(says(company, VERIFY))).verified.is_empty()
    book = refresh(says(company, [*VERIFY[1:], ("I1", "100.10")]))
    assert second_looks(book).verified.select("document_id", "source", "books").rows() == [("I1", 100.1, 60.1)]
    assert book.about["accepted"]["verify"] == len(VERIFY)


def test_a_source_that_holds_nothing_for_open_is_believed_to_say_so(company):
    assert second_looks(refresh(says(company, []))).verified_totals["differing"].to_list() == [4]


def test_a_row_of_its_word_that_cannot_be_read_is_kept_out(company):
    book = refresh(says(company, [*VERIFY, ("I9", "ten")]))
    assert book.quarantine.select("table", "rule").rows() == [("verify", "amount_unreadable")]


def test_a_document_that_is_dated_ahead_is_posted_for_the_source(company):
    company.table("documents", [*DOCUMENTS, invoice("I5", "7.00", document_date="2031-01-01", due_date="2031-02-01")])
    assert second_looks(refresh(says(company, [*VERIFY, ("I5", "7.00")]))).verified.is_empty()
