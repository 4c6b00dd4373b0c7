"""The demo connector: builds the demonstration company on first use, then reads it as any other SQLite database."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
from filelock import FileLock
from pydantic import Field
from sqlalchemy.engine import URL

from config.settings import Settings
from config.validation import Section, validated
from data_sources import demo
from data_sources.connector import Health, Progress, Since
from data_sources.demo.build import FEWEST_INVOICES
from data_sources.sessions import Limits
from data_sources.sql import Sql
from ledger.errors import ConfigError, OutstandingError, SourceError

# Generous for a company of ten million invoices.
_LIMITS = Limits(connect=10, statement=3_600)


class DemoOptions(Section):
    """What a source file of ``kind = "demo"`` holds besides the mapping: how large a company, and which one."""

    invoices: int = Field(default=60_000, ge=FEWEST_INVOICES)
    seed: int = Field(default=7, ge=0)


@dataclass(frozen=True)
class _Recipe:
    """How the company on disk came about: what the settings asked for, what was built, and by which generator."""

    asked: tuple[int, int] | None
    built: tuple[int, int]
    generator: str


def demo_path(settings: Settings) -> Path:
    """The company's SQLite file, in the store."""
    return settings.store.path / "demo.sqlite"


def build_demo(
    settings: Settings, invoices: int, seed: int, output: Path | None = None, progress: Progress | None = None
) -> Path:
    """Build the company at any size and return its file.

    Without ``output`` it becomes the company that the demo source reads, until the source's own settings change.

    Raises:
        ConfigError: ``invoices`` or ``seed`` is out of range.
        SourceError: The file cannot be written.
    """
    if output is not None:
        _build(output, invoices, seed, progress)
        return output
    asked = _asked(_options(settings)) if settings.source.kind == "demo" else None
    return _replace(demo_path(settings), _Recipe(asked, (invoices, seed), _generator()), progress)


class DemoSource:
    """The SQL connector over a company that is there when it is needed."""

    def __init__(self, settings: Settings, options: DemoOptions, progress: Progress | None) -> None:
        self._path = demo_path(settings)
        self._options = options
        self._progress = progress
        url = URL.create("sqlite", database=str(self._path.absolute()))
        self._sql = Sql(settings.source, url, _LIMITS, tuple(settings.dimensions))

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:
        return cls(settings, _options(settings), progress)

    @property
    def ignored(self) -> Mapping[str, tuple[str, ...]]:
        return self._sql.ignored

    def describe(self) -> str:
        return f"demonstration company ({self._path})"

    def check(self) -> Health:
        try:
            self._prepare()
        except OutstandingError as error:
            return Health(False, str(error))
        return self._sql.check()

    def read(self, table: str) -> pl.DataFrame | None:
        self._prepare()
        return self._sql.read(table)

    def batches(self, table: str, since: Since | None = None) -> Iterator[pl.DataFrame] | None:
        self._prepare()
        return self._sql.batches(table, since)

    def close(self) -> None:
        self._sql.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        """Build the company unless the one on disk is what the settings ask for."""
        asked = _asked(self._options)
        generator = _generator()
        found = _recipe(self._path)
        if found is None or found.asked not in {asked, None}:
            _replace(self._path, _Recipe(asked, asked, generator), self._progress)
        elif found.generator != generator:
            _replace(self._path, _Recipe(asked, found.built, generator), self._progress)


def _options(settings: Settings) -> DemoOptions:
    return validated(DemoOptions, settings.source.options(), settings.source.file)


def _asked(options: DemoOptions) -> tuple[int, int]:
    return options.invoices, options.seed


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _recipe(path: Path) -> _Recipe | None:
    """How the company at ``path`` was built; None when it is not there or nothing says how."""
    if not path.is_file():
        return None
    try:
        told = json.loads(_beside(path).read_text(encoding="utf-8"))
        asked = tuple(told["asked"]) if told["asked"] else None
        return _Recipe(asked, tuple(told["built"]), told["generator"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replace(path: Path, recipe: _Recipe, progress: Progress | None) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            # Another process may have built the same company while this one waited.
            if _recipe(path) != recipe:
                _beside(path).unlink(missing_ok=True)
                _build(path, *recipe.built, progress)
                _beside(path).write_text(json.dumps(asdict(recipe)), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{path} cannot be written: {error.strerror or error}.") from None
    return path


def _build(path: Path, invoices: int, seed: int, progress: Progress | None) -> None:
    try:
        demo.build(path, invoices, seed, progress)
    except ValueError as error:
        raise ConfigError(f"{error}.") from None
    except (OSError, sqlite3.Error) as error:
        raise SourceError(f"{path} cannot be written: {error}.") from None


def _generator() -> str:
    """A mark of the code that builds the company, so that a newer version builds it anew."""
    folder = Path(demo.__file__).parent
    digest = hashlib.sha256()
    for module in sorted(folder.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
