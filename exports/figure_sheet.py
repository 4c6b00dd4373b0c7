"""A figure on a sheet of a workbook: its words, its numbers, and the chart that is drawn from them."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping

import polars as pl
from xlsxwriter.worksheet import Worksheet

from charts import Figure
from charts.native import Native
from charts.palette import LIGHT
from exports import sheet_chart
from exports.binder import Binder
from exports.cells import Layout, Place, table
from exports.column import Column, Form
from metrics import text

FIRST = 3
"""The row of a sheet's headings: title and subtitle stand above."""

_FIRST_WIDTH, _WIDTH, _USUAL = 20.0, 12.0, 8.43
"""Widths of the columns of a chart's cells, and of those below the chart, in letters."""

_LARGE, _LINE = 1.5, 19
"""Usual letters that one of a title is as wide as; points of a line of it."""

_CURRENCY = re.compile(r"(?:,|\()\s*([A-Z]{3})\)?$")
_MOST_SHARE = 1.5
"""A column said to be of shares holds parts of 1 if none is beyond this; else it is of per cent already."""

_IN_NAMES = {"ar": "AR", "dso": "DSO", "cei": "CEI", "fx": "FX", "hhi": "HHI", "py": "PY"}


def figure_sheet(into: Binder, page: Worksheet, figure: Figure) -> Place:
    """The figure's numbers at the left and its chart beside them; the same as a picture where it is drawn by none.

    Numbers of its table that the chart does not show follow below. Returns where the first table stands.
    """
    title, subtitle = heading(into, page, figure.title, figure.subtitle)
    drawn = figure.native
    if drawn is None or not drawn.categories or not drawn.series:
        return _pictured(into, page, figure)
    words = sheet_chart.Words(title, subtitle, figure.subtitle, figure.alt, _categories(figure, drawn))
    made = sheet_chart.draw(into, page, drawn, words, (FIRST, 0))
    last = made.last_row
    if _has_more(figure, drawn):
        last += 2
        page.write_string(last, 0, "Every number of the figure", into.style(bold=True, font_color=LIGHT.quiet))
        layout = Layout(
            at=(last + 1, 0), widths={0: _FIRST_WIDTH, **dict.fromkeys(range(1, len(drawn.series) + 1), _WIDTH)}
        )
        last = table(page, figure.table, columns_of(figure.table), into.table_name(), into.style, layout).last
    _over(into, page, figure.title, made.last_column, len(drawn.series))
    page.print_area(0, 0, last + 1, max(made.last_column, figure.table.width - 1))
    page.freeze_panes(FIRST + 1, 0)
    return made.place


def heading(into: Binder, page: Worksheet, title: str, subtitle: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The first two rows of a sheet, as text; says where they stand."""
    page.write_string(0, 0, text.name(title, ""), into.style(bold=True, font_size=14, font_color=LIGHT.text))
    page.write_string(1, 0, text.name(subtitle, ""), into.style(font_color=LIGHT.quiet))
    page.set_row(0, _LINE + 2)
    return (0, 0), (1, 0)


def _over(into: Binder, page: Worksheet, title: str, last_column: int, series: int) -> None:
    """Lets a long title go on in a second line: what is beyond the printed columns would be cut off."""
    room = _FIRST_WIDTH + series * _WIDTH + sheet_chart.COLUMNS * _USUAL
    lines = math.ceil(len(title) * _LARGE / room)
    if lines > 1:
        style = into.style(bold=True, font_size=14, font_color=LIGHT.text, text_wrap=True)
        page.merge_range(0, 0, 0, last_column, "", style)
        page.write_string(0, 0, text.name(title, ""), style)
        page.set_row(0, lines * _LINE)


def _pictured(into: Binder, page: Worksheet, figure: Figure) -> Place:
    """The table, and the figure as a picture beside it."""
    place = table(page, figure.table, columns_of(figure.table), into.table_name(), into.style, Layout(at=(FIRST, 0)))
    page.freeze_panes(FIRST + 1, 0)
    if figure.is_empty:
        return place
    picture = {"image_data": io.BytesIO(figure.png()), "description": figure.alt, "x_scale": 0.5, "y_scale": 0.5}
    page.insert_image(FIRST, max(figure.table.width, 1) + 1, f"{figure.name}.png", {**picture, "object_position": 2})
    return place


def _categories(figure: Figure, drawn: Native) -> str:
    """What the chart's categories are, where the table says it."""
    same = figure.table.height == len(drawn.categories) and figure.table.width
    return figure.table.columns[0] if same else "Category"


def _has_more(figure: Figure, drawn: Native) -> bool:
    """Whether the figure's table holds a number that the chart's own cells do not."""
    shown = {_rounded(value) for series in drawn.series for value in series.values if value is not None}
    held = figure.table.select(pl.selectors.numeric()).iter_columns()
    found = {_rounded(float(value)) for column in held for value in column.drop_nulls()}
    return bool(found - shown - {0.0})


def _rounded(value: float) -> float:
    """To nine digits: the same number, whichever way it was added up."""
    return round(value, 9 - math.ceil(math.log10(abs(value)))) if value and math.isfinite(value) else 0.0


def columns_of(rows: pl.DataFrame) -> Mapping[str, Column]:
    """How a figure's table is written: money by the currency in its heading, shares as per cent, all else in full."""
    found: dict[str, Column] = {}
    for name, kind in rows.schema.items():
        if not kind.is_float():
            continue
        money = _CURRENCY.search(name)
        if money:
            found[name] = Column(form=Form.MONEY, currency=money[1])
        elif "share" in name.casefold() and rows.filter(pl.col(name).abs() > _MOST_SHARE).is_empty():
            found[name] = Column(form=Form.SHARE)
        else:
            found[name] = Column(form=Form.DECIMAL, places=2)
    return found


def readable(name: str) -> str:
    """A figure's name as a sheet's: ``ar_movement`` is ``AR movement``."""
    words = [_IN_NAMES.get(word, word) for word in name.replace("-", "_").split("_") if word]
    told = " ".join(words)
    return told[:1].upper() + told[1:]
