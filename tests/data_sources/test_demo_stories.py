"""The curves of the demonstration company, its planted stories, and the figures that docs/demo.md tells."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.data_sources.demo_company import LAST_DAY, SOURCE, Books, company


@pytest.fixture(scope="module")
def books() -> Books:
    return Books(company(60_000))


MONTH_ENDS = pl.date_range(date(2023, 11, 30), LAST_DAY, "1mo", eager=True).dt.month_end().to_list()
SPRING, YEAR_AGO = date(2026, 2, 28), date(2025, 10, 31)


def test_thirty_six_months_are_believable_from_the_first(books):
    assert len(MONTH_ENDS) == 36
    for day in MONTH_ENDS:
        assert 38 < books.dso(day) < 54, day
        assert 0.14 < books.overdue_share(day) < 0.30, day
        assert 0.008 < books.owed(day, past=90) / books.owed(day) < 0.05, day
        credits = books.open(day).filter(pl.col("open") < 0)["open"].sum()
        assert -0.05 < credits / books.owed(day) < 0, day


def test_very_little_is_written_off(books):
    written_off = books.settlements.filter(pl.col("kind") == "write_off")["usd"].sum()
    billed = books.documents.filter(pl.col("kind") == "invoice")["usd"].sum()
    assert 0.002 < written_off / billed < 0.005


def test_story_of_construction_in_continental_europe_paying_later(books):
    europe = pl.col("region") == "Continental Europe"
    construction = pl.col("segment") == "Construction"
    slowing, others = books.within(europe, construction), books.within(europe, ~construction)
    assert slowing.dso(LAST_DAY) - slowing.dso(SPRING) > 15
    later = [slowing.beyond_terms(day) for day in MONTH_ENDS[-7:]]
    assert later == sorted(later)
    assert abs(others.dso(LAST_DAY) - others.dso(SPRING)) < 8


def test_story_of_the_debtor_sliding_into_ninety_days(books):
    debtor = books.within(pl.col("name") == "Calder Voss Fabrication Inc.")
    slide = [debtor.owed(day, past=90) for day in MONTH_ENDS[-6:]]
    assert slide[0] == 0
    assert slide[1:] == sorted(slide[1:])
    assert slide[-1] > debtor.owed(LAST_DAY) / 3
    assert slide[-1] > books.owed(LAST_DAY) * 0.01
    assert debtor.owed(LAST_DAY) > debtor.documents["credit_limit"][0] * 1.5
    assert debtor.documents["parent_id"].null_count() == 0


def test_story_of_the_collector_with_a_backlog(books):
    def growth(collector: str) -> float:
        accounts = books.within(pl.col("collector") == collector)
        return accounts.owed(LAST_DAY, past=0) / accounts.owed(YEAR_AGO, past=0)

    assert growth("Marcus Bell") > 1.8
    assert growth("Marcus Bell") > 1.4 * growth("Dana Whitlock")


def test_story_of_the_yen(books):
    def yen_and_dollars(day: date) -> tuple[float, float]:
        yen = books.within(pl.col("currency") == "JPY")
        posted = yen.documents.filter(pl.col("posting_date") <= day)["amount"].cast(pl.Float64).sum()
        closed = yen.settlements.filter(pl.col("settled_on") <= day)["amount"].cast(pl.Float64).sum()
        return posted - closed, yen.total(day)

    (yen_before, dollars_before), (yen_now, dollars_now) = yen_and_dollars(SPRING), yen_and_dollars(LAST_DAY)
    assert (dollars_now / dollars_before) / (yen_now / yen_before) < 0.88
    losses = books.within(pl.col("currency") == "JPY").settlements.filter(pl.col("kind") == "fx")
    recent = losses.filter(pl.col("settled_on").is_between(date(2026, 5, 1), LAST_DAY))["usd"].sum()
    before = losses.filter(pl.col("settled_on").is_between(date(2025, 5, 1), YEAR_AGO))["usd"].sum()
    assert recent > 2 * abs(before)


def test_story_of_the_region_that_recovers(books):
    region = books.within(pl.col("region") == "UK and Ireland")
    before = sum(region.dso(day) for day in MONTH_ENDS[-24:-18]) / 6
    now = sum(region.dso(day) for day in MONTH_ENDS[-6:]) / 6
    assert now < before - 6


# The figures that docs/demo.md tells


def _company(books: Books) -> list[str]:
    return [
        f"| {day} | {books.total(day) / 1e6:.2f} | {books.dso(day):.1f} | {books.overdue_share(day):.1%} "
        f"| {books.owed(day, past=90) / books.owed(day):.1%} |"
        for day in (YEAR_AGO, SPRING, LAST_DAY)
    ]


def _construction(books: Books) -> list[str]:
    europe, construction = pl.col("region") == "Continental Europe", pl.col("segment") == "Construction"
    slowing, others = books.within(europe, construction), books.within(europe, ~construction)
    return [
        f"| {day} | {slowing.beyond_terms(day):.1f} | {slowing.dso(day):.1f} | {others.dso(day):.1f} |"
        for day in MONTH_ENDS[-9::2]
    ]


def _debtor(books: Books) -> list[str]:
    debtor = books.within(pl.col("name") == "Calder Voss Fabrication Inc.")
    return [
        f"| {day} | {debtor.owed(day):,.2f} | {debtor.owed(day, past=0):,.2f} | {debtor.owed(day, past=90):,.2f} |"
        for day in MONTH_ENDS[-6:]
    ]


def _collector(books: Books) -> list[str]:
    bell = books.within(pl.col("collector") == "Marcus Bell")
    others = books.within(pl.col("collector") != "Marcus Bell")
    return [
        f"| {day} | {bell.owed(day, past=0):,.0f} | {bell.overdue_share(day):.1%} | {others.overdue_share(day):.1%} |"
        for day in MONTH_ENDS[-13::4]
    ]


def _yen(books: Books) -> list[str]:
    yen = books.within(pl.col("currency") == "JPY")
    lines = []
    for day in (SPRING, LAST_DAY):
        posted = int(yen.documents.filter(pl.col("posting_date") <= day)["amount"].cast(pl.Int64).sum())
        closed = int(yen.settlements.filter(pl.col("settled_on") <= day)["amount"].cast(pl.Int64).sum())
        lines.append(f"| {day} | {posted - closed:,} | {yen.total(day):,.2f} |")
    return lines


def _recovery(books: Books) -> list[str]:
    region = books.within(pl.col("region") == "UK and Ireland")
    return [f"| {day} | {region.beyond_terms(day):.1f} | {region.dso(day):.1f} |" for day in MONTH_ENDS[-19::6]]


@pytest.mark.parametrize("story", [_company, _construction, _debtor, _collector, _yen, _recovery])
def test_documented_figures_are_those_of_the_data(books, story):
    documented = (SOURCE.parents[2] / "docs" / "demo.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in story(books) if line not in documented] == []


def test_documented_exchange_losses_are_those_of_the_data(books):
    losses = books.within(pl.col("currency") == "JPY").settlements.filter(pl.col("kind") == "fx")
    recent = losses.filter(pl.col("settled_on").is_between(date(2026, 5, 1), LAST_DAY))["usd"].sum()
    before = losses.filter(pl.col("settled_on").is_between(date(2025, 5, 1), YEAR_AGO))["usd"].sum()
    documented = " ".join((SOURCE.parents[2] / "docs" / "demo.md").read_text(encoding="utf-8").split())
    assert f"{recent:,.0f} dollars of exchange losses" in documented
    assert f"against {before:,.0f} a year earlier" in documented
