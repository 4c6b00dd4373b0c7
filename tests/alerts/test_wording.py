"""Breaches in words: every kind, every edge, and names that mean harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from alerts.case import Breach
from alerts.wording import Names, brief, words
from metrics import text
from tests.alerts.books import company, found, one, owes, rule

DAY, YEAR = date(2024, 3, 31), date(2023, 3, 31)
NAMES = Names("Acme", {"region": "Region", "segment": "Segment"}, {"C1": "One Inc."})


def breach(value: float, limit: float, quantity: float | None = None, *, group=(), expected=None, **table: Any):
    table = {"value": limit, **table} if table.get("when", "level") in ("level", "change", "unusual") else table
    told = rule("r", **table)
    return Breach(
        rule=told, group=group, currency="USD", day=DAY, value=value, quantity=value if quantity is None else quantity,
        limit=limit, expected=limit if expected is None else expected,
        compared=YEAR if told.when == "change" else None, since=date(2024, 1, 31), history=(),
    )  # fmt: skip


def said(one: Breach, names: Names = NAMES, money: float | None = None) -> str:
    return words(one, names, money).replace(text.NBSP, " ")


CUSTOMER = (("customer", "C1"),)
CONSTRUCTION = (("region", "Iberia"), ("segment", "Construction"))

EVERY = [
    (breach(0.31, 0.3), "Acme: overdue share 31.0 %; the limit is 30 %"),
    (breach(0.3001, 0.3), "Acme: overdue share 30.0 %; just beyond the limit of 30 %"),
    (breach(0.3, 0.3, edge="at_least"), "Acme: overdue share 30.0 %; the limit, itself included, is 30 %"),
    (breach(0.05, 0.1, edge="below"), "Acme: overdue share 5.0 %; told beyond 10 %"),
    (breach(0.1, 0.1, edge="at_most"), "Acme: overdue share 10.0 %; told from 10 %"),
    (breach(86, 90, metric="cei"), "Acme: CEI 86.0; the limit is 90"),
    (breach(0.31, 0.3, periods=3), "Acme: overdue share 31.0 %, 3 months running; the limit is 30 %"),
    (breach(49.6, 49, metric="dso", when="target"), "Acme: DSO 49.6 days; attention begins beyond 49 days"),
    (breach(46, 45, metric="dso", when="target", of="good"), "Acme: DSO 46.0 days; the goal is 45 days"),
    (breach(85, 86, metric="cei", when="target"), "Acme: CEI 85.0; attention begins below 86"),
    (breach(25.4, 8, 8.01, expected=17.4, metric="days_beyond_terms", when="change"),
     "Acme pays 25.4 days beyond terms, 8.0 days more than a year before; just beyond the limit of 8 days more"),
    (breach(40, 38.04, metric="dso", when="benchmark", of="line"),
     "Acme: DSO 40.0 days; others report 38.04 days (CRF median)"),
    (breach(46, 45, metric="dso", when="benchmark"), "Acme: DSO 46.0 days; the benchmark is 45 days"),
    (breach(25.4, 8, 18.1, expected=7.3, group=CONSTRUCTION, metric="days_beyond_terms", when="change"),
     "Construction in Iberia pays 25.4 days beyond terms, 18.1 days more than a year before; the limit is 8 days more"),
    (breach(3.1, -5, -7.8, expected=10.9, metric="days_beyond_terms", when="change", edge="at_most"),
     "Acme pays 3.1 days beyond terms, 7.8 days less than a year before; told from 5 days less"),
    (breach(-2.0, 1, 3, metric="days_beyond_terms", when="change", expected=-5),
     "Acme: days beyond terms −2.0 days, 3.0 days more than a year before; the limit is 1 day more"),
    (breach(0.4, 0.1, 0.15, expected=0.25, when="change", against="period"),
     "Acme: overdue share 40.0 %, 15.0 pts more than as of 31 Mar 2023; the limit is 10 pts more"),
    (breach(1300, 0.2, 0.3, expected=1000, metric="overdue", when="change", percent=True),
     "Acme: overdue $1.3k, 30.0 % more than a year before; the limit is 20 % more"),
    (breach(700, -0.2, -0.3, expected=1000, metric="cash_collected", when="change", percent=True),
     "Acme: cash collected $700 in 3 months, 30.0 % less than a year before; the limit is 20 % less"),
    (breach(0.3, 3.5, 4.2, expected=0.175, when="unusual"),
     "Acme: overdue share 30.0 %, 4.2 robust deviations above the usual 17.5 %; the limit is 3.5"),
    (breach(0.3, 3.5, 1e6, expected=0.1, when="unusual"),
     "Acme: overdue share 30.0 %, above 10.0 %, from which it had not moved before; the limit is 3.5"),
    (breach(0.6, 0.5, group=CUSTOMER), "One Inc. has 60.0 % of its balance overdue; the limit is 50 %"),
    (breach(0.0, 0.1, group=CUSTOMER, edge="below"), "One Inc.: overdue share 0.0 %; told beyond 10 %"),
    (breach(932_400, 250_000, group=CUSTOMER, metric="over_limit"),
     "One Inc. is $932.4k over its credit limit; the limit is $250.0k"),
    (breach(5000, 1000, group=CUSTOMER, metric="total_ar", edge="above"), "One Inc. owes $5.0k; the limit is $1.0k"),
    (breach(0.4, 0.3, group=(("region", None),)), "No region: overdue share 40.0 %; the limit is 30 %"),
    (breach(0.4, 0.3, group=(("segment", "Retail"),), where={"region": "Iberia"}),
     "Retail in Iberia: overdue share 40.0 %; the limit is 30 %"),
    (breach(0.4, 0.3, where={"region": ["Iberia", "Italy"]}),
     "Iberia and Italy: overdue share 40.0 %; the limit is 30 %"),
    (breach(0.4, 0.3, where={"region": "Unassigned"}), "No region: overdue share 40.0 %; the limit is 30 %"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "sentence"), EVERY, ids=range(len(EVERY)))
def test_every_kind_reads_well(what, sentence):
    assert said(what) == sentence


def test_half_a_line_leaves_out_whom_it_is_about():
    changed = breach(25.4, 8, 18.1, metric="days_beyond_terms", when="change", group=CONSTRUCTION)
    assert brief(changed, NAMES).replace(text.NBSP, " ") == "25.4 days beyond terms, +18.1 days in a year"
    part = breach(1300, 0.2, 0.3, metric="overdue", when="change", percent=True)
    assert brief(part, NAMES).replace(text.NBSP, " ") == "Overdue $1.3k, +30.0 % in a year"
    assert brief(breach(0.31, 0.3), NAMES).replace(text.NBSP, " ") == "Overdue share 31.0 % (the limit is 30 %)"


def test_a_message_of_the_rule_is_filled():
    message = "{who}: {metric} {value} (limit {limit}), {change} from {from} since {since}: {money}, {day}. {nothing}."
    told = breach(0.40, 0.3, message=message, group=(("region", "Iberia"),))
    assert said(told, money=1234.0) == (
        "Iberia: Overdue share 40.0 % (limit 30 %), +10.0 pts from 30.0 % since 31 Jan 2024: $1.2k, 31 Mar 2024. "
        "{nothing}"
    )


def test_what_a_name_holds_is_never_filled():
    names = replace(NAMES, customers={"C1": "{money} {0.__class__} {value!r}"})
    told = breach(0.4, 0.3, group=CUSTOMER, message="{who} has {value}")
    assert said(told, names) == "{money} {0.__class__} {value!r} has 40.0 %"


@pytest.mark.parametrize("message", ["", "{who} slides\nmore"])
def test_no_name_breaks_or_turns_a_line(message):
    hostile = "Evil\r\n\u202eInc.\u2028# [x](http://y)\u0000"
    books = company(owes("Big", 500), names={"Big": hostile})
    told = one(
        found(books, rule("customer", by="customer", value=0.5, message=message)), "customer: Evil Inc. # [x](http://y)"
    )
    for each in (told.words, told.brief, told.who):
        assert not set("\r\n\u202e\u2028\u0000") & set(each)
    assert told.words.startswith("Evil Inc. # [x](http://y)")


def test_a_customer_without_a_name_is_called_by_its_id():
    books = company(owes("C9", 500), customers=[{"customer_id": "C9", "name": None}])
    assert found(books, rule("customer", by="customer", value=0.5)).cases[0].who == "C9"
