"""The figures of one customer: its limits, and its pace."""

from __future__ import annotations

from datetime import date

import pytest

from charts.customers import Month, pace, pace_finding
from charts.exposure import Held, exposure, exposure_finding
from charts.figure import Setting
from charts.palette import DARK, LIGHT

N = "\u00a0"
DAY = date(2026, 10, 31)
OWN, GROUP = Held("Own limit", 1_500.0, 1_200.0, 600.0), Held("Parent, group of 3", 1_600.0, 1_250.0, 2_000.0)
NONE = Held("Own limit", 50.0, 0.0, None)


def bars(figure):
    """``whose, start, end`` of every bar drawn, in major units."""
    layer = next(each for each in figure.spec["layer"] if "color" in each["encoding"] and each["mark"]["type"] == "bar")
    return [(row["whose"], row["kind"], row["start"], row["end"]) for row in layer["data"]["values"]]


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ([OWN, GROUP], "$900 over the own limit of $600"),
        ([GROUP], f"80.0{N}% of the own limit of $2.0k is used; $400 is left"),
        ([NONE, GROUP], f"80.0{N}% of the group's limit of $2.0k is used; $400 is left"),
        ([NONE], "No credit limit is set"),
        ([Held("Own limit", 10.0, 0.0, 0.0)], "$10 over the own limit of $0"),
        (
            [OWN, Held("Parent", 2_500.0, 0.0, 2_000.0)],
            "$900 over the own limit of $600 and $500 over the group's limit of $2.0k",
        ),
    ],
)
def test_the_finding_names_what_is_over_or_else_what_is_left(rows, finding):
    assert exposure_finding(rows, "USD") == finding


def test_overdue_and_not_due_make_up_what_is_owed():
    figure = exposure([OWN, GROUP], Setting("as of 31 Oct 2026", "USD", LIGHT))
    assert bars(figure) == [
        ("Own limit", "overdue", 0, pytest.approx(1.2)),
        ("Own limit", "not yet due", pytest.approx(1.2), pytest.approx(1.5)),
        ("Parent, group of 3", "overdue", 0, pytest.approx(1.25)),
        ("Parent, group of 3", "not yet due", pytest.approx(1.25), pytest.approx(1.6)),
    ]
    assert figure.table["Over, USD"].to_list() == [900, 0]
    assert figure.table["Left, USD"].to_list() == [0, 400]


def test_without_a_limit_no_limit_is_drawn():
    figure = exposure([NONE], Setting("as of 31 Oct 2026", "USD", DARK))
    marks = [layer for layer in figure.spec["layer"] if layer["mark"]["type"] == "tick"]
    assert marks[0]["data"]["values"] == []
    assert figure.table["Left, USD"].to_list() == [None]


def test_limits_are_drawn_as_pictures_too():
    assert exposure([OWN, NONE], Setting("as of 31 Oct 2026", "USD")).svg().startswith("<svg")
    assert pace([Month(DAY, 40, 10, 0.2, 5)], 10, None, Setting("", "USD")).svg().startswith("<svg")


@pytest.mark.parametrize(
    ("now", "before", "finding"),
    [
        (13.2, 6.8, f"Over 12{N}months paid 13{N}days after due on average, was 7 a year ago"),
        (13.2, 13.4, f"Over 12{N}months paid 13{N}days after due on average, as a year ago"),
        (-4.0, 3.0, f"Over 12{N}months paid 4{N}days before due on average, was 3{N}days after due a year ago"),
        (0.2, 5.0, f"Over 12{N}months paid on the due date on average, was 5 a year ago"),
        (1.0, None, f"Over 12{N}months paid 1{N}day after due on average"),
        (None, 4.0, "No invoice was paid in twelve months"),
    ],
)
def test_the_pace_is_told_in_days_after_due(now, before, finding):
    assert pace_finding(now, before) == finding


def test_a_month_without_a_payment_has_no_point():
    months = [Month(date(2026, 9, 30), None, None, None, 0.0), Month(DAY, 40.0, 10.0, 0.25, 5.0)]
    figure = pace(months, 10.0, None, Setting("as of 31 Oct 2026", "USD"))
    assert figure.table.height == 1
    assert all(len(layer["data"]["values"]) == 1 for layer in figure.spec["layer"])
    assert pace([months[0]], None, None, Setting("", "USD")).is_empty
