"""The list of customers, and what one customer's page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st

from charts import Figure, Palette, aging, customers
from ledger.behaviour import BEHAVIOUR
from ledger.book import Book
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import CATALOG, Better, Metric, chosen, text
from ui import address, cards, drill, paying, periods, store, tiles
from ui.breadcrumb import Step, document_step
from ui.markdown import plain, prose
from ui.tiles import Tile
from ui.view import View

FIND = "customers_find"
_MOST = 1_000
_TILES = ("total_ar", "overdue", "over_90_share", "days_to_pay", "days_beyond_terms")
_OF_PAID = ("days_to_pay", "days_beyond_terms")
"""What only settled invoices tell: it looks well when a customer has stopped paying."""

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

    ``customer_id, label, known, gross, overdue, overdue_share, unapplied, total, oldest, limit, used`` and the
    dimensions that the master has. ``gross`` less ``unapplied`` (negative, as it adds) is ``total``; ``overdue`` is a
    part of ``gross``.
    """
    buckets = book.rules.aging.buckets
    aged = store.aging((view.day,), view.scope, (CUSTOMER,)).filter(pl.col("currency") == view.currency)
    amount = pl.col("amount")
    sums = aged.group_by(CUSTOMER).agg(
        amount.sum().round(2).alias("total"),
        amount.filter(pl.col("bucket").is_in(buckets[1:-1])).sum().round(2).alias("overdue"),
        amount.filter(pl.col("bucket") == buckets[-2]).sum().round(2).alias("oldest"),
        amount.filter(pl.col("bucket") != buckets[-1]).sum().round(2).alias("gross"),
        amount.filter(pl.col("bucket") == buckets[-1]).sum().round(2).alias("unapplied"),
    )
    master = store.customers().rename({"customer_id": CUSTOMER})
    how = "inner" if view.filters else "left"
    joined = master.join(sums, on=CUSTOMER, how=how, nulls_equal=True).with_columns(
        pl.col("total", "overdue", "oldest", "gross", "unapplied").fill_null(0.0)
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


def counted(rows: pl.DataFrame) -> str:
    """How many customers are listed, and how many of them only documents name."""
    strange = rows.filter(~pl.col("known")).height
    note = f", {strange:,} of them not in the customer master" if strange else ""
    return f"{text.count(rows.height, 'customer')} listed{note}. Total AR is gross open less unapplied credits."


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
    shown = paying.joined(rows.head(_MOST), view)
    ours = {BEHAVIOUR} if paying.is_ours(rows) else set[str]()
    extra = {name: label for name, label in book.dimensions.items() if name in rows.columns and name not in ours}
    headings = {
        "label": "Customer",
        "customer_id": "Id",
        "gross": f"Gross open, {view.currency}",
        "overdue": "Overdue",
        "overdue_share": "Overdue share",
        "unapplied": "Unapplied",
        "total": "Total AR",
        "pays": "Pays",
        "oldest": f"{buckets[-2]} days",
        "limit": "Credit limit",
        "used": "Limit used",
        **extra,
        "why": "How it pays",
    }
    table = shown.select(pl.col(name).alias(label) for name, label in headings.items())
    config: dict[str, Any] = {
        name: st.column_config.NumberColumn(name, format="%,.0f")
        for name in (headings["gross"], "Overdue", "Unapplied", "Total AR", headings["oldest"], "Credit limit")
    }
    config["Overdue share"] = st.column_config.ProgressColumn(
        "Overdue share", format=cards.PERCENT, min_value=0, max_value=100, width=130, color="gray"
    )
    config["Pays"] = paying.column()
    config["Limit used"] = st.column_config.NumberColumn("Limit used", format=cards.PERCENT)

    def picked() -> None:
        cells = st.session_state["customers_list"]["selection"]["cells"]
        if cells and cells[0][0] < shown.height:
            drill.to(drill.CUSTOMER, drill.customer_key(shown["customer_id"][cells[0][0]]))

    st.dataframe(
        table.with_columns(
            pl.col(list(extra.values())).fill_null(UNASSIGNED), pl.col("Overdue share", "Limit used") * 100
        ),
        hide_index=True,
        placeholder="",
        column_config=config,
        key="customers_list",
        on_select=picked,
        selection_mode="single-cell",
        height=min(38 + 35 * max(shown.height, 1), 640),
        alt="Customers, the most overdue first",
    )
    every = paying.joined(rows, view).with_columns(pl.col("pays").list.first())
    cards.table(
        every.select(pl.col(name).alias(label) for name, label in headings.items()), "customers", view, key="customers"
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
            query_params=address.link({drill.CUSTOMER: id}),
        )


def message(view: View, key: str) -> str:
    """What the customer owes, how much of it is overdue, and for how long."""
    scope = view.scope.narrowed(CUSTOMER, drill.customer_id(key))
    rows = store.evaluate(("total_ar", "gross_open", "overdue"), (view.day,), view.window, scope)
    now = dict(rows.filter(pl.col("currency") == view.currency).select("metric", "value").iter_rows())
    total, gross, overdue = (now.get(id) or 0.0 for id in ("total_ar", "gross_open", "overdue"))
    name = text.name(store.customer(drill.customer_id(key))["label"], UNASSIGNED)
    if gross <= 0:
        return f"{name} owes nothing"
    held = text.money(gross - total, view.currency)
    owes = f"owes {text.money(gross, view.currency)}"
    if round(gross - total, 2) > 0:
        owes += f" before {held} of unapplied credits"
    if overdue <= 0:
        return f"{name} {owes}; none of it is overdue"
    late = f"{text.money(overdue, view.currency)} of it is overdue" if overdue < gross else "all of it is overdue"
    items, count = store.open_items(view.day, scope)
    if count > items.height:
        items, _ = store.open_items(view.day, scope, most=count)
    oldest = items.filter(pl.col("open") > 0)["days_past_due"].max()
    days = f", the oldest {text.count(oldest, 'day')}" if isinstance(oldest, int) and oldest > 0 else ""
    return f"{name} {owes}; {late}{days}"


class _Quiet(Tile):
    """A tile whose change is neither good nor bad news."""

    @property
    def definition(self) -> Metric:
        return replace(super().definition, better=Better.NEITHER)


def is_sliding(share: float | None, target: float | None, over_90: float | None, before: float | None) -> bool:
    """Whether the balance says the opposite of the paid invoices: too much of it late, or more of it over 90 days."""
    above = share is not None and target is not None and share > target
    return above or (over_90 or 0.0) > (before or 0.0)


def draw_tiles(book: Book, view: View, key: str, limit: Decimal | float | None) -> None:
    """Balance, lateness and payment behaviour, and how much of the credit limit is used."""
    scope = view.scope.narrowed(CUSTOMER, drill.customer_id(key))
    shown = periods.trend(view.day)
    year, before = periods.year_before(view.day), shown[-2]
    rows = store.evaluate((*_TILES, "overdue_share"), tuple(sorted({*shown, year})), view.window, scope)
    read = {
        (r["metric"], r["as_of"]): r for r in rows.filter(pl.col("currency") == view.currency).iter_rows(named=True)
    }

    def value(metric: str, day: Any) -> float | None:
        row = read.get((metric, day))
        reach = periods.is_known(book, day, view.window if CATALOG[metric].windowed else None)
        return row["value"] if row and reach else None

    goal = store.targets().of_metric("overdue_share", view.day, chosen(scope))
    sliding = is_sliding(
        value("overdue_share", view.day),
        goal.good if goal else None,
        value("over_90_share", view.day),
        value("over_90_share", year),
    )
    drawn = [
        (_Quiet if sliding and metric in _OF_PAID else Tile)(
            metric=metric,
            value=value(metric, view.day),
            year=value(metric, year),
            period=value(metric, before),
            trend=tuple(value(metric, day) for day in shown),
            currency=view.currency,
            period_name=text.month(before) + (" · paid invoices only" if metric in _OF_PAID else ""),
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
    over = balance - limit
    beyond = limit > 0 and over >= 0.005  # noqa: PLR2004  (half a cent)
    with st.container(border=True, height="stretch", gap=None, key="tile_limit"):
        with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall", wrap=False):
            st.markdown("Credit limit used", width="content")
            if beyond:
                st.badge("Act", color="orange")
        if not limit:
            st.metric("Credit limit used", text.MISSING, label_visibility="collapsed")
            st.caption("no limit set")
            return
        used = balance / limit
        st.metric("Credit limit used", text.share(used), label_visibility="collapsed")
        where = "above" if beyond else "below"
        words = f"{text.money(abs(over), currency)} {where} the limit of {text.money(limit, currency)}"
        if beyond:
            st.markdown(f":orange[**{prose(words)}**]")
            return
        st.progress(min(max(used, 0.0), 1.0))
        st.caption(prose(words))


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
