"""A pack as a workbook: the summary as live formulas, every table and chart on a sheet, and proof that it ties."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import polars as pl
from xlsxwriter.worksheet import Worksheet

from charts.palette import LIGHT
from exports.binder import Binder, about_sheet, binder
from exports.cells import Layout, table
from exports.figure_sheet import FIRST, heading
from exports.pack.content import Pack, Page
from exports.pack.sheet_content import Listed, commentary, content_sheets
from exports.pack.sheet_kpis import summary_table
from exports.pack.sheet_parts import Parts, parts_of, parts_sheet
from exports.pack.sheet_ties import links, ties_sheet
from ledger.money import digits
from metrics import CATALOG, text

__all__ = ["write"]

_OWN = ("Summary", "Commentary", "Tie-out", "Parts", "Definitions", "About")
"""Sheets that every pack has, under these names."""

_SUMMARY = "summary"
_LINK = 31
_LINE, _LETTERS = 15.0, 58
"""Points of a line, and letters that surely fit into the widest column."""


def write(pack: Pack) -> bytes:
    """The pack as an .xlsx file.

    Its summary computes the KPIs by formulas over their parts, and those, where a sheet of the pack has them, over
    that sheet; each formula carries its value, so that it is read without being computed. Numbers are unrounded. No
    text of the data becomes a formula, a link or an order of any kind. The same pack gives the same bytes.

    Raises:
        OutstandingError: a table has more rows than a sheet holds, or the parts are of several currencies.
    """
    buffer = io.BytesIO()
    with binder(pack.about, buffer, _OWN) as into:
        summary, said = into.reserved("Summary"), into.reserved("Commentary", repeat=0)
        listed = content_sheets(into, pack.pages)
        ties, parted = into.reserved("Tie-out"), into.reserved("Parts", repeat=FIRST)
        days, values = parts_of(pack)
        parts = parts_sheet(into, parted, pack, links(listed, days, values, 10.0 ** -digits(pack.about.currency)))
        commentary(into, said, pack)
        _summary(into, summary, pack, parts, listed, ties)
        _definitions(into, into.reserved("Definitions", repeat=FIRST), pack)
        about_sheet(into, defined=False)
        summary.activate()
    return buffer.getvalue()


def _summary(
    into: Binder, page: Worksheet, pack: Pack, parts: Parts, listed: Sequence[Listed], ties: Worksheet
) -> None:
    """Whose pack it is, the message, the KPIs with one word on whether all ties out, and what is on which sheet."""
    style = into.style
    page.hide_gridlines(2)
    page.fit_to_pages(1, 1)
    first = _first(pack)
    about = pack.about
    page.write_string(0, 0, text.name(about.title, ""), style(bold=True, font_size=18, font_color=LIGHT.text))
    page.set_row(0, 26)
    told = [about.company, pack.subtitle, f"as of {text.day(about.as_of)}", about.filters, *pack.lines]
    _say(into, page, 1, " · ".join(text.name(each, "") for each in told if each), font_color=LIGHT.quiet)
    row = 3
    for words, look in ((first.title, {"bold": True, "font_size": 13}), (first.lead, {})) if first else ():
        _say(into, page, row, words, **look)
        row += 1
    found = summary_table(into, page, pack, parts, row + 1)
    row += 2 + len(pack.kpis)
    checked, said = ties_sheet(into, ties, listed, parts, found)
    if found:
        verdict: Any = said
        _say(into, page, row + 1, "Check")
        page.write_formula(row + 1, 1, f"={checked}", style(bold=True), verdict)
        row += 2
    _contents(into, page, row + 1, listed)


def _first(pack: Pack) -> Page | None:
    return next((page for page in pack.pages if page.section == _SUMMARY), pack.pages[0] if pack.pages else None)


def _contents(into: Binder, page: Worksheet, top: int, listed: Sequence[Listed]) -> None:
    """The sheets with what each says, as links of our own."""
    own = [
        ("Commentary", "What the pages say, in words"),
        *((of.name, of.title) for of in listed),
        ("Tie-out", "Whether the numbers agree"),
        ("Parts", "What the KPIs are made of"),
        ("Definitions", "How each measure is computed, and whose definition it is"),
        ("About", "Company, day, window, filters and snapshot"),
    ]
    _say(into, page, top, "Sheets", bold=True, bottom=1)
    for row, (name, title) in enumerate(own, start=top + 1):
        quoted = name.replace("'", "''")
        link = into.style(font_color=LIGHT.good, underline=1)
        page.write_url(row, 0, f"internal:'{quoted}'!A1", link, name[:_LINK])
        _say(into, page, row, title, column=1, font_color=LIGHT.quiet)


def _definitions(into: Binder, page: Worksheet, pack: Pack) -> None:
    """Every metric that the pack or its summary rests on."""
    ids = dict.fromkeys((*pack.kpis, *pack.metrics, *pack.about.metrics))
    known = [CATALOG[id] for id in ids]
    heading(into, page, "How the measures are computed", "Each is computed anew for every group, never averaged")
    rows = pl.DataFrame(
        {
            "Measure": [metric.label for metric in known],
            "Question": [metric.question for metric in known],
            "Formula": [metric.formula for metric in known],
            "Unit": [metric.unit.value for metric in known],
            "Source": [metric.source for metric in known],
        },
        schema=dict.fromkeys(("Measure", "Question", "Formula", "Unit", "Source"), pl.String),
    )
    table(page, rows, {}, into.table_name(), into.style, Layout((FIRST, 0), wrapped=True))
    for row, words in enumerate(rows.iter_rows(), start=FIRST + 1):
        # Not every program makes a row as high as what is in it.
        page.set_row(row, _LINE * max(math.ceil(len(each) / _LETTERS) for each in words))
    page.freeze_panes(FIRST + 1, 1)


def _say(into: Binder, page: Worksheet, row: int, words: str, *, column: int = 0, **look: object) -> None:
    told = text.name(words, "")
    if told:
        page.write_string(row, column, told, into.style(**look))
