"""A rule as somebody is writing it: what differs from the rule as it is kept, small enough to stand in the address.

Whatever an address says is read with care: what cannot be is left out, and said.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from alerts.limits import Side
from config.alerts import LONGEST_ID, Rule, read_rule
from ledger.errors import ConfigError, OutstandingError, did_you_mean
from metrics import BENCHMARKS, CATALOG, Better, Targets, Unit, text

NEW = "+"
"""Stands for the id of a rule that does not exist yet: no rule can be called so."""

LONGEST = 6_000
"""Letters of a draft in an address."""

NO_TITLE = "The rule has no title: say what a person should read when it fires."

Body = Mapping[str, Any]
Usual = Callable[[str], float | None]
"""What a metric of the whole company is now: where a limit begins."""

_FIELDS = tuple(name for name in Rule.model_fields if name != "id")
_ANYTHING = "a-rule"
_BEGUN = "Draft"


@dataclass(frozen=True)
class Draft:
    """A rule under change.

    Attributes:
        id: of the rule, or ``NEW``.
        base: the rule as it is kept, as ``Rule.body``; of a new one, where it begins.
        body: the same with what was changed.
        problems: what the address says and cannot be, a sentence each; it is left out of ``body``.
    """

    id: str
    base: Body
    body: Body
    problems: tuple[str, ...] = ()

    @property
    def is_new(self) -> bool:
        return self.id == NEW

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return self.is_new or normal(self.base) != normal(self.body)

    @property
    def written(self) -> str:
        """What differs from the rule as it is kept, as the address holds it; nothing where nothing does."""
        return written(self.base, self.body)

    @property
    def rule(self) -> Rule | str:
        """The rule, or the sentence that says why it cannot be one."""
        return read(self.body, _ANYTHING if self.is_new else self.id)

    @property
    def asked(self) -> Rule | str:
        """The rule that a backtest is made of, as ``rule``: whatever it is called, and also while it is off."""
        words = {"title": _BEGUN, "message": "", "note": "", "enabled": True, "owner": "", "owner_by": ""}
        return read({**self.body, **words}, _ANYTHING)


def read(body: Body, id: str) -> Rule | str:
    """A body as a rule, or the sentence that says why it cannot be one."""
    if not str(body.get("title") or "").strip():
        return NO_TITLE
    try:
        return read_rule(id, dict(body), _BEGUN)
    except ConfigError as error:
        return _plainly(str(error), id)


def _plainly(words: str, id: str) -> str:
    """A sentence about a file as one about what is on the screen."""
    said = words.removeprefix(f"{_BEGUN}: ").replace(f"rules.{id}.", "its ").replace(f"rules.{id}", "the rule")
    return f"{said[:1].upper()}{said[1:]}"


# --- the address --------------------------------------------------------------------------------------------------


def written(base: Body, body: Body) -> str:
    """What ``body`` says otherwise than ``base``, as compact JSON; ``null`` for what it leaves out."""
    before, after = normal(base), normal(body)
    apart = {name: after.get(name) for name in _FIELDS if before.get(name) != after.get(name)}
    return json.dumps(apart, ensure_ascii=False, separators=(",", ":")) if apart else ""


def opened(id: str, base: Body, asked: str) -> Draft:
    """The draft that an address asks for. ``asked`` may be anything."""
    if not asked:
        return Draft(id, base, base)
    told = _object(asked)
    if told is None:
        return Draft(id, base, base, ("The draft in this address cannot be read: shown is the rule as it is kept.",))
    body, problems = dict(base), list[str]()
    for name, value in told.items():
        problem = _problem(name, value)
        if problem:
            problems.append(f"{problem} It is left out.")
        elif value is None:
            body.pop(name, None)
        else:
            body[name] = value
    return Draft(id, base, normal(body), tuple(problems))


def _object(asked: str) -> dict[str, Any] | None:
    if len(asked) > LONGEST:
        return None
    try:
        told = json.loads(asked)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", told) if isinstance(told, dict) else None


def _problem(name: str, value: Any) -> str:
    """What is wrong with one field by itself."""
    if name not in _FIELDS:
        return _strange(f"The draft in this address has '{_short(name)}', which no rule has", name, _FIELDS)
    if value is None:
        return ""
    if name == "metric" and (not isinstance(value, str) or value not in CATALOG):
        return _strange(f"There is no metric '{_short(str(value))}'", str(value), CATALOG)
    # A change has a value and no deviations; with a target it is the kind that is tried, and nothing else.
    usual: dict[str, Any] = {"title": _BEGUN, "metric": "dso", "when": "change", "value": 1.0}
    if name == "when" and value in ("target", "benchmark"):
        del usual["value"]
    try:
        read_rule(_ANYTHING, {**usual, name: value}, _BEGUN)
    except ConfigError as error:
        return _plainly(str(error), _ANYTHING)
    return ""


def _strange(words: str, name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name[:_SHORT], known)
    return f"{words}; {hint}" if hint else f"{words}."


def _short(name: str) -> str:
    return text.name(name[:_SHORT], "")


_SHORT = 60


def mended(body: Body, id: str) -> dict[str, Any]:
    """As much of a rule that cannot be as can be shown in fields."""
    kept = {name: value for name, value in body.items() if not _problem(name, value)}
    whole = {"title": id, "metric": next(iter(CATALOG)), "when": "level", **kept}
    if whole["when"] in ("level", "change") and whole.get("value") is None:
        whole["value"] = begins(whole, lambda _: None)
    return normal(whole)


def normal(body: Body) -> dict[str, Any]:
    """A body without what is as usual, in the order of the fields, with lists where a file has lists."""
    told: dict[str, Any] = {}
    for name in _FIELDS:
        value = _as_list(body.get(name))
        if name == "by" and isinstance(value, str):
            value = [value]
        if name == "when":
            value = value or "level"
        if value is not None and (name == "when" or value != _as_list(Rule.model_fields[name].default)):
            told[name] = value
    return told


def _as_list(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return list(cast("Iterable[Any]", value))
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value)
        return {name: [words] if isinstance(words, str) else list(words) for name, words in pairs.items()} or []
    return value


# --- one change ---------------------------------------------------------------------------------------------------


def changed(body: Body, changes: Body, targets: Targets, usual: Usual) -> dict[str, Any]:
    """The body with ``changes``, and with what no longer fits put right: another unit or kind takes another limit.

    Args:
        body: as it is.
        changes: by field; ``None`` takes one out.
        targets: of the company: which metrics have any.
        usual: what a metric is now.
    """
    after = normal({**body, **changes})
    if not {"metric", "when", "percent"} & set(changes):
        return after
    metric = CATALOG[after["metric"]]
    if after["when"] not in kinds(metric.id, targets):
        after["when"] = "level"
    if after["when"] != "change":
        after.pop("percent", None)
    if "metric" in changes and changes["metric"] != body.get("metric"):
        after.pop("edge", None)
        if not metric.windowed:
            after.pop("window", None)
    if metric.better is Better.NEITHER and after["when"] != "unusual":
        after.setdefault("edge", "above")
    _fit_edge(after)
    if _held(body) != _held(after):
        after.pop("margin", None)
        after["value"] = begins(after, usual)
    return normal(after)


def kinds(metric: str, targets: Targets) -> tuple[str, ...]:
    """The kinds of rule that a metric allows."""
    has = {"target": metric in targets.metrics, "benchmark": bool(edges_of("benchmark", metric))}
    return tuple(kind for kind in ("level", "target", "benchmark", "change", "unusual") if has.get(kind, True))


def edges_of(kind: str, metric: str) -> tuple[str, ...]:
    """Which figures of a target or a benchmark there are."""
    if kind == "target":
        return ("attention", "good")
    benchmark = BENCHMARKS.get(metric)
    named = ("attention", "good", "line")
    return tuple(name for name in named if benchmark and getattr(benchmark, name) is not None)


def _fit_edge(body: dict[str, Any]) -> None:
    offered = edges_of(body["when"], body["metric"])
    if body["when"] in ("target", "benchmark") and body.get("of", "attention") not in offered:
        body["of"] = offered[0]


def _held(body: Body) -> tuple[Any, ...]:
    """What a limit is a figure of: another one begins anew."""
    metric = CATALOG.get(str(body.get("metric")))
    kind = body.get("when", "level")
    if metric is None or kind not in ("level", "change"):
        return (kind,)
    return (kind, metric.unit, bool(body.get("percent")), metric.better, metric.id if kind == "level" else "")


_LEVELS = {Unit.RATIO: 0.3, Unit.PERCENT: 80.0, Unit.DAYS: 45.0, Unit.MONEY: 100_000.0, Unit.TIMES: 1.0}
_STEPS = {Unit.RATIO: 0.05, Unit.PERCENT: 5.0, Unit.DAYS: 5.0, Unit.MONEY: 100_000.0, Unit.TIMES: 0.5}
_NUMBER, _PART = 10.0, 0.2


def begins(body: Body, usual: Usual) -> float | None:
    """A limit to begin with: a level near what the company has now, a step of a change on its worse side."""
    metric, kind = CATALOG[body["metric"]], body["when"]
    if kind == "level":
        now = usual(metric.id)
        return _LEVELS.get(metric.unit, _NUMBER) if not now or now < 0 else float(f"{now:.2g}")
    if kind != "change":
        return None
    size = _PART if body.get("percent") else _STEPS.get(metric.unit, _NUMBER)
    return -size if side_of(body).way == "below" else size


def side_of(body: Body) -> Side:
    """On which side of its limit a number is beyond, whether or not the body is complete."""
    told = {"title": _BEGUN, "metric": body["metric"], "when": body["when"], "edge": body.get("edge")}
    if body["when"] in ("level", "change"):
        told["value"] = 1.0
    try:
        return Side.of(Rule(id=_ANYTHING, **told))
    except OutstandingError:
        return Side("above", included=False)


def in_percent(body: Body) -> bool:
    """Whether a limit is typed in percent or in percentage points: it is kept as a share of 1."""
    if body["when"] == "unusual":
        return False
    return bool(body.get("percent")) or CATALOG[body["metric"]].unit is Unit.RATIO


def most(body: Body) -> float | None:
    """What a limit cannot be above, in the unit that it is typed in; ``None`` where there is no such bound."""
    metric = CATALOG[body["metric"]]
    if body["when"] == "unusual" or body.get("percent") or metric.unit not in (Unit.RATIO, Unit.PERCENT):
        return None
    return 1_000.0 if metric.id == "credit_utilisation" else 100.0


# --- a new one ----------------------------------------------------------------------------------------------------


def blank(dimensions: Collection[str], usual: Usual) -> dict[str, Any]:
    """Where a new rule begins: the overdue share of each group of the first dimension that may be asked by."""
    by = next((name for name in ("region", "segment", *dimensions) if name in dimensions), None)
    body: dict[str, Any] = {"title": "", "metric": "overdue_share", "by": [by] if by else [], "when": "level"}
    return normal({**body, "value": begins(body, usual)})


def id_of(title: str, taken: Collection[str]) -> str:
    """The id of a new rule: its title in small letters, digits and hyphens, with a number where that is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[: LONGEST_ID - 5].strip("-") or "rule"
    tries = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in tries if name not in taken)
