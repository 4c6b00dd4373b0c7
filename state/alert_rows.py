"""Alerts' records as rows, and rows as records. Texts that come from the books are made storable, never refused.

Whatever a customer is called, every database keeps it: signs that are no text (NUL, half of a pair) become "\ufffd",
and bodies are JSON escaped to ASCII. What a person writes or is called is refused instead, with a sentence.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from sqlalchemy import Row, Table

from ledger.errors import StateError
from state import records
from state.alert_records import (
    Alert,
    Event,
    KeptRule,
    Message,
    NewMessage,
    Notice,
    RuleChange,
    RuleRun,
    Run,
)
from state.alert_tables import LONGEST_RULE, alerts, events, messages, notices, rule_changes, rule_runs, runs
from state.records import storable

LONGEST_NAME = 400
"""Of a customer, a title, an owner's key: the rest is cut off."""
LONGEST_WORDS = 4_000
"""Of an event or a problem: the run's words are cut there, a person's are refused."""
LONGEST_SUBJECT = 1_000


def alert_row(alert: Alert) -> dict[str, Any]:
    """Raises ``StateError`` where the key is no text or a reader's name cannot be."""
    return {
        **_plain(alert, without=("body", "key", "under")),
        "key": key_text(alert.key),
        "key_digest": digest(alert.key),
        "under": None if alert.under is None else key_text(alert.under),
        "rule": storable(alert.rule, LONGEST_NAME),
        "title": storable(alert.title, LONGEST_NAME),
        "metric": storable(alert.metric, LONGEST_NAME),
        "who": storable(alert.who, LONGEST_NAME),
        "owner": storable(alert.owner),
        "currency": storable(alert.currency, LONGEST_NAME),
        "acknowledged_by": person(alert.acknowledged_by),
        "closed_by": person(alert.closed_by),
        "value": _finite(alert.value),
        "limit": _finite(alert.limit),
        "money": _finite(alert.money),
        "body": to_json(alert.body),
    }


def alert_of(row: Row[Any]) -> Alert:
    """What ``alert_row`` wrote."""
    told = _told(alerts, row, without=("key_digest", "body"))
    return Alert(**told, body=of_json(row.body))


def event_row(event: Event) -> dict[str, Any]:
    """Raises ``StateError`` where a person's words are too long."""
    if not event.run and len(event.words) > LONGEST_WORDS:
        raise StateError(
            f"The note has {len(event.words):,} characters, and {LONGEST_WORDS:,} is the most; shorten it."
        )
    return {**_plain(event), "who": person(event.who), "words": storable(event.words, LONGEST_WORDS)}


def event_of(row: Row[Any]) -> Event:
    """What ``event_row`` wrote."""
    return Event(**_told(events, row, without=("number",)))


def run_row(run: Run) -> dict[str, Any]:
    """The run without its rules."""
    plain = _plain(run, without=("rules",))
    return {**plain, "snapshot": storable(run.snapshot), "words": storable(run.words, LONGEST_WORDS)}


def run_of(row: Row[Any], asked: Sequence[Row[Any]]) -> Run:
    """A run with its rules, in their order."""
    rules = tuple(RuleRun(**_told(rule_runs, rule, without=("run", "place"))) for rule in asked)
    return Run(**_told(runs, row, without=("number",)), rules=rules)


def rule_run_row(rule: RuleRun) -> dict[str, Any]:
    """One rule of a run."""
    return {
        **_plain(rule),
        "rule": storable(rule.rule, LONGEST_NAME),
        "title": storable(rule.title, LONGEST_NAME),
        "problem": storable(rule.problem, LONGEST_WORDS),
    }


def notice_row(notice: Notice) -> dict[str, Any]:
    """A notice that is not done."""
    return {**_plain(notice), "owner": storable(notice.owner), "words": storable(notice.words, LONGEST_WORDS)}


def notice_of(row: Row[Any]) -> Notice:
    """What ``notice_row`` wrote."""
    return Notice(**_told(notices, row, without=("number", "done_at")))


def message_row(new: NewMessage) -> dict[str, Any]:
    """What a message says, and to whom."""
    return {
        "owner": storable(new.owner),
        "channel": storable(new.channel),
        "mode": new.mode,
        "subject": storable(new.subject, LONGEST_SUBJECT),
        "text": storable(new.text),
        "html": storable(new.html),
    }


def message_of(row: Row[Any], about: Sequence[str], attachments: Sequence[tuple[str, bytes]] = ()) -> Message:
    """A message and what it is about."""
    return Message(
        **_told(messages, row, without=("number", "leased_until")), alerts=tuple(about), attachments=tuple(attachments)
    )


def kept_rule_of(row: Row[Any]) -> KeptRule:
    """A rule as somebody left it."""
    return KeptRule(id=row.id, body=body_of(row.body), changed_by=row.changed_by, changed_at=row.changed_at)


def rule_change_of(row: Row[Any]) -> RuleChange:
    """One change of a rule."""
    told = _told(rule_changes, row, without=("number", "before", "after"))
    return RuleChange(**told, before=body_of(row.before), after=body_of(row.after))


def rule_id(id: str) -> str:
    """The id of a rule as it is kept."""
    return records.checked("The name of a rule", id, LONGEST_RULE)


def person(who: str) -> str:
    """A reader, or nobody."""
    return records.reader_text(who) if who else ""


def is_id(text: str) -> bool:
    """Whether a text, such as one of an address, can be an id at all."""
    return text.isascii() and text.isalnum()


def key_text(key: str) -> str:
    """A key as it is kept: to the sign, or not at all."""
    if storable(key) != key:
        raise StateError("The key of an alert holds a sign that is no text; make it with alerts.key_of.")
    return key


def digest(key: str) -> str:
    """Tells keys apart however long they are."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def to_json(body: Mapping[str, Any]) -> str:
    """A body as it is kept: pairs and tuples come back as lists, other mappings as dictionaries."""
    return json.dumps(dict(body), ensure_ascii=True, separators=(",", ":"), default=_as_plain)


def of_json(text: str) -> Mapping[str, Any]:
    """What ``to_json`` wrote."""
    return cast("dict[str, Any]", json.loads(text))


def body_of(text: str | None) -> Mapping[str, Any] | None:
    """A rule's body; ``None``: removed."""
    return None if text is None else of_json(text)


def _as_plain(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError(f"A body holds text, numbers, lists and mappings, not {type(value).__name__}.")


def _plain(record: Any, without: Sequence[str] = ()) -> dict[str, Any]:
    return {each.name: getattr(record, each.name) for each in fields(record) if each.name not in without}


def _told(table: Table, row: Row[Any], without: Sequence[str]) -> dict[str, Any]:
    """The columns of a whole row of ``table`` by name."""
    return {name: value for name, value in zip(table.c.keys(), row, strict=True) if name not in without}


def _finite(value: float | None) -> float | None:
    # SQLite keeps no NaN, and a number that is none is no number to show.
    return value if value is not None and math.isfinite(value) else None
