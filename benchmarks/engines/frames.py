"""pandas: a loop over the days, each a mask over all slices, as most of the code in the field does it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from benchmarks.engines import answers
from benchmarks.measure import Samples, best_of, memory
from benchmarks.place import Place

_COLUMNS = (
    "opened_on", "closed_on", "basis", "late_from", "cell", "kind", "credit", "disputed", "first", "amount"
)  # fmt: skip
_EDGES = (0, 30, 60, 90, 120)
_UNAPPLIED = 6
_PAYMENT = 3


def run(place: Place) -> dict[str, Any]:
    asked = answers.asked(place)
    loading = Samples()
    slices = loading.time(lambda: _loaded(place))
    whole, positions = best_of(lambda: _history(slices, asked["days"]), most=2, seconds=30)
    answers.keep(place, "pandas", "positions", _polars(whole))
    one, past_day = best_of(lambda: _history(slices, [asked["past_day"]]), most=5, seconds=20)
    answers.keep(place, "pandas", "past_day", _polars(one))
    return {"loading": loading.wall[0], "positions": positions, "past_day": past_day, "memory": memory()}


def _loaded(place: Place) -> pd.DataFrame:
    """Days as whole numbers: pandas compares those fastest."""
    days = ("opened_on", "closed_on", "basis", "late_from")
    rows = pl.read_parquet(place.peer_files() / "slices.parquet", columns=list(_COLUMNS))
    plain = rows.with_columns(pl.col(day).cast(pl.Int32) for day in days)
    return pd.DataFrame({name: plain[name].to_numpy() for name in _COLUMNS})


def _history(slices: pd.DataFrame, days: list[str]) -> pd.DataFrame:
    return pd.concat([_on(slices, int(np.datetime64(day, "D").astype(np.int64))) for day in days])


def _on(slices: pd.DataFrame, day: int) -> pd.DataFrame:
    met = slices.loc[(_column(slices, "opened_on") <= day) & (_column(slices, "closed_on") > day)]
    credit, amount = _column(met, "credit"), _column(met, "amount")
    late = day - _column(met, "late_from").astype(np.int64)
    bucket = np.searchsorted(_EDGES, day - _column(met, "basis"), side="left")
    owed = np.where(credit, 0, amount)
    overdue = np.where(late > 0, owed, 0)
    rows = pd.DataFrame(
        {
            "cell": _column(met, "cell"),
            "bucket": np.where(credit, _UNAPPLIED, bucket),
            "amount": amount,
            "credit": amount - owed,
            "unapplied_cash": np.where(credit & (_column(met, "kind") == _PAYMENT), amount, 0),
            "count": _column(met, "first"),
            "overdue": overdue,
            "over_90": np.where(late > _EDGES[3], owed, 0),
            "overdue_days": overdue * late,
            "disputed": np.where(_column(met, "disputed"), owed, 0),
        }
    )
    rows["as_of"] = day
    return pd.DataFrame(rows.groupby(["as_of", "cell", "bucket"], as_index=False, sort=False).sum())


def _column(frame: pd.DataFrame, name: str) -> NDArray[Any]:
    return np.asarray(frame[name])


def _polars(frame: pd.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({str(name): _column(frame, str(name)) for name in frame.columns}).with_columns(
        pl.col("as_of").cast(pl.Int32).cast(pl.Date)
    )
