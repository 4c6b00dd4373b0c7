"""Laws of cohorts, of what fell due and of payment behaviour, on random books."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ledger.behaviour import BEHAVIOUR
from ledger.book import BookRules
from ledger.build import build_book
from ledger.calendar import Window
from ledger.cohorts import AGES
from ledger.scope import Scope
from metrics import at_risk, behaviour, cohorts
from tests.plain.ledger import Ledger
from tests.plain.strategies import days, ledgers, to_frames
from tests.properties.product import book_of

DIMENSIONS = {"entity": "Entity", "region": "Region", "segment": "Segment", BEHAVIOUR: "Payment behaviour"}

groupings = st.sampled_from([["region"], ["customer"], ["entity", "segment"], ["customer", "region"]])


@given(ledgers())
def test_cohorts_hold_all_that_was_paid(ledger: Ledger) -> None:
    book = book_of(ledger)
    assert book.frames["cohorts"]["paid"].sum() == book.frames["flows"]["paid"].sum()


@given(ledgers(), days, st.integers(1, 30))
def test_billed_is_that_of_the_flows(ledger: Ledger, day: date, months: int) -> None:
    book = book_of(ledger)
    rows = cohorts(book, day, months).filter(pl.col("age") == AGES[0])
    for month, billed in rows.select("month", "billed").iter_rows():
        flows = book.flows([Window(month.replace(day=1), min(month, day))])["billed"].sum()
        assert round(billed * 100) == flows


@given(ledgers(), days)
def test_shares_rise_with_age_and_are_known_in_order(ledger: Ledger, day: date) -> None:
    for (_month,), rows in cohorts(book_of(ledger), day, 24).group_by("month"):
        paid = rows.sort("age")["paid"]
        known = paid.drop_nulls()
        assert known.is_sorted()
        assert paid.head(known.len()).equals(known)


@given(ledgers(), days)
def test_what_is_known_stays_as_it_is(ledger: Ledger, day: date) -> None:
    """Of one and the same book: a share told on a day is told again on any later day."""
    book, later = book_of(ledger), date(2026, 12, 31)
    for ask, keys in ((cohorts, ["month", "age"]), (at_risk, ["month"])):
        first = ask(book, day, 60).filter(pl.col("share").is_not_null())
        again = ask(book, later, 60).join(first.select(keys), on=keys, how="semi")
        assert first.drop("as_of").equals(again.drop("as_of"))


@given(ledgers(), days)
def test_at_risk_is_a_share(ledger: Ledger, day: date) -> None:
    rows = at_risk(book_of(ledger), day, 24).drop_nulls("share")
    assert rows["share"].is_between(0, 1).all()


@given(ledgers(), days, groupings)
def test_groups_add_up(ledger: Ledger, day: date, by: list[str]) -> None:
    book = book_of(ledger)
    for ask, keys, sums in ((cohorts, ["month", "age"], ["billed", "paid"]), (at_risk, ["month"], ["due", "unpaid"])):
        cents = [(pl.col(name).fill_null(0) * 100).round().cast(pl.Int64).sum() for name in sums]
        something = pl.any_horizontal(pl.col(name) != 0 for name in sums)
        whole = ask(book, day, 24).group_by(keys).agg(cents).filter(something).sort(keys)
        parts = ask(book, day, 24, by=by).group_by(keys).agg(cents).filter(something).sort(keys)
        assert whole.equals(parts)


@given(ledgers(), days)
def test_a_customers_slices_tell_the_same_as_the_cells(ledger: Ledger, day: date) -> None:
    book = book_of(ledger)
    everyone = Scope.of(customer=book.frames["customers"]["customer_id"].to_list())
    for ask in (cohorts, at_risk):
        assert ask(book, day, 24).equals(ask(book, day, 24, everyone))


@given(ledgers(), days, st.randoms(use_true_random=False))
def test_behaviour_does_not_depend_on_the_order_of_rows(ledger: Ledger, day: date, shuffled: random.Random) -> None:
    book = book_of(ledger)
    slices = book.frames["slices"]
    order = list(range(slices.height))
    shuffled.shuffle(order)
    mixed = replace(book, frames={**book.frames, "slices": slices[order]})
    assert behaviour(book, day).equals(behaviour(mixed, day))


@given(ledgers())
def test_the_dimension_holds_the_class_of_the_last_day(ledger: Ledger) -> None:
    book = build_book(to_frames(ledger), BookRules(dimensions=DIMENSIONS))
    if book.last_day is None:
        return
    table = (
        behaviour(book, date(9998, 12, 31))
        .select("customer")
        .join(behaviour(book, book.last_day).select("customer", "class"), on="customer", how="left", nulls_equal=True)
    )
    documents = (
        book.frames["documents"]
        .join(book.frames["cells"], on="cell")
        .join(book.frames["customers"].select("customer", "customer_id"), on="customer")
        .select(pl.col("customer_id").alias("customer"), pl.col(BEHAVIOUR).alias("class"))
        .unique()
    )
    assert documents.sort("customer").equals(table.sort("customer"))
    assert book.frames["positions"]["amount"].sum() == book_of(ledger).frames["positions"]["amount"].sum()
