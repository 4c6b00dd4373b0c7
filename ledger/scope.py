"""Scope: which part of the company a number is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNASSIGNED = "Unassigned"

CUSTOMER = "customer"
CURRENCY = "currency"


@dataclass(frozen=True)
class Scope:
    """A choice of values per dimension, all of which must hold. Hashable, so that it can key a cache.

    A value of ``None`` stands for rows without a value. ``customer`` takes customer ids; ``currency`` the documents'
    currencies. A dimension that is not named is not restricted.
    """

    where: tuple[tuple[str, frozenset[str | None]], ...] = ()

    @classmethod
    def of(cls, /, **choices: Iterable[str | None] | str | None) -> Scope:
        """``Scope.of(region=["EMEA", None], customer="C1")``. An empty list leaves its dimension unrestricted."""
        where: list[tuple[str, frozenset[str | None]]] = []
        for dimension, values in sorted(choices.items()):
            chosen = frozenset([values] if values is None or isinstance(values, str) else values)
            if chosen:
                where.append((dimension, chosen))
        return cls(tuple(where))

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(dimension for dimension, _ in self.where)

    def values(self, dimension: str) -> frozenset[str | None]:
        """The chosen values of ``dimension``; empty when it is not restricted."""
        return dict(self.where).get(dimension, frozenset())

    def narrowed(self, dimension: str, *values: str | None) -> Scope:
        """The same scope with ``dimension`` restricted to ``values`` instead of what it was."""
        choices = {name: chosen for name, chosen in self.where if name != dimension}
        return Scope.of(**choices, **{dimension: frozenset(values)})

    def without(self, *dimensions: str) -> Scope:
        """The same scope with ``dimensions`` no longer restricted."""
        return Scope(tuple(pair for pair in self.where if pair[0] not in dimensions))


COMPANY = Scope()
"""The whole company."""
