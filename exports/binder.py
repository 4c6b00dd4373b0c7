"""A workbook being made: its sheets by name, what each prints at head and foot, and the sheet that says what it is."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from exports import formats
from exports.about import About, definitions, facts
from exports.cells import Styles, styles, told_apart
from metrics import text

_MOST_FOOT = 90
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_SHEET_NAME = 31
_RESERVED = ("about", "history")


@dataclass
class Binder:
    """The workbook, its formats, and what its sheets say of themselves. ``taken``: names in use, in small letters."""

    book: xlsxwriter.Workbook
    style: Styles
    about: About
    taken: set[str] = field(default_factory=lambda: set(_RESERVED))
    tables: int = 0

    def sheet(self, name: str, *, repeat: int | None = 0) -> Worksheet:
        """A further sheet, called ``name`` as far as Excel takes it. ``repeat``: the row printed on each page."""
        (told,) = sheet_names([name], self.taken)
        self.taken.add(told.casefold())
        return self._added(told, repeat)

    def reserved(self, name: str, *, repeat: int | None = None) -> Worksheet:
        """A sheet whose name was in ``taken`` from the beginning."""
        return self._added(name, repeat)

    def table_name(self) -> str:
        """For the next table."""
        self.tables += 1
        return f"Table{self.tables}"

    def _added(self, name: str, repeat: int | None) -> Worksheet:
        page = self.book.add_worksheet(name)
        print_set_up(page, self.about, repeat)
        return page


@contextmanager
def binder(about: About, into: io.BytesIO, taken: Iterable[str] = ()) -> Iterator[Binder]:
    """An empty workbook that is written ``into`` at the end. ``taken``: names of sheets that are kept free."""
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": formats.EXCEL_DAY,
    }
    with xlsxwriter.Workbook(into, options) as book:
        made = datetime.combine(about.as_of, time())
        book.set_properties({"title": about.title, "author": about.company, "created": made})
        yield Binder(book, styles(book), about, {*_RESERVED, *(name.casefold() for name in taken)})


def sheet_names(wanted: Iterable[str], taken: Iterable[str] = _RESERVED) -> list[str]:
    """Names that Excel takes: short, without its own signs, no two alike whatever the case."""
    clean = [_NOT_IN_SHEET_NAMES.sub(" ", name).strip(" '")[:_LONGEST_SHEET_NAME].strip(" '") for name in wanted]
    return told_apart([name or "Sheet" for name in clean], _LONGEST_SHEET_NAME, taken)


def about_sheet(into: Binder, *, defined: bool = True) -> None:
    """What the workbook shows, and, unless another sheet does, what its numbers mean."""
    page, of, style = into.reserved("About"), into.about, into.style
    page.hide_gridlines(2)
    page.set_column(0, 0, 26, style(text_wrap=True))
    page.set_column(1, 1, 100, style(text_wrap=True))
    put = page.write_string
    put(0, 0, of.title, style(bold=True, font_size=14))
    row = 2
    for label, said in facts(of):
        put(row, 0, label, style(bold=True))
        put(row, 1, said, style(text_wrap=True))
        row += 1
    meanings = definitions(of.metrics) if defined else []
    if not meanings:
        return
    put(row + 1, 0, "How it is computed", style(bold=True, font_size=12))
    for label, said in meanings:
        put(row + 2, 0, label, style(bold=True, text_wrap=True))
        put(row + 2, 1, said, style(text_wrap=True))
        row += 1


def print_set_up(page: Worksheet, about: About, repeat: int | None) -> None:
    """Landscape, as wide as the paper, the headings on every page, and at the foot what it is and which page."""
    page.set_landscape()
    page.set_paper(1 if about.paper == "us-letter" else 9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    if repeat is not None:
        page.repeat_rows(repeat)
    page.set_header("&L" + _foot(about.title) + "&R&A")
    left, middle = _foot(f"{about.company} · as of {text.day(about.as_of)}"), _foot(about.filters)
    page.set_footer(f"&L{left}" + (f"&C{middle}" if middle else "") + f"&Rsnapshot {about.snapshot[:12]} · &P/&N")


def _foot(words: str) -> str:
    """Words in Excel's small language for heads and feet, where & begins an order; a line holds 255 signs in all."""
    return formats.shortened(text.name(words, ""), _MOST_FOOT // 2 if "&" in words else _MOST_FOOT).replace("&", "&&")
