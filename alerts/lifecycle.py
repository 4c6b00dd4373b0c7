"""The life of an alert: open, acknowledged, resolved; snoozed, worsened, raised anew. What is told, and to whom.

What an evaluation found meets what is kept, and gives what is kept from now on, the events, and what the owner is to
hear. Pure but for what people do, which is one transaction each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from alerts.body import body_of
from alerts.case import Case
from ledger.errors import StateError, did_you_mean
from metrics import text
from state import State
from state.alert_records import Alert, Event, EventKind

_GROWN = 1.5
"""An alert whose money has grown to this many times what was last told is told again."""

_RANK = {"info": 0, "watch": 1, "act": 2}

GONE = "This alert no longer exists."


@dataclass(frozen=True)
class Happened:
    """An event, and whether the owner is to hear of it."""

    kind: EventKind
    words: str = ""
    told: bool = False


@dataclass(frozen=True)
class Step:
    """An alert as it is from now on, and what happened to it; nothing where it only has new figures."""

    alert: Alert
    happened: tuple[Happened, ...] = ()


@dataclass(frozen=True)
class Moment:
    """When an evaluation is put to use. ``today``: where the books are kept, not in Greenwich."""

    now: datetime
    today: date


def raised(case: Case, id: str, moment: Moment, told: str) -> Step:
    """A new alert. ``told``: its rule in words."""
    alert = Alert(
        id=id,
        key=case.key,
        rule=case.breach.rule.id,
        title=case.breach.rule.title,
        metric=case.breach.rule.metric,
        who=case.who,
        severity=case.severity,
        owner=case.owner,
        status="open",
        currency=case.breach.currency,
        day=case.breach.day,
        since=case.breach.since,
        opened_at=moment.now,
        opened_on=case.breach.day,
    )
    return _heard(_with_figures(alert, case, told), (Happened("opened", case.words, told=case.under is None),))


def found_again(alert: Alert, case: Case, moment: Moment, told: str, *, root_ended: bool = True) -> Step:
    """A kept alert whose number is beyond its limit.

    ``root_ended``: whether the alert that this one was under has ended. One that is there still is no news: what was
    told before is not told again because it is not quite the same money any more.
    """
    now = _with_figures(alert, case, told)
    worse = _RANK[case.severity] > _RANK.get(alert.severity, 0)
    if alert.status == "resolved":
        # What was ended with the alert that it was the same money as is raised when it is not any more.
        stands_alone = alert.under is not None and case.under is None
        if alert.closed_by and not worse and not stands_alone:
            return Step(replace(now, under=alert.under))
        return _heard(_opened_anew(now, moment), (Happened("reopened", case.words, told=case.under is None),))
    happened = tuple(_while_open(alert, now, case, moment, root_ended=root_ended))
    if any(event.kind in ("worsened", "woken") for event in happened):
        now = replace(now, snoozed_until=None)
    if worse and alert.status == "acknowledged":
        now = replace(now, status="open", acknowledged_by="")
    return _heard(now, happened)


def come_back(alert: Alert, moment: Moment, words: str = "", *, told: bool = True) -> Step:
    """A kept alert that has ended: its owner hears of it who has heard of the alert.

    Args:
        alert: as it is kept.
        moment: when.
        words: why, where it is not that its number is within its limit by the margin: it cannot be judged any more, or
            its rule is gone.
        told: whether it is news; that a rule is gone is none.
    """
    if alert.status == "resolved":
        return Step(replace(alert, closed_by=""))
    body = {**alert.body, "ended": words}
    ended = replace(alert, status="resolved", resolved_at=moment.now, snoozed_until=None, under=None, body=body)
    return Step(ended, (Happened("resolved", words, told=told and is_heard(alert) and not _is_snoozed(alert, moment)),))


def calming(alert: Alert, day: date) -> Step:
    """An alert whose number is within its limit, but was beyond it too few days ago to end."""
    return Step(replace(alert, body={**alert.body, "within": day.isoformat()}))


def told_apart(step: Step) -> Step:
    """The same, of an alert that is the same money as somebody else's: its owner is told of it, and of what it is."""
    if not any(event.kind in ("opened", "reopened") for event in step.happened):
        return step
    happened = tuple(replace(event, told=True) for event in step.happened)
    return _heard(step.alert, happened)


def without_its_cause(alert: Alert) -> Step:
    """An alert that is held by its margin only, and is the same money as one that has ended.

    It is told when its number is found beyond the limit again, if nobody has heard of it.
    """
    return Step(replace(alert, under=None, body={**alert.body, "heard": is_heard(alert)}), (Happened("unfolded"),))


def unheard(step: Step) -> Step:
    """The same, of an alert whose news will not be told, as it is told inside another one by now."""
    return replace(step, alert=replace(step.alert, body={**step.alert.body, "heard": False}))


def is_heard(alert: Alert) -> bool:
    """Whether it was told since it was raised."""
    return bool(alert.body.get("heard", alert.under is None))


def _heard(alert: Alert, happened: tuple[Happened, ...]) -> Step:
    """The step, with what has been told by then written down beside the alert."""
    if any(event.told for event in happened):
        alert = replace(alert, body={**alert.body, "heard": True, "told_money": alert.money})
    return Step(alert, happened)


def _while_open(alert: Alert, now: Alert, case: Case, moment: Moment, *, root_ended: bool) -> Iterator[Happened]:
    """What happened to an alert that has not ended: ``alert`` as it was, ``now`` as it is."""
    own, worse = case.under is None, _RANK[case.severity] > _RANK.get(alert.severity, 0)
    asleep = _is_snoozed(alert, moment)
    if worse:
        yield Happened("worsened", f"from {alert.severity} to {case.severity}", told=own)
    elif case.severity != alert.severity:
        yield Happened("eased", f"from {alert.severity} to {case.severity}")
    elif own and not asleep and _has_grown(alert, case):
        grown = f"{text.money(case.money, case.breach.currency)} at stake, {_told_before(alert)} when last told"
        yield Happened("worsened", grown, told=True)
    if not worse and alert.snoozed_until is not None and not asleep:
        yield Happened("woken", told=own)
    if now.owner != alert.owner or alert.body.get("handed"):
        yield Happened("assigned", now.owner, told=own and not asleep)
    silent = not is_heard(alert)
    if own and (alert.under is not None or (silent and not asleep)):
        yield Happened("unfolded", case.words, told=not asleep and (silent or root_ended))
    elif not own and alert.under is None:
        yield Happened("folded", case.same)


def _has_grown(alert: Alert, case: Case) -> bool:
    before = alert.body.get("told_money")
    return bool(before) and case.money is not None and case.money >= _GROWN * before


def _told_before(alert: Alert) -> str:
    return text.money(alert.body.get("told_money"), alert.currency)


def _is_snoozed(alert: Alert, moment: Moment) -> bool:
    return alert.snoozed_until is not None and moment.today < alert.snoozed_until


def _opened_anew(alert: Alert, moment: Moment) -> Alert:
    return replace(
        alert,
        status="open",
        opened_at=moment.now,
        opened_on=alert.day,
        times=alert.times + 1,
        acknowledged_by="",
        snoozed_until=None,
        resolved_at=None,
        closed_by="",
        body={**alert.body, "heard": False},
    )


def _with_figures(alert: Alert, case: Case, told: str) -> Alert:
    """The alert with what the last evaluation says, and what it was told by. An owner that somebody chose stays."""
    breach = case.breach
    assigned = bool(alert.body.get("assigned"))
    in_its_unit = breach.rule.when in ("level", "target", "benchmark")
    return replace(
        alert,
        title=breach.rule.title,
        metric=breach.rule.metric,
        who=case.who,
        severity=case.severity,
        owner=alert.owner if assigned else case.owner,
        day=breach.day,
        # It was told to be there since a day: that day does not move while it is there.
        since=breach.since if alert.status == "resolved" else alert.since,
        under=case.under,
        value=breach.value,
        limit=breach.limit if in_its_unit else breach.expected,
        money=case.money,
        body={
            **body_of(case, told),
            "assigned": assigned,
            "heard": bool(alert.body) and is_heard(alert),
            "told_money": alert.body.get("told_money"),
        },
    )


# --- what people do -----------------------------------------------------------------------------------------------


def acknowledge(state: State, id: str, who: str, words: str = "") -> Alert:
    """Say that it is being seen to: nothing more is sent, unless it becomes worse."""
    return _done(
        state, id, who, "acknowledged", words, lambda alert: replace(alert, status="acknowledged", acknowledged_by=who)
    )


def snooze(state: State, id: str, who: str, until: date, words: str = "") -> Alert:
    """Be silent about it until a day; if it is still there then, it is told again."""

    def slept(alert: Alert) -> Alert:
        return replace(alert, snoozed_until=until)

    return _done(state, id, who, "snoozed", f"until {text.day(until)}{f': {words}' if words else ''}", slept)


def wake(state: State, id: str, who: str) -> Alert:
    """End a snooze early."""
    return _done(state, id, who, "woken", "", lambda alert: replace(alert, snoozed_until=None))


def close(state: State, id: str, who: str, words: str = "") -> Alert:
    """End it by hand, with all that is the same money.

    It stays ended until its number has come back within the limit once, or becomes more severe.
    """
    now = state.now()

    def ended(alert: Alert) -> Alert:
        return replace(alert, status="resolved", resolved_at=now, closed_by=who, snoozed_until=None)

    return _done(state, id, who, "closed", words, ended, inside=lambda alert: alert.status != "resolved")


def reopen(state: State, id: str, who: str) -> Alert:
    """Take back that it is being seen to, or that it was ended by hand."""

    def opened(alert: Alert) -> Alert:
        if alert.status == "resolved" and not alert.closed_by:
            raise StateError(
                "This alert ended by itself; it is raised again when its number is beyond the limit again."
            )
        return replace(alert, status="open", acknowledged_by="", closed_by="", resolved_at=None)

    return _done(state, id, who, "reopened", "", opened, live=False, inside=lambda alert: bool(alert.closed_by))


def note(state: State, id: str, who: str, words: str) -> Alert:
    """Write something beside it."""
    if not words.strip():
        raise StateError("The note is empty; write one.")
    return _done(state, id, who, "noted", words, lambda alert: alert, live=False)


def assign(state: State, id: str, who: str, owner: str, known: Mapping[str, Any]) -> Alert:
    """Make it somebody else's, who hears of it with the next run; ``known``: the owners of the settings."""
    if owner not in known:
        raise StateError(f"There is no owner '{owner}'; {did_you_mean(owner, known)}".rstrip("; "))

    def given(alert: Alert) -> Alert:
        handed = owner != alert.owner or bool(alert.body.get("handed"))
        return replace(alert, owner=owner, body={**alert.body, "assigned": True, "handed": handed})

    return _done(state, id, who, "assigned", known[owner].name, given)


def _done(
    state: State,
    id: str,
    who: str,
    kind: EventKind,
    words: str,
    change: Callable[[Alert], Alert],
    *,
    live: bool = True,
    inside: Callable[[Alert], bool] = lambda _: False,
) -> Alert:
    """One change of one alert by a person, with its event, in one transaction.

    ``live``: whether it must not have ended. ``inside``: of the alerts that are the same money, which change with it.
    """
    with state.alerting.desk() as desk:
        kept = desk.alerts()
        alert = next((each for each in kept.values() if each.id == id), None)
        if alert is None:
            raise StateError(GONE)
        if live and alert.status == "resolved":
            raise StateError("This alert has ended already; there is nothing left to do.")
        changed, said = change(alert), text.name(words, "")
        desk.put(changed)
        desk.note(Event(alert=alert.id, at=state.now(), kind=kind, who=who, words=said))
        for each in kept.values():
            if each.under == alert.key and inside(each):
                desk.put(change(each))
                same = f"with {alert.who}, which is the same money"
                desk.note(Event(alert=each.id, at=state.now(), kind=kind, who=who, words=same))
        return changed
