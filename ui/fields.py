"""The fields of the source: how much of each is filled, with what, and what changed; money without a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from briefing import fields, soundness
from briefing.view import View
from ledger.book import Book
from ledger.dimension_values import unassigned
from ledger.scope import UNASSIGNED
from metrics import text
from ui import address, breadcrumb, cards, store
from ui.markdown import plain, prose
from ui.quality import closable, row_picker

FIELD = "health_field"

_SHORT = {
    "gone": "no longer given",
    "emptied": "emptied",
    "less_filled": "less filled",
    "not_lately": "not filled lately",
    "stretched": "far larger than before",
    "tilted": "other shares",
    "new_value": "new value",
}
"""The kinds of ``ledger.shifts`` as a cell tells them."""


def draw(view: View) -> None:
    """Every field in a row; the one that is chosen below; then what is open without a value of a dimension."""
    book = store.book()
    rows = store.remembered(_table)
    chosen = _chosen(book)
    with st.container(border=True, gap="xsmall", key="card_fields"):
        st.markdown(f"**{prose(text.capital(fields.finding(book)))}**")
        st.caption(
            "Of the accepted rows, as the mapping gives them; those that changed first. More than 4,096 distinct values"
            " are estimated. A click shows a field's values."
        )
        key = f"health_fields_{chosen}"
        shown = _shown(rows)
        st.dataframe(
            shown,
            hide_index=True,
            placeholder="",
            column_config=_columns(shown),
            key=key,
            on_select=row_picker(key, rows, lambda row: address.put({FIELD: f"{row['table']}.{row['column']}"})),
            selection_mode="single-cell",
            height=cards.table_height(rows.height, 10, row=35),
            alt="Every field of the source: how much of it is filled, and with what",
        )
        cards.table(rows, "fields", view, key="health_fields_all")
    if chosen:
        _draw_field(book, chosen, view)
    _draw_unassigned(view)


def _draw_field(book: Book, field: tuple[str, str], view: View) -> None:
    """One field: its change, what it holds from end to end, and its frequent values."""
    told = fields.profile(book, field)
    if told is None:
        return
    type = told["type"]
    values = fields.frequent(book, field)
    with st.container(border=True, gap="xsmall", key="card_field"):
        words = [row["words"] for row in fields.shifted(book).iter_rows(named=True)
                 if (row["table"], row["column"]) == field]  # fmt: skip
        closable(text.capital(words[0] if words else _filled(told, field)), (FIELD,))
        for more in words[1:]:
            st.markdown(prose(text.capital(more)))
        left, right = st.columns((2, 3), gap="small")
        with left:
            facts = _facts(told, store.remembered(_table))
            st.markdown("  \n".join(f":gray[{label}] {plain(said)}" for label, said in facts.items()))
        with right:
            _draw_values(values, type, told)
        cards.table(values, f"values_{field[1]}", view, key="health_field_values_all")


def _draw_values(values: pl.DataFrame, type: str, told: Mapping[str, Any]) -> None:
    if values.is_empty():
        st.caption("No value comes twice." if told["filled"] else "Nothing is filled.")
        return
    table = values.select(
        pl.col("value").map_elements(lambda each: fields.value(each, type), return_dtype=pl.String).alias("Value"),
        pl.col("rows").alias("Rows" if told["exact"] else "Rows of the sample"),
        pl.col("share").alias("Share"),
        *(
            [pl.col("share_before").alias("Share before")]
            if values["share_before"].null_count() < values.height
            else []
        ),
    )
    st.dataframe(
        table,
        hide_index=True,
        placeholder="",
        column_config={**cards.columns(table), "Share": _bar("Share")},
        key="health_field_values",
        height=cards.table_height(table.height, 8, row=35),
        alt="The most frequent values of the field",
    )


def _facts(told: Mapping[str, Any], rows: pl.DataFrame) -> dict[str, str]:
    """What a field holds, in words; ends of the kind that it has."""
    at = (pl.col("table") == told["table"]) & (pl.col("column") == told["column"])
    before = rows.filter(at)["filled_before"].item()
    share = told["filled"] / told["rows"] if told["rows"] else None
    was = f", {text.share(before)} before" if before is not None else ""
    ends = {label: told[label.lower()] for label in ("Smallest", "Largest", "Shortest", "Longest")}
    counts = {} if told["exact"] else {"Frequent values": f"of {told['counted']:,} rows, the same ones each time"}
    return {
        "Filled": f"{told['filled']:,} of {text.count(told['rows'], 'row')}, {text.share(share)}{was}",
        "Distinct values": f"{'' if told['exact'] else 'about '}{told['distinct']:,}",
        **{label: fields.value(value, told["type"]) for label, value in ends.items() if value is not None},
        **counts,
    }


def _filled(told: Mapping[str, Any], field: tuple[str, str]) -> str:
    share = told["filled"] / told["rows"] if told["rows"] else None
    return f"{fields.name(*field)} is filled in {text.share(share)} of the rows"


def _draw_unassigned(view: View) -> None:
    """What is open without a value of a dimension; a click opens the items."""
    rows = store.remembered(_unassigned)
    if rows.is_empty():
        return
    with st.container(border=True, gap="xsmall", key="card_unassigned"):
        st.markdown(f"**{prose(_without(rows))}**")
        st.caption("Open documents without a value, of the whole company on the last day. A click opens their items.")
        table = rows.select(
            pl.col("label").alias("Dimension"),
            pl.col("customers").alias("Customers"),
            pl.col("documents").alias("Documents"),
            pl.col("open").alias("Open"),
            pl.col("currency").alias("Currency"),
            pl.col("share").alias("Share of all that is open"),
        )
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(table),
            key="health_unassigned",
            on_select=row_picker("health_unassigned", rows, _opened),
            selection_mode="single-cell",
            alt="What is open without a value of a dimension",
        )
        cards.table(rows, "unassigned", view, key="health_unassigned_all")


def _opened(row: Mapping[str, Any]) -> None:
    address.go(breadcrumb.ITEMS, {address.dimension(row["dimension"]): UNASSIGNED})


def _without(rows: pl.DataFrame) -> str:
    """The dimension with the most money open without a value."""
    row = rows.sort("open", descending=True).row(0, named=True)
    if row["open"] <= 0:
        return "Nothing open is without a value of a dimension"
    money = text.money(row["open"], row["currency"])
    whole = f"all in {row['currency']}" if len(store.book().currencies) > 1 else "all"
    share = f", {text.share(row['share'])} of {whole}" if row["share"] is not None else ""
    return f"{money} is open without a {row['label']}{share}"


def _chosen(book: Book) -> tuple[str, str] | None:
    """The field that the address names, where there is one."""
    table, _, column = address.value(FIELD).partition(".")
    return (table, column) if fields.profile(book, (table, column)) else None


def _shown(rows: pl.DataFrame) -> pl.DataFrame:
    """The table as people read it; columns of which nothing is known are left out."""

    def words(name: str) -> pl.Series:
        told = zip(rows[name], rows["type"], strict=True)
        read = [None if value is None else fields.value(value, type) for value, type in told]
        return pl.Series(name, read, dtype=pl.String)

    before = [pl.col("filled_before").alias("Before")] if _known(rows["filled_before"]) else []
    changed = [pl.col("shift").replace(_SHORT).fill_null("").alias("Change")] if _known(rows["shift"]) else []
    read = rows.with_columns(words(name) for name in ("frequent", "smallest", "largest", "shortest", "longest"))
    return read.select(
        pl.col("table").replace(soundness.TABLES).alias("Table"),
        pl.col("column").str.replace_all("_", " ", literal=True).alias("Field"),
        *changed,
        pl.col("filled").alias("Filled"),
        *before,
        pl.col("distinct").alias("Distinct"),
        pl.col("frequent").fill_null("").alias("Most frequent"),
        pl.col("frequent_share").alias("Its share"),
        pl.coalesce("smallest", "shortest", pl.lit("")).alias("Smallest, shortest"),
        pl.coalesce("largest", "longest", pl.lit("")).alias("Largest, longest"),
    )  # fmt: skip


def _known(column: pl.Series) -> bool:
    return column.null_count() < column.len()


def _columns(shown: pl.DataFrame) -> dict[str, Any]:
    share = {name: st.column_config.NumberColumn(name, format="percent") for name in ("Before", "Its share")}
    return {**cards.columns(shown), **share, "Filled": _bar("Filled")}


def _bar(name: str) -> Any:
    return st.column_config.ProgressColumn(name, format="percent", min_value=0, max_value=1, color="gray")


def _table() -> pl.DataFrame:
    return fields.table(store.book())


def _unassigned() -> pl.DataFrame:
    return store.book().once(unassigned)
