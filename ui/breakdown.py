"""Open money by the groups of one dimension, or by customer; a click goes one level down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from charts import groups
from ledger.book import Book
from ledger.scope import CUSTOMER, UNASSIGNED
from ui import address, cards, controls, drill, filters, store
from ui.view import View

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


def to_bucket(bucket: str | None) -> None:
    """Pick a bucket, or none, from a callback."""
    drill.to(drill.BUCKET, bucket)


def draw(view: View, dimension: str, options: Mapping[str, str]) -> None:
    """The bars of a grouping."""
    buckets = store.book().rules.aging.buckets
    figure = groups.by_group(named(view, dimension), options[dimension], view.as_of(cards.theme(), buckets))

    def picked(key: str | None) -> None:
        if key is None:
            return
        if dimension == CUSTOMER:
            drill.to(drill.CUSTOMER, key)
        else:
            drill.to(drill.GROUP, None)
            filters.narrow(dimension, None if key == _NONE else key)

    cards.chart(figure, view, key=f"by_{dimension}_{len(view.filters)}", on_pick=picked)


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
