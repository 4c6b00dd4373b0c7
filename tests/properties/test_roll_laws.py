"""Laws of rolls, loss rates and provisions that hold for any books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book
from ledger.calendar import Window, month_ends
from ledger.conversion import Conversion
from ledger.rolls import opening
from ledger.scope import Scope
from metrics import Individual, Plan, loss_rates, provision, provision_movement, rolls
from tests.plain.ledger import Customer, Doc, Ledger, Settlement
from tests.plain.metrics import AgingRule
from tests.plain.strategies import CUSTOMER_IDS, booked_ledgers, days, ledgers, windows
from tests.properties.product import RULES, book_of
from tests.properties.test_conversion import books, converted

MONTHS = [date(2023, 11, 30), date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
shares = st.floats(0, 1).map(lambda share: round(share, 4))
plans = st.builds(
    Plan,
    months=st.sampled_from([1, 3, 12]),
    rates=st.one_of(st.just({}), shares.map(lambda share: {"current": share})),
    adjustments=st.one_of(st.just({}), shares.map(lambda share: {"current": share * 2 - 1})),
    individual=st.sampled_from(
        [(), (Individual(0.3, customer="007"),), (Individual(0.3, document="001"), Individual(0.7, customer="007"))]
    ),
)
groupings = st.sampled_from(
    [(), ("region",), ("entity", "segment"), ("customer",), ("currency",), ("customer", "entity")]
)


def owed(book: Book, ends: list[date], by: tuple[str, ...]) -> pl.DataFrame:
    """The debit side of the buckets before each of ``ends``, at that later day, zeros left out."""
    later = {opening(end): end for end in ends}
    rows = book.positions(list(later), by=by).with_columns(
        pl.col("as_of").replace_strict(later, return_dtype=pl.Date), amount=pl.col("amount") - pl.col("credit")
    )
    return rows.filter(pl.col("amount") != 0).select("as_of", *book.by_columns(by), "currency", "bucket", "amount")


def assert_ties(book: Book, by: tuple[str, ...]) -> None:
    """What became of a bucket adds up to what stood in it, as positions tell it."""
    rows = book.rolls(MONTHS, by=by)
    keys = [name for name in rows.columns if name not in ("to", "amount")]
    got = rows.group_by(keys).agg(pl.col("amount").sum()).filter(pl.col("amount") != 0)
    begun = [end for end in MONTHS if book.first_day and book.first_day <= opening(end)]
    assert got.sort(keys, nulls_last=True).rows() == owed(book, begun, by).sort(keys, nulls_last=True).rows()


@given(ledgers(), st.sampled_from(RULES), groupings)
def test_outcomes_add_up_to_openings_and_openings_are_positions(
    ledger: Ledger, rule: AgingRule, by: tuple[str, ...]
) -> None:
    assert_ties(book_of(ledger, rule), by)


@given(booked_ledgers(), groupings)
def test_they_do_in_booked_amounts_with_exchange_differences(ledger: Ledger, by: tuple[str, ...]) -> None:
    assert_ties(book_of(ledger), by)


@given(books, st.sampled_from([Conversion.CLOSING, Conversion.HISTORICAL]), groupings)
def test_they_do_at_any_rates(ledger: Ledger, conversion: Conversion, by: tuple[str, ...]) -> None:
    assert_ties(converted(ledger, conversion), by)


@given(ledgers(), st.sampled_from(CUSTOMER_IDS))
def test_summed_and_followed_slice_by_slice_are_the_same(ledger: Ledger, customer: str) -> None:
    book = book_of(ledger)
    everybody = Scope.of(customer=list(dict.fromkeys(CUSTOMER_IDS)))
    assert book.rolls(MONTHS, everybody).equals(book.rolls(MONTHS))
    rows = book.rolls(MONTHS, by=["customer"]).filter(customer=customer).drop("customer")
    assert book.rolls(MONTHS, Scope.of(customer=customer)).equals(rows)


@given(ledgers(), days)
def test_followed_rates_are_shares_and_loss_rates_too(ledger: Ledger, day: date) -> None:
    book = book_of(ledger)
    followed = rolls(book, day).filter(method="followed")
    assert followed["rate"].is_between(0, 1).all()
    whole = followed.group_by("bucket").agg(pl.col("amount").sum(), pl.col("rate").sum(), pl.col("opening").first())
    assert whole["amount"].to_list() == pytest.approx(whole["opening"].to_list())
    assert whole["rate"].to_list() == pytest.approx([1.0] * whole.height)
    assert loss_rates(book, day)["rate"].is_between(0, 1).all()


@given(ledgers(), days, shares, shares)
def test_better_collection_never_costs_more(ledger: Ledger, day: date, one: float, other: float) -> None:
    book = book_of(ledger)
    less, more = (loss_rates(book, day, improvement=share)["rate"] for share in sorted([one, other]))
    assert (more <= less + 1e-12).all()


@given(st.one_of(ledgers(), booked_ledgers()), days, plans, groupings)
def test_provisions_of_groups_add_up_to_that_of_the_whole(
    ledger: Ledger, day: date, plan: Plan, by: tuple[str, ...]
) -> None:
    book = book_of(ledger)
    whole, parts = provision(book, day, plan), provision(book, day, plan, by=by)
    keys = ["currency", "bucket", "note"]
    sums = [pl.col(name).sum().mul(100).round().cast(pl.Int64) for name in ("amount", "allowance")]
    got, want = (
        {row[:3]: row[3:] for row in rows.group_by(keys).agg(sums).iter_rows() if any(row[3:])}
        for rows in (parts, whole)
    )
    assert got == want
    exposure = book.positions([day]).select((pl.col("amount") - pl.col("credit")).sum()).item()
    assert round(whole["amount"].sum() * 100) == exposure
    assert_exposed(whole, parts)


def assert_exposed(whole: pl.DataFrame, parts: pl.DataFrame) -> None:
    """What is negative has no allowance; the rest amount × rate to the cent, less beside a negative group only."""
    for rows in (whole, parts):
        assert (rows.filter(pl.col("amount") <= 0)["allowance"] == 0).all()
        assert (rows["allowance"] >= 0).all()
    exact = pl.col("amount").clip(lower_bound=0) * pl.col("rate")
    assert whole.select(((pl.col("allowance") - exact).abs() < 0.01 + 1e-9).all()).item()
    assert parts.select((pl.col("allowance") < exact + 0.01 + 1e-9).all()).item()
    line = ["currency", "bucket", "note"]
    usual = parts.filter((pl.col("amount") >= 0).all().over(line))
    assert usual.select(((pl.col("allowance") - exact).abs() < 0.01 + 1e-9).all()).item()


left_open = st.dictionaries(st.sampled_from(sorted(set(CUSTOMER_IDS))), st.integers(-500, 500), min_size=2)
"""Customer to what an invoice in euros leaves open in the books' dollars, in cents, once it is paid in full."""


@given(left_open, shares)
def test_groups_below_nothing_have_no_provision_and_the_others_share_the_wholes(
    cents: dict[str, int], share: float
) -> None:
    euro, begun, paid = Decimal(1), date(2024, 1, 10), date(2024, 1, 20)
    docs = tuple(
        Doc(name, name, "invoice", begun, euro, currency="EUR", amount_base=Decimal(9), base_currency="USD")
        for name in cents
    )
    rows = tuple(
        Settlement(name, name, paid, euro, "cash", amount_base=9 - Decimal(left) / 100) for name, left in cents.items()
    )
    book = book_of(Ledger(docs, rows, tuple(Customer(name) for name in cents)))
    plan = Plan(rates={"1–30": share})
    allowances = [
        {row["customer"]: round(row["allowance"] * 100) for row in rows.filter(bucket="1–30").iter_rows(named=True)}
        for rows in (
            provision(book, paid, plan, by=["customer"]),
            provision(book, paid, plan).with_columns(customer=pl.lit("all")),
        )
    ]
    parts, whole = allowances[0], allowances[1]["all"]
    net, positive = sum(cents.values()), sum(max(left, 0) for left in cents.values())
    assert sum(parts.values()) == whole
    assert abs(whole - max(net, 0) * share) <= 0.5 + 1e-9
    for name, left in cents.items():
        exact = max(left, 0) * max(net, 0) / positive * share if positive else 0.0
        assert parts.get(name, 0) == 0 if left <= 0 else abs(parts[name] - exact) <= 2


@given(st.one_of(ledgers(), booked_ledgers()), days, windows, plans)
def test_the_movement_leads_from_opening_to_closing(ledger: Ledger, day: date, window: str, plan: Plan) -> None:
    assert_moves(book_of(ledger), day, window, plan)


@given(books, days, windows, plans)
def test_it_does_at_closing_rates(ledger: Ledger, day: date, window: str, plan: Plan) -> None:
    assert_moves(converted(ledger, Conversion.CLOSING), day, window, plan)


def assert_moves(book: Book, day: date, window: str, plan: Plan) -> None:
    rows = provision_movement(book, day, window, plan)
    span = Window.ending(day, window)
    for currency in book.currencies:
        mine = rows.filter(currency=currency)
        lines = {line: round(amount * 100) for line, amount in mine.select("line", "amount").iter_rows()}
        assert sum(lines.values()) == 2 * lines["closing"]
        for line, at in (("opening", span.opening), ("closing", day)):
            assert lines[line] == round(provision(book, at, plan).filter(currency=currency)["allowance"].sum() * 100)
        assert lines["write_offs"] <= 0 <= lines["recoveries"]
        assert lines["fx"] == 0 or book.rules.conversion is Conversion.CLOSING


@given(st.one_of(ledgers(), booked_ledgers()), days, st.sampled_from([1, 2, 12]), groupings)
def test_net_flow_is_of_balances_as_positions_tell_them(
    ledger: Ledger, day: date, months: int, by: tuple[str, ...]
) -> None:
    book = book_of(ledger)
    labels = book.rules.aging.labels
    ends = month_ends(book.first_day, day)[1:][-months:] if book.first_day else []
    keys = [*book.by_columns(by), "currency"]

    def balances(at: list[date], shift: int) -> dict[tuple[object, ...], int]:
        rows = book.positions(at, by=by).filter(pl.col("bucket").is_between(shift, len(labels) - 2 + shift))
        summed = rows.group_by(*keys, "bucket").agg((pl.col("amount") - pl.col("credit")).sum())
        return {(*group, labels[bucket - shift]): amount for *group, bucket, amount in summed.iter_rows() if amount}

    want = balances([opening(end) for end in ends], 0), balances(ends, 1)
    rows = rolls(book, day, months, by=by).filter(method="net flow")
    for name, amounts in zip(("opening", "amount"), want, strict=True):
        told = rows.select(*keys, "bucket", name).rows()
        assert {tuple(group): round(amount * 100) for *group, amount in told if amount} == amounts
