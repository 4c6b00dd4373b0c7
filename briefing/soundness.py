"""Whether the numbers can be relied on: what was kept out, and whether they tie out."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from briefing import periods, second_looks
from briefing.answers import Answers
from briefing.view import View
from ledger.book import Book
from ledger.scope import UNASSIGNED, Scope
from metrics import text

LEAST = 0.005
"""Half a cent: anything less is no difference."""

UNKNOWN = "currency unknown"

TABLES = {
    "customers": "Customers",
    "documents": "Documents",
    "settlements": "Settlements",
    "fx_rates": "Exchange rates",
    "gl_balances": "GL balances",
    "verify": "Source's own balances",
}


def verdict(answers: Answers, view: View) -> str:
    """The page's message: whether the data can be relied on, and what stands against it."""
    tied = movement(answers, view)
    broken = tied.filter(pl.col("difference").abs() >= LEAST).height
    months = text.count(tied.height, "month")
    adds_up = f"does not add up in {broken} of {months}" if broken else f"adds up in {_all(months, tied.height)}"
    if not tied.height:
        return f"There is no movement up to {text.day(view.day)}"
    told = [general_ledger(compared(answers.book, view)), second_looks.verified(answers.book)]
    return "; ".join([f"The movement {adds_up}", *(said for said in told if said)])


def general_ledger(gl: pl.DataFrame) -> str:
    """Which balance differs from the general ledger, when and by how much; nothing where none were supplied.

    Args:
        gl: ``entity, currency, as_of, difference``; difference = sub-ledger − general ledger.
    """
    if gl.is_empty():
        return ""
    apart = gl.filter(pl.col("difference").abs() >= LEAST).sort("as_of", "entity", descending=[True, False])
    if apart.is_empty():
        return "the sub-ledger equals the general ledger"
    row = apart.row(0, named=True)
    gap = text.exact(abs(row["difference"]), row["currency"])
    side = "below" if row["difference"] < 0 else "above"
    where = f"{text.name(row['entity'], UNASSIGNED)} is {gap} {side} the general ledger on {text.day(row['as_of'])}"
    more = f"; {apart.height - 1:,} more of {gl.height:,} balances differ" if apart.height > 1 else ""
    return f"{where}{more}"


def kept_out(book: Book) -> str:
    """How many rows are not in the numbers."""
    rows, rows_in = sum(count(book, "quarantined").values()), sum(count(book, "rows_in").values())
    return f"{text.count(rows, 'row')} of {rows_in:,} kept out." if rows else "Every row was accepted."


def movement(answers: Answers, view: View) -> pl.DataFrame:
    """The roll-forward of each month of the year: ``month`` and a column per line, whole company."""
    book = answers.book
    days = [day for day in periods.trend(view.day) if periods.is_known(book, day, None)]
    parts = [answers.movement(day, "1mo", Scope()).filter(pl.col("currency") == view.currency) for day in days]
    if not parts:
        return pl.DataFrame(schema={"as_of": pl.Date, "difference": pl.Float64})
    return pl.concat(parts).pivot(on="line", index="as_of", values="amount", maintain_order=True)


def compared(book: Book, view: View) -> pl.DataFrame:
    """The general ledger balances up to the as-of day."""
    return book.gl_comparison.filter(pl.col("as_of") <= view.day)


def count(book: Book, what: str) -> Mapping[str, int]:
    """Rows by table: ``rows_in``, ``accepted``, ``quarantined``."""
    return book.about.get(what) or {}


def ties(rows: pl.DataFrame) -> bool:
    """Whether every month of ``movement`` adds up."""
    return not rows.filter(pl.col("difference").abs() >= LEAST).height


def money_kept_out(book: Book) -> Mapping[str, str]:
    """By table: amounts of the rows kept out, per currency as the source writes it."""
    sums = (
        book.quarantine.filter(pl.col("amount").is_not_null())
        .group_by("table", "currency")
        .agg(pl.col("amount").cast(pl.Float64).abs().sum())
        .sort("amount", "currency", descending=[True, False])
    )
    words: dict[str, list[str]] = {}
    for table, currency, amount in sums.iter_rows():
        words.setdefault(table, []).append(f"{amount:,.2f} {text.name(currency, UNKNOWN)}")
    return {table: text.listed(parts) for table, parts in words.items()}


def _all(months: str, count: int) -> str:
    return f"all {months}" if count > 1 else months
