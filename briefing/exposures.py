"""How much hangs on few debtors, and who owes more than was granted."""

from __future__ import annotations

from datetime import date

import polars as pl

import metrics
from briefing.answers import Answers
from briefing.view import View
from ledger.book import Book
from ledger.conversion import Conversion
from ledger.families import families
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics import text

MOST = 10
_HALF = 0.5

CENT = 0.005
"""Half a cent: less is not over a limit."""


def ranked(answers: Answers, view: View, *, groups: bool) -> pl.DataFrame:
    """``rank, customer, label, balance, share, cumulative``: who owes, the largest first."""
    rows = answers.remembered(_groups if groups else _customers, view.day, view.scope).filter(
        pl.col("currency") == view.currency
    )
    return named(answers, rows)


def limits(answers: Answers, view: View) -> pl.DataFrame:
    """``metrics.credit_limits`` in the view's currency, with ``label`` and what of the exposure is ``overdue``.

    Unpaid and over its limit first, then the others that are over, the most money first.
    """
    rows = answers.remembered(_limits, view.day, view.scope).filter(pl.col("currency") == view.currency)
    late = answers.remembered(_overdue, view.day, view.scope).filter(pl.col("currency") == view.currency)
    over = pl.col("over_limit").fill_null(0.0)
    return (
        named(answers, rows)
        .join(late.select("customer", "overdue"), on="customer", how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("overdue").fill_null(0.0))
        .sort((over >= CENT) & (pl.col("overdue") > 0), over, "exposure", descending=True, maintain_order=True)
    )


def _customers(book: Book, day: date, scope: Scope) -> pl.DataFrame:
    return metrics.concentration(book, day, scope)


def _groups(book: Book, day: date, scope: Scope) -> pl.DataFrame:
    return metrics.concentration(book, day, scope, groups=True)


def _limits(book: Book, day: date, scope: Scope) -> pl.DataFrame:
    return metrics.credit_limits(book, day, scope)


def _overdue(book: Book, day: date, scope: Scope) -> pl.DataFrame:
    """``customer, currency, overdue``: of everyone and all below them, as exposures are counted."""
    late = ~pl.col("bucket").is_in([book.rules.aging.buckets[0], book.rules.aging.buckets[-1]])
    own = metrics.aging(book, [day], scope, [CUSTOMER]).filter(late).group_by(CUSTOMER, "currency")
    ids = book.frames["customers"].select("customer", "customer_id")
    tree = families(book.frames["customers"])
    return (
        own.agg(pl.col("amount").sum())
        .rename({CUSTOMER: "customer_id"})
        .join(ids, on="customer_id", nulls_equal=True)
        .join(tree, on="customer")
        .group_by("ancestor", "currency")
        .agg(overdue=pl.col("amount").sum())
        .join(ids.rename({"customer": "ancestor"}), on="ancestor")
        .select(customer="customer_id", currency="currency", overdue=pl.col("overdue").round(2))
    )


def named(answers: Answers, rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` of customers by id, with their ``label``."""
    names = answers.customers().select(pl.col("customer_id").alias("customer"), "label")
    return rows.join(names, on="customer", how="left", nulls_equal=True, maintain_order="left")


def message(view: View, owing: pl.DataFrame, held: pl.DataFrame, beyond: float | None) -> str:
    """Who is over a limit and by how much; where nobody is, how much the largest owe."""
    beyond_limit = over(held)
    top = owing.head(MOST)
    few = top.row(-1, named=True)["cumulative"]
    if beyond_limit.is_empty():
        first = top.row(0, named=True)
        name, money = text.name(first["label"], UNASSIGNED), text.money(first["balance"], view.currency)
        if owing.height <= MOST:
            who = text.count(owing.height, "customer owes", "customers owe")
            return f"{who} everything; the largest is {name} with {money}"
        return f"The ten largest debtors owe {text.share(few)} of everything; the largest is {name} with {money}"
    worst = beyond_limit.sort("over_limit", descending=True).row(0, named=True)
    name = text.name(worst["label"], UNASSIGNED)
    words = f"{name} is {text.money(worst['over_limit'], view.currency)} over its credit limit"
    words += f" of {text.money(worst['limit'], view.currency)}"
    if beyond_limit.height == 1:
        return words
    whole = "" if beyond is None else f", by {text.money(beyond, view.currency)}"
    return f"{words}; in all {beyond_limit.height:,} limits are exceeded{whole}"


def over(held: pl.DataFrame) -> pl.DataFrame:
    """Of ``limits``, those that are exceeded."""
    return held.filter(pl.col("over_limit").fill_null(0.0) >= CENT)


def over_finding(over: pl.DataFrame) -> str:
    """How many limits are exceeded, and by how many that have overdue items too."""
    late = over.filter(pl.col("overdue") > 0)
    words = f"{text.count(over.height, 'limit is', 'limits are')} exceeded"
    if late.is_empty():
        return f"{words}, by customers with nothing overdue"
    which = "all" if late.height == over.height else f"{late.height:,}"
    return f"{words}, {which} of them by customers that also have overdue items"


APART = "Credit limits cannot be compared"


def apart(answers: Answers) -> bool:
    """Whether amounts stay in currencies of their own, which limits are not in."""
    return answers.book.rules.conversion is Conversion.NONE


def why_none(answers: Answers, view: View, held: pl.DataFrame) -> str:
    """Why nobody is over a limit."""
    if apart(answers):
        return str(
            held["note"].drop_nulls().first() or "Amounts stay in their own currencies: limits cannot be compared."
        )
    if held.is_empty():
        return f"No customer with something open on {text.day(view.day)} has a credit limit in the customer table."
    most = held.select(pl.col("utilisation").max()).item()
    return f"{text.count(held.height, 'limit is', 'limits are')} in use, the fullest to {text.share(most)}."
