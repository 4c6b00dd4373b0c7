"""One metric over one or two sides, as the explorer draws it: marks, points, and the finding they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from charts.figure import Setting
from metrics import Better, Metric, Unit, text

LEAST = 0.01
"""A group with less than this share of what is open is no finding."""

_NOUN = 3
"""Capital letters at the beginning make a word a name: DSO, CEI."""


@dataclass(frozen=True)
class Mark:
    """A group or a day along a side. ``key`` names it in a click; ``is_rest``: what is left over, together."""

    key: str
    label: str
    is_rest: bool = False
    day: date | None = None


@dataclass(frozen=True)
class Point:
    """A number: ``base`` is what it is compared with, ``size`` what is open there, ``is_known`` whether it counts."""

    value: float | None
    base: float | None = None
    size: float = 0.0
    is_known: bool = True
    note: str | None = None

    @property
    def change(self) -> float | None:
        return None if self.value is None or self.base is None else self.value - self.base


@dataclass(frozen=True)
class Panel:
    """``points`` by the keys of a row and a column; ``together`` by that of a column, for all rows together.

    ``group`` and ``across`` say what rows and columns are, in the singular; ``versus`` what is compared with, shortly,
    ``than`` in words, ``since`` since when that is.
    """

    metric: Metric
    rows: tuple[Mark, ...]
    columns: tuple[Mark, ...]
    points: Mapping[tuple[str, str], Point]
    together: Mapping[str, Point]
    group: str
    across: str = ""
    versus: str = "PY"
    than: str = "a year before"
    since: str = "in a year"

    def at(self, row: Mark, column: Mark) -> Point:
        return self.points.get((row.key, column.key), Point(None))

    @property
    def days(self) -> list[date]:
        """The days across, in order; none where the columns are no days."""
        return [column.day for column in self.columns if column.day is not None]

    @property
    def last(self) -> Mark:
        return self.columns[-1]

    def largest(self, rows: Iterable[Mark] | None = None) -> float:
        """The largest amount of ``rows``, whatever its sign; of all of them if left out."""
        pairs = [(row, column) for row in (self.rows if rows is None else rows) for column in self.columns]
        sizes = [abs(value) for row, column in pairs if (value := self.at(row, column).value) is not None]
        return max(sizes, default=0.0)


# --- words --------------------------------------------------------------------------------------------------------


def noun(label: str) -> str:
    """A metric's label inside a sentence: ``overdue share``, ``DSO``."""
    first = label.split(" ", 1)[0].rstrip(",")
    return label if first.isupper() or first[:_NOUN].isupper() else label[:1].lower() + label[1:]


def unit(metric: Metric, setting: Setting, scale: text.Scale) -> str:
    """The unit as a heading writes it; nothing for a plain number."""
    if metric.unit is Unit.MONEY:
        return scale.unit(setting.currency)
    return {Unit.RATIO: "%", Unit.DAYS: "days", Unit.PERCENT: "of 100", Unit.TIMES: "×"}.get(metric.unit, "")


def short(value: float | None, metric: Metric, scale: text.Scale) -> str:
    """A value without the unit that a heading or subtitle carries."""
    match metric.unit:
        case _ if value is None:
            return text.MISSING
        case Unit.MONEY:
            return scale.bare(value)
        case Unit.RATIO:
            return text.number(value * 100, 1)
        case _:
            return text.value(value, metric.unit).removesuffix(f"{text.NBSP}days").removesuffix(f"{text.NBSP}×")


def full(value: float | None, metric: Metric, setting: Setting) -> str:
    """A value with its unit, money to the cent."""
    return text.exact(value, setting.currency) if metric.unit is Unit.MONEY else text.value(value, metric.unit)


def moved(point: Point, metric: Metric, setting: Setting) -> str:
    """A change in words, in percent where the reader wants that."""
    if setting.relative:
        return text.relative(point.value, point.base)
    return text.change(point.change, metric.unit, setting.currency, setting.scale)


# --- findings -----------------------------------------------------------------------------------------------------


def finding(panel: Panel, setting: Setting) -> str:
    """What the panel shows, in one sentence; over days who moved most, else who stands out."""
    if len(panel.days) > 1:
        return _over_time(panel, setting)
    return _shares(panel, setting) if panel.metric.additive else _extremes(panel, setting)


def second(panel: Panel, setting: Setting) -> str:
    """What else the panel shows, for a chart below a message that says the first: who moved most, or who stands out."""
    if len(panel.days) > 1:
        last = panel.last
        points = {pair: point for pair, point in panel.points.items() if pair[1] == last.key}
        together = {last.key: panel.together[last.key]} if last.key in panel.together else {}
        now = replace(panel, columns=(replace(last, day=None, label=""),), points=points, together=together)
        return finding(now, setting) if len(panel.rows) > 1 else panel.metric.label
    return _most_moved(panel, setting)


def _most_moved(panel: Panel, setting: Setting) -> str:
    metric = panel.metric
    found = [(name, point) for name, point in _leaves(panel) if point.change is not None and point.is_known]
    size = sum(point.size for _, point in found)
    large = [pair for pair in found if pair[1].size >= LEAST * size]
    if len(large) <= 1 or panel.versus == "target":
        return f"{metric.label} by {panel.group.lower()}"
    name, point = max(large, key=lambda pair: (_worse(pair[1].change or 0.0, metric), pair[0]))
    if not point.change:
        return f"{metric.label} did not move {panel.since}"
    size_ = moved(point, metric, setting)
    how = "most" if metric.better is Better.NEITHER or _worse(point.change, metric) > 0 else "least"
    verb = text.direction(point.change)
    return f"{metric.label} of {name} {verb} {how} {panel.since}, by {size_.lstrip(f'+{text.MINUS}')}"


def mover(panel: Panel) -> str:
    """The key of the row that moved most for the worse over the days, among those that matter; empty for none."""
    groups, _ = _followed(panel)
    if len(groups) <= 1:
        return ""
    row, point = max(groups, key=lambda pair: (_worse(pair[1].change or 0.0, panel.metric), pair[0].label))
    return row.key if point.change else ""


def large(panel: Panel) -> tuple[Mark, ...]:
    """The rows that hold something on the last day; all of them where that is not known."""
    total = sum(panel.at(row, panel.last).size for row in panel.rows)
    found = tuple(row for row in panel.rows if row.is_rest or panel.at(row, panel.last).size >= LEAST * total)
    return found or panel.rows


def _followed(panel: Panel) -> tuple[list[tuple[Mark, Point]], tuple[Mark, Mark] | None]:
    """Rows that matter with the last day held against the first, and those two days."""
    known = [column for column in panel.columns if any(panel.at(row, column).is_known for row in panel.rows)]
    if len(known) <= 1:
        return [], None
    first, last = known[0], known[-1]
    groups = [
        (row, held)
        for row in panel.rows
        if not row.is_rest and (held := _between(panel.at(row, first), panel.at(row, last))) is not None
    ]
    total = sum(point.size for _, point in groups)
    matter = [(row, point) for row, point in groups if len(groups) == 1 or point.size >= LEAST * total]
    return matter, (first, last)


def _over_time(panel: Panel, setting: Setting) -> str:
    metric = panel.metric
    groups, days = _followed(panel)
    if days is None:
        return f"The history is too short to follow {noun(metric.label)}"
    first, last = days
    since = text.since(first.day, last.day) if first.day and last.day else ""
    whole = _between(panel.together.get(first.key), panel.together.get(last.key))
    if not groups:
        return f"{metric.label} is not known of these days" if whole is None else _alone(metric, whole, since, setting)
    if len(groups) == 1:
        name = f"{groups[0][0].label}: " if len(panel.rows) > 1 else ""
        return name + _alone(metric, groups[0][1], since, setting)
    row, point = max(groups, key=lambda pair: (_worse(pair[1].change or 0.0, metric), pair[0].label))
    if not point.change:
        return f"{metric.label} did not move {since}"
    to = text.value(point.value, metric.unit, setting.currency, setting.scale)
    size = moved(point, metric, setting).lstrip(f"+{text.MINUS}")
    how = "most" if metric.better is Better.NEITHER or _worse(point.change, metric) > 0 else "least"
    rest = "" if whole is None else f"; together {moved(whole, metric, setting)}"
    return f"{metric.label} of {row.label} {text.direction(point.change)} {how} {since}, by {size} to {to}{rest}"


def _between(first: Point | None, last: Point | None) -> Point | None:
    """The last point held against the first; ``None`` where either is missing."""
    if first is None or last is None or first.value is None or last.value is None:
        return None
    if not (first.is_known and last.is_known):
        return None
    return Point(last.value, first.value, last.size)


def _alone(metric: Metric, point: Point, since: str, setting: Setting) -> str:
    to = text.value(point.value, metric.unit, setting.currency, setting.scale)
    size = moved(point, metric, setting)
    if size == "no change":
        return f"{metric.label} held at {to} {since}"
    return f"{metric.label} {text.direction(point.change)} {size.lstrip(f'+{text.MINUS}')} {since} to {to}"


def _worse(change: float, metric: Metric) -> float:
    match metric.better:
        case Better.LOWER:
            return change
        case Better.HIGHER:
            return -change
        case _:
            return abs(change)


def _leaves(panel: Panel) -> list[tuple[str, Point]]:
    """Every group's name and number, without what is left over."""
    pairs = [(row, column) for row in panel.rows for column in panel.columns if not (row.is_rest or column.is_rest)]
    found = [(_named(row, column), panel.at(row, column)) for row, column in pairs]
    return [(name, point) for name, point in found if point.value is not None]


def _named(row: Mark, column: Mark) -> str:
    return " · ".join(label for label in (row.label, column.label) if label)


def _shares(panel: Panel, setting: Setting) -> str:
    metric, found = panel.metric, _leaves(panel)
    total = _whole(panel)
    largest = max(found, key=lambda pair: (abs(pair[1].value or 0.0), pair[0]), default=None)
    if largest is None or not largest[1].value:
        return f"{metric.label} is 0 everywhere"
    name, point = largest
    money = text.value(point.value, metric.unit, setting.currency, setting.scale)
    part = ""
    if total and total * (point.value or 0.0) > 0 and len(found) > 1:
        whole = text.value(total, metric.unit, setting.currency, setting.scale)
        part = f", {text.share((point.value or 0.0) / total)} of {whole}"
    words = f"{name} has the most {noun(metric.label)}" if len(found) > 1 else f"{name}: {noun(metric.label)}"
    return f"{words}: {money}{part}" if len(found) > 1 else f"{words} {money}"


def _whole(panel: Panel) -> float | None:
    """What all points are together, where the catalogue says it once."""
    wholes = [point.value for point in panel.together.values() if point.value is not None]
    return sum(wholes) if wholes else None


def _extremes(panel: Panel, setting: Setting) -> str:
    metric = panel.metric
    found = _leaves(panel)
    size = sum(point.size for _, point in found)
    large = [pair for pair in found if pair[1].size >= LEAST * size] or found
    if not large:
        note = next((point.note for point in panel.points.values() if point.note), "")
        return f"{metric.label} is not defined here" + (f": {note}" if note else "")
    lowest = metric.better is Better.HIGHER
    name, point = (min if lowest else max)(large, key=lambda pair: (pair[1].value or 0.0, pair[0]))
    value = text.value(point.value, metric.unit, setting.currency)
    together = next(iter(panel.together.values())) if len(panel.together) == 1 else None
    if len(large) == 1:
        words = f"{metric.label} of {name} is {value}"
    else:
        words = f"{name} has the {'lowest' if lowest else 'highest'} {noun(metric.label)}, {value}"
    if point.change is not None:
        words += f", {moved(point, metric, setting)} on {panel.than}"
    if together is not None and together.value is not None and len(large) > 1:
        words += f"; together {text.value(together.value, metric.unit, setting.currency)}"
    return words


# --- twins --------------------------------------------------------------------------------------------------------


def twin(panel: Panel, setting: Setting) -> pl.DataFrame:
    """The drawn numbers, unrounded: a row for each, days as days."""
    metric = panel.metric
    head = metric.label if metric.unit is not Unit.MONEY else f"{metric.label}, {setting.currency}"
    if metric.unit is Unit.RATIO:
        head = f"{metric.label}, share" if "share" not in metric.label.lower() else metric.label
    pairs = [(row, column) for row in panel.rows for column in panel.columns]
    sides: dict[str, list[object]] = {panel.group: [row.day or row.label for row, _ in pairs]}
    if panel.across:
        sides[panel.across] = [column.day or column.label for _, column in pairs]
    points = [panel.at(row, column) for row, column in pairs]
    return pl.DataFrame(
        {
            **sides,
            head: pl.Series(head, [point.value for point in points], dtype=pl.Float64),
            f"{head}, {panel.versus}": pl.Series([point.base for point in points], dtype=pl.Float64),
        },
        strict=False,
    )


def cut(marks: Sequence[Mark], most: int) -> tuple[Mark, ...]:
    """The first marks, with what is left over kept at the end."""
    rest = [mark for mark in marks if mark.is_rest]
    return (*[mark for mark in marks if not mark.is_rest][:most], *rest[:1])


def ranked(marks: Iterable[Mark], size: Callable[[Mark], float]) -> list[Mark]:
    """The marks by size, the largest first, what is left over last."""
    return sorted(marks, key=lambda mark: (mark.is_rest, -size(mark), mark.label))
