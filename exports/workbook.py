"""Tables as an Excel workbook that can be worked with and printed: no cell is a formula, none is a link."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from exports.about import About
from exports.binder import about_sheet, binder
from exports.cells import table
from exports.column import Column, Form, settled

__all__ = ["About", "Column", "Form", "Sheet", "settled", "workbook"]


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
    with binder(about, buffer) as into:
        for sheet in sheets:
            page = into.sheet(sheet.name)
            table(page, sheet.rows, sheet.columns, into.table_name(), into.style)
            if sheet.rows.width:
                page.freeze_panes(1, 0)
        about_sheet(into)
    return buffer.getvalue()
