"""Production numbers equal the plain implementation's, on random books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.scope import Scope
from metrics import CATALOG, evaluate
from tests.plain import metrics as plain
from tests.plain.ledger import ZERO, Ledger, open_balance, slices
from tests.plain.strategies import booked_ledgers, days, ledgers, windows
from tests.properties.product import (
    BY_SLICES,
    RULES,
    assert_same,
    book_of,
    buckets,
    cents,
    label,
    lines,
    near,
    nothing,
    values,
)

SIDES = (
    "gross_open", "overdue", "overdue_share", "current_share", "over_90_share", "disputed", "disputed_share",
    "unapplied_credits", "unapplied_cash_share", "dso_true", "dso_best_possible", "days_delinquent", "cei", "cei_crf",
    "cei_cash", "write_off_ratio", "cost_of_overdue",
)  # fmt: skip
"""Metrics that tell what is owed from what is held."""

dimensions = st.sampled_from(["entity", "region", "segment", "customer"])


@given(ledgers(), days, windows)
def test_every_metric_equals_the_plain_loop(ledger: Ledger, day: date, window: str) -> None:
    assert_same(values(book_of(ledger), day, window), plain.evaluate(ledger, day, window))


@given(ledgers(), windows)
def test_month_ends_and_other_days_agree_in_one_call(ledger: Ledger, window: str) -> None:
    asked = [date(2023, 12, 31), date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 29), date(2024, 5, 1)]
    rows = evaluate(book_of(ledger), days=asked, window=window)
    for day in asked:
        got = dict(rows.filter(pl.col("as_of") == day).select("metric", "value").iter_rows())
        assert_same(got, plain.evaluate(ledger, day, window))


@given(ledgers(), days, windows, dimensions)
def test_every_group_equals_the_plain_loop_over_its_documents(
    ledger: Ledger, day: date, window: str, dimension: str
) -> None:
    book = book_of(ledger)
    for value in {label(ledger, doc, dimension) for doc in ledger.docs}:
        part = ledger.only([doc for doc in ledger.docs if label(ledger, doc, dimension) == value])
        want = plain.evaluate(part, day, window, history=book.first_day)
        got = values(book, day, window, match={dimension: value})
        # A group without a balance or a movement has no rows; then the plain numbers must be those of nothing, but for
        # the mean of three months' DSO, which may look back beyond the window.
        assert_same(got or nothing(), want, () if got else ("dso_rolling",))


@given(ledgers(), days, windows, dimensions, st.data())
def test_every_scope_equals_the_plain_loop_over_its_documents(
    ledger: Ledger, day: date, window: str, dimension: str, data: st.DataObject
) -> None:
    known = sorted({label(ledger, doc, dimension) for doc in ledger.docs}, key=str) or [None]
    chosen = data.draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
    book = book_of(ledger)
    part = ledger.only([doc for doc in ledger.docs if label(ledger, doc, dimension) in chosen])
    got = values(book, day, window, Scope().narrowed(dimension, *chosen))
    assert_same(got, plain.evaluate(part, day, window, history=book.first_day))


@pytest.mark.parametrize("rule", RULES, ids=str)
@given(ledger=ledgers(), day=days)
def test_aging_equals_the_plain_loop(ledger: Ledger, day: date, rule: plain.AgingRule) -> None:
    assert buckets(book_of(ledger, rule), day) == plain.aging(ledger, day, rule)


@given(ledgers(), days, windows)
def test_roll_forward_equals_the_plain_loop(ledger: Ledger, day: date, window: str) -> None:
    want = plain.movement(ledger, plain.window(day, window))
    signed = {name: amount if name in ("opening", "billed", "closing") else -amount for name, amount in want.items()}
    assert lines(book_of(ledger), day, window) == {**signed, "difference": ZERO}


@given(ledgers(), days)
def test_slices_equal_the_plain_ones_in_sum(ledger: Ledger, day: date) -> None:
    book = book_of(ledger)
    ids = book.frames["documents"].select("document", "document_id")
    cut = book.frames["slices"].join(ids, on="document", how="full", coalesce=True)
    for doc in ledger.docs:
        mine = cut.filter(pl.col("document_id") == doc.document_id)
        assert Decimal(mine["amount"].sum()) / 100 == doc.amount
        alive = (pl.col("opened_on") <= day) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > day))
        assert Decimal(mine.filter(alive)["amount"].sum()) / 100 == open_balance(ledger, doc, day)
        closed = mine.filter(pl.col("closed_on").is_not_null() & (pl.col("amount") != 0))
        assert sorted(closed["closed_on"]) == sorted(p.closed_on for p in slices(ledger, doc) if p.closed_on)


@given(ledgers(("USD", "EUR", "GBP"), most=5), days, windows)
def test_currencies_without_rates_are_never_added(ledger: Ledger, day: date, window: str) -> None:
    book = book_of(ledger)
    present = {doc.currency for doc in ledger.docs}
    rows = evaluate(book, days=[day], window=window)
    assert set(rows["currency"]) == set(book.currencies)
    if present <= {"USD"}:
        assert book.currencies == ("USD",)
        return
    for currency in present:
        part = ledger.only([doc for doc in ledger.docs if doc.currency == currency])
        got = dict(rows.filter(pl.col("currency") == currency).select("metric", "value").iter_rows())
        # Limits are in the reporting currency: nothing here can be held against them.
        assert got["over_limit"] is got["credit_utilisation"] is None
        want = plain.evaluate(part, day, window, history=book.first_day)
        assert_same(got, want, but=("over_limit", "credit_utilisation"))


@given(booked_ledgers(), days, windows)
def test_booked_amounts_equal_the_plain_loop_in_base_currency(ledger: Ledger, day: date, window: str) -> None:
    book, booked = book_of(ledger), ledger.booked()
    assert book.currencies == ("USD",)
    # How long payments took is weighed by slices, whose base amounts are shares: see the test for one currency.
    # So are the two sides of a document that was settled beyond its amount; their sum is not.
    beyond = any(part.opened_on != doc.opened_on for doc in ledger.docs for part in slices(ledger, doc))
    assert_same(
        values(book, day, window), plain.evaluate(booked, day, window), but=(*BY_SLICES, *(SIDES if beyond else ()))
    )
    assert lines(book, day, window)["difference"] == ZERO
    found, want = buckets(book, day), plain.aging(booked, day)
    assert sum((amount for amount, _ in found.values()), ZERO) == sum((amount for amount, _ in want.values()), ZERO)
    assert beyond or found == want


@given(ledgers(), days, windows)
def test_numerator_and_denominator_are_shown_in_money(ledger: Ledger, day: date, window: str) -> None:
    want = plain.evaluate(ledger, day, window)
    rows = evaluate(book_of(ledger), days=[day], window=window)
    for row in rows.select("metric", "value", "numerator", "denominator", "note").iter_rows(named=True):
        above, below = want[row["metric"]].numerator, want[row["metric"]].denominator
        if above is not None and below is not None:
            assert (row["value"] is None) == (below <= 0)
            # A metric that no ratio of sums gives shows no parts where it has nothing to divide by.
            if not (CATALOG[row["metric"]].own and below == 0 and row["numerator"] is None):
                assert near(row["numerator"], float(above))
                assert near(row["denominator"], float(below))
        assert row["value"] is not None or row["note"]


@given(ledgers())
def test_money_leaves_exact_to_the_cent(ledger: Ledger) -> None:
    day = date(2024, 3, 31)
    assert cents(values(book_of(ledger), day, "3mo")["total_ar"] or 0.0) == plain.total_ar(ledger, day)
