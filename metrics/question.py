"""What an evaluator of its own is asked; one value serves all metrics of an evaluation, which share what they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.scope import CURRENCY, Scope
from metrics import parts

_T = TypeVar("_T")


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

    def once(self, made: Callable[[Question], _T]) -> _T:
        """What ``made``, a function of a module, tells of this question; worked out the first time."""
        if made not in self._told:
            self._told[made] = made(self)
        return self._told[made]

    @cached_property
    def _told(self) -> dict[Callable[[Question], Any], Any]:
        return {}

    @cached_property
    def balances(self) -> pl.DataFrame:
        """What is open at the close of the as-of days: see ``metrics.parts.balances``."""
        return parts.balances(self.book, self.days, self.scope, self.by)

    @cached_property
    def held(self) -> pl.DataFrame:
        """What each customer owes: ``_row, _debtor, _balance`` as ``Book.holdings`` has them."""
        return self._holdings[0]

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """``rows`` with the ``keys`` of their group (``_row``) instead of its number."""
        return self._holdings[1][rows["_row"]].hstack(rows.drop("_row"))

    @cached_property
    def _holdings(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        return self.book.holdings(self.days, self.scope, self.by)
