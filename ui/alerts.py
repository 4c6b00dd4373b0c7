"""What screens know of alerts: which need somebody, which are about a number that is shown, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from briefing import told
from briefing.told import Raised
from metrics import CATALOG, text
from ui import address, changes, filters, reader, store

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


class Section(StrEnum):
    """The parts of the page of alerts."""

    INBOX = "inbox"
    RULES = "rules"
    HISTORY = "history"
    DELIVERIES = "deliveries"


def today() -> date:
    """The day where the books are kept, as runs count it."""
    return datetime.now().astimezone().date()


@dataclass(frozen=True)
class Told(told.Told):
    """An alert with what it says today, and where it leads."""

    today: date = field(default_factory=today)

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


def in_order(told_: Iterable[Told]) -> list[Told]:
    """Those that call for action first, then the most money; money of the company's own currency before any other."""
    return told.in_order(told_, store.book().rules.reporting_currency)


def raised(*, ended: bool = True) -> Raised:
    """The alerts that a view may show; none where the state database cannot be read."""
    return Raised(
        store.alerts().alerts,
        store.settings().window.default,
        store.book().rules.reporting_currency,
        today(),
        store.ended_alerts().alerts if ended else (),
        store.alerts().asked,
    )


def living() -> list[Told]:
    """Alerts that have not ended, those under another too; none where the state database cannot be read."""
    return [Told(alert) for alert in store.alerts().alerts]


def calling() -> dict[str, int]:
    """How many wait for somebody, by severity: for the badge of the page."""
    found = [each.alert.severity for each in living() if each.calls]
    return {severity: found.count(severity) for severity in told.CALLING if severity in found}
