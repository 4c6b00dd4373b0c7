"""What a rule would have said: alerts that would have been open, month by month, those just raised apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from charts import native, spec
from charts.figure import Figure, Key, Setting, Spec
from charts.native import Kind, Native, Series
from charts.palette import LIGHT, Palette
from metrics import text

RAISED, FROM_BEFORE = "raised in the month", "open from before"

_ROOM = 1.25
"""Of the highest bar: room for the number over the newest one."""


def by_month(months: pl.DataFrame, title: str, metric: str, setting: Setting, *, height: int = 150) -> Figure:
    """Bars of the alerts open on the same day of every month: those from before, with those raised since on top.

    The newest bar is what is open now, with its number over it.

    Args:
        months: ``as_of, currency, open, new, ended, judged, money``, as a backtest has them, oldest first.
        title: what the rule would have said, in words.
        metric: id of the catalogue.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
    """
    rows = _by_day(months, setting.currency)
    highest = max((row["open"] for row in rows), default=0)
    newest = f" Now {_open(rows[-1]['open'])}." if rows else ""
    return Figure(
        name="rule_backtest",
        title=title,
        subtitle=setting.subtitle("Alerts that would have been open, on the same day of every month"),
        alt=f"Bars of the alerts that would have been open, by month; at most {highest:,}.{newest} {title}.",
        spec=spec.chart(setting.palette, _layers(rows, highest, setting.palette) if rows else [], height),
        table=_twin(months),
        metrics=(metric,),
        height=height,
        palette=setting.palette,
        key=(Key(RAISED, setting.palette.bad), Key(FROM_BEFORE, setting.palette.neutral)),
        method=(
            "The rule as it stands here is asked on the same day of every month, on the books as they are known today. "
            "An alert is raised when its number goes beyond the limit, and ends when it is back by the margin."
        ),
        native=_native(rows) if rows else None,
    )


def _native(rows: list[dict[str, Any]]) -> Native:
    """The alerts open from before with those raised on top; the number of the newest month above it."""
    totals = ("",) * (len(rows) - 1) + (f"now {rows[-1]['open']:,}",)
    return Native(
        Kind.STACKED,
        spec.months([row["as_of"] for row in rows]),
        (
            Series(FROM_BEFORE, tuple(row["before"] for row in rows), LIGHT.neutral),
            Series(RAISED, tuple(row["new"] for row in rows), LIGHT.bad),
        ),
        native.COUNT,
        "alerts",
        totals,
    )


def _open(count: int) -> str:
    return text.count(count, "alert") if count else "none"


def _by_day(months: pl.DataFrame, currency: str) -> list[dict[str, Any]]:
    """A row per day: each currency has alerts of its own, which are counted together. Money is the view's currency."""
    if months.is_empty():
        return []
    days = months.group_by("as_of", maintain_order=True).agg(
        pl.col("open", "new", "ended", "judged").sum(),
        money=pl.col("money").filter(pl.col("currency") == currency).first(),
    )
    return [
        {
            **row,
            "before": row["open"] - row["new"],
            "when": text.day(row["as_of"]),
            "told": _open(row["open"]),
            "raised": f"{row['new']:,}",
            "over": f"{row['ended']:,}",
            "asked": f"{row['judged']:,}",
            "stake": text.money(row["money"], currency),
            "spoken": f"{text.day(row['as_of'])}: {_open(row['open'])} open, {row['new']:,} raised",
        }
        for row in days.sort("as_of").iter_rows(named=True)
    ]


_TIPS = spec.tip(
    ("when", "As of"),
    ("told", "Open"),
    ("raised", "Raised"),
    ("over", "Ended"),
    ("asked", "Judged"),
    ("stake", "At stake"),
)


def _layers(rows: list[dict[str, Any]], highest: int, palette: Palette) -> list[Spec]:
    days: list[date] = [row["as_of"] for row in rows]
    x = spec.month_axis(days)
    axis = {"tickMinStep": 1, "tickCount": 3, "format": ",d"}
    y = {"scale": {"domainMin": 0, "domainMax": max(highest, 1) * _ROOM, "nice": False}, "axis": axis}
    parts = [
        {"as_of": row["as_of"], "part": part, "order": order, "count": row[name]}
        for row in rows
        for order, (part, name) in enumerate(((FROM_BEFORE, "before"), (RAISED, "new")))
        if row[name]
    ]
    fills = {FROM_BEFORE: palette.neutral, RAISED: palette.bad}
    bars: Spec = {
        "data": spec.data(parts),
        "mark": {"type": "bar", "aria": False},
        "encoding": {
            "x": x,
            "y": spec.quantity("count", stack="zero", **y),
            "color": spec.shade("part", fills, [RAISED, FROM_BEFORE]),
            "order": spec.quantity("order"),
        },
    }
    now: Spec = {
        "data": spec.data([{"as_of": days[-1], "open": rows[-1]["open"], "words": f"now {rows[-1]['open']:,}"}]),
        "mark": {"type": "text", "dy": -8, "fontWeight": 600, "align": "right", "dx": 8, "aria": False},
        "encoding": {"x": x, "y": spec.quantity("open", **y), "text": {"field": "words"}},
    }
    # A month in which nothing was open has a tooltip too.
    reach: Spec = {
        "data": spec.data(rows),
        "mark": {"type": "bar", "fillOpacity": 0.001, "width": {"band": 1}},
        "encoding": {
            "x": x,
            "y": {"value": 0},
            "y2": {"value": "height"},
            "tooltip": _TIPS,
            "description": {"field": "spoken", "type": "nominal"},
        },
    }
    return [bars, now, reach]


def _twin(months: pl.DataFrame) -> pl.DataFrame:
    many = months["currency"].n_unique() > 1
    unit = "" if many or months.is_empty() else f", {months['currency'][0]}"
    return months.select(
        pl.col("as_of").alias("As of"),
        *([pl.col("currency").alias("Currency")] if many else []),
        pl.col("open").alias("Open"),
        pl.col("new").alias("Raised"),
        pl.col("ended").alias("Ended"),
        pl.col("judged").alias("Judged"),
        pl.col("money").alias(f"At stake{unit}"),
    )
