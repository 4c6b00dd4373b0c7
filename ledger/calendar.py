"""Days, month-ends and windows. Nothing here knows what day it is today."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.errors import ConfigError

_FORM = re.compile(r"(?P<count>[1-9]\d{0,3})(?P<unit>mo|d)")


def month_end(day: date) -> date:
    """The last day of ``day``'s month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier, at most the last day of that month; a month-end stays a month-end."""
    index = day.year * 12 + day.month - 1 - months
    first = date(index // 12, index % 12 + 1, 1)
    last = month_end(first)
    return last if day == month_end(day) else first.replace(day=min(day.day, last.day))


def month_ends(first: date, last: date) -> list[date]:
    """Every month-end from ``first``'s month to the last one not after ``last``, in order."""
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    ends = (month_end(date(month // 12, month % 12 + 1, 1)) for month in months)
    return [end for end in ends if end <= last]


@dataclass(frozen=True)
class Window:
    """The days from ``start`` to ``end``, both included."""

    start: date
    end: date
    text: str = ""

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def months(self) -> float:
        """How many months it has: those of ``3mo``, else its days in average months."""
        found = _FORM.fullmatch(self.text)
        return float(found["count"]) if found and found["unit"] == "mo" else self.days * 12 / 365

    @property
    def opening(self) -> date:
        """The day whose close is the window's opening balance."""
        return self.start - timedelta(days=1)

    @classmethod
    def ending(cls, end: date, text: str) -> Window:
        """The window ``text`` (``3mo``, ``90d``) that ends on ``end``.

        ``3mo`` on a month-end is the three calendar months; on another day it begins the day after the same day
        three months earlier.

        Raises:
            ConfigError: ``text`` has another form, or reaches before the year 1.
        """
        found = _FORM.fullmatch(text.strip())
        if not found:
            raise ConfigError(f"The window '{text}' is not of the form '3mo' (calendar months) or '90d' (days).")
        count = int(found["count"])
        try:
            before = months_before(end, count) if found["unit"] == "mo" else end - timedelta(days=count)
        except (ValueError, OverflowError):
            raise ConfigError(f"The window '{text}' reaches back too far from {end.isoformat()}.") from None
        return cls(before + timedelta(days=1), end, text.strip())
