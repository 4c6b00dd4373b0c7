"""One customer: how it has paid."""

from __future__ import annotations

import polars as pl

from charts import spec
from charts.figure import Figure, Setting, Spec
from charts.palette import Palette
from metrics import text

_MOST = 600
_USUAL = 0.97
_LEAST_EDGE = 30
_FLAT = 0.5
_DIFFERENT = 3

_METRICS = ("days_to_pay", "days_beyond_terms", "on_time_share")
ON_TIME, LATE = "paid on time", "paid late"


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
