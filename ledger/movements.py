"""Movements: the daily flows of all cells, read by windows.

Calendar months are summed once and remembered, so that a window reads whole months and the days at its ends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from ledger import facts
from ledger.calendar import Window, month_end
from ledger.choosing import Choice
from ledger.standing import Runs

_DAY = timedelta(days=1)

_FEW = 4
"""So many windows are worth a filter each."""


@dataclass(frozen=True)
class Movements:
    """``daily``: ``day, cell`` and ``facts.FLOWS``, sorted by day and cell."""

    daily: pl.DataFrame

    def within(self, windows: Sequence[Window], choice: Choice, measures: Sequence[str]) -> pl.DataFrame:
        """``as_of`` (each window's last day), ``group, …measures``; groups without a movement have no row.

        ``windows`` come sorted, starts and ends both rising; they may overlap.
        """
        columns = ["day", "cell", *measures]
        if len(windows) == 1:
            rows = pl.concat([rows.select(columns[1:]) for rows in self._pieces(windows[0])], rechunk=False)
            return choice.summed(rows, [], measures).insert_column(0, pl.lit(windows[0].end, pl.Date).alias("as_of"))
        rows = pl.concat([rows.select(columns) for rows in self._atoms(windows)], rechunk=False)
        return _spread(choice.summed(rows, ["day"], measures), windows)

    @cached_property
    def _days(self) -> Runs:
        return Runs.of(self.daily, "day")

    @cached_property
    def _months(self) -> Runs:
        """The same by the last day of the month: no more rows than cells × months."""
        measures = [name for name in self.daily.columns if name not in ("day", "cell")]
        summed = self.daily.group_by(pl.col("day").dt.month_end(), "cell").agg(pl.col(*measures).sum())
        return Runs.of(summed.sort("day", "cell"), "day")

    def _pieces(self, window: Window) -> list[pl.DataFrame]:
        """The rows of one window: whole months, and days at its ends."""
        whole = [end for end in self._months.days if window.start <= end.replace(day=1) and end <= window.end]
        if not whole:
            return [self._days.between(window.start, window.end)]
        first, last = whole[0].replace(day=1), whole[-1]
        pieces = [self._months.between(whole[0], last)]
        if window.start < first:
            pieces.append(self._days.between(window.start, first - _DAY))
        if last < window.end:
            pieces.append(self._days.between(last + _DAY, window.end))
        return pieces

    def _atoms(self, windows: Sequence[Window]) -> Iterator[pl.DataFrame]:
        """Rows that no window cuts in two, ``day`` being the last: months, and days of months that are cut."""
        cut = {month_end(w.start) for w in windows if w.start.day > 1}
        cut |= {month_end(w.end) for w in windows if w.end != month_end(w.end)}
        ends = [w.end for w in windows]
        met: list[date] = []
        for end in self._months.days:
            # Of the windows that end within the month or later, the first begins first.
            at = bisect_left(ends, end.replace(day=1))
            met += [end] if at < len(ends) and windows[at].start <= end else []
        yield self._months.on([end for end in met if end not in cut])
        for end in met:
            if end in cut:
                yield self._days.between(end.replace(day=1), end)


def _spread(by_day: pl.DataFrame, windows: Sequence[Window]) -> pl.DataFrame:
    """Sums by day and group as sums by window and group: ``as_of, group`` and the others."""
    ends = pl.Series("as_of", [window.end for window in windows], dtype=pl.Date)
    starts = pl.Series([window.start for window in windows], dtype=pl.Date)
    first = ends.search_sorted(by_day["day"], side="left")
    within = starts.search_sorted(by_day["day"], side="right").cast(pl.Int64) - first
    if (within <= 1).all():
        # Windows that do not overlap: a day lies in one at most.
        rows, first = by_day.drop("day").filter(within == 1), first.filter(within == 1)
        return rows.with_columns(ends.gather(first)).group_by("as_of", "group").agg(pl.all().sum())
    return facts.within(by_day.lazy(), windows).group_by("as_of", "group").agg(pl.exclude("day").sum()).collect()


def met(windows: Sequence[Window], day: str) -> pl.Expr:
    """Whether ``day`` lies between the first day of all windows and the last, and of a few in one of them."""
    if not windows:
        return pl.lit(value=False)
    if len(windows) <= _FEW:
        return pl.any_horizontal(pl.col(day).is_between(window.start, window.end) for window in windows)
    return pl.col(day).is_between(min(window.start for window in windows), max(window.end for window in windows))
