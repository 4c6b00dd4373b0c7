"""Snapshots on disk: written whole into a new folder, then one pointer is moved.

Readers see the old snapshot or the new one, never a mixture. Killed at any instant, the last good one still serves.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from ledger import trend
from ledger.aging import AgingRule
from ledger.book import Book, BookRules
from ledger.conversion import Conversion
from ledger.errors import NoSnapshotError, OutstandingError, RefreshError
from ledger.fixes import Fix
from ledger.shelf import ROWS, Folder, file_of, opened

FORMAT = 5
"""Raised when the frames of a snapshot change shape, so that an old one is not read as a new one."""

_AGAIN = "a refresh makes it anew."
_POINTER = "current"
_BUILDING = ".building-"
_LAST_ATTEMPT = "last_refresh.json"
_FOUND = "findings.parquet"


@dataclass(frozen=True)
class Store:
    """The folder that holds snapshots.

    ``keep``: how many are kept, the current one included. Those before the last two keep their sums, not their rows.
    """

    path: Path
    keep: int = 10

    @property
    def snapshots(self) -> Path:
        return self.path / "snapshots"

    def current(self) -> str | None:
        """The id of the published snapshot, or ``None``. One small read: cheap enough for every page run.

        Raises:
            OutstandingError: the pointer cannot be read.
        """
        try:
            return (self.path / _POINTER).read_text(encoding="utf-8").strip() or None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise OutstandingError(f"{self.path / _POINTER} cannot be read ({error}); {_AGAIN}") from error

    def _pointed_to(self) -> str | None:
        """The published snapshot, for a refresh: a pointer that cannot be read is about to be replaced."""
        try:
            return self.current()
        except OutstandingError:
            return None

    def load(self, id: str | None = None) -> Book:
        """A published snapshot, the current one by default.

        Raises:
            NoSnapshotError: nothing was published, or it was made by another version of the product.
            OutstandingError: the snapshot cannot be read.
        """
        name = id or self.current()
        if name is None:
            raise NoSnapshotError(f"There is no snapshot in {self.path} yet: refresh first.")
        try:
            return self._read(self.snapshots / name)
        except OutstandingError:
            # A refresh that keeps few snapshots may have moved on, and removed this one, in the meantime.
            if id is None and self.current() != name:
                return self.load()
            raise

    def _read(self, folder: Path) -> Book:
        try:
            meta = json.loads((folder / "about.json").read_text(encoding="utf-8"))
            if meta["format"] != FORMAT:
                raise NoSnapshotError(f"Snapshot {folder.name} was made by another version; {_AGAIN}")
            frames = {name: opened(folder, name) for name in meta["frames"]}
            return Book(_rules(meta["rules"]), frames, _about(meta["about"]))
        except (OSError, KeyError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
            what = f"{error.args[0]} is missing in about.json" if isinstance(error, KeyError) else str(error)
            raise OutstandingError(
                f"Snapshot {folder.name} in {self.path} cannot be read ({what.splitlines()[0]}); {_AGAIN}"
            ) from error

    @contextmanager
    def draft(self) -> Generator[Folder]:
        """A shelf in the store's own folder for the frames of the next snapshot; gone when it is not published.

        Raises:
            RefreshError: something could not be written, for example for want of space. Nothing has changed then.
        """
        building = self.path / f"{_BUILDING}{os.getpid()}"
        shelf = Folder(building)
        try:
            self.snapshots.mkdir(parents=True, exist_ok=True)
            self._sweep()
            building.mkdir()
            yield shelf
        except Exception as error:
            shelf.abandon()
            shutil.rmtree(building, ignore_errors=True)
            if isinstance(error, OSError):
                raise RefreshError(self._unwritten(error)) from error
            raise

    def publish(self, book: Book, made_at: datetime) -> Book:
        """Publish a book that is in memory; see ``publish_draft``."""
        with self.draft() as shelf:
            for name, frame in book.frames.items():
                shelf.put(name, frame)
            return self.publish_draft(shelf, book.rules, book.about, made_at)

    def publish_draft(self, shelf: Folder, rules: BookRules, about: Mapping[str, Any], made_at: datetime) -> Book:
        """Put the frames on ``shelf`` beside the other snapshots and move the pointer to them; returns the new book.

        Raises:
            RefreshError: it could not be written, for example for want of space. Nothing has changed then.
        """
        id = f"{made_at.astimezone(UTC):%Y%m%dT%H%M%S%f}Z-{about['fingerprint']}"
        told = {**about, "id": id, "made_at": made_at.isoformat()}
        finished = self.snapshots / id
        self._remember()
        try:
            for file in shelf.close():
                _reach_the_disk(file)
            meta = {"format": FORMAT, "frames": shelf.names, "rules": asdict(rules), "about": told}
            _write(shelf.path / "about.json", json.dumps(meta, default=str, ensure_ascii=False, indent=1))
            shelf.path.rename(finished)
            _reach_the_disk(self.snapshots)
            _replace(self.path / _POINTER, id)
        except (OSError, pl.exceptions.PolarsError) as error:
            if self._pointed_to() != id:
                shutil.rmtree(finished, ignore_errors=True)
            raise RefreshError(self._unwritten(error)) from error
        self._prune(id)
        return self._read(finished)

    @contextmanager
    def refreshing(self) -> Generator[None]:
        """Hold the right to publish. The system lets go of it when the process dies.

        Raises:
            RefreshError: another refresh holds it, or the folder cannot be written.
        """
        lock = FileLock(self.path / "refresh.lock", timeout=0)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise RefreshError(
                f"Another refresh is writing to {self.path}; wait for it to end and try again."
            ) from None
        except OSError as error:
            raise RefreshError(self._unwritten(error)) from error
        try:
            yield
        finally:
            lock.release()

    def note_attempt(self, at: datetime, problem: str | None) -> None:
        """Remember how the last refresh ended, for the screen; ``problem`` is ``None`` when it was published."""
        try:
            _replace(self.path / _LAST_ATTEMPT, json.dumps({"at": at.isoformat(), "problem": problem}))
        except OSError:
            return  # A full disk must not hide the reason why the refresh failed.

    def last_attempt(self) -> tuple[datetime, str | None] | None:
        """When the last refresh was tried, and its problem if it failed."""
        try:
            told = json.loads((self.path / _LAST_ATTEMPT).read_text(encoding="utf-8"))
            return datetime.fromisoformat(told["at"]), told["problem"]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def history(self) -> list[dict[str, Any]]:
        """What is known of each snapshot kept, newest first."""
        told: list[dict[str, Any]] = []
        for folder in sorted(self.snapshots.glob("*"), reverse=True):
            try:
                told.append(_about(json.loads((folder / "about.json").read_text(encoding="utf-8"))["about"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return told

    def findings(self) -> pl.DataFrame:
        """What each rule found in each snapshot kept, and in older refreshes: ``trend.FINDINGS``, newest first."""
        kept: list[pl.DataFrame] = []
        for told in self.history():
            try:
                rows = opened(self.snapshots / told["id"], "quality")
            except (OSError, ValueError, pl.exceptions.PolarsError):
                continue
            kept.append(trend.of_snapshot(told["id"], told["made_at"], rows))
        return trend.joined(*kept, trend.read(self.path / _FOUND))

    def _remember(self) -> None:
        """Keep what the rules found beyond the snapshots; a refresh that cannot is none the worse."""
        with suppress(OSError, pl.exceptions.PolarsError):
            trend.write(self.path / _FOUND, trend.thinned(self.findings()))

    def _sweep(self) -> None:
        """Remove what a killed refresh left behind; called while holding the lock."""
        for left in self.path.glob(f"{_BUILDING}*"):
            shutil.rmtree(left, ignore_errors=True)
        # Ids begin with their time: one after the current was finished, and never pointed to.
        published = self._pointed_to()
        for left in self.snapshots.iterdir():
            if published and left.name > published:
                shutil.rmtree(left, ignore_errors=True)

    def _prune(self, current: str) -> None:
        folders = sorted((f for f in self.snapshots.iterdir() if f.is_dir() and f.name != current), reverse=True)
        for old in folders[max(self.keep - 1, 0) :]:
            shutil.rmtree(old, ignore_errors=True)
        # Whoever still reads the one before keeps all of it; of older ones the sums stay, which take little room.
        for file in (file_of(old, name) for old in folders[1:] for name in ROWS):
            with suppress(OSError):
                file.unlink(missing_ok=True)

    def _unwritten(self, error: Exception) -> str:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error)
        why = "no space is left on the disk" if full else str(error).splitlines()[0]
        return f"The snapshot could not be written to {self.path}: {why}. The last good snapshot still serves."


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _reach_the_disk(path: Path) -> None:
    """Wait until a file or folder is on the disk, so that a power cut after publishing finds it whole."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no way to wait for a folder.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(path: Path, text: str) -> None:
    """Put ``text`` in place of a file's content in one step."""
    fresh = path.with_name(f".{path.name}.new")
    _write(fresh, text)
    fresh.replace(path)
    _reach_the_disk(path.parent)


def _rules(stored: dict[str, Any]) -> BookRules:
    aging = stored["aging"] | {"edges": tuple(stored["aging"]["edges"])}
    return BookRules(
        company=stored["company"],
        reporting_currency=stored["reporting_currency"],
        dimensions=stored["dimensions"],
        aging=AgingRule(**aging),
        conversion=Conversion(stored["conversion"]),
        today=date.fromisoformat(stored["today"]),
        annual_rate=stored["annual_rate"],
        fixes=tuple(Fix(**one) for one in stored.get("fixes", ())),
    )


_DAYS = ("first_day", "last_day", "before_day")


def _about(stored: dict[str, Any]) -> dict[str, Any]:
    days = {name: date.fromisoformat(stored[name]) if stored.get(name) else None for name in _DAYS}
    return stored | days | {"made_at": datetime.fromisoformat(stored["made_at"])}
