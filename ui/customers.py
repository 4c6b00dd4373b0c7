"""The list of customers: found by name, narrowed to what needs somebody, sorted, taken away."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import polars as pl
import streamlit as st

import exports
import metrics
from briefing.view import View
from exports import Column, Form
from ledger.behaviour import BEHAVIOUR, Behaviour
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text
from ui import cards, controls, debtors, drill, paying, store
from ui.markdown import plain

FIND, WITH, BY = "customers_find", "customers_with", "customers_by"

OVER_LIMIT, OVER_90, DISPUTED, SLIPPING = CHIPS = ("over limit", "over 90 days", "disputed", "slipping")
_SORTED = {
    "overdue": "overdue",
    "over 90 days": "over_90",
    "total AR": "total",
    "limit used": "used",
    "disputed": "disputed",
    "name": "label",
}
_MOST = 2_000
_LINKED = 5
"""Customers at the top of the list that are links by name: the quickest way for a keyboard and for a search."""

_CENT = 0.005
_MEASURES = ("gross", "overdue", "over_90", "unapplied", "total", "disputed")


def known(key: str | None) -> bool:
    """Whether the address names a customer that exists."""
    return key is not None and store.has_customer(drill.customer_id(key))


def listed(book: Book, view: View) -> pl.DataFrame:
    """One row a customer with anything open in the view, the most overdue first; without a filter, every customer.

    ``customer_id, label, known, gross, overdue, overdue_share, over_90, unapplied, total, disputed, limit, used, over,
    pays, why`` and the dimensions of the master. ``gross`` less ``unapplied`` (negative, as it adds) is ``total``;
    ``overdue``, ``over_90`` and ``disputed`` are parts of ``gross``. ``used`` and ``over`` are of the limit, with all
    below a parent. ``pays`` is a class of behaviour, null for none.
    """
    amounts = _amounts(view)
    master = store.customers().rename({"customer_id": CUSTOMER})
    how = "inner" if view.filters else "left"
    joined = master.join(amounts, on=CUSTOMER, how=how, nulls_equal=True).with_columns(pl.col(_MEASURES).fill_null(0.0))
    return (
        joined.with_columns(_limit(book, joined).alias("limit"))
        .with_columns(
            pl.when(pl.col("gross") > 0).then(pl.col("overdue") / pl.col("gross")).alias("overdue_share"),
        )
        .rename({CUSTOMER: "customer_id"})
        .join(_held(view), on="customer_id", how="left")
        .with_columns(pl.when(pl.col("limit") > 0).then(pl.col("used").fill_null(0.0)), pl.col("over").fill_null(0.0))
        .join(paying.classes(view), on="customer_id", how="left", nulls_equal=True)
        .sort(["overdue", "total", "label"], descending=[True, True, False], nulls_last=True)
    )


_READ = {
    "total": "total_ar",
    "overdue": "overdue",
    "gross": "gross_open",
    "unapplied": "unapplied_credits",
    "over_90": "over_90_share",
    "disputed": "disputed_share",
}
"""The metric whose numerator each measure is. Buckets would not do: where credits are aged, they are in them."""


def _amounts(view: View) -> pl.DataFrame:
    """``customer`` and the measures, of everybody with anything open."""
    asked = tuple(_READ.values())
    read = store.evaluate(asked, (view.day,), view.window, view.scope, (CUSTOMER,))
    numerator = pl.col("numerator")
    return (
        read.filter(pl.col(CURRENCY) == view.currency)
        .group_by(CUSTOMER)
        .agg(numerator.filter(pl.col("metric") == metric).sum().alias(name) for name, metric in _READ.items())
        .filter((pl.col("gross") != 0) | (pl.col("unapplied") != 0))
    )


def _held(view: View) -> pl.DataFrame:
    """``customer_id, used, over`` of those with a limit: a parent's is for all below it, as everywhere else."""
    held = store.remembered(_limits, view.day, view.scope).filter(pl.col(CURRENCY) == view.currency)
    return held.select(customer_id="customer", used="utilisation", over="over_limit")


def _limits(day: date, scope: Scope) -> pl.DataFrame:
    return metrics.credit_limits(store.book(), day, scope)


def _limit(book: Book, rows: pl.DataFrame) -> pl.Expr:
    """The credit limit; null where none is granted, and where amounts stay in currencies that limits are not in."""
    if "credit_limit" not in rows.columns or book.rules.conversion is Conversion.NONE:
        return pl.lit(None, pl.Float64)
    limit = pl.col("credit_limit").cast(pl.Float64)
    return pl.when(limit >= 0).then(limit)


def list_message(rows: pl.DataFrame, view: View) -> str:
    """How much is overdue at how many customers, and who owes most of it: ``rows`` as ``listed`` has them."""
    late = rows.filter(pl.col("overdue") > 0)
    if late.is_empty():
        return "No customer has anything overdue"
    whole, top = float(late["overdue"].sum()), late.row(0, named=True)
    name, money = text.name(top["label"], UNASSIGNED), text.money(whole, view.currency)
    if late.height == 1:
        return f"{money} is overdue, all of it at {name}"
    part = f"{top['overdue'] / whole * 100:.0f}{text.NBSP}%"
    return f"{money} is overdue at {text.count(late.height, 'customer')}; the largest, {name}, owes {part} of it"


def counted(rows: pl.DataFrame, view: View) -> str:
    """How many customers are listed, what they come to, and how many of them only documents name."""
    strange = rows.filter(~pl.col("known")).height
    note = f", {strange:,} of them not in the customer master" if strange else ""
    told = {
        name: text.money(abs(amount) if name == "unapplied" else amount, view.currency, view.scale)
        for name, amount in rows.select(pl.col(_MEASURES).sum()).row(0, named=True).items()
    }
    return " · ".join(
        [
            f"{text.count(rows.height, 'customer')} listed{note}",
            f"gross open {told['gross']} less unapplied {told['unapplied']} is total AR {told['total']}",
            f"overdue {told['overdue']}",
            f"over 90 days {told['over_90']}",
        ]
    )


def choose(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows that the reader finds and narrows to, in the order chosen. Draws the choices; the address keeps them."""
    held = {chip: rows.filter(_holds(chip)).height for chip in CHIPS}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="customer_choices"):
        words = controls.text(
            "Find a customer",
            key=FIND,
            placeholder="Find by name or id",
            icon=":material/search:",
            label_visibility="collapsed",
            width=300,
        )
        chosen = controls.pills(
            "Only those",
            CHIPS,
            key=WITH,
            format_func=lambda chip: f"{chip.capitalize()}, {held[chip]:,}",
            width="content",
        )
        order = controls.select(
            "Sorted by",
            list(_SORTED),
            key=BY,
            default="overdue",
            format_func=lambda name: f"Sorted by {name}",
            label_visibility="collapsed",
            width=210,
        )
    return ordered(found(narrowed(rows, chosen), words), order)


def narrowed(rows: pl.DataFrame, chips: tuple[str, ...]) -> pl.DataFrame:
    """The customers of whom all of ``chips`` hold."""
    for chip in chips:
        rows = rows.filter(_holds(chip))
    return rows


def _holds(chip: str) -> pl.Expr:
    match chip:
        case "over limit":
            return pl.col("over") >= _CENT
        case "over 90 days":
            return pl.col("over_90") >= _CENT
        case "disputed":
            return pl.col("disputed") >= _CENT
        case _:
            return (pl.col("pays").str.to_lowercase() == Behaviour.SLIPPING.value).fill_null(value=False)


def ordered(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """``rows`` by what the reader chose, the largest first; names from A to Z. Ties stay as they are."""
    column = _SORTED.get(name, "overdue")
    by = pl.col(column).str.to_lowercase() if column == "label" else pl.col(column)
    return rows.sort(by, descending=column != "label", nulls_last=True, maintain_order=True)


def found(rows: pl.DataFrame, words: str) -> pl.DataFrame:
    """The customers whose name or id holds ``words``, whatever the case."""
    if not words.strip():
        return rows
    wanted = words.strip().lower()
    name, id = (
        pl.col(column).str.to_lowercase().str.contains(wanted, literal=True) for column in ("label", "customer_id")
    )
    return rows.filter(name.fill_null(value=False) | id.fill_null(value=False))


def draw_links(rows: pl.DataFrame) -> None:
    """The first of the list by name, to open without the mouse."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="customer_links"):
        st.caption("Open", width="content")
        for place, (id, label) in enumerate(rows.head(_LINKED).select("customer_id", "label").iter_rows()):
            st.button(
                plain(debtors.shortened(text.name(label, UNASSIGNED))),
                key=f"customers_open_{place}",
                on_click=drill.to,
                args=(drill.CUSTOMER, drill.customer_key(id)),
                type="tertiary",
            )


def headings(book: Book, rows: pl.DataFrame, view: View) -> dict[str, str]:
    """Column to heading, in order; the unit stands in the heading."""
    ours = {BEHAVIOUR} if paying.is_ours(rows) else set[str]()
    extra = {name: label for name, label in book.dimensions.items() if name in rows.columns and name not in ours}
    money = view.currency
    found = {
        "label": "Customer",
        "customer_id": "Id",
        "overdue": f"Overdue, {money}",
        "overdue_share": "Overdue share",
        "over_90": f"Over 90 days, {money}",
        "gross": f"Gross open, {money}",
        "unapplied": f"Unapplied, {money}",
        "total": f"Total AR, {money}",
        "pays": "Pays",
        "used": "Limit used",
        "limit": f"Credit limit, {money}",
        "disputed": f"Disputed, {money}",
        "why": "How it pays",
    }
    taken = [*found.values(), *extra.values()]
    # A company may give a dimension the label of another, or of a column.
    apart = {name: label if taken.count(label) == 1 else f"{label} ({name})" for name, label in extra.items()}
    why = found.pop("why")
    return {**found, **apart, "why": why}


def draw_list(book: Book, view: View, rows: pl.DataFrame) -> None:
    """The list; a click opens the customer."""
    named = headings(book, rows, view)
    # A nought in a column that is mostly noughts hides those that are none.
    rare = [pl.col(name).replace(0.0, None) for name in ("over_90", "unapplied", "disputed")]
    shown = rows.head(_MOST).with_columns(*rare, paying.labels(pl.col("pays")), pl.col("overdue_share", "used") * 100)
    table = shown.select(pl.col(name).alias(label) for name, label in named.items())
    words = [named[name] for name in named if name in book.dimensions]

    def picked() -> None:
        cells = st.session_state["customers_list"]["selection"]["cells"]
        if cells and cells[0][0] < shown.height:
            drill.to(drill.CUSTOMER, drill.customer_key(shown["customer_id"][cells[0][0]]))

    st.dataframe(
        table.with_columns(pl.col(words).fill_null(UNASSIGNED)),
        hide_index=True,
        placeholder="",
        column_config=_columns(named),
        key="customers_list",
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(shown.height, 19),
        alt="Customers, one row each",
    )
    if rows.height > _MOST:
        st.caption(f"The first {_MOST:,} are listed; find the others by name or id, or in the download.")
    _draw_downloads(rows, named, view)


def _columns(named: dict[str, str]) -> dict[str, Any]:
    config: dict[str, Any] = {
        named[name]: st.column_config.NumberColumn(named[name], format="%,.0f") for name in (*_MEASURES, "limit")
    }
    config[named["overdue_share"]] = st.column_config.ProgressColumn(
        named["overdue_share"], format=cards.PERCENT, min_value=0, max_value=100, width=130, color="gray"
    )
    config[named["pays"]] = paying.column()
    config[named["used"]] = st.column_config.NumberColumn(named["used"], format=cards.PERCENT)
    return config


def _draw_downloads(rows: pl.DataFrame, named: dict[str, str], view: View) -> None:
    with st.container(horizontal=True, gap="small"):
        cards.table(
            rows.select(pl.col(name).alias(label) for name, label in named.items()), "customers", view, key="customers"
        )
        st.download_button(
            "Excel",
            data=partial(workbook, rows, named, view, store.book()),
            file_name=cards.file_name("customers", view, "xlsx"),
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key="customers_xlsx",
            on_click="ignore",
            icon=":material/table:",
            type="tertiary",
        )


def workbook(rows: pl.DataFrame, named: dict[str, str], view: View, book: Book) -> bytes:
    """The list as a workbook that says what it is of."""
    columns = {
        name: Column(label, Form.MONEY, currency=view.currency)
        if name in (*_MEASURES, "limit")
        else Column(label, Form.SHARE if name in ("overdue_share", "used") else None)
        for name, label in named.items()
    }
    about = exports.About(
        title="Customers",
        company=book.rules.company,
        as_of=view.day,
        currency=view.currency,
        filters=view.part,
        snapshot=book.fingerprint,
        metrics=(
            "total_ar",
            "gross_open",
            "overdue",
            "overdue_share",
            "over_90_share",
            "unapplied_credits",
            "disputed",
        ),
    )
    return exports.workbook([exports.Sheet("Customers", rows.select(*named), columns)], about)
