"""The documents behind a number: those in dispute, billed or due in a month, or grown older since a month-end.

A click on a cell or a column writes into the address what it was about, and the page lists the documents below. Those
that a number sums are found by the rule that the number obeys, so that the list has what the click was on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl
import streamlit as st

from briefing.view import View
from ledger import listing
from ledger.calendar import month_end, months_before
from ledger.cohorts import LATE
from ledger.scope import Scope
from metrics import text
from ui import address, cards, drill, items, store
from ui.markdown import prose

BEHIND = "behind"
"""The parameter: ``disputed``, ``billed 2026-08``, ``unpaid 2026-07``, ``rolled 1–30>31–60``."""

MOST = 1_000
"""Rows listed; a download has all of them."""

_OWED = ("invoice", "debit_memo")


class Kind(StrEnum):
    """What documents have in common."""

    DISPUTED = "disputed"
    BILLED = "billed"
    UNPAID = "unpaid"
    ROLLED = "rolled"


@dataclass(frozen=True)
class Behind:
    """What was clicked. ``month``: last day of the month of billing or falling due; ``before``, ``after``: buckets."""

    kind: Kind
    month: date | None = None
    before: str = ""
    after: str = ""

    @property
    def written(self) -> str:
        """As the address has it."""
        match self.kind:
            case Kind.DISPUTED:
                return str(self.kind)
            case Kind.ROLLED:
                return f"{self.kind} {self.before}>{self.after}"
            case _:
                return f"{self.kind} {self.month:%Y-%m}"

    @property
    def words(self) -> str:
        """As a step of the way down has it."""
        match self.kind:
            case Kind.DISPUTED:
                return "In dispute"
            case Kind.BILLED:
                return f"Billed in {text.month(self._month, year=True)}"
            case Kind.UNPAID:
                return f"Due in {text.month(self._month, year=True)}, unpaid"
            case Kind.ROLLED:
                return f"{self.before.capitalize()} → {self.after}"

    @property
    def _month(self) -> date:
        return self.month or date.min


def asked(buckets: Sequence[str]) -> Behind | None:
    """What the address says; ``None`` where it says nothing that exists."""
    kind, _, rest = address.value(BEHIND).partition(" ")
    match kind:
        case Kind.DISPUTED:
            return Behind(Kind.DISPUTED)
        case Kind.BILLED | Kind.UNPAID:
            month = _month_of(rest)
            return Behind(Kind(kind), month) if month else None
        case Kind.ROLLED:
            before, _, after = rest.partition(">")
            known = before in buckets and after != before
            return Behind(Kind.ROLLED, None, before, after) if known and after else None
        case _:
            return None


def to(found: Behind | None, **more: address.Change) -> None:
    """List the documents behind something, from a callback; ``None`` closes the list."""
    changes: dict[str, address.Change] = {BEHIND: found.written if found else None, drill.DOCUMENT: None}
    address.put({**changes, **more})


def to_month(kind: Kind, chosen: Behind | None) -> cards.Picked:
    """What a click on a month does; one on the month that is chosen closes the list."""

    def picked(key: str | None) -> None:
        if not key:
            return
        found = Behind(kind, date.fromisoformat(key))
        to(None if found == chosen else found)

    return picked


def month_key(chosen: Behind | None, kind: Kind) -> str | None:
    """The key of the month that is chosen in a chart of ``kind``."""
    return chosen.month.isoformat() if chosen and chosen.kind is kind and chosen.month else None


def draw(view: View, chosen: Behind | None, bucket: str | None = None, scope: Scope | None = None) -> None:
    """The list below what was clicked, and the document that was opened from it; nothing without a choice."""
    if chosen is None:
        return
    rows = find(view, chosen, bucket, scope)
    opened = drill.at(drill.DOCUMENT)
    if opened and not rows.filter(pl.col("document_id") == opened).is_empty():
        items.document(rows, opened, view, lambda: drill.leave(drill.DOCUMENT, drill.CUSTOMER), "behind_document")
    with st.container(border=True, gap="xsmall", key="card_behind"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{prose(told(rows, chosen, view, bucket))}**", width="stretch")
            st.button(
                "Close",
                on_click=drill.leave,
                args=(BEHIND, drill.DOCUMENT, drill.CUSTOMER),
                key="behind_close",
                type="tertiary",
                icon=":material/close:",
            )
        st.caption(prose(method(chosen, view)))
        if rows.is_empty():
            return
        shown, key = rows.head(MOST), f"behind_items_{chosen.written}_{bucket}"
        if chosen.kind in (Kind.DISPUTED, Kind.ROLLED):
            items.open_list(shown, view, key=key)
        else:
            items.documents(shown, view, key=key, with_customer=True)
        cards.table(rows, f"{chosen.kind}_documents", view, key="behind_csv")


def find(view: View, chosen: Behind, bucket: str | None = None, scope: Scope | None = None) -> pl.DataFrame:
    """The documents, as ``listing`` has them, in the view's currency: open ones first, then by size."""
    rows = store.remembered(_found, view.day, scope or view.scope, chosen)
    rows = rows.filter(pl.col("reporting_currency") == view.currency)
    if chosen.kind is Kind.DISPUTED and bucket:
        rows = rows.filter(pl.col("bucket") == bucket)
    return rows


def _found(day: date, scope: Scope, chosen: Behind) -> pl.DataFrame:
    match chosen.kind:
        case Kind.DISPUTED:
            items_now = listing.open_items(store.book(), day, scope)
            return store.most_overdue_first(items_now.filter(pl.col("disputed") & (pl.col("open") > 0)))
        case Kind.BILLED:
            return _slowest_first(_of_month(day, scope, "posting_date", chosen))
        case Kind.UNPAID:
            late = (pl.coalesce("settled_on", pl.lit(day)) - pl.col("due_date")).dt.total_days()
            is_left = pl.when(pl.col("status") == "open").then(late >= LATE).otherwise(late > LATE)
            posted = pl.col("posting_date") <= pl.col("due_date") + pl.duration(days=LATE)
            return _slowest_first(_of_month(day, scope, "due_date", chosen).filter(posted & is_left))
        case Kind.ROLLED:
            return _rolled(day, scope, chosen)


def _of_month(day: date, scope: Scope, column: str, chosen: Behind) -> pl.DataFrame:
    """Invoices and debit memos of a month: by posting day, as billing is counted, or by due day."""
    book = store.book()
    rows = listing.documents(book, day, scope).filter(
        pl.col("kind").is_in(_OWED) & (pl.col("status") != "not yet posted")
    )
    posted = book.frames["documents"].select("document_id", "posting_date")
    rows = rows.join(posted, on="document_id", how="left", maintain_order="left")
    return rows.filter(pl.col(column).dt.month_end() == chosen.month)


def _slowest_first(rows: pl.DataFrame) -> pl.DataFrame:
    """What is still open by size, then what took longest."""
    return rows.sort(
        pl.col("open") > 0, "open", "days_to_pay", "document_id", descending=[True, True, True, False], nulls_last=True
    )


def roll_days(day: date) -> tuple[date, date]:
    """The two month-ends of the last whole roll up to ``day``."""
    last = day if day == month_end(day) else month_end(months_before(day.replace(day=1), 1))
    return month_end(months_before(last.replace(day=1), 1)), last


def _rolled(day: date, scope: Scope, chosen: Behind) -> pl.DataFrame:
    """Items of a bucket at the month-end before, by what they are at the last: in a bucket, or no longer open."""
    book = store.book()
    opening, closing = roll_days(day)
    then = listing.open_items(book, opening, scope).filter(pl.col("bucket") == chosen.before)
    now = listing.open_items(book, closing, scope)
    if chosen.after in book.rules.aging.buckets:
        now = now.filter(pl.col("bucket") == chosen.after)
        return store.most_overdue_first(now.join(then.select("document_id"), on="document_id", how="semi"))
    return store.most_overdue_first(then.join(now.select("document_id"), on="document_id", how="anti"))


def told(rows: pl.DataFrame, chosen: Behind, view: View, bucket: str | None = None) -> str:
    """How many documents, and how much money."""
    money = text.money(float(rows["open"].sum()), view.currency, view.scale)
    match chosen.kind:
        case Kind.DISPUTED:
            where = f" in {bucket}{'' if bucket == store.book().rules.aging.buckets[0] else ' days'}" if bucket else ""
            return f"{text.count(rows.height, 'disputed open item')}{where}: {money}"
        case Kind.BILLED:
            return f"{text.count(rows.height, 'document')} billed in {_named(chosen)}; {_left(rows, money)}"
        case Kind.UNPAID:
            was = "was" if rows.height == 1 else "were"
            words = f"{text.count(rows.height, 'document')} due in {_named(chosen)} {was} unpaid {LATE} days later"
            return f"{words}; {_left(rows, money)}"
        case Kind.ROLLED:
            opening, closing = (text.day(day) for day in roll_days(view.day))
            count = text.count(rows.height, "item")
            if chosen.after in store.book().rules.aging.buckets:
                return f"{count} went from {chosen.before} to {chosen.after} between {opening} and {closing}: {money}"
            return f"{count} of {chosen.before} on {opening} were closed by {closing}: {money} then"


def method(chosen: Behind, view: View) -> str:
    """By which rule they were found."""
    where = f" · {view.part}" if view.part else ""
    day = text.day(view.day)
    match chosen.kind:
        case Kind.DISPUTED:
            return f"As the source said at the last refresh, open on {day}{where}. Click a row for what has been paid."
        case Kind.BILLED:
            rule = f"Invoices and debit memos by posting month, as of {day}"
            return f"{rule}{where}. Still open first, then the slowest. Click a row for what settled it."
        case Kind.UNPAID:
            rule = f"Some of it was still open {LATE} days after its own due date; as of {day}"
            return f"{rule}{where}. Still open first. Click a row for what settled it."
        case Kind.ROLLED:
            rule = "The same invoices at the last two month-ends; the rates above are over more of them"
            return f"{rule}{where}. Click a row for what has been paid."


def _left(rows: pl.DataFrame, money: str) -> str:
    still = rows.filter(pl.col("status") == "open").height
    return f"{still:,} still open, {money}" if still else "none still open"


def _named(chosen: Behind) -> str:
    return text.month(chosen.month, year=True) if chosen.month else text.MISSING


def _month_of(words: str) -> date | None:
    """The last day of ``2026-08``."""
    try:
        return month_end(date.fromisoformat(f"{words.strip()}-01"))
    except ValueError:
        return None
