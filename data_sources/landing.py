"""What was read before: a copy of the source's rows, so that a refresh need only ask for those that changed since.

The copy is packed files beside the snapshots. A refresh that reads everything lays it anew; one that reads changes adds
a file, whose rows take the place of earlier ones with the same key. What the books are built from is, row for row, what
reading everything would have given, but for the order of the rows.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import polars as pl
from pydantic import TypeAdapter

from config.source import ChangeSettings, SourceSettings
from data_sources.connector import Since
from ledger import arrow_files
from ledger.cast import PLAIN, cast
from ledger.errors import RefreshError, SourceError
from ledger.schema import TABLES, Column, Table, Type
from ledger.stacking import stacked

LANDED = ("documents", "settlements")
"""The tables that grow; the others are read whole each time."""

_PLAIN_TEXT = re.compile(r"[0-9A-Za-z :.,+_-]+")
_STATE = "landing.json"


@dataclass(frozen=True)
class _Landed:
    """What lies in the folder.

    ``files``: by table, in the order they were read. ``full``: how many of them are of the last refresh that read
    everything. ``since``: the latest change that was seen. ``runs``: refreshes that read changes only.
    ``made``: names the books that were made from it.
    """

    mark: str = ""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    full: Mapping[str, int] = field(default_factory=dict[str, int])
    since: Mapping[str, Since] = field(default_factory=dict[str, Since])
    runs: int = 0
    made: str = ""


class Landing:
    """The copy of one source. ``mark``: names the mapping; a copy that was made under another is not used."""

    def __init__(self, folder: Path, source: SourceSettings, dimensions: Iterable[str], *, full: bool = False) -> None:
        if source.changes is None:
            raise ValueError("this source does not say what changed")
        self._folder = folder
        self._changes: ChangeSettings = source.changes
        self._origin = source.origin
        mark = _mark(source, dimensions)
        known = _read(folder)
        usable = known.mark == mark and known.runs < source.changes.full_every and not full
        # No file of an earlier refresh is written over: it may be what the next one begins with.
        self._token = uuid4().hex[:12]
        self._known = known if usable and self._all_there(known) else _Landed()
        self._next = replace(self._known, mark=mark, runs=self._known.runs + 1 if self.since else 0)
        self._changed = False
        """Whether something came that is not in the copy."""

    @property
    def since(self) -> Mapping[str, Since]:
        """From where on changes are wanted, by table; empty when everything is."""
        return self._known.since

    def rows(self, table: str, read: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """All rows of ``table`` as they are now. ``read``: what the source gave, everything or what changed.

        What changed is read at once, so that ``made`` can be asked before any row is taken.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self.since:
            return self._everything(table, read)
        if batches := list(read):
            self._keep(table, len(self._next.files[table]), self._news(table, stacked(batches)))
        return self._together(table)

    @property
    def made(self) -> str:
        """What ``commit`` was told of the last books, if their rows are these very rows; else nothing."""
        return self._known.made if self.since and not self._changed else ""

    def commit(self, made: str) -> None:
        """Remember what was read, and what names the books that were ``made`` from it.

        Without it the next refresh begins where this one did.
        """
        self._next = replace(self._next, made=made)
        text = json.dumps(asdict(self._next), ensure_ascii=False)
        draft = self._folder / f".{_STATE}"
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(self._folder / _STATE)
        except OSError as error:
            raise RefreshError(f"{self._folder} cannot be written: {error.strerror or error}.") from None
        listed = {name for names in self._next.files.values() for name in names}
        for file in self._folder.glob(f"*{arrow_files.ENDING}"):
            if file.name not in listed:
                file.unlink(missing_ok=True)

    def _everything(self, table: str, read: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for number, batch in enumerate(read):
            self._keep(table, number, batch)
            yield self._living(batch)
        self._note_full(table)

    def _news(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Of what changed the rows that are not in the copy as they are: the last time seen is asked for again.

        Of an id that has such a row all rows are kept, as they take the place of all that are there.
        """
        key = TABLES[table].key[0]
        told = _told(rows, key)
        fresh = told.join(self._held(table, told["id"]), on=["id", "row"], how="anti", nulls_equal=True)
        nameless = told["id"].is_null() & told["row"].is_in(fresh["row"].implode())
        return rows.filter(_among(told["id"], fresh["id"]) | nameless)

    def _held(self, table: str, ids: pl.Series) -> pl.DataFrame:
        """``id`` and ``row`` of the rows of the copy that count, with one of ``ids`` or none."""
        held: list[pl.DataFrame] = []
        key = TABLES[table].key[0]
        for number, name in enumerate(self._next.files[table]):
            rows = arrow_files.read(self._folder / name)
            own = _text(rows, key)
            version = pl.lit(max(number - self._next.full[table] + 1, 0)).alias("version")
            held.append(_told(rows.filter(_among(own, ids) | own.is_null()), key).with_columns(version))
        latest = (pl.col("version") == pl.col("version").max().over("id")) | pl.col("id").is_null()
        return pl.concat(held).filter(latest).select("id", "row")

    def _together(self, table: str) -> Iterator[pl.DataFrame]:
        """Earlier rows without those that came again, then what changed."""
        names, full = self._next.files[table], self._next.full[table]
        key = TABLES[table].key[0]
        changed = [arrow_files.read(self._folder / name) for name in names[full:]]
        keys = [_text(rows, key) for rows in changed]
        later = pl.concat(keys).unique() if keys else pl.Series([], dtype=pl.String)
        for name in names[:full]:
            rows = arrow_files.read(self._folder / name)
            yield self._living(rows.filter(~_among(_text(rows, key), later)))
        for number, rows in enumerate(changed):
            after = pl.concat(keys[number + 1 :]) if keys[number + 1 :] else pl.Series([], dtype=pl.String)
            yield self._living(rows.filter(~_among(keys[number], after)))

    def _keep(self, table: str, number: int, batch: pl.DataFrame) -> None:
        """Write a batch beside the others, and see how far its changes go."""
        column = self._changes.column
        if column not in batch.columns:
            raise SourceError(f"{self._origin(table)} returns no column '{column}', which [changes] asks for.")
        if batch.is_empty() and self.since:
            return
        self._changed = True
        name = f"{table}-{self._token}-{number}{arrow_files.ENDING}"
        arrow_files.write_cut(self._folder / name, batch, [0])
        files = () if not self.since and number == 0 else self._next.files.get(table, ())
        latest = _latest(batch[column], self._origin(table), column)
        seen = self._next.since.get(table) if files else None
        since = {**self._next.since}
        if latest is not None:
            since[table] = latest if seen is None else max(seen, latest, key=_comparable)
        self._next = replace(self._next, files={**self._next.files, table: (*files, name)}, since=since)

    def _note_full(self, table: str) -> None:
        whole = {**self._next.full, table: len(self._next.files.get(table, ()))}
        self._next = replace(self._next, full=whole)

    def _living(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Without rows that the source says are removed."""
        removed = self._changes.removed
        if removed is None or removed not in rows.columns:
            return rows
        flag = cast(Table("removed", (Column(removed, Type.FLAG),), key=()), rows.select(removed), PLAIN).rows[removed]
        return rows.filter(~flag.fill_null(value=False))

    def _all_there(self, known: _Landed) -> bool:
        files = [self._folder / name for names in known.files.values() for name in names]
        return set(known.since) == set(LANDED) and all(file.is_file() for file in files)


def forget(folder: Path) -> None:
    """Remove the copy: the source no longer says what changed."""
    shutil.rmtree(folder, ignore_errors=True)


def _mark(source: SourceSettings, dimensions: Iterable[str]) -> str:
    """A name for all that decides which rows a source gives."""
    said = [source.kind, sorted(source.mapping.items()), sorted(map(str, source.written.items())), sorted(dimensions)]
    return hashlib.sha256(repr([*said, source.changes]).encode()).hexdigest()


def _read(folder: Path) -> _Landed:
    """What the folder says of itself; nothing where that cannot be made sense of."""
    try:
        return TypeAdapter(_Landed).validate_json((folder / _STATE).read_bytes(), strict=False)
    except (OSError, ValueError):
        return _Landed()


def _latest(changed: pl.Series, origin: str, column: str) -> Since | None:
    """The last change of a batch, as it is kept and asked for again.

    Raises:
        SourceError: it is none of the things that have an order everybody agrees on.
    """
    last = changed.max()
    match last:
        case None | int():
            return last
        case datetime():
            return last.isoformat(sep=" ")
        case date():
            return last.isoformat()
        case str() if _PLAIN_TEXT.fullmatch(last):
            return last
        case _:
            raise SourceError(
                f"{origin}: '{column}' of [changes] must hold numbers, dates or times; it holds {last!r}."
            )


def _comparable(since: Since) -> tuple[int, int | str]:
    return (0, since) if isinstance(since, int) else (1, since)


def _told(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """``id``, and a number for all that stands in the row."""
    return pl.DataFrame({"id": _text(rows, key), "row": rows.select(sorted(rows.columns)).hash_rows(seed=11)})


def _text(rows: pl.DataFrame, key: str) -> pl.Series:
    return cast(Table("keys", (Column(key),), key=()), rows.select(key), PLAIN).rows[key]


def _among(keys: pl.Series, others: pl.Series) -> pl.Series:
    return keys.is_in(others.implode()).fill_null(value=False)
