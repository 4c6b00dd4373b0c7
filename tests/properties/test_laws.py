"""Laws that hold for any books, whatever the numbers are."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ledger.book import Book
from metrics import CATALOG, aging, evaluate, movement
from tests.plain import metrics as plain
from tests.plain.ledger import ZERO, Ledger
from tests.plain.strategies import booked_ledgers, days, ledgers, windows
from tests.properties.product import (
    ADDITIVE,
    MONEY,
    RULES,
    TO_THE_CENT,
    book_of,
    buckets,
    cents,
    differences,
    lines,
    values,
)

SHARES = (
    "overdue_share", "current_share", "over_90_share", "disputed_share", "on_time_share", "on_time_count_share",
    "top_10_share", "collection_efficiency",
)  # fmt: skip

groupings = st.sampled_from([["entity"], ["region"], ["customer"], ["entity", "segment"], ["region", "customer"]])


@given(st.one_of(ledgers(), booked_ledgers()), days, st.sampled_from(RULES))
def test_buckets_and_unapplied_credits_sum_to_total_ar(ledger: Ledger, day: date, rule: plain.AgingRule) -> None:
    book = book_of(ledger, rule)
    total = sum((amount for amount, _ in buckets(book, day).values()), ZERO)
    assert total == cents(values(book, day, "3mo")["total_ar"] or 0.0)


@given(ledgers(), days)
def test_total_ar_is_documents_less_settlements_up_to_the_day(ledger: Ledger, day: date) -> None:
    posted = {doc.document_id: max(doc.opened_on, date.min) for doc in ledger.docs}
    up_to = sum((doc.amount for doc in ledger.docs if doc.opened_on <= day), ZERO)
    gone = [row for row in ledger.settlements if max(row.settled_on, posted[row.document_id]) <= day]
    assert cents(values(book_of(ledger), day, "3mo")["total_ar"] or 0.0) == up_to - sum((r.amount for r in gone), ZERO)


@given(st.one_of(ledgers(), booked_ledgers()), days, windows)
def test_opening_and_movement_make_closing(ledger: Ledger, day: date, window: str) -> None:
    found = lines(book_of(ledger), day, window)
    assert found["difference"] == ZERO
    moved = [amount for name, amount in found.items() if name not in ("closing", "difference")]
    assert sum(moved, ZERO) == found["closing"]


@given(ledgers(), days, windows, groupings)
def test_groups_sum_to_the_whole_for_additive_metrics(ledger: Ledger, day: date, window: str, by: list[str]) -> None:
    assert {metric.id for metric in CATALOG.values() if metric.additive} == set(ADDITIVE)
    book = book_of(ledger)
    whole = values(book, day, window)
    rows = evaluate(book, list(ADDITIVE), [day], window, by=by)
    for metric in ADDITIVE:
        parts = [cents(value) for value in rows.filter(pl.col("metric") == metric)["value"]]
        assert sum(parts, ZERO) == cents(whole[metric] or 0.0)


@given(ledgers(), days, groupings)
def test_groups_of_the_aging_sum_to_the_whole(ledger: Ledger, day: date, by: list[str]) -> None:
    book = book_of(ledger)
    measures = ["amount", "count"]
    whole = aging(book, [day]).group_by("bucket").agg(pl.col(measures).sum()).filter(pl.col("count") != 0)
    parts = aging(book, [day], by=by).group_by("bucket").agg(pl.col(measures).sum()).filter(pl.col("count") != 0)
    assert_frame_equal(whole, parts, check_row_order=False)


@given(ledgers(), days, windows, st.randoms(use_true_random=False))
def test_row_order_changes_nothing(ledger: Ledger, day: date, window: str, shuffled: random.Random) -> None:
    other = Ledger(
        tuple(shuffled.sample(ledger.docs, len(ledger.docs))),
        tuple(shuffled.sample(ledger.settlements, len(ledger.settlements))),
        tuple(shuffled.sample(ledger.customers, len(ledger.customers))),
    )
    assert_same_answers(book_of(ledger), book_of(other), day, window)


@given(ledgers(), days, windows)
def test_text_and_typed_tables_make_the_same_books(ledger: Ledger, day: date, window: str) -> None:
    assert_same_answers(book_of(ledger), book_of(ledger, as_text=True), day, window)


def assert_same_answers(one: Book, other: Book, day: date, window: str) -> None:
    for by in ([], ["region", "customer"]):
        for ask in (
            lambda book, by=by: evaluate(book, days=[day], window=window, by=by),
            lambda book, by=by: aging(book, [day], by=by),
            lambda book, by=by: movement(book, day, window, by=by),
        ):
            assert_frame_equal(ask(one), ask(other))


@given(st.one_of(ledgers(), booked_ledgers()), days, windows)
def test_what_happens_later_changes_no_earlier_day(ledger: Ledger, day: date, window: str) -> None:
    now, then = book_of(ledger), book_of(ledger.known_on(day))
    if then.first_day is None:
        assert values(now, day, window)["total_ar"] == 0.0
        return
    assert differences(values(now, day, window), values(then, day, window)) == {}
    assert buckets(now, day) == buckets(then, day)
    assert lines(now, day, window) == lines(then, day, window)


@given(ledgers(), days, windows)
def test_shares_stay_between_none_and_all(ledger: Ledger, day: date, window: str) -> None:
    found = values(book_of(ledger), day, window)
    for metric in SHARES:
        share = found[metric]
        assert share is None or 0.0 <= share <= 1.0
    assert (found["unapplied_credits"] or 0.0) <= 0.0 <= (found["gross_open"] or 0.0)


@given(ledgers(), days, windows, st.integers(2, 9))
def test_ratios_do_not_change_when_all_amounts_are_multiplied(ledger: Ledger, day: date, window: str, by: int) -> None:
    docs = tuple(replace(doc, amount=doc.amount * by) for doc in ledger.docs)
    rows = tuple(replace(row, amount=row.amount * by) for row in ledger.settlements)
    people = tuple(one if (limit := one.credit_limit) is None else replace(one, credit_limit=limit * by)
                   for one in ledger.customers)  # fmt: skip
    once, more = (values(book_of(part), day, window) for part in (ledger, Ledger(docs, rows, people)))
    expected = {k: v * by if v is not None and k in MONEY else v for k, v in once.items()}
    assert differences(more, expected, but=TO_THE_CENT) == {}


@given(ledgers())
def test_the_same_books_have_the_same_fingerprint(ledger: Ledger) -> None:
    again = Ledger(ledger.docs[::-1], ledger.settlements[::-1], ledger.customers)
    assert book_of(ledger).fingerprint == book_of(again).fingerprint
    if ledger.docs:
        first, *others = ledger.docs
        changed = replace(ledger, docs=(replace(first, amount=first.amount + Decimal("0.01")), *others))
        assert book_of(ledger).fingerprint != book_of(changed).fingerprint
