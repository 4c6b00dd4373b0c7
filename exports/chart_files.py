"""One chart as a file that goes on by itself: its numbers in a workbook, with the chart drawn from them."""

from __future__ import annotations

import io

from charts import Figure
from exports.about import About
from exports.binder import about_sheet, binder
from exports.figure_sheet import figure_sheet, readable

__all__ = ["chart_workbook"]


def chart_workbook(figure: Figure, about: About) -> bytes:
    """An .xlsx file: the figure's finding, its numbers, the chart beside them, and a sheet "About".

    The chart is one that people can change; a figure that spreadsheets cannot draw is there as a picture. No text of
    the data becomes a formula or a link. The same figure gives the same bytes.

    Raises:
        OutstandingError: more rows than a sheet holds.
    """
    buffer = io.BytesIO()
    with binder(about, buffer) as into:
        figure_sheet(into, into.sheet(readable(figure.name), repeat=None), figure)
        about_sheet(into)
    return buffer.getvalue()
