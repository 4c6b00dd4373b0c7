"""The limit that a rule sets: how much, on which side of it a number is beyond, and where an alert ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import polars as pl

from config.alerts import Rule
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.scope import CURRENCY, UNASSIGNED, Scope
from metrics import BENCHMARKS, CATALOG, Better, Metric, Targets, Unit, chosen

DEVIATIONS = 3.5
"""Robust deviations that are unusual: the limit of Iglewicz and Hoaglin (1993)."""

MARGIN = 0.02
"""Where a rule has no margin: this share of its limit."""

STAYS = 0.9
"""An alert stays while this share of the money that its rule wants behind a number is there."""

_FINE = 10
"""Decimals that are compared. 0.35 − 0.30 is 0.05, whatever binary fractions make of it; money is exact anyway."""


@dataclass(frozen=True)
class Side:
    """Where a number is beyond its limit; ``included``: at the limit already. ``either``: far from zero both ways."""

    way: Literal["above", "below", "either"]
    included: bool

    @classmethod
    def of(cls, rule: Rule) -> Side:
        """The rule's own side, else strictly beyond on the metric's worse side.

        Raises:
            OutstandingError: no side is worse, and the rule says none.
        """
        if rule.edge:
            way = "above" if rule.edge in ("above", "at_least") else "below"
            return cls(way, included=rule.edge in ("at_least", "at_most"))
        metric = CATALOG[rule.metric]
        if metric.better is not Better.NEITHER:
            return cls("above" if metric.better is Better.LOWER else "below", included=False)
        if rule.when == "unusual":
            return cls("either", included=False)
        raise OutstandingError(
            f"Of {metric.label} neither more nor less is better: the rule '{rule.id}' needs an edge."
        )

    def beyond(self, quantity: pl.Expr, limit: pl.Expr) -> pl.Expr:
        """Whether a number is beyond the limit; null where either is missing."""
        if self.way == "either":
            quantity, limit = quantity.abs(), limit.abs()
        if self.way == "below":
            return quantity <= limit if self.included else quantity < limit
        return quantity >= limit if self.included else quantity > limit

    def back(self, quantity: pl.Expr, end: pl.Expr) -> pl.Expr:
        """Whether a number is back at ``end`` (see ``ends_at``) or further within."""
        if self.way == "below":
            return quantity >= end
        return (quantity.abs() if self.way == "either" else quantity) <= end


def ends_at(rule: Rule, limit: float) -> float:
    """Where an alert ends: the limit less the margin, on the good side; of ``either`` the distance from zero.

    Counted in decimals, as limits and margins are written: 30 % less 2 % of it is 29.4 %. Without a margin of its own a
    share below 99.5 % ends at 100 %, and not beyond it.
    """
    side, written = Side.of(rule), Decimal(repr(limit))
    margin = abs(written) * Decimal(repr(MARGIN)) if rule.margin is None else Decimal(repr(rule.margin))
    if side.way == "either":
        return float(abs(written) - margin)
    end = written + margin if side.way == "below" else written - margin
    most = bound(rule)
    if rule.margin is None and most is not None and 0 <= written <= most:
        end = min(max(end, Decimal(0)), Decimal(most))
    return float(end)


def bound(rule: Rule) -> int | None:
    """What a share cannot be above, 0 being what it cannot be below; ``None`` where the quantity has no such bounds."""
    unit = CATALOG[rule.metric].unit
    if rule.when in ("change", "unusual"):
        return None
    return {Unit.RATIO: 1, Unit.PERCENT: 100}.get(unit)


def constant(rule: Rule) -> float | None:
    """The limit where it is one figure, below zero for unusually low; ``None`` where it is a target's."""
    if rule.when == "unusual":
        deviations = DEVIATIONS if rule.value is None else rule.value
        return -deviations if Side.of(rule).way == "below" else deviations
    if rule.when == "benchmark":
        benchmark = BENCHMARKS.get(rule.metric)
        figures = (benchmark.good, benchmark.attention, benchmark.line) if benchmark else (None, None, None)
        return dict(zip(("good", "attention", "line"), figures, strict=True))[rule.of]
    return rule.value


def with_limits(book: Book, rule: Rule, targets: Targets, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``limit``, the one in force for each, and ``_meant``: whether it is for their currency by name.

    ``rows``: ``as_of`` and the columns of ``rule.by`` among theirs. ``limit`` is null where none is in force.
    """
    if rule.when != "target":
        return rows.with_columns(limit=pl.lit(constant(rule), pl.Float64), _meant=pl.lit(value=False))
    listed = next((rules for metric, rules in targets.rules if metric == rule.metric), ())
    named = {name for each in listed for name, _ in each.where}
    columns = {name: column_of(book, name) for name in rule.by if name in named}
    keys = ["as_of", *dict.fromkeys(columns.values())]
    places = rows.select(keys).unique()
    # One target a day and group that any target names: few, however many rows there are.
    told = [_target(rule, targets, columns, place) for place in places.iter_rows(named=True)]
    schema = {"limit": pl.Float64, "_meant": pl.Boolean}
    limits = pl.concat([places, pl.DataFrame(told, schema=schema, orient="row")], how="horizontal")
    return rows.join(limits, on=keys, how="left", nulls_equal=True, maintain_order="left")


def _target(
    rule: Rule, targets: Targets, columns: Mapping[str, str], place: Mapping[str, Any]
) -> tuple[float | None, bool]:
    about = {**chosen(scope_of(rule)), **{name: place[column] for name, column in columns.items()}}
    target = targets.of_metric(rule.metric, place["as_of"], about)
    if target is None:
        return None, False
    anywhere = {name: value for name, value in about.items() if name != CURRENCY}
    meant = CURRENCY in about and target is not targets.of_metric(rule.metric, place["as_of"], anywhere)
    return target.good if rule.of == "good" else target.attention, meant


def money_in(book: Book, rule: Rule) -> tuple[str, ...] | None:
    """The currencies that a limit in money holds for; ``None`` where it holds for every row.

    Where currencies are never added, a limit of 100,000 means one currency: those that the rule is narrowed to, else
    the reporting currency.
    """
    figure = CATALOG[rule.metric].unit is Unit.MONEY and rule.when != "unusual" and not told_in_percent(rule)
    if not figure or book.rules.conversion is not Conversion.NONE or len(book.currencies) == 1:
        return None
    return tuple(dict(rule.where).get(CURRENCY, (book.rules.reporting_currency,)))


def told_in_percent(rule: Rule) -> bool:
    """Whether what is held against the limit is a change as a share."""
    return rule.when == "change" and rule.percent


def compared(metric: Metric, number: pl.Expr) -> pl.Expr:
    """A number as it is compared: without what binary fractions leave at its end. Money is exact to the cent."""
    return number if metric.unit is Unit.MONEY else number.round(_FINE)


def scope_of(rule: Rule) -> Scope:
    """The part of the company that the rule is about."""
    return Scope.of(**{name: [None if each == UNASSIGNED else each for each in values] for name, values in rule.where})


def column_of(book: Book, dimension: str) -> str:
    """The column that a dimension is in an answer; the currency's where amounts stay in their own."""
    return next(iter(book.by_columns([dimension])), CURRENCY)
