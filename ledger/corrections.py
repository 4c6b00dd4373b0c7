"""What the books say of the things that people correct: a customer's values, and those that others have."""

from __future__ import annotations

import polars as pl

from ledger.book import Book


def value_of(book: Book, customer_id: str, column: str) -> str | None:
    """A customer's value as a fix writes it; ``None`` where there is none."""
    customers = book.frames["customers"]
    if column not in customers.columns:
        return None
    found = customers.filter(pl.col("customer_id") == customer_id)[column]
    return None if found.is_empty() or found[0] is None else str(found[0])


def values(book: Book, column: str, most: int = 200) -> list[str]:
    """The values that customers have in a column, the most frequent first."""
    customers = book.frames["customers"]
    if column not in customers.columns:
        return []
    told = customers[column].drop_nulls().cast(pl.String).alias("value")
    return told.value_counts().sort("count", "value", descending=[True, False])["value"].to_list()[:most]
