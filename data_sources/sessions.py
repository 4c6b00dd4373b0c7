"""Open databases: one consistent, read-only transaction each, and queries answered as frames."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, CursorResult

from data_sources import rows
from data_sources.dialects import Dialect, dialect
from ledger.stacking import stacked

# SQLite asks whether it should go on after this many steps of its virtual machine: some milliseconds.
_STEPS = 200_000

_MONEY = 790
"""PostgreSQL's number of the type money, which all its drivers give."""


@dataclass(frozen=True)
class Limits:
    """Seconds to wait for a connection, and for a query."""

    connect: int
    statement: int


class Session(Protocol):
    """A transaction that reads.

    ``money``: the columns of the last SELECT that are of PostgreSQL's type ``money``. One driver gives them as cents,
    another as a text that depends on the server's country: neither is an amount.
    """

    money: frozenset[str] = frozenset()

    def schema(self) -> str:
        """The schema whose tables are found without naming it; empty where there is none to name."""
        return ""

    def frames(self, sql: str) -> Generator[pl.DataFrame]:
        """All rows of one SELECT in batches, one at least, read while they are asked for."""
        ...

    def frame(self, sql: str) -> pl.DataFrame:
        """All rows of one SELECT."""
        return stacked(list(self.frames(sql)))

    def close(self) -> None: ...


class SqliteSession(Session):
    """An SQLite file, opened so that nothing can be written.

    Through Python's own driver, which can be told to stop. Arrow's driver takes half the time, but twice the memory,
    has no time-out, and fails on a column that turns from numbers to text after its first rows.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._deadline = float("inf")
        address = f"file:{quote(str(path))}?mode=ro"
        self._connection = sqlite3.connect(address, uri=True, timeout=limits.connect, isolation_level=None)
        self._connection.set_progress_handler(self._overdue, _STEPS)
        self._connection.execute("PRAGMA query_only = ON")
        self._connection.execute("BEGIN")
        # The first look into the file: from here on one state is seen, and a file that is no database is found out.
        self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def frames(self, sql: str) -> Generator[pl.DataFrame]:
        self._deadline = time.monotonic() + self._limits.statement
        cursor = self._connection.execute(sql)
        try:
            yield from rows.frames([column[0] for column in cursor.description], _batches(cursor))
        finally:
            # Whoever stops half-way may have closed the connection already.
            with suppress(sqlite3.ProgrammingError):
                cursor.close()
            self._deadline = float("inf")

    def close(self) -> None:
        self._connection.close()

    def _overdue(self) -> bool:
        return time.monotonic() > self._deadline


class SqlalchemySession(Session):
    """Any database that SQLAlchemy has a driver for, rows streamed where the driver can."""

    def __init__(self, url: URL, limits: Limits) -> None:
        name = url.get_backend_name()
        known = dialect(name)
        arguments = known.arguments(url.get_driver_name(), limits.connect)
        self._engine = sa.create_engine(url, connect_args=arguments, poolclass=sa.NullPool)
        self._connection: Connection = self._engine.connect()
        if getattr(self._engine.dialect, "is_mariadb", False):
            # A MariaDB server may be addressed as MySQL, and has other settings.
            known = dialect("mariadb")
        try:
            self._begin(name, known, limits.statement)
        except BaseException:
            self.close()
            raise

    def _begin(self, name: str, known: Dialect, seconds: int) -> None:
        raw: Any = self._connection.connection.dbapi_connection
        if name == "oracle":
            raw.call_timeout = seconds * 1000
        elif name == "mssql":
            raw.timeout = seconds
        for statement in known.opening(seconds):
            self._connection.exec_driver_sql(statement)

    def frames(self, sql: str) -> Generator[pl.DataFrame]:
        # Without parameters a driver leaves '%' alone.
        options = {"stream_results": True, "no_parameters": True}
        with self._connection.exec_driver_sql(sql, execution_options=options) as result:
            names: Sequence[str] = list(result.keys())
            self.money = self._of_money(result)
            yield from rows.frames(names, result.partitions(rows.BATCH))

    def schema(self) -> str:
        return self._engine.dialect.default_schema_name or self._engine.url.database or ""

    def _of_money(self, result: CursorResult[Any]) -> frozenset[str]:
        if self._engine.dialect.name != "postgresql" or result.cursor is None:
            return frozenset()
        told: Sequence[Sequence[Any]] = result.cursor.description or ()
        return frozenset(str(column[0]) for column in told if column[1] == _MONEY)

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    while batch := cursor.fetchmany(rows.BATCH):
        yield batch


_OWN = "'pg_catalog', 'information_schema', 'mysql', 'sys', 'performance_schema'"


@dataclass(frozen=True)
class Listed:
    """A table or view that can be seen, with its columns; ``schema`` only where it must be said to find it.

    ``types``: of the columns, as the database calls them.
    """

    name: str
    columns: tuple[str, ...]
    schema: str = ""
    types: tuple[str, ...] = ()


def catalogue(session: Session, backend: str) -> list[Listed]:
    """The tables and views that can be seen, by name; the columns in their order.

    Databases without ``information_schema``, such as Oracle, raise what they raise.
    """
    if backend == "sqlite":
        sql = (
            "SELECT '' AS s, m.name AS t, p.name AS c, p.type AS d, p.cid AS n FROM sqlite_master AS m, "
            "pragma_table_info(m.name) AS p "
            "WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
    else:
        sql = (
            "SELECT table_schema AS s, table_name AS t, column_name AS c, data_type AS d, "  # noqa: S608 - ours
            f"ordinal_position AS n FROM information_schema.columns WHERE table_schema NOT IN ({_OWN})"
        )
    text = [pl.nth(at).cast(pl.String).alias(name) for at, name in enumerate("stcd")]
    found = session.frame(sql).select(*text, pl.nth(4).cast(pl.Int64).alias("n")).sort("s", "t", "n")
    usual = session.schema()
    return [
        Listed(name, tuple(columns), "" if schema == usual else schema, tuple(types))
        for schema, name, columns, types in found.group_by("s", "t", maintain_order=True).agg("c", "d").iter_rows()
    ]
