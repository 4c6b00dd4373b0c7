"""What an evaluator of its own is asked; one value serves all metrics of an evaluation, which share what they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.scope import CURRENCY, Scope


@dataclass(frozen=True)
class Question:
    """``book`` as of the last day of each of ``windows``, of ``scope``, grouped ``by``."""

    book: Book
    windows: Sequence[Window]
    scope: Scope
    by: Sequence[str]

    @property
    def keys(self) -> list[str]:
        """The columns that name a row of the answer."""
        return ["as_of", *self.book.by_columns(self.by), CURRENCY]

    @property
    def days(self) -> list[date]:
        """The as-of days."""
        return [window.end for window in self.windows]

    @cached_property
    def held(self) -> pl.DataFrame:
        """What each customer owes: see ``balances``."""
        return balances(self.book, self.days, self.scope, self.by)


def balances(book: Book, days: Sequence[date], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """What each customer owes, net of credits: ``as_of, <by…>, currency, _debtor, _balance``, sorted in this order.

    ``_debtor`` is the customer's number, ``_balance`` minor units. Customers with something open, 0 and below too.
    """

    def by_debtor(rows: pl.LazyFrame) -> pl.LazyFrame:
        return rows.with_columns(_debtor="customer")

    return book.open_sums(days, scope, by, by_debtor, {"_balance": pl.col("amount").sum()}, ["_debtor"])
