"""The benchmark itself: its data, its comparisons and its page are right, whatever the times are."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from benchmarks import company, growth, measure, report, running, targets
from benchmarks.engines import answers, duck, frames, ours
from benchmarks.place import NOW, Place
from benchmarks.questions import TILES, as_of_days
from benchmarks.refresh import refreshed, scanned
from briefing import summary
from data_sources.demo import days
from ledger.errors import OutstandingError

SMALL = 2_000


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Three copies of a small company, refreshed."""
    here = Place.of(tmp_path_factory.mktemp("bench"), 3 * SMALL)
    company.make(here, SMALL, lambda _step: None)
    refreshed(here)
    return here


def test_names_that_stand_in_for_others_are_theirs():
    assert NOW.date() == date(1970, 1, 1) + (date.fromordinal(days.LAST_DAY + 1) - date.min)
    assert TILES == summary.TILES
    assert {part for parts in running.LINES.values() for part in parts} <= set(running.PARTS)
    assert all(callable(running.part(name)) for name in running.PARTS)


def test_copies_share_no_id_and_all_are_accepted(place):
    book = place.book()
    single = Place.of(place.folder.parent, SMALL).made()["rows"]
    assert place.made()["rows"]["documents"] == 3 * single["documents"]
    assert book.frames["documents"]["document_id"].is_unique().all()
    # What is wrong on purpose is so in each copy, and nothing else.
    quarantined = book.about["quarantined"]
    assert quarantined["documents"] % 3 == 0 < quarantined["documents"] < 100
    assert book.gl_comparison.filter(pl.col("difference").abs() > 1).height <= 1


def test_data_are_typed_and_made_once(place):
    rows = pl.scan_parquet(place.raw / "documents" / "*.parquet").collect_schema()
    assert (rows["amount"], rows["due_date"], rows["document_date"]) == (pl.Decimal(18, 2), pl.Date(), pl.String())
    before = (place.folder / "made.json").stat().st_mtime_ns
    company.make(place, SMALL, lambda _step: None)
    assert (place.folder / "made.json").stat().st_mtime_ns == before


def test_scan_reads_every_table(place):
    assert scanned(place)["wall"] > 0


def test_engines_say_the_same_and_a_wrong_one_is_found(place):
    (place.folder / "peers").mkdir(exist_ok=True)
    ours.run(place)
    duck.run(place)
    frames.run(place)
    assert pl.read_parquet(place.answers / "ours-positions.parquet").height > 100
    assert [answers.differences(place, name) for name in ("duckdb", "duckdb_files", "pandas")] == [{}] * 3
    file = place.answers / "pandas-past_day.parquet"
    wrong = pl.read_parquet(file)
    wrong.with_columns(amount=pl.col("amount") + (pl.int_range(pl.len()) == 0)).write_parquet(file)
    assert answers.differences(place, "pandas") == {
        "past_day": f"1 of {wrong.height:,} rows differ, 1 of {wrong.height:,} of theirs"
    }


def test_sixty_days_begin_with_the_month_ends(place):
    book = place.book()
    asked = as_of_days(book)
    assert len(asked) == len(set(asked)) == 60
    assert set(book.month_ends) <= set(asked)


def test_a_part_that_fails_is_told_and_one_that_lasts_is_ended(tmp_path):
    nowhere = Place.of(tmp_path, 5)
    told = measure.run("refresh.opened", nowhere, limit=60, most_memory=4_000)
    assert told.result is None
    assert "configuration folder" in (told.problem or "")
    assert measure.run("refresh.opened", nowhere, limit=0, most_memory=4_000).problem == "not done within 0 s"


def test_time_that_the_host_took_away_is_measured(tmp_path, monkeypatch):
    # The system counts up from the start: 100 ticks of work meanwhile, 30 of them stolen.
    ticks = iter([(1_000, 50), (1_100, 80)])
    monkeypatch.setattr(measure, "busy", lambda: next(ticks))
    assert measure.run("refresh.opened", Place.of(tmp_path, 5), limit=60, most_memory=4_000).taken == 0.3


def test_slope_of_a_line_is_one_and_of_a_square_two():
    told = {"by": "n", "points": [{"n": n, "line": 3 * n, "square": n * n, "flat": 5} for n in (1, 2, 4, 8)]}
    assert growth.slopes(told) == pytest.approx({"line": 1, "square": 2, "flat": 0})


def test_page_keeps_its_prose_and_judges_by_size(tmp_path):
    kept = {
        "refresh.product": {"peak": 1_600, "result": {"wall": 3.0, "cpu": 5.0}},
        "refresh.scan": {"result": {"wall": 0.5}, "taken": 0.31},
    }
    stamp = {
        "day": "2026-01-01",
        "machine": {"processor": "P", "cores": 2, "memory_gb": 4},
        "versions": {},
        "commit": "",
    }
    for size in (1_000_000, 10_000_000):
        (tmp_path / str(size)).mkdir()
        parts = {name: {**told, "stamp": stamp} for name, told in kept.items()}
        (tmp_path / str(size) / "results.json").write_text(json.dumps(parts))
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.write(tmp_path, page)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "**6.0 ×** (< 15.0 ×: met)" in text
    assert "1,000,000 documents: **disturbed**: of the processors' time the host took away refresh.scan 31%" in text
    assert "**1.6 GB** (< 1.5 GB: missed) | **1.6 GB** (< 6.0 GB: met)" in text


def test_page_without_results_or_marks_is_refused(tmp_path):
    with pytest.raises(OutstandingError, match="Nothing was measured"):
        report.write(tmp_path, tmp_path / "page.md")
    (tmp_path / "5").mkdir()
    (tmp_path / "5" / "results.json").write_text("{}")
    (tmp_path / "page.md").write_text("no marks")
    with pytest.raises(OutstandingError, match="has no line"):
        report.write(tmp_path, tmp_path / "page.md")


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "0.4 ms"), (0.0123, "12 ms"), (0.9999, "1.0 s"), (3.14, "3.1 s"), (1234.5, "1,234 s")]
)
def test_seconds_are_written_in_the_unit_that_fits(value, text):
    assert targets.seconds(value) == text


def test_percentile_is_a_value_that_was_measured():
    assert [measure.percentile([4, 1, 3, 2], share) for share in (1, 50, 75, 95)] == [1, 2, 3, 4]
