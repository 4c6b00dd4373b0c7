"""The message: what happened, who explains it, and where each finding leads."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
import streamlit as st

from metrics import CATALOG, Target
from metrics.headlines import Headline
from ui import debtors, heading, periods, segments, story, tiles

BEFORE, NOW = date(2026, 7, 31), date(2026, 10, 31)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Answers made of another test's headlines must not be met again."""
    st.cache_data.clear()
    yield
    st.cache_data.clear()


def finding(kind, words, *where, page="pages/receivables/segments.py"):
    return story.Finding(words, kind, page, where)


@pytest.mark.parametrize(
    ("kind", "words", "marked"),
    [
        ("worse", "Region South: 40 % is overdue", "**Region South**:\u2060 40 % is overdue"),
        ("debtor", "A*B owes $2.0m", "**A\\*B** owes \\$2\\.0m"),
        ("currency", "Exchange losses on JPY come to $1", "**Exchange losses on JPY** come to \\$1"),
        ("", "One day of DSO", "One day of DSO"),
        ("worse", "No colon here", "No colon here"),
    ],
)
def test_a_finding_says_in_bold_whom_it_is_about(kind, words, marked):
    assert finding(kind, words).marked == marked


def headline(kind, words, *where, currency="USD", page="pages/receivables/segments.py"):
    return Headline(kind, words, 1.0, currency, "overdue_share", where, page, NOW)


def links(app):
    return {element.proto.label: element.proto for element in app.get("page_link")}


@pytest.mark.usefixtures("published")
def test_findings_lead_to_their_pages_with_filters_set(opened, monkeypatch):
    told = [
        headline("worse", "Region South: worse", ("region", "South"), ("segment", None)),
        headline("debtor", "Plain owes much", ("customer", "C02"), page="pages/receivables/customers.py"),
        headline("worse", "This selection: worse"),
        headline("worse", "In another currency: worse", currency="EUR"),
    ]
    monkeypatch.setattr(story, "headlines", lambda *_: told)
    app = opened()
    drawn = links(app)
    south = next(proto for label, proto in drawn.items() if label.startswith("**Region South**"))
    assert south.query_string == "region=South&segment=Unassigned"
    assert south.page == "segments"
    assert "customer=C02" in next(p for label, p in drawn.items() if label.startswith("**Plain**")).query_string
    said = [element.value for element in app.markdown]
    assert any("**This selection**" in words for words in said)
    assert not any("another currency" in words for words in [*said, *drawn])


@pytest.mark.usefixtures("published")
def test_a_quiet_company_hears_of_dso_and_never_more_than_five_lines(opened, monkeypatch):
    monkeypatch.setattr(story, "headlines", lambda *_: [])
    said = [element.value for element in opened().markdown]
    assert any(words.startswith(":material/schedule: **DSO** is") for words in said)
    assert any("One day of DSO is worth" in words for words in said)
    many = [headline("worse", f"Region {place}: worse") for place in range(5)]
    monkeypatch.setattr(story, "headlines", lambda *_: many)
    st.cache_data.clear()
    said = [element.value for element in opened().markdown]
    assert sum(words.startswith(":material/") for words in said) == len(many)


@pytest.mark.usefixtures("published")
def test_the_title_is_the_movement_of_the_overdue(opened):
    assert opened().title[0].value.startswith("Overdue ")


@pytest.mark.usefixtures("published")
def test_why_dso_changed_takes_the_place_of_the_movement(opened):
    app = opened(overview_change="Why DSO changed")
    assert not app.exception
    assert any("By segment · DSO, days" in caption.value for caption in app.caption)
    assert not any("AR movement" in caption.value for caption in app.caption)


@pytest.mark.usefixtures("published")
def test_why_dso_changed_says_why_it_cannot(opened):
    app = opened(overview_change="Why DSO changed", as_of="2024-07-31")
    assert not app.exception
    assert any("cannot be told" in element.value for element in app.markdown)
    assert any("is not defined on" in caption.value for caption in app.caption)


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
