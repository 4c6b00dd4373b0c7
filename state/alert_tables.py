"""The tables of alerts, their runs and their messages. See ``state.tables``; a change here needs a migration.

Rows that come one after the other have a ``number``, which says in which order; what is linked to has an ``id``.
Names and words come from the books and from rules, so they may be of any length and any sign: they are ``Text``.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    TypedColumns,
)

from state.tables import LONGEST_ID, LONGEST_READER, METADATA, Utc

LONGEST_WORD = 20
"""Of the code's own words: a status, a kind, a mode."""
LONGEST_RULE = 60
_DIGEST = 64


def _of(column: str, *, ondelete: str | None = None) -> ForeignKey:
    # Held when the transaction ends: what belongs together may be written in any order.
    return ForeignKey(column, ondelete=ondelete, deferrable=True, initially="DEFERRED")


class _Alerts(TypedColumns):
    id = Column(String(LONGEST_ID), primary_key=True)
    # A key may be longer than an index of PostgreSQL takes: its SHA-256 is what is unique.
    key_digest = Column(String(_DIGEST), nullable=False, unique=True)
    key = Column(Text, nullable=False)
    rule = Column(Text, nullable=False)
    title = Column(Text, nullable=False)
    metric = Column(Text, nullable=False)
    who = Column(Text, nullable=False)
    severity = Column(String(LONGEST_WORD), nullable=False)
    owner = Column(Text, nullable=False)
    status = Column(String(LONGEST_WORD), nullable=False, index=True)
    currency = Column(Text, nullable=False)
    day = Column(Date, nullable=False)
    since = Column(Date, nullable=False)
    opened_at = Column(Utc, nullable=False)
    opened_on = Column(Date, nullable=False)
    times = Column(Integer, nullable=False)
    under = Column(Text)
    acknowledged_by = Column(String(LONGEST_READER), nullable=False)
    snoozed_until = Column(Date)
    resolved_at = Column(Utc)
    closed_by = Column(String(LONGEST_READER), nullable=False)
    value = Column(Float)
    limit = Column(Float)
    money = Column(Float)
    # JSON, written and read whole.
    body = Column(Text, nullable=False)


class _Events(TypedColumns):
    number = Column(Integer, primary_key=True)
    alert = Column(String(LONGEST_ID), _of("alerts.id"), nullable=False, index=True)
    at = Column(Utc, nullable=False)
    kind = Column(String(LONGEST_WORD), nullable=False)
    who = Column(String(LONGEST_READER), nullable=False)
    # No key of another table: events stay when runs are pruned.
    run = Column(String(LONGEST_ID), nullable=False)
    words = Column(Text, nullable=False)


class _Runs(TypedColumns):
    number = Column(Integer, primary_key=True)
    id = Column(String(LONGEST_ID), nullable=False, unique=True)
    started_at = Column(Utc, nullable=False)
    finished_at = Column(Utc, nullable=False)
    by = Column(String(LONGEST_WORD), nullable=False)
    outcome = Column(String(LONGEST_WORD), nullable=False)
    snapshot = Column(Text, nullable=False)
    made_at = Column(Utc)
    day = Column(Date)
    words = Column(Text, nullable=False)


class _RuleRuns(TypedColumns):
    run = Column(Integer, _of("alert_runs.number", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    place = Column(Integer, primary_key=True, autoincrement=False)
    rule = Column(Text, nullable=False)
    title = Column(Text, nullable=False)
    judged = Column(Integer, nullable=False)
    breached = Column(Integer, nullable=False)
    opened = Column(Integer, nullable=False)
    resolved = Column(Integer, nullable=False)
    problem = Column(Text, nullable=False)


class _Rules(TypedColumns):
    id = Column(String(LONGEST_RULE), primary_key=True)
    # JSON; null for a rule that was removed.
    body = Column(Text)
    changed_by = Column(String(LONGEST_READER), nullable=False)
    changed_at = Column(Utc, nullable=False)


class _RuleChanges(TypedColumns):
    number = Column(Integer, primary_key=True)
    rule = Column(String(LONGEST_RULE), nullable=False, index=True)
    at = Column(Utc, nullable=False)
    who = Column(String(LONGEST_READER), nullable=False)
    change = Column(String(LONGEST_WORD), nullable=False)
    before = Column(Text)
    after = Column(Text)


class _Notices(TypedColumns):
    number = Column(Integer, primary_key=True)
    id = Column(String(LONGEST_ID), nullable=False, unique=True)
    alert = Column(String(LONGEST_ID), _of("alerts.id"), nullable=False, index=True)
    kind = Column(String(LONGEST_WORD), nullable=False)
    owner = Column(Text, nullable=False)
    mode = Column(String(LONGEST_WORD), nullable=False)
    created_at = Column(Utc, nullable=False)
    due_at = Column(Utc, nullable=False)
    words = Column(Text, nullable=False)
    # When messages were made of it, or when it was found that nobody is to be told.
    done_at = Column(Utc)


class _Messages(TypedColumns):
    number = Column(Integer, primary_key=True)
    id = Column(String(LONGEST_ID), nullable=False, unique=True)
    owner = Column(Text, nullable=False)
    channel = Column(Text, nullable=False)
    mode = Column(String(LONGEST_WORD), nullable=False)
    subject = Column(Text, nullable=False)
    text = Column(Text, nullable=False)
    html = Column(Text, nullable=False)
    status = Column(String(LONGEST_WORD), nullable=False)
    created_at = Column(Utc, nullable=False)
    attempts = Column(Integer, nullable=False)
    next_try_at = Column(Utc)
    # Until then it is in the hands of one process; null where it is in nobody's.
    leased_until = Column(Utc)
    tried_at = Column(Utc)
    sent_at = Column(Utc)
    error = Column(Text, nullable=False)
    repeats = Column(String(LONGEST_ID), nullable=False, index=True)
    asked_by = Column(String(LONGEST_READER), nullable=False)


class _MessageNotices(TypedColumns):
    message = Column(Integer, _of("alert_messages.number", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    notice = Column(
        Integer, _of("alert_notices.number", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )


class _Attachments(TypedColumns):
    message = Column(Integer, _of("alert_messages.number", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    place = Column(Integer, primary_key=True, autoincrement=False)
    name = Column(Text, nullable=False)
    data = Column(LargeBinary, nullable=False)


alerts = Table("alerts", METADATA, _Alerts)
events = Table("alert_events", METADATA, _Events)
runs = Table("alert_runs", METADATA, _Runs)
rule_runs = Table("alert_rule_runs", METADATA, _RuleRuns)
rules = Table("alert_rules", METADATA, _Rules)
rule_changes = Table("alert_rule_changes", METADATA, _RuleChanges)
notices = Table("alert_notices", METADATA, _Notices, Index(None, "done_at", "due_at"))
messages = Table("alert_messages", METADATA, _Messages, Index(None, "status", "next_try_at"))
message_notices = Table("alert_message_notices", METADATA, _MessageNotices)
attachments = Table("alert_attachments", METADATA, _Attachments)
