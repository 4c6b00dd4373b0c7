"""What the books say of the things that people correct: a customer's values, and those that others have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import polars as pl

from ledger.behaviour import BEHAVIOUR
from ledger.book import Book
from ledger.errors import OutstandingError, did_you_mean
from ledger.fixes import FIXABLE, Fix
from ledger.schema import TABLES


def value_of(book: Book, customer_id: str, column: str) -> str | None:
    """A customer's value as a fix writes it; ``None`` where there is none."""
    customers = book.frames["customers"]
    if column not in customers.columns:
        return None
    found = customers.filter(pl.col("customer_id") == customer_id)[column]
    if found.is_empty() or found[0] is None:
        return None
    return as_text(found[0])


def as_text(value: object) -> str:
    """A value of the books as a fix writes it."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def renewed(book: Book, fix: Fix, in_force: Iterable[Fix]) -> Fix:
    """``fix`` with what the source will give: a value that was withdrawn since these books were made is not its own."""
    if fix.kind == "reading":
        return fix
    held = {each.id for each in in_force}
    gone = [each for each in book.rules.fixes if each.id not in held]
    was = fix.was
    for each in reversed(gone):
        if (each.kind, each.key, each.column, each.value) == ("value", fix.key, fix.column, was):
            was = each.was
    return replace(fix, was=was)


def check_in(book: Book, fix: Fix) -> None:
    """Refuse a fix that would find nothing in these books to change.

    Raises:
        OutstandingError: so.
    """
    if fix.column == BEHAVIOUR:
        raise OutstandingError("How customers pay is worked out from the books and cannot be corrected.")
    if fix.kind == "reading":
        _check_reading(book, fix)
        return
    customers = book.frames["customers"]
    found = customers.filter(pl.col("customer_id") == fix.key)["known"]
    if found.is_empty():
        raise OutstandingError(f"There is no customer '{fix.key}' in the books.")
    if not found[0]:
        # Nothing is added to what a source gives: a fix only changes a row that is there.
        raise OutstandingError(
            f"The customer master does not have {fix.key}, which only documents name: nothing of it can be corrected "
            "before the source gives it."
        )
    if fix.column in book.dimensions and fix.column not in customers.columns:
        raise OutstandingError(f"Customers have no {fix.column} here, only documents: correct the reading of a value.")
    if fix.column == "parent_id":
        _check_parent(customers, fix)


def _check_reading(book: Book, fix: Fix) -> None:
    if fix.column not in book.dimensions:
        return
    read_before = (each.was for each in book.rules.fixes if each.kind == "reading" and each.column == fix.column)
    known = {*given(book, fix.column), *(each for each in read_before if each)}
    if fix.was not in known:
        raise OutstandingError(
            f"No row has the {fix.column} '{fix.was}'; {did_you_mean(fix.was or '', known) or 'look at its values.'}"
        )


def of_customers(book: Book) -> list[str]:
    """The columns of a customer that can be corrected."""
    own = (name for name in book.dimensions if name not in TABLES["documents"].names and name != BEHAVIOUR)
    there = book.frames["customers"].columns
    return list(dict.fromkeys(name for name in (*FIXABLE, *own) if name in there))


def readable(book: Book) -> dict[str, str]:
    """The dimensions whose values can be read as others, with their labels."""
    not_given = (BEHAVIOUR, "entity", *(book.about.get("unfilled") or ()))
    return {name: label for name, label in book.dimensions.items() if name not in not_given}


def given(book: Book, dimension: str) -> list[str]:
    """The values of a dimension on documents, and those of customers without any; sorted."""
    customers = book.frames["customers"]
    theirs = customers[dimension].drop_nulls().to_list() if dimension in customers.columns else []
    return sorted({*theirs, *(each for each in book.values(dimension) if each is not None)})


def _check_parent(customers: pl.DataFrame, fix: Fix) -> None:
    """Refuse a parent that is not there, or that the customer itself is above."""
    parents = dict(customers.select("customer_id", "parent_id").iter_rows())
    if fix.value not in parents:
        raise OutstandingError(f"There is no customer '{fix.value}' in the books.")
    above, seen = fix.value, set[str]()
    while above is not None and above not in seen:
        if above == fix.key:
            raise OutstandingError(f"{fix.value} is part of {fix.key} already: the other way round is not possible.")
        seen.add(above)
        above = parents.get(above)


def values(book: Book, column: str, most: int = 200) -> list[str]:
    """The values that customers have in a column, the most frequent first."""
    customers = book.frames["customers"]
    if column not in customers.columns:
        return []
    told = customers[column].drop_nulls().cast(pl.String).alias("value")
    return told.value_counts().sort("count", "value", descending=[True, False])["value"].to_list()[:most]
