"""Transactions of the state database: to read, to write, and to write while everybody else waits."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from state.database import Place, writing
from state.migrate import bring_up_to_date
from state.troubles import told

_TURN_SECONDS = 60
_TURN = 0x616C65727473  # any number that nobody else uses: "alerts" in ASCII


class Transactions:
    """Begins and ends transactions of one database; may be shared by threads."""

    def __init__(self, database: Engine, where: Place) -> None:
        self._database = database
        self._where = where

    def told(self) -> AbstractContextManager[None]:
        """Turns what this database objects to into a ``StateError``."""
        return told(self._where)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A transaction that changes nothing."""
        with self.told():
            self._restore()
            with self._database.connect() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction that is kept at the end, and undone when something is raised in it."""
        with self.told():
            self._restore()
            with writing(self._database).begin() as connection:
                yield connection

    @contextmanager
    def in_turn(self) -> Generator[Connection]:
        """A transaction that writes, one at a time over all processes; who comes second sees what the first has kept.

        What the caller raises in it is passed on as it is: use ``told`` for what the database objects to.
        """
        with self.told():
            self._restore()
            connection = writing(self._database).connect()
        try:
            with self.told():
                connection.begin()
                if self._where.file is None:
                    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_TURN_SECONDS}s'"))
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
            yield connection
            with self.told():
                connection.commit()
        finally:
            # A connection that is lost has undone everything by itself; what was raised is the news.
            with suppress(SQLAlchemyError):
                connection.close()

    def put(
        self,
        connection: Connection,
        table: Table,
        values: Mapping[str, Any],
        replacing: Sequence[str] = (),
        key: Sequence[Column[Any]] = (),
    ) -> None:
        """Insert a row; where its ``key`` is there already, replace the columns ``replacing`` and nothing else.

        ``key``: the columns that are unique; the primary key when left out.
        """
        insert = (sqlite if self._where.file else postgresql).insert(table)
        unique = list(key or table.primary_key)
        if replacing:
            new = {name: insert.excluded[name] for name in replacing}
            insert = insert.on_conflict_do_update(index_elements=unique, set_=new)
        else:
            insert = insert.on_conflict_do_nothing(index_elements=unique)
        connection.execute(insert, dict(values))

    def _restore(self) -> None:
        """Make the file anew where somebody has moved it away, so that the app needs no restart."""
        if self._where.file is not None and not self._where.file.exists():
            bring_up_to_date(self._database, self._where)


def new_id() -> str:
    """80 random bits in small letters and digits: nobody guesses it, and no mail program cuts it off a link."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()
