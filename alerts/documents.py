"""The change of a balance by document: which invoices made it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import polars as pl

from alerts.change import Change
from ledger.listing import open_items
from metrics import text

BY_DOCUMENT = ("overdue", "overdue_share", "over_90_share", "gross_open")
"""Metrics that can be told by document."""

_OLD = 90


@dataclass(frozen=True)
class Part:
    """A document's part of a change; whether anything of it is still ``open``."""

    name: str
    amount: float
    open: bool


def documents(change: Change) -> list[Part]:
    """Each document's part of the change of a balance, or of a share of what is open; see ``metrics.explain``."""
    sides = [_open_documents(change, day) for day in (change.start, change.end)]
    opened = [math.fsum(each.open for each in side.values()) for side in sides]
    if change.metric.denominator is None:
        held = [{id: each.counted for id, each in side.items()} for side in sides]
    elif all(opened):
        counted = [math.fsum(each.counted for each in side.values()) for side in sides]
        level = sum(n / d for n, d in zip(counted, opened, strict=True)) / 2
        held = [
            {id: (each.counted - level * each.open) / whole for id, each in side.items()}
            for side, whole in zip(sides, opened, strict=True)
        ]
    else:
        return []
    before, after = held
    names = {id: each.name for side in sides for id, each in side.items()}
    return [Part(names[id], after.get(id, 0.0) - before.get(id, 0.0), id in after) for id in sorted(names)]


@dataclass(frozen=True)
class _Document:
    """An open debit document: what is open of it, and what of that the metric counts."""

    name: str
    open: float
    counted: float


def _open_documents(change: Change, day: date) -> dict[str, _Document]:
    """By id."""
    late = pl.col("days_past_due") > (_OLD if change.metric.id == "over_90_share" else 0)
    counts = pl.lit(value=True) if change.metric.id == "gross_open" else late
    rows = open_items(change.book, day, change.scope).filter(
        (pl.col("open") > 0) & (pl.col("reporting_currency") == change.currency)
    )
    counted = rows.select("document_id", "number", "open", _counts=pl.when(counts).then("open").otherwise(0.0))
    return {
        id: _Document(text.name(number, text.name(id)), open, late) for id, number, open, late in counted.iter_rows()
    }
