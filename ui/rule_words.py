"""A rule's fields in the words of a reader: what each says, and what a change made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.scope import CURRENCY, CUSTOMER
from metrics import CATALOG, Better, Metric, Unit, text
from state.alert_records import RuleChange
from ui.alerts import SEVERITIES, called_owner, person
from ui.rule_draft import Body, in_percent, normal, side_of

KINDS: Mapping[str, str] = {
    "level": "Level",
    "target": "Target",
    "benchmark": "Benchmark",
    "change": "Change",
    "unusual": "Unusual",
}
"""What is held against what, in the order of the choice."""

FIGURES: Mapping[str, str] = {"attention": "Attention", "good": "Good", "line": "What others report"}

AGAINST: Mapping[str, str] = {"year": "A year before", "period": "The day the window opens"}

_NAMES: Mapping[str, str] = {
    "title": "Title",
    "metric": "Number",
    "by": "Asked of each",
    "where": "Only where",
    "window": "Window",
    "when": "Kind",
    "edge": "Side of the limit",
    "value": "Limit",
    "of": "Which figure",
    "against": "Changed since",
    "percent": "Change told",
    "periods": "Months running",
    "least": "Least money",
    "margin": "Margin",
    "severity": "Severity",
    "owner": "Owner",
    "owner_by": "Owner by",
    "message": "Message",
    "note": "Note",
    "enabled": "Switched",
}

_BETTER = {Better.LOWER: "lower is better", Better.HIGHER: "higher is better", Better.NEITHER: "neither is better"}
_UNITS = {Unit.RATIO: "%", Unit.PERCENT: "of 100", Unit.DAYS: "days", Unit.TIMES: "times", Unit.NUMBER: "number"}

_CHOICES: Mapping[str, tuple[Mapping[Any, str], Any]] = {
    "when": ({kind: words.lower() for kind, words in KINDS.items()}, "level"),
    "of": ({figure: words.lower() for figure, words in FIGURES.items()}, "attention"),
    "against": ({base: words.lower() for base, words in AGAINST.items()}, "year"),
    "percent": ({True: "in percent of what it was", False: "as a difference"}, False),
    "severity": ({severity: words for severity, (words, _) in SEVERITIES.items()}, "watch"),
    "enabled": ({True: "on", False: "off"}, True),
}
"""Fields that are one of a few words, and the usual one."""

_USUAL: Mapping[str, str] = {
    "by": "the whole company",
    "where": "the whole company",
    "window": "the company's own",
    "periods": "1",
    "margin": f"2{text.NBSP}% of the limit",
    "owner": "whoever takes what is nobody's",
    "owner_by": "nobody",
    "message": "the product's own",
    **dict.fromkeys(("title", "value", "least", "note"), "none"),
}
"""What a field says that is left out."""

_LONGEST = 90


@dataclass(frozen=True)
class Words:
    """What fields are told with: labels of dimensions, names of customers, the currency of limits in money."""

    labels: Mapping[str, str]
    currency: str
    called: Callable[[str | None], str] = text.name

    def label(self, name: str) -> str:
        """What a dimension is called inside a sentence."""
        if name in (CUSTOMER, CURRENCY):
            return name
        own = self.labels.get(name, name)
        # A company may give two dimensions one label.
        is_one = list(self.labels.values()).count(own) <= 1 and own.lower() not in (CUSTOMER, CURRENCY)
        return text.name(own).lower() if is_one else f"{text.name(own).lower()} ({name})"

    def metric(self, id: str) -> str:
        """A metric with its unit, and which way is better."""
        metric = CATALOG.get(id)
        if metric is None:
            return text.name(id)
        return f"{metric.label} ({self.unit(metric)}, {_BETTER[metric.better]})"

    def unit(self, metric: Metric) -> str:
        return self.currency if metric.unit is Unit.MONEY else _UNITS[metric.unit]

    def typed_in(self, body: Body) -> str:
        """The unit that a limit is typed in: ``%``, ``pts``, ``days``, the currency, ``deviations``."""
        metric = CATALOG[body["metric"]]
        if body["when"] == "unusual":
            return "deviations"
        if body.get("percent"):
            return "%"
        if body["when"] == "change" and metric.unit in (Unit.RATIO, Unit.PERCENT):
            return "pts"
        return "points of 100" if metric.unit is Unit.PERCENT else self.unit(metric)

    def figure(self, body: Body, amount: float) -> str:
        """A limit or a margin of a rule, with all the digits that somebody set."""
        if body.get("metric") not in CATALOG:
            return f"{amount:g}"
        size = amount * 100 if in_percent(body) else amount
        unit = self.typed_in(body)
        if unit == self.currency:
            return text.exact(amount, self.currency).removesuffix(".00")
        return f"{size:.10g}{text.NBSP}{unit}".replace("-", text.MINUS)

    # --- fields -------------------------------------------------------------------------------------------------

    def field(self, name: str, body: Body) -> str:
        """What a field of a body says, the usual where it says nothing."""
        value: Any = body.get(name)
        if name == "edge":
            return _side(body)
        if name in _CHOICES:
            words, usual = _CHOICES[name]
            return words.get(usual if value is None else value, str(value))
        if value in (None, "", [], {}) or (name == "least" and not value):
            return _USUAL[name]
        return self._said(name, body, value)

    def _said(self, name: str, body: Body, value: Any) -> str:
        match name:
            case "metric":
                return CATALOG[value].label if value in CATALOG else text.name(str(value))
            case "by" | "owner_by":
                names = [value] if isinstance(value, str) else value
                return text.listed([self.label(each) for each in names], 9)
            case "where":
                told = [f"{self.label(key)} {text.listed(self._values(key, words), 5)}" for key, words in value.items()]
                return text.listed(told, 5)
            case "window":
                return text.window(value)
            case "value" | "margin":
                return self.figure(body, value)
            case "least":
                return text.exact(value, self.currency).removesuffix(".00")
            case "owner":
                return called_owner(value)
            case _:
                return _cut(str(value))

    def _values(self, dimension: str, values: Sequence[str]) -> list[str]:
        return [self.called(value) if dimension == CUSTOMER else text.name(value) for value in values]

    # --- changes ------------------------------------------------------------------------------------------------

    def differences(self, before: Body, after: Body) -> list[str]:
        """What of a rule became what: ``Limit: 30 % → 35 %``."""
        old, new = normal(before), normal(after)
        return [
            f"{_NAMES[name]}: {self.field(name, old)} → {self.field(name, new)}"
            for name in _NAMES
            if old.get(name) != new.get(name)
        ]

    def change(self, told: RuleChange, of_file: Body | None) -> str:
        """What somebody did to a rule. ``of_file``: the file's own version of it, if any."""
        who = person(told.who)
        before = told.before if told.before is not None else of_file
        if told.change == "removed":
            return f"{who} removed it"
        if told.change == "restored":
            return f"{who} went back to the file's version"
        if told.after is None or before is None:
            return f"{who} added it"
        said = "; ".join(self.differences(before, told.after))
        return f"{who} changed {said}" if said else f"{who} kept it as it was"


def _side(body: Body) -> str:
    if body.get("metric") not in CATALOG:
        return str(body.get("edge") or "the worse one")
    side = side_of(body)
    words = {"above": "above", "below": "below", "either": "either way"}[side.way]
    return f"at or {words}" if side.included else words


def _cut(words: str | None) -> str:
    said = text.name(words, "")
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
