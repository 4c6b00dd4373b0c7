"""The workbook inside a native chart: what opens when somebody edits its data.

Column A has the categories, each further column a series. A bridge's columns are formulas over the amounts beside them,
so that whoever changes an amount moves all bars after it. Nothing in it comes from a name but text.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from charts.native import Native, bars
from exports.chart_plot import Drawn, categories, known, longest

SHEET = "Data"

_MADE = datetime(1980, 1, 1)  # noqa: DTZ001  # no moment: the day that archives give files without one
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

AMOUNT, KIND, START, LEVEL = "Amount: change it here", "Kind: balance or step", "From", "To"


def letter(column: int) -> str:
    """The name of a column, the first being 0: ``A``, ``AA``."""
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def book(of: Native, series: Sequence[Drawn]) -> bytes:
    """An .xlsx file with one sheet; the same chart gives the same bytes.

    Args:
        of: the chart.
        series: what is drawn of it, as ``exports.chart_plot.drawn`` has it.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as written:
        written.set_properties({"created": _MADE})
        page = written.add_worksheet(SHEET)
        number = written.add_format({"num_format": of.form})
        page.set_column(0, 0, 28)
        page.set_column(1, len(series) + 4, 16)
        for row, name in enumerate(categories(of), start=1):
            page.write_string(row, 0, name)
        for column, each in enumerate(series, start=1):
            page.write_string(0, column, each.name)
            if not of.kind.is_bridge:
                _numbers(page, column, each.values, number)
        if of.kind.is_bridge:
            _bridge(page, of, series, number)
    return buffer.getvalue()


def _numbers(page: Worksheet, column: int, values: Sequence[float | None], number: Format) -> None:
    for row, value in enumerate(values, start=1):
        if value is not None:
            page.write_number(row, column, value, number)


def _bridge(page: Worksheet, of: Native, series: Sequence[Drawn], number: Format) -> None:
    """The amounts with their sign, and the columns that are drawn as formulas over them."""
    values, first = known(of.series[0].values), len(series) + 1
    for column, heading in enumerate((AMOUNT, KIND, START, LEVEL), start=first):
        page.write_string(0, column, heading)
    _numbers(page, first, values, number)
    amount, kind, start, level = (letter(first + place) for place in range(4))
    to = 0.0
    last, share = len(values) + 1, _share(of, series[-1])
    for place, value in enumerate(values):
        row = place + 2
        at = 0.0 if place in of.balances else to
        to = at + (value or 0.0)
        page.write_string(row - 1, first + 1, "balance" if place in of.balances else "step")
        put: Any = page.write_formula  # its hints know whole numbers only
        put(row - 1, first + 2, f'=IF({kind}{row}="balance",0,N({level}{row - 1}))', number, at)
        put(row - 1, first + 3, f"={start}{row}+{amount}{row}", number, to)
        low, high = (f"{of_two}({start}{row},{level}{row})" for of_two in ("MIN", "MAX"))
        reach = f"MAX(MAX({level}$2:{level}${last}),-MIN({level}$2:{level}${last}))"
        formulas = (
            f"=MAX({low},0)+MIN({high},0)",
            f"=MAX({high},0)-MAX({low},0)",
            f"=MIN({low},0)-MIN({high},0)",
            f"=IF(AND({high}<=0,{low}<0),-1,1)*{share!r}*{reach}",
        )
        for column, (formula, each) in enumerate(zip(formulas, series, strict=True), start=1):
            put(row - 1, column, formula, number, each.values[place] or 0.0)


def _share(of: Native, room: Drawn) -> float:
    """The room for labels as a share of the longest bar."""
    reach = longest(bars(of))
    return abs(room.values[0] or 0.0) / reach if reach and room.values else 0.0
