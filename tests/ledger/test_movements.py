"""Flows of windows: months and days add up to each day once, wherever a window begins and ends."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from ledger.calendar import Window
from ledger.choosing import Choice
from ledger.movements import Movements

FIRST = date(2024, 1, 17)
DAILY = pl.DataFrame(
    {"day": [FIRST + timedelta(days=n) for n in range(110) for _ in range(2)], "cell": [0, 1] * 110, "billed": 1},
    schema_overrides={"cell": pl.UInt32, "billed": pl.Int64},
)
CELLS = pl.DataFrame({"cell": [1], "group": [0]}, schema_overrides={"cell": pl.UInt32, "group": pl.UInt32})
CHOICE = Choice(CELLS, CELLS.select("group"), pl.Series([None, 0], dtype=pl.UInt32))
MOVEMENTS = Movements(DAILY)


def days_in(window: Window) -> int:
    """How many days of the history a window has: what one cell that moves by 1 a day moves by."""
    last = FIRST + timedelta(days=109)
    return max(0, (min(window.end, last) - max(window.start, FIRST)).days + 1)


@pytest.mark.parametrize("start", [date(2024, 1, 1), FIRST, date(2024, 2, 1), date(2024, 2, 2), date(2024, 3, 31)])
def test_a_window_has_each_of_its_days_once(start):
    for length in range(1, 125, 3):
        window = Window(start, start + timedelta(days=length - 1))
        assert MOVEMENTS.within([window], CHOICE, ["billed"]).rows() == [
            row for row in [(window.end, 0, days_in(window))] if row[2]
        ]


@pytest.mark.parametrize("length", [1, 20, 31, 62])
@pytest.mark.parametrize("step", [1, 20, 31, 45])
def test_windows_that_overlap_or_leave_days_out_have_each_of_their_days_once(length, step):
    ends = [date(2024, 1, 31) + timedelta(days=step * n) for n in range(4)]
    windows = [Window(end - timedelta(days=length - 1), end) for end in ends]
    found = dict(MOVEMENTS.within(windows, CHOICE, ["billed"]).select("as_of", "billed").iter_rows())
    assert found == {window.end: days_in(window) for window in windows if days_in(window)}


def test_no_window_has_no_rows():
    assert MOVEMENTS.within([], CHOICE, ["billed"]).is_empty()
