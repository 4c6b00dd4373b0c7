"""The roll-forward: how the opening balance became the closing one, as a bridge that ties out."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from charts import spec
from charts.figure import Figure, Setting, Spec
from charts.palette import Palette
from metrics import text

HEADINGS = {
    "opening": "Opening",
    "billed": "Billed",
    "credits": "Credits",
    "cash": "Cash",
    "write_offs": "Write-offs",
    "discounts": "Discounts",
    "fx": "FX",
    "refunds": "Refunds",
    "other": "Other",
    "closing": "Closing",
}
_STEPS = tuple(HEADINGS)[1:-1]
Step = dict[str, Any]

_METRICS = ("total_ar", "billed", "cash_collected")


def bridge(lines: pl.DataFrame, opening: date, closing: date, setting: Setting, *, height: int = 230) -> Figure:
    """The bridge from opening to closing balance; steps that are nil throughout are left out.

    Args:
        lines: ``line, amount``: opening, the steps signed as they add, closing, and ``difference``.
        opening: the day whose close is the opening balance.
        closing: the day whose close is the closing balance.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
    """
    currency, palette = setting.currency, setting.palette
    amounts = {line: float(amount or 0) for line, amount in lines.select("line", "amount").iter_rows()}
    scale = text.Scale.fitting(max(abs(amounts.get(line, 0)) for line in ("opening", "billed", "closing")))
    steps = _steps(amounts, opening, closing)
    difference = amounts.get("difference", 0.0)
    finding = bridge_finding(amounts, opening, currency)
    tie = "ties out" if round(difference, 2) == 0 else f"difference {text.exact(difference, currency)}"
    return Figure(
        name="ar_movement",
        title=finding,
        subtitle=setting.subtitle(f"AR movement, {scale.unit(currency)}", tie),
        alt=f"A bridge from the opening to the closing balance. {finding}. {tie.capitalize()}.",
        spec=spec.chart(palette, _layers(steps, scale, currency, palette), height),
        table=pl.DataFrame(
            {
                "Line": [HEADINGS[line] for line in HEADINGS] + ["Difference"],
                f"Amount, {currency}": [amounts.get(line, 0.0) for line in HEADINGS] + [difference],
            }
        ),
        metrics=_METRICS,
        height=height,
        palette=palette,
    )


def bridge_finding(amounts: dict[str, float], opening: date, currency: str) -> str:
    """Whether more was billed than collected, by how much, and what the balance did with that and all else."""
    moved = amounts.get("closing", 0) - amounts.get("opening", 0)
    gap = amounts.get("billed", 0) + amounts.get("cash", 0)
    if not amounts.get("billed") and not amounts.get("cash"):
        return f"Nothing was billed or collected since {text.day(opening)}"
    change = f"AR {text.direction(moved)}{f' {text.money(abs(moved), currency)}' if moved else ''}"
    if not gap:
        return f"Billed as much as collected; {change}"
    return f"Billed {text.money(abs(gap), currency)} {'more' if gap > 0 else 'less'} than collected; {change}"


def _steps(amounts: dict[str, float], opening: date, closing: date) -> list[Step]:
    """One row a column of the bridge: where it starts and ends, what it is."""
    level = amounts.get("opening", 0.0)
    rows = [{"name": text.day(opening), "start": 0.0, "end": level, "amount": level, "kind": "balance"}]
    for line in _STEPS:
        amount = amounts.get(line, 0.0)
        if round(amount, 2) == 0 and line not in ("billed", "cash"):
            continue
        kind = line if line == "cash" else "up" if amount > 0 else "down"
        rows.append({"name": HEADINGS[line], "start": level, "end": level + amount, "amount": amount, "kind": kind})
        level += amount
    end = amounts.get("closing", 0.0)
    return [*rows, {"name": text.day(closing), "start": 0.0, "end": end, "amount": end, "kind": "balance"}]


def _layers(steps: list[Step], scale: text.Scale, currency: str, palette: Palette) -> list[Spec]:
    order = [step["name"] for step in steps]
    rows = [
        {
            "name": step["name"],
            "start": step["start"] / scale.divisor,
            "end": step["end"] / scale.divisor,
            "right": max(step["start"], step["end"], 0) / scale.divisor,
            "next": order[min(place + 1, len(order) - 1)],
            "kind": step["kind"],
            "label": _label(step, scale),
            "exact": text.exact(step["amount"], currency),
        }
        for place, step in enumerate(steps)
    ]
    fills = {"balance": palette.actual, "up": palette.neutral, "down": palette.neutral, "cash": palette.good}
    widest = max(max(step["start"], step["end"], 0.0) for step in steps) / scale.divisor or 1.0
    y: Spec = {
        "field": "name",
        "type": "ordinal",
        "sort": order,
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelOverlap": False},
    }
    # Room at the right for the last label.
    x = spec.quantity("start", scale={"domainMax": widest * 1.14, "nice": False}, axis={"grid": True, "tickCount": 4})
    bars: Spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "y": y,
            "x": x,
            "x2": {"field": "end"},
            "color": {**spec.shade("kind", fills, list(fills)), "legend": None},
            "tooltip": spec.tip(("name", "Line"), ("exact", "Amount")),
        },
    }
    links: Spec = {
        "mark": {"type": "rule", "strokeWidth": 1, "color": palette.quiet, "opacity": 0.5},
        "encoding": {"y": y, "y2": {"field": "next"}, "x": spec.quantity("end")},
    }
    labels: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontWeight": 600, "color": palette.text},
        "encoding": {"y": y, "x": spec.quantity("right"), "text": {"field": "label"}},
    }
    data = spec.data(rows)
    return [{"data": data, **layer} for layer in (links, bars, labels)]


def _label(step: Step, scale: text.Scale) -> str:
    words = scale.bare(step["amount"])
    return words if step["kind"] == "balance" or step["amount"] <= 0 else f"+{words}"
