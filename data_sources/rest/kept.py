"""Objects as a service last sent them, so that a refresh need only ask for those that changed since.

Each kind of object is a packed file of lines beside the snapshots, and one file says which of them count. A refresh
writes files of its own and names them at its very end: what broke off before leaves everything as it was.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from ledger.errors import SourceError

_VERSION = 1
_STATE = "objects.json"
_ENDING = ".jsonl.gz"
_FAST = 1
_EXACT = "\0exact"
"""Marks a number with a decimal point, which JSON would round."""

Moved = Mapping[str, tuple[Any, Any]]
"""Objects by id that are not what they were: as they were, and as they are; ``None`` where there is none."""


@dataclass(frozen=True)
class _File:
    """A packed file: its name, how many objects it holds, and what its bytes add up to."""

    name: str
    objects: int
    digest: str


@dataclass(frozen=True)
class _State:
    """Which files count, by kind of object.

    ``mark``: names the books and the code that asked. ``seen``: the service's clock before it was asked. ``runs``:
    refreshes since all was read.
    """

    version: int = _VERSION
    mark: str = ""
    seen: datetime | None = None
    runs: int = 0
    files: Mapping[str, _File] = field(default_factory=dict[str, _File])


class Kept:
    """The objects of one source. What was kept under another ``mark``, or is damaged, counts as nothing."""

    def __init__(self, folder: Path, mark: str, kinds: Iterable[str]) -> None:
        self._folder = folder
        self.kinds = tuple(kinds)
        known = _read(folder)
        usable = known.mark == mark and set(known.files) == set(self.kinds) and _all_whole(folder, known.files.values())
        self._known = known if usable else _State(mark=mark)
        self._next = self._known
        self._anew = not usable
        self._mark = mark

    @property
    def seen(self) -> datetime | None:
        """The service's clock when what is kept was asked for; nothing where nothing is kept."""
        return self._known.seen

    @property
    def runs(self) -> int:
        """Refreshes since everything was read."""
        return self._known.runs

    def begin_anew(self) -> None:
        """Use nothing of what is kept."""
        self._known = self._next = _State(mark=self._mark)
        self._anew = True

    def count(self, kind: str) -> int:
        return self._next.files[kind].objects

    def each(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Every object of a kind with its id."""
        return (_unpacked(line) for line in self._lines(self._next, kind))

    def lay(self, kind: str, objects: Iterable[tuple[str, Any]]) -> None:
        """Put ``objects`` in the place of all of their kind.

        Raises:
            SourceError: the disk is at fault, or whatever ``objects`` raises; what was there stays.
        """
        self._write(kind, (_packed(id, values) for id, values in objects))

    def change(self, kind: str, changed: Mapping[str, Any]) -> None:
        """Put each object of ``changed`` in the place of the one with its id; ``None`` removes it."""
        new = {id: None if values is None else _packed(id, values) for id, values in changed.items()}
        old = {id: line for line in self._lines(self._next, kind) if (id := _id(line)) in new}
        if any(old.get(id) != line for id, line in new.items()):
            self._write(kind, self._replaced(kind, new))

    def moved(self, kind: str) -> Moved:
        """The objects that are not what they were when this refresh began."""
        if self._known.files.get(kind) == self._next.files[kind]:
            return {}
        # Only what names a line is held of each: all of them together may not fit into memory.
        before = {_id(line): hash(line) for line in self._lines(self._known, kind)}
        new: dict[str, Any] = {}
        for line in self._lines(self._next, kind):
            id = _id(line)
            if before.pop(id, None) != hash(line):
                new[id] = _unpacked(line)[1]
        gone = set(before)
        lines = self._lines(self._known, kind)
        old = {id: _unpacked(line)[1] for line in lines if (id := _id(line)) in new or id in gone}
        return {id: (old.get(id), new.get(id)) for id in (*new, *gone)}

    def commit(self, seen: datetime) -> None:
        """Let what was read count from now on; ``seen``: the service's clock before it was asked.

        Raises:
            SourceError: the disk is at fault; what was kept before stays.
        """
        self._next = replace(self._next, seen=seen, runs=0 if self._anew else self._known.runs + 1)
        told = TypeAdapter(_State).dump_json(self._next).decode()
        sealed = json.dumps({"seal": _seal(told), "state": told})
        draft = self._folder / f".{_STATE}.{token_hex(4)}"
        with _disk(self._folder):
            with _private(draft) as file:
                file.write(sealed.encode())
            draft.replace(self._folder / _STATE)
        self._known, self._anew = self._next, False
        tidy(self._folder)

    def _replaced(self, kind: str, new: Mapping[str, str | None]) -> Iterator[str]:
        left = dict(new)
        for line in self._lines(self._next, kind):
            now = left.pop(_id(line), line)
            if now is not None:
                yield now
        yield from (line for line in left.values() if line is not None)

    def _write(self, kind: str, lines: Iterable[str]) -> None:
        name = f"{kind}-{token_hex(6)}{_ENDING}"
        count = 0
        with _disk(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            with (
                _private(self._folder / name) as file,
                gzip.GzipFile("", "wb", _FAST, file, 0) as packed,
                TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
            ):
                for line in lines:
                    text.write(line)
                    count += 1
            written = _File(name, count, _digest(self._folder / name))
        self._next = replace(self._next, files={**self._next.files, kind: written})

    def _lines(self, state: _State, kind: str) -> Iterator[str]:
        if kind not in state.files:
            return
        with _disk(self._folder), gzip.open(self._folder / state.files[kind].name, "rt", encoding="utf-8") as file:
            yield from file


def forget(folder: Path) -> None:
    """Remove what is kept: nobody asks for changes any more."""
    shutil.rmtree(folder, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Remove what does not count: what is left of refreshes that broke off, and of the one before."""
    listed = {file.name for file in _read(folder).files.values()}
    for file in (*folder.glob(f"*{_ENDING}"), *folder.glob(f".{_STATE}.*")):
        if file.name not in listed:
            file.unlink(missing_ok=True)


@contextmanager
def _disk(folder: Path) -> Generator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"{folder}, which keeps what was read before, cannot be used: {getattr(error, 'strerror', None) or error}."
        ) from None


@contextmanager
def _private(path: Path) -> Generator[BinaryIO]:
    """A new file for its owner only, on the disk when it is left."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _read(folder: Path) -> _State:
    """What the folder says of itself; nothing where that is damaged, or of another version."""
    try:
        sealed = json.loads((folder / _STATE).read_bytes())
        if sealed["seal"] != _seal(sealed["state"]):
            return _State()
        state = TypeAdapter(_State).validate_json(sealed["state"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _State()
    return state if state.version == _VERSION else _State()


def _all_whole(folder: Path, files: Iterable[_File]) -> bool:
    try:
        return all(_digest(folder / file.name) == file.digest for file in files)
    except OSError:
        return False


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _packed(id: str, values: Any) -> str:
    """An object as a line: its id, a tab, which JSON never holds, and all of it."""
    return f"{json.dumps(id)}\t{json.dumps(values, default=_exact, sort_keys=True)}\n"


def _unpacked(line: str) -> tuple[str, Any]:
    _, _, values = line.partition("\t")
    return _id(line), json.loads(values, object_hook=_restored)


def _id(line: str) -> str:
    return json.loads(line[: line.index("\t")])


def _exact(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {_EXACT: str(value)}
    raise TypeError(f"{type(value).__name__} is not of JSON")


def _restored(values: dict[str, Any]) -> Any:
    return Decimal(values[_EXACT]) if _EXACT in values else values
