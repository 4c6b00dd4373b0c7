"""Books in several currencies with rates: converted at the document's day or at the day asked for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book import Book, BookRules
from ledger.build import build_book
from ledger.conversion import Conversion
from tests.plain.ledger import ZERO, Doc, Ledger, Settlement, open_balance
from tests.plain.strategies import FIRST, days, ledgers, to_frames, windows
from tests.properties.product import DIMENSIONS, buckets, cents, lines, values

books = ledgers(("USD", "EUR", "GBP"))
STEPS = [FIRST + timedelta(days=days) for days in range(-30, 300, 30)]


def rate(currency: str, day: date) -> Decimal:
    """Thirty-day steps up or down; the last rate on or before the day, the first one for any day before."""
    if currency == "USD":
        return Decimal(1)
    step = max([place for place, start in enumerate(STEPS) if start <= day], default=0)
    return (
        Decimal("1.1000") + Decimal("0.0137") * step
        if currency == "EUR"
        else Decimal("1.3000") - Decimal("0.0089") * step
    )


def converted(ledger: Ledger, conversion: Conversion) -> Book:
    rows = [{"currency": code, "date": day, "rate": str(rate(code, day))} for code in ("EUR", "GBP") for day in STEPS]
    rates = pl.DataFrame(rows).with_columns(pl.col("rate").cast(pl.Decimal(18, 6)))
    rules = BookRules(dimensions=DIMENSIONS, conversion=conversion)
    return build_book(to_frames(ledger) | {"fx_rates": rates}, rules)


@given(books, days, st.sampled_from([Conversion.HISTORICAL, Conversion.BOOKED]))
def test_historical_amounts_are_at_the_rate_of_the_document_day(
    ledger: Ledger, day: date, conversion: Conversion
) -> None:
    want = sum((open_balance(ledger, d, day) * rate(d.currency, d.document_date) for d in ledger.docs), ZERO)
    assert_within_rounding(converted(ledger, conversion), ledger, day, want)


@given(books, days)
def test_closing_amounts_are_at_the_rate_of_the_day_asked_for(ledger: Ledger, day: date) -> None:
    want = sum((open_balance(ledger, doc, day) * rate(doc.currency, day) for doc in ledger.docs), ZERO)
    assert_within_rounding(converted(ledger, Conversion.CLOSING), ledger, day, want)


def assert_within_rounding(book: Book, ledger: Ledger, day: date, want: Decimal) -> None:
    """Each document and settlement is rounded to a cent, so the sum is out by half a cent a row at most."""
    assert book.currencies == ("USD",)
    got = cents(values(book, day, "1mo")["total_ar"] or 0.0)
    assert abs(got - want) <= Decimal("0.005") * (len(ledger.docs) + len(ledger.settlements))


@pytest.mark.parametrize("conversion", [Conversion.HISTORICAL, Conversion.CLOSING])
@given(ledger=books, day=days, window=windows)
def test_converted_books_tie_out(ledger: Ledger, day: date, window: str, conversion: Conversion) -> None:
    book = converted(ledger, conversion)
    found = lines(book, day, window)
    assert found["difference"] == ZERO
    assert sum((amount for amount, _ in buckets(book, day).values()), ZERO) == found["closing"]


@given(books, days)
def test_a_settled_document_ends_at_zero_in_every_currency(ledger: Ledger, day: date) -> None:
    part = ledger.only([doc for doc in ledger.docs if open_balance(ledger, doc, day) == 0 and doc.opened_on <= day])
    for conversion in (Conversion.HISTORICAL, Conversion.CLOSING):
        assert values(converted(part, conversion), day, "1mo")["total_ar"] == 0.0


def test_money_settled_on_a_document_of_no_amount_is_converted_too() -> None:
    """100 EUR received on a document of 0: the customer holds 100 EUR with us, at the rate of the document's day."""
    day = date(2024, 1, 10)
    ledger = Ledger(
        (Doc("Z", "C", "invoice", day, Decimal(0), currency="EUR"),),
        (Settlement("1", "Z", day, Decimal(100), "cash"),),
    )
    found = values(converted(ledger, Conversion.HISTORICAL), day, "1mo")
    assert found["total_ar"] == pytest.approx(float(-100 * rate("EUR", day)))
    assert found["cash_collected"] == pytest.approx(float(100 * rate("EUR", day)))
