"""The message: what happened, and who explains it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from config.settings import Target
from metrics import CATALOG
from ui import debtors, heading, periods, segments, story, tiles

BEFORE, NOW = date(2026, 7, 31), date(2026, 10, 31)


def balances(*rows):
    """``(region, segment, before, now)`` as long rows."""
    long = [
        {"as_of": day, "region": region, "segment": segment, "value": float(value)}
        for region, segment, *values in rows
        for day, value in zip((BEFORE, NOW), values, strict=True)
    ]
    return pl.DataFrame(long)


def cause(*rows):
    frame = balances(*rows)
    change = sum(row[3] - row[2] for row in rows)
    return story.cause(frame, ("region", "segment"), BEFORE, change)


def test_a_small_group_that_made_the_change_is_named():
    found = cause(
        ("North", "Retail", 10, 60), ("North", "Industry", 100, 101), ("North", "Public", 100, 101),
        ("South", "Retail", 100, 101), ("South", "Industry", 100, 101), ("South", "Public", 100, 101),
        ("West", "Retail", 100, 101), ("West", "Industry", 100, 101), ("West", "Public", 100, 101),
    )  # fmt: skip
    assert found is not None
    assert dict(zip(found.dimensions, found.values, strict=True)) == {"region": "North", "segment": "Retail"}
    assert found.share == pytest.approx(50 / 58)
    assert found.words({"region": "Region", "segment": "Segment"}) == "segment Retail in region North"


def test_a_change_spread_evenly_has_no_cause():
    regions, segments = ("North", "South", "West", "East"), ("Retail", "Industry", "Public", "Trade")
    assert cause(*((region, segment, 100, 110) for region in regions for segment in segments)) is None


def test_a_fall_has_a_cause_too():
    found = cause(("North", "A", 100, 20), ("South", "A", 100, 98), ("West", "A", 100, 99), ("East", "A", 100, 99))
    assert found is not None
    assert found.values == ("North",)
    assert found.share == pytest.approx(80 / 84)


def test_two_groups_explain_nothing():
    assert cause(("North", "A", 100, 200), ("South", "A", 100, 101)) is None


def test_a_group_without_a_name_can_be_the_cause():
    found = cause((None, "A", 10, 100), ("South", "A", 100, 101), ("West", "A", 100, 101))
    assert found is not None
    assert found.words({"region": "Region", "segment": "Segment"}) == "region Unassigned"


def test_dso_sentence_tells_the_gap_and_the_late_part():
    values = {"dso": 47.3, "days_delinquent": 12.9}
    told = story.dso_sentence(values, Target(good=42, attention=45))
    assert told is not None
    assert told.words == "DSO is 47.3\u00a0days, 5.3 above target: 12.9 of it is late payment, not terms"
    assert story.dso_sentence({"dso": None}, None) is None


def test_a_day_of_dso_in_money():
    told = story.day_of_dso({"dso": 40.0}, 9_200_000, 92, "USD")
    assert told is not None
    assert told.words == "One day of DSO is worth $100.0k"
    assert story.day_of_dso({"dso": 40.0}, 0, 92, "USD") is None


@pytest.mark.parametrize(
    ("metric", "change", "effect"),
    [
        ("dso", 1, "bad"),
        ("dso", -1, "good"),
        ("cei", 1, "good"),
        ("cei", -1, "bad"),
        ("total_ar", 1, None),
        ("dso", 0, None),
    ],
)
def test_a_change_is_coloured_by_its_effect_and_not_its_sign(metric, change, effect):
    assert tiles.impact(CATALOG[metric], change) == effect


def test_the_year_shown_ends_on_the_day_and_has_month_ends_before_it():
    shown = periods.trend(date(2026, 5, 14))
    assert len(shown) == 13
    assert (shown[0], shown[-2], shown[-1]) == (date(2025, 5, 31), date(2026, 4, 30), date(2026, 5, 14))
    assert periods.trend(date(2026, 3, 31), 3) == (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31))


def test_a_month_end_compares_with_a_month_end():
    assert periods.year_before(date(2025, 2, 28)) == date(2024, 2, 29)
    assert periods.period_before(date(2026, 3, 31)) == date(2026, 2, 28)


def gl(*rows):
    """``(entity, as_of, difference)`` in pounds."""
    return pl.DataFrame(
        [{"entity": entity, "currency": "GBP", "as_of": day, "difference": gap} for entity, day, gap in rows],
        schema={"entity": pl.String, "currency": pl.String, "as_of": pl.Date, "difference": pl.Float64},
    )


@pytest.mark.parametrize(
    ("rows", "words", "differs"),
    [
        ([("UK", NOW, 0.0)], "ties to the general ledger", False),
        ([("UK", BEFORE, 0.0)], "general ledger last compared 31\u00a0Jul\u00a02026", False),
        ([("UK", NOW, -18400.0), ("US", NOW, 0.0)], "UK £18,400.00 below the general ledger", True),
        ([("UK", BEFORE, 2.5)], "UK £2.50 above the general ledger on 31\u00a0Jul\u00a02026", True),
        ([("UK", NOW, 0.0), ("UK", BEFORE, 9.0)], "ties to the general ledger", False),
    ],
)
def test_the_head_says_of_the_general_ledger_only_what_was_compared(rows, words, differs):
    assert heading.general_ledger(gl(*rows), NOW) == heading.Ledger(words, differs)


def test_the_head_is_silent_without_a_general_ledger_up_to_the_day():
    assert heading.general_ledger(gl(), NOW) is None
    assert heading.general_ledger(gl(("UK", NOW, 0.0)), BEFORE) is None


def grouped(*rows):
    """``(segment, total_ar, overdue)``."""
    return pl.DataFrame(
        [
            {"segment": name, "total_ar": total, "overdue": overdue, "overdue_share": overdue / total}
            for name, total, overdue in rows
        ]
    )


def test_groups_lead_with_the_most_money_overdue_and_the_highest_share():
    rows = grouped(("Retail", 1000.0, 300.0), ("Public", 500.0, 200.0))
    told = "Retail has the most overdue, $300; Public the highest share, 40.0\u00a0%"
    assert segments.finding(rows, "segment", "USD") == told
    same = grouped(("Retail", 1000.0, 500.0), ("Public", 500.0, 200.0))
    assert segments.finding(same, "segment", "USD") == (
        "Retail has the most overdue, $500, and the highest share, 50.0\u00a0%"
    )
    assert segments.finding(grouped(("A", 9.0, 0.0), ("B", 9.0, 0.0)), "segment", "USD") == (
        "Nothing is overdue in any group"
    )


def test_a_long_name_ends_with_an_ellipsis():
    assert debtors.shortened("Calder Voss Fabrication") == "Calder Voss Fabrication"
    assert debtors.shortened("Calder Voss Fabrication and Sons") == "Calder Voss Fabrication and S…"
    assert debtors.shortened("漢" * 20) == "漢" * 14 + "…"


def test_only_a_flow_says_its_window():
    def tile(metric):
        return tiles.Tile(metric, 1.0, None, None, (), "USD", window="3mo")

    assert tile("cash_collected").measured_over == "3\u00a0months"
    assert {tile(metric).measured_over for metric in ("dso", "total_ar", "overdue_share")} == {""}
