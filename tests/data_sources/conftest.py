"""Real sources for the tests: files in every format, SQLite, and a PostgreSQL server of its own."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import polars as pl
import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from tests import servers
from tests.data_sources.contract import AMOUNTS, DATES, RAW

PASSWORD = "p@ss/w:rd #1%41"  # noqa: S105 - every sign that a URL minds


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server: its socket folder, and the address of its superuser."""

    folder: str
    admin: str

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://reader:${{TEST_PASSWORD}}@/{database}?host={quote(self.folder, safe='/')}"


@pytest.fixture(scope="session")
def postgres():
    """A server with the tiny ledger, a reader who must give a password, and a table it may not read."""
    with servers.postgres() as server:
        _fill(server.admin, server.folder)
        yield Server(str(server.folder), server.admin)


def _fill(uri: str, data: Path) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(SQL("CREATE ROLE reader LOGIN PASSWORD {}").format(PASSWORD))
        connection.execute("CREATE TABLE hidden (x text)")
        for name, frame in RAW.items():
            table = Identifier(name)
            columns = SQL(", ").join(map(_postgres_column, frame.columns))
            connection.execute(SQL("CREATE TABLE {} ({})").format(table, columns))
            holes = SQL(", ").join([Placeholder()] * frame.width)
            with connection.cursor() as cursor:
                cursor.executemany(SQL("INSERT INTO {} VALUES ({})").format(table, holes), frame.rows())
            connection.execute(SQL("GRANT SELECT ON {} TO reader").format(table))
        rules = data / "pg_hba.conf"
        rules.write_text("local all reader scram-sha-256\n" + rules.read_text())
        connection.execute("ALTER SYSTEM SET fsync = off")  # No test pulls the plug, and its disk is thrown away.
        connection.execute("SELECT pg_reload_conf()")


def _postgres_column(column: str) -> Composed:
    kind: LiteralString = "date" if column in DATES else "numeric" if column in AMOUNTS else "text"
    return SQL("{} {}").format(Identifier(column), SQL(kind))


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv("TEST_PASSWORD", PASSWORD)
    return PASSWORD


@pytest.fixture
def ledger_sqlite(tmp_path) -> Path:
    """The tiny ledger in SQLite, every value as text."""
    path = tmp_path / "erp.sqlite"
    connection = sqlite3.connect(path)
    for name, frame in RAW.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} TEXT' for column in frame.columns)})")
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * frame.width)})", frame.rows())
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def typed() -> dict[str, pl.DataFrame]:
    """The tiny ledger with dates as dates and amounts as decimals."""
    return {
        name: frame.with_columns(
            pl.col([c for c in frame.columns if c in DATES]).str.to_date(),
            pl.col([c for c in frame.columns if c in AMOUNTS]).cast(pl.Decimal(18, 2)),
        )
        for name, frame in RAW.items()
    }


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in list(os.environ):
        if name.startswith("OUTSTANDING_"):
            monkeypatch.delenv(name)
