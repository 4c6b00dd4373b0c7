"""What is done in a shorter way gives what the plain way gives."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import facts
from ledger.cast import Formats, cast
from ledger.conversion import Rates, minor, minor_units
from ledger.days import month_end
from ledger.money import AMOUNT, RATE, converted, exchanged, unit, unit_among
from ledger.schema import DOCUMENTS
from tests.plain.ledger import Ledger
from tests.plain.strategies import booked_ledgers, ledgers
from tests.properties.product import book_of

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "CLF", None)

currencies = st.sampled_from(CURRENCIES)
minors = st.one_of(st.none(), st.integers(-(10**6), 10**6), st.integers(-(10**18), 10**18))
rates = st.one_of(
    st.none(),
    st.just(Decimal(1)),
    st.integers(1, 200_000).map(lambda n: Decimal(n) / 100_000),
    st.integers(1, 10**16).map(lambda n: Decimal(n) / 10**15),
    st.integers(1, 10**18).map(Decimal),
)
spans = st.dates(date(2023, 12, 20), date(2024, 3, 10))

texts = st.sampled_from([
    "USD", " usd", "true", "x ", "maybe", "", "  ", None, "12.50", "1e5", "5E2", "12.50-", "+7", " 3", "1,5", "1.234,5",
    "99999999999999.99", "100000000000000", "2024-02-29", " 2024-02-29", "2024-02-29T10:00", "2024-02-30", "29.02.2024",
])  # fmt: skip


@given(st.lists(st.tuples(minors, rates, currencies), max_size=30), st.sampled_from([1, 100, 1000, 10_000]))
def test_columns_are_exchanged_as_single_amounts_are(rows: list[tuple[int, Decimal, str]], to_unit: int) -> None:
    frame = pl.DataFrame(rows, schema={"amount": pl.Int64, "rate": RATE, "currency": pl.String}, orient="row")
    want = frame.select(
        converted(pl.col("amount"), pl.col("rate"), unit(pl.col("currency")), pl.lit(to_unit, pl.Int64))
    ).to_series()
    assert exchanged(frame, "amount", "rate", "currency", to_unit).to_list() == want.to_list()


@given(st.lists(st.tuples(st.none() | st.decimals(-(10**13), 10**13, places=4), currencies), max_size=20))
def test_columns_become_minor_units_as_single_amounts_do(rows: list[tuple[Decimal, str]]) -> None:
    frame = pl.DataFrame(rows, schema={"amount": AMOUNT, "currency": pl.String}, orient="row")
    want = frame.select(minor("amount", pl.col("currency"))).to_series().to_list()
    assert minor_units(frame, "amount", "currency").to_list() == want
    assert frame.select(unit_among(frame["currency"])).height in (1, frame.height)


def test_amounts_beyond_64_bits_of_millionths_become_minor_units_too() -> None:
    frame = pl.DataFrame({"amount": [Decimal("99999999999999.99"), None], "currency": ["USD", "JPY"]})
    assert minor_units(frame, "amount", "currency").to_list() == [9_999_999_999_999_999, None]


@given(
    st.lists(st.tuples(st.sampled_from(["EUR", "JPY"]), spans, rates.filter(bool)), max_size=8),
    st.lists(st.tuples(st.sampled_from(["USD", "EUR", "JPY", "GBP", None]), st.none() | spans), max_size=8),
)
def test_many_rates_are_found_as_each_is_alone(
    known: list[tuple[str, date, Decimal]], asked: list[tuple[str | None, date | None]]
) -> None:
    once = {(currency, day): rate for currency, day, rate in known}
    rows = [(*key, rate) for key, rate in once.items()]
    table = Rates.of(
        pl.DataFrame(rows, schema={"currency": pl.String, "date": pl.Date, "rate": RATE}, orient="row"), "USD"
    )
    questions = pl.DataFrame(asked * 60, schema={"currency": pl.String, "date": pl.Date}, orient="row")
    alone = [table.on(questions[at : at + 1]).row(0) for at in range(len(asked))]
    assert table.on(questions).rows() == alone * 60
    assert table.on(questions.head(len(asked))).rows() == alone


@given(
    st.lists(texts, max_size=6), st.sampled_from([Formats(), Formats(decimal=",", thousands="."), Formats(decimal=",")])
)
def test_a_value_is_read_alike_among_any_others(values: list[str | None], formats: Formats) -> None:
    def read(given: list[str | None]) -> list[tuple[object, ...]]:
        frame = pl.DataFrame(dict.fromkeys(DOCUMENTS.names, pl.Series(given, dtype=pl.String)))
        done = cast(DOCUMENTS, frame, formats)
        return pl.concat(
            [done.rows.drop("_row"), done.unreadable.select(pl.all().name.prefix("_"))], how="horizontal"
        ).rows()

    alone = [read([value])[0] for value in values]
    assert read(values) == alone
    assert read(values * 40) == alone * 40
    noise = [f"N{n}" for n in range(300)]
    assert read([*noise, *values])[len(noise) :] == alone


@given(st.one_of(ledgers(), booked_ledgers()))
def test_flows_of_whole_tables_are_those_of_any_rows(ledger: Ledger) -> None:
    frames = book_of(ledger).frames
    tables = [frames[name] for name in ("documents", "settlements", "slices")]
    documents, settlements, slices = (table.lazy() for table in tables)
    want = facts.flows(documents, settlements, slices, ["cell"]).sort("day", "cell").collect()
    got = facts.daily(*tables)
    assert got.schema == want.schema
    assert got.equals(want)


@pytest.mark.parametrize("far", [date(1900, 1, 1), date(9999, 12, 31)])
def test_month_ends_are_those_of_the_calendar(far: date) -> None:
    days = [date(2023, 11, 1) + timedelta(days=n) for n in range(200)] + [None, far]
    frame = pl.DataFrame({"day": days})
    assert frame.select(month_end(pl.col("day")))["day"].to_list() == frame["day"].dt.month_end().to_list()
    assert frame.head(0).select(month_end(pl.col("day"))).is_empty()
