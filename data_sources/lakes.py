"""Tables of a lake: Delta Lake and Iceberg, each read as one version from beginning to end.

The packages that know their logs are needed only by who has such tables, and are imported when one is read.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from data_sources import storage_errors
from data_sources.storage import Storage
from ledger.errors import OutstandingError, SourceError

LOG = "_delta_log"
METADATA = ".metadata.json"

_NUMBER = re.compile(r"v?(\d+)")


@dataclass(frozen=True)
class Lake:
    """A table of a lake: its address, which version (None: the newest), where it is named, and how to reach it.

    ``place``: the scheme and bucket of an object store, None on this machine.
    """

    address: str
    version: int | None
    origin: str
    storage: Storage
    place: tuple[str, str] | None = None


def delta(table: Lake) -> pl.LazyFrame:
    """The rows of a Delta Lake table, as of one version.

    Raises:
        SourceError: No such table or version, a log that cannot be read, or the package is missing.
    """
    package = _package("deltalake", "a Delta table", table.origin)
    options = table.storage.for_delta() if table.place else None
    try:
        opened = package.DeltaTable(table.address, storage_options=options)
        newest = opened.version()
        if table.version is not None and table.version != newest:
            if table.version > newest:
                raise SourceError(
                    f"{table.origin}: {table.address} has no version {table.version}; its newest is {newest}."
                )
            opened.load_as_version(table.version)
    except package.exceptions.TableNotFoundError:
        raise SourceError(
            f"{table.origin}: {table.address} is no Delta table: there is no log in its folder {LOG}."
        ) from None
    except (package.exceptions.DeltaError, OSError, ValueError) as error:
        raise SourceError(_why(table, "a Delta table", error)) from None
    if table.place is None:
        added = pl.DataFrame(opened.get_add_actions()).select("path", "size_bytes")
        _refuse_cut_short(table, ((str(Path(table.address, unquote(path))), size) for path, size in added.iter_rows()))
    scanned = table.storage.for_polars() if table.place else None
    return _looked_at(lambda: pl.scan_delta(opened, storage_options=scanned), table, "a Delta table")


def iceberg(table: Lake) -> pl.LazyFrame:
    """The rows of an Iceberg table, as of one snapshot. ``table.address``: a metadata file.

    Raises:
        SourceError: No such file or snapshot, metadata that cannot be read, or the package is missing.
    """
    tables = _package("pyiceberg.table", "an Iceberg table", table.origin)
    known = _package("pyiceberg.exceptions", "an Iceberg table", table.origin)
    if importlib.util.find_spec("polars_iceberg") is None:
        # Without its own planner Polars takes that of pyiceberg, and warns each time unless told to.
        os.environ.setdefault("POLARS_ICEBERG_PLANNER", "pyiceberg")
    options = table.storage.for_iceberg() if table.place else {}
    try:
        opened = tables.StaticTable.from_metadata(table.address, options)
        if table.version is not None and opened.snapshot_by_id(table.version) is None:
            raise SourceError(
                f"{table.origin}: {table.address} knows no snapshot {table.version}; "
                f"{_snapshots(one.snapshot_id for one in opened.snapshots())}"
            )
    except (known.ValidationError, ValueError, OSError) as error:
        raise SourceError(_why(table, "an Iceberg table", error)) from None
    if table.place is None:
        parts = [task.file for task in _planned(opened, table)]
        _refuse_cut_short(table, ((one.file_path.removeprefix("file://"), one.file_size_in_bytes) for one in parts))
    return _looked_at(
        lambda: pl.scan_iceberg(opened, snapshot_id=table.version, storage_options=options or None),
        table,
        "an Iceberg table",
    )


def newest_metadata(names: Iterable[str], hint: str = "") -> str | None:
    """Which of the files in an Iceberg table's metadata folder says what the table is now.

    Args:
        names: All names there.
        hint: What ``version-hint.text`` holds, which tables without a catalogue keep.
    """
    files = [name for name in names if name.endswith(METADATA)]
    hinted = f"v{hint.strip()}{METADATA}"
    return hinted if hinted in files else max(files, key=_numbered, default=None)


def _numbered(name: str) -> tuple[int, str]:
    match = _NUMBER.match(name)
    return (int(match[1]) if match else -1, name)


def _package(name: str, kind: str, origin: str) -> Any:
    """A module of a package that not everybody has."""
    top = name.partition(".")[0]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = (error.name or top).partition(".")[0]
        raise SourceError(
            f"{origin} is {kind}, which needs the package {missing}; install it with: pip install {top}"
        ) from None


def _planned(opened: Any, table: Lake) -> list[Any]:
    """The parts that the snapshot of an Iceberg table is made of."""
    try:
        return list(opened.scan(snapshot_id=table.version).plan_files())
    except (ValueError, OSError) as error:
        raise SourceError(_why(table, "an Iceberg table", error)) from None


def _refuse_cut_short(table: Lake, files: Iterable[tuple[str, int]]) -> None:
    """Hold the files of a table on this machine against its log: Polars takes the log's word, and panics."""
    for name, size in files:
        file = Path(name)
        if file.is_file() and file.stat().st_size != size:
            raise SourceError(
                f"{table.origin}: {file} is {file.stat().st_size} bytes long where the log of its table says {size}; "
                "it was not written to its end, or was replaced."
            )


def _looked_at(scan: Callable[[], pl.LazyFrame], table: Lake, kind: str) -> pl.LazyFrame:
    """The scan, once its plan was made: what is wrong with a table's own files is told here, with its name."""
    try:
        frame = scan()
        names = frame.collect_schema().names()
        frame.select(names[:1]).head(0).collect()
    except OutstandingError:
        raise
    except Exception as error:  # noqa: BLE001 - each of three packages has errors of its own, and no common family
        raise SourceError(_why(table, kind, error)) from None
    return frame


def _why(table: Lake, kind: str, error: Exception) -> str:
    said = str(error)
    if "protocol" in type(error).__name__.lower() or "polars does not support" in said:
        return f"{table.origin}: {table.address} uses what cannot be read yet: {storage_errors.first_line(said)}."
    if table.place:
        scheme, bucket = table.place
        end = storage_errors.reason(
            said, table.address, bucket, scheme, table.storage.endpoint if scheme == "s3" else ""
        )
        if not end.startswith(table.address):
            return table.storage.hidden(f"{table.origin}: {end}")
    short = table.storage.hidden(storage_errors.first_line(said))
    return f"{table.origin}: {table.address} cannot be read as {kind}: {short}."


def _snapshots(ids: Iterable[int]) -> str:
    newest = [str(one) for one in ids][-3:]
    return f"its newest are {', '.join(newest)}." if newest else "it has none yet."
