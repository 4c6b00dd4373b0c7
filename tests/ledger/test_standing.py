"""What stands open, laid out by days: every day of a ledger in which every kind of life occurs."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ledger import facts, standing
from ledger.standing import Runs, Standing

DOCUMENTS = pl.DataFrame(
    [
        (date(2024, 1, 10), date(2024, 1, 15)),  # opens and closes within a month
        (date(2024, 1, 10), date(2024, 1, 10)),  # of no length
        (date(2024, 1, 20), date(2024, 3, 31)),  # closes on a month-end
        (date(2024, 1, 31), date(2024, 2, 1)),  # open on a month-end alone
        (date(2024, 2, 29), date(2024, 3, 5)),  # opens on a month-end
        (date(2024, 2, 1), None),
        (date(2024, 3, 5), date(2024, 4, 2)),
        (date(2024, 4, 3), date(2024, 4, 5)),  # after the last month-end, before the last day
        (date(2024, 4, 12), date(2024, 4, 14)),  # after the last day
        (date(2024, 4, 12), None),
    ],
    schema={"posting_date": pl.Date, "closed_on": pl.Date},
    orient="row",
).with_row_index("document")
SLICES = DOCUMENTS.rename({"posting_date": "opened_on"}).with_columns(
    customer=pl.col("document") // 2, due="opened_on", amount=pl.lit(2, pl.Int64) ** pl.col("document")
)
DAYS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 10)]
EVERY_DAY = [date(2024, 1, 8) + timedelta(days=n) for n in range(100)]


def reader(slices: pl.DataFrame, days: list[date]) -> Standing:
    return Standing(days, *(Runs.of(frame) for frame in standing.build(slices, DOCUMENTS, days)))


def open_on(slices: pl.DataFrame, day: date) -> list[int]:
    alive = (slices["opened_on"] <= day) & (slices["closed_on"].is_null() | (slices["closed_on"] > day))
    return slices["document"].filter(alive.fill_null(value=True)).to_list()


@pytest.mark.parametrize("days", [DAYS, DAYS[:1], []], ids=["months", "one", "none"])
def test_every_day_has_what_is_open_at_its_close(days):
    read = reader(SLICES, days)
    for day in EVERY_DAY:
        found = read.open_at([day]).collect()
        assert sorted(found["document"]) == open_on(SLICES, day), day
        assert (found["as_of"] == day).all()


def test_many_days_at_once_are_each_of_them():
    read = reader(SLICES, DAYS)
    found = read.open_at(EVERY_DAY).collect()
    for day in EVERY_DAY:
        assert sorted(found.filter(pl.col("as_of") == day)["document"]) == open_on(SLICES, day), day


def test_it_reads_as_slices_do_and_lends_the_posting_date():
    read = reader(SLICES, DAYS).open_at(DAYS)
    plain = facts.alive(SLICES.lazy(), DAYS).drop("due").with_columns(posting_date="opened_on")
    columns = plain.collect_schema().names()
    assert_frame_equal(read.select(columns).sort(columns).collect(), plain.sort(columns).collect())


def test_a_month_end_is_read_without_a_copy_in_the_order_of_customers():
    rows = Runs.of(standing.build(SLICES, DOCUMENTS, DAYS)[0]).on([DAYS[1], DAYS[0]])
    assert rows["as_of"].is_sorted()
    assert rows.filter(pl.col("as_of") == DAYS[0])["customer"].is_sorted()


def test_parts_stand_one_after_the_other():
    parts = [standing.build(SLICES.slice(at, 4), DOCUMENTS, DAYS) for at in (0, 4, 8)]
    read = Standing(DAYS, *(Runs.of(pl.concat(frames)) for frames in zip(*parts, strict=True)))
    for day in EVERY_DAY:
        assert sorted(read.open_at([day]).collect()["document"]) == open_on(SLICES, day), day
