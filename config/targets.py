"""Targets: what is good and what needs attention, by metric, for the company or a part of it, for ever or for a time.

``targets.toml`` has a table per metric, and ``[[metric.for]]`` tables for parts and times:

    [dso]
    good = 45
    attention = 49
    from = 2026-01-01

    [[dso.for]]
    region = "UK and Ireland"
    good = 40
    attention = 44

Here is checked what needs no metric: keys, dates, dimensions, overlaps. What a metric allows is checked where metrics
are known (``metrics.targets``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from config.reading import filled, read_toml, variables
from config.validation import Section, Text, validated
from ledger.errors import ConfigError, did_you_mean
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED

KEYS = ("good", "attention", "note", "from", "to", "for")
"""The words of a target's table. No dimension may have one of these names."""


@dataclass(frozen=True)
class Goal:
    """One target as it is written.

    Attributes:
        key: where it stands in the file: ``dso`` or ``dso.for[0]``.
        good, attention: in the metric's own unit. Which side of ``good`` is better is the metric's own direction.
        note: said beside the state.
        where: the dimension values it is for, in drill order; empty for the whole company. ``None`` stands for rows
            without a value.
        start, end: the first and the last day it is in force; ``None`` where that side is open.
    """

    key: str
    good: float
    attention: float
    note: str = ""
    where: tuple[tuple[str, str | None], ...] = ()
    start: date | None = None
    end: date | None = None

    @property
    def days(self) -> str:
        """When it is in force, in words."""
        if self.start and self.end:
            return f"{self.start} to {self.end}"
        if self.start:
            return f"from {self.start}"
        return f"to {self.end}" if self.end else "without dates"


Goals = Mapping[str, tuple[Goal, ...]]
"""Every target by metric id. The first one that fits a part of the company and a day is the one to take."""


def _day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    elif isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"is {_quoted(value)}; it must be a day, such as 2026-01-31.")


def _figure(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"is {str(value).lower()}; it must be a number.")  # noqa: TRY004  (told as a setting's mistake)
    return value


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str | date) else str(value).lower()


_Day = Annotated[date, BeforeValidator(_day)]
_Figure = Annotated[float, BeforeValidator(_figure), Field(strict=False, allow_inf_nan=False)]


class _Part(Section):
    """A ``[[metric.for]]`` table; its further keys are dimensions."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text]  # pyright: ignore[reportIncompatibleVariableOverride]

    good: _Figure
    attention: _Figure
    note: str = ""
    start: _Day | None = Field(default=None, alias="from")
    end: _Day | None = Field(default=None, alias="to")


class _Whole(Section):
    """A metric's own table. Without figures it only holds its ``for`` tables."""

    good: _Figure
    attention: _Figure
    note: str = ""
    start: _Day | None = Field(default=None, alias="from")
    end: _Day | None = Field(default=None, alias="to")
    parts: list[_Part] = Field(default_factory=list[_Part], alias="for")


class _OnlyParts(Section):
    """A metric's table that has nothing but ``for`` tables."""

    parts: list[_Part] = Field(alias="for")


class _File(Section):
    targets: dict[str, _Whole] = Field(default_factory=dict)
    parts: dict[str, _OnlyParts] = Field(default_factory=dict)


def read_targets(file: Path, dimensions: Iterable[str]) -> Goals:
    """The targets in ``file``; none when there is no such file.

    Args:
        file: ``targets.toml``.
        dimensions: the company's, in drill order. A target may also be for a ``customer`` (its id) or a ``currency``.

    Raises:
        ConfigError: anything that is missing, unknown or impossible, with the file and the key; two targets for the
            same part of the company whose dates overlap.
    """
    if not file.exists():
        return MappingProxyType({})
    # The file's tables are the metrics: they are checked as one mapping, and named without it in messages.
    tables = filled(read_toml(file), variables({}), file)
    for metric, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(f"{file}: {metric} must be a table, such as [{metric}] with good and attention.")
    known = (*dimensions, CUSTOMER, CURRENCY)
    whole = {metric: table for metric, table in tables.items() if set(table) != {"for"}}
    only = {metric: table for metric, table in tables.items() if set(table) == {"for"}}
    own = validated(_File, {"targets": whole}, file, inside="targets.").targets
    parts = validated(_File, {"parts": only}, file, inside="parts.").parts
    goals = {
        metric: tuple(_ranked(_goals(metric, own.get(metric), parts.get(metric), known, file), known))
        for metric in tables
    }
    for metric, listed in goals.items():
        _check(metric, listed, file)
    return MappingProxyType(goals)


def _goals(metric: str, own: _Whole | None, only: _OnlyParts | None, known: tuple[str, ...], file: Path) -> list[Goal]:
    parts = own.parts if own else only.parts if only else []
    found = [_goal(part, f"{metric}.for[{place}]", known, file) for place, part in enumerate(parts)]
    if own is None:
        return found
    return [Goal(metric, own.good, own.attention, own.note, (), own.start, own.end), *found]


def _goal(part: _Part, key: str, known: tuple[str, ...], file: Path) -> Goal:
    for name in part.__pydantic_extra__:
        if name not in known:
            hint = did_you_mean(name, KEYS if get_close_matches(name, KEYS, n=1) else known)
            raise ConfigError(f"{file}: {key} is for '{name}', which is no dimension{f'; {hint}' if hint else '.'}")
    if not part.__pydantic_extra__ and not part.start and not part.end:
        raise ConfigError(f"{file}: {key} names neither a dimension nor a day; say what part or what time it is for.")
    where = tuple(
        (name, None if part.__pydantic_extra__[name] == UNASSIGNED else part.__pydantic_extra__[name])
        for name in known
        if name in part.__pydantic_extra__
    )
    return Goal(key, part.good, part.attention, part.note, where, part.start, part.end)


def _ranked(goals: list[Goal], known: tuple[str, ...]) -> list[Goal]:
    """The most specific first; of equals the one whose dimensions come first in drill order."""
    return sorted(goals, key=lambda goal: (-len(goal.where), [known.index(name) for name, _ in goal.where]))


def _check(metric: str, goals: tuple[Goal, ...], file: Path) -> None:
    for goal in goals:
        if goal.start and goal.end and goal.start > goal.end:
            raise ConfigError(f"{file}: {goal.key} runs from {goal.start} to {goal.end}, which is earlier; swap them.")
    for one, other in combinations(goals, 2):
        if one.where == other.where and _overlap(one, other):
            part = " and ".join(f"{name} '{value or UNASSIGNED}'" for name, value in one.where) or "the whole company"
            raise ConfigError(
                f"{file}: {one.key} ({one.days}) and {other.key} ({other.days}) are both targets of {metric} for "
                f"{part} at the same time; let the one end, by 'to', before the other begins, by 'from'."
            )


def _overlap(one: Goal, other: Goal) -> bool:
    """Whether some day is within both; both ends of each belong to it."""
    begins = max(one.start or date.min, other.start or date.min)
    return begins <= min(one.end or date.max, other.end or date.max)
