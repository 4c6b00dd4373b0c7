"""What the books were made from, what was kept out and why, and whether they tie out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from briefing import soundness
from briefing.view import View
from charts.movement import HEADINGS
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.scope import UNASSIGNED
from metrics import text
from ui import address, breadcrumb, cards, changes, store
from ui.lead import Lead
from ui.markdown import plain, prose
from ui.quality import row_picker

_LEADS = {
    "Movement": Lead(changes.PAGE, changes.leading("total_ar")),
    "General ledger": Lead(breadcrumb.ITEMS),
}
"""Where tiles lead; the other ones are about rows, which are listed below them."""

_CONVERSION = {
    Conversion.BOOKED: "as booked by each entity",
    Conversion.HISTORICAL: "at the rate of the document date",
    Conversion.CLOSING: "at the rate of the as-of day",
    Conversion.NONE: "none: each currency by itself",
}


def draw_tiles(book: Book, view: View) -> None:
    """Accepted, kept out, warnings, tie-out, general ledger."""
    accepted, rows_in = sum(soundness.count(book, "accepted").values()), sum(soundness.count(book, "rows_in").values())
    kept_out = sum(soundness.count(book, "quarantined").values())
    share = float(book.about.get("quarantined_share") or 0.0)
    warnings = int(book.quality.filter(pl.col("severity") == "warning")["rows"].sum())
    gl = soundness.compared(book, view)
    agree = gl.filter(pl.col("difference").abs() < soundness.LEAST).height
    tied = soundness.movement(store.answers(), view)
    worst = float(tied["difference"].abs().max() or 0.0) if tied.height else 0.0  # type: ignore[arg-type]
    ties = text.exact(worst, view.currency) if not soundness.ties(tied) else "Adds up" if tied.height else text.MISSING
    tiles = (
        ("Rows accepted", f"{accepted:,}", f"of {rows_in:,} read", None),
        ("Kept out", f"{kept_out:,}", f"{_fine_share(share)} of the money", None),
        ("Warnings", f"{warnings:,}", "accepted, and counted below", None),
        ("Movement", ties, f"over {text.count(tied.height, 'month')}", soundness.ties(tied) if tied.height else None),
        (
            "General ledger",
            f"{agree:,} of {gl.height:,}" if gl.height else "not supplied",
            "balances agree" if gl.height else "no balances up to this day",
            agree == gl.height if gl.height else None,
        ),
    )
    for place, (label, value, below, is_good) in zip(st.columns(len(tiles), gap="small"), tiles, strict=True):
        name = label.lower().replace(" ", "_")
        with place, st.container(border=True, height="stretch", gap=None, key=f"tile_{name}"):
            with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall", wrap=False):
                lead = _LEADS.get(label)
                if lead is None:
                    st.markdown(label, width="content")
                else:
                    st.page_link(lead.page, label=label, icon="", query_params=lead.parameters)
                if is_good is not None:
                    st.badge("Good" if is_good else "Watch", color="blue" if is_good else "yellow")
            st.metric(label, value.replace("$", "\\$"), label_visibility="collapsed")
            st.caption(prose(below))


def draw_source(book: Book) -> None:
    """Where the rows came from and when, and what each table brought."""
    about = book.about
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown("**Source and freshness**")
        facts = {
            "Source": text.name(about.get("source"), "not named"),
            "Refreshed": f"{text.moment(about.get('made_at'))} UTC" if about.get("made_at") else text.MISSING,
            "History": f"{text.day(book.first_day)} to {text.day(book.last_day)}",
            "Conversion": _CONVERSION[book.rules.conversion],
            "Snapshot": str(about.get("id") or book.fingerprint),
            "Columns not used": _not_used(about.get("ignored") or {}),
        }
        st.markdown("  \n".join(f":gray[{label}] {plain(words)}" for label, words in facts.items()))
        money = soundness.money_kept_out(book)
        rows = pl.DataFrame(
            [
                {
                    "Table": soundness.TABLES.get(name, name),
                    "Read": read,
                    "Accepted": soundness.count(book, "accepted").get(name, 0),
                    "Kept out": soundness.count(book, "quarantined").get(name, 0),
                    "Money kept out": money.get(name, ""),
                }
                for name, read in soundness.count(book, "rows_in").items()
            ],
            schema={
                "Table": pl.String,
                "Read": pl.Int64,
                "Accepted": pl.Int64,
                "Kept out": pl.Int64,
                "Money kept out": pl.String,
            },
        )
        st.dataframe(
            rows,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(rows),
            key="health_rows",
            alt="Rows per table",
        )


def draw_gl(book: Book, view: View) -> None:
    """Sub-ledger against general ledger: the newest balances, and every one that differs; a click opens the items."""
    gl = soundness.compared(book, view)
    with st.container(border=True, height="content" if gl.is_empty() else "stretch", gap="xsmall"):
        if gl.is_empty():
            st.markdown("**No general ledger balances up to this day**")
            st.caption(
                "Map a table gl_balances (entity, currency, as_of, balance) to compare the sub-ledger with the books."
            )
            return
        newest = gl["as_of"].max()
        differs = pl.col("difference").abs() >= soundness.LEAST
        shown = gl.filter((pl.col("as_of") == newest) | differs).sort(
            ["as_of", "entity"], descending=[True, False], nulls_last=True
        )
        apart = gl.filter(differs).height
        st.markdown(f"**{prose(_gl_finding(apart, gl.height))}**")
        st.caption(
            "Newest balances and every one that differs, in the currency of the books; difference = sub-ledger − GL"
        )
        table = shown.select(
            pl.col("as_of").alias("As of"),
            pl.col("entity").fill_null(UNASSIGNED).alias("Entity"),
            pl.col("currency").alias("Currency"),
            pl.col("subledger").alias("Sub-ledger"),
            pl.col("gl_balance").alias("General ledger"),
            pl.col("difference").round(2).alias("Difference"),
            pl.when(differs).then(pl.lit("differs")).otherwise(pl.lit("agrees")).alias("Verdict"),
        )
        picked = row_picker("health_gl", shown, lambda row: address.go(breadcrumb.ITEMS, _balance(book, row)))
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(table),
            key="health_gl",
            on_select=picked,
            selection_mode="single-cell",
            alt="Sub-ledger and general ledger",
        )
        cards.table(gl, "gl_comparison", view, key="health_gl_all")


def draw_movement(view: View) -> None:
    """The roll-forward by month with its check; a click tells why the receivables moved in the month."""
    rows = soundness.movement(store.answers(), view).sort("as_of", descending=True)
    month = {changes.SINCE: changes.MONTH, **changes.leading("total_ar")}

    def open_month(row: Mapping[str, Any]) -> None:
        address.go(changes.PAGE, {**month, address.AS_OF: row["as_of"].isoformat()})

    with st.container(border=True, gap="xsmall"):
        st.markdown(
            "**Opening + movement = closing in every month**"
            if soundness.ties(rows)
            else "**A month does not tie out**"
        )
        st.caption(
            prose(f"AR movement by month, {view.currency}, whole company; opening and closing are read independently")
        )
        headings = {"as_of": "Month to", **HEADINGS, "difference": "Difference"}
        table = rows.select(pl.col(name).alias(label) for name, label in headings.items() if name in rows.columns)
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(table),
            key="health_movement",
            on_select=row_picker("health_movement", rows, open_month),
            selection_mode="single-cell",
            height=cards.table_height(rows.height, 7, row=35),
            alt="AR movement by month",
        )
        cards.table(table, "movement", view, key="health_movement")


def _balance(book: Book, row: Mapping[str, Any]) -> dict[str, address.Change]:
    """What leads to the items of a balance: its day, and its entity where that is a dimension."""
    entity = {address.dimension("entity"): row["entity"] or UNASSIGNED} if "entity" in book.dimensions else {}
    return {**entity, address.AS_OF: row["as_of"].isoformat()}


def draw_snapshots() -> None:
    """The snapshots kept."""
    with st.container(border=True, gap="xsmall"):
        kept = store.history()
        st.markdown(f"**{prose(text.count(len(kept), 'snapshot'))} kept**")
        table = pl.DataFrame(
            [
                {
                    "Made, UTC": text.moment(told.get("made_at")),
                    "Up to": told.get("last_day"),
                    "Documents": (told.get("accepted") or {}).get("documents", 0),
                    "Kept out": sum((told.get("quarantined") or {}).values()),
                    "Snapshot": told.get("id", ""),
                }
                for told in kept
            ],
            schema={
                "Made, UTC": pl.String,
                "Up to": pl.Date,
                "Documents": pl.Int64,
                "Kept out": pl.Int64,
                "Snapshot": pl.String,
            },
        )
        st.dataframe(
            table,
            hide_index=True,
            placeholder="",
            column_config=cards.columns(table),
            key="health_snapshots",
            alt="Snapshots kept",
        )


def _not_used(ignored: Mapping[str, Sequence[str]]) -> str:
    """The source's columns that nothing was taken from, by table."""
    told = [
        f"{soundness.TABLES.get(table, table)}: {', '.join(columns)}" for table, columns in ignored.items() if columns
    ]
    return "; ".join(told) or "none"


def _gl_finding(apart: int, balances: int) -> str:
    if not apart:
        return "The sub-ledger equals the general ledger"
    return f"{text.count(apart, 'balance differs', 'balances differ')} of {balances:,} from the general ledger"


def _fine_share(share: float) -> str:
    """A very small share is not rounded to nothing."""
    percent = share * 100
    return f"less than 0.01{text.NBSP}%" if 0 < percent < 0.01 else f"{percent:.2f}{text.NBSP}%"  # noqa: PLR2004
