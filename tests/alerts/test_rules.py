"""The rules in force, what cannot be in them, and what they are in words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.checking import Checker
from alerts.rules import RuleSet, collected, told
from config.alerts import AlertSettings, Owner, read_alerts, read_rule
from metrics import CATALOG, Targets
from state.alert_records import KeptRule
from tests.alerts.series import Goal, monthly, targets
from tests.ledger.books import book

FILE = Path("mine/alerts.toml")
PLAIN = {"title": "A rule", "metric": "dso", "value": 45}
OF = book([*monthly([10], name="A", region="EMEA"), *monthly([10], name="B", region=None)])
GOALS = targets("dso", Goal(40, 50))
N = "\u00a0"


def settings(*rules: dict[str, Any], owners: dict[str, Owner] | None = None, **named: dict[str, Any]) -> AlertSettings:
    tables = {**{f"r{place}": each for place, each in enumerate(rules)}, **named}
    return AlertSettings(
        file=FILE, rules=tuple(read_rule(id, {**PLAIN, **each}, str(FILE)) for id, each in tables.items()),
        owners=owners or {},
    )  # fmt: skip


def kept(id: str, body: dict[str, Any] | None, by: str = "Ann", day: int = 1) -> KeptRule:
    return KeptRule(id=id, body=body, changed_by=by, changed_at=datetime(2026, 11, day))  # noqa: DTZ001


def all_of(file: AlertSettings, *on_page: KeptRule, goals: Targets = GOALS) -> RuleSet:
    return collected(file, on_page, OF, goals)


# Where rules come from -----------------------------------------------------------------------------------------------


def test_the_rules_of_the_file_in_its_order():
    found = all_of(settings(late={"metric": "overdue_share", "value": 0.3}, dso={}))
    assert [rule.id for rule in found.rules] == ["late", "dso"]
    assert found.broken == found.notes == ()


def test_what_was_changed_on_the_page_takes_its_place_and_new_rules_follow():
    file = settings(a={}, b={}, c={})
    new = [kept("z", PLAIN, day=2), kept("y", PLAIN, day=3)]
    found = all_of(file, kept("b", {**PLAIN, "value": 60}), kept("c", None), *reversed(new))
    assert [(rule.id, rule.value) for rule in found.rules] == [("a", 45), ("b", 60), ("z", 45), ("y", 45)]


def test_a_body_that_was_kept_reads_as_the_rule_that_it_was():
    first = read_rule(
        "r",
        {**PLAIN, "by": "region", "where": {"entity": "E1"}, "periods": 2, "edge": "at_least", "severity": "act"},
        "a test",
    )
    assert all_of(settings(), kept("r", first.body())).rules == (first,)


def test_rules_that_are_switched_off_are_kept_and_not_asked():
    found = all_of(settings(a={"enabled": False}, b={}))
    assert [rule.id for rule in found.rules] == ["a", "b"]
    assert [rule.id for rule in found.asked] == ["b"]


def test_a_change_that_cannot_be_breaks_the_rule_and_the_files_is_not_asked_instead():
    found = all_of(settings(a={}, b={}), kept("a", {**PLAIN, "metric": "dzo"}))
    assert [rule.id for rule in found.rules] == ["b"]
    assert [(each.id, each.why) for each in found.broken] == [
        ("a", "Changed on the page by Ann: rules.a.metric is 'dzo', which is no metric; did you mean 'dso'?")
    ]


def test_a_broken_rule_of_the_file_is_mended_or_removed_on_the_page(tmp_path):
    file = tmp_path / "alerts.toml"
    file.write_text('[rules.a]\ntitle = "A"\nmetric = "dso"\n[rules.b]\ntitle = "B"\nmetric = "dso"\nvalue = "many"\n')
    read = read_alerts(file, {})
    assert {each.id for each in all_of(read).broken} == {"a", "b"}
    found = all_of(read, kept("a", PLAIN), kept("b", None))
    assert ([rule.id for rule in found.rules], found.broken) == (["a"], ())


def test_a_body_that_cannot_be_read_says_who_wrote_it():
    (broken,) = all_of(settings(), kept("a", {"title": "A", "metric": "dso", "valu": 3}, by="An\nn")).broken
    assert broken.why.startswith("Changed on the page by An n: unknown key rules.a.valu: did you mean 'value'?")


def test_one_broken_rule_stops_no_other():
    found = all_of(settings(a={"metric": "nothing at all"}, b={}, c={"by": "colour"}))
    assert [rule.id for rule in found.rules] == ["b"]
    assert [each.id for each in found.broken] == ["a", "c"]


# What cannot be ------------------------------------------------------------------------------------------------------

WHERE = f"{FILE}: rules.r0."


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"metric": "dzo"}, "metric is 'dzo', which is no metric; did you mean 'dso'?"),
        ({"by": "regoin"}, "by has 'regoin', which is no dimension; did you mean 'region'?"),
        (
            {"by": ["region", "colour"]},
            "by has 'colour', which is no dimension; known are 'currency', 'customer', 'entity', 'region'.",
        ),
        ({"by": ["region", "region"]}, "by has 'region' twice; remove one."),
        ({"where": {"regoin": "EMEA"}}, "where has 'regoin', which is no dimension; did you mean 'region'?"),
        ({"owner_by": "entyti"}, "owner_by is 'entyti', which is no dimension; did you mean 'entity'?"),
        ({"owner": "cfo"}, "owner is 'cfo', which is no owner; add it under [owners]."),
        (
            {"window": "3 months"},
            (
                "window is '3 months'; it must be a number of months or days that the calendar has, such as '3mo' or "
                "'90d'."
            ),
        ),
        (
            {"percent": True},
            "percent is for changes, and the rule is of the kind 'level'; remove it or make it a change.",
        ),
        (
            {"metric": "cei", "when": "target", "value": None},
            "when is 'target', but CEI has no target; add one to targets.toml, or use 'level'.",
        ),
        (
            {"metric": "hhi", "when": "benchmark", "value": None},
            (
                "of is 'attention', but nobody publishes a figure for Concentration index (HHI); use 'level' with "
                "a value."
            ),
        ),
        (
            {"metric": "top_10_share", "when": "benchmark", "value": None, "of": "line"},
            "of is 'line', but the benchmark of Top 10 share has only 'attention'.",
        ),
        (
            {"metric": "total_ar"},
            (
                "edge is missing: of Total AR neither more nor less is better, and a rule must say which side it "
                "means, 'above' or 'below'."
            ),
        ),
        ({"metric": "overdue_share", "value": 30}, "value is 30, but a share is between 0 and 1: 30 % is written 0.3."),
        ({"metric": "overdue_share", "value": 150}, "value is 150, but a share is between 0 and 1."),
        ({"metric": "overdue_share", "value": -0.1}, "value is -0.1, but a share is between 0 and 1."),
        (
            {"metric": "credit_utilisation", "value": 90},
            "value is 90, but a share is between 0 and 1: 90 % is written 0.9.",
        ),
        ({"metric": "cei", "value": 101}, "value is 101, but CEI is between 0 and 100."),
        (
            {"metric": "overdue_share", "when": "change", "value": -5},
            "value is -5, but a change of a share is between -1 and 1: 5 % is written 0.05.",
        ),
        (
            {"metric": "overdue", "when": "change", "percent": True, "value": 20},
            "value is 20, which is 2,000 %; 20 % is written 0.2.",
        ),
        (
            {"metric": "overdue_share", "value": 0.05, "margin": 0.06},
            "margin is 0.06, so that an alert would end at -0.01, which cannot be; make it smaller.",
        ),
        (
            {"metric": "on_time_share", "value": 0.9, "margin": 0.2},
            "margin is 0.2, so that an alert would end at 1.1, which cannot be; make it smaller.",
        ),
        (
            {"metric": "total_ar", "when": "unusual", "value": 3, "margin": 4},
            "margin is 4, so that an alert would end at -1, which cannot be; make it smaller.",
        ),
        ({"message": "{who} at {valu}"}, "message has '{valu}', which stands for nothing; did you mean 'value'?"),
    ],
)
def test_what_cannot_be_is_one_sentence_that_names_the_key(wrong, sentence):
    table = {key: value for key, value in {**PLAIN, **wrong}.items() if value is not None}
    file = AlertSettings(file=FILE, rules=(read_rule("r0", table, "a test"),))
    found = all_of(file)
    assert [each.why for each in found.broken] == [WHERE + sentence]
    assert found.rules == ()


@pytest.mark.parametrize(
    "right",
    [
        {"metric": "credit_utilisation", "value": 1.2},
        {"metric": "overdue_share", "value": 1, "edge": "at_least"},
        {"metric": "overdue_share", "when": "change", "value": -0.3, "edge": "below"},
        {"metric": "days_beyond_terms", "value": -5},
        {"metric": "overdue", "when": "change", "percent": True, "value": 2},
        {"metric": "on_time_share", "value": 0.99},
        {"by": ["customer", "currency", "region"], "owner_by": "customer", "where": {"currency": "USD"}},
        {"message": "{who}: {metric} {value} {limit} {change} {from} {since} {money} {day}, with a brace { alone"},
        {"window": "90d"},
        {"owner": "cfo"},
    ],
)
def test_what_can_be(right):
    file = settings(right, owners={"cfo": Owner(name="The CFO")})
    assert (len(all_of(file).rules), all_of(file).broken) == (1, ())


def test_an_unknown_owner_is_told_the_nearest():
    (broken,) = all_of(settings({"owner": "cfp"}, owners={"cfo": Owner(name="The CFO")})).broken
    assert broken.why == f"{WHERE}owner is 'cfp', which is no owner; did you mean 'cfo'?"


def test_a_value_that_no_document_has_is_a_note():
    found = all_of(
        settings({"where": {"region": ["EMAE", "Unassigned"]}}), kept("p", {**PLAIN, "where": {"customer": "C9"}})
    )
    assert found.broken == ()
    assert found.notes == (
        f"{WHERE}where.region has 'EMAE', which no document has; did you mean 'EMEA'?",
        "Changed on the page by Ann: rules.p.where.customer has 'C9', which no document has; known are 'C1'.",
    )


def test_the_page_asks_about_a_rule_that_is_being_written():
    checker = Checker(settings(), OF, GOALS)
    assert checker.problem(read_rule("r", PLAIN, "the page")) == ""
    assert checker.problem(read_rule("r", {**PLAIN, "metric": "dzo"}, "the page")).startswith("metric is 'dzo'")


# In words ------------------------------------------------------------------------------------------------------------

LABELS = {"region": "Region", "collector": "Collector", "risk_class": "Risk class"}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            {"metric": "overdue_share", "by": "region", "value": 0.3, "periods": 3, "least": 100_000},
            (
                "Fires when the overdue share of any region is above 30 % (30 % itself does not count), three "
                "months running, where at least $100,000 is open; ends when it is back at 29.4 % or less, or "
                "less than $90,000 is open."
            ),
        ),
        (
            {"metric": "dso", "value": 45, "edge": "at_least", "window": "6mo"},
            (
                "Fires when the DSO over 6 months of the company is at or above 45 days (45 days itself counts); "
                "ends when it is back at 44.1 days or less."
            ),
        ),
        (
            {"metric": "on_time_share", "value": 0.995, "where": {"region": ["EMEA", "Asia\nPacific"]}},
            (
                "Fires when the share paid on time of region EMEA and Asia Pacific is below 99.5 % (99.5 % itself "
                "does not count); ends when it is back at 100 % or more."
            ),
        ),
        (
            {"metric": "dso", "when": "target", "by": ["collector"], "where": {"risk_class": "C"}},
            (
                "Fires when the DSO of any collector in risk class C is above the attention figure of its target "
                "(the figure itself does not count); ends when it is back within the target by 2 % of it."
            ),
        ),
        (
            {"metric": "overdue_share", "when": "target", "of": "good", "margin": 0.005},
            (
                "Fires when the overdue share of the company is above the good figure of its target (the figure "
                "itself does not count); ends when it is back within the target by 0.5 pts."
            ),
        ),
        (
            {"metric": "dso", "when": "benchmark", "of": "line", "margin": 0},
            (
                "Fires when the DSO of the company is above 38.04 days, the CRF median (38.04 days itself does "
                "not count); ends when it is back at 38.04 days or less."
            ),
        ),
        (
            {
                "metric": "days_beyond_terms",
                "when": "change",
                "value": 8,
                "by": ["region", "risk_class"],
                "least": 250_000.5,
            },
            (
                "Fires when the average of days beyond terms of any region and risk class has risen by more than "
                "8 days within a year (8 days itself does not count), where at least $250,000.50 is open on both "
                "days; ends when the change is back at +7.84 days or less, or less than $225,000.45 is open."
            ),
        ),
        (
            {
                "metric": "cash_collected",
                "when": "change",
                "value": -0.2,
                "percent": True,
                "edge": "at_most",
                "least": 1000,
                "against": "period",
            },
            (
                "Fires when the amount of cash collected of the company has fallen by 20 % or more since the day "
                "its window opens (20 % itself counts), where at least $1,000 is open on both days and the change "
                "is from as much; ends when the change is back at −19.6 % or more, or less than $900 is open."
            ),
        ),
        (
            {"metric": "overdue_share", "when": "change", "value": 0},
            (
                "Fires when the overdue share of the company has risen within a year, however little; ends when "
                "the change is back at 0 pts or less."
            ),
        ),
        (
            {"metric": "overdue_share", "when": "change", "value": -0.05},
            (
                "Fires when the overdue share of the company has changed within a year by a figure above −5 pts "
                "(−5 pts itself does not count); ends when the change is back at −5.1 pts or less."
            ),
        ),
        (
            {"metric": "total_ar", "when": "unusual", "by": "customer", "enabled": False},
            (
                "Fires when the total AR of any customer is more than 3.5 robust deviations away from what is "
                "usual for it (3.5 itself does not count); ends when it is back at 3.43 deviations or less. It is "
                "switched off."
            ),
        ),
        (
            {"metric": "fx_losses", "value": 2_000_000, "where": {"currency": "JPY"}},
            (
                "Fires when the amount of exchange losses of currency JPY is above ¥2,000,000 (¥2,000,000 itself "
                "does not count); ends when it is back at ¥1,960,000 or less."
            ),
        ),
    ],
)
def test_a_rule_in_words(table, sentence):
    assert told(read_rule("r", {"title": "A rule", **table}, "a test"), LABELS, "USD").replace(N, " ") == sentence


@pytest.mark.parametrize("metric", list(CATALOG))
def test_every_metric_can_be_told(metric):
    for kind in ({"value": 0.5}, {"when": "unusual"}, {"when": "change", "value": -0.1, "percent": True}):
        words = told(read_rule("r", {"title": "A rule", "metric": metric, "edge": "below", **kind}, "a test"), LABELS)
        assert words.endswith(".")
        assert "  " not in words
        assert "n/a" not in words
