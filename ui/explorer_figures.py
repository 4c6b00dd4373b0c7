"""The explorer's answer as figures: which side is across, what is drawn of it, and what a click on it means."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from briefing.view import Against
from charts import Figure, Setting, explorer
from charts.explorer_panel import Mark, Panel, Point, finding, second
from metrics import CATALOG, text
from ui import store
from ui.explorer_answer import SIZE, Answer, Kind, Place
from ui.explorer_answer import answer as answered
from ui.explorer_question import METRICS, TIME, Asked, Draw
from ui.explorer_ranking import ALL_CODE, day_of, is_others

MOST = 6
"""Metrics that are drawn, a chart each; the table has all."""

_PAIR, _LEVEL, _CODE = "\x1e", "\x1f", "\x1d"

Where = list[tuple[str, str]]
"""Levels and codes."""


def figures(asked: Asked, draw: Draw, setting: Setting) -> list[Figure]:
    """A figure for each metric that can be drawn so, kept until the snapshot changes."""
    return store.remembered(_figures, asked, draw, setting)


def message(asked: Asked, setting: Setting) -> str:
    """The finding for the first metric, kept until the snapshot changes."""
    return store.remembered(_message, asked, setting)


def _figures(asked: Asked, draw: Draw, setting: Setting) -> list[Figure]:
    answer = answered(asked)
    drawn = [metric for metric in answer.asked.metrics if draw is not Draw.STACKED or CATALOG[metric].additive][:MOST]
    panels = [panel(answer, metric, across(answer.asked, draw)) for metric in drawn]
    # The page's message has the first finding already.
    told = [second(of, setting) if of.metric.id == answer.asked.metrics[0] else "" for of in panels]
    return [_figure(of, draw, setting, words) for of, words in zip(panels, told, strict=True)]


def _message(asked: Asked, setting: Setting) -> str:
    answer = answered(asked)
    side = TIME if asked.has_time and len(asked.days) > 1 else None
    return finding(panel(answer, asked.metrics[0], side), setting)


def where_of(key: str) -> Where:
    """What a click means: the levels and codes of a row, or of a row and a column."""
    parts = [part for side in key.split(_PAIR) for part in side.split(_LEVEL) if part]
    return [(level, code) for level, _, code in (part.partition(_CODE) for part in parts)]


def across(asked: Asked, draw: Draw) -> str | None:
    """The level that a chart has across: time where there is time, else the columns' or the second level."""
    if draw is Draw.BARS:
        return None
    if asked.has_time:
        return TIME
    return asked.rows[-1] if asked.columns == METRICS else asked.columns


def _figure(of: Panel, draw: Draw, setting: Setting, told: str) -> Figure:
    match draw:
        case Draw.LINES:
            return explorer.over_time(of, setting, told)
        case Draw.STACKED:
            return explorer.stacked(of, setting, told)
        case Draw.HEAT:
            return explorer.heat(of, setting, told)
        case _:
            return explorer.bars(of, setting, told)


def panel(answer: Answer, metric: str, side: str | None) -> Panel:
    """One metric of the answer, with the level ``side`` across and all others down."""
    asked = answer.asked
    sizes = {
        (row, column): value for row, column, value in answer.of(SIZE).select("row", "column", "value").iter_rows()
    }
    points: dict[tuple[str, str], Point] = {}
    together: dict[str, Point] = {}
    down: dict[str, Mark] = {}
    over: dict[str, Mark] = {}
    cells = answer.of(metric).select("row", "column", "value", "base", "is_known", "note").sort("row", "column")
    for row_at, column_at, value, base, is_known, note in cells.iter_rows():
        row, column = answer.rows[row_at], answer.columns[column_at]
        pairs = _pairs(asked, row, column)
        point = Point(value, base, sizes.get((row_at, column_at)) or 0.0, is_known, note)
        own, other = (
            _mark([pair for pair in pairs if pair[0] != side]),
            _mark([p for p in pairs if p[0] == side]),
        )
        if _is_together(pairs):
            together[other.key] = point
            if asked.grouped or asked.column:
                continue
        if _is_sum(asked, row, column):
            continue
        down.setdefault(own.key, own)
        over.setdefault(other.key, other)
        points[own.key, other.key] = point
    rows = tuple(sorted(down.values(), key=lambda mark: mark.is_rest))
    columns = (
        tuple(sorted(over.values(), key=lambda mark: (mark.day is None, mark.day, mark.is_rest)))
        if side == TIME
        else tuple(over.values())
    )
    named = [asked.label(level) for level in _levels(asked) if level != side]
    group = " and ".join([named[0], *(name.lower() for name in named[1:])]) if named else ""
    return Panel(
        CATALOG[metric], rows, columns, points, together,
        group=group or CATALOG[metric].label,
        across=asked.label(side) if side else "",
        versus=versus(asked),
        than=than(asked),
        since=text.since(base, asked.day) if (base := asked.base(asked.day)) else "",
    )  # fmt: skip


def versus(asked: Asked) -> str:
    """What is compared with, shortly: ``PY``, ``31 Jul 2026``, ``opening``, ``target``."""
    match asked.against:
        case Against.YEAR:
            return "PY"
        case Against.TARGET:
            return "target"
        case _:
            base = asked.base(asked.day)
            return text.day(base) if base and len(asked.days) == 1 else "window's opening"


def than(asked: Asked) -> str:
    """What is compared with, in words."""
    match asked.against:
        case Against.YEAR:
            return "a year before"
        case Against.TARGET:
            return "the target"
        case _:
            return text.day(asked.base(asked.day)) if len(asked.days) == 1 else "the opening of its window"


def _levels(asked: Asked) -> list[str]:
    return [*asked.rows, *([] if asked.columns == METRICS else [asked.columns])]


def _pairs(asked: Asked, row: Place, column: Place) -> list[tuple[str, str, str]]:
    """Level, code and label of every side of a cell."""
    found = list(zip(asked.rows, row.codes, row.labels, strict=True))
    if asked.columns != METRICS:
        found.append((asked.columns, column.codes[0], column.labels[0]))
    return found


def _mark(pairs: Sequence[tuple[str, str, str]]) -> Mark:
    told = [(level, code, label) for level, code, label in pairs if code != ALL_CODE]
    key = _LEVEL.join(f"{level}{_CODE}{code}" for level, code, _ in told)
    day = day_of(told[0][1]) if len(told) == 1 and told[0][0] == TIME else None
    return Mark(key, " · ".join(label for _, _, label in told), any(is_others(code) for _, code, _ in told), day)


def _is_together(pairs: Sequence[tuple[str, str, str]]) -> bool:
    return all(code == ALL_CODE for level, code, _ in pairs if level != TIME)


def _is_sum(asked: Asked, row: Place, column: Place) -> bool:
    """Whether a cell holds what other cells are parts of."""
    return row.kind is Kind.TOGETHER or (asked.column is not None and column.kind is Kind.TOGETHER)


def notes(answer: Answer) -> list[tuple[str, int]]:
    """What is said of cells, and of how many; the most frequent first."""
    told = answer.cells.filter(pl.col("note").is_not_null() & pl.col("metric").is_in(list(answer.asked.metrics)))
    counted = told.group_by("note").len().sort("len", "note", descending=[True, False])
    return [(note, count) for note, count in counted.iter_rows()]
