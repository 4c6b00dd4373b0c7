"""Raw tables: the objects of a service as rows, kept in temporary files while they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from data_sources.rest.objects import PLACES, RATE_PLACES

TEXT = pl.String()
DAY = pl.Date()
FLAG = pl.Boolean()
AMOUNT = pl.Decimal(38, PLACES)
RATE = pl.Decimal(38, RATE_PLACES)

_HELD = 10_000
"""Rows of a table held as Python objects at a time."""


@dataclass(frozen=True)
class Table:
    """A raw table: its columns, and those whose values together occur once."""

    name: str
    columns: Mapping[str, pl.DataType]
    key: tuple[str, ...] = ("id",)


class Rows:
    """Takes rows as they come, and gives frames of them when all have come."""

    def __init__(self, tables: Sequence[Table], folder: Path) -> None:
        self._tables = {table.name: table for table in tables}
        self._folder = folder
        self._held: dict[str, list[Mapping[str, Any]]] = {name: [] for name in self._tables}
        self._seen: dict[str, set[Any]] = {name: set() for name in self._tables}
        self._files: dict[str, list[Path]] = {name: [] for name in self._tables}

    def add(self, table: str, row: Mapping[str, Any]) -> bool:
        """Keep a row; false where its key came before, as happens when rows move between pages while they are read."""
        held, key = self._held[table], self._tables[table].key
        mark = row[key[0]] if len(key) == 1 else tuple(row[name] for name in key)
        if mark in self._seen[table]:
            return False
        self._seen[table].add(mark)
        held.append(row)
        if len(held) >= _HELD:
            self._write(table)
        return True

    def count(self, table: str) -> int:
        return len(self._seen[table])

    def frames(self) -> Mapping[str, pl.LazyFrame]:
        """All tables, without rows where none came."""
        for name in self._tables:
            self._write(name)
        self._seen = {name: set() for name in self._tables}
        return MappingProxyType({name: pl.scan_parquet(files) for name, files in self._files.items()})

    def _write(self, name: str) -> None:
        held, files = self._held[name], self._files[name]
        if files and not held:
            return
        columns = self._tables[name].columns
        file = self._folder / f"{name}-{len(files)}.parquet"
        pl.DataFrame(_complete(held, columns), schema=dict(columns), orient="row").write_parquet(file)
        held.clear()
        files.append(file)


def _complete(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, pl.DataType]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in rows]
