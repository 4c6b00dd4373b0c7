"""The message of the overview: two or three sentences made from the data, each with the place where it leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import polars as pl

from config.settings import Target
from ledger.scope import CUSTOMER, UNASSIGNED
from metrics import text
from ui import store
from ui.view import View

_NAMED = 0.3
"""A group that makes less than this share of a change is not its cause."""

_SEVERAL = 3
"""With fewer groups than this, one of them explains most of anything."""

_FLAT = 0.03
"""A change below this share of the balance is told as none."""


_SLIDING = 0.02
"""A customer that adds less than this share of all money over 90 days late is not told."""

_NARROWER = 1.2
"""A pair of dimensions must score this many times as high to be preferred: it is always narrower."""

_SMALL = 0.01
"""No group counts as smaller than this, or the smallest would always win."""


@dataclass(frozen=True)
class Cause:
    """A group and the share of a change that it makes, 0 to 1 or a little more."""

    dimensions: tuple[str, ...]
    values: tuple[str | None, ...]
    share: float

    def words(self, labels: Mapping[str, str]) -> str:
        """``region Iberia``, or ``segment Retail in region Iberia``: the narrower dimension first."""
        named = [
            f"{labels[key].lower()} {text.name(value)}" for key, value in zip(self.dimensions, self.values, strict=True)
        ]
        return " in ".join(reversed(named))


@dataclass(frozen=True)
class Sentence:
    """One finding; ``customer_id`` or ``group`` say where it leads."""

    words: str
    customer_id: str | None = None
    group: str | None = None


def headline(view: View, labels: Mapping[str, str], year: date | None) -> str:
    """What overdue money did over the window and who explains it; over the year when the window saw little.

    ``year`` is the day a year before, where the history reaches that far.
    """
    named = tuple(labels.items())
    told, size = store.remembered(_change, view, named, view.span.opening)
    if size < _FLAT and year is not None:
        over_year, size = store.remembered(_change, view, named, year)
        told = over_year if size >= _FLAT else told
    return told


def _change(view: View, named: tuple[tuple[str, str], ...], start: date) -> tuple[str, float]:
    """The headline for the change since ``start``, and the size of the change against the balance."""
    labels = dict(named)
    day = view.day
    rows = store.evaluate(("overdue",), (start, day), view.window, view.scope, tuple(labels))
    rows = rows.filter(pl.col("currency") == view.currency)
    before, now = (float(rows.filter(pl.col("as_of") == at)["value"].sum() or 0) for at in (start, day))
    change = now - before
    size = abs(change) / max(now, before) if max(now, before) > 0 else 0.0
    money = text.money(now, view.currency)
    if now == 0 and before == 0:
        return "Nothing is overdue", size
    if size < _FLAT:
        return f"Overdue held at {money} since {text.day(start)}", size
    words = (
        f"Overdue {text.direction(change)} {text.money(abs(change), view.currency)} {text.since(start, day)} to {money}"
    )
    found = cause(rows, tuple(labels), start, change)
    if found is None:
        return words, size
    if found.share > 1:
        return f"{words}; {found.words(labels)} alone accounts for it", size
    return f"{words}; {found.words(labels)} explains {found.share * 100:.0f}{text.NBSP}% of it", size


def cause(rows: pl.DataFrame, dimensions: Sequence[str], opening: date, change: float) -> Cause | None:
    """The group, by one or two dimensions, whose part of ``change`` is most out of proportion to its balance.

    Small groups that make much of the change come first: they are where somebody can act.
    """
    at_opening = pl.col("as_of") == opening
    value = pl.col("value")
    moved = rows.with_columns(
        delta=pl.when(at_opening).then(-value).otherwise(value), base=pl.when(at_opening).then(value).otherwise(0.0)
    )
    whole = float(moved["base"].sum() or 0) or 1.0
    single = [_lead(moved, keys, change, whole) for keys in combinations(dimensions, 1)]
    pairs = [_lead(moved, keys, change, whole) for keys in combinations(dimensions, 2)]
    # Of equals the last: further down in drill order is nearer to somebody who can act.
    ranked = [max(reversed(leads), key=lambda lead: lead[0], default=(0.0, None)) for leads in (single, pairs)]
    (one, alone), (two, paired) = ranked
    return paired if two > one * _NARROWER else alone


def _lead(moved: pl.DataFrame, keys: tuple[str, ...], change: float, whole: float) -> tuple[float, Cause | None]:
    """The group of a grouping that is most out of proportion, after its score; 0 when none makes enough of it."""
    groups = moved.group_by(keys).agg(pl.col("delta").sum(), pl.col("base").sum())
    if groups.height < _SEVERAL:
        return 0.0, None
    part, weight = pl.col("delta") / change, (pl.col("base") / whole).clip(_SMALL, 1.0)
    scored = groups.with_columns(part=part, score=((part - weight) / weight.sqrt()).round(6)).filter(
        (pl.col("part") >= _NAMED) & (pl.col("score") > 0)
    )
    if scored.is_empty():
        return 0.0, None
    lead = scored.sort("score", *keys, descending=[True, *[False] * len(keys)], nulls_last=True).row(0, named=True)
    return lead["score"], Cause(keys, tuple(lead[key] for key in keys), lead["part"])


def dso_sentence(values: Mapping[str, float | None], target: Target | None) -> Sentence | None:
    """DSO against its target, and how much of it is late payment rather than terms."""
    dso, late = values.get("dso"), values.get("days_delinquent")
    if dso is None:
        return None
    words = f"DSO is {text.days(dso)}"
    if target is not None:
        gap = dso - target.good
        words += f", {abs(gap):.1f} {'above' if gap > 0 else 'below'} target"
    if late is not None:
        words += f": {late:.1f} of it is late payment, not terms"
    return Sentence(words)


def sliding_customer(view: View) -> Sentence | None:
    """The customer whose money more than 90 days late grew most over the window."""
    opening, day = view.span.opening, view.span.end
    rows = store.evaluate(("over_90_share",), (opening, day), view.window, view.scope, (CUSTOMER,))
    rows = rows.filter(pl.col("currency") == view.currency)
    signed = pl.when(pl.col("as_of") == opening).then(-pl.col("numerator")).otherwise(pl.col("numerator"))
    now = pl.when(pl.col("as_of") == day).then(pl.col("numerator")).otherwise(0.0)
    moved = (
        rows.group_by(CUSTOMER).agg(delta=signed.sum(), now=now.sum()).sort("delta", CUSTOMER, descending=[True, False])
    )
    whole = float(moved["now"].sum() or 0)
    if moved.is_empty() or whole <= 0:
        return None
    lead = moved.row(0, named=True)
    if lead["delta"] < _SLIDING * whole:
        return None
    name = text.name(store.customer(lead[CUSTOMER])["label"], UNASSIGNED)
    late, grown = (text.money(lead[column], view.currency) for column in ("now", "delta"))
    part = f"all of it new since {text.day(opening)}" if late == grown else f"{grown} of it since {text.day(opening)}"
    return Sentence(f"{name} is over 90 days late with {late}, {part}", lead[CUSTOMER])


def day_of_dso(values: Mapping[str, float | None], sales: float | None, days: int, currency: str) -> Sentence | None:
    """What one day of DSO is worth in cash."""
    if not sales or sales <= 0 or values.get("dso") is None:
        return None
    return Sentence(f"One day of DSO is worth {text.money(sales / days, currency)}")
