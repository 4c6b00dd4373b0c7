"""Days as the whole numbers that they are: counting and looking up a million of them costs a few milliseconds."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_CENTURIES = 100_000
"""A longer span of days is not laid out one by one."""


def between(earlier: pl.Expr, later: pl.Expr) -> pl.Expr:
    """Days from one date to the other (Int32), negative when they are the other way round."""
    return number(later) - number(earlier)


def number(day: pl.Expr) -> pl.Expr:
    """Days since the first of January 1970 (Int32)."""
    return day.cast(pl.Date).cast(pl.Int32)


def month_end(day: pl.Expr) -> pl.Expr:
    """The last day of each date's month."""
    return looked_up(day, lambda days: days.dt.month_end(), pl.Date())


def looked_up(day: pl.Expr, what: Callable[[pl.Series], pl.Series], dtype: pl.DataType) -> pl.Expr:
    """What ``what`` says of each date: it is asked once for every day from the first to the last.

    ``what`` takes dates and gives as many values of ``dtype``; for a date that is null the value is null.
    """

    def found(dates: pl.Series) -> pl.Series:
        numbers = dates.cast(pl.Int32)
        first, last = numbers.min(), numbers.max()
        if not isinstance(first, int) or not isinstance(last, int) or last - first > max(_CENTURIES, len(dates)):
            return what(dates)
        table = what(pl.int_range(first, last + 1, dtype=pl.Int32, eager=True).cast(pl.Date))
        return table.gather(numbers - first)

    return day.map_batches(found, return_dtype=dtype, is_elementwise=True)
