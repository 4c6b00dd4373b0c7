"""Who needs someone: alerts and what else stands out, the most money first, each with its cause and the way to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import streamlit as st

from ledger.calendar import months_before
from ledger.scope import CURRENCY, Scope
from metrics import text
from ui import alerts, filters, periods, store, story
from ui.alerts import ALERT, Standing, Told
from ui.markdown import plain, prose
from ui.story import Finding
from ui.view import View

MOST = 5
"""More than a reader keeps."""

SEEN, SNOOZED, CLOSED = "seen to", "snoozed", "closed"

_BADGES: dict[str, tuple[str, Literal["orange", "yellow", "blue", "green", "gray"]]] = {
    "act": ("Act", "orange"),
    "watch": ("Watch", "yellow"),
    "better": ("Better", "blue"),
    SEEN: ("Seen to", "green"),
    SNOOZED: ("Snoozed", "gray"),
    CLOSED: ("Closed", "gray"),
}

_CALLING = ("act", "watch")

_OWN_FIGURES = ("debtor", "currency")
"""Findings that tell amounts owed and lost, which an alert's stake is no other figure of."""
_GROUPS = ("worse", "better")
"""Findings about a group: ``Segment Construction in region Iberia``."""

_LAST = len(_BADGES)

_HISTORY = 6
"""Months of history without which nobody can be said to have moved."""


def draw(view: View) -> None:
    """The card."""
    known = [*alerts.living(), *alerts.closed()] if view.is_latest else []
    told = merged(story.findings(view), known, view)[:MOST]
    with st.container(border=True, height="stretch", gap="xxsmall", key="card_attention"):
        with st.container(key="title_attention"):
            st.markdown(f"**{prose(title(told, view))}**")
        st.caption(prose(" · ".join(part for part in (_subtitle(told, view), view.part) if part)))
        if not told:
            icon = ":blue[:material/check_circle:]" if _is_long(view) else ":material/history:"
            st.caption(f"{icon} {prose(_nothing(view))}")
        with st.container(gap="xsmall", key="attention"):
            for place, found in enumerate(told):
                _line(found, place)
        problem = store.alerts().problem
        if problem:
            st.caption(prose(f"Alerts are left out, since they cannot be read: {problem}"))


def merged(found: Sequence[Finding], told: Sequence[Told], view: View) -> list[Finding]:
    """Findings and alerts as one list, each once: what calls for somebody first, then the most money.

    A finding about exactly whom an alert is about takes the alert's state and its money, and leads to it: one thing has
    one figure, here and in the inbox. An alert without a finding has a line of its own while it waits for somebody.

    Args:
        found: what stands out.
        told: alerts that have not ended, and those that somebody closed.
        view: whose currency and part of the company the list is of.
    """
    here = [each for each in alerts.in_order(told) if each.alert.currency == view.currency]
    lines: list[Finding] = []
    covered: set[str] = set()
    for finding in found:
        its = [each for each in here if _is_about(each, finding)]
        covered.update(each.alert.key for each in its)
        lines.append(_with_state(finding, min(its, key=_own_first)) if its else finding)
    lines += [
        _as_finding(each)
        for each in here
        if each.calls and each.alert.key not in covered and _is_within(each, view.scope)
    ]
    order = list(_BADGES)
    return sorted(lines, key=lambda line: (order.index(line.urgency) if line.urgency in order else _LAST, -line.money))


def _is_about(told: Told, finding: Finding) -> bool:
    """Whether an alert is about the very part of the company that a finding is about."""
    return bool(finding.where) and told.part == {name: frozenset([value]) for name, value in finding.where}


def _own_first(told: Told) -> tuple[bool, bool]:
    """Of several about one part, one that has not ended, and is not the same money as another."""
    return told.standing is Standing.RESOLVED, told.alert.under is not None


def _is_within(told: Told, scope: Scope) -> bool:
    """Whether an alert is about nothing outside of what the reader narrowed to, as far as its own part says."""
    part = told.part
    return all(name == CURRENCY or (name in part and part[name] <= values) for name, values in scope.where)


def _with_state(finding: Finding, told: Told) -> Finding:
    urgency = _urgency(told)
    return replace(
        finding,
        page=alerts.PAGE,
        where=(),
        changes={ALERT: told.id},
        who=finding.who if finding.kind in _OWN_FIGURES else told.who,
        brief=finding.brief if finding.kind in _OWN_FIGURES else _brief(told),
        urgency=finding.urgency if urgency is None else urgency,
        money=told.alert.money or finding.money,
    )


def _as_finding(told: Told) -> Finding:
    return Finding(
        told.body.words,
        "alert",
        alerts.PAGE,
        changes={ALERT: told.id},
        who=told.who,
        brief=_brief(told),
        urgency=told.alert.severity,
        money=told.alert.money or 0.0,
    )


def _brief(told: Told) -> str:
    """What an alert is about, in half a line."""
    return " · ".join(part for part in (told.money, told.body.brief) if part)


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
            return told.alert.severity if told.alert.severity in _CALLING else None


def title(told: Sequence[Finding], view: View) -> str:
    """How many need somebody, and who of them stands for the most money.

    Their money is not added up: a customer's slide is also in its segment and with its collector.
    """
    calling = [found for found in told if found.urgency in _CALLING]
    if not calling:
        return "Nothing stands out" if not told else "Nothing calls for action"
    most = max(calling, key=lambda found: (found.urgency == "act", found.money))
    money = text.money(most.money, view.currency, view.scale)
    if len(calling) == 1:
        return f"One needs someone: {money} at stake"
    return f"{len(calling)} need someone; the most is at {_inside(most)}, {money}"


def _inside(found: Finding) -> str:
    """Whom a finding is about, inside a sentence: a group without an alert begins with its dimension."""
    named = found.kind in _GROUPS and found.page != alerts.PAGE and found.who[1:2].islower()
    return f"{found.who[0].lower()}{found.who[1:]}" if named else found.who


def _line(found: Finding, place: int) -> None:
    """Who it is about, as a link, with a badge at the end; below it why, in half a line."""
    with st.container(gap=None, key=f"attention_{place}"):
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="top", gap="xsmall", wrap=False
        ):
            words = f"**{prose(found.who)}**"
            if found.page is None:
                st.markdown(words)
            else:
                st.page_link(
                    found.page,
                    label=words,
                    icon="",
                    help=plain(found.words),
                    query_params=filters.leading(found.where, found.changes),
                )
            word, colour = _BADGES.get(found.urgency, _BADGES["watch"])
            st.badge(word, color=colour)
        st.caption(prose(found.brief))


def _subtitle(told: Sequence[Finding], view: View) -> str:
    return f"{'Most money first · as' if told else 'As'} of {text.day(view.day)}"


def _nothing(view: View) -> str:
    if not _is_long(view):
        return "The history is too short to tell who moved: half a year before the day is needed."
    return (
        "No debtor's late money grew by an amount that matters, no group moved away from the rest, "
        "and exchange losses are as usual."
    )


def _is_long(view: View) -> bool:
    return periods.is_known(store.book(), months_before(view.day, _HISTORY), None)
