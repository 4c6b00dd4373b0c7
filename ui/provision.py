"""How much of what is open will be lost: the matrix, what better collection would save, how the allowance moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import streamlit as st

from briefing import losses
from briefing.view import View
from charts import Figure, Palette, provision
from ledger.scope import COMPANY
from metrics import CATALOG, Plan, text
from metrics.provision import INDIVIDUAL
from metrics.rolls import FOLLOWED
from ui import address, breadcrumb, cards, changes, controls, drill, rolls, store
from ui.lead import Lead
from ui.markdown import prose

FORWARD = "forward"
IMPROVE = "improve"
_STEPS = tuple(share / 100 for share in range(0, 51, 10))
"""Improvements that are drawn."""


def plan() -> Plan:
    """As ``provision.toml`` has it."""
    return Plan.of(store.settings().provision)


def draw_tiles(now: losses.Reading, before: losses.Reading | None, moved: pl.DataFrame, view: View) -> None:
    """Allowance, coverage, charge, written off."""
    amounts: dict[str, float] = dict(moved.select("line", "amount").iter_rows())
    window = text.window(view.window)
    apart = None if before is None else losses.apart(now.allowance, before.allowance, view)
    points = None
    if before is not None and now.coverage is not None and before.coverage is not None:
        told = text.relative(now.coverage, before.coverage) if view.relative else None
        points = told or text.change(now.coverage - before.coverage, "ratio")
    reason = f"the history does not reach {text.day(view.span.opening)}"
    ratio = store.evaluate(("write_off_ratio",), (view.day,), view.window, view.scope)
    share = ratio.filter(pl.col("currency") == view.currency)["value"]
    lost = f"{text.share(share[0])} of the average gross open" if len(share) and share[0] is not None else ""
    back = amounts.get("recoveries") or 0.0
    reached, versus = losses.reaches(store.answers(), view), "" if before is None else f"vs {view.versus} · "
    written = [lost, f"{text.money(back, view.currency, view.scale)} recovered" if back else ""]
    _draw_tiles(
        _Number(
            "Allowance",
            text.money(now.allowance, view.currency, view.scale),
            f"{versus}of {text.money(now.open, view.currency, view.scale)} open",
            losses.ESTIMATE,
            Lead(breadcrumb.ITEMS),
            apart,
        ),
        _Number(
            "Coverage",
            text.share(now.coverage),
            f"{versus}allowance ÷ gross open",
            "Allowance ÷ gross open: open invoices and debit memos. Unapplied credits take nothing off.",
            Lead("pages/receivables/segments.py"),
            points,
        ),
        _Number(
            f"Charge, {window}",
            text.money(amounts.get("charge"), view.currency, view.scale) if reached else text.MISSING,
            "what the result has to bear" if reached else reason,
            "Closing − opening + written off − recovered: the balancing figure, not read from any account.",
            Lead(changes.PAGE, changes.leading("overdue")),
        ),
        _Number(
            f"Written off, {window}",
            text.money(-(amounts.get("write_offs") or 0.0), view.currency, view.scale),
            " · ".join(part for part in written if part),
            prose(f"{CATALOG['write_offs'].formula}; invoices and debit memos"),
            Lead(changes.PAGE, changes.leading("write_offs")),
        ),
    )


@dataclass(frozen=True)
class _Number:
    """A tile: its change, where it has one, stands before the line below; more of it is worse."""

    label: str
    value: str
    line: str
    help: str
    leads: Lead
    change: str | None = None


def _draw_tiles(*drawn: _Number) -> None:
    with st.container(key="tiles"):
        for place, tile in zip(st.columns(len(drawn), gap="small"), drawn, strict=True):
            moves, worse = tile.change not in (None, "no change"), (tile.change or "").startswith("+")
            name = tile.label.partition(",")[0].lower().replace(" ", "_")
            with place, st.container(border=True, height="stretch", gap=None, key=f"tile_{name}"):
                with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
                    st.page_link(tile.leads.page, label=prose(tile.label), icon="", query_params=tile.leads.parameters)
                    st.markdown("\u2060", width="content", help=tile.help)
                st.metric(
                    tile.label,
                    prose(tile.value),
                    delta=prose(tile.change) if tile.change else None,
                    delta_color=("orange" if worse else "blue") if moves else "gray",
                    delta_arrow=("up" if worse else "down") if moves else "off",
                    delta_description=prose(tile.line) if tile.change else None,
                    label_visibility="collapsed",
                )
                if not tile.change:
                    st.caption(prose(tile.line))


def choose_adjustments(made: Plan) -> Plan:
    """The forward-looking adjustments that the reader tries, by bucket; as the settings have them to begin with."""
    labels = store.book().rules.aging.labels
    tried = dict(made.adjustments)
    for first in range(0, len(labels), 3):
        for place, label in zip(st.columns(3, gap="small"), labels[first : first + 3], strict=False):
            with place:
                value = controls.part(
                    label.capitalize(),
                    key=FORWARD,
                    part=label,
                    default=made.adjustments.get(label, 0.0) * 100,
                    least=-100.0,
                    most=900.0,
                    step=5.0,
                )
            tried[label] = value / 100
    kept = {label: change for label, change in tried.items() if change or label in made.adjustments}
    return made if kept == made.adjustments else replace(made, adjustments=kept)


def choose_improvement() -> float:
    """By how much collections improve in the what-if, as a share. Draws the choice."""
    percent = controls.slider(
        "Collections improve by",
        key=IMPROVE,
        default=0,
        least=0,
        most=50,
        step=5,
        format="%d %%",
        help="This share of what used to roll on into an older bucket, or was written off, is collected instead. "
        "Rates set by hand fall by that share; items judged one by one stay.",
    )
    return percent / 100


def what_if(view: View, palette: Palette, tried: Plan, improvement: float, height: int) -> Figure:
    """The allowance by improvement, with the adjustments that are tried."""
    shares = sorted({*_STEPS, improvement})
    points = [(share, losses.reading(store.answers(), view, view.day, tried, share).allowance) for share in shares]
    return provision.what_if(points, improvement, view.as_of(palette), height=height)


def cash_effect(view: View, improvement: float) -> str | None:
    """What comes in sooner when that share of what rolls on in an average month is collected instead."""
    rows = rolls.read(view.day, plan().months, view.scope).filter(
        (pl.col("currency") == view.currency) & (pl.col("method") == FOLLOWED)
    )
    if rows.is_empty() or not improvement:
        return None
    labels = list(store.book().rules.aging.labels)
    order = {label: place for place, label in enumerate(labels)}
    older = sum(row["amount"] for row in rows.iter_rows(named=True) if order.get(row["to"], -1) > order[row["bucket"]])
    sooner = improvement * older / rows["months"][0]
    day_value = store.evaluate(("dso_day_value",), (view.day,), view.window, view.scope)
    worth = day_value.filter(pl.col("currency") == view.currency)["value"]
    words = f"In the first month about {text.money(sooner, view.currency)} would come in instead of growing older"
    if len(worth) and worth[0] and worth[0] > 0:
        words += f", {text.days(sooner / worth[0])} of DSO"
    return words


def draw_matrix(view: View, made: Plan, now: losses.Reading, then: losses.Reading | None) -> None:
    """The matrix with its total; ``then`` is the what-if, where there is one. A click opens the items of a row."""
    wide = losses.matrix(now, then)
    config = _columns(view.currency)
    st.markdown(f"**{prose(losses.matrix_finding(now, view.currency))}**")
    st.caption(
        prose(
            f"Expected credit loss, {view.currency}, as of {text.day(view.day)}; loss rates from "
            f"{text.count(_months(view), 'month')} of own history unless noted; a click opens the items"
        )
    )
    columns = [name for name in config if name in wide.columns]
    shown = [name for name in columns if name != "note"]

    def picked() -> None:
        cells = st.session_state["provision_matrix"]["selection"]["cells"]
        if cells and cells[0][0] < wide.height:
            open_row(made, now, cells[0][0])

    st.dataframe(
        wide,
        hide_index=True,
        placeholder="",
        column_config={name: config[name] for name in shown},
        column_order=shown,
        height="content",
        key="provision_matrix",
        on_select=picked,
        selection_mode="single-cell",
        alt="The provision matrix: balance, loss rate, adjustment, final rate and allowance by aging bucket",
    )
    headings = {name: str(config[name]["label"]) for name in columns}
    # A note is a sentence: it reads below the table, where a column would cut it off.
    for line in losses.notes(wide):
        st.caption(prose(line))
    cards.table(wide.select(pl.col(name).alias(headings[name]) for name in columns), "provision", view, key="provision")


def open_row(made: Plan, now: losses.Reading, place: int) -> None:
    """Open what a row of the matrix is about, from a callback: a bucket's items, a customer, all items at the total."""
    row = now.rows.row(place, named=True) if place < now.rows.height else None
    if row is None or row["bucket"] != INDIVIDUAL:
        address.go(breadcrumb.ITEMS, {drill.BUCKET: row["bucket"] if row else None})
        return
    name = (row["note"] or "").partition(": ")[0]
    for item in made.individual:
        if item.customer is not None and store.customer(item.customer)["label"] == name:
            drill.open_customer(item.customer)
        elif item.document is not None and item.name == name:
            address.go(breadcrumb.ITEMS, _at_document(item.document))


def _at_document(document: str) -> dict[str, address.Change]:
    frames = store.book().frames
    found = frames["documents"].filter(pl.col("document_id") == document)
    owner = found.join(frames["customers"], on="customer")["customer_id"]
    return {drill.CUSTOMER: drill.customer_key(owner[0]), drill.DOCUMENT: document} if len(owner) else {}


def pick_improvement(improvement: float) -> cards.Picked:
    """What a click on a column of the what-if does: that improvement; on the one that is tried, none."""

    def picked(percent: str | None) -> None:
        if percent:
            is_same = percent == f"{improvement * 100:.0f}"
            address.put({IMPROVE: None if is_same or percent == "0" else percent})

    return picked


def pick_line(view: View) -> cards.Picked:
    """What a click on the bridge does: the page as of its opening, or why it moved."""
    leads = {"charge": "overdue", "write_offs": "write_offs", "recoveries": "write_offs"}

    def picked(line: str | None) -> None:
        if line == "opening":
            address.put({address.AS_OF: view.span.opening.isoformat()})
        elif line in leads:
            address.go(changes.PAGE, changes.leading(leads[line]))

    return picked


def _months(view: View) -> int:
    """How many rolls the loss rates are learnt from: those of the whole company, as many as the history has."""
    found = rolls.read(view.day, plan().months, COMPANY)
    return int(found["months"][0]) if found.height else 0


def _columns(currency: str) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "bucket": st.column_config.TextColumn("Days past due", width=150),
        "amount": number(f"Open, {currency}", format="%,.0f"),
        "loss_rate": number(
            "Loss rate, %", format="%.2f", help="Of what stands here, the share written off in the end"
        ),
        "adjustment": number(
            "Forward, %", format="%+.0f", help="Forward-looking adjustment: by how much the rate is raised or lowered"
        ),
        "rate": number("Final, %", format="%.2f", help="Loss rate × (1 + adjustment), at most 100 %"),
        "allowance": number("Allowance", format="%,.0f"),
        "then_rate": number("What-if rate, %", format="%.2f"),
        "then_allowance": number("What-if allowance", format="%,.0f"),
        "note": st.column_config.TextColumn("Note", width="medium"),
    }


def movement_figure(view: View, moved: pl.DataFrame, palette: Palette) -> Figure:
    """The bridge of the window."""
    return provision.movement(moved, view.span.opening, view.span.end, view.over(palette), height=190)
