"""Sums of evidence, and how clearly they say that a group moved away from everybody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.evidence import DAYS, OPEN, PAID, SUMS, Names

_Floats = NDArray[np.float64]

_Term = Callable[[str], _Floats]


def summed(rows: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Evidence summed by ``keys``: ``SUMS``, what scores are made of, and the sums of its products for their errors."""
    full = rows.with_columns(pl.col(SUMS).cast(pl.Float64))
    # Each customer's base, then and now together, becomes its square root; its part keeps its proportion to the base.
    damped = full.with_columns(
        (pl.col(name) / (pl.col(names[0]) + pl.col(names[2])).clip(1.0).sqrt()).alias(_damped(name))
        for names in (OPEN, PAID)
        for name in names
    )
    products = [(pl.col(a) * pl.col(b)).sum().alias(_times(a, b)) for a, b in _PAIRS]
    return damped.group_by(keys).agg(pl.col(*SUMS, *_WEIGHED).sum(), *products).sort(keys, nulls_last=True)


def nothing() -> dict[str, float]:
    """The sums of nobody."""
    return dict.fromkeys(MEASURES, 0.0)


def totals(rows: pl.DataFrame) -> dict[str, float]:
    """The sums of some evidence."""
    return row_of(summed(rows, ["cell"]))


def row_of(cells: pl.DataFrame) -> dict[str, float]:
    """The sums of summed evidence."""
    return only(cells).row(0, named=True)


def only(cells: pl.DataFrame) -> pl.DataFrame:
    """The same as a frame of one row."""
    return cells.select(pl.col(MEASURES).sum())


def added(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """The sums of both."""
    return {name: one[name] + other[name] for name in MEASURES}


def judged(groups: pl.DataFrame, everybody: Mapping[str, float]) -> pl.DataFrame:
    """Each group against everybody else: ``_score``, ``_stake`` and ``_by_quarter``.

    ``_score`` and ``_stake`` are above zero for the worse. The stake is measured on the two days, or where these tell
    less than half of what the month-ends around them tell, or the contrary, on those: ``_by_quarter``.
    """
    table = {name: groups[name].to_numpy() for name in MEASURES}

    def own(name: str) -> _Floats:
        return table[name]

    def others(name: str) -> _Floats:
        return everybody[name] - table[name]

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scores = np.array([_score(names, own, others) for names in _WITNESSES])
        moved = [_moved(names, own) - _moved(names, others) for names in (DAYS, OPEN)]
    # Two witnesses together; one alone where the other saw nothing.
    heard = np.maximum(1, np.isfinite(scores).sum(axis=0))
    score: _Floats = np.nansum(scores, axis=0) / np.sqrt(heard)
    on_days, around = (table["_open_now"] * np.where(np.isfinite(each), each, 0.0) for each in moved)
    by_quarter: NDArray[np.bool_] = on_days * np.sign(around) < np.abs(around) / 2
    return groups.with_columns(
        # Rounded, for sums of floats do not come out the same in every order.
        pl.Series("_score", score.round(6)),
        pl.Series("_stake", np.where(by_quarter, around, on_days)),
        pl.Series("_by_quarter", by_quarter),
    )


def _score(names: Names, own: _Term, others: _Term) -> _Floats:
    """How many standard errors a ratio moved away from the others'. NaN where it is not defined at both ends."""
    base0, _, base1, _ = names
    error = np.sqrt(np.maximum(0.0, _variance(names, own) + _variance(names, others)))
    t = (_moved(names, own) - _moved(names, others)) / error
    # Money is in a few large customers: as many alike would be as uncertain. That many, less one, is what is known.
    known = np.minimum(*(own(base) ** 2 / own(_times(base, base)) for base in (base0, base1))) - 1
    there = (own(base0) > 0) & (own(base1) > 0) & (others(base0) > 0) & (others(base1) > 0)
    sure = (known > 0) & (error > 0)
    return np.where(there, np.where(sure, _as_normal(t, known), 0.0), np.nan)


def _as_normal(t: _Floats, degrees: _Floats) -> _Floats:
    """Student's t as the normal deviate that is as unlikely (Wallace's approximation)."""
    return np.sign(t) * np.sqrt(degrees * np.log1p(t * t / degrees)) * (8 * degrees + 1) / (8 * degrees + 3)


def _variance(names: Names, term: _Term) -> _Floats:
    """Of the change of a ratio, customers being drawn by chance (the usual linearisation of a ratio of sums).

    A customer adds its part less the ratio × its base, as a share of all base, at the end less at the start; the
    variance is the sum of the squares, multiplied out so that sums of products are all it needs.
    """
    base0, part0, base1, part1 = names
    weight = {
        part1: 1 / term(base1),
        base1: -term(part1) / term(base1) ** 2,
        part0: -1 / term(base0),
        base0: term(part0) / term(base0) ** 2,
    }
    products = [(1 if a == b else 2) * weight[a] * weight[b] * term(_times(a, b)) for a, b in _pairs(names)]
    return np.sum(products, axis=0)


def _moved(names: Names, term: _Term) -> _Floats:
    base0, part0, base1, part1 = names
    return term(part1) / term(base1) - term(part0) / term(base0)


def _times(a: str, b: str) -> str:
    return f"{a}{b}"


def _pairs(names: Names) -> list[tuple[str, str]]:
    """Each two of them, in order, and each with itself."""
    return [(a, b) for i, a in enumerate(names) for b in names[i:]]


def _damped(name: str) -> str:
    return f"{name}_damped"


_WITNESSES: list[Names] = [(_damped(a), _damped(b), _damped(c), _damped(d)) for a, b, c, d in (OPEN, PAID)]
_WEIGHED = [name for names in _WITNESSES for name in names]
_PAIRS = [pair for names in _WITNESSES for pair in _pairs(names)]
MEASURES = [*SUMS, *_WEIGHED, *(_times(a, b) for a, b in _PAIRS)]
"""Every column of the sums."""
