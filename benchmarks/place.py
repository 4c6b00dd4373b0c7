"""Where a size's data, snapshot and results are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from config.settings import Settings, load
from data_sources.refresh import open_store
from ledger.book import Book

ROOT = Path(__file__).resolve().parents[1]
DEFAULT = ROOT / "data" / "bench"
PAGE = ROOT / "docs" / "performance.md"

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
"""Noon of the demonstration company's last day: every refresh of a benchmark happens then."""

_FOREVER = pl.date(9999, 12, 31)
_SLICES = (
    "document", "customer", "cell", "kind", "opened_on", "closed_on", "basis", "late_from", "credit", "disputed",
    "first", "amount_doc", "amount",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A folder for one size. ``documents``: how many were asked for; the generator comes within one in a hundred."""

    folder: Path
    documents: int

    @classmethod
    def of(cls, root: Path, documents: int) -> Place:
        return cls(root.absolute() / str(documents), documents)

    @property
    def raw(self) -> Path:
        """The canonical tables: a folder of Parquet files each."""
        return self.folder / "raw"

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def results(self) -> Path:
        return self.folder / "results.json"

    @property
    def answers(self) -> Path:
        """What each engine answered, to be compared."""
        return self.folder / "answers"

    @cached_property
    def settings(self) -> Settings:
        return load(self.config)

    def made(self) -> dict[str, Any]:
        """How the data came about, and the rows of each table; empty when they are not there."""
        file = self.folder / "made.json"
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def book(self) -> Book:
        return open_store(self.settings).load()

    def peer_files(self) -> Path:
        """Slices, documents, cells and customers of the current snapshot as Parquet, for the other engines.

        Written when they are first asked for. A slice that is still open closes on the last day there is, so that no
        engine has to look for nulls.
        """
        store = open_store(self.settings)
        folder = self.folder / "peers" / (store.current() or "none")
        if not (folder / "done").is_file():
            book = store.load()
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("slices", "documents", "cells", "customers"):
                _for_peers(name, book.frames[name]).sink_parquet(folder / f"{name}.parquet")
            (folder / "done").touch()
        return folder


def _for_peers(name: str, frame: pl.DataFrame) -> pl.LazyFrame:
    rows = frame.lazy()
    if name == "slices":
        rows = rows.select(_SLICES).with_columns(pl.col("closed_on").fill_null(_FOREVER))
    elif name == "documents":
        rows = rows.select("document", "document_id", "customer", "cell", "currency", "amount_doc", "posting_date")
    # Engines differ in how they read small unsigned numbers.
    return rows.with_columns(
        pl.col(column).cast(pl.Int32)
        for column, dtype in frame.schema.items()
        if column in rows.collect_schema() and dtype in (pl.UInt8, pl.UInt32)
    )
