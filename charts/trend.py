"""DSO over time: what the terms allow, what late payment adds, and what the sum is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from charts import marks as marking
from charts import native, notation, reference, spec
from charts.figure import DOTS, LINE, Figure, Key, Setting, Spec
from charts.marks import Mark
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT, Palette
from charts.reference import Line
from metrics import Benchmark, text

BEST, LATE, CREDITS, PREVIOUS = "best possible", "delinquent", "unapplied credits", "PY"
_FLAT = 0.5
"""Fewer days than this are no change."""

_MARKED = 1.1

_NOTHING = 1e-9
"""Days below this are what a subtraction leaves over."""

_METRICS = ("dso", "dso_best_possible", "days_delinquent")


def dso(
    points: pl.DataFrame,
    setting: Setting,
    *,
    base: pl.DataFrame | None = None,
    target: Mapping[date, float] | None = None,
    benchmark: Benchmark | None = None,
    to_target: bool = False,
    marks: Sequence[Mark] = (),
    height: int = 230,
) -> Figure:
    """DSO per day as best possible plus delinquent, with the previous year's marker, the target and what others report.

    A click picks a day.

    Args:
        points: ``as_of`` (in order), ``dso``, ``dso_best_possible``, ``days_delinquent``, ``previous`` (DSO a year
            before), all in days, null where undefined. Unapplied credits are the remainder of DSO and at most zero.
        setting: the view's words and colours.
        base: one row like ``points``: the day that the finding compares the last with; the first drawn if left out.
        target: the DSO to reach by day drawn; a day without one has no line. Where it changes the line steps.
        benchmark: others' DSO, drawn where it has a ``line``.
        to_target: the finding holds DSO against its target and not against another day.
        marks: what happened when, such as an alert that was raised.
        height: of the plot, in pixels.
    """
    palette = setting.palette
    rows = points.with_columns(
        (pl.col("dso") - pl.col("dso_best_possible") - pl.col("days_delinquent")).alias("credits")
    ).sort("as_of")
    days = rows["as_of"].to_list()
    lines = _lines(days, target or {}, benchmark)
    # A mark stands above the figures of its day.
    room = _MARKED if marks else 1.0
    layers = [_parts(rows, palette, lines, room)] if rows.height else []
    if _has_previous(rows):
        layers.append(_previous(rows, palette))
    others = {PREVIOUS: palette.previous} if _has_previous(rows) else {}
    layers += reference.layers(lines, days, palette, others)
    layers += [_totals(rows, palette, lines), _clicks(rows, target or {})]
    compared = rows if base is None else pl.concat([base, points.sort("as_of").tail(1)])
    aim = (target or {}).get(days[-1]) if days and to_target else None
    finding = dso_finding(compared, relative=setting.relative) if aim is None else target_finding(rows, aim, setting)
    figure = Figure(
        name="dso_trend",
        title=finding,
        subtitle=setting.subtitle("DSO, days"),
        alt=f"Stacked columns of DSO by month-end, best possible and delinquent days. {finding}.",
        spec=spec.chart(palette, layers, height),
        table=_twin(rows),
        metrics=_METRICS,
        height=height,
        palette=palette,
        key=_key(rows, lines, palette),
        native=_native(rows, lines) if rows.height else None,
    )
    return marking.on(figure, marks, days)


def _key(rows: pl.DataFrame, lines: list[Line], palette: Palette) -> tuple[Key, ...]:
    parts = [Key(BEST, palette.actual), Key(LATE, palette.bad)]
    if float(rows.select(pl.col("credits").abs().max()).item() or 0) >= _FLAT:
        parts.append(Key(CREDITS, palette.unapplied))
    if _has_previous(rows):
        parts.append(Key(PREVIOUS, palette.previous, LINE))
    drawn = [
        Key(line.label, palette.quiet if line.is_dotted else palette.good, DOTS if line.is_dotted else LINE)
        for line in lines
    ]
    return (*parts, *drawn)


def _native(rows: pl.DataFrame, lines: Sequence[Line]) -> Native:
    """Parts on each other, credits below zero; above them the previous year, targets and benchmarks."""
    days: list[date] = rows["as_of"].to_list()
    palette = LIGHT
    parts = [
        Series(BEST, tuple(rows["dso_best_possible"]), palette.actual),
        Series(LATE, tuple(rows["days_delinquent"]), palette.bad),
    ]
    if float(rows.select(pl.col("credits").abs().max()).item() or 0) > _NOTHING:
        parts.append(Series(CREDITS, tuple(rows["credits"]), palette.unapplied))
    if _has_previous(rows):
        parts.append(Series(PREVIOUS, tuple(rows["previous"]), palette.previous, Look.MARKER))
    held = [
        Series(
            line.label,
            tuple(line.values.get(day) for day in days),
            palette.quiet if line.is_dotted else palette.good,
            Look.DOTTED if line.is_dotted else Look.LINE,
        )
        for line in lines
    ]
    totals = tuple("" if dso is None else f"{dso:.0f}" for dso in rows["dso"])
    return Native(Kind.STACKED, spec.months(days), (*parts, *held), native.DAYS, "days", totals)


def target_finding(points: pl.DataFrame, aim: float, setting: Setting) -> str:
    """DSO against its target, and how much of it is late payment."""
    known = points.drop_nulls("dso")
    if known.is_empty():
        return dso_finding(known)
    last = known.row(-1, named=True)
    gap, late = last["dso"] - aim, last["days_delinquent"]
    if abs(gap) < _FLAT:
        return f"DSO meets its target of {text.goal(aim, 'days')}"
    size = text.relative(last["dso"], aim)[1:] if setting.relative else text.days(abs(gap))
    side = "above" if gap > 0 else "below"
    tail = f"; {text.number(late, 1)} is late payment" if late and gap > 0 else ""
    return f"DSO is {size} {side} target{tail}"


def dso_finding(points: pl.DataFrame, *, relative: bool = False) -> str:
    """What DSO did over the year shown, and how much of it is late payment."""
    known = points.drop_nulls("dso")
    if known.height <= 1:
        return f"DSO is {text.days(known['dso'][-1])}" if known.height else "DSO cannot be computed: nothing was sold"
    first, last = known.row(0, named=True), known.row(-1, named=True)
    moved = last["dso"] - first["dso"]
    late = (last["days_delinquent"] or 0) - (first["days_delinquent"] or 0)
    span = text.since(first["as_of"], last["as_of"])
    if abs(moved) < _FLAT:
        return f"DSO held at {text.days(last['dso'])} {span}"
    if relative:
        mostly = ", mostly late payment" if late * moved > 0 and abs(late) >= abs(moved) / 2 else ""
        return f"DSO {text.direction(moved)} {text.relative(last['dso'], first['dso'])[1:]} {span}{mostly}"
    if late * moved > 0 and abs(late) >= abs(moved) / 2:
        verb = "added" if late > 0 else "took"
        tail = "to" if late > 0 else "off"
        return f"Late payment {verb} {text.days(abs(late))} {tail} DSO {span}"
    return f"DSO {text.direction(moved)} {text.days(abs(moved))} {span} to {last['dso']:.1f}"


def _lines(days: list[date], target: Mapping[date, float], benchmark: Benchmark | None) -> list[Line]:
    """The target first, then the benchmark: every one that there is."""
    aims = {day: target[day] for day in days if day in target}
    lines = [Line(f"target {_aims(list(aims.values()))}", aims)] if aims else []
    if benchmark and benchmark.line is not None and days:
        label = f"{benchmark.line_label} {benchmark.line:.0f}"
        lines.append(Line(label, dict.fromkeys(days, benchmark.line), is_dotted=True))
    return lines


def _aims(aims: list[float]) -> str:
    """``45``, or ``47, then 45`` where it changed."""
    changed = [earlier for earlier in aims if earlier != aims[-1]]
    return f"{changed[-1]:g}, then {aims[-1]:g}" if changed else f"{aims[-1]:g}"


def _parts(rows: pl.DataFrame, palette: Palette, lines: list[Line], room: float) -> Spec:
    names = {BEST: "dso_best_possible", LATE: "days_delinquent", CREDITS: "credits"}
    long = [
        {
            "as_of": row["as_of"],
            "part": part,
            "order": place,
            "days": row[column],
        }
        for row in rows.iter_rows(named=True)
        for place, (part, column) in enumerate(names.items())
        if row[column] is not None
    ]
    fills = {BEST: palette.actual, LATE: palette.bad, CREDITS: palette.unapplied}
    return {
        "data": spec.data(long),
        "mark": {"type": "bar", "stroke": palette.ground, "strokeWidth": 0.5},
        "encoding": {
            "x": spec.month_axis(rows["as_of"].to_list()),
            "y": spec.quantity("days", stack="zero", scale=spec.headroom(_top(rows, lines) * room)),
            "color": {**spec.shade("part", fills, list(fills)), "legend": {"columns": 3}},
            "order": spec.quantity("order"),
        },
    }


def _clicks(rows: pl.DataFrame, target: Mapping[date, float]) -> Spec:
    """One target a day, as high as the chart, that tells the day's parts and takes the click."""
    told = [
        {
            "as_of": row["as_of"],
            "when": text.day(row["as_of"]),
            "total": text.days(row["dso"]),
            "best": text.days(row["dso_best_possible"]),
            "late": text.days(row["days_delinquent"]),
            "credits": text.days(row["credits"]),
            "before": text.days(row["previous"]),
            "aim": text.goal(target[row["as_of"]], "days") if row["as_of"] in target else "none",
        }
        for row in rows.iter_rows(named=True)
    ]
    words = [("when", "As of"), ("total", "DSO"), ("best", "Best possible"), ("late", "Delinquent")]
    words += [("credits", "Unapplied credits"), *([("before", "A year before")] if _has_previous(rows) else [])]
    encoding = {
        "x": spec.month_axis(rows["as_of"].to_list()),
        "y": {"value": 0},
        "y2": {"value": "height"},
        "tooltip": spec.tip(*words, ("aim", "Target")),
    }
    return {"data": spec.data(told), **spec.target("as_of", encoding)}


def _has_previous(rows: pl.DataFrame) -> bool:
    return rows["previous"].is_not_null().any()


def _top(rows: pl.DataFrame, lines: list[Line]) -> float:
    """The highest mark drawn."""
    stack = rows.select(
        (pl.col("dso_best_possible").fill_null(0) + pl.col("days_delinquent").fill_null(0)).max()
    ).item()
    before = rows["previous"].max()
    aims = [value for line in lines for value in line.values.values()]
    return max(float(stack or 0), float(before) if isinstance(before, int | float) else 0.0, *aims)


def _previous(rows: pl.DataFrame, palette: Palette) -> Spec:
    known = rows.drop_nulls("previous").select("as_of", "previous", label=pl.lit("previous year"))
    return {
        "data": spec.data(known.iter_rows(named=True)),
        "mark": notation.marker(palette),
        "encoding": {
            "x": spec.month_axis(rows["as_of"].to_list()),
            "y": spec.quantity("previous"),
        },
    }


def _totals(rows: pl.DataFrame, palette: Palette, lines: list[Line]) -> Spec:
    """DSO in figures, above everything that is drawn of its day."""
    tops = [
        {
            "as_of": row["as_of"],
            "top": max(
                (row["dso_best_possible"] or 0) + (row["days_delinquent"] or 0),
                row["previous"] or 0,
                *(line.values.get(row["as_of"], 0) for line in lines),
            ),
            "label": f"{row['dso']:.0f}",
        }
        for row in rows.iter_rows(named=True)
        if row["dso"] is not None
    ]
    return {
        "data": spec.data(tops),
        "mark": {"type": "text", "dy": -8, "fontWeight": 600, "fontSize": 11, "color": palette.text},
        "encoding": {
            "x": spec.month_axis(rows["as_of"].to_list()),
            "y": spec.quantity("top"),
            "text": {"field": "label"},
        },
    }


def _twin(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.col("as_of").alias("As of"),
        pl.col("dso").alias("DSO, days"),
        pl.col("dso_best_possible").alias("Best possible, days"),
        pl.col("days_delinquent").alias("Delinquent, days"),
        pl.col("credits").alias("Unapplied credits, days"),
        pl.col("previous").alias("DSO a year before, days"),
    )
