"""Alerts, their events, runs and messages as the state database keeps them. What they mean, ``alerts`` decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, get_args

Status = Literal["open", "acknowledged", "resolved"]
EventKind = Literal[
    "opened", "reopened", "acknowledged", "snoozed", "woken", "worsened", "eased", "folded", "unfolded",
    "resolved", "closed", "noted", "assigned",
]  # fmt: skip
MessageMode = Literal["immediate", "digest", "report"]
"""A message about alerts, at once or gathered; a report that somebody asked for, sent as files."""

MessageStatus = Literal["waiting", "sending", "sent", "failed", "unknown"]

STATUSES: tuple[Status, ...] = get_args(Status)

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One alert: a rule, a group and a currency, over all the times that it was raised. Moments are UTC.

    Attributes:
        id: short, for links.
        key: what ``alerts.key_of`` makes; there is one alert a key.
        rule, title, metric: the rule's id and title, and its metric.
        who: whom it is about.
        severity, owner, status: as the rule, the owners and people had it last.
        currency: of its money.
        day: the as-of day of the last evaluation that found it beyond the limit.
        since: since which day the number has been there.
        opened_at, opened_on: when it was last raised, and as of which day.
        times: how often it was raised.
        under: the key of the alert that this is the same money as.
        acknowledged_by: who said that it is being seen to; empty where nobody did since it was raised.
        snoozed_until: nothing is sent and nothing counted before this day.
        resolved_at: when it ended; ``None`` while it has not.
        closed_by: who ended it by hand; empty when the number did. It stays ended until the number has come back.
        value, limit, money: of the last evaluation; ``limit`` in the unit of the value where it has one.
        body: the rest of the case as ``alerts`` writes it: words, brief, cause, page, where, history.
    """

    id: str
    key: str
    rule: str
    title: str
    metric: str
    who: str
    severity: str
    owner: str
    status: Status
    currency: str
    day: date
    since: date
    opened_at: datetime
    opened_on: date
    times: int = 1
    under: str | None = None
    acknowledged_by: str = ""
    snoozed_until: date | None = None
    resolved_at: datetime | None = None
    closed_by: str = ""
    value: float | None = None
    limit: float | None = None
    money: float | None = None
    body: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened to an alert, when, and who did it: a reader, or the run. ``words``: a note, a day, a reason."""

    alert: str
    at: datetime
    kind: EventKind
    who: str = ""
    run: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class RuleRun:
    """What came of one rule in a run. ``problem``: why it could not be asked."""

    rule: str
    title: str
    judged: int
    breached: int
    opened: int = 0
    resolved: int = 0
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One evaluation of all rules. ``by``: ``refresh``, ``command`` or ``page``. ``words``: what came of it.

    ``outcome``: ``applied``; ``superseded`` where a newer snapshot had been evaluated already; ``failed``.
    """

    id: str
    started_at: datetime
    finished_at: datetime
    by: str
    outcome: Literal["applied", "superseded", "failed"]
    snapshot: str
    made_at: datetime | None
    day: date | None
    words: str = ""
    rules: tuple[RuleRun, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that an owner is to hear of: an event of an alert. It waits until ``due_at`` and for its message."""

    id: str
    alert: str
    kind: EventKind
    owner: str
    mode: Literal["immediate", "digest"]
    created_at: datetime
    due_at: datetime
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to be sent over one channel, made of notices (their ids); a ``report`` is made of none.

    ``attachments``: names of files and their bytes; a name's ending says what it is.
    """

    owner: str
    channel: str
    mode: MessageMode
    subject: str
    text: str
    html: str
    notices: tuple[str, ...]
    attachments: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message of the outbox.

    ``unknown``: the process died while it was handing it over, so nobody knows whether it arrived. ``repeats``: the id
    of the message that this one says again after such a death, or because ``asked_by`` wanted it sent once more.
    ``tried_at``: when the last attempt began or failed. ``error``: why it failed, without secrets.
    """

    id: str
    owner: str
    channel: str
    mode: MessageMode
    subject: str
    text: str
    html: str
    status: MessageStatus
    created_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    error: str = ""
    repeats: str = ""
    asked_by: str = ""
    alerts: tuple[str, ...] = ()
    attachments: tuple[tuple[str, bytes], ...] = ()

    def anew(self) -> NewMessage:
        """The same to be sent once more; its notices are those of this one."""
        return NewMessage(
            owner=self.owner,
            channel=self.channel,
            mode=self.mode,
            subject=self.subject,
            text=self.text,
            html=self.html,
            notices=(),
            attachments=self.attachments,
        )


@dataclass(frozen=True, kw_only=True)
class KeptRule:
    """A rule that somebody changed, added or removed on the page. ``body`` as ``Rule.body``; ``None``: removed."""

    id: str
    body: Mapping[str, Any] | None
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """One change of a rule: who, when, from what to what; ``None`` for the file's own, or for removed.

    ``change``: ``kept`` as somebody made it, ``removed``, or ``restored`` to what the file says.
    """

    rule: str
    at: datetime
    who: str
    change: Literal["kept", "removed", "restored"]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
