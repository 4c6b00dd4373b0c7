"""A change of a number, and its cause as it is told: a few contributors, and the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from alerts.case import Cause, Contributor
from alerts.wording import Names
from ledger.book import Book
from ledger.scope import CURRENCY, Scope
from metrics import text
from metrics.evaluate import evaluate
from metrics.explain import explain
from metrics.spec import Metric

MOST = 5
"""Contributors that are told."""

LEADERS = 2
"""Those of them that the sentence names."""


_LEADING = 0.3
"""The leaders lead where they make this share of the change."""


@dataclass(frozen=True)
class Change:
    """A change to be told: of which metric, in which part of the company, from when to when.

    ``holdings``: who holds what is open in that part, as ``alerts.holdings`` has it. ``by``: the dimensions to tell it
    by; empty for those that tell most.
    """

    book: Book
    metric: Metric
    scope: Scope
    currency: str
    window: str
    start: date
    end: date
    names: Names
    holdings: pl.DataFrame
    by: tuple[str, ...] = ()

    @property
    def amount(self) -> float | None:
        """The value at the end less that at the start; ``None`` where one is not defined."""
        days = [self.start, self.end]
        rows = evaluate(self.book, [self.metric.id], days, self.window, self.scope)
        found = dict(rows.filter(pl.col(CURRENCY) == self.currency).select("as_of", "value").iter_rows())
        before, after = (found.get(day) for day in days)
        return None if before is None or after is None else after - before

    def split(self, by: Sequence[str] = ()) -> pl.DataFrame:
        """``explain`` of the change, its own currency only."""
        rows = explain(self.book, self.metric.id, self.start, self.end, self.window, self.scope, by)
        return rows.filter(pl.col(CURRENCY) == self.currency)


def cause_of(change: Change, parts: Sequence[tuple[str, float]], total: float, words: str) -> Cause:
    """The parts that went along with the change, the largest first; all others, either way, are the rest."""
    along = sorted((part for part in parts if part[1] * total > 0), key=lambda part: (-abs(part[1]), part[0]))[:MOST]
    told = tuple(Contributor(name, amount) for name, amount in along)
    rest = math.fsum([total, *(-each.amount for each in told)])
    return Cause(words, change.start, total, told, rest)


def led(change: Change, found: Cause) -> Cause:
    """The same with its leaders in the words, where any lead."""
    if not found.contributors:
        return found
    leaders = [
        f"{each.name} ({text.change(each.amount, change.metric.unit, change.currency)})"
        for each in found.contributors[:LEADERS]
    ]
    share = math.fsum(each.amount for each in found.contributors[:LEADERS]) / found.change
    if share < _LEADING:
        return replace(found, words=f"{found.words}, spread over many; the largest is {leaders[0]}")
    return replace(found, words=f"{found.words}: led by {text.listed(leaders)}")
