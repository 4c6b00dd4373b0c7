"""The map of who holds the money: one grouping and the customers in it; a click goes one level down."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import streamlit as st

from briefing.view import View
from charts import Palette, treemap
from charts.treemap import REST, Level
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import text
from ui import address, breakdown, cards, controls, drill, filters, store
from ui.markdown import plain

BY = "holders_by"

_FEW = 3
"""A grouping of no more values than this says little more than a sum: it is not the first one offered."""

_BUTTONS = 6
_CUSTOMERS = Level("Customer", CUSTOMER, "label")


def draw(view: View, palette: Palette) -> None:
    """The card; nothing where nobody owes anything."""
    offered = breakdown.dimensions(store.book(), view)
    with st.container(border=True, gap="xxsmall", key="card_holders"):
        head = st.container(gap="xxsmall")
        by = _choose(offered) if offered else None
        owing = _owing(view, by)
        levels = [Level(offered[by], "group", "group_label"), _CUSTOMERS] if by else [_CUSTOMERS]
        figure = treemap.holders(owing, levels, view.as_of(palette))
        with head:
            cards.title(figure, view, "holders")
        if owing["gross"].max() is None:
            st.caption("Nothing to draw: choose another day or widen the filters.")
            return
        cards.draw(figure, "holders", on_pick=lambda tile: _picked(tile, by))
        if by:
            _draw_ways(owing, by)


def _choose(offered: Mapping[str, str]) -> str:
    """The grouping. Draws the choice."""
    usual = next((name for name in offered if len(store.values(name)) > _FEW), next(iter(offered)))
    if address.value(BY) not in ("", *offered):
        # It was narrowed to one value meanwhile: the next one down takes its place.
        return usual
    return controls.segmented(
        "Group the map by", list(offered), key=BY, default=usual, format_func=lambda name: offered[name]
    )


def _owing(view: View, by: str | None) -> pl.DataFrame:
    """A row a customer and group: ``group, group_label, customer, label, gross, overdue, unapplied``."""
    asked = ("gross_open", "overdue", "unapplied_credits")
    read = store.evaluate(asked, (view.day,), view.window, view.scope, (*([by] if by else []), CUSTOMER))
    rows = _summed(read.filter(pl.col("currency") == view.currency), by)
    names = store.customers().select(pl.col("customer_id").alias(CUSTOMER), "label")
    return rows.join(names, on=CUSTOMER, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("label").fill_null(UNASSIGNED)
    )


def _summed(read: pl.DataFrame, by: str | None) -> pl.DataFrame:
    """The metrics side by side. Buckets would not do: where credits are aged, they are in them."""
    metric, value = pl.col("metric"), pl.col("value")
    group = pl.col(by) if by else pl.lit(None, pl.String)
    return (
        read.select(group.alias("group"), CUSTOMER, "metric", "value")
        .group_by("group", CUSTOMER)
        .agg(
            gross=value.filter(metric == "gross_open").sum(),
            overdue=value.filter(metric == "overdue").sum(),
            unapplied=value.filter(metric == "unapplied_credits").sum(),
        )
        .filter((pl.col("gross") != 0) | (pl.col("unapplied") != 0))
        .with_columns(group_label=pl.col("group").fill_null(UNASSIGNED))
        .sort("group", CUSTOMER, nulls_last=True)
    )


def _picked(tile: str | None, by: str | None) -> None:
    """One level down, from a callback: to the group of a tile, or to the customer."""
    if not tile:
        return
    path = treemap.path(tile)
    is_customer = len(path) == (2 if by else 1) and path[-1] != REST
    if is_customer:
        drill.open_customer(drill.customer_key(path[-1]))
    elif by and path[0] != REST:
        _narrow(by, path[0])


def _narrow(by: str, value: str | None) -> None:
    filters.narrow(by, value)
    address.put({BY: None})


def _draw_ways(owing: pl.DataFrame, by: str) -> None:
    """The largest groups as buttons: the same way down for whoever uses no mouse."""
    sums = owing.filter(pl.col("gross") > 0).group_by("group", "group_label").agg(pl.col("gross", "overdue").sum())
    top = sums.sort("gross", "group_label", descending=[True, False]).head(_BUTTONS)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Open", width="content")
        for place, row in enumerate(top.iter_rows(named=True)):
            st.button(
                f"{plain(text.name(row['group_label']))} · {text.share(row['overdue'] / row['gross'])} late",
                key=f"holders_{place}",
                type="tertiary",
                on_click=_narrow,
                args=(by, row["group"]),
            )
