"""Concentration: how much of what is owed hangs on few customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.families import ultimate_parents
from ledger.money import major
from ledger.running import running
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope
from metrics.question import Question

TOP = 10
"""How many customers the top share is of."""


def top_share(asked: Question) -> pl.DataFrame:
    """Largest balances ÷ all: ``as_of, <by…>, currency, value, numerator, denominator, note``; see ``_summed``."""
    return _spread(asked, pl.col("_top") / pl.col("_all"), numerator="_top", denominator="_all")


def hhi(asked: Question) -> pl.DataFrame:
    """Herfindahl–Hirschman index: the balance that a unit of money is found in on average ÷ all × 10 000."""
    index = pl.col("_usual") / pl.col("_all") * 10_000
    return _spread(asked, index, numerator="_usual", denominator="_all")


def effective_debtors(asked: Question) -> pl.DataFrame:
    """How many equal debtors would be as concentrated: the inverse of the index."""
    debtors = pl.col("_all") / pl.col("_usual")
    return _spread(asked, debtors, numerator="_all", denominator="_usual")


def concentration(
    book: Book, day: date, scope: Scope = COMPANY, by: Sequence[str] = (), *, groups: bool = False
) -> pl.DataFrame:
    """``as_of, <by…>, currency, rank, customer, balance, share, cumulative``: who owes, the largest first.

    Everyone with a positive balance, net of their unapplied credits, at the close of ``day``. ``balance`` is in major
    units of ``currency``, ``share`` is of all these balances, ``cumulative`` of this rank and those before it;
    ``rank`` and shares begin anew in each group and currency. Equal balances rank by customer id.

    Args:
        groups: customers are rolled up to the ultimate parent, whose id stands for the whole family; credits of one
            member count against the others' balances.

    Raises:
        OutstandingError: grouped by customer, which leaves nobody to be concentrated on.
    """
    if CUSTOMER in by:
        raise OutstandingError("Concentration tells customers apart already: group it by another dimension.")
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    held, names = book.holdings([day], scope, by)
    if groups:
        heads = book.once(_heads)
        held = (
            held.join(heads, left_on="_debtor", right_on="customer")
            .group_by("_row", _debtor="head")
            .agg(pl.col("_balance").sum())
        )
    # Numbers of customers follow their ids.
    ranked = (
        held.filter(pl.col("_balance") > 0)
        .sort("_row", "_balance", "_debtor", descending=[False, True, False])
        .with_columns(_group="_row", _one=pl.lit(1, pl.Int64))
    )
    whole = ranked.group_by("_group").agg(_all=pl.col("_balance").sum())
    ids = book.frames["customers"]["customer_id"]
    balance = pl.col("_balance").cast(pl.Float64)
    # A divisor per row, as in ``ledger.money.major``: by one divisor for all, all of a balance is 0.999… of it.
    total = pl.col("_all").cast(pl.Float64) + balance * 0
    return (
        ranked.join(whole, on="_group", how="left", maintain_order="left")
        .hstack(names[ranked["_row"]])
        .select(
            *keys,
            rank=running(pl.col("_one"), "_group"),
            customer=pl.lit(ids).gather(pl.col("_debtor")),
            balance=major(pl.col("_balance"), pl.col(CURRENCY)),
            share=balance / total,
            cumulative=running(pl.col("_balance"), "_group").cast(pl.Float64) / total,
        )
    )


def _heads(book: Book) -> pl.DataFrame:
    return ultimate_parents(book.frames["customers"])


def _spread(
    asked: Question,
    value: pl.Expr,
    *,
    numerator: str,
    denominator: str,
) -> pl.DataFrame:
    """A row a group in which somebody owes; of each window only its last day counts."""
    return asked.named(asked.once(_summed)).select(
        *asked.keys,
        value=value,
        numerator=numerator,
        denominator=denominator,
        note=pl.lit(None, pl.String),
    )


def _summed(asked: Question) -> pl.DataFrame:
    """``_row, _all, _top, _usual`` over customers' positive net balances, minor units (Float64).

    ``_usual`` is the mean balance, each weighed by itself: Σ balance² ÷ Σ balance.
    """
    owed = pl.col("_balance")
    square = owed.cast(pl.Int128) * owed.cast(pl.Int128)
    return (
        asked.held.filter(owed > 0)
        .group_by("_row", maintain_order=True)
        .agg(
            _all=owed.sum().cast(pl.Float64),
            _top=owed.top_k(TOP).sum().cast(pl.Float64),
            _usual=square.sum().cast(pl.Float64) / owed.sum().cast(pl.Float64),
        )
    )
