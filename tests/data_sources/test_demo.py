"""The demonstration company: the same every time, exact to the cent, and tied to its ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from data_sources.demo import build
from ledger.schema import TABLES
from tests.data_sources.demo_company import KINDS, LAST_DAY, MAPPING, company


@pytest.fixture
def small():
    return company(2_000)


@pytest.fixture
def standard():
    """The company as it comes."""
    return company(60_000)


# The file itself


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_same_size_and_seed_give_the_same_rows(small, tmp_path):
    build(tmp_path / "again.sqlite", 2_000)
    assert dump(tmp_path / "again.sqlite") == dump(small.path)


def test_another_seed_gives_another_company(small, tmp_path):
    build(tmp_path / "other.sqlite", 2_000, seed=8)
    assert dump(tmp_path / "other.sqlite") != dump(small.path)


@pytest.mark.parametrize("size", ["small", "standard"])
def test_size_is_what_was_asked_for(size, request):
    demo = request.getfixturevalue(size)
    invoices = demo.rows("SELECT count(*) FROM documents WHERE kind = 'invoice'")[0][0]
    assert invoices == pytest.approx(demo.invoices, rel=0.02)


def test_too_small_a_company_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least 100 invoices, not 10"):
        build(tmp_path / "tiny.sqlite", 10)


def test_progress_runs_from_nothing_to_all(tmp_path):
    heard: list[float] = []
    build(tmp_path / "demo.sqlite", 100, progress=lambda _what, share: heard.append(share))
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == (0.0, 1.0)


def test_a_failed_build_leaves_the_old_file_and_no_other(tmp_path):
    path = tmp_path / "demo.sqlite"
    path.write_bytes(b"the good one")

    def fail(what: str, share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt(what)

    with pytest.raises(KeyboardInterrupt):
        build(path, 500, progress=fail)
    assert path.read_bytes() == b"the good one"
    assert list(tmp_path.iterdir()) == [path]


# What the mapping returns


@pytest.mark.parametrize("table", MAPPING)
def test_mapping_returns_the_canonical_columns(small, table):
    assert small.table(table).columns == list(TABLES[table].names)


def test_keys_keep_their_leading_zeros(small):
    customers = small.table("customers")["customer_id"]
    assert customers.str.starts_with("00").all()
    assert small.table("documents")["document_id"].str.contains(r"^\d000-R?\d{10}(-\d)?$").all()


def test_amounts_are_written_to_the_minor_unit(small):
    documents = small.table("documents")
    yen = pl.col("currency") == "JPY"
    assert documents.filter(yen)["amount"].str.contains(r"^-?\d+$").all()
    assert documents.filter(~yen)["amount"].str.contains(r"^-?\d+\.\d\d$").all()
    assert documents["amount_base"].str.contains(r"^-?\d+\.\d\d$").all()


def test_customers_have_names_of_many_languages_and_parents_that_exist(standard):
    customers = standard.table("customers")
    assert customers["name"].n_unique() == customers.height
    assert customers["name"].str.contains(r"[^\x00-\x7f]").sum() > 100
    assert customers["parent_id"].drop_nulls().is_in(customers["customer_id"].implode()).all()
    assert customers["parent_id"].drop_nulls().len() > 50
    for column in ("credit_limit", "collector", "segment"):
        assert 0 < customers[column].null_count() < customers.height / 8, column


def test_every_kind_of_document_and_settlement_occurs(small):
    kinds = small.rows("SELECT kind FROM accepted GROUP BY kind")
    assert {kind for (kind,) in kinds} == set(KINDS)
    settled = small.rows("SELECT kind FROM settlements GROUP BY kind")
    assert {kind for (kind,) in settled} == {"cash", "credit", "discount", "write_off", "fx", "refund", "other"}
    assert small.rows("SELECT count(*) FROM settlements WHERE kind = 'cash' AND cast(amount AS REAL) < 0")[0][0] > 0


# To the cent

PARTS = """
SELECT a.document_id, replace(a.amount, '.', '') + 0 AS whole, a.cents AS whole_base,
    sum(replace(s.amount, '.', '') + 0) AS closed, sum(replace(s.amount_base, '.', '') + 0) AS closed_base
FROM accepted AS a JOIN settlements AS s USING (document_id)
GROUP BY a.document_id
"""


@pytest.mark.parametrize("size", ["small", "standard"])
def test_documents_are_never_settled_for_more_than_they_are_but_for_three(size, request):
    demo = request.getfixturevalue(size)
    beyond = demo.rows(f"SELECT * FROM ({PARTS}) WHERE abs(closed) > abs(whole) OR closed * whole < 0")
    assert len(beyond) == 3
    assert {closed - whole for _, whole, _, closed, _ in beyond} == {1_250}


def test_wholly_settled_documents_close_exactly_in_both_currencies(standard):
    settled = standard.rows(f"SELECT whole_base, closed_base FROM ({PARTS}) WHERE closed = whole")
    assert len(settled) > 50_000
    assert all(whole == closed for whole, closed in settled)


def test_nothing_is_settled_before_it_is_posted(standard):
    query = "SELECT count(*) FROM settlements AS s JOIN accepted AS a USING (document_id)"
    assert standard.rows(f"{query} WHERE s.settled_on < a.posting_date") == [(0,)]
    assert standard.rows(f"{query} WHERE s.settled_on > '{LAST_DAY}' OR a.posting_date > '{LAST_DAY}'") == [(0,)]


def test_general_ledger_is_the_sub_ledger_at_every_month_end_but_for_one_journal(standard):
    differences = standard.rows(
        """
        WITH movement AS (
            SELECT entity, posting_date AS day, cents FROM accepted
            UNION ALL
            SELECT a.entity, s.settled_on, -CAST(replace(s.amount_base, '.', '') AS INTEGER)
            FROM settlements AS s JOIN accepted AS a USING (document_id)
        ),
        daily AS (SELECT entity, day, sum(cents) AS cents FROM movement GROUP BY entity, day)
        SELECT g.entity, g.currency, g.as_of, CAST(replace(g.balance, '.', '') AS INTEGER) - sum(d.cents) AS difference
        FROM gl_balances AS g JOIN daily AS d ON d.entity = g.entity AND d.day <= g.as_of
        GROUP BY g.entity, g.as_of
        """,
    )
    assert len(differences) == 3 * 40
    assert [row for row in differences if row[3]] == [("Meridian UK", "GBP", "2026-10-31", 18_400_00)]


# Rows that are wrong on purpose


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("date(document_date, '+0 days') IS NOT document_date", 6),
        ("NOT currency GLOB '[A-Z][A-Z][A-Z]'", 4),
        (f"kind NOT IN {KINDS}", 4),
        ("kind IN ('invoice', 'debit_memo') AND due_date IS NULL", 6),
        ("due_date < document_date AND date(document_date, '+0 days') IS document_date", 5),
        ("customer_id NOT IN (SELECT customer_id FROM customers)", 5),
    ],
)
def test_wrong_rows_are_there(small, where, count):
    assert small.rows(f"SELECT count(*) FROM documents WHERE {where}") == [(count,)]


def test_keys_repeat_and_invoices_are_entered_twice(small):
    repeated = "SELECT count(*) FROM (SELECT 1 FROM documents GROUP BY document_id HAVING count(*) > 1)"
    assert small.rows(repeated) == [(5,)]
    twice = """
        SELECT count(*) FROM (
            SELECT 1 FROM documents GROUP BY customer_id, number, document_date, amount
            HAVING count(DISTINCT document_id) > 1
        )
    """
    assert small.rows(twice) == [(3,)]
    lost = "SELECT count(*) FROM settlements WHERE document_id NOT IN (SELECT document_id FROM documents)"
    assert small.rows(lost) == [(6,)]


def test_wrong_rows_are_far_below_what_stops_a_refresh(small):
    everything, kept = small.rows(
        """
        SELECT sum(abs(CAST(amount_base AS REAL))) FROM documents
        UNION ALL SELECT sum(abs(CAST(amount_base AS REAL))) FROM accepted
        """,
    )
    assert 1 - kept[0] / everything[0] < 0.005
