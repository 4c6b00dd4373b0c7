"""The SQL connector: any database that SQLAlchemy has a driver for, mapped by the database's own SQL."""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import polars as pl
import sqlalchemy as sa
from pydantic import Field, SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from config.reading import missing_file
from config.settings import Settings
from config.source import SourceSettings
from config.validation import Section, validated
from data_sources import database_errors, rows, statement
from data_sources.columns import mapped
from data_sources.connector import Health, Only, Progress, Since
from data_sources.database_errors import Place, Trouble
from data_sources.dialects import dialect
from data_sources.mapping_sql import Spelling
from data_sources.sessions import Limits, Listed, Session, SqlalchemySession, SqliteSession, catalogue
from ledger.errors import ConfigError, OutstandingError, SourceError
from ledger.schema import TABLES
from ledger.stacking import stacked

# The package of a driver whose module has another name.
_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "sqlalchemy_bigquery": "sqlalchemy-bigquery",
}

# What stands for names in a query of ours until SQLAlchemy, which knows how each database bounds one, has written it:
# it would take a ":" or "%" in them for a parameter.
_TABLE, _COLUMNS, _CHOSEN = "outstanding_raw_table", "outstanding_raw_columns", "outstanding_raw_choice"


class SqlOptions(Section):
    """What a source file of ``kind = "sql"`` holds besides the mapping and the formats. Time-outs are in seconds."""

    url: SecretStr
    connect_timeout: int = Field(default=10, ge=1)
    statement_timeout: int = Field(default=600, ge=1)


class Sql:
    """Canonical tables from a database, all in one read-only transaction."""

    def __init__(self, source: SourceSettings, url: URL, limits: Limits, dimensions: tuple[str, ...]) -> None:
        self._source = source
        self._url = url
        self._limits = limits
        self._dimensions = dimensions
        self._secrets = database_errors.secrets_of(url)
        self._session: Session | None = None
        self._fast = url.get_backend_name() == "postgresql" and find_spec("adbc_driver_postgresql") is not None
        self._ignored: dict[str, tuple[str, ...]] = {}

    @classmethod
    def open(cls, settings: Settings, progress: Progress | None = None) -> Self:  # noqa: ARG003 - of every connector
        source = settings.source
        options = validated(SqlOptions, source.options(), source.file)
        url = _parsed(options.url.get_secret_value(), source)
        limits = Limits(options.connect_timeout, options.statement_timeout)
        return cls(source, url, limits, tuple(settings.dimensions))

    @property
    def ignored(self) -> Mapping[str, tuple[str, ...]]:
        return MappingProxyType(self._ignored)

    def describe(self) -> str:
        label = dialect(self._url.get_backend_name()).label
        if self._url.get_backend_name() == "sqlite":
            return f"{label} file {self._url.database}"
        host = self._url.host or _text(self._url.query.get("host")) or "this machine"
        port = f":{self._url.port}" if self._url.port else ""
        user = f" as {self._url.username}" if self._url.username else ""
        said = f"{label} database {self._url.database or ''} on {host}{port}{user}"
        return database_errors.scrubbed(said, self._secrets)

    def check(self) -> Health:
        try:
            with self._explained(""):
                self._opened().frame("SELECT 1 AS one")
            for name, table in TABLES.items():
                if not table.optional and name not in self._source.mapping:
                    raise SourceError(self._unmapped(name))
        except OutstandingError as error:
            return Health(False, str(error))
        return Health(True, f"Connected to the {self.describe()}, read-only.")

    def read(self, table: str) -> pl.DataFrame | None:
        batches = self.batches(table)
        return None if batches is None else stacked(list(batches))

    def batches(self, table: str, since: Since | None = None) -> Iterator[pl.DataFrame] | None:
        if table not in self._source.mapping:
            if TABLES[table].optional:
                return None
            raise SourceError(self._unmapped(table))
        return self._read(table, since)

    def _read(self, table: str, since: Since | None) -> Iterator[pl.DataFrame]:
        origin = self._source.origin(table)
        query = statement.select(self._source.mapping[table], origin)
        if since is not None and self._source.changes:
            query = statement.changed(query, self._source.changes.column, since)
        with self._explained(origin, query):
            frames = self._opened().frames(query)
        money: Collection[str] | None = None
        with closing(frames):
            while True:
                # The driver's errors are explained, those of whoever takes the rows are not.
                with self._explained(origin, query):
                    frame = next(frames, None)
                if frame is None:
                    return
                result = mapped(frame, table, origin, self._dimensions, self._source.change_columns(table))
                money = self._opened().money if money is None else money
                self._refuse_money(table, origin, result.frame.columns, money)
                self._ignored[table] = result.ignored
                yield result.frame

    def raw_tables(self) -> Mapping[str, tuple[str, ...]]:
        return {name: one.columns for name, one in self._raw().items()}

    def raw_rows(self, table: str, most: int, only: Only | None = None) -> pl.DataFrame:
        name, listed = self._found(table)
        sql = self._spelled(listed)
        # What is written out is right for all columns; "*" is what a person would write.
        columns = ", ".join(f"{sql.column(one)} AS {sql.quoted(one)}" for one in listed.columns) if sql.casts else "*"
        asked = sa.select(_written(_COLUMNS)).select_from(sa.table(_TABLE)).limit(most)
        told = {_COLUMNS: columns, _TABLE: name}
        if only is not None:
            asked = asked.where(sa.text(_CHOSEN))
            # Of CHAR some databases give the blanks at the end, which are gone from its text.
            forms = dict.fromkeys(form for value in only.values for form in (value, value.rstrip()))
            texts = ", ".join(sql.text(form) for form in forms)
            told[_CHOSEN] = f"{sql.as_text(sql.column(only.column))} IN ({texts})"
        return self._asked(asked, told, table)

    def raw_values(self, table: str, column: str, most: int) -> pl.DataFrame:
        name, listed = self._found(table)
        rows = sa.func.count().label("frequency")
        value = _written(_COLUMNS)
        asked = sa.select(value, rows).select_from(sa.table(_TABLE)).group_by(value).order_by(rows.desc()).limit(most)
        found = self._asked(asked, {_COLUMNS: self._spelled(listed).column(column), _TABLE: name}, table)
        return found.select(pl.nth(0).alias("value"), pl.nth(1).cast(pl.Int64).alias("rows")).drop_nulls()

    def spelling(self, table: str = "") -> Spelling:
        return self._spelled(self._found(table)[1] if table else None)

    def _spelled(self, table: Listed | None) -> Spelling:
        backend = self._url.get_backend_name()
        of_mysql, of_postgres = backend in ("mysql", "mariadb"), backend == "postgresql"
        typed = zip(table.columns, table.types, strict=True) if table and of_postgres else ()
        return Spelling(
            self._quoted,
            concat=of_mysql or backend == "mssql",
            escapes=of_mysql,
            text_type=dialect(backend).text,
            strict=of_postgres,
            casts={column: "numeric" for column, kind in typed if kind == "money"},
        )

    def _quoted(self, name: str) -> str:
        # Drivers that take "%" for a parameter get it doubled where a statement has parameters: a mapping has none.
        return self._url.get_dialect()().identifier_preparer.quote(name.replace("%", "\0")).replace("\0", "%")

    def _raw(self) -> Mapping[str, Listed]:
        with self._explained(""):
            listed = self._listed()
        return {".".join(self._quoted(part) for part in (one.schema, one.name) if part): one for one in listed}

    def _found(self, table: str) -> tuple[str, Listed]:
        """The table that SQL writes as ``table``, or the only one that is called so."""
        known = self._raw()
        if table in known:
            return table, known[table]
        plain = [name for name, one in known.items() if table in (one.name, f"{one.schema}.{one.name}")]
        if len(plain) == 1:
            return plain[0], known[plain[0]]
        raise SourceError(f"The {self.describe()} shows no table {table} to this login.")

    def _asked(self, asked: sa.ClauseElement, told: Mapping[str, str], origin: str) -> pl.DataFrame:
        """The rows of a query of ours. ``told``: what stands for the names, in which ":" and "%" mean nothing."""
        query = str(asked.compile(dialect=self._url.get_dialect()(), compile_kwargs={"literal_binds": True}))
        query = re.sub("|".join(told), lambda found: told[found.group()], query)
        with self._explained(origin):
            return self._opened().frame(query)

    def _refuse_money(self, table: str, origin: str, columns: Collection[str], money: Collection[str]) -> None:
        called = {name if name in columns else name.strip().lower() for name in money}
        if found := sorted(called.intersection(columns)):
            listed = " and ".join(f"'{name}'" for name in found)
            raise SourceError(
                f"{origin} returns {listed} for {table} as PostgreSQL's type money, which is read as cents or as "
                f"a text; cast it in the mapping, as in: total::numeric AS {found[0]}."
            )

    def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _unmapped(self, table: str) -> str:
        return f'{self._source.file} maps no {table}; add {table} = "SELECT …" or a .sql file to [mapping].'

    def _opened(self) -> Session:
        if self._session is None:
            self._session = self._fresh()
        return self._session

    def _fresh(self) -> Session:
        if self._url.get_backend_name() == "sqlite":
            return SqliteSession(_existing(self._url, self._source), self._limits)
        if self._fast:
            from data_sources.postgres import AdbcSession

            return AdbcSession(self._url, self._limits)
        return SqlalchemySession(self._url, self._limits)

    @contextmanager
    def _explained(self, origin: str, query: str = "") -> Generator[None]:
        """Whatever a driver raises inside, as a SourceError without secrets and without the driver's own trace."""
        said = ""
        try:
            yield
        except OutstandingError:
            raise
        except rows.RepeatedNameError as error:
            said = f"{origin} returns the column '{error}' twice; return it once."
        except rows.BeyondCalendarError as error:
            said = (
                f"{origin} returns a day beyond the years 1 to 9999 in '{error}', such as 'infinity'; "
                "return NULL or a day of the calendar instead."
            )
        except NoSuchModuleError:
            said = f"{self._source.file}: url starts with '{self._url.drivername}', which no installed package knows."
        except ModuleNotFoundError as error:
            module = (error.name or "").split(".")[0]
            package = _PACKAGES.get(module, module)
            said = (
                f"{self._source.file}: '{self._url.drivername}' needs the driver {module}; install it with: "
                f"pip install {package}"
            )
        except Exception as error:  # noqa: BLE001 - drivers have no common family of errors
            said = self._sentence(error, origin, query)
        if said:
            # Raised outside the handler: the driver's error, which may quote the password, is not chained to it.
            self._abandon()
            raise SourceError(said)

    def _sentence(self, error: Exception, origin: str, query: str) -> str:
        kind = database_errors.trouble(error)
        missing = kind in {Trouble.TABLE, Trouble.COLUMN}
        known: Mapping[str, list[str]] = self._known(query if kind is Trouble.COLUMN else "") if missing else {}
        place = Place(self.describe(), str(self._source.file), origin)
        said = database_errors.sentence(error, place, self._limits.statement, known, self._secrets)
        # A name that a shipped mapping does not find is most often that of another version.
        return f"{said} {self._source.expected(origin)}".rstrip() if missing else said

    def _known(self, query: str) -> Mapping[str, list[str]]:
        """Tables and columns for suggestions: those that ``query`` names, or all. A failed query ends a transaction."""
        self._abandon()
        try:
            tables = self._listed()
        except Exception:  # noqa: BLE001 - a suggestion is worth no second failure
            return {}
        return {one.name: list(one.columns) for one in tables if not query or statement.mentions(query, one.name)}

    def _listed(self) -> list[Listed]:
        return catalogue(self._opened(), self._url.get_backend_name())

    def _abandon(self) -> None:
        try:
            self.close()
        except Exception:  # noqa: BLE001 - the connection is broken already
            self._session = None


def _written(sql: str) -> sa.ColumnClause[Any]:
    return sa.literal_column(sql)


def _parsed(text: str, source: SourceSettings) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None:
        raise ConfigError(
            f"{source.file}: url is not a database address; write it like "
            "postgresql+psycopg://reader:${AR_DB_PASSWORD}@host/name."
        )
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database == ":memory:":
        raise ConfigError(f"{source.file}: url names no file; write it like sqlite:///folder/name.sqlite.")
    return url.set(database=str(source.folder / Path(url.database).expanduser()))


def _existing(url: URL, source: SourceSettings) -> Path:
    path = Path(url.database or "")
    if not path.is_file():
        raise SourceError(missing_file(path, f"{source.file}: url"))
    return path


def _text(value: str | tuple[str, ...] | None) -> str:
    return value if isinstance(value, str) else ", ".join(value or ())
