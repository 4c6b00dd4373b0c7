"""What a database or its driver objects to, in a sentence that holds no secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from ledger.errors import did_you_mean


class Trouble(StrEnum):
    """The kinds of trouble that have a sentence of their own."""

    LOGIN = "login"
    DATABASE = "database"
    UNREACHABLE = "unreachable"
    TABLE = "table"
    COLUMN = "column"
    DENIED = "denied"
    TIMEOUT = "timeout"
    WRITES = "writes"
    SYNTAX = "syntax"
    FULL = "full"
    DAMAGED = "damaged"


# SQLSTATE, where the driver gives one: it does not depend on the server's language.
_STATES: tuple[tuple[str, Trouble], ...] = (
    ("28", Trouble.LOGIN),
    ("3D000", Trouble.DATABASE),
    ("42P01", Trouble.TABLE),
    ("42S02", Trouble.TABLE),
    ("42703", Trouble.COLUMN),
    ("42S22", Trouble.COLUMN),
    ("42501", Trouble.DENIED),
    ("57014", Trouble.TIMEOUT),
    ("25006", Trouble.WRITES),
    ("42601", Trouble.SYNTAX),
    ("53", Trouble.FULL),
    ("08", Trouble.UNREACHABLE),
    ("57P", Trouble.UNREACHABLE),
)

# Otherwise the words, as SQLite, libpq, MySQL, Oracle and SQL Server put them.
_WORDS: tuple[tuple[Trouble, str], ...] = (
    (Trouble.DENIED, r"access denied for user .* to database"),
    (Trouble.LOGIN, r"password authentication failed|access denied for user|login failed|invalid username/password"),
    (Trouble.LOGIN, r"no password supplied|role \".*\" does not exist|no pg_hba\.conf entry"),
    (Trouble.DATABASE, r"database \"[^\"]*\" does not exist|unknown database|cannot open database"),
    (
        Trouble.TABLE,
        r"no such table|relation \"[^\"]*\" does not exist|table '[^']*' doesn't exist|invalid object|ORA-00942",
    ),
    (Trouble.COLUMN, r"no such column|column \S+ does not exist|unknown column|invalid column name|ORA-00904"),
    (Trouble.DENIED, r"permission denied|command denied|not authorized"),
    (Trouble.TIMEOUT, r"statement timeout|interrupted|max_statement_time|maximum statement execution time|DPY-4024"),
    (Trouble.WRITES, r"read-only transaction|readonly database|read only|data-modifying"),
    (Trouble.SYNTAX, r"syntax error|error in your SQL syntax|incomplete input|ORA-009\d\d"),
    (Trouble.FULL, r"database or disk is full|no space left|could not extend file"),
    (Trouble.DAMAGED, r"not a database|malformed|disk image|could not decode to utf-8"),
    (
        Trouble.UNREACHABLE,
        r"could not connect|can't connect|connection refused|connection to server|connection timed? ?out",
    ),
    (
        Trouble.UNREACHABLE,
        r"timeout expired|could not translate host|failed to resolve|name or service not known|network",
    ),
    (Trouble.UNREACHABLE, r"server closed the connection|unable to open|no such file or directory"),
)

# Names may hold spaces: those of Business Central do. MariaDB and MySQL put the database before them.
_MISSING_TABLE = re.compile(
    r"no such table: (?:main\.)?([^\n]+)|relation \"([^\"]+)\"|table '(?:[^'.]+\.)?([^']+)'"
    r"|invalid object name '([^']+)'",
    re.IGNORECASE,
)
_MISSING_COLUMN = re.compile(
    r"no such column: ([^\n]+)|column \"([^\"]+)\"|column ([\w.]+) does not|unknown column '([^']+)'"
    r"|invalid column name '([^']+)'|ORA-00904: ([^:\n]+): invalid",
    re.IGNORECASE,
)


_SECRET_NAME = re.compile(r"pass|pwd|secret|token|key|odbc_connect", re.IGNORECASE)

# What ADBC and libpq put before the server's own words.
_DECORATION = re.compile(r"^(?:\[\w+\] ?|[A-Z_]+: |Failed to [a-z ]+: |Execution error \[\w+\]: |ERROR: *|FATAL: *)+")


_SENTENCES: Mapping[Trouble | None, str] = MappingProxyType(
    {
        Trouble.LOGIN: "The {database} refused the user name or the password; check url in {source}.",
        Trouble.DATABASE: "The {database} does not exist; check the name at the end of url in {source}.",
        Trouble.UNREACHABLE: "The {database} cannot be reached ({words}); check url in {source} and the network.",
        Trouble.TABLE: "{at} reads a table '{name}', which the database does not have{end}",
        Trouble.COLUMN: "{at} uses a column '{name}', which its tables do not have{end}",
        Trouble.DENIED: "{at} may not be read by this user ({words}); grant SELECT on it.",
        Trouble.TIMEOUT: "{at} took longer than {seconds} s; raise statement_timeout in {source}, or ask for less.",
        Trouble.WRITES: "{at} tries to change the database; a mapping is one SELECT, and the source is only read.",
        Trouble.SYNTAX: "{at} is not SQL that the database understands: {words}.",
        Trouble.FULL: "The {database} has run out of space or memory ({words}); tell whoever runs it.",
        Trouble.DAMAGED: "The {database} cannot be read ({words}); check the file.",
        None: "{at} cannot be read; the database says: {words}.",
    }
)


# How Python's MySQL drivers print a number and a message.
_NUMBERED = re.compile(r"^\(\d+, ([\"'])(.*)\1\)$")


@dataclass(frozen=True)
class Place:
    """Where the trouble was: the database in words, and the mapping when there was one."""

    database: str
    source: str
    mapping: str = ""


def trouble(error: BaseException) -> Trouble | None:
    """What kind of trouble ``error`` is, by its SQLSTATE or its words."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    state = str(getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or "")
    for start, kind in _STATES:
        if state.startswith(start):
            return kind
    said = str(cause)
    return next((kind for kind, words in _WORDS if re.search(words, said, re.IGNORECASE)), None)


def missing_name(error: BaseException, kind: Trouble | None) -> str:
    """The table or column that the database did not find, as it names it."""
    pattern = _MISSING_TABLE if kind is Trouble.TABLE else _MISSING_COLUMN
    match = pattern.search(str(error))
    name = next((group for group in match.groups() if group), "") if match else ""
    return name.replace('"', "")


def sentence(
    error: BaseException,
    place: Place,
    seconds: int,
    known: Mapping[str, Sequence[str]],
    secrets: re.Pattern[str] | None,
) -> str:
    """One sentence for ``error``.

    Args:
        error: What the driver raised.
        place: Where.
        seconds: The time-out that applied.
        known: Tables and their columns, for suggestions.
        secrets: What is blotted out wherever it appears; from ``secrets_of``.
    """
    kind = trouble(error)
    return scrubbed(_sentence(error, kind, place, seconds, known), secrets)


def _sentence(
    error: BaseException, kind: Trouble | None, place: Place, seconds: int, known: Mapping[str, Sequence[str]]
) -> str:
    name = missing_name(error, kind) if kind in (Trouble.TABLE, Trouble.COLUMN) else ""
    options = known if kind is Trouble.TABLE else {column for columns in known.values() for column in columns}
    hint = did_you_mean(name.split(".")[-1], options)
    return _SENTENCES[kind].format(
        at=place.mapping or place.source,
        source=place.source,
        database=place.database,
        words=first_line(error),
        seconds=seconds,
        name=name,
        end=f"; {hint}" if hint else ".",
    )


def first_line(error: BaseException) -> str:
    """The driver's own words, without its decoration, its statement and its advice."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    line = next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
    numbered = _NUMBERED.match(line)
    return _DECORATION.sub("", numbered.group(2) if numbered else line).strip().rstrip(".")


def secrets_of(url: URL) -> re.Pattern[str] | None:
    """Matches every secret of ``url``, each sign of it plain or percent-encoded; None when it has none."""
    plain = [url.password] if url.password else []
    for name, values in url.query.items():
        if _SECRET_NAME.search(name):
            plain += [values] if isinstance(values, str) else list(values)
    forms = ["".join(_either(sign) for sign in text) for text in sorted(plain, key=len, reverse=True) if text]
    return re.compile("|".join(forms)) if forms else None


def scrubbed(said: str, secrets: re.Pattern[str] | None) -> str:
    """``said`` with every secret blotted out."""
    return secrets.sub("***", said) if secrets else said


def _either(sign: str) -> str:
    encoded = "".join(f"%{byte:02X}" for byte in sign.encode())
    plus = r"|\+" if sign == " " else ""
    return f"(?:{re.escape(sign)}|(?i:{encoded}){plus})"
