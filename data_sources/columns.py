"""Whether a mapping returned the columns that a canonical table asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from ledger.errors import SourceError
from ledger.schema import TABLES, Table

# How like a canonical name an unknown column must be to pass for a slip of the pen: two letters of six exchanged do,
# "region_id" for "region" does not.
_SLIP = 0.83

# How many column names a message lists.
_FEW = 20

_WITH_DIMENSIONS = frozenset({"customers", "documents"})


@dataclass(frozen=True)
class Mapped:
    """A mapping's rows under canonical names, and the columns that were left behind."""

    frame: pl.DataFrame
    ignored: tuple[str, ...]


def mapped(
    frame: pl.DataFrame, table: str, origin: str, dimensions: Iterable[str], further: Iterable[str] = ()
) -> Mapped:
    """``frame`` with the columns that ``table`` and the configured dimensions use, in the order they came.

    Names are matched without regard to capitals, as SQL does.

    Args:
        frame: What the mapping returned.
        table: A canonical table.
        origin: Where the mapping is written, for messages.
        dimensions: Names of the configured dimensions.
        further: Columns to keep besides.

    Raises:
        SourceError: A required column is missing, or a column looks like a misspelt one that is missing.
    """
    canonical = TABLES[table]
    wanted = [*canonical.names, *(dimensions if table in _WITH_DIMENSIONS else ()), *further]
    names = _renamed(frame.columns, wanted, table, origin)
    unknown = [column for column in frame.columns if column not in names]
    present = set(names.values())
    absent = [name for name in wanted if name not in present]
    _refuse_missing(canonical, absent, unknown, frame.columns, origin)
    _refuse_slips(table, wanted, absent, unknown, origin)
    return Mapped(frame.select(pl.col(column).alias(name) for column, name in names.items()), tuple(unknown))


def _renamed(columns: list[str], wanted: list[str], table: str, origin: str) -> Mapping[str, str]:
    """Returned column -> wanted name, for those that are wanted."""
    names: dict[str, str] = {}
    for column in columns:
        name = column if column in wanted else column.strip().lower()
        if name not in wanted:
            continue
        if name in names.values():
            raise SourceError(f"{origin} returns the column '{name}' twice for {table}; return it once.")
        names[column] = name
    return names


def _refuse_missing(table: Table, absent: list[str], unknown: list[str], returned: list[str], origin: str) -> None:
    missing = [name for name in absent if name in table.names and table.column(name).required]
    if not missing:
        return
    listed = ", ".join(f"'{name}'" for name in missing)
    said = f"{origin} returns no column {listed} for {table.name}"
    for name in missing:
        near = get_close_matches(name, unknown, n=1, cutoff=_SLIP)
        if near:
            raise SourceError(f"{said}; did you mean '{near[0]}' to be '{name}'? Rename it in the mapping.")
    known = ", ".join(f"'{name}'" for name in returned[:_FEW]) or "nothing"
    raise SourceError(f"{said}; it returns {known}{', …' if len(returned) > _FEW else ''}.")


def _refuse_slips(table: str, wanted: list[str], absent: list[str], unknown: list[str], origin: str) -> None:
    for column in unknown:
        near = get_close_matches(column.strip().lower(), wanted, n=1, cutoff=_SLIP)
        if near and near[0] in absent:
            raise SourceError(
                f"{origin} returns an unknown column '{column}' for {table}; did you mean '{near[0]}'? "
                "Rename it in the mapping, or leave it out."
            )
