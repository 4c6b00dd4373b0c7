"""What the source's own balances and the books before say, on the health page and at the head of every page."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest

from briefing import second_looks
from ledger.build import build_book
from ledger.store import Store
from tests.app import company

OPEN_NOW = (
    company.tables()["documents"]
    .join(
        company.tables()["settlements"].group_by("document_id").agg(settled=pl.col("amount").sum()),
        on="document_id",
        how="left",
    )
    .select("document_id", "customer_id", "currency", amount=pl.col("amount") - pl.col("settled").fill_null(0))
    .filter(pl.col("amount") != 0)
)


@pytest.fixture
def asked(settled):
    """Publishes the company with what its source says is open, and the books before, where there were any."""

    def publish(told: pl.DataFrame, before=None):
        book = build_book(company.tables() | {"verify": told}, company.rules(), source="books", before=before)
        Store(settled / "data").publish(book, datetime.now(UTC))
        return book

    return publish


def words(app):
    said = "\n".join(element.value for kind in ("title", "markdown", "caption") for element in getattr(app, kind))
    links = "\n".join(element.proto.label for element in app.get("page_link"))
    plain = f"{said}\n{links}".replace("\u00a0", " ").replace("\u2060", "")
    return plain.replace("\\", "")


def test_what_agrees_is_said_and_doubts_nothing(asked, opened):
    book = asked(OPEN_NOW)
    assert second_looks.doubt(book) == ""
    page = opened("data/health")
    assert not page.exception
    assert f"The books equal the source's own balances ({OPEN_NOW.height} items)" in words(page)
    assert "own balances" not in words(opened())


def test_what_differs_is_told_on_every_page(asked, opened):
    told = OPEN_NOW.with_columns(
        amount=pl.when(pl.col("document_id") == "P1").then(Decimal("-200.00")).otherwise("amount")
    )
    asked(told)
    said = f"1 of {OPEN_NOW.height} items differs from the source's own balances; the books hold $50.00 less"
    for page in ("data/health", "receivables/aging", None):
        app = opened(page)
        assert not app.exception
        assert f":yellow-badge[{said}]" in words(app)
    table = next(frame.value for frame in opened("data/health").dataframe if "Source" in frame.value.columns)
    assert table[["Document", "Source", "Books", "Difference"]].to_numpy().tolist() == [["P1", -200.0, -250.0, -50.0]]


def test_a_source_that_was_not_asked_says_how(opened, published):  # noqa: ARG001 - puts the company there
    assert "The source was not asked for its own balances" in words(opened("data/health"))


def test_history_that_changed_is_told_by_document(asked, opened):
    first = company.tables()
    more = first["settlements"].filter(pl.col("settlement_id") != "S-C01-05")
    before = build_book(first | {"settlements": more}, company.rules(), source="books")
    asked(OPEN_NOW, before)
    page = opened("data/health")
    assert not page.exception
    assert "History has changed: 1 document stands otherwise on 30 Jun 2026 than was known: $1,005.00 less" in words(
        page
    )
    table = next(frame.value for frame in page.dataframe if "Change" in frame.value.columns)
    assert table[["Document", "Change", "Before", "Now"]].to_numpy().tolist() == [["C01-05", "gone", 1005.0, 0.0]]


def test_history_that_did_not_change_is_told_too(asked, opened):
    asked(OPEN_NOW, build_book(company.tables(), company.rules(), source="books"))
    assert "No past day has changed since the books before" in words(opened("data/health"))


def test_differences_that_cancel_out_are_still_told(asked):
    apart = {"P1": Decimal("-240.00"), "C01-00": Decimal("990.00")}
    told = OPEN_NOW.with_columns(
        amount=pl.when(pl.col("document_id").is_in(list(apart)))
        .then(pl.col("document_id").replace_strict(apart, default=None, return_dtype=pl.Decimal(38, 2)))
        .otherwise("amount")
    )
    said = second_looks.verified(asked(told))
    assert said.replace("\u00a0", " ") == (
        f"2 of {OPEN_NOW.height} items differ from the source's own balances; the books hold as much in all"
    )
