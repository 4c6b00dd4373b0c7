"""How unusual numbers are for their own history, in robust standard deviations."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MONTHS = 36
"""How far back history is read."""

LEAST = 8
"""Fewer earlier months say nothing about what is usual."""

SEASONAL = 24
"""From so many earlier months on, a month is compared with the same month of the year before."""

MOST = 1e6
"""No number is told to be more deviations away than this, also where its history never moved."""

_YEAR = 12
_MAD = 1.4826
"""Median absolute deviations in a standard deviation of normal data …"""
_MEAN = 1.2533
"""… and mean absolute deviations."""
_NOISE = 1e-9
"""A difference below this share of the numbers is what binary fractions leave."""


def deviations(
    values: pl.DataFrame, asked: pl.DataFrame, months: pl.DataFrame, labels: Sequence[str], *, absent_is_zero: bool
) -> pl.DataFrame:
    """``as_of, <labels>, quantity, expected, _spread, _points``: a row for each of ``asked``.

    The modified z-score of Iglewicz and Hoaglin (1993): distance from the median of the earlier months ÷ (1.4826 ×
    their median absolute deviation), or ÷ (1.2533 × their mean absolute deviation where the first is 0, as most of them
    are alike). With ``SEASONAL`` earlier months the differences from the same month a year before stand for the
    numbers. ``quantity`` is within ±``MOST`` and null with fewer than ``LEAST`` months to go by; ``expected`` is the
    value that would be no news.

    Args:
        values: ``as_of, <labels>, value``, of all the months.
        asked: ``as_of, <labels>``: the days and groups to answer for.
        months: ``as_of, _back, _day``: for every day asked the same day ``_back`` months before, itself with 0.
        labels: the columns that name a group.
        absent_is_zero: of a month without a row, after the group's first one, the value is 0, else unknown.
    """
    groups = asked.select(labels).unique().with_row_index("_group")
    known = values.join(groups, on=labels, nulls_equal=True).select("_group", "value", _day="as_of")
    wanted = asked.join(groups, on=labels, nulls_equal=True).select("as_of", "_group")
    scored = _scored(_series(known, wanted.join(months, on="as_of"), absent_is_zero=absent_is_zero))
    return scored.join(groups, on="_group").select("as_of", *labels, "quantity", "expected", "_spread", "_points")


def _series(known: pl.DataFrame, wanted: pl.DataFrame, *, absent_is_zero: bool) -> pl.DataFrame:
    """``as_of, _group, _back, _x, _year``: each month's value, and the one a year before it."""
    found = wanted.join(known, on=["_day", "_group"], how="left")
    if absent_is_zero:
        first = pl.col("_back").filter(pl.col("value").is_not_null()).max().over("as_of", "_group")
        found = found.with_columns(
            pl.when(pl.col("_back") < first).then(pl.col("value").fill_null(0.0)).otherwise("value")
        )
    series = found.select("as_of", "_group", "_back", _x="value")
    before = series.select("as_of", "_group", pl.col("_back") - _YEAR, _year="_x")
    return series.join(before, on=["as_of", "_group", "_back"], how="left")


def _scored(series: pl.DataFrame) -> pl.DataFrame:
    x, step = pl.col("_x"), pl.col("_x") - pl.col("_year")
    now, earlier = pl.col("_back") == 0, pl.col("_back") > 0
    told = series.group_by("as_of", "_group").agg(
        pl.col("_year").filter(now).first(),
        x.abs().max().alias("_size"),
        *_summary(x, now, earlier, "level"),
        *_summary(step, now, earlier, "step"),
    )
    enough = (
        (pl.col("_points_level") >= SEASONAL) & (pl.col("_points_step") >= LEAST) & pl.col("_now_step").is_not_null()
    )
    noise = pl.col("_size") * _NOISE
    away, spread = pl.col("_away"), pl.col("_spread")
    endless = away.sign() * MOST
    return (
        told.with_columns(
            pl.when(enough).then(f"_{name}_step").otherwise(f"_{name}_level").alias(f"_{name}")
            for name in ("now", "middle", "mad", "mean", "points")
        )
        .with_columns(
            _away=pl.when((pl.col("_now") - pl.col("_middle")).abs() > noise)
            .then(pl.col("_now") - pl.col("_middle"))
            .otherwise(0.0),
            _spread=pl.when(pl.col("_mad") > noise)
            .then(_MAD * pl.col("_mad"))
            .when(pl.col("_mean") > noise)
            .then(_MEAN * pl.col("_mean"))
            .otherwise(0.0),
            expected=pl.when(enough).then(pl.col("_year") + pl.col("_middle")).otherwise("_middle"),
        )
        .with_columns(
            quantity=pl.when((pl.col("_points") >= LEAST) & pl.col("_now").is_not_null()).then(
                pl.when(spread > 0).then((away / spread).clip(-MOST, MOST)).otherwise(endless)
            )
        )
    )


def _summary(number: pl.Expr, now: pl.Expr, earlier: pl.Expr, name: str) -> list[pl.Expr]:
    """The number now, and of the earlier ones the middle, both spreads and how many there are."""
    others = number.filter(earlier).drop_nulls()
    apart = (others - others.median()).abs()
    told = {
        "now": number.filter(now).first(),
        "middle": others.median(),
        "mad": apart.median(),
        "mean": apart.mean(),
        "points": others.count(),
    }
    return [expr.alias(f"_{key}_{name}") for key, expr in told.items()]
