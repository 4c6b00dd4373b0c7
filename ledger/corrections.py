"""What the books say of the things that people correct: a customer's values, and those that others have."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.fixes import Fix


def value_of(book: Book, customer_id: str, column: str) -> str | None:
    """A customer's value as a fix writes it; ``None`` where there is none."""
    customers = book.frames["customers"]
    if column not in customers.columns:
        return None
    found = customers.filter(pl.col("customer_id") == customer_id)[column]
    if found.is_empty() or found[0] is None:
        return None
    return format(found[0].normalize(), "f") if isinstance(found[0], Decimal) else str(found[0])


def check_parent(book: Book, fix: Fix) -> None:
    """Refuse a parent that is not there, or that the customer itself is above.

    Raises:
        OutstandingError: so.
    """
    if fix.column != "parent_id":
        return
    customers = book.frames["customers"]
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
