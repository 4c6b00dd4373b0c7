"""The cells that a native chart is drawn from: its table, and beside the chart the columns that only it needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from charts.native import Bar, Look, Native, bars, drawn
from charts.palette import LIGHT
from exports.binder import Binder
from exports.cells import Place, apart, set_headings

_NARROWEST, _WIDEST, _FIGURES, _HELPS = 14, 45, 12, 12
"""Widths in letters: of categories, of figures, and of helping columns."""

Made = tuple[str, float]
"""A formula and its value."""


@dataclass
class Cells:
    """Where a chart's cells lie: ``place`` is its table; ``next`` the first free column of the helping ones."""

    into: Binder
    page: Worksheet
    place: Place
    next: int

    @property
    def rows(self) -> range:
        return range(self.place.first, self.place.last + 1)

    def at(self, row: int, column: int) -> str:
        return xl_rowcol_to_cell(row, column)

    def range(self, column: int) -> list[Any]:
        """A column of the chart, as xlsxwriter refers to it."""
        return [self.place.sheet, self.place.first, column, self.place.last, column]

    def heading(self, column: int) -> list[Any]:
        return [self.place.sheet, self.place.top, column]

    def help(self, heading: str, cells: Sequence[Made], form: str) -> int:
        """One more column beside the chart, of formulas with their values; says which."""
        column, style = self.next, self.into.style
        self.page.write_string(
            self.place.top, column, heading, style(italic=True, text_wrap=True, font_color=LIGHT.quiet)
        )
        number = style(font_color=LIGHT.quiet, num_format=whole(form))
        for row, (made, result) in zip(self.rows, cells, strict=True):
            value: Any = result
            self.page.write_formula(row, column, made, number, value)
        self.page.set_column(column, column, _HELPS)
        self.next += 1
        return column


def whole(form: str) -> str:
    """The number format without its scale: a chart is read in millions, its cells are worked with."""
    return re.sub(r"(?:\.0+)?,+(?=$|;|%)", "", form)


def write(into: Binder, page: Worksheet, of: Native, categories: str, at: tuple[int, int], skip: int) -> Cells:
    """Categories and series as a native table at ``at``, unrounded and in whole units; missing values are empty cells.

    ``skip``: columns that the chart covers; the helping ones stand behind it.
    """
    top, left = at
    headings = apart([categories, *(series.name for series in of.series)])
    style = into.style
    kept, number = style(), style(num_format=whole(of.form))
    for row, category in enumerate(of.categories, start=top + 1):
        page.write_string(row, left, category, kept)
    for column, series in enumerate(of.series, start=left + 1):
        for row, value in enumerate(series.values, start=top + 1):
            # An empty cell that is written would be remembered as 0 by the chart.
            if value is not None:
                page.write_number(row, column, value, number)
    page.add_table(
        top, left, top + max(len(of.categories), 1), left + len(of.series),
        {
            "name": into.table_name(),
            "style": "Table Style Light 1",
            "columns": [
                {"header": heading, "header_format": style(bold=True, text_wrap=True, align="right" if i else "left")}
                for i, heading in enumerate(headings)
            ],
        },
    )  # fmt: skip
    longest = max((len(category) for category in of.categories), default=0)
    widest = min(max(longest + 2, len(headings[0]) + 4, _NARROWEST), _WIDEST)
    set_headings(page, top, {**dict.fromkeys(headings, float(_FIGURES)), headings[0]: float(widest)})
    page.set_column(left, left, widest, kept)
    page.set_column(left + 1, left + len(of.series), _FIGURES, number)
    columns = {heading: left + i for i, heading in enumerate(headings)}
    place = Place(str(page.get_name()), top, columns, len(of.categories))
    return Cells(into, page, place, left + len(of.series) + 1 + skip)


@dataclass(frozen=True)
class Feet:
    """Columns that a bridge stands on. ``hidden`` and ``seen`` are those above zero, then those below."""

    hidden: tuple[int, int]
    seen: tuple[int, int]
    top: int


def feet(cells: Cells, of: Native) -> Feet:
    """A bridge's helping columns as formulas over its table, so that a changed step moves all that follow."""
    level = cells.next
    stands = bars(of)
    levels = _levels(of)
    formulas = [_level(cells, of, place, row, level) for place, row in enumerate(cells.rows)]
    cells.help("Level", list(zip(formulas, levels, strict=True)), of.form)
    ends = [_ends(cells, of, place, row, level) for place, row in enumerate(cells.rows)]

    def column(heading: str, tell: str, values: list[float]) -> int:
        made = [(tell.format(start=start, stop=stop), value) for (start, stop), value in zip(ends, values, strict=True)]
        return cells.help(heading, made, of.form)

    low, high = "MIN({start},{stop})", "MAX({start},{stop})"
    found = (
        column("Foot", f"=MAX({low},0)", [bar.hidden for bar in stands]),
        column("Shown", f"=MAX({high},0)-MAX({low},0)", [bar.seen for bar in stands]),
        column("Foot below zero", f"=MIN({high},0)", [bar.hidden_below for bar in stands]),
        column("Shown below zero", f"=MIN({low},0)-MIN({high},0)", [bar.seen_below for bar in stands]),
    )
    top = column("Top", f"={high}", [_top(bar) for bar in stands])
    return Feet((found[0], found[2]), (found[1], found[3]), top)


def _top(bar: Bar) -> float:
    return bar.hidden + bar.seen or bar.hidden_below


def _levels(of: Native) -> list[float]:
    """The balance after each place."""
    level, found = 0.0, list[float]()
    for place, value in enumerate(of.series[0].values):
        level = (value or 0.0) if place in of.balances else level + (value or 0.0)
        found.append(level)
    return found


def _level(cells: Cells, of: Native, place: int, row: int, level: int) -> str:
    value = cells.at(row, next(iter(cells.place.columns.values())) + 1)
    if place in of.balances or not place:
        return f"={value}"
    return f"={cells.at(row - 1, level)}+{value}"


def _ends(cells: Cells, of: Native, place: int, row: int, level: int) -> tuple[str, str]:
    """Where a bar begins and ends, as references."""
    start = "0" if place in of.balances or not place else cells.at(row - 1, level)
    return start, cells.at(row, level)


def tops(cells: Cells, of: Native) -> tuple[int, int, list[float]]:
    """Two helping columns of a stack: how high it stands, and what it adds up to; and the latter's values."""
    stacked = drawn(of.series, Look.BAR)
    first = next(iter(cells.place.columns.values())) + 1
    places = [first + at for at, series in enumerate(of.series) if series.look is Look.BAR]
    values = [[series.values[at] or 0.0 for series in stacked] for at in range(len(of.categories))]
    sums = [sum(row) for row in values]
    highs = [sum(value for value in row if value > 0) for row in values]
    ends = [(min(places), max(places))] if len(places) == max(places) - min(places) + 1 else [(at, at) for at in places]
    spans = [[xl_range(row, one, row, other) for one, other in ends] for row in cells.rows]
    told = ["=" + "+".join(f'SUMIF({each},">0")' for each in span) for span in spans]
    top = cells.help("Top", list(zip(told, highs, strict=True)), of.form)
    told = [f"=SUM({','.join(span)})" for span in spans]
    total = cells.help("Total", list(zip(told, sums, strict=True)), of.form)
    return top, total, sums
