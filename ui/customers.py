"""The list of customers, and what one customer's page shows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from charts import Figure, Palette, aging, customers, text
from ledger.book import Book
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import CATALOG
from ui import cards, drill, periods, store, tiles
from ui.breadcrumb import Step, document_step
from ui.markdown import plain, prose
from ui.tiles import Tile
from ui.view import View

FIND = "customers_find"
_MOST = 1_000
_TILES = ("total_ar", "overdue", "over_90_share", "days_to_pay", "days_beyond_terms")
_FACTS = {
    "segment": "Segment",
    "region": "Region",
    "country": "Country",
    "industry": "Industry",
    "collector": "Collector",
    "sales_rep": "Sales rep",
    "risk_class": "Risk class",
    "email": "E-mail",
}


def known(key: str | None) -> bool:
    """Whether the address names a customer that exists."""
    if key is None:
        return False
    ids = store.customers()["customer_id"]
    wanted = drill.customer_id(key)
    return bool(ids.null_count()) if wanted is None else bool((ids == wanted).any())


def steps(key: str, view: View) -> list[Step]:
    """From the list to the customer, and to a document."""
    label = store.customer(drill.customer_id(key))["label"]
    found = [
        Step("All customers", lambda: drill.leave(drill.DOCUMENT, drill.CUSTOMER)),
        Step(text.name(label, UNASSIGNED), lambda: drill.leave(drill.DOCUMENT)),
    ]
    return [*found, *document_step(key, view)]


def listed(book: Book, view: View) -> pl.DataFrame:
    """One row a customer with anything open in the view, the most overdue first; without a filter, every customer.

    ``customer_id, label, total, overdue, overdue_share, over_90, limit, used`` and the dimensions that the master has.
    """
    buckets = book.rules.aging.buckets
    aged = store.aging((view.day,), view.scope, (CUSTOMER,)).filter(pl.col("currency") == view.currency)
    amount = pl.col("amount")
    sums = aged.group_by(CUSTOMER).agg(
        amount.sum().round(2).alias("total"),
        amount.filter(pl.col("bucket").is_in(buckets[1:-1])).sum().round(2).alias("overdue"),
        amount.filter(pl.col("bucket") == buckets[-2]).sum().round(2).alias("oldest"),
        amount.filter(pl.col("bucket") != buckets[-1]).sum().alias("gross"),
    )
    master = store.customers().rename({"customer_id": CUSTOMER})
    how = "inner" if view.filters else "left"
    joined = master.join(sums, on=CUSTOMER, how=how, nulls_equal=True).with_columns(
        pl.col("total", "overdue", "oldest", "gross").fill_null(0.0)
    )
    limit = pl.col("credit_limit").cast(pl.Float64) if "credit_limit" in joined.columns else pl.lit(None, pl.Float64)
    return (
        joined.with_columns(limit.alias("limit"))
        .with_columns(
            pl.when(pl.col("gross") > 0).then(pl.col("overdue") / pl.col("gross")).alias("overdue_share"),
            pl.when(pl.col("limit") > 0).then(pl.col("total") / pl.col("limit")).alias("used"),
        )
        .rename({CUSTOMER: "customer_id"})
        .sort(["overdue", "total", "label"], descending=[True, True, False], nulls_last=True)
    )


def found(rows: pl.DataFrame, words: str) -> pl.DataFrame:
    """The customers whose name or id holds ``words``, whatever the case."""
    if not words.strip():
        return rows
    wanted = words.strip().lower()
    name, id = (
        pl.col(column).str.to_lowercase().str.contains(wanted, literal=True) for column in ("label", "customer_id")
    )
    return rows.filter(name.fill_null(value=False) | id.fill_null(value=False))


def draw_list(book: Book, view: View, rows: pl.DataFrame) -> None:
    """The list; a click opens the customer."""
    buckets = book.rules.aging.buckets
    shown = rows.head(_MOST)
    extra = {name: label for name, label in book.dimensions.items() if name in rows.columns}
    headings = {
        "label": "Customer",
        "customer_id": "Id",
        "total": f"Total AR, {view.currency}",
        "overdue": "Overdue",
        "overdue_share": "Overdue share",
        "oldest": f"{buckets[-2]} days",
        "limit": "Credit limit",
        "used": "Limit used",
        **extra,
    }
    table = shown.select(pl.col(name).alias(label) for name, label in headings.items())
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(name, format="%,.0f")
        for name in (headings["total"], "Overdue", headings["oldest"], "Credit limit")
    }
    config["Overdue share"] = st.column_config.ProgressColumn(
        "Overdue share", format="percent", min_value=0, max_value=1
    )
    config["Limit used"] = st.column_config.NumberColumn("Limit used", format="percent")

    def picked() -> None:
        cells = st.session_state["customers_list"]["selection"]["cells"]
        if cells and cells[0][0] < shown.height:
            drill.to(drill.CUSTOMER, drill.customer_key(shown["customer_id"][cells[0][0]]))

    st.dataframe(
        table.with_columns(pl.col(list(extra.values())).fill_null(UNASSIGNED)),
        hide_index=True,
        placeholder="",
        column_config=config,
        key="customers_list",
        on_select=picked,
        selection_mode="single-cell",
        height=min(38 + 35 * max(shown.height, 1), 640),
        alt="Customers, the most overdue first",
    )
    names = {name: label for name, label in headings.items() if name in rows.columns}
    cards.table(
        rows.select(pl.col(name).alias(label) for name, label in names.items()), "customers", view, key="customers"
    )


def facts(master: Mapping[str, Any]) -> str:
    """What the master says of a customer, as Markdown; what is not known is left out."""
    told = [f"id {text.name(master['customer_id'], UNASSIGNED)}"]
    told += [f"{label} {text.name(master[name])}" for name, label in _FACTS.items() if master.get(name)]
    if master.get("terms_days") is not None:
        told.append(f"terms {master['terms_days']} days")
    if not master["known"]:
        told.append("not in the customer table")
    return " · ".join(prose(part) for part in told)


def parent(master: Mapping[str, Any]) -> None:
    """A link to the parent, where there is one."""
    id = master.get("parent_id")
    if id and id != master["customer_id"] and known(id):
        st.page_link(
            "pages/receivables/customers.py",
            label=f"Part of {plain(store.customer(id)['label'])}",
            icon=":material/account_tree:",
            query_params={drill.CUSTOMER: id},
        )


def draw_tiles(book: Book, view: View, key: str, limit: Decimal | float | None) -> None:
    """Balance, lateness and payment behaviour, and how much of the credit limit is used."""
    scope = view.scope.narrowed(CUSTOMER, drill.customer_id(key))
    shown = periods.trend(view.day)
    year, before = periods.year_before(view.day), shown[-2]
    rows = store.evaluate(_TILES, tuple(sorted({*shown, year})), view.window, scope)
    read = {
        (r["metric"], r["as_of"]): r for r in rows.filter(pl.col("currency") == view.currency).iter_rows(named=True)
    }

    def value(metric: str, day: Any) -> float | None:
        row = read.get((metric, day))
        reach = periods.is_known(book, day, view.window if CATALOG[metric].windowed else None)
        return row["value"] if row and reach else None

    drawn = [
        Tile(
            metric=metric,
            value=value(metric, view.day),
            year=value(metric, year),
            period=value(metric, before),
            trend=tuple(value(metric, day) for day in shown),
            currency=view.currency,
            period_name=text.month(before),
            note=read.get((metric, view.day), {}).get("note"),
        )
        for metric in _TILES
    ]
    places = st.columns(len(drawn) + 1, gap="small")
    for place, tile in zip(places, drawn, strict=False):
        with place:
            tiles.draw(tile)
    with places[-1]:
        _limit(value("total_ar", view.day) or 0.0, float(limit or 0), view.currency)


def _limit(balance: float, limit: float, currency: str) -> None:
    with st.container(border=True, height="stretch", gap=None, key="tile_limit"):
        st.markdown("Credit limit used")
        if not limit:
            st.metric("Credit limit used", text.MISSING, label_visibility="collapsed")
            st.caption("no limit set")
            return
        used = balance / limit
        over = balance - limit
        st.metric("Credit limit used", text.share(used), label_visibility="collapsed")
        st.progress(min(max(used, 0.0), 1.0))
        words = f"{text.money(abs(over), currency)} {'over' if over > 0 else 'below'} {text.money(limit, currency)}"
        st.caption(f":orange[{prose(words)}]" if over > 0 else prose(words))


def aged(book: Book, view: View, key: str, palette: Palette) -> Figure:
    """The customer's open money by bucket."""
    scope = view.scope.narrowed(CUSTOMER, drill.customer_id(key))
    rows = store.aging((view.day,), scope).filter(pl.col("currency") == view.currency)
    return aging.on_day(rows, view.as_of(palette, book.rules.aging.buckets), height=200)


def paid(documents: pl.DataFrame, view: View, palette: Palette) -> Figure:
    """When the customer's invoices were settled, against their due dates."""
    settled = documents.filter((pl.col("status") == "settled") & pl.col("kind").is_in(["invoice", "debit_memo"]))
    late = (pl.col("settled_on") - pl.col("due_date")).dt.total_days().alias("days_late")
    rows = settled.select("settled_on", late, "amount", "currency", "number")
    return customers.payments(rows, view.as_of(palette), height=200)


def statement(documents: pl.DataFrame) -> pl.DataFrame:
    """What a customer is sent: its open documents with what is left on each, oldest first."""
    return documents.filter(pl.col("status") == "open").sort("due_date", "document_id").select(
        pl.col("number").alias("Document"),
        pl.col("kind").str.replace_all("_", " ", literal=True).str.to_titlecase().alias("Kind"),
        pl.col("document_date").alias("Dated"),
        pl.col("due_date").alias("Due"),
        pl.col("days_past_due").alias("Days past due"),
        pl.col("currency").alias("Currency"),
        pl.col("amount").alias("Amount"),
        pl.col("open_amount").alias("Open"),
    )  # fmt: skip
