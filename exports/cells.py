"""Cells of a workbook: each value as what it is, tables with their headings and totals. No text becomes a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from charts.palette import LIGHT
from exports.column import NUMBERS, Column, Form, form_of, look, settled, side
from ledger.errors import OutstandingError
from metrics import text

MOST_ROWS = 1_048_575
_MOST_LETTERS = 32_767
_EXACT = 2**53
_FIRST_DAY = date(1900, 3, 1)
"""Before this day Excel's calendar is not everyone's: such days are written as text."""

_SAMPLE = 1_000
_NARROW, _WIDE = 8, 60
_MARK = 9
"""Letters that a state's word takes behind a value, in bold."""
_STYLE = "Table Style Light 1"
_LONGEST_HEADING = 255
_LINE, _MOST_LINES, _BOLD = 13.5, 6, 1.15
"""Points of a line of a heading, the most lines of one, and how much wider its letters are than usual ones."""

_SAME, _NOISE, _DIGITS = 0.005, 1e-9, 2.0**-50
"""Half a cent, or what adding doubles leaves: a total this near to the sum of its rows is that sum."""

Styles = Callable[..., Format]


def styles(book: xlsxwriter.Workbook) -> Styles:
    """One format for each look: a workbook has room for few."""

    @cache
    def style(**wanted: Any) -> Format:
        return book.add_format({"font_name": "Calibri", "font_size": 10, "valign": "top", **wanted})

    return style


@dataclass(frozen=True)
class Place:
    """Where a table was written: its sheet, the row of its headings, and the columns by the names of the data.

    ``rows``: how many data rows follow the headings, without a total.
    """

    sheet: str
    top: int
    columns: Mapping[str, int]
    rows: int

    @property
    def first(self) -> int:
        return self.top + 1

    @property
    def last(self) -> int:
        return self.top + self.rows


@dataclass
class Layout:
    """How a table is set: ``at`` is the row and column of its first heading; ``widths`` are those of its sheet so far.

    ``marks``: ``good``, ``watch`` or ``act`` of a cell by row and name: its colour, and its word behind the value.
    ``totalled``: the last row sums the others; it stands below the table, so that sorting leaves it there.
    ``wrapped``: long texts go on in the next line of their cell.
    """

    at: tuple[int, int] = (0, 0)
    marks: Mapping[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])
    totalled: bool = False
    wrapped: bool = False
    widths: dict[int, float] = field(default_factory=dict[int, float])


def table(
    page: Worksheet,
    rows: pl.DataFrame,
    columns: Mapping[str, Column],
    name: str,
    style: Styles,
    layout: Layout | None = None,
) -> Place:
    """``rows`` as a native table called ``name``, with every column; an empty one has one empty row.

    Raises:
        OutstandingError: more rows than a sheet holds.
    """
    layout = layout or Layout()
    top, left = layout.at
    if rows.height + top > MOST_ROWS:
        raise OutstandingError(
            f"The table '{page.get_name()}' has {rows.height:,} rows and an Excel sheet holds {MOST_ROWS:,}; "
            "narrow the filters or download it as CSV."
        )
    if not rows.width:
        page.write_string(top, left, "Nothing to show.", style())
        return Place(str(page.get_name()), top, {}, 0)
    totalled = layout.totalled and rows.height > 1
    body = rows.head(rows.height - totalled)
    shown = {name: settled(columns.get(name, Column()), rows.schema[name]) for name in rows.columns}
    place = Place(str(page.get_name()), top, {name: left + at for at, name in enumerate(shown)}, body.height)
    headings = apart([column.heading or name for name, column in shown.items()])
    spaced = _after_numbers(shown)
    for (name_, column), heading in zip(shown.items(), headings, strict=True):
        at = place.columns[name_]
        write = _writer(page, place, name_, column, rows, layout, style, spaced=name_ in spaced)
        for row, value in enumerate(body[name_]):
            write(row, value)
        marked = any(of == name_ for _, of in layout.marks) and rows[name_].dtype.is_numeric()
        room = _width(heading, rows[name_].head(_SAMPLE), column, _MARK if marked else 0)
        width = max(room, layout.widths.get(at, 0))
        layout.widths[at] = width
        page.set_column(at, at, width, style(**_look_of(column, column.currency, column.form or Form.TEXT)))
    set_headings(
        page, top, {each: layout.widths[at] for each, at in zip(headings, place.columns.values(), strict=True)}
    )
    if totalled:
        _total(page, place, rows, shown, layout, style)
    looks = [{**side(column.form), **({"indent": 1} if each in spaced else {})} for each, column in shown.items()]
    _as_table(page, place, name, list(zip(headings, looks, strict=True)), style)
    return place


def _after_numbers(shown: Mapping[str, Column]) -> set[str]:
    """Columns of words right after figures: without a space they would be read as the figures' unit."""
    pairs = pairwise(shown.items())
    return {name for (_, before), (name, after) in pairs if before.form in NUMBERS and after.form not in NUMBERS}


def set_headings(page: Worksheet, row: int, headings: Mapping[str, float]) -> None:
    """Makes the row of ``headings`` high enough for all of them in columns of these widths."""
    lines = max((math.ceil(len(heading) * _BOLD / max(width, 1)) for heading, width in headings.items()), default=1)
    if lines > 1:
        page.set_row(row, _LINE * min(lines, _MOST_LINES))


def _as_table(
    page: Worksheet, place: Place, name: str, headed: Sequence[tuple[str, dict[str, Any]]], style: Styles
) -> None:
    ends = list(place.columns.values())
    page.add_table(
        place.top, ends[0], place.top + max(place.rows, 1), ends[-1],
        {
            "name": name,
            "style": _STYLE,
            "columns": [
                {"header": heading, "header_format": style(bold=True, text_wrap=True, **kept)}
                for heading, kept in headed
            ],
        },
    )  # fmt: skip


def _total(
    page: Worksheet, place: Place, rows: pl.DataFrame, shown: Mapping[str, Column], layout: Layout, style: Styles
) -> None:
    """The last row below the table: a sum of what is above wherever it is one."""
    for name, column in shown.items():
        value, at = rows[name][-1], place.columns[name]
        kept = _look_of(column, column.currency, column.form or Form.TEXT)
        bold = style(**{**_with_state(kept, layout.marks.get((place.rows, name))), "bold": True, "top": 1})
        above = rows[name].head(place.rows)
        if column.form in NUMBERS and isinstance(value, int | float) and _adds_up(above, value, column.form):
            summed: Any = float(value)
            page.write_formula(place.last + 1, at, f"=SUM({xl_range(place.first, at, place.last, at)})", bold, summed)
        else:
            put(page, place.last + 1, at, value, bold)


def _adds_up(above: pl.Series, total: float, form: Form | None) -> bool:
    """Whether ``total`` is the sum of what is above it: money to half a cent, other numbers to the noise of doubles."""
    if not above.dtype.is_numeric():
        return False
    limit = max(_SAME if form is Form.MONEY else _NOISE, abs(total) * _DIGITS)
    return abs(math.fsum(above.drop_nulls()) - total) < limit


def _writer(
    page: Worksheet,
    place: Place,
    name: str,
    column: Column,
    rows: pl.DataFrame,
    layout: Layout,
    styles: Styles,
    *,
    spaced: bool,
) -> Callable[[int, Any], None]:
    """Writes a cell of the column ``name``, given its place among the rows and its value."""
    held = column.form or Form.TEXT
    marks, at, first = layout.marks, place.columns[name], place.first
    wrap: dict[str, Any] = {"text_wrap": True} if layout.wrapped and held is Form.TEXT else {}
    wrap |= {"indent": 1, "align": "left"} if spaced else {}

    @cache
    def style(currency: str | None, unit: str | None, state: str | None, *, said: bool) -> Format:
        form = form_of(unit) if column.unit_from else held
        return styles(**{**_with_state(_look_of(column, currency or column.currency, form), state, said=said), **wrap})

    nothing: list[None] = [None] * rows.height
    currencies = rows[column.currency_from].to_list() if column.currency_from else nothing
    units = rows[column.unit_from].to_list() if column.unit_from else nothing
    if not (marks or column.currency_from or column.unit_from):
        fixed = style(None, None, None, said=False)
        return lambda row, value: put(page, first + row, at, value, fixed)

    def write(row: int, value: Any) -> None:
        state = marks.get((row, name))
        said = isinstance(value, str) and value.casefold() == state
        put(page, first + row, at, value, style(currencies[row], units[row], state, said=said))

    return write


def _look_of(column: Column, currency: str, form: Form) -> dict[str, Any]:
    return look(form, currency, column.places)


def _with_state(kept: dict[str, Any], state: str | None, *, said: bool = False) -> dict[str, Any]:
    """In the state's colour, with its word behind the value unless that is the word: the cell holds the value alone."""
    if not state:
        return kept
    form = {} if said else {"num_format": f'{kept.get("num_format", "@")}" · {state.capitalize()}"'}
    return {**kept, **form, "font_color": LIGHT.state(state), "bold": True}


def put(page: Worksheet, row: int, place: int, value: Any, style: Format) -> None:
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


def _width(heading: str, sample: pl.Series, column: Column, mark: int = 0) -> float:
    """Room for the heading with its filter button, and for the longest of the first values with ``mark`` letters."""
    match column.form:
        case Form.MONEY | Form.DECIMAL | Form.WHOLE if sample.dtype.is_numeric():
            longest = len(f"{max((abs(float(value)) for value in sample.drop_nulls()), default=0):,.2f}") + 1
        case Form.SHARE if sample.dtype.is_numeric():
            longest = len(f"{max((abs(float(value)) for value in sample.drop_nulls()), default=0):,.1%}") + 1
        case Form.DAY:
            longest = 10
        case Form.MOMENT:
            longest = 16
        case _:
            longest = max((len(str(value)) for value in sample.drop_nulls()), default=0)
    wrapped = max((len(word) for word in heading.split()), default=0) + 3
    return min(max(longest + mark + 1, wrapped, min(len(heading) + 3, 2 * _NARROW), _NARROW), _WIDE)


def apart(headings: Sequence[str]) -> list[str]:
    """Headings that a table takes: something in each, no two alike whatever the case."""
    clean = [text.name(heading, "Column")[:_LONGEST_HEADING] for heading in headings]
    return told_apart(clean, _LONGEST_HEADING)


def told_apart(names: Iterable[str], longest: int, taken: Iterable[str] = ()) -> list[str]:
    """``names`` of at most ``longest`` letters, numbered where one was used before."""
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
