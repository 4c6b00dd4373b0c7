"""Bring the database to the shape this code knows: the migrations that are missing, once, whoever comes first.

Several processes may start at once. On SQLite a lock file beside the database, on PostgreSQL an advisory lock lets one
of them work while the others wait and then find nothing left to do. All migrations run in one transaction: a process
that is killed leaves the old shape.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from ledger.errors import StateError
from state.database import Place, writing

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "state_version"
"""Holds the number of the last migration; not Alembic's own name, so that a shared server is no trouble."""

_SCRIPTS = Path(__file__).with_name("migrations")
_LOCK_SECONDS = 60
_ADVISORY_LOCK = 0x6F75747374  # any number that nobody else uses: "outst" in ASCII

# Alembic keeps the migration under way in module variables.
_one_at_a_time = threading.Lock()


def bring_up_to_date(database: Engine, where: Place, to: str = "head") -> None:
    """Run the migrations that ``database`` lacks, or go back to the older shape ``to``.

    Raises:
        StateError: A newer version of the code has changed the database.
        SQLAlchemyError, OSError: It cannot be opened or changed; nothing has changed then.
    """
    if to == "head" and not _is_new_file(where) and version(database) == numbers()[-1]:
        return
    # Late: it takes a while to load, and is needed once in a database's life.
    from alembic import command

    with _one_at_a_time, _held(where), _transaction(database, where) as connection:
        _refuse_newer(_version(connection), where)
        config = alembic_settings()
        config.attributes["connection"] = connection
        if to == "head":
            command.upgrade(config, to)
        else:
            command.downgrade(config, to)


def version(database: Engine) -> str | None:
    """The number of the migration that ``database`` stands at, ``None`` when it has seen none."""
    with database.connect() as connection:
        return _version(connection)


def numbers() -> list[str]:
    """Every migration there is, the oldest first. A file's name begins with its number."""
    return sorted(file.name.partition("_")[0] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def alembic_settings() -> Config:
    """Alembic's settings, which need no file."""
    from alembic.config import Config

    config = Config()
    # Alembic reads '%' as the beginning of a variable.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    chosen = sa.select(sa.column("version_num", sa.String)).select_from(sa.table(VERSION_TABLE))
    return connection.execute(chosen).scalar()


def _refuse_newer(found: str | None, where: Place) -> None:
    known = numbers()
    if found is not None and found not in known:
        raise StateError(
            f"The state database {where.label} was changed by a newer version of Outstanding (it stands at {found}, "
            f"this version knows {known[-1]}); start that version, or put back a copy from before."
        )


def _is_new_file(where: Place) -> bool:
    return where.file is not None and not where.file.exists()


@contextmanager
def _held(where: Place) -> Generator[None]:
    """The right to migrate a file; the system lets go of it when the process dies."""
    if where.file is None:
        yield
        return
    where.file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(where.file.with_name(f"{where.file.name}.lock"), timeout=_LOCK_SECONDS):
        yield


@contextmanager
def _transaction(database: Engine, where: Place) -> Generator[Connection]:
    if where.file is None:
        with writing(database).begin() as connection:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            yield connection
        return
    with writing(database).connect() as connection:
        # Both can only be set outside a transaction. A table that is made anew must not take others' rows with it.
        raw = connection.connection.cursor()
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.close()
        with connection.begin():
            yield connection
            _keys_hold(connection)


def _keys_hold(connection: Connection) -> None:
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise IntegrityError("PRAGMA foreign_key_check", None, ValueError("a migration broke a foreign key"))
