"""Sub-ledger against general ledger, in the currency of each balance supplied."""

from __future__ import annotations

import polars as pl

from ledger.conversion import minor
from ledger.money import major

SCHEMA = {
    "entity": pl.String(),
    "currency": pl.String(),
    "as_of": pl.Date(),
    "gl_balance": pl.Float64(),
    "subledger": pl.Float64(),
    "difference": pl.Float64(),
}


def comparison(balances: pl.DataFrame | None, moved: pl.DataFrame) -> pl.DataFrame:
    """``SCHEMA``, one row per balance given, newest first; ``difference`` = sub-ledger − general ledger.

    A balance in the currency in which its entity books is compared with booked base amounts, and otherwise with the
    documents in that currency. ``moved``: from ``movements``, a row a day and account at most.
    """
    if balances is None or balances.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    moved = moved.sort("day")
    asked = balances.select("entity", "currency", day="as_of", gl_minor=minor("balance", pl.col("currency"))).sort(
        "day"
    )
    running = moved.with_columns(subledger=pl.col("amount").cum_sum().over("entity", "currency")).drop("amount")
    # A null never meets a null in an as-of join, so an entity without a name is compared as "".
    named = [frame.with_columns(pl.col("entity").fill_null("")) for frame in (asked, running)]
    both = named[0].join_asof(
        named[1], on="day", by=["entity", "currency"], strategy="backward", check_sortedness=False
    )
    money = [pl.col("gl_minor"), pl.col("subledger").fill_null(0)]
    return (
        both.with_columns(money)
        .select(
            pl.when(pl.col("entity") != "").then("entity").alias("entity"),
            "currency",
            pl.col("day").alias("as_of"),
            major(pl.col("gl_minor"), pl.col("currency")).alias("gl_balance"),
            major(pl.col("subledger"), pl.col("currency")).alias("subledger"),
            major(pl.col("subledger") - pl.col("gl_minor"), pl.col("currency")).alias("difference"),
        )
        .sort(["as_of", "entity", "currency"], descending=[True, False, False])
    )


def movements(documents: pl.DataFrame, settlements: pl.DataFrame) -> pl.DataFrame:
    """Net movement per ``entity, currency, day``: booked in base currency, and as documented in the others.

    ``documents`` are numbered by their rows.
    """
    booked = documents.filter(pl.col("amount_base").is_not_null() & (pl.col("base_currency") != pl.col("currency")))
    lent = documents.select("entity", "currency", "base_currency")
    settled = settlements.drop("document").hstack(lent[settlements["document"]])
    in_base = settled.filter(pl.col("amount_base").is_not_null() & (pl.col("base_currency") != pl.col("currency")))
    parts = [
        documents.select("entity", "currency", day="posting_date", amount=_own("amount_doc")),
        booked.select("entity", currency="base_currency", day="posting_date", amount="amount_base"),
        settled.select("entity", "currency", "day", amount=-_own("amount_doc")),
        in_base.select("entity", currency="base_currency", day="day", amount=-pl.col("amount_base")),
    ]
    return pl.concat(parts).group_by("entity", "currency", "day").agg(pl.col("amount").sum())


def _own(amount: str) -> pl.Expr:
    """The amount in the document's own currency: the booked one where the books are kept in it."""
    booked = (pl.col("base_currency") == pl.col("currency")) & pl.col("amount_base").is_not_null()
    return pl.when(booked).then("amount_base").otherwise(amount)
