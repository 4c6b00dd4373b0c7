"""Tables as an Excel workbook that can be worked with and printed: no cell is a formula, none is a link."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exports import formats
from exports.about import About, definitions, facts
from ledger.errors import OutstandingError
from metrics import Unit, text

__all__ = ["About", "Column", "Form", "Sheet", "workbook"]

_MOST_ROWS = 1_048_575
_MOST_LETTERS = 32_767
_EXACT = 2**53
_FIRST_DAY = date(1900, 3, 1)
"""Before this day Excel's calendar is not everyone's: such days are written as text."""

_SAMPLE = 1_000
_NARROW, _WIDE = 8, 60
_MOST_FOOT = 90
_STYLE = "Table Style Light 1"


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


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet of its own. Every column of ``rows`` is written; ``columns`` says how, by its name."""

    name: str
    rows: pl.DataFrame
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])


def workbook(sheets: Sequence[Sheet], about: About) -> bytes:
    """An .xlsx file: a native table on each sheet, and a sheet "About" that says what it shows.

    Values are as they are: nothing is rounded, missing values are empty cells, days are dates, whole numbers too large
    for Excel are text. Texts that look like a formula or a link stay text. The same sheets give the same bytes.

    Raises:
        OutstandingError: more rows than a sheet holds.
    """
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": formats.EXCEL_DAY,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        made = datetime.combine(about.as_of, time())
        book.set_properties({"title": about.title, "author": about.company, "created": made})
        styles = _styles(book)
        names = _sheet_names([sheet.name for sheet in sheets])
        for place, (name, sheet) in enumerate(zip(names, sheets, strict=True), start=1):
            page = book.add_worksheet(name)
            _table(page, sheet, f"Table{place}", styles)
            _print_set_up(page, about, repeat=True)
        page = book.add_worksheet("About")
        _about(page, about, styles)
        _print_set_up(page, about, repeat=False)
    return buffer.getvalue()


# --- a table ------------------------------------------------------------------------------------------------------

Styles = Callable[..., Format]


def _styles(book: xlsxwriter.Workbook) -> Styles:
    """One format for each look: a workbook has room for few."""

    @cache
    def style(**look: Any) -> Format:
        return book.add_format({"font_name": "Calibri", "font_size": 10, "valign": "top", **look})

    return style


def _table(page: Worksheet, sheet: Sheet, name: str, styles: Styles) -> None:
    rows = sheet.rows
    if rows.height > _MOST_ROWS:
        raise OutstandingError(
            f"The table '{sheet.name}' has {rows.height:,} rows and an Excel sheet holds {_MOST_ROWS:,}; "
            "narrow the filters or download it as CSV."
        )
    if not rows.width:
        page.write_string(0, 0, "Nothing to show.", styles())
        return
    shown = {name: _settled(sheet.columns.get(name, Column()), rows.schema[name]) for name in rows.columns}
    headings = _headings([column.heading or name for name, column in shown.items()])
    for place, (name_, column) in enumerate(shown.items()):
        write = _writer(page, place, column, rows, styles)
        for row, value in enumerate(rows[name_], start=1):
            write(row, value)
        width = _width(headings[place], rows[name_].head(_SAMPLE), column)
        page.set_column(place, place, width, styles(**_look(column, column.currency, column.form or Form.TEXT)))
    page.add_table(
        0, 0, max(rows.height, 1), rows.width - 1,
        {
            "name": name,
            "style": _STYLE,
            "columns": [
                {"header": heading, "header_format": styles(bold=True, text_wrap=True, **_side(column.form))}
                for heading, column in zip(headings, shown.values(), strict=True)
            ],
        },
    )  # fmt: skip
    page.freeze_panes(1, 0)


def _settled(column: Column, kind: pl.DataType) -> Column:
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


def _writer(
    page: Worksheet, place: int, column: Column, rows: pl.DataFrame, styles: Styles
) -> Callable[[int, Any], None]:
    """Writes a cell of one column, given its row on the sheet and its value."""
    held = column.form or Form.TEXT
    if not column.currency_from and not column.unit_from:
        fixed = styles(**_look(column, column.currency, held))
        return lambda row, value: _write(page, row, place, value, fixed)

    @cache
    def style(currency: str | None, unit: str | None) -> Format:
        return styles(**_look(column, currency or column.currency, _form_of(unit) if column.unit_from else held))

    nothing: list[None] = [None] * rows.height
    currencies = rows[column.currency_from].to_list() if column.currency_from else nothing
    units = rows[column.unit_from].to_list() if column.unit_from else nothing
    return lambda row, value: _write(page, row, place, value, style(currencies[row - 1], units[row - 1]))


def _form_of(unit: str | None) -> Form:
    return _FORM_OF_UNIT.get(Unit(unit), Form.DECIMAL) if unit in set(Unit) else Form.DECIMAL


def _look(column: Column, currency: str, form: Form) -> dict[str, Any]:
    match form:
        case Form.MONEY:
            return {"num_format": formats.excel_money(currency)}
        case Form.SHARE:
            return {"num_format": formats.EXCEL_SHARE}
        case Form.WHOLE:
            return {"num_format": formats.EXCEL_WHOLE}
        case Form.DECIMAL:
            return {"num_format": formats.excel_number(column.places)}
        case Form.DAY:
            return {"num_format": formats.EXCEL_DAY, "align": "left"}
        case Form.MOMENT:
            return {"num_format": formats.EXCEL_MOMENT, "align": "left"}
        case _:
            return {}


def _side(form: Form | None) -> dict[str, str]:
    return {"align": "left" if form in (Form.TEXT, Form.DAY, Form.MOMENT) else "right"}


def _write(page: Worksheet, row: int, place: int, value: Any, style: Format) -> None:
    """One value as what it is. Text is always written as text, never looked into."""
    match value:
        case None:
            page.write_blank(row, place, None, style)
        case bool():
            page.write_string(row, place, "Yes" if value else "No", style)
        case float() if not math.isfinite(value):
            page.write_blank(row, place, None, style)
        case int() if abs(value) > _EXACT:
            page.write_string(row, place, str(value), style)
        case int() | float() | Decimal():
            page.write_number(row, place, float(value), style)
        case datetime() if value.date() >= _FIRST_DAY:
            page.write_datetime(row, place, value.replace(tzinfo=None), style)
        case date() if not isinstance(value, datetime) and value >= _FIRST_DAY:
            page.write_datetime(row, place, datetime.combine(value, time()), style)
        case pl.Series():
            page.write_string(row, place, "; ".join(str(part) for part in value.drop_nulls())[:_MOST_LETTERS], style)
        case _:
            page.write_string(row, place, str(value)[:_MOST_LETTERS], style)


def _width(heading: str, sample: pl.Series, column: Column) -> float:
    """Room for the heading with its filter button, and for the longest of the first values."""
    match column.form:
        case Form.MONEY | Form.DECIMAL | Form.WHOLE:
            longest = len(f"{max((abs(float(value)) for value in sample.drop_nulls()), default=0):,.2f}") + 1
        case Form.DAY:
            longest = 10
        case Form.MOMENT:
            longest = 16
        case _:
            longest = max((len(str(value)) for value in sample.drop_nulls()), default=0)
    wrapped = max((len(word) for word in heading.split()), default=0) + 3
    return min(max(longest + 1, wrapped, min(len(heading) + 3, 2 * _NARROW), _NARROW), _WIDE)


# --- names --------------------------------------------------------------------------------------------------------

_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_SHEET_NAME = 31
_LONGEST_HEADING = 255
_RESERVED = ("about", "history")


def _sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel takes: short, without its own signs, no two alike whatever the case."""
    clean = [_NOT_IN_SHEET_NAMES.sub(" ", name).strip(" '")[:_LONGEST_SHEET_NAME].strip(" '") for name in wanted]
    return _apart([name or "Sheet" for name in clean], _LONGEST_SHEET_NAME, _RESERVED)


def _headings(wanted: Sequence[str]) -> list[str]:
    """Headings that a table takes: something in each, no two alike whatever the case."""
    clean = [text.name(heading, "Column")[:_LONGEST_HEADING] for heading in wanted]
    return _apart(clean, _LONGEST_HEADING)


def _apart(names: Iterable[str], longest: int, taken: Iterable[str] = ()) -> list[str]:
    used, kept = set(taken), list[str]()
    for name in names:
        told, count = name, 1
        while told.casefold() in used:
            count += 1
            mark = f" ({count})"
            told = name[: longest - len(mark)] + mark
        used.add(told.casefold())
        kept.append(told)
    return kept


# --- about, and print ---------------------------------------------------------------------------------------------


def _about(page: Worksheet, of: About, styles: Styles) -> None:
    """What the workbook shows, and what its numbers mean."""
    page.hide_gridlines(2)
    page.set_column(0, 0, 26, styles(text_wrap=True))
    page.set_column(1, 1, 100, styles(text_wrap=True))
    put = page.write_string
    put(0, 0, of.title, styles(bold=True, font_size=14))
    row = 2
    for label, said in facts(of):
        put(row, 0, label, styles(bold=True))
        put(row, 1, said, styles(text_wrap=True))
        row += 1
    meanings = definitions(of.metrics)
    if not meanings:
        return
    put(row + 1, 0, "How it is computed", styles(bold=True, font_size=12))
    for label, said in meanings:
        put(row + 2, 0, label, styles(bold=True, text_wrap=True))
        put(row + 2, 1, said, styles(text_wrap=True))
        row += 1


def _print_set_up(page: Worksheet, about: About, *, repeat: bool) -> None:
    """Landscape, as wide as the paper, the headings on every page, and at the foot what it is and which page."""
    page.set_landscape()
    page.set_paper(1 if about.paper == "us-letter" else 9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    if repeat:
        page.repeat_rows(0)
    page.set_header("&L" + _foot(about.title) + "&R&A")
    left, middle = _foot(f"{about.company} · as of {text.day(about.as_of)}"), _foot(about.filters)
    page.set_footer(f"&L{left}" + (f"&C{middle}" if middle else "") + f"&Rsnapshot {about.snapshot[:12]} · &P/&N")


def _foot(words: str) -> str:
    """Words in Excel's small language for heads and feet, where & begins an order; a line holds 255 signs in all."""
    return formats.shortened(text.name(words, ""), _MOST_FOOT // 2 if "&" in words else _MOST_FOOT).replace("&", "&&")
