"""A message before it is written out: its subject, and in order what it tells, as plain values.

Names in it are cut to a length and on one line, but not yet escaped: each written form does that for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from alerts.body import Body
from alerts.quoting import line
from metrics import CATALOG, text
from state.alert_records import Alert, Notice

_NAME = 120
_WORDS = 420
_BRIEF = 160
_NOTE = 420
_FEW = 5
_MOST = 25
"""So many alerts are told in full in one message; the inbox has the rest."""

_SEVERITIES = ("act", "watch", "info")
_KINDS = {
    "opened": "New",
    "unfolded": "New",
    "reopened": "There again",
    "worsened": "Worse",
    "woken": "Still there",
    "assigned": "Now yours",
}
_COUNTED = {"worsened": "worse", "woken": "still there", "assigned": "now yours"}
_NOTHING = text.change(0.0, "money")
_ORDER = ("new", "worse", "still there", "now yours", "resolved")
_STRENGTH = ("assigned", "woken", "worsened", "unfolded", "opened", "reopened")


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    words: str
    url: str


@dataclass(frozen=True)
class Entry:
    """One alert in full. ``state``: its severity. ``picture``: a file name; empty where none goes along."""

    alert: str
    state: str
    mark: str
    who: str
    words: str
    facts: tuple[tuple[str, str], ...]
    cause: str
    contributors: tuple[str, ...]
    same: tuple[str, ...]
    note: str
    links: tuple[Link, ...]
    picture: str = ""


@dataclass(frozen=True)
class Short:
    """One alert in a line."""

    state: str
    who: str
    words: str
    url: str = ""


@dataclass(frozen=True)
class Letter:
    """What one owner is told at one time. ``more``: how many alerts of the first part are not written out.

    ``facts`` and ``files``, in words, are those of a report: its most important numbers, and what goes along with it.
    """

    subject: str
    lead: str
    entries: tuple[Entry, ...]
    more: int
    open: tuple[Short, ...]
    more_open: int
    resolved: tuple[Short, ...]
    more_resolved: int
    inbox: Link | None
    foot: str
    facts: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sender:
    """Whose alerts they are, of which snapshot and its last day, and where the dashboard answers.

    Empty where that is not known.
    """

    company: str
    snapshot: str = ""
    url: str = ""
    day: date | None = None

    def page(self, query: str = "") -> str:
        """The inbox's address."""
        return f"{self.url.rstrip('/')}/inbox{query}" if self.url else ""


def letter(
    notices: Sequence[Notice],
    alerts: Mapping[str, Alert],
    sender: Sender,
    owner: str,
    now: datetime,
    pictures: Iterable[str] = (),
) -> Letter | None:
    """What ``notices``, all of one owner and mode, come to; ``None`` where there is nothing left to tell.

    Args:
        notices: what the owner is to hear.
        alerts: every alert by id, as it is now.
        sender: whose message it is.
        owner: the owner's name.
        now: when it is written.
        pictures: ids of the alerts whose picture goes along.
    """
    heard = _heard(notices, alerts, now)
    if not heard:
        return None
    raised = sorted(
        (one for one in heard.items() if alerts[one[0]].status != "resolved"), key=lambda o: _order(o, alerts)
    )
    gone = [alerts[id] for id in heard if alerts[id].status == "resolved"]
    others = _still_open(notices, alerts, heard, now) if notices[0].mode == "digest" else []
    drawn = frozenset(pictures)
    entries = [_entry(alerts[id], kind, alerts, sender, drawn) for id, kind in raised[:_MOST]]
    # An alert that has ended keeps the day on which it was beyond its limit last.
    day = sender.day or max(alerts[id].day for id in heard)
    return Letter(
        subject=line(_subject(notices[0].mode, raised, gone, alerts, sender, now), 180),
        lead=_lead(raised, gone, alerts, sender),
        entries=tuple(entries),
        more=max(0, len(raised) - _MOST),
        open=tuple(_short(alert, sender) for alert in others[:_MOST]),
        more_open=max(0, len(others) - _MOST),
        resolved=tuple(_ended(alert, sender) for alert in gone[:_MOST]),
        more_resolved=max(0, len(gone) - _MOST),
        inbox=Link("Open the inbox", sender.page()) if sender.url else None,
        foot=_foot(sender, owner, day),
    )


def told_first(notices: Sequence[Notice], alerts: Mapping[str, Alert], now: datetime, most: int) -> list[Alert]:
    """The alerts that a letter tells first in full: the ones worth a picture."""
    heard = _heard(notices, alerts, now)
    raised = [one for one in heard.items() if alerts[one[0]].status != "resolved"]
    return [alerts[id] for id, _ in sorted(raised, key=lambda one: _order(one, alerts))[:most]]


def picture_of(alert: Alert) -> str:
    """The file name of an alert's picture; ids are letters and digits."""
    return f"alert-{alert.id}.png"


def _heard(notices: Sequence[Notice], alerts: Mapping[str, Alert], now: datetime) -> dict[str, str]:
    """What happened to which alert, once each: the strongest of it. Not what is told inside another, or is asleep."""
    heard: dict[str, str] = {}
    today = now.astimezone().date()
    roots = {alert.key: alert for alert in alerts.values()}
    for notice in notices:
        alert = alerts.get(notice.alert)
        if alert is None or (alert.status != "resolved" and (_is_inside(alert, roots) or _is_asleep(alert, today))):
            continue
        before = heard.get(alert.id, "")
        heard[alert.id] = max(before, notice.kind, key=lambda kind: _STRENGTH.index(kind) if kind in _STRENGTH else -1)
    return heard


def _is_inside(alert: Alert, roots: Mapping[str, Alert]) -> bool:
    """Whether an alert is told inside another one that is the same owner's; what is somebody else's he must hear of."""
    root = roots.get(alert.under or "")
    return alert.under is not None and (root is None or root.owner == alert.owner)


def _is_asleep(alert: Alert, today: date) -> bool:
    return alert.snoozed_until is not None and alert.snoozed_until > today


def _order(one: tuple[str, str], alerts: Mapping[str, Alert]) -> tuple[int, float, str]:
    """The most severe first, then the most money."""
    alert = alerts[one[0]]
    return _rank(alert.severity), -(alert.money or 0.0), alert.who


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _still_open(
    notices: Sequence[Notice], alerts: Mapping[str, Alert], heard: Mapping[str, str], now: datetime
) -> list[Alert]:
    """The other alerts of whose these are, the most severe first."""
    today, owners = now.astimezone().date(), {notice.owner for notice in notices}
    others = (
        alert
        for alert in alerts.values()
        if alert.owner in owners
        and alert.id not in heard
        and alert.status != "resolved"
        and not alert.under
        and not _is_asleep(alert, today)
    )
    return sorted(others, key=lambda alert: _order((alert.id, ""), alerts))


# --- words ----------------------------------------------------------------------------------------------------------


def _subject(
    mode: str,
    raised: Sequence[tuple[str, str]],
    gone: Sequence[Alert],
    alerts: Mapping[str, Alert],
    sender: Sender,
    now: datetime,
) -> str:
    company = line(sender.company, 60)
    if mode == "digest":
        kinds = Counter(_COUNTED.get(kind, "new") for _, kind in raised) + Counter(resolved=len(gone))
        counts = [f"{kinds[kind]} {kind}" for kind in _ORDER if kinds[kind]]
        return f"Receivables alerts of {text.day(now.astimezone().date())}: {', '.join(counts)}"
    if len(raised) + len(gone) == 1:
        return _subject_of_one(raised, gone, alerts)
    if not raised:
        return f"{len(gone)} alerts resolved at {company}"
    if any(alerts[id].severity == "act" for id, _ in raised):
        return f"{text.count(len(raised), 'alert needs', 'alerts need')} someone at {company}"
    return f"{text.count(len(raised), 'alert')} at {company}"


def _subject_of_one(raised: Sequence[tuple[str, str]], gone: Sequence[Alert], alerts: Mapping[str, Alert]) -> str:
    if gone:
        return f"Resolved: {line(gone[0].who, 80)}, {line(gone[0].title, 80)}"
    id, kind = raised[0]
    alert = alerts[id]
    brief = _small(line(Body.of(alert).brief, 90)) or line(alert.title, 90)
    again = {"reopened": " again", "worsened": ", worse", "woken": ", still there"}.get(kind, "")
    return f"{alert.severity.capitalize()}{again}: {line(alert.who, 80)}, {brief}"


def _lead(raised: Sequence[tuple[str, str]], gone: Sequence[Alert], alerts: Mapping[str, Alert], sender: Sender) -> str:
    urgent = sum(alerts[id].severity == "act" for id, _ in raised)
    some = "" if urgent in (0, len(raised)) else f", {urgent} of them to act on"
    only_told = all(alerts[id].severity == "info" for id, _ in raised)
    what = "for information" if only_told else "to act on" if urgent == len(raised) else "to look at"
    looked_at = f"{text.count(len(raised), 'alert')} {what}{some}"
    resolved = f"{len(gone)} resolved" if raised else f"{text.count(len(gone), 'alert')} resolved"
    said = [*([looked_at] if raised else []), *([resolved] if gone else [])]
    return f"{line(sender.company, 80)}: {'; '.join(said)}."


def _foot(sender: Sender, owner: str, day: date) -> str:
    parts = [
        line(sender.company, 80),
        f"as of {text.day(day)}",
        *([f"snapshot {line(sender.snapshot, 60)}"] if sender.snapshot else []),
        f"sent to {line(owner, 80)}",
    ]
    return " · ".join(parts)


def _entry(alert: Alert, kind: str, alerts: Mapping[str, Alert], sender: Sender, drawn: frozenset[str]) -> Entry:
    body = Body.of(alert)
    cause = body.cause
    return Entry(
        alert=alert.id,
        state=alert.severity,
        mark=f"{alert.severity.capitalize()} · {_KINDS.get(kind, 'New')}",
        who=line(alert.who, _NAME, "Unassigned"),
        words=_sentence(_shortened(body.words, alert.who), _WORDS) + _whose(alert, body, alerts),
        facts=tuple(_facts(alert, body)),
        cause=_sentence(cause.words, _WORDS) if cause else "",
        contributors=tuple(_contributors(body, alert)),
        same=tuple(_same_money(alert, alerts)),
        note=line(body.note, _NOTE),
        links=_links(alert, sender),
        picture=picture_of(alert) if alert.id in drawn else "",
    )


def _whose(alert: Alert, body: Body, alerts: Mapping[str, Alert]) -> str:
    """Whose money it is the same as, where that is another alert's."""
    root = next((each for each in alerts.values() if each.key == alert.under), None)
    if root is None:
        return ""
    return f" It is the same money as the alert about {line(root.who, _NAME)}: {_sentence(body.same, _BRIEF)}"


def _sentence(words: str, most: int) -> str:
    told = line(words, most)
    return told if not told or told.endswith((".", "…", "!", "?")) else f"{told}."


def _shortened(words: str, who: str) -> str:
    """``words`` with a very long name cut, so that the figures behind it are still told."""
    return words.replace(who, line(who, _NAME)) if len(who) > _NAME else words


def _facts(alert: Alert, body: Body) -> Iterable[tuple[str, str]]:
    def written(number: float | None) -> str:
        return text.value(number, body.unit, alert.currency)

    metric = CATALOG.get(alert.metric)
    yield line(metric.label if metric else alert.title, _NAME), written(alert.value)
    if alert.limit is not None:
        yield _limit_name(body), written(alert.limit)
    yield "Since", text.day(alert.since)
    if alert.money is not None:
        yield "Worth" if alert.severity == "info" else "At stake", text.money(alert.money, alert.currency)
    if body.told:
        yield "Rule", line(body.told, _WORDS)


def _small(brief: str) -> str:
    """A brief behind a comma: ``overdue share 39.6 %``, but ``DSO 49.6 days``."""
    return brief if brief[1:2].isupper() else f"{brief[:1].lower()}{brief[1:]}"


def _limit_name(body: Body) -> str:
    match body.when:
        case "change" if body.compared:
            return f"On {text.day(body.compared)}"
        case "unusual":
            return "Usually about"
        case "target":
            # What attention begins beyond is not the goal itself.
            return "Target's limit"
        case "benchmark":
            return "Benchmark"
        case _:
            return "Limit"


def _contributors(body: Body, alert: Alert) -> Iterable[str]:
    if body.cause is None:
        return

    def written(amount: float) -> str:
        return text.change(amount, body.unit, alert.currency)

    # What rounds to nothing made nothing of it.
    named = [one for one in body.cause.contributors[:_FEW] if written(one.amount) != _NOTHING]
    for one in named:
        yield f"{line(one.name, 80, 'Unassigned')} {written(one.amount)}"
    rest = body.cause.change - sum(one.amount for one in named)
    if named and written(rest) != _NOTHING:
        yield f"everything else {written(rest)}"


def _same_money(alert: Alert, alerts: Mapping[str, Alert]) -> Iterable[str]:
    """The alerts that would be none without this one."""
    inside = [one for one in alerts.values() if one.under == alert.key and one.status != "resolved"]
    inside.sort(key=lambda one: (_rank(one.severity), -(one.money or 0.0), one.who))
    for one in inside[:_FEW]:
        body = Body.of(one)
        how = f"; {line(body.same, _BRIEF)}" if body.same else ""
        yield f"{line(one.who, 80, 'Unassigned')}, {_small(line(body.brief, _BRIEF)) or line(one.title, 80)}{how}"
    if len(inside) > _FEW:
        yield f"and {len(inside) - _FEW} more"


def _links(alert: Alert, sender: Sender) -> tuple[Link, ...]:
    if not sender.url:
        return ()
    return (
        Link("Open the alert", sender.page(f"?alert={alert.id}")),
        Link("See the figures", sender.page(f"?follow={alert.id}")),
    )


def _short(alert: Alert, sender: Sender) -> Short:
    body = Body.of(alert)
    seen_to = f", {line(alert.acknowledged_by, 60)} is seeing to it" if alert.acknowledged_by else ""
    brief = line(body.brief, _BRIEF) or line(alert.title, _BRIEF)
    return Short(
        state=alert.severity,
        who=line(alert.who, _NAME, "Unassigned"),
        words=f"{brief}, since {text.day(alert.since)}{seen_to}",
        url=sender.page(f"?alert={alert.id}"),
    )


def _ended(alert: Alert, sender: Sender) -> Short:
    why = line(Body.of(alert).ended, _BRIEF) or "within its limit"
    how = f"ended by {line(alert.closed_by, 60)}" if alert.closed_by else why
    return Short(
        state="resolved",
        who=line(alert.who, _NAME, "Unassigned"),
        words=f"{line(alert.title, _NAME)}: {how}",
        url=sender.page(f"?alert={alert.id}"),
    )
