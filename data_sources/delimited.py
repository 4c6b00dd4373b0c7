"""CSV files, all as text, with every row accounted for.

Polars reads the rows. It fills a row that is too short with nulls and does not say so, therefore Arrow's stricter
parser goes over the file first, in constant memory: it refuses a row with too few or too many fields, and Polars must
not read fewer rows than it counted.
"""

# pyarrow has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from ledger.errors import ConfigError, SourceError

_BLOCK = 8 << 20
_LIKELY = (";", "\t", "|", ",")


class _Records(Protocol):
    """What ``csv.reader`` returns."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True)
class Layout:
    """What separates the fields, and how many lines stand above the header."""

    delimiter: str = ","
    skip_rows: int = 0


def scan(path: str, layout: Layout, storage: Mapping[str, Any]) -> pl.LazyFrame:
    """A file read by Polars alone, every column as text; empty fields are null."""
    return pl.scan_csv(
        path,
        separator=layout.delimiter,
        skip_lines=layout.skip_rows,
        infer_schema=False,
        storage_options=dict(storage) or None,
    )


def checked(path: str, layout: Layout, encoding: str, origin: str, work: Path) -> pl.LazyFrame:
    """A local file, every column as text; empty fields are null, blank lines are no rows.

    Args:
        path: The file; ``.gz`` and ``.zst`` are unpacked.
        layout: Delimiter and lines above the header.
        encoding: A Python codec; another than UTF-8 is copied to UTF-8 in ``work`` first.
        origin: Where the file is named, for messages.
        work: A folder for temporary copies.

    Raises:
        ConfigError: ``encoding`` is unknown.
        SourceError: The file is empty, not in ``encoding``, or has a row that is not as wide as the header.
    """
    readable = path
    if _codec(encoding, origin) == "utf-8":
        _refuse_undecodable(path, origin)
    else:
        readable = _transcoded(path, encoding, origin, work)
    header = _header(readable, layout)
    _refuse_header(header, path, origin)
    rows = _rows(readable, header, layout)
    if rows is None:
        raise SourceError(f"{origin}: {path}, {_broken_row(readable, header, layout)}")
    frame = scan(readable, layout, {})
    read = frame.select(pl.len()).collect().item()
    if read < rows:
        raise SourceError(f"{origin}: {path} has {rows} rows, and {read} could be read; look for unclosed quotes.")
    # Polars reads a blank line as a row of nulls; Arrow does not count it.
    return frame if read == rows else frame.filter(~pl.all_horizontal(pl.all().is_null()))


def _codec(encoding: str, origin: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        raise ConfigError(
            f"{origin}: encoding = '{encoding}' is unknown; use for example 'utf-8', 'cp1252' or 'utf-16'."
        ) from None
    return "utf-8" if name in {"utf-8", "utf-8-sig"} else name


def _refuse_undecodable(path: str, origin: str) -> None:
    """Polars checks UTF-8 only in the columns that a mapping uses; a file is readable or it is not."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with pa.input_stream(path) as content:
        block = b"-"
        while block:
            block = content.read(_BLOCK)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                raise SourceError(
                    f"{origin}: {path} is not UTF-8 text (line {line}); "
                    'add encoding = "cp1252", or the encoding it was written in.'
                ) from None
            line += block.count(b"\n")


def _transcoded(path: str, encoding: str, origin: str, work: Path) -> str:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", suffix=".csv", dir=work, delete=False) as copy:
        try:
            with _text(path, encoding) as source:
                while block := source.read(_BLOCK):
                    copy.write(block)
        except UnicodeError:
            raise SourceError(
                f"{origin}: {path} is not {encoding} text; set encoding to the one it was written in."
            ) from None
    return copy.name


def _header(path: str, layout: Layout) -> list[str]:
    with _records(path, layout) as records:
        return next((record for record in records if record), [])


def _refuse_header(header: list[str], path: str, origin: str) -> None:
    if not header:
        raise SourceError(f"{origin}: {path} is empty; it must at least hold a header.")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise SourceError(f"{origin}: {path} has two columns named '{twice}' in its header.")
    other = next((sign for sign in _LIKELY if len(header) == 1 and sign in header[0]), None)
    if other is not None:
        shown = "\\t" if other == "\t" else other
        raise SourceError(f"{origin}: {path} has only the column '{header[0][:60]}'; add delimiter = \"{shown}\".")


def _rows(path: str, header: list[str], layout: Layout) -> int | None:
    """How many rows there are; ``None`` when one of them is not as wide as the header."""
    # Only the first column is converted, to bytes: the structure is wanted, not the values.
    first = pa_csv.ConvertOptions(include_columns=header[:1], column_types={header[0]: pa.binary()})
    try:
        with pa_csv.open_csv(
            path,
            read_options=pa_csv.ReadOptions(block_size=_BLOCK, use_threads=False, skip_rows=layout.skip_rows),
            parse_options=pa_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=first,
        ) as reader:
            return sum(batch.num_rows for batch in reader)
    except pa.ArrowInvalid:
        return None


def _broken_row(path: str, header: list[str], layout: Layout) -> str:
    with _records(path, layout) as records:
        start = layout.skip_rows + 1
        for record in records:
            if record and len(record) != len(header):
                return (
                    f"line {start} has {len(record)} fields where the header has {len(header)}; "
                    "look for a missing or unquoted delimiter, or an unclosed quote."
                )
            start = layout.skip_rows + records.line_num + 1
    return "is not a well-formed CSV file; look for an unclosed quote."


@contextmanager
def _records(path: str, layout: Layout) -> Generator[_Records]:
    """The fields of each line, header first; slow, for single lines and for finding a mistake."""
    with _text(path, "utf-8-sig") as lines:
        for _ in range(layout.skip_rows):
            lines.readline()
        yield csv.reader(lines, delimiter=layout.delimiter)


@contextmanager
def _text(path: str, encoding: str) -> Generator[io.TextIOWrapper]:
    with pa.input_stream(path) as content, io.TextIOWrapper(content, encoding=encoding, newline="") as text:
        yield text
