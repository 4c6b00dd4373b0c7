"""The connector of cloud accounting: objects are fetched page by page, laid down as raw tables, and mapped by SQL."""

from __future__ import annotations

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self
from urllib.parse import urlsplit

import polars as pl
from pydantic import Field

from config.settings import Settings
from config.validation import CurrencyCode, Section, Text
from data_sources import queries, statement
from data_sources.columns import mapped
from data_sources.connector import Health, Progress, Since
from data_sources.rest import raw
from data_sources.rest.client import Client, Limits
from ledger.errors import ConfigError, OutstandingError
from ledger.schema import TABLES
from ledger.stacking import stacked

_SQL = Path(__file__).parent / "sql"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})

COMPANY = raw.Table("company", {"id": raw.TEXT, "name": raw.TEXT, "entity": raw.TEXT, "currency": raw.TEXT})
"""One row: whose books they are, what they are called here, and the currency they are kept in."""


class RestOptions(Section):
    """What every source file of cloud accounting may hold besides the mapping. Times are in seconds."""

    base_url: Text | None = None
    entity: Text | None = None
    base_currency: CurrencyCode | None = None
    connect_timeout: int = Field(default=10, ge=1)
    read_timeout: int = Field(default=60, ge=1)
    max_wait: int = Field(default=300, ge=0)
    retries: int = Field(default=4, ge=0)

    @property
    def limits(self) -> Limits:
        return Limits(self.connect_timeout, self.read_timeout, self.max_wait, self.retries)


@dataclass(frozen=True)
class Company:
    """Whose books a service holds, and how a person knows them."""

    id: str
    name: str
    currency: str | None
    note: str = ""


class Rest(ABC):
    """Canonical tables from a service's objects.

    Everything is fetched when the first table is read. A service gives no single state of its books: what is changed
    while it is read may be seen or not.
    """

    label: ClassVar[str]
    name: ClassVar[str]
    tables: ClassVar[tuple[raw.Table, ...]]
    _client: Client

    def __init__(self, settings: Settings, options: RestOptions, progress: Progress | None) -> None:
        source = settings.source
        self._source = source
        self._entity = options.entity
        self._currency = options.base_currency
        self._dimensions = tuple(settings.dimensions)
        self._tell: Progress = progress or (lambda _what, _share: None)
        self._ignored: dict[str, tuple[str, ...]] = {}
        self._frames: Mapping[str, pl.LazyFrame] = {}
        self._work: tempfile.TemporaryDirectory[str] | None = None
        if source.changes is not None:
            raise ConfigError(f"{source.file}: {self.label} is always read whole; remove [changes].")

    @classmethod
    @abstractmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self: ...

    @abstractmethod
    def company(self) -> Company:
        """Whose books these are. One request or two."""

    @abstractmethod
    def fetch(self, rows: raw.Rows, company: Company) -> None:
        """Lay down all objects in ``rows``."""

    @property
    def ignored(self) -> Mapping[str, tuple[str, ...]]:
        return MappingProxyType(self._ignored)

    @abstractmethod
    def describe(self) -> str: ...

    def check(self) -> Health:
        try:
            company = self.company()
            for table in TABLES:
                if table in self._mappings:
                    statement.select(*self._mappings[table])
        except OutstandingError as error:
            return Health(False, str(error))
        currency = f", books in {company.currency}" if company.currency else ""
        note = f", {company.note}" if company.note else ""
        return Health(
            True, f"Connected to {self.label}: {company.name} ({company.id}){currency}{note}; it is only read."
        )

    def read(self, table: str) -> pl.DataFrame | None:
        batches = self.batches(table)
        return None if batches is None else stacked(list(batches))

    def batches(self, table: str, since: Since | None = None) -> Iterator[pl.DataFrame] | None:  # noqa: ARG002 - never asked for without [changes]
        if table in self._mappings:
            return self._read(table)
        return None

    def _read(self, table: str) -> Iterator[pl.DataFrame]:
        sql, origin = self._mappings[table]
        query = statement.select(sql, origin)
        every = self._fetched()
        names = [one.name for one in (COMPANY, *self.tables)]
        frames = {name: every[name] for name in names if statement.mentions(query, name)}
        for frame in queries.collected(lambda: queries.selected(query, frames), table, origin, frames, names):
            result = mapped(frame, table, origin, self._dimensions)
            self._ignored[table] = result.ignored
            yield result.frame

    def close(self) -> None:
        self._client.close()
        self._frames = {}
        if self._work is not None:
            self._work.cleanup()
            self._work = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _mappings(self) -> Mapping[str, tuple[str, str]]:
        """SQL and where it is written, by canonical table: those that come with the connector, and the user's own."""
        shipped = {
            file.stem: (file.read_text(encoding="utf-8"), f"the {self.label} mapping of {file.stem}")
            for file in sorted((_SQL / self.name).glob("*.sql"))
        }
        own = {table: (sql, self._source.origin(table)) for table, sql in self._source.mapping.items()}
        return {**shipped, **own}

    def _fetched(self) -> Mapping[str, pl.LazyFrame]:
        """Every raw table; what was begun and broke off is begun again."""
        if not self._frames:
            company = self.company()
            self._work = self._work or tempfile.TemporaryDirectory(prefix="outstanding-")
            rows = raw.Rows((COMPANY, *self.tables), Path(self._work.name))
            currency = self._currency or company.currency
            entity = self._entity or company.name
            rows.add(COMPANY.name, {"id": company.id, "name": company.name, "entity": entity, "currency": currency})
            self.fetch(rows, company)
            self._frames = rows.frames()
        return self._frames

    def _note(self, what: str, count: int) -> None:
        """Tell how far the reading has come; how much there is, no service says."""
        self._tell(f"reading {what} from {self.label}: {count:,}", count / (count + 10_000))


def address(written: str | None, usual: str, key: str, file: Path) -> str:
    """A service's address, without the closing slash.

    Raises:
        ConfigError: it is none, or a login would cross the network in the clear.
    """
    text = (written or usual).rstrip("/")
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        parts, host = None, ""
    if parts is None or not host or parts.scheme not in {"http", "https"} or parts.username or parts.query:
        raise ConfigError(f"{file}: {key} is not an address; write it like {usual}.")
    if parts.scheme == "http" and host not in _HERE:
        raise ConfigError(f"{file}: {key} begins with http://; the login would be readable on the way. Write https://.")
    return text
