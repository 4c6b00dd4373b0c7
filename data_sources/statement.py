"""A mapping is one SELECT. Anything else is refused before a source sees it."""

from __future__ import annotations

import re

from ledger.errors import SourceError

# Text, quoted names, comments and PostgreSQL's dollar quotes: places where a word or a semicolon means nothing.
_OPAQUE = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1",
    re.DOTALL,
)
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_TO_FILL_IN = "…"
_READS = frozenset({"select", "with", "values", "table", "from"})


def select(sql: str, origin: str) -> str:
    """``sql`` without its closing semicolon.

    A database keeps its own guard as well; this one covers databases that have none, and gives the better sentence.

    Raises:
        SourceError: ``sql`` is empty or still to be filled in, holds several statements, or does something other than
            read.
    """
    bare = _OPAQUE.sub(lambda match: " " * len(match.group()), sql)
    end = len(bare.rstrip().rstrip(";").rstrip())
    if ";" in bare[:end]:
        raise SourceError(f"{origin} holds several statements; a mapping is one SELECT.")
    words = re.findall(r"\w+", bare[:end])
    if not words:
        raise SourceError(f"{origin} is empty; a mapping is one SELECT.")
    if _TO_FILL_IN in bare:
        raise SourceError(
            f"{origin} is still to be filled in: replace each {_TO_FILL_IN} with a column or table of the source."
        )
    if words[0].lower() not in _READS:
        raise SourceError(
            f"{origin} starts with {words[0].upper()}; a mapping is one SELECT, and the source is only read."
        )
    # A semicolon may be followed by a comment, which some databases would take for a second statement.
    return sql[:end] if bare.rstrip().endswith(";") else sql


def changed(sql: str, column: str, since: int | str) -> str:
    """The rows of the SELECT ``sql`` whose ``column`` is ``since`` or later.

    ``since`` was read from that column, and is written as a plain number or as text that cannot end early. Oracle takes
    no AS before the name of a table.
    """
    value = str(since) if isinstance(since, int) else "'" + since.replace("'", "''") + "'"
    return f"SELECT * FROM (\n{sql}\n) changed_rows WHERE {column} >= {value}"  # noqa: S608 - see above


def mentions(sql: str, name: str) -> bool:
    """Whether ``sql`` uses the table ``name``, comments aside."""
    quoted = re.escape(name.replace('"', '""'))
    return re.search(rf"(?<!\w)(?:{re.escape(name)}|{quoted})(?!\w)", _COMMENT.sub(" ", sql), re.IGNORECASE) is not None
