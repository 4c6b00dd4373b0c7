"""What Polars' SQL objects to, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from ledger.errors import did_you_mean

_COLUMN = re.compile(r"unable to find column \"([^\"]+)\"|no column named '([^']+)'|column '([^']+)' not found")
_TABLE = re.compile(r"relation '([^']+)' was not found")
_FUNCTION = re.compile(r"unsupported function '([^']+)'")


def sentence(
    error: pl.exceptions.PolarsError,
    table: str,
    origin: str,
    columns: Iterable[str],
    tables: Iterable[str],
    expected: str = "",
) -> str:
    """One sentence for ``error``, raised by the mapping of ``table`` that is written at ``origin``.

    ``expected``: what that was written for, said where it does not find a name.
    """
    said = str(error)
    if match := _TABLE.search(said):
        name = match.group(1)
        hint = f"{did_you_mean(name, tables)} {expected}".rstrip()
        return f"{origin} reads a table '{name}', which [tables] does not name; {hint}"
    if match := _COLUMN.search(said):
        name = next(group for group in match.groups() if group)
        hint = did_you_mean(name, columns) or "see the header of the file."
        return f"{origin} uses a column '{name}', which its tables do not have; {hint} {expected}".rstrip()
    if match := _FUNCTION.search(said):
        return f"{origin} calls {match.group(1).upper()}, which Polars' SQL does not have."
    if isinstance(error, pl.exceptions.SQLSyntaxError) or "sql parser error" in said:
        return f"{origin} is not valid SQL: {said.splitlines()[0].removeprefix('sql parser error: ')}."
    return f"{origin} cannot be run for {table}: {said.splitlines()[0].rstrip('.')}."
