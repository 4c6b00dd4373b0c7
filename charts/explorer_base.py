"""What the explorer's charts share: units and axes, tooltips, and the figure that a drawing becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from charts import explorer_panel as panels
from charts import notation, spec
from charts.explorer_panel import Panel, Point
from charts.figure import Figure, Key, Setting, Spec
from charts.palette import Palette
from metrics import Metric, Unit, text

MOST_ROWS = 40
"""Rows that one chart draws; its table has everything."""

ROW = 26
"""Pixels of a row."""

APART = "\ue000"
"""Between a name and the key that tells it from another of the same name; pictures may hold it, and no name does."""

NAME_ALONE = f"split(datum.label, '{APART}')[0]"
"""What an axis writes of the two."""

Row = dict[str, Any]


def ink(change: float | None, metric: Metric, palette: Palette) -> str:
    """The colour of a change, by its effect."""
    return notation.effects(palette)[notation.effect(change, metric.better)]


def tooltip(panel: Panel, point: Point, setting: Setting) -> Row:
    """What a tooltip says."""
    return {
        "exact": panels.full(point.value, panel.metric, setting),
        "compared": panels.full(point.base, panel.metric, setting),
        "difference": panels.moved(point, panel.metric, setting) if point.change is not None else text.MISSING,
        "why": point.note or "",
    }


def tips(panel: Panel, *more: tuple[str, str]) -> list[Spec]:
    """The tooltip of a mark: what it is of, ``more`` sides of it, value, base and change."""
    return spec.tip(
        ("label", panel.group),
        *more,
        ("exact", panel.metric.label),
        ("compared", panel.versus),
        ("difference", "Change"),
        ("why", "Note"),
    )


def figure(
    panel: Panel,
    setting: Setting,
    scale: text.Scale,
    kind: str,
    drawn: Spec,
    height: int,
    told: str,
    key: tuple[Key, ...] = (),
    *words: str,
) -> Figure:
    """The drawing with its words and its twin; ``told`` instead of the finding, ``words`` added to the subtitle."""
    told = told or panels.finding(panel, setting)
    cut = f"{MOST_ROWS} of {len(panel.rows):,} rows drawn" if len(panel.rows) > MOST_ROWS + 1 else ""
    names = {"bars": "Bars", "stacked": "Stacked bars", "heat": "A heat map"}
    sides = f"{panel.group.lower()} and {panel.across.lower()}" if panel.across else panel.group.lower()
    return Figure(
        name=f"{panel.metric.id}_{kind}",
        title=told,
        subtitle=setting.subtitle(what(panel, setting, scale), *words, cut),
        alt=f"{names[kind]} of {panels.noun(panel.metric.label)} by {sides}. {told}.",
        spec=drawn,
        table=panels.twin(panel, setting),
        metrics=(panel.metric.id,),
        height=height,
        palette=setting.palette,
        key=key,
    )


def what(panel: Panel, setting: Setting, scale: text.Scale) -> str:
    """``Overdue, USD m, by segment``."""
    unit = panels.unit(panel.metric, setting, scale)
    by = f"by {panel.group.lower()}" if len(panel.rows) > 1 and panel.group else ""
    return ", ".join(part for part in (panel.metric.label, unit, by) if part)


def scaled(value: float | None, metric: Metric, scale: text.Scale) -> float | None:
    """A value as it is drawn: money in ``scale``, a ratio of 100."""
    if value is None:
        return None
    return value / scale.divisor if metric.unit is Unit.MONEY else value * 100 if metric.unit is Unit.RATIO else value


def axis(metric: Metric) -> str:
    """How an axis writes its numbers."""
    return "datum.label + ' %'" if metric.unit is Unit.RATIO else "datum.label"


def room(rows: Sequence[Row], share: float) -> Spec:
    """A scale from zero, or below it where something is, with room for what is written at the ends."""
    sizes = [value for row in rows for value in (row["size"], row["base"]) if value is not None]
    high, low = max([0.0, *sizes]), min([0.0, *sizes])
    if not high and not low:
        return {}
    return {"domain": [low * 1.05, high * share if high else -low * 0.3], "nice": False}
