"""Roll rates: how much of what is owed is older a month later, by two methods, and whether that grows."""

from __future__ import annotations

from datetime import date

import polars as pl

import metrics
from briefing import periods
from briefing.view import View
from charts import Figure, Palette, lines, provision
from charts.lines import Line, Words
from charts.provision import Rolls
from ledger.calendar import month_end, months_before
from ledger.money import major
from ledger.scope import CURRENCY, Scope
from metrics import Unit, text
from metrics.rolls import FOLLOWED, NET_FLOW
from ui import address, behind, breadcrumb, cards, controls, drill, store
from ui.behind import Behind, Kind

METHOD = "roll_method"
METHODS = {"Same invoices": FOLLOWED, "Net flow": NET_FLOW}

METHOD_TOLD = {
    FOLLOWED: "The same invoices are followed from one month-end to the next; the outcomes of a bucket add up to "
    "100 %. The loss rates are made of these.",
    NET_FLOW: "Balances are compared: the next bucket against this one a month before. It needs no invoices, and can "
    "exceed 100 %, as a bucket also keeps what was in it.",
}

_TREND, _POOLED = 13, 3
"""Month-ends drawn, and how many of them are told together, so that one odd month is no message."""

_FLAT = 0.005


def read(day: date, months: int, scope: Scope) -> pl.DataFrame:
    """``metrics.rolls`` over the current snapshot."""
    return store.remembered(_rolls, day, months, scope)


def _rolls(day: date, months: int, scope: Scope) -> pl.DataFrame:
    return metrics.rolls(store.book(), day, months, scope)


def choose_method() -> str:
    """How roll rates are counted. Draws the choice."""
    return METHODS[controls.segmented("Count roll rates by", list(METHODS), key=METHOD, default="Same invoices")]


def heat_map(view: View, palette: Palette, method: str, months: int, chosen: Behind | None = None) -> Figure:
    """The rates of one method over as many of the last ``months`` rolls as there are."""
    found = read(view.day, months, view.scope).filter(pl.col("currency") == view.currency)
    known = int(found["months"][0]) if found.height else 0
    rows = found.filter(pl.col("method") == method)
    setting = view.as_of(palette, store.book().rules.aging.buckets)
    cell = f"{chosen.before}>{chosen.after}" if chosen and chosen.kind is Kind.ROLLED else None
    return provision.rolls(Rolls(rows, method == FOLLOWED, known), setting, chosen=cell)


def pick_cell(chosen: Behind | None) -> cards.Picked:
    """What a click on a rate does: the documents that went that way; where they stayed, the items of the bucket."""

    def picked(cell: str | None) -> None:
        before, _, after = (cell or "").partition(">")
        if not after:
            return
        if before == after:
            address.go(breadcrumb.ITEMS, {drill.BUCKET: before})
            return
        found = Behind(Kind.ROLLED, None, before, after)
        behind.to(None if found == chosen else found)

    return picked


def pick_point(view: View) -> cards.Picked:
    """What a click on a point of the trend does: the documents that rolled on in the month up to it."""
    labels = store.book().rules.aging.labels

    def picked(point: str | None) -> None:
        before, _, day = (point or "").rpartition("/")
        if before not in labels[:-1]:
            return
        day_then = None if day == view.day.isoformat() else day
        found = Behind(Kind.ROLLED, None, before, labels[labels.index(before) + 1])
        behind.to(found, **({address.AS_OF: day_then} if day_then else {}))

    return picked


def forward(view: View) -> pl.DataFrame:
    """``as_of, bucket, older, opening``: per month-end of two years, what rolled on of what stood in a bucket."""
    found = store.remembered(_forward, view.day, view.scope)
    return found.filter(pl.col("currency") == view.currency)


def _forward(day: date, scope: Scope) -> pl.DataFrame:
    book = store.book()
    last = day if day == month_end(day) else periods.period_before(day)
    ends = periods.trend(last, _TREND + _POOLED)
    count = len(book.rules.aging.labels)
    names = dict(enumerate(book.rules.aging.labels))
    amount, older = pl.col("amount"), (pl.col("to") > pl.col("bucket")) & (pl.col("to") < count)
    return (
        book.rolls(ends, scope)
        .filter(pl.col("bucket") < count - 1)
        .group_by("as_of", CURRENCY, "bucket")
        .agg(older=amount.filter(older).sum(), opening=amount.sum())
        .filter(pl.col("opening") > 0)
        .sort("as_of", CURRENCY, "bucket")
        .with_columns(
            pl.col("bucket").replace_strict(names, return_dtype=pl.String),
            *(major(pl.col(name), pl.col(CURRENCY)).alias(name) for name in ("older", "opening")),
        )
    )


def trend(view: View, palette: Palette, height: int) -> Figure:
    """Forward roll rates of the year, the bucket that moved most money thick."""
    rows = forward(view)
    days = rows["as_of"].unique().sort().to_list()
    told, lead = trend_finding(rows, days)
    shown = days[-_TREND:]
    labels = store.book().rules.aging.labels
    drawn = [
        Line(
            f"{label} → {labels[place + 1]}",
            {row["as_of"]: row["older"] / row["opening"] for row in rows.filter(pl.col("bucket") == label).to_dicts()},
            palette.actual if label == lead else palette.neutral,
            is_strong=label == lead,
            key=label,
        )
        for place, label in enumerate(labels[:-1])
    ]
    drawn.sort(key=lambda line: line.is_strong)
    words = Words("forward_rolls", told, "Forward roll rate by month, % of the bucket that is older a month later")
    return lines.over_time(drawn, shown, words, Unit.RATIO, view.as_of(palette), height=height, picked=True)


def trend_finding(rows: pl.DataFrame, days: list[date]) -> tuple[str, str | None]:
    """How the last three months' rolls compare with the same months a year before, where it moves most money."""
    newest = days[-_POOLED:]
    earlier = [months_before(day, 12) for day in newest]
    if len(newest) < _POOLED or any(day not in days for day in earlier):
        return "The history is too short to compare roll rates with a year before", None
    found = {}
    for (bucket,), of in rows.group_by("bucket", maintain_order=True):
        now, before = (_rate(of, some) for some in (newest, earlier))
        if now is not None and before is not None:
            weight = float(of.filter(pl.col("as_of").is_in(newest))["opening"].sum())
            found[str(bucket)] = (now, before, abs(now - before) * weight)
    if not found:
        return "Nothing stood in any bucket a year before", None
    lead = max(found, key=lambda bucket: found[bucket][2])
    now, before, _ = found[lead]
    is_current = lead == rows["bucket"][0] and lead == "current"
    what = "what was current was overdue" if is_current else f"what was {lead} days late was older"
    words = f"{text.share(now)} of {what} a month later, over the last three months"
    if abs(now - before) < _FLAT:
        return f"{words}, as a year before", lead
    return f"{words}; {text.share(before)} a year before", lead


def _rate(rows: pl.DataFrame, days: list[date]) -> float | None:
    """Of several months together: sums divided, never an average of rates."""
    of = rows.filter(pl.col("as_of").is_in(days))
    opening = float(of["opening"].sum() or 0.0)
    return float(of["older"].sum()) / opening if opening > 0 else None
