"""Several whole-number keys as one: sorting and grouping by one number is several times faster than by many."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_MOST = 2**62

_FEW = 2_000
"""So few rows are sorted as they are."""


def packed(keys: Sequence[pl.Series]) -> pl.Series:
    """One number a row that is ordered as ``keys`` are, nulls last. ``keys``: whole numbers or dates."""
    one, room = keys[0].to_physical().cast(pl.Int64), 1
    for place, key in enumerate(keys):
        number = key.to_physical().cast(pl.Int64)
        least, most = number.min(), number.max()
        low, high = (least, most) if isinstance(least, int) and isinstance(most, int) else (0, 0)
        span = high - low + 2
        room *= span
        if room > _MOST:
            return pl.DataFrame(keys).select(pl.struct(pl.all()).rank("dense").cast(pl.Int64)).to_series()
        placed = (number - low).fill_null(span - 1)
        one = one * span + placed if place else placed
    return one


def in_order(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """``frame`` sorted by ``keys``, whole numbers or dates, nulls last."""
    if frame.height <= _FEW:
        return frame.sort(keys, nulls_last=True)
    key = packed([frame[name] for name in keys])
    return (
        frame
        if key.is_sorted()
        else frame.with_columns(_packed=key).sort("_packed", maintain_order=True).drop("_packed")
    )


def summed(frame: pl.DataFrame, keys: Sequence[str], amount: str) -> pl.DataFrame:
    """``<keys…>`` and the sum of ``amount``, both whole numbers (or dates), sorted by ``keys``.

    For rows that come sorted, or almost: nothing is hashed.
    """
    rows = in_order(frame.select(*keys, amount), keys)
    key = packed([rows[name] for name in keys])
    last = (key != key.shift(-1)).fill_null(value=True)
    ends = rows.with_columns(pl.col(amount).cum_sum()).filter(last)
    return ends.with_columns(pl.col(amount) - pl.col(amount).shift(1).fill_null(0))
