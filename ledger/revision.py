"""What history changed: open items of a past day as they were known before, and as they are known now.

A source may take back what it said: a payment is un-applied, a document is deleted or back-dated. Books that are made
anew then tell another past, and who reported from the old one should know.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.book import DOCUMENT_CURRENCY, Book, BookRules
from ledger.conversion import Conversion
from ledger.money import major

REVISED = {
    "customer_id": pl.String(),
    "document_id": pl.String(),
    "currency": pl.String(),
    "change": pl.String(),
    "before": pl.Float64(),
    "now": pl.Float64(),
    "difference": pl.Float64(),
}
"""Documents whose open amount on the last day of the books before is another by now. ``change``: ``appeared``,
``vanished`` or ``changed``."""

REVISED_DAYS = {
    "as_of": pl.Date(),
    "currency": pl.String(),
    "before": pl.Float64(),
    "now": pl.Float64(),
    "difference": pl.Float64(),
}
"""Month-ends, and the last day of the books before, whose total is another by now, newest first."""


_WAS, _IS = pl.col("amount").fill_null(0), pl.col("amount_right").fill_null(0)
_MONEY = [
    major(amount, pl.col("currency")).alias(name)
    for name, amount in (("before", _WAS), ("now", _IS), ("difference", _IS - _WAS))
]


def open_on(documents: pl.DataFrame, slices: pl.DataFrame, day: date) -> pl.DataFrame:
    """``customer, document_id, currency, amount``: open at the close of ``day``, in minor units.

    ``documents`` are numbered by their rows.
    """
    alive = (pl.col("opened_on") <= day) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > day))
    summed = (
        slices.lazy()
        .filter(alive)
        .group_by("document")
        .agg(pl.col("amount_doc").sum().alias("amount"))
        .filter(pl.col("amount") != 0)
        .collect(engine="streaming")
    )
    of = documents.select("customer", "document_id", "currency")[summed["document"]]
    return of.hstack(summed.select("amount"))


def documents_revised(before: Book | None, now: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    """``REVISED``, largest first.

    Args:
        before: the books before; none changed nothing.
        now: from ``open_on``, of the last day of ``before``.
        customers: the roster of today, with ``customer`` and ``customer_id``.
    """
    if before is None or before.last_day is None:
        return pl.DataFrame(schema=REVISED)
    known = open_on(before.frames["documents"], before.frames["slices"], before.last_day)
    then, today = _named(known, before.frames["customers"]), _named(now, customers)
    change = (
        pl.when(_WAS == 0).then(pl.lit("appeared")).when(_IS == 0).then(pl.lit("vanished")).otherwise(pl.lit("changed"))
    )
    return (
        _apart(then, today, ["document_id", "currency"])
        .select(
            pl.coalesce("customer_id_right", "customer_id").alias("customer_id"),
            "document_id",
            "currency",
            change.alias("change"),
            *_MONEY,
        )
        .sort(pl.col("difference").abs(), "document_id", descending=[True, False])
    )


def days_revised(before: Book | None, positions: pl.DataFrame, cells: pl.DataFrame, rules: BookRules) -> pl.DataFrame:
    """``REVISED_DAYS``: totals in the reporting currency, or by currency where nothing is converted.

    Nothing is told where the books before were kept by other rules.

    Args:
        before: the books before.
        positions: the fact of today.
        cells: the cells of today.
        rules: what made today's books.
    """
    if before is None or _currencies(before.rules) != _currencies(rules):
        return pl.DataFrame(schema=REVISED_DAYS)
    then, today = _totals(before.frames["positions"], before.frames["cells"], rules), _totals(positions, cells, rules)
    days = then.select("as_of").unique().join(today.select("as_of").unique(), on="as_of")
    then, today = (side.join(days, on="as_of", how="semi") for side in (then, today))
    return (
        _apart(then, today, ["as_of", "currency"])
        .select("as_of", "currency", *_MONEY)
        .sort("as_of", "currency", descending=[True, False])
    )


def _apart(before: pl.DataFrame, now: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Both sides beside each other where their amounts differ."""
    return before.join(now, on=keys, how="full", coalesce=True, nulls_equal=True).filter(_WAS != _IS)


def _currencies(rules: BookRules) -> tuple[str, str]:
    return rules.reporting_currency, rules.conversion


def _totals(positions: pl.DataFrame, cells: pl.DataFrame, rules: BookRules) -> pl.DataFrame:
    """``as_of, currency, amount``, in minor units."""
    if rules.conversion is Conversion.NONE:
        own = cells.select("cell", pl.col(DOCUMENT_CURRENCY).alias("currency"))
        named = positions.select("as_of", "cell", "amount").join(own, on="cell", how="left")
    else:
        named = positions.select("as_of", "amount", currency=pl.lit(rules.reporting_currency))
    return named.group_by("as_of", "currency").agg(pl.col("amount").sum())


def _named(rows: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    return rows.join(customers.select("customer", "customer_id"), on="customer", how="left").drop("customer")
