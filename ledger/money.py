"""Money as whole minor units, and the one rule for rounding it."""

from __future__ import annotations

from math import gcd

import polars as pl

# ISO 4217: currencies whose smallest unit is not a hundredth.
_DIGITS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

_HUNDREDTHS = 100

AMOUNT = pl.Decimal(38, 6)
"""How amounts are read before they become minor units."""

LARGEST = 10**14
"""An amount of this many major units or more is taken for a mistake: sums stay whole minor units of 64 bits."""

_WHOLE = 2.0**62

RATE_SCALE = 15
RATE = pl.Decimal(38, RATE_SCALE)
"""How exchange rates are read; exact, so that a converted amount is the same on every machine."""


def digits(currency: str | None) -> int:
    """Decimals of ``currency`` (ISO 4217); 2 for a code that the standard does not list."""
    return _DIGITS.get(currency or "", 2)


def unit(currency: pl.Expr) -> pl.Expr:
    """How many minor units one major unit has (Int64), row by row; 100 where the currency is null."""
    units = {code: 10**n for code, n in _DIGITS.items()}
    return currency.replace_strict(units, default=_HUNDREDTHS, return_dtype=pl.Int64)


def major(amount: pl.Expr, currency: pl.Expr) -> pl.Expr:
    """Minor units as a number of major units (Float64): the nearest double, exact to the cent below 9e13."""
    # A divisor per row: one divisor for the whole column is turned into a factor 1/100, and 60.05 into 60.0500…04.
    each = unit(currency) + (amount * 0).cast(pl.Int64)
    return amount.cast(pl.Float64) / each


def to_the_cent(amount: pl.Expr, currency: pl.Expr) -> pl.Expr:
    """Major units with the digits of their currency, where sums of doubles have left more."""
    return major((amount * unit(currency)).round(0, mode="half_away_from_zero").cast(pl.Int64), currency)


def divided(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """``numerator / denominator`` as a whole number, halves away from zero (Int64).

    Both are taken as 128-bit integers, so that the product of an amount and a rate does not overflow. Null where the
    denominator is 0, either is null, or the result is beyond 64 bits.
    """
    n, d = numerator.cast(pl.Int128), denominator.cast(pl.Int128)
    size = (2 * n.abs() + d.abs()) // (2 * d.abs())
    whole = pl.when((n < 0) != (d < 0)).then(0 - size).otherwise(size)
    return pl.when(d != 0).then(whole).cast(pl.Int64, strict=False)


def converted(minor: pl.Expr, rate: pl.Expr, from_unit: pl.Expr, to_unit: pl.Expr) -> pl.Expr:
    """Minor units of one currency in another's (Int64), at ``rate`` (``RATE``: units of *to* for one of *from*).

    Null where the result is beyond 64 bits, which only a rate or an amount that is a mistake can cause.
    """
    scaled = rate.cast(RATE).to_physical()
    exact = divided(minor.cast(pl.Int128) * scaled * to_unit, from_unit.cast(pl.Int128) * 10**RATE_SCALE)
    about = minor.cast(pl.Float64) * rate.cast(pl.Float64) * to_unit.cast(pl.Float64) / from_unit.cast(pl.Float64)
    return pl.when(about.abs() < _WHOLE).then(exact)


def unit_among(currency: pl.Series) -> pl.Expr:
    """``unit`` of a column at hand: the same numbers, for a look at the currencies that do occur in it."""
    found = pl.lit(_HUNDREDTHS, pl.Int64)
    for code in currency.unique():
        if (n := 10 ** digits(code)) != _HUNDREDTHS:
            found = pl.when(pl.col(currency.name) == code).then(pl.lit(n, pl.Int64)).otherwise(found)
    return found


def exchanged(rows: pl.DataFrame, amount: str, rate: str, currency: str, to_unit: int) -> pl.Series:
    """``converted`` of whole columns: the same numbers (Int64), sooner.

    Rates have few digits as a rule. Without the zeros that they share, 64 bits hold the product with any usual amount.

    Args:
        rows: the columns.
        amount: name of the whole minor units of ``currency`` (Int64).
        rate: name of the units of the other currency for one of this (``RATE``).
        currency: name of the currency; null counts as one with hundredths.
        to_unit: minor units of one major unit of the other currency.
    """
    given = rows.select(amount, rate, currency)
    factor, whole, limit = _factors(given, rate, currency, to_unit)
    if factor is None:
        return _exactly(given, amount, rate, currency, to_unit)
    product = pl.col(amount) * pl.col("_factor")
    size = (2 * product.abs() + whole) // (2 * whole)
    rounded = pl.when(product < 0).then(0 - size).otherwise(size)
    same = (pl.col("_factor") == whole) & (pl.col(amount).cast(pl.Float64).abs() < _WHOLE)
    small = pl.col(amount).abs() <= limit
    done = (
        given.lazy()
        .select(amount, factor.alias("_factor"))
        .select(pl.when(same).then(amount).when(small).then(rounded).alias(amount), _left=~same & ~small)
        .collect()
    )
    left = done["_left"].arg_true()
    if left.is_empty():
        return done[amount]
    return done[amount].scatter(left, _exactly(given[left], amount, rate, currency, to_unit))


def _factors(rows: pl.DataFrame, rate: str, currency: str, to_unit: int) -> tuple[pl.Series | None, int, int]:
    """The factor of each row and the whole, so that an amount × factor / whole is the amount exchanged.

    Both without the divisors that all rows share; and the largest amount for which 64 bits suffice. No factors where
    the rates themselves are too long.
    """
    scaled = rows[rate].to_physical()
    rates = scaled.unique().drop_nulls().to_list()
    units = {10 ** digits(code) for code in rows[currency].unique()} or {100}
    each = {n: to_unit * max(units) // n for n in units}
    by_rate, by_unit = gcd(10**RATE_SCALE, *rates), gcd(max(units), *each.values())
    whole = 10**RATE_SCALE // by_rate * max(units) // by_unit
    largest = max([whole, *(abs(value) // by_rate * max(each.values()) // by_unit for value in rates)])
    limit = 2**61 // largest
    if not limit:
        return None, whole, limit
    per_unit = pl.lit(to_unit * max(units) // by_unit, pl.Int64) // unit_among(rows[currency])
    factor = rows.select((scaled // by_rate).cast(pl.Int64) * per_unit).to_series()
    return factor, whole, limit


def _exactly(rows: pl.DataFrame, amount: str, rate: str, currency: str, to_unit: int) -> pl.Series:
    value = converted(pl.col(amount), pl.col(rate), unit_among(rows[currency]), pl.lit(to_unit, pl.Int64))
    return rows.lazy().select(value.alias(amount)).collect().to_series()
