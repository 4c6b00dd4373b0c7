"""The aging table: what is open by how late it is, and what is disputed of it."""

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
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    debit = pl.col("amount") - pl.col("credit")
    gross = debit.sum().over(keys)
    share = pl.when((pl.col("_code") != book.rules.aging.unapplied_code) & (gross > 0)).then(debit / gross)
    return (
        _grid(book, days, scope, by)
        .with_columns(share=share)
        .select(*keys, "bucket", major(pl.col("amount"), pl.col(CURRENCY)).alias("amount"), "count", "share")
    )


def disputed_aging(
    book: Book, days: Sequence[date] = (), scope: Scope = COMPANY, by: Sequence[str] = ()
) -> pl.DataFrame:
    """``as_of, <by…>, currency, bucket, amount, share``: the disputed part of the open debit items by how late it is.

    Days, groups and buckets as ``aging`` has them, without ``unapplied``: credits are not in dispute. The amounts add
    up to the metric ``disputed``; ``share`` is of that, and null where nothing is disputed. A document is disputed
    when the source says so at the refresh: what was disputed on a past day, and is no longer, is not known.
    """
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    disputed = pl.col("disputed")
    whole = disputed.sum().over(keys)
    return (
        _grid(book, days, scope, by)
        .filter(pl.col("_code") != book.rules.aging.unapplied_code)
        .with_columns(share=pl.when(whole > 0).then(disputed / whole))
        .select(*keys, "bucket", major(disputed, pl.col(CURRENCY)).alias("amount"), "share")
    )


def _grid(book: Book, days: Sequence[date], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """Positions with a row for every bucket (``bucket``, its code ``_code``) of each day and group, sorted.

    The days are the book's last one when there are none; without ``by`` a day without balances has its zeros.
    """
    asked = sorted(set(days)) or ([book.last_day] if book.last_day else [])
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    names = book.rules.aging.buckets
    found = book.positions(asked, scope, by, ["amount", "credit", "count", "disputed"])
    groups = found.select(keys).unique()
    if not by:
        pairs = [(day, currency) for day in asked for currency in book.currencies_of(scope)]
        groups = pl.DataFrame(pairs, schema={"as_of": pl.Date, CURRENCY: pl.String}, orient="row")
    buckets = pl.DataFrame({"_code": range(len(names)), "bucket": names}, schema_overrides={"_code": pl.UInt8})
    return (
        groups.join(buckets, how="cross")
        .join(found.rename({"bucket": "_code"}), on=[*keys, "_code"], how="left", nulls_equal=True)
        .with_columns(pl.col("amount", "credit", "count", "disputed").fill_null(0))
        .sort(*keys, "_code", nulls_last=True)
    )
