"""What speaks against a book: the source's own balances, and what the books before it knew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from ledger.book import Book


@dataclass(frozen=True)
class SecondLooks:
    """What a refresh compared its books with.

    ``verified``: what differs from the source's own balances, ``verification.DIFFERENCES`` with ``customer``, the name;
    ``verified_totals``: its ``TOTALS``, empty where the source says nothing. ``before``: the last day of the books
    before; ``revised``: documents that stand otherwise on it, ``revision.REVISED`` with ``customer``;
    ``revised_days``: its ``REVISED_DAYS``.
    """

    verified: pl.DataFrame
    verified_totals: pl.DataFrame
    before: date | None
    revised: pl.DataFrame
    revised_days: pl.DataFrame


def second_looks(book: Book) -> SecondLooks:
    """What was compared when ``book`` was made."""
    frames = book.frames
    return SecondLooks(
        _with_names(frames["verified"], frames["customers"]),
        frames["verified_totals"],
        book.about.get("before_day"),
        _with_names(frames["revised"], frames["customers"]),
        frames["revised_days"],
    )


def _with_names(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with the ``customer`` of each ``customer_id``, who may not be among the customers."""
    names = customers.select("customer_id", customer="label")
    named = rows.join(names, on="customer_id", how="left", maintain_order="left")
    others = pl.all().exclude("customer_id", "customer")
    return named.select("customer_id", pl.coalesce("customer", "customer_id").alias("customer"), others)
