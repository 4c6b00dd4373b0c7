"""The demonstration company as a Book: any size, any seed, with its stories or without them."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from unittest.mock import patch

import polars as pl

from data_sources.demo import build, company, stories
from ledger.book import Book, BookRules
from ledger.build import build_book
from tests.data_sources.demo_company import LAST_DAY, MAPPING

DIMENSIONS = {
    "entity": "Entity",
    "region": "Region",
    "segment": "Segment",
    "collector": "Collector",
    "risk_class": "Risk class",
}
__all__ = ["LAST_DAY", "demo"]


@cache
def demo(invoices: int, seed: int = 7, *, quiet: bool = False) -> Book:
    """The company of a size and seed; ``quiet`` without anything planted."""
    with tempfile.TemporaryDirectory(prefix="outstanding-demo-") as folder:
        path = Path(folder) / "demo.sqlite"
        with _without_stories() if quiet else _as_it_is():
            build(path, invoices, seed)
        connection = sqlite3.connect(path)
        tables = {name: _table(connection, sql) for name, sql in MAPPING.items()}
        connection.close()
    rules = BookRules(reporting_currency="USD", dimensions=DIMENSIONS, today=date(2026, 11, 1))
    return build_book(tables, rules)


def _table(connection: sqlite3.Connection, sql: str) -> pl.DataFrame:
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)


@contextmanager
def _as_it_is():
    yield


@contextmanager
def _without_stories():
    """Nobody pays later or earlier than is the habit, the large debtor pays, and the yen holds."""
    yen = ("JPY", (("2022-07-01", 0.0073), ("2023-08-01", 0.0069), ("2026-10-31", 0.0067)))
    currencies = tuple(replace(each, path=yen[1]) if each.code == yen[0] else each for each in company.CURRENCIES)
    off = {"SLOWING_DAYS_A_MONTH": 0.0, "BACKLOG_DAYS_A_MONTH": 0.0, "DEBTOR_STOPS": 10**9}
    off |= {"RECOVERY_DAYS_BEFORE": 0.0, "RECOVERY_DAYS_AFTER": 0.0}
    with patch.multiple(stories, **off), patch.object(company, "CURRENCIES", currencies):
        yield
