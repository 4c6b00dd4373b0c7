"""The explorer's charts of one metric: bars, lines over days, stacked bars and a heat map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from charts import explorer_base as shared
from charts import explorer_panel as panels
from charts import lines
from charts.explorer_bars import bars
from charts.explorer_heat import heat
from charts.explorer_panel import Mark, Panel
from charts.explorer_stacked import MOST_PARTS, stacked
from charts.figure import Figure, Setting
from charts.lines import Line, Words
from metrics import text

__all__ = ["MOST_LINES", "MOST_PARTS", "bars", "heat", "over_time", "stacked"]

MOST_LINES = 8
"""Lines drawn; the table has every row."""


def over_time(panel: Panel, setting: Setting, told: str = "", *, height: int = 250) -> Figure:
    """A line a row over the days; the one that the finding is about stands out, all together are drawn dark."""
    palette, metric = setting.palette, panel.metric
    drawn = panels.cut(panels.large(panel), MOST_LINES)
    told = told or panels.finding(panel, setting)
    named = panels.mover(panel)
    found = [
        Line(
            mark.label,
            _followed(panel, mark),
            palette.bad if mark.key == named else palette.previous,
            is_strong=mark.key == named,
        )
        for mark in drawn
    ]
    found.sort(key=lambda line: line.is_strong)
    if len(drawn) == 1:
        found = [Line(metric.label, found[0].values, palette.actual, is_strong=True)]
    elif panel.together and not metric.additive:
        known = {
            column.day: panel.together[column.key].value
            for column in panel.columns
            if column.day and column.key in panel.together and panel.together[column.key].is_known
        }
        found.append(Line("Together", known, palette.actual, is_strong=True))
    small = len(panel.rows) - len(drawn)
    what = shared.what(panel, setting, text.Scale(1, ""))
    if small > 0:
        what += f", {small:,} smaller only in the table"
    words = Words(f"{metric.id}_lines", told, what, (metric.id,))
    figure = lines.over_time(found, panel.days, words, metric.unit, setting, height=height)
    return _with_table(figure, panel, setting)


def _followed(panel: Panel, mark: Mark) -> Mapping[Any, float | None]:
    points = {column.day: panel.at(mark, column) for column in panel.columns if column.day}
    return {day: point.value if point.is_known else None for day, point in points.items()}


def _with_table(figure: Figure, panel: Panel, setting: Setting) -> Figure:
    """Lines with the twin that the other charts have, which names every row."""
    return replace(figure, table=panels.twin(panel, setting))
