"""Judging a second time, by hand: one day, one group at a time, from the rows of ``metrics.evaluate``.

Written from the description of the rules, not from the product's code, and as plainly as it goes: loops, dicts, and
exact fractions where the product has doubles.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from statistics import mean, median
from typing import Any

from config.alerts import Rule
from ledger.book import Book
from ledger.calendar import Window
from ledger.scope import CURRENCY, UNASSIGNED, Scope
from metrics import BENCHMARKS, CATALOG, Better, Targets, Unit, evaluate

Group = tuple[str | None, ...]
"""The values of ``rule.by``, then the currency."""


@dataclass(frozen=True)
class Verdict:
    """``None`` for a breach that cannot be judged."""

    breach: bool | None
    clear: bool | None
    value: float | None = None
    quantity: float | None = None
    limit: float | None = None
    expected: float | None = None


UNJUDGED = Verdict(None, None)


@dataclass
class Judge:
    """Answers are kept by day: they are asked for over and over."""

    book: Book
    rule: Rule
    targets: Targets
    window: str
    _kept: dict[date, dict[Group, dict[str, Any]]] = field(default_factory=dict[date, dict[Group, dict[str, Any]]])

    def judge(self, day: date) -> dict[Group, Verdict]:
        """Every group that is there on the day, or that a change of it is about."""
        told: dict[Group, Verdict] = {}
        for group in self.groups(day):
            today = self.once(day, group)
            running = today.breach
            for back in range(1, self.rule.periods):
                before = earlier(day, back)
                if running and not (before and self.reaches(before) and group in self.groups(before)):
                    running = False
                if running and before:
                    running = bool(self.once(before, group).breach)
            told[group] = Verdict(running, today.clear, today.value, today.quantity, today.limit, today.expected)
        return told

    # --- one number ---------------------------------------------------------------------------------------------

    def rows(self, day: date) -> dict[Group, dict[str, Any]]:
        """Group to ``value`` and ``open`` on the day."""
        if day not in self._kept:
            where = {
                name: [None if value == UNASSIGNED else value for value in values] for name, values in self.rule.where
            }
            labels = [next(iter(self.book.by_columns([name])), CURRENCY) for name in self.rule.by]
            found: dict[Group, dict[str, Any]] = {}
            for id, key in ((self.rule.metric, "value"), ("gross_open", "open")):
                answer = evaluate(
                    self.book, [id], [day], self.rule.window or self.window, Scope.of(**where), self.rule.by
                )
                for row in answer.to_dicts():
                    group = (*(row[label] for label in labels), row[CURRENCY])
                    found.setdefault(group, {})[key] = row["value"]
            self._kept[day] = found
        return self._kept[day]

    def groups(self, day: date) -> set[Group]:
        there = set(self.rows(day))
        if self.rule.when == "change" and self.zero_when_absent:
            start = self.start(day)
            there |= set(self.rows(start)) if start else set()
        return there

    @property
    def zero_when_absent(self) -> bool:
        """Amounts of a group without documents are 0; ratios and metrics that say so have no value."""
        metric = CATALOG[self.rule.metric]
        return metric.denominator is None and not metric.no_value

    def value(self, day: date, group: Group) -> float | None:
        row = self.rows(day).get(group)
        if row is None:
            return 0.0 if self.zero_when_absent else None
        return row["value"]

    def open(self, day: date, group: Group) -> float:
        row = self.rows(day).get(group)
        return row["open"] if row else 0.0

    def reaches(self, day: date) -> bool:
        first = self.book.first_day
        if first is None:
            return False
        if CATALOG[self.rule.metric].windowed:
            return self.book.covers(Window.ending(day, self.rule.window or self.window))
        return day >= first

    def start(self, day: date) -> date | None:
        """The day that a change is from."""
        if self.rule.against == "year":
            before = earlier(day, 12)
        else:
            before = Window.ending(day, self.rule.window or self.window).start - timedelta(days=1)
        return before if before and self.reaches(before) else None

    # --- against its limit --------------------------------------------------------------------------------------

    def once(self, day: date, group: Group) -> Verdict:
        """The verdict of the day alone, whatever the months before were."""
        value = self.value(day, group)
        if value is None or not self.reaches(day) or self.wrong_currency(group):
            return UNJUDGED
        amounts = [self.open(day, group)]
        start = self.start(day) if self.rule.when == "change" else None
        if start:
            amounts.append(self.open(start, group))
            if self.rule.percent and CATALOG[self.rule.metric].unit is Unit.MONEY:
                amounts.append(abs(self.value(start, group) or 0.0))
        if any(amount < 0.9 * self.rule.least for amount in amounts):
            return UNJUDGED
        match self.rule.when:
            case "change":
                found = self.change(day, group, value)
            case "unusual":
                found = self.unusual(day, group, value)
            case _:
                limit = self.limit(day, group)
                found = None if limit is None else (value, limit, limit)
        if found is None:
            return UNJUDGED
        quantity, limit, expected = found
        breach, clear = self.compared(quantity, limit)
        breach = breach and all(amount >= self.rule.least for amount in amounts)
        return Verdict(breach, clear, value, quantity, limit, expected)

    def limit(self, day: date, group: Group) -> float | None:
        if self.rule.when == "level":
            return self.rule.value
        if self.rule.when == "benchmark":
            benchmark = BENCHMARKS.get(self.rule.metric)
            return getattr(benchmark, self.rule.of) if benchmark else None
        about: dict[str, str | None] = dict(zip(self.rule.by, group, strict=False))
        for name, values in self.rule.where:
            if len(values) == 1 and name not in about:
                about[name] = None if values[0] == UNASSIGNED else values[0]
        target = self.targets.of_metric(self.rule.metric, day, about)
        return getattr(target, self.rule.of) if target else None

    def change(self, day: date, group: Group, value: float) -> tuple[float, float, float] | None:
        start = self.start(day)
        if start is None:
            return None
        before = self.value(start, group)
        if before is None:
            return None
        assert self.rule.value is not None
        moved = value - before
        if not self.rule.percent:
            return moved, self.rule.value, before
        if before == 0:
            return None
        return moved / abs(before), self.rule.value, before

    def unusual(self, day: date, group: Group, value: float) -> tuple[float, float, float] | None:
        past = self.past(day, group)
        levels = [past[back] for back in range(1, 37) if back in past]
        if len(levels) < 8:
            return None
        steps = [past[back] - past[back + 12] for back in range(1, 25) if back in past and back + 12 in past]
        base = 0.0
        if len(levels) >= 24 and len(steps) >= 8 and 12 in past:
            base, levels = past[12], steps
        size = max(abs(each) for each in (value, *past.values()))
        middle = median(levels)
        apart = [abs(each - middle) for each in levels]
        away = value - base - middle
        if abs(away) <= 1e-9 * size:
            score = 0.0
        elif median(apart) > 1e-9 * size:
            score = away / (1.4826 * median(apart))
        elif mean(apart) > 1e-9 * size:
            score = away / (1.2533 * mean(apart))
        else:
            score = 1e6 if away > 0 else -1e6
        score = min(max(score, -1e6), 1e6)
        limit = 3.5 if self.rule.value is None else self.rule.value
        side = self.side
        if side in ("below", "at_most") or (side == "either" and score < 0):
            limit = -limit
        return score, limit, base + middle

    def past(self, day: date, group: Group) -> dict[int, float]:
        """How many months back to the value of the group, where it has one, up to 48: more than is ever read."""
        days = {back: before for back in range(1, 37) if (before := earlier(day, back)) and self.reaches(before)}
        there = [back for back, before in days.items() if group in self.rows(before)]
        oldest = max(there, default=0)
        told = {back: self.value(before, group) for back, before in days.items() if back <= oldest}
        return {back: value for back, value in told.items() if value is not None}

    # --- comparing ----------------------------------------------------------------------------------------------

    @property
    def side(self) -> str:
        if self.rule.edge:
            return self.rule.edge
        better = CATALOG[self.rule.metric].better
        return {Better.LOWER: "above", Better.HIGHER: "below", Better.NEITHER: "either"}[better]

    def wrong_currency(self, group: Group) -> bool:
        metric = CATALOG[self.rule.metric]
        as_money = metric.unit is Unit.MONEY and self.rule.when != "unusual"
        if not as_money or (self.rule.when == "change" and self.rule.percent) or len(self.book.currencies) == 1:
            return False
        return group[-1] not in dict(self.rule.where).get(CURRENCY, (self.book.rules.reporting_currency,))

    def compared(self, quantity: float, limit: float) -> tuple[bool, bool]:
        """Whether it is beyond the limit, and whether it within it by the margin; digits after the tenth are dust."""
        number, edge = Fraction(f"{quantity:.10f}"), Fraction(f"{limit:.10f}")
        margin = abs(edge) * Fraction(2, 100) if self.rule.margin is None else Fraction(repr(self.rule.margin))
        if self.side == "either":
            return abs(number) > abs(edge), abs(number) <= abs(edge) - margin
        unit = CATALOG[self.rule.metric].unit
        end = edge + margin if self.side in ("below", "at_most") else edge - margin
        whole = {Unit.RATIO: 1, Unit.PERCENT: 100}.get(unit)
        if (
            self.rule.margin is None
            and whole
            and self.rule.when in ("level", "target", "benchmark")
            and 0 <= edge <= whole
        ):
            end = min(max(end, Fraction(0)), Fraction(whole))
        match self.side:
            case "above":
                return number > edge, number <= end
            case "at_least":
                return number >= edge, number <= end and number < edge
            case "below":
                return number < edge, number >= end
            case _:
                return number <= edge, number >= end and number > edge


def earlier(day: date, months: int) -> date | None:
    """The same day so many months before, at most the last of that month; of a last day of a month the last day."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    if year < 1:
        return None
    last = calendar.monthrange(year, month)[1]
    is_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month, last if is_end else min(day.day, last))
