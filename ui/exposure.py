"""What a customer and its family owe against their credit limits, and who belongs to the family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from briefing.view import View
from charts import Figure, Palette, exposure
from charts.exposure import Held
from ledger.conversion import Conversion
from ledger.families import families
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, UNASSIGNED
from metrics import text
from ui import address, cards, debtors, drill, store
from ui.markdown import plain, prose

_MOST = 8
"""Relatives listed by name; a family of more is told by its number."""

Balances = Mapping[str | None, tuple[float, float]]
"""What each customer owes net of unapplied credits, and what is overdue."""


def held(customer_id: str | None, view: View) -> list[Held]:
    """What is owed under the customer's own limit, then under those of the companies above it that have one.

    The whole account counts, whatever the filters: a limit is for all of it. Nothing where amounts stay in currencies
    of their own, since limits are in one.
    """
    if store.book().rules.conversion is Conversion.NONE:
        return []
    kin, owed = relatives(customer_id), balances(view)
    above = kin.filter(pl.col("above") > 0).sort("above")["customer_id"].to_list()
    found = [_held(customer_id, kin, owed, own=True)]
    return [*found, *(row for each in above if (row := _held(each, kin, owed, own=False)).limit is not None)]


def relatives(customer_id: str | None) -> pl.DataFrame:
    """The family of a customer, itself included, head first.

    ``customer_id, label, credit_limit, depth`` (below the head), ``above`` (how many levels it stands above the
    customer; 0 for itself, null for others), ``holders`` (ids of everyone above it and itself).
    """
    return store.remembered(_relatives, customer_id)


def _relatives(customer_id: str | None) -> pl.DataFrame:
    customers = store.book().frames["customers"]
    limit = pl.col("credit_limit").cast(pl.Float64) if "credit_limit" in customers.columns else pl.lit(None, pl.Float64)
    master = customers.select("customer", "customer_id", "label", limit.alias("credit_limit"))
    own = master.filter(pl.col("customer_id").eq_missing(pl.lit(customer_id, pl.String)))["customer"][0]
    tree = families(customers)
    line = tree.filter(pl.col("customer") == own)
    head = line.sort("depth")["ancestor"][-1]
    members = tree.filter(pl.col("ancestor") == head).select("customer", "depth")
    named = tree.join(master.select(ancestor="customer", holder="customer_id"), on="ancestor")
    return (
        members.join(master, on="customer")
        .join(line.select(customer="ancestor", above="depth"), on="customer", how="left")
        .join(named.group_by("customer").agg(holders="holder"), on="customer")
        .sort("depth", "label", "customer_id")
        .drop("customer")
    )


def balances(view: View) -> Balances:
    """Of every customer with anything open on the view's day, in its currency, whatever the filters."""
    # Not by bucket: where credits are aged, they would be taken off what is overdue.
    value, metric = pl.col("value"), pl.col("metric")
    sums = (
        store.evaluate(("total_ar", "overdue"), (view.day,), view.window, COMPANY, (CUSTOMER,))
        .filter(pl.col(CURRENCY) == view.currency)
        .group_by(CUSTOMER)
        .agg(
            value.filter(metric == "total_ar").sum().alias("total"),
            value.filter(metric == "overdue").sum().alias("overdue"),
        )
    )
    return {id: (total, overdue) for id, total, overdue in sums.select(CUSTOMER, "total", "overdue").iter_rows()}


def _held(holder: str | None, kin: pl.DataFrame, owed: Balances, *, own: bool) -> Held:
    """What is owed by a holder and all below it."""
    row = kin.row(by_predicate=pl.col("customer_id").eq_missing(pl.lit(holder, pl.String)), named=True)
    below = [id for id, holders in kin.select("customer_id", "holders").iter_rows() if holder in holders]
    total, overdue = (round(sum(owed.get(id, (0.0, 0.0))[place] for id in below), 2) for place in (0, 1))
    limit = row["credit_limit"]
    group = f"group of {len(below)}" if len(below) > 1 else ""
    whose = ("Own limit" + (f", {group}" if group else "")) if own else f"{text.name(row['label'])}, {group}"
    granted = limit if limit is not None and limit >= 0 else None
    return Held(whose, max(total, 0.0), min(overdue, max(total, 0.0)), granted, is_group=bool(group))


def draw(customer_id: str | None, view: View, palette: Palette) -> None:
    """The card: limits as bars, and below them the family, each a link."""
    rows = held(customer_id, view)
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_customer_limit"):
        if not rows:
            st.markdown("**Credit limits cannot be compared**")
            reporting = store.book().rules.reporting_currency
            st.caption(f"Limits are in {reporting}, and there are no exchange rates to bring the amounts to it.")
        else:
            figure = _figure(rows, view, palette)
            cards.title(figure, view, "customer_limit")
            cards.draw(figure, "customer_limit")
        _draw_family(customer_id, view)


def _figure(rows: list[Held], view: View, palette: Palette) -> Figure:
    whole = "the whole account, whatever the filters" if view.filters else ""
    return exposure.exposure(rows, view.as_of(palette), note=whole)


def _draw_family(customer_id: str | None, view: View) -> None:
    kin = relatives(customer_id)
    if kin.height == 1:
        return
    owed = balances(view)
    listed = kin.with_columns(
        pl.Series("owed", [owed.get(id, (0.0, 0.0))[0] for id in kin["customer_id"]], dtype=pl.Float64)
    ).sort("depth", "owed", "label", descending=[False, True, False])
    more = listed.height - _MOST
    with st.container(gap=None, key="family"):
        st.caption(prose(f"Family of {listed.height}, total AR on {text.day(view.day)}"))
        for place, row in enumerate(listed.head(_MOST).iter_rows(named=True)):
            _relative(place, row, owed.get(row["customer_id"], (0.0, 0.0)), view)
        if more > 0:
            st.caption(prose(f"and {text.count(more, 'more company', 'more companies')}"))


def _relative(place: int, row: Mapping[str, Any], sums: tuple[float, float], view: View) -> None:
    total, overdue = sums
    told = text.money(total, view.currency, view.scale)
    told += f", {text.money(overdue, view.currency, view.scale)} overdue" if overdue > 0 else ""
    role, name = "" if row["depth"] else " (parent)", plain(debtors.shortened(text.name(row["label"], UNASSIGNED)))
    if row["above"] == 0:
        st.markdown(f":small[**{name}**{role} :gray[{prose(told)}]]")
        return
    st.button(
        f"**{name}**{role} :gray[{prose(told)}]",
        key=f"relative_{place}",
        on_click=to_relative,
        args=(drill.customer_key(row["customer_id"]),),
        type="tertiary",
    )


def to_relative(key: str) -> None:
    """Open a member of the family, from a callback: all of its account, on the same day.

    A link to the page one is on would leave the address as it was.
    """
    address.put({drill.CUSTOMER: key, drill.BUCKET: None, drill.DOCUMENT: None})
