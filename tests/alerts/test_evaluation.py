"""All rules asked at once: what goes wrong in one stops no other, and whom alerts go to."""

from __future__ import annotations

import logging

import pytest

from alerts import evaluation
from alerts.evaluation import UNEXPECTED, evaluate
from config.alerts import BrokenRule
from metrics import Targets
from tests.alerts.books import NOBODY, company, found, name_of, owes, owners, rule
from tests.ledger.books import book

BOOKS = company(owes("Big", 500), owes("Small", 0, 500), owes("Calm", 100, 900, region="APAC", collector="Bob"))
GOOD = rule("region", by="region", value=0.3)


def test_a_broken_rule_stops_no_other():
    wrong = (rule("metric", metric="overdue_shar", value=1), rule("dimension", by="regio", value=0.3))
    told = evaluate(BOOKS, (*wrong, GOOD), (BrokenRule("typo", "alerts.toml: no."),), NOBODY, Targets(), "3mo")
    assert [name_of(case) for case in told.cases] == ["region: EMEA"]
    problems = {tally.rule: tally.problem for tally in told.tallies}
    assert problems == {
        "metric": "There is no metric 'overdue_shar'; did you mean 'overdue_share'?",
        "dimension": "There is no dimension 'regio'; did you mean 'region'?",
        "region": "",
        "typo": "alerts.toml: no.",
    }


def test_a_mistake_of_ours_stops_no_other_either(monkeypatch, caplog):
    class Failing(evaluation.Asking):
        def numbers(self, days):
            if self.rule.id == "bad":
                raise ZeroDivisionError("secret")
            return super().numbers(days)

    monkeypatch.setattr(evaluation, "Asking", Failing)
    with caplog.at_level(logging.ERROR):
        told = found(BOOKS, rule("bad", value=0.1), GOOD)
    assert [name_of(case) for case in told.cases] == ["region: EMEA"]
    assert told.tallies[0].problem == UNEXPECTED
    assert "secret" not in UNEXPECTED
    assert "'bad' could not be asked" in caplog.text


@pytest.mark.parametrize("part", ["cause", "Folding"])
def test_an_alert_is_told_even_where_its_cause_cannot_be(monkeypatch, part):
    def fails(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(evaluation, part, fails)
    told = found(BOOKS, rule("company", value=0.2), GOOD)
    assert {name_of(case) for case in told.cases} == {"company: Acme", "region: EMEA"}
    assert [case.cause for case in told.cases] == [None, None]


def test_every_rule_is_counted():
    told = found(BOOKS, GOOD, rule("quiet", value=0.9))
    assert [(tally.rule, tally.judged, tally.breached) for tally in told.tallies] == [("region", 2, 1), ("quiet", 1, 0)]
    assert told.day == BOOKS.last_day


def test_a_rule_that_is_switched_off_is_not_asked():
    assert found(BOOKS, rule("region", by="region", value=0.3, enabled=False)).tallies == ()


def test_what_is_within_but_not_by_the_margin_is_held():
    # EMEA is at 50 %: beyond no limit of 52 %, but not back by five points.
    told = found(BOOKS, rule("region", by="region", value=0.52, margin=0.05))
    assert told.cases == ()
    assert len(told.held) == 1


def test_an_empty_book_raises_nothing():
    told = found(book(), GOOD)
    assert (told.cases, told.held, told.day) == ((), frozenset(), None)
    assert [(tally.rule, tally.judged, tally.problem) for tally in told.tallies] == [("region", 0, "")]


def test_the_most_severe_come_first_then_the_most_money():
    told = found(
        BOOKS,
        rule("small", metric="overdue", by="region", where={"region": "APAC"}, value=90),
        rule("info", metric="billed", edge="above", value=10, severity="info"),
        rule("large", metric="overdue", by="region", where={"region": "EMEA"}, value=90),
        rule("act", by="collector", where={"collector": "Bob"}, value=0.05, severity="act"),
    )
    order = [(case.breach.rule.id, case.under is None) for case in told.cases]
    assert order == [("act", True), ("small", False), ("large", True), ("info", True)]


SETTINGS = owners(boss="The boss", ann="Ann", credit="Credit")


@pytest.mark.parametrize(
    ("table", "owner"),
    [
        ({}, "boss"),
        ({"owner": "credit"}, "credit"),
        ({"owner": "gone"}, "boss"),
        ({"by": "collector", "where": {"collector": "Ann"}, "owner_by": "collector", "owner": "credit"}, "ann"),
        ({"by": "customer", "owner_by": "collector", "owner": "credit"}, "ann"),
        ({"by": "region", "where": {"region": "EMEA"}, "owner_by": "collector", "owner": "credit"}, "credit"),
        ({"by": "customer", "value": 0.3, "owner_by": "region", "owner": "credit"}, "credit"),
    ],
    ids=str,
)
def test_an_alert_goes_to_whom_the_rule_names(table, owner):
    told = found(BOOKS, rule("r", **{"value": 0.25, **table}), settings=SETTINGS)
    assert {case.owner for case in told.cases} == {owner}


def test_without_owners_nobody_is_named():
    assert {case.owner for case in found(BOOKS, GOOD).cases} == {""}
