"""The message: what happened, who explains it, and where each finding leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs

import polars as pl
import pytest

from briefing import groups, needs, periods, story
from briefing.tile import Tile, impact
from briefing.view import Against, View
from charts import LIGHT, sparkline
from ledger.scope import Scope
from metrics import CATALOG, Target, text
from metrics.headlines import Headline
from ui import address, debtors, heading, leading, segments, store

BEFORE, NOW = date(2026, 7, 31), date(2026, 10, 31)


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Answers made of another test's headlines must not be met again."""
    store.forget()
    yield
    store.forget()


def headline(kind, who, *where, currency="USD", page="pages/receivables/segments.py", urgency="act", money=1.0):
    return Headline(kind, f"{who}: all of it", money, currency, "overdue_share", where, page, NOW, who, "why", urgency)


def links(app):
    return {element.proto.label: element.proto for element in app.get("page_link")}


@pytest.mark.usefixtures("published")
def test_who_needs_someone_leads_to_the_page_with_filters_set(opened, monkeypatch):
    told = [
        headline("worse", "Region South", ("region", "South"), ("segment", None)),
        headline("debtor", "Plain", ("customer", "C02"), page="pages/receivables/customers.py"),
        headline("worse", "This selection"),
        headline("worse", "In another currency", currency="EUR"),
        headline("dso", "DSO of 50"),
    ]
    monkeypatch.setattr(needs, "headlines", lambda *_, **__: told)
    app = opened()
    drawn = links(app)
    south = drawn["**Region South**"]
    assert parse_qs(south.query_string) == {"region": ["South"], "segment": ["Unassigned"]}
    assert south.page == "segments"
    assert parse_qs(drawn["**Plain**"].query_string) == {"customer": ["C02"]}
    assert parse_qs(drawn["**DSO of 50**"].query_string) == {"change_of": ["DSO"]}
    said = [element.value for element in app.markdown]
    assert "**This selection**" in said
    assert not any("another currency" in words for words in [*said, *drawn])


@pytest.mark.usefixtures("published")
def test_what_got_better_stands_last_and_is_not_counted(opened, monkeypatch):
    told = [
        headline("better", "Best", ("region", "North"), urgency="better", money=9.0),
        headline("worse", "Region Bad", ("region", "South"), money=1000.0),
        headline("currency", "Yen", ("segment", "Retail"), urgency="watch", money=500.0),
    ]
    told[1] = replace(told[1], brief="$1.0k at stake")
    monkeypatch.setattr(needs, "headlines", lambda *_, **__: told)
    app = opened()
    assert any(element.value == "**2 need someone; the most is at region Bad, \\$1\\.0k**" for element in app.markdown)
    names = [label for label in links(app) if label in ("**Best**", "**Region Bad**", "**Yen**")]
    assert names == ["**Region Bad**", "**Yen**", "**Best**"]


@pytest.mark.usefixtures("published")
def test_a_quiet_company_hears_that_nothing_stands_out(opened, monkeypatch):
    monkeypatch.setattr(needs, "headlines", lambda *_, **__: [])
    app = opened()
    assert "**Nothing stands out**" in [element.value for element in app.markdown]
    early = opened(as_of="2024-09-30")
    assert any("history is too short" in caption.value for caption in early.caption)


@pytest.mark.usefixtures("published")
def test_the_line_under_the_message_leads_to_what_it_tells(opened):
    drawn = {label: proto for label, proto in links(opened()).items() if label.endswith("→]")}
    dso = next(proto for label, proto in drawn.items() if label.startswith(":blue[DSO is"))
    assert (dso.page, parse_qs(dso.query_string)) == ("changes", {"change_of": ["DSO"]})
    assert any("less would be overdue" in label and proto.page == "aging" for label, proto in drawn.items())


@pytest.mark.usefixtures("published")
def test_every_tile_leads_one_level_down_with_the_shared_part(opened):
    drawn = links(opened(region="South", as_of="2026-05-31"))
    shared = {"region": ["South"], "as_of": ["2026-05-31"]}

    def leads(label):
        return drawn[label].page, parse_qs(drawn[label].query_string)

    assert leads("Total AR") == ("customers", shared)
    assert leads("Overdue share") == ("aging", shared)
    assert leads("DSO") == ("changes", {**shared, "change_of": ["DSO"]})
    assert leads("CEI") == ("effectiveness", shared)
    assert leads("Cash collected, 3\u00a0months") == (
        "changes",
        {**shared, "change_of": ["Cash collected"], "group": ["customer"]},
    )
    # C02 has not paid since December: what is oldest on the last day of May lies beyond 120 days.
    page, parameters = leads("Over 90\u00a0days" if "Over 90\u00a0days" in drawn else "Over 90 days")
    assert (page, parameters["region"]) == ("aging", ["South"])
    assert parameters["bucket"] in (["91–120"], ["120+"])


@pytest.mark.parametrize(
    ("compare", "said", "arrow"),
    [
        ("year", "vs PY", "in a year"),
        ("period", "vs 31\u00a0Mar", "since Mar\u00a02026"),
        ("target", "vs target", "target"),
    ],
)
@pytest.mark.usefixtures("published")
def test_tiles_and_titles_say_what_they_compare_with(opened, compare, said, arrow):
    app = opened(compare=compare)
    assert not app.exception
    told = {metric.label: metric.proto.delta_description for metric in app.metric}
    assert told["DSO"].startswith(said)
    titles = [label for label in links(app) if label.startswith("**") and "DSO" in label]
    assert any(arrow in title for title in titles)


@pytest.mark.usefixtures("published")
def test_differences_in_percent_and_money_in_thousands(opened):
    app = opened(differences="percent", numbers="k")
    tile = next(metric for metric in app.metric if metric.label == "Total AR")
    assert tile.delta.endswith("%")
    assert tile.value.endswith("k")
    assert any("USD\u00a0k" in caption.value for caption in app.caption)


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
    assert any("does not reach back to" in caption.value for caption in app.caption)


def test_dso_sentence_tells_the_gap_and_the_late_part():
    values = {"dso": 47.3, "days_delinquent": 12.9}
    told = story.dso_sentence(values, Target(good=42, attention=45))
    assert told == "DSO is 47.3\u00a0days, 5.3 above target: 12.9 of it is late payment, not terms"
    assert not story.dso_sentence({"dso": None}, None)


VIEW = View(NOW, "92d", Scope(), "USD")


def test_a_day_of_dso_in_money():
    told = story.day_of_dso({"dso": 40.0}, 9_200_000, VIEW)
    assert told == "One day of DSO is worth $100.0k"
    assert not story.day_of_dso({"dso": 40.0}, 0, VIEW)


def test_the_target_in_money():
    values = {"overdue": 300_000.0, "gross_open": 1_000_000.0, "overdue_share": 0.3}
    told = story.to_target(values, Target(good=0.2, attention=0.25), VIEW)
    assert told == "At the target of 20\u00a0%, $100.0k less would be overdue"
    assert not story.to_target(values, Target(good=0.4, attention=0.5), VIEW)
    against = replace(VIEW, against=Against.TARGET)
    assert story.target_message(values, Target(good=0.2, attention=0.25), against) == (
        "Overdue is $300.0k, 30.0\u00a0% of what is open: $100.0k beyond the target of 20\u00a0%"
    )
    assert story.target_message(values, Target(good=0.4, attention=0.5), against) == (
        "Overdue is $300.0k, 30.0\u00a0% of what is open: within the target of 40\u00a0%"
    )


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
    assert impact(CATALOG[metric], change) == effect


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


@pytest.mark.usefixtures("published")
def test_a_click_on_the_heat_map_opens_the_group(monkeypatch):
    went = []
    monkeypatch.setattr(address, "go", lambda page, changes: went.append((page, changes)))
    segments._open("region", "South")
    segments._open("region", "Unassigned")
    segments._open("region", groups.REST)
    segments._open("region", None)
    assert went == [
        (segments.PAGE, {"region": "South"}),
        (segments.PAGE, {"region": "Unassigned"}),
        (segments.PAGE, {"group": "region"}),
    ]


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("2026-10-31/31–60", {"as_of": None, "bucket": "31–60"}),
        ("2026-03-31/120+", {"as_of": "2026-03-31", "bucket": "120+"}),
    ],
)
def test_a_click_on_the_aging_opens_day_and_bucket(monkeypatch, key, changes):
    went = []
    monkeypatch.setattr(address, "go", lambda page, changes: went.append((page, changes)))
    leading.to_bucket(key, VIEW)
    leading.to_bucket(None, VIEW)
    leading.to_month("2026-03-31", VIEW)
    assert went == [
        ("pages/receivables/aging.py", changes),
        ("pages/summary/changes.py", {"change_of": "DSO", "group": None, "as_of": "2026-03-31"}),
    ]


def test_a_long_name_ends_with_an_ellipsis():
    assert debtors.shortened("Calder Voss Fabrication") == "Calder Voss Fabrication"
    assert debtors.shortened("Calder Voss Fabrication and Sons") == "Calder Voss Fabrication and S…"
    assert debtors.shortened("漢" * 20) == "漢" * 14 + "…"


def test_only_a_flow_says_its_window():
    def tile(metric):
        return Tile(metric, 1.0, None, (), "USD", window="3mo")

    assert tile("cash_collected").measured_over == "3\u00a0months"
    assert {tile(metric).measured_over for metric in ("dso", "total_ar", "overdue_share")} == {""}


def test_a_tile_says_its_difference_as_the_reader_wants_it():
    tile = Tile("dso", 50.0, 40.0, (), "USD", target=Target(good=45, attention=49))
    assert (tile.difference, tile.context) == ("+10.0\u00a0days", "vs PY · target 45")
    assert replace(tile, relative=True).difference == "+25.0\u00a0%"
    aimed = replace(tile, versus="target")
    assert (aimed.difference, aimed.context) == ("+5.0\u00a0days", "vs target 45")
    aimless = replace(aimed, target=None)
    assert (aimless.difference, aimless.context) == ("", "no target set")
    assert replace(tile, base=None).context == "PY n/a · target 45"
    money = Tile("total_ar", 1_500_000.0, 1_000_000.0, (), "USD", scale=text.Scale(1e3, "k"))
    assert (money.written, money.difference) == ("$1,500.0k", "+$500.0k")


def test_a_sparkline_ends_in_a_dot_leaves_gaps_and_draws_a_target_among_the_values():
    assert sparkline.svg((None, 1.0, None), "#000000", LIGHT) is None
    drawn = sparkline.svg((1.0, None, 2.0, 3.0), "#123456", LIGHT, target=2.0)
    assert drawn
    line, dot = drawn.split("<path")[-2:]
    assert line.count("M") == 2
    assert line.count("L") == 1
    assert "h0.01" in dot
    assert "stroke-dasharray" in drawn
    assert "stroke-dasharray" not in (sparkline.svg((1.0, 2.0), "#123456", LIGHT, target=90.0) or "stroke-dasharray")
