"""Where the state database is, and how it is opened: a file in the store's folder, or a PostgreSQL server."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from config.settings import Settings
from ledger.errors import ConfigError

FILE = "state.sqlite"
_BUSY_SECONDS = 15
_CONNECT_SECONDS = 10
_WRITES = "outstanding_writes"


@dataclass(frozen=True)
class Place:
    """A database's address. Its text form shows no secret."""

    url: URL

    @property
    def file(self) -> Path | None:
        """The SQLite file, or ``None`` on a server."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    @property
    def label(self) -> str:
        """What the database is called in a sentence: never with a user name or a password."""
        if self.file:
            return str(self.file)
        return f"the PostgreSQL database '{self.url.database or ''}' at {self.url.host or 'this machine'}"

    @property
    def key(self) -> str:
        """Tells places apart, the password included, without showing any of it: a key for caches."""
        return hashlib.sha256(self.url.render_as_string(hide_password=False).encode()).hexdigest()

    def __repr__(self) -> str:
        return f"Place({self.label!r})"


def place(settings: Settings) -> Place:
    """Where the state of ``settings`` is kept.

    Raises:
        ConfigError: ``[state] url`` is no URL, or needs a variable that is not set.
    """
    given = settings.state.url()
    if given is None:
        return Place(URL.create("sqlite", database=str(settings.store.path / FILE)))
    try:
        url = sa.make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        # The cause would quote the URL.
        raise ConfigError(
            f"{settings.state.file}: state.url is not a database URL; a sign such as '@', '/' or '%' in a password "
            "must be percent-encoded, or stand in a variable of its own."
        ) from None
    if backend == "sqlite":
        if url.database in (None, "", ":memory:") or url.query:
            raise ConfigError(f"{settings.state.file}: state.url must name a file, such as 'sqlite:///state.sqlite'.")
        return Place(url.set(drivername="sqlite"))
    return Place(url.set(drivername="postgresql+psycopg"))


def engine(where: Place) -> Engine:
    """Connections to ``where``, each with its guards set. Nothing is opened yet."""
    if where.file is not None:
        return _sqlite(where.url)
    return sa.create_engine(
        where.url,
        pool_size=4,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": "outstanding"},
        hide_parameters=True,
    )


def writing(database: Engine) -> Engine:
    """The same database, for transactions that write: SQLite takes its one writer's place at their start."""
    return database.execution_options(**{_WRITES: True})


def _sqlite(url: URL) -> Engine:
    # A connection a question: opening a file takes well under a millisecond, and a file that was put back is seen.
    database = sa.create_engine(
        url, poolclass=sa.NullPool, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True
    )
    event.listen(database, "connect", _prepare_sqlite)
    event.listen(database, "begin", _begin_sqlite)
    return database


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # Python's own way of beginning a transaction leaves out reads and changes of tables.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
