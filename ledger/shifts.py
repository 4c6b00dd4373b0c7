"""What changed sharply in what the columns hold, since the snapshot before.

A feed that is mended, or breaks, shows here first: a column that empties, a value that never was, amounts ten times as
large. Nothing here is wrong for certain, so nothing is kept out for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from ledger.book import Book
from ledger.profile import MOST
from ledger.schema import Type

SHIFTS = {
    "table": pl.String(),
    "column": pl.String(),
    "shift": pl.String(),
    "value": pl.String(),
    "before": pl.Float64(),
    "now": pl.Float64(),
    "rows": pl.Int64(),
}
"""``before`` and ``now``: shares, 0–1; of ``stretched`` the farthest values from 0. ``value``: the one it is about.
``rows``: those concerned."""

KINDS = ("gone", "emptied", "less_filled", "not_lately", "stretched", "tilted", "new_value")
"""The worst first. ``gone``: the mapping no longer has the column. ``emptied``: no row has a value any more.
``less_filled``: a smaller share has. ``not_lately``: of the rows that came since, a much smaller share has.
``stretched``: a number far beyond all before. ``tilted``: a value much more, or less, frequent. ``new_value``: a value
that never was, in a column of few."""

FALL = 0.1
"""So much of its filled share, 0–1, a column must lose."""

SOME = 0.02
"""Or so much, where ``TIMES`` as much is missing as before."""

LATELY = 0.25
"""So much less than those before, 0–1, the rows that came since must be filled."""

ENOUGH = 50
"""Fewer rows than this say nothing."""

TIMES = 10
"""A number is far beyond those before when it is so many times the largest; so is what is missing."""

TILT = 0.2
"""So much the share of a value, 0–1, must move."""

REPEATS = 5
"""A column has few values when each stands in so many rows on average."""

_NUMBERS = frozenset([Type.AMOUNT, Type.NUMBER, Type.INTEGER])
_WORDS = frozenset([Type.TEXT, Type.CURRENCY, Type.FLAG])
_NAMES = frozenset(["name", "number", "email"])

_Profiled = Mapping[str, Any]


def shifts(book: Book) -> pl.DataFrame:
    """``SHIFTS`` of the book against the snapshot before it, the worst first; no rows where there was none."""
    return compared(book.frames["profile_before"], book.frames["profile"])


def compared(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """``SHIFTS`` between two of ``profile.PROFILE``."""
    held = {(row["table"], row["column"]): row for row in now.iter_rows(named=True)}
    told = [
        {"table": was["table"], "column": was["column"], **shift}
        for was in before.iter_rows(named=True)
        if was["rows"] >= ENOUGH
        for shift in _of_column(was, held.get((was["table"], was["column"])))
    ]
    rank = pl.col("shift").replace_strict({name: at for at, name in enumerate(KINDS)}, return_dtype=pl.UInt8)
    return pl.DataFrame(told, schema=SHIFTS, orient="row").sort(rank, -pl.col("rows"), maintain_order=True)


def _of_column(was: _Profiled, now: _Profiled | None) -> Iterator[Mapping[str, Any]]:
    before = was["filled"] / was["rows"]
    if now is None or not now["rows"]:
        if was["filled"] and now is None:
            yield {"shift": "gone", "before": before, "now": 0.0, "rows": was["filled"]}
        return
    yield from _filling(was, now, before, now["filled"] / now["rows"])
    yield from _stretching(was, now)
    yield from _mixing(was, now)


def _filling(was: _Profiled, now: _Profiled, before: float, share: float) -> Iterator[Mapping[str, Any]]:
    came, with_value = now["rows"] - was["rows"], now["filled"] - was["filled"]
    fall = round(before - share, 9)
    if was["filled"] and not now["filled"]:
        yield {"shift": "emptied", "before": before, "now": 0.0, "rows": now["rows"]}
    # Only what was added can be told apart; where rows also went, nothing is said of them.
    elif fall < FALL and came >= ENOUGH and 0 <= with_value <= came and before - with_value / came >= LATELY:
        yield {"shift": "not_lately", "before": before, "now": with_value / came, "rows": came - with_value}
    elif fall >= FALL or (fall >= SOME and 1 - share >= TIMES * (1 - before)):
        yield {"shift": "less_filled", "before": before, "now": share, "rows": now["rows"] - now["filled"]}


def _stretching(was: _Profiled, now: _Profiled) -> Iterator[Mapping[str, Any]]:
    if Type(now["type"]) not in _NUMBERS or not (was["filled"] and now["filled"]):
        return
    before, far = (max(abs(float(of["smallest"])), abs(float(of["largest"]))) for of in (was, now))
    if before and far > TIMES * before:
        yield {"shift": "stretched", "before": before, "now": far, "rows": 1}


def _mixing(was: _Profiled, now: _Profiled) -> Iterator[Mapping[str, Any]]:
    """Values whose share moved, and those that never were."""
    name, few = now["column"], was["distinct"] <= MOST and was["distinct"] * REPEATS <= was["filled"]
    if Type(now["type"]) not in _WORDS or name in _NAMES or name.endswith("_id") or not few or not now["counted"]:
        return
    old, new = ({each["value"]: each["rows"] for each in of["values"]} for of in (was, now))
    for value, rows in new.items():
        share = rows / now["counted"]
        if value not in old:
            yield {"shift": "new_value", "value": value, "before": 0.0, "now": share, "rows": rows}
    for value in old:
        share, before = new.get(value, 0) / now["counted"], old[value] / was["counted"]
        if round(abs(share - before), 9) >= TILT:
            yield {"shift": "tilted", "value": value, "before": before, "now": share, "rows": new.get(value, 0)}
