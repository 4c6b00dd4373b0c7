"""Money as whole minor units, and the one rule for rounding it."""

from __future__ import annotations

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
    return currency.replace_strict({code: 10**n for code, n in _DIGITS.items()}, default=100, return_dtype=pl.Int64)


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
