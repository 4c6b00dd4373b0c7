"""The groups of a dimension side by side: balance, DSO, overdue, effectiveness, state; a click narrows to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from charts.aging import largest
from ledger.scope import UNASSIGNED
from metrics import CATALOG, text
from ui import address, cards, controls, filters
from ui.markdown import plain, prose
from ui.summary import GROUP_METRICS, Summary

KEY = "overview_group"
_ROW = 27
"""Pixels of a row: all groups of a usual company on a laptop's screen."""

_WORDS = {"good": "Good", "watch": "Watch", "act": "Act"}


def draw(summary: Summary) -> None:
    """The card."""
    labels = summary.book.dimensions
    if not labels:
        return
    with st.container(border=True, height="stretch", gap="xsmall", key="card_segments"):
        head = st.empty()
        below, choose = st.columns([3, 2], gap="small", vertical_alignment="center")
        with choose:
            dimension = controls.select(
                "Group by",
                list(labels),
                key=KEY,
                default=_usual(labels),
                format_func=lambda name: labels[name],
                label_visibility="collapsed",
            )
        rows = summary.by_group(dimension)
        head.markdown(f"**{prose(finding(rows, dimension, summary.view.currency))}**")
        below.caption(
            prose(
                f"{labels[dimension]}, as of {text.day(summary.view.day)}, {summary.view.currency}, most overdue first"
            )
        )
        _table(rows, dimension, labels[dimension], summary)


def grouping(labels: Mapping[str, str]) -> str:
    """The dimension that the reader chose to group by, or the usual one."""
    return address.one_of(KEY, labels, _usual(labels))


def _usual(labels: Any) -> str:
    """Segments if there are any: the cut that executives ask for first."""
    return "segment" if "segment" in labels else next(iter(labels))


def finding(rows: pl.DataFrame, dimension: str, currency: str) -> str:
    """Who has the most overdue, and who the highest share of it among those that matter."""
    total = float(rows["total_ar"].sum() or 0)
    known = rows.filter(pl.col("overdue_share").is_not_null() & (pl.col("total_ar") > 0.02 * total))
    if known.height <= 1:
        return f"{text.name(rows[dimension][0])} holds all of it" if rows.height == 1 else "Nothing to compare"
    worst = known.sort("overdue_share", descending=True).row(0, named=True)
    most = rows.sort("overdue", descending=True, nulls_last=True).row(0, named=True)
    if not most["overdue"] or most["overdue"] <= 0:
        return "Nothing is overdue in any group"
    money, share = text.money(most["overdue"], currency), text.share(worst["overdue_share"])
    if most[dimension] == worst[dimension]:
        return f"{text.name(most[dimension])} has the most overdue, {money}, and the highest share, {share}"
    first, second = text.name(most[dimension]), text.name(worst[dimension])
    return f"{first} has the most overdue, {money}; {second} the highest share, {share}"


def _table(rows: pl.DataFrame, dimension: str, label: str, summary: Summary) -> None:
    scale = text.Scale.fitting(largest(rows["total_ar"]))
    shown = rows.with_columns(
        pl.col(dimension).fill_null(UNASSIGNED),
        pl.col("total_ar", "overdue") / scale.divisor,
        pl.concat_list(pl.col("state").replace_strict(_WORDS, default=None)).list.drop_nulls(),
        *_percentages(),
    )
    headings = {
        "total_ar": f"AR, {scale.unit(summary.view.currency)}",
        "overdue": f"Overdue, {scale.unit(summary.view.currency)}",
        "dso": "DSO, days",
        "overdue_share": "Overdue, %",
        "cei": "CEI",
        "over_90_share": "90+, %",
    }
    config: dict[str, Any] = {
        metric: st.column_config.NumberColumn(headings[metric], format="%.1f", help=plain(CATALOG[metric].formula))
        for metric in GROUP_METRICS
    }
    config[dimension] = st.column_config.TextColumn(label)
    config["state"] = st.column_config.MultiselectColumn(
        "State",
        help="The worst of its metrics against their targets",
        options=list(_WORDS.values()),
        color=["blue", "yellow", "orange"],
    )

    def picked() -> None:
        chosen = st.session_state["segments"]["selection"]["cells"]
        if chosen and chosen[0][0] < rows.height:
            filters.narrow(dimension, rows[dimension][chosen[0][0]])

    st.dataframe(
        shown,
        hide_index=True,
        placeholder="",
        column_config=config,
        key="segments",
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(rows.height, 7, row=_ROW),
        row_height=_ROW,
        alt=f"{label}: balance, DSO, overdue share, effectiveness and state",
    )
    cards.table(rows, f"by_{dimension}", summary.view, key="segments_download")


def _percentages() -> list[pl.Expr]:
    return [(pl.col(name) * 100).alias(name) for name in ("overdue_share", "over_90_share")]
