"""The data of a size: the demonstration company, extracted by its own SQL and written as typed Parquet files.

Rows stream from SQLite in batches. Above a limit one extraction stands for several: its files are written again with
other customer, document and settlement ids, so that a hundred million documents cost no more memory than ten.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from math import ceil
from pathlib import Path

import polars as pl

from benchmarks.place import ROOT, Place
from data_sources.demo import build
from ledger.schema import TABLES, Column, Type

DOCUMENTS_PER_INVOICE = 1.858
BATCH = 250_000
"""Rows of a file."""

SEED = 7

AS_TEXT = {("documents", "document_date")}
"""The demonstration company has a few document dates that cannot be read. They must reach the refresh as they are."""

PREFIXED = ("customer_id", "parent_id", "document_id", "settlement_id", "number")

LAYOUT = 1
"""Raised when the files change shape, so that old ones are made anew."""

APP = """company = "Meridian Supply Group"
reporting_currency = "USD"
source = "bench"
[store]
path = "{store}"
keep = 1
[dimensions]
entity = "Entity"
region = "Region"
segment = "Segment"
collector = "Collector"
risk_class = "Risk class"
behaviour = "Payment behaviour"
"""

Tell = Callable[[str], None]


def _mapping(table: str) -> Path:
    return ROOT / "config" / "sources" / "demo" / f"{table}.sql"


MAPPED = tuple(name for name in TABLES if _mapping(name).is_file())
"""The canonical tables that the demonstration company has."""


def make(place: Place, tile_above: int, tell: Tell) -> None:
    """Make the data of a size unless they are there.

    Args:
        place: where.
        tile_above: so many documents are extracted at most; more are made of copies with other ids.
        tell: told what is being done.
    """
    copies = ceil(place.documents / tile_above)
    recipe = {"layout": LAYOUT, "seed": SEED, "copies": copies, "generator": _generator()}
    if recipe.items() <= place.made().items():
        return
    for stale in ("raw", "config", "store", "peers", "answers"):
        shutil.rmtree(place.folder / stale, ignore_errors=True)
    (place.folder / "made.json").unlink(missing_ok=True)
    place.raw.mkdir(parents=True)
    if copies == 1:
        _extracted(place, tell)
    else:
        _tiled(place, Place.of(place.folder.parent, place.documents // copies), copies, tell)
    _write_config(place)
    rows = {name: _rows(place.raw / name) for name in MAPPED}
    (place.folder / "made.json").write_text(json.dumps({**recipe, "rows": rows}, indent=1), encoding="utf-8")


def _generator() -> str:
    """A mark of the generator and the mapping: where it is another one, the data are made anew."""
    digest = hashlib.sha256()
    for file in (*sorted((ROOT / "data_sources" / "demo").glob("*.py")), *map(_mapping, MAPPED)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _extracted(place: Place, tell: Tell) -> None:
    database = place.folder / "demo.sqlite"
    tell("building the company")
    build(database, round(place.documents / DOCUMENTS_PER_INVOICE), SEED)
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for name in MAPPED:
            tell(f"extracting {name}")
            _extract(connection, name, place.raw / name)
    database.unlink()


def _extract(connection: sqlite3.Connection, name: str, folder: Path) -> None:
    folder.mkdir()
    cursor = connection.execute(_mapping(name).read_text(encoding="utf-8"))
    names = [column[0] for column in cursor.description]
    columns = {column.name: column for column in TABLES[name].columns}
    schema = {column: _from_sqlite(name, columns[column]) for column in names}
    for number in count(1):
        rows = cursor.fetchmany(BATCH)
        if not rows and number > 1:
            return
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        typed = frame.select(_typed(name, columns[column]) for column in names)
        typed.write_parquet(folder / f"{number:04d}.parquet")


def _from_sqlite(table: str, column: Column) -> pl.DataType:
    """What the mapping's SQL returns of a column: text, but for limits, terms and rates."""
    if column.type is Type.INTEGER or (table, column.name) == ("customers", "credit_limit"):
        return pl.Int64()
    return pl.Float64() if column.type is Type.NUMBER else pl.String()


def _typed(table: str, column: Column) -> pl.Expr:
    """A column as a warehouse would hold it. What does not fit its type is an error: nothing may get lost here."""
    value = pl.col(column.name)
    if (table, column.name) in AS_TEXT:
        return value
    match column.type:
        case Type.DATE:
            return value.str.to_date("%Y-%m-%d")
        case Type.AMOUNT:
            return value.cast(pl.Decimal(18, 2))
        case Type.FLAG:
            return value == "true"
        case _:
            return value


def _tiled(place: Place, base: Place, copies: int, tell: Tell) -> None:
    """``copies`` of the tables of ``base`` under other ids, file by file."""
    make(base, base.documents, tell)
    for copy in range(copies):
        tell(f"copy {copy + 1} of {copies}")
        for name in ("customers", "documents", "settlements"):
            (place.raw / name).mkdir(exist_ok=True)
            for file in _files(base.raw / name):
                target = place.raw / name / f"{copy:03d}-{file.name}"
                _renamed(pl.read_parquet(file), copy).write_parquet(target)
    for name, multiplied in (("fx_rates", 1), ("gl_balances", copies)):
        (place.raw / name).mkdir()
        frame = pl.read_parquet(base.raw / name / "*.parquet")
        if "balance" in frame.columns:
            frame = frame.with_columns(pl.col("balance") * multiplied)
        frame.write_parquet(place.raw / name / "0001.parquet")


def _renamed(frame: pl.DataFrame, copy: int) -> pl.DataFrame:
    """The same rows of another company: names stay, ids do not."""
    ids = [name for name in PREFIXED if name in frame.columns]
    return (
        frame.with_columns(pl.concat_str(pl.lit(f"{copy:03d}/"), name).alias(name) for name in ids) if copy else frame
    )


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.parquet"))


def _rows(folder: Path) -> int:
    return pl.scan_parquet(folder / "*.parquet").select(pl.len()).collect().item()


def _write_config(place: Place) -> None:
    """The company's settings over these files; alerts, packs and targets are the project's own."""
    (place.config / "sources").mkdir(parents=True)
    for file in (ROOT / "config").glob("*.toml"):
        if file.name != "app.toml":
            shutil.copy(file, place.config)
    (place.config / "app.toml").write_text(APP.format(store=(place.folder / "store").as_posix()), encoding="utf-8")
    lines = ['kind = "files"', "[tables]", *(f'{name} = "../../raw/{name}"' for name in MAPPED)]
    (place.config / "sources" / "bench.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
