"""Real sources for the tests: files in every format, SQLite, and a PostgreSQL server of its own."""

from __future__ import annotations

import gzip
import io
import os
import re
import sqlite3
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote
from uuid import uuid4

import httpx
import polars as pl
import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from config.settings import load
from data_sources.connector import Connector
from data_sources.registry import open_connector
from ledger.errors import ConfigError, SourceError
from tests import servers
from tests.data_sources import lake_tables
from tests.data_sources.contract import AMOUNTS, DATES, RAW, mapped

RATES = "SELECT currency, date, rate FROM rates"

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


@pytest.fixture(scope="session")
def object_store():
    """A server that speaks S3."""
    if missing := servers.object_store_missing():
        pytest.skip(missing)
    with servers.object_store() as server:
        yield server


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own for one test. What it takes to reach it is in the environment."""

    store: servers.ObjectStore
    name: str

    @property
    def address(self) -> str:
        return f"s3://{self.name}"

    @property
    def options(self) -> dict[str, str]:
        """For whoever writes Delta tables into it."""
        return {**self.store.environment, "allow_http": "true"}

    @property
    def iceberg(self) -> dict[str, str]:
        """For whoever writes Iceberg tables into it."""
        names = {"AWS_ENDPOINT_URL": "s3.endpoint", "AWS_REGION": "s3.region"}
        keys = {"AWS_ACCESS_KEY_ID": "s3.access-key-id", "AWS_SECRET_ACCESS_KEY": "s3.secret-access-key"}
        return {told: self.store.environment[name] for name, told in {**names, **keys}.items()}

    def put(self, key: str, content: bytes | str) -> None:
        self.store.put(self.name, key, content.encode() if isinstance(content, str) else content)

    def put_rows(self, key: str, rows: pl.DataFrame) -> None:
        """As Parquet."""
        file = io.BytesIO()
        rows.write_parquet(file)
        self.put(key, file.getvalue())

    def contents(self) -> list[tuple[str, str]]:
        """Every key and the mark of what is there."""
        found = httpx.get(f"{self.store.url}/{self.name}?list-type=2").raise_for_status().text
        return re.findall(r"<Key>(.*?)</Key>.*?<ETag>(.*?)</ETag>", found, re.DOTALL)


@pytest.fixture
def storage_login(object_store, monkeypatch):
    """What it takes to reach the store, in the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(object_store, storage_login):  # noqa: ARG001 - a fixture for its effect
    made = Bucket(object_store, f"ledger{uuid4().hex[:8]}")
    object_store.bucket(made.name)
    return made


@pytest.fixture(scope="session")
def filled_bucket(object_store):
    """The tiny ledger in every form that a store may hold it in, for tests that only read."""
    made = Bucket(object_store, "the-tiny-ledger")
    object_store.bucket(made.name)
    for name, frame in RAW.items():
        # Packed, with a title above the header.
        made.put(f"csv/{name}.csv.gz", gzip.compress(b"Report\n" + frame.write_csv().encode()))
        made.put(f"ndjson/{name}.ndjson", frame.write_ndjson())
    with lake_tables.Catalogue(f"{made.address}/iceberg", **made.iceberg) as catalogue:
        for name, frame in typed_tables().items():
            for part, rows in enumerate((frame.head(1), frame.slice(1))):
                made.put_rows(f"parquet/{name}/part-{part}.parquet", rows)
            lake_tables.delta(f"{made.address}/delta/{name}", frame, made.options)
            catalogue.table(name, frame)
    return made


@pytest.fixture(scope="session")
def lake_folder(tmp_path_factory):
    """The tiny ledger as tables of lakes on this machine, for tests that only read."""
    folder = tmp_path_factory.mktemp("lake")
    for name, frame in typed_tables().items():
        lake_tables.delta(folder / "delta" / name, frame)
        lake_tables.iceberg(folder / "iceberg", name, frame)
    return folder


@dataclass(frozen=True)
class RatesSource:
    """A source of files below ``folder`` that gives nothing but ``fx_rates``."""

    folder: Path

    def opened(self, tables: str, sql: str = RATES) -> Connector:
        """``tables``: what follows [tables] in the source file."""
        text = f'kind = \'files\'\n[tables]\n{tables}\n[mapping]\nfx_rates = """{sql}"""\n'
        (self.folder / "sources").mkdir(exist_ok=True)
        (self.folder / "app.toml").write_text('reporting_currency = "USD"\nsource = "it"\n')
        (self.folder / "sources" / "it.toml").write_text(text, encoding="utf-8")
        return open_connector(load(self.folder))

    def read(self, tables: str, sql: str = RATES) -> pl.DataFrame:
        with self.opened(tables, sql) as source:
            return mapped(source, "fx_rates")

    def refused(self, tables: str, sql: str = RATES) -> str:
        """The one sentence that a person is told, the same by a first look and by a refresh."""
        with pytest.raises((SourceError, ConfigError)) as caught:
            self.read(tables, sql)
        said = str(caught.value)
        assert "\n" not in said
        assert said.endswith((".", "?")) or "pip install" in said
        everything = "".join(traceback.format_exception(caught.value))
        assert "hushhush" not in everything
        assert "object-store error" not in said
        return said


@pytest.fixture
def rates(tmp_path) -> RatesSource:
    return RatesSource(tmp_path)


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
    return typed_tables()


def typed_tables() -> dict[str, pl.DataFrame]:
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
