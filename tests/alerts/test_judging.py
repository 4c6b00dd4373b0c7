"""Which numbers a rule finds beyond its limit: levels, targets, months running and money, at and around every edge."""

from __future__ import annotations

from datetime import date

import pytest

from alerts.judging import ANSWER, breaches
from ledger.errors import OutstandingError
from tests.alerts.series import (
    LAST,
    MONTH,
    NO_TARGETS,
    Goal,
    ask,
    billing,
    ends,
    found,
    monthly,
    only,
    rule,
    shares,
    targets,
)
from tests.ledger.books import book

D = date.fromisoformat


# Level ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edge", "amount", "breach"),
    [
        ("above", "100.00", False),
        ("above", "100.01", True),
        ("at_least", "99.99", False),
        ("at_least", "100.00", True),
        ("below", "100.00", False),
        ("below", "99.99", True),
        ("at_most", "100.01", False),
        ("at_most", "100.00", True),
    ],
)
def test_the_limit_itself_counts_only_where_the_edge_says_so(edge, amount, breach):
    assert found(billing(amount), rule(value=100, edge=edge))[0] is breach


@pytest.mark.parametrize(("metric", "beyond"), [("overdue", [101, 150]), ("billed", [50, 99])])
def test_without_an_edge_the_worse_side_is_beyond_and_the_limit_is_not(metric, beyond):
    """Of what is overdue more is worse, of what is billed less."""
    for amount in (50, 99, 100, 101, 150):
        documents, settlements = shares((amount, amount))
        assert found(book(documents, settlements), rule(metric, value=100))[0] is (amount in beyond)


def test_a_metric_without_a_worse_side_needs_an_edge():
    with pytest.raises(OutstandingError, match="Of Total AR neither more nor less is better: the rule 'r' needs an"):
        ask(billing(100), rule("total_ar", value=100))
    assert found(billing(100), rule("total_ar", value=100, edge="at_least"))[0]


@pytest.mark.parametrize(
    ("edge", "margin", "amount", "answer"),
    [
        ("above", None, "98.00", (False, True)),  # 2 % of 100
        ("above", None, "98.01", (False, False)),
        ("above", None, "100.00", (False, False)),
        ("above", None, "100.01", (True, False)),
        ("above", 0, "100.00", (False, True)),
        ("at_least", 0, "100.00", (True, False)),
        ("at_least", 0, "99.99", (False, True)),
        ("above", 30, "70.00", (False, True)),
        ("above", 30, "70.01", (False, False)),
        ("below", None, "102.00", (False, True)),
        ("below", None, "101.99", (False, False)),
        ("at_most", 5, "105.00", (False, True)),
        ("at_most", 5, "104.99", (False, False)),
    ],
)
def test_an_alert_ends_at_the_margin_itself(edge, margin, amount, answer):
    assert found(billing(amount), rule(value=100, edge=edge, margin=margin)) == answer


@pytest.mark.parametrize(
    ("overdue", "answer"), [("294", (False, True)), ("294.01", (False, False)), ("300.01", (True, False))]
)
def test_margins_are_counted_in_decimals(overdue, answer):
    """30 % less 2 % of it is 29.4 %, which no binary fraction is."""
    assert found(book(*shares((overdue, 1000))), rule("overdue_share", value=0.3)) == answer


def test_a_share_near_one_ends_at_one():
    """2 % above 99 % would be 100.98 %: no share is that."""
    documents, settlements = shares(("0", 1000))
    row = only(ask(book(documents, settlements), rule("current_share", value=0.99)))
    assert (row["value"], row["breach"], row["clear"]) == (1.0, False, True)


def test_an_answer_has_the_number_and_what_it_was_held_against():
    row = only(ask(book(*shares((400, 1000))), rule("overdue_share", value=0.3)))
    assert list(row) == ["as_of", "currency", *ANSWER]
    numbers = {"value": 0.4, "numerator": 400.0, "denominator": 1000.0, "quantity": 0.4, "open": 1000.0}
    limits = {"limit": 0.3, "line": 0.3, "expected": 0.3, "compared": None}
    assert row == {"as_of": LAST, "currency": "USD", **numbers, **limits, "breach": True, "clear": False, "note": None}


def test_what_has_no_value_is_not_judged():
    documents, settlements = shares((10, 100), (0, 0))
    row = only(ask(book(documents, settlements), rule("overdue_share", value=0.3)))
    assert (row["breach"], row["clear"], row["note"]) == (None, None, "nothing open")


def test_days_whose_window_begins_before_the_books_are_not_judged():
    of = billing(5, 5, 5)
    rows = ask(of, rule(value=100, window="2mo"), *ends(3))
    assert [row["breach"] for row in rows] == [None, True, True]
    assert rows[0]["note"] == "the history does not reach back far enough: it begins on 31\u00a0Oct\u00a02024"
    assert found(of, rule("total_ar", value=0, edge="above"), "2024-10-30") == (None, None)
    assert found(of, rule("total_ar", value=0, edge="above"), "2024-10-31") == (True, False)


def test_empty_books_have_nothing_to_judge():
    assert breaches(book(), rule(value=100), LAST, NO_TARGETS, MONTH) == ([], frozenset(), 0)
    assert only(ask(book(), rule(value=100)))["note"] == "no history"


def test_the_rules_own_window_goes_before_the_companys():
    of = billing(10, 20, 30)
    assert only(ask(of, rule(value=1), window="2mo"))["value"] == 50
    assert only(ask(of, rule(value=1, window="3mo"), window="2mo"))["value"] == 60


def test_a_rule_is_asked_of_its_part_of_the_company():
    rows = [
        *monthly([70], name="A", region="EMEA"),
        *monthly([90], name="B", region=None),
        *monthly([40], name="C", region="APAC"),
    ]
    of = book(rows)
    assert only(ask(of, rule(value=1, where={"region": ["EMEA", "Unassigned"]})))["value"] == 160
    assert [row["region"] for row in ask(of, rule(value=80, by="region")) if row["breach"]] == ["APAC", "EMEA"]
    rows = ask(of, rule(value=80, by="region", where={"region": ["EMEA", "Unassigned"]}))
    assert [(row["region"], row["breach"]) for row in rows] == [("EMEA", True), (None, False)]


# Target and benchmark ------------------------------------------------------------------------------------------------


def test_a_target_is_the_one_of_the_day_and_of_the_group():
    goals = targets(
        "overdue_share",
        Goal(0.1, 0.2, (("region", "EMEA"),)),
        Goal(0.3, 0.4, end=D("2024-11-30")),
        Goal(0.5, 0.6, start=D("2024-12-01")),
    )
    here, there = (
        shares((45, 100), (45, 100), name="A", region="EMEA"),
        shares((45, 100), (45, 100), name="B", region=None),
    )
    of = book([*here[0], *there[0]], [*here[1], *there[1]])
    rows = ask(of, rule("overdue_share", when="target", by="region"), *ends(2), against=goals)
    assert [(row["region"], row["limit"], row["breach"]) for row in rows] == [
        ("EMEA", 0.2, True), (None, 0.4, True), ("EMEA", 0.2, True), (None, 0.6, False),
    ]  # fmt: skip
    good = ask(of, rule("overdue_share", when="target", of="good"), *ends(2), against=goals)
    assert [row["limit"] for row in good] == [0.3, 0.5]
    narrowed = only(ask(of, rule("overdue_share", when="target", where={"region": "EMEA"}), against=goals))
    assert (narrowed["limit"], narrowed["line"], narrowed["expected"]) == (0.2, 0.2, 0.2)


def test_a_value_at_the_target_is_not_beyond_it():
    of = book(*shares((20, 100)))
    assert found(of, rule("overdue_share", when="target"), against=targets("overdue_share", Goal(0.1, 0.2))) == (
        False,
        False,
    )
    assert found(
        of, rule("overdue_share", when="target", edge="at_least"), against=targets("overdue_share", Goal(0.1, 0.2))
    ) == (True, False)


def test_without_a_target_on_the_day_nothing_is_judged():
    goals = targets("overdue_share", Goal(0.1, 0.2, end=D("2024-11-30")))
    row = only(ask(book(*shares((20, 100))), rule("overdue_share", when="target"), against=goals))
    assert (row["breach"], row["note"]) == (None, "no target holds")


def test_a_benchmark_has_figures_of_its_own():
    """The ten largest of one are everything: above the 50 % of the house rule."""
    of = book(*shares((20, 100)))
    row = only(ask(of, rule("top_10_share", when="benchmark")))
    assert (row["value"], row["limit"], row["breach"]) == (1.0, 0.5, True)
    assert only(ask(of, rule("dso", when="benchmark", of="line")))["limit"] == 38.04


# Months running ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "answer"),
    [
        ((150, 150, 150), (False, True)),
        ((150, 50, 50), (False, False)),
        ((50, 150, 50), (False, False)),
        ((50, 50, 50), (True, False)),
        ((50, 50, 100), (False, False)),
        ((50, 50, 150), (False, True)),
        ((50, 50), (False, False)),
    ],
)
def test_months_running_are_all_beyond_the_limit_and_the_present_one_ends_it(amounts, answer):
    """The last of the months is the present one, the book having begun a month before them."""
    of = billing(1, *amounts)
    assert found(of, rule(value=100, periods=3 if len(amounts) == 3 else 4)) == answer


def test_a_month_that_cannot_be_judged_is_not_beyond_the_limit():
    of = book(*shares((90, 100), (0, 0), (90, 100)))
    assert found(of, rule("overdue_share", value=0.5, periods=2)) == (False, False)
    row = only(ask(of, rule("overdue_share", value=0.5, periods=2), "2024-11-30"))
    assert (row["breach"], row["clear"], row["note"]) == (None, None, "nothing open")


def test_each_month_running_has_the_target_of_its_own_day():
    goals = targets("overdue_share", Goal(0.1, 0.2, start=D("2024-12-01")), Goal(0.4, 0.5, end=D("2024-11-30")))
    of = book(*shares((30, 100), (30, 100)))
    assert found(of, rule("overdue_share", when="target", periods=2), against=goals) == (False, False)
    assert found(of, rule("overdue_share", when="target"), against=goals) == (True, False)


def test_months_running_of_a_short_months_last_day():
    """The months before 28 February end on the 31st, not on the 28th."""
    of = billing(*[50] * 6, last=D("2023-02-28"))
    assert found(of, rule(value=100, periods=3), "2023-02-28") == (True, False)


# Too little money ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "answer"),
    [
        ("100.00", (True, False)),
        ("99.99", (False, False)),  # raises nothing, and ends nothing
        ("90.00", (False, False)),
        ("89.99", (None, None)),
    ],
)
def test_so_much_must_be_open_and_nine_tenths_of_it_for_an_alert_to_stay(whole, answer):
    row = only(ask(book(*shares(("60", whole))), rule("overdue_share", value=0.5, least=100)))
    assert (row["breach"], row["clear"]) == answer
    assert row["note"] == (None if answer != (None, None) else "less than $100 is open")


def test_nine_tenths_of_the_money_are_clear_where_the_number_is():
    assert found(book(*shares((10, 95))), rule("overdue_share", value=0.5, least=100)) == (False, True)


def test_so_much_must_be_open_on_both_days_of_a_change():
    one = rule("overdue_share", when="change", value=0.1, against="period", least=100)
    assert found(book(*shares((10, 100), (60, 100))), one) == (True, False)
    assert found(book(*shares((10, 99), (60, 100))), one) == (False, False)
    row = only(ask(book(*shares((10, 89), (60, 100))), one))
    assert (row["breach"], row["note"]) == (None, "less than $100 was open on 30\u00a0Nov\u00a02024")


def test_a_percent_change_of_money_is_from_so_much():
    one = rule("overdue", when="change", percent=True, value=0.1, against="period", least=100)
    assert found(book(*shares((100, 500), (150, 500))), one)[0] is True
    assert found(book(*shares((99, 500), (150, 500))), one) == (False, False)
    row = only(ask(book(*shares((89, 500), (150, 500))), one))
    assert (row["breach"], row["note"]) == (None, "it is a change from less than $100")
    plain = rule("overdue", when="change", value=10, against="period", least=100)
    assert found(book(*shares((99, 500), (150, 500))), plain)[0] is True
