"""Counts the work that Polars is given: passes and rows, not seconds, so that a busy machine changes nothing.

Every calculation on a frame goes through ``LazyFrame.collect`` or one of its relatives, the eager methods too. What a
plan takes in are the frames it starts from; what it makes in between can only outgrow that in a join or an explosion,
so these are given a probe that counts the rows that come out of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
import pytest
from polars.lazyframe.group_by import LazyGroupBy

PASSES = ("collect", "_collect_eager", "collect_batches", "sink_ipc", "sink_parquet", "sink_batches")
"""``_collect_eager`` is what methods of a DataFrame end in. A test fails if Polars ever calls it something else."""

GROWING = ("join", "join_asof", "join_where", "explode")
IN_PYTHON = {
    pl.DataFrame: ("iter_rows", "rows", "to_dicts", "iter_slices", "partition_by", "rows_by_key"),
    pl.Series: ("to_list", "__iter__", "map_elements"),
}


@dataclass
class Work:
    """What was done while it was counted. ``passes``: plans that ran; ``rows``: that went into them and their joins."""

    passes: int = 0
    rows: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def did(self, rows: int, passes: int = 0) -> None:
        with self._lock:
            self.rows += rows
            self.passes += passes

    def probe(self, frame: pl.DataFrame) -> pl.DataFrame:
        self.did(frame.height)
        return frame


@contextmanager
def counted() -> Iterator[Work]:
    """Count everything that Polars does for this process until the block ends."""
    work = Work()
    with pytest.MonkeyPatch.context() as patch:
        _count_passes(patch, work)
        _count_sources(patch, work)
        _count_growth(patch, work)
        _count_python(patch, work)
        yield work


def _count_passes(patch, work):
    for name in PASSES:
        if hasattr(pl.LazyFrame, name):
            patch.setattr(pl.LazyFrame, name, _passing(getattr(pl.LazyFrame, name), work))
    together = pl.collect_all

    def all_together(plans, *args, **named):
        done = list(plans)
        work.did(0, passes=len(done))
        return together(done, *args, **named)

    patch.setattr(pl, "collect_all", all_together)


def _passing(method, work):
    def call(self, *args, **named):
        answer = method(self, *args, **named)
        work.did(getattr(answer, "height", 0), passes=1)
        return answer

    return call


def _count_sources(patch, work):
    lazy = pl.DataFrame.lazy

    def started(self):
        work.did(self.height)
        return lazy(self)

    patch.setattr(pl.DataFrame, "lazy", started)


def _count_growth(patch, work):
    def probed(method):
        def call(self, *args, **named):
            # A probe must not keep filters and columns from being pushed below it: that would be other work.
            return method(self, *args, **named).map_batches(
                work.probe,
                predicate_pushdown=True,
                projection_pushdown=True,
                slice_pushdown=True,
                validate_output_schema=False,
                streamable=True,
            )

        return call

    for name in GROWING:
        patch.setattr(pl.LazyFrame, name, probed(getattr(pl.LazyFrame, name)))
    patch.setattr(LazyGroupBy, "agg", probed(LazyGroupBy.agg))


def _count_python(patch, work):
    def told(method):
        def call(self, *args, **named):
            work.did(len(self))
            return method(self, *args, **named)

        return call

    for kind, names in IN_PYTHON.items():
        for name in names:
            patch.setattr(kind, name, told(getattr(kind, name)))
