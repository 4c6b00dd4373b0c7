"""The money at stake, by kinds of metric."""

from __future__ import annotations

import pytest

from alerts.stake import at_stake
from metrics import CATALOG
from tests.alerts.books import company, found, one, owes, rule

DAYS = 90


@pytest.mark.parametrize(
    ("metric", "value", "expected", "numerator", "denominator", "stake"),
    [
        # 1,200 overdue where 1,000 would be no news.
        ("overdue", 1200, 1000, 1200, None, 200),
        # 40 % of 2,000 where 25 % would be: 15 % of 2,000.
        ("overdue_share", 0.40, 0.25, 800, 2000, 300),
        # Better than expected is money too: 0.25 − 0.15 of 2,000 less is overdue.
        ("overdue_share", 0.15, 0.25, 300, 2000, 200),
        # 87 of 100 where 90 would be: 3 % of the 5,000 that could be collected was not.
        ("cei", 87, 90, 4350, 5000, 150),
        # 60 days where 45 would be: 15 days of sales of 9,000 in 90 days.
        ("dso", 60, 45, 6000, 9000, 1500),
        # No sales to speak of, but a DSO of 0 still has days of sales: 45 days of 9,000 in 90.
        ("dso", 0, 45, 0, 9000, 4500),
        # Paid 10 days later on 18,000 paid in 90 days: 10 days of 200.
        ("days_beyond_terms", 15, 5, 270_000, 18_000, 2000),
        # Count-back says 50 days of 5,000 owed, a day is 100: 10 days more than 40.
        ("dso_countback", 50, 40, 5000, 4800, 1000),
        # 20,000 sold, 5,000 owed: 4 times. At 5 times 4,000 would be owed.
        ("ar_turnover", 4, 5, 20_000, 5000, 1000),
        ("top_10_share", 0.6, 0.5, 600, 1000, 100),
        ("hhi", 2600, 1000, 40, 100, None),
        ("on_time_count_share", 0.3, 0.5, 30, 100, None),
        ("overdue_share", None, 0.25, 0, 0, None),
        ("overdue_share", 0.4, None, 800, 2000, None),
        ("dso_countback", 0, 40, 0, 0, None),
        ("ar_turnover", 4, 0, 20_000, 5000, None),
    ],
)
def test_the_stake_is_what_lies_between_the_number_and_no_news(metric, value, expected, numerator, denominator, stake):
    got = at_stake(CATALOG[metric], value, expected, numerator, denominator, DAYS)
    assert got == (None if stake is None else pytest.approx(stake))


def test_an_alert_carries_its_stake():
    # 500 of 1,000 is late where 20 % would be no news: 300.
    told = found(company(owes("Big", 500), owes("Small", 0, 500)), rule("company", value=0.2))
    assert one(told, "company: Acme").money == pytest.approx(300)


@pytest.mark.parametrize(
    ("metric", "more", "stake"),
    [
        # 500 is overdue: of one customer all of it, of a region what is beyond the limit.
        ("overdue", {"by": "customer", "value": 400}, 500),
        ("overdue_share", {"by": "customer", "value": 0.9}, 500),
        ("overdue", {"by": "region", "value": 400}, 100),
        # A limit on what is owed says what may be owed.
        ("gross_open", {"by": "customer", "value": 400, "edge": "above"}, 100),
    ],
)
def test_beyond_a_limit_of_what_should_not_be_all_of_it_is_at_stake(metric, more, stake):
    books = company(owes("Big", 500))
    (case,) = found(books, rule("asked", metric=metric, **more)).cases
    assert case.money == pytest.approx(stake)
