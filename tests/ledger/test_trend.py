"""Findings of refreshes past: kept beyond the snapshots, thinned as they grow old, told as lines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as some

from ledger import trend
from ledger.store import Store
from tests.ledger.books import book, invoice

NOW = datetime(2026, 6, 30, 6, tzinfo=UTC)


def found(moments: Iterable[datetime], rows=1):
    """Findings of one rule in refreshes made then."""
    told = [(f"{at:%Y%m%dT%H%M%S}", at, "due_missing", "documents", "warning", rows, None, None) for at in moments]
    return pl.DataFrame(told, schema=trend.FINDINGS, orient="row")


@given(some.sets(some.integers(0, 9 * 365 * 24), min_size=1, max_size=60))
def test_it_keeps_the_last_of_each_day_then_of_each_month_then_nothing(hours):
    moments = sorted(NOW - timedelta(hours=back) for back in hours)
    newest, wanted = moments[-1], {}
    for at in moments:
        if newest - at < timedelta(days=trend.DAYS):
            wanted[at.date()] = at
        elif newest - at < timedelta(days=366 * trend.YEARS):
            wanted[at.year, at.month] = at
    kept = trend.thinned(found(moments))
    assert sorted(kept["made_at"]) == sorted(wanted.values())
    assert trend.thinned(kept).equals(kept), "what was thinned stays"


def test_five_years_of_every_day_are_a_few_kilobytes(tmp_path):
    quality = book().quality.with_columns(rows=pl.int_range(pl.len(), dtype=pl.Int64))
    days = [NOW - timedelta(days=back) for back in range(5 * 366)]
    whole = pl.concat([trend.of_snapshot(f"{at:%Y%m%d}", at, quality) for at in days])
    trend.write(tmp_path / "kept", trend.thinned(whole))
    assert trend.read(tmp_path / "kept")["id"].n_unique() > 140
    assert (tmp_path / "kept").stat().st_size < 20_000


def test_no_file_or_a_broken_one_is_no_history(tmp_path):
    assert trend.read(tmp_path / "none").is_empty()
    (tmp_path / "broken").write_bytes(b"PAR1")
    assert trend.read(tmp_path / "broken").is_empty()


def test_a_store_knows_what_was_found_in_snapshots_it_no_longer_has(tmp_path):
    store = Store(tmp_path, keep=2)
    for day in range(5):
        rows = [invoice(f"I{n}", due_date=None) for n in range(day)]
        store.publish(book(rows), NOW + timedelta(days=day))
    assert len(store.history()) == 2
    told = store.findings().filter(rule="due_date_missing")
    assert told["rows"].to_list() == [4, 3, 2, 1, 0], "the newest first"
    line = trend.lines(store.findings()).row(by_predicate=pl.col("rule") == "due_date_missing", named=True)
    assert line["rows_then"] == [0, 1, 2, 3, 4]
    assert line["amounts_then"] == [0.0, 100.0, 200.0, 300.0, 400.0]
    past = trend.lines(store.findings(), until=store.history()[1]["id"])
    assert past.row(by_predicate=pl.col("rule") == "due_date_missing", named=True)["rows_then"] == [0, 1, 2, 3]


def test_a_line_has_so_many_points():
    moments = [NOW - timedelta(days=back) for back in range(50)]
    assert len(trend.lines(found(moments))["rows_then"][0]) == trend.POINTS
