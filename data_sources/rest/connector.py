"""The connector of cloud accounting: objects are fetched page by page, laid down as raw tables, and mapped by SQL."""

from __future__ import annotations

import hashlib
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self
from urllib.parse import urlsplit

import polars as pl
from pydantic import Field

import data_sources.rest
from config.settings import Settings
from config.validation import CurrencyCode, Section, Text
from data_sources import queries, statement
from data_sources.columns import mapped
from data_sources.connector import Health, Progress, Since
from data_sources.rest import raw
from data_sources.rest.client import Client, Limits
from data_sources.rest.kept import Kept, forget, tidy
from data_sources.rest.objects import Thing
from ledger.errors import ConfigError, OutstandingError
from ledger.fingerprint import stamp_of
from ledger.schema import TABLES
from ledger.stacking import stacked

_SQL = Path(__file__).parent / "sql"
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})

_WINDOW = timedelta(days=29)
"""How long a service is sure to tell what changed; QuickBooks says 30 days."""

_OVERLAP = timedelta(minutes=15)
"""Changes are asked for from so long before the last refresh on: a change may be stamped before it can be seen."""

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
    changed_since: bool = False
    whole_every: int = Field(default=20, ge=1)

    @property
    def limits(self) -> Limits:
        return Limits(self.connect_timeout, self.read_timeout, self.max_wait, self.retries)


@dataclass(frozen=True)
class Company:
    """Whose books a service holds, and how a person knows them. ``clock``: what time it is there, where it says so."""

    id: str
    name: str
    currency: str | None
    note: str = ""
    clock: datetime | None = None


class UnclearError(Exception):
    """What changed cannot be told from what a service said: everything must be read."""


class Rest(ABC):
    """Canonical tables from a service's objects.

    Everything is fetched when the first table is read. A service gives no single state of its books: what is changed
    while it is read may be seen or not.

    ``ids``: the kinds of objects that can be kept between refreshes, and what each calls its id. Without any, all is
    read each time.
    """

    label: ClassVar[str]
    name: ClassVar[str]
    tables: ClassVar[tuple[raw.Table, ...]]
    ids: ClassVar[Mapping[str, str]] = MappingProxyType({})
    _client: Client

    def __init__(self, settings: Settings, options: RestOptions, progress: Progress | None) -> None:
        source = settings.source
        self._source = source
        self._options = options
        self._folder = settings.store.path / "objects" / source.name
        self._remembers = False
        self._full = False
        self._kept: Kept | None = None
        self._clock: datetime | None = None
        self._entity = options.entity
        self._currency = options.base_currency
        self._dimensions = tuple(settings.dimensions)
        self._tell: Progress = progress or (lambda _what, _share: None)
        self._ignored: dict[str, tuple[str, ...]] = {}
        self._frames: Mapping[str, pl.LazyFrame] = {}
        self._work: tempfile.TemporaryDirectory[str] | None = None
        if source.changes is not None:
            raise ConfigError(f"{source.file}: {self.label} does not take [changes]; remove it.")
        if options.changed_since and not self.ids:
            raise ConfigError(f"{source.file}: {self.label} is always read whole; remove changed_since.")

    @classmethod
    @abstractmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self: ...

    @abstractmethod
    def company(self) -> Company:
        """Whose books these are. One request or two."""

    @abstractmethod
    def fetch(self, rows: raw.Rows, company: Company) -> None:
        """Lay down all ``objects`` in ``rows``."""

    def whole(self, kind: str) -> Iterator[Thing]:
        """Every object of a kind of ``ids``, from the service."""
        raise NotImplementedError(kind)

    def changes(self, kept: Kept, since: datetime) -> None:
        """Bring ``kept`` up to date, asking only for what changed since a moment of the service's clock.

        Raises:
            UnclearError: it must be read whole.
        """
        raise NotImplementedError

    def objects(self, kind: str) -> Iterator[Thing]:
        """Every object of a kind: those that are kept, which were brought up to date, or else from the service."""
        if self._kept is None:
            yield from self.whole(kind)
        else:
            yield from (self.thing(kind, values) for _, values in self._kept.each(kind))

    def thing(self, kind: str, values: object) -> Thing:
        """An object of a kind of ``ids``."""
        return Thing(self.label, kind.rstrip("s"), values, self.ids[kind])

    def lay(self, kept: Kept, kind: str) -> None:
        """Read all objects of a kind in the place of those in ``kept``."""
        kept.lay(kind, ((thing.must(self.ids[kind]), thing.values) for thing in self.whole(kind)))

    def remember(self, *, full: bool = False) -> None:
        self._remembers, self._full = self._options.changed_since, full
        if not self._remembers:
            forget(self._folder)

    def keep(self) -> None:
        if self._kept is not None and self._clock is not None and self._frames:
            self._kept.commit(self._clock)

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
        self._kept = None
        if self._remembers:
            tidy(self._folder)
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
            if self._remembers:
                self._kept = self._renewed(company)
            self.fetch(rows, company)
            self._frames = rows.frames()
        return self._frames

    def _renewed(self, company: Company) -> Kept | None:
        """The objects that are kept, as the service has them now; nothing where it does not say what time it is."""
        self._clock = company.clock
        if company.clock is None:
            return None
        kept = Kept(self._folder, self._mark(company), self.ids)
        since = self._since(kept, company.clock)
        try:
            if since is not None:
                self._tell(f"reading what changed in {self.label}", 0.0)
                self.changes(kept, since)
                return kept
        except UnclearError as why:
            self._tell(f"reading all of {self.label}: {why}", 0.0)
        kept.begin_anew()
        for kind in self.ids:
            self.lay(kept, kind)
        return kept

    def _since(self, kept: Kept, clock: datetime) -> datetime | None:
        """From when on changes are asked for; nothing where all must be read."""
        if self._full or kept.seen is None or kept.runs >= self._options.whole_every:
            return None
        return kept.seen - _OVERLAP if kept.seen <= clock <= kept.seen + _WINDOW else None

    def _mark(self, company: Company) -> str:
        """A name for all that decides which objects come: whose books, the settings without secrets, the code."""
        said = [self.describe(), company.id, company.currency, repr(self._options), stamp_of([data_sources.rest])]
        return hashlib.sha256(repr(said).encode()).hexdigest()

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
