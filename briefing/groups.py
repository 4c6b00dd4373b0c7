"""The groups of a dimension side by side: their KPIs against their targets, the most money beyond them first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from briefing.summary import Summary
from charts.heat import Cell, Row
from ledger.scope import UNASSIGNED, Scope
from metrics import text

METRICS = ("total_ar", "overdue_share", "dso", "cei", "over_90_share")

MOST = 7
"""Groups with a line of their own; one more gets the line of the others."""

REST = "\x00others"
_STATES = ("act", "watch", "good")


def usual(labels: Mapping[str, str], scope: Scope) -> str:
    """Segments if there are any, the cut that executives ask for first; of a single one what comes next in drill order.

    What comes before may have but one group within what the reader narrowed to.
    """
    order = list(labels)
    narrowed = [place for place, name in enumerate(order) if len(scope.values(name)) == 1]
    several = [name for place, name in enumerate(order) if place not in narrowed]
    if "segment" in several or not several:
        return "segment" if "segment" in order else order[0]
    return next((name for name in several if order.index(name) > max(narrowed, default=-1)), several[0])


def finding(rows: Sequence[Row], group: str, summary: Summary) -> str:
    """Who has the most overdue money beyond its target, and what part of all that is beyond."""
    beyond = [row for row in rows if row.stake is not None and row.stake > 0]
    what = "its target" if summary.target("overdue_share") else "the company's share of it"
    if len(rows) == 1:
        return f"{text.name(rows[0].label)} holds all of it"
    if not beyond:
        return f"No {group.lower()} has more overdue than {what}"
    first = max((row for row in beyond if row.key != REST), key=lambda row: row.stake or 0.0, default=beyond[0])
    money = text.money(first.stake, summary.view.currency, summary.view.scale)
    return f"{text.name(first.label)} is worst: {money} overdue beyond {what}"


@dataclass(frozen=True)
class _Group:
    """A group's values by metric and day."""

    value: str | None
    values: Mapping[tuple[str, date], float | None]

    def now(self, metric: str, day: date) -> float | None:
        return self.values.get((metric, day))


def rows(summary: Summary, dimension: str, most: int = MOST) -> Iterator[Row]:
    """The ``most`` groups with most money beyond their target, then all others as one."""
    view = summary.view
    found = [_row(summary, group, dimension) for group in _groups(summary, dimension)]
    found = [row for row in found if any(cell.value for cell in row.cells)]
    found.sort(key=lambda row: (-(row.stake or 0.0), -(row.cells[0].value or 0.0), row.label))
    if len(found) <= most + 1:
        yield from found
        return
    yield from found[:most]
    rest = [None if row.key == UNASSIGNED else row.key for row in found[most:]]
    scope = view.scope.narrowed(dimension, *rest)
    values = _read(summary.answers.evaluate(_asked(), _days(summary), view.window, scope), summary)
    yield _row(summary, _Group(None, values), None, f"{len(rest)} others")


def _groups(summary: Summary, dimension: str) -> Iterator[_Group]:
    view = summary.view
    rows = summary.answers.evaluate(_asked(), _days(summary), view.window, view.scope, (dimension,))
    for (value,), of_group in rows.group_by(dimension, maintain_order=True):
        yield _Group(None if value is None else str(value), _read(of_group, summary))


def _asked() -> tuple[str, ...]:
    return (*METRICS, "overdue", "gross_open")


def _days(summary: Summary) -> tuple[date, ...]:
    return tuple(sorted({summary.view.day, *([summary.base_day] if summary.base_day else [])}))


def _read(rows: pl.DataFrame, summary: Summary) -> dict[tuple[str, date], float | None]:
    own = rows.filter(pl.col("currency") == summary.view.currency).select("metric", "as_of", "value")
    return {(metric, day): value for metric, day, value in own.iter_rows()}


def _row(summary: Summary, group: _Group, dimension: str | None, label: str = "") -> Row:
    """A group's line; without a dimension it is that of all others."""
    day, of = summary.view.day, {dimension: group.value} if dimension else {}
    aims = {metric: summary.target(metric, None, **of) for metric in METRICS}
    cells = tuple(
        Cell(
            metric,
            group.now(metric, day),
            good=aim.good if aim else None,
            attention=aim.attention if aim else None,
            whole=summary.value(metric, day),
            before=group.now(metric, summary.base_day) if summary.base_day and summary.reaches(metric) else None,
        )
        for metric, aim in aims.items()
    )
    aim = aims["overdue_share"]
    share = aim.good if aim else summary.value("overdue_share", day)
    overdue, gross = group.now("overdue", day), group.now("gross_open", day)
    states = {summary.state(cell.metric, cell.value, **of) for cell in cells}
    name = UNASSIGNED if group.value is None else group.value
    return Row(
        REST if dimension is None else name,
        label or text.name(group.value),
        cells,
        None if overdue is None or gross is None or share is None else overdue - share * gross,
        next((state for state in _STATES if state in states), None),
    )
