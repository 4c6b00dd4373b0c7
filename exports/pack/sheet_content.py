"""What the pages of a pack show, on sheets: a sheet for each table and chart, and one for all that is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xlsxwriter.worksheet import Worksheet

from briefing.tile import Tile
from charts.palette import LIGHT
from exports.binder import Binder
from exports.cells import Layout, Place, table
from exports.column import Column, Form
from exports.figure_sheet import FIRST, figure_sheet, heading, readable
from exports.pack.content import Chart, Line, Lines, Pack, Page, Table, Tiles
from metrics import text

_DEFINITIONS = ("definitions", "Definitions")
_WIDTHS = (24, 80, 70, 10)
_LINE, _TITLE_LINE = 13.5, 16.5
_PLAIN, _BOLD = 1.1, 0.8
"""Points of a line and of one of a message, and how many letters of each fit into the width of one usual letter."""


@dataclass(frozen=True)
class Listed:
    """A sheet of the pack: of which section, what it is called, what it says; ``table`` and where, if it is one."""

    section: str
    name: str
    title: str
    place: Place
    table: Table | None = None


def content_sheets(into: Binder, pages: Sequence[Page]) -> list[Listed]:
    """A sheet for each table, and one for each chart, in the order of the pages.

    The table of definitions has none: the workbook's own sheet of that name says the same, and more.
    """
    found: list[Listed] = []
    for page in pages:
        for block in page.blocks:
            match block:
                case Table() if (page.section, block.name) == _DEFINITIONS:
                    continue
                case Table():
                    sheet = into.sheet(block.name, repeat=FIRST)
                    found.append(
                        Listed(page.section, str(sheet.get_name()), block.title, _table(into, sheet, block), block)
                    )
                case Chart():
                    sheet = into.sheet(readable(block.figure.name), repeat=None)
                    place = figure_sheet(into, sheet, block.figure)
                    found.append(Listed(page.section, str(sheet.get_name()), block.figure.title, place))
                case _:
                    continue
    return found


def _table(into: Binder, page: Worksheet, of: Table) -> Place:
    heading(into, page, of.title or of.name, of.subtitle)
    layout = Layout((FIRST, 0), of.states, of.last_is_total)
    place = table(page, of.rows, _in_words(of), into.table_name(), into.style, layout)
    page.freeze_panes(FIRST + 1, 0)
    return place


def _in_words(of: Table) -> dict[str, Column]:
    """The columns with the currency of their money in the heading: a cell says only the amount."""
    return {
        name: replace(column, heading=f"{column.heading or name}, {column.currency}")
        if column.form is Form.MONEY and column.currency and not column.currency_from
        else column
        for name, column in of.columns.items()
    }


def commentary(into: Binder, page: Worksheet, pack: Pack) -> None:
    """All words of the pages in order: messages, numbers as they are told, sentences, commentary and notes."""
    said = _Said(into, page)
    for each in pack.pages:
        said.section(each)
        for block in each.blocks:
            match block:
                case Tiles():
                    for tile in block.tiles:
                        said.tile(tile)
                case Lines():
                    said.lines(block)
                case _:
                    continue
        for place, paragraph in enumerate(filter(str.strip, each.commentary.splitlines())):
            said.row("" if place else "Commentary", paragraph)
        for note in each.notes:
            said.row("Note", note, quiet=True)
        said.at += 1


class _Said:
    """The rows of the commentary, one below the other."""

    def __init__(self, into: Binder, page: Worksheet) -> None:
        self.style, self.page = into.style, page
        for column, width in enumerate(_WIDTHS):
            page.set_column(column, column, width, into.style(text_wrap=True))
        page.hide_gridlines(2)
        heading(into, page, into.about.title, "What the pages say, in their order; the sheets behind have the numbers")
        self.at = FIRST

    def section(self, page: Page) -> None:
        """Its name and its message over all columns, then what leads on."""
        style, told = self.style, text.name(page.title, "")
        self.page.write_string(
            self.at, 0, text.name(page.label, ""), style(bold=True, font_color=LIGHT.quiet, top=1, text_wrap=True)
        )
        wide = style(bold=True, font_size=12, text_wrap=True, top=1)
        self.page.merge_range(self.at, 1, self.at, len(_WIDTHS) - 1, "", wide)
        self.page.write_string(self.at, 1, told, wide)
        lines = max(_lines(told, sum(_WIDTHS[1:]) * _BOLD), _lines(page.label, _WIDTHS[0] * _BOLD))
        self.page.set_row(self.at, lines * _TITLE_LINE)
        self.at += 1
        if page.lead:
            self.row("", page.lead)

    def tile(self, tile: Tile) -> None:
        """A number, what it is compared with, and its state."""
        over = f" · {tile.measured_over}" if tile.measured_over else ""
        told = " ".join(part for part in (tile.difference, tile.context) if part)
        more = " · ".join(part for part in (told, tile.note or "", tile.alert) if part)
        self.row(f"{tile.definition.label}{over}", tile.written, more, tile.state, strong=True)

    def lines(self, block: Lines) -> None:
        """A heading, and its sentences below."""
        if block.title or block.subtitle:
            self.row("", block.title, block.subtitle, strong=True, quiet=True)
        for line in block.lines or ((Line(block.nothing),) if block.nothing else ()):
            self.row("", line.words, " · ".join(part for part in (line.more, line.aside) if part), line.state)

    def row(
        self,
        label: str,
        words: str,
        more: str = "",
        state: str | None = None,
        *,
        strong: bool = False,
        quiet: bool = False,
    ) -> None:
        """One row: what it is, the words, more of them, and the state as a word."""
        colour = {"font_color": LIGHT.quiet} if quiet else {}
        self._put(0, label, text_wrap=True, **({} if strong else {"font_color": LIGHT.quiet}))
        self._put(1, words, text_wrap=True, bold=strong, **colour)
        self._put(2, more, text_wrap=True, font_color=LIGHT.quiet)
        lines = max(_lines(said, width * _PLAIN) for said, width in zip((label, words, more), _WIDTHS, strict=False))
        if lines > 1:
            self.page.set_row(self.at, lines * _LINE)
        if state:
            self._put(3, state.capitalize(), bold=True, font_color=LIGHT.state(state))
        self.at += 1

    def _put(self, column: int, words: str, **look: object) -> None:
        told = text.name(words, "")
        if told:
            self.page.write_string(self.at, column, told, self.style(**look))


def _lines(words: str, width: float) -> int:
    """So many lines ``words`` take in a column of this width."""
    return max(1, math.ceil(len(words) / width))
