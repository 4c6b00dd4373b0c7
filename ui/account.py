"""The account of a customer item by item: what is open, disputed, not applied, given up, and everything there was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
import streamlit as st

from briefing.view import View
from ledger import listing
from ledger.calendar import Window
from ledger.scope import CURRENCY, Scope
from metrics import text
from ui import cards, controls, drill, items, store
from ui.customer import PART, Account
from ui.markdown import prose

OPEN, DISPUTED, UNAPPLIED, GIVEN_UP, ALL = PARTS = (
    "Open items",
    "Disputed",
    "Not applied",
    "Credit notes and write-offs",
    "All documents",
)
_MOST = 1_000
_MONTHS = "24mo"
_PRINTED = 250
"""Open items on paper; a longer account is told by its statement."""

_CLICK = " Click a row for the document."
_ORDER = f" Overdue first, the largest on top.{_CLICK}"

_REDUCTION = {"day": "Day", "kind": "Kind", "number": "Document", "amount": "Amount", "currency": "Currency"}
_NAMES = {"credit_memo": "credit notes", "write_off": "write-offs", "discount": "discounts"}


def reductions(account: Account) -> pl.DataFrame:
    """Credit notes, write-offs and discounts of two years, as ``listing.reductions`` has them."""
    return store.remembered(_reductions, account.view.day, account.scope.without(CURRENCY))


def _reductions(day: date, scope: Scope) -> pl.DataFrame:
    return listing.reductions(store.book(), Window.ending(day, _MONTHS), scope)


def draw(account: Account) -> None:
    """The card: one part at a time, as the reader chooses; a click on a row opens its document."""
    bucket = drill.one_of(drill.BUCKET, account.book.rules.aging.buckets)
    parts = {
        OPEN: account.open if bucket is None else account.open.filter(pl.col("bucket") == bucket),
        DISPUTED: disputed(account.open),
        UNAPPLIED: unapplied(account.open),
        GIVEN_UP: reductions(account),
        ALL: account.documents,
    }
    with st.container(border=True, gap="xsmall", key="card_account"):
        chosen = controls.segmented(
            "Part of the account",
            list(PARTS),
            key=PART,
            default=OPEN,
            format_func=lambda part: f"{part}, {parts[part].height:,}",
        )
        rows = parts[chosen]
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.caption(prose(finding(chosen, rows, account.view)), width="content")
            if bucket and chosen == OPEN:
                st.button(
                    f"Only {bucket}: show all",
                    key="account_all_ages",
                    on_click=drill.leave,
                    args=(drill.BUCKET,),
                    type="tertiary",
                    icon=":material/close:",
                )
        if rows.is_empty():
            return
        match chosen:
            case "Credit notes and write-offs":
                _draw_reductions(rows, account)
            case "All documents":
                items.documents(rows.head(_MOST), account.view, key="customer_all")
            case _:
                items.open_list(rows, account.view, key=f"customer_{PARTS.index(chosen)}", with_customer=False)
        name = chosen.lower().replace(" ", "_")
        cards.table(rows, f"{name}_{account.key}", account.view, key="account")


def disputed(rows: pl.DataFrame) -> pl.DataFrame:
    """Those of open items that are in dispute."""
    return rows.filter(pl.col("disputed").fill_null(value=False))


def unapplied(rows: pl.DataFrame) -> pl.DataFrame:
    """Those of open items that the customer is owed: payments and credits not yet applied, and overpayments."""
    return rows.filter(pl.col("open") < 0).sort("document_date", "document_id")


def finding(part: str, rows: pl.DataFrame, view: View) -> str:
    """What a part of the account comes to; each currency by itself."""
    if rows.is_empty():
        return _NONE[part].format(day=text.day(view.day))
    if part == GIVEN_UP:
        return f"In the 24 months to {text.day(view.day)}: {_by_kind(rows)}.{_CLICK}"
    if part == ALL:
        shown = "" if rows.height <= _MOST else f", the newest {_MOST:,} listed; the download has all"
        return f"As they stood on {text.day(view.day)}, newest first{shown}. Click a row for what has been paid on it."
    sums = _sums(rows.with_columns(pl.col("open").alias("amount"), pl.col("reporting_currency").alias("currency")))
    match part:
        case "Disputed":
            return f"{sums} is in dispute, as the source said at the last refresh.{_CLICK}"
        case "Not applied":
            since = text.day(rows["document_date"].min())  # type: ignore[arg-type]
            return f"{sums} of payments and credits wait to be applied, the oldest since {since}."
        case _:
            return f"{sums} in all, credits taken off.{_ORDER}"


_NONE = {
    OPEN: "Nothing is open on {day}.",
    DISPUTED: "No open item is in dispute.",
    UNAPPLIED: "No payment or credit waits to be applied.",
    GIVEN_UP: "No credit note, write-off or discount in the 24 months to {day}.",
    ALL: "No document up to {day}.",
}


def _by_kind(rows: pl.DataFrame) -> str:
    told = [f"{name} of {_sums(part)}" for kind, name in _NAMES.items() if (part := _of(rows, kind)).height]
    return text.listed(told, len(told))


def _of(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.filter(pl.col("kind") == kind)


def _sums(rows: pl.DataFrame) -> str:
    """``$1,200.00 and €300.00``: ``amount`` per ``currency``."""
    sums = rows.group_by("currency").agg(pl.col("amount").sum().round(4)).sort("currency")
    told = [text.exact(amount, currency) for currency, amount in sums.iter_rows()]
    return text.listed(told, len(told))


def _draw_reductions(rows: pl.DataFrame, account: Account) -> None:
    shown = items.readable_reductions(rows, _REDUCTION)

    def picked() -> None:
        cells = st.session_state["customer_given_up"]["selection"]["cells"]
        if cells and cells[0][0] < rows.height:
            drill.to_document(rows["document_id"][cells[0][0]], account.id)

    st.dataframe(
        shown,
        hide_index=True,
        placeholder="",
        column_config={**cards.columns(shown), "Amount": items.money_column("Amount", rows["currency"])},
        key="customer_given_up",
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(rows.height, 12),
        alt="Credit notes, write-offs and discounts, one row each",
    )


def draw_printed(account: Account) -> None:
    """The account for paper, where a table cannot be scrolled: unseen on a screen."""
    view, rows = account.view, account.open
    with st.container(key="print_account", gap="xsmall"):
        st.markdown(f"**{prose(f'Open items on {text.day(view.day)}')}**")
        st.caption(prose(finding(OPEN, rows, view).removesuffix(_ORDER)))
        if rows.height:
            st.markdown(_as_table(rows.head(_PRINTED)))
        if rows.height > _PRINTED:
            st.caption(prose(f"{rows.height - _PRINTED:,} more: the statement of account has all of them."))
        for part, some in ((DISPUTED, disputed(rows)), (UNAPPLIED, unapplied(rows)), (GIVEN_UP, reductions(account))):
            st.markdown(f"**{prose(part)}** {prose(finding(part, some, view).removesuffix(_CLICK))}")


_COLUMNS = (("Number", False), ("Kind", False), ("Dated", False), ("Due", False), ("Days late", True), ("Open", True))


def _as_table(rows: pl.DataFrame) -> str:
    """Open items as a Markdown table, oldest due date first."""
    has_dispute = bool(rows["disputed"].fill_null(value=False).any())
    columns = [*_COLUMNS, *([("Dispute", False)] if has_dispute else [])]
    lines = [_line([name for name, _ in columns]), _line(["---:" if right else ":---" for _, right in columns])]
    for row in rows.sort("due_date", "document_id").iter_rows(named=True):
        late = row["days_past_due"] if row["open"] > 0 and (row["days_past_due"] or 0) > 0 else None
        cells = [
            text.name(row["number"] or row["document_id"]),
            row["kind"].replace("_", " ").capitalize(),
            text.day(row["document_date"]),
            text.day(row["due_date"]),
            "" if late is None else text.number(late),
            text.exact(row["open"], row["reporting_currency"]),
        ]
        if has_dispute:
            cells.append(text.name(row["dispute_reason"], "yes") if row["disputed"] else "")
        lines.append(_line([prose(cell) for cell in cells]))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
