"""Who needs someone: alerts and what else stands out, each once, what calls for somebody first, then the most money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from briefing import periods
from briefing.answers import Answers
from briefing.told import CALLING, Standing, Told
from briefing.view import View
from ledger.book import Book
from ledger.calendar import months_before
from ledger.scope import Scope
from metrics import Targets, text
from metrics.evidence import Horizon, evidence
from metrics.headlines import Headline, headlines
from metrics.stories import THRESHOLDS, Company, untold

MOST = 5
"""More than a reader keeps."""

SEEN, SNOOZED, CLOSED = "seen to", "snoozed", "closed"

URGENCIES = ("act", "watch", "better", SEEN, SNOOZED, CLOSED)
"""In order: what comes first in the list."""

_OWN_FIGURES = ("debtor", "currency")
"""Findings that tell amounts owed and lost, which an alert's stake is no other figure of."""

_GROUPS = ("worse", "better")
"""Findings about a group: ``Segment Construction in region Iberia``."""

_HISTORY = 6
"""Months of history without which nobody can be said to have moved."""


@dataclass(frozen=True)
class Need:
    """One thing that stands out.

    ``who`` it is about, in ``brief`` why, in ``words`` the whole of it; ``urgency`` is one of ``URGENCIES`` and
    ``money`` what it is worth. ``where`` names its part of the company, ``page`` the page that tells most, ``alert``
    the id of the alert about it, if there is one.
    """

    words: str
    kind: str = ""
    who: str = ""
    brief: str = ""
    urgency: str = ""
    money: float = 0.0
    where: tuple[tuple[str, str | None], ...] = ()
    page: str | None = None
    alert: str = ""


def needs(answers: Answers, view: View, told: Sequence[Told]) -> list[Need]:
    """The list, at most ``MOST``. ``told``: alerts in order; they count on the newest day only."""
    return merged(found(answers, view), told if view.is_latest else (), view)[:MOST]


def found(answers: Answers, view: View) -> list[Need]:
    """What stands out in the books alone, the most money first."""
    company = _Kept(view.day, view.window, answers)
    return [
        Need(each.words, each.kind, each.who, each.brief, each.urgency, each.money, each.where, each.page)
        for each in answers.remembered(_headlines, view.day, view.window, view.scope, answers.targets, company)
        if each.currency == view.currency
    ]


@dataclass(frozen=True)
class _Kept(Company):
    """What every part of the company is held against on a day: worked out for the first part that is asked about."""

    day: date
    window: str
    answers: Answers = field(compare=False, repr=False)

    def evidence(self, horizon: Horizon) -> pl.DataFrame:
        return self.answers.remembered(evidence, horizon)

    def untold(self, currency: str) -> pl.DataFrame:
        return self.answers.remembered(untold, self.day, self.window, THRESHOLDS, currency, self)


def _headlines(book: Book, day: date, window: str, scope: Scope, targets: Targets, company: Company) -> list[Headline]:
    return headlines(book, day, window, scope, targets, MOST, company=company)


def merged(seen: Sequence[Need], told: Sequence[Told], view: View) -> list[Need]:
    """Both as one list.

    What stands out about exactly whom an alert is about takes the alert's state and its money: one thing has one
    figure, here and in the inbox. An alert that nothing else is about has a line of its own while it waits.

    Args:
        seen: what stands out.
        told: alerts that have not ended, and those that somebody closed, in order.
        view: whose currency and part of the company the list is of.
    """
    here = [each for each in told if each.alert.currency == view.currency]
    lines: list[Need] = []
    covered: set[str] = set()
    for need in seen:
        its = [each for each in here if _is_about(each, need)]
        covered.update(each.alert.key for each in its)
        lines.append(_with_state(need, min(its, key=_own_first)) if its else need)
    lines += [
        _of_alert(each) for each in here if each.calls and each.alert.key not in covered and each.is_within(view.scope)
    ]
    last = len(URGENCIES)
    return sorted(
        lines, key=lambda line: (URGENCIES.index(line.urgency) if line.urgency in URGENCIES else last, -line.money)
    )


def _is_about(told: Told, need: Need) -> bool:
    """Whether an alert is about the very part of the company that something stands out about."""
    return bool(need.where) and told.part == {name: frozenset([value]) for name, value in need.where}


def _own_first(told: Told) -> tuple[bool, bool]:
    """Of several about one part, one that has not ended, and is not the same money as another."""
    return told.standing is Standing.RESOLVED, told.alert.under is not None


def _with_state(need: Need, told: Told) -> Need:
    urgency, own = _urgency(told), need.kind in _OWN_FIGURES
    return replace(
        need,
        alert=told.id,
        who=need.who if own else told.who,
        brief=need.brief if own else told.brief,
        urgency=need.urgency if urgency is None else urgency,
        money=told.alert.money or need.money,
    )


def _of_alert(told: Told) -> Need:
    return Need(
        told.body.words,
        "alert",
        told.who,
        told.brief,
        told.alert.severity,
        told.alert.money or 0.0,
        alert=told.id,
    )


def _urgency(told: Told) -> str | None:
    """What the badge says; nothing of its own where the alert is for information."""
    match told.standing:
        case Standing.ACKNOWLEDGED:
            return SEEN
        case Standing.SNOOZED:
            return SNOOZED
        case Standing.RESOLVED:
            return CLOSED
        case _:
            return told.alert.severity if told.alert.severity in CALLING else None


def title(lines: Sequence[Need], view: View) -> str:
    """How many need somebody, and who of them stands for the most money; how much, where its line says that too.

    Their money is not added up: a customer's slide is also in its segment and with its collector.
    """
    calling = [line for line in lines if line.urgency in CALLING]
    if not calling:
        return "Nothing stands out" if not lines else "Nothing calls for action"
    most = max(calling, key=lambda line: (line.urgency == "act", line.money))
    money = text.money(most.money, view.currency, view.scale)
    # A debtor's rank is the growth of what is late, and its line tells all of it: no second figure beside that.
    told = money in most.brief
    if len(calling) == 1:
        return f"One needs someone: {f'{money} at stake' if told else _inside(most)}"
    return f"{len(calling)} need someone; the most is at {_inside(most)}{f', {money}' if told else ''}"


def _inside(need: Need) -> str:
    """Whom it is about, inside a sentence: a group without an alert begins with its dimension."""
    named = need.kind in _GROUPS and not need.alert and need.who[1:2].islower()
    return f"{need.who[0].lower()}{need.who[1:]}" if named else need.who


def nothing(answers: Answers, view: View) -> str:
    """What an empty list says."""
    if not reaches(answers.book, view):
        return "The history is too short to tell who moved: half a year before the day is needed."
    return (
        "No debtor's late money grew by an amount that matters, no group moved away from the rest, "
        "and exchange losses are as usual."
    )


def reaches(book: Book, view: View) -> bool:
    """Whether the history is long enough to tell who moved."""
    return periods.is_known(book, months_before(view.day, _HISTORY), None)
