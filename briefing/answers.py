"""What is asked of the books to tell something of them. A screen answers from its caches, a command straight."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol, TypeVar

import polars as pl

import metrics
from ledger import listing
from ledger.book import Book
from ledger.scope import Scope
from metrics import Targets

Answer = TypeVar("Answer")


class Answers(Protocol):
    """Of one snapshot and one company's targets; the same question has the same answer."""

    @property
    def book(self) -> Book:
        """The books."""
        ...

    @property
    def targets(self) -> Targets:
        """The company's targets."""
        ...

    def evaluate(
        self, ids: tuple[str, ...] | None, days: tuple[date, ...], window: str, scope: Scope, by: tuple[str, ...] = ()
    ) -> pl.DataFrame:
        """``metrics.evaluate``."""
        ...

    def aging(self, days: tuple[date, ...], scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
        """``metrics.aging``."""
        ...

    def movement(self, day: date, window: str, scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
        """``metrics.movement``."""
        ...

    def explain(
        self, metric: str, start: date, end: date, window: str, scope: Scope, by: tuple[str, ...] = ()
    ) -> pl.DataFrame:
        """``metrics.explain``."""
        ...

    def customers(self) -> pl.DataFrame:
        """``listing.customers``."""
        ...

    def remembered(self, made: Callable[..., Answer], *question: Any) -> Answer:
        """What ``made(book, *question)`` answers; ``made`` is a function of a module."""
        ...


class Direct:
    """Answers computed when they are asked, each once."""

    def __init__(self, book: Book, targets: Targets) -> None:
        self.book = book
        self.targets = targets
        self._known: dict[tuple[str, str, str], Any] = {}

    def evaluate(
        self, ids: tuple[str, ...] | None, days: tuple[date, ...], window: str, scope: Scope, by: tuple[str, ...] = ()
    ) -> pl.DataFrame:
        return self.remembered(metrics.evaluate, ids, days, window, scope, by)

    def aging(self, days: tuple[date, ...], scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
        return self.remembered(metrics.aging, days, scope, by)

    def movement(self, day: date, window: str, scope: Scope, by: tuple[str, ...] = ()) -> pl.DataFrame:
        return self.remembered(metrics.movement, day, window, scope, by)

    def explain(
        self, metric: str, start: date, end: date, window: str, scope: Scope, by: tuple[str, ...] = ()
    ) -> pl.DataFrame:
        return self.remembered(metrics.explain, metric, start, end, window, scope, by)

    def customers(self) -> pl.DataFrame:
        return self.remembered(listing.customers)

    def remembered(self, made: Callable[..., Answer], *question: Any) -> Answer:
        # By its words: a question may hold mappings, which are no keys.
        key = (made.__module__, made.__qualname__, repr(question))
        if key not in self._known:
            self._known[key] = made(self.book, *question)
        return self._known[key]
