"""Rows that wait on disk, dealt into buckets, until their turn comes.

Rows that belong together share a bucket, so that a range of buckets can be worked on without the others. That is what
keeps the memory of a refresh from growing with the ledger.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ledger import arrow_files
from ledger.stacking import stacked

BUCKETS = 128
"""So many that even large ledgers come in ranges of a few hundred thousand rows, and so few that pieces stay large."""

_FILE = 400_000
"""Rows that are gathered before a file is written."""

_PLENTY = 20_000_000
"""From so many rows on files are packed: it takes time, but so many unpacked ones might fill the disk."""

_BUCKET = "_bucket"


class Spool:
    """Rows of one table with the bucket of each. ``folder`` must exist."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._gathered: list[pl.DataFrame] = []
        self._files: list[tuple[Path, NDArray[np.int64]]] = []
        self._columns = pl.DataFrame()
        self.counts: NDArray[np.int64] = np.zeros(BUCKETS, np.int64)
        """Rows by bucket."""

    def add(self, rows: pl.DataFrame, buckets: pl.Series) -> None:
        """``buckets``: 0 to ``BUCKETS`` - 1, one a row."""
        if not self._columns.width:
            self._columns = rows.clear()
        self.counts += np.bincount(buckets.to_numpy(), minlength=BUCKETS)
        self._gathered.append(rows.with_columns(buckets.cast(pl.UInt16).alias(_BUCKET)))
        if sum(frame.height for frame in self._gathered) >= _FILE:
            self._write()

    def take(self, buckets: range) -> pl.DataFrame:
        """The rows of a range of buckets, in no particular order."""
        self._write()
        found = [frame for path, places in self._files for frame in _read(path, places, buckets)]
        return stacked(found) if found else self._columns

    def close(self) -> None:
        """Remove the files."""
        self._gathered.clear()
        for path, _ in self._files:
            path.unlink(missing_ok=True)
        self._files.clear()

    def _write(self) -> None:
        gathered, self._gathered = self._gathered, []
        rows = stacked(gathered) if gathered else pl.DataFrame()
        if rows.is_empty():
            return
        in_order = rows.sort(_BUCKET, maintain_order=True)
        there, starts = np.unique(in_order[_BUCKET].to_numpy(), return_index=True)
        path = self._folder / f"{self._name}-{len(self._files)}{arrow_files.ENDING}"
        packed = int(self.counts.sum()) > _PLENTY
        arrow_files.write_cut(path, in_order.drop(_BUCKET), starts.tolist(), packed=packed)
        places = np.full(BUCKETS, -1, np.int64)
        places[there] = np.arange(len(there))
        self._files.append((path, places))


def _read(path: Path, places: NDArray[np.int64], buckets: range) -> list[pl.DataFrame]:
    wanted = [int(place) for place in places[buckets.start : buckets.stop] if place >= 0]
    return [arrow_files.pieces(path, wanted)] if wanted else []


def ranges(counts: NDArray[np.int64], most: int) -> list[range]:
    """All buckets in ranges of about ``most`` rows each; a bucket that holds more is a range of its own."""
    found: list[range] = []
    start, held = 0, 0
    for bucket, rows in enumerate(counts.tolist()):
        if held and held + rows > most:
            found.append(range(start, bucket))
            start, held = bucket, 0
        held += rows
    return [*found, range(start, BUCKETS)]
