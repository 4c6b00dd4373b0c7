"""Cohorts and payment behaviour of the demonstration company: its planted stories show, and the split is as told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ledger.behaviour import BEHAVIOUR
from ledger.book import Book, BookRules
from ledger.build import build_book
from ledger.scope import Scope
from metrics import at_risk, behaviour, cohorts, evaluate
from tests.data_sources.demo_company import LAST_DAY, company

STORY = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
DIMENSIONS = ("entity", "region", "segment", "collector", "risk_class", BEHAVIOUR)
CONSTRUCTION = Scope.of(region="Continental Europe", segment="Construction")
BELL = Scope.of(collector="Marcus Bell")


@pytest.fixture(scope="module")
def book() -> Book:
    tables = company(60_000).tables()
    return build_book(tables, BookRules(dimensions={name: name for name in DIMENSIONS}, today=LAST_DAY))


def slipping(book, scope=None):
    rows = behaviour(book, LAST_DAY, scope or Scope())
    return (rows["class"] == "slipping").sum() / rows.height


def test_the_split_is_that_of_the_docs(book):
    counts = dict(behaviour(book, LAST_DAY)["class"].value_counts().iter_rows())
    money = evaluate(book, ["gross_open", "overdue_share"], [LAST_DAY], by=[BEHAVIOUR])
    for kind, count in counts.items():
        if kind is None:
            assert f"{count} customers paid nothing in the year and owe nothing" in STORY
            continue
        of = dict(money.filter(pl.col(BEHAVIOUR) == kind).select("metric", "value").iter_rows())
        line = f"| {kind} | {count} | {of['gross_open'] / 1e6:.2f} | {of['overdue_share'] * 100:.1f}% |"
        assert line in STORY


def test_who_was_made_to_pay_later_is_slipping(book):
    # About 4 days a month since March in the one story, since the turn of the year in the other.
    assert slipping(book, CONSTRUCTION) > 0.4
    assert slipping(book, BELL) > 0.3
    others = behaviour(book, LAST_DAY).join(
        pl.concat([behaviour(book, LAST_DAY, scope) for scope in (CONSTRUCTION, BELL)]), on="customer", how="anti"
    )
    assert (others["class"] == "slipping").sum() / others.height < 0.1
    # The year before nobody had been told to.
    before = behaviour(book, date(2025, 10, 31), CONSTRUCTION)
    assert (before["class"] == "slipping").sum() / before.height < 0.2


def test_the_debtor_who_slid_into_ninety_days_is_at_risk(book):
    row = behaviour(book, LAST_DAY, Scope.of(customer="0010002")).row(0, named=True)
    # 873,506.90 of the 1,522,361.27 dollars that docs/demo.md tells: 57.4 %.
    assert row["class"] == "at risk"
    assert row["over_90_share"] == pytest.approx(873506.90 / 1522361.27)
    assert row["reason"] == "57\u00a0% of what it owes is more than 90\u00a0days late"
    assert row["overdue"] == 1247780.88
    # A year before the story it paid as others do.
    assert behaviour(book, date(2026, 2, 28), Scope.of(customer="0010002"))["class"].item() != "at risk"


def test_cohorts_show_construction_paying_later_and_hold_all_that_was_paid(book):
    assert book.frames["cohorts"]["paid"].sum() == book.frames["flows"]["paid"].sum()
    rows = cohorts(book, LAST_DAY, scope=CONSTRUCTION).filter(pl.col("age") == 60).drop_nulls("share").sort("month")
    assert rows["share"][0] - rows["share"][-1] > 0.3
    assert rows["month"].to_list()[-1] == date(2026, 8, 31)


def test_at_risk_shows_the_debtor(book):
    rows = at_risk(book, LAST_DAY, scope=Scope.of(customer="0010002")).drop_nulls("share").sort("month")
    before, since = rows.filter(pl.col("month") < date(2026, 3, 1)), rows.filter(pl.col("month") >= date(2026, 3, 1))
    assert before["share"].to_list() == [0.0] * 4
    assert since["share"].is_between(0.6, 1).all()


def test_splitting_the_cells_costs_less_than_twice_the_positions(book):
    plain = BookRules(dimensions={name: name for name in DIMENSIONS[:-1]}, today=LAST_DAY)
    whole = build_book(company(60_000).tables(), plain)
    assert book.frames["positions"].height < 2 * whole.frames["positions"].height
    assert evaluate(book).equals(evaluate(whole))
