"""Lists of documents, and one document with what settled it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import streamlit as st

from briefing.view import View
from ledger.conversion import Conversion
from ledger.money import digits
from ledger.scope import UNASSIGNED
from metrics import text
from ui import cards, drill, store
from ui.markdown import plain, prose

_ITEM = {
    "customer": "Customer",
    "number": "Number",
    "kind": "Kind",
    "document_date": "Dated",
    "due_date": "Due",
    "days_late": "Days late",
    "due_in": "Due in, days",
    "bucket": "Bucket",
    "open": "Open",
    "open_amount": "In document currency",
    "currency": "Currency",
    "dispute": "Dispute",
}
_SEEN = 13
"""Rows of a list in sight; the others scroll."""

_DOCUMENT = {
    "number": "Number",
    "kind": "Kind",
    "document_date": "Dated",
    "due_date": "Due",
    "settled_on": "Settled",
    "days_to_pay": "Days to pay",
    "amount": "Amount",
    "open_amount": "Still open",
    "currency": "Currency",
    "status": "Status",
}
_REDUCED_BY = {"credit_memo": "Credit note", "write_off": "Write-off"}
_SETTLED_BY = {"write_off": "Write-off", "fx": "Exchange difference"}


def heading(rows: pl.DataFrame, total: int, bucket: str | None) -> None:
    """How many items there are, and whether all of them are listed."""
    shown = "" if rows.height == total else f", the first {rows.height:,} listed"
    which = f" in {bucket}" if bucket else ""
    st.markdown(f"**{prose(text.count(total, 'open item') + which + shown)}**")
    st.caption("Overdue first, the largest on top; then what is not yet due. Click a row for what has been paid on it.")


def open_list(rows: pl.DataFrame, view: View, *, key: str, with_customer: bool = True) -> None:
    """Open items; a click on one opens it."""
    same = rows.filter(pl.col("currency") != view.currency).is_empty()
    # Where nothing converts, an item is open in its own currency, and in no other.
    apart = store.book().rules.conversion is Conversion.NONE
    left_out = {"open_amount", "currency"} if same else {"open"} if apart else set()
    left_out |= set() if with_customer else {"customer"}
    headings = {name: label for name, label in _ITEM.items() if name not in left_out}
    if apart and not same:
        headings["open_amount"] = "Open amount"
    _list(rows, headings, view.currency, key, alt="Open items, one row a document")


def documents(rows: pl.DataFrame, view: View, *, key: str, with_customer: bool = False) -> None:
    """Documents, of one customer or ``with_customer``; a click on one opens it."""
    headings = {"customer": "Customer", **_DOCUMENT} if with_customer else _DOCUMENT
    _list(rows, headings, view.currency, key, alt="Documents, one row each")


def _list(rows: pl.DataFrame, headings: Mapping[str, str], currency: str, key: str, alt: str) -> None:
    shown = readable(rows, headings)
    config: dict[str, Any] = cards.columns(shown)
    for name in ("In document currency", "Open amount", "Amount", "Still open"):
        if name in shown.columns:
            config[name] = money_column(name, rows["currency"])
    if "Open" in shown.columns:
        config["Open"] = money_column(f"Open, {currency}", pl.Series([currency]))
    if "Dispute" in shown.columns:
        config["Dispute"] = st.column_config.TextColumn("Dispute", width="medium")

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < rows.height:
            row = rows.row(cells[0][0], named=True)
            drill.to_document(row["document_id"], row["customer_id"])

    st.dataframe(
        shown,
        hide_index=True,
        placeholder="",
        column_config=config,
        key=key,
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(rows.height, _SEEN),
        alt=alt,
    )


def money_column(heading: str, currencies: pl.Series) -> Any:
    """A column of money with as many decimals as the currencies in it have."""
    places = max((digits(currency) for currency in currencies.unique()), default=2)
    return st.column_config.NumberColumn(heading, format=f"%,.{places}f")


def readable_reductions(rows: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """Rows of ``listing.reductions`` with headings and words for reading."""
    named = rows.with_columns(pl.col("kind").replace(_REDUCED_BY), pl.coalesce("number", "document_id").alias("number"))
    return named.select(
        (_words(pl.col(name)) if name == "kind" else pl.col(name)).alias(label) for name, label in headings.items()
    )


def readable(rows: pl.DataFrame, headings: Mapping[str, str]) -> pl.DataFrame:
    """``rows`` with headings and words for reading; columns that hold nothing at all are left out."""
    disputed = pl.when("disputed").then(pl.coalesce("dispute_reason", pl.lit("yes")))
    late, owed = pl.col("days_past_due"), pl.col("open") > 0
    rows = rows.with_columns(
        disputed.alias("dispute"),
        pl.when(owed & (late > 0)).then(late).alias("days_late"),
        pl.when(owed & (late <= 0)).then(-late).alias("due_in"),
    )
    kept = {
        name: label
        for name, label in headings.items()
        if name in rows.columns and rows[name].null_count() < max(rows.height, 1)
    }
    return rows.select(
        (_words(pl.col(name)) if name in ("kind", "status") else pl.col(name)).alias(label)
        for name, label in kept.items()
    )


def _words(column: pl.Expr) -> pl.Expr:
    spaced = column.str.replace_all("_", " ", literal=True)
    return spaced.str.slice(0, 1).str.to_uppercase() + spaced.str.slice(1)


def document(book_items: pl.DataFrame, document_id: str, view: View, leave: Callable[[], None], key: str) -> None:
    """One document: its facts, and its settlements in order with what was left after each."""
    found = book_items.filter(pl.col("document_id") == document_id)
    with st.container(border=True, gap="xsmall", key=f"card_{key}"):
        if found.is_empty():
            st.warning(prose(f"Document {document_id} is not in this view: widen the filters or choose a later day."))
            st.button("Close", on_click=leave, key=f"{key}_close")
            return
        row = found.row(0, named=True)
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{_title(row)}**", width="stretch")
            st.button("Close", on_click=leave, key=f"{key}_close", type="tertiary", icon=":material/close:")
        st.caption(prose(_facts(row, view)))
        settled = store.history_of(document_id)
        if settled.is_empty():
            st.markdown("Nothing has been settled yet.")
            return
        shown = _settlements(settled, row["amount"], row["currency"])
        money = {name: money_column(name, shown["Currency"]) for name in ("Amount", "Left open")}
        st.dataframe(
            shown,
            hide_index=True,
            placeholder="",
            column_config={**cards.columns(shown), **money},
            key=f"{key}_settlements",
            alt="Settlements of the document, in order",
            width=620,
        )


def _title(row: Mapping[str, Any]) -> str:
    kind = str(row["kind"]).replace("_", " ").capitalize()
    number = text.name(row["number"] or row["document_id"])
    return f"{plain(kind)} {plain(number)}: {prose(text.exact(row['open_amount'], row['currency']))} open"


def _facts(row: Mapping[str, Any], view: View) -> str:
    facts = [
        text.name(row["customer"], UNASSIGNED),
        f"{text.exact(row['amount'], row['currency'])} dated {text.day(row['document_date'])}",
        f"due {text.day(row['due_date'])}",
    ]
    late = row["days_past_due"]
    if late is not None:
        facts.append(f"{text.count(late, 'day')} past due on {text.day(view.day)}" if late > 0 else "not yet due")
    if row["disputed"]:
        facts.append(f"disputed: {text.name(row['dispute_reason'], 'no reason given')}")
    return " · ".join(facts)


def _settlements(settled: pl.DataFrame, amount: float, currency: str) -> pl.DataFrame:
    kinds, places = pl.col("kind").replace(_SETTLED_BY), digits(currency)
    return settled.select(
        pl.col("settled_on").alias("Settled on"),
        pl.col("effective_on").alias("Effective"),
        _words(kinds).alias("By"),
        pl.col("amount").alias("Amount"),
        (pl.lit(amount) - pl.col("amount").cum_sum()).round(places).alias("Left open"),
        pl.col("currency").alias("Currency"),
    )
