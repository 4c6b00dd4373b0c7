"""How much hangs on few debtors, and who owes more than was granted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from briefing import exposures
from briefing.summary import Summary
from briefing.view import View
from charts import Figure, Palette, concentration
from charts.concentration import BANDS, FREE, HALF, NEAR, NONE, OVER
from ledger.families import families
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import text
from ui import address, cards, controls, customers, debtors, drill, store
from ui.lead import Lead
from ui.markdown import plain, prose
from ui.tiles import Leading

TILES = ("top_10_share", "hhi", "effective_debtors", "credit_utilisation", "over_limit")
_ALSO = {"hhi": "of 10,000"}
"""What a number is measured on."""

READ = (*TILES, "total_ar", "billed", "cash_collected")

PAGE = "pages/risk/concentration.py"
WHO, FAMILY, BAND = "debtors", "family", "limit_used"
GROUPS = "Groups"

LISTED_ANYWAY = (OVER, NONE)
"""Bands whose customers are on the page without a click."""

_SHARES = ("utilisation", "share")
_LISTED = 8
"""Rows of a list that are in sight; the others scroll."""

_NEARLY, _HALF = 0.9, 0.5
_BEYOND = 9e9
"""Above any share of a limit that is used."""


def ranked(view: View, *, groups: bool) -> pl.DataFrame:
    """``exposures.ranked`` from the app's caches."""
    return exposures.ranked(store.answers(), view, groups=groups)


def limits(view: View) -> pl.DataFrame:
    """``exposures.limits`` from the app's caches."""
    return exposures.limits(store.answers(), view)


def covered(owing: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """``owing`` (customers, as ``ranked``) with ``band``: by the limit over them that is used most, own or group's."""
    customers = store.book().frames["customers"].select("customer", customer_id="customer_id")
    over = pl.col("over_limit").fill_null(0.0) >= exposures.CENT
    # A limit of zero has no share that is used.
    used = held.select(
        customer_id="customer",
        _used=pl.when(over & pl.col("utilisation").is_null())
        .then(_BEYOND)
        .otherwise(pl.col("utilisation").fill_null(0)),
    )
    above = (
        families(store.book().frames["customers"])
        .join(customers.rename({"customer": "ancestor"}), on="ancestor")
        .join(used, on="customer_id", nulls_equal=True)
        .group_by("customer")
        .agg(pl.col("_used").max())
        .join(customers, on="customer")
        .select(pl.col("customer_id").alias("customer"), "_used")
    )
    share = pl.col("_used")
    band = (
        pl.when(share.is_null()).then(pl.lit(NONE))
        .when(share > 1).then(pl.lit(OVER))
        .when(share >= _NEARLY).then(pl.lit(NEAR))
        .when(share >= _HALF).then(pl.lit(HALF))
        .otherwise(pl.lit(FREE))
    )  # fmt: skip
    return owing.join(above, on="customer", how="left", nulls_equal=True, maintain_order="left").with_columns(band=band)


def tiles(summary: Summary) -> list[Leading]:
    """The tiles: all lead to the customers, what is over its limit to those who are."""
    found: list[Leading] = []
    for metric in TILES:
        changes = {customers.WITH: customers.OVER_LIMIT} if metric == "over_limit" else {}
        tile = replace(summary.tile(metric), aside=_ALSO.get(metric, ""))
        found.append((tile, Lead(drill.CUSTOMERS, changes)))
    return found


def lead(view: View, owing: pl.DataFrame) -> str:
    """How few owe half of everything."""
    half = owing.filter(pl.col("cumulative") < _HALF).height + 1
    return (
        f"{text.count(owing.height, 'customer owes', 'customers owe')} "
        f"{text.money(float(owing['balance'].sum()), view.currency)}; {half:,} of them owe half of it"
    )


def choose_who() -> bool:
    """Whether customers are rolled up to their ultimate parents. Draws the choice."""
    chosen = controls.segmented(
        "Whose balances",
        ["Customers", GROUPS],
        key=WHO,
        default="Customers",
        help="Groups: customers are rolled up to their ultimate parent; credits of one member count against the others",
    )
    return chosen == GROUPS


def draw_largest(view: View, palette: Palette, held: pl.DataFrame) -> None:
    """The card of the largest debtors: names that lead to the customer, beside their bars."""
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_largest"):
        place = st.container(gap="xxsmall")
        groups = choose_who()
        over = (
            held.select("customer", over="over_limit")
            if groups
            else (held.filter(pl.col("level") == "customer").select("customer", over="over_limit"))
        )
        top = ranked(view, groups=groups).head(exposures.MOST)
        rows = top.join(over, on="customer", how="left", nulls_equal=True, maintain_order="left")
        figure = concentration.debtors(
            rows.with_columns(
                pl.col("label").fill_null(UNASSIGNED), key=pl.col("customer").fill_null(drill.customer_key(None))
            ),
            view.as_of(palette),
            groups=groups,
        )
        with place:
            cards.title(figure, view, "largest")
            names, bars = st.columns([2, 3], gap="small")
            with names, st.container(gap="xsmall"):
                for row in rows.iter_rows(named=True):
                    key = drill.customer_key(row["customer"])
                    st.page_link(
                        PAGE if groups else drill.CUSTOMERS,
                        label=plain(debtors.shortened(text.name(row["label"]))),
                        icon="",
                        help=f"{'Members of' if groups else 'Open'} {plain(row['label'])}",
                        query_params=address.link({WHO: GROUPS, FAMILY: key} if groups else {drill.CUSTOMER: key}),
                    )
            with bars:
                cards.draw(figure, f"largest_{groups}_{address.value(FAMILY)}", _open_group if groups else _open)


def _open(key: str | None) -> None:
    if key:
        drill.open_customer(key)


def _open_group(key: str | None) -> None:
    if key:
        address.put({FAMILY: key})


def draw_family(view: View) -> None:
    """The members of the group that was clicked, the largest first; a click opens one."""
    key = address.value(FAMILY)
    found = members(view, drill.customer_id(key)) if key and address.value(WHO) == GROUPS else None
    if found is None or found.is_empty():
        return
    with st.container(border=True, gap="xsmall", key="card_family"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{prose(family_finding(found, key, view))}**", width="stretch")
            st.button("Close", on_click=drill.leave, args=(FAMILY,), key="family_close", type="tertiary",
                      icon=":material/close:")  # fmt: skip
        st.caption(
            prose(f"The parent and all below it, as of {text.day(view.day)}, {view.currency}: net of unapplied credits")
        )
        headings = {"label": "Member", "balance": "Owed", "share": "Share of the group", "overdue": "Overdue",
                    "limit": "Own limit"}  # fmt: skip
        _list(found, headings, f"members_{key}", view)


def members(view: View, parent: str | None) -> pl.DataFrame:
    """``customer, label, balance, share, overdue, limit`` of a customer and all below it that have anything open."""
    book = store.book()
    buckets = book.rules.aging.buckets
    ids = book.frames["customers"].select("customer", "customer_id")
    top = ids.filter(pl.col("customer_id").eq_missing(parent)).select(ancestor="customer")
    below = families(book.frames["customers"]).join(top, on="ancestor").join(ids, on="customer").select("customer_id")
    aged = store.aging((view.day,), view.scope, (CUSTOMER,)).filter(pl.col("currency") == view.currency)
    amount, late = pl.col("amount"), pl.col("bucket").is_in(buckets[1:-1])
    sums = (
        aged.join(below, left_on=CUSTOMER, right_on="customer_id", nulls_equal=True)
        .group_by(CUSTOMER)
        .agg(balance=amount.sum().round(2), overdue=amount.filter(late).sum().round(2))
    )
    held = limits(view).filter(pl.col("level") == "customer").select("customer", "limit")
    whole = float(sums["balance"].sum() or 0.0)
    share = pl.col("balance") / whole if whole > 0 else pl.lit(None, pl.Float64)
    return (
        exposures.named(store.answers(), sums)
        .join(held, on="customer", how="left", nulls_equal=True)
        .with_columns(pl.col("label").fill_null(UNASSIGNED), share=share)
        .sort("balance", "label", descending=[True, False])
    )


def family_finding(found: pl.DataFrame, key: str, view: View) -> str:
    """What the group owes, and who of it owes most: ``found`` as ``members``."""
    name = text.name(store.customer(drill.customer_id(key))["label"], UNASSIGNED)
    whole, top = text.money(float(found["balance"].sum()), view.currency, view.scale), found.row(0, named=True)
    words = f"{name}: {text.count(found.height, 'member owes', 'members owe')} {whole}"
    if found.height == 1 or top["share"] is None:
        return words
    return f"{words}, {text.name(top['label'])} {text.share(top['share'])} of it"


def chosen_band(banded: pl.DataFrame) -> str | None:
    """The band of limits that was clicked, where anybody is in it."""
    return drill.one_of(BAND, set(banded["band"]))


def pick_band(chosen: str | None) -> cards.Picked:
    """What a click on a band does: its customers are listed; one on the band that is chosen ends that."""

    def picked(band: str | None) -> None:
        if band:
            address.put({BAND: None if band == chosen else band})

    return picked


def draw_band(view: View, banded: pl.DataFrame, band: str) -> None:
    """The customers of a band of limits, the largest first; a click opens one."""
    rows = banded.filter(pl.col("band") == band)
    with st.container(border=True, height="stretch", gap="xsmall", key="card_band"):
        money = text.money(float(rows["balance"].sum()), view.currency, view.scale)
        who = text.count(rows.height, "customer owes", "customers owe")
        st.markdown(f"**{prose(f'{band}: {who} {money}')}**")
        st.caption(
            prose(
                f"As of {text.day(view.day)}, {view.currency}. Used: of the limit over the customer that is used most, "
                "its own or its group's. Click a row to open the customer."
            )
        )
        shown = rows.with_columns(
            pl.col("label").fill_null(UNASSIGNED), utilisation=pl.when(pl.col("_used") < _BEYOND).then("_used")
        )
        headings = {"label": "Customer", "balance": "Owed", "share": "Share of all", "utilisation": "Used"}
        _list(shown, headings, f"band_{BANDS.index(band)}", view)


def by_use(view: View, palette: Palette, banded: pl.DataFrame, chosen: str | None = None) -> Figure:
    """What is owed by how far limits are used."""
    sums = banded.group_by("band").agg(pl.col("balance").sum(), pl.len())
    found = {row["band"]: (float(row["balance"]), int(row["len"])) for row in sums.iter_rows(named=True)}
    bands = {band: found[band] for band in BANDS if band in found}
    figure = concentration.by_use(bands, view.as_of(palette), height=280, chosen=chosen)
    return (
        replace(figure, title=exposures.APART, alt=f"{exposures.APART}.")
        if exposures.apart(store.answers())
        else figure
    )


def draw_over(view: View, held: pl.DataFrame) -> None:
    """Those over a limit, unpaid and over first; a click opens the customer."""
    over = exposures.over(held)
    with st.container(border=True, height="stretch", gap="xsmall", key="card_over"):
        if over.is_empty():
            title = "Nobody is over a credit limit" if held.height else "No credit limit is in use"
            st.markdown(f"**{exposures.APART if exposures.apart(store.answers()) else title}**")
            st.caption(prose(exposures.why_none(store.answers(), view, held)))
            return
        st.markdown(f"**{prose(exposures.over_finding(over))}**")
        st.caption(
            prose(
                f"As of {text.day(view.day)}, {view.currency}: overdue and over the limit first. A group's exposure is "
                "what it and all below it owe, net of unapplied credits. Click a row to open the customer."
            )
        )
        whole = pl.concat_str(pl.lit("group of "), pl.col("members"))
        shown = over.with_columns(
            level=pl.when(pl.col("level") == "group").then(whole).otherwise(pl.lit("own")),
            label=pl.col("label").fill_null(UNASSIGNED),
        )
        _list(
            shown,
            {
                "label": "Customer",
                "level": "Limit",
                "limit": "Granted",
                "exposure": "Owed",
                "over_limit": "Over by",
                "utilisation": "Used",
                "overdue": "Overdue",
            },
            "over_limit",
            view,
        )


def draw_without(view: View, banded: pl.DataFrame) -> None:
    """Those who owe without any limit over them: listed apart, as none is not zero."""
    rows = banded.filter(pl.col("band") == NONE)
    with st.container(border=True, height="stretch", gap="xsmall", key="card_without"):
        if rows.is_empty():
            calm = "Everything owed is covered by a credit limit"
            st.markdown(f"**{exposures.APART if exposures.apart(store.answers()) else calm}**")
            return
        money = text.money(float(rows["balance"].sum()), view.currency)
        who = text.count(rows.height, "customer has", "customers have")
        st.markdown(f"**{prose(f'{money} is owed without any limit: {who} none, and no parent with one')}**")
        st.caption(prose(f"As of {text.day(view.day)}, {view.currency}. No limit is not a limit of zero."))
        shown = rows.with_columns(pl.col("label").fill_null(UNASSIGNED))
        _list(shown, {"label": "Customer", "balance": "Owed", "share": "Share of all"}, "no_limit", view)


def _list(rows: pl.DataFrame, headings: dict[str, str], key: str, view: View) -> None:
    config: dict[str, Any] = {
        label: st.column_config.NumberColumn(label, format=cards.PERCENT if name in _SHARES else "%,.0f")
        for name, label in headings.items()
        if rows.schema[name].is_numeric()
    }
    table = rows.select(pl.col(name).alias(label) for name, label in headings.items())

    def picked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and cells[0][0] < rows.height:
            drill.open_customer(drill.customer_key(rows["customer"][cells[0][0]]))

    st.dataframe(
        table.head(1_000).with_columns(pl.col([headings[name] for name in _SHARES if name in headings]) * 100),
        hide_index=True,
        placeholder="",
        column_config=config,
        key=key,
        on_select=picked,
        selection_mode="single-cell",
        height=cards.table_height(rows.height, _LISTED),
        alt="Customers, one row each",
    )
    cards.table(table, key, view, key=f"{key}_download")


def beyond(summary: Summary) -> float | None:
    """What is owed beyond limits, each family's money once."""
    return summary.value("over_limit", summary.view.day)
