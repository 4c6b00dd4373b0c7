"""A customer's statement of account, to take away: one button with the kinds of file behind it."""

from __future__ import annotations

import re
from datetime import date
from functools import partial

import streamlit as st

import exports
from briefing.view import View
from config.settings import Settings
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.scope import CURRENCY, CUSTOMER, Scope
from metrics import text
from ui import cards, store
from ui.markdown import prose

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = (
    ("PDF", "pdf", "application/pdf", ":material/picture_as_pdf:"),
    ("Excel", "xlsx", _SHEET, ":material/table:"),
    ("CSV", "csv", "text/csv", ":material/csv:"),
)


def draw(customer_id: str | None, view: View) -> None:
    """The button; a file is made when it is asked for."""
    book, scope, settings = store.book(), _scope(view), store.settings()
    with st.popover(
        "Statement", icon=":material/request_quote:", type="tertiary", help="Statement of account as PDF, Excel or CSV"
    ):
        st.caption(prose(_what(view, scope)))
        with st.container(horizontal=True, gap="small"):
            for label, ending, mime, icon in _KINDS:
                st.download_button(
                    label,
                    data=partial(made, ending, book, settings, customer_id, view.day, scope),
                    file_name=file_name(customer_id, view, ending),
                    mime=mime,
                    key=f"statement_{ending}",
                    on_click="ignore",
                    icon=icon,
                )


def file_name(customer_id: str | None, view: View, ending: str) -> str:
    """``statement_0010002_2026-10-31.pdf``; what a file system may refuse becomes a dash."""
    safe = _UNSAFE.sub("-", customer_id or "unassigned").strip(".-")
    return cards.file_name(f"statement_{safe or 'customer'}", view, ending)


def made(kind: str, book: Book, settings: Settings, customer_id: str | None, day: date, scope: Scope) -> bytes:
    """The file: ``pdf``, ``xlsx`` or ``csv``, with the letterhead of the settings."""
    said = settings.statement
    sender = exports.Sender(book.rules.company, said.address, said.contact, said.note)
    of = exports.statement(book, customer_id, day, sender=sender, scope=scope)
    match kind:
        case "pdf":
            return exports.statement_pdf(of, said.paper)
        case "xlsx":
            return exports.statement_workbook(of, said.paper)
        case _:
            return exports.statement_csv(of)


def _scope(view: View) -> Scope:
    """The filters without the currency shown: a statement has every currency, each by itself."""
    apart = store.book().rules.conversion is Conversion.NONE
    return view.scope.without(CUSTOMER, CURRENCY) if apart else view.scope.without(CUSTOMER)


def _what(view: View, scope: Scope) -> str:
    part = f", only {view.part}: the statement says so" if scope.where and view.part else ""
    return f"Every open item at the close of {text.day(view.day)} in its own currency, ready to send{part}."
