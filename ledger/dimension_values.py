"""Values of the mapped dimensions that somebody should look at: none at all, or most likely another one misspelt.

Only found, never mended: ``doubtful_values`` is what a person who accepts a correction is offered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from rapidfuzz.distance import OSA

from ledger.behaviour import BEHAVIOUR
from ledger.book import Book
from ledger.lookalikes import plain
from ledger.money import major
from ledger.scope import Scope

UNASSIGNED = {
    "dimension": pl.String(),
    "label": pl.String(),
    "customers": pl.Int64(),
    "documents": pl.Int64(),
    "open": pl.Float64(),
    "share": pl.Float64(),
    "currency": pl.String(),
}
"""What is open on the last day without a value of a dimension, a row a dimension and ``currency``: documents and
customers, and how much; ``share`` of all that is open in that currency, 0–1, null where nothing is owed."""

DOUBTFUL = {
    "dimension": pl.String(),
    "label": pl.String(),
    "value": pl.String(),
    "looks_like": pl.String(),
    "customers": pl.Int64(),
    "documents": pl.Int64(),
    "why": pl.String(),
}
"""Values with the customers and documents that have them. ``looks_like``: the frequent value that it is most likely
meant to be, null where it only stands alone."""

RARE = 0.05
"""A value is taken for another one misspelt when it is so rare beside it, in documents, 0–1."""

ONE_SLIP = 5
"""Letters that a value must have for one slip in it to be a misspelling."""

TWO_SLIPS = 10

COMPANY = 30
"""So many customers a value has on average, where one that a single customer has is odd."""


def unassigned(book: Book) -> pl.DataFrame:
    """``UNASSIGNED``, in drill order; where everything open in a currency has a value, there is no row."""
    parts = [
        {"dimension": name, "label": label, **told}
        for name, label in _dimensions(book).items()
        for told in _open_without(book, name)
    ]
    return pl.DataFrame(parts, schema=UNASSIGNED, orient="row")


def doubtful_values(book: Book) -> pl.DataFrame:
    """``DOUBTFUL``: values that are most likely another one, then those that a single customer has; in drill order."""
    held = _held(book)
    found = [
        {"dimension": name, "label": label, **told}
        for name, label in _dimensions(book).items()
        for told in _doubtful(_counted(held, name))
    ]
    return pl.DataFrame(found, schema=DOUBTFUL, orient="row")


def whose(book: Book) -> pl.DataFrame:
    """``customer, dimension, value`` of every value in ``doubtful_values``: who has it on a document."""
    held, doubtful = _held(book), book.once(doubtful_values)
    parts = [
        held.filter(pl.col(name).is_in(rows["value"].implode()))
        .select("customer", pl.lit(name).alias("dimension"), pl.col(name).alias("value"))
        .unique()
        for (name,), rows in doubtful.group_by(["dimension"], maintain_order=True)
    ]
    empty = pl.DataFrame(schema={"customer": pl.UInt32, "dimension": pl.String, "value": pl.String})
    return pl.concat([empty, *parts])


def _dimensions(book: Book) -> Mapping[str, str]:
    """Those that the source says; how customers pay is worked out."""
    unfilled = book.about.get("unfilled") or ()
    return {name: label for name, label in book.dimensions.items() if name != BEHAVIOUR and name not in unfilled}


def _held(book: Book) -> pl.DataFrame:
    """``customer, <dimensions>, documents``: which customers' documents have which values."""
    cells = book.frames["documents"].group_by("customer", "cell").agg(documents=pl.len().cast(pl.Int64))
    return cells.join(book.frames["cells"], on="cell")


def _open_without(book: Book, name: str) -> Iterator[Mapping[str, Any]]:
    """What is open without a value of a dimension, by currency."""
    if book.last_day is None:
        return
    measures = {
        "amount": pl.col("amount").sum(),
        # Settling too much opens a second part of a document, of the other sign.
        "documents": pl.col("document").n_unique(),
        "customers": pl.col("customer").n_unique(),
    }
    rows = book.open_sums([book.last_day], Scope(), [name], lambda slices: slices, measures)
    without = rows.filter(pl.col(name).is_null()).sort("currency")
    whole: Mapping[str, int] = dict(rows.group_by("currency").agg(pl.col("amount").sum()).iter_rows())
    told = without.with_columns(open=major(pl.col("amount"), pl.col("currency")))
    for row in told.select("customers", "documents", "open", "currency", "amount").iter_rows(named=True):
        amount, all_open = row.pop("amount"), whole[row["currency"]]
        yield {**row, "share": amount / all_open if all_open > 0 else None}


def _counted(held: pl.DataFrame, name: str) -> list[tuple[str, int, int]]:
    """``value, customers, documents``, the most frequent first."""
    return (
        held.filter(pl.col(name).is_not_null())
        .group_by(name)
        .agg(pl.col("customer").n_unique().cast(pl.Int64), pl.col("documents").sum())
        .sort("documents", name, descending=[True, False])
        .rows()
    )


def _doubtful(counted: Sequence[tuple[str, int, int]]) -> Iterator[Mapping[str, Any]]:
    customers = sum(each for _, each, _ in counted)
    alone: list[Mapping[str, Any]] = []
    for place, (value, having, documents) in enumerate(counted):
        told = {"value": value, "customers": having, "documents": documents}
        frequent = (other for other, _, more in counted[:place] if documents <= RARE * more)
        meant = next((other for other in frequent if misspelt(value, other)), None)
        if meant is not None:
            yield {**told, "looks_like": meant, "why": f"looks like '{meant}'"}
        elif having == 1 and customers >= COMPANY * len(counted):
            alone.append({**told, "looks_like": None, "why": "no other customer has it"})
    yield from alone


def misspelt(value: str, other: str) -> bool:
    """Whether two values are one but for signs, case, accents, or a slip of the pen after the first letter."""
    one, two = plain(value), plain(other)
    if one == two:
        return True
    # "A. Bell" and "M. Bell" are two people, "Store 12" and "Store 13" two shops.
    if one[:1] != two[:1] or [*filter(str.isdigit, one)] != [*filter(str.isdigit, two)]:
        return False
    letters = min(len(one), len(two))
    slips = 2 if letters >= TWO_SLIPS else 1 if letters >= ONE_SLIP else 0
    return OSA.distance(one, two, score_cutoff=slips) <= slips
