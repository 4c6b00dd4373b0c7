"""Concentration: the largest debtors, and how much is owed by how far credit limits are used."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import polars as pl

from charts import native, spec
from charts.aging import largest
from charts.figure import Figure, Setting, Spec
from charts.native import Kind, Native, Series
from charts.palette import LIGHT, on_white
from metrics import text

OVER, NEAR, HALF, FREE, NONE = BANDS = ("Over the limit", "90 to 100 %", "50 to 90 %", "Below 50 %", "No limit set")
"""By how much of the limit is used, whichever is used most: the customer's own or that of its group."""

OVER_LIMIT = "over a credit limit"
WITHIN = "within limits, or without one"

_KEY: Spec = {"orient": "bottom", "offset": 6, "columns": {"expr": "width < 300 ? 1 : 2"}}


def debtors(rows: pl.DataFrame, setting: Setting, *, groups: bool, row_height: float = 24.5) -> Figure:
    """The largest balances as bars without names, to stand beside a list of them; a click picks ``key``.

    Args:
        rows: ``key, label, balance, share, cumulative, over`` of those to draw, the largest first; ``over`` is what is
            owed beyond a limit, null where there is none.
        setting: the view's words, currency and colours.
        groups: whether they are groups of customers.
        row_height: pixels a row takes, so that names and bars stand level.
    """
    palette, currency = setting.palette, setting.currency
    scale = setting.fitting(largest(rows["balance"]))
    fills = {OVER_LIMIT: palette.bad, WITHIN: palette.actual}
    values = [
        {
            "key": row["key"],
            "place": place,
            "label": row["label"],
            "size": row["balance"] / scale.divisor,
            "text": f"{scale.bare(row['balance'])} · {text.share(row['share'])}",
            "kind": OVER_LIMIT if (row["over"] or 0) > 0 else WITHIN,
            "exact": text.exact(row["balance"], currency),
            "share": text.share(row["share"]),
            "cumulative": text.share(row["cumulative"]),
            "over": text.exact(row["over"], currency) if (row["over"] or 0) > 0 else "no",
        }
        for place, row in enumerate(rows.iter_rows(named=True))
    ]
    present = [kind for kind in fills if any(value["kind"] == kind for value in values)]
    written = json.dumps(native.names(rows["label"]), ensure_ascii=False)
    axis = {"domain": False, "ticks": False, "labelColor": palette.text, "labelOverlap": False}
    y: Spec = {"field": "place", "type": "ordinal", "axis": {**axis, "labelExpr": f"({written})[datum.value]"}}
    top = largest(rows["balance"]) / scale.divisor
    beside = spec.wide(str(value["text"]) for value in values)
    bars: Spec = {
        "mark": {"type": "bar", "aria": False},
        "encoding": {
            "y": y,
            "x": spec.quantity("size", axis=None, scale=spec.between(0, top, right=beside)),
            "color": {**spec.shade("kind", fills, present), "legend": _KEY},
        },
    }
    words = spec.tip(
        ("label", "Who"), ("exact", "Owes"), ("share", "Share"), ("cumulative", "With those above"),
        ("over", "Over a limit by"),
    )  # fmt: skip
    clicks = spec.target("key", {"y": y, "x": {"value": 0}, "x2": {"value": "width"}, "tooltip": words})
    labels: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": 600, "color": palette.text},
        "encoding": {"y": y, "x": spec.quantity("size"), "text": {"field": "text"}},
    }
    height = round(row_height * max(rows.height, 1))
    drawn = spec.chart(palette, [bars, labels, clicks], height, data=spec.data(values))
    # The key stands below the bars, outside their height: the bars must stay level with the names.
    drawn["autosize"] = {"type": "fit-x", "contains": "padding"}
    drawn["padding"] = {"left": 0, "right": 4, "top": 0, "bottom": 0}
    who = "group" if groups else "customer"
    finding = debtors_finding(rows, currency, who)
    return Figure(
        name=f"largest_{who}s",
        title=finding,
        subtitle=setting.subtitle(f"Largest {who}s, total AR, {scale.unit(currency)}, and share of all that is owed"),
        alt=f"Horizontal bars of the largest {who}s' balances. {finding}.",
        spec=drawn,
        table=rows.select(
            pl.col("label").alias(who.capitalize()),
            pl.col("balance").alias(f"Total AR, {currency}"),
            pl.col("share").alias("Share"),
            pl.col("cumulative").alias("Cumulative share"),
            pl.col("over").alias("Over a limit by"),
        ),
        metrics=("top_10_share", "hhi", "effective_debtors"),
        height=height,
        palette=palette,
        names_beside=True,
        native=_bars(
            native.names(rows["label"]),
            rows["balance"].to_list(),
            [fills[str(value["kind"])] for value in values],
            [str(value["text"]) for value in values],
            scale,
            setting,
        ),
    )


def _bars(
    names: Sequence[str],
    owed: Sequence[float],
    colours: Sequence[str],
    labels: Sequence[str],
    scale: text.Scale,
    setting: Setting,
) -> Native | None:
    """What is owed as bars for programs that draw them themselves, the first on top; ``None`` without any."""
    if not names:
        return None
    bars = Series("Total AR", tuple(owed), LIGHT.actual, colours=tuple(map(on_white, colours)), labels=tuple(labels))
    return Native(Kind.BARS, tuple(names), (bars,), native.money(scale), scale.unit(setting.currency))


def debtors_finding(rows: pl.DataFrame, currency: str, who: str) -> str:
    """How much of all the ones drawn owe, and the largest of them."""
    if rows.is_empty():
        return "Nobody owes anything"
    top, last = rows.row(0, named=True), rows.row(-1, named=True)
    name, money, share = text.name(top["label"]), text.money(top["balance"], currency), text.share(top["share"])
    if rows.height == 1:
        return f"One {who} owes everything: {name}, {money}"
    return (
        f"The {rows.height} largest {who}s owe {text.share(last['cumulative'])} of everything; {name} {share}, {money}"
    )


def by_use(
    bands: Mapping[str, tuple[float, int]], setting: Setting, *, height: int = 170, chosen: str | None = None
) -> Figure:
    """What is owed by how far credit limits are used; without a limit stands apart, not as zero; a click picks ``key``.

    Args:
        bands: money owed and number of customers by name of ``BANDS``.
        setting: the view's words, currency and colours.
        height: of the plot, in pixels.
        chosen: the band that is picked; the others fade. None if left out.
    """
    palette, currency = setting.palette, setting.currency
    scale = setting.fitting(max((money for money, _ in bands.values()), default=0.0))
    whole = sum(money for money, _ in bands.values())
    colours = {
        OVER: palette.bad,
        NEAR: palette.watch,
        HALF: palette.actual,
        FREE: palette.actual,
        NONE: palette.previous,
    }
    values = [
        {
            "key": band,
            "band": band,
            "opacity": 1.0 if chosen in (None, band) else 0.35,
            "size": bands[band][0] / scale.divisor,
            "text": f"{scale.bare(bands[band][0])} · {text.count(bands[band][1], 'customer')}",
            "exact": text.exact(bands[band][0], currency),
            "share": text.share(bands[band][0] / whole) if whole > 0 else text.MISSING,
            "colour": colours[band],
        }
        for band in BANDS
        if band in bands
    ]
    y: Spec = {
        "field": "band",
        "type": "ordinal",
        "sort": [value["band"] for value in values],
        "axis": {"domain": False, "ticks": False, "labelColor": palette.text, "labelFontSize": 12},
    }
    top = max((money for money, _ in bands.values()), default=0.0) / scale.divisor
    beside = spec.wide(str(value["text"]) for value in values)
    bars: Spec = {
        "mark": {"type": "bar", "aria": False},
        "encoding": {
            "y": y,
            "x": spec.quantity("size", axis=None, scale=spec.between(0, top, right=beside)),
            "color": spec.literal("colour"),
            "opacity": spec.quantity("opacity", scale=None, legend=None),
        },
    }
    words = spec.tip(("band", "Limit used"), ("exact", "Owed"), ("share", "Share of all"))
    clicks = spec.target("key", {"y": y, "x": {"value": 0}, "x2": {"value": "width"}, "tooltip": words})
    labels: Spec = {
        "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": 600, "color": palette.text},
        "encoding": {"y": y, "x": spec.quantity("size"), "text": {"field": "text"}},
    }
    finding = by_use_finding(bands, currency)
    return Figure(
        name="credit_limits_used",
        title=finding,
        subtitle=setting.subtitle(f"Total AR by how much of the limit is used, own or group's, {scale.unit(currency)}"),
        alt=f"Horizontal bars of what is owed by how far credit limits are used. {finding}.",
        spec=spec.chart(palette, [bars, labels, clicks], height, data=spec.data(values)),
        table=pl.DataFrame(
            {
                "Limit used": [value["band"] for value in values],
                f"Owed, {currency}": [bands[str(value["band"])][0] for value in values],
                "Customers": [bands[str(value["band"])][1] for value in values],
            }
        ),
        metrics=("credit_utilisation", "over_limit"),
        height=height,
        palette=palette,
        native=_bars(
            [str(value["band"]) for value in values],
            [bands[str(value["band"])][0] for value in values],
            [str(value["colour"]) for value in values],
            [str(value["text"]) for value in values],
            scale,
            setting,
        ),
    )


def by_use_finding(bands: Mapping[str, tuple[float, int]], currency: str) -> str:
    """How much is owed without any limit, and how much by those near or over theirs."""
    whole = sum(money for money, _ in bands.values())
    if whole <= 0:
        return "Nobody owes anything"
    tight = _sum(bands, (OVER, NEAR))
    free = _sum(bands, (NONE,))
    if free == whole:
        return "No credit limit covers what is owed"
    words = f"{text.money(tight, currency)} is owed by customers that have used 90{text.NBSP}% of a limit or more"
    if tight <= 0:
        words = f"Nobody has used 90{text.NBSP}% of a limit"
    return f"{words}; {text.money(free, currency)} has no limit set" if free > 0 else words


def _sum(bands: Mapping[str, tuple[float, int]], names: Sequence[str]) -> float:
    return sum(bands[name][0] for name in names if name in bands)
