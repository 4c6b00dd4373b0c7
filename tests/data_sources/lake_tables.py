"""Tables of lakes as other programs write them, for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import polars as pl
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.table import Table


def delta(place: str | Path, rows: pl.DataFrame, options: dict[str, str] | None = None) -> str:
    """``rows`` added to the Delta table at ``place``, made where there is none. Its address."""
    rows.write_delta(place, mode="append", storage_options=options)
    return str(place)


class Catalogue:
    """A catalogue of Iceberg tables below ``warehouse``, which nothing that reads them knows of."""

    def __init__(self, warehouse: str, **properties: str) -> None:
        self._catalogue = SqlCatalog("tests", uri="sqlite:///:memory:", warehouse=warehouse, **properties)
        self._catalogue.create_namespace("ar")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._catalogue.close()

    def table(self, name: str, *parts: pl.DataFrame) -> Table:
        """A table with the rows of every part, a snapshot each."""
        made = self._catalogue.create_table(f"ar.{name}", parts[0].to_arrow().schema)
        for part in parts:
            made.append(part.to_arrow())
        return made


def iceberg(warehouse: Path, name: str, *parts: pl.DataFrame) -> Table:
    """An Iceberg table on this machine, in the folder ``ar/<name>`` of ``warehouse``."""
    warehouse.mkdir(exist_ok=True)
    with Catalogue(f"file://{warehouse}") as catalogue:
        return catalogue.table(name, *parts)
