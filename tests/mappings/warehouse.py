"""Small warehouses for tests: the same tables and rows in SQLite and in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from config.presets import FOLDER
from ledger.book import Book
from ledger.listing import history
from metrics.movement import movement
from tests.mappings.books import buckets, made, open_by_document

Row = dict[str, Any]
NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)
DATABASES = ("sqlite", "postgresql")

_schemas = count(1)


class Tables:
    """Rows by table. ``columns``: of each table, its columns as SQL declares them, which both databases understand."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self.columns = columns
        self.rows: dict[str, list[Row]] = {name: [] for name in columns}
        self._ids = count(1)

    def add(self, table: str, **values: Any) -> Row:
        self.rows[table].append(values)
        return values

    def id(self, mark: str) -> str:
        """An id that no other row has."""
        return f"{mark}{next(self._ids)}"

    def sqlite(self, folder: Path) -> str:
        """Writes an SQLite file, and returns its address."""
        file = folder / "warehouse.sqlite"
        with sqlite3.connect(file) as base:
            for name, columns in self.columns.items():
                base.execute(f'CREATE TABLE "{name}" ({columns})')
                for row in self.rows[name]:
                    named = ", ".join(f'"{column}"' for column in row)
                    holes = ", ".join("?" * len(row))
                    base.execute(f'INSERT INTO "{name}" ({named}) VALUES ({holes})', list(row.values()))
        base.close()
        return f"sqlite:///{file}"

    def postgres(self, admin: str) -> str:
        """Writes a schema of its own into the server, and returns its name."""
        schema = f"warehouse_{next(_schemas)}"
        with psycopg.connect(admin) as base:
            base.execute(f"CREATE SCHEMA {schema}".encode())
            for name, columns in self.columns.items():
                base.execute(f'CREATE TABLE {schema}."{name}" ({columns})'.encode())
                for row in self.rows[name]:
                    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                        sql.Identifier(schema, name),
                        sql.SQL(", ").join(map(sql.Identifier, row)),
                        sql.SQL(", ").join(sql.Placeholder() * len(row)),
                    )
                    base.execute(insert, list(row.values()))
        return schema


class Warehouse:
    """A preset over ``tables`` in one of the databases."""

    def __init__(self, preset: str, tables: Tables, request: pytest.FixtureRequest, folder: Path) -> None:
        self.preset, self.tables, self._request, self._folder = preset, tables, request, folder
        self.database: str = getattr(request, "param", "sqlite")

    def book(self, currency: str = "USD", parameters: Mapping[str, str] | None = None, **options: Any) -> Book:
        """The books of the rows as they are now."""
        given = dict(parameters or {})
        if self.database == "sqlite":
            url = self.tables.sqlite(self._folder)
        else:
            url = self._request.getfixturevalue("postgres").admin
            given["prefix"] = f"{self.tables.postgres(url)}."
        said = "\n".join(f'{name} = "{value}"' for name, value in given.items())
        source = f'kind = "sql"\nurl = "{url}"\n[parameters]\n{said}'
        return made(self._folder / "config", self.preset, source, currency=currency, now=NOW, **options)


def told(book: Book) -> set[tuple[str, str]]:
    """Each rule that found something, with its table."""
    return {(row["table"], row["rule"]) for row in book.quality.to_dicts() if row["rows"]}


def alike(preset: str, table: str, dialect: str, pieces: Sequence[tuple[str, str]]) -> bool:
    """Whether the file of ``table`` for ``dialect`` says what the usual one says, but for ``pieces``."""
    folder = FOLDER / preset
    usual, other = (folder / f"{table}.sql").read_text(), (folder / f"{table}.{dialect}.sql").read_text()
    for here, there in pieces:
        usual = usual.replace(here, there)
    return usual == other


def open_at(book: Book, day: str) -> dict[str, float]:
    """What is open at the end of ``day`` by document, in its own currency; nothing where only base money is."""
    found = open_by_document(book, date.fromisoformat(day))
    return {id: float(amount) for id, (_, amount, _) in found.items() if amount}


def base_at(book: Book, day: str) -> dict[str, float]:
    """What is open at the end of ``day`` by document, in the reporting currency."""
    found = open_by_document(book, date.fromisoformat(day))
    return {id: float(base) for id, (_, _, base) in found.items() if base}


def settled(book: Book, document: str) -> list[tuple[str, str, float]]:
    """What settled a document: the day it counts from, kind and amount, in order."""
    rows = history(book, document).select("effective_on", "kind", "amount")
    return [(day.isoformat(), kind, round(amount, 3)) for day, kind, amount in rows.iter_rows()]


def moved(book: Book, day: str = "2025-12-31") -> dict[str, float]:
    """The lines of the roll-forward over the twelve months to ``day``, without those of nothing."""
    rows = movement(book, date.fromisoformat(day), "12mo").select("line", "amount")
    return {line: round(amount, 2) for line, amount in rows.iter_rows() if round(amount, 2)}


def bucketed(book: Book, day: str) -> dict[str, float]:
    """The aged total of ``day`` by bucket."""
    return {bucket: float(amount) for (bucket,), amount in buckets(book, date.fromisoformat(day)).items()}
