"""Credit limits of one customer: what is owed, what of it is overdue, and where the limit lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from charts import native, spec
from charts.figure import Figure, Key, Setting, Spec
from charts.native import Kind, Look, Native, Series
from charts.palette import LIGHT
from metrics import text

NOT_DUE, OVERDUE, LIMIT = "not yet due", "overdue", "limit"
MARK = "┃"
ROW = 76
_ROOM = 1.06
_CENT = 0.005


@dataclass(frozen=True)
class Held:
    """What is owed under one limit, in one currency.

    ``whose``: in a few words. ``exposure``: net of unapplied credits, at least 0. ``overdue``: the part of it that is
    late, no more than it. ``limit``: what was granted, ``None`` where nothing was set. ``is_group``: others below the
    holder count too.
    """

    whose: str
    exposure: float
    overdue: float
    limit: float | None
    is_group: bool = False

    @property
    def over(self) -> float:
        """What is owed beyond the limit, at least 0."""
        return 0.0 if self.limit is None else max(self.exposure - self.limit, 0.0)

    @property
    def free(self) -> float:
        """What of the limit is left, at least 0."""
        return 0.0 if self.limit is None else max(self.limit - self.exposure, 0.0)

    @property
    def used(self) -> float | None:
        """Exposure ÷ limit."""
        return self.exposure / self.limit if self.limit else None

    @property
    def is_over(self) -> bool:
        return self.over >= _CENT


def exposure(rows: Sequence[Held], setting: Setting, *, note: str = "") -> Figure:
    """A bar a limit: what is owed, solid; the limit, outlined and marked; what goes beyond the mark is over it.

    Args:
        rows: the customer's own first, then those of the groups above it.
        setting: the view's words, currency and colours.
        note: said in the subtitle, such as that the whole account is meant.
    """
    palette, currency = setting.palette, setting.currency
    scale = setting.fitting(max((max(row.exposure, row.limit or 0.0) for row in rows), default=0.0))
    finding = exposure_finding(rows, currency)
    height = ROW * max(len(rows), 1)
    return Figure(
        name="credit_limit",
        title=finding,
        subtitle=setting.subtitle(f"Total AR against credit limits, {currency}", note),
        alt=f"Bars of what is owed under each credit limit, with the limit marked. {finding}.",
        spec=spec.chart(palette, _layers(rows, scale, setting), height),
        table=_twin(rows, currency),
        metrics=("total_ar", "credit_utilisation", "over_limit"),
        height=height,
        palette=palette,
        key=(Key(OVERDUE, palette.bad), Key(NOT_DUE, palette.actual), Key(LIMIT, palette.text, MARK)),
        native=_native(rows, scale, setting) if rows else None,
    )


def exposure_finding(rows: Sequence[Held], currency: str) -> str:
    """How much is owed beyond a limit, else how much of the tightest one is left."""
    limited = [row for row in rows if row.limit is not None]
    if not limited:
        return "No credit limit is set"
    over = [row for row in limited if row.is_over]
    if over:
        told = [
            f"{text.money(row.over, currency)} over the {_whose(row, rows)} limit of {text.money(row.limit, currency)}"
            for row in over
        ]
        return text.listed(told, len(told))
    tightest = max(limited, key=lambda row: row.used or 0.0)
    limit, left = text.money(tightest.limit, currency), text.money(tightest.free, currency)
    return f"{text.share(tightest.used)} of the {_whose(tightest, rows)} limit of {limit} is used; {left} is left"


def _whose(row: Held, rows: Sequence[Held]) -> str:
    return "own" if row is rows[0] else "group's"


def _native(rows: Sequence[Held], scale: text.Scale, setting: Setting) -> Native:
    """Columns of what is owed, with the limit as a mark: no program has marks over bars that lie."""
    palette = LIGHT
    late = [min(row.overdue, row.exposure) for row in rows]
    parts = (
        Series(OVERDUE, tuple(late), palette.bad),
        Series(NOT_DUE, tuple(row.exposure - part for row, part in zip(rows, late, strict=True)), palette.actual),
    )
    limits = Series(
        LIMIT,
        tuple(row.limit for row in rows),
        palette.good,
        Look.MARKER,
        labels=tuple(
            "no limit set" if row.limit is None else f"{LIMIT} {text.money(row.limit, setting.currency, setting.scale)}"
            for row in rows
        ),
    )
    return Native(
        Kind.STACKED,
        native.names(row.whose for row in rows),
        (*parts, *([limits] if any(row.limit is not None for row in rows) else [])),
        native.money(scale),
        scale.unit(setting.currency),
        tuple(text.money(row.exposure, setting.currency, setting.scale) for row in rows),
    )


def _layers(rows: Sequence[Held], scale: text.Scale, setting: Setting) -> list[Spec]:
    palette = setting.palette
    fills = {OVERDUE: palette.bad, NOT_DUE: palette.actual}
    top = max((max(row.exposure, row.limit or 0.0) for row in rows), default=0.0) / scale.divisor
    x: Spec = {"scale": {"domain": [0, top * _ROOM or 1.0], "nice": False}, "axis": None}
    y: Spec = {"field": "place", "type": "ordinal", "axis": None, "scale": {"paddingInner": 0, "paddingOuter": 0}}
    told = [
        {
            **_told(place, row, scale, setting),
            "quiet": palette.quiet,
            "shade": palette.bad if row.is_over else palette.text,
        }
        for place, row in enumerate(rows)
    ]
    parts = [{**each, "kind": kind} for each in told for kind in fills if each[f"{kind}_to"] > each[f"{kind}_from"]]
    for part in parts:
        part["start"], part["end"] = part[f"{part['kind']}_from"], part[f"{part['kind']}_to"]
    tips = spec.tip(
        ("whose", "Whose"), ("owed", "Owed"), ("late", "Overdue"), ("granted", "Limit"), ("beyond", "Over or left")
    )
    limited = [each for each in told if each["limit"] is not None]
    bars: Spec = {
        "data": spec.data(parts),
        "mark": {"type": "bar", "height": 15, "yOffset": 14},
        "encoding": {
            "y": y,
            "x": spec.quantity("start", **x),
            "x2": {"field": "end"},
            "color": spec.shade("kind", fills, list(fills)),
            "tooltip": tips,
        },
    }
    outline: Spec = {
        "data": spec.data(limited),
        "mark": {"type": "bar", "height": 25, "yOffset": 14, "fill": "transparent", "stroke": palette.quiet},
        "encoding": {"y": y, "x": spec.quantity("zero", **x), "x2": {"field": "limit"}, "tooltip": tips},
    }
    mark: Spec = {
        "data": spec.data(limited),
        "mark": {"type": "tick", "thickness": 3, "size": 31, "color": palette.text, "opacity": 1, "yOffset": 14},
        "encoding": {"y": y, "x": spec.quantity("limit", **x), "tooltip": tips},
    }
    words: list[Spec] = [
        {
            "data": spec.data(told),
            "mark": {
                "type": "text",
                "align": "left",
                "baseline": "middle",
                "yOffset": offset,
                "fontWeight": weight,
                "limit": 300,
                "aria": False,
            },
            "encoding": {
                "y": y,
                "x": {"value": 0},
                "text": {"field": field},
                "color": spec.literal(colour),
            },
        }
        # One below the other: side by side they would meet in a narrow card.
        for field, colour, offset, weight in (("whose", "quiet", -30, 400), ("beyond_short", "shade", -14, 600))
    ]
    return [outline, bars, mark, *words]


def _told(place: int, row: Held, scale: text.Scale, setting: Setting) -> dict[str, Any]:
    late, currency, chosen = min(row.overdue, row.exposure), setting.currency, setting.scale
    owed, over, free, limit = (
        text.money(each, currency, chosen) for each in (row.exposure, row.over, row.free, row.limit)
    )
    if row.limit is None:
        beyond = "no limit set"
        short = f"{owed} owed, no limit set"
    elif row.is_over:
        beyond = f"{text.exact(row.over, currency)} over"
        short = f"{owed} owed, {over} over {limit}"
    else:
        beyond = f"{text.exact(row.free, currency)} left"
        short = f"{owed} owed, {free} left of {limit}"
    return {
        "place": place,
        "whose": row.whose,
        "zero": 0,
        f"{OVERDUE}_from": 0,
        f"{OVERDUE}_to": late / scale.divisor,
        f"{NOT_DUE}_from": late / scale.divisor,
        f"{NOT_DUE}_to": row.exposure / scale.divisor,
        "limit": None if row.limit is None else row.limit / scale.divisor,
        "owed": text.exact(row.exposure, currency),
        "late": text.exact(late, currency),
        "granted": "none" if row.limit is None else text.exact(row.limit, currency),
        "beyond": beyond,
        "beyond_short": short,
        "is_over": row.is_over,
    }


def _twin(rows: Sequence[Held], currency: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Whose": [row.whose for row in rows],
            f"Owed, {currency}": [row.exposure for row in rows],
            f"Overdue, {currency}": [row.overdue for row in rows],
            f"Limit, {currency}": [row.limit for row in rows],
            f"Left, {currency}": [None if row.limit is None else row.free for row in rows],
            f"Over, {currency}": [None if row.limit is None else row.over for row in rows],
            "Used share": [row.used for row in rows],
        },
        schema_overrides=dict.fromkeys(
            [*(f"{name}, {currency}" for name in ("Owed", "Overdue", "Limit", "Left", "Over")), "Used share"],
            pl.Float64,
        ),
    )
