"""Days as whole numbers since 1970-01-01: the form every date takes until it is written as text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import company

Days = NDArray[np.int64]


def day(text: str) -> int:
    """The number of an ISO date."""
    return int(np.datetime64(text, "D").astype(np.int64))


DRAWN_FROM = day(company.DRAWN_FROM)
FIRST_DAY = day(company.FIRST_DAY)
LAST_DAY = day(company.LAST_DAY)
TAKEN_OVER_ON = FIRST_DAY - 1

_TEXT_FROM = day("2022-01-01")
_TEXTS = np.datetime_as_string(np.arange(_TEXT_FROM, day("2028-01-01")).astype("datetime64[D]")).astype(object)


def texts(days: Days) -> list[str]:
    """ISO text of each day."""
    return _TEXTS[days - _TEXT_FROM].tolist()


def weekday(days: Days) -> Days:
    """0 for Monday to 6 for Sunday."""
    return (days + 3) % 7


def working(days: Days) -> Days:
    """The day itself, or the Monday after when it falls on a weekend."""
    return days + (7 - weekday(days)) * (weekday(days) >= 5)


def month_index(days: Days) -> Days:
    """Calendar months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_end(days: Days) -> Days:
    """The last day of each day's month."""
    following = (month_index(days) + 1).astype("datetime64[M]").astype("datetime64[D]")
    return following.astype(np.int64) - 1


def month_ends(first: int, count: int) -> Days:
    """The last days of ``count`` months in a row, from month index ``first``."""
    following = np.arange(first + 1, first + count + 1).astype("datetime64[M]").astype("datetime64[D]")
    return following.astype(np.int64) - 1


def next_weekday(days: Days, wanted: Days) -> Days:
    """The first day from ``days`` on that is the wanted weekday."""
    return days + (wanted - weekday(days)) % 7


def next_day_of_month(days: Days, wanted: Days) -> Days:
    """The first day from ``days`` on with the wanted number within its month (1 to 28)."""
    this_month = _first_of_month(days) + wanted - 1
    return np.where(this_month >= days, this_month, month_end(days) + wanted)


def _first_of_month(days: Days) -> Days:
    return month_index(days).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def invoicing_weights() -> NDArray[np.float64]:
    """How likely an invoice is written on each day from DRAWN_FROM to LAST_DAY; sums to 1."""
    days = np.arange(DRAWN_FROM, LAST_DAY + 1)
    months = month_index(days)
    season = np.asarray(company.SEASON)[months % 12]
    growth = (1 + company.YEARLY_GROWTH) ** ((days - DRAWN_FROM) / 365.25)
    rhythm = np.asarray(company.INVOICING_WEEKDAYS)[weekday(days)]
    rush = np.where(month_end(days) - days < 3, 1.7, 1.0)
    within_year = days.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    since_new_year = days - within_year
    quiet = np.where((since_new_year < 1) | (since_new_year >= 358), 0.25, 1.0)
    raw = rhythm * rush * quiet
    # A month has its season's share whatever weekends and holidays fall into it.
    _, place = np.unique(months, return_inverse=True)
    weights = raw / np.bincount(place, raw)[place] * season * growth
    return weights / weights.sum()
