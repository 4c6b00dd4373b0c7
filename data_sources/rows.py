"""Rows of a database driver into columns, batch by batch, without guessing types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any, cast

import polars as pl

from ledger.stacking import joined, unmistakable

BATCH = 2_000
"""Rows held as Python objects at a time. Larger batches are not faster, and keep the garbage collector busy."""

FRAME = 100_000
"""Rows of a frame."""

_PLAIN = frozenset({pl.Null, pl.String, pl.Boolean, pl.Date, pl.Datetime})


class RepeatedNameError(ValueError):
    """Two columns of a result have one name."""


class BeyondCalendarError(ValueError):
    """A column has a day before the year 1 or after 9999."""


def refuse_repeated(names: Sequence[str]) -> None:
    """Raise RepeatedNameError, with the name, where ``names`` holds one twice."""
    twice = next((name for name in names if list(names).count(name) > 1), None)
    if twice is not None:
        raise RepeatedNameError(twice)


def frames(names: Sequence[str], batches: Iterable[Sequence[Sequence[Any]]]) -> Iterator[pl.DataFrame]:
    """The rows of ``batches`` under ``names``, in order and in frames of ``FRAME`` rows; one frame at least.

    Text stays text, whole numbers integers, REAL floats, NUMERIC decimals, days and times what they are. A column that
    mixes text and numbers, which SQLite allows, is text. A column without any value is text.

    Raises:
        RepeatedNameError: Two columns have one name.
    """
    refuse_repeated(names)
    chunks: list[list[pl.Series]] = [[] for _ in names]
    held, yielded = 0, False
    for rows in batches:
        for at, values in enumerate(zip(*rows, strict=True)):
            chunks[at].append(series(names[at], values))
        held += len(rows)
        if held >= FRAME:
            yield taken(names, chunks)
            held, yielded = 0, True
    if held or not yielded:
        yield taken(names, chunks)


def taken(names: Sequence[str], chunks: list[list[pl.Series]]) -> pl.DataFrame:
    """The batches of each column as one frame; ``chunks`` are let go of on the way."""
    columns: list[pl.Series] = []
    for name, parts in zip(names, chunks, strict=True):
        columns.append(joined(name, parts))
        parts.clear()
    return pl.DataFrame(columns)


def series(name: str, values: Sequence[Any]) -> pl.Series:
    """One batch of a column in the type that all its values share, else as text."""
    if isinstance(next((value for value in values if value is not None), None), Decimal):
        return exact(pl.Series(name, [_word(value) for value in values], dtype=pl.String))
    try:
        column = pl.Series(name, values, strict=True)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return _mixed(name, values)
    dtype = column.dtype
    if dtype.is_numeric() or dtype.base_type() in _PLAIN:
        return column
    return _text(name, values)


def exact(digits: pl.Series) -> pl.Series:
    """Digits as decimals with as many places as they have; text where a value is no number (NaN, Infinity)."""
    places = (digits.str.len_bytes() - digits.str.find(".", literal=True) - 1).max()
    try:
        return digits.cast(pl.Decimal(38, places if isinstance(places, int) else 0))
    except pl.exceptions.PolarsError:
        return unmistakable(digits)


def _mixed(name: str, values: Sequence[Any]) -> pl.Series:
    if all(value is None or type(value) in {int, float} for value in values):
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    return _text(name, values)


def _text(name: str, values: Sequence[Any]) -> pl.Series:
    words = pl.Series(name, [_word(value) for value in values], dtype=pl.String)
    numbers = [isinstance(value, (float, Decimal)) for value in values]
    return words.zip_with(~pl.Series(numbers, dtype=pl.Boolean), unmistakable(words)) if any(numbers) else words


def _word(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case float() | Decimal() if isfinite(value):
            # Without an exponent, so that it can be read as an amount.
            return format(Decimal(str(value)), "f")
        case bytes() | memoryview():
            raw = bytes(cast("bytes", value))
            try:
                return raw.decode("utf-8")
            except UnicodeDecodeError:
                return raw.hex()
        case _:
            return str(value)
