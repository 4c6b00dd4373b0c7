"""What is laid out by days tells of every day and every part of the company what the slices themselves tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ledger import facts, standing
from ledger.book import Book
from ledger.calendar import Window, month_end
from ledger.choosing import Choice
from ledger.movements import Movements
from ledger.scope import COMPANY, Scope
from ledger.standing import PASSING, STANDING, Runs, Standing
from tests.plain.ledger import Ledger
from tests.plain.strategies import days, ledgers, windows
from tests.properties.product import book_of

several = st.lists(days, min_size=1, max_size=4, unique=True).map(sorted)
groupings = st.lists(st.sampled_from(["entity", "segment", "customer", "currency"]), max_size=2, unique=True)


def laid_out(book: Book) -> Book:
    """The same book with what stands laid out."""
    frames = standing.build(book.frames["slices"], book.frames["documents"], book.position_days)
    return replace(book, frames={**book.frames, **dict(zip((STANDING, PASSING), frames, strict=True))})


def plain(book: Book) -> Book:
    """The same book without it."""
    return replace(book, frames={name: rows for name, rows in book.frames.items() if name not in (STANDING, PASSING)})


def in_order(rows: pl.LazyFrame, columns: Sequence[str]) -> pl.DataFrame:
    return rows.select(columns).sort(columns, nulls_last=True).collect()


@given(ledgers(), several)
def test_the_same_slices_are_open(ledger: Ledger, asked: list[date]) -> None:
    book = book_of(ledger)
    slices, documents = book.frames["slices"], book.frames["documents"]
    frames = standing.build(slices, documents, book.position_days)
    read = Standing(book.position_days, *(Runs.of(frame) for frame in frames)).open_at(asked)
    columns = frames[0].columns
    assert_frame_equal(
        in_order(read, columns), in_order(standing.lent(facts.alive(slices.lazy(), asked), documents), columns)
    )


@given(ledgers(), st.integers(1, 5), several)
def test_parts_are_put_one_after_the_other(ledger: Ledger, customers: int, asked: list[date]) -> None:
    book = book_of(ledger)
    slices, documents = book.frames["slices"], book.frames["documents"]
    first = pl.col("customer") < customers
    parts = [standing.build(slices.filter(own), documents, book.position_days) for own in (first, ~first)]
    whole = standing.build(slices, documents, book.position_days)
    reads = [
        Standing(book.position_days, *(Runs.of(frame) for frame in frames)).open_at(asked)
        for frames in (whole, [pl.concat(pieces) for pieces in zip(*parts, strict=True)])
    ]
    assert_frame_equal(*(in_order(read, whole[0].columns) for read in reads))


@given(ledgers(), several, groupings, windows)
def test_a_book_answers_the_same_with_and_without(
    ledger: Ledger, asked: list[date], by: list[str], window: str
) -> None:
    book = book_of(ledger)
    one, other = laid_out(book), plain(book)
    spans = [Window.ending(day, window) for day in asked]
    for scope in (COMPANY, Scope.of(segment=[None, "retail"]), Scope.of(customer="C1")):
        assert_frame_equal(one.positions(asked, scope, by), other.positions(asked, scope, by))
        assert_frame_equal(one.rolls(asked, scope, by), other.rolls(asked, scope, by))
        assert_frame_equal(one.flows(spans, scope, by), other.flows(spans, scope, by))
        for mine, theirs in zip(one.holdings(asked, scope, by), other.holdings(asked, scope, by), strict=True):
            assert_frame_equal(mine, theirs)


@given(ledgers(), several, groupings)
def test_holdings_are_the_open_slices_of_each_customer(ledger: Ledger, asked: list[date], by: list[str]) -> None:
    book = laid_out(book_of(ledger))
    labels = [*book.by_columns(by), "currency"]
    held, names = book.holdings(asked, COMPANY, by)
    number = {"_debtor": pl.col("amount").sum()}

    def of_each(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows.with_columns(_number="customer")

    wanted = book.open_sums(asked, COMPANY, by, of_each, number, ["_number"])
    told = names[held["_row"]].hstack(held.drop("_row"))
    told = told.select("as_of", *labels, _number="_debtor", _debtor="_balance")
    assert_frame_equal(told, wanted, check_row_order=False)


months = st.integers(2023 * 12, 2025 * 12).map(lambda n: month_end(date(n // 12, n % 12 + 1, 1)))
spans = st.lists(months, min_size=1, max_size=6, unique=True).map(sorted)


@given(st.data(), spans, st.integers(0, 100), st.integers(0, 20))
def test_months_and_days_add_up_to_the_window(data: st.DataObject, ends: list[date], length: int, shift: int) -> None:
    """Windows of whole months, of days, overlapping and apart, against a filter over the days."""
    moved = data.draw(st.lists(st.tuples(st.integers(-40, 800), st.integers(0, 2), st.integers(-9, 9)), max_size=40))
    daily = (
        pl.DataFrame(
            [(date(2023, 1, 1) + timedelta(days=day), cell, amount) for day, cell, amount in moved],
            schema={"day": pl.Date, "cell": pl.UInt32, "billed": pl.Int64},
            orient="row",
        )
        .group_by("day", "cell")
        .agg(pl.col("billed").sum())
        .sort("day", "cell")
    )
    cut = [
        Window(end.replace(day=1) if not length else end - timedelta(days=length + shift), end - timedelta(days=shift))
        for end in ends
    ]
    cells = pl.DataFrame({"cell": [0, 1], "group": [0, 1]}, schema_overrides={"cell": pl.UInt32, "group": pl.UInt32})
    choice = Choice(cells, cells.select("group"), pl.Series([0, 1, None], dtype=pl.UInt32))
    got = Movements(daily).within(cut, choice, ["billed"])
    wanted = [
        (span.end, cell, rows["billed"].sum())
        for span in cut
        for cell in (0, 1)
        if (rows := daily.filter((pl.col("cell") == cell) & pl.col("day").is_between(span.start, span.end))).height
    ]
    assert sorted(got.select("as_of", "group", "billed").rows()) == sorted(wanted)
