"""Admitted rows that wait to be posted, and are given out by ranges of customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from ledger.spool import BUCKETS, Spool, ranges

Pair = tuple[pl.DataFrame, pl.DataFrame]


class Held:
    """One part: all customers at once."""

    def __init__(self) -> None:
        self._pair: Pair | None = None
        self.count = 1

    def add(self, documents: pl.DataFrame, settlements: pl.DataFrame) -> None:
        self._pair = documents, settlements

    def ranges(self) -> Iterator[Pair]:
        """Documents and settlements; given out once."""
        pair, self._pair = self._pair, None
        if pair is not None:
            yield pair

    def close(self) -> None:
        self._pair = None


class Dealt:
    """Several parts, dealt again by customer, in the order of their numbers.

    ``folder``: where they wait. ``rows``: how many documents each customer has, by number. ``most``: documents and
    settlements in a range, about; a customer who has more is a range of its own.
    """

    def __init__(self, folder: Path, rows: pl.Series, most: int) -> None:
        own = rows.cast(pl.Int64).to_numpy()
        before = own.cumsum() - own
        self._bucket = (before * BUCKETS // max(int(own.sum()), 1)).astype(np.uint16)
        self._most = most
        self._documents, self._settlements = Spool(folder, "admitted"), Spool(folder, "settled")

    @property
    def count(self) -> int:
        return len(self._ranges())

    def add(self, documents: pl.DataFrame, settlements: pl.DataFrame) -> None:
        for spool, rows in ((self._documents, documents), (self._settlements, settlements)):
            spool.add(rows, pl.Series(self._bucket[rows["customer"].to_numpy()]))

    def ranges(self) -> Iterator[Pair]:
        """Documents and settlements of one range of customers after the other."""
        for buckets in self._ranges():
            yield self._documents.take(buckets), self._settlements.take(buckets)

    def close(self) -> None:
        self._documents.close()
        self._settlements.close()

    def _ranges(self) -> list[range]:
        return ranges(self._documents.counts + self._settlements.counts, self._most)
