"""How the columns of a workbook's tables hold what they hold: forms, and the number formats that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import polars as pl

from exports import formats
from metrics import Unit


class Form(StrEnum):
    """What a column holds, and so how its cells are written and aligned."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    MONEY = "money"
    SHARE = "share"
    DAY = "day"
    MOMENT = "moment"


_FORM_OF_UNIT = {Unit.MONEY: Form.MONEY, Unit.RATIO: Form.SHARE}
NUMBERS = frozenset({Form.WHOLE, Form.DECIMAL, Form.MONEY, Form.SHARE})


@dataclass(frozen=True)
class Column:
    """How a column of a table is shown.

    ``heading``: its name if left out. ``form``: by its type if left out. ``currency``: of its money, or
    ``currency_from``: the column that names the currency of each row. ``unit_from``: the column that names the unit of
    each row (as in ``metrics.Unit``), where rows are metrics. ``places``: decimals of a ``DECIMAL``.
    """

    heading: str = ""
    form: Form | None = None
    currency: str = ""
    currency_from: str = ""
    unit_from: str = ""
    places: int = 1


def settled(column: Column, kind: pl.DataType) -> Column:
    """``column`` with a form: the one given, else by type."""
    if column.form:
        return column
    match kind:
        case pl.Date():
            form = Form.DAY
        case pl.Datetime():
            form = Form.MOMENT
        case _ if kind.is_integer():
            form = Form.WHOLE
        case _ if kind.is_numeric():
            form = Form.MONEY if column.currency or column.currency_from else Form.DECIMAL
        case _:
            form = Form.TEXT
    return replace(column, form=form)


def form_of(unit: str | None) -> Form:
    """The form of a metric's values, by its unit; a plain number for an unknown one."""
    return _FORM_OF_UNIT.get(Unit(unit), Form.DECIMAL) if unit in set(Unit) else Form.DECIMAL


def look(form: Form, currency: str = "", places: int = 1) -> dict[str, Any]:
    """The number format and the side of a cell, as xlsxwriter has them."""
    match form:
        case Form.MONEY:
            return {"num_format": formats.excel_money(currency)}
        case Form.SHARE:
            return {"num_format": formats.EXCEL_SHARE}
        case Form.WHOLE:
            return {"num_format": formats.EXCEL_WHOLE}
        case Form.DECIMAL:
            return {"num_format": formats.excel_number(places)}
        case Form.DAY:
            return {"num_format": formats.EXCEL_DAY, "align": "left"}
        case Form.MOMENT:
            return {"num_format": formats.EXCEL_MOMENT, "align": "left"}
        case _:
            return {}


def side(form: Form | None) -> dict[str, str]:
    """Where a heading stands: over its figures, or over its words."""
    return {"align": "right" if form in NUMBERS or form is None else "left"}
