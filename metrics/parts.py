"""The sums that metrics are made of: one row per as-of day and group, in minor units.

``PARTS`` names them all. Closing balances come from positions, movements from flows, and the opening balance is the
closing balance less the movement: the identity that the ledger is built on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
unapplied_cash = pl.col("unapplied_cash")
disputed = pl.col("disputed")
opening = pl.col("opening")
opening_gross = pl.col("opening_gross")
credit_sales = pl.col("credit_sales")
billed = pl.col("billed")
cash = pl.col("cash")
write_offs = pl.col("write_offs")
fx = pl.col("fx")
paid = pl.col("paid")
days = pl.col("days")
months = pl.col("months")
annual_rate = pl.col("annual_rate")

BALANCE_PARTS = (
    "total_ar", "gross_open", "current", "overdue", "over_90", "unapplied", "unapplied_cash", "disputed",
)  # fmt: skip
_PAID = FLOWS[len(MOVEMENT) :]
FLOW_PARTS = (*FLOWS, "credit_sales", "net_movement")
PARTS = (*BALANCE_PARTS, *FLOW_PARTS, "opening", "opening_gross", "days", "months", "annual_rate")
"""``opening`` and ``opening_gross``: total AR and gross open before the window; ``months``: how many it has."""


def sums(
    book: Book,
    windows: Sequence[Window],
    scope: Scope,
    by: Sequence[str],
    needed: Collection[str] | None = None,
    closing: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """``as_of, <by…>, currency, …PARTS`` for each window's last day.

    Without ``by`` every day has a row for every currency of the book, zeros where nothing happened; with ``by``, the
    groups that have a balance or a movement. What takes another pass over the books is read only where ``needed`` names
    it, and null else: ``opening_gross`` and ``paid…``, and without ``by`` all movements. ``closing``: the ``balances``,
    where they are at hand.
    """
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    if closing is None:
        closing = balances(book, [w.end for w in windows], scope, by)
    before = _opening_gross(book, windows, scope, by, keys) if needed is None or "opening_gross" in needed else None
    paid = [name for name in _PAID if needed is None or name in needed]
    # Which groups there are is a matter of movements too, but where nothing is grouped by.
    still = (
        not by and needed is not None and not {*needed}.difference(BALANCE_PARTS, ("opening_gross", "days", "months"))
    )
    moved = None if still else book.flows(windows, scope, by, [*MOVEMENT, *paid])
    found = [frame for frame in (closing, moved, before) if frame is not None]
    joined = _all_rows(book, windows, scope) if not by else pl.concat([frame.select(keys) for frame in found]).unique()
    for frame in found:
        joined = joined.join(frame, on=keys, how="left", nulls_equal=True)
    length = pl.DataFrame(
        {"as_of": [w.end for w in windows], "days": [w.days for w in windows], "months": [w.months for w in windows]},
        schema={"as_of": pl.Date, "days": pl.Int64, "months": pl.Float64},
    )
    there = {*joined.columns}
    read = (*BALANCE_PARTS, *FLOWS, "opening_gross")
    return (
        joined.sort(keys, nulls_last=True)
        .join(length, on="as_of", how="left", maintain_order="left")
        .select(
            *keys,
            *(pl.col(name).fill_null(0) if name in there else pl.lit(None, pl.Int64).alias(name) for name in read),
            "days",
            "months",
        )
        .with_columns(
            credit_sales=billed - pl.col("credits"),
            net_movement=_net(),
            opening=total_ar - _net(),
            annual_rate=pl.lit(book.rules.annual_rate, pl.Float64),
        )
        .select(*keys, *PARTS)
    )


def balances(book: Book, asked: list[date], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """``as_of, <by…>, currency, …BALANCE_PARTS`` over all buckets, in minor units; groups with something open, sorted.

    Late is the debit side past its due date, however the aging table is set.
    """
    debit = pl.col("amount") - pl.col("credit")
    return (
        book.positions(asked, scope, by, ["amount", "credit", "overdue", "over_90", "unapplied_cash", "disputed"])
        .group_by("as_of", *book.by_columns(by), CURRENCY, maintain_order=True)
        .agg(
            total_ar=pl.col("amount").sum(),
            gross_open=debit.sum(),
            current=(debit - pl.col("overdue")).sum(),
            overdue=pl.col("overdue").sum(),
            over_90=pl.col("over_90").sum(),
            unapplied=pl.col("credit").sum(),
            unapplied_cash=pl.col("unapplied_cash").sum(),
            disputed=pl.col("disputed").sum(),
        )
    )


def _opening_gross(
    book: Book, windows: Sequence[Window], scope: Scope, by: Sequence[str], keys: list[str]
) -> pl.DataFrame:
    """Gross open at the close before each window, beside the window's last day."""
    days = pl.DataFrame(
        {"_opening": [w.opening for w in windows], "_end": [w.end for w in windows]},
        schema={"_opening": pl.Date, "_end": pl.Date},
    )
    return (
        book.positions([w.opening for w in windows], scope, by, ["amount", "credit"])
        .join(days, left_on="as_of", right_on="_opening")
        .with_columns(as_of=pl.col("_end"))
        .group_by(keys)
        .agg(opening_gross=(pl.col("amount") - pl.col("credit")).sum())
    )


def _net() -> pl.Expr:
    taken = [pl.col(name) for name in MOVEMENT if name != "billed"]
    return pl.col("billed") - sum(taken[1:], taken[0])


def _all_rows(book: Book, windows: Sequence[Window], scope: Scope) -> pl.DataFrame:
    """A row per day and currency where nothing divides the company: an empty day is a zero, not a gap."""
    pairs = [(window.end, currency) for window in windows for currency in book.currencies_of(scope)]
    return pl.DataFrame(pairs, schema={"as_of": pl.Date, CURRENCY: pl.String}, orient="row")
