"""What the shipped rules raise on the demonstration company: what docs/demo.md promises, and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest

from alerts.case import key_of
from alerts.evaluation import evaluate
from alerts.rules import collected
from config.settings import load
from metrics import Targets, text
from tests.alerts.demo_promise import INSIDE, RAISED, inside, promised, raised
from tests.metrics.demo_books import demo

SETTINGS = load()
TARGETS = Targets.of(SETTINGS.targets, "targets.toml")

CONSTRUCTION = key_of("later", (("region", "Continental Europe"), ("segment", "Construction")), "USD")
DEBTOR = key_of("slide", (("customer", "0010002"),), "USD")
COLLECTOR = key_of("backlog", (("collector", "Marcus Bell"),), "USD")
YEN = key_of("exchange", (("currency", "JPY"),), "USD")
RECOVERY = key_of("recovery", (("region", "UK and Ireland"),), "USD")
STORIES = {CONSTRUCTION: "act", DEBTOR: "act", COLLECTOR: "act", YEN: "watch", RECOVERY: "info"}


def asked(book):
    rules = collected(SETTINGS.alerts, (), book, TARGETS)
    return evaluate(book, rules.rules, rules.broken, SETTINGS.alerts, TARGETS, SETTINGS.window.default)


@pytest.fixture(scope="module")
def book():
    company = demo(60_000)
    return replace(company, rules=replace(company.rules, company=SETTINGS.company))


@pytest.fixture(scope="module")
def found(book):
    return asked(book)


def test_every_story_is_one_alert_and_there_is_no_other(found):
    assert {case.key: case.severity for case in found.cases if case.under is None} == STORIES


def test_the_page_promises_exactly_these(found):
    assert raised(found) == promised(RAISED)
    assert inside(found) == promised(INSIDE)


def test_every_rule_can_be_asked(found):
    assert {tally.rule for tally in found.tallies} == {rule.id for rule in SETTINGS.alerts.rules}
    assert [tally.problem for tally in found.tallies if tally.problem] == []
    assert all(tally.judged for tally in found.tallies)


def test_the_rules_use_every_kind():
    assert {rule.when for rule in SETTINGS.alerts.rules} == {"level", "target", "benchmark", "change", "unusual"}


def test_the_most_severe_come_first_and_what_is_the_same_money_right_after(found):
    own = [case for case in found.cases if case.under is None]
    assert [case.severity for case in own] == ["act", "act", "act", "watch", "info"]
    assert [case.money for case in own[:3]] == sorted((case.money for case in own[:3]), reverse=True)
    last = None
    for case in found.cases:
        assert case.under in (None, last)
        last = case.key if case.under is None else last


def test_each_goes_to_whom_it_concerns(found):
    owners = {case.key: case.owner for case in found.cases}
    # Calder Voss is in Priya Raman's books; a collector's backlog is for who looks after collectors.
    assert (owners[DEBTOR], owners[COLLECTOR], owners[CONSTRUCTION]) == ("raman", "credit", "cfo")
    assert owners[YEN] == "treasury"


def test_each_leads_to_the_page_that_helps(found):
    pages = {case.key: (case.page, case.where) for case in found.cases}
    assert pages[DEBTOR] == ("pages/receivables/customers.py", (("customer", "0010002"),))
    assert pages[COLLECTOR] == ("pages/receivables/aging.py", (("collector", "Marcus Bell"),))
    assert pages[CONSTRUCTION][1] == (("region", "Continental Europe"), ("segment", "Construction"))
    assert pages[YEN] == ("pages/summary/changes.py", (("currency", "JPY"),))


def test_the_contributors_and_the_rest_are_the_change(found):
    for case in found.cases:
        assert case.cause is not None, case.key
        told = [each.amount for each in case.cause.contributors]
        assert math.fsum([*told, case.cause.rest]) == pytest.approx(case.cause.change, rel=1e-9)
        assert all(amount * case.cause.change > 0 for amount in told)
        assert [abs(amount) for amount in told] == sorted((abs(amount) for amount in told), reverse=True)


def test_the_company_is_told_by_what_it_is_the_same_money_as(found):
    told = {case.breach.rule.id: case.cause.contributors[0].name for case in found.cases if case.under}
    assert told["over-90"] == "Calder Voss Fabrication Inc."
    assert told["overdue"] == "Marcus Bell"


def test_the_words_are_plain(found):
    words = {case.key: case.words.replace(text.NBSP, " ") for case in found.cases}
    assert words[CONSTRUCTION] == (
        "Construction in Continental Europe pays 25.4 days beyond terms, 19.3 days more than a year before; "
        "the limit is 10 days more"
    )
    assert words[DEBTOR] == (
        "Calder Voss Fabrication Inc. has 57.4 % of its balance more than 90 days late; the limit is 25 %"
    )
    assert words[YEN] == "JPY: exchange losses $363.5k in 6 months; the limit is $100.0k"


def test_the_same_data_give_the_same_alerts(book, found):
    again = asked(replace(book, frames={name: frame.clone() for name, frame in book.frames.items()}))
    assert again.cases == found.cases


def test_without_its_stories_the_company_is_quiet():
    assert asked(demo(60_000, quiet=True)).cases == ()


def test_an_empty_book_raises_nothing(book):
    frames = {name: frame.clear() for name, frame in book.frames.items()}
    empty = asked(replace(book, frames=frames, about={"first_day": None, "last_day": None}))
    assert (empty.cases, empty.held, empty.day) == ((), frozenset(), None)
    assert {tally.judged for tally in empty.tallies} == {0}


def test_the_money_of_the_debtor_is_all_that_is_so_late(book, found):
    row = next(case for case in found.cases if case.key == DEBTOR)
    owed = book.positions([found.day], by=["customer"]).filter(pl.col("customer") == "0010002")
    assert row.money == pytest.approx(owed["over_90"].sum() / 100)
