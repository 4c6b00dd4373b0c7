"""Tables that follow single invoices or customers equal the plain implementation's, on random books."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plain import metrics as plain
from tests.plain.ledger import Ledger
from tests.plain.strategies import LAST, days, ledgers
from tests.properties import tables
from tests.properties.product import RULES

dimensions = st.sampled_from([None, "entity", "region", "customer"])
books = st.one_of(ledgers(), ledgers(least=8))
spans = st.sampled_from([1, 3, 12])
long_after = st.one_of(days, st.dates(LAST, date(2025, 7, 1)))
"""Late enough for months to have grown old."""


@given(books, days, spans, dimensions, st.sampled_from(RULES))
def test_followed_rolls_equal_the_plain_loop(
    ledger: Ledger, day: date, months: int, dimension: str | None, rule: plain.AgingRule
) -> None:
    tables.assert_followed_rolls(ledger, day, months, dimension, rule)


@given(books, days, spans, st.sampled_from(RULES))
def test_net_flow_rolls_equal_the_plain_loop(ledger: Ledger, day: date, months: int, rule: plain.AgingRule) -> None:
    tables.assert_net_flow_rolls(ledger, day, months, rule)


@given(books, days, spans, st.sampled_from([0.0, 0.25, 1.0]), st.sampled_from(RULES))
def test_loss_rates_equal_the_plain_loop(
    ledger: Ledger, day: date, months: int, improvement: float, rule: plain.AgingRule
) -> None:
    tables.assert_loss_rates(ledger, day, months, improvement, rule)


@given(books, days, spans, st.sampled_from([{}, {1: Fraction(1, 10), 5: Fraction(-1, 2)}]))
def test_provision_equals_the_plain_loop_to_the_cent(
    ledger: Ledger, day: date, months: int, adjustments: dict[int, Fraction]
) -> None:
    tables.assert_provision(ledger, day, months, adjustments)


@given(books, long_after, spans, dimensions)
def test_cohorts_equal_the_plain_loop(ledger: Ledger, day: date, months: int, dimension: str | None) -> None:
    tables.assert_cohorts(ledger, day, months, dimension)


@given(books, long_after, spans, dimensions)
def test_at_risk_equals_the_plain_loop(ledger: Ledger, day: date, months: int, dimension: str | None) -> None:
    tables.assert_at_risk(ledger, day, months, dimension)


@pytest.mark.parametrize("groups", [False, True])
@given(ledger=books, day=days, dimension=st.sampled_from([None, "entity", "region"]))
def test_concentration_equals_the_plain_loop(ledger: Ledger, day: date, groups: bool, dimension: str | None) -> None:
    tables.assert_concentration(ledger, day, groups, dimension)


@given(books, days)
def test_credit_limits_equal_the_plain_loop(ledger: Ledger, day: date) -> None:
    tables.assert_credit_limits(ledger, day)
