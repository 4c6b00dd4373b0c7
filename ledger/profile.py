"""What each column of the source holds: how much of it is filled, with what, from where to where.

Rows are profiled as they are accepted, part by part, so that nothing is read twice and memory does not grow with the
ledger. What comes out does not depend on how the rows were parted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from ledger.book import Book
from ledger.schema import TABLES, Table, Type

FEW = 4_096
"""Up to so many different values are counted exactly; beyond, distinct values are estimated, to a few percent."""

SAMPLE = 10_000
"""So many rows, chosen by chance but always the same ones, stand for all where there are more values than ``FEW``."""

MOST = 50
"""So many of the most frequent values are kept."""

PROFILE = {
    "table": pl.String(),
    "column": pl.String(),
    "type": pl.String(),
    "rows": pl.Int64(),
    "filled": pl.Int64(),
    "distinct": pl.Int64(),
    "exact": pl.Boolean(),
    "smallest": pl.String(),
    "largest": pl.String(),
    "shortest": pl.String(),
    "longest": pl.String(),
    "counted": pl.Int64(),
    "values": pl.List(pl.Struct({"value": pl.String(), "rows": pl.Int64()})),
}
"""A row a column that the mapping gives, of the accepted rows. ``type``: of ``schema.Type``. ``distinct`` is estimated
where not ``exact``. ``smallest`` and ``largest`` of dates (ISO) and numbers (exact, in plain digits); ``shortest`` and
``longest`` of text; null where nothing is filled. ``values``: the most frequent ones, the first of them most often, and
how often they were met among ``counted`` filled rows: all of them, or those of the sample. A value met once is left out
unless all values are there."""

_GLANCE = 4 * FEW
"""Where so many rows have more values than ``FEW``, nothing needs to be counted to know that there are many."""

_ALL = 1 << 64
_MARK = "_mark"
_TEXT = frozenset([Type.TEXT, Type.CURRENCY])


class Profile:
    """Gathers what the accepted rows of the tables hold."""

    def __init__(self) -> None:
        self._tables: dict[str, _Rows] = {}

    def add(self, table: str, rows: pl.DataFrame, given: Sequence[str]) -> None:
        """Further accepted rows of a canonical table; ``given``: the columns that the mapping has."""
        held = self._tables.setdefault(table, _Rows(TABLES[table]))
        first, *more = TABLES[table].key
        key = pl.struct(first, *more) if more else pl.col(first)
        marks = rows.select(key.hash(seed=17).alias(_MARK)).to_series()
        held.add(rows.select(name for name in given if name in rows.columns), marks)

    def frame(self) -> pl.DataFrame:
        """``PROFILE``, in the order of the canonical tables and their columns, dimensions last."""
        told = [row for name in TABLES if name in self._tables for row in self._tables[name].told()]
        return pl.DataFrame(told, schema=PROFILE, orient="row")


def profile_of(book: Book | None) -> pl.DataFrame:
    """The ``PROFILE`` that a book was made with; no rows without a book."""
    return book.frames["profile"] if book else pl.DataFrame(schema=PROFILE)


class _Rows:
    """The rows of one table so far."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._height = 0
        self._columns: dict[str, _Values] = {}
        self._sample = _Sample()

    def add(self, rows: pl.DataFrame, marks: pl.Series) -> None:
        for name in rows.columns:
            if name not in self._columns:
                type = self._table.column(name).type if name in self._table.names else Type.TEXT
                # Rows that repeat a key are not accepted.
                self._columns[name] = _Values(type, key=self._table.key == (name,))
            self._columns[name].add(rows[name])
        self._height += rows.height
        many = [name for name, values in self._columns.items() if not values.key]
        self._sample.add(rows.select(name for name in many if name in rows.columns), marks)

    def told(self) -> list[Mapping[str, Any]]:
        ranked = {name: at for at, name in enumerate(self._table.names)}
        order = sorted(self._columns, key=lambda name: ranked.get(name, len(ranked)))
        sampled = self._sample.rows()
        about = {"table": self._table.name, "rows": self._height}
        return [{**about, "column": name, **self._columns[name].told(sampled.get_column(name, default=None))}
                for name in order]  # fmt: skip


@dataclass
class _Sample:
    """The rows whose keys have the smallest hashes: any row is as likely as another, and it is always the same."""

    _drawn: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    _below: int = _ALL - 1

    def add(self, rows: pl.DataFrame, marks: pl.Series) -> None:
        low = marks.filter(marks <= self._below) if self._drawn else marks
        self._below = min(self._below, _highest(low))
        places = (marks <= self._below).arg_true()
        self._drawn.append(rows[places].with_columns(marks.gather(places)))
        if sum(part.height for part in self._drawn) > 2 * SAMPLE:
            self._drawn = [self.rows()]

    def rows(self) -> pl.DataFrame:
        """The sample of all rows so far."""
        drawn = pl.concat(self._drawn, how="diagonal")
        self._below = min(self._below, _highest(drawn[_MARK]))
        return drawn.filter(pl.col(_MARK) <= self._below)


def _highest(marks: pl.Series) -> int:
    """The largest mark that a sample of ``marks`` has."""
    last: Any = marks.bottom_k(SAMPLE).max() if marks.len() > SAMPLE else None
    return _ALL - 1 if last is None else last


@dataclass
class _Values:
    """The values of one column so far: each counted while they are few, else guessed by the smallest of their hashes.

    Of a ``key`` no value comes twice, so that there is nothing to count.
    """

    type: Type
    key: bool = False
    filled: int = 0
    _counts: pl.DataFrame | None = None
    _many: bool = False
    _below: int = _ALL
    _marks: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.UInt64))
    _ends: list[Any] = field(default_factory=list[Any])

    def add(self, column: pl.Series) -> None:
        present = column.drop_nulls().alias("value")
        self.filled += present.len()
        if self.key:
            self._widen(present)
        elif self._many or (self._counts is None and present.head(_GLANCE).n_unique() > FEW):
            self._abandon()
            self._spread(present)
        else:
            self._count(present)

    def told(self, sampled: pl.Series | None) -> dict[str, Any]:
        """The column's part of ``PROFILE``; ``sampled``: its values in the sample."""
        counts, counted = self._counts, self.filled
        if self._many and sampled is not None:
            present = sampled.drop_nulls().alias("value")
            counts, counted = present.value_counts(name="rows"), present.len()
        if self._counts is not None:
            self._widen(self._counts["value"])
        ends = [_plain(each) for each in self._ends] or [None, None]
        text = self.type in _TEXT
        return {
            "type": self.type.value,
            "filled": self.filled,
            "distinct": self._distinct(),
            "exact": not self._many,
            **dict(zip(("shortest", "longest") if text else ("smallest", "largest"), ends, strict=True)),
            "counted": counted,
            "values": [] if counts is None else _frequent(counts),
        }

    def _distinct(self) -> int:
        if self.key:
            return self.filled
        if self._many:
            return round(self._marks.len() * (_ALL / self._below))
        return 0 if self._counts is None else self._counts.height

    def _count(self, present: pl.Series) -> None:
        fresh = present.value_counts(name="rows").with_columns(pl.col("rows").cast(pl.Int64))
        if self._counts is not None:
            fresh = pl.concat([self._counts, fresh]).group_by("value").agg(pl.col("rows").sum())
        self._counts = fresh
        if fresh.height > FEW:
            self._abandon()

    def _abandon(self) -> None:
        """Stop counting: there are too many values."""
        self._many = True
        if self._counts is not None:
            counted, self._counts = self._counts["value"], None
            self._spread(counted)

    def _spread(self, values: pl.Series) -> None:
        self._widen(values)
        marks = values.hash(seed=11)
        if self._below < _ALL:
            marks = marks.filter(marks < self._below)
        self._marks = pl.concat([self._marks, marks]).unique()
        while self._marks.len() > FEW:
            self._below //= 2
            self._marks = self._marks.filter(self._marks < self._below)

    def _widen(self, values: pl.Series) -> None:
        """Take the ends of ``values`` into those so far: the lengths of text, the size of all else."""
        ends = [end for end in (_text_ends(values) if self.type in _TEXT else [values.min(), values.max()])
                if end is not None]  # fmt: skip
        known: list[Any] = [*self._ends, *ends]
        if known:
            by: Callable[[Any], Any] = _length if self.type in _TEXT else _itself
            self._ends = [min(known, key=by), max(known, key=by)]


def _text_ends(values: pl.Series) -> list[Any]:
    """The shortest and the longest text, in bytes; of several the first and the last in the alphabet."""
    long = values.str.len_bytes()
    return [values.filter(long == long.min()).min(), values.filter(long == long.max()).max()] if values.len() else []


def _length(words: str) -> tuple[int, bytes]:
    written = words.encode()
    return len(written), written


def _itself(value: Any) -> Any:
    return value


def _frequent(counts: pl.DataFrame) -> list[dict[str, Any]]:
    told = counts if counts.height <= MOST else counts.filter(pl.col("rows") > 1)
    first = told.sort("rows", "value", descending=[True, False]).head(MOST)
    return [{"value": _plain(value), "rows": rows} for value, rows in first.iter_rows()]


def _plain(value: Any) -> str:
    """A value as text that a program can read: ISO dates, all digits of a number and none for show."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            digits = f"{value:f}"
            return digits.rstrip("0").rstrip(".") if "." in digits else digits
        case date():
            return value.isoformat()
        case _:
            return str(value)
