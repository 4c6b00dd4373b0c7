"""Where the files of a raw table are: on this machine or in an object store, one, a folder of them, or a pattern."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from data_sources import lakes, object_store, workbook
from data_sources.object_store import Bucket
from ledger.errors import SourceError, did_you_mean

Format = Literal["csv", "excel", "parquet", "ndjson", "delta", "iceberg"]

_ENDINGS: Mapping[str, Format] = MappingProxyType(
    {
        ".csv": "csv",
        ".tsv": "csv",
        ".tab": "csv",
        ".txt": "csv",
        ".parquet": "parquet",
        ".pq": "parquet",
        ".ndjson": "ndjson",
        ".jsonl": "ndjson",
        **dict.fromkeys(workbook.ENDINGS, "excel"),
    }
)
_PACKED = (".gz", ".zst")
_HINT = "version-hint.text"
_KINDS = "csv, Excel, parquet or ndjson file, and is no table of Delta Lake or Iceberg"


@dataclass(frozen=True)
class Found:
    """Paths or addresses in order, and their format where the place itself says it."""

    paths: tuple[str, ...]
    format: Format | None = None


def ending(path: str) -> str:
    """The ending of a file's name in small letters, what packed it left aside."""
    name = path.partition("?")[0].lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return Path(name).suffix


def format_of(path: str) -> Format | None:
    """What the name of a file says of its format."""
    return "iceberg" if path.endswith(lakes.METADATA) else _ENDINGS.get(ending(path))


def local(written: str, format: Format | None, folder: Path, origin: str) -> Found:
    """What ``written``, a path on this machine that may be relative to ``folder``, stands for.

    Raises:
        SourceError: Nothing is there; the sentence suggests the nearest file.
    """
    path = folder / Path(written).expanduser()
    if path.is_dir():
        return _local_folder(path, format, origin)
    if path.is_file():
        return Found((str(path),))
    if not glob.has_magic(written):
        near = [one.name for one in path.parent.iterdir() if one.is_file()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near)
        where = "" if path.parent.is_dir() else f": there is no folder {path.parent}"
        raise SourceError(f"{origin} names {path}, which does not exist{where}{'; ' + hint if hint else '.'}")
    absolute = Path(written).is_absolute()
    start, pattern = (Path(path.anchor), path.relative_to(path.anchor)) if absolute else (folder, Path(written))
    found = sorted(str(one) for one in start.glob(str(pattern)) if _visible(one))
    if not found:
        raise SourceError(f"{origin}: no file matches {path}.")
    return Found(tuple(found))


def stored(bucket: Bucket, format: Format | None) -> Found:
    """What the address of ``bucket`` stands for.

    Raises:
        SourceError: Nothing is there, or the store refuses; the sentence says which and suggests the nearest file.
    """
    key, at = bucket.place.key, bucket.place.at
    if format in ("delta", "iceberg") and not key.endswith(lakes.METADATA):
        return _stored_lake(bucket, format)
    if object_store.is_pattern(key):
        matching = bucket.matching(key)
        if not matching:
            raise SourceError(f"{bucket.origin}: no file matches {at(key)}.")
        return Found(tuple(at(one) for one in matching))
    if key and (format or format_of(key)) and bucket.holds(key):
        return Found((at(key),))
    return _stored_folder(bucket, format)


def _local_folder(path: Path, format: Format | None, origin: str) -> Found:
    if format == "delta" or (format is None and (path / lakes.LOG).is_dir()):
        return Found((str(path),), "delta")
    if format in (None, "iceberg"):
        metadata = path / "metadata"
        hint = metadata / _HINT
        names = [one.name for one in metadata.iterdir()] if metadata.is_dir() else []
        newest = lakes.newest_metadata(names, hint.read_text(encoding="utf-8") if hint.is_file() else "")
        if newest:
            return Found((str(metadata / newest),), "iceberg")
        _refuse_no_iceberg(format, str(path), origin)
    inside = sorted(str(one) for one in path.iterdir() if (format or format_of(one.name)) and _visible(one))
    if not inside:
        raise SourceError(f"{origin}: the folder {path} holds no {_KINDS}.")
    return Found(tuple(inside))


def _stored_lake(bucket: Bucket, format: Format) -> Found:
    """A table of a lake that is said to be one. Its folder is asked for first: the store says best what is wrong."""
    key = bucket.place.key
    if format == "delta":
        bucket.level(f"{key}/{lakes.LOG}")
        return Found((bucket.place.at(key),), "delta")
    newest = _stored_metadata(bucket, key)
    if newest is None:
        _refuse_no_iceberg(format, bucket.place.at(key), bucket.origin)
    return Found((bucket.place.at(newest or key),), "iceberg")


def _stored_folder(bucket: Bucket, format: Format | None) -> Found:
    key, at = bucket.place.key, bucket.place.at
    level = bucket.level(key)
    below = f"{key}/" if key else ""
    if format is None and f"{below}{lakes.LOG}" in level.folders:
        return Found((at(key),), "delta")
    if format is None and f"{below}metadata" in level.folders and (newest := _stored_metadata(bucket, key)):
        return Found((at(newest),), "iceberg")
    files = [one for one in level.files if (format or format_of(one)) and object_store.visible(one)]
    if files:
        return Found(tuple(at(one) for one in files))
    if level.files or level.folders:
        raise SourceError(f"{bucket.origin}: the folder {at(key)} holds no {_KINDS}.")
    hint = bucket.nearest(key)
    raise SourceError(f"{bucket.origin} names {at(key)}, which does not exist{'; ' + hint if hint else '.'}")


def _stored_metadata(bucket: Bucket, key: str) -> str | None:
    folder = f"{key}/metadata"
    names = [one.rpartition("/")[2] for one in bucket.level(folder).files]
    newest = lakes.newest_metadata(names, bucket.text(f"{folder}/{_HINT}") if _HINT in names else "")
    return f"{folder}/{newest}" if newest else None


def _refuse_no_iceberg(format: Format | None, path: str, origin: str) -> None:
    if format == "iceberg":
        raise SourceError(
            f"{origin}: {path} is no Iceberg table: there is no *{lakes.METADATA} in its folder metadata."
        )


def _visible(path: Path) -> bool:
    return path.is_file() and object_store.visible(path.name)
