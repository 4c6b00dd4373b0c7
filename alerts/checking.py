"""What cannot be in a rule, told in half a sentence: metrics, dimensions, owners, limits, targets, words in braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from alerts import limits
from alerts.limits import Side
from alerts.wording import PLACES
from config.alerts import AlertSettings, Rule
from ledger import listing
from ledger.book import Book
from ledger.calendar import Window
from ledger.errors import ConfigError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED
from metrics import BENCHMARKS, CATALOG, Better, Metric, Targets, Unit, text

_PER_CENT = 100
_BOUNDS = {Unit.RATIO: 1, Unit.PERCENT: _PER_CENT}

_OVER_ALL = frozenset({"credit_utilisation"})
"""Shares that go above 100 %."""

_MOST_CHANGE = 10
"""A change of more than this many times is a percentage that was written as such."""


@dataclass(frozen=True)
class Checker:
    """What rules are checked against; one serves all of them."""

    settings: AlertSettings
    book: Book
    targets: Targets

    @property
    def dimensions(self) -> list[str]:
        """What a rule may be asked by, in drill order."""
        return [*self.book.dimensions, CUSTOMER, CURRENCY]

    def problem(self, rule: Rule) -> str:
        """The first thing that cannot be, with its key first: ``metric is 'dsoo', …``; empty where there is none."""
        checks: tuple[Callable[[Rule], Iterator[str]], ...] = (
            self._metric, self._names, self._owners, self._window, self._kind, self._side, self._limit, self._margin,
            self._message,
        )  # fmt: skip
        return next((problem for check in checks for problem in check(rule)), "")

    def notes(self, rule: Rule) -> Iterator[str]:
        """What is most likely a slip in a rule without a problem, and stops nothing."""
        for name, values in rule.where:
            known = self._values(name)
            for value in values:
                if (None if value == UNASSIGNED else value) not in known:
                    hint = did_you_mean(value, [each for each in known if each])
                    yield f"where.{name} has '{value}', which no document has; {hint}".rstrip("; ")

    def _values(self, dimension: str) -> set[str | None]:
        if dimension == CUSTOMER:
            return set(listing.customers(self.book)["customer_id"])
        return set(self.book.values(dimension))

    # --- names --------------------------------------------------------------------------------------------------

    def _metric(self, rule: Rule) -> Iterator[str]:
        if rule.metric not in CATALOG:
            yield _unknown("metric is", rule.metric, "which is no metric", CATALOG)

    def _names(self, rule: Rule) -> Iterator[str]:
        asked = [("by has", name) for name in rule.by] + [("where has", name) for name, _ in rule.where]
        if rule.owner_by:
            asked.append(("owner_by is", rule.owner_by))
        for key, name in asked:
            if name not in self.dimensions:
                yield _unknown(key, name, "which is no dimension", self.dimensions)
        twice = [name for place, name in enumerate(rule.by) if name in rule.by[:place]]
        if twice:
            yield f"by has '{twice[0]}' twice; remove one."

    def _owners(self, rule: Rule) -> Iterator[str]:
        if rule.owner and rule.owner not in self.settings.owners:
            hint = did_you_mean(rule.owner, self.settings.owners) or "add it under [owners]."
            yield f"owner is '{rule.owner}', which is no owner; {hint}"

    def _window(self, rule: Rule) -> Iterator[str]:
        if rule.window is None:
            return
        try:
            Window.ending(self.book.last_day or date(2000, 1, 31), rule.window)
        except ConfigError:
            yield (
                f"window is '{rule.window}'; it must be a number of months or days that the calendar has, such as "
                f"'3mo' or '90d'."
            )

    # --- limits -------------------------------------------------------------------------------------------------

    def _kind(self, rule: Rule) -> Iterator[str]:
        metric = CATALOG[rule.metric]
        if rule.percent and rule.when != "change":
            yield f"percent is for changes, and the rule is of the kind '{rule.when}'; remove it or make it a change."
        if rule.when == "target" and rule.metric not in self.targets.metrics:
            yield f"when is 'target', but {metric.label} has no target; add one to targets.toml, or use 'level'."
        if rule.when == "benchmark" and limits.constant(rule) is None:
            yield f"of is '{rule.of}', but {_published(metric)}"

    def _side(self, rule: Rule) -> Iterator[str]:
        metric = CATALOG[rule.metric]
        if metric.better is Better.NEITHER and rule.when != "unusual" and not rule.edge:
            yield (
                f"edge is missing: of {metric.label} neither more nor less is better, and a rule must say which side "
                "it means, 'above' or 'below'."
            )

    def _limit(self, rule: Rule) -> Iterator[str]:
        metric, value = CATALOG[rule.metric], rule.value
        if value is None or rule.when not in ("level", "change"):
            return
        if limits.told_in_percent(rule):
            if abs(value) > _MOST_CHANGE:
                percent = text.number(value * 100)
                yield f"value is {value:g}, which is {percent} %; {value:g} % is written {value / 100:g}."
            return
        bound = _BOUNDS.get(metric.unit)
        if bound is None or (metric.id in _OVER_ALL and 0 <= value <= _MOST_CHANGE):
            return
        lowest = 0 if rule.when == "level" else -bound
        if not lowest <= value <= bound:
            is_share = metric.unit is Unit.RATIO
            noun = "a share" if is_share else metric.label
            as_percent = is_share and 1 < abs(value) <= _PER_CENT
            meant = f": {abs(value):g} % is written {abs(value) / _PER_CENT:g}" if as_percent else ""
            kind = noun if rule.when == "level" else f"a change of {noun}"
            yield f"value is {value:g}, but {kind} is between {lowest} and {bound}{meant}."

    def _margin(self, rule: Rule) -> Iterator[str]:
        limit, margin = limits.constant(rule), rule.margin
        if limit is None or margin is None:
            return
        end, bound = limits.ends_at(rule, limit), limits.bound(rule)
        beyond = bound is not None and CATALOG[rule.metric].id not in _OVER_ALL and not 0 <= end <= bound
        if beyond or (Side.of(rule).way == "either" and end < 0):
            yield f"margin is {margin:g}, so that an alert would end at {end:g}, which cannot be; make it smaller."

    def _message(self, rule: Rule) -> Iterator[str]:
        for word in re.findall(r"\{([^{}]*)\}", rule.message):
            if word not in PLACES:
                hint = did_you_mean(word, PLACES)
                yield f"message has '{{{word}}}', which stands for nothing; {hint}".rstrip("; ")


def _unknown(key: str, name: str, what: str, options: Iterable[str]) -> str:
    return f"{key} '{name}', {what}; {did_you_mean(name, options)}".rstrip("; ")


def _published(metric: Metric) -> str:
    """Which figures a metric's benchmark has."""
    benchmark = BENCHMARKS.get(metric.id)
    named = ("good", "attention", "line")
    there = [f"'{name}'" for name in named if benchmark and getattr(benchmark, name) is not None]
    if not there:
        return f"nobody publishes a figure for {metric.label}; use 'level' with a value."
    return f"the benchmark of {metric.label} has only {text.listed(there)}."
