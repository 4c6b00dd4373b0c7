"""What a metric is: declared once, as data, and read by pages, alerts, exports, the command line and the docs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import polars as pl

from ledger.errors import OutstandingError, did_you_mean


class Unit(StrEnum):
    """How a value reads.

    ``RATIO`` is 0–1 and shown as a percentage; ``PERCENT`` is 0–100; ``TIMES`` a factor; ``NUMBER`` a count, an index.
    """

    MONEY = "money"
    DAYS = "days"
    RATIO = "ratio"
    PERCENT = "percent"
    TIMES = "times"
    NUMBER = "number"


class Better(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of the product.

    A metric is ``numerator ÷ denominator × factor`` over summed parts (``metrics.parts``), so that it is recomputed
    for every group and never averaged. Without a denominator it is the numerator itself. A denominator of 0 or less
    gives no value, with ``no_value`` as the reason.

    Attributes:
        id: what it is called everywhere: ``noun`` or ``noun_qualifier``.
        label: what a person reads, in sentence case.
        question: the question it answers.
        unit: how the value reads.
        better: which way is good.
        additive: whether values of groups add up to the value of the whole.
        formula: in words, as in the docs.
        source: whose definition it is.
        numerator, denominator: expressions over the parts, in minor units for money.
        factor: multiplies the ratio (days of the window, 100).
        no_value: the note when the denominator is missing.
        flag: a note that stands beside a value that is there.
        example: a worked example in words, the result last.
        windowed: whether the value depends on the window and not only on the as-of day.
        counted: whether numerator and denominator are counts and not money.
        own: a metric that no ratio of sums can give (count-back) names its evaluator in ``metrics.evaluate.OWN``. A
            group that the evaluator leaves out is 0, or null with ``no_value`` where that is given.
    """

    id: str
    label: str
    question: str
    unit: Unit
    better: Better
    additive: bool
    formula: str
    source: str
    example: str
    numerator: pl.Expr | None = None
    denominator: pl.Expr | None = None
    factor: pl.Expr | None = None
    no_value: str = ""
    flag: pl.Expr | None = None
    windowed: bool = True
    counted: bool = False
    own: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", self.id):
            raise ValueError(f"'{self.id}' is not a metric id: small letters, digits and single underscores.")
        if self.additive and self.denominator is not None:
            raise ValueError(f"'{self.id}' is a ratio and cannot be additive.")
        if self.denominator is not None and not self.no_value:
            raise ValueError(f"'{self.id}' must say why it has no value without a denominator.")
        if (self.numerator is None) == (not self.own):
            raise ValueError(f"'{self.id}' needs either a numerator or an evaluator of its own.")

    @cached_property
    def roots(self) -> frozenset[str]:
        """The parts that the metric is made of."""
        made_of = [expr for expr in (self.numerator, self.denominator, self.factor, self.flag) if expr is not None]
        return frozenset(name for expr in made_of for name in expr.meta.root_names())

    @cached_property
    def ratio(self) -> Mapping[str, pl.Expr]:
        """``value, numerator, denominator`` (Float64, minor units) and ``note`` over the parts: put together once."""
        numerator = (pl.lit(0) if self.numerator is None else self.numerator).cast(pl.Float64)
        flag = pl.lit(None, pl.String) if self.flag is None else self.flag
        if self.denominator is None:
            told = (numerator, numerator, pl.lit(None, pl.Float64), flag)
        else:
            there, denominator = self.denominator > 0, self.denominator.cast(pl.Float64)
            ratio = numerator / denominator
            value = ratio if self.factor is None else ratio * self.factor
            no_value = pl.when(~there).then(pl.lit(self.no_value)).otherwise(flag)
            told = (pl.when(there).then(value), numerator, denominator, no_value)
        return MappingProxyType(dict(zip(("value", "numerator", "denominator", "note"), told, strict=True)))


class Catalog(Mapping[str, Metric]):
    """Every metric by id, in the order of the docs. Read-only; an unknown id says which one was meant."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics: dict[str, Metric] = {}
        for metric in metrics:
            if metric.id in self._metrics:
                raise ValueError(f"The metric '{metric.id}' is declared twice.")
            self._metrics[metric.id] = metric

    def __getitem__(self, id: str) -> Metric:
        try:
            return self._metrics[id]
        except KeyError:
            hint = did_you_mean(id, self._metrics) or "'metrics' lists them."
            raise UnknownMetricError(f"There is no metric '{id}'; {hint}") from None

    def __contains__(self, id: object) -> bool:
        return id in self._metrics

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __len__(self) -> int:
        return len(self._metrics)

    def choose(self, ids: Sequence[str] | None) -> list[Metric]:
        """The metrics named, in that order; all of them for ``None``."""
        return list(self.values()) if ids is None else [self[id] for id in ids]


class UnknownMetricError(OutstandingError, KeyError):
    """A metric id that the catalogue does not have."""

    def __str__(self) -> str:
        return self.args[0]
