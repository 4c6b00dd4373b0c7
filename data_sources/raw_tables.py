"""Raw tables in files: where they are, and how each format becomes a frame without guessing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
from pydantic import Field

from config.validation import Section
from data_sources import delimited, lakes, object_store, places, storage_errors, workbook
from data_sources.lakes import Lake
from data_sources.object_store import Bucket
from data_sources.places import Format, Found
from data_sources.storage import Storage
from ledger.errors import ConfigError, SourceError

_LAKES = ("delta", "iceberg")
_AT_ONCE = 16
"""So many files of an object store are opened at a time: each takes an answer or two."""


class RawTable(Section):
    """``[tables]`` of a files source: where a raw table is and how it is written."""

    path: str
    format: Format | None = None
    sheet: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str = "utf-8"
    skip_rows: int = Field(default=0, ge=0)
    version: int | None = Field(default=None, ge=0)


@dataclass(frozen=True)
class Located:
    """The files of a raw table, in order, and their format.

    ``paths`` are addresses where there is a ``bucket``, and the address of a web server where ``web`` says so. A table
    of a lake is one path: its folder, or the metadata file that is its newest.
    """

    name: str
    options: RawTable
    format: Format
    paths: tuple[str, ...]
    origin: str
    storage: Storage
    bucket: Bucket | None = None
    web: bool = False


def locate(name: str, options: RawTable, folder: Path, origin: str, storage: Storage) -> Located:
    """The files that ``options.path`` stands for: a file, a folder, a pattern, or an address such as ``s3://…``.

    Args:
        name: The raw table.
        options: What the source file says of it.
        folder: Where relative paths start.
        origin: Where it is named, for messages.
        storage: How object stores are reached.

    Raises:
        ConfigError: The format cannot be told from the name, or an option does not fit it.
        SourceError: Nothing is there, or it cannot be reached; the sentence suggests the nearest file.
    """
    place = object_store.address(options.path)
    bucket = Bucket.open(place, storage, origin) if place else None
    web = bucket is None and "://" in options.path
    if bucket is not None:
        found = places.stored(bucket, options.format)
    else:
        found = Found((options.path,)) if web else places.local(options.path, options.format, folder, origin)
    format = _format(found, options, origin)
    _refuse_misfits(options, format, origin, web=web)
    return Located(name, options, format, found.paths, origin, storage, bucket, web)


def frame(table: Located, work: Path) -> pl.LazyFrame:
    """The rows of ``table``, file after file.

    CSV arrives as text; Parquet, NDJSON and tables of lakes keep their types; see ``workbook`` for Excel.

    Args:
        table: From ``locate``.
        work: A folder for temporary copies.

    Raises:
        SourceError: A file cannot be read, or the files do not have the same columns.
    """
    if table.format in _LAKES:
        return _lake(table)
    if table.web:
        return _read(table, table.paths[0], work, table.storage.for_polars())
    if table.bucket is None:
        frames = [_guarded(table, path, work) for path in table.paths]
    else:
        with ThreadPoolExecutor(_AT_ONCE) as several:
            frames = list(several.map(partial(_guarded, table, work=work), table.paths))
    _refuse_differences(table, frames)
    first = frames[0].collect_schema().names()
    return pl.concat([one.select(first) for one in frames], how="vertical_relaxed") if len(frames) > 1 else frames[0]


def why(table: Located, path: str, error: Exception) -> str:
    """The end of a sentence on why ``path``, of ``table``, cannot be read: what the store said, or the system."""
    place = table.bucket.place if table.bucket else None
    if place is None:
        return f"{getattr(error, 'strerror', None) or 'the system refused'}."
    endpoint = table.storage.endpoint if place.scheme == "s3" else ""
    return storage_errors.reason(str(error), path, place.bucket, place.scheme, endpoint)


def _format(found: Found, options: RawTable, origin: str) -> Format:
    """The one format of all that was found."""
    kinds: dict[Format, str] = {}
    for path in found.paths:
        kind = found.format or options.format or places.format_of(path)
        if kind is None:
            choices = "(or excel, parquet, ndjson, delta, iceberg)"
            raise ConfigError(f'{origin}: the format of {path} is unclear; add format = "csv" {choices}.')
        kinds[kind] = path
    if len(kinds) > 1:
        raise ConfigError(f"{origin}: {options.path} holds {' and '.join(sorted(kinds))} files; name one kind only.")
    kind = next(iter(kinds))
    if kind in _LAKES and len(found.paths) > 1:
        raise ConfigError(f"{origin}: {options.path} stands for several {kind} tables; name one.")
    return kind


def _refuse_misfits(options: RawTable, format: Format, origin: str, *, web: bool) -> None:
    if options.sheet is not None and format != "excel":
        raise ConfigError(f"{origin}: sheet is for Excel files, and {options.path} is {format}.")
    if options.delimiter is not None and format != "csv":
        raise ConfigError(f"{origin}: delimiter is for csv files, and {options.path} is {format}.")
    if options.encoding.lower().replace("_", "-") not in {"utf-8", "utf8", "utf-8-sig"} and format != "csv":
        raise ConfigError(f"{origin}: encoding is for csv files, and {options.path} is {format}.")
    if options.skip_rows and format not in {"csv", "excel"}:
        raise ConfigError(f"{origin}: skip_rows is for csv and Excel files, and {options.path} is {format}.")
    if options.version is not None and format not in _LAKES:
        raise ConfigError(f"{origin}: version is for Delta and Iceberg tables, and {options.path} is {format}.")
    if web and format not in {"csv", "parquet", "ndjson"}:
        what = "an Excel file" if format == "excel" else f"a table of {format}"
        raise ConfigError(f"{origin}: {what} must be on this machine or in an object store; {options.path} is neither.")


def _guarded(table: Located, path: str, work: Path) -> pl.LazyFrame:
    """One file, its schema resolved so that a broken file is named here."""
    readable = _at_hand(table, path, work)
    try:
        one = _read(table, readable, work, table.storage.for_polars() if "://" in readable else {})
        one.collect_schema()
    except PermissionError:
        raise SourceError(f"{path} cannot be read: permission denied.") from None
    except OSError as error:
        said = why(table, path, error)
        raise SourceError(f"{table.origin}: {said}" if table.bucket else f"{path} cannot be read: {said}") from None
    except pl.exceptions.PolarsError as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise SourceError(f"{path} is not a readable {table.format} file: {said}.") from None
    except SourceError as error:
        raise SourceError(str(error).replace(readable, path)) from None
    return one


def _at_hand(table: Located, path: str, work: Path) -> str:
    """``path``, or a copy of what an object store has there. Not of Parquet: only some of its columns are read."""
    place = object_store.address(path) if table.bucket else None
    if table.bucket is None or place is None or table.format == "parquet":
        return path
    return str(table.bucket.copy(place.key, work / uuid4().hex))


def _lake(table: Located) -> pl.LazyFrame:
    place = table.bucket.place if table.bucket else None
    where = (place.scheme, place.bucket) if place else None
    lake = Lake(table.paths[0], table.options.version, table.origin, table.storage, where)
    return lakes.delta(lake) if table.format == "delta" else lakes.iceberg(lake)


def _read(table: Located, path: str, work: Path, storage: Mapping[str, Any]) -> pl.LazyFrame:
    options = table.options
    match table.format:
        case "csv":
            tabbed = places.ending(path) in {".tsv", ".tab"}
            layout = delimited.Layout(options.delimiter or ("\t" if tabbed else ","), options.skip_rows)
            if table.web:
                return delimited.scan(path, layout, storage)
            return delimited.checked(path, layout, options.encoding, table.origin, work)
        case "excel":
            return workbook.sheet(path, options.sheet, options.skip_rows, table.origin).lazy()
        case "ndjson":
            return pl.scan_ndjson(path, infer_schema_length=None, storage_options=dict(storage) or None)
        case _:
            return pl.scan_parquet(path, storage_options=dict(storage) or None, glob=table.web)


def _refuse_differences(table: Located, frames: Sequence[pl.LazyFrame]) -> None:
    first = frames[0].collect_schema().names()
    for path, one in zip(table.paths, frames, strict=True):
        names = one.collect_schema().names()
        lacking, further = [n for n in first if n not in names], [n for n in names if n not in first]
        if lacking or further:
            said = [f"lacks '{name}'" for name in lacking[:3]] + [f"has '{name}' besides" for name in further[:3]]
            raise SourceError(
                f"{table.origin}: all files must have the same columns; {path} {' and '.join(said)}, "
                f"compared with {table.paths[0]}."
            )
