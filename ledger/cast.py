"""Reading a mapping's rows into canonical types, without guessing.

What cannot be read becomes null *and* is marked, so that the quality rules can tell an unreadable value from a
missing one and quarantine the row with its raw text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from ledger.errors import ConfigError
from ledger.money import AMOUNT, LARGEST, RATE
from ledger.schema import Column, Table, Type

ROW = "_row"
"""Number of the row in the order the source gave it, from 1."""

_ISO = "%Y-%m-%d"
_TRUE = ("true", "t", "yes", "y", "1", "x")
_FALSE = ("false", "f", "no", "n", "0")
_GLANCE = 1_000


@dataclass(frozen=True)
class Formats:
    """How text is read: ``date`` in strptime codes, ``decimal`` point, ``thousands`` separator ("" for none)."""

    date: str = _ISO
    decimal: str = "."
    thousands: str = ""

    def __post_init__(self) -> None:
        if len(self.decimal) != 1 or self.decimal == self.thousands:
            raise ConfigError(
                f"[formats] decimal = '{self.decimal}' must be one character other than thousands = '{self.thousands}'."
            )


PLAIN = Formats()
"""ISO dates and decimal points."""


@dataclass(frozen=True)
class CastTable:
    """A canonical table as read.

    ``rows``: typed columns, the configured dimensions (text) and ``_row``. ``raw``: the same rows as they came, with
    ``_row``. ``unreadable``: per column a Boolean frame column saying that a value was there and could not be read.
    """

    table: Table
    rows: pl.DataFrame
    raw: pl.DataFrame
    unreadable: pl.DataFrame


def cast(table: Table, frame: pl.DataFrame, formats: Formats, dimensions: Iterable[str] = ()) -> CastTable:
    """Read ``frame`` into the types of ``table``; columns the mapping left out are null.

    ``dimensions``: names of further text columns to keep where the frame has them. Other columns are dropped.
    Text is stripped, and empty text is null.
    """
    extra = [name for name in dimensions if name not in table.names and name in frame.columns]
    columns = [*table.columns, *(Column(name) for name in extra)]
    raw = frame.select(column.name for column in columns if column.name in frame.columns)
    raw = raw.with_columns(_decoded(raw[name]) for name, dtype in raw.schema.items() if dtype == pl.Binary)
    given = [column for column in columns if column.name in raw.columns]
    read = {column.name: _column(raw[column.name], column.type, formats) for column in given}
    rows = raw.select(read.get(column.name, pl.lit(None, _dtype(column.type)).alias(column.name)) for column in columns)
    marks = [_unreadable(raw[column.name], read[column.name]) for column in given if column.type is not Type.TEXT]
    unreadable = pl.DataFrame(marks) if marks else pl.DataFrame(height=raw.height)
    return CastTable(table, _numbered(rows if given else rows.clear()), _numbered(raw), unreadable)


def _decoded(column: pl.Series) -> pl.Series:
    """Bytes as text; as hexadecimal digits, all of them, where some are no UTF-8."""
    try:
        return column.cast(pl.String)
    except pl.exceptions.ComputeError:
        return column.bin.encode("hex")


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_row_index(ROW, offset=1)


def _dtype(type: Type) -> pl.DataType:
    match type:
        case Type.TEXT | Type.CURRENCY:
            return pl.String()
        case Type.DATE:
            return pl.Date()
        case Type.AMOUNT:
            return AMOUNT
        case Type.NUMBER:
            return RATE
        case Type.INTEGER:
            return pl.Int32()
        case Type.FLAG:
            return pl.Boolean()


def _unreadable(raw: pl.Series, read: pl.Series) -> pl.Series:
    """Where a value was there and could not be read."""
    if raw.null_count() == read.null_count():  # the usual case, for a glance
        return pl.repeat(value=False, n=raw.len(), eager=True).alias(raw.name)
    present = raw.str.strip_chars().fill_null("") != "" if raw.dtype == pl.String else raw.is_not_null()
    return (present & read.is_null()).alias(raw.name)


def _column(raw: pl.Series, type: Type, formats: Formats) -> pl.Series:
    """The values of a column. What text usually holds is read in one pass, and the rest with care."""
    frame = raw.to_frame()
    value = pl.col(raw.name)
    careful = _read(value, type, raw.dtype, formats).alias(raw.name)
    if raw.dtype != pl.String:
        return frame.select(careful).to_series()
    match type:
        case Type.TEXT | Type.CURRENCY | Type.FLAG if _repeats(raw):
            values = raw.unique().to_frame()
            return _replaced(raw, values.to_series(), values.select(careful).to_series())
        case Type.TEXT:
            return raw if _is_bare(raw) else frame.select(careful).to_series()
        case Type.DATE:
            # White space around a day does not make it another one.
            quick = value.str.to_date(formats.date, strict=False, exact=True)
        case Type.AMOUNT | Type.NUMBER if formats.decimal == "." and not formats.thousands:
            # The cast reads what our grammar allows, and exponents, which it does not.
            amount = value.cast(_dtype(type), strict=False)
            quick = pl.when(~value.str.contains_any(["e", "E"])).then(amount)
        case _:
            return frame.select(careful).to_series()
    read = frame.select(quick).to_series()
    left = (read.is_null() & raw.is_not_null()).arg_true()
    if left.len():
        read = read.scatter(left, raw.gather(left).to_frame().select(careful).to_series())
    return read.to_frame().select(_in_bounds(value, type)).to_series()


def _repeats(raw: pl.Series) -> bool:
    """Whether a few values fill the column, by a glance at some of it."""
    some = raw.gather_every(max(1, raw.len() // _GLANCE))
    return some.n_unique() * 4 < some.len()


def _replaced(raw: pl.Series, values: pl.Series, read: pl.Series) -> pl.Series:
    """``raw`` with ``read`` in the place of its different ``values``; itself, where that changes nothing."""
    if read.dtype == raw.dtype and read.equals(values, null_equal=True):
        return raw
    return raw.replace_strict(values, read, return_dtype=read.dtype)


def _is_bare(raw: pl.Series) -> bool:
    """Whether no text is empty or has white space around it."""
    size = pl.col(raw.name).str.len_bytes()
    bare = pl.col(raw.name).str.strip_chars().str.len_bytes()
    return raw.to_frame().select(((size == bare) & (size > 0)).all()).item()


def _read(value: pl.Expr, type: Type, dtype: pl.DataType, formats: Formats) -> pl.Expr:
    match type:
        case Type.TEXT:
            return _text(value, dtype)
        case Type.CURRENCY:
            return _text(value, dtype).str.to_uppercase()
        case Type.DATE:
            return _date(value, dtype, formats.date)
        case Type.AMOUNT:
            return _in_bounds(_decimal(value, dtype, formats, AMOUNT), type)
        case Type.NUMBER:
            return _decimal(value, dtype, formats, RATE)
        case Type.INTEGER:
            # By way of a decimal, so that 30, "30" and 30.0 read alike and "30.5" does not pass as 30.
            number = _decimal(value, dtype, formats, AMOUNT)
            return pl.when(number == number.round(0)).then(number).cast(pl.Int32, strict=False)
        case Type.FLAG:
            return _flag(value, dtype)


def _in_bounds(number: pl.Expr, type: Type) -> pl.Expr:
    return pl.when(number.abs() < LARGEST).then(number) if type is Type.AMOUNT else number


def _text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_float():
        # Spreadsheets hold ids as floating numbers: 1001.0 is the id 1001.
        value = value.fill_nan(None)
        whole = (value == value.round(0)) & (value.abs() < 2**53)
        value = pl.when(whole).then(value.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(value.cast(pl.String))
    elif dtype != pl.String:
        value = value.cast(pl.String)
    stripped = value.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _date(value: pl.Expr, dtype: pl.DataType, format: str) -> pl.Expr:
    if dtype == pl.Date:
        return value
    if isinstance(dtype, pl.Datetime):
        return value.dt.date()
    text = _text(value, dtype)
    if format == _ISO:
        # Databases without a date type often hold a day with a time of day behind it.
        timed = text.str.contains(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*$")
        text = pl.when(timed).then(text.str.head(10)).otherwise(text)
    return text.str.to_date(format, strict=False, exact=True)


def _decimal(value: pl.Expr, dtype: pl.DataType, formats: Formats, target: pl.DataType) -> pl.Expr:
    if dtype.is_decimal() or dtype.is_integer():
        return value.cast(target, strict=False)
    if dtype.is_float():
        # Four decimals keep every cent that a double holds exactly and drop the noise behind it. Rates keep more.
        places = 4 if target == AMOUNT else 15
        return pl.when(value.is_finite()).then(value.round(places)).cast(target, strict=False)
    text = _text(value, dtype)
    if formats.thousands:
        # Only well-grouped digits lose their separators: "1.234,56" does, "12.34" does not.
        mark = re.escape(formats.thousands)
        grouped = text.str.contains(rf"^[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:{re.escape(formats.decimal)}\d*)?-?$")
        text = pl.when(grouped).then(text.str.replace_all(formats.thousands, "", literal=True)).otherwise(text)
    point = re.escape(formats.decimal)
    digits = rf"(?:\d+(?:{point}\d*)?|{point}\d+)"
    readable = pl.when(text.str.contains(rf"^(?:[+-]?{digits}|{digits}-)$")).then(text)
    # SAP and others write the minus behind the number.
    turned = pl.lit("-") + readable.str.strip_suffix("-")
    readable = pl.when(readable.str.ends_with("-")).then(turned).otherwise(readable)
    if formats.decimal != ".":
        readable = readable.str.replace(formats.decimal, ".", literal=True)
    return readable.str.strip_prefix("+").cast(target, strict=False)


def _flag(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return value
    text = _text(value, dtype).str.to_lowercase()
    return pl.when(text.is_in(_TRUE)).then(True).when(text.is_in(_FALSE)).then(False)
