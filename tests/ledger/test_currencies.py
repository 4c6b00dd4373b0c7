"""Several currencies: converted as set, or never added."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from ledger import listing
from ledger.conversion import Conversion
from ledger.scope import Scope
from metrics import aging, evaluate, movement
from tests.ledger.books import balance, book, day, invoice, lines, owed, quarantined, rate, settled, value, warned

ALL = [Conversion.BOOKED, Conversion.HISTORICAL, Conversion.CLOSING]

FIVE = [
    invoice("U", "100.00", currency="USD"),
    invoice("E", "33.33", currency="EUR"),
    invoice("J", "1000", currency="JPY", region="APAC"),
    invoice("K", "2.345", currency="KWD", document_date="2024-02-10"),
    invoice("G", "-50.00", currency="GBP", kind="credit_memo"),
]
PAID = [
    settled("1", "11.11", "2024-02-20", of="E"),
    settled("2", "11.11", "2024-03-05", of="E"),
    settled("3", "1000", "2024-03-20", of="J"),
    settled("4", "-20.00", "2024-03-21", by="credit", of="G"),
]
RATES = [
    rate("EUR", "2024-01-01", "1.10"), rate("EUR", "2024-03-31", "1.20"),
    rate("JPY", "2024-01-01", "0.0067"), rate("JPY", "2024-03-01", "0.0070"),
    rate("KWD", "2024-01-01", "3.25"),
    rate("GBP", "2024-01-01", "1.27"), rate("GBP", "2024-03-31", "1.25"),
]  # fmt: skip


def five(conversion, **rates):
    return book(FIVE, PAID, rules={"conversion": conversion}, **rates)


def test_one_currency_needs_no_rates():
    done = book([invoice("A", "10"), invoice("B", "5")])
    assert done.rules.conversion is Conversion.BOOKED
    assert done.currencies == ("USD",)
    assert owed(done, "2024-01-31") == 15


def test_historical_amounts_are_converted_at_the_document_date():
    # 100 + 33.33 × 1.10 + 1000 × 0.0067 + 2.345 × 3.25 − 50 × 1.27 = 100 + 36.66 + 6.70 + 7.62 − 63.50
    done = five(Conversion.HISTORICAL, fx_rates=RATES)
    assert done.currencies == ("USD",)
    assert owed(done, "2024-02-10") == Decimal("87.48")
    assert owed(done, "2024-12-31") == Decimal(100) + Decimal("12.22") + Decimal("7.62") - Decimal("38.10")


def test_closing_amounts_are_converted_at_the_as_of_day():
    done = five(Conversion.CLOSING, fx_rates=RATES)
    # 11.11 EUR × 1.20 = 13.33; 30 GBP × 1.25 = 37.50; the yen are paid.
    assert owed(done, "2024-03-31") == Decimal(100) + Decimal("13.33") + Decimal("7.62") - Decimal("37.50")
    # A day earlier the older rates hold: 11.11 × 1.10 = 12.22; 30 × 1.27 = 38.10.
    assert owed(done, "2024-03-30") == Decimal(100) + Decimal("12.22") + Decimal("7.62") - Decimal("38.10")


@pytest.mark.parametrize("on", ["2024-02-29", "2024-03-30", "2024-03-31", "2024-05-15"])
def test_the_closing_balance_is_the_sum_of_the_items_at_the_days_rate(on):
    done = five(Conversion.CLOSING, fx_rates=RATES)
    items = listing.open_items(done, day(on))
    assert owed(done, on) == sum(Decimal(str(x)) for x in items["open"])
    at = {"USD": Decimal(1), "KWD": Decimal("3.25"), "JPY": Decimal("0.0067" if on < "2024-03-01" else "0.0070")}
    at |= {
        "EUR": Decimal("1.10" if on < "2024-03-31" else "1.20"),
        "GBP": Decimal("1.27" if on < "2024-03-31" else "1.25"),
    }
    for currency, amount, converted in items.select("currency", "open_amount", "open").iter_rows():
        assert abs(Decimal(str(amount)) * at[currency] - Decimal(str(converted))) <= Decimal("0.005")


@pytest.mark.parametrize("conversion", ALL)
@pytest.mark.parametrize("on", ["2024-01-10", "2024-03-31", "2024-06-30"])
def test_opening_and_movement_make_closing_in_every_conversion(conversion, on):
    done = five(conversion, fx_rates=RATES)
    for window in ("1mo", "30d", "12mo"):
        told = lines(done, on, window)
        assert told.pop("difference") == 0
        assert told.pop("closing", 0) == sum(told.values())


@pytest.mark.parametrize("conversion", ALL)
def test_groups_by_currency_sum_to_the_whole(conversion):
    done = five(conversion, fx_rates=RATES)
    rows = evaluate(done, ["total_ar"], [day("2024-03-31")], by=["currency"])
    assert rows["document_currency"].to_list() == ["EUR", "GBP", "JPY", "KWD", "USD"]
    assert rows["currency"].unique().to_list() == ["USD"]
    assert round(rows["value"].sum(), 2) == value(done, "total_ar", "2024-03-31")


def test_rates_that_move_the_balance_are_its_fx_line():
    done = book([invoice("E", "100", currency="EUR")], rules={"conversion": Conversion.CLOSING}, fx_rates=RATES)
    assert lines(done, "2024-03-31", "1mo") == {"opening": 110, "fx": 10, "closing": 120, "difference": 0}


@pytest.mark.parametrize("conversion", ALL)
@pytest.mark.parametrize(
    "parts", [["33.33"], ["11.11", "11.11", "11.11"], ["0.01", "33.32"], ["16.67", "16.66"], ["0.01"] * 9 + ["33.24"]]
)
def test_a_foreign_document_settled_in_full_ends_at_nothing(conversion, parts):
    rows = [settled(f"S{n}", part, f"2024-02-{n + 1:02}", of="E") for n, part in enumerate(parts)]
    done = book(
        [invoice("E", "33.33", currency="EUR", amount_base="36.67", base_currency="USD")], rows,
        rules={"conversion": conversion}, fx_rates=[rate("EUR", "2024-01-01", "1.0931")],
    )  # fmt: skip
    assert balance(done, "2024-03-31") == {}
    assert done.frames["slices"]["amount"].sum() == done.frames["documents"]["amount_rep"].sum()
    assert listing.open_items(done, day("2024-03-31")).is_empty()


@pytest.mark.parametrize("reporting", ["JPY", "KWD", "EUR"])
def test_a_book_in_a_third_currency_ends_at_nothing_too(reporting):
    rows = [settled(f"S{n}", "33.33", "2024-02-01", of="E") for n in range(3)]
    done = book(
        [invoice("E", "99.99", currency="GBP", amount_base="127.07", base_currency="USD")], rows,
        rules={"reporting_currency": reporting},
        fx_rates=[rate("USD", "2024-01-01", "0.9173"), rate("GBP", "2024-01-01", "1.17")],
    )  # fmt: skip
    # The booked dollars are converted, not the pounds: 127.07 × 0.9173.
    exact = Decimal("127.07") * Decimal("0.9173")
    assert abs(owed(done, "2024-01-31") - exact) <= Decimal("0.5")
    assert balance(done, "2024-03-31") == {}


def test_booked_amounts_are_believed_before_any_rate():
    done = book([invoice("E", "100", currency="EUR", amount_base="123.45", base_currency="USD")], fx_rates=RATES)
    assert owed(done, "2024-03-31") == Decimal("123.45")


def test_a_document_without_a_booked_amount_falls_back_to_its_dates_rate():
    documents = [
        invoice("E", "100", currency="EUR", amount_base="123.45"),
        invoice("F", "100", currency="EUR", amount_base=None),
    ]
    assert owed(book(documents, fx_rates=RATES), "2024-03-31") == Decimal("233.45")


def test_a_revaluation_changes_the_booked_amount_alone():
    done = book(
        [invoice("I1", "100", currency="EUR", amount_base="110", base_currency="USD")],
        [settled("1", "0", "2024-02-01", by="fx", amount_base="-5")],
    )
    assert [owed(done, on) for on in ("2024-01-31", "2024-02-01")] == [110, 115]
    assert lines(done, "2024-02-29") == {"billed": 110, "fx": 5, "closing": 115, "difference": 0}


def test_large_amounts_convert_to_the_cent():
    done = book(
        [invoice("E", "99999999999.99", currency="EUR")], rules={"conversion": Conversion.HISTORICAL},
        fx_rates=[rate("EUR", "2024-01-01", "1.23456789")],
    )  # fmt: skip
    assert owed(done, "2024-01-31") == Decimal("123456788999.99")


def test_without_rates_currencies_are_never_added():
    done = five(Conversion.HISTORICAL)
    assert done.rules.conversion is Conversion.NONE
    assert done.currencies == ("EUR", "GBP", "JPY", "KWD", "USD")
    on = [day("2024-03-31")]
    want = {"EUR": 11.11, "GBP": -30.0, "JPY": 0.0, "KWD": 2.345, "USD": 100.0}
    assert dict(evaluate(done, ["total_ar"], on).select("currency", "value").iter_rows()) == want
    buckets = aging(done, on).group_by("currency").agg(pl.col("amount").sum()).sort("currency")
    assert dict(buckets.iter_rows()) == want
    closing = movement(done, on[0]).filter(pl.col("line") == "closing")
    assert dict(closing.select("currency", "amount").iter_rows()) == want
    assert movement(done, on[0]).filter(pl.col("line") == "difference")["amount"].unique().to_list() == [0.0]
    items = listing.open_items(done, on[0])
    assert items["reporting_currency"].to_list() == items["currency"].to_list()
    assert dict(items.select("currency", "open").iter_rows()) == {c: a for c, a in want.items() if a}


def test_without_rates_grouping_by_currency_changes_nothing_and_choosing_one_leaves_it():
    done = five(Conversion.BOOKED)
    on = [day("2024-03-31")]
    assert evaluate(done, None, on, by=["currency"]).equals(
        evaluate(done, None, on).sort("currency", maintain_order=True)
    )
    assert aging(done, on, by=["currency", "region"]).columns == [
        "as_of",
        "region",
        "currency",
        "bucket",
        "amount",
        "count",
        "share",
    ]
    assert movement(done, on[0], by=["currency"]).columns == ["as_of", "window", "currency", "line", "amount"]
    chosen = evaluate(done, ["total_ar"], on, scope=Scope.of(currency="KWD"), by=["currency"])
    assert chosen.select("currency", "value").rows() == [("KWD", 2.345)]


def test_one_foreign_currency_without_rates_stays_what_it_is():
    done = book([invoice("E", "10", currency="EUR")])
    assert evaluate(done, ["total_ar"], [day("2024-01-31")]).select("currency", "value").rows() == [("EUR", 10.0)]


def test_a_currency_that_the_rates_do_not_know_is_quarantined():
    done = book(
        [invoice("A", "10"), invoice("X", "10", currency="CHF")],
        [settled("1", "1", "2024-02-01", of="X")],
        fx_rates=RATES,
    )
    assert quarantined(done) == [("X", "rate_missing"), ("1", "document_unknown")]
    assert "no exchange rate for 'CHF'" in done.quarantine["reason"][0]
    assert owed(done, "2024-03-31") == 10


def test_a_document_that_is_too_large_at_its_rate_is_quarantined_and_nothing_breaks():
    documents = [invoice("A", "10"), invoice("X", "9" * 14, currency="CHF")]
    done = book(documents, fx_rates=[rate("CHF", "2024-01-01", "1000000000000")])
    assert quarantined(done) == [("X", "rate_missing")]


def test_a_document_older_than_the_first_rate_takes_it_and_is_warned_of():
    done = book(
        [invoice("E", "10", currency="EUR", document_date="2023-12-31")],
        rules={"conversion": Conversion.HISTORICAL},
        fx_rates=RATES,
    )
    assert owed(done, "2024-01-31") == 11
    assert warned(done) == {"rate_early": ["E"]}
