"""What screens know of alerts: which need somebody, which are about a number that is shown, and where they lead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from alerts.body import Body
from charts.marks import Mark
from ledger.scope import CURRENCY, UNASSIGNED, Scope
from metrics import CATALOG, text
from state.alert_records import Alert
from ui import address, changes, filters, reader, store
from ui.view import View

PAGE, OVERVIEW = "pages/alerts/inbox.py", "pages/summary/overview.py"
ALERT, FOLLOW, SHOW, RULE = "alert", "follow", "alerts_show", "alerts_rule"
"""The alert that is shown; the alert whose page is opened at once; the part of the page; a rule whose alerts are."""

EDITED = "rule"
"""The rule that is open for change."""

SEVERITIES: Mapping[str, tuple[str, Literal["orange", "yellow", "blue"]]] = {
    "act": ("Act", "orange"),
    "watch": ("Watch", "yellow"),
    "info": ("Info", "blue"),
}
"""In the order of weight: the word and the colour of its badge."""

_RANK = {severity: place for place, severity in enumerate(SEVERITIES)}
_CALLING = ("act", "watch")

_STATES = ("act", "watch", "good")
"""What a tile says, the worst first."""


class Section(StrEnum):
    """The parts of the page of alerts."""

    INBOX = "inbox"
    RULES = "rules"
    HISTORY = "history"
    DELIVERIES = "deliveries"


class Standing(StrEnum):
    """Where an alert stands for whoever looks today."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


def today() -> date:
    """The day where the books are kept, as runs count it."""
    return datetime.now().astimezone().date()


@dataclass(frozen=True)
class Told:
    """An alert with what it says."""

    alert: Alert

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
        return Standing.SNOOZED if until is not None and today() < until else Standing(self.alert.status)

    @property
    def calls(self) -> bool:
        """Whether it waits for somebody: to act or to watch, seen to by nobody, and not the same money as another."""
        return self.standing is Standing.OPEN and self.alert.under is None and self.alert.severity in _CALLING

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
    def part(self) -> dict[str, frozenset[str | None]]:
        """The part of the company that the number is about: what its rule is narrowed to, and its group."""
        only = {
            name: frozenset(None if value == UNASSIGNED else value for value in values)
            for name, values in self.body.only
        }
        return only | {name: frozenset([value]) for name, value in self.body.group}

    @property
    def page(self) -> str:
        """The page that tells most; where an older version named one that is gone, the overview."""
        return self.body.page if self.body.page in pages() else OVERVIEW

    @property
    def parameters(self) -> address.Parameters:
        """Of the address of that page: the alert's own part, window and day, whatever the reader had chosen here."""
        body, book = self.body, store.book()
        where = dict(body.where)
        changed: dict[str, address.Change] = {
            address.dimension(name): None for name in book.dimensions if name not in where
        }
        changed |= {address.dimension(name): values for name, values in body.only if len(values) > 1}
        if body.page == changes.PAGE and self.alert.metric in CATALOG:
            changed |= changes.leading(self.alert.metric)
        changed[address.WINDOW] = body.window or None
        changed[address.CURRENCY] = self.alert.currency if len(book.currencies) > 1 else None
        changed[address.AS_OF] = None if self.alert.day == book.last_day else self.alert.day.isoformat()
        return filters.leading(body.where, changed)


@cache
def pages() -> frozenset[str]:
    """The scripts there are."""
    root = Path(__file__).parents[1]
    return frozenset(script.relative_to(root).as_posix() for script in root.glob("pages/*/*.py"))


def called_owner(key: str) -> str:
    """What an owner is called; the key where the settings no longer know it."""
    owner = store.settings().alerts.owners.get(key)
    return text.name(owner.name if owner else key, "Nobody")


def person(name: str) -> str:
    """What a reader is called where others read it: ``you``, an address, a browser by the first digits of its mark.

    Nobody is the run itself.
    """
    if not name:
        return "the run"
    if name == reader.who():
        return "you"
    return f"browser {name[:4]}" if reader.is_browser(name) else text.name(name)


def link(id: str) -> address.Parameters:
    """Of the address of the page on which an alert is read."""
    return address.link({ALERT: id})


def in_order(told: Iterable[Told]) -> list[Told]:
    """Those that call for action first, then the most money; money of the company's own currency before any other."""
    own = store.book().rules.reporting_currency

    def place(each: Told) -> tuple[int, bool, float, str, str]:
        alert = each.alert
        return (_RANK.get(alert.severity, len(_RANK)), alert.currency != own, -(alert.money or 0.0), each.who, alert.id)

    return sorted(told, key=place)


def living() -> list[Told]:
    """Alerts that have not ended, those under another too; none where the state database cannot be read."""
    return [Told(alert) for alert in store.alerts().alerts]


def closed() -> list[Told]:
    """Alerts that somebody closed while their number was beyond its limit, which it has been since."""
    return [Told(alert) for alert in store.ended_alerts().alerts if alert.closed_by]


def calling() -> dict[str, int]:
    """How many wait for somebody, by severity: for the badge of the page."""
    found = [each.alert.severity for each in living() if each.calls]
    return {severity: found.count(severity) for severity in _CALLING if severity in found}


def about(metrics: Collection[str], view: View, scope: Scope | None = None, *, ended: bool = False) -> list[Told]:
    """Alerts about exactly these metrics of exactly the part that is shown; ``ended``: those too that have ended.

    Args:
        metrics: ids of the catalogue.
        view: what the page shows.
        scope: the part, where it is another than the view's.
        ended: with those that have ended.
    """
    kept = (*store.alerts().alerts, *(store.ended_alerts().alerts if ended else ()))
    where = dict((scope or view.scope).where)
    default = store.settings().window.default
    found: list[Told] = []
    for alert in kept:
        if alert.metric not in metrics or alert.currency != view.currency:
            continue
        told = Told(alert)
        windowed = alert.metric in CATALOG and CATALOG[alert.metric].windowed
        if (not windowed or (told.body.window or default) == view.window) and _same_part(told.part, where):
            found.append(told)
    return in_order(found)


def standing_at(metric: str, view: View, scope: Scope | None = None) -> Told | None:
    """The weightiest alert about a number of the view's day, whether or not it is the same money as another."""
    return next((each for each in about((metric,), view, scope) if each.alert.day == view.day), None)


def worse(state: str | None, told: Told | None) -> str | None:
    """The worse of a state and that of an alert; good news is no state."""
    if told is None or told.alert.severity not in _CALLING:
        return state
    return min((each for each in (state, told.alert.severity) if each), key=_STATES.index)


def marks(metrics: Collection[str], view: View, scope: Scope | None = None) -> list[Mark]:
    """Where a chart of these metrics says that an alert was raised."""
    return [
        Mark(each.alert.since, text.name(each.alert.title), each.alert.severity)
        for each in about(metrics, view, scope, ended=True)
    ]


def _same_part(own: Mapping[str, frozenset[str | None]], shown: Mapping[str, frozenset[str | None]]) -> bool:
    """Whether two parts are one. Money of one currency is a part of its own, unless only that currency is shown."""
    currency = own.get(CURRENCY)
    if currency is not None and currency != shown.get(CURRENCY):
        return False
    return {name: values for name, values in own.items() if name != CURRENCY} == {
        name: values for name, values in shown.items() if name != CURRENCY
    }
