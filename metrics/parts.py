"""The sums that metrics are made of: one row per as-of day and group, in minor units.

``PARTS`` names them all. Closing balances come from positions, movements from flows, and the opening balance is the
closing balance less the movement: the identity that the ledger is built on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.facts import FLOWS, MOVEMENT
from ledger.scope import CURRENCY, Scope

total_ar = pl.col("total_ar")
gross_open = pl.col("gross_open")
current = pl.col("current")
overdue = pl.col("overdue")
over_90 = pl.col("over_90")
unapplied = pl.col("unapplied")
opening = pl.col("opening")
credit_sales = pl.col("credit_sales")
billed = pl.col("billed")
cash = pl.col("cash")
paid = pl.col("paid")
days = pl.col("days")

BALANCE_PARTS = ("total_ar", "gross_open", "current", "overdue", "over_90", "unapplied")
FLOW_PARTS = (*FLOWS, "credit_sales", "net_movement")
PARTS = (*BALANCE_PARTS, *FLOW_PARTS, "opening", "days")


def sums(book: Book, windows: Sequence[Window], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """``as_of, <by…>, currency, …PARTS`` for each window's last day.

    Without ``by`` every day has a row for every currency of the book, zeros where nothing happened; with ``by``, the
    groups that have a balance or a movement.
    """
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    balances = _balances(book, [w.end for w in windows], scope, by, keys)
    moved = book.flows(windows, scope, by).with_columns(
        credit_sales=pl.col("billed") - pl.col("credits"), net_movement=_net()
    )
    rows = pl.concat(
        [_all_rows(book, windows, scope, by), balances.select(keys), moved.select(keys)], how="diagonal"
    ).unique()
    length = pl.DataFrame(
        {"as_of": [w.end for w in windows], "days": [w.days for w in windows]},
        schema={"as_of": pl.Date, "days": pl.Int64},
    )
    return (
        rows.select(keys)
        .join(balances, on=keys, how="left", nulls_equal=True)
        .join(moved, on=keys, how="left", nulls_equal=True)
        .join(length, on="as_of", how="left")
        .with_columns(pl.col(*BALANCE_PARTS, *FLOW_PARTS).fill_null(0))
        .with_columns(opening=pl.col("total_ar") - pl.col("net_movement"))
        .select(*keys, *PARTS)
        .sort(keys, nulls_last=True)
    )


def _balances(book: Book, asked: list[date], scope: Scope, by: Sequence[str], keys: list[str]) -> pl.DataFrame:
    """Balances over all buckets. Late is the debit side past its due date, however the aging table is set."""
    debit = pl.col("amount") - pl.col("credit")
    return (
        book.positions(asked, scope, by)
        .group_by(keys)
        .agg(
            total_ar=pl.col("amount").sum(),
            gross_open=debit.sum(),
            current=(debit - pl.col("overdue")).sum(),
            overdue=pl.col("overdue").sum(),
            over_90=pl.col("over_90").sum(),
            unapplied=pl.col("credit").sum(),
        )
    )


def _net() -> pl.Expr:
    taken = [pl.col(name) for name in MOVEMENT if name != "billed"]
    return pl.col("billed") - sum(taken[1:], taken[0])


def _all_rows(book: Book, windows: Sequence[Window], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """A row per day and currency where nothing divides the company: an empty day is a zero, not a gap."""
    ends = [] if by else [w.end for w in windows]
    pairs = [(end, currency) for end in ends for currency in book.currencies_of(scope)]
    return pl.DataFrame(pairs, schema={"as_of": pl.Date, CURRENCY: pl.String}, orient="row")
