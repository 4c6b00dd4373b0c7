"""Where the frames of a book are put while it is built: in memory, or in the folder of a snapshot to be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import polars as pl

from ledger import arrow_files
from ledger.standing import PASSING, STANDING

ROWS = ("documents", "settlements", "slices", STANDING, PASSING)
"""The frames that grow with the ledger: memory-mapped files. The others are small, and compressed."""


class Shelf(Protocol):
    """Takes frames, the large ones piece by piece."""

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Append ``frame`` to what stands under ``name``; the schema is that of the first piece."""
        ...


class Memory:
    """Frames in memory."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[pl.DataFrame]] = {}

    def put(self, name: str, frame: pl.DataFrame) -> None:
        self._pieces.setdefault(name, []).append(frame)

    def frames(self) -> Mapping[str, pl.DataFrame]:
        """All that was put here."""
        return {name: pl.concat(pieces, rechunk=True) for name, pieces in self._pieces.items()}


class Folder:
    """Frames in files of a folder, which must exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writers: dict[str, arrow_files.Writer] = {}
        self.names: list[str] = []

    def put(self, name: str, frame: pl.DataFrame) -> None:
        if name not in self.names:
            self.names.append(name)
        if name not in ROWS:
            self._write(name, frame)
            return
        if name not in self._writers:
            self._writers[name] = arrow_files.Writer(self._file(name), frame)
        self._writers[name].add(frame)

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        try:
            frame.write_parquet(self._file(name), compression="zstd", compression_level=1)
        except pl.exceptions.PolarsError as error:
            # Polars tells a full disk in its own way.
            raise OSError(str(error)) from error

    def adopt(self, folder: Path, names: Sequence[str]) -> None:
        """Put frames ``names`` of another snapshot here; the files are shared where the disk can."""
        for name in names:
            self.names.append(name)
            try:
                os.link(file_of(folder, name), self._file(name))
            except OSError:
                shutil.copyfile(file_of(folder, name), self._file(name))

    def close(self) -> list[Path]:
        """Finish the files, and return them."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        return [self._file(name) for name in self.names]

    def abandon(self) -> None:
        """Let go of files that will not be finished."""
        for writer in self._writers.values():
            with suppress(OSError):
                writer.close()
        self._writers.clear()

    def _file(self, name: str) -> Path:
        return file_of(self.path, name)


def file_of(folder: Path, name: str) -> Path:
    """Where frame ``name`` of a snapshot is."""
    return folder / f"{name}{arrow_files.ENDING if name in ROWS else '.parquet'}"


def opened(folder: Path, name: str) -> pl.DataFrame:
    """Frame ``name`` of a snapshot.

    Raises:
        OSError, ValueError, pl.exceptions.PolarsError: the file is not there, or is not whole.
    """
    path = file_of(folder, name)
    return arrow_files.mapped(path) if name in ROWS else pl.read_parquet(path)
