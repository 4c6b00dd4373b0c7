"""DuckDB: tables of its own in memory, and the same questions over Parquet files as they lie on the disk."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from benchmarks.engines import answers, sql
from benchmarks.measure import Samples, best_of, memory
from benchmarks.place import Place

TABLES = ("slices", "documents", "cells", "customers")


def run(place: Place) -> dict[str, Any]:
    asked, files = answers.asked(place), place.peer_files()
    loading = Samples()
    database = loading.time(lambda: _opened(files, "TABLE"))
    _days(database, asked["days"])
    whole, positions = best_of(lambda: _frame(database, sql.POSITIONS), most=3, seconds=60)
    answers.keep(place, "duckdb", "positions", whole)
    _days(database, [asked["past_day"]])
    one, past_day = best_of(lambda: _frame(database, sql.POSITIONS), most=9, seconds=20)
    answers.keep(place, "duckdb", "past_day", one)
    told = _questions(database, asked, place, "duckdb")
    database.close()
    return {
        "loading": loading.wall[0],
        "positions": positions,
        "past_day": past_day,
        **told,
        "memory": memory(),
        "over_parquet": _questions(_opened(files, "VIEW"), asked, place, "duckdb_files"),
    }


def _opened(files: Path, kind: str) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute("SET preserve_insertion_order = false")
    for table in TABLES:
        database.execute(f"CREATE {kind} {table} AS SELECT * FROM read_parquet('{files / table}.parquet')")
    return database


def _days(database: duckdb.DuckDBPyConnection, days: list[str]) -> None:
    rows = ", ".join(f"(CAST('{day}' AS DATE))" for day in days)
    database.execute(f"CREATE OR REPLACE TABLE days AS SELECT * FROM (VALUES {rows}) AS t(as_of)")


def _frame(database: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return database.sql(query).pl()


def _questions(database: duckdb.DuckDBPyConnection, asked: dict[str, Any], place: Place, engine: str) -> dict[str, Any]:
    aged, ageing = answers.many(asked["plain"], lambda one: _frame(database, sql.ageing(one)))
    answers.keep(place, engine, "ageing", aged)
    items, drill = answers.many(asked["drills"], partial(_open_items, database))
    answers.keep(place, engine, "open_items", items)
    return {"ageing": ageing, "open_items": drill}


def _open_items(database: duckdb.DuckDBPyConnection, question: dict[str, Any]) -> pl.DataFrame:
    return _frame(database, sql.open_items(question))
