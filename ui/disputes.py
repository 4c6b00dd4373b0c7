"""What is in dispute, by how late it is: a strip of numbers beside the aging; a click lists the documents."""

from __future__ import annotations

import polars as pl
import streamlit as st

from briefing.view import View
from charts.aging import heading
from ledger.scope import Scope
from metrics import text
from ui import address, behind, cards, drill, store
from ui.markdown import prose


def draw(view: View, scope: Scope, aged: pl.DataFrame) -> None:
    """The card; nothing where nothing is in dispute.

    Args:
        view: currency and day.
        scope: of what, a customer's too.
        aged: ``bucket, amount`` of the same scope, to say what part of each bucket it is.
    """
    rows = store.disputed(view.day, scope).filter(pl.col("currency") == view.currency)
    if not rows["amount"].sum():
        return
    table = by_bucket(rows, aged, view.currency, view.scale)
    names = rows["bucket"].to_list()
    headings = {heading(name, [*names, "unapplied"]): name for name in names}
    # Another table once something is chosen: the same cell can then be clicked again.
    key = f"disputes_{address.value(behind.BEHIND)}_{drill.at(drill.BUCKET)}"

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells:
            behind.to(behind.Behind(behind.Kind.DISPUTED), **{drill.BUCKET: headings.get(cells[0][1])})

    with st.container(border=True, gap="xsmall", key="card_disputes"):
        st.markdown(f"**{prose(finding(rows, view.currency))}**")
        st.caption(
            prose(
                f"Disputed open items by days past due, {view.currency}, as of {text.day(view.day)} · as the "
                "source said at the last refresh: one settled before it is not known · a click lists the items"
            )
        )
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config={
                name: st.column_config.NumberColumn(name, format="%,.1f")
                for name in table.columns
                if table.schema[name].is_numeric()
            },
            height="content",
            key=key,
            on_select=picked,
            selection_mode="single-cell",
            alt="Disputed money and its share of each aging bucket",
        )
        cards.table(table, "disputed", view, key="disputes_download")


def by_bucket(rows: pl.DataFrame, aged: pl.DataFrame, currency: str, scale: text.Scale | None = None) -> pl.DataFrame:
    """Two rows: the money in dispute and its share of the bucket in per cent; a column a bucket, and the sum."""
    buckets = [*rows["bucket"].to_list(), "unapplied"]
    amounts: dict[str, float] = dict(rows.select("bucket", "amount").iter_rows())
    whole: dict[str, float] = dict(aged.group_by("bucket").agg(pl.col("amount").sum()).iter_rows())
    scale = scale or text.Scale.fitting(max(amounts.values()))
    money: dict[str, object] = {"": f"Disputed, {scale.unit(currency)}"}
    part: dict[str, object] = {"": "Of the bucket, %"}
    for bucket, amount in amounts.items():
        money[heading(bucket, buckets)] = amount / scale.divisor
        part[heading(bucket, buckets)] = _share(amount, whole.get(bucket, 0.0))
    money["All"] = sum(amounts.values()) / scale.divisor
    part["All"] = _share(sum(amounts.values()), sum(whole.get(bucket, 0.0) for bucket in amounts))
    return pl.DataFrame([money, part])


def finding(rows: pl.DataFrame, currency: str) -> str:
    """How much is in dispute, and how much of it is overdue; ``rows``: ``bucket, amount`` in order of age."""
    total = float(rows["amount"].sum())
    late = float(rows["amount"][1:].sum())
    words = f"{text.money(total, currency)} is in dispute"
    if late <= 0:
        return f"{words}, none of it overdue"
    return (
        f"{words}, {text.money(late, currency)} of it overdue"
        if round(late - total, 2)
        else f"{words}, all of it overdue"
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole * 100 if whole > 0 else None
