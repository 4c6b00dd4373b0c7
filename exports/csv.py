"""Tables as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs

_RUNS = r"^\s*[=+\-@＝＋－＠]|^[\t\r\n]"
"""What a spreadsheet would take for a formula at the start of a cell."""

_PLACES = 6
"""Digits of a number that are kept: enough for a ratio, too few for the noise of a binary fraction."""

_BYTE_ORDER_MARK = "\ufeff"


def safe(table: pl.DataFrame) -> pl.DataFrame:
    """``table`` with an apostrophe before every text, heading included, that a spreadsheet would run."""
    texts = [pl.col(name) for name, kind in table.schema.items() if kind == pl.String]
    guarded = table.with_columns(
        pl.when(text.str.contains(_RUNS)).then(pl.lit("'") + text).otherwise(text).name.keep() for text in texts
    )
    guard = pl.Series(table.columns, dtype=pl.String).str.contains(_RUNS).to_list() if table.columns else []
    return guarded.rename({name: f"'{name}" for name, runs in zip(table.columns, guard, strict=True) if runs})


def encode(table: pl.DataFrame) -> bytes:
    """``table`` as CSV in UTF-8 with a byte order mark, so that spreadsheets read every script; days as ISO dates.

    Lists are written with semicolons between their parts. Missing values are empty.
    """
    numbers = cs.float().round(_PLACES)
    lists = [
        pl.col(name).cast(pl.List(pl.String)).list.join("; ")
        for name, kind in table.schema.items()
        if isinstance(kind, pl.List)
    ]
    return (_BYTE_ORDER_MARK + safe(table.with_columns(numbers, *lists)).write_csv()).encode()
