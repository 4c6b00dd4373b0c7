"""How soon what was billed is paid: months against the same months a year before, at one and the same age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

import metrics
from briefing.view import View
from charts import Figure, Palette, cohorts, pace
from charts.pace import Pace
from ledger.calendar import months_before
from ledger.scope import UNASSIGNED
from metrics import text
from metrics.cohorts import FIRST_MONTH
from ui import address, behind, cards, controls, filters, store
from ui.behind import Behind, Kind

AGE = "cohort_age"
AGES = (30, 60, 90)
USUAL = 60

SHOWN = 13
"""Billing months drawn, and as many before them are read to compare with."""

_NEWEST = 3
"""Months told together, so that one odd month is no message."""

_CURVE = 6
"""Months whose curve is drawn."""

_NONE = "\x00"


def rows(view: View, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """``metrics.cohorts`` of two years in the view's currency."""
    found = store.remembered(_cohorts, view.day, view.scope, by)
    return found.filter(pl.col("currency") == view.currency)


def _cohorts(day: date, scope: object, by: tuple[str, ...]) -> pl.DataFrame:
    return metrics.cohorts(store.book(), day, 2 * SHOWN + 1, scope, by)  # type: ignore[arg-type]


def _at_risk(day: date, scope: object) -> pl.DataFrame:
    return metrics.at_risk(store.book(), day, 2 * SHOWN, scope)  # type: ignore[arg-type]


def choose_age() -> int:
    """The age that months are compared at. Draws the choice."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
        st.caption("Compare the share paid within", width="content")
        chosen = controls.segmented(
            "Compare the share paid within", [f"{age} days" for age in AGES], key=AGE, default=f"{USUAL} days"
        )
    return int(chosen.split()[0])


def measured(found: pl.DataFrame, age: int) -> Pace | None:
    """The newest months that are old enough, against the same months a year before; ``None`` when none is.

    ``found``: as ``rows`` without groups. The first month of the history is left out: it holds items taken over.
    """
    known = _usable(found).filter(pl.col("age") == age).sort("month")
    if known.is_empty():
        return None
    months = tuple(known["month"].tail(_NEWEST))
    earlier = known.filter(pl.col("month").is_in([_year_before(month) for month in months]))
    return Pace(
        months=months,
        age=age,
        share=_pooled(known.tail(_NEWEST)) or 0.0,
        previous=_pooled(earlier) if earlier.height == len(months) else None,
    )


def by_group(view: View, by: str, found: Pace) -> pl.DataFrame:
    """``key, label, billed, share, previous`` per group, for the months and the age of ``found``."""
    known = _usable(rows(view, (by,))).filter(pl.col("age") == found.age)
    now = pl.col("month").is_in(found.months)
    before = pl.col("month").is_in([_year_before(month) for month in found.months])
    billed, paid = pl.col("billed"), pl.col("paid")
    return (
        known.group_by(by)
        .agg(
            billed.filter(now).sum().alias("billed"),
            _ratio(paid.filter(now).sum(), billed.filter(now).sum()).alias("share"),
            _ratio(paid.filter(before).sum(), billed.filter(before).sum()).alias("previous"),
        )
        .filter(pl.col("billed") > 0)
        .select(
            pl.col(by).fill_null(_NONE).alias("key"), pl.col(by).fill_null(UNASSIGNED).alias("label"), pl.exclude(by)
        )
    )


def pick_age(age: int) -> cards.Picked:
    """What a click on the curve does: months are compared at that age, where it is offered."""

    def picked(days: int | str | None) -> None:
        chosen = int(days or age)
        if chosen in AGES and chosen != age:
            address.put({AGE: None if chosen == USUAL else f"{chosen} days"})

    return picked


def heat_map(found: pl.DataFrame, view: View, palette: Palette, age: int, chosen: Behind | None) -> Figure:
    """Billing months by age."""
    newest = found["month"].unique().sort().tail(SHOWN)
    shown = found.filter(pl.col("month").is_in(newest.implode()))
    return cohorts.heat_map(shown, view.as_of(palette), age=age, chosen=behind.month_key(chosen, Kind.BILLED))


def curves(found: pl.DataFrame, view: View, palette: Palette, height: int) -> Figure:
    """The newest months' curve beside that of the same months a year before, equal ages of equal months."""
    known = _usable(found)
    newest = known["month"].unique().sort().tail(_CURVE)
    recent = known.filter(pl.col("month").is_in(newest.implode()))
    alike = recent.select(pl.col("month").dt.offset_by("-1y").dt.month_end(), "age")
    base = known.join(alike, on=["month", "age"], how="semi")
    figure = cohorts.curves(
        recent, view.as_of(palette), base=base if base.height == recent.height else None, height=height
    )
    if newest.is_empty():
        return figure
    span = Pace(tuple(newest), USUAL, 0.0).billed_in
    return replace(figure, subtitle=f"Billed in {span} · {figure.subtitle}")


def at_risk(view: View, palette: Palette, height: int, chosen: Behind | None) -> Figure:
    """What stays unpaid 90 days after its due date, by month."""
    found = store.remembered(_at_risk, view.day, view.scope).filter(pl.col("currency") == view.currency)
    month = behind.month_key(chosen, Kind.UNPAID)
    return pace.at_risk(found, view.as_of(palette), months=SHOWN, height=height, chosen=month)


def draw_groups(view: View, palette: Palette, by: str, found: Pace) -> None:
    """Whose months slowed; a click narrows to a group."""
    figure = pace.by_group(by_group(view, by, found), store.book().dimensions[by], found, view.as_of(palette))

    def picked(key: str | None) -> None:
        if key is not None:
            filters.narrow(by, None if key == _NONE else key)

    cards.chart(figure, view, key=f"pace_{by}_{len(view.filters)}", on_pick=picked, stretch=True)


def message(found: Pace | None, view: View) -> str:
    """The page's finding."""
    if found is None:
        return f"No month is old enough on {text.day(view.day)} to say how soon it is paid"
    return found.finding()


def _usable(found: pl.DataFrame) -> pl.DataFrame:
    """Cells that are known, without the month of the takeover."""
    return found.filter(pl.col("share").is_not_null() & (pl.col("note").is_null() | (pl.col("note") != FIRST_MONTH)))


def _year_before(month: date) -> date:
    return months_before(month, 12)


def _pooled(known: pl.DataFrame) -> float | None:
    """Of several months together: sums divided, never an average of shares."""
    billed = float(known["billed"].sum() or 0)
    return float(known["paid"].sum() or 0) / billed if billed > 0 else None


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)
