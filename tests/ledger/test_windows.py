"""Days, month-ends and windows."""

from __future__ import annotations

import polars as pl
import pytest

from ledger import facts
from ledger.calendar import Window, month_end, month_ends, months_before
from ledger.errors import ConfigError
from tests.ledger.books import day


@pytest.mark.parametrize(
    ("end", "text", "start", "days"),
    [
        ("2024-03-31", "3mo", "2024-01-01", 91),
        ("2023-03-31", "3mo", "2023-01-01", 90),
        ("2024-02-29", "3mo", "2023-12-01", 91),
        ("2023-02-28", "3mo", "2022-12-01", 90),
        ("2024-02-29", "1mo", "2024-02-01", 29),
        ("2024-02-28", "1mo", "2024-01-29", 31),
        ("2023-02-28", "12mo", "2022-03-01", 365),
        ("2024-02-29", "12mo", "2023-03-01", 366),
        ("2024-05-31", "3mo", "2024-03-01", 92),
        ("2024-04-30", "2mo", "2024-03-01", 61),
        ("2024-12-31", "12mo", "2024-01-01", 366),
        ("2024-05-15", "3mo", "2024-02-16", 90),
        ("2024-03-30", "1mo", "2024-03-01", 30),
        ("2024-05-30", "3mo", "2024-03-01", 91),
        ("2024-03-31", "90d", "2024-01-02", 90),
        ("2024-03-31", "1d", "2024-03-31", 1),
        ("2024-03-31", "366d", "2023-04-01", 366),
        ("2024-03-31", " 3mo ", "2024-01-01", 91),
    ],
)
def test_a_window_ends_on_its_day_and_its_days_are_counted(end, text, start, days):
    window = Window.ending(day(end), text)
    assert (str(window.start), str(window.end), window.days) == (start, end, days)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "mo",
        "d",
        "0d",
        "0mo",
        "-3mo",
        "3 mo",
        "3m",
        "3MO",
        "3mos",
        "1.5mo",
        "90days",
        "12345d",
        "03mo",
        "3mo;",
        "٣mo",
    ],
)
def test_other_forms_are_refused_in_one_sentence(text):
    with pytest.raises(ConfigError, match=r"is not of the form '3mo' \(calendar months\) or '90d' \(days\)\.$"):
        Window.ending(day("2024-03-31"), text)


@pytest.mark.parametrize(("end", "text"), [("0001-01-01", "1d"), ("0001-01-31", "1mo"), ("0500-03-31", "9999mo")])
def test_a_window_cannot_begin_before_the_calendar(end, text):
    with pytest.raises(ConfigError, match="reaches back too far"):
        Window.ending(day(end), text)


@pytest.mark.parametrize("end", ["2024-01-31", "2024-02-29", "2023-02-28", "2024-04-30", "2024-12-31"])
def test_windows_of_following_month_ends_touch_and_never_overlap(end):
    window = Window.ending(day(end), "1mo")
    assert Window.ending(window.opening, "1mo").end == window.opening
    assert window.opening == month_end(window.opening)


def test_month_ends_are_those_of_the_months_that_have_ended():
    ends = month_ends(day("2023-12-15"), day("2024-03-30"))
    assert [str(end) for end in ends] == ["2023-12-31", "2024-01-31", "2024-02-29"]
    assert month_ends(day("2024-02-01"), day("2024-02-28")) == []
    assert month_ends(day("2024-02-29"), day("2024-02-29")) == [day("2024-02-29")]


def test_months_before_a_month_end_is_a_month_end():
    assert months_before(day("2024-02-29"), 12) == day("2023-02-28")
    assert months_before(day("2023-02-28"), 12) == day("2022-02-28")
    assert months_before(day("2024-03-30"), 1) == day("2024-02-29")
    assert months_before(day("2024-06-30"), 1) == day("2024-05-31")


def test_windows_that_are_not_in_order_are_refused():
    early, late = Window.ending(day("2025-06-30"), "3mo"), Window.ending(day("2026-06-30"), "3mo")
    nothing = pl.LazyFrame({"day": []}, schema={"day": pl.Date})
    assert facts.within(nothing, [early, late]).collect().is_empty()
    with pytest.raises(ValueError, match="not in order"):
        facts.within(nothing, [late, early])
