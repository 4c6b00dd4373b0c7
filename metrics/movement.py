"""The roll-forward: how the balance moved from opening to closing, and whether it ties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.facts import MOVEMENT
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, Scope

LINES = ("opening", *MOVEMENT, "closing", "difference")


def movement(
    book: Book, day: date, window: str = "3mo", scope: Scope = COMPANY, by: Sequence[str] = ()
) -> pl.DataFrame:
    """``as_of, window, <by…>, currency, line, amount``: the lines of ``LINES`` in order, in major units.

    Signed as they add: ``opening`` to ``other`` sum to the closing balance, so what reduces the balance is negative.
    ``closing`` and ``opening`` are read independently of the movements; ``difference`` is closing less the sum of the
    lines before it, and 0 when the ledger ties out.
    """
    span = Window.ending(day, window)
    keys = [*book.by_columns(by), CURRENCY]
    balances = book.positions([span.opening, span.end], scope, by, ["amount"])
    total = balances.group_by("as_of", *keys).agg(total=pl.col("amount").sum())
    opening, closing = (total.filter(pl.col("as_of") == at).drop("as_of") for at in (span.opening, span.end))
    moved = book.flows([span], scope, by, MOVEMENT).select(*keys, *MOVEMENT)
    everywhere = [] if by else [pl.DataFrame({CURRENCY: list(book.currencies_of(scope))}, schema={CURRENCY: pl.String})]
    lines = (
        pl.concat([*everywhere, *(frame.select(keys) for frame in (moved, opening, closing))])
        .unique()
        .join(moved, on=keys, how="left", nulls_equal=True)
        .join(opening.rename({"total": "opening"}), on=keys, how="left", nulls_equal=True)
        .join(closing.rename({"total": "closing"}), on=keys, how="left", nulls_equal=True)
        .with_columns(pl.col("opening", "closing", *MOVEMENT).fill_null(0))
        .with_columns(-pl.col(name) for name in MOVEMENT if name != "billed")
        .with_columns(difference=pl.col("closing") - pl.sum_horizontal("opening", *MOVEMENT))
    )
    rank = pl.DataFrame({"line": LINES, "_rank": range(len(LINES))})
    return (
        lines.unpivot(LINES, index=keys, variable_name="line", value_name="amount")
        .join(rank, on="line")
        .sort(*keys, "_rank", nulls_last=True)
        .select(
            pl.lit(day).alias("as_of"),
            pl.lit(window).alias("window"),
            *keys,
            "line",
            major(pl.col("amount"), pl.col(CURRENCY)).alias("amount"),
        )
    )
