"""Open money by the groups of one dimension, or by customer; a click goes one level down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from briefing import periods
from briefing.view import Against, View
from charts import Figure, Palette, aging, groups
from ledger.book import Book
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics import chosen as chosen_of
from ui import address, cards, controls, drill, filters, store

_NONE = "\x00"
"""The key of the group without a value: no name from the data can be this."""


def options(book: Book, view: View) -> dict[str, str]:
    """What can be grouped by here: dimensions not yet narrowed to one value, then customers."""
    open_ones = {name: label for name, label in book.dimensions.items() if len(view.scope.values(name)) != 1}
    return {**open_ones, CUSTOMER: "Customer"}


def dimensions(book: Book, view: View) -> dict[str, str]:
    """The dimensions not yet narrowed to one value."""
    return {name: label for name, label in options(book, view).items() if name != CUSTOMER}


def choose(book: Book, view: View) -> str:
    """The grouping: the one in the address, else the next dimension down. Draws the choice."""
    return choose_among(options(book, view))


def choose_among(offered: Mapping[str, str], usual: Sequence[str] = ()) -> str:
    """The grouping in the address, else the first of ``usual`` that is offered, else the first. Draws the choice."""
    asked = drill.at(drill.GROUP) or ""
    current = next(name for name in (asked, *usual, *offered) if name in offered)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Group by", width="content")
        for name, label in offered.items():
            st.button(
                label,
                key=f"aging_group_{name}",
                type="secondary" if name == current else "tertiary",
                on_click=drill.to,
                args=(drill.GROUP, name),
            )
    return current


def choose_share() -> bool:
    """Whether the year is drawn in shares instead of money. Draws the choice."""
    with st.container(width="content"):
        chosen = controls.segmented("Draw the year in", ["Money", "Share"], key="aging_in", default="Money")
    return chosen == "Share"


def to_bucket(chosen: str | None) -> cards.Picked:
    """What a click on a bucket does; one on the bucket that is ``chosen`` leaves it."""
    return lambda bucket: drill.to(drill.BUCKET, None if bucket == chosen else bucket)


def over_time(view: View, scope: Scope, palette: Palette, bucket: str | None, *, share: bool) -> Figure:
    """The year's month-ends by bucket, the last held against what the reader compares with."""
    book = store.book()
    known = tuple(day for day in periods.trend(view.day) if periods.is_known(book, day, None))
    base = (view.base,) if view.base and periods.is_known(book, view.base, None) else None
    aged, setting = _in_currency(store.aging(known, scope), view), view.as_of(palette, book.rules.aging.buckets)
    figure = aging.over_time(
        aged,
        setting,
        base=_in_currency(store.aging(base, scope), view) if base else None,
        whole=True,
        share=share,
        height=210,
        picked=True,
        chosen=bucket,
    )
    goal = store.targets().of_metric("overdue_share", view.day, chosen_of(scope))
    if goal is None or view.against is not Against.TARGET:
        return figure
    title = aging.target_finding(aged, goal.good, setting)
    return replace(figure, title=title, alt=figure.alt.replace(figure.title, title))


def to_month(view: View, chosen: str | None) -> cards.Picked:
    """What a click on a part of a column does: its month-end and its bucket; the one that is chosen is left."""

    def picked(key: str | None) -> None:
        if not key:
            return
        day, _, bucket = key.partition("/")
        is_same = date.fromisoformat(day) == view.day
        changes: dict[str, address.Change] = {drill.BUCKET: None if is_same and bucket == chosen else bucket}
        address.put(changes if is_same else {**changes, address.AS_OF: day})

    return picked


def draw(view: View, dimension: str, options: Mapping[str, str], bucket: str | None = None) -> None:
    """The bars of a grouping; a click on a part narrows to the group and the bucket, one beside a bar to the group."""
    buckets = store.book().rules.aging.buckets
    setting = view.as_of(cards.theme(), buckets)
    figure = groups.by_group(named(view, dimension), options[dimension], setting, by_cell=True, chosen=bucket)

    def picked(cell: str | None) -> None:
        if not cell:
            return
        into, _, key = cell.partition("/")
        if into:
            drill.to(drill.BUCKET, into)
        if dimension == CUSTOMER:
            drill.to(drill.CUSTOMER, key)
        else:
            drill.to(drill.GROUP, None)
            filters.narrow(dimension, None if key == _NONE else key)

    cards.chart(figure, view, key=f"by_{dimension}_{len(view.filters)}", on_pick=picked, field="cell")


def _in_currency(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    return rows.filter(pl.col("currency") == view.currency)


def customer_link(customer: str) -> None:
    """The way to the customer's own page."""
    st.page_link(
        "pages/receivables/customers.py",
        label="Payment history, limit and all documents of this customer",
        icon=":material/arrow_forward:",
        query_params=address.link({drill.CUSTOMER: customer}),
    )


def named(view: View, dimension: str) -> pl.DataFrame:
    """``key, label, bucket, amount`` per group; two groups of the same name are told apart by their key."""
    aged = store.aging((view.day,), view.scope, (dimension,)).filter(pl.col("currency") == view.currency)
    if dimension != CUSTOMER:
        value = pl.col(dimension)
        return aged.select(
            value.fill_null(_NONE).alias("key"), value.fill_null(UNASSIGNED).alias("label"), "bucket", "amount"
        )
    names = store.customers().select(pl.col("customer_id").alias(CUSTOMER), "label")
    joined = aged.join(names, on=CUSTOMER, how="left", nulls_equal=True)
    repeated = pl.col(CUSTOMER).n_unique().over("label") > 1
    apart = pl.when(repeated).then(pl.concat_str("label", pl.lit(" ("), pl.col(CUSTOMER).fill_null("-"), pl.lit(")")))
    return joined.select(
        pl.col(CUSTOMER).fill_null("-").alias("key"),
        apart.otherwise(pl.col("label")).alias("label"),
        "bucket",
        "amount",
    )
