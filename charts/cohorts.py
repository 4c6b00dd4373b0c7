"""Cohorts: how soon what was billed in a month is paid, month by month and against the year before."""

from __future__ import annotations

from typing import Any

import polars as pl

from charts import native, spec
from charts.figure import Figure, Setting, Spec
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT, Palette, spread
from metrics import text

NOW, PREVIOUS = "months shown", "same months a year before (PY)"

_METRICS = ("billed", "days_to_pay", "days_beyond_terms")

_FLAT = 0.005
"""A difference below half a point is none."""

_MOST = 0.5
"""The age by which this share is paid is worth naming."""

_FULL = 0.10
"""A share this far from its column's has the full colour."""

_STRONGEST = 45
"""Per cent of the colour in the strongest cell: the figure on it must stay readable."""

Row = dict[str, Any]


def heat_map(
    rows: pl.DataFrame, setting: Setting, *, age: int = 60, height: int | None = None, chosen: str | None = None
) -> Figure:
    """Billing months down, ages across: the share paid by then, coloured by how it differs from the other months.

    A click picks the ``key`` of a month, its last day.

    Args:
        rows: ``month, billed, age, paid, share, note`` of one group and currency; ``paid`` and ``share`` null where
            the month is too young.
        setting: the view's words, currency and colours.
        age: of which the finding speaks, in days.
        height: of the plot, in pixels; by the number of months if left out.
        chosen: the key of the month that is picked, or none.
    """
    known = _against_others(rows).sort("month", "age")
    finding = heat_map_finding(rows, age)
    tall = height or 24 * max(rows["month"].n_unique(), 1) + 34
    return Figure(
        name="cohorts",
        title=finding,
        subtitle=setting.subtitle(
            "Paid within days of the invoice date, % of billed", "colour: better or worse than the months shown"
        ),
        alt=f"A table of billing months by age with the share paid in each cell. {finding}.",
        spec=_map_spec(known, setting, tall, chosen),
        table=_twin(known, setting.currency),
        metrics=_METRICS,
        height=tall,
        palette=setting.palette,
    )


def heat_map_finding(rows: pl.DataFrame, age: int = 60) -> str:
    """How the newest month that is old enough compares with the months before it, by what was paid within ``age``."""
    known = rows.filter((pl.col("age") == age) & pl.col("share").is_not_null()).sort("month")
    if known.is_empty():
        return f"No month shown is {age}{text.NBSP}days old yet"
    last, before = known.row(-1, named=True), known.head(-1)
    words = f"{text.share(last['share'])} of what was billed in {text.month(last['month'], year=True)} was paid"
    words = f"{words} within {age}{text.NBSP}days"
    usual = _pooled(before)
    if usual is None:
        return words
    than = "in the month before" if before.height == 1 else f"in the {before.height} months before"
    return f"{words}, {_compared(last['share'] - usual, than)}"


def curves(rows: pl.DataFrame, setting: Setting, *, base: pl.DataFrame | None = None, height: int = 230) -> Figure:
    """The share paid by age: all months that have reached it together, and the same months a year before.

    A click on a point picks its ``days``.

    Args:
        rows: as for ``heat_map``.
        setting: the view's words, currency and colours.
        base: the same of a year before, or none.
        height: of the plot, in pixels.
    """
    now, before = _curve(rows), _curve(rows.clear() if base is None else base)
    finding = curves_finding(now, before)
    return Figure(
        name="paid_curves",
        title=finding,
        subtitle=setting.subtitle(
            "Paid within days of the invoice date, % of billed", "each age over the months that have reached it"
        ),
        alt=f"A line of the share paid by age, beside that of a year before. {finding}.",
        spec=_curve_spec(now, before, setting.palette, height),
        table=now.join(before.select("age", previous="share"), on="age", how="left", maintain_order="left").select(
            pl.col("age").alias("Days from invoice"),
            pl.col("months").alias("Months"),
            pl.col("billed").alias(f"Billed, {setting.currency}"),
            pl.col("paid").alias(f"Paid, {setting.currency}"),
            pl.col("share").alias("Share paid"),
            pl.col("previous").alias("Share paid, previous year"),
        ),
        metrics=_METRICS,
        height=height,
        palette=setting.palette,
        native=_native(now, before) if now.height else None,
    )


def _native(now: pl.DataFrame, before: pl.DataFrame) -> Native:
    """The two lines over the ages that either has."""
    known: list[dict[int, float]] = [dict(rows.select("age", "share").iter_rows()) for rows in (now, before)]
    ages = sorted({age for shares in known for age in shares})
    labels = tuple(f"{known[0][age] * 100:.0f}" if age in known[0] else "" for age in ages)
    shown = Series(NOW, tuple(map(known[0].get, ages)), LIGHT.actual, Look.LINE, labels=labels, is_strong=True)
    year = Series(PREVIOUS, tuple(map(known[1].get, ages)), LIGHT.previous, Look.DOTTED)
    drawn = (shown, year) if before.height else (shown,)
    return Native(Kind.LINES, tuple(_age(age) for age in ages), drawn, native.SHARE, "% of billed", foot=0.0)


def curves_finding(now: pl.DataFrame, before: pl.DataFrame) -> str:
    """By which age most of the money is in, and where the year before differs most."""
    if now.is_empty():
        return "No month is old enough yet to say how soon it is paid"
    pairs = now.join(before.select("age", previous="share"), on="age", how="left")
    gap = (pl.col("share") - pl.col("previous")).round(4)
    different = pairs.with_columns(gap=gap).filter(pl.col("gap").abs() >= _FLAT)
    if different.height:
        row = different.sort(pl.col("gap").abs(), "age", descending=[True, False]).row(0, named=True)
    else:
        most = pairs.with_columns(gap=gap).filter(pl.col("share") >= _MOST)
        row = (most if most.height else pairs.with_columns(gap=gap).tail(1)).row(0, named=True)
    words = f"{text.share(row['share'])} of what was billed was paid within {row['age']}{text.NBSP}days"
    return words if row["gap"] is None else f"{words}, {_compared(row['gap'], 'a year before')}"


def _compared(gap: float, than: str) -> str:
    if abs(gap) < _FLAT:
        return f"as much as {than}"
    return f"{text.change(abs(gap), 'ratio').lstrip('+')} {'more' if gap > 0 else 'less'} than {than}"


def _pooled(rows: pl.DataFrame) -> float | None:
    """The share of several months together: sums divided, never an average of shares."""
    billed = rows.filter(pl.col("billed") > 0)
    total = float(billed["billed"].sum())
    return float(billed["paid"].sum()) / total if total > 0 else None


def _against_others(rows: pl.DataFrame) -> pl.DataFrame:
    """``gap``: how a share differs from that of all months of its age together."""
    there = pl.col("share").is_not_null()
    usual = pl.col("paid").filter(there).sum().over("age") / pl.col("billed").filter(there).sum().over("age")
    return rows.with_columns(gap=pl.when(there).then(pl.col("share") - usual))


def _curve(rows: pl.DataFrame) -> pl.DataFrame:
    """``age, months, billed, paid, share`` over the months that are known to an age."""
    return (
        rows.filter(pl.col("share").is_not_null())
        .group_by("age")
        .agg(pl.len().alias("months"), pl.col("billed", "paid").sum())
        .with_columns(share=pl.col("paid") / pl.col("billed"))
        .sort("age")
    )


def _map_spec(rows: pl.DataFrame, setting: Setting, height: int, chosen: str | None) -> Spec:
    palette = setting.palette
    ages = [_age(age) for age in rows["age"].unique().sort()]
    months = [text.month(month, year=True) for month in rows["month"].unique().sort()]
    values = [_cell(row, setting.currency, palette) for row in rows.iter_rows(named=True)]
    y: Spec = {
        "field": "month",
        "type": "ordinal",
        "sort": months,
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text},
    }
    x: Spec = {"field": "age", "type": "ordinal", "sort": ages, "axis": {"orient": "top", "domain": False}}
    cells: Spec = {
        "mark": {"type": "rect", "stroke": palette.ground, "strokeWidth": 2, "aria": False},
        "encoding": {"x": x, "y": y, "color": spec.literal("fill")},
    }
    words = spec.tip(
        ("month", "Billed in"),
        ("age", "Within"),
        ("billed", "Billed"),
        ("paid", "Paid"),
        ("words", "Share"),
        ("compared", "Against all months"),
    )
    figures: Spec = {
        "mark": {"type": "text", "aria": False},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}, "color": spec.literal("ink")},
    }
    layers = [cells, figures]
    if chosen:
        ring = {"type": "rect", "fillOpacity": 0, "stroke": palette.actual, "strokeWidth": 1.4, "aria": False}
        layers.append(
            {"transform": [{"filter": f"datum.key === '{chosen}'"}], "mark": ring, "encoding": {"x": x, "y": y}}
        )
    layers.append(spec.cells("key", {"x": x, "y": y, "tooltip": words}))
    return spec.chart(palette, layers, height, data=spec.data(values))


def _cell(row: Row, currency: str, palette: Palette) -> Row:
    share, gap = row["share"], row["gap"]
    return {
        "key": row["month"].isoformat(),
        "month": text.month(row["month"], year=True),
        "age": _age(row["age"]),
        "label": "–" if share is None else f"{share * 100:.0f}",
        "fill": palette.panel if share is None else _fill(gap or 0.0, palette),
        "ink": palette.quiet if share is None else palette.text,
        "billed": text.exact(row["billed"], currency),
        "paid": text.MISSING if row["paid"] is None else text.exact(row["paid"], currency),
        "words": (row["note"] or text.MISSING) if share is None else text.share(share),
        "compared": text.MISSING if gap is None else text.change(gap, "ratio"),
    }


def _fill(gap: float, palette: Palette) -> str:
    """From the ground towards good or bad, by how far a share is from the usual one."""
    steps = spread((palette.ground, palette.good if gap > 0 else palette.bad), 101)
    return steps[round(min(abs(gap) / _FULL, 1.0) * _STRONGEST)]


def _age(age: int) -> str:
    return f"{age}{text.NBSP}days"


def _curve_spec(now: pl.DataFrame, before: pl.DataFrame, palette: Palette, height: int) -> Spec:
    lines = {NOW: now, PREVIOUS: before}
    present = [name for name, rows in lines.items() if rows.height]
    values = [
        {
            "line": name,
            "days": row["age"],
            "size": row["share"] * 100,
            "label": f"{row['share'] * 100:.0f}",
            "age": _age(row["age"]),
            "words": text.share(row["share"]),
            "months": text.count(row["months"], "month"),
        }
        for name in present
        for row in lines[name].iter_rows(named=True)
    ]
    top = 100 * max((share for rows in lines.values() for share in rows["share"]), default=0.0)
    ages = sorted({value["days"] for value in values})
    x = spec.quantity("days", axis={"values": ages, "grid": False, "title": None}, scale={"domainMin": 0})
    y = spec.quantity("size", scale={"domainMin": 0, "domainMax": max(top * 1.12, 1.0), "nice": False})
    line: Spec = {
        "mark": {"type": "line", "point": {"filled": True, "size": 45}, "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": y,
            "color": spec.shade("line", {NOW: palette.actual, PREVIOUS: palette.previous}, present),
            "strokeDash": {"condition": {"test": f"datum.line == '{PREVIOUS}'", "value": [5, 3]}, "value": [1, 0]},
        },
    }
    words = spec.tip(("line", "Line"), ("age", "Within"), ("words", "Share paid"), ("months", "Over"))
    clicks: Spec = {
        "params": [{"name": "pick", "select": {"type": "point", "fields": ["days"], "toggle": False}}],
        "mark": {"type": "point", "filled": True, "size": 260, "opacity": 0.001, "cursor": "pointer"},
        "encoding": {"x": x, "y": y, "tooltip": words},
    }
    labels: Spec = {
        "transform": [{"filter": f"datum.line == '{NOW}'"}],
        "mark": {"type": "text", "dy": -10, "fontWeight": 600, "color": palette.text},
        "encoding": {"x": x, "y": y, "text": {"field": "label"}},
    }
    return spec.chart(palette, [line, labels, clicks], height, data=spec.data(values))


def _twin(rows: pl.DataFrame, currency: str) -> pl.DataFrame:
    """A row a month: billed, and the share paid by each age."""
    ages = rows["age"].unique().sort().to_list()
    shares = [
        pl.col("share").filter(pl.col("age") == age).first().alias(f"Share paid, {age}{text.NBSP}days") for age in ages
    ]
    return (
        rows.group_by("month")
        .agg(pl.col("billed").first().alias(f"Billed, {currency}"), *shares)
        .sort("month")
        .rename({"month": "Billed in"})
    )
