"""The days a page compares: the month-ends of a year, and a year and a month before."""

from __future__ import annotations

from datetime import date

from ledger.book import Book
from ledger.calendar import Window, month_end, months_before

MONTHS = 13


def trend(day: date, months: int = MONTHS) -> tuple[date, ...]:
    """``day`` and the month-ends before it, ``months`` in all, in order."""
    ends = [month_end(months_before(day.replace(day=1), back)) for back in range(months - 1, 0, -1)]
    return (*ends, day)


def year_before(day: date) -> date:
    """The same day a year earlier; a month-end stays one."""
    return months_before(day, 12)


def year_before_if_known(book: Book, day: date) -> date | None:
    """The same day a year earlier, where the history reaches that far."""
    before = year_before(day)
    return before if is_known(book, before, None) else None


def period_before(day: date) -> date:
    """The last month-end before ``day``."""
    return trend(day, 2)[0]


def is_known(book: Book, day: date, window: str | None) -> bool:
    """Whether the history reaches back to ``day``, and with ``window`` to its beginning."""
    return book.covers(Window.ending(day, window) if window else Window(day, day))
