"""The aging table: what is open by how late it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, Scope


def aging(book: Book, days: Sequence[date] = (), scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
    """``as_of, <by…>, currency, bucket, amount, count, share``: every bucket for each day and group.

    Buckets are in order of age, ``unapplied`` last; their amounts add up to ``total_ar``. ``share`` is of gross open
    (the open debit items), and null for ``unapplied`` and where nothing is open. ``count`` is open documents.
    """
    asked = sorted(set(days)) or ([book.last_day] if book.last_day else [])
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    rule = book.rules.aging
    found = book.positions(asked, scope, by)
    groups = found.select(keys).unique()
    if not by:
        pairs = [(day, currency) for day in asked for currency in book.currencies_of(scope)]
        groups = pl.DataFrame(pairs, schema={"as_of": pl.Date, CURRENCY: pl.String}, orient="row")
    buckets = pl.DataFrame(
        {"_code": range(len(rule.buckets)), "bucket": rule.buckets}, schema_overrides={"_code": pl.UInt8}
    )
    grid = (
        groups.join(buckets, how="cross")
        .join(found.rename({"bucket": "_code"}), on=[*keys, "_code"], how="left", nulls_equal=True)
        .with_columns(pl.col("amount", "credit", "count").fill_null(0))
    )
    debit = pl.col("amount") - pl.col("credit")
    gross = debit.sum().over(keys)
    share = pl.when((pl.col("_code") != rule.unapplied_code) & (gross > 0)).then(debit / gross)
    return (
        grid.with_columns(share=share)
        .sort(*keys, "_code", nulls_last=True)
        .select(*keys, "bucket", major(pl.col("amount"), pl.col(CURRENCY)).alias("amount"), "count", "share")
    )
