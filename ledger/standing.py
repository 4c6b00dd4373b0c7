"""What stands open: the slices laid out by the days they are open at, so that a balance reads a stretch of rows.

A question about what is open on one day would else look at every slice there ever was. The two frames grow with what
is open, as positions do, and not with slices × days. Parts of a ledger that are built apart are put one after the
other: no row of one part depends on another part.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

STANDING, PASSING = "standing", "passing"

_ALIVE = pl.col("closed_on").is_null() | (pl.col("closed_on") > pl.col("opened_on"))


def build(slices: pl.DataFrame, documents: pl.DataFrame, days: Sequence[date]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames ``standing`` and ``passing``: ``as_of`` and ``lent`` slices, by day and then as slices come.

    ``standing`` has every slice once for each of ``days`` (sorted) that it is open at the close of. ``passing`` has
    the slices that are open at none of them, but on days between two: ``as_of`` is the one after, null after the last.
    """
    ends = pl.Series(list(days), dtype=pl.Date)
    places = slices.select(
        _from=_place(ends, pl.col("opened_on")),
        _to=pl.when(pl.col("closed_on").is_null())
        .then(pl.lit(len(ends), pl.UInt32))
        .otherwise(_place(ends, pl.col("closed_on").fill_null(date.max))),
        _lives=_ALIVE,
    ).with_row_index("_row")
    stands = (
        places.lazy()
        .filter(pl.col("_from") < pl.col("_to"))
        .select("_row", _day=pl.int_ranges("_from", "_to", dtype=pl.UInt32))
        .explode("_day")
        .sort("_day", maintain_order=True)
        .collect()
    )
    passes = (
        places.lazy()
        .filter((pl.col("_from") == pl.col("_to")) & pl.col("_lives"))
        .select("_row", _day=pl.when(pl.col("_from") < len(ends)).then("_from"))
        .sort("_day", nulls_last=True, maintain_order=True)
        .collect()
    )
    columns = lent(slices.lazy(), documents).drop("due")
    return _laid_out(columns, stands, ends), _laid_out(columns, passes, ends)


def lent(slices: pl.LazyFrame, documents: pl.DataFrame) -> pl.LazyFrame:
    """Slices with the ``posting_date`` of their document, which is fetched by its number."""
    # Fetched and not joined, which is much faster: documents are numbered as they stand in their table.
    return slices.with_columns(posting_date=pl.lit(documents["posting_date"]).gather(pl.col("document")))


def _place(ends: pl.Series, day: pl.Expr) -> pl.Expr:
    """The place of the first of ``ends`` that is on or after ``day``."""
    return day.map_batches(lambda s: ends.search_sorted(s, side="left"), return_dtype=pl.UInt32)


def _laid_out(slices: pl.LazyFrame, rows: pl.DataFrame, ends: pl.Series) -> pl.DataFrame:
    day = ends.gather(rows["_day"]).alias("as_of")
    return slices.select(pl.all().gather(rows["_row"])).collect().insert_column(0, day)


@dataclass(frozen=True)
class Runs:
    """A frame in which rows of one ``key`` lie together, in one stretch or, put together of parts, in several."""

    frame: pl.DataFrame
    stretches: Mapping[date | None, Sequence[tuple[int, int]]]
    """Where the rows of each day are: offset and length."""

    @classmethod
    def of(cls, frame: pl.DataFrame, key: str = "as_of") -> Runs:
        stretches: dict[date | None, list[tuple[int, int]]] = {}
        at = 0
        for length, day in frame[key].rle().struct.unnest().iter_rows():
            stretches.setdefault(day, []).append((at, length))
            at += length
        return cls(frame, stretches)

    @cached_property
    def days(self) -> list[date]:
        """The days that have rows, sorted."""
        return sorted(day for day in self.stretches if day is not None)

    def between(self, first: date, last: date) -> pl.DataFrame:
        """The rows of all days from ``first`` to ``last``, without a copy; the frame is sorted by day."""
        return self.on(self.days[bisect_left(self.days, first) : bisect_right(self.days, last)])

    def on(self, days: Sequence[date | None]) -> pl.DataFrame:
        """The rows of ``days``, without a copy."""
        found = sorted(stretch for day in days for stretch in self.stretches.get(day, ()))
        joined: list[tuple[int, int]] = []
        for at, length in found:
            if joined and sum(joined[-1]) == at:
                joined[-1] = (joined[-1][0], joined[-1][1] + length)
            else:
                joined.append((at, length))
        parts = [self.frame.slice(at, length) for at, length in joined]
        return pl.concat(parts, rechunk=False) if parts else self.frame.clear()


@dataclass(frozen=True)
class Standing:
    """Reads what is open on any day. ``days``: those laid out, sorted."""

    days: Sequence[date]
    standing: Runs
    passing: Runs

    def open_at(self, days: Sequence[date]) -> pl.LazyFrame:
        """The slices open at the close of each of ``days`` (sorted), once for each, with ``as_of``."""
        laid = set(self.days)
        ready = self.standing.on([day for day in days if day in laid])
        parts = [ready.lazy(), *(part for day in days if day not in laid for part in self._between(day))]
        return pl.concat(parts) if len(parts) > 1 else parts[0]

    def _between(self, day: date) -> list[pl.LazyFrame]:
        """Open on a day between two that are laid out, before the first or after the last.

        Open at the one before and not closed since; or opened since, and open at the one after or between the two.
        """
        after = bisect_left(self.days, day)
        since, until = self.days[max(after - 1, 0) : after], self.days[after : after + 1]
        later = pl.col("closed_on").is_null() | (pl.col("closed_on") > day)
        arisen = pl.col("opened_on") <= day
        new = arisen & (pl.col("opened_on") > since[0]) if since else arisen
        rows = [
            self.standing.on(since).lazy().filter(later),
            self.standing.on(until).lazy().filter(new),
            self.passing.on(until or [None]).lazy().filter(arisen & later),
        ]
        return [part.with_columns(as_of=pl.lit(day, pl.Date)) for part in rows]
