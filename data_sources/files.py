"""The files connector: CSV, Excel, Parquet, NDJSON and tables of lakes, here or in an object store, by Polars' SQL."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Annotated, Any, Self

import polars as pl
from pydantic import BeforeValidator, Field
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS as _RESERVED

from config.settings import Settings
from config.source import SourceSettings
from config.validation import Section, validated
from data_sources import queries, raw_tables, statement, storage_errors
from data_sources.columns import mapped
from data_sources.connector import Health, Only, Progress, Since
from data_sources.mapping_sql import Spelling
from data_sources.raw_tables import Located, RawTable
from data_sources.storage import Option, Storage
from ledger.errors import OutstandingError, SourceError
from ledger.schema import TABLES
from ledger.stacking import stacked

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_WORDS = {*_RESERVED, "exists", "extract", "interval", "lateral", "position", "struct", "top", "trim", "unnest"}
"""Names that Polars' SQL reads as something else unless they are quoted."""


def _path_alone(value: Any) -> Any:
    """``invoices = "invoices.csv"`` is short for a table with only a path."""
    return {"path": value} if isinstance(value, str) else value


class FilesOptions(Section):
    """What a source file of ``kind = "files"`` holds besides the mapping and the formats."""

    tables: dict[str, Annotated[RawTable, BeforeValidator(_path_alone)]] = Field(min_length=1)
    storage: dict[str, Option] = Field(default_factory=dict, repr=False)


class Files:
    """Canonical tables from files. A raw table with a canonical name needs no mapping."""

    def __init__(self, source: SourceSettings, options: FilesOptions, dimensions: tuple[str, ...]) -> None:
        self._source = source
        self._options = options
        self._dimensions = dimensions
        self._storage = Storage.read(source.file, options.storage, source.written.get("storage", {}))
        self._places: dict[str, Located] = {}
        self._frames: dict[str, pl.LazyFrame] = {}
        self._ignored: dict[str, tuple[str, ...]] = {}
        self._work: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:  # noqa: ARG003 - of every connector
        source = settings.source
        options = validated(FilesOptions, source.options(), source.file)
        return cls(source, options, tuple(settings.dimensions))

    @property
    def ignored(self) -> Mapping[str, tuple[str, ...]]:
        return MappingProxyType(self._ignored)

    def describe(self) -> str:
        named = ", ".join(f"{name} ({_shown(table.path)})" for name, table in self._options.tables.items())
        return f"files below {self._source.folder}: {named}"

    def check(self) -> Health:
        try:
            files = 0
            for name in self._options.tables:
                files += len(self._located(name).paths)
                self._frame(name).collect_schema()
        except OutstandingError as error:
            return Health(False, self._told(str(error)))
        except (pl.exceptions.PolarsError, OSError) as error:
            return Health(False, self._told(f"{self._source.file}: {self._unread(error, self._options.tables)}"))
        return Health(True, f"{files} {'file' if files == 1 else 'files'} found and readable.")

    def read(self, table: str) -> pl.DataFrame | None:
        batches = self.batches(table)
        return None if batches is None else stacked(list(batches))

    def batches(self, table: str, since: Since | None = None) -> Iterator[pl.DataFrame] | None:
        if table in self._source.mapping or table in self._options.tables:
            return self._read(table, since)
        if TABLES[table].optional:
            return None
        raise SourceError(
            f'{self._source.file} says nothing about {table}; add {table} = "…" to [mapping], or a raw table of '
            "that name to [tables]."
        )

    def _read(self, table: str, since: Since | None) -> Iterator[pl.DataFrame]:
        try:
            yield from self._canonical(table, since)
        except SourceError as error:
            raise SourceError(self._told(str(error))) from None

    def _canonical(self, table: str, since: Since | None) -> Iterator[pl.DataFrame]:
        if table in self._source.mapping:
            origin = self._source.origin(table)
            found = self._mapped(table, self._source.mapping[table], origin, since)
        else:
            origin = self._origin(table)
            raw = self._frame(table)
            found = self._collected(lambda: self._since(raw, since), table, origin, {table: raw})
        for frame in found:
            result = mapped(frame, table, origin, self._dimensions, self._source.change_columns(table))
            self._ignored[table] = result.ignored
            yield result.frame

    def raw_tables(self) -> Mapping[str, tuple[str, ...]]:
        return {self._quoted(name): tuple(self._looked(name, 0).columns) for name in self._options.tables}

    def raw_rows(self, table: str, most: int, only: Only | None = None) -> pl.DataFrame:
        if only is None:
            return self._looked(self._found(table), most)
        chosen = pl.col(only.column).cast(pl.String).is_in(list(only.values))
        return self._looked(self._found(table), most, lambda rows: rows.filter(chosen))

    def raw_values(self, table: str, column: str, most: int) -> pl.DataFrame:
        def counted(rows: pl.LazyFrame) -> pl.LazyFrame:
            value = pl.col(column).alias("value")
            return (
                rows.select(value)
                .drop_nulls()
                .group_by("value")
                .agg(rows=pl.len().cast(pl.Int64))
                .sort("rows", "value", descending=[True, False])
            )

        return self._looked(self._found(table), most, counted)

    def spelling(self, table: str = "") -> Spelling:  # noqa: ARG002 - files need no casts
        return Spelling(self._quoted)

    def _found(self, table: str) -> str:
        """The raw table that SQL writes as ``table``, or that is called so."""
        name = next((one for one in self._options.tables if table in (self._quoted(one), one)), None)
        if name is None:
            raise SourceError(f"{self._source.file} names no raw table {table} in [tables].")
        return name

    def _quoted(self, name: str) -> str:
        return name if _PLAIN.fullmatch(name) and name not in _WORDS else '"' + name.replace('"', '""') + '"'

    def _looked(self, name: str, most: int, made: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None) -> pl.DataFrame:
        """The first rows of a raw table, or of what is ``made`` of it."""
        try:
            rows = self._frame(name)
            return (made(rows) if made else rows).head(most).collect()
        except SourceError as error:
            raise SourceError(self._told(str(error))) from None
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SourceError(self._told(f"{self._origin(name)}: {self._unread(error, [name])}")) from None

    def close(self) -> None:
        self._frames.clear()
        self._places.clear()
        if self._work is not None:
            self._work.cleanup()
            self._work = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mapped(self, table: str, sql: str, origin: str, since: Since | None) -> Iterator[pl.DataFrame]:
        query = statement.select(sql, origin)
        used = [name for name in self._options.tables if statement.mentions(query, name)]
        frames = {name: self._frame(name) for name in used}

        def plan() -> pl.LazyFrame:
            return self._since(queries.selected(query, frames), since)

        return self._collected(plan, table, origin, frames)

    def _since(self, rows: pl.LazyFrame, since: Since | None) -> pl.LazyFrame:
        """The rows that changed at ``since`` or later; all of them without the column, which is complained of later."""
        if since is None or self._source.changes is None:
            return rows
        schema = rows.collect_schema()
        column = next((name for name in schema if name.lower() == self._source.changes.column), None)
        if column is None:
            return rows
        if isinstance(since, str) and schema[column].is_temporal():
            return rows.filter(pl.col(column) >= pl.lit(datetime.fromisoformat(since)).cast(schema[column]))
        return rows.filter(pl.col(column) >= since)

    def _collected(
        self, plan: Callable[[], pl.LazyFrame], table: str, origin: str, frames: Mapping[str, pl.LazyFrame]
    ) -> Iterator[pl.DataFrame]:
        try:
            expected = self._source.expected(origin)
            yield from queries.collected(plan, table, origin, frames, self._options.tables, expected)
        except (OSError, pl.exceptions.PanicException) as error:
            raise SourceError(f"{origin}: {self._unread(error, frames)}") from None

    def _frame(self, name: str) -> pl.LazyFrame:
        """The raw table ``name``: the same files and the same version of a lake's table while this is open."""
        if name not in self._frames:
            if self._work is None:
                self._work = tempfile.TemporaryDirectory(prefix="outstanding-")
            self._frames[name] = raw_tables.frame(self._located(name), Path(self._work.name))
        return self._frames[name]

    def _located(self, name: str) -> Located:
        if name not in self._places:
            table, folder = self._options.tables[name], self._source.folder
            self._places[name] = raw_tables.locate(name, table, folder, self._origin(name), self._storage)
        return self._places[name]

    def _unread(self, error: Exception, tables: Iterable[str]) -> str:
        """Why one of ``tables`` could not be read; what follows a "?" in an address may be a signature."""
        for place in (self._places[name] for name in tables if name in self._places):
            if place.bucket and place.bucket.place.bucket in str(error):
                return raw_tables.why(place, place.options.path, error)
        return f"a file cannot be read: {storage_errors.first_line(str(error))}."

    def _told(self, sentence: str) -> str:
        return self._storage.hidden(_without_login(sentence))

    def _origin(self, name: str) -> str:
        return f"{self._source.file}, tables.{name}"


def _shown(path: str) -> str:
    """A path or address without what may be secret: a login before the host, a signature behind the question mark."""
    return _without_login(re.sub(r"\?\S*=.*", "", path))


def _without_login(text: str) -> str:
    """In an address of Azure, what stands before the host is the container."""
    return re.sub(r"(?<!abfs)(?<!abfss)://[^/\s@]*@", "://", text)
