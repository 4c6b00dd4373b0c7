"""How old is old: the one rule that puts an open amount into an aging bucket."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

CURRENT = "current"
UNAPPLIED = "unapplied"


@dataclass(frozen=True)
class AgingRule:
    """Bucket edges and the conventions at them.

    ``basis``: the date that age counts from. ``credits``: open credits stand apart (``separate``) or fall into the
    bucket of their own dates (``aged``). ``due_today``: an amount due on the day itself is ``current`` or ``overdue``.
    ``last_day``: exactly 30 days is ``inside`` 1–30 or ``outside`` it, in the next bucket.
    """

    edges: tuple[int, ...] = (30, 60, 90, 120)
    basis: str = "due_date"
    credits: str = "separate"
    due_today: str = "current"
    last_day: str = "inside"

    @property
    def labels(self) -> tuple[str, ...]:
        """Bucket names in order of age, ``current`` first; ``unapplied`` is not one of them."""
        starts = (1, *(edge + 1 for edge in self.edges[:-1]))
        ranges = [f"{start}–{edge}" for start, edge in zip(starts, self.edges, strict=True)]
        return (CURRENT, *ranges, f"{self.edges[-1]}+")

    @property
    def buckets(self) -> tuple[str, ...]:
        """Every bucket in order, ``unapplied`` last. The position is the code stored in facts."""
        return (*self.labels, UNAPPLIED)

    @property
    def unapplied_code(self) -> int:
        return len(self.labels)

    def overdue(self, age: pl.Expr) -> pl.Expr:
        """Whether ``age`` days past the basis date count as overdue."""
        return age >= 0 if self.due_today == "overdue" else age > 0

    def beyond(self, age: pl.Expr, edge: int) -> pl.Expr:
        """Whether ``age`` is past ``edge``, by the rule for the last day."""
        return age >= edge if self.last_day == "outside" else age > edge

    def code(self, age: pl.Expr) -> pl.Expr:
        """Bucket code (UInt8) of ``age`` in days past the basis date."""
        code = self.overdue(age).cast(pl.UInt8)
        for edge in self.edges:
            code = code + self.beyond(age, edge).cast(pl.UInt8)
        return code.cast(pl.UInt8)


USUAL = AgingRule()
"""The rule when nothing is set."""
