"""Choosing: which cells a question is about and the group of each, and which customers.

Facts and documents carry the number of their cell. So a choice is a vector over the few thousand cells, and the group
of a million rows is fetched by number instead of being joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ledger.conversion import Conversion
from ledger.errors import OutstandingError, did_you_mean
from ledger.schema import TABLES, Type
from ledger.scope import CURRENCY, CUSTOMER, Scope

DOCUMENT_CURRENCY = "document_currency"

MANY = 256
"""So many stretches of rows are worth fetching one by one."""


@dataclass(frozen=True)
class Choice:
    """The cells of a question. ``cells``: ``cell, group``; ``groups``: ``group``, its labels and ``currency``.

    ``groups`` come in the order of an answer, numbered by it. ``place``: the group of each cell by its number, null for
    those that are not chosen.
    """

    cells: pl.DataFrame
    groups: pl.DataFrame
    place: pl.Series

    @property
    def group(self) -> pl.Expr:
        """The group of a row with ``cell``; null when it is not chosen."""
        return pl.lit(self.place).gather(pl.col("cell")).alias("group")

    def of(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows that are chosen, with their ``group``."""
        return rows.with_columns(self.group).filter(pl.col("group").is_not_null())

    def summed(self, rows: pl.DataFrame, keys: Sequence[str], measures: Sequence[str]) -> pl.DataFrame:
        """``measures`` of rows with ``cell``, summed by ``keys`` and group: ``<keys…>, group, <measures…>``."""
        group = self.place.gather(rows["cell"]).alias("group")
        chosen = rows.select(*keys, *measures).with_columns(group)
        if group.null_count():
            chosen = chosen.filter(group.is_not_null())
        if not keys and self.groups.height == 1:
            # One sum, which needs no grouping; of nothing there is none.
            return chosen.select(pl.col("group").first(), pl.col(*measures).sum()).head(chosen.height)
        return chosen.group_by(*keys, "group").agg(pl.col(*measures).sum())


def column_of(dimension: str, dimensions: Mapping[str, str]) -> str:
    """The column of cells that holds ``dimension``.

    Raises:
        OutstandingError: there is no such dimension.
    """
    if dimension in (CURRENCY, DOCUMENT_CURRENCY):
        return DOCUMENT_CURRENCY
    if dimension in dimensions:
        return dimension
    known = [*dimensions, CUSTOMER, CURRENCY]
    given = (column for name in ("customers", "documents") for column in TABLES[name].columns)
    if dimension in {column.name for column in given if column.type is Type.TEXT and not column.required}:
        hint = f"to group by it, write {dimension} into [dimensions] of app.toml and refresh."
    else:
        hint = did_you_mean(dimension, known) or "see [dimensions] in app.toml."
    raise OutstandingError(f"There is no dimension '{dimension}'; {hint}")


def label_of(dimension: str, conversion: Conversion) -> str:
    """Name of the column that a dimension gets in an answer; ``currency`` itself is that of the amounts."""
    return DOCUMENT_CURRENCY if dimension == CURRENCY and conversion is not Conversion.NONE else dimension


@dataclass(frozen=True)
class Chooser:
    """Chooses among ``cells``, of which facts may name up to ``count``: some may have been taken out."""

    cells: pl.DataFrame
    count: int
    dimensions: Mapping[str, str]
    conversion: Conversion
    reporting: str

    def choose(self, scope: Scope, by: Sequence[str]) -> Choice:
        """The cells in ``scope`` grouped ``by``; customers are no part of it."""
        cells = self.cells
        for dimension, values in scope.where:
            if dimension != CUSTOMER:
                cells = cells.filter(_holds(column_of(dimension, self.dimensions), values))
        # Currencies that are never added stand in every answer anyway: grouping by them adds no column.
        asked = {label_of(n, self.conversion): column_of(n, self.dimensions) for n in by if n != CUSTOMER}
        labels = {label: column for label, column in asked.items() if label != CURRENCY}
        own = pl.col(DOCUMENT_CURRENCY) if self.conversion is Conversion.NONE else pl.lit(self.reporting)
        labelled = cells.select("cell", *(pl.col(c).alias(n) for n, c in labels.items()), own.alias(CURRENCY))
        keys = [*labels, CURRENCY]
        groups = labelled.select(keys).unique().sort(keys, nulls_last=True).with_row_index("group")
        chosen = labelled.join(groups, on=keys, nulls_equal=True).select("cell", "group")
        place = pl.repeat(None, self.count, dtype=pl.UInt32, eager=True).scatter(chosen["cell"], chosen["group"])
        return Choice(chosen, groups, place)


def _holds(column: str, values: frozenset[str | None]) -> pl.Expr:
    wanted = pl.Series(list(values - {None}), dtype=pl.String)
    hit = pl.col(column).is_in(wanted.implode()).fill_null(value=False)
    return hit | pl.col(column).is_null() if None in values else hit


def customers_of(scope: Scope, customers: pl.DataFrame) -> pl.Series | None:
    """Numbers of the chosen customers, sorted, or ``None`` when all are meant.

    ``customers`` are sorted by id, who has none last, and numbered so.
    """
    wanted = scope.values(CUSTOMER)
    if not wanted:
        return None
    ids = customers["customer_id"]
    named = ids.head(ids.len() - ids.null_count())
    asked = pl.Series(sorted(id for id in wanted if id is not None), dtype=pl.String)
    at = named.search_sorted(asked)
    there = at < named.len()
    at, asked = at.filter(there), asked.filter(there)
    found = at.filter(named.gather(at) == asked)
    nameless = pl.Series(range(named.len(), ids.len()) if None in wanted else (), dtype=found.dtype)
    return pl.concat([found, nameless]).cast(pl.UInt32)


def rows_of(frame: pl.DataFrame, customers: pl.Series) -> pl.DataFrame:
    """The rows of some customers (numbers, sorted) in a frame that is sorted by ``customer``."""
    column = frame["customer"]
    starts, ends = (column.search_sorted(customers, side=side).to_list() for side in ("left", "right"))
    stretches: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        if stretches and stretches[-1][1] == start:
            stretches[-1] = stretches[-1][0], end
        elif start < end:
            stretches.append((start, end))
    if len(stretches) > MANY:
        return frame.filter(column.is_in(customers.implode()))
    parts = [frame.slice(start, end - start) for start, end in stretches]
    return pl.concat(parts, rechunk=False) if parts else frame.clear()
