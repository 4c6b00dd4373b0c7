"""Batches of rows as one frame, in types that hold every batch exactly."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_LIKE_THOUSANDS = r"^([+-]?\d{1,3}\.\d{3})$"


def stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """``frames``, which have the same columns, one below the other; see ``joined`` for their types."""
    if len(frames) == 1:
        return frames[0]
    if all(frame.schema == frames[0].schema for frame in frames):
        return pl.concat(frames)
    return pl.DataFrame([joined(name, [frame[name] for frame in frames]) for name in frames[0].columns])


def joined(name: str, parts: Sequence[pl.Series]) -> pl.Series:
    """Batches of one column as one series, in the narrowest type that holds all of them exactly."""
    dtype = _common([part.dtype for part in parts])
    same = [_as(dtype, part) if part.dtype != dtype else part for part in parts]
    return pl.concat(same).rename(name) if same else pl.Series(name, [], pl.String)


def unmistakable(digits: pl.Series) -> pl.Series:
    """The texts of numbers so that a decimal point before three digits is not read as one between thousands."""
    return digits.str.replace(_LIKE_THOUSANDS, "${1}0")


def _as(dtype: pl.DataType, part: pl.Series) -> pl.Series:
    told = part.cast(dtype)
    return unmistakable(told) if dtype == pl.String and part.dtype.is_numeric() else told


def _common(dtypes: Sequence[pl.DataType]) -> pl.DataType:
    known = list(dict.fromkeys(dtype for dtype in dtypes if dtype != pl.Null))
    if not known:
        return pl.String()
    if len(known) == 1:
        return known[0]
    if all(dtype.is_integer() for dtype in known):
        return pl.Int64()
    if all(dtype.is_integer() or dtype.is_float() for dtype in known):
        return pl.Float64()
    scales = [dtype.scale for dtype in known if isinstance(dtype, pl.Decimal)]
    if scales and all(dtype.is_integer() or dtype.is_decimal() for dtype in known):
        return pl.Decimal(38, max(scales))
    return pl.String()
