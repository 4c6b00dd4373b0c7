"""An alert: its number over two years with the limit that it went beyond, and who or what made the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Protocol

import polars as pl

from charts import bridge, lines, native, reference, spec
from charts.figure import LINE, Figure, Key, Setting, Spec
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT, Palette
from charts.reference import Line
from metrics import CATALOG, Better, Unit, text

BEYOND, BETTER = "beyond the limit", "better than the mark"
"""The days that are told: good news passes no limit, it reaches a mark."""

_ENDS = 2
_PICTURE_SCALE = 1.5

_STEADY = 3
"""So many changes of the limit are drawn as steps; a limit that moves with the number is a thin line."""

_TIPS = spec.tip(("when", "As of"), ("label", "Value"), ("held", "Limit"), ("apart", "Beyond by"))


class Point(Protocol):
    """One day of the number's history; ``None`` where the value or the limit is not defined."""

    @property
    def day(self) -> date: ...
    @property
    def value(self) -> float | None: ...
    @property
    def limit(self) -> float | None: ...


class Contributor(Protocol):
    """Who or what made part of a change, in the metric's unit, with its sign."""

    @property
    def name(self) -> str: ...
    @property
    def amount(self) -> float: ...


class Cause(Protocol):
    """Why a number moved since ``start``: ``contributors`` and ``rest`` add up to ``change``; ``words`` say it."""

    @property
    def words(self) -> str: ...
    @property
    def start(self) -> date: ...
    @property
    def change(self) -> float: ...
    @property
    def contributors(self) -> Sequence[Contributor]: ...
    @property
    def rest(self) -> float: ...


@dataclass(frozen=True)
class _Drawn:
    """The history as it is read off: ``side`` is 1 where beyond means above the limit, -1 where it means below."""

    points: Sequence[Point]
    unit: Unit
    currency: str
    side: int
    better: Better = Better.NEITHER

    @property
    def is_good(self) -> bool:
        """Whether beyond the limit is good news."""
        return self.better is not Better.NEITHER and (self.side > 0) == (self.better is Better.HIGHER)

    @property
    def line(self) -> str:
        """What the limit is called."""
        return "mark" if self.is_good else "limit"

    def ink(self, palette: Palette) -> str:
        """The colour of what is beyond the limit."""
        return palette.good if self.is_good else palette.bad

    def limit_ink(self, palette: Palette) -> str:
        """The colour of the limit, another one than that."""
        return palette.quiet if self.is_good else palette.good

    @property
    def days(self) -> list[date]:
        return [point.day for point in self.points]

    @property
    def last(self) -> Point | None:
        """The newest day with a value."""
        return next((point for point in reversed(self.points) if point.value is not None), None)

    def excess(self, point: Point) -> float | None:
        """How far the value is on the wrong side of its limit, ``None`` where it is not."""
        if point.value is None or point.limit is None:
            return None
        apart = (point.value - point.limit) * self.side
        # The newest value is the alert itself: it counts where the limit itself does.
        return apart if apart > 0 or (apart == 0 and point is self.last) else None

    def written(self, value: float | None) -> str:
        return text.value(value, self.unit, self.currency)


def picture(points: Sequence[Point], metric: str, who: str, currency: str, since: date) -> bytes | None:
    """``history`` as PNG, for a message; ``None`` where there are not two days to draw a line between."""
    if sum(point.value is not None for point in points) < _ENDS:
        return None
    return history(points, metric, Setting(text.name(who), currency), since=since).png(scale=_PICTURE_SCALE)


def history(
    points: Sequence[Point],
    metric: str,
    setting: Setting,
    *,
    title: str = "",
    since: date | None = None,
    above: bool | None = None,
    height: int = 200,
) -> Figure:
    """The number over time as a line, its limit as a stepped one, and the days on which it was beyond the limit.

    Args:
        points: a month apart and in order, up to the alert's own day; values and limits in the metric's unit.
        metric: id in the catalogue.
        setting: the view's words, currency and colours.
        title: the message; made from the points when left out.
        since: the day since which the number has been beyond its limit, marked where it is drawn.
        above: whether beyond the limit is above it; the side of the newest value, which an alert's is, when left out.
        height: of the plot, in pixels.
    """
    chosen, palette = CATALOG.get(metric), setting.palette
    label, unit = (chosen.label, chosen.unit) if chosen else (text.name(metric), Unit.NUMBER)
    better = chosen.better if chosen else Better.NEITHER
    drawn = _Drawn(points, unit, setting.currency, _side(points, above=above), better)
    finding = title or finding_of(points, metric, setting.currency, since)
    has_values = drawn.last is not None
    return Figure(
        name=f"alert_{metric}",
        title=finding,
        subtitle=setting.subtitle(f"{label}, {_unit(unit, setting.currency)}"),
        alt=f"A line of {label} by month with its {drawn.line}. {finding}.",
        spec=spec.chart(palette, _layers(drawn, palette, since) if has_values else [], height),
        table=_twin(drawn, label) if has_values else pl.DataFrame(),
        metrics=(metric,) if chosen else (),
        height=height,
        palette=palette,
        key=_key(drawn, palette),
        native=_native(drawn, label, setting) if has_values else None,
    )


def finding_of(points: Sequence[Point], metric: str, currency: str, since: date | None = None) -> str:
    """Where the number is against its limit, and since when."""
    chosen = CATALOG.get(metric)
    unit, better = (chosen.unit, chosen.better) if chosen else (Unit.NUMBER, Better.NEITHER)
    drawn = _Drawn(points, unit, currency, _side(points), better)
    last = drawn.last
    if last is None:
        return "No value is known"
    words = drawn.written(last.value)
    if last.limit is None:
        return f"{words} on {text.day(last.day)}"
    words += f" against a {drawn.line} of {drawn.written(last.limit)}"
    if drawn.is_good:
        return f"{words}: better than it{f' {_so_long(since, last.day)}' if since and since < last.day else ''}"
    if drawn.excess(last) is None:
        return f"{words}: within it"
    if since is None or since >= last.day:
        return f"{words}: beyond it for the first time" if _months_beyond(drawn) == 1 else f"{words}: beyond it"
    return f"{words}: beyond it {_so_long(since, last.day)}"


def _so_long(since: date, day: date) -> str:
    """``since Mar 2026``; of a state that holds a year is not ``in a year``."""
    return text.since(since, day).replace("in a year", "for a year")


def contributors(cause: Cause, metric: str, day: date, value: float, setting: Setting, *, height: int = 0) -> Figure:
    """A bridge from what the number was to what it is, by who or what made the change.

    Args:
        cause: the change and its parts.
        metric: id in the catalogue.
        day: the alert's day, on which the number was ``value``.
        value: in the metric's unit.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels; by the number of bars when 0.
    """
    ends = ((cause.start, value - cause.change), (day, value))
    steps = [(text.name(each.name), each.amount) for each in cause.contributors]
    if cause.rest:
        steps.append(("All others", cause.rest))
    return bridge.of_causes(metric, ends, steps, setting, cause.words, most=len(steps), height=height or None)


def _native(drawn: _Drawn, label: str, setting: Setting) -> Native:
    """The number as a line with its newest value written, and the limit as another."""
    values, limits = ([getattr(point, side) for point in drawn.points] for side in ("value", "limit"))
    known: list[float] = [each for each in (*values, *limits) if each is not None]
    scale, low = setting.fitting(max(map(abs, known))), lines.reach(known)[0]
    palette, last = LIGHT, drawn.last
    number = Series(
        label,
        tuple(values),
        palette.actual,
        Look.LINE,
        labels=tuple(drawn.written(point.value) if point is last else "" for point in drawn.points),
        is_strong=True,
    )
    held = Series(
        _limit_label(drawn), tuple(limits), drawn.limit_ink(palette), Look.DOTTED if drawn.is_good else Look.LINE
    )
    return Native(
        Kind.LINES,
        spec.months(drawn.days),
        (number, held) if any(limit is not None for limit in limits) else (number,),
        native.form(drawn.unit, scale),
        native.measure(drawn.unit, setting.currency, scale),
        foot=low if low > 0 else None,
    )


def _side(points: Sequence[Point], *, above: bool | None = None) -> int:
    """On which side of the limit is beyond it: the one that is asked for, else that of the newest known value."""
    if above is not None:
        return 1 if above else -1
    for point in reversed(points):
        if point.value is not None and point.limit is not None:
            return 1 if point.value >= point.limit else -1
    return 1


def _months_beyond(drawn: _Drawn) -> int:
    return sum(drawn.excess(point) is not None for point in drawn.points)


def _unit(unit: Unit, currency: str) -> str:
    words = {Unit.MONEY: currency, Unit.DAYS: "days", Unit.RATIO: "%", Unit.PERCENT: "0 to 100", Unit.TIMES: "times"}
    return words.get(unit, "number")


def _limit_label(drawn: _Drawn) -> str:
    limits = {point.limit for point in drawn.points if point.limit is not None}
    return f"{drawn.line} {drawn.written(limits.pop())}" if len(limits) == 1 else drawn.line


def _key(drawn: _Drawn, palette: Palette) -> tuple[Key, ...]:
    marks: list[Key] = []
    if any(point.limit is not None for point in drawn.points):
        marks.append(Key(_limit_label(drawn), drawn.limit_ink(palette), LINE))
    if _months_beyond(drawn):
        marks.append(Key(BETTER if drawn.is_good else BEYOND, drawn.ink(palette), "●"))
    return tuple(marks)


def _layers(drawn: _Drawn, palette: Palette, since: date | None) -> list[Spec]:
    low, high = lines.reach([each for point in drawn.points for each in (point.value, point.limit) if each is not None])
    x = {**spec.month_axis(drawn.days), "scale": {"type": "band", "domain": [day.isoformat() for day in drawn.days]}}
    y = {"scale": {"domain": [low, high], "zero": False, "nice": False}, "axis": lines.value_axis(drawn.unit)}
    rows = _rows(drawn, palette)
    return [
        # On the newest day it would only cross out the number there.
        *([_since(since, x, palette)] if since in drawn.days[1:-1] else []),
        _excess(rows, x, y, drawn.ink(palette)),
        *_limit(drawn, rows, x, y, palette),
        _path(rows, x, y, palette),
        _points(rows, x, y),
        _newest(rows, x, y, palette),
    ]


def _limit(drawn: _Drawn, rows: Sequence[Spec], x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    """Level where the limit holds, a step where it changes; a thin line where it changes all the time."""
    limits = {point.day: point.limit for point in drawn.points if point.limit is not None}
    held = list(limits.values())
    if sum(one != other for one, other in pairwise(held)) <= _STEADY:
        return (
            reference.layers([Line(_limit_label(drawn), limits, is_dotted=drawn.is_good)], drawn.days, palette)
            if limits
            else []
        )
    return [
        {
            "data": spec.data(rows),
            "mark": {"type": "line", "color": drawn.limit_ink(palette), "strokeWidth": 1.3, "strokeDash": [4, 3]},
            "encoding": {"x": x, "y": spec.quantity("limit", **y)},
        }
    ]


def _rows(drawn: _Drawn, palette: Palette) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for point in drawn.points:
        excess = drawn.excess(point)
        found.append(
            {
                "as_of": point.day,
                "value": point.value,
                "limit": point.limit,
                "is_beyond": excess is not None,
                "colour": palette.actual if excess is None else drawn.ink(palette),
                "size": 14 if excess is None else 60,
                "when": text.day(point.day),
                "label": drawn.written(point.value),
                "held": drawn.written(point.limit) if point.limit is not None else "none",
                "apart": "within it" if excess is None else _apart(excess, drawn),
            }
        )
    return found


def _apart(excess: float, drawn: _Drawn) -> str:
    return text.change(excess * drawn.side, drawn.unit, drawn.currency)


def _since(since: date | None, x: Spec, palette: Palette) -> Spec:
    """A quiet line at the day since which the number has been where it is."""
    return {
        "data": spec.data([{"as_of": since, "words": f"since {text.day(since)}"}]),
        "mark": {"type": "rule", "color": palette.quiet, "strokeWidth": 1, "strokeDash": [3, 3]},
        "encoding": {"x": x, "tooltip": spec.tip(("words", "Beyond the limit"))},
    }


def _excess(rows: Sequence[Spec], x: Spec, y: Spec, colour: str) -> Spec:
    """A soft bar from the limit to each value beyond it."""
    return {
        "data": spec.data(row for row in rows if row["is_beyond"]),
        "mark": {"type": "rule", "color": colour, "strokeWidth": 9, "opacity": 0.28},
        "encoding": {"x": x, "y": spec.quantity("limit", **y), "y2": {"field": "value"}},
    }


def _path(rows: Sequence[Spec], x: Spec, y: Spec, palette: Palette) -> Spec:
    return {
        "data": spec.data(rows),
        "mark": {"type": "line", "color": palette.actual, "strokeWidth": 2.2},
        "encoding": {"x": x, "y": spec.quantity("value", **y)},
    }


def _points(rows: Sequence[Spec], x: Spec, y: Spec) -> Spec:
    return {
        "data": spec.data(row for row in rows if row["value"] is not None),
        "mark": {"type": "point", "filled": True, "opacity": 1},
        "encoding": {
            "x": x,
            "y": spec.quantity("value", **y),
            "color": spec.literal("colour"),
            "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
            "tooltip": _TIPS,
        },
    }


def _newest(rows: Sequence[Spec], x: Spec, y: Spec, palette: Palette) -> Spec:
    """The newest value in words, above its point or below it, where the line does not come from."""
    known = [row for row in rows if row["value"] is not None]
    falls = len(known) > 1 and known[-1]["value"] < known[-2]["value"]
    mark = {"type": "text", "align": "right", "dx": 6, "dy": 14 if falls else -12, "fontWeight": 600}
    return {
        "data": spec.data(known[-1:]),
        "mark": {**mark, "color": palette.text, "aria": False},
        "encoding": {"x": x, "y": spec.quantity("value", **y), "text": {"field": "label"}},
    }


def _twin(drawn: _Drawn, label: str) -> pl.DataFrame:
    factor = 0.01 if drawn.unit is Unit.RATIO else 1.0
    unit = _unit(drawn.unit, drawn.currency)
    columns: dict[str, Any] = {
        "As of": drawn.days,
        f"{label}, {unit}": [None if point.value is None else point.value / factor for point in drawn.points],
        f"Limit, {unit}": [None if point.limit is None else point.limit / factor for point in drawn.points],
        "Beyond": ["yes" if drawn.excess(point) is not None else "no" for point in drawn.points],
    }
    numbers = dict.fromkeys(list(columns)[1:3], pl.Float64)
    return pl.DataFrame(columns, schema_overrides={"As of": pl.Date, **numbers})
