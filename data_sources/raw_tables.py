"""Raw tables in files: where they are, and how each format becomes a frame without guessing."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import polars as pl
from pydantic import Field

from config.validation import Section
from data_sources import delimited, workbook
from ledger.errors import ConfigError, SourceError, did_you_mean

Format = Literal["csv", "excel", "parquet", "ndjson"]

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


class RawTable(Section):
    """``[tables]`` of a files source: where a raw table is and how it is written."""

    path: str
    format: Format | None = None
    sheet: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str = "utf-8"
    skip_rows: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class Located:
    """The files of a raw table, in order, and their format. ``remote`` paths are Polars' business."""

    name: str
    options: RawTable
    format: Format
    paths: tuple[str, ...]
    remote: bool
    origin: str


def locate(name: str, options: RawTable, folder: Path, origin: str) -> Located:
    """The files that ``options.path`` stands for: a file, a folder, a pattern, or an address such as ``s3://…``.

    Raises:
        ConfigError: The format cannot be told from the name, or an option does not fit it.
        SourceError: Nothing is there; the sentence suggests the nearest file.
    """
    if "://" in options.path:
        paths: tuple[str, ...] = (options.path,)
    else:
        paths = tuple(_local(options.path, folder, origin))
    format = _format(paths, options, origin)
    _refuse_misfits(options, format, origin)
    return Located(name, options, format, paths, "://" in options.path, origin)


def frame(table: Located, work: Path, storage: Mapping[str, Any]) -> pl.LazyFrame:
    """The rows of ``table``, file after file.

    CSV arrives as text; Parquet and NDJSON keep their types; see ``workbook`` for Excel.

    Args:
        table: From ``locate``.
        work: A folder for temporary copies.
        storage: Options for remote addresses, passed to Polars.

    Raises:
        SourceError: A file cannot be read, or the files do not have the same columns.
    """
    if table.remote:
        return _read(table, table.paths[0], work, storage)
    frames = [_guarded(table, path, work) for path in table.paths]
    _refuse_differences(table, frames)
    first = frames[0].collect_schema().names()
    return pl.concat([one.select(first) for one in frames], how="vertical_relaxed") if len(frames) > 1 else frames[0]


def _format(paths: Sequence[str], options: RawTable, origin: str) -> Format:
    """The one format of all ``paths``."""
    kinds: dict[Format, str] = {}
    for path in paths:
        kind = options.format or _ENDINGS.get(_ending(path))
        if kind is None:
            choices = "(or excel, parquet, ndjson)"
            raise ConfigError(f'{origin}: the format of {path} is unclear; add format = "csv" {choices}.')
        kinds[kind] = path
    if len(kinds) > 1:
        raise ConfigError(f"{origin}: {options.path} holds {' and '.join(sorted(kinds))} files; name one kind only.")
    return next(iter(kinds))


def _local(written: str, folder: Path, origin: str) -> Sequence[str]:
    path = folder / Path(written).expanduser()
    if path.is_dir():
        inside = sorted(str(one) for one in path.iterdir() if _ENDINGS.get(_ending(one.name)) and _visible(one))
        if not inside:
            raise SourceError(f"{origin}: the folder {path} holds no csv, Excel, parquet or ndjson file.")
        return inside
    if path.is_file():
        return [str(path)]
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
    return found


def _visible(path: Path) -> bool:
    # "~$" marks the lock file of a workbook that somebody has open.
    return path.is_file() and not path.name.startswith((".", "~$"))


def _ending(path: str) -> str:
    name = path.partition("?")[0].lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return Path(name).suffix


def _refuse_misfits(options: RawTable, format: Format, origin: str) -> None:
    if options.sheet is not None and format != "excel":
        raise ConfigError(f"{origin}: sheet is for Excel files, and {options.path} is {format}.")
    if options.delimiter is not None and format != "csv":
        raise ConfigError(f"{origin}: delimiter is for csv files, and {options.path} is {format}.")
    if options.encoding.lower().replace("_", "-") not in {"utf-8", "utf8", "utf-8-sig"} and format != "csv":
        raise ConfigError(f"{origin}: encoding is for csv files, and {options.path} is {format}.")
    if options.skip_rows and format not in {"csv", "excel"}:
        raise ConfigError(f"{origin}: skip_rows is for csv and Excel files, and {options.path} is {format}.")
    if "://" in options.path and format == "excel":
        raise ConfigError(f"{origin}: an Excel file must be on this machine; {options.path} is an address.")


def _guarded(table: Located, path: str, work: Path) -> pl.LazyFrame:
    """One local file, its schema resolved so that a broken file is named here."""
    try:
        one = _read(table, path, work, {})
        one.collect_schema()
    except PermissionError:
        raise SourceError(f"{path} cannot be read: permission denied.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or 'the system refused'}.") from None
    except pl.exceptions.PolarsError as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise SourceError(f"{path} is not a readable {table.format} file: {said}.") from None
    return one


def _read(table: Located, path: str, work: Path, storage: Mapping[str, Any]) -> pl.LazyFrame:
    options = table.options
    match table.format:
        case "csv":
            tabbed = _ending(path) in {".tsv", ".tab"}
            layout = delimited.Layout(options.delimiter or ("\t" if tabbed else ","), options.skip_rows)
            if table.remote:
                return delimited.scan(path, layout, storage)
            return delimited.checked(path, layout, options.encoding, table.origin, work)
        case "excel":
            return workbook.sheet(path, options.sheet, options.skip_rows, table.origin).lazy()
        case "parquet":
            return pl.scan_parquet(path, storage_options=dict(storage) or None, glob=table.remote)
        case "ndjson":
            return pl.scan_ndjson(path, infer_schema_length=None, storage_options=dict(storage) or None)


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
