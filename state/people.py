"""``State``: the one way to what people keep. Each call is one transaction; the object may be shared by threads."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Row
from sqlalchemy.exc import IntegrityError

from config.settings import Settings
from ledger.errors import StateError
from state import records
from state.alerting import Alerting
from state.commentary import Commentary
from state.database import Place, engine, place
from state.fixing import Fixes
from state.migrate import bring_up_to_date
from state.outbox import Outbox
from state.records import Favourite, SavedView
from state.tables import favourites, saved_views, seen_notices
from state.transactions import Transactions, new_id
from state.troubles import told

_GONE = "This view no longer exists; save it anew."


class State:
    """Saved views, favourites and notices seen, of every reader; and the alerts, which are everybody's.

    A reader is opaque text. Every call may raise ``StateError``: one sentence when the database cannot be read or
    written, or when what is asked for cannot be.
    """

    def __init__(self, database: Engine, where: Place, now: Callable[[], datetime]) -> None:
        self._database = database
        self._where = where
        self._now = now
        self._in = Transactions(database, where)
        self._alerting = Alerting(self._in, now)
        self._outbox = Outbox(self._in)
        self._commentary = Commentary(self._in)
        self._fixes = Fixes(self._in)

    @classmethod
    def open(cls, settings: Settings, now: Callable[[], datetime] | None = None) -> State:
        """The state database of ``settings``, brought to the shape this code knows.

        Args:
            settings: Names the store's folder and, where there is one, the database's URL.
            now: The clock, for tests.

        Raises:
            ConfigError: ``[state] url`` is no URL, or needs a variable that is not set.
            StateError: The database cannot be opened or changed, is damaged, or is newer than this code.
        """
        where = place(settings)
        with told(where):
            database = engine(where)
            try:
                bring_up_to_date(database, where)
            except BaseException:
                database.dispose()
                raise
        return cls(database, where, now or _utc_now)

    @property
    def where(self) -> Place:
        """Which database this is."""
        return self._where

    @property
    def alerting(self) -> Alerting:
        """Alerts, what happened to them, the runs, and the rules that people changed."""
        return self._alerting

    @property
    def outbox(self) -> Outbox:
        """The messages about alerts."""
        return self._outbox

    @property
    def commentary(self) -> Commentary:
        """What people wrote about the sections of packs."""
        return self._commentary

    @property
    def fixes(self) -> Fixes:
        """What people corrected in the master data."""
        return self._fixes

    def now(self) -> datetime:
        """The moment by the clock of this state, in UTC."""
        return self._now()

    def close(self) -> None:
        """Let go of every connection."""
        self._database.dispose()

    # Saved views

    def views(self, reader: str) -> list[SavedView]:
        """What ``reader`` may choose from: their own views, then those that others share, each by name."""
        mine = saved_views.c.owner == records.reader_text(reader)
        with self._in.reading() as connection:
            rows = connection.execute(sa.select(saved_views).where(mine | saved_views.c.shared)).all()
        found = [_view(row) for row in rows]
        return sorted(found, key=lambda view: (view.owner != reader, records.name_key(view.name), view.id))

    def view(self, id: str) -> SavedView | None:
        """The view with this id, shared or not: who has the link may open it. ``None`` when there is none."""
        if not id.isascii() or not id.isalnum():
            return None
        with self._in.reading() as connection:
            row = connection.execute(sa.select(saved_views).where(saved_views.c.id == id)).one_or_none()
        return _view(row) if row else None

    def save_view(
        self,
        name: str,
        page: str,
        parameters: Mapping[str, Sequence[str]],
        reader: str,
        *,
        shared: bool = True,
        id: str | None = None,
    ) -> SavedView:
        """Keep an address under a name.

        Args:
            name: Up to 80 signs, unlike the other names of this reader.
            page: The page's script, such as ``pages/reports/explorer.py``.
            parameters: The address: every value of each parameter.
            reader: Who saves it, and then owns it.
            shared: Whether others find it among theirs. Its link opens it in any case.
            id: The view to replace; only its owner may. Left out, a new one is made.

        Raises:
            StateError: The name is empty, too long or taken; or the view is gone, or somebody else's.
        """
        values = {
            "name": records.name_text(name),
            "name_key": records.name_key(name),
            "page": records.page_text(page),
            "parameters": records.parameters_text(parameters),
            "shared": shared,
            "changed_at": self._now(),
        }
        owner = records.reader_text(reader)
        with self._in.writing() as connection, _name_is_free(name):
            if id is None:
                id = new_id()
                new = {"id": id, "owner": owner, "created_at": values["changed_at"]}
                connection.execute(sa.insert(saved_views).values(**values, **new))
            else:
                self._change(connection, id, owner, values)
            return _view(_row(connection, id))

    def rename_view(self, id: str, name: str, reader: str) -> SavedView:
        """Give a view of ``reader`` another name; favourites of it follow.

        Raises:
            StateError: The name cannot be, or the view is gone, or somebody else's.
        """
        values = {"name": records.name_text(name), "name_key": records.name_key(name), "changed_at": self._now()}
        with self._in.writing() as connection, _name_is_free(name):
            self._change(connection, id, records.reader_text(reader), values)
            return _view(_row(connection, id))

    def delete_view(self, id: str, reader: str) -> None:
        """Remove a view of ``reader``, and everybody's favourites of it. One that is gone already is no error.

        Raises:
            StateError: The view is somebody else's.
        """
        with self._in.writing() as connection:
            row = _row(connection, id, locked=True)
            if row is None:
                return
            _must_own(row, reader)
            connection.execute(sa.delete(favourites).where(favourites.c.kind == "view", favourites.c.key == id))
            connection.execute(sa.delete(saved_views).where(saved_views.c.id == id))

    @staticmethod
    def _change(connection: Connection, id: str, reader: str, values: Mapping[str, Any]) -> None:
        row = _row(connection, id, locked=True)
        if row is None:
            raise StateError(_GONE)
        _must_own(row, reader)
        connection.execute(sa.update(saved_views).where(saved_views.c.id == id).values(**values))
        its_favourites = (favourites.c.kind == "view") & (favourites.c.key == id)
        connection.execute(sa.update(favourites).where(its_favourites).values(label=values["name"]))

    # Favourites

    def favourites(self, reader: str) -> list[Favourite]:
        """What ``reader`` marked, in the order it was marked."""
        chosen = sa.select(favourites).where(favourites.c.reader == records.reader_text(reader))
        with self._in.reading() as connection:
            rows = connection.execute(chosen.order_by(favourites.c.added_at, favourites.c.kind, favourites.c.key)).all()
        return [
            Favourite(records.kind_text(row.kind), row.key, row.label, row.added_at)
            for row in rows
            if row.kind in records.KINDS
        ]

    def mark(self, reader: str, kind: str, key: str, label: str) -> None:
        """Make something a favourite. Marked again, it keeps its place and takes the new label."""
        values = {
            "reader": records.reader_text(reader),
            "kind": records.kind_text(kind),
            "key": records.key_text(key),
            "label": records.label_text(label),
            "added_at": self._now(),
        }
        with self._in.writing() as connection:
            self._in.put(connection, favourites, values, replacing=("label",))

    def unmark(self, reader: str, kind: str, key: str) -> None:
        """Make something no favourite any more; one that is none is no error."""
        chosen = (
            (favourites.c.reader == records.reader_text(reader))
            & (favourites.c.kind == records.kind_text(kind))
            & (favourites.c.key == records.key_text(key))
        )
        with self._in.writing() as connection:
            connection.execute(sa.delete(favourites).where(chosen))

    # Notices

    def seen(self, reader: str, notice: str) -> bool:
        """Whether ``reader`` has seen a notice, such as "tour"."""
        chosen = sa.select(seen_notices.c.seen_at).where(
            seen_notices.c.reader == records.reader_text(reader),
            seen_notices.c.notice == records.notice_text(notice),
        )
        with self._in.reading() as connection:
            return connection.execute(chosen).first() is not None

    def note_seen(self, reader: str, notice: str) -> None:
        """Remember that ``reader`` has seen a notice; the first time counts."""
        values = {
            "reader": records.reader_text(reader),
            "notice": records.notice_text(notice),
            "seen_at": self._now(),
        }
        with self._in.writing() as connection:
            self._in.put(connection, seen_notices, values)


def _row(connection: Connection, id: str, *, locked: bool = False) -> Row[Any] | None:
    # Locked: on PostgreSQL nobody else changes it until the transaction ends. SQLite has one writer anyway.
    chosen = sa.select(saved_views).where(saved_views.c.id == id)
    return connection.execute(chosen.with_for_update() if locked else chosen).one_or_none()


def _must_own(row: Row[Any], reader: str) -> None:
    if row.owner != reader:
        raise StateError(f"'{row.name}' was saved by somebody else; save it under a name of your own.")


@contextmanager
def _name_is_free(name: str) -> Generator[None]:
    try:
        yield
    except IntegrityError:
        raise StateError(f"You have a view called '{name.strip()}' already; choose another name.") from None


def _view(row: Row[Any] | None) -> SavedView:
    if row is None:
        raise StateError(_GONE)
    return SavedView(
        id=row.id,
        name=row.name,
        page=row.page,
        parameters=records.parameters_of(row.parameters),
        owner=row.owner,
        shared=row.shared,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def _utc_now() -> datetime:
    return datetime.now(UTC)
