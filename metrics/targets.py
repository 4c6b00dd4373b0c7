"""Targets that metrics are held against: which one is in force, for which part of the company, on which day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Protocol

from ledger import listing
from ledger.book import Book
from ledger.errors import ConfigError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text
from metrics.catalog import CATALOG
from metrics.spec import Better, Metric, Unit
from metrics.state import State, state

_ANYWHERE: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True)
class Target:
    """What is good and what needs attention, in the metric's own unit; ``note`` is said beside the state."""

    good: float
    attention: float
    note: str = ""


class Goal(Protocol):
    """One target as settings have it: ``config.targets.Goal``, which says more of each part."""

    @property
    def key(self) -> str: ...
    @property
    def good(self) -> float: ...
    @property
    def attention(self) -> float: ...
    @property
    def note(self) -> str: ...
    @property
    def where(self) -> tuple[tuple[str, str | None], ...]: ...
    @property
    def start(self) -> date | None: ...
    @property
    def end(self) -> date | None: ...


@dataclass(frozen=True)
class _Rule:
    target: Target
    where: tuple[tuple[str, str | None], ...]
    start: date
    end: date

    def holds(self, day: date, values: Mapping[str, str | None]) -> bool:
        within = self.start <= day <= self.end
        return within and all(name in values and values[name] == value for name, value in self.where)


@dataclass(frozen=True)
class Targets:
    """Every target of the company. Without arguments: none at all. Hashable, so that it can key a cache.

    ``rules``: per metric id, in the order in which they are tried; see ``of``.
    """

    rules: tuple[tuple[str, tuple[_Rule, ...]], ...] = ()

    @classmethod
    def of(cls, goals: Mapping[str, Iterable[Goal]], where: str) -> Targets:
        """The targets in ``goals`` (``settings.targets``: per metric the most specific first), checked.

        Raises:
            ConfigError: an unknown metric, one without a direction, figures the wrong way round, a share that is not
                between 0 and 1. ``where`` names the file; the sentence names the key too.
        """
        for metric, listed in goals.items():
            if metric not in CATALOG:
                raise ConfigError(
                    f"{where} has a target for '{metric}', which is no metric; {did_you_mean(metric, CATALOG)}".rstrip(
                        "; "
                    )
                )
            for goal in listed:
                _check(CATALOG[metric], goal, where)
        return cls(tuple((metric, tuple(map(_rule, listed))) for metric, listed in goals.items()))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that have any target, at any time, in the order of the file."""
        return tuple(metric for metric, _ in self.rules)

    def of_metric(self, metric: str, day: date, scope_values: Mapping[str, str | None] = _ANYWHERE) -> Target | None:
        """The most specific target in force on ``day``; ``None`` when there is none.

        Args:
            metric: a metric id.
            day: the as-of day.
            scope_values: the one value of each dimension that the number is about, ``None`` for rows without a value:
                ``{"region": "EMEA"}``. ``chosen`` makes it from a scope.
        """
        rules = next((rules for name, rules in self.rules if name == metric), ())
        return next((rule.target for rule in rules if rule.holds(day, scope_values)), None)

    def state(
        self, metric: str, value: float | None, day: date, scope_values: Mapping[str, str | None] = _ANYWHERE
    ) -> State | None:
        """``good``, ``watch`` or ``act`` (see ``metrics.state``) against ``of_metric``; ``None`` without a target."""
        target = self.of_metric(metric, day, scope_values)
        return state(metric, value, target.good, target.attention) if target else None

    def notes(self, book: Book) -> list[str]:
        """A sentence for each value that targets are for and no document has: most likely a slip."""
        named = sorted(
            {(name, value) for _, rules in self.rules for rule in rules for name, value in rule.where}, key=str
        )
        known = {name: _values(book, name) for name in {name for name, _ in named}}
        return [
            f"There is a target for {name} '{value or UNASSIGNED}', which no document has; "
            f"{did_you_mean(value or UNASSIGNED, [each for each in known[name] if each])}".rstrip("; ")
            for name, value in named
            if value not in known[name]
        ]


def chosen(scope: Scope) -> dict[str, str | None]:
    """The dimensions that ``scope`` narrows to one value, and that value: what ``Targets.of_metric`` asks for."""
    return {name: next(iter(values)) for name, values in scope.where if len(values) == 1}


def told(metric: Metric, target: Target, currency: str = "") -> str:
    """A target's edges in words, with its note: ``Good up to 45 days, act beyond 49 days: company goal``."""
    to = "up to" if metric.better is Better.LOWER else "from"
    beyond = "beyond" if metric.better is Better.LOWER else "below"
    good, attention = (text.goal(figure, metric.unit, currency) for figure in (target.good, target.attention))
    return f"Good {to} {good}, act {beyond} {attention}{f': {target.note}' if target.note else ''}"


def _values(book: Book, dimension: str) -> set[str | None]:
    if dimension == CUSTOMER:
        return set(listing.customers(book)["customer_id"])
    known = dimension in book.dimensions or dimension == CURRENCY
    return set(book.values(dimension)) if known else set()


def _rule(goal: Goal) -> _Rule:
    target = Target(goal.good, goal.attention, goal.note)
    return _Rule(target, goal.where, goal.start or date.min, goal.end or date.max)


def _check(metric: Metric, goal: Goal, where: str) -> None:
    if metric.better is Better.NEITHER:
        raise ConfigError(
            f"{where}: {goal.key} is a target for {metric.label}, of which neither more nor less is better; remove it."
        )
    for name, figure in (("good", goal.good), ("attention", goal.attention)):
        if metric.unit is Unit.PERCENT and not 0 <= figure <= 100:  # noqa: PLR2004
            raise ConfigError(f"{where}: {goal.key}.{name} is {figure:g}, but {metric.label} is between 0 and 100.")
        if metric.unit is Unit.RATIO and not 0 <= figure <= 1:
            meant = f": {figure:g} % is written {figure / 100:g}" if 1 < figure <= 100 else ""  # noqa: PLR2004
            raise ConfigError(f"{where}: {goal.key}.{name} is {figure:g}, but a share is between 0 and 1{meant}.")
    worse = goal.attention < goal.good if metric.better is Better.LOWER else goal.attention > goal.good
    if worse:
        side = "above" if metric.better is Better.LOWER else "below"
        raise ConfigError(
            f"{where}: {goal.key} has attention at {goal.attention:g} and good at {goal.good:g}, the wrong way round: "
            f"of {metric.label} {metric.better.value} is better, so that attention lies {side} good."
        )
