"""What a pack says, before it is any file: the figures of the screen, whatever the books and the part of them."""

from __future__ import annotations

import math
from datetime import date
from functools import cache

import polars as pl
import pytest

import metrics
from briefing import groups, losses, story
from briefing.answers import Direct
from briefing.summary import Summary
from briefing.told import Raised
from briefing.view import Against, View
from config.packs import SECTIONS, PackSettings, SectionSettings
from config.targets import Goal
from exports.pack.compose import KPIS, LABELS, compose
from exports.pack.content import Chart, Lines, Pack, Page, Table, Tiles
from ledger.build import build_book
from ledger.errors import OutstandingError
from ledger.scope import Scope
from metrics import CATALOG, Plan, Targets, text
from tests.app import company
from tests.exports import customers

TODAY = date(2026, 7, 15)
PLAN = Plan()


@cache
def shop():
    goals = {
        "dso": [Goal("dso", good=30, attention=40)],
        "overdue_share": [Goal("overdue_share", good=0.1, attention=0.2)],
    }
    targets = Targets.of(goals, "targets.toml")
    return Direct(build_book(company.tables(), company.rules(), source="books"), targets)


@cache
def several():
    """Five currencies that nothing says how to convert."""
    return Direct(customers.written_to(converted=False), Targets())


def view_of(answers, currency="USD", scope=None, day=None, against=Against.YEAR):
    book = answers.book
    return View(day or book.last_day, "3mo", scope or Scope(), currency, against=against)


def made(answers, view, *sections, commentary=None, **changes) -> Pack:
    chosen = PackSettings(name="board", **({"sections": sections} if sections else {}), **changes)
    raised = Raised((), "3mo", answers.book.rules.reporting_currency, TODAY)
    return compose(chosen, view, answers, raised=raised, plan=PLAN, commentary=commentary or {})


def page(pack: Pack, section: str) -> Page:
    return next(each for each in pack.pages if each.section == section)


def table(of: Page, name: str) -> Table:
    return next(block for block in of.blocks if isinstance(block, Table) and block.name == name)


def facts(answers):
    """What the numbers rest on, a line each."""
    (first, *_) = (each for each in made(answers, view_of(answers)).pages if each.section == "definitions")
    return next(block for block in first.blocks if isinstance(block, Lines)).lines


def values(answers, view, ids, by=()):
    rows = metrics.evaluate(answers.book, ids, [view.day], view.window, view.scope, by)
    return rows.filter(pl.col("currency") == view.currency)


# --- the same figures ---------------------------------------------------------------------------------------------


def test_the_default_pack_has_every_section_in_order_each_with_a_message():
    pack = made(shop(), view_of(shop()))
    assert list(dict.fromkeys(each.section for each in pack.pages)) == list(SECTIONS)
    assert list(LABELS) == list(SECTIONS)
    assert all(each.title.strip() and each.label.strip() for each in pack.pages)
    assert pack.about.snapshot == shop().book.fingerprint


def test_the_summary_is_the_overview():
    answers, view = shop(), view_of(shop())
    raised = Raised((), "3mo", "USD", TODAY)
    summary = Summary.read(answers, view, raised)
    told = page(made(answers, view), "summary")
    assert told.title == story.message(answers, view, summary.values())
    (tiles,) = (block for block in told.blocks if isinstance(block, Tiles))
    known = dict(values(answers, view, [tile.metric for tile in tiles.tiles]).select("metric", "value").iter_rows())
    assert {tile.metric: tile.value for tile in tiles.tiles} == known
    assert {tile.metric: tile.state for tile in tiles.tiles}["dso"] == summary.state("dso", known["dso"])


def test_ageing_adds_up_to_total_ar_then_and_now():
    answers, view = shop(), view_of(shop())
    rows = table(page(made(answers, view), "aging"), "Ageing").rows
    for column, day in (("Amount", view.day), ("Before", view.base)):
        assert day is not None
        total = metrics.evaluate(answers.book, ["total_ar"], [day])["value"][0]
        *parts, last = rows[column].to_list()
        assert last == pytest.approx(total, abs=0.005)
        assert sum(parts) == pytest.approx(total, abs=0.005)
    *_, unapplied, _total = rows["Share"].to_list()
    assert unapplied is None
    assert sum(share for share in rows["Share"] if share is not None) == pytest.approx(1)


def test_the_movement_ties_out():
    answers, view = shop(), view_of(shop())
    rows = dict(table(page(made(answers, view), "movement"), "Movement").rows.iter_rows())
    *lines, closing = rows.values()
    assert sum(lines) == pytest.approx(closing, abs=0.005)
    assert closing == values(answers, view, ["total_ar"])["value"][0]


def test_segments_are_those_of_the_metrics_with_the_states_of_the_targets():
    answers, view = shop(), view_of(shop())
    league = table(page(made(answers, view, SectionSettings(section="segments", by="region")), "segments"), "By region")
    known = values(answers, view, groups.METRICS, ["region"])
    for place, row in enumerate(league.rows.iter_rows(named=True)):
        region = None if row["Region"] == "Unassigned" else row["Region"]
        for metric in groups.METRICS:
            (value,) = known.filter(
                (pl.col("metric") == metric) & pl.col("region").eq_missing(pl.lit(region, pl.String))
            )["value"]
            assert row[CATALOG[metric].label] == value
            state = answers.targets.state(metric, value, view.day, {"region": region})
            assert league.states.get((place, CATALOG[metric].label)) == state


def test_the_largest_come_first_and_all_of_them_are_there():
    answers, view = shop(), view_of(shop())
    told = table(
        page(made(answers, view, SectionSettings(section="exposures", rows=3)), "exposures"), "Largest exposures"
    )
    owed = values(answers, view, ["total_ar"], ["customer"]).filter(pl.col("value") > 0)
    assert told.rows["Owed"].to_list() == sorted(owed["value"], reverse=True)
    assert (told.shown.height, told.left_out) == (3, owed.height - 3)
    assert set(told.rows["Limit"]) == {5000.0}


def test_the_allowance_is_that_of_the_provision():
    answers, view = shop(), view_of(shop())
    matrix = table(page(made(answers, view), "risk"), "Provision matrix").rows
    rows = metrics.provision(answers.book, view.day, PLAN).filter(pl.col("currency") == "USD")
    *parts, total = matrix["Allowance"].to_list()
    assert total == pytest.approx(float(rows["allowance"].sum()))
    assert sum(parts) == pytest.approx(total)
    assert page(made(answers, view), "risk").title == losses.message(
        losses.reading(answers, view, view.day, PLAN), losses.base(answers, view, PLAN), view
    )


def test_every_metric_of_the_pack_is_defined():
    pack = made(shop(), view_of(shop()))
    defined = table(pack.pages[-1], "Definitions").rows
    assert defined["Measure"].to_list() == [CATALOG[id].label for id in pack.metrics]
    assert defined["How it is computed"].to_list() == [CATALOG[id].formula for id in pack.metrics]


def test_the_workbooks_parts_give_the_values_of_the_metrics():
    pack = made(shop(), view_of(shop()))
    assert pack.parts["as_of"].to_list() == [pack.about.as_of, date(2025, 6, 30)]
    now = pack.parts.row(0, named=True)
    known = {row["metric"]: row["value"] for row in pack.values.iter_rows(named=True) if row["as_of"] == now["as_of"]}
    assert set(known) == set(KPIS)
    assert now["total_ar"] == known["total_ar"]
    assert now["total_ar"] / now["credit_sales"] * now["days"] == pytest.approx(known["dso"])
    assert now["overdue"] / now["gross_open"] == pytest.approx(known["overdue_share"])


def test_charts_hold_the_numbers_of_their_tables():
    pack = made(shop(), view_of(shop()))
    charts = [block.figure for each in pack.pages for block in each.blocks if isinstance(block, Chart)]
    assert len(charts) >= 7
    for figure in charts:
        assert figure.native is not None, figure.name
        for series in figure.native.series:
            assert len(series.values) == len(figure.native.categories), figure.name


# --- what is chosen -----------------------------------------------------------------------------------------------


def test_sections_are_told_as_chosen_with_their_commentary():
    words = "First.\n\nSecond."
    pack = made(
        shop(), view_of(shop()), "aging", SectionSettings(section="dso", title="Days"), commentary={"dso": words}
    )
    assert [each.section for each in pack.pages] == ["aging", "dso"]
    assert (page(pack, "dso").label, page(pack, "dso").commentary) == ("Days", words)
    assert page(pack, "aging").commentary == ""


def test_a_dimension_that_is_not_there_is_named():
    with pytest.raises(
        OutstandingError, match="'colour' is no dimension of these books; they have 'region', 'segment'"
    ):
        made(shop(), view_of(shop()), SectionSettings(section="segments", by="colour"))


@pytest.mark.parametrize("against", list(Against), ids=str)
def test_it_is_held_against_what_is_asked(against):
    pack = made(shop(), view_of(shop(), against=against))
    days = {Against.YEAR: 2, Against.PERIOD: 2, Against.TARGET: 1}
    assert pack.parts.height == days[against]
    assert ("Before" in table(page(pack, "aging"), "Ageing").rows.columns) is (against is not Against.TARGET)


def test_a_part_of_the_company_is_told_and_not_the_whole():
    answers = shop()
    narrow = view_of(answers, scope=Scope.of(region="North"))
    pack = made(answers, narrow)
    (now,) = values(answers, narrow, ["total_ar"])["value"]
    assert pack.parts["total_ar"][0] == now
    assert now < values(answers, view_of(answers), ["total_ar"])["value"][0]


# --- whatever the books -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "KWD", "GBP"])
def test_each_of_five_currencies_by_itself(currency):
    answers = several()
    scope = Scope.of(currency=currency)
    pack = made(answers, view_of(answers, currency, scope, customers.DAY))
    (total,) = values(answers, view_of(answers, currency, scope, customers.DAY), ["total_ar"])["value"]
    assert pack.parts["total_ar"][0] == total
    assert pack.about.currency == currency


def test_an_empty_part_says_so_on_every_page():
    answers = shop()
    pack = made(answers, view_of(answers, scope=Scope.of(region="North", segment="None of them")))
    assert {each.section for each in pack.pages} == set(SECTIONS)
    assert page(pack, "summary").title.startswith("Nothing is open on")


def test_before_the_history_nothing_is_open():
    answers = shop()
    pack = made(answers, view_of(answers, day=date(2020, 1, 31)))
    assert page(pack, "summary").title == f"Nothing is open on {text.day(date(2020, 1, 31))}, and nothing moved"


def test_figures_are_numbers_or_missing():
    for answers in (shop(), several()):
        for each in made(answers, view_of(answers)).pages:
            for block in each.blocks:
                if isinstance(block, Table):
                    floats = block.rows.select(pl.col(pl.Float64))
                    assert not any(
                        math.isnan(value) or math.isinf(value) for column in floats for value in column.drop_nulls()
                    )


# --- what is not known is said ------------------------------------------------------------------------------------


def test_that_nobody_asked_the_rules_is_not_that_no_rule_is_broken():
    answers, view = shop(), view_of(shop())
    chosen = PackSettings(name="board").of(["alerts"])
    for asked, title in ((None, "The alert rules have not been asked"), (company.LAST, "No alert is open")):
        raised = Raised((), "3mo", "USD", TODAY, asked=asked)
        (told,) = compose(chosen, view, answers, raised=raised, plan=PLAN).pages
        assert told.title == title


def test_the_fields_have_a_line_only_where_one_changed_sharply():
    rows = company.tables()
    emptied = rows["documents"].with_columns(number=pl.lit(None, pl.String))
    changed = build_book(rows | {"documents": emptied}, company.rules(), before=shop().book)
    answers = Direct(changed, Targets())
    said = {line.words: line.more for line in facts(answers)}
    assert said["Number of documents is empty; 100.0\u00a0% of the rows had it before"] == ""
    assert len(facts(shop())) == len(said) - 1


def test_early_in_the_history_nothing_is_told_of_windows_that_begin_before_it():
    answers = shop()
    day = date(2024, 8, 31)
    assert answers.book.first_day == date(2024, 7, 19)
    pack = made(answers, view_of(answers, day=day))
    assert page(pack, "movement").title == "Movement cannot be told"
    assert page(pack, "why").title == "Why it moved cannot be told"
    assert page(pack, "dso").title.startswith(f"DSO is not known on {text.day(day)}: the history does not reach back")
    measures = table(page(pack, "dso"), "DSO measures")
    assert measures.rows["Now"].drop_nulls().is_empty()
    assert measures.states == {}
    assert pack.lines == (f"Compared with nothing: the history does not reach back to {text.day(date(2023, 8, 31))}",)


def test_money_in_other_currencies_is_said_to_be_left_out():
    answers = several()
    (_, left_out) = made(answers, view_of(answers, "JPY", Scope.of(currency="JPY"), customers.DAY)).lines
    assert left_out.startswith("Only amounts in JPY: those in EUR, GBP, KWD and USD are not in it")


def test_dso_of_a_month_gone_by_is_not_that_of_the_day():
    answers = several()
    told = page(made(answers, view_of(answers, "KWD", Scope.of(currency="KWD"), customers.DAY)), "dso")
    assert told.title.startswith(f"DSO is not known on {text.day(customers.DAY)}: no credit sales")


def test_the_share_of_the_largest_is_the_metrics():
    answers, view = shop(), view_of(shop())
    told = page(made(answers, view), "exposures")
    (figure,) = (block.figure for block in told.blocks if isinstance(block, Chart))
    (share,) = values(answers, view, ["top_10_share"])["value"]
    assert f"The 10 largest owe {text.share(share)}" in figure.title


def test_ageing_is_exact_to_the_last_digit_of_its_currency():
    answers = several()
    view = view_of(answers, "KWD", Scope.of(currency="KWD"), customers.DAY)
    rows = table(page(made(answers, view), "aging"), "Ageing").rows
    assert rows["Amount"][-1] == values(answers, view, ["total_ar"])["value"][0] == 77.125
