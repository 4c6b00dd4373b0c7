"""Rolls: what became of the money that was open at one month-end by the next.

Slices are followed, not balances: the same part of the same invoice at both month-ends. So the outcomes of a bucket
add up to what stood in it, and a rate exceeds one only where an exchange difference is booked in another month than the
payment that caused it. A part that a later reversal opens again is a new part: it was in no bucket at the earlier
month-end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from ledger import facts
from ledger.aging import AgingRule
from ledger.calendar import Window
from ledger.days import between, month_end, number
from ledger.schema import SettledBy

PAID, CREDITED, WRITTEN_OFF, OTHER = ENDED = ("paid", "credited", "written off", "other")
"""What can become of money that is no longer open; discounts and refunds are ``other``.

Exchange differences are ``paid``: a payment at another rate than the invoice's closes the invoice together with its
difference, and both are what the invoice was booked at.
"""

_WRITE_OFF = list(SettledBy).index(SettledBy.WRITE_OFF)
_ENDED_BY = {
    list(SettledBy).index(by): ENDED.index(end)
    for by, end in (
        (SettledBy.CASH, PAID),
        (SettledBy.FX, PAID),
        (SettledBy.CREDIT, CREDITED),
        (SettledBy.WRITE_OFF, WRITTEN_OFF),
    )
}


def outcomes(rule: AgingRule) -> tuple[str, ...]:
    """Every outcome in order: the buckets of money that is still open, then ``ENDED``. The position is the code."""
    return (*rule.labels, *ENDED)


def owing(slices: pl.LazyFrame) -> pl.LazyFrame:
    """The debit side: what customers owe, unapplied credits left out."""
    return slices.filter(~pl.col("credit"))


def followed(open_slices: pl.LazyFrame, by: Sequence[str], rule: AgingRule) -> pl.LazyFrame:
    """``as_of, <by…>, bucket, to, amount``: what stood in a bucket at one month-end, by what it was at the next.

    ``as_of`` is the later month-end, ``bucket`` the code at the earlier one, ``to`` the code of ``outcomes``.

    Args:
        open_slices: debit slices once for every month-end (``as_of``) that they are open at the end of, with ``basis,
            closed_on, closed_by, amount``. The amount is that of the earlier day at both ends.
        by: columns to group by.
        rule: what puts a slice into a bucket, on either day.
    """
    following = (number(pl.col("as_of")) + 1).cast(pl.Date)
    return (
        open_slices.filter(pl.col("amount") != 0)
        .with_columns(_after=month_end(following))
        .select(*by, "amount", as_of="_after", **fate(rule, pl.col("_after")))
        .group_by("as_of", *by, "bucket", "to")
        .agg(pl.col("amount").sum())
    )


def fate(rule: AgingRule, later: pl.Expr) -> dict[str, pl.Expr]:
    """``bucket`` and ``to`` of slices open at ``as_of``: where each stood then, and what it was at ``later``.

    ``later`` is the same day or a later one; codes as for ``followed``.
    """
    ended = pl.lit(ENDED.index(OTHER), pl.UInt16)
    for by, end in _ENDED_BY.items():
        ended = pl.when(pl.col("closed_by") == by).then(pl.lit(end, pl.UInt16)).otherwise(ended)
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > later)
    then = rule.code(_age(later)).cast(pl.UInt16)
    return {
        "bucket": rule.code(_age(pl.col("as_of"))),
        "to": pl.when(still).then(then).otherwise(ended + len(rule.labels)),
    }


def _age(day: pl.Expr) -> pl.Expr:
    return between(pl.col("basis"), day)


def opening(end: date) -> date:
    """The month-end before ``end``."""
    return end.replace(day=1) - timedelta(days=1)


def written_off(settlements: pl.LazyFrame, documents: pl.LazyFrame, window: Window, by: Sequence[str]) -> pl.LazyFrame:
    """``as_of, <by…>, written_off, recovered`` of invoices and debit memos in ``window``, both 0 or more.

    A write-off taken back is a recovery. Write-offs of credits and payments are no loss, and not in here.
    """
    debits = documents.filter(facts.owed() & (pl.col("amount_doc") > 0)).select("document")
    return (
        settlements.filter((pl.col("kind") == _WRITE_OFF) & pl.col("day").is_between(window.start, window.end))
        .join(debits, on="document", how="semi")
        .group_by(by)
        .agg(
            written_off=pl.col("amount_rep").clip(lower_bound=0).sum(),
            recovered=(0 - pl.col("amount_rep").clip(upper_bound=0)).sum(),
        )
        .with_columns(as_of=pl.lit(window.end))
    )
