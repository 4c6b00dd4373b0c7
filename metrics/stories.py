"""What stands out in one currency's receivables, each finding as a headline: debtors, groups, exchange losses, DSO."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from ledger.book import DOCUMENT_CURRENCY, Book
from ledger.calendar import Window, months_before
from ledger.conversion import Conversion
from ledger.listing import customer
from ledger.money import digits
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text
from metrics.catalog import CATALOG
from metrics.evaluate import evaluate
from metrics.evidence import Horizon, evidence
from metrics.scan import RULES, Finding, Rules, Search, Where
from metrics.targets import Targets, chosen
from metrics.weighing import nothing, totals

CUSTOMERS_PAGE = "pages/receivables/customers.py"
SEGMENTS_PAGE = "pages/receivables/segments.py"
AGING_PAGE = "pages/receivables/aging.py"
OVERVIEW_PAGE = "pages/summary/overview.py"

BEHAVIOUR = "behaviour"
"""A class that is computed from how customers pay explains nothing about how they pay."""

_HALF, _YEAR = 6, 12

_COMPARED = 2
"""Losses are compared with at least one half-year before them: two windows."""

_SOME_DAYS = 0.5
"""Less is not worth a word."""


@dataclass(frozen=True)
class Headline:
    """One finding in plain words.

    Attributes:
        kind: ``debtor``, ``worse``, ``better``, ``currency``, ``dso`` or ``overall``.
        words: a sentence without a full stop, as it may become a title.
        money: what it is worth, in major units of ``currency``. Of ``debtor`` the growth of its late money; of a group
            the money that is late, or for good news is not, beyond the rest of the company's movement; of ``currency``
            the losses; of ``dso`` the cash tied up above the target; all of these above zero. Of ``overall`` the
            change, above zero where more is overdue.
        currency: of the money.
        metric: the number that tells it best, an id of the catalogue.
        where: the dimensions and values to narrow to, on top of the scope that was asked about.
        page: where more of it stands.
        day: the as-of day.
        who: whom it is about, as a heading.
        brief: what it is worth and why, in half a line.
        urgency: ``act`` where somebody must, ``watch``, or ``better``.
    """

    kind: str
    words: str
    money: float
    currency: str
    metric: str
    where: Where
    page: str
    day: date
    who: str = ""
    brief: str = ""
    urgency: str = ""


@dataclass(frozen=True)
class Thresholds:
    """When something is told, as shares of the scope's gross open unless said otherwise.

    Attributes:
        debtor_late: a debtor's late money grew by this much …
        debtor_old: … and its money more than 90 days late by this: being a month late happens to anybody. (In the
            demonstration company without its stories nobody comes near both, but where one invoice weighs so much.)
        loss: exchange losses of half a year come to this much …
        loss_grown: … and to this many times those of the half-year before, and of the same months a year earlier.
        worth: nothing is told that is worth less than this share of the company's gross open, however narrow the scope.
        explained: DSO's excess is explained when what is told makes this share of the cash that it ties up.
        groups: when a group stands out; see ``metrics.scan``.
    """

    debtor_late: float = 0.015
    debtor_old: float = 0.005
    loss: float = 0.0025
    loss_grown: float = 2.0
    worth: float = 0.0005
    explained: float = 0.5
    groups: Rules = RULES


THRESHOLDS = Thresholds()


class Company:
    """What every scope of a day is held against: the evidence of everybody, and that of whom nothing is told."""

    def __init__(self, book: Book, day: date, window: str, thresholds: Thresholds) -> None:
        self._asked = book, day, window, thresholds
        self._evidence: dict[Horizon, pl.DataFrame] = {}

    def evidence(self, horizon: Horizon) -> pl.DataFrame:
        """See ``metrics.evidence``."""
        if horizon not in self._evidence:
            self._evidence[horizon] = evidence(self._asked[0], horizon)
        return self._evidence[horizon]

    def untold(self, currency: str) -> pl.DataFrame:
        """See ``untold``."""
        return untold(*self._asked, currency, self)


@dataclass(frozen=True)
class Report:
    """The findings about ``scope`` as of ``day``, as far as they are in one currency.

    ``company``: from whoever keeps it for several scopes; else it is worked out.
    """

    book: Book
    day: date
    window: str
    scope: Scope
    targets: Targets
    currency: str
    thresholds: Thresholds = THRESHOLDS
    company: Company | None = None

    def headlines(self) -> list[Headline]:
        """Debtors, groups and currencies that stand out."""
        least = self.thresholds.worth * (self._value("gross_open", self.day, COMPANY) or 0.0)
        found = [*map(self._debtor, self._sliding), *map(self._group, self.groups), *self._exchange()]
        return [headline for headline in found if headline.money >= least]

    @cached_property
    def gross_open(self) -> float:
        """In major units."""
        return self._value("gross_open", self.day) or 0.0

    # --- what is compared -------------------------------------------------------------------------------------

    @cached_property
    def horizon(self) -> Horizon | None:
        """The days compared; ``None`` where the history is too short to compare any."""
        return Horizon.of(self.book, self.day, self.window)

    @cached_property
    def _rows(self) -> pl.DataFrame:
        """The evidence in scope, with the dimensions of its cells."""
        if self.horizon is None:
            return pl.DataFrame()
        cells = self.book.frames["cells"]
        if self.book.rules.conversion is Conversion.NONE:
            cells = cells.filter(pl.col(DOCUMENT_CURRENCY) == self.currency)
        return self.book.within(self._company.evidence(self.horizon), self.scope).join(cells, on="cell")

    @cached_property
    def _company(self) -> Company:
        return self.company or Company(self.book, self.day, self.window, self.thresholds)

    # --- debtors ----------------------------------------------------------------------------------------------

    @cached_property
    def _sliding(self) -> list[dict[str, Any]]:
        """Customers whose late money grew so much that each matters by itself, the largest growth first."""
        if self._rows.is_empty():
            return []
        owed = float(self._rows["_open_now"].sum())
        grown = pl.col("_late_now") - pl.col("_late_then")
        aged = pl.col("_old_now") - pl.col("_old_then")
        return (
            self._rows.group_by("customer")
            .agg(pl.col("_open_now", "_late_then", "_late_now", "_old_then", "_old_now").sum())
            .filter(grown > 0, grown >= self.thresholds.debtor_late * owed, aged >= self.thresholds.debtor_old * owed)
            .join(
                self.book.frames["customers"].select("customer", "customer_id", "label", "credit_limit"), on="customer"
            )
            .sort(grown, "customer", descending=[True, False])
            .to_dicts()
        )

    def _debtor(self, row: Mapping[str, Any]) -> Headline:
        owed, late, old, then = (self._money(row[name]) for name in ("_open_now", "_late_now", "_old_now", "_old_then"))
        before = f"up from {then}" if row["_old_then"] else "none of that"
        words = (
            f"{text.name(row['label'], UNASSIGNED)} owes {owed}, {late} of it overdue and {old} more than "
            f"90{text.NBSP}days late, {before} {self._ago}"
        )
        beyond = ""
        id, limit = row["customer_id"], row["credit_limit"]
        if limit is not None and self.book.rules.conversion is not Conversion.NONE:
            over = (self._value("total_ar", self.day, Scope.of(customer=id)) or 0.0) - float(limit)
            if over > 0:
                words += f"; it is {self._text(over)} over its credit limit of {self._text(float(limit))}"
                beyond = f"{self._text(over)} over its limit"
        money = self._major(row["_late_now"] - row["_late_then"])
        found = self._headline("debtor", words, money, "over_90_share", ((CUSTOMER, id),), CUSTOMERS_PAGE)
        brief = f"{late} overdue, {old} of it over 90{text.NBSP}days{f' · {beyond}' if beyond else ''}"
        return replace(found, who=text.name(row["label"], UNASSIGNED), brief=brief, urgency="act")

    # --- groups -----------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[Finding]:
        """Groups that moved away from the rest of the company, the clearest first."""
        return self._search.findings() if self._search else []

    @cached_property
    def _kept(self) -> pl.DataFrame:
        """The evidence in scope without the debtors that are told."""
        told = pl.Series([row["customer"] for row in self._sliding], dtype=pl.UInt32)
        return self._rows if self._rows.is_empty() else self._rows.filter(~pl.col("customer").is_in(told.implode()))

    @cached_property
    def _search(self) -> Search | None:
        kept = self._kept
        if kept.is_empty():
            return None
        whole = self.scope != COMPANY
        return Search(
            rows=kept,
            rest=totals(self._elsewhere()) if whole else nothing(),
            dimensions=[name for name in self.book.dimensions if name != BEHAVIOUR and kept[name].n_unique() > 1],
            whole=whole,
            rules=self.thresholds.groups,
            aside=[
                (((CUSTOMER, row["customer_id"]),), self._rows.filter(pl.col("customer") == row["customer"]))
                for row in self._sliding
            ],
        )

    @property
    def untold(self) -> pl.DataFrame:
        """The evidence of whom nothing is told, neither as a debtor nor in a group."""
        return self._search.untold() if self._search else self._kept

    def _elsewhere(self) -> pl.DataFrame:
        """The evidence outside the scope of whom nothing is told: what moved there is nothing to compare with."""
        return self._company.untold(self.currency).join(self._rows, on=["customer", "cell"], how="anti")

    def _group(self, found: Finding) -> Headline:
        worse = found.stake > 0
        then, now = found.share
        target = self.targets.of_metric("overdue_share", self.day, {**chosen(self.scope), **dict(found.where)})
        goal = f" (goal {text.goal(target.good, CATALOG['overdue_share'].unit)})" if target else ""
        aside = text.listed([self._named(where) for where in found.apart])
        money = self._major(abs(found.stake))
        later = self._later(found)
        words = (
            f"{text.capital(self._named(found.where))}{f', {aside} left aside' if aside else ''}: "
            f"{f'customers pay {later} than {self._ago}; ' if later else ''}{text.share(now)} "
            f"{'was overdue on average of three months' if found.by_quarter else 'is overdue'}{goal}, "
            f"{text.direction(now - then, 'up from', 'down from', 'as')} {text.share(then)}"
            f"{'' if later else f' {self._ago}'}: "
            f"{self._text(money)} {'more' if worse else 'less'} than if it had moved like the rest"
        )
        kind = "worse" if worse else "better"
        told = self._headline(kind, words, money, "overdue_share", found.where, SEGMENTS_PAGE)
        values = {**chosen(self.scope), **dict(found.where)}
        state = self.targets.state("overdue_share", now, self.day, values)
        cause = f"pays {later} than" if later else f"{text.share(now)} overdue, {text.share(then)}"
        brief = f"{self._text(money)} {'at stake' if worse else 'better than the rest'} · {cause} {self._ago}"
        return replace(
            told,
            who=text.capital(self._named(found.where)),
            brief=brief,
            urgency="better" if not worse else "act" if state == "act" else "watch",
        )

    def _later(self, found: Finding) -> str:
        """How much later they pay, where it goes the way that their balance went."""
        if found.days is None or found.days * found.stake <= 0 or abs(found.days) < _SOME_DAYS:
            return ""
        return f"{text.days(abs(found.days))} {'later' if found.days > 0 else 'earlier'}"

    # --- exchange losses --------------------------------------------------------------------------------------

    def _exchange(self) -> Iterator[Headline]:
        """Currencies whose losses of half a year stand out from the half-year before and from the year before."""
        first, ends = self.book.first_day, [self._back(months) for months in (_YEAR, _HALF, 0)]
        spans = [Window.ending(end, f"{_HALF}mo") for end in ends if end]
        known = [span for span in spans if first and span.opening >= first]
        if self.book.rules.conversion is Conversion.NONE or len(known) < _COMPARED:
            return
        lost = (
            self.book.flows(known, self.scope, [CURRENCY])
            .sort("as_of")
            .group_by(DOCUMENT_CURRENCY, maintain_order=True)
        )
        for (currency,), rows in sorted(lost, key=lambda group: str(group[0])):
            losses = {at: self._major(amount) for at, amount in rows.select("as_of", "fx").iter_rows()}
            *before, now = [losses.get(span.end, 0.0) for span in known]
            least = self.thresholds.loss_grown * max(0.0, *before)
            if now > 0 and now >= self.thresholds.loss * self.gross_open and now >= least:
                yield self._loss(str(currency), known[-1], now, before)

    def _loss(self, currency: str, span: Window, now: float, before: Sequence[float]) -> Headline:
        words = (
            f"Exchange losses on {currency} come to {self._text(now)} in six months, after {self._lost(before[-1])} "
            "in the six before"
        )
        if len(before) == _COMPARED:
            words += f" and {self._lost(before[0])} a year earlier"
        owed, fallen = self._fallen(currency, span)
        if fallen > 0:
            words += (
                f"; the {text.money(owed, currency)} still owed is booked {self._text(fallen)} lower than as of "
                f"{text.day(span.opening)}"
            )
        where = ((CURRENCY, currency),)
        found = self._headline("currency", words, now, "total_ar", where, AGING_PAGE)
        brief = f"{self._text(now)} in six months, after {self._lost(before[-1])} in the six before"
        return replace(found, who=f"Exchange losses on {currency}", brief=brief, urgency="watch")

    def _lost(self, amount: float) -> str:
        return "none" if amount == 0 else self._text(amount) if amount > 0 else f"a gain of {self._text(-amount)}"

    def _fallen(self, currency: str, span: Window) -> tuple[float, float]:
        """What is owed in ``currency``, and how much more it would be worth in the books at the opening's rate.

        The rate is the one that the balance of the day is booked at, all documents together.
        """
        days = [span.opening, span.end]
        scope = self.scope.narrowed(CURRENCY, currency)
        sums = self.book.open_slices(days, scope).group_by("as_of").agg(pl.col("amount_doc", "amount").sum()).collect()
        booked = {at: (doc, own) for at, doc, own in sums.iter_rows()}
        (before_doc, before), (doc, own) = (booked.get(day, (0, 0)) for day in days)
        if before_doc <= 0 or doc <= 0:
            return 0.0, 0.0
        return doc / 10 ** digits(currency), self._major(doc * before / before_doc - own)

    # --- DSO --------------------------------------------------------------------------------------------------

    def dso(self, explained: float) -> list[Headline]:
        """DSO beyond its target, unless ``explained`` makes enough of the cash that it ties up."""
        row = self._evaluated(["dso"], [self.day]).get(("dso", self.day))
        target = self.targets.of_metric("dso", self.day, chosen(self.scope))
        if not row or row["value"] is None or row["note"] or target is None:
            return []  # a note says that the window reaches before the history: its sales are not all there
        days = row["value"] - target.good
        money = days * row["denominator"] / Window.ending(self.day, self.window).days
        act = self.targets.state("dso", row["value"], self.day, chosen(self.scope)) == "act"
        if not act or explained >= self.thresholds.explained * money:
            return []
        words = (
            f"DSO is {text.days(row['value'])}, {text.days(days)} above the goal of {text.goal(target.good, 'days')}: "
            f"{self._text(money)} of cash is tied up in them"
        )
        found = self._headline("dso", words, money, "dso", (), OVERVIEW_PAGE)
        brief = f"{self._text(money)} tied up · {text.days(days)} above the goal of {text.goal(target.good, 'days')}"
        return [replace(found, who=f"DSO of {text.days(row['value'])}", brief=brief, urgency="act")]

    # --- words and numbers ------------------------------------------------------------------------------------

    def _headline(self, kind: str, words: str, money: float, metric: str, where: Where, page: str) -> Headline:
        return Headline(kind, words, round(money, digits(self.currency)), self.currency, metric, where, page, self.day)

    def _named(self, where: Where) -> str:
        return named(self.book, where or tuple(chosen(self.scope).items())) or "this selection"

    @cached_property
    def _ago(self) -> str:
        if self.horizon is None or self.horizon.start not in (self._back(_YEAR), self._back(_HALF)):
            return f"on {text.day(self.horizon.start if self.horizon else None)}"
        return "a year ago" if self.horizon.start == self._back(_YEAR) else "half a year ago"

    def _back(self, months: int) -> date | None:
        return months_before(self.day, months) if self.day.year > 1 + months // _YEAR else None

    def _evaluated(
        self, metrics: Sequence[str], days: Sequence[date], scope: Scope | None = None
    ) -> dict[tuple[str, date], dict[str, Any]]:
        rows = evaluate(self.book, metrics, days, self.window, self.scope if scope is None else scope)
        rows = rows.filter(pl.col(CURRENCY) == self.currency)
        return {(row["metric"], row["as_of"]): row for row in rows.iter_rows(named=True)}

    def _value(self, metric: str, day: date, scope: Scope | None = None) -> float | None:
        return self._evaluated([metric], [day], scope).get((metric, day), {}).get("value")

    def _major(self, minor: float) -> float:
        return minor / 10 ** digits(self.currency)

    def _text(self, money: float) -> str:
        return text.money(money, self.currency)

    def _money(self, minor: float) -> str:
        return self._text(self._major(minor))


def untold(book: Book, day: date, window: str, thresholds: Thresholds, currency: str, company: Company) -> pl.DataFrame:
    """The company's evidence in ``currency`` of whom nothing is told, with the dimensions of its cells."""
    return Report(book, day, window, COMPANY, Targets(), currency, thresholds, company).untold


def named(book: Book, where: Where) -> str:
    """``segment Retail in region Iberia``: the last dimension first; a customer by its name."""
    return " in ".join(_named(book, dimension, value) for dimension, value in reversed(where))


def _named(book: Book, dimension: str, value: str | None) -> str:
    if dimension == CUSTOMER:
        return text.name(customer(book, value)["label"], UNASSIGNED)
    return f"{book.dimensions.get(dimension, dimension).lower()} {text.name(value)}"
