"""Alerts, notices and messages for the tests: all but what a test says is the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from state.alert_records import Alert, Event, Message, NewMessage, Notice, RuleRun, Run

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = date(2026, 2, 28)
LEASE = timedelta(minutes=5)


def alert(id: str = "a1", **changes: Any) -> Alert:
    plain: dict[str, Any] = {
        "key": f'["late",[["customer","{id}"]],"EUR"]',
        "rule": "late",
        "title": "Much is late",
        "metric": "overdue",
        "who": f"Customer {id}",
        "severity": "act",
        "owner": "credit",
        "status": "open",
        "currency": "EUR",
        "day": DAY,
        "since": DAY,
        "opened_at": NOON,
        "opened_on": DAY,
    }
    return Alert(id=id, **{**plain, **changes})


def event(id: str = "a1", **changes: Any) -> Event:
    return Event(**{"alert": id, "at": NOON, "kind": "opened", "run": "r1", **changes})


def notice(id: str = "n1", **changes: Any) -> Notice:
    plain: dict[str, Any] = {
        "alert": "a1",
        "kind": "opened",
        "owner": "credit",
        "mode": "immediate",
        "created_at": NOON,
        "due_at": NOON,
    }
    return Notice(id=id, **{**plain, **changes})


def run(id: str = "r1", **changes: Any) -> Run:
    plain: dict[str, Any] = {
        "started_at": NOON,
        "finished_at": NOON,
        "by": "refresh",
        "outcome": "applied",
        "snapshot": "2026-03-01",
        "made_at": NOON,
        "day": DAY,
        "rules": (RuleRun(rule="late", title="Much is late", judged=3, breached=1, opened=1),),
    }
    return Run(id=id, **{**plain, **changes})


def message(notices: Sequence[Notice] = (), **changes: Any) -> NewMessage:
    plain: dict[str, Any] = {
        "owner": "credit",
        "channel": "mail",
        "mode": "immediate",
        "subject": "Act",
        "text": "Much is late.",
        "html": "<p>Much is late.</p>",
        "notices": tuple(each.id for each in notices),
    }
    return NewMessage(**{**plain, **changes})


def one_each(notices: Sequence[Notice]) -> list[NewMessage]:
    """A message a notice."""
    return [message([each], subject=each.id) for each in notices]


def retold(lost: Message) -> NewMessage:
    return message(
        (),
        owner=lost.owner,
        channel=lost.channel,
        subject=f"Perhaps again: {lost.subject}",
        attachments=lost.attachments,
    )


def post(keep: Any, *notices: Notice) -> None:
    """Alerts and notices of them, for the outbox."""
    with keep.alerting.desk() as desk:
        known = desk.alerts().values()
        for id in sorted({each.alert for each in notices} - {each.id for each in known}):
            desk.put(alert(id))
        for each in notices:
            desk.post(each)
