"""Numbers against their own past: changes, and what is unusual, on series made by hand."""

from __future__ import annotations

import json
from datetime import date

import pytest

from alerts.unusual import MOST
from tests.alerts.series import (
    ask,
    billing,
    found,
    monthly,
    only,
    rule,
    shares,
)
from tests.ledger.books import book, settled

D = date.fromisoformat
FLAT = (10, 11, 12, 13, 14, 15, 16, 17)
"""Eight months with the median 13.5 and a median absolute deviation of 2: 3.5 2.5 1.5 0.5 0.5 1.5 2.5 3.5."""


# Change --------------------------------------------------------------------------------------------------------------


def test_a_change_is_from_a_year_before_or_from_the_day_the_window_opens():
    of = billing(10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 70)
    year = only(ask(of, rule(when="change", value=50, edge="above")))
    assert (year["compared"], year["expected"], year["quantity"], year["line"], year["breach"]) == (
        D("2023-12-31"), 10.0, 60.0, 60.0, True,
    )  # fmt: skip
    period = only(ask(of, rule(when="change", value=30, edge="above", against="period")))
    assert (period["compared"], period["quantity"], period["breach"]) == (D("2024-11-30"), 30.0, False)
    assert only(ask(of, rule(when="change", value=0, edge="above", against="period", window="30d")))["compared"] == D(
        "2024-12-01"
    )


def test_a_fall_is_a_change_below_zero_and_the_worse_side_of_what_should_be_high():
    of = billing(100, 80)
    for value, breach in ((-19.99, True), (-20, False)):
        assert found(of, rule(when="change", value=value, against="period"))[0] is breach
    assert found(of, rule(when="change", value=-20, against="period", edge="at_most")) == (True, False)
    # 2 % of 20 is 0.4: back from a fall of 19.6 on.
    assert found(of, rule(when="change", value=-20.4, against="period", margin=0.4)) == (False, True)
    assert found(of, rule(when="change", value=-20.4, against="period", margin=0.41)) == (False, False)


def test_cents_and_shares_are_compared_without_binary_dust():
    """100.10 − 100.00 and 35 % − 30 % are 0.0999… and 0.0499… to a machine."""
    assert found(billing("100.00", "100.10"), rule(when="change", value=0.1, edge="at_least", against="period"))[0]
    of = book(*shares((30, 100), (35, 100)))
    assert found(of, rule("overdue_share", when="change", value=0.05, edge="at_least", against="period"))[0]
    assert not found(of, rule("overdue_share", when="change", value=0.05, edge="above", against="period"))[0]


@pytest.mark.parametrize(
    ("before", "now", "change"), [(100, 120, 0.2), (100, 80, -0.2), (-50, 25, 1.5), (-50, -75, -0.5), (40, 0, -1.0)]
)
def test_a_percentage_is_of_the_size_that_it_is_from(before, now, change):
    row = only(
        ask(
            billing(before, now),
            rule("credit_sales", when="change", percent=True, value=0.1, edge="above", against="period"),
        )
    )
    assert row["quantity"] == pytest.approx(change, abs=1e-12)
    assert row["line"] == pytest.approx(before + 0.1 * abs(before))
    assert row["breach"] is (change > 0.1)


def test_a_percentage_at_its_limit_is_not_beyond_it():
    one = rule(when="change", percent=True, value=0.2, against="period", edge="above")
    assert found(billing(100, 120), one) == (False, False)
    assert found(billing("100.00", "119.60"), one) == (False, True)
    assert found(billing("100.00", "120.01"), one) == (True, False)


def test_no_percentage_from_zero():
    row = only(ask(billing(5, 0, 20), rule(when="change", percent=True, value=0.2, edge="above", against="period")))
    assert (row["breach"], row["clear"]) == (None, None)
    assert row["note"] == "it was 0 on 30\u00a0Nov\u00a02024, and no change from 0 is a percentage"
    assert found(billing(5, 0, 20), rule(when="change", value=19, edge="above", against="period"))[0] is True


def test_a_day_to_compare_with_before_the_books_is_not_judged():
    row = only(ask(billing(*[10] * 12), rule(when="change", value=0)))
    assert (row["breach"], row["note"]) == (None, "the history does not reach back to a day to compare with")
    assert found(billing(*[10] * 13), rule(when="change", value=1)) == (True, False)


def test_what_had_no_value_then_is_not_judged():
    of = book(*shares((10, 100), (0, 0), (20, 100)))
    row = only(ask(of, rule("overdue_share", when="change", value=0, against="period")))
    assert (row["breach"], row["note"]) == (None, "it has no value on 30\u00a0Nov\u00a02024")


@pytest.mark.parametrize(
    ("day", "against", "compared"),
    [
        ("2024-02-29", "year", "2023-02-28"),
        ("2023-02-28", "year", "2022-02-28"),
        ("2024-02-28", "year", "2023-02-28"),
        ("2024-03-31", "period", "2024-02-29"),
        ("2024-03-30", "period", "2024-02-29"),
        ("2023-03-29", "period", "2023-02-28"),
        ("2024-05-31", "period", "2024-04-30"),
    ],
)
def test_month_ends_are_compared_with_month_ends(day, against, compared):
    of = billing(*[10] * 40)
    assert only(ask(of, rule(when="change", value=0, against=against), day))["compared"] == D(compared)


def test_a_group_that_is_gone_has_fallen_to_nothing_and_a_new_one_has_risen_from_it():
    rows = [
        *monthly([100, 0], name="A", region="Gone"),
        *monthly([0, 60], name="B", region="New"),
        *monthly([5, 5], name="C", region=None),
    ]
    paid = [settled("S", "100", "2024-12-01", of=f"A{D('2024-11-30')}")]
    # The payment is a movement of December: in January nothing of the group is left.
    of = book(rows, paid, rules={"today": D("2025-02-28")})
    told = {
        row["region"]: row["quantity"] for row in ask(of, rule(by="region", when="change", value=0, against="period"))
    }
    assert told == {"Gone": -100, "New": 60, None: 0}
    gone = ask(
        of,
        rule("gross_open", by="region", when="change", value=-50, edge="below", against="period", window="2mo"),
        "2025-01-31",
    )
    assert {row["region"]: (row["value"], row["breach"]) for row in gone} == {
        "Gone": (0.0, True), "New": (60.0, False), None: (10.0, False),
    }  # fmt: skip


# Unusual -------------------------------------------------------------------------------------------------------------


def test_deviations_are_from_the_median_in_scaled_median_deviations():
    """(30 − 13.5) ÷ (1.4826 × 2) = 16.5 ÷ 2.9652 = 5.5645."""
    row = only(ask(billing(*FLAT, 30), rule(when="unusual", edge="above")))
    assert row["quantity"] == pytest.approx(5.56455, abs=1e-5)
    assert (row["expected"], row["limit"], row["breach"]) == (13.5, 3.5, True)
    assert row["line"] == pytest.approx(13.5 + 3.5 * 2.9652)


@pytest.mark.parametrize(
    ("amount", "more", "answer"),
    [
        ("3.00", {}, (True, False)),  # (3 − 13.5) ÷ 2.9652 = −3.541
        ("3.20", {}, (False, False)),  # −3.474: not by the margin of 0.07
        ("3.40", {}, (False, True)),  # −3.406
        ("24.00", {}, (False, True)),  # unusual, but on the better side
        ("24.00", {"edge": "above"}, (True, False)),
        ("23.00", {"edge": "above", "value": 3.2}, (True, False)),  # 3.204
        ("22.90", {"edge": "above", "value": 3.2, "margin": 0.1}, (False, False)),  # 3.170
    ],
)
def test_unusual_is_on_the_worse_side_unless_the_rule_says_another(amount, more, answer):
    assert found(billing(*FLAT, amount), rule(when="unusual", **more)) == answer


@pytest.mark.parametrize(("amount", "limit", "breach"), [(3, -3.5, True), (24, 3.5, True), (13, -3.5, False)])
def test_of_what_has_no_worse_side_both_are_unusual(amount, limit, breach):
    documents, settlements = shares(*((0, each) for each in (*FLAT, amount)))
    row = only(ask(book(documents, settlements), rule("total_ar", when="unusual")))
    assert (row["limit"], row["breach"]) == (limit, breach)


def test_seven_months_say_nothing():
    row = only(ask(billing(*FLAT[1:], 30), rule(when="unusual")))
    assert (row["breach"], row["note"]) == (None, "7 earlier months have a value, and it takes 8")


def test_where_most_months_are_alike_the_mean_deviation_counts():
    """Seven times 10 and one 18: median 10, MAD 0, mean deviation 1; (20 − 10) ÷ 1.2533 = 7.979."""
    row = only(ask(billing(*[10] * 7, 18, 20), rule(when="unusual", edge="above")))
    assert row["quantity"] == pytest.approx(7.97894, abs=1e-5)


def test_where_all_months_are_alike_any_difference_is_unusual_and_none_is_not():
    assert only(ask(billing(*[10] * 9), rule(when="unusual")))["quantity"] == 0
    row = only(ask(billing(*[10] * 8, "9.99"), rule(when="unusual")))
    assert (row["quantity"], row["breach"], row["line"]) == (-MOST, True, 10.0)
    assert only(ask(billing(*[10] * 8, "10.01"), rule(when="unusual", edge="above")))["quantity"] == MOST
    assert "Infinity" not in json.dumps([row["quantity"], row["line"], row["expected"]])


def test_equal_shares_of_unlike_amounts_are_alike():
    """A third of 300 and a third of 900 differ in the last binary digit or not; for the rule they do not."""
    of = book(*shares(*((100 * n, 300 * n) for n in (1, 7, 3, 11, 13, 9, 17, 19, 23))))
    assert only(ask(of, rule("overdue_share", when="unusual")))["quantity"] == 0


def test_from_two_years_on_a_month_is_compared_with_the_same_month_of_the_year_before():
    """December is always 100 and other months 10: 100 is no news in December, and 60 is."""
    year = [*[10] * 11, 100]
    assert only(ask(billing(*year * 3), rule(when="unusual")))["quantity"] == 0
    row = only(ask(billing(*year, *year, *year[:-1], 60), rule(when="unusual")))
    assert (row["expected"], row["quantity"], row["breach"]) == (100.0, -MOST, True)


def test_seasonal_deviations_by_hand():
    """Steps from the year before, for 12 earlier months: −3 to 3 without 0, each twice. Median 0, MAD 2.

    The same month of the year before was 17, so that 27 is a step of 10: 10 ÷ (1.4826 × 2) = 3.3725.
    """
    steps = (-3, 3, -2, 2, -1, 1, -3, 3, -2, 2, -1, 1)
    row = only(ask(billing(*[20] * 12, *(20 + step for step in steps), 27), rule(when="unusual", edge="above")))
    assert row["quantity"] == pytest.approx(3.37245, abs=1e-5)
    assert row["expected"] == 17.0


def test_twenty_three_months_are_compared_as_they_are():
    """Without the same month two years before: the median is 10, and nothing but Decembers moved."""
    year = [*[10] * 11, 100]
    row = only(ask(billing(*year[1:], *year), rule(when="unusual", edge="above")))
    assert (row["expected"], row["breach"]) == (10.0, True)


def test_no_more_than_three_years_count():
    """Month −37 and before were 1,000; in the last 36 every month was 10."""
    assert only(ask(billing(*[1000] * 5, *[10] * 37), rule(when="unusual")))["expected"] == 10.0


def test_months_before_a_group_was_there_are_not_zero_and_months_after_are():
    """Gap bought and paid for six months, was away for thirteen, and is there again: nothing is its usual month."""
    old = monthly([10] * 20, name="A", region="Old")
    new = monthly([*[0] * 11, *FLAT, 3], name="B", region="New")
    gap = monthly([*[7] * 6, *[0] * 13, 7], name="C", region="Gap")
    paid = [settled(f"S{row['document_id']}", "7", row["document_date"], of=row["document_id"]) for row in gap]
    rows = {row["region"]: row for row in ask(book([*old, *new, *gap], paid), rule(by="region", when="unusual"))}
    assert (rows["New"]["expected"], rows["New"]["breach"]) == (13.5, True)
    assert rows["Gap"]["expected"] == 0.0
