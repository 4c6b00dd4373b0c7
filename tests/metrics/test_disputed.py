"""Disputed money by how late it is."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.aging import AgingRule
from metrics import aging, disputed_aging
from tests.ledger.books import book, day, invoice, payment, settled, value

END = day("2024-03-31")

# Due 9 February: 51 days late. Due 20 March: 11 days late. Due in April: not late.
ITEMS = [
    invoice("A", "100", disputed="true"),
    invoice("B", "60", due_date="2024-03-20", disputed="true"),
    invoice("C", "500", due_date="2024-03-20"),
    invoice("D", "40", document_date="2024-03-10", due_date="2024-04-09", disputed="true", region="APAC"),
    payment("P", "-30", "2024-03-01", disputed="true"),
]
PAID = [settled("1", "20", "2024-03-15", of="A")]
LEDGER = book(ITEMS, PAID)


def test_disputed_money_lies_in_the_buckets_of_its_items():
    rows = disputed_aging(LEDGER, [END])
    assert rows.columns == ["as_of", "currency", "bucket", "amount", "share"]
    # 80 left of A, 60 of B and 40 of D; the disputed payment is a credit and in no bucket.
    assert rows.select("bucket", "amount").rows() == [
        ("current", 40), ("1–30", 60), ("31–60", 80), ("61–90", 0), ("91–120", 0), ("120+", 0),
    ]  # fmt: skip
    assert rows["share"].to_list() == pytest.approx([40 / 180, 60 / 180, 80 / 180, 0, 0, 0])
    assert rows["amount"].sum() == value(LEDGER, "disputed", "2024-03-31")


def test_groups_and_days_are_those_of_the_aging_table():
    days = [day("2024-01-31"), END]
    rows, all_rows = disputed_aging(LEDGER, days, by=["region"]), aging(LEDGER, days, by=["region"])
    keys = ["as_of", "region", "currency", "bucket"]
    assert rows.select(keys).equals(all_rows.filter(pl.col("bucket") != "unapplied").select(keys))
    asia = rows.filter(region="APAC", as_of=END)
    assert asia["amount"].to_list() == [40, 0, 0, 0, 0, 0]
    assert asia["share"].to_list() == [1, 0, 0, 0, 0, 0]


def test_nothing_disputed_has_buckets_and_no_shares():
    rows = disputed_aging(book([invoice("A", "100")]), [END])
    assert rows["amount"].to_list() == [0] * 6
    assert rows["share"].null_count() == 6
    assert disputed_aging(book()).is_empty()


def test_credits_that_are_aged_are_not_disputed_either():
    aged = book(ITEMS, PAID, rules={"aging": AgingRule(credits="aged")})
    assert disputed_aging(aged, [END]).equals(disputed_aging(LEDGER, [END]))
