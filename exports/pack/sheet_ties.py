"""What must be equal, on a sheet: movement and balance, balance and buckets, every KPI and the product's own value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from charts.movement import HEADINGS
from charts.palette import LIGHT
from exports import formats
from exports.binder import Binder
from exports.figure_sheet import FIRST, heading
from exports.pack.content import Table
from exports.pack.sheet_content import Listed
from exports.pack.sheet_kpis import Kpi
from exports.pack.sheet_parts import Linked, Links, Parts, Value
from ledger.facts import MOVEMENT
from ledger.money import digits
from metrics import CATALOG, Unit, text

_WIDTHS = (52, 22, 22, 16, 12)
_TIES, _DIFFERS = "ties out", "differs"
_NOISE = 1e-6
"""Ratios and days that are nearer than this are the same."""

_DIGITS_OF_A_CELL = 2.0**-50
"""Part of an amount that the noise of adding doubles may come to: a cent from ten trillion on."""

_LARGEST_OF_90 = 90


@dataclass(frozen=True)
class Sum:
    """A sum over cells of a sheet: as a formula without its sign of equality, and its value."""

    formula: str
    value: float
    sheet: str = ""

    def __add__(self, other: Sum) -> Sum:
        return Sum(f"{self.formula}+{other.formula}", self.value + other.value, self.sheet)

    def negative(self) -> Sum:
        """The same with the other sign."""
        return Sum(f"-{self.formula}", -self.value, self.sheet)


def tolerance(value: float, unit: float) -> float:
    """Half of the smallest ``unit`` of money, or the digits that a cell does not hold where an amount has too many."""
    return max(unit / 2, abs(value) * _DIGITS_OF_A_CELL)


# --- sums over the sheets -----------------------------------------------------------------------------------------


def links(
    listed: Sequence[Listed], days: Sequence[date], values: Mapping[tuple[date, str], Value], unit: float
) -> Links:
    """The parts that are sums over tables of the pack, wherever such a sum is the part to half a ``unit`` of money.

    Movements are read off the roll-forward, balances off the aging table, which has the day compared with as well.
    """
    found: dict[tuple[date, str], Linked] = {}
    for day, sums in zip(days, (_first_day(listed), _second_day(listed)), strict=False):
        for part, total in sums.items():
            known = values.get((day, part))
            if known is not None and abs(known - total.value) < tolerance(known, unit):
                found[day, part] = Linked(f"={total.formula}", total.value, total.sheet)
    return found


def _first_day(listed: Sequence[Listed]) -> dict[str, Sum]:
    moved, aged = roll_forward(listed), _aged(listed, "amount")
    found = {line: total if line in ("opening", "billed") else total.negative() for line, total in moved.items()}
    if "billed" in moved and "credits" in moved:
        found["credit_sales"] = moved["billed"] + moved["credits"]
    return {**found, **aged}


def _second_day(listed: Sequence[Listed]) -> dict[str, Sum]:
    return _aged(listed, "before")


def roll_forward(listed: Sequence[Listed]) -> dict[str, Sum]:
    """The lines of the movement table by their ids, without the closing one."""
    for of, table in _tables(listed, "movement"):
        line, amount = _column(table, "line"), _column(table, "amount")
        if line and amount:
            ids = [_line(str(words)) for words in table.rows[line].head(of.place.rows)]
            cells = {id: _cell(of, table, amount, row) for row, id in enumerate(ids) if id}
            return {id: cell for id, cell in cells.items() if id != "closing"}
    return {}


def _line(words: str) -> str:
    """The id of a line by what it is called: ``Opening, 31 Jul 2026``."""
    told = words.partition(",")[0].strip().casefold()
    return next((id for id, label in HEADINGS.items() if told in (id, label.casefold())), "")


def _aged(listed: Sequence[Listed], column: str) -> dict[str, Sum]:
    """Balances by what the buckets of the aging table say they are."""
    for of, table in _tables(listed, "aging"):
        bucket, amount = _column(table, "bucket"), _column(table, column)
        if not bucket or not amount:
            continue
        names = [str(name).casefold() for name in table.rows[bucket].head(of.place.rows)]
        credit = [row for row, name in enumerate(names) if name.startswith("unapplied")]
        first = [row for row, name in enumerate(names) if name.startswith("current")]
        late = [row for row in range(len(names)) if row not in (*credit, *first)]
        old = [row for row in late if (age := re.match(r"\d+", names[row])) and int(age[0]) >= _LARGEST_OF_90]
        wanted = {
            "total_ar": range(len(names)),
            "gross_open": sorted([*first, *late]),
            "current": first,
            "overdue": late,
            "over_90": old,
            "unapplied": credit,
        }
        return {part: _rows(of, table, amount, rows) for part, rows in wanted.items() if rows}
    return {}


def by_group(listed: Sequence[Listed]) -> Iterator[tuple[str, Sum]]:
    """Total AR over the groups of a table, by the sheet's name."""
    for of, table in _tables(listed, "segments"):
        total = _column(table, CATALOG["total_ar"].label)
        if total and of.place.rows:
            yield of.name, _rows(of, table, total, range(of.place.rows))


def _tables(listed: Sequence[Listed], section: str) -> Iterator[tuple[Listed, Table]]:
    return ((of, of.table) for of in listed if of.table is not None and of.section == section)


def _column(table: Table, wanted: str) -> str:
    return next((name for name in table.rows.columns if name.casefold() == wanted.casefold()), "")


def _cell(of: Listed, table: Table, column: str, row: int) -> Sum:
    told = xl_rowcol_to_cell(of.place.first + row, of.place.columns[column], True, True)
    return Sum(f"{quote_sheetname(of.name)}!{told}", float(table.rows[column][row] or 0), of.name)


def _rows(of: Listed, table: Table, column: str, rows: Sequence[int]) -> Sum:
    """Rows that lie together as one range, others one by one."""
    value = sum(float(table.rows[column][row] or 0) for row in rows)
    at = of.place.columns[column]
    if len(rows) == max(rows) - min(rows) + 1:
        told = xl_range_abs(of.place.first + min(rows), at, of.place.first + max(rows), at)
        return Sum(f"SUM({quote_sheetname(of.name)}!{told})", value, of.name)
    cells = [_cell(of, table, column, row) for row in rows]
    return Sum("+".join(cell.formula for cell in cells), value, of.name)


# --- the sheet ----------------------------------------------------------------------------------------------------


def ties_sheet(
    into: Binder, page: Worksheet, listed: Sequence[Listed], parts: Parts, kpis: Sequence[Kpi]
) -> tuple[str, str]:
    """Writes the checks; returns the reference to the cell that says whether all of them hold, and what it says."""
    sheet = _Checks(into, page, parts)
    sheet.balances(listed)
    sheet.movement(listed)
    sheet.kpis([kpi for kpi in kpis if kpi.is_live])
    return sheet.verdict()


class _Checks:
    """Checks one below the other: what, its value, what it must be, the difference, a word."""

    def __init__(self, into: Binder, page: Worksheet, parts: Parts) -> None:
        self.into, self.page, self.parts = into, page, parts
        self.at, self.counted, self.failed = FIRST + 2, 0, 0
        self.unit = 10 ** -digits(into.about.currency)
        self.money = formats.excel_money(into.about.currency)
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width)
        page.hide_gridlines(2)
        heading(into, page, "Do the numbers agree?", "Live formulas over the other sheets; money to half a cent")

    def movement(self, listed: Sequence[Listed]) -> None:
        """Opening + billed − credits − cash − … against the balance at the close, by the sheet or else by the parts."""
        lines = roll_forward(listed)
        whole = ("opening", *MOVEMENT, "total_ar")
        if not lines and self.parts.has(*whole):
            taken = {line: self._part(line) for line in ("opening", *MOVEMENT)}
            lines = {line: cell if line in ("opening", "billed") else cell.negative() for line, cell in taken.items()}
        if not lines or not self.parts.has("total_ar"):
            return
        self._title("From the opening to the closing balance", "Amount", "", "", "")
        start = self.at
        for line, cell in lines.items():
            self._say(HEADINGS[line])
            self._formula(1, cell.formula, cell.value, self.money)
            self.at += 1
        total = Sum(f"SUM({xl_range_abs(start, 1, self.at - 1, 1)})", sum(cell.value for cell in lines.values()))
        self._check("Opening and movements, against total AR at the close", total, self._part("total_ar"))
        self.at += 1

    def balances(self, listed: Sequence[Listed]) -> None:
        """Total AR by every way that it is told."""
        aged, groups = _aged(listed, "amount"), list(by_group(listed))
        if not self.parts.has("total_ar"):
            return
        self._title("Total AR, told in several ways", "Sum", "Total AR", "Difference", "")
        total = self._part("total_ar")
        if aged:
            self._check(f"Σ buckets of the sheet '{aged['total_ar'].sheet}'", aged["total_ar"], total)
        for name, whole in groups:
            self._check(f"Σ groups of the sheet '{name}'", whole, total)
        if self.parts.has("current", "overdue", "unapplied"):
            whole = self._part("current") + self._part("overdue") + self._part("unapplied")
            self._check("Current + overdue + unapplied credits", whole, total)
        self.at += 1

    def kpis(self, kpis: Sequence[Kpi]) -> None:
        """Each formula of the summary against the product's own value."""
        if not kpis:
            return
        self._title("KPIs, computed here and by the product", "This workbook", "The product", "Difference", "")
        for kpi in kpis:
            cell = f"Summary!{xl_rowcol_to_cell(kpi.row, kpi.column, True, True)}"
            is_money = kpi.metric.unit is Unit.MONEY
            form = {Unit.MONEY: self.money, Unit.RATIO: "0.0000%"}.get(kpi.metric.unit, "#,##0.0000")
            label = f"{kpi.metric.label}, {text.day(kpi.day)}"
            limit = tolerance(kpi.told or 0.0, self.unit) if is_money else _NOISE
            self._row(label, (cell, kpi.computed), (None, kpi.told), limit, form)
        self.at += 1

    def verdict(self) -> tuple[str, str]:
        """The one line above all checks: where it stands, and its words."""
        all_of_them, some = f"All {self.counted} checks tie out", f" of {self.counted} checks differ"
        said = f"{self.failed}{some}" if self.failed else all_of_them
        rows = xl_range_abs(FIRST + 2, 4, self.at, 4)
        differing = f'COUNTIF({rows},"{_DIFFERS}")'
        style = self.into.style(bold=True, font_size=12, font_color=LIGHT.bad if self.failed else LIGHT.good)
        if self.counted:
            bad = self.into.book.add_format({"font_color": LIGHT.bad, "bold": True})
            words = {"type": "cell", "criteria": "==", "value": f'"{_DIFFERS}"', "format": bad}
            self.page.conditional_format(FIRST + 2, 4, self.at, 4, words)
            shown: Any = said
            told = f'=IF({differing}=0,"{all_of_them}",{differing}&"{some}")'
            self.page.write_formula(FIRST, 0, told, style, shown)
        else:
            said = "Nothing to check"
            self.page.write_string(FIRST, 0, said, style)
        return f"{quote_sheetname(str(self.page.get_name()))}!{xl_rowcol_to_cell(FIRST, 0, True, True)}", said

    def _part(self, part: str) -> Sum:
        day = self.parts.days[0]
        return Sum(self.parts.cell(day, part), self.parts.values[day, part] or 0.0)

    def _check(self, label: str, one: Sum, other: Sum) -> None:
        limit = tolerance(other.value, self.unit)
        self._row(label, (one.formula, one.value), (other.formula, other.value), limit, self.money)

    def _row(
        self, label: str, one: tuple[str, Value], other: tuple[str | None, Value], limit: float, form: str
    ) -> None:
        """A check: two values, their difference, and whether it is small enough; both missing is the same as well."""
        self._say(label)
        self._formula(1, one[0], one[1], form)
        if other[0] is not None:
            self._formula(2, other[0], other[1], form)
        elif other[1] is None:
            self.page.write_string(self.at, 2, text.MISSING, self.into.style(align="right"))
        else:
            self.page.write_number(self.at, 2, other[1], self.into.style(num_format=form))
        first, second, apart = (xl_rowcol_to_cell(self.at, column) for column in (1, 2, 3))
        gap: Any = text.MISSING if one[1] is not other[1] else 0.0
        if one[1] is not None and other[1] is not None:
            gap = one[1] - other[1]
        told = f'IF(AND(ISNUMBER({first}),ISNUMBER({second})),{first}-{second},IF({first}={second},0,"{text.MISSING}"))'
        self.page.write_formula(self.at, 3, f"={told}", self.into.style(num_format=form, align="right"), gap)
        holds = isinstance(gap, float) and abs(gap) < limit
        word: Any = _TIES if holds else _DIFFERS
        check = f'=IF(ISNUMBER({apart}),IF(ABS({apart})<{limit:.12g},"{_TIES}","{_DIFFERS}"),"{_DIFFERS}")'
        self.page.write_formula(self.at, 4, check, self.into.style(indent=1), word)
        self.counted += 1
        self.failed += not holds
        self.at += 1

    def _title(self, *words: str) -> None:
        for column, each in enumerate(words):
            look = {"bold": True, "bottom": 1, "align": "right" if column in (1, 2, 3) else "left"}
            self.page.write_string(self.at, column, each, self.into.style(**look))
        self.at += 1

    def _say(self, words: str) -> None:
        self.page.write_string(self.at, 0, words, self.into.style())

    def _formula(self, column: int, told: str, value: Value, form: str) -> None:
        shown: Any = text.MISSING if value is None else value
        self.page.write_formula(self.at, column, f"={told}", self.into.style(num_format=form, align="right"), shown)
