"""A breach in words: whom it is about, what happened, and the same in half a line.

Numbers are written by ``metrics.text`` and names by ``text.name``, so that no name can break a line or turn it round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.case import Breach, Where
from alerts.limits import Side
from config.alerts import Rule
from ledger.book import Book
from ledger.listing import customers
from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED
from metrics import text
from metrics.benchmarks import BENCHMARKS
from metrics.catalog import CATALOG
from metrics.reasons import group_name
from metrics.spec import Better, Metric, Unit

PLACES = ("who", "metric", "value", "limit", "change", "from", "since", "money", "day")
"""What a message may hold in braces."""

_NEVER_MOVED = 1e6
"""So many deviations stand for infinitely many: the number never moved before."""

_PACE = {
    "days_beyond_terms": "{value} beyond terms",
    "days_beyond_terms_clamped": "{value} beyond terms",
    "days_to_pay": "after {value}",
}
_HAS = {
    "overdue": "{value} overdue",
    "overdue_share": "{value} of its balance overdue",
    "over_90_share": "{value} of its balance more than 90\u00a0days late",
    "disputed": "{value} in dispute",
    "disputed_share": "{value} of its balance in dispute",
}
_IS = {"over_limit": "{value} over its credit limit"}
_TAKES = {"total_ar": "owes {value}", "gross_open": "owes {value} before credits"}


@dataclass(frozen=True)
class Names:
    """What groups are called: the company, dimensions by name, customers by id.

    ``window``: the company's default. ``apart``: whether there are several currencies that are never added.
    """

    company: str = "Company"
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    customers: Mapping[str | None, str] = field(default_factory=dict[str | None, str])
    window: str = "3mo"
    apart: bool = False

    @classmethod
    def of(cls, book: Book, window: str) -> Names:
        labelled = customers(book).select("customer_id", "label").iter_rows()
        return cls(book.rules.company, book.dimensions, dict(labelled), window, len(book.currencies) > 1)

    def who(self, part: Where) -> str:
        """``Construction in Continental Europe``, a customer's name; the company's where nothing is narrowed."""
        return group_name(part, self.labels, self.customers) if part else text.name(self.company)

    def about(self, breach: Breach) -> str:
        """Whom a breach is about, with its currency where there are several."""
        part = part_of(breach.rule, breach.group)
        apart = self.apart and CURRENCY not in dict(part)
        return f"{self.who(part)} in {breach.currency}" if apart else self.who(part)


def part_of(rule: Rule, group: Where) -> Where:
    """The part of the company that a breach is about, for its name: the rule's own part, then its group.

    Several values of a dimension become one text.
    """
    own = {name: values for name, values in rule.where if name not in dict(group)}
    told = [(name, _one(values)) for name, values in own.items()]
    return (*told, *group)


def words(breach: Breach, names: Names, money: float | None) -> str:
    """What happened, a sentence without a full stop: the rule's message filled, or the product's own."""
    part = part_of(breach.rule, breach.group)
    who = names.about(breach)
    if breach.rule.message:
        return _filled(breach, who, names, money)
    is_customer = CUSTOMER in dict(breach.group)
    said = _Said(breach, names.window)
    nameless = bool(part) and part[-1][1] is None and part[-1][0] != CUSTOMER
    opening = said.opening(who[0].upper() + who[1:] if nameless else who, is_customer=is_customer)
    return "; ".join([f"{opening}{said.moved}{said.running}", said.limit_clause])


def brief(breach: Breach, names: Names) -> str:
    """The same in half a line, without whom it is about."""
    said = _Said(breach, names.window)
    figure = said.figure[0].upper() + said.figure[1:]
    match breach.rule.when:
        case "change":
            return f"{figure}, {said.shift}"
        case "unusual":
            return f"{figure}{said.moved}"
        case _:
            return f"{figure} ({said.limit_clause})"


def quantified(breach: Breach, value: float, quantity: float, names: Names) -> str:
    """What the number would be: ``24.9 %``, of a change with how far it would have moved."""
    said = _Said(replace(breach, value=value, quantity=quantity), names.window)
    told = text.value(value, said.metric.unit, breach.currency)
    return f"{told}{said.moved}" if breach.rule.when == "change" else told


# --- the parts of a sentence --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    breach: Breach
    window: str

    @property
    def metric(self) -> Metric:
        return CATALOG[self.breach.rule.metric]

    @property
    def value(self) -> str:
        """With the window that money of a window was counted over."""
        told = text.value(self.breach.value, self.metric.unit, self.breach.currency)
        if self.metric.windowed and self.metric.additive:
            return f"{told} in {text.window(self.breach.rule.window or self.window)}"
        return told

    @property
    def figure(self) -> str:
        """The number with its name: ``overdue share 39.6 %``, ``25.4 days beyond terms``."""
        pace = _PACE.get(self.metric.id)
        if pace and self.breach.value > 0:
            return pace.format(value=self.value).removeprefix("after ")
        return f"{_small(self.metric.label)} {self.value}"

    def opening(self, who: str, *, is_customer: bool) -> str:
        """Who and the number; customers are told to have, to owe and to pay, other groups have a figure."""
        id = self.metric.id
        if id in _PACE and self.breach.value > 0:
            return f"{who} pays {_PACE[id].format(value=self.value)}"
        if is_customer and self.breach.value > 0:
            for verb, phrases in (("has ", _HAS), ("is ", _IS), ("", _TAKES)):
                if id in phrases:
                    return f"{who} {verb}{phrases[id].format(value=self.value)}"
        return f"{who}: {_small(self.metric.label)} {self.value}"

    @property
    def moved(self) -> str:
        """How far from what it was, or from what is usual."""
        breach = self.breach
        if breach.rule.when == "change":
            then = (
                "a year before"
                if breach.rule.against == "year"
                else f"as of {text.day(breach.compared)}"
                if breach.compared
                else "before"
            )
            return f", {self._change(breach.quantity)} than {then}"
        if breach.rule.when == "unusual":
            side = "above" if breach.quantity > 0 else "below"
            usual = text.value(breach.expected, self.metric.unit, breach.currency)
            if abs(breach.quantity) >= _NEVER_MOVED:
                return f", {side} {usual}, from which it had not moved before"
            return f", {text.number(abs(breach.quantity), 1)} robust deviations {side} the usual {usual}"
        return ""

    @property
    def shift(self) -> str:
        """A change in few words: ``+19.3 days in a year``."""
        breach = self.breach
        when = (
            "in a year"
            if breach.rule.against == "year" or not breach.compared
            else f"since {text.day(breach.compared)}"
        )
        if breach.rule.percent:
            sign = "+" if breach.quantity > 0 else text.MINUS
            return f"{sign}{abs(breach.quantity) * 100:,.1f}{text.NBSP}% {when}"
        return f"{text.change(breach.quantity, self.metric.unit, breach.currency)} {when}"

    @property
    def running(self) -> str:
        """For how long, where the rule asks for more than a month."""
        since, day = self.breach.since, self.breach.day
        months = (day.year - since.year) * 12 + day.month - since.month + 1
        periods = self.breach.rule.periods
        return f", {max(months, periods)} months running" if periods > 1 else ""

    @property
    def limit(self) -> str:
        """The limit in the unit of what was held against it."""
        rule, limit = self.breach.rule, self.breach.limit
        if rule.when == "change":
            return self._change(limit, exact=True)
        if rule.when == "unusual":
            return f"{abs(limit):g}"
        return text.goal(limit, self.metric.unit, self.breach.currency)

    @property
    def limit_clause(self) -> str:
        """What the number is beyond, and whether the limit itself counts."""
        rule, side = self.breach.rule, Side.of(self.breach.rule)
        beyond = "from" if side.included else "beyond" if side.way != "below" else "below"
        match rule.when, rule.of:
            case "target", "good":
                return f"the goal is {self.limit}"
            case "target", _:
                return f"attention begins {beyond} {self.limit}"
            case "benchmark", "line":
                label = BENCHMARKS[rule.metric].line_label if rule.metric in BENCHMARKS else ""
                return f"others report {self.limit}{f' ({label})' if label else ''}"
            case "benchmark", _:
                return f"the benchmark is {self.limit}"
            case _ if is_bad(self.breach) is False:
                return f"told {'from' if side.included else 'beyond'} {self.limit}"
            case _:
                just = "just beyond the limit of" if self._looks_equal else "the limit is"
                return f"the limit, itself included, is {self.limit}" if side.included else f"{just} {self.limit}"

    @property
    def _looks_equal(self) -> bool:
        """Whether the number and its limit are the same once they are rounded."""
        if self.breach.rule.when == "unusual":
            return False
        both = (self.breach.quantity, self.breach.limit)
        if self.breach.rule.when == "change":
            number, limit = (self._change(each) for each in both)
        else:
            number, limit = (text.value(each, self.metric.unit, self.breach.currency) for each in both)
        return number == limit

    def _change(self, amount: float, *, exact: bool = False) -> str:
        """``18.1 days more``, ``20 % less``; ``exact``: with the digits that somebody set."""
        more = "more" if amount > 0 else "less"
        unit = self.metric.unit
        if self.breach.rule.percent or unit is Unit.RATIO:
            of = "%" if self.breach.rule.percent else "pts"
            size = abs(amount) * 100
            return f"{f'{size:.6g}' if exact else f'{size:,.1f}'}{text.NBSP}{of} {more}"
        if exact:
            size = text.goal(abs(amount), unit, self.breach.currency)
            if size == f"1{text.NBSP}days":
                size = f"1{text.NBSP}day"
            return f"{size}{f'{text.NBSP}pts' if unit is Unit.PERCENT else ''} {more}"
        size = text.change(abs(amount), unit, self.breach.currency).removeprefix("+")
        return f"{size} {more}" if size != "no change" else f"hardly {more}"


def is_bad(breach: Breach) -> bool | None:
    """Whether the number lies on its worse side of what would be no news; ``None`` where neither side is worse."""
    better = CATALOG[breach.rule.metric].better
    if better is Better.NEITHER:
        return None
    if breach.expected is not None and breach.value != breach.expected:
        above = breach.value > breach.expected
    else:
        above = Side.of(breach.rule).way != "below"
    return above == (better is Better.LOWER)


def _filled(breach: Breach, who: str, names: Names, money: float | None) -> str:
    """The rule's message with its places filled. What stands in braces and is no place stays as it is."""
    said = _Said(breach, names.window)
    unit, currency = said.metric.unit, breach.currency
    apart = None if breach.expected is None else breach.value - breach.expected
    places = {
        "who": who,
        "metric": said.metric.label,
        "value": said.value,
        "limit": said.limit,
        "change": text.change(apart, unit, currency),
        "from": text.value(breach.expected, unit, currency),
        "since": text.day(breach.since),
        "money": text.money(money, currency),
        "day": text.day(breach.day),
    }
    filled = re.sub(r"\{(\w+)\}", lambda found: places.get(found[1], found[0]), breach.rule.message)
    whole = text.name(filled, breach.rule.title)
    return whole[:-1] if breach.rule.message.rstrip().endswith(".") else whole


def _small(label: str) -> str:
    """A label inside a sentence: ``overdue share``, but ``DSO``."""
    return label if label[1:2].isupper() else label[0].lower() + label[1:]


def _one(values: tuple[str, ...]) -> str | None:
    """One value, or several as one text; ``None`` for rows without a value."""
    if len(values) == 1:
        return None if values[0] == UNASSIGNED else values[0]
    return text.listed(values)
