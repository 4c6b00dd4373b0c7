"""Minor units, and the one rule for rounding."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest

from ledger.money import RATE, converted, digits, divided, major, unit


@pytest.mark.parametrize(
    ("currency", "places"), [("JPY", 0), ("USD", 2), ("KWD", 3), ("CLF", 4), ("XYZ", 2), (None, 2)]
)
def test_a_currency_has_its_own_smallest_unit(currency, places):
    assert digits(currency) == places
    assert pl.select(unit(pl.lit(currency, pl.String))).item() == 10**places


@pytest.mark.parametrize(
    ("over", "under", "whole"),
    [
        (5, 2, 3), (-5, 2, -3), (5, -2, -3), (-5, -2, 3), (4, 3, 1), (5, 3, 2), (-4, 3, -1), (-5, 3, -2), (1, 2, 1),
        (-1, 2, -1), (0, 7, 0), (2**62, 1, 2**62), (2**100, 2**50, 2**50), (1, 0, None), (None, 1, None),
        (1, None, None), (2**100, 1, None),
    ],
)  # fmt: skip
def test_halves_go_away_from_zero_and_nothing_is_divided_by_zero(over, under, whole):
    frame = pl.DataFrame({"n": [over], "d": [under]}, schema={"n": pl.Int128, "d": pl.Int128})
    assert frame.select(divided(pl.col("n"), pl.col("d"))).item() == whole


@pytest.mark.parametrize(
    ("minor", "rate", "from_unit", "to_unit"),
    [
        (12_345, "1.0931", 100, 100),
        (-12_345, "1.0931", 100, 100),
        (1, "0.5", 100, 100),
        (-1, "0.5", 100, 100),
        (150, "0.006741573033", 1, 100),
        (100, "149.327", 100, 1),
        (2_345, "3.2571", 1000, 100),
        (99_999_999_999_999_99, "1.000000000001", 100, 100),
        (10**15, "0.000000000001", 100, 1000),
    ],
)
def test_a_conversion_is_exact_decimal_arithmetic(minor, rate, from_unit, to_unit):
    exact = Decimal(minor) * Decimal(rate) * to_unit / from_unit
    frame = pl.DataFrame({"m": [minor], "r": [Decimal(rate)]}, schema={"m": pl.Int64, "r": RATE})
    got = frame.select(converted(pl.col("m"), pl.col("r"), pl.lit(from_unit), pl.lit(to_unit))).item()
    assert got == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_conversion_beyond_64_bits_has_no_value_and_no_wrong_one():
    frame = pl.DataFrame({"m": [10**16, 1], "r": [Decimal(10**12)] * 2}, schema={"m": pl.Int64, "r": RATE})
    assert frame.select(converted(pl.col("m"), pl.col("r"), pl.lit(100), pl.lit(100))).to_series().to_list() == [
        None,
        10**12,
    ]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123456, "USD", "1234.56"),
        (5, "JPY", "5.0"),
        (-2345, "KWD", "-2.345"),
        (9_000_000_000_000_001, "USD", "90000000000000.02"),
    ],
)
def test_major_units_are_the_nearest_double(minor, currency, text):
    assert str(pl.select(major(pl.lit(minor), pl.lit(currency))).item()) == text


@pytest.mark.parametrize(
    "currency", [pl.col("currency"), pl.lit("USD"), pl.lit("USD").alias("currency")], ids=["column", "literal", "named"]
)
def test_a_column_in_one_currency_is_as_exact_as_a_single_amount(currency):
    # 6005 × 0.01 is 60.050000000000004, and 6005 ÷ 100 is 60.05.
    cents = [*range(-6100, 6100), 10**15 + 1, None]
    frame = pl.DataFrame({"cents": cents, "currency": "USD"})
    exact = [None if amount is None else amount / 100 for amount in cents]
    assert frame.select(major(pl.col("cents"), currency)).to_series().to_list() == exact
    constant = frame.select("cents", currency=pl.lit("USD"))
    assert constant.lazy().select(major(pl.col("cents"), pl.col("currency"))).collect().to_series().to_list() == exact
