"""Pace: do newer months pay slower or faster than those of a year before, whose months, and what stays unpaid?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from charts import native, notation, spec, variance
from charts.figure import Figure, Setting, Spec
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT
from metrics import text

FLAT = 0.005
"""A difference below half a point is none."""

_SMALL = 0.02
"""A group with less than this share of what was billed is not the message."""

_METRICS = ("days_to_pay", "days_beyond_terms", "over_90_share")


@dataclass(frozen=True)
class Pace:
    """What of the money billed in ``months`` was paid within ``age`` days, and the same a year before.

    ``share`` and ``previous`` are 0–1; ``previous`` is ``None`` where the history does not reach.
    """

    months: tuple[date, ...]
    age: int
    share: float
    previous: float | None = None

    @property
    def gap(self) -> float | None:
        """Above 0: faster."""
        return None if self.previous is None else self.share - self.previous

    @property
    def billed_in(self) -> str:
        """``Jun to Aug 2026``."""
        first, last = self.months[0], self.months[-1]
        if first == last:
            return text.month(last, year=True)
        return f"{text.month(first, year=first.year != last.year)} to {text.month(last, year=True)}"

    def finding(self) -> str:
        """Slower or faster, by how many points at one and the same age."""
        paid = f"{text.share(self.share)} within {self.age}{text.NBSP}days"
        if self.gap is None:
            words = f"{text.share(self.share)} of what was billed in {self.billed_in} was paid within"
            return f"{words} {self.age}{text.NBSP}days; no year before to compare with"
        if abs(self.gap) < FLAT:
            return f"What was billed in {self.billed_in} is paid as fast as a year before: {paid}"
        pace = "faster" if self.gap > 0 else "slower"
        points = text.change(abs(self.gap), "ratio").lstrip("+")
        side = "more" if self.gap > 0 else "less"
        return f"What was billed in {self.billed_in} is paid {pace}: {paid}, {points} {side} than a year before"


def by_group(rows: pl.DataFrame, group: str, pace: Pace, setting: Setting, *, most: int = 10) -> Figure:
    """Points more or less paid than a year before, by group, the slower on top; a click picks ``key``.

    Args:
        rows: ``key, label, billed, share, previous``: of the months and the age of ``pace``.
        group: what the groups are, in the singular: ``Region``.
        pace: of all groups together.
        setting: the view's words and colours.
        most: how many are drawn; the table twin has every group.
    """
    gap = pl.col("share") - pl.col("previous")
    ordered = rows.with_columns(gap=gap).sort(
        "gap", "billed", "label", descending=[False, True, False], nulls_last=True
    )
    shown = ordered.head(most)
    finding = by_group_finding(ordered, group)
    bars = [
        variance.Bar(
            key=row["key"],
            label=row["label"],
            size=None if row["gap"] is None else row["gap"] * 100,
            words="" if row["gap"] is None else text.change(row["gap"], "ratio"),
            is_bad=(row["gap"] or 0) < 0,
            tips=(text.share(row["share"]), text.share(row["previous"]), text.exact(row["billed"], setting.currency)),
        )
        for row in shown.iter_rows(named=True)
    ]
    height = variance.height(shown.height)
    headings = (f"Paid within {pace.age} days", "A year before", "Billed")
    what = (
        f"Paid within {pace.age}{text.NBSP}days of what was billed in {pace.billed_in}, against a year before, points"
    )
    return Figure(
        name=f"pace_by_{group.lower().replace(' ', '_')}",
        title=finding,
        subtitle=setting.subtitle(what),
        alt=f"Bars by {group.lower()} of the change in the share paid. {finding}.",
        spec=spec.chart(setting.palette, variance.layers(bars, setting.palette, headings), height),
        table=ordered.select(
            pl.col("label").alias(group),
            pl.col("billed").alias(f"Billed, {setting.currency}"),
            pl.col("share").alias("Share paid"),
            pl.col("previous").alias("Share paid a year before"),
            pl.col("gap").alias("Change in share"),
        ),
        metrics=_METRICS[:2],
        height=height,
        palette=setting.palette,
        native=variance.as_native(
            bars,
            shown["gap"].to_list(),
            "Change in share paid",
            native.SHARE,
            "points",
        ),
    )


def by_group_finding(rows: pl.DataFrame, group: str) -> str:
    """Whose months slowed most, among the groups that matter: ``rows`` slowest first, with ``gap``."""
    known = rows.drop_nulls("gap")
    if known.is_empty():
        return f"No {group.lower()} can be compared with the year before"
    matters = known.filter(pl.col("billed") >= _SMALL * float(rows["billed"].sum() or 0))
    slow = (matters if matters.height else known).row(0, named=True)
    fast = (matters if matters.height else known).row(-1, named=True)
    name = text.name(slow["label"])
    if slow["gap"] <= -FLAT:
        words = f"{name} slowed most: {text.change(slow['gap'], 'ratio')} to {text.share(slow['share'])}"
        crumbs = [text.name(row["label"]) for row in known.iter_rows(named=True) if row["gap"] < slow["gap"]]
        # Their bars are longer and stand above: say why they are passed over.
        return f"{words}; {text.listed(crumbs)} billed too little to count" if crumbs else words
    if fast["gap"] >= FLAT:
        return f"No {group.lower()} slowed; {text.name(fast['label'])} gained {text.change(fast['gap'], 'ratio')}"
    return f"Every {group.lower()} pays as fast as a year before"


def at_risk(
    rows: pl.DataFrame, setting: Setting, *, months: int = 13, height: int = 150, chosen: str | None = None
) -> Figure:
    """Columns: of what fell due in a month, the share unpaid 90 days later, with the year before as a mark.

    A click picks the ``key`` of a month that is known, its last day.

    Args:
        rows: ``month, due, unpaid, share, note`` of ``metrics.at_risk``, the year before included.
        setting: the view's words, currency and colours.
        months: how many of the newest are drawn; those not known yet keep their place.
        height: of the plot, in pixels.
        chosen: the key of the month that is picked, or none; the others fade.
    """
    ordered = rows.sort("month")
    year = ordered.select(pl.col("month").dt.offset_by("1y").dt.month_end(), previous="share")
    shown = ordered.join(year, on="month", how="left", maintain_order="left").tail(months)
    finding = at_risk_finding(shown)
    drawn = shown.filter(pl.col("share").is_not_null())
    return Figure(
        name="at_risk",
        title=finding,
        subtitle=setting.subtitle(
            "Unpaid 90 days after the due date, % of what fell due in the month", "mark: a year before"
        ),
        alt=f"Columns by due month of the share unpaid 90 days later. {finding}.",
        spec=spec.chart(setting.palette, _columns(shown, setting, chosen) if drawn.height else [], height),
        table=shown.select(
            pl.col("month").alias("Due in"),
            pl.col("due").alias(f"Fell due, {setting.currency}"),
            pl.col("unpaid").alias(f"Unpaid 90 days later, {setting.currency}"),
            pl.col("share").alias("Share unpaid"),
            pl.col("previous").alias("Share unpaid a year before"),
            pl.col("note").alias("Note"),
        )
        if drawn.height
        else pl.DataFrame(),
        metrics=("over_90_share",),
        height=height,
        palette=setting.palette,
        native=_native(shown) if drawn.height else None,
    )


def at_risk_finding(rows: pl.DataFrame) -> str:
    """The newest known month, and the worst where that is another one."""
    known = rows.filter(pl.col("share").is_not_null())
    if known.is_empty():
        return "No month is old enough yet to say what stays unpaid"
    last, worst = known.row(-1, named=True), known.sort("share", "month", descending=True).row(0, named=True)
    due_in = text.month(last["month"], year=True)
    words = f"{text.share(last['share'])} of what fell due in {due_in} was unpaid 90 days later"
    if known.height == 1:
        return words
    if worst["month"] == last["month"]:
        return f"{words}, the most of {text.count(known.height, 'month')}"
    return f"{words}; the worst was {text.month(worst['month'], year=True)} with {text.share(worst['share'])}"


def _native(shown: pl.DataFrame) -> Native:
    """A column a month, the worst in the colour of bad, and the year before as a mark."""
    shares = shown["share"].to_list()
    worst = shown["share"].max()
    columns = Series(
        "Share unpaid",
        tuple(shares),
        LIGHT.actual,
        colours=tuple(LIGHT.bad if share and share == worst else LIGHT.actual for share in shares),
        labels=tuple("" if share is None else f"{share * 100:.1f}" for share in shares),
    )
    before = Series("A year before", tuple(shown["previous"]), LIGHT.previous, Look.MARKER)
    drawn = (columns, before) if shown["previous"].is_not_null().any() else (columns,)
    return Native(Kind.COLUMNS, spec.months(shown["month"].to_list()), drawn, native.SHARE, "%")


def _columns(shown: pl.DataFrame, setting: Setting, chosen: str | None) -> list[Spec]:
    palette = setting.palette
    worst = shown["share"].max()
    rows: list[dict[str, Any]] = [
        {
            "key": "" if row["share"] is None else row["month"].isoformat(),
            "opacity": 1.0 if chosen in (None, row["month"].isoformat()) else 0.35,
            "as_of": row["month"],
            "size": None if row["share"] is None else row["share"] * 100,
            "previous": None if row["previous"] is None else row["previous"] * 100,
            "top": max(row["share"] or 0, row["previous"] or 0) * 100,
            "label": "–" if row["share"] is None else f"{row['share'] * 100:.1f}",
            "colour": palette.bad if row["share"] == worst and worst else palette.actual,
            "ink": palette.quiet if row["share"] is None else palette.text,
            "when": text.month(row["month"], year=True),
            "due": text.exact(row["due"], setting.currency),
            "unpaid": row["note"] if row["unpaid"] is None else text.exact(row["unpaid"], setting.currency),
            "before": text.share(row["previous"]),
        }
        for row in shown.iter_rows(named=True)
    ]
    x = spec.month_axis(shown["month"].to_list())
    top = max(row["top"] for row in rows)
    tips = spec.tip(
        ("when", "Due in"), ("due", "Fell due"), ("unpaid", "Unpaid 90 days later"), ("before", "A year before")
    )
    bars: Spec = {
        "mark": {"type": "bar", "aria": False},
        "encoding": {
            "x": x,
            "y": spec.quantity("size", scale={"domain": [0, (top or 1) * 1.2], "nice": False}),
            "color": spec.literal("colour"),
            "opacity": spec.quantity("opacity", scale=None, legend=None),
        },
    }
    before: Spec = {
        "transform": [{"filter": "datum.previous != null"}],
        "mark": notation.marker(palette),
        "encoding": {"x": x, "y": spec.quantity("previous")},
    }
    labels: Spec = {
        "mark": {"type": "text", "dy": -8, "fontWeight": 600},
        "encoding": {"x": x, "y": spec.quantity("top"), "text": {"field": "label"}, "color": spec.literal("ink")},
    }
    clicks = spec.target("key", {"x": x, "y": {"value": 0}, "y2": {"value": "height"}, "tooltip": tips})
    return [{"data": spec.data(rows), **layer} for layer in (bars, before, labels, clicks)]
