"""What the rules found in refreshes past, kept beyond the snapshots themselves: a few kilobytes, so that trends exist.

Of the last ``DAYS`` days the last refresh of each day is kept, of the ``YEARS`` before the last of each month.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

FINDINGS = {
    "id": pl.String(),
    "made_at": pl.Datetime("us", "UTC"),
    "rule": pl.String(),
    "table": pl.String(),
    "severity": pl.String(),
    "rows": pl.Int64(),
    "amount": pl.Float64(),
    "currency": pl.String(),
}
"""What each rule found in each refresh, newest first; ``amount`` in ``currency``, null where that cannot be said."""

DAYS = 92

YEARS = 5

POINTS = 30
"""So many refreshes a line shows."""


def of_snapshot(id: str, made_at: datetime, quality: pl.DataFrame) -> pl.DataFrame:
    """``FINDINGS`` of one snapshot; ``quality``: its frame of that name."""
    named = quality.with_columns(pl.lit(id).alias("id"), pl.lit(made_at).alias("made_at"))
    return named.select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())


def read(path: Path) -> pl.DataFrame:
    """``FINDINGS`` kept in a file; none where there is none, or none that can be read."""
    try:
        return pl.read_parquet(path).select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())
    except (OSError, pl.exceptions.PolarsError):
        return pl.DataFrame(schema=FINDINGS)


def write(path: Path, findings: pl.DataFrame) -> None:
    """Keep ``findings`` in a file, in one step.

    Raises:
        OSError, pl.exceptions.PolarsError: the file cannot be written; the one before stays.
    """
    fresh = path.with_name(f".{path.name}.new")
    findings.write_parquet(fresh, compression="zstd")
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


def joined(*findings: pl.DataFrame) -> pl.DataFrame:
    """Findings of several places as one, newest first; a refresh that several know is told once."""
    known: set[str] = set()
    parts: list[pl.DataFrame] = []
    for part in findings:
        parts.append(part.filter(~pl.col("id").is_in(list(known))))
        known |= set(part["id"])
    return pl.concat(parts).sort("made_at", descending=True, maintain_order=True)


def thinned(findings: pl.DataFrame) -> pl.DataFrame:
    """What is kept for long of ``findings``: by the day, then by the month, as the newest of them is old."""
    if findings.is_empty():
        return findings
    made = findings.select("id", "made_at").unique().sort("made_at")
    newest: datetime = made["made_at"][-1]
    recent = pl.col("made_at") > newest - timedelta(days=DAYS)
    step = pl.when(recent).then(pl.col("made_at").dt.strftime("%F")).otherwise(pl.col("made_at").dt.strftime("%Y-%m"))
    last = made.filter(pl.col("made_at") > newest - timedelta(days=366 * YEARS)).group_by(step=step).agg(
        pl.col("id").last()
    )  # fmt: skip
    return findings.filter(pl.col("id").is_in(last["id"].implode()))


def lines(findings: pl.DataFrame, until: str = "") -> pl.DataFrame:
    """``rule, table, rows_then, amounts_then``: what each rule found in the last ``POINTS`` refreshes, oldest first.

    Args:
        findings: ``FINDINGS``.
        until: the id of the last refresh that is asked about; the newest when empty.

    Returns:
        Rows and amounts as lists, one value a refresh that knew the rule; no amount counts as 0 for the line.
    """
    asked = findings.filter(pl.col("id") <= until) if until else findings
    chosen = asked.select("id", "made_at").unique().sort("made_at").tail(POINTS)["id"]
    return (
        asked.filter(pl.col("id").is_in(chosen.implode()))
        .sort("made_at")
        .group_by("rule", "table", maintain_order=True)
        .agg(rows_then=pl.col("rows"), amounts_then=pl.col("amount").fill_null(0.0))
    )
