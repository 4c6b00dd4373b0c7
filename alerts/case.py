"""What an evaluation of the rules finds: numbers beyond their limits, why, and which of them are one and the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from config.alerts import Rule, Severity

Where = tuple[tuple[str, str | None], ...]
"""Dimensions and their values; ``None`` stands for rows without a value."""


def key_of(rule: str, group: Where, currency: str) -> str:
    """What an alert is known by for as long as it lives: its rule, its group, its currency."""
    return json.dumps([rule, [list(pair) for pair in group], currency], ensure_ascii=True, separators=(",", ":"))


@dataclass(frozen=True)
class Point:
    """One day of a number's history, oldest first where there are several; ``limit`` in the unit of the value.

    ``None`` where a value or a limit is not defined.
    """

    day: date
    value: float | None
    limit: float | None


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A number beyond its limit.

    Attributes:
        rule: whose limit it is.
        group: the values of ``rule.by``; empty for the whole of the rule's part of the company.
        currency: of the money that went into the number.
        day: the as-of day.
        value: the metric's value, in its own unit: money in major units, shares 0–1.
        quantity: what was held against the limit: the value, the change, the deviations. See ``Rule.when``.
        limit: the limit, in the unit of ``quantity``.
        expected: the value that would be no news, in the metric's unit: at the limit for ``level``, ``target`` and
            ``benchmark``, the one that it changed from, the middle of its history.
        compared: the day that a change is from; ``None`` for other kinds.
        since: the first of the days, a month apart, from which on the number has been beyond the limit until now; at
            most two years back.
        history: the value and its limit, a month apart, to ``day``: at most 25 points.
    """

    rule: Rule
    group: Where
    currency: str
    day: date
    value: float
    quantity: float
    limit: float
    expected: float | None
    compared: date | None
    since: date
    history: tuple[Point, ...]

    @property
    def key(self) -> str:
        return key_of(self.rule.id, self.group, self.currency)


@dataclass(frozen=True)
class Contributor:
    """Who or what made part of a change, by name, in the metric's unit, with its sign."""

    name: str
    amount: float


@dataclass(frozen=True)
class Cause:
    """Why a number is where it is.

    ``words``: a sentence without a full stop. ``start``: the day that the change is counted from. ``contributors``: the
    largest first; with the ``rest`` they add up to the ``change``.
    """

    words: str
    start: date
    change: float
    contributors: tuple[Contributor, ...]
    rest: float


@dataclass(frozen=True, kw_only=True)
class Case:
    """A breach as somebody will hear of it.

    Attributes:
        breach: what was found.
        severity: of the rule.
        owner: a key of the owners; empty where there are none.
        who: whom it is about: ``Construction in Continental Europe``, a customer's name, the company's name.
        words: what happened, a sentence without a full stop.
        brief: the same in half a line, without ``who``.
        money: what is at stake, in major units of the breach's currency, never below zero; ``None`` where it cannot be
            told. Stakes of several alerts overlap and are not added up.
        cause: why; ``None`` where a change cannot be split.
        page: the script of the page that tells most, such as ``pages/receivables/customers.py``.
        where: what the page is narrowed to: the rule's own part, where it is one value, and the group.
        under: the key of the case that this is the same money as: without that one it would be no breach.
        same: how so, a clause such as ``without Calder Voss Inc. it would be 24.9 %``; empty where ``under`` is none.
    """

    breach: Breach
    severity: Severity
    owner: str
    who: str
    words: str
    brief: str
    money: float | None
    cause: Cause | None
    page: str
    where: Where
    under: str | None = None
    same: str = ""

    @property
    def key(self) -> str:
        return self.breach.key


@dataclass(frozen=True)
class Tally:
    """What came of one rule: how many groups were judged, how many are beyond the limit; or why it cannot be asked."""

    rule: str
    title: str
    judged: int
    breached: int
    problem: str = ""


@dataclass(frozen=True)
class Evaluation:
    """All rules asked of one snapshot. ``day`` is its last one, ``None`` for empty books.

    ``held``: keys of numbers that are within their limit but not by the margin that ends an alert. ``cases``: the most
    severe first, then the most money; those ``under`` another right after it. A rule with a ``problem`` in its tally
    was not asked: its alerts stay as they are. ``clear``: keys of numbers that are within their limit by the margin;
    ``None`` where that is not told. ``unjudged``: of numbers that could not be judged, by key, why.
    """

    day: date | None
    snapshot: str
    made_at: datetime | None
    cases: tuple[Case, ...]
    held: frozenset[str]
    tallies: tuple[Tally, ...]
    clear: frozenset[str] | None = None
    unjudged: Mapping[str, str] = field(default_factory=dict[str, str])
