"""Rows coming in, batch by batch, and given out again in parts that fit into memory.

A part holds whole documents with all their settlements. A small ledger is one part and never touches the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl

from ledger.cast import PLAIN, ROW, cast
from ledger.schema import Column, Table
from ledger.spool import BUCKETS, Spool, ranges
from ledger.stacking import stacked

_FEW = 16
"""So many counts of customers wait before they are added up."""

_NOTHING = pl.DataFrame(schema={ROW: pl.UInt32})

_KEYS = Table("keys", (Column("document_id"), Column("customer_id"), Column("settlement_id")), key=())


class Intake:
    """The documents and settlements of a refresh. Documents come first.

    ``folder``: where rows wait when they are too many; ``None`` keeps all of them in memory. ``most``: rows of both
    tables that are worked on at a time, about.
    """

    def __init__(self, folder: Path | None, most: int) -> None:
        self.folder = folder
        self.most = most
        self._held: dict[str, list[pl.DataFrame]] = {"documents": [], "settlements": []}
        self._spools: dict[str, Spool] = {}
        self._rows = {"documents": 0, "settlements": 0}
        self._met: list[pl.DataFrame] = []
        self._marks: list[pl.Series] = []

    @property
    def dealt(self) -> bool:
        """Whether there are several parts."""
        return bool(self._spools)

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self._ranges()) if self.dealt else 1

    def add(self, table: str, batches: Iterable[pl.DataFrame]) -> None:
        """All rows of ``documents`` or ``settlements``, in the order of the source."""
        for batch in batches:
            first = self._rows[table] + 1
            rows = batch.with_columns(pl.int_range(first, first + batch.height, dtype=pl.UInt32, eager=True).alias(ROW))
            self._rows[table] += batch.height
            if self.dealt and pl.Binary in rows.dtypes:
                self._gather()
            if self.dealt:
                self._deal(table, rows)
            else:
                self._held[table].append(rows)
                self._overflow()

    def customers(self) -> pl.DataFrame:
        """``customer_id, rows`` of everyone that documents name; only of a ledger in several parts."""
        return _counted(self._met)

    def parts(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """Documents and their settlements as they came, with ``ROW``. Can be asked for again."""
        if not self.dealt:
            yield self._whole("documents"), self._whole("settlements")
            return
        contested = self._contested()
        for number, buckets in enumerate(self._ranges()):
            documents, settlements = (
                self._part(name, buckets, contested, first=number == 0) for name in ("documents", "settlements")
            )
            yield documents, settlements

    def close(self) -> None:
        """Let go of everything."""
        for spool in self._spools.values():
            spool.close()
        self._held.clear()

    def _overflow(self) -> None:
        """Deal what came so far when it is too much for one part."""
        # Whether bytes are text can only be told from all of them.
        binary = any(pl.Binary in batch.dtypes for batches in self._held.values() for batch in batches)
        if self.folder is None or binary or sum(self._rows.values()) <= self.most:
            return
        self._spools = {name: Spool(self.folder, name) for name in self._held}
        for name, batches in self._held.items():
            for batch in batches:
                self._deal(name, batch)
            batches.clear()

    def _gather(self) -> None:
        """Take back what was dealt: a table that came later can only be read as a whole."""
        for name, spool in self._spools.items():
            rows = spool.take(range(BUCKETS))
            self._held[name] = [rows.sort(ROW)] if rows.width else []
            spool.close()
        self._spools = {}
        self._met.clear()
        self._marks.clear()

    def _deal(self, table: str, rows: pl.DataFrame) -> None:
        keys = cast(_KEYS, rows.select(name for name in _KEYS.names if name in rows.columns), PLAIN).rows
        self._spools[table].add(rows, keys["document_id"].hash(seed=3) % BUCKETS)
        if table == "documents":
            self._met.append(keys.group_by("customer_id").agg(rows=pl.len()))
            self._met = [_counted(self._met)] if len(self._met) > _FEW else self._met
        else:
            named = keys["settlement_id"].drop_nulls()
            self._marks.append(named.hash(seed=5))

    def _ranges(self) -> list[range]:
        return ranges(np.sum([spool.counts for spool in self._spools.values()], axis=0), self.most)

    def _whole(self, table: str) -> pl.DataFrame:
        held = self._held[table]
        return stacked(held) if held else _NOTHING

    def _part(self, table: str, buckets: range, contested: pl.Series, *, first: bool) -> pl.DataFrame:
        rows = self._spools[table].take(buckets)
        if not rows.width:
            return _NOTHING
        if contested.len():
            rows = rows.filter(~_among(rows, contested))
            moved = [self._named(table, contested)] if first else []
            rows = stacked([rows, *moved])
        return rows.sort(ROW)

    def _contested(self) -> pl.Series:
        """The documents of settlements that share a number: they are judged in one part, wherever they belong."""
        marks = pl.concat(self._marks).sort() if self._marks else pl.Series([], dtype=pl.UInt64)
        twice = marks.filter(marks == marks.shift(1)).unique()
        if twice.is_empty():
            return pl.Series([], dtype=pl.String)
        found: list[pl.Series] = []
        for buckets in self._ranges():
            rows = self._spools["settlements"].take(buckets)
            keys = cast(_KEYS, rows.select("settlement_id", "document_id"), PLAIN).rows
            found.append(keys.filter(pl.col("settlement_id").hash(seed=5).is_in(twice.implode()))["document_id"])
        return pl.concat(found).unique().drop_nulls()

    def _named(self, table: str, ids: pl.Series) -> pl.DataFrame:
        taken = (self._spools[table].take(buckets) for buckets in self._ranges())
        return stacked([rows.filter(_among(rows, ids)) for rows in taken])


def _among(rows: pl.DataFrame, ids: pl.Series) -> pl.Series:
    """Whether each row belongs to one of the documents ``ids``."""
    return (
        cast(_KEYS, rows.select("document_id"), PLAIN).rows["document_id"].is_in(ids.implode()).fill_null(value=False)
    )


def _counted(met: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(met).group_by("customer_id").agg(pl.col("rows").sum())
