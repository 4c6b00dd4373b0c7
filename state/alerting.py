"""``Alerting``: alerts, what happened to them, the runs that found them, and the rules that people changed.

What an alert's life is, ``alerts`` decides: here it is kept. Whoever changes alerts does it at the ``desk``, where
there is room for one at a time, over all threads and processes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Executable, Row, Select

from state import alert_rows as rows
from state.alert_records import Alert, Event, KeptRule, Notice, RuleChange, Run, Status
from state.alert_tables import alerts, attachments, events, messages, notices, rule_changes, rule_runs, rules, runs
from state.alert_tables import message_notices as links
from state.transactions import Transactions, new_id

MOST_KEPT = 1_000
"""So many runs, and so many messages that are done with, are kept at most."""
KEPT_FOR = timedelta(days=365)
"""No longer than this."""
ATTACHMENTS_FOR = timedelta(days=30)
"""So long a message that did not arrive keeps its files, so that it can be sent again."""

_DONE_WITH = ("sent", "failed", "unknown")


class Alerting:
    """Alerts of the whole company. Every call may raise ``StateError``; each is one transaction."""

    def __init__(self, transactions: Transactions, now: Callable[[], datetime]) -> None:
        self._in = transactions
        self._now = now

    @contextmanager
    def desk(self) -> Generator[Desk]:
        """The one place where alerts are changed: everybody else waits until it is free.

        What is done there is kept at the end, all of it, or nothing when something is raised. Whoever waits for more
        than 15 seconds, a minute on PostgreSQL, gets a ``StateError``.
        """
        with self._in.in_turn() as connection:
            yield Desk(self._in, connection)

    # Alerts

    def alerts(self, statuses: Sequence[Status] | None = None) -> list[Alert]:
        """All alerts, or those of some statuses; the one raised last comes first."""
        chosen = sa.select(alerts)
        if statuses is not None:
            chosen = chosen.where(alerts.c.status.in_(statuses))
        found = self._all(chosen.order_by(alerts.c.opened_at.desc(), alerts.c.id))
        return [rows.alert_of(row) for row in found]

    def alert(self, id: str) -> Alert | None:
        """The alert with this id; ``None`` when there is none."""
        if not rows.is_id(id):
            return None
        found = self._all(sa.select(alerts).where(alerts.c.id == id))
        return rows.alert_of(found[0]) if found else None

    def asked(self) -> date | None:
        """The last day of the data that the rules were asked of last; ``None`` where they never were."""
        return next((run.day for run in self.runs() if run.outcome == "applied"), None)

    def events(self, alert_id: str) -> list[Event]:
        """What happened to one alert, the newest last."""
        if not rows.is_id(alert_id):
            return []
        found = self._all(sa.select(events).where(events.c.alert == alert_id).order_by(events.c.number))
        return [rows.event_of(row) for row in found]

    def recent_events(self, limit: int = 200) -> list[Event]:
        """What happened to all alerts, the newest first."""
        found = self._all(sa.select(events).order_by(events.c.number.desc()).limit(limit))
        return [rows.event_of(row) for row in found]

    def runs(self, limit: int = 50) -> list[Run]:
        """The evaluations, the newest first, each with its rules."""
        with self._in.reading() as connection:
            return _runs(connection, sa.select(runs).order_by(runs.c.number.desc()).limit(limit))

    # Rules

    def kept_rules(self) -> list[KeptRule]:
        """The rules that somebody changed, added or removed, by id. All others are as the file says."""
        return [rows.kept_rule_of(row) for row in self._all(sa.select(rules).order_by(rules.c.id))]

    def keep_rule(self, id: str, body: Mapping[str, Any] | None, who: str) -> None:
        """Keep a rule as somebody has made it; ``None``: removed. What is so already is no change.

        Raises:
            StateError: the id or the reader cannot be.
        """
        id, who = rows.rule_id(id), rows.person(who)
        text = None if body is None else rows.to_json(body)
        with self._in.in_turn() as connection, self._in.told():
            kept = _kept_rule(connection, id)
            if kept is not None and rows.body_of(kept.body) == rows.body_of(text):
                return
            values = {"id": id, "body": text, "changed_by": who, "changed_at": self._now()}
            self._in.put(connection, rules, values, replacing=("body", "changed_by", "changed_at"))
            self._note_change(connection, id, who, "removed" if text is None else "kept", kept, text)

    def restore_rule(self, id: str, who: str) -> None:
        """Forget what people made of a rule: it is again as the file says. One that nobody changed is no error."""
        id, who = rows.rule_id(id), rows.person(who)
        with self._in.in_turn() as connection, self._in.told():
            kept = _kept_rule(connection, id)
            if kept is None:
                return
            connection.execute(sa.delete(rules).where(rules.c.id == id))
            self._note_change(connection, id, who, "restored", kept, None)

    def rule_changes(self, id: str | None = None, limit: int = 100) -> list[RuleChange]:
        """Who changed which rule, or one rule, when and how; the newest first."""
        chosen = sa.select(rule_changes)
        if id is not None:
            chosen = chosen.where(rule_changes.c.rule == rows.rule_id(id))
        found = self._all(chosen.order_by(rule_changes.c.number.desc()).limit(limit))
        return [rows.rule_change_of(row) for row in found]

    def _note_change(
        self, connection: Connection, id: str, who: str, change: str, before: Row[Any] | None, after: str | None
    ) -> None:
        values = {"rule": id, "at": self._now(), "who": who, "change": change, "after": after}
        text = None if before is None else before.body
        connection.execute(sa.insert(rule_changes).values(**values, before=text))

    def _all(self, chosen: Select[Any]) -> Sequence[Row[Any]]:
        with self._in.reading() as connection:
            return connection.execute(chosen).all()


class Desk:
    """Alerts while nobody else may change them. Made by ``Alerting.desk``, and good until its end."""

    def __init__(self, transactions: Transactions, connection: Connection) -> None:
        self._in = transactions
        self._connection = connection

    def new_id(self) -> str:
        """An id that nobody has and nobody guesses."""
        return new_id()

    def alerts(self) -> dict[str, Alert]:
        """Every alert there is, by its key, those that have ended too."""
        with self._in.told():
            found = self._connection.execute(sa.select(alerts).order_by(alerts.c.opened_at, alerts.c.id)).all()
        return {row.key: rows.alert_of(row) for row in found}

    def put(self, alert: Alert) -> None:
        """Keep an alert in place of the one with its key; the id of that one stays.

        Raises:
            StateError: its key is no text, or a reader's name cannot be.
        """
        values = rows.alert_row(alert)
        replacing = [name for name in values if name not in ("id", "key", "key_digest")]
        with self._in.told():
            self._in.put(self._connection, alerts, values, replacing, key=[alerts.c.key_digest])

    def note(self, event: Event) -> None:
        """Write down what happened. A person's words are refused where they are too long, the run's are cut."""
        self._do(sa.insert(events).values(**rows.event_row(event)))

    def post(self, notice: Notice) -> None:
        """Leave something for an owner, for the outbox to make messages of."""
        self._do(sa.insert(notices).values(**rows.notice_row(notice)))

    def is_waiting(self, alert: str) -> bool:
        """Whether something that an owner is to hear of this alert has not become a message yet."""
        chosen = sa.select(sa.exists().where(notices.c.alert == alert, notices.c.done_at.is_(None)))
        with self._in.told():
            return bool(self._connection.execute(chosen).scalar())

    def last_digest(self, owner: str) -> datetime | None:
        """When something was last put into a digest for an owner; ``None`` before the first."""
        chosen = sa.select(sa.func.max(notices.c.done_at)).where(notices.c.owner == owner, notices.c.mode == "digest")
        with self._in.told():
            return self._connection.execute(chosen).scalar()

    def last_applied(self) -> Run | None:
        """The newest evaluation that was put to use; ``None`` before the first."""
        chosen = sa.select(runs).where(runs.c.outcome == "applied").order_by(runs.c.number.desc()).limit(1)
        with self._in.told():
            found = _runs(self._connection, chosen)
        return found[0] if found else None

    def keep(self, run: Run) -> None:
        """Write an evaluation down, and forget runs and messages that are too old or too many."""
        with self._in.told():
            made = self._connection.execute(sa.insert(runs).values(**rows.run_row(run)).returning(runs.c.number))
            number = made.scalar_one()
            asked = [{**rows.rule_run_row(rule), "run": number, "place": place} for place, rule in enumerate(run.rules)]
            if asked:
                self._connection.execute(sa.insert(rule_runs), asked)
            _prune(self._connection, run.finished_at)

    def _do(self, statement: Executable) -> None:
        with self._in.told():
            self._connection.execute(statement)


def _runs(connection: Connection, chosen: Select[Any]) -> list[Run]:
    found = connection.execute(chosen).all()
    asked = connection.execute(
        sa.select(rule_runs)
        .where(rule_runs.c.run.in_([row.number for row in found]))
        .order_by(rule_runs.c.run, rule_runs.c.place)
    ).all()
    of_run = {number: list(its) for number, its in groupby(asked, key=lambda row: row.run)}
    return [rows.run_of(row, of_run.get(row.number, [])) for row in found]


def _kept_rule(connection: Connection, id: str) -> Row[Any] | None:
    return connection.execute(sa.select(rules).where(rules.c.id == id)).one_or_none()


def _prune(connection: Connection, now: datetime) -> None:
    """What belongs to a run or a message goes with it. The last run that was put to use stays, however old."""
    last = sa.select(sa.func.max(runs.c.number)).where(runs.c.outcome == "applied").scalar_subquery()
    old = (runs.c.finished_at < now - KEPT_FOR) | (runs.c.number <= _last_but(connection, sa.select(runs.c.number)))
    connection.execute(sa.delete(runs).where(old, runs.c.number != sa.func.coalesce(last, 0)))

    done_with = messages.c.status.in_(_DONE_WITH)
    too_many = _last_but(connection, sa.select(messages.c.number).where(done_with))
    gone = (messages.c.created_at < now - KEPT_FOR) | (messages.c.number <= too_many)
    connection.execute(sa.delete(messages).where(done_with, gone))
    undelivered = sa.select(messages.c.number).where(done_with, messages.c.created_at < now - ATTACHMENTS_FOR)
    connection.execute(sa.delete(attachments).where(attachments.c.message.in_(undelivered)))

    linked = sa.exists().where(links.c.notice == notices.c.number)
    connection.execute(sa.delete(notices).where(notices.c.done_at < now - KEPT_FOR, ~linked))


def _last_but(connection: Connection, numbers: Select[Any]) -> int:
    """The highest number beyond the newest ``MOST_KEPT``; 0 where there are no more."""
    column = numbers.selected_columns[0]
    return connection.execute(numbers.order_by(column.desc()).offset(MOST_KEPT).limit(1)).scalar() or 0
