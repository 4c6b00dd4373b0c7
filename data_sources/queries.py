"""Mappings over raw tables, run by Polars' SQL and read in batches."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import polars as pl

from data_sources.polars_errors import sentence
from ledger.errors import SourceError

_BATCH = 100_000
"""Rows of a batch, about."""

_SHUFFLES = re.compile("JOIN|AGGREGATE|UNIQUE|SORT")


def selected(query: str, frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """What the SELECT ``query`` makes of ``frames``; nothing is read yet."""
    return pl.SQLContext(frames=frames, eager=False).execute(query)


def collected(
    plan: Callable[[], pl.LazyFrame],
    table: str,
    origin: str,
    frames: Mapping[str, pl.LazyFrame],
    tables: Iterable[str],
    expected: str = "",
) -> Iterator[pl.DataFrame]:
    """The rows of ``plan``, in batches.

    Args:
        plan: from ``selected``; called here, so that its errors are explained.
        table: the canonical table, for messages.
        origin: where the mapping is written, for messages.
        frames: what the mapping reads.
        tables: the raw tables that it may read.
        expected: what the mapping was written for, said where a name is missing.

    Raises:
        SourceError: the mapping is at fault; the sentence names it, the table and the column.
    """
    try:
        yield from _batches(plan())
    except pl.exceptions.PolarsError as error:
        columns = [name for frame in frames.values() for name in frame.collect_schema().names()]
        raise SourceError(sentence(error, table, origin, columns, tables, expected)) from None


def _batches(plan: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """The rows of ``plan`` in the order they come, one frame at least.

    What only reads, chooses and computes streams. Anything else is collected whole, so that its order is the same each
    time.
    """
    if _SHUFFLES.search(plan.explain()):
        yield plan.collect()
        return
    yielded = False
    for frame in plan.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming"):
        yield frame
        yielded = True
    if not yielded:
        yield plan.collect()
