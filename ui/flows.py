"""Where the opening balance went: its ribbons, and the same as a table that leads to the items it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import streamlit as st

import metrics
from briefing.view import View
from charts import Palette, sankey
from ledger.calendar import Window
from ledger.rolls import CREDITED, OTHER, PAID, WRITTEN_OFF
from ledger.scope import Scope
from metrics import text
from ui import address, cards, controls, store
from ui.markdown import prose

OF = "flows_of"
_OVERDUE, _ALL = "overdue", "all"
_NAMES = {_OVERDUE: "Overdue", _ALL: "All that was open"}

_AGING_PAGE = "pages/receivables/aging.py"
_TOTAL = "Total"


def draw(view: View, palette: Palette) -> None:
    """The card."""
    opening = view.span.opening
    with st.container(border=True, gap="xxsmall", key="card_flows"):
        head = st.container(gap="xxsmall")
        chosen = controls.segmented("Follow", list(_NAMES), key=OF, default=_OVERDUE, format_func=_NAMES.__getitem__)
        buckets = store.book().rules.aging.buckets
        moved = _moved(view).filter((pl.col("bucket") != buckets[0]) | (chosen == _ALL))
        if moved.is_empty():
            with head:
                what = "overdue" if chosen == _OVERDUE else "owed"
                st.markdown(f"**{prose(f'Nothing was {what} on {text.day(opening)}')}**")
            return
        figure = sankey.flows(moved, (opening, view.day), view.over(palette, buckets))
        with head:
            cards.title(figure, view, "flows")
        left, right = st.columns([6, 5], gap="small")
        with left:
            cards.draw(figure, "flows")
        with right:
            _draw_table(_wide(moved, buckets), view)


def _moved(view: View) -> pl.DataFrame:
    found = store.remembered(_migration, view.span, view.scope)
    return found.filter(pl.col("currency") == view.currency)


def _migration(window: Window, scope: Scope) -> pl.DataFrame:
    return metrics.migration(store.book(), window, scope)


def _wide(moved: pl.DataFrame, buckets: Sequence[str]) -> pl.DataFrame:
    """A row for each bucket of the opening day and one for all: ``bucket, opening, paid, credited, open, lost``."""
    amount, to = pl.col("amount"), pl.col("to")
    sums = {
        "opening": amount.sum(),
        PAID: amount.filter(to == PAID).sum(),
        CREDITED: amount.filter(to.is_in([CREDITED, OTHER])).sum(),
        "open": amount.filter(to.is_in(list(buckets))).sum(),
        WRITTEN_OFF: amount.filter(to == WRITTEN_OFF).sum(),
    }
    rows = moved.group_by("bucket", maintain_order=True).agg(**sums)
    return pl.concat([rows, moved.select(pl.lit(_TOTAL).alias("bucket"), **sums)])


def _open(bucket: str, opening: date) -> None:
    """Show the items that stood in a bucket, or all of them, on the opening day; from a callback."""
    address.go(_AGING_PAGE, {address.AS_OF: opening.isoformat(), address.BUCKET: None if bucket == _TOTAL else bucket})


def _draw_table(rows: pl.DataFrame, view: View) -> None:
    opening = view.span.opening
    headings = {
        "bucket": "Days late",
        "opening": "Opening",
        PAID: "Paid",
        CREDITED: "Credited",
        "open": "Still open",
        WRITTEN_OFF: "Written off",
    }

    def picked() -> None:
        cells = st.session_state["flows_table"]["selection"]["cells"]
        if cells and cells[0][0] < rows.height:
            _open(rows["bucket"][cells[0][0]], opening)

    st.dataframe(
        rows.select(pl.col(name).alias(heading) for name, heading in headings.items()),
        hide_index=True,
        column_config={
            heading: st.column_config.NumberColumn(heading, format="%,.0f")
            for name, heading in headings.items()
            if name != "bucket"
        },
        key="flows_table",
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(rows.height, rows.height),
        alt="What was open when the window opened, by days past due, and what became of it",
    )
    st.caption(
        prose(
            f"{view.currency}. Credited includes discounts and refunds. Click a row to see the items that it was made "
            f"of, as of {text.day(opening)}."
        )
    )
