"""The rules in force: those of the file, overlaid by what people changed on the page, checked, and told in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from alerts import limits
from alerts.checking import Checker
from alerts.limits import Side
from config.alerts import AlertSettings, BrokenRule, Rule, read_rule
from ledger.book import Book
from ledger.errors import ConfigError
from ledger.scope import CURRENCY, CUSTOMER
from metrics import BENCHMARKS, CATALOG, Targets, Unit, text
from state.alert_records import KeptRule

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

_NOUNS = {
    "overdue": "overdue amount",
    "over_90_share": "share more than 90 days late",
    "unapplied_credits": "amount of unapplied credits",
    "unapplied_cash_share": "share of unapplied cash",
    "disputed": "disputed amount",
    "billed": "amount billed",
    "credit_sales": "amount of credit sales",
    "cash_collected": "amount of cash collected",
    "days_delinquent": "average of days delinquent",
    "days_to_pay": "average of days to pay",
    "days_beyond_terms": "average of days beyond terms",
    "days_beyond_terms_clamped": "average of days late",
    "on_time_share": "share paid on time",
    "on_time_count_share": "share of invoices paid on time",
    "write_offs": "amount written off",
    "write_off_ratio": "ratio of write-offs to receivables",
    "bad_debt_ratio": "ratio of bad debt to sales",
    "fx_losses": "amount of exchange losses",
    "top_10_share": "share of the ten largest debtors",
    "effective_debtors": "number of effective debtors",
    "over_limit": "amount over credit limits",
}
"""Metrics whose label does not read as one thing in a sentence."""


@dataclass(frozen=True)
class RuleSet:
    """Rules that can be asked, in the order of the file, those of the page last; and those that cannot, and why.

    Rules that are switched off are among ``rules``. ``notes`` are sentences about likely slips that stop nothing.
    """

    rules: tuple[Rule, ...] = ()
    broken: tuple[BrokenRule, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[Rule, ...]:
        """Those that are switched on."""
        return tuple(rule for rule in self.rules if rule.enabled)


def collected(settings: AlertSettings, kept: Sequence[KeptRule], book: Book, targets: Targets) -> RuleSet:
    """The rules of the file with what was kept of the page's changes in their place; each checked by itself.

    A rule that was changed on the page and cannot be is broken: the file's is not asked instead.
    """
    checker = Checker(settings, book, targets)
    on_page = {each.id: each for each in kept}
    found: dict[str, Rule | BrokenRule | None] = {rule.id: rule for rule in settings.rules}
    found |= {each.id: each for each in settings.broken}
    found |= {each.id: _of_page(each) for each in sorted(kept, key=lambda each: (each.changed_at, each.id))}
    told = {id: _checked(each, checker, _where(settings, on_page.get(id))) for id, each in found.items() if each}
    rules = tuple(each for each in told.values() if isinstance(each, Rule))
    return RuleSet(
        rules=rules,
        broken=tuple(each for each in told.values() if isinstance(each, BrokenRule)),
        notes=tuple(
            f"{_where(settings, on_page.get(rule.id))}: rules.{rule.id}.{note}"
            for rule in rules
            for note in checker.notes(rule)
        ),
    )


def _where(settings: AlertSettings, kept: KeptRule | None) -> str:
    """What holds a rule, for messages."""
    return str(settings.file) if kept is None else _page(kept)


def _page(kept: KeptRule) -> str:
    return f"Changed on the page by {text.name(kept.changed_by, 'somebody')}"


def _of_page(kept: KeptRule) -> Rule | BrokenRule | None:
    if kept.body is None:
        return None
    try:
        return read_rule(kept.id, kept.body, _page(kept))
    except ConfigError as error:
        return BrokenRule(kept.id, str(error))


def _checked(rule: Rule | BrokenRule, checker: Checker, where: str) -> Rule | BrokenRule:
    if isinstance(rule, BrokenRule):
        return rule
    problem = checker.problem(rule)
    return BrokenRule(rule.id, f"{where}: rules.{rule.id}.{problem}") if problem else rule


# --- in words -----------------------------------------------------------------------------------------------------


def told(rule: Rule, labels: Mapping[str, str], currency: str = "") -> str:
    """The rule in one sentence, exact about its limit, and about what ends an alert.

    ``labels``: a dimension's label, as in ``book.dimensions``. ``currency``: of the limits in money; the one that the
    rule is narrowed to goes before it.
    """
    return f"{_Sentence(rule, labels, _only(rule) or currency)}"


def _only(rule: Rule) -> str:
    values = dict(rule.where).get(CURRENCY, ())
    return values[0] if len(values) == 1 else ""


@dataclass(frozen=True)
class _Sentence:
    rule: Rule
    labels: Mapping[str, str]
    currency: str

    def __str__(self) -> str:
        rule = self.rule
        periods = f", {_spelt(rule.periods)} months running" if rule.periods > 1 else ""
        off = " It is switched off." if not rule.enabled else ""
        return f"Fires when {self._number} {self._condition}{periods}{self._base}; ends when {self._end}.{off}"

    @property
    def _number(self) -> str:
        """Which number of whom: ``the overdue share of any region in segment Retail``."""
        metric = CATALOG[self.rule.metric]
        label = metric.label if metric.label[1:2].isupper() else metric.label[0].lower() + metric.label[1:]
        label = _NOUNS.get(metric.id, label)
        window = f" over {text.window(self.rule.window)}" if self.rule.window and metric.windowed else ""
        by = text.listed([self._label(name) for name in self.rule.by], 9)
        own = [
            f"{self._label(name)} {text.listed([text.name(v) for v in values], 9)}" for name, values in self.rule.where
        ]
        who = f"any {by}{' in ' if own else ''}" if by else "" if own else "the company"
        return f"the {label}{window} of {who}{text.listed(own, 9)}"

    def _label(self, name: str) -> str:
        return name if name in (CUSTOMER, CURRENCY) else text.name(self.labels.get(name, name)).lower()

    @property
    def _condition(self) -> str:
        rule, side = self.rule, Side.of(self.rule)
        match rule.when:
            case "change":
                return self._change(side)
            case "unusual":
                figure = f"{limits.DEVIATIONS if rule.value is None else rule.value:g}"
                limit = f"{figure} robust deviations"
                way = {"above": "above", "below": "below", "either": "away from"}[side.way]
                more = f"{limit} or more" if side.included else f"more than {limit}"
                return f"is {more} {way} what is usual for it ({self._itself(f'{figure} itself', side)})"
            case "target":
                edge = "the good figure" if rule.of == "good" else "the attention figure"
                return f"is {_beyond(side)} {edge} of its target ({self._itself('the figure itself', side)})"
            case "benchmark":
                figure = self._figure(limits.constant(rule))
                return f"is {_beyond(side)} {figure}, {self._published} ({self._itself(f'{figure} itself', side)})"
            case _:
                figure = self._figure(rule.value)
                return f"is {_beyond(side)} {figure} ({self._itself(f'{figure} itself', side)})"

    @property
    def _published(self) -> str:
        benchmark = BENCHMARKS[self.rule.metric]
        if self.rule.of == "line":
            return f"the {benchmark.line_label}"
        return f"{'good' if self.rule.of == 'good' else 'attention'} by the benchmark"

    def _change(self, side: Side) -> str:
        """``has risen by more than 8 days in a year``; a limit on the other side of zero is told with its sign."""
        value = self.rule.value or 0.0
        since = "within a year" if self.rule.against == "year" else "since the day its window opens"
        up = side.way == "above"
        if value == 0 and not side.included:
            return f"has {'risen' if up else 'fallen'} {since}, however little"
        figure = self._step(abs(value))
        itself = self._itself(f"{figure} itself", side)
        if value and (value > 0) == up:
            more = f"{figure} or more" if side.included else f"more than {figure}"
            return f"has {'risen' if up else 'fallen'} by {more} {since} ({itself})"
        signed = f"{'+' if value > 0 else text.MINUS if value < 0 else ''}{figure}"
        return f"has changed {since} by a figure {_beyond(side)} {signed} ({self._itself(f'{signed} itself', side)})"

    def _itself(self, what: str, side: Side) -> str:
        return f"{what} {'counts' if side.included else 'does not count'}"

    @property
    def _base(self) -> str:
        """The least money that must stand behind a number."""
        rule = self.rule
        if not rule.least:
            return ""
        base = f", where at least {self._money(rule.least)} is open"
        if rule.when == "change":
            base += " on both days"
        if limits.told_in_percent(rule) and CATALOG[rule.metric].unit is Unit.MONEY:
            base += " and the change is from as much"
        return base

    @property
    def _end(self) -> str:
        least = Decimal(repr(self.rule.least)) * Decimal(repr(limits.STAYS))
        return f"{self._within}{f', or less than {self._money(float(least))} is open' if least else ''}"

    @property
    def _within(self) -> str:
        rule, side = self.rule, Side.of(self.rule)
        or_better = "or more" if side.way == "below" else "or less"
        if rule.when == "target":
            margin = f"{limits.MARGIN * 100:g}{text.NBSP}% of it" if rule.margin is None else self._step(rule.margin)
            return f"it is back within the target by {margin}"
        limit = limits.constant(rule)
        end = limits.ends_at(rule, 0.0 if limit is None else limit)
        if rule.when == "change":
            sign = "+" if end > 0 else text.MINUS if end < 0 else ""
            return f"the change is back at {sign}{self._step(abs(end))} {or_better}"
        if rule.when == "unusual":
            return f"it is back at {abs(end):g} deviations or less"
        return f"it is back at {self._figure(end)} {or_better}"

    # Figures with all the digits that somebody set.

    def _figure(self, figure: float | None) -> str:
        unit = CATALOG[self.rule.metric].unit
        if figure is None:
            return text.MISSING
        return self._money(figure) if unit is Unit.MONEY else text.goal(figure, unit)

    def _step(self, size: float) -> str:
        """A difference, which is zero or more."""
        unit = CATALOG[self.rule.metric].unit
        if limits.told_in_percent(self.rule):
            return text.goal(size, Unit.RATIO)
        if unit in (Unit.RATIO, Unit.PERCENT):
            points = f"{size * (100 if unit is Unit.RATIO else 1):g}"
            return f"{points}{text.NBSP}{'pt' if points == '1' else 'pts'}"
        return self._figure(size)

    def _money(self, amount: float) -> str:
        return text.exact(amount, self.currency).removesuffix(".00")


def _beyond(side: Side) -> str:
    return f"at or {side.way}" if side.included else side.way


def _spelt(count: int) -> str:
    return _NUMBERS[count - 1] if count <= len(_NUMBERS) else str(count)
