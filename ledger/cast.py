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
    read = [
        _read(column, raw.schema[column.name], formats).alias(column.name)
        if column.name in raw.columns
        else pl.lit(None, _dtype(column.type)).alias(column.name)
        for column in columns
    ]
    rows = raw.select(*read) if raw.width else pl.DataFrame(schema={c.name: _dtype(c.type) for c in columns})
    marks = [
        (_present(column.name, raw.schema[column.name]) & rows[column.name].is_null()).alias(column.name)
        for column in columns
        if column.type is not Type.TEXT and column.name in raw.columns
    ]
    unreadable = raw.select(marks) if marks else pl.DataFrame(height=raw.height)
    return CastTable(table, _numbered(rows), _numbered(raw), unreadable)


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


def _present(name: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(name)
    return value.str.strip_chars().fill_null("") != "" if dtype == pl.String else value.is_not_null()


def _read(column: Column, dtype: pl.DataType, formats: Formats) -> pl.Expr:
    value = pl.col(column.name)
    match column.type:
        case Type.TEXT:
            return _text(value, dtype)
        case Type.CURRENCY:
            return _text(value, dtype).str.to_uppercase()
        case Type.DATE:
            return _date(value, dtype, formats.date)
        case Type.AMOUNT:
            amount = _decimal(value, dtype, formats, AMOUNT)
            return pl.when(amount.abs() < LARGEST).then(amount)
        case Type.NUMBER:
            return _decimal(value, dtype, formats, RATE)
        case Type.INTEGER:
            # By way of a decimal, so that 30, "30" and 30.0 read alike and "30.5" does not pass as 30.
            number = _decimal(value, dtype, formats, AMOUNT)
            return pl.when(number == number.round(0)).then(number).cast(pl.Int32, strict=False)
        case Type.FLAG:
            return _flag(value, dtype)


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
        text = text.str.replace(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*$", "$1")
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
    readable = readable.str.replace(r"^(.*)-$", "-$1")
    if formats.decimal != ".":
        readable = readable.str.replace(formats.decimal, ".", literal=True)
    return readable.str.strip_prefix("+").cast(target, strict=False)


def _flag(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.Boolean:
        return value
    text = _text(value, dtype).str.to_lowercase()
    return pl.when(text.is_in(_TRUE)).then(True).when(text.is_in(_FALSE)).then(False)
