"""Alerts as a view tells them: where each stands, how much is at stake, and which are about a number that is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from alerts.body import Body
from briefing.view import View
from charts.marks import Mark
from ledger.scope import CURRENCY, UNASSIGNED, Scope
from metrics import CATALOG, text
from state.alert_records import Alert

SEVERITIES = ("act", "watch", "info")
"""In the order of weight."""

CALLING = ("act", "watch")

_RANK = {severity: place for place, severity in enumerate(SEVERITIES)}
_STATES = ("act", "watch", "good")
"""What a number's state says, the worst first."""


class Standing(StrEnum):
    """Where an alert stands for whoever looks today."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


@dataclass(frozen=True)
class Told:
    """An alert with what it says on a day: ``today`` is the day where the books are kept."""

    alert: Alert
    today: date

    @cached_property
    def body(self) -> Body:
        return Body.of(self.alert)

    @property
    def id(self) -> str:
        return self.alert.id

    @property
    def who(self) -> str:
        return text.name(self.alert.who, UNASSIGNED)

    @property
    def standing(self) -> Standing:
        """Open, acknowledged, snoozed until a day that has not come, or resolved."""
        if self.alert.status == "resolved":
            return Standing.RESOLVED
        until = self.alert.snoozed_until
        return Standing.SNOOZED if until is not None and self.today < until else Standing(self.alert.status)

    @property
    def calls(self) -> bool:
        """Whether it waits for somebody: to act or to watch, seen to by nobody, and not the same money as another."""
        return self.standing is Standing.OPEN and self.alert.under is None and self.alert.severity in CALLING

    @property
    def money(self) -> str:
        """What is at stake; nothing where it cannot be told."""
        return "" if self.alert.money is None else text.money(self.alert.money, self.alert.currency)

    @property
    def stake(self) -> str:
        """The money with what it is: at stake, or good news worth it."""
        if not self.money:
            return ""
        return f"worth {self.money}" if self.alert.severity == "info" else f"{self.money} at stake"

    @property
    def said(self) -> str:
        """Which rule raised it and since when, for the help of a number."""
        rule = f": {self.body.told}" if self.body.told else ""
        return f"{text.name(self.alert.title)}, since {text.day(self.alert.since)}{rule}"

    @property
    def brief(self) -> str:
        """What it is about, in half a line."""
        return " · ".join(part for part in (self.money, self.body.brief) if part)

    @property
    def part(self) -> dict[str, frozenset[str | None]]:
        """The part of the company that the number is about: what its rule is narrowed to, and its group."""
        only = {
            name: frozenset(None if value == UNASSIGNED else value for value in values)
            for name, values in self.body.only
        }
        return only | {name: frozenset([value]) for name, value in self.body.group}

    def is_within(self, scope: Scope) -> bool:
        """Whether it is about nothing outside of what the reader narrowed to, as far as its own part says."""
        return all(
            name == CURRENCY or (name in self.part and self.part[name] <= values) for name, values in scope.where
        )


Each = TypeVar("Each", bound=Told)


def in_order(told: Iterable[Each], own: str) -> list[Each]:
    """Those that call for action first, then the most money; money of the currency ``own`` before any other."""

    def place(each: Told) -> tuple[int, bool, float, str, str]:
        alert = each.alert
        return (_RANK.get(alert.severity, len(_RANK)), alert.currency != own, -(alert.money or 0.0), each.who, alert.id)

    return sorted(told, key=place)


def worse(state: str | None, told: Told | None) -> str | None:
    """The worse of a state and that of an alert; good news is no state."""
    if told is None or told.alert.severity not in CALLING:
        return state
    return min((each for each in (state, told.alert.severity) if each), key=_STATES.index)


@dataclass(frozen=True)
class Raised:
    """The alerts that a view may show.

    ``living`` have not ended, those under another too; ``ended`` have. ``window`` is the company's default, ``own`` its
    currency, ``today`` the day where the books are kept. ``asked``: the last day of the data that the rules were asked
    of, where it is known.
    """

    living: tuple[Alert, ...]
    window: str
    own: str
    today: date
    ended: tuple[Alert, ...] = ()
    asked: date | None = None

    def about(
        self, metrics: Collection[str], view: View, scope: Scope | None = None, *, ended: bool = False
    ) -> list[Told]:
        """Alerts about exactly these metrics of exactly the part that is shown.

        Args:
            metrics: ids of the catalogue.
            view: what the page shows.
            scope: the part, where it is another than the view's.
            ended: with those that have ended.
        """
        where = dict((scope or view.scope).where)
        found: list[Told] = []
        for alert in (*self.living, *(self.ended if ended else ())):
            if alert.metric not in metrics or alert.currency != view.currency:
                continue
            told = Told(alert, self.today)
            windowed = alert.metric in CATALOG and CATALOG[alert.metric].windowed
            if (not windowed or (told.body.window or self.window) == view.window) and _same_part(told.part, where):
                found.append(told)
        return in_order(found, self.own)

    def standing_at(self, metric: str, view: View, scope: Scope | None = None) -> Told | None:
        """The weightiest alert about a number of the view's day, whether or not it is the same money as another."""
        return next((each for each in self.about((metric,), view, scope) if each.alert.day == view.day), None)

    def marks(self, metrics: Collection[str], view: View, scope: Scope | None = None) -> list[Mark]:
        """Since when a chart of these metrics says that there was an alert."""
        return [
            Mark(each.alert.since, text.name(each.alert.title), each.alert.severity)
            for each in self.about(metrics, view, scope, ended=True)
        ]

    def told(self) -> list[Told]:
        """Those that have not ended, and those that somebody closed while their number was beyond its limit."""
        closed = [alert for alert in self.ended if alert.closed_by]
        return in_order([Told(alert, self.today) for alert in (*self.living, *closed)], self.own)


def _same_part(own: Mapping[str, frozenset[str | None]], shown: Mapping[str, frozenset[str | None]]) -> bool:
    """Whether two parts are one. Money of one currency is a part of its own, unless only that currency is shown."""
    currency = own.get(CURRENCY)
    if currency is not None and currency != shown.get(CURRENCY):
        return False
    return {name: values for name, values in own.items() if name != CURRENCY} == {
        name: values for name, values in shown.items() if name != CURRENCY
    }
