"""Which target is in force, what is no target, and the state that follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from ledger.errors import ConfigError
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, Target, Targets, chosen
from metrics.targets import told
from tests.ledger.books import book, invoice

N = "\u00a0"
D = date.fromisoformat
DAY = D("2026-06-30")


@dataclass(frozen=True)
class Goal:
    """As ``config.targets.Goal`` is: the most specific first in its list."""

    good: float
    attention: float
    where: tuple[tuple[str, str | None], ...] = ()
    start: date | None = None
    end: date | None = None
    note: str = ""
    key: str = "dso"


def targets(*goals, metric="dso"):
    return Targets.of({metric: goals}, "mine/targets.toml")


@pytest.fixture
def several():
    return targets(
        Goal(30, 35, (("region", "R"), ("segment", "S"))),
        Goal(36, 41, (("region", "R"),), D("2026-01-01"), D("2026-06-30")),
        Goal(37, 42, (("region", None),)),
        Goal(38, 45, start=D("2026-01-01")),
        Goal(40, 47, end=D("2025-12-31")),
    )


@pytest.mark.parametrize(
    ("day", "values", "good"),
    [
        ("2026-06-30", {}, 38),
        ("2026-01-01", {}, 38),
        ("2025-12-31", {}, 40),
        ("2026-06-30", {"region": "R"}, 36),
        ("2026-07-01", {"region": "R"}, 38),
        ("2025-12-31", {"region": "R"}, 40),
        ("2026-06-30", {"region": "Q"}, 38),
        ("2026-06-30", {"region": None}, 37),
        ("2026-06-30", {"segment": "S"}, 38),
        ("2030-01-01", {"segment": "S", "region": "R"}, 30),
        ("2026-06-30", {"segment": "T", "region": "R", "entity": "E"}, 36),
    ],
)
def test_the_first_in_force_for_the_values_wins(several, day, values, good):
    assert several.of_metric("dso", D(day), values).good == good


def test_without_a_target_there_is_none():
    assert Targets().of_metric("dso", DAY) is None
    assert Targets().state("dso", 40, DAY) is None
    assert targets(Goal(38, 45, start=D("2027-01-01"))).of_metric("dso", DAY) is None
    assert targets(Goal(38, 45)).of_metric("cei", DAY) is None
    assert targets(Goal(38, 45, (("region", None),))).of_metric("dso", DAY) is None, "not narrowed is not 'no value'"


def test_a_target_says_its_figures_and_note():
    assert targets(Goal(38, 45, note="Goal")).of_metric("dso", DAY) == Target(38, 45, "Goal")
    assert targets(Goal(38, 45)).metrics == ("dso",)
    assert hash(targets(Goal(38, 45))) == hash(targets(Goal(38, 45)))


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("dso", 38, "good"), ("dso", 38.01, "watch"), ("dso", 45, "watch"), ("dso", 45.01, "act"),
        ("cei", 85, "good"), ("cei", 84.99, "watch"), ("cei", 80, "watch"), ("cei", 79.99, "act"),
        ("dso", None, None),
    ],
)  # fmt: skip
def test_both_edges_belong_to_the_better_state(metric, value, expected):
    good, attention = {"dso": (38, 45), "cei": (85, 80)}[metric]
    assert targets(Goal(good, attention), metric=metric).state(metric, value, DAY) == expected


def test_with_equal_figures_there_is_nothing_to_watch():
    equal = targets(Goal(40, 40))
    assert [equal.state("dso", value, DAY) for value in (40, 40.01)] == ["good", "act"]


@pytest.mark.parametrize(
    ("metric", "goal", "words"),
    [
        ("dsoo", Goal(38, 45), ["has a target for 'dsoo', which is no metric; did you mean 'dso'?"]),
        ("total_ar", Goal(1, 2, key="total_ar"), ["total_ar is a target for Total AR", "neither more nor less"]),
        ("dso", Goal(45, 38, key="dso.for[2]"), ["dso.for[2]", "38", "45", "wrong way round", "above good"]),
        ("cei", Goal(80, 85, key="cei"), ["cei has attention at 85 and good at 80", "below good"]),
        ("overdue_share", Goal(20, 26, key="overdue_share"), ["overdue_share.good is 20", "20 % is written 0.2"]),
        ("overdue_share", Goal(0.2, 26, key="overdue_share"), ["overdue_share.attention is 26", "written 0.26"]),
        ("on_time_share", Goal(0.5, -0.1, key="on_time_share"), ["on_time_share.attention is -0.1", "between 0 and 1"]),
        ("cei", Goal(900, 80, key="cei"), ["cei.good is 900", "between 0 and 100"]),
    ],
)  # fmt: skip
def test_what_is_no_target_is_told_with_file_and_key(metric, goal, words):
    with pytest.raises(ConfigError) as caught:
        targets(goal, metric=metric)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))
    for word in ["mine/targets.toml", *words]:
        assert word in said


def test_a_share_may_be_all_or_nothing():
    assert targets(Goal(0, 1), metric="overdue_share").of_metric("overdue_share", DAY) == Target(0, 1)


def test_a_scope_is_held_against_the_values_it_narrows_to():
    assert chosen(COMPANY) == {}
    assert chosen(Scope.of(region=["R"], segment=["S", "T"], entity=[None])) == {"region": "R", "entity": None}


def test_a_value_that_no_document_has_is_noted():
    made = book([invoice("I1", region="North"), invoice("I2", region="South")])
    parts = [(("region", "Nort"),), (("region", "North"),), (("region", None),), (("customer", "C3"),)]
    noted = targets(*(Goal(38, 45, where) for where in parts)).notes(made)
    assert noted == [
        "There is a target for customer 'C3', which no document has; known are 'C1'.",
        "There is a target for region 'Nort', which no document has; did you mean 'North'?",
        "There is a target for region 'Unassigned', which no document has; known are 'North', 'South'.",
    ]


def test_a_target_in_words_says_its_edges():
    assert told(CATALOG["dso"], Target(45, 49.5, "Goal")) == f"Good up to 45{N}days, act beyond 49.5{N}days: Goal"
    assert told(CATALOG["on_time_share"], Target(0.45, 0.38)) == f"Good from 45{N}%, act below 38{N}%"
    assert told(CATALOG["cei"], Target(90, 86)) == "Good from 90, act below 86"
