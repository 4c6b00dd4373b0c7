"""``Outbox``: messages about alerts and reports, from when they are made until they are handed over.

A message is handed over by one process. One that dies before it hands over costs nothing: the message is taken up
again. One that dies while it hands over leaves nobody knowing whether the message arrived: it is ``unknown``, and is
said once more, with words that say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select

from ledger.errors import StateError
from state import alert_rows as rows
from state.alert_records import Message, MessageStatus, NewMessage, Notice
from state.alert_tables import attachments, messages, notices
from state.alert_tables import message_notices as links
from state.records import storable
from state.transactions import Transactions, new_id

_TRIES = 5
_LONGEST_ERROR = 1_000
_WITHOUT_FILES = "The files of this report are no longer kept; make the report again and send that."
_GONE = "This message no longer exists; messages are kept for a year."


class Outbox:
    """The messages of the whole company. Every call may raise ``StateError``; each is one transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    # Making

    def compose(self, now: datetime, write: Callable[[Sequence[Notice]], Sequence[NewMessage]]) -> int:
        """Make messages of the notices that are due at ``now``; how many there are.

        ``write`` is given all of them, oldest first, outside of any transaction: it may take its time and read the
        state. What it gives is kept if nobody else has made messages of one of the notices meanwhile. Every notice it
        was given is done with then, also one that no message names: its owner has no channel, and a channel that is
        set up later begins with what happens later. When ``write`` raises, nothing is kept.

        Raises:
            ValueError: a message names a notice that was not given.
        """
        for _ in range(_TRIES):
            with self._in.reading() as connection:
                due = connection.execute(_due(now)).all()
            if not due:
                return 0
            made = write([rows.notice_of(row) for row in due])
            numbers = {row.id: row.number for row in due}
            if unknown := {id for message in made for id in message.notices} - numbers.keys():
                raise ValueError(f"A message names notices that were not given: {sorted(unknown)}.")
            with self._in.in_turn() as connection, self._in.told():
                still = {row.number for row in connection.execute(_due(now)).all()}
                if not still.issuperset(numbers.values()):
                    continue
                _done(connection, list(numbers.values()), now)
                for message in made:
                    _store(connection, message, now, [numbers[id] for id in message.notices])
            return len(made)
        return 0

    def post(self, new: Sequence[NewMessage], now: datetime, who: str) -> list[str]:
        """Keep messages that are about no alert, such as a report that ``who`` sends; all of them, or none.

        Returns:
            Their ids, in order.
        """
        who = rows.person(who)
        with self._in.writing() as connection:
            numbers = [_store(connection, message, now, (), asked_by=who) for message in new]
            ids = connection.execute(sa.select(messages.c.number, messages.c.id).where(messages.c.number.in_(numbers)))
            found = {row.number: row.id for row in ids.all()}
        return [found[number] for number in numbers]

    # Handing over

    def claim(self, now: datetime, lease: timedelta) -> Message | None:
        """The next message that is due, in the hands of this caller alone until ``lease`` is over; ``None``: none.

        It counts as an attempt, and has its files. Say ``handing`` before it goes out, then ``sent`` or ``failed``.
        """
        due = (
            sa.select(messages)
            .where(messages.c.status == "waiting", messages.c.leased_until.is_(None), messages.c.next_try_at <= now)
            .order_by(messages.c.next_try_at, messages.c.number)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self._in.writing() as connection:
            row = connection.execute(due).one_or_none()
            if row is None:
                return None
            taken = {"attempts": row.attempts + 1, "leased_until": now + lease, "tried_at": now}
            connection.execute(sa.update(messages).where(messages.c.number == row.number).values(**taken))
            return _of_numbers(connection, [row.number])[0]

    def handing(self, id: str, now: datetime, attempt: int | None = None) -> bool:
        """Say that a claimed message goes out now; ``False``: it must not, for the lease is over.

        ``attempt``: the ``attempts`` of the message as it was claimed, which tells this claim from a later one.
        """
        mine = (messages.c.id == id) & (messages.c.status == "waiting") & (messages.c.leased_until > now)
        if attempt is not None:
            mine &= messages.c.attempts == attempt
        return self._change(mine, {"status": "sending", "tried_at": now})

    def sent(self, id: str, now: datetime, remark: str = "") -> None:
        """It was handed over. Its files are no longer needed.

        ``remark``: kept as its ``error``, where it arrived but not everywhere; it holds no secret.

        One that took longer than its lease, and was thought lost, is known again: a repeat that nobody has taken up
        yet is withdrawn.
        """
        values = {
            "status": "sent",
            "sent_at": now,
            "next_try_at": None,
            "leased_until": None,
            "error": storable(remark, _LONGEST_ERROR),
        }
        with self._in.writing() as connection:
            mine = (messages.c.id == id) & messages.c.status.in_(("sending", "unknown"))
            row = connection.execute(
                sa.update(messages).where(mine).values(**values).returning(messages.c.number)
            ).one_or_none()
            if row is None:
                return
            connection.execute(sa.delete(attachments).where(attachments.c.message == row.number))
            untouched = (messages.c.status == "waiting") & (messages.c.attempts == 0) & (messages.c.asked_by == "")
            connection.execute(sa.delete(messages).where(messages.c.repeats == id, untouched))

    def failed(self, id: str, now: datetime, error: str, retry_at: datetime | None, attempt: int | None = None) -> None:
        """It could not be handed over: try it again at ``retry_at``, or ``None``: give it up.

        ``error`` holds no secret: the caller sees to that. ``attempt``: as of ``handing``; a claim that somebody else
        has taken over meanwhile is theirs.
        """
        values = {
            "status": "waiting" if retry_at else "failed",
            "next_try_at": retry_at,
            "leased_until": None,
            "tried_at": now,
            "error": storable(error, _LONGEST_ERROR),
        }
        held = messages.c.status.in_(("waiting", "sending")) & messages.c.leased_until.is_not(None)
        mine = (messages.c.id == id) & held
        self._change(mine if attempt is None else mine & (messages.c.attempts == attempt), values)

    def recover(self, now: datetime, retell: Callable[[Message], NewMessage]) -> list[Message]:
        """See to messages whose lease is over, for the process that held them is dead or stuck.

        One that had not gone out waits again. One that was going out is ``unknown`` from now on, and ``retell`` says it
        anew: that message waits, about the same alerts, and ``repeats`` the other. Done once, whoever comes first.

        Returns:
            The messages that became ``unknown``.
        """
        over = messages.c.leased_until <= now
        with self._in.in_turn() as connection:
            with self._in.told():
                back = {"leased_until": None, "next_try_at": now}
                connection.execute(sa.update(messages).where(messages.c.status == "waiting", over).values(**back))
                lost = connection.execute(
                    sa.update(messages)
                    .where(messages.c.status == "sending", over)
                    .values(status="unknown", leased_until=None, next_try_at=None)
                    .returning(messages.c.number)
                )
                found = _of_numbers(connection, list(lost.scalars()))
            told = [(message, retell(message)) for message in found]
            with self._in.told():
                for message, new in told:
                    _store(connection, new, now, _notices_of(connection, message.id), repeats=message.id)
        return found

    def again(self, id: str, now: datetime, who: str) -> Message:
        """Send a message once more because ``who`` asks for it: a copy of it waits.

        The copy ``repeats`` one that has arrived, or may have.

        Raises:
            StateError: there is no such message, it is still on its way, or it is a report whose files are gone.
        """
        who = rows.person(who)
        with self._in.in_turn() as connection:
            with self._in.told():
                found = _of_id(connection, id)
            if found is None:
                raise StateError(_GONE)
            if found.status in ("waiting", "sending"):
                raise StateError("This message is still on its way; wait until it has been sent or given up.")
            if found.mode == "report" and not found.attachments:
                raise StateError(_WITHOUT_FILES)
            with self._in.told():
                repeats = "" if found.status == "failed" else found.id
                made = _store(connection, found.anew(), now, _notices_of(connection, id), repeats=repeats, asked_by=who)
                return _of_numbers(connection, [made])[0]

    # Reading

    def messages(self, limit: int = 100, alert: str | None = None) -> list[Message]:
        """The messages, or those about one alert, the newest first, without their files."""
        chosen = sa.select(messages).order_by(messages.c.number.desc()).limit(limit)
        if alert is not None and not rows.is_id(alert):
            return []
        if alert is not None:
            about = sa.select(links.c.message).join(notices, notices.c.number == links.c.notice)
            chosen = chosen.where(messages.c.number.in_(about.where(notices.c.alert == alert)))
        with self._in.reading() as connection:
            found = connection.execute(chosen).all()
            told = _alerts_of(connection, [row.number for row in found])
        return [rows.message_of(row, told.get(row.number, ())) for row in found]

    def message(self, id: str) -> Message | None:
        """One message with the files it still has; ``None`` when there is none."""
        with self._in.reading() as connection:
            return _of_id(connection, id)

    def counts(self) -> Mapping[MessageStatus, int]:
        """How many messages there are of each status; a status without messages is left out."""
        chosen = sa.select(messages.c.status, sa.func.count().label("number")).group_by(messages.c.status)
        with self._in.reading() as connection:
            return {row.status: row.number for row in connection.execute(chosen).all()}

    def _change(self, which: ColumnElement[bool], values: Mapping[str, Any]) -> bool:
        """Change the message that is ``which``; whether there was one."""
        with self._in.writing() as connection:
            return connection.execute(sa.update(messages).where(which).values(**values)).rowcount == 1


def _due(now: datetime) -> Select[Any]:
    due = (notices.c.due_at <= now) & notices.c.done_at.is_(None)
    return sa.select(notices).where(due).order_by(notices.c.due_at, notices.c.number)


def _done(connection: Connection, numbers: Sequence[int], now: datetime) -> None:
    one = sa.update(notices).where(notices.c.number == sa.bindparam("which")).values(done_at=now)
    connection.execute(one, [{"which": number} for number in numbers])


def _store(
    connection: Connection,
    new: NewMessage,
    now: datetime,
    about: Sequence[int],
    *,
    repeats: str = "",
    asked_by: str = "",
) -> int:
    """Keep a new message that waits from now on; its number. ``about``: the numbers of its notices."""
    values = {
        **rows.message_row(new),
        "id": new_id(),
        "status": "waiting",
        "created_at": now,
        "attempts": 0,
        "next_try_at": now,
        "error": "",
        "repeats": repeats,
        "asked_by": asked_by,
    }
    number = connection.execute(sa.insert(messages).values(**values).returning(messages.c.number)).scalar_one()
    if about:
        its = [{"message": number, "notice": notice} for notice in dict.fromkeys(about)]
        connection.execute(sa.insert(links), its)
    if new.attachments:
        files = [
            {"message": number, "place": place, "name": storable(name), "data": data}
            for place, (name, data) in enumerate(new.attachments)
        ]
        connection.execute(sa.insert(attachments), files)
    return number


def _of_id(connection: Connection, id: str) -> Message | None:
    if not rows.is_id(id):
        return None
    numbers = connection.execute(sa.select(messages.c.number).where(messages.c.id == id)).scalars().all()
    return next(iter(_of_numbers(connection, numbers)), None)


def _of_numbers(connection: Connection, numbers: Sequence[int]) -> list[Message]:
    """Whole messages with their files, in the order they were made."""
    found = connection.execute(sa.select(messages).where(messages.c.number.in_(numbers)).order_by(messages.c.number))
    told = _alerts_of(connection, numbers)
    return [rows.message_of(row, told.get(row.number, ()), _files_of(connection, row.number)) for row in found.all()]


def _files_of(connection: Connection, number: int) -> list[tuple[str, bytes]]:
    its = sa.select(attachments.c.name, attachments.c.data).where(attachments.c.message == number)
    return [(row.name, bytes(row.data)) for row in connection.execute(its.order_by(attachments.c.place)).all()]


def _notices_of(connection: Connection, id: str) -> list[int]:
    its = sa.select(links.c.notice).join(messages, messages.c.number == links.c.message).where(messages.c.id == id)
    return list(connection.execute(its.order_by(links.c.notice)).scalars())


def _alerts_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The alerts that each message is about, in the order of its notices."""
    found = connection.execute(
        sa.select(links.c.message, notices.c.alert)
        .join(notices, notices.c.number == links.c.notice)
        .where(links.c.message.in_(numbers))
        .order_by(links.c.message, links.c.notice)
    ).all()
    return {
        number: tuple(dict.fromkeys(row.alert for row in its))
        for number, its in groupby(found, key=lambda row: row.message)
    }
