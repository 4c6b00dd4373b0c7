"""An ERP's tables through its preset into books, and what these say of a day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from config.settings import load
from data_sources.refresh import refresh
from ledger.book import Book
from ledger.listing import open_items
from metrics.aging import aging

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""The moment of a refresh where a test says nothing else."""


def sqlite_of(file: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """An SQLite file with ``tables``, rows by name, and its address. A table's columns are those of all its rows."""
    with sqlite3.connect(file) as base:
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            named = ", ".join(f'"{column}"' for column in columns)
            base.execute(f'CREATE TABLE "{name}" ({named})')
            holes = ", ".join("?" * len(columns))
            base.executemany(
                f'INSERT INTO "{name}" VALUES ({holes})',
                [[row.get(column) for column in columns] for row in rows],
            )
    base.close()
    return f"sqlite:///{file}"


def made(
    folder: Path,
    preset: str,
    source: str,
    *,
    currency: str,
    aging: str | None = None,
    dimensions: Iterable[str] = ("entity",),
    now: datetime = NOW,
    force: bool = False,
) -> Book:
    """The books of a refresh through ``preset``.

    Args:
        folder: where the configuration and the store are made; an own one for each call.
        preset: its name.
        source: what else the source file says, such as its ``kind``, ``url`` and ``[parameters]``.
        currency: the reporting currency.
        aging: the preset whose report's buckets are followed; that of the source if left out.
        dimensions: columns to group by.
        now: the moment of the refresh.
        force: publish whatever was kept out.
    """
    (folder / "sources").mkdir(parents=True)
    named = "\n".join(f'{name} = "{name}"' for name in dimensions)
    (folder / "app.toml").write_text(
        f'reporting_currency = "{currency}"\nsource = "erp"\n[store]\npath = "{folder / "store"}"\n'
        f'[aging]\npreset = "{aging or preset}"\n[dimensions]\n{named}\n'
    )
    (folder / "sources" / "erp.toml").write_text(f'preset = "{preset}"\n{source}\n')
    return refresh(load(folder), now=now, force=force)


def open_by_document(book: Book, day: date) -> dict[str, tuple[str, Decimal, Decimal]]:
    """What is open at the end of ``day``: document id to currency, amount in it, and in the reporting currency."""
    rows = open_items(book, day).select("document_id", "currency", "open_amount", "open")
    return {id: (currency, _cents(amount), _cents(base)) for id, currency, amount, base in rows.iter_rows()}


def buckets(book: Book, day: date, by: Sequence[str] = ()) -> dict[tuple[Any, ...], Decimal]:
    """The aged total of ``day`` in the reporting currency: (group…, bucket) to amount, without empty ones."""
    rows = aging(book, [day], by=by).filter(pl.col("amount") != 0)
    return {
        (*keys, bucket): _cents(amount) for *keys, bucket, amount in rows.select(*by, "bucket", "amount").iter_rows()
    }


def differences(book: Book) -> list[dict[str, Any]]:
    """Where the ERP's own word on what is open now is another than that of the books."""
    return book.frames["verified"].to_dicts()


def _cents(amount: float) -> Decimal:
    return Decimal(str(round(amount, 3))).quantize(Decimal("0.001"))
