"""Excel sheets, without the guesses that lose data.

A column of dates stays dates and a column of numbers stays numbers, so that ``[formats]`` is for text only. Whole
numbers are integers: Excel keeps the id 1001 as 1001.0. A column that mixes kinds is text, with its dates written as
ISO days: nothing becomes null for not fitting in.
"""

# fastexcel gives its sheets no type of their own.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import datetime as dt
import logging

import polars as pl

from ledger.errors import SourceError, did_you_mean

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
_EXACT = 2**53

# An empty column is nothing to tell a person about.
logging.getLogger("fastexcel").addHandler(logging.NullHandler())


def sheet(path: str, name: str | None, skip_rows: int, origin: str) -> pl.DataFrame:
    """The rows below the header of one sheet; the first sheet when ``name`` is None. Rows without a value are left out.

    Raises:
        SourceError: No such sheet (those there are listed), two columns of one name, or not a workbook.
    """
    try:
        import fastexcel
    except ModuleNotFoundError:
        raise SourceError("Reading Excel needs the package fastexcel; install it with: pip install fastexcel") from None
    try:
        book = fastexcel.read_excel(path)
        if name is not None and name not in book.sheet_names:
            raise SourceError(f"{origin}: {path} has no sheet '{name}'; {_listed(name, book.sheet_names)}")
        chosen = book.sheet_names[0] if name is None else name
        typed = book.load_sheet(chosen, header_row=skip_rows, schema_sample_rows=None).to_polars()
        text = book.load_sheet(chosen, header_row=skip_rows, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise SourceError(f"{origin}: {path} cannot be read as an Excel file: {str(error).splitlines()[0]}.") from None
    columns = [_column(typed[column], text[column]) for column in text.columns]
    frame = pl.DataFrame(columns)
    return frame.filter(~pl.all_horizontal(pl.all().is_null())) if frame.width else frame


def _listed(name: str, present: list[str]) -> str:
    hint = did_you_mean(name, present)
    listed = ", ".join(f"'{one}'" for one in present)
    return f"it has {listed}." if not hint or hint.startswith("known") else f"it has {listed}: {hint}"


def _column(typed: pl.Series, text: pl.Series) -> pl.Series:
    if typed.null_count() > text.null_count() or typed.dtype == pl.String:
        # Some cells do not fit the kind of the others.
        return text.str.replace(_MIDNIGHT, "$1")
    if typed.dtype.is_float() and _all_whole(typed):
        return typed.cast(pl.Int64)
    if isinstance(typed.dtype, pl.Datetime) and (typed.dt.time().drop_nulls() == dt.time()).all():
        return typed.dt.date()
    return typed


def _all_whole(numbers: pl.Series) -> bool:
    present = numbers.drop_nulls()
    return bool(((present == present.round(0)) & (present.abs() < _EXACT)).all())
