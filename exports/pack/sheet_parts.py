"""The sums that the KPIs of a pack are made of, on a sheet: a row for each part, a column for each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from xlsxwriter.utility import quote_sheetname, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from charts.palette import LIGHT
from exports import formats
from exports.binder import Binder
from exports.figure_sheet import FIRST, heading
from exports.pack.content import Pack
from exports.pack.formula import is_money
from ledger.errors import OutstandingError
from metrics import text

Value = float | None

_HEADINGS = {
    "total_ar": "Total AR",
    "opening": "Opening AR",
    "opening_gross": "Opening gross open",
    "over_90": "Over 90 days",
    "unapplied": "Unapplied credits",
    "fx": "Exchange differences",
    "write_offs": "Write-offs",
    "days": "Days in the window",
    "months": "Months in the window",
    "annual_rate": "Annual rate",
    "paid_days": "Paid × days to pay",
    "paid_late_days": "Paid × days beyond terms",
    "paid_overdue_days": "Paid × days beyond terms, early ones as 0",
    "paid_count": "Payments",
    "paid_on_time_count": "Payments on time",
}


@dataclass(frozen=True)
class Linked:
    """A part as a sum over a sheet of the workbook: the formula, its value, and the sheet."""

    formula: str
    value: float
    sheet: str


Links = Mapping[tuple[date, str], Linked]
"""By day and part."""


@dataclass(frozen=True)
class Parts:
    """Where each part of each day stands, and its value; ``days`` in the order of their columns."""

    sheet: str
    days: tuple[date, ...]
    rows: Mapping[str, int]
    values: Mapping[tuple[date, str], Value]

    def cell(self, day: date, part: str) -> str:
        """The reference to a part, from any sheet."""
        column = 1 + self.days.index(day)
        return f"{quote_sheetname(self.sheet)}!{xl_rowcol_to_cell(self.rows[part], column, True, True)}"

    def has(self, *parts: str) -> bool:
        """Whether all of these are known on the first day."""
        return bool(self.days) and all(self.values.get((self.days[0], part)) is not None for part in parts)


def parts_of(pack: Pack) -> tuple[tuple[date, ...], Mapping[tuple[date, str], Value]]:
    """The days of a pack's parts, and every value.

    Raises:
        OutstandingError: a day has more than one row, as of several currencies: such sums are never added.
    """
    rows = pack.parts
    days: tuple[date, ...] = tuple(rows["as_of"].to_list()) if "as_of" in rows.columns else ()
    if len(set(days)) < len(days):
        raise OutstandingError("The numbers of a pack need one currency: choose one, or convert to one by rates.")
    names = [name for name, kind in rows.schema.items() if kind.is_numeric() or kind == pl.Null]
    held: dict[tuple[date, str], Value] = {}
    for name in names:
        for day, value in zip(days, rows[name].to_list(), strict=True):
            held[day, name] = None if value is None else float(value)
    return days, held


def parts_sheet(into: Binder, page: Worksheet, pack: Pack, links: Links) -> Parts:
    """A row for each part, in major units: values, or sums over other sheets where ``links`` has them."""
    style = into.style
    days, held = parts_of(pack)
    names = list(dict.fromkeys(name for _, name in held))
    unit = f"Money in whole units of {into.about.currency}" if into.about.currency else "Money in whole units"
    heading(into, page, "What the KPIs are made of", f"{unit}; in blue: sums over other sheets of this workbook")
    titles = ["Part", *(text.day(day) for day in days), "Where it comes from"]
    rows = {name: row for row, name in enumerate(names, start=FIRST + 1)}
    for name, row in rows.items():
        page.write_string(row, 0, _HEADINGS.get(name, name.replace("_", " ").capitalize()), style())
        for column, day in enumerate(days, start=1):
            _part(into, page, (row, column), name, held[day, name], links.get((day, name)))
        sheets = dict.fromkeys(links[day, name].sheet for day in days if (day, name) in links)
        said = f"sum over {', '.join(sheets)}" if sheets else "the product"
        page.write_string(row, len(days) + 1, said, style(font_color=LIGHT.quiet, indent=1))
    page.set_column(0, 0, 42)
    page.set_column(1, max(len(days), 1), 22)
    page.set_column(len(days) + 1, len(days) + 1, 34)
    page.add_table(
        FIRST, 0, FIRST + max(len(rows), 1), len(titles) - 1,
        {
            "name": into.table_name(),
            "style": "Table Style Light 1",
            "columns": [
                {"header": title, "header_format": style(bold=True, align="right" if 0 < at <= len(days) else "left")}
                for at, title in enumerate(titles)
            ],
        },
    )  # fmt: skip
    page.freeze_panes(FIRST + 1, 1)
    page.fit_to_pages(1, 1)
    return Parts(str(page.get_name()), days, rows, held)


def _part(into: Binder, page: Worksheet, at: tuple[int, int], name: str, value: Value, linked: Linked | None) -> None:
    form = {"num_format": _form(name, into.about.currency)}
    if value is None:
        page.write_string(*at, text.MISSING, into.style(align="right", font_color=LIGHT.quiet))
    elif linked:
        result: Any = linked.value
        page.write_formula(*at, linked.formula, into.style(**form, font_color=LIGHT.good), result)
    else:
        page.write_number(*at, value, into.style(**form))


def _form(name: str, currency: str) -> str:
    if is_money(name):
        return formats.excel_money(currency)
    return {"annual_rate": "0.00%", "months": formats.excel_number(1)}.get(name, formats.EXCEL_WHOLE)
