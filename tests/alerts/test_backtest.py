"""What a rule would have said: the same as asking it month by month and keeping its alerts by hand."""

from __future__ import annotations

from datetime import date

import pytest

from alerts.backtest import backtest
from alerts.case import Breach
from alerts.judging import breaches
from alerts.stake import stake_of
from ledger.conversion import Conversion
from tests.alerts.series import LAST, MONTH, NO_TARGETS, billing, ends, monthly, rule
from tests.ledger.books import book, customer

D = date.fromisoformat
N = "\u00a0"


def run(of, one, **more):
    return backtest(of, one, NO_TARGETS, MONTH, **more)


def words(of, one, **more):
    return run(of, one, **more).words.replace(N, " ")


def lively():
    rows = [
        *monthly([(7 * n * n) % 31 for n in range(40)], name="A", region="EMEA"),
        *monthly([(5 * n * n) % 23 for n in range(40)], name="B", region=None, customer_id="C2"),
        *monthly([0] * 25 + [3, 9, 0, 0, 4, 8, 8, 8, 8, 0, 0, 0, 9, 0, 1], name="C", region="APAC"),
    ]
    return book(rows, customers=[customer(), customer("C2", "Two")])


@pytest.mark.parametrize(
    "one",
    [
        rule(value=12, by="region", margin=6),
        rule(value=12, margin=6),
        rule(when="change", value=-4, by=["region", "customer"], against="period", margin=3),
        rule(when="change", value=0.2, percent=True, by="region", edge="above", least=5, margin=0.3),
        rule(when="unusual", value=1, by="region", margin=0.5),
        rule("gross_open", by="customer", when="change", value=6, edge="above", against="period", periods=3, margin=4),
    ],
    ids=["level", "whole", "change", "percent", "unusual", "running"],
)
def test_a_backtest_is_asking_month_by_month(one):
    """The life of each alert kept in dicts: open with a breach, still open while held, ended else."""
    of = lively()
    found = run(of, one)
    assert list(found.days) == ends(25)
    open_since: dict[str, date] = {}
    lives: list[tuple[str, date, date | None]] = []
    counts: list[tuple[int, int, int, int, float]] = []
    peaks: dict[tuple[str, date], list[Breach]] = {}
    for day in found.days:
        now, held, judged_groups = breaches(of, one, day, NO_TARGETS, MONTH)
        beyond = {each.key: each for each in now}
        ended = [key for key in open_since if key not in beyond and key not in held]
        lives += [(key, open_since.pop(key), day) for key in ended]
        new = [key for key in beyond if key not in open_since]
        open_since |= dict.fromkeys(new, day)
        for key, each in beyond.items():
            peaks.setdefault((key, open_since[key]), []).append(each)
        money = sum(abs(each.value - (each.expected or 0.0)) for each in now)
        counts.append((len(open_since), len(new), len(ended), judged_groups, money))
    lives += [(key, since, None) for key, since in open_since.items()]

    told = found.months.select("open", "new", "ended", "judged").rows()
    assert told == [each[:4] for each in counts]
    assert found.months["money"].to_list() == pytest.approx([each[4] for each in counts])
    assert len(lives) > 1
    assert any(each[0] for each in counts)
    got = {(tuple(row[name] for name in one.by), row["opened_on"]): row for row in found.episodes.iter_rows(named=True)}
    assert len(got) == found.episodes.height == len(lives)
    for key, since, until in lives:
        its = peaks[key, since]
        row = got[tuple(value for _, value in its[0].group), since]
        assert row["ended_on"] == until
        assert row["peak"] in {each.value for each in its}
        sign = -1 if one.edge != "above" else 1
        assert row["peak"] == max(its, key=lambda each: (sign * each.quantity, -each.day.toordinal())).value
        assert row["money"] == pytest.approx(max(abs(each.value - (each.expected or 0.0)) for each in its))
        assert row["months"] == sum(since <= day and (until is None or day < until) for day in found.days)


def test_an_alert_stays_open_until_the_margin():
    """Below 100, and back from 102 on: 101 opens nothing and ends nothing."""
    found = run(billing(150, 101, 99, 101, 101, 102, 101, 98, 102), rule(value=100))
    assert found.months["open"].to_list() == [0, 0, 1, 1, 1, 0, 0, 1, 0]
    assert found.episodes.select("opened_on", "ended_on", "months", "peak", "money").rows() == [
        (D("2024-11-30"), D("2024-12-31"), 1, 98.0, 2.0),
        (D("2024-06-30"), D("2024-09-30"), 3, 99.0, 1.0),
    ]
    assert found.months["money"].to_list() == [0, 0, 1, 0, 0, 0, 0, 2, 0]


def test_what_cannot_be_judged_any_more_ends():
    of = billing(50, 50, 0, 50)
    one = rule(when="change", value=0.1, percent=True, edge="at_most", against="period")
    assert run(of, one).months.select("judged", "open").rows() == [(0, 0), (1, 1), (1, 1), (0, 0)]


def test_the_sentence():
    assert words(billing(*[150] * 25), rule(value=100)) == "Over 24 months it would not have fired"
    assert words(billing(*[150] * 24, 50), rule(value=100)) == (
        "Over 24 months it would have fired once; open on 1 of 25 days asked; open now"
    )
    assert words(billing(50, 150, 50, 150), rule(value=100)) == (
        "Over 3 months it would have fired twice, 1 of them from the first day on; open on 2 of 4 days asked; not now"
    )
    assert words(billing(50, 150), rule(value=100)) == (
        "Over 1 month it would have fired once, from the first day on; open on 1 of 2 days asked; not now"
    )
    assert words(billing(50), rule(value=100)) == (
        "As of 31 Dec 2024 it would have fired once; open on 1 of 1 days asked; open now"
    )
    by_region = rule(value=12, by="region", margin=6)
    assert words(lively(), by_region, months=6).startswith("Over 6 months it would have fired ")
    assert " for 3 regions" in words(lively(), by_region)
    assert " for 2 entities" in words(
        book([*monthly([5, 6], name="A"), *monthly([5, 5], name="B", entity="E2")]), rule(value=10, by="entity")
    )


def test_the_sentence_says_why_nothing_could_be_judged():
    assert (
        words(billing(50, 50), rule(value=100, least=1e6)) == "It cannot be judged on any day: less than $1.0m is open"
    )
    assert words(book(), rule(value=100)) == "There is nothing that it could be asked of"
    assert run(book(), rule(value=100, by="customer")).episodes.is_empty()


def test_it_can_end_on_any_day_and_takes_a_stake_of_its_own():
    of = billing(*[50] * 30)
    found = run(of, rule(value=100), day=D("2024-06-15"), months=3, stake=lambda row: row["value"] * 2)
    assert found.days == (D("2024-03-15"), D("2024-04-15"), D("2024-05-15"), D("2024-06-15"))
    assert found.months["money"].to_list() == [100.0] * 4
    unknown = run(of, rule(value=100), months=3, stake=lambda _: None)
    assert unknown.months["money"].to_list() == [None] * 4


def test_the_money_is_the_stake_that_alerts_have():
    of = lively()
    one = rule("dso", when="change", value=1, by="region", against="period")
    found = run(of, one)
    assert (
        found.months["money"].to_list()
        == run(of, one, stake=lambda row: stake_of(one, row, MONTH)).months["money"].to_list()
    )
    assert found.episodes["money"].drop_nulls().len() > 0


def test_currencies_are_counted_apart():
    rows = [*monthly([50, 50], name="A"), *monthly([50, 150], name="B", currency="EUR")]
    of = book(rows, rules={"conversion": Conversion.NONE})
    one = rule(when="change", value=0, edge="above", percent=True, against="period", by="currency")
    found = run(of, one)
    assert found.months.select("currency", "open", "judged").rows() == [
        ("EUR", 0, 0),
        ("USD", 0, 0),
        ("EUR", 1, 1),
        ("USD", 0, 1),
    ]
    assert found.episodes.select("currency", "who", "opened_on").rows() == [("EUR", "EUR", LAST)]


def test_episodes_are_named_and_the_latest_come_first():
    of = lively()
    found = run(of, rule(value=12, by="customer", margin=6))
    assert set(found.episodes["who"]) == {"One", "Two"}
    assert found.episodes["opened_on"].is_sorted(descending=True)
