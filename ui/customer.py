"""One customer: the message, what it means, the numbers and the charts of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl
import streamlit as st

from briefing import periods
from briefing.tile import Tile
from briefing.told import worse
from briefing.view import View
from charts import Figure, Palette, aging, customers
from charts import marks as marking
from charts.customers import Month, pace_finding
from charts.exposure import Held
from ledger.book import Book
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import CATALOG, Better, Metric, chosen, text
from ui import address, alerts, breadcrumb, drill, exposure, paying, store, tiles
from ui.breadcrumb import Step
from ui.lead import Lead
from ui.markdown import prose

TILES = ("total_ar", "overdue", "over_90_share", "days_to_pay", "days_beyond_terms", "on_time_share")
PART = "account_shows"
"""The parameter of which part of the account is listed."""

_OF_PAID = ("days_to_pay", "days_beyond_terms", "on_time_share")
"""What only settled invoices tell: it looks well when a customer has stopped paying."""

_OF_BALANCE = tuple(metric.id for metric in CATALOG.values() if not metric.windowed)
"""What is read off the balance of a day."""

_HABIT = "12mo"
"""How far back a paying habit is read: a single month of one customer says little."""

_FACTS = {
    "segment": "",
    "region": "",
    "country": "",
    "industry": "",
    "risk_class": "risk class ",
    "collector": "collector ",
    "sales_rep": "sales rep ",
}

Measured = Mapping[tuple[str, date], Mapping[str, Any]]


@dataclass(frozen=True)
class Account:
    """A customer as the view sees it; ``key`` is how the address writes its id."""

    book: Book
    view: View
    key: str

    @property
    def id(self) -> str | None:
        return drill.customer_id(self.key)

    @cached_property
    def master(self) -> Mapping[str, Any]:
        return store.customer(self.id)

    @property
    def name(self) -> str:
        return text.name(self.master["label"], UNASSIGNED)

    @property
    def scope(self) -> Scope:
        return self.view.scope.narrowed(CUSTOMER, self.id)

    @cached_property
    def documents(self) -> pl.DataFrame:
        """Its documents within the filters, of every currency."""
        found = store.documents(self.view.day, self.id)
        for name, values in self.view.scope.where:
            if name not in (CUSTOMER, CURRENCY) and name in found.columns:
                wanted = pl.Series(list(values - {None}), dtype=pl.String).implode()
                hit = pl.col(name).is_in(wanted).fill_null(value=False)
                found = found.filter(hit | pl.col(name).is_null() if None in values else hit)
        return found

    @cached_property
    def open(self) -> pl.DataFrame:
        """Its open documents, the most overdue first."""
        return store.most_overdue_first(self.documents.filter(pl.col("status") == "open"))

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days its numbers are read on: thirteen month-ends and the one compared with."""
        shown = periods.trend(self.view.day)
        return tuple(
            sorted({*shown, *([self.view.base] if self.view.base else []), periods.year_before(self.view.day)})
        )

    @cached_property
    def measured(self) -> Measured:
        rows = store.evaluate((*TILES, "overdue_share", "gross_open"), self.days, self.view.window, self.scope)
        return _by_day(rows, self.view.currency)

    @cached_property
    def monthly(self) -> Measured:
        """What was paid in each of the thirteen months."""
        rows = store.evaluate(_OF_PAID, periods.trend(self.view.day), "1mo", self.scope)
        return _by_day(rows, self.view.currency)

    @cached_property
    def habit(self) -> tuple[float | None, float | None]:
        """Days after due on average over twelve months, and over the twelve before."""
        now, before = self.view.day, periods.year_before(self.view.day)
        rows = store.evaluate(("days_beyond_terms",), (before, now), _HABIT, self.scope)
        found = _by_day(rows, self.view.currency)
        return tuple(
            found.get(("days_beyond_terms", day), {}).get("value") if periods.is_known(self.book, day, _HABIT) else None
            for day in (now, before)
        )  # type: ignore[return-value]

    @cached_property
    def held(self) -> list[Held]:
        return exposure.held(self.id, self.view)

    def value(self, metric: str, day: date | None = None) -> float | None:
        """A metric on a day, the view's own if left out; ``None`` where the history does not reach."""
        on = day or self.view.day
        window = self.view.window if CATALOG[metric].windowed else None
        return self.measured.get((metric, on), {}).get("value") if periods.is_known(self.book, on, window) else None


def _by_day(rows: pl.DataFrame, currency: str) -> Measured:
    mine = rows.filter(pl.col("currency") == currency)
    return {(row["metric"], row["as_of"]): row for row in mine.iter_rows(named=True)}


def steps(account: Account) -> list[Step]:
    """From the list to the customer, and to a document."""
    found = [
        Step("All customers", _leave),
        Step(account.name, lambda: drill.leave(drill.DOCUMENT)),
    ]
    return [*found, *breadcrumb.document_step(account.key, account.view)]


def _leave() -> None:
    address.put(dict.fromkeys((drill.DOCUMENT, drill.BUCKET, drill.CUSTOMER, PART)))


def message(account: Account) -> str:
    """What the customer owes, how much of it is overdue, and for how long."""
    view, name = account.view, account.name
    total, gross, overdue = (account.value(id) or 0.0 for id in ("total_ar", "gross_open", "overdue"))
    credit = round(gross - total, 2)
    if gross <= 0:
        if credit > 0:
            return (
                f"{name} owes nothing, and holds {text.money(credit, view.currency, view.scale)} of unapplied credits"
            )
        return f"{name} owes nothing"
    owes = f"owes {text.money(gross, view.currency, view.scale)}"
    if credit > 0:
        owes += f" before {text.money(credit, view.currency, view.scale)} of unapplied credits"
    if overdue <= 0:
        return f"{name} {owes}; none of it is overdue"
    late = "all of it is overdue"
    if overdue < gross:
        late = f"{text.money(overdue, view.currency, view.scale)} of it is overdue"
    owed = account.open.filter((pl.col("open") > 0) & (pl.col("reporting_currency") == view.currency))
    oldest = owed["days_past_due"].max()
    days = f", the oldest {text.count(oldest, 'day')}" if isinstance(oldest, int) and oldest > 0 else ""
    return f"{name} {owes}; {late}{days}"


def meaning(account: Account) -> str:
    """What the number means: how it pays and why we think so, and where it stands against its limit. As Markdown."""
    judged = paying.judged(account.id, account.view)
    told = [f"{paying.badge(judged[0])} {prose(judged[1])}."] if judged else []
    told += [prose(f"{sentence}.") for sentence in (_against_limit(account), _habit(account)) if sentence]
    return " ".join(told)


def draw_meaning(account: Account) -> None:
    """What the number means, and below it what the customer master says."""
    words = meaning(account)
    if words:
        st.markdown(words, help=paying.HELP)
    st.caption(facts(account.master))


def _against_limit(account: Account) -> str:
    """Where the tightest limit stands; nothing where limits cannot be compared."""
    limited = [row for row in account.held if row.limit is not None]
    if not limited:
        return "No credit limit is set" if account.held else ""
    worst = max(limited, key=lambda row: (row.over, row.used or 0.0))
    own, view = worst is account.held[0], account.view
    limit = f"{'its' if own else 'the'} credit limit{'' if own else ' of its group'}"
    limit += f" of {text.money(worst.limit, view.currency, view.scale)}"
    who = "It and the companies below it are" if own and worst.is_group else "It is" if own else "Its group is"
    if worst.is_over:
        return f"{who} {text.money(worst.over, view.currency, view.scale)} over {limit}"
    if not worst.exposure:
        return f"Nothing of {limit} is used"
    by = " by it and the companies below it" if own and worst.is_group else ""
    return f"{text.share(worst.used)} of {limit} is used{by}"


def _habit(account: Account) -> str:
    now, before = account.habit
    return "" if now is None else pace_finding(now, before)


def elsewhere(account: Account) -> list[tuple[str, str]]:
    """What is open in other currencies, where they are never added: currency and words, the largest number first."""
    if len(account.book.currencies) <= 1:
        return []
    view = account.view
    rows = store.evaluate(
        ("gross_open", "overdue", "total_ar"), (view.day,), view.window, account.scope.without(CURRENCY)
    ).filter((pl.col("currency") != view.currency) & (pl.col("value") != 0))
    found: dict[str, dict[str, float]] = {}
    for currency, metric, value in rows.select("currency", "metric", "value").iter_rows():
        found.setdefault(currency, {})[metric] = value
    return [(currency, _owed(sums, currency)) for currency, sums in sorted(found.items())]


def _owed(sums: Mapping[str, float], currency: str) -> str:
    gross, overdue = sums.get("gross_open", 0.0), sums.get("overdue", 0.0)
    if gross <= 0:
        return f"{text.money(sums.get('total_ar', 0.0), currency)} of credits"
    return f"{text.money(gross, currency)}, {text.money(overdue, currency)} of it overdue"


def draw_elsewhere(account: Account) -> None:
    """The other currencies, each a button that shows it."""
    others = elsewhere(account)
    if not others:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="other_currencies"):
        st.caption("Also open, in currencies that are never added:", width="content")
        for currency, words in others:
            st.button(
                prose(words),
                key=f"other_{currency}",
                on_click=address.put,
                args=({address.CURRENCY: currency},),
                type="tertiary",
            )


def facts(master: Mapping[str, Any]) -> str:
    """What the master says of a customer, as Markdown; what is not known is left out."""
    told = [f"id {text.name(master['customer_id'], UNASSIGNED)}"]
    told += [f"{label}{text.name(master[name])}" for name, label in _FACTS.items() if master.get(name)]
    if master.get("terms_days") is not None:
        told.append(f"terms {text.count(master['terms_days'], 'day')}")
    if master.get("email"):
        told.append(text.name(master["email"]))
    if not master["known"]:
        told.append("not in the customer table")
    return " · ".join(prose(part) for part in told)


class _Quiet(Tile):
    """A tile whose change is neither good nor bad news."""

    @property
    def definition(self) -> Metric:
        return replace(super().definition, better=Better.NEITHER)


def is_sliding(share: float | None, target: float | None, over_90: float | None, before: float | None) -> bool:
    """Whether the balance says the opposite of the paid invoices: too much of it late, or more of it over 90 days."""
    above = share is not None and target is not None and share > target
    return above or (over_90 or 0.0) > (before or 0.0)


def draw_tiles(account: Account) -> None:
    """Balance, lateness and payment behaviour."""
    view = account.view
    goal = store.targets().of_metric("overdue_share", view.day, chosen(account.scope))
    sliding = is_sliding(
        account.value("overdue_share"),
        goal.good if goal else None,
        account.value("over_90_share"),
        account.value("over_90_share", periods.year_before(view.day)),
    )
    aging_page = Lead("pages/receivables/aging.py", {drill.CUSTOMER: account.key})
    tiles.row(
        [
            (_tile(account, metric, quiet=sliding and metric in _OF_PAID), None if metric in _OF_PAID else aging_page)
            for metric in TILES
        ]
    )


def _tile(account: Account, metric: str, *, quiet: bool) -> Tile:
    view = account.view
    row = account.measured.get((metric, view.day), {})
    raised = alerts.raised().standing_at(metric, view, account.scope)
    return (_Quiet if quiet else Tile)(
        metric=metric,
        value=account.value(metric),
        base=account.value(metric, view.base) if view.base else None,
        versus=view.versus,
        state=worse(None, raised),
        alert=raised.said if raised else "",
        trend=tuple(account.value(metric, day) for day in periods.trend(view.day)),
        currency=view.currency,
        note=row.get("note"),
        numerator=row.get("numerator"),
        denominator=row.get("denominator"),
        window=view.window,
        relative=view.relative,
        scale=view.scale,
    )


def aged(account: Account, palette: Palette) -> Figure:
    """The customer's open money by bucket."""
    buckets = account.book.rules.aging.buckets
    rows = store.aging((account.view.day,), account.scope).filter(pl.col("currency") == account.view.currency)
    setting = account.view.as_of(palette, buckets)
    return aging.on_day(rows, setting, chosen=drill.one_of(drill.BUCKET, buckets), height=200)


def aged_over_time(account: Account, palette: Palette) -> Figure:
    """The same at thirteen month-ends, current and unapplied included."""
    view, book = account.view, account.book
    days = tuple(day for day in periods.trend(view.day) if periods.is_known(book, day, None))
    rows = store.aging(days, account.scope).filter(pl.col("currency") == view.currency)
    if not rows["amount"].abs().sum():
        rows = rows.clear()
    setting = view.as_of(palette, book.rules.aging.buckets)
    chosen = drill.one_of(drill.BUCKET, setting.buckets)
    figure = aging.over_time(rows, setting, whole=True, picked=True, chosen=chosen, height=200)
    drawn = rows["as_of"].unique().sort().to_list()
    return marking.on(figure, alerts.raised().marks(_OF_BALANCE, view, account.scope), drawn, at_foot=True)


def to_bucket(bucket: str | None) -> None:
    """List only the open items of a bucket, from a callback; the same one again, or none, lists all."""
    address.put({drill.BUCKET: None if bucket == drill.at(drill.BUCKET) else bucket, PART: None})


def to_part(key: str | None) -> None:
    """Go to a day and a bucket of it, from a callback: ``2026-08-31/31–60``."""
    day, _, bucket = (key or "").partition("/")
    if bucket:
        address.put({address.AS_OF: day, drill.BUCKET: bucket, PART: None})


def pace(account: Account, palette: Palette) -> Figure:
    """Days to pay month by month against terms."""
    months = []
    for end in periods.trend(account.view.day):
        read = {metric: account.monthly.get((metric, end), {}) for metric in _OF_PAID}
        known = periods.is_known(account.book, end, "1mo")
        taken, beyond, on_time = (read[metric].get("value") if known else None for metric in _OF_PAID)
        months.append(Month(end, taken, beyond, on_time, read["on_time_share"].get("denominator")))
    figure = customers.pace(months, *account.habit, account.view.as_of(palette), height=200)
    marks = alerts.raised().marks(_OF_PAID, account.view, account.scope)
    return marking.on(figure, marks, [month.end for month in months], at_foot=True)


def paid(account: Account, palette: Palette) -> Figure:
    """When the customer's invoices were settled, against their due dates."""
    settled = account.documents.filter(
        (pl.col("status") == "settled") & pl.col("kind").is_in(["invoice", "debit_memo"])
    )
    late = (pl.col("settled_on") - pl.col("due_date")).dt.total_days().alias("days_late")
    rows = settled.select("settled_on", late, "amount", "currency", "number")
    return customers.payments(rows, account.view.as_of(palette), height=200)
