"""What a customer's missing value most likely is: its parent's, or the one that nearly all of its kind have.

Only proposed, with the reason: a person accepts it or writes another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from ledger.book import Book
from ledger.corrections import as_text, value_of
from ledger.fixes import OF_ONE

MOST = 0.8
"""The share of the customers of a kind, 0–1, that must have a value for it to be proposed."""

LEAST = 5
"""So many of them, at least."""


@dataclass(frozen=True)
class Proposal:
    """A value, and why it is proposed: the end of a sentence."""

    value: str
    why: str


def proposed(book: Book, customer_id: str, column: str) -> Proposal | None:
    """What a customer without a value of ``column`` most likely has; ``None`` where nothing says so."""
    customers = book.frames["customers"]
    if column in OF_ONE or column not in customers.columns:
        return None
    parent = value_of(book, customer_id, "parent_id")
    if parent and parent != customer_id and (theirs := value_of(book, parent, column)) is not None:
        return Proposal(theirs, f"its parent {value_of(book, parent, 'label')} has it")
    others = customers.filter(pl.col("known") & (pl.col("customer_id") != customer_id))
    for kind, alike in _alike(book, customer_id, others, column):
        counted = alike[column].drop_nulls().value_counts(sort=True)
        value, having = counted.row(0) if counted.height else (None, 0)
        if having >= LEAST and having >= MOST * alike.height:
            return Proposal(as_text(value), f"{having:,} of {alike.height:,} customers {kind} have it")
    return None


def _alike(book: Book, customer_id: str, others: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.DataFrame]]:
    """``others`` of the same country, then those with documents of the same entity; how each kind is told."""
    country = value_of(book, customer_id, "country")
    if country is not None and column != "country":
        yield f"in {country}", others.filter(pl.col("country") == country)
    billed = book.once(_billed)
    own = book.frames["customers"].filter(pl.col("customer_id") == customer_id)["customer"]
    for entity in billed.filter(pl.col("customer").is_in(own.implode()))["entity"]:
        of_it = billed.filter(pl.col("entity") == entity)
        yield f"of {entity}", others.join(of_it, on="customer", how="semi")


def _billed(book: Book) -> pl.DataFrame:
    """``customer, entity`` of all documents, once."""
    rows = book.frames["documents"].lazy().select("customer", "entity").drop_nulls()
    return rows.unique().sort("customer", "entity").collect()
