"""How much of what is open will be lost: the matrix, what better collection would save, how the allowance moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

import metrics
from charts import Figure, Palette, provision
from ledger.scope import COMPANY, Scope
from metrics import CATALOG, Plan, text
from metrics.provision import INDIVIDUAL, unknown_items
from metrics.rolls import FOLLOWED
from ui import address, breadcrumb, cards, changes, controls, drill, periods, rolls, store
from ui.lead import Lead
from ui.markdown import prose
from ui.view import Against, View

FORWARD = "forward"
IMPROVE = "improve"
ESTIMATE = (
    "Lifetime expected credit loss, simplified approach (provision matrix) of IFRS 9 and the aging schedule of CECL. "
    "It is an estimate from the ledger's own history of payments and write-offs, not an amount booked in the accounts."
)

_STEPS = tuple(share / 100 for share in range(0, 51, 10))
"""Improvements that are drawn."""

_NOTES_OF_PLACE = ("falls with age", "nothing left", "none of what left")


@dataclass(frozen=True)
class Reading:
    """The provision of a view on one day: ``rows`` as ``metrics.provision`` has them, in one currency."""

    rows: pl.DataFrame

    @property
    def allowance(self) -> float:
        return float(self.rows["allowance"].sum() or 0.0)

    @property
    def open(self) -> float:
        """The debit items: gross open."""
        return float(self.rows["amount"].sum() or 0.0)

    @property
    def coverage(self) -> float | None:
        return self.allowance / self.open if self.open > 0 else None


def plan() -> Plan:
    """As ``provision.toml`` has it."""
    return Plan.of(store.settings().provision)


def reading(view: View, day: date, made: Plan, improvement: float = 0.0) -> Reading:
    """The provision as of ``day``."""
    rows = store.remembered(_provision, day, view.scope, made, improvement)
    return Reading(rows.filter(pl.col("currency") == view.currency))


def base(view: View, made: Plan) -> Reading | None:
    """The provision on the day compared with; ``None`` without one, or where the history does not reach it."""
    day = view.base
    return reading(view, day, made) if day and periods.is_known(store.book(), day, None) else None


def reaches(view: View) -> bool:
    """Whether the history reaches the window's opening."""
    return periods.is_known(store.book(), view.span.opening, None)


def movement(view: View, made: Plan) -> pl.DataFrame:
    """``line, amount`` of the window."""
    rows = store.remembered(_movement, view.day, view.window, view.scope, made)
    return rows.filter(pl.col("currency") == view.currency)


def _provision(day: date, scope: Scope, made: Plan, improvement: float) -> pl.DataFrame:
    return metrics.provision(store.book(), day, made, scope, improvement=improvement)


def _movement(day: date, window: str, scope: Scope, made: Plan) -> pl.DataFrame:
    return metrics.provision_movement(store.book(), day, window, made, scope)


def message(now: Reading, before: Reading | None, view: View) -> str:
    """The allowance, its share of what is open, and its change since the day compared with."""
    part, whole = (text.money(amount, view.currency, view.scale) for amount in (now.allowance, now.open))
    words = f"{part} of {whole} open is expected to be lost ({text.share(now.coverage)})"
    if before is None:
        return words
    apart = _apart(now.allowance, before.allowance, view)
    than = "a year ago" if view.against is Against.YEAR else f"on {text.day(view.base)}"
    if apart == "no change":
        return f"{words}, as much as {than}"
    return f"{words}, {apart[1:]} {'more' if apart[0] == '+' else 'less'} than {than}"


def _apart(now: float, before: float, view: View) -> str:
    """A difference in money as the reader wants it told."""
    if view.relative and before:
        return text.relative(now, before)
    return text.change(now - before, "money", view.currency, view.scale)


def warnings(now: Reading, made: Plan) -> list[str]:
    """What makes the rates doubtful, one sentence each."""
    book = store.book()
    told = [*made.warnings(book.rules.aging.labels), *unknown_items(book, made)]
    for row in now.rows.filter(pl.col("bucket") != INDIVIDUAL).iter_rows(named=True):
        note = row["note"] or ""
        if row["bucket"] not in made.rates and any(words in note for words in _NOTES_OF_PLACE):
            told.append(f"The loss rate of {row['bucket']} ({text.share(row['rate'])}): {note}.")
    return told


def draw_tiles(now: Reading, before: Reading | None, moved: pl.DataFrame, view: View) -> None:
    """Allowance, coverage, charge, written off."""
    amounts: dict[str, float] = dict(moved.select("line", "amount").iter_rows())
    window = text.window(view.window)
    apart = None if before is None else _apart(now.allowance, before.allowance, view)
    points = None
    if before is not None and now.coverage is not None and before.coverage is not None:
        told = text.relative(now.coverage, before.coverage) if view.relative else None
        points = told or text.change(now.coverage - before.coverage, "ratio")
    reason = f"the history does not reach {text.day(view.span.opening)}"
    ratio = store.evaluate(("write_off_ratio",), (view.day,), view.window, view.scope)
    share = ratio.filter(pl.col("currency") == view.currency)["value"]
    lost = f"{text.share(share[0])} of the average gross open" if len(share) and share[0] is not None else ""
    back = amounts.get("recoveries") or 0.0
    reached, versus = reaches(view), "" if before is None else f"vs {view.versus} · "
    written = [lost, f"{text.money(back, view.currency, view.scale)} recovered" if back else ""]
    _draw_tiles(
        _Number(
            "Allowance",
            text.money(now.allowance, view.currency, view.scale),
            f"{versus}of {text.money(now.open, view.currency, view.scale)} open",
            ESTIMATE,
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
    points = [(share, reading(view, view.day, tried, share).allowance) for share in shares]
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


def draw_matrix(view: View, made: Plan, now: Reading, then: Reading | None) -> None:
    """The matrix with its total; ``then`` is the what-if, where there is one. A click opens the items of a row."""
    wide = matrix(now, then)
    config = _columns(view.currency)
    st.markdown(f"**{prose(_matrix_finding(now, view.currency))}**")
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
    for line in notes(wide):
        st.caption(prose(line))
    cards.table(wide.select(pl.col(name).alias(headings[name]) for name in columns), "provision", view, key="provision")


def open_row(made: Plan, now: Reading, place: int) -> None:
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


def notes(wide: pl.DataFrame) -> list[str]:
    """What is noted of the matrix's rows, a sentence each."""
    if "note" not in wide.columns:
        return []
    noted = wide.filter(pl.col("note").is_not_null() & (pl.col("note") != ""))
    return [f"{row['bucket']}: {row['note']}" for row in noted.iter_rows(named=True)]


def _months(view: View) -> int:
    """How many rolls the loss rates are learnt from: those of the whole company, as many as the history has."""
    found = rolls.read(view.day, plan().months, COMPANY)
    return int(found["months"][0]) if found.height else 0


def matrix(now: Reading, then: Reading | None) -> pl.DataFrame:
    """``bucket, amount, loss_rate, adjustment, rate, allowance, note`` and the what-if's; rates in %, a total last.

    What is judged by itself stands under its name, between the buckets and the total.
    """
    single = pl.col("bucket") == INDIVIDUAL
    name, reason = (pl.col("note").str.splitn(": ", 2).struct.field(f"field_{place}") for place in (0, 1))
    percent = [(pl.col(rate) * 100).alias(rate) for rate in ("loss_rate", "rate")]
    percent.append(pl.when(pl.col("adjustment") != 0).then(pl.col("adjustment") * 100).alias("adjustment"))
    rows = now.rows.with_columns(
        bucket=pl.when(single).then(name).otherwise(_capital(pl.col("bucket"))),
        note=pl.when(single)
        .then(pl.concat_str(pl.lit("judged by itself: "), reason, ignore_nulls=True))
        .otherwise("note"),
    ).with_columns(percent)
    columns = ["bucket", "amount", "loss_rate", "adjustment", "rate", "allowance", "note"]
    if then is not None:
        rows = rows.with_columns(then_rate=then.rows["rate"] * 100, then_allowance=then.rows["allowance"])
        columns += ["then_rate", "then_allowance"]
    total: dict[str, Any] = {
        "bucket": "Total",
        "amount": now.open,
        "rate": None if now.coverage is None else now.coverage * 100,
        "allowance": now.allowance,
    }
    if then is not None:
        total |= {"then_rate": None if then.coverage is None else then.coverage * 100, "then_allowance": then.allowance}
    table = rows.select(columns)
    whole = pl.DataFrame([total], schema={name: table.schema[name] for name in total})
    table = pl.concat([table, whole], how="diagonal")
    # Beside the what-if there is no room for notes, which do not change with it.
    return table.drop("note") if then is not None or table["note"].null_count() == table.height else table


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


def _matrix_finding(now: Reading, currency: str) -> str:
    """The row that makes most of the allowance."""
    top = now.rows.sort("allowance", descending=True).row(0, named=True)
    if top["allowance"] <= 0:
        return "Nothing is expected to be lost"
    share = text.share(top["allowance"] / now.allowance)
    if top["bucket"] == INDIVIDUAL:
        who = text.name((top["note"] or "").split(": ")[0])
        return f"{who}, judged by itself, makes {share} of the allowance: {text.money(top['allowance'], currency)}"
    what = "What is not yet due" if top["bucket"] == now.rows["bucket"][0] else f"What is {top['bucket']} days late"
    return f"{what} makes {share} of the allowance: {text.money(top['allowance'], currency)}"


def movement_figure(view: View, moved: pl.DataFrame, palette: Palette) -> Figure:
    """The bridge of the window."""
    return provision.movement(moved, view.span.opening, view.span.end, view.over(palette), height=190)


def _capital(words: pl.Expr) -> pl.Expr:
    return words.str.slice(0, 1).str.to_uppercase() + words.str.slice(1)
