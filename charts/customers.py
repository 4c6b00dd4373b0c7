"""One customer: how it has paid, month by month and invoice by invoice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from charts import native, spec
from charts.figure import Figure, Setting, Spec
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT, Palette
from metrics import text

_MOST = 600
_USUAL = 0.97
_LEAST_EDGE = 30
_FLAT = 0.5
_DIFFERENT = 3

_METRICS = ("days_to_pay", "days_beyond_terms", "on_time_share")
ON_TIME, LATE = "paid on time", "paid late"

_MOSTLY = 0.5
"""Where more of a month's money than this came late, the share stands out."""


@dataclass(frozen=True)
class Month:
    """What a customer paid in one month, weighted by amount; ``None`` where it paid nothing.

    ``taken``: days from document to payment; ``beyond``: days after the due date, below zero when early; ``on_time``:
    the part of the money that came by the due date; ``paid``: the money.
    """

    end: date
    taken: float | None
    beyond: float | None
    on_time: float | None
    paid: float | None

    @property
    def terms(self) -> float | None:
        """The days agreed for what was paid in the month, weighted alike."""
        return None if self.taken is None or self.beyond is None else self.taken - self.beyond

    @property
    def late(self) -> float | None:
        """The part of the money that came after the due date."""
        return None if self.on_time is None else 1 - self.on_time


def pace(
    months: Sequence[Month], now: float | None, before: float | None, setting: Setting, *, height: int = 210
) -> Figure:
    """Days to pay month by month against the terms agreed, and how much of the money came late.

    Args:
        months: in order; a month without a payment has no point.
        now: days after due, on average over the twelve months to the day.
        before: the same a year before; ``None`` where it is not known.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
    """
    known = [month for month in months if month.taken is not None]
    finding = pace_finding(now, before)
    layers = _pace_layers(months, setting) if known else []
    return Figure(
        name="days_to_pay",
        title=finding,
        subtitle=setting.subtitle(
            "Days to pay, paid invoices only, by month of payment · grey: terms · above: % paid late"
        ),
        alt=f"Days to pay by month against the terms agreed. {finding}.",
        spec=spec.chart(setting.palette, layers, height),
        table=pl.DataFrame(
            {
                "Month to": [month.end for month in known],
                f"Paid, {setting.currency}": [month.paid for month in known],
                "Days to pay, days": [month.taken for month in known],
                "Terms, days": [month.terms for month in known],
                "After due, days": [month.beyond for month in known],
                "Late share": [month.late for month in known],
            },
            schema_overrides={"Month to": pl.Date},
        ),
        metrics=_METRICS,
        height=height,
        palette=setting.palette,
        native=_native(months) if known else None,
    )


def _native(months: Sequence[Month]) -> Native:
    """Days to pay as a line with gaps where nothing was paid, the terms as marks."""
    taken = tuple(month.taken for month in months)
    labels = tuple("" if days is None else text.number(days) for days in taken)
    return Native(
        Kind.LINES,
        spec.months([month.end for month in months]),
        (
            Series("Days to pay", taken, LIGHT.actual, Look.LINE, labels=labels, is_strong=True),
            Series("Terms", tuple(month.terms for month in months), LIGHT.previous, Look.MARKER),
        ),
        native.DAYS,
        "days",
    )


def pace_finding(now: float | None, before: float | None) -> str:
    """How long after due a customer pays, and what that was a year ago: days on average over twelve months."""
    if now is None:
        return "No invoice was paid in twelve months"
    words = f"Over {text.window('12mo')} paid {_after_due(now)} on average"
    if before is None:
        return words
    if abs(now - before) < _FLAT:
        return f"{words}, as a year ago"
    return f"{words}, was {_after_due(before, short=(now > 0) == (before > 0))} a year ago"


def _after_due(days: float, *, short: bool = False) -> str:
    whole = round(abs(days))
    if not whole:
        return "on the due date"
    told = text.count(whole, "day")
    return f"{whole}" if short else f"{told} {'after due' if days > 0 else 'before due'}"


def _pace_layers(months: Sequence[Month], setting: Setting) -> list[Spec]:
    palette = setting.palette
    rows = [
        {
            "as_of": month.end,
            "taken": month.taken,
            "terms": month.terms,
            "label": "" if month.taken is None else text.number(month.taken),
            "late": "" if month.late is None else f"{month.late * 100:.0f}{text.NBSP}%",
            "part": "" if month.late is None else f"{month.late * 100:.0f}",
            "shade": palette.bad if (month.late or 0) > _MOSTLY else palette.quiet,
            "point": palette.bad if (month.beyond or 0) > 0 else palette.good,
            "how": LATE if (month.beyond or 0) > 0 else ON_TIME,
            "when": text.day(month.end),
            "days": text.days(month.taken),
            "agreed": text.days(month.terms),
            "came": text.days(month.beyond),
            "money": text.exact(month.paid, setting.currency),
        }
        for month in months
    ]
    days = [month.end for month in months]
    top = max(max(month.taken, month.terms or 0.0) for month in months if month.taken is not None)
    axis = {**spec.month_axis(days), "scale": {"domain": [day.isoformat() for day in days]}}
    # The strip of shares stands above the highest point, the label of a point between them.
    y: Spec = {"scale": {"domain": [0, top * 1.55 or 1.0], "nice": False}, "axis": {"title": None, "tickCount": 4}}
    known = [row for row in rows if row["taken"] is not None]
    tips = spec.tip(
        ("when", "Month to"), ("days", "Days to pay"), ("agreed", "Terms"), ("came", "After due"),
        ("late", "Paid late"), ("money", "Paid"),
    )  # fmt: skip
    terms: Spec = {
        "data": spec.data(known),
        "mark": {"type": "tick", "thickness": 3, "bandSize": 26, "color": palette.previous},
        "encoding": {"x": axis, "y": spec.quantity("terms", **y), "tooltip": tips},
    }
    gap: Spec = {
        "data": spec.data(known),
        "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.45},
        "encoding": {
            "x": axis,
            "y": spec.quantity("terms", **y),
            "y2": {"field": "taken"},
            "color": spec.literal("point"),
        },
    }
    points: Spec = {
        "data": spec.data(known),
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {
            "x": axis,
            "y": spec.quantity("taken", **y),
            "color": spec.literal("point"),
            "shape": {
                "field": "how",
                "type": "nominal",
                "scale": {"domain": [ON_TIME, LATE], "range": ["circle", "triangle-up"]},
                "legend": None,
            },
            "tooltip": tips,
        },
    }
    labels: Spec = {
        "data": spec.data(known),
        "mark": {"type": "text", "dy": -11, "fontWeight": 600, "color": palette.text, "aria": False},
        "encoding": {"x": axis, "y": spec.quantity("taken", **y), "text": {"field": "label"}},
    }
    strip: Spec = {
        "data": spec.data(known),
        "mark": {"type": "text", "baseline": "top", "aria": False},
        "encoding": {"x": axis, "y": {"value": 0}, "text": {"field": "part"}, "color": spec.literal("shade")},
    }
    return [gap, terms, points, labels, strip]


def payments(paid: pl.DataFrame, setting: Setting, *, height: int = 210) -> Figure:
    """Each settled invoice as a point: when it was settled, and how many days after its due date.

    Args:
        paid: ``settled_on, days_late, amount, currency, number`` of settled invoices and debit memos, each in its own
            currency; ``days_late`` is negative when paid early. Of many, the newest are drawn.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
    """
    rows = paid.drop_nulls(["settled_on", "days_late"]).sort("settled_on")
    shown = rows.tail(_MOST)
    finding = payments_finding(rows)
    edge = _edge(shown)
    beyond = shown.filter(pl.col("days_late") > edge).height
    notes = [f"the newest {shown.height} of {rows.height:,}"] * (shown.height < rows.height)
    notes += [f"{beyond} beyond {edge} days at the upper edge"] * (beyond > 0)
    return Figure(
        name="payment_history",
        title=finding,
        subtitle=setting.subtitle("Paid invoices only: days after the due date; size is the amount", *notes),
        alt=f"Points of settled invoices by day of settlement and days after the due date. {finding}.",
        spec=spec.chart(setting.palette, _layers(shown, edge, setting.palette), height),
        table=rows.sort("settled_on", descending=True).select(
            pl.col("settled_on").alias("Settled on"),
            pl.col("number").alias("Document"),
            pl.col("amount").alias("Amount"),
            pl.col("currency").alias("Currency"),
            pl.col("days_late").alias("Days after due"),
        ),
        metrics=_METRICS,
        height=height,
        palette=setting.palette,
    )


def payments_finding(rows: pl.DataFrame) -> str:
    """How late the customer pays on the whole, and whether the last half year is different."""
    weighed = rows.filter(pl.col("amount") > 0)
    if weighed.is_empty():
        return "No invoice of this customer has been settled"
    mean = _weighted(weighed)
    last = weighed["settled_on"].max()
    recent = weighed.filter(pl.col("settled_on") > pl.lit(last).dt.offset_by("-6mo"))
    now = _weighted(recent)
    words = f"Paid invoices came {abs(mean):.0f} days {'late' if mean >= 0 else 'early'} on average"
    if abs(mean) < _FLAT:
        words = "Paid invoices came on the due date on average"
    if recent.height < weighed.height and abs(now - mean) >= _DIFFERENT:
        return f"{words}; in the last six months {abs(now):.0f} days {'late' if now >= 0 else 'early'}"
    return words


def _edge(rows: pl.DataFrame) -> int:
    """Where the axis ends, so that a few very late ones do not flatten the rest."""
    usual = rows["days_late"].quantile(_USUAL, "higher")
    return max(_LEAST_EDGE, int(usual or 0) + 5)


def _weighted(rows: pl.DataFrame) -> float:
    mean = rows.select((pl.col("days_late") * pl.col("amount")).sum() / pl.col("amount").sum()).item()
    return float(mean or 0)


def _layers(rows: pl.DataFrame, edge: int, palette: Palette) -> list[Spec]:
    values = [
        {
            "settled_on": row["settled_on"],
            "days_late": row["days_late"],
            "size": abs(row["amount"] or 0),
            "how": LATE if row["days_late"] > 0 else ON_TIME,
            "number": text.name(row["number"], "no number"),
            "when": text.day(row["settled_on"]),
            "exact": text.exact(row["amount"], row["currency"]),
            "late": text.number(row["days_late"]),
        }
        for row in rows.iter_rows(named=True)
    ]
    fills = {ON_TIME: palette.good, LATE: palette.bad}
    points: Spec = {
        "data": spec.data(values),
        "mark": {"type": "point", "filled": True, "opacity": 0.65, "strokeWidth": 0},
        "encoding": {
            "x": {"field": "settled_on", "type": "temporal", "axis": {"format": "%b %Y", "tickCount": 6}},
            "y": spec.quantity("days_late", scale={"domainMax": edge, "clamp": True}),
            "size": spec.quantity("size", legend=None, scale={"range": [16, 260]}),
            "color": spec.shade("how", fills, list(fills)),
            "shape": {
                "field": "how",
                "type": "nominal",
                "scale": {"domain": list(fills), "range": ["circle", "triangle-up"]},
            },
            "tooltip": spec.tip(
                ("number", "Document"), ("when", "Settled on"), ("exact", "Amount"), ("late", "Days after due")
            ),
        },
    }
    due: Spec = {
        "data": spec.data([{"level": 0}]),
        "mark": {"type": "rule", "color": palette.actual, "strokeWidth": 1},
        "encoding": {"y": spec.quantity("level")},
    }
    return [due, points]
