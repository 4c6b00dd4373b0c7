"""``Fixes``: what people corrected in the master data, and what they looked at and passed. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy import Row

from ledger.errors import StateError
from ledger.fixes import Fix, check
from state.records import checked, reader_text
from state.tables import LONGEST_KEY, LONGEST_NAME
from state.tables import fixes as kept
from state.transactions import Transactions

LONGEST_WHY = 1_000
LONGEST_VALUE = 400
_PASSED = "passed"


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A fix with who accepted it, why and when, and who withdrew it. Times are UTC."""

    fix: Fix
    why: str
    by: str
    at: datetime
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None


class AlreadyInForceError(StateError):
    """The very fix is in force: ``signed``."""

    def __init__(self, signed: Signed) -> None:
        since = f"{signed.at:%Y-%m-%d %H:%M} UTC"
        super().__init__(f"'{signed.fix.words()}' is in force already, by {signed.by} since {since}.")
        self.signed = signed


class Fixes:
    """The fixes of the whole company. Every call may raise ``StateError``; each is one transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def all(self) -> list[Signed]:
        """Every fix there ever was, the newest first."""
        chosen = sa.select(kept).where(kept.c.kind != _PASSED).order_by(kept.c.at.desc(), kept.c.id)
        with self._in.reading() as connection:
            return [_signed(row) for row in connection.execute(chosen).all()]

    def in_force(self) -> tuple[Fix, ...]:
        """Those that a refresh applies, the oldest first."""
        return tuple(one.fix for one in reversed(self.all()) if one.in_force)

    def accept(self, fix: Fix, dimensions: Iterable[str], why: str, by: str, now: datetime) -> Fix:
        """Keep a fix, under an id of its own.

        Raises:
            AlreadyInForceError: so.
            OutstandingError: it cannot be applied to anything, or another of the same is in force.
        """
        with self._in.writing() as connection:
            # First of all: a second click is told from a correction that cannot be.
            _refuse_again(connection, fix)
            check(fix, dimensions)
            made = Fix(
                uuid4().hex,
                fix.kind,
                checked("The column", fix.column, LONGEST_NAME),
                checked("The customer", fix.key, LONGEST_KEY) if fix.key else "",
                fix.was,
                checked("The value", fix.value.strip(), LONGEST_VALUE),
            )
            _refuse_another(connection, made)
            values = {**asdict(made), "why": _why(why), "by": reader_text(by), "at": now}
            connection.execute(sa.insert(kept).values(values))
        return made

    def withdraw(self, id: str, by: str, now: datetime) -> Signed:
        """Take a fix back: the next refresh gives what the source gives.

        Raises:
            StateError: there is none of that id, or it was withdrawn before.
        """
        with self._in.writing() as connection:
            row = connection.execute(sa.select(kept).where(kept.c.id == id)).one_or_none()
            if row is None or row.kind == _PASSED:
                raise StateError(f"There is no fix '{id}'.")
            if row.withdrawn_at is not None:
                raise StateError(f"{row.withdrawn_by} withdrew that fix already.")
            taken = {"withdrawn_by": reader_text(by), "withdrawn_at": now}
            connection.execute(sa.update(kept).where(kept.c.id == id).values(taken))
            return _signed(connection.execute(sa.select(kept).where(kept.c.id == id)).one())

    def passed(self) -> frozenset[str]:
        """What somebody looked at and found right: the marks of suspects."""
        chosen = sa.select(kept.c.key).where(kept.c.kind == _PASSED, kept.c.withdrawn_at.is_(None))
        with self._in.reading() as connection:
            return frozenset(connection.execute(chosen).scalars())

    def pass_by(self, check: str, mark: str, why: str, by: str, now: datetime) -> None:
        """Remember that a suspect is right as it is; it is not shown again while its facts stay the same."""
        values = {
            "id": uuid4().hex,
            "kind": _PASSED,
            "column": checked("The check", check, LONGEST_NAME),
            "key": checked("The suspect", mark, LONGEST_KEY),
            "value": "",
            "why": _why(why),
            "by": reader_text(by),
            "at": now,
        }
        with self._in.writing() as connection:
            connection.execute(sa.insert(kept).values(values))


def _in_force(connection: sa.Connection, fix: Fix) -> list[Signed]:
    """What is in force of the same field."""
    same = (kept.c.kind == fix.kind) & (kept.c.column == fix.column) & (kept.c.key == fix.key)
    return [_signed(row) for row in connection.execute(sa.select(kept).where(same, kept.c.withdrawn_at.is_(None)))]


def _refuse_again(connection: sa.Connection, fix: Fix) -> None:
    for one in _in_force(connection, fix):
        # After a refresh the books have the value that was asked for.
        known = {one.fix.was, one.fix.value} if fix.kind == "value" else {one.fix.was}
        if one.fix.value == fix.value.strip() and fix.was in known:
            raise AlreadyInForceError(one)


def _refuse_another(connection: sa.Connection, made: Fix) -> None:
    if other := next((one for one in _in_force(connection, made) if one.fix.was == made.was), None):
        raise StateError(f"{other.by} accepted another correction of that: {other.fix.words()}. Withdraw it first.")
    back = kept.c.column == "parent_id", kept.c.key == made.value, kept.c.value == made.key
    circle = sa.select(kept.c.id).where(*back, kept.c.withdrawn_at.is_(None))
    if made.column == "parent_id" and connection.execute(circle).first():
        raise StateError(f"{made.value} is to be part of {made.key} already: the other way round is not possible.")


def _why(words: str) -> str:
    return checked("The reason", words.strip(), LONGEST_WHY) if words.strip() else ""


def _signed(row: Row[Any]) -> Signed:
    fix = Fix(row.id, row.kind, row.column, row.key, row.was, row.value)
    return Signed(
        fix=fix, why=row.why, by=row.by, at=row.at, withdrawn_by=row.withdrawn_by, withdrawn_at=row.withdrawn_at
    )
