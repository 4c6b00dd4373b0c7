"""The search for who pays worse, or better, than before: groups that moved away from the rest of the company.

Every value of every dimension, and every pair of two dimensions, is held against everybody else. Its *score* is how
many standard errors its overdue share, and the days beyond terms of what it paid, moved away from theirs, customers
being the chance draws: a group of a few customers, or one in which a single customer makes the movement, scores low
however far it moved. For the score a customer counts by the square root of its money, for else the largest five say
everything; what is told, the shares and the money, is counted in full. The group with the highest score is told, taken
out of the data, and the search begins again, until nothing is left that chance would not explain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from metrics.evidence import DAYS, OPEN, RECENT, Names
from metrics.weighing import MEASURES, added, judged, only, row_of, summed

Where = tuple[tuple[str, str | None], ...]
"""Dimension and value; both pairs must hold. Empty: all of it."""

_Row = dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """When a movement is told. The defaults keep silent on a company in which nothing but chance happens.

    Attributes:
        score: the least score. Of some three hundred overlapping groups the luckiest reaches 2.4 to 3.5 by chance, and
            in one of 72 tries 4.5 (the demonstration company without its stories: 18 of three sizes, on four days).
        stake: the least money, as a share of the scope's gross open: less is nobody's headline.
        broad: a group with more than this share of the company's gross open is the company, not a part of it.
        nearly: two groups, one in the other, are nearly the same when the smaller has more than this share of the
            other's money. Then the wider name is told.
        as_good: a group may be told in place of the clearest one when it scores at least this share of its score: …
        idle: … a wider one if what it adds moved too, by this score; a part of it if what it leaves out did not …
        most: … and it holds at least this share of the money.
        inside: a part lies in a group when this share of its money does.
    """

    score: float = 4.6
    stake: float = 0.0025
    broad: float = 0.5
    nearly: float = 0.95
    as_good: float = 0.8
    idle: float = 2.5
    most: float = 0.65
    inside: float = 0.98


RULES = Rules()


@dataclass(frozen=True)
class Finding:
    """A group that moved away from the rest of the company. Money in the units of the evidence.

    Attributes:
        where: the group.
        apart: what was left out of the group, as it is told by itself.
        score: standard errors; above zero for the worse.
        stake: gross open now × (change of its overdue share − the rest's): above zero for the worse.
        share: its overdue share then and now.
        rest: the overdue share then and now of everybody of whom nothing is told.
        by_quarter: the shares are of the month-ends before each day together, as the two days alone tell less than
            half of the movement, or the contrary of it.
        days: how much later it paid than before, in days; ``None`` when it paid nothing at one of the ends.
        size: its gross open now.
    """

    where: Where
    apart: tuple[Where, ...]
    score: float
    stake: float
    share: tuple[float, float]
    rest: tuple[float, float]
    by_quarter: bool
    days: float | None
    size: float


@dataclass
class Search:
    """A search through some evidence.

    Attributes:
        rows: the evidence in scope, with a column per dimension, customers that are told already left out.
        rest: the sums of the rest of the company, outside the scope; zeros when the scope is the company.
        dimensions: those to look along, in drill order.
        whole: whether the scope as a whole is a candidate: it is a part of the company.
        aside: customers that are left out as they are told by themselves, with their rows.
    """

    rows: pl.DataFrame
    rest: Mapping[str, float]
    dimensions: Sequence[str]
    whole: bool = False
    rules: Rules = RULES
    aside: Sequence[tuple[Where, pl.DataFrame]] = ()

    def findings(self) -> list[Finding]:
        """What moved away, for the worse or the better, the clearest first, until nothing more is clear.

        What is told of each is measured against the rest that is left in the end, so that the order does not matter.
        """
        quiet = added(row_of(self._cells), self.rest)
        told = [_measured(where, apart, only(group), quiet) for where, apart, group in self._found]
        return [each for each in told if each.score * each.stake > 0 and abs(each.stake) >= self._least]

    def untold(self) -> pl.DataFrame:
        """The evidence that is in no group that was found."""
        found = pl.any_horizontal(pl.lit(value=False), *(_in(where) for where, _, _ in self._found))
        return self.rows.filter(~found)

    def __post_init__(self) -> None:
        self._cells = self._all = summed(self.rows, ["cell", *self.dimensions])
        self._least = self.rules.stake * float(self.rows["_open_now"].sum())
        self._found: list[tuple[Where, tuple[Where, ...], pl.DataFrame]] = []
        told = list(self.aside)
        while (where := self._next()) is not None:
            group = self._rows_of(where)
            apart = tuple(other for other, rows in told if not self._rows_of(where, rows).is_empty())
            self._found.append((where, apart, group))
            told.append((where, group))
            self._cells = self._cells.join(group.select("cell"), on="cell", how="anti")

    def _next(self) -> Where | None:
        if self._cells.is_empty() or self._candidates.names.is_empty():
            return None
        everybody = added(row_of(self._cells), self.rest)
        clear = (
            judged(self._groups(), everybody)
            .filter(
                pl.col("_score").abs() >= self.rules.score,
                pl.col("_score") * pl.col("_stake") > 0,
                pl.col("_stake").abs() >= self._least,
                pl.col("_open_now") <= self.rules.broad * everybody["_open_now"],
            )
            # Of equals the one with fewer dimensions, then the last: further down is nearer to somebody who can act.
            .sort(pl.col("_score").abs(), "_order", descending=True)
        )
        if clear.is_empty():
            return None
        best = clear.row(0, named=True)
        alike = clear.filter(
            pl.col("_score").abs() >= self.rules.as_good * abs(best["_score"]), pl.col("_score") * best["_score"] > 0
        )
        for chosen in (self._grown, self._narrowed, self._named):
            best = chosen(best, alike, everybody)
        return _where(best)

    def _groups(self) -> pl.DataFrame:
        """Every candidate, see ``_Candidates``; those of which no cell is left have sums of 0."""
        left = self._all["cell"].is_in(self._cells["cell"].implode())
        return self._candidates.summed(self._all.select(MEASURES).to_numpy() * left.to_numpy()[:, None])

    @cached_property
    def _candidates(self) -> _Candidates:
        """Of equals the last is told: all of it comes first, then pairs of dimensions, then each by itself."""
        whole: list[tuple[str, ...]] = [()] if self.whole else []
        keys = [*whole, *combinations(self.dimensions, 2), *((name,) for name in self.dimensions)]
        return _Candidates.of(self._all.with_columns(pl.col(self.dimensions).cast(pl.String)), keys)

    def _grown(self, best: _Row, alike: pl.DataFrame, everybody: Mapping[str, float]) -> _Row:
        """The group, or a wider one in which everybody else moved as well."""
        size, inside = best["_open_now"], self._rows_of(_where(best))
        for wider in alike.filter(self.rules.nearly * pl.col("_open_now") > size).iter_rows(named=True):
            rows = self._rows_of(_where(wider))
            added = rows.join(inside.select("cell"), on="cell", how="anti")
            if self._holds(rows, best) and _score_of(added, everybody) * _sign(best) >= self.rules.idle:
                return wider
        return best

    def _narrowed(self, best: _Row, alike: pl.DataFrame, everybody: Mapping[str, float]) -> _Row:
        """The group, or a part of it that makes all of its movement."""
        inside = self._rows_of(_where(best))
        share = pl.col("_open_now") / best["_open_now"]
        for part in alike.filter(share.is_between(self.rules.most, self.rules.nearly)).iter_rows(named=True):
            shared = self._rows_of(_where(part), inside)
            left = inside.join(shared.select("cell"), on="cell", how="anti")
            if self._holds(inside, part) and abs(_score_of(left, everybody)) < self.rules.idle:
                return part
        return best

    def _named(self, best: _Row, alike: pl.DataFrame, _everybody: Mapping[str, float]) -> _Row:
        """The group, or the largest one that is nearly the same: a name that leaves nobody out."""
        size = best["_open_now"]
        wider = alike.filter(pl.col("_open_now") > size, self.rules.nearly * pl.col("_open_now") <= size)
        for other in wider.sort("_open_now", "_order", descending=True).iter_rows(named=True):
            if self._holds(self._rows_of(_where(other)), best):
                return other
        return best

    def _holds(self, rows: pl.DataFrame, group: _Row) -> bool:
        """Whether the group lies in ``rows``."""
        shared = self._rows_of(_where(group), rows)
        return float(shared["_open_now"].sum()) >= self.rules.inside * group["_open_now"]

    def _rows_of(self, where: Where, rows: pl.DataFrame | None = None) -> pl.DataFrame:
        return (self._cells if rows is None else rows).filter(_in(where))


@dataclass(frozen=True)
class _Candidates:
    """Groups of cells: their ``names``, and which cells are in them, grouping by grouping.

    ``groupings``: numbers of all cells, those of a group together, and where each group begins.
    """

    names: pl.DataFrame
    groupings: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

    @classmethod
    def of(cls, cells: pl.DataFrame, keys: Sequence[tuple[str, ...]]) -> _Candidates:
        """``cells``: with columns of dimensions. ``keys``: up to two of them a grouping, in the order they rank."""
        several = {name for dimensions in keys for name in dimensions}
        codes = {name: cells[name].rank("dense").fill_null(0).to_numpy().astype(np.int64) for name in several}
        groupings: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        named: list[tuple[int, str | None, str | None, str | None, str | None]] = []
        for order, dimensions in enumerate(keys):
            group = np.zeros(cells.height, np.int64)
            for name in dimensions:
                group = group * (codes[name].max() + 1) + codes[name]
            rows = np.argsort(group, kind="stable")
            starts = np.flatnonzero(np.diff(group[rows], prepend=-1))
            groupings.append((rows, starts))
            values = [cells[name].gather(rows[starts]).to_list() for name in dimensions]
            missing = [None] * len(starts)
            first, second = [*values, missing, missing][:2]
            one, other = [*dimensions, None, None][:2]
            named += [(order, one, other, *pair) for pair in zip(first, second, strict=True)]
        texts = ("_first", "_second", "_first_value", "_second_value")
        schema = {"_order": pl.Int32, **dict.fromkeys(texts, pl.String)}
        return cls(pl.DataFrame(named, schema=schema, orient="row"), groupings)

    def summed(self, cells: NDArray[np.float64]) -> pl.DataFrame:
        """``names`` and the sums of each, ``MEASURES``; ``cells``: those of the cells."""
        found = [np.add.reduceat(cells[rows], starts, axis=0) for rows, starts in self.groupings]
        return self.names.hstack(pl.DataFrame(np.concatenate(found), schema=MEASURES))


def _measured(where: Where, apart: tuple[Where, ...], group: pl.DataFrame, quiet: Mapping[str, float]) -> Finding:
    """A group (one row of sums) against those of whom nothing is told."""
    row = judged(group, added(group.row(0, named=True), quiet)).row(0, named=True)
    names = OPEN if row["_by_quarter"] else DAYS
    before, now = _shares(row, RECENT)
    return Finding(
        where=where,
        apart=apart,
        score=row["_score"],
        stake=row["_stake"],
        share=_shares(row, names),
        rest=_shares(quiet, names),
        by_quarter=bool(row["_by_quarter"]),
        days=None if math.isnan(now - before) else now - before,
        size=row["_open_now"],
    )


def _in(where: Where) -> pl.Expr:
    return pl.all_horizontal(
        pl.lit(value=True), *(pl.col(name).eq_missing(pl.lit(value, pl.String)) for name, value in where)
    )


def _shares(row: Mapping[str, float], names: Names) -> tuple[float, float]:
    base0, part0, base1, part1 = (row[name] for name in names)
    return (part0 / base0 if base0 > 0 else math.nan, part1 / base1 if base1 > 0 else math.nan)


def _score_of(cells: pl.DataFrame, everybody: Mapping[str, float]) -> float:
    return float(judged(only(cells), everybody)["_score"].item())


def _sign(group: _Row) -> float:
    return math.copysign(1.0, group["_score"])


def _where(row: _Row) -> Where:
    named = ((row[name], row[f"{name}_value"]) for name in ("_first", "_second"))
    return tuple((str(dimension), None if value is None else str(value)) for dimension, value in named if dimension)
