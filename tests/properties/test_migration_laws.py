"""Laws of where an opening balance went, for any books, rules, days and windows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book
from ledger.calendar import Window
from ledger.conversion import Conversion
from ledger.money import digits
from metrics import migration, rolls
from tests.plain.ledger import Ledger
from tests.plain.metrics import AgingRule
from tests.plain.strategies import booked_ledgers, days, ledgers, windows
from tests.properties.product import RULES, book_of
from tests.properties.test_conversion import books, converted

MONTH_END = date(2024, 2, 29)


def assert_ties(of: Book, window: Window) -> None:
    """What became of a bucket adds up to what stood in it, in minor units, as positions tell it."""
    went: dict[tuple[object, ...], int] = {}
    for region, currency, bucket, amount in (
        migration(of, window, by=("region",)).select("region", "currency", "bucket", "amount").iter_rows()
    ):
        minor = Decimal(str(amount)).scaleb(digits(currency)).quantize(Decimal(1))
        went[region, currency, bucket] = went.get((region, currency, bucket), 0) + int(minor)
    stood = {
        (region, currency, of.rules.aging.buckets[bucket]): amount - credit
        for region, currency, bucket, amount, credit in of.positions([window.opening], by=("region",))
        .select("region", "currency", "bucket", "amount", "credit")
        .iter_rows()
    }
    assert {key: total for key, total in went.items() if total} == {key: owed for key, owed in stood.items() if owed}


@given(ledgers(), st.sampled_from(RULES), days, windows)
def test_what_became_of_a_bucket_adds_up_to_what_stood_in_it_to_the_cent(
    ledger: Ledger, rule: AgingRule, day: date, window: str
) -> None:
    assert_ties(book_of(ledger, rule), Window.ending(day, window))


@given(booked_ledgers(), days, windows)
def test_it_does_in_booked_amounts_with_exchange_differences(ledger: Ledger, day: date, window: str) -> None:
    assert_ties(book_of(ledger), Window.ending(day, window))


@given(books, st.sampled_from([Conversion.CLOSING, Conversion.HISTORICAL]), days, windows)
def test_it_does_at_any_rates(ledger: Ledger, conversion: Conversion, day: date, window: str) -> None:
    assert_ties(converted(ledger, conversion), Window.ending(day, window))


@given(ledgers(), st.sampled_from(RULES))
def test_over_one_whole_month_it_is_the_roll_of_that_month(ledger: Ledger, rule: AgingRule) -> None:
    of = book_of(ledger, rule)
    columns = ["currency", "bucket", "to", "amount", "opening", "rate"]
    followed = rolls(of, MONTH_END, 1).filter(pl.col("method") == "followed").select(columns)
    assert migration(of, Window.ending(MONTH_END, "1mo")).select(columns).rows() == followed.rows()
