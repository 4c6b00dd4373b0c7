"""The refresh, held against what it cannot beat: a bare scan of the same files that sums every column."""

from __future__ import annotations

import shutil
import time
from typing import Any

import polars as pl

from benchmarks.company import MAPPED
from benchmarks.measure import Samples, memory
from benchmarks.place import NOW, Place
from data_sources import refresh as product


def refreshed(place: Place) -> dict[str, Any]:
    """One refresh, with its steps in seconds."""
    shutil.rmtree(place.folder / "store", ignore_errors=True)  # a snapshot of the same moment would be in its way
    steps: list[tuple[str, float]] = []
    samples = Samples()
    book = samples.time(
        lambda: product.refresh(
            place.settings, now=NOW, progress=lambda step, _share: steps.append((step, time.perf_counter()))
        )
    )
    ends = [moment for _, moment in steps[1:]] + [time.perf_counter()]
    taken: dict[str, float] = {}
    for (step, began), ended in zip(steps, ends, strict=True):
        taken[step] = taken.get(step, 0.0) + ended - began
    return {
        "wall": samples.wall[0],
        "cpu": samples.cpu[0],
        "steps": taken,
        "memory": memory(),
        "rows_in": book.about["rows_in"],
        "quarantined": book.about["quarantined"],
        "cells": book.frames["cells"].height,
        "slices": book.frames["slices"].height,
    }


def opened(place: Place) -> dict[str, Any]:
    """Whether a snapshot is there that this version reads."""
    return {"documents": place.book().frames["documents"].height}


def scanned(place: Place) -> dict[str, Any]:
    """Three bare scans in the streaming engine: the length of text, the last of dates, the sum of all else."""
    samples = Samples()
    for _ in range(3):
        samples.time(lambda: [_summed(place, name) for name in MAPPED])
    return {"wall": min(samples.wall), "cpu": min(samples.cpu), "memory": memory()}


def _summed(place: Place, table: str) -> pl.DataFrame:
    rows = pl.scan_parquet(place.raw / table / "*.parquet")
    return rows.select(
        _sum(pl.col(name), dtype) for name, dtype in rows.collect_schema().items()
    ).collect(engine="streaming")  # fmt: skip


def _sum(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype == pl.String:
        return column.str.len_bytes().cast(pl.Int64).sum()
    return column.max() if dtype == pl.Date else column.sum()
