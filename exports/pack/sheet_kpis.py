"""The KPIs of a pack as live formulas over their parts, each with its value, beside what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from briefing.tile import Tile
from charts.palette import LIGHT
from exports import formats
from exports.binder import Binder
from exports.pack.content import Pack, Tiles
from exports.pack.formula import formula, is_money
from exports.pack.sheet_parts import Parts, Value
from ledger.money import digits
from ledger.scope import CURRENCY
from metrics import CATALOG, Metric, Unit, text
from metrics.evaluate import values

_WIDTHS = (34, 20, 20, 16, 8, 9, 46)
_CHANGES = {Unit.DAYS: "#,##0.0", Unit.RATIO: '0.0" pts"', Unit.PERCENT: '0.0" pts"', Unit.TIMES: "0.00"}
_FORMS = {Unit.DAYS: "#,##0.0", Unit.RATIO: formats.EXCEL_SHARE, Unit.PERCENT: "#,##0.0", Unit.TIMES: "0.00"}
_UNITS = {Unit.DAYS: "days", Unit.RATIO: "%", Unit.PERCENT: "0–100", Unit.TIMES: "×", Unit.NUMBER: ""}
_COMPUTED = "value, computed by the product"


@dataclass(frozen=True)
class Kpi:
    """One number of one day: at ``row`` and ``column`` of the summary, as the parts give it and as the product told it.

    ``is_live``: a formula gives it, and not only the value is written.
    """

    metric: Metric
    day: date
    row: int
    column: int
    computed: Value
    told: Value
    is_live: bool


def summary_table(into: Binder, page: Worksheet, pack: Pack, parts: Parts, top: int) -> list[Kpi]:
    """The KPIs below their headings at row ``top``: each day's value, the change to the first one, state and notes."""
    style, days = into.style, parts.days
    for column, width in enumerate(_WIDTHS):
        page.set_column(column, column, width)
    titles = ["KPI", *(text.day(day) for day in days[:2])]
    titles += ["Change"] if len(days) > 1 else []
    titles += ["Unit", "State", "Note"]
    figures = range(1, len(titles) - 3)
    for column, title in enumerate(titles):
        page.write_string(
            top,
            column,
            title,
            style(bold=True, bottom=1, align="right" if column in figures else "left"),
        )
    known = {(day, metric): (value, note) for day, metric, value, note in _values(pack)}
    states = {tile.metric: tile for tile in _tiles(pack)}
    found: list[Kpi] = []
    for row, id in enumerate(pack.kpis, start=top + 1):
        metric = CATALOG[id]
        page.write_string(row, 0, metric.label, style(bold=True))
        kpis = [
            _kpi(into, page, metric, parts, (day, row, column), known.get((day, id), (None, None))[0])
            for column, day in enumerate(days[:2], start=1)
        ]
        if len(kpis) > 1:
            _change(into, page, kpis)
        after = len(kpis) + (2 if len(kpis) > 1 else 1)
        page.write_string(row, after, _unit(metric, into.about.currency), style(font_color=LIGHT.quiet, indent=1))
        _state(into, page, (row, after + 1), states.get(id))
        notes = [note for day in days[:1] if (note := known.get((day, id), (None, None))[1])]
        notes += [] if any(kpi.is_live for kpi in kpis) or not kpis else [_COMPUTED]
        page.write_string(row, after + 2, "; ".join(notes), style(font_color=LIGHT.quiet, text_wrap=True))
        found += kpis
    return found


def _values(pack: Pack) -> Sequence[tuple[date, str, Value, str | None]]:
    wanted = ("as_of", "metric", "value", "note")
    return pack.values.select(wanted).rows() if set(wanted) <= set(pack.values.columns) else []


def _tiles(pack: Pack) -> list[Tile]:
    blocks = [block for page in pack.pages for block in page.blocks if isinstance(block, Tiles)]
    return [tile for block in reversed(blocks) for tile in block.tiles]


def _kpi(into: Binder, page: Worksheet, metric: Metric, parts: Parts, at: tuple[date, int, int], told: Value) -> Kpi:
    """Writes one number: as a formula over the parts where they give it, else as the value."""
    day, row, column = at
    style = into.style(num_format=_form(metric, into.about.currency), align="right")
    missing = [name for name in metric_parts(metric) if parts.values.get((day, name)) is None]
    known = all(name in parts.rows for name in metric_parts(metric))
    money = digits(into.about.currency)
    made = formula(metric, lambda part: parts.cell(day, part), money, guarded=bool(missing)) if known else None
    if made is None:
        if told is None:
            page.write_string(row, column, text.MISSING, style)
        else:
            page.write_number(row, column, told, style)
        return Kpi(metric, day, row, column, told, told, is_live=False)
    computed = _computed(metric, parts, day, into.about.currency)
    shown: Any = text.MISSING if computed is None else computed
    page.write_formula(row, column, made, style, shown)
    return Kpi(metric, day, row, column, computed, told, is_live=True)


def metric_parts(metric: Metric) -> list[str]:
    """The parts that a metric is made of."""
    made_of = [expr for expr in (metric.numerator, metric.denominator, metric.factor) if expr is not None]
    return list(dict.fromkeys(name for expr in made_of for name in expr.meta.root_names()))


def _computed(metric: Metric, parts: Parts, day: date, currency: str) -> Value:
    """What the parts give, by the metric's own expressions."""
    scale = 10 ** digits(currency)
    minor: dict[str, Value | int] = {}
    for name in metric_parts(metric):
        value = parts.values[day, name]
        minor[name] = value if value is None or not is_money(name) else round(value * scale)
    flagged = [] if metric.flag is None else metric.flag.meta.root_names()
    frame = pl.DataFrame({CURRENCY: [currency], **{name: [value] for name, value in minor.items()}})
    frame = frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in flagged if name not in minor)
    return values(metric, frame, [CURRENCY])["value"].item()


def _change(into: Binder, page: Worksheet, kpis: Sequence[Kpi]) -> None:
    """The first day's value less the second's; shares in points."""
    now, base = kpis[0], kpis[1]
    unit = now.metric.unit
    first, second = xl_rowcol_to_cell(now.row, now.column), xl_rowcol_to_cell(base.row, base.column)
    times = "*100" if unit is Unit.RATIO else ""
    told = f'=IF(AND(ISNUMBER({first}),ISNUMBER({second})),({first}-{second}){times},"{text.MISSING}")'
    form = _CHANGES.get(unit, _form(now.metric, into.about.currency))
    shown: Any = text.MISSING
    if now.computed is not None and base.computed is not None:
        shown = (now.computed - base.computed) * (100 if times else 1)
    style = into.style(num_format=f"+{form};-{form};{form}", align="right")
    page.write_formula(now.row, base.column + 1, told, style, shown)


def _state(into: Binder, page: Worksheet, at: tuple[int, int], tile: Tile | None) -> None:
    if tile and tile.state:
        page.write_string(*at, tile.state.capitalize(), into.style(bold=True, font_color=LIGHT.state(tile.state)))


def _form(metric: Metric, currency: str) -> str:
    if metric.unit is Unit.MONEY:
        return formats.excel_money(currency)
    return _FORMS.get(metric.unit, "#,##0.0")


def _unit(metric: Metric, currency: str) -> str:
    return currency if metric.unit is Unit.MONEY else _UNITS[metric.unit]
