"""Aging: how late the open money is, over time and on one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from charts import native, spec
from charts.figure import Figure, Key, Setting, Spec
from charts.native import Kind, Native, Series
from charts.palette import LIGHT, Palette
from metrics import text

METRICS = ("overdue", "overdue_share", "over_90_share", "unapplied_credits")

NET = "labels: total AR, net of unapplied credits"
"""Says which of two sums is written at a bar that shows both."""

_FLAT = 0.01
"""A change below this share of the balance is not worth a sentence."""

_LEADS = 0.3
"""A bucket that makes this share of a change is named as its cause."""

_PICKED: Spec = {"params": [{"name": "pick", "select": {"type": "point", "fields": ["key"], "toggle": False}}]}

_SEVERAL = 4
"""With fewer buckets than this, none is worth naming."""


def over_time(
    aged: pl.DataFrame,
    setting: Setting,
    *,
    base: pl.DataFrame | None = None,
    whole: bool = False,
    share: bool = False,
    height: int = 230,
    picked: bool = False,
    chosen: str | None = None,
) -> Figure:
    """Open money by bucket at each day: overdue only, or the ``whole`` with current and unapplied credits.

    Args:
        aged: ``as_of, bucket, amount``; unapplied amounts negative.
        setting: the view's words, currency, colours and buckets.
        base: the same columns on the day that the finding compares the last with; the first drawn if left out.
        whole: draw current and unapplied too.
        share: draw shares of the gross open amount instead of money; unapplied credits are then left out.
        height: of the plot, in pixels.
        picked: a click picks a part of a column by its ``key``, day and bucket as ``2026-10-31/31–60``, and the buckets
            are named in the subtitle.
        chosen: the bucket that is picked, or none; the others fade.
    """
    buckets = setting.buckets
    shown = (buckets[:-1] if share else buckets) if whole else buckets[1:-1]
    rows = _with_share(aged, buckets).filter(pl.col("bucket").is_in(shown)).sort("as_of")
    amount = pl.col("amount")
    sums = (amount.filter(amount > 0).sum().alias("top"), amount.sum().round(2).alias("net"))
    tops = rows.group_by("as_of").agg(sums).filter(pl.col("top") > 0).sort("as_of")
    amounts = _summed(rows, shown, "amount")
    scale = setting.fitting(largest(tops["top"]))
    top = 100 / 1.1 if share else largest(tops["top"]) / scale.divisor
    stack = _stack(rows, shown, setting, scale, top, share=share)
    if chosen is not None:
        is_chosen = {"test": {"field": "bucket", "equal": chosen}, "value": 1}
        stack["encoding"]["opacity"] = {"condition": is_chosen, "value": 0.35}
    layers = [{**stack, **_PICKED, "mark": {**stack["mark"], "cursor": "pointer"}} if picked else stack]
    if not share and tops.height:
        layers.append(_tops(tops, rows["as_of"].unique().sort().to_list(), scale, setting.palette))
    compared = aged if base is None else pl.concat([base, aged.filter(pl.col("as_of") == pl.col("as_of").max())])
    finding = over_time_finding(compared, setting)
    what = "Open receivables" if whole else "Overdue"
    unit = "% of gross open" if share else scale.unit(setting.currency)
    labels = NET if whole and not share else ""
    return Figure(
        name="aging_over_time",
        title=finding,
        subtitle=setting.subtitle(f"{what} by days past due, {unit}", labels),
        alt=f"Stacked columns of {what.lower()} by age at each month-end. {finding}.",
        spec=spec.chart(setting.palette, layers, height),
        table=_twin(amounts if tops.height else amounts.head(0), shown, setting.currency),
        metrics=METRICS,
        height=height,
        palette=setting.palette,
        key=tuple(Key(name, setting.palette.aging(buckets)[name]) for name in shown) if picked else (),
        native=_native_over_time(
            _summed(rows, shown, "share") if share else amounts, shown, setting, scale, share=share
        )
        if tops.height
        else None,
    )


def target_finding(aged: pl.DataFrame, target: float, setting: Setting) -> str:
    """How much is overdue on the last day beyond a target share of the gross open amount."""
    last = aged.filter(pl.col("as_of") == pl.col("as_of").max())
    *dated, _unapplied = setting.buckets
    gross = float(last.filter(pl.col("bucket").is_in(dated))["amount"].sum() or 0)
    overdue = float(last.filter(pl.col("bucket").is_in(dated[1:]))["amount"].sum() or 0)
    beyond, aim = overdue - target * gross, text.goal(target, "ratio")
    if gross <= 0:
        return "Nothing is open"
    if abs(beyond) < _FLAT * gross:
        return f"Overdue meets its target of {aim}: {text.money(overdue, setting.currency, setting.scale)}"
    size = text.relative(overdue, target * gross)[1:] if setting.relative and target else ""
    size = size or text.money(abs(beyond), setting.currency, setting.scale)
    return f"Overdue is {size} {'above' if beyond > 0 else 'below'} its target of {aim}"


def over_time_finding(aged: pl.DataFrame, setting: Setting) -> str:
    """What overdue money did over the days shown, and which bucket drove it."""
    buckets, currency = setting.buckets, setting.currency
    overdue = aged.filter(pl.col("bucket").is_in(buckets[1:-1]))
    total = overdue.group_by("as_of").agg(pl.col("amount").sum()).sort("as_of")
    if not total["amount"].abs().sum():
        return "Nothing was overdue"
    first_day, first = total.row(0)
    last_day, last = total.row(-1)
    change = last - first
    if not (first or last):
        return "Nothing is overdue"
    if total.height == 1 or abs(change) < _FLAT * max(abs(last), abs(first)):
        return f"{text.money(last, currency, setting.scale)} is overdue"
    size = text.money(abs(change), currency, setting.scale)
    if setting.relative and first > 0:
        size = text.relative(last, first)[1:]
    finding = f"Overdue {text.direction(change)} {size} {text.since(first_day, last_day)}"
    signed = pl.when(pl.col("as_of") == last_day).then(pl.col("amount")).otherwise(-pl.col("amount"))
    moved = overdue.filter(pl.col("as_of").is_in([first_day, last_day])).group_by("bucket").agg(delta=signed.sum())
    lead, delta = moved.sort("delta", "bucket", descending=change > 0).row(0)
    part = delta / change
    if _LEADS <= part <= 1 and len(buckets) >= _SEVERAL:
        finding += f", {part * 100:.0f}{text.NBSP}% of it {lead} days"
    return finding


def on_day(aged: pl.DataFrame, setting: Setting, *, chosen: str | None = None, height: int = 210) -> Figure:
    """One column a bucket on a single day, each with its money and share; a click picks a bucket.

    Args:
        aged: ``bucket, amount, count`` of one day; unapplied amounts negative.
        setting: the view's words, currency, colours and buckets.
        chosen: the bucket that is picked, or none; the others fade.
        height: of the plot, in pixels.
    """
    rows = _all_buckets(aged, setting.buckets)
    scale = text.Scale.fitting(largest(rows["amount"]))
    finding = oldest_finding(rows, setting)
    return Figure(
        name="aging_on_day",
        title=finding,
        subtitle=setting.subtitle(f"Open receivables by days past due, {scale.unit(setting.currency)}"),
        alt=f"Columns of open receivables by days past due. {finding}.",
        spec=_day_spec(rows, setting, scale, chosen, height),
        table=rows.select(
            pl.col("heading").alias("Days past due"),
            pl.col("amount").alias(f"Open, {setting.currency}"),
            pl.col("count").alias("Items"),
            pl.col("share").alias("Share of gross open"),
        ),
        metrics=METRICS,
        height=height,
        palette=setting.palette,
        native=_native_on_day(rows, setting, scale) if aged.height else None,
    )


def on_day_finding(aged: pl.DataFrame, setting: Setting, whose: str = "") -> str:
    """How much of what is open on a day is overdue: ``bucket, amount, count`` in words.

    ``whose`` names the customer or group that the rows are of; without a name it is the whole company.
    """
    rows = _all_buckets(aged, setting.buckets)
    amounts: dict[str, float] = dict(rows.select("bucket", "amount").iter_rows())
    *dated, _unapplied = setting.buckets
    gross = sum(amounts[bucket] for bucket in dated)
    overdue = sum(amounts[bucket] for bucket in dated[1:])
    whole, late = text.money(gross, setting.currency), text.money(overdue, setting.currency)
    if gross <= 0:
        return f"{whose}: nothing is open" if whose else "Nothing is open"
    if overdue <= 0:
        return f"{whose}: {whole} is open, none of it overdue" if whose else f"Nothing is overdue; {whole} is open"
    if whose:
        return f"{whose}: {late} of {whole} is overdue ({text.share(overdue / gross)})"
    return f"{text.share(overdue / gross)} of the open amount is overdue: {late} of {whole}"


def oldest_finding(rows: pl.DataFrame, setting: Setting) -> str:
    """What has reached the oldest bucket that holds anything."""
    amounts: dict[str, float] = dict(rows.select("bucket", "amount").iter_rows())
    *aged, _unapplied = setting.buckets
    gross = sum(amounts[bucket] for bucket in aged)
    oldest = next((bucket for bucket in reversed(aged[1:]) if amounts[bucket] > 0), None)
    if oldest is None:
        return "Nothing is late"
    part = text.share(amounts[oldest] / gross)
    return f"{text.money(amounts[oldest], setting.currency)} is {oldest} days late, {part} of the open amount"


def heading(bucket: str, buckets: Sequence[str]) -> str:
    """How a bucket is written: ``Current``, ``1–30``, ``Unapplied``."""
    return bucket.capitalize() if bucket in (buckets[0], buckets[-1]) else bucket


def largest(amounts: pl.Series) -> float:
    """The largest size in ``amounts``, 0 when there is none."""
    size = amounts.cast(pl.Float64).abs().max()
    return float(size) if isinstance(size, int | float) else 0.0


def _with_share(aged: pl.DataFrame, buckets: Sequence[str]) -> pl.DataFrame:
    gross = aged.filter(pl.col("bucket") != buckets[-1]).group_by("as_of").agg(pl.col("amount").sum().alias("gross"))
    return aged.join(gross, on="as_of", how="left").with_columns(
        pl.when(pl.col("gross") > 0).then(pl.col("amount") / pl.col("gross")).alias("share")
    )


def _all_buckets(aged: pl.DataFrame, buckets: Sequence[str]) -> pl.DataFrame:
    """A row for every bucket, in order: ``bucket, heading, amount, count, share`` (of gross; null for unapplied)."""
    order = pl.DataFrame({"bucket": list(buckets), "heading": [heading(bucket, buckets) for bucket in buckets]})
    rows = aged.group_by("bucket").agg(pl.col("amount").sum(), pl.col("count").sum())
    filled = order.join(rows, on="bucket", how="left", maintain_order="left").with_columns(
        pl.col("amount").fill_null(0.0), pl.col("count").fill_null(0)
    )
    applied = pl.col("bucket") != buckets[-1]
    gross = pl.col("amount").filter(applied).sum()
    return filled.with_columns(pl.when(applied & (gross > 0)).then(pl.col("amount") / gross).alias("share"))


def _day_spec(rows: pl.DataFrame, setting: Setting, scale: text.Scale, chosen: str | None, height: int) -> Spec:
    buckets, palette = setting.buckets, setting.palette
    edges = palette.aging_edges(buckets)
    values = [
        {
            **row,
            "amount": row["amount"] / scale.divisor,
            "top": max(row["amount"] / scale.divisor, 0),
            "label": scale.bare(row["amount"]),
            "part": "" if row["share"] is None else text.share(row["share"]),
            "exact": text.exact(row["amount"], setting.currency),
            "items": text.number(row["count"]),
            "edge": edges[row["bucket"]],
            "opacity": 1.0 if chosen in (None, row["bucket"]) else 0.35,
        }
        for row in rows.iter_rows(named=True)
    ]
    x = {
        "field": "heading",
        "type": "ordinal",
        "sort": rows["heading"].to_list(),
        "axis": {"labelOverlap": False, "labelFontSize": 12},
    }
    hidden = {"labels": False, "grid": False, "domain": False, "ticks": False}
    bars: Spec = {
        "transform": [{"filter": "datum.amount != 0"}],
        "mark": {"type": "bar", "strokeWidth": 1, "aria": False},
        "encoding": {
            "x": x,
            "y": spec.quantity("amount", axis=hidden),
            "color": {**spec.shade("bucket", palette.aging(buckets), buckets), "legend": None},
            "stroke": spec.literal("edge"),
            "opacity": spec.quantity("opacity", scale=None, legend=None),
        },
    }
    labels: list[Spec] = [
        {
            "mark": {
                "type": "text",
                "dy": dy,
                "fontWeight": weight,
                "color": colour,
                "baseline": "bottom",
                "aria": False,
            },
            "encoding": {"x": x, "y": spec.quantity("top", axis=hidden), "text": {"field": field}},
        }
        for dy, weight, colour, field in ((-16, 600, palette.text, "label"), (-3, 400, palette.quiet, "part"))
    ]
    words = spec.tip(
        ("heading", "Days past due"), ("exact", "Open"), ("items", "Items"), ("part", "Share of gross open")
    )
    clicks = spec.target("bucket", {"x": x, "y": {"value": 0}, "y2": {"value": "height"}, "tooltip": words})
    return spec.chart(palette, [bars, *labels, clicks], height, data=spec.data(values))


def _stack(
    rows: pl.DataFrame, shown: Sequence[str], setting: Setting, scale: text.Scale, top: float, *, share: bool
) -> Spec:
    buckets, palette = setting.buckets, setting.palette
    edges = palette.aging_edges(buckets)
    values = [
        {
            "as_of": row["as_of"],
            "bucket": row["bucket"],
            "order": buckets.index(row["bucket"]),
            "size": (row["share"] or 0) * 100 if share else row["amount"] / scale.divisor,
            "edge": edges[row["bucket"]],
            "key": f"{row['as_of'].isoformat()}/{row['bucket']}",
            "when": text.day(row["as_of"]),
            "exact": text.exact(row["amount"], setting.currency),
            "part": text.share(row["share"]),
        }
        for row in rows.filter(pl.col("amount") != 0).iter_rows(named=True)
    ]
    return {
        "data": spec.data(values),
        "mark": {"type": "bar", "strokeWidth": 0.6},
        "encoding": {
            "x": spec.month_axis(rows["as_of"].unique().sort().to_list()),
            "y": spec.quantity("size", stack="zero", scale=spec.headroom(top)),
            "color": spec.shade("bucket", palette.aging(buckets), shown),
            "stroke": spec.literal("edge"),
            "order": spec.quantity("order"),
            "tooltip": spec.tip(
                ("when", "As of"), ("bucket", "Days past due"), ("exact", "Open"), ("part", "Share of gross open")
            ),
        },
    }


def _tops(tops: pl.DataFrame, days: Sequence[date], scale: text.Scale, palette: Palette) -> Spec:
    """Over each column its sum, unapplied credits taken off: the total AR of the other pages."""
    values = [
        {"as_of": row["as_of"], "top": row["top"] / scale.divisor, "label": scale.bare(row["net"])}
        for row in tops.iter_rows(named=True)
    ]
    return {
        "data": spec.data(values),
        "mark": {"type": "text", "dy": -8, "fontWeight": 600, "color": palette.text},
        "encoding": {"x": spec.month_axis(days), "y": spec.quantity("top"), "text": {"field": "label"}},
    }


def _summed(rows: pl.DataFrame, shown: Sequence[str], what: str) -> pl.DataFrame:
    """A row a day in order, a column a bucket."""
    sums = [pl.col(what).filter(pl.col("bucket") == bucket).sum().alias(bucket) for bucket in shown]
    return rows.group_by("as_of").agg(sums).sort("as_of")


def _twin(amounts: pl.DataFrame, shown: Sequence[str], currency: str) -> pl.DataFrame:
    return amounts.with_columns(pl.sum_horizontal(shown).alias(f"Sum, {currency}")).rename({"as_of": "As of"})


def _native_over_time(
    wide: pl.DataFrame, shown: Sequence[str], setting: Setting, scale: text.Scale, *, share: bool
) -> Native:
    """Columns of ``shown`` buckets, as ``_summed`` has them: money with the net above each, or shares of gross open."""
    nets = wide.select(pl.sum_horizontal(shown).round(2)).to_series()
    fills = LIGHT.aging(setting.buckets)
    return Native(
        Kind.STACKED,
        spec.months(wide["as_of"].to_list()),
        tuple(Series(heading(bucket, setting.buckets), tuple(wide[bucket]), fills[bucket]) for bucket in shown),
        native.SHARE if share else native.money(scale),
        "% of gross open" if share else scale.unit(setting.currency),
        () if share else tuple(scale.bare(net) for net in nets),
    )


def _native_on_day(rows: pl.DataFrame, setting: Setting, scale: text.Scale) -> Native:
    """A column a bucket, with its money and its share of the gross open amount."""
    fills = LIGHT.aging(setting.buckets)
    labels = tuple(
        scale.bare(amount) + ("" if share is None else f" ({text.share(share)})")
        for amount, share in rows.select("amount", "share").iter_rows()
    )
    columns = Series(
        "Open",
        tuple(rows["amount"]),
        LIGHT.actual,
        colours=tuple(fills[bucket] for bucket in rows["bucket"]),
        labels=labels,
    )
    unit = scale.unit(setting.currency)
    return Native(Kind.COLUMNS, tuple(rows["heading"]), (columns,), native.money(scale), unit)
