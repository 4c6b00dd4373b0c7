"""What was found in the source's rows: by rule, the rows that were kept out, those accepted with a warning."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from briefing import soundness
from briefing.view import View
from ledger import listing, trend
from ledger.book import Book
from metrics import text
from ui import address, cards, drill, items, store
from ui.markdown import prose

RULE, ROW = "health_rule", "health_row"


def draw_rules(book: Book, view: View) -> None:
    """What was found, by rule; a click lists the rows of a rule."""
    quality = book.quality
    broken = _with_trend(book).sort("severity", "rows", descending=[False, True])
    chosen = rule(book)
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{prose(text.count(broken.height, 'rule'))} of {quality.height} found something**")
        st.caption(
            "An error keeps a row out; a warning lets it in and is counted. Amounts are in the row's own currency."
            " A click lists the rows of a rule."
        )
        table = broken.select(
            (pl.col("rule").str.replace_all("_", " ", literal=True)).alias("Rule"),
            pl.col("table").replace(soundness.TABLES).alias("Table"),
            pl.col("severity").str.to_titlecase().alias("Severity"),
            pl.col("rows").alias("Rows"),
            pl.col("rows_then").alias("Trend"),
            pl.col("amount").cast(pl.Float64).alias("Amount"),
            _currency().alias("Currency"),
            pl.col("examples").list.head(3).list.join(", ").alias("Examples"),
            pl.col("told").fill_null("").alias("In words"),
        )
        if table.is_empty():
            st.markdown("Nothing to report.")
        else:
            st.dataframe(
                table,
                hide_index=True,
                placeholder="",
                column_config={**cards.columns(table), "Trend": _trend()},
                key=f"health_rules_{chosen}",
                on_select=row_picker(
                    f"health_rules_{chosen}", broken, lambda row: address.put({RULE: row["rule"], ROW: None})
                ),
                selection_mode="single-cell",
                alt="Findings by rule",
            )
        cards.table(quality, "quality", view, key="health_quality")


def _with_trend(book: Book) -> pl.DataFrame:
    """The rules that found something, with ``rows_then``: in each of the last refreshes, this one the last."""
    then = trend.lines(store.findings(), until=book.about.get("id", ""))
    found = book.quality.filter(pl.col("rows") > 0)
    return found.join(then, on=["rule", "table"], how="left", maintain_order="left")


def _trend() -> Any:
    said = "Rows in each of the last refreshes, the latest at the right"
    return st.column_config.LineChartColumn("Trend", help=said, y_min=0, color="gray")


def draw_quarantine(book: Book, view: View) -> None:
    """The rows kept out, of the rule that is chosen, with their raw values and the reason; a click opens one."""
    chosen = rule(book)
    rows = book.quarantine if chosen is None else book.quarantine.filter(pl.col("rule") == chosen)
    if rows.is_empty():
        return
    with st.container(border=True, gap="xsmall", key="card_quarantine"):
        count = text.count(rows.height, "row")
        of = f" of {book.quarantine.height:,} by the rule {_rule_words(chosen)}" if chosen else ""
        closable(f"{count}{of} kept out, as the source has them", (RULE, ROW) if chosen else ())
        for said in _told(book, chosen):
            st.markdown(prose(text.capital(said) + "."))
        st.caption(
            "Correct them in the source and refresh: nothing is repaired or guessed here. Click a row for all of it."
        )
        key = f"health_quarantine_{chosen}_{address.value(ROW)}"
        shown = rows.head(500).select(
            pl.col("table").replace(soundness.TABLES).alias("Table"),
            pl.col("row").alias("Row"),
            pl.col("key").fill_null("").alias("Key"),
            pl.col("reason").alias("Reason"),
            pl.col("amount").cast(pl.Float64).alias("Amount"),
            _currency().alias("Currency"),
            pl.col("raw").map_elements(_raw, return_dtype=pl.String).alias("Raw values"),
        )
        st.dataframe(
            shown,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(shown),
            key=key,
            on_select=row_picker(key, rows, lambda row: address.put({ROW: _row_key(row)})),
            selection_mode="single-cell",
            height=cards.table_height(shown.height, 8, row=35),
            alt="Rows kept out",
        )
        cards.table(rows, "quarantine", view, key="health_quarantine_all")


def _told(book: Book, chosen: str | None) -> list[str]:
    """What an error that is chosen found, in words."""
    found = book.quality.filter(pl.col("rule").eq_missing(pl.lit(chosen)) & (pl.col("severity") == "error"))
    return found["told"].drop_nulls().to_list()


def draw_row(book: Book) -> None:
    """The row that was clicked, column by column."""
    asked = address.value(ROW)
    found = [row for row in book.quarantine.iter_rows(named=True) if _row_key(row) == asked] if asked else []
    if not found:
        return
    row = found[0]
    with st.container(border=True, gap="xsmall", key="card_row"):
        closable(f"{soundness.TABLES.get(row['table'], row['table'])}, row {row['row']:,}: {row['reason']}", (ROW,))
        values = json.loads(row["raw"])
        columns = pl.DataFrame(
            {"Column": list(values), "As the source has it": [None if v is None else str(v) for v in values.values()]},
            schema={"Column": pl.String, "As the source has it": pl.String},
        )
        st.dataframe(
            columns, hide_index=True, placeholder="nothing", key="health_row_values", height="content",
            alt="The row that was kept out, column by column", width=720,
        )  # fmt: skip


def draw_accepted(book: Book, view: View) -> None:
    """Documents that were accepted with a warning of the rule that is chosen, as far as the snapshot names them."""
    chosen = rule(book)
    warned = book.quality.filter(pl.col("rule").eq_missing(pl.lit(chosen)) & (pl.col("severity") == "warning"))
    if chosen is None or warned.is_empty():
        return
    examples = warned["examples"].explode().drop_nulls().to_list()
    rows = store.remembered(_documents, view.day, tuple(examples))
    with st.container(border=True, gap="xsmall", key="card_warned"):
        count, all_rows = text.count(rows.height, "document"), int(warned["rows"].sum())
        closable(f"{count} of {all_rows:,} that the rule {_rule_words(chosen)} warned of", (RULE, drill.DOCUMENT))
        for said in warned["told"].drop_nulls():
            st.markdown(prose(text.capital(said) + "."))
        if rows.is_empty():
            st.caption(prose(f"Named were {text.listed(examples)}: no documents of {text.day(view.day)}."))
            return
        st.caption(
            "Accepted as they are; the snapshot keeps the first of them by name. Click a row for what settled it."
        )
        items.documents(rows, view, key=f"health_warned_{chosen}", with_customer=True)
        opened = drill.at(drill.DOCUMENT)
        if opened:
            items.document(rows, opened, view, lambda: drill.leave(drill.DOCUMENT, drill.CUSTOMER), "health_document")


def _documents(day: date, ids: tuple[str, ...]) -> pl.DataFrame:
    return listing.documents(store.book(), day).filter(pl.col("document_id").is_in(ids))


def rule(book: Book) -> str | None:
    """The rule that is chosen, where there is one of that name that found something."""
    return drill.one_of(RULE, set(book.quality.filter(pl.col("rows") > 0)["rule"]))


def _rule_words(name: str) -> str:
    return f"'{name.replace('_', ' ')}'"


def _row_key(row: Mapping[str, Any]) -> str:
    return f"{row['table']}:{row['row']}"


def row_picker(key: str, rows: pl.DataFrame, act: Callable[[Mapping[str, Any]], None]) -> Callable[[], None]:
    """What a click on a cell of a table does with its row."""

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < rows.height:
            act(rows.row(cells[0][0], named=True))

    return picked


def closable(words: str, parameters: tuple[str, ...]) -> None:
    """A card's finding; with ``parameters``, a button that takes them from the address."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{prose(words)}**", width="stretch")
        if parameters:
            st.button("Close", on_click=drill.leave, args=parameters, key=f"close_{parameters[0]}", type="tertiary",
                      icon=":material/close:")  # fmt: skip


def _currency() -> pl.Expr:
    """The currency of an amount, as the source writes it."""
    unknown = pl.when(pl.col("amount").is_not_null()).then(pl.lit(soundness.UNKNOWN)).otherwise(pl.lit(""))
    return pl.coalesce("currency", unknown)


def _raw(written: str) -> str:
    """The raw values as ``column: value`` pairs, the empty ones left out: a few hundred rows at most."""
    values: Mapping[str, Any] = json.loads(written)
    return " · ".join(f"{column}: {value}" for column, value in values.items() if value not in (None, ""))
