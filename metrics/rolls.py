"""Roll rates: how much of a bucket is in which bucket a month later, and how much of it was paid or lost.

Two methods, each under its name. ``followed`` tracks the same invoices: a rate is a share of what stood in the bucket,
and the rates of a bucket add up to one. ``net flow`` compares balances: the next bucket at a month-end with this bucket
a month earlier. It can exceed one, as the next bucket also keeps what was in it, and is the method of outsiders who see
totals only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.calendar import month_ends
from ledger.errors import OutstandingError
from ledger.money import major
from ledger.rolls import outcomes
from ledger.scope import COMPANY, CURRENCY, Scope

FOLLOWED, NET_FLOW = "followed", "net flow"


def rolls(book: Book, day: date, months: int = 12, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
    """``as_of, months, <by…>, currency, method, bucket, to, amount, opening, rate``: what happened, and only that.

    ``opening`` is the money in ``bucket`` at the earlier month-ends, summed over the months, ``amount`` what of it was
    ``to`` a month later: a bucket, ``paid``, ``credited``, ``written off`` or ``other``. The amounts of a followed
    bucket add up to its opening exactly. ``rate`` is amount ÷ opening, null where nothing stood in the bucket. Exchange
    differences are in ``paid``: one that is booked in another month than its payment, or on an item that stays open,
    takes rates below 0 or above 1. Debit items only; at closing rates what is followed is valued at the earlier day's
    rate at both ends.

    Args:
        day: rolls that ended on or before it count; a day within a month uses the month-ends before it.
        months: how many of the last rolls to sum. The column of that name tells how many the history had.

    Raises:
        OutstandingError: fewer than one month, an unknown dimension.
    """
    ends = rolled_months(book, day, months)
    keys = [*book.by_columns(by), CURRENCY]
    labels = dict(enumerate(book.rules.aging.labels))
    found = book.rolls(ends, scope, by)
    both = [
        (FOLLOWED, _followed(found, keys), dict(enumerate(outcomes(book.rules.aging)))),
        (NET_FLOW, _net_flow(book, found, ends, scope, by, keys), labels),
    ]
    rows = [
        table.with_columns(
            method=pl.lit(name),
            _order=pl.lit(place),
            _from=pl.col("bucket"),
            _into=pl.col("to").cast(pl.UInt16),
            bucket=pl.col("bucket").replace_strict(labels, return_dtype=pl.String),
            to=pl.col("to").replace_strict(names, return_dtype=pl.String),
        )
        for place, (name, table, names) in enumerate(both)
    ]
    money = (major(pl.col(name), pl.col(CURRENCY)).alias(name) for name in ("amount", "opening"))
    rate = pl.when(pl.col("opening") > 0).then(pl.col("amount").cast(pl.Float64) / pl.col("opening").cast(pl.Float64))
    return (
        pl.concat(rows, how="diagonal")
        .with_columns(as_of=pl.lit(day), months=pl.lit(len(ends), pl.Int64), rate=rate)
        .sort(*keys, "_order", "_from", "_into", nulls_last=True)
        .select("as_of", "months", *keys, "method", "bucket", "to", *money, "rate")
    )


def rolled_months(book: Book, day: date, months: int) -> list[date]:
    """The last ``months`` month-ends on or before ``day`` that have one before them, or as many as there are."""
    if months < 1:
        raise OutstandingError(f"Rolls over {months} months cannot be; ask for 1 month or more.")
    return [] if book.first_day is None else month_ends(book.first_day, day)[1:][-months:]


def _followed(found: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    summed = found.group_by(*keys, "bucket", "to").agg(pl.col("amount").sum())
    opening = summed.group_by(*keys, "bucket").agg(opening=pl.col("amount").sum())
    return summed.join(opening, on=[*keys, "bucket"], nulls_equal=True)


def _net_flow(
    book: Book, found: pl.DataFrame, ends: list[date], scope: Scope, by: Sequence[str], keys: list[str]
) -> pl.DataFrame:
    """Balances of a bucket at the earlier month-ends beside those of the next bucket at the later ones.

    What ``found`` follows from a month-end is what stood there: only the last balance is read apart.
    """
    oldest = len(book.rules.aging.labels) - 1
    place = [*keys, "bucket"]
    last = (
        book.positions(ends[-1:], scope, by, ["amount", "credit"])
        .filter(pl.col("bucket") <= oldest)
        .select(*place, amount=pl.col("amount") - pl.col("credit"))
    )
    later = found.filter(pl.col("as_of") > min(ends, default=date.max)).select(*place, "amount")
    before = found.filter(pl.col("bucket") < oldest).group_by(place).agg(opening=pl.col("amount").sum())
    after = (
        pl.concat([later, last])
        .filter(pl.col("bucket") > 0)
        .with_columns(pl.col("bucket") - 1)
        .group_by(place)
        .agg(pl.col("amount").sum())
    )
    return (
        before.join(after, on=place, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("opening", "amount").fill_null(0), to=pl.col("bucket").cast(pl.UInt16) + 1)
        .filter((pl.col("opening") != 0) | (pl.col("amount") != 0))
    )
