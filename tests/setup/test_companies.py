"""The companies that the screen is tried with are what they are said to be."""

from __future__ import annotations

import pytest

from config.settings import load
from data_sources.refresh import open_store
from ledger.errors import NoSnapshotError
from metrics import evaluate
from scripts import companies


def _book(name, folder):
    return open_store(load(companies.settle(name, folder))).load()


def test_five_currencies_are_never_added(tmp_path):
    book = _book("five", tmp_path)
    assert set(book.currencies) == {"EUR", "USD", "GBP", "JPY", "KWD"}
    assert book.last_day is not None
    rows = evaluate(book, ["total_ar"], [book.last_day], "3mo")
    assert rows.height == 5
    assert all(value > 0 for value in rows["value"])
    assert not book.quarantine.height


def test_the_empty_company_has_a_book_without_a_row(tmp_path):
    book = _book("empty", tmp_path)
    assert book.last_day is None
    assert book.about["rows_in"]["documents"] == 0


def test_the_new_company_is_ready_to_be_refreshed(tmp_path):
    config = companies.settle("new", tmp_path)
    assert (config / "sources" / "documents.csv").is_file()
    with pytest.raises(NoSnapshotError):
        open_store(load(config)).load()


def test_the_demonstration_company_keeps_to_its_own_store(tmp_path):
    book = _book_of_demo(tmp_path)
    assert book.rules.company == "Meridian Supply Group"
    assert (tmp_path / "data" / "demo.sqlite").is_file()


def _book_of_demo(folder):
    return open_store(load(companies.settle("demo", folder, invoices=500))).load()


def test_nobody_is_shown_the_tour(tmp_path):
    for name in companies.NAMES:
        options = {"invoices": 500} if name == "demo" else {}
        assert not load(companies.settle(name, tmp_path / name, **options)).screen.tour
