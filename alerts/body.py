"""What an alert says, as it is kept: a case as plain values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from alerts.case import Case, Cause, Contributor, Point, Where
from metrics.catalog import CATALOG
from state.alert_records import Alert


@dataclass(frozen=True, kw_only=True)
class Body:
    """What an alert says beside its figures.

    ``words``, ``brief``, ``same``, ``cause``, ``page``, ``where``: as of ``Case``. ``note``: the rule's. ``told``: the
    rule in words. ``unit``: the metric's. ``when``, ``quantity``, ``quantity_limit``, ``expected``, ``compared``: what
    was held against what, as of ``Breach``. ``group``: the values of the rule's dimensions. ``only``: the part of the
    company that the rule is about, as of ``Rule.where``. ``window``: the rule's own; empty for the company's default.
    ``ended``: why the alert ended, where it is not that its number is within the limit. ``within``: the day as of which
    it is within its limit by the margin, while that is too short a time to end the alert.
    """

    words: str
    brief: str
    same: str
    cause: Cause | None
    page: str
    where: Where
    group: Where
    only: tuple[tuple[str, tuple[str, ...]], ...]
    window: str
    note: str
    told: str
    unit: str
    when: str
    quantity: float
    quantity_limit: float
    expected: float | None
    compared: date | None
    history: tuple[Point, ...]
    ended: str = ""
    within: date | None = None

    @classmethod
    def of(cls, alert: Alert) -> Body:
        """What ``body_of`` wrote."""
        held: Mapping[str, Any] = alert.body
        return cls(
            words=held.get("words", alert.title),
            brief=held.get("brief", ""),
            same=held.get("same", ""),
            cause=_cause(held.get("cause")),
            page=held.get("page", ""),
            where=_pairs(held.get("where", ())),
            group=_pairs(held.get("group", ())),
            only=tuple((name, tuple(values)) for name, values in held.get("only", ())),
            window=held.get("window", ""),
            note=held.get("note", ""),
            told=held.get("told", ""),
            unit=held.get("unit", ""),
            when=held.get("when", "level"),
            quantity=held.get("quantity", 0.0),
            quantity_limit=held.get("quantity_limit", 0.0),
            expected=held.get("expected"),
            compared=_day(held.get("compared")),
            history=tuple(Point(date.fromisoformat(at), value, limit) for at, value, limit in held.get("history", ())),
            ended=held.get("ended", ""),
            within=_day(held.get("within")),
        )


def body_of(case: Case, told: str) -> dict[str, Any]:
    """A case as plain values. ``told``: its rule in words."""
    breach = case.breach
    return {
        "words": case.words,
        "brief": case.brief,
        "same": case.same,
        "cause": _plain(case.cause),
        "page": case.page,
        "where": [list(pair) for pair in case.where],
        "group": [list(pair) for pair in breach.group],
        "only": [[name, list(values)] for name, values in breach.rule.where],
        "window": breach.rule.window or "",
        "note": breach.rule.note,
        "told": told,
        "unit": CATALOG[breach.rule.metric].unit.value,
        "when": breach.rule.when,
        "quantity": breach.quantity,
        "quantity_limit": breach.limit,
        "expected": breach.expected,
        "compared": breach.compared.isoformat() if breach.compared else None,
        "history": [[point.day.isoformat(), point.value, point.limit] for point in breach.history],
    }


def _plain(cause: Cause | None) -> dict[str, Any] | None:
    if cause is None:
        return None
    return {
        "words": cause.words,
        "start": cause.start.isoformat(),
        "change": cause.change,
        "contributors": [[each.name, each.amount] for each in cause.contributors],
        "rest": cause.rest,
    }


def _cause(held: Mapping[str, Any] | None) -> Cause | None:
    if not held:
        return None
    return Cause(
        words=held["words"],
        start=date.fromisoformat(held["start"]),
        change=held["change"],
        contributors=tuple(Contributor(name, amount) for name, amount in held["contributors"]),
        rest=held["rest"],
    )


def _pairs(held: Any) -> Where:
    return tuple((name, value) for name, value in held)


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None
