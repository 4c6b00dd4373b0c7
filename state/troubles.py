"""What the state database or its driver objects to, in one sentence that holds no secret."""

from __future__ import annotations

import errno
import re
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import quote

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ledger.errors import StateError
from state.database import Place

_SETTING = "state.url in app.toml"
_SECRET = re.compile(r"pass|secret|key|token", re.IGNORECASE)

# By SQLSTATE where the driver gives one, otherwise by the words of SQLite and libpq.
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("login", r"28...", r"password authentication failed|no password supplied|role \"[^\"]*\" does not exist"),
    ("database", r"3D000", r"database \"[^\"]*\" does not exist"),
    ("denied", r"42501|3F000", r"permission denied|no schema has been selected"),
    ("full", r"53100|53...", r"database or disk is full|no space left"),
    ("readonly", r"25006", r"readonly database|read-only|permission denied: '|unable to open database file"),
    ("damaged", r"XX001|XX002", r"not a database|malformed|disk image|file is encrypted"),
    ("busy", r"55P03|57014|40...", r"database is locked|database table is locked|timed out waiting|QueuePool limit"),
    ("tables", r"42P01|42703", r"no such table|no such column|relation \"[^\"]*\" does not exist"),
    ("away", r"08...|57P..", r"connection|timeout expired|could not translate|failed to resolve|name or service"),
)

_SENTENCES = {
    "login": "{Where} refused the user name or the password; check {setting}.",
    "database": "{Where} does not exist; create it, or check the name at the end of {setting}.",
    "denied": "{Where} does not let this user make and change tables; grant it, or check {setting}.",
    "full": "{Where} could not be written: no space is left on its disk. Make room and try again.",
    "readonly": "{Where} cannot be written: let the user that runs the app write {what}, or name another in {other}.",
    "damaged": "{Where} is damaged or no database; put back a copy of it, or move it away to begin with an empty one.",
    "busy": "{Where} is busy with somebody else's change; try again in a moment.",
    "tables": "{Where} lacks tables that it should have; put back a copy of it, or restart the app to make them anew.",
    "away": "{Where} cannot be reached; check {setting}, the server and the network.",
    "": "{Where} objects: {words}.",
}


@contextmanager
def told(where: Place) -> Generator[None]:
    """Turn whatever the database or the file system objects to into one sentence.

    Raises:
        StateError: Something went wrong. The driver's own error is not printed with it: it may quote the address.
    """
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise StateError(_sentence(error, where)) from None


def _sentence(error: BaseException, where: Place) -> str:
    label = where.label
    return _SENTENCES[_kind(error, where)].format(
        Where=label[:1].upper() + label[1:] if where.file is None else f"The state database {label}",
        setting=_SETTING,
        what=where.file.parent if where.file else "it",
        other="store.path or state.url of app.toml" if where.file else _SETTING,
        words=_scrubbed(_first_line(error), where),
    )


def _kind(error: BaseException, where: Place) -> str:
    cause = _cause(error)
    code = str(getattr(cause, "sqlstate", None) or "")
    by_code = next((kind for kind, codes, _ in _KINDS if code and re.fullmatch(codes, code)), None)
    if by_code:
        return by_code
    if isinstance(cause, TimeoutError):
        return "busy"
    if isinstance(cause, OSError) and where.file:
        return "full" if cause.errno in {errno.ENOSPC, errno.EDQUOT} else "readonly"
    said = str(cause)
    return next((kind for kind, _, words in _KINDS if re.search(words, said, re.IGNORECASE)), "")


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _first_line(error: BaseException) -> str:
    cause = _cause(error)
    return next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__).rstrip(".")


def _scrubbed(said: str, where: Place) -> str:
    """``said`` without any secret of the address, plain or percent-encoded."""
    query = where.url.normalized_query
    secrets = [str(where.url.password or ""), *(v for name, vs in query.items() if _SECRET.search(name) for v in vs)]
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        said = said.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return said
