"""Frames in Arrow files: written piece by piece, and read by mapping them into memory.

A mapped frame costs no memory of its own: the system reads a page when it is touched, lets go of it when memory is
short, and shares it between processes.
"""

# pyarrow has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyarrow import ipc

ENDING = ".arrow"


_LZ4 = ipc.IpcWriteOptions(compression="lz4")


class Writer:
    """A file that frames of one schema are appended to; each frame stays a piece of its own."""

    def __init__(self, path: Path, schema_of: pl.DataFrame) -> None:
        self._sink = pa.OSFile(str(path), "wb")
        self._file = ipc.new_file(self._sink, _mappable(schema_of.clear()).schema)

    def add(self, frame: pl.DataFrame) -> None:
        """Append ``frame`` as one piece."""
        for batch in _mappable(frame.rechunk()).to_batches():
            self._file.write_batch(batch)

    def close(self) -> None:
        try:
            self._file.close()
        finally:
            self._sink.close()


def write_cut(path: Path, frame: pl.DataFrame, starts: Sequence[int], *, packed: bool = True) -> None:
    """A new file of ``frame``, cut into pieces at the rows ``starts``, which begin with 0; compressed if ``packed``."""
    table = _packed(frame)
    with pa.OSFile(str(path), "wb") as sink, ipc.new_file(sink, table.schema, options=_LZ4 if packed else None) as file:
        for start, end in pairwise((*starts, frame.height)):
            for batch in table.slice(start, end - start).combine_chunks().to_batches():
                file.write_batch(batch)


def mapped(path: Path) -> pl.DataFrame:
    """All pieces of a file as one frame whose memory is the file itself.

    Raises:
        OSError, ValueError: the file is not there, or is not whole.
    """
    return _frame(ipc.open_file(pa.memory_map(str(path))).read_all())


def pieces(path: Path, numbers: Iterable[int]) -> pl.DataFrame:
    """Some of a file's pieces, read into memory; at least one is asked for."""
    with pa.OSFile(str(path), "rb") as source:
        file = ipc.open_file(source)
        return _frame(pa.Table.from_batches([file.get_batch(number) for number in numbers]))


def read(path: Path) -> pl.DataFrame:
    """All pieces of a file, read into memory."""
    with pa.OSFile(str(path), "rb") as source:
        return _frame(ipc.open_file(source).read_all())


def _packed(frame: pl.DataFrame) -> pa.Table:
    """Text is written out: a view of it would take along all the text that was ever read with it."""
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _mappable(frame: pl.DataFrame) -> pa.Table:
    """As Polars holds it in memory, with no more text than these rows have."""
    text = frame.select(pl.col(pl.String))
    own = frame.with_columns(_frame(_packed(text))) if text.width else frame
    return own.to_arrow(compat_level=pl.CompatLevel.newest())


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table, rechunk=False)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(f"expected a table, found {type(frame).__name__}")
    return frame
