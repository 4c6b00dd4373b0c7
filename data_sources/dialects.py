"""What each database needs to be read only, for a bounded time, and in one consistent state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Dialect:
    """How one kind of database is opened.

    ``connect_timeout``: the driver's name for it, by driver; "" for any other driver. ``begin``: statements that open
    the transaction, with ``{ms}`` and ``{s}`` for the statement time-out. ``fixed``: further arguments to connect.
    ``text``: what CAST calls a text.
    """

    label: str
    connect_timeout: Mapping[str, str] = field(default_factory=dict[str, str])
    begin: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    text: str = "VARCHAR"

    def arguments(self, driver: str, seconds: int) -> dict[str, Any]:
        """What to pass to the driver's ``connect``."""
        name = self.connect_timeout.get(driver) or self.connect_timeout.get("")
        return {**self.fixed, **({name: seconds} if name else {})}

    def opening(self, seconds: int) -> tuple[str, ...]:
        """The statements that open the transaction, filled in."""
        return tuple(statement.format(ms=seconds * 1000, s=seconds) for statement in self.begin)


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "duckdb": Dialect("DuckDB", fixed={"read_only": True}),
        "mariadb": Dialect(
            "MariaDB",
            {"": "connect_timeout", "mariadbconnector": "connect_timeout"},
            (
                "SET SESSION max_statement_time = {s}",
                "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
            ),
            text="CHAR",
        ),
        "mssql": Dialect("SQL Server", {"pyodbc": "timeout", "pymssql": "login_timeout"}, text="NVARCHAR(4000)"),
        "mysql": Dialect(
            "MySQL",
            {"": "connect_timeout", "mysqlconnector": "connection_timeout"},
            (
                "SET SESSION max_execution_time = {ms}",
                "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
            ),
            text="CHAR",
        ),
        "oracle": Dialect(
            "Oracle", {"oracledb": "tcp_connect_timeout"}, ("SET TRANSACTION READ ONLY",), text="VARCHAR2(4000)"
        ),
        "postgresql": Dialect(
            "PostgreSQL",
            {"psycopg": "connect_timeout", "psycopg2": "connect_timeout", "pg8000": "timeout", "asyncpg": "timeout"},
            (
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
                "SET LOCAL statement_timeout = {ms}",
            ),
            text="text",
        ),
        "sqlite": Dialect("SQLite", text="TEXT"),
    }
)


def dialect(name: str) -> Dialect:
    """The known dialect, or one that only bears its name: then the single-SELECT rule is the guard."""
    return DIALECTS.get(name, Dialect(name))
