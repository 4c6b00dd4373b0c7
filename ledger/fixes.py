"""Corrections of master data that a person accepted, applied to what a source gives before it is judged.

Money, dates, currencies and settlements are never corrected here: those are mended where they are booked. A fix changes
what a customer is called, grouped by, allowed or followed up by. Whatever is fixed, what is owed in all stays the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import polars as pl

from ledger.cast import CastTable
from ledger.errors import OutstandingError, did_you_mean
from ledger.money import RATE
from ledger.schema import TABLES, Type

Kind = Literal["value", "reading"]
"""``value``: of one customer. ``reading``: one value of a dimension stands for another, on every row."""

FIXABLE = tuple(column.name for column in TABLES["customers"].columns if column.name != "customer_id")
"""The columns of customers that a person may correct; dimensions of the company's own come to them."""


OF_ONE = ("name", "parent_id", "credit_limit", "email")
"""The columns whose values customers do not share."""


class Came(StrEnum):
    """What became of a fix in a refresh."""

    APPLIED = "applied"
    OVERTAKEN = "overtaken"
    NEEDLESS = "needless"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Fix:
    """A correction.

    ``key``: the customer's id; of a ``reading`` empty. ``was``: what the source gave when it was accepted, ``None`` for
    nothing; where it gives something else by now, the fix is not applied. ``value``: what it is to be, as text.
    """

    id: str
    kind: Kind
    column: str
    key: str
    was: str | None
    value: str

    def words(self) -> str:
        """The fix in a sentence, without a full stop."""
        if self.kind == "reading":
            return f"{self.column} '{self.was}' is read as '{self.value}'"
        return f"{self.column} of {self.key} is '{self.value}'{f', not {self.was!r}' if self.was else ''}"


@dataclass(frozen=True)
class Outcome:
    """What became of the fix ``id``: on how many ``rows``."""

    id: str
    came: Came
    rows: int


def check(fix: Fix, dimensions: Iterable[str]) -> None:
    """Refuse a fix that cannot be.

    Raises:
        OutstandingError: the column may not be corrected, or the value is none of its kind.
    """
    of_documents = TABLES["documents"].names
    # The general ledger's balances are by entity: they would no longer find theirs.
    readable = [one for one in dimensions if one != "entity"]
    of_customers = [*FIXABLE, *(one for one in dimensions if one not in of_documents)]
    allowed = readable if fix.kind == "reading" else of_customers
    if fix.column not in allowed:
        hint = did_you_mean(fix.column, allowed)
        raise OutstandingError(
            f"'{fix.column}' cannot be corrected; {hint or 'money and dates are mended in the source.'}"
        )
    if not fix.value.strip():
        raise OutstandingError(f"Say what {fix.column} is to be.")
    if fix.kind == "value" and not fix.key:
        raise OutstandingError("Say whose value it is: the customer's id is missing.")
    if fix.kind == "reading" and not fix.was:
        raise OutstandingError(f"Say which value of {fix.column} is to be read as another.")
    if fix.value == fix.was:
        raise OutstandingError(f"{fix.column} is '{fix.value}' already.")
    if fix.column == "parent_id" and fix.value == fix.key:
        raise OutstandingError("A customer cannot be its own parent.")
    _typed(fix.column, fix.value, least=0)
    if fix.was is not None:
        _typed(fix.column, fix.was)


def fixed(table: str, rows: CastTable, fixes: Sequence[Fix]) -> tuple[CastTable, list[Outcome]]:
    """``rows`` of a canonical table with every fix applied that is about it, in their order.

    Args:
        table: ``customers``, or ``documents``, which has dimensions too.
        rows: as read; ``raw`` stays what the source gave.
        fixes: those in force, the oldest first.
    """
    told: list[Outcome] = []
    frame = rows.rows
    for fix in fixes:
        if fix.column not in frame.columns or (fix.kind == "value" and table != "customers"):
            continue
        frame, outcome = _applied(frame, fix)
        told.append(outcome)
    return (replace(rows, rows=frame), told) if told else (rows, told)


def added(told: Iterable[Outcome], fixes: Sequence[Fix]) -> list[Outcome]:
    """What became of every fix, over all tables and parts, in their order."""
    rows = dict.fromkeys((fix.id for fix in fixes), 0)
    came: dict[str, Came] = dict.fromkeys(rows, Came.NOTHING)
    order = list(Came)
    for one in told:
        rows[one.id] += one.rows
        came[one.id] = min(came[one.id], one.came, key=order.index)
    return [Outcome(id, came[id], rows[id]) for id in rows]


def _applied(frame: pl.DataFrame, fix: Fix) -> tuple[pl.DataFrame, Outcome]:
    dtype = frame.schema[fix.column]
    was = None if fix.was is None else _typed(fix.column, fix.was).cast(dtype)[0]
    value = _typed(fix.column, fix.value).cast(dtype)[0]
    column = pl.col(fix.column)
    there = pl.col("customer_id") == fix.key if fix.kind == "value" else column.eq(was)
    hit = there & column.eq_missing(pl.lit(was, dtype))
    counts = frame.select(
        hit=hit.sum(), there=there.sum(), already=(there & column.eq_missing(pl.lit(value, dtype))).sum()
    ).row(0, named=True)
    if counts["hit"]:
        changed = frame.with_columns(pl.when(hit).then(pl.lit(value, dtype)).otherwise(column).alias(fix.column))
        return changed, Outcome(fix.id, Came.APPLIED, counts["hit"])
    if not counts["there"]:
        return frame, Outcome(fix.id, Came.NOTHING, 0)
    return frame, Outcome(fix.id, Came.NEEDLESS if counts["already"] else Came.OVERTAKEN, 0)


def _typed(column: str, value: str, least: int | None = None) -> pl.Series:
    """``value`` in the type that the books have for ``column``.

    Raises:
        OutstandingError: it is none, or below ``least``.
    """
    known = {each.name: each.type for each in TABLES["customers"].columns}
    type = known.get(column, Type.TEXT)
    text = pl.Series([value.strip()])
    if type not in (Type.NUMBER, Type.INTEGER):
        return text
    read = text.cast(pl.Int32 if type is Type.INTEGER else RATE, strict=False)
    if read.null_count() or (least is not None and read[0] < least):
        wanted = "a whole number" if type is Type.INTEGER else "a number"
        raise OutstandingError(f"{column} must be {wanted}, 0 or more, and of a usual size; '{value}' is none.")
    return read
