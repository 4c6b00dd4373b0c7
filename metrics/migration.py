"""Migration: where the money that was owed when a window opened is at its close: paid, credited, lost, or older."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.money import major
from ledger.rolls import fate, outcomes, owing
from ledger.scope import COMPANY, CURRENCY, Scope


def migration(book: Book, window: Window, scope: Scope = COMPANY, by: Sequence[str] = ()) -> pl.DataFrame:
    """``as_of, <by…>, currency, bucket, to, amount, opening, rate``: what became of the money that was owed.

    ``opening`` is what stood in ``bucket`` at the close of the day before the window, ``amount`` what of it was ``to``
    at the window's end, ``as_of``: a bucket, ``paid``, ``credited``, ``written off`` or ``other``, in the order of
    ``ledger.rolls.outcomes``. The same slices are followed, so the amounts of a bucket add up to its opening exactly,
    and what was billed within the window is not in here. ``rate`` is amount ÷ opening, null where nothing stood in the
    bucket. Money in major units. Exchange differences are in ``paid`` and may make it negative. Debit items only; at
    closing rates both ends are valued at the opening day's rate. No rows where the history does not reach back.

    Raises:
        OutstandingError: an unknown dimension.
    """
    rule, end = book.rules.aging, pl.lit(window.end)
    keys = [*book.by_columns(by), CURRENCY]

    def prepare(open_slices: pl.LazyFrame) -> pl.LazyFrame:
        return owing(open_slices).filter(pl.col("amount") != 0).with_columns(**fate(rule, end))

    moved = book.open_sums([window.opening], scope, by, prepare, {"amount": pl.col("amount").sum()}, ("bucket", "to"))
    opening = moved.group_by(*keys, "bucket").agg(opening=pl.col("amount").sum())
    money = (major(pl.col(name), pl.col(CURRENCY)).alias(name) for name in ("amount", "opening"))
    rate = pl.when(pl.col("opening") > 0).then(pl.col("amount").cast(pl.Float64) / pl.col("opening").cast(pl.Float64))
    return (
        moved.join(opening, on=[*keys, "bucket"], nulls_equal=True, maintain_order="left")
        .with_columns(as_of=end, rate=rate)
        .sort(*keys, "bucket", "to", nulls_last=True)
        .with_columns(
            pl.col("bucket").replace_strict(dict(enumerate(rule.labels)), return_dtype=pl.String),
            pl.col("to").replace_strict(dict(enumerate(outcomes(rule))), return_dtype=pl.String),
        )
        .select("as_of", *keys, "bucket", "to", *money, "rate")
    )
