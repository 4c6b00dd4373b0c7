"""A pack's table as text, for slides and for paper: the same words in both.

Money in one currency is written in one unit for the whole table, named in the headings: to the cent where all of it is
small, in whole units, and in whole thousands or millions where the largest amount has more digits than are read with
ease. A workbook has every digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from exports.column import Column, Form, settled
from exports.pack.content import State, Table
from ledger.money import digits
from metrics import text

Side = Literal["left", "right"]

STATES: Mapping[State, str] = {"good": "Good", "watch": "Watch", "act": "Act"}
"""The word that stands with a state's colour."""

EFFECTS: Mapping[str, str] = {"good": "better", "bad": "worse"}
"""The word that stands with the colour of a change."""

_SMALL = 1_000
"""Where all of a column is below this, cents are told."""

_LARGE = 10_000_000
"""From this amount on, ten million, a table is in thousands; from a thousand times as much, in millions."""


@dataclass(frozen=True)
class _Unit:
    """What money is divided by, the letter for it, and the decimals left."""

    divisor: int = 1
    letter: str = ""
    places: int = 0


def names(table: Table) -> list[str]:
    """The columns that are shown: all but those that only name the unit of others, which their cells carry."""
    units = {column.unit_from for column in table.columns.values()}
    return [name for name in table.rows.columns if name not in units]


def written(table: Table) -> list[list[str]]:
    """``table.shown`` row by row, each cell as it is read.

    Missing ones are ``metrics.text.MISSING``; what a sum cannot have, such as a segment or a day, is left empty.
    """
    shown = table.shown
    units = _units(table)
    columns = [_texts(table, name, shown, units) for name in names(table)]
    rows = [list(row) for row in zip(*columns, strict=True)]
    if table.last_is_total and rows:
        # A sum has no name of its own, no segment and no day: nothing is missing there.
        loose = [
            side == "left" and shown[name][-1] is None for side, name in zip(sides(table), names(table), strict=True)
        ]
        rows[-1] = ["" if is_loose else words for is_loose, words in zip(loose, rows[-1], strict=True)]
    return rows


def headings(table: Table) -> list[str]:
    """What stands above each column, with the unit of money: ``Overdue, USD k``."""
    units = _units(table)
    found: list[str] = []
    for name in names(table):
        column = _column(table, name)
        heading = text.name(column.heading or name, "")
        if column.form is Form.MONEY and column.currency and not (column.currency_from or column.unit_from):
            said = f"{column.currency}{text.NBSP}{units[column.currency].letter}".rstrip()
            heading = f"{heading}, {said}" if said not in heading else heading
        found.append(heading)
    return found


def sides(table: Table) -> list[Side]:
    """Where each column's cells stand: numbers at the right, texts and days at the left."""
    left = (Form.TEXT, Form.DAY, Form.MOMENT)
    return ["left" if _column(table, name).form in left else "right" for name in names(table)]


def rigid(table: Table) -> list[bool]:
    """Whether a column's cells must stay in one line: numbers and days, not words."""
    return [_column(table, name).form is not Form.TEXT for name in names(table)]


def states(table: Table) -> dict[tuple[int, str], State]:
    """``table.states`` by row of ``table.shown``; those of rows that are not shown are left out."""
    last, shown = table.rows.height - 1, table.shown.height
    first_total = shown - 1 if table.last_is_total else shown
    found: dict[tuple[int, str], State] = {}
    for (row, name), state in table.states.items():
        if row < first_total:
            found[row, name] = state
        elif table.last_is_total and row == last:
            found[shown - 1, name] = state
    return found


def _column(table: Table, name: str) -> Column:
    return settled(table.columns.get(name, Column()), table.rows.schema[name])


def _units(table: Table) -> dict[str, _Unit]:
    """How the money of each currency is written, by all of its columns that are shown."""
    largest: dict[str, float] = {}
    shown = table.shown
    for name in shown.columns:
        column = _column(table, name)
        if column.form is Form.MONEY and not column.currency_from and not column.unit_from:
            largest[column.currency] = max(largest.get(column.currency, 0.0), _largest(shown[name]))
    return {currency: _unit(size, currency) for currency, size in largest.items()}


def _largest(values: pl.Series) -> float:
    return max((abs(float(value)) for value in values if _is_number(value)), default=0.0)


def _unit(largest: float, currency: str) -> _Unit:
    if largest < _SMALL:
        return _Unit(places=digits(currency))
    if largest < _LARGE or not currency:
        return _Unit()
    return _Unit(1_000, "k") if largest < _LARGE * 1_000 else _Unit(1_000_000, "m")


def _texts(table: Table, name: str, rows: pl.DataFrame, units: Mapping[str, _Unit]) -> list[str]:
    """One column, written."""
    column, values = _column(table, name), rows[name].to_list()
    if column.unit_from:
        kinds = rows[column.unit_from].to_list()
        of = rows[column.currency_from].to_list() if column.currency_from else [column.currency] * len(values)
        each = zip(values, kinds, of, strict=True)
        return [text.value(_number(value), kind or "", money or "") for value, kind, money in each]
    if column.form is Form.MONEY and column.currency_from:
        return _by_currency(values, rows[column.currency_from].to_list())
    write = _writer(column, units.get(column.currency, _Unit()))
    return [write(value) for value in values]


def _by_currency(values: list[Any], currencies: list[str | None]) -> list[str]:
    """Amounts of several currencies, which a column of their own names: each currency to its own digits, if small."""
    largest: dict[str, float] = {}
    for value, currency in zip(values, currencies, strict=True):
        if _is_number(value):
            largest[currency or ""] = max(largest.get(currency or "", 0.0), abs(float(value)))
    places = {currency: digits(currency) if size < _SMALL else 0 for currency, size in largest.items()}
    return [_figure(value, places.get(of or "", 0)) for value, of in zip(values, currencies, strict=True)]


def _writer(column: Column, unit: _Unit) -> Callable[[Any], str]:
    match column.form:
        case Form.MONEY:
            return lambda value: _figure(value, unit.places, unit.divisor)
        case Form.WHOLE:
            return _figure
        case Form.DECIMAL:
            return lambda value: _figure(value, column.places)
        case Form.SHARE:
            return lambda value: text.share(_number(value))
        case Form.DAY | Form.MOMENT:
            return _moment
        case _:
            return _words


def _figure(value: Any, places: int = 0, divisor: int = 1) -> str:
    """A number with thousands separated and a true minus; exact, as it is not made a binary fraction first."""
    known = _number(value)
    if known is None:
        return text.MISSING
    scaled = known if divisor == 1 else known / divisor
    figure = f"{abs(scaled):,.{places}f}"
    return f"{text.MINUS}{figure}" if scaled < 0 and figure.strip("0.,") else figure


def left_out(table: Table) -> str:
    """What is said below a table that has more rows than pages show; empty where all are there."""
    if not table.left_out:
        return ""
    rows = text.count(table.left_out, "more row")
    return f"{rows} {'is' if table.left_out == 1 else 'are'} not shown here; the workbook has them all."


def _moment(value: date | datetime | None) -> str:
    return text.moment(value) if isinstance(value, datetime) else text.day(value)


def _words(value: Any) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case list():
            return text.name("; ".join(str(part) for part in value if part is not None), text.MISSING)
        case float() if not math.isfinite(value):
            return text.MISSING
        case _:
            return text.name(None if value is None else str(value), text.MISSING)


def _is_number(value: Any) -> bool:
    return _number(value) is not None


def _number(value: Any) -> int | float | Decimal | None:
    """A number that can be told; nothing for infinity and what is no number."""
    if not isinstance(value, int | float | Decimal) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value
