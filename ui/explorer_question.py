"""What the explorer is asked: metrics, rows, columns, days, and what of them is impossible and how to mend it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from briefing import periods
from briefing.view import Against, View
from ledger.calendar import Window, months_before
from ledger.scope import CURRENCY, CUSTOMER, Scope
from metrics import CATALOG, text

TIME, METRICS, NOTHING = "time", "metrics", "none"
"""Levels that are no dimension: the days; the metrics beside each other; no second level."""

DAY, YEAR_LONG = "day", "13m"
"""The as-of day alone, and the month-ends of a year."""

ALL, NAME, RANK = "all", "name", "rank"

MOST_COLUMNS = 150
_COUNTED = re.compile(r"(?P<count>[1-9]\d{0,2})(?P<unit>[mqy])")
_ENDS = {"m": ("month-end", 1), "q": ("quarter-end", 3), "y": ("year-end", 12)}


class Show(StrEnum):
    """What stands in a cell."""

    VALUE = "value"
    CHANGE = "change"
    SHARE = "share"


class Draw(StrEnum):
    """How the numbers are drawn above their table."""

    TABLE = "table"
    BARS = "bars"
    LINES = "lines"
    STACKED = "stacked"
    HEAT = "heat"


@dataclass(frozen=True)
class Problem:
    """What cannot be asked, in a sentence; a button's words to mend it, and what that changes in the address."""

    words: str
    mend: str = ""
    changes: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class Asked:
    """What the numbers follow from; hashable, so that it can key a cache.

    ``rows`` are one or two levels: dimensions, ``customer``, ``currency`` or ``TIME``; ``columns`` is one of them,
    or ``METRICS``. ``days`` in order, the as-of day last. ``top``: how many groups of a level are kept by ``rank``, the
    others together; ``None`` for all. ``sort``: ``RANK``, ``NAME`` or a metric. ``labels``: dimensions' labels.
    """

    metrics: tuple[str, ...]
    rows: tuple[str, ...]
    columns: str
    days: tuple[date, ...]
    window: str
    scope: Scope
    currency: str
    against: Against = Against.YEAR
    top: int | None = None
    rank: str = "gross_open"
    sort: str = RANK
    rising: bool = False
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def day(self) -> date:
        return self.days[-1]

    @property
    def mark(self) -> str:
        """Names the question in the keys of what is drawn of it: what was picked of another question is no pick."""
        where = [(name, sorted(map(repr, values))) for name, values in self.scope.where]
        return hashlib.sha256(repr((replace(self, scope=Scope()), where)).encode()).hexdigest()[:12]

    @property
    def grouped(self) -> tuple[str, ...]:
        """The levels of the rows that are groups and not days."""
        return tuple(level for level in self.rows if level != TIME)

    @property
    def column(self) -> str | None:
        """The dimension across, if any."""
        return None if self.columns in (METRICS, TIME) else self.columns

    @property
    def has_time(self) -> bool:
        return TIME in (*self.rows, self.columns)

    def base(self, day: date) -> date | None:
        """The day that ``day`` is compared with; ``None`` for a target."""
        match self.against:
            case Against.YEAR:
                return months_before(day, 12)
            case Against.PERIOD:
                return Window.ending(day, self.window).opening
            case _:
                return None

    def label(self, level: str) -> str:
        """What a level is called, in the singular."""
        named = {**dict(self.labels), CUSTOMER: "Customer", CURRENCY: "Currency", TIME: "As of"}
        own = named.get(level, level)
        # A company may give two dimensions one label; columns of a table need names of their own.
        return own if list(named.values()).count(own) <= 1 else f"{own} ({level})"


@dataclass(frozen=True)
class Question:
    """Everything that the explorer's part of the address says, for a view. ``left_out``: days before the history."""

    view: View
    asked: Asked
    dates: str
    show: tuple[Show, ...]
    draw: Draw
    left_out: int = 0


def is_days(written: str) -> bool:
    """Whether ``written`` says which days: ``day``, ``13m``, ``5q``, ``3y`` or a first day."""
    if written == DAY or _COUNTED.fullmatch(written):
        return True
    return _first(written) is not None


def days(written: str, day: date) -> tuple[date, ...]:
    """The days that ``written`` means, in order, ``day`` last.

    ``13m``, ``5q``, ``3y``: so many month-ends, quarter-ends, year-ends, ``day`` among them. A first day: that day, the
    month-ends after it, and ``day``; only ``day`` where it lies on or after that.
    """
    found = _COUNTED.fullmatch(written)
    if found:
        _, step = _ENDS[found["unit"]]
        wanted = int(found["count"])
        reach = min(wanted * step, (day.year - 2) * 12)
        ends = [end for end in periods.trend(day, reach + step)[:-1] if end.month % step == 0]
        return (*ends[len(ends) - min(wanted - 1, len(ends)) :], day)
    first = _first(written)
    if first is None or first >= day:
        return (day,)
    months = (day.year - first.year) * 12 + day.month - first.month
    between = [end for end in periods.trend(day, months + 1)[:-1] if end > first]
    return (first, *between, day)


def days_in_words(written: str) -> str:
    """``As-of day``, ``13 month-ends``, ``from 15 Jan 2025``."""
    found = _COUNTED.fullmatch(written)
    if found:
        return text.count(int(found["count"]), _ENDS[found["unit"]][0]).replace(text.NBSP, " ")
    first = _first(written)
    return f"from {text.day(first)}".replace(text.NBSP, " ") if first else "as-of day" if written == DAY else written


def _first(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None


# --- what cannot be asked -----------------------------------------------------------------------------------------


def problem(of: Question) -> Problem | None:
    """What makes the whole question impossible."""
    asked = of.asked
    if not asked.metrics:
        return Problem(
            "No metric is chosen: choose at least one.", "Overdue share, DSO and CEI", (("x_metrics", None),)
        )
    return _levels(asked) or _dates(of) or _shares(of) or _width(of)


def _levels(asked: Asked) -> Problem | None:
    if len(set(asked.rows)) < len(asked.rows):
        name = asked.label(asked.rows[0]).lower()
        words = f"Rows and their second level are both {name}: choose another second level, or none."
        return Problem(words, "No second level", (("x_then", None),))
    if asked.columns in asked.rows:
        name = asked.label(asked.columns).lower()
        words = f"Rows and columns are both {name}: put something else in the columns."
        return Problem(words, "Only metrics in the columns", (("x_columns", None),))
    return None


def _dates(of: Question) -> Problem | None:
    asked = of.asked
    if of.dates == DAY or asked.has_time:
        return None
    words = f"{days_in_words(of.dates).capitalize()} asked, but time is in neither rows nor columns"
    if asked.columns == METRICS:
        return Problem(f"{words}: put time in the columns, or ask for the as-of day.", "Time in the columns", _TIME_IN)
    return Problem(
        f"{words}: put time in rows or columns, or ask for the as-of day.", "As-of day", (("x_dates", None),)
    )


_TIME_IN = (("x_columns", TIME),)


def _shares(of: Question) -> Problem | None:
    if Show.SHARE not in of.show:
        return None
    asked = of.asked
    if not any(CATALOG[metric].additive for metric in asked.metrics):
        names = text.listed([CATALOG[metric].label for metric in asked.metrics], 4)
        words = f"{names} of groups do not add up, so no group has a share of a total: choose an amount such as Overdue"
        return Problem(f"{words}, or show values.", "Show values", (("x_show", None),))
    if not asked.grouped and asked.column is None:
        words = "A day is no part of other days: for shares of a total, group the rows or the columns by a dimension."
        return Problem(words, "Show values", (("x_show", None),))
    return None


def _width(of: Question) -> Problem | None:
    asked = of.asked
    across = len(asked.days) if asked.columns == TIME else 1
    wide = len(asked.metrics) * across * max(len(of.show), 1)
    if wide <= MOST_COLUMNS:
        return None
    words = f"This would be {wide:,} columns, and {MOST_COLUMNS} can be shown: choose fewer metrics or days"
    if TIME in asked.rows or len(asked.metrics) * len(of.show) > MOST_COLUMNS:
        return Problem(f"{words}.")
    return Problem(f"{words}, or put time in the rows.", "13 month-ends", (("x_dates", YEAR_LONG),))


def undrawable(of: Question) -> Problem | None:
    """What keeps the chosen chart from being drawn; the table can be."""
    asked = of.asked
    match of.draw:
        case Draw.LINES if not asked.has_time:
            words = "Lines follow numbers over time: put time in the columns, or choose bars."
            return Problem(words, "Time in the columns", _TIME_IN)
        case Draw.LINES if len(asked.days) == 1:
            words = "Lines need at least two days: ask for more of them, or choose bars."
            return Problem(words, "13 month-ends", (("x_dates", YEAR_LONG),))
        case Draw.BARS if asked.columns != METRICS or (len(asked.rows) > 1 and TIME in asked.rows):
            words = "Bars show one number a row, and here are several: choose lines or a heat map"
            return Problem(f"{words}, or only metrics in the columns.", "Heat map", (("x_draw", Draw.HEAT),))
        case Draw.STACKED if not any(CATALOG[metric].additive for metric in asked.metrics):
            names = text.listed([CATALOG[metric].label for metric in asked.metrics], 4)
            words = f"{names} of groups do not add up, so that nothing can be stacked: choose an amount such as Overdue"
            return Problem(f"{words}, or choose a heat map.", "Heat map", (("x_draw", Draw.HEAT),))
        case Draw.STACKED | Draw.HEAT if len(_levels_of(asked)) < 2:  # noqa: PLR2004
            what = "Stacked bars need parts" if of.draw is Draw.STACKED else "A heat map needs two sides"
            words = f"{what}: put time or a dimension in the columns, or give the rows a second level."
            change = _TIME_IN if TIME not in asked.rows else ()
            return Problem(words, "Time in the columns" if change else "", change)
        case _:
            return None


def _levels_of(asked: Asked) -> Sequence[str]:
    return [*asked.rows, *([] if asked.columns == METRICS else [asked.columns])]


def usual_rank(metrics: Sequence[str]) -> str:
    """What groups are ranked by where nothing else is chosen: the first amount among the metrics, else what is open."""
    return next((metric for metric in metrics if CATALOG[metric].additive), "gross_open")


def levels(labels: Mapping[str, str], *, currency: bool) -> dict[str, str]:
    """What rows can be: dimensions, customers, currencies where there are several, time."""
    return {**labels, CUSTOMER: "Customer", **({CURRENCY: "Currency"} if currency else {}), TIME: "Time"}
