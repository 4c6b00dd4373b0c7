"""Comparing the tables that follow single invoices or customers with the plain implementation's, row by row."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from ledger.book import Book
from metrics import Plan, at_risk, cohorts, concentration, credit_limits, loss_rates, provision, rolls
from tests.plain import debtors, paying
from tests.plain import metrics as plain
from tests.plain import rolls as plain_rolls
from tests.plain.ledger import ZERO, Ledger
from tests.properties.product import book_of, cents, label, near


def _parts(ledger: Ledger, dimension: str | None) -> dict[str | None, Ledger]:
    """Group to its part of the books; everything under None where there is no dimension."""
    if dimension is None:
        return {None: ledger}
    values = {label(ledger, doc, dimension) for doc in ledger.docs}
    return {v: ledger.only([doc for doc in ledger.docs if label(ledger, doc, dimension) == v]) for v in values}


def _rows_of(rows: pl.DataFrame, dimension: str | None, value: str | None) -> pl.DataFrame:
    return rows if dimension is None else rows.filter(pl.col(dimension).eq_missing(pl.lit(value, pl.String)))


def _places(book: Book) -> dict[str, int]:
    return {name: place for place, name in enumerate(book.rules.aging.labels)}


# Rolls and losses ----------------------------------------------------------------------------------------------------


def assert_followed_rolls(ledger: Ledger, day: date, months: int, dimension: str | None, rule: plain.AgingRule) -> None:
    book = book_of(ledger, rule)
    places = _places(book)
    rows = rolls(book, day, months, by=[dimension] if dimension else []).filter(pl.col("method") == "followed")
    for value, part in _parts(ledger, dimension).items():
        want = plain_rolls.followed(part, day, months, rule)
        got: plain_rolls.Flows = {}
        for row in _rows_of(rows, dimension, value).iter_rows(named=True):
            to: str = row["to"]
            got.setdefault(places[row["bucket"]], {})[places.get(to, to)] = cents(row["amount"])
            opening = sum(want[places[row["bucket"]]].values(), ZERO)
            assert cents(row["opening"]) == opening
            assert near(row["rate"], row["amount"] / float(opening))
        assert got == want


def assert_net_flow_rolls(ledger: Ledger, day: date, months: int, rule: plain.AgingRule) -> None:
    book = book_of(ledger, rule)
    places = _places(book)
    rows = rolls(book, day, months).filter(pl.col("method") == "net flow")
    got = {places[row["bucket"]]: (cents(row["amount"]), cents(row["opening"])) for row in rows.iter_rows(named=True)}
    assert all(places[row["to"]] == places[row["bucket"]] + 1 for row in rows.iter_rows(named=True))
    want = plain_rolls.net_flow(ledger, day, months, rule)
    assert {place: pair for place, pair in want.items() if any(pair)} == {k: v for k, v in got.items() if any(v)}


def assert_loss_rates(ledger: Ledger, day: date, months: int, improvement: float, rule: plain.AgingRule) -> None:
    book = book_of(ledger, rule)
    flows = plain_rolls.followed(ledger, day, months, rule)
    want = plain_rolls.loss_rates(flows, len(rule.edges) + 2, Fraction(improvement))
    got = list(loss_rates(book, day, months, improvement=improvement)["rate"])
    assert got == [pytest.approx(float(rate), abs=1e-9) for rate in want]


def assert_provision(ledger: Ledger, day: date, months: int, adjustments: dict[int, Fraction]) -> None:
    book = book_of(ledger)
    names = book.rules.aging.labels
    plan = Plan(months=months, adjustments={names[place]: float(share) for place, share in adjustments.items()})
    rows = provision(book, day, plan)
    money = {_places(book)[name]: cents(amount) for name, amount in rows.select("bucket", "amount").iter_rows()}
    assert {place: amount for place, amount in money.items() if amount} == plain_rolls.exposures(ledger, day)
    want = plain_rolls.provision(ledger, day, months, adjustments=adjustments)
    for name, allowance in rows.select("bucket", "allowance").iter_rows():
        exact = want.get(_places(book)[name], Fraction(0))
        assert abs(Fraction(cents(allowance)) - exact) <= Fraction(1, 100)


# Cohorts -------------------------------------------------------------------------------------------------------------


def assert_cohorts(ledger: Ledger, day: date, months: int, dimension: str | None) -> None:
    rows = cohorts(book_of(ledger), day, months, by=[dimension] if dimension else [])
    for value, part in _parts(ledger, dimension).items():
        want = paying.cohorts(part, day, months)
        seen: set[tuple[date, int]] = set()
        for row in _rows_of(rows, dimension, value).iter_rows(named=True):
            key = (row["month"].replace(day=1), row["age"])
            seen.add(key)
            assert cents(row["billed"]) == want[key].billed
            _assert_known(row["paid"], want[key].paid)
            assert near(row["share"], None if want[key].share is None else float(want[key].share or 0))
            assert row["share"] is not None or row["note"]
        assert not any(item.billed or item.paid for key, item in want.items() if key not in seen)


def assert_at_risk(ledger: Ledger, day: date, months: int, dimension: str | None) -> None:
    book = book_of(ledger)
    rows = at_risk(book, day, months, by=[dimension] if dimension else [])
    # A first invoice may be due in a month before it was posted: such a month has no row.
    begins = book.first_day.replace(day=1) if book.first_day else date.max
    for value, part in _parts(ledger, dimension).items():
        want = paying.at_risk(part, day, months)
        seen: set[date] = set()
        for row in _rows_of(rows, dimension, value).iter_rows(named=True):
            month = row["month"].replace(day=1)
            seen.add(month)
            assert cents(row["due"]) == want[month].due
            _assert_known(row["unpaid"], want[month].unpaid)
            assert near(row["share"], None if want[month].share is None else float(want[month].share or 0))
        assert not any(one.due or one.unpaid for month, one in want.items() if month >= begins and month not in seen)


def _assert_known(got: float | None, want: Decimal | None) -> None:
    assert (None if got is None else cents(got)) == want


# Debtors and limits --------------------------------------------------------------------------------------------------


def assert_concentration(ledger: Ledger, day: date, groups: bool, dimension: str | None) -> None:
    rows = concentration(book_of(ledger), day, by=[dimension] if dimension else [], groups=groups)
    for value, part in _parts(ledger, dimension).items():
        mine = _rows_of(rows, dimension, value)
        want = debtors.debts(part, day, groups)
        assert list(mine["rank"]) == list(range(1, len(want) + 1))
        assert [(name, cents(owed)) for name, owed in mine.select("customer", "balance").iter_rows()] == want
        whole, before = sum((owed for _, owed in want), ZERO), ZERO
        for (_, owed), share, cumulative in zip(want, mine["share"], mine["cumulative"], strict=True):
            before += owed
            assert near(share, float(owed / whole))
            assert near(cumulative, float(before / whole))


def assert_credit_limits(ledger: Ledger, day: date) -> None:
    rows = credit_limits(book_of(ledger), day)
    want = {row.customer_id: row for row in debtors.in_use(ledger, day)}
    assert set(rows["customer"]) == set(want)
    for row in rows.iter_rows(named=True):
        one = want[row["customer"]]
        assert cents(row["limit"]) == one.limit
        assert cents(row["exposure"]) == one.exposure
        assert cents(row["over_limit"]) == one.over
        assert near(row["utilisation"], None if one.utilisation is None else float(one.utilisation))
        assert row["members"] == one.members
        assert (row["level"] == "group") == (one.members > 1)
