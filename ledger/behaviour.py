"""How customers pay: one class each, by rules on what they paid in a year and what they still owe.

Classes are judged on everything a customer does with the company, so that a customer is in one class wherever one
looks. Sums are whole numbers: the order of the rows does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import polars as pl

from ledger import facts
from ledger.book import Book
from ledger.calendar import Window
from ledger.conversion import Conversion
from ledger.scope import CURRENCY

BEHAVIOUR = "behaviour"
"""The dimension that a refresh fills by itself when the mapping has no column of that name."""


class Behaviour(StrEnum):
    """How a customer pays, in the order in which the rules are tried."""

    AT_RISK = "at risk"
    NEW = "new"
    SLIPPING = "slipping"
    ERRATIC = "erratic"
    LATE = "late"
    PROMPT = "prompt"


@dataclass(frozen=True)
class BehaviourRules:
    """The thresholds; the first class that fits is taken, in the order of ``Behaviour``.

    at risk: what is more than 90 days late, less unapplied credits, is ``over_90_share`` of what is open or more; or
        something is late by more than ``overdue_days`` and nothing was paid for ``silent_days``. In both cases the late
        money, less unapplied credits, is more than ``remainder`` of what was paid in the year, so that a forgotten rest
        raises no alarm.
    new: fewer than ``least_items`` documents paid in the year: too few to judge.
    slipping: in the last ``recent_months`` paid ``slipping_days`` later than in the rest of the year and more than
        ``late_days`` beyond terms, seen on ``least_recent`` documents at least.
    erratic: days late spread by more than ``spread_days`` (standard deviation, weighted by amount).
    late: more than ``late_days`` beyond terms on average, weighted by amount.
    prompt: everyone else.
    """

    history_days: int = 365
    recent_months: int = 3
    over_90_share: float = 0.25
    overdue_days: int = 60
    silent_days: int = 90
    remainder: float = 0.01
    least_items: int = 3
    least_recent: int = 2
    slipping_days: float = 7.0
    spread_days: float = 20.0
    late_days: float = 5.0


RULES = BehaviourRules()

MEASURES = (
    "paid_count",
    "days_beyond_terms",
    "recent",
    "earlier",
    "change",
    "spread",
    "last_paid",
    "owed",
    "overdue",
    "over_90",
    "oldest",
)


_OPEN = ("owed", "_credit", "overdue", "_over_60", "over_90", "oldest")


def judged(book: Book, day: date, rules: BehaviourRules = RULES, customers: pl.Series | None = None) -> pl.DataFrame:
    """Every customer with something paid in the year to ``day`` or open at its close, one row each.

    ``customers``: the numbers of those wanted; all if left out.

    ``customer`` (number), ``class`` (``Behaviour``; null when only credits are open), ``paid_count`` (documents with a
    part paid by cash), ``days_beyond_terms``, ``recent`` and ``earlier`` (the same for the last months and for the
    rest of the year), ``change`` (recent − earlier), ``spread``, ``last_paid``; ``owed``, ``overdue`` and ``over_90``
    (open debit items, minor units), ``oldest`` (days that the oldest of them is late, 0 when none is) and
    ``currency``. Days are weighted by amount. Where currencies are never added, a customer with several has every
    part weigh the same, counts parts instead of money, and no ``currency``.
    """
    slices = _weighed(book)
    if customers is not None:
        slices = slices.filter(pl.col("customer").is_in(customers.implode()))
    paid = _paid(slices, day, rules)
    due = _open(book, slices, day, rules)
    return (
        paid.join(due, on="customer", how="full", coalesce=True)
        .join(_currencies(book), on="customer", how="left")
        .with_columns(pl.col("paid_count", "_recent_count", "_paid", *_OPEN).fill_null(0))
        .with_columns(
            days_beyond_terms=_mean(pl.col("_days"), pl.col("_paid")),
            recent=_mean(pl.col("_recent_days"), pl.col("_recent")),
            earlier=_mean(pl.col("_days") - pl.col("_recent_days"), pl.col("_paid") - pl.col("_recent")),
            _square=_mean(pl.col("_squares"), pl.col("_paid")),
        )
        .with_columns(spread=(pl.col("_square") - pl.col("days_beyond_terms") ** 2).clip(lower_bound=0).sqrt())
        .with_columns(change=pl.col("recent") - pl.col("earlier"))
        .with_columns(_class(day, rules).alias("class"))
        .select("customer", "class", *MEASURES, CURRENCY)
        .sort("customer")
        .collect()
    )


def _paid(slices: pl.LazyFrame, day: date, rules: BehaviourRules) -> pl.LazyFrame:
    """Per customer the whole sums that averages over the paid year are made of."""
    recent = pl.col("closed_on") >= Window.ending(day, f"{rules.recent_months}mo").start
    late = (pl.col("closed_on") - pl.col("due")).dt.total_days()
    weight = pl.col("_weight").cast(pl.Int128)
    parts = facts.paid_slices(slices).filter(
        pl.col("closed_on").is_between(day - timedelta(days=rules.history_days - 1), day)
    )
    return (
        parts.select("customer", "document", "closed_on", "_weight", _late=late, _now=recent)
        .with_columns(_days=weight * pl.col("_late"))
        .with_columns(_squares=pl.col("_days") * pl.col("_late"))
        .group_by("customer")
        .agg(
            paid_count=pl.col("document").n_unique(),
            _recent_count=pl.col("document").filter("_now").n_unique(),
            _paid=weight.sum(),
            _days=pl.col("_days").sum(),
            _squares=pl.col("_squares").sum(),
            _recent=weight.filter("_now").sum(),
            _recent_days=pl.col("_days").filter("_now").sum(),
            last_paid=pl.col("closed_on").max(),
        )
    )


def _open(book: Book, slices: pl.LazyFrame, day: date, rules: BehaviourRules) -> pl.LazyFrame:
    """Per customer what is open at the close of ``day`` and how late it is."""
    rule = book.rules.aging
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > day)
    rows = book.valued(slices.filter((pl.col("opened_on") <= day) & still).with_columns(as_of=pl.lit(day)), [day])
    weight = pl.col("amount") if book.rules.conversion is Conversion.CLOSING else pl.col("_weight")
    late = (pl.lit(day) - pl.col("late_from")).dt.total_days()
    debit = pl.when(~pl.col("credit")).then(weight).otherwise(0)
    return (
        rows.select(
            "customer",
            owed=debit,
            _credit=weight - debit,
            overdue=pl.when(rule.overdue(late)).then(debit).otherwise(0),
            _over_60=pl.when(late > rules.overdue_days).then(debit).otherwise(0),
            over_90=pl.when(rule.beyond(late, 90)).then(debit).otherwise(0),
            oldest=pl.when(~pl.col("credit")).then(late).otherwise(0).clip(lower_bound=0),
        )
        .group_by("customer")
        .agg(pl.col(*_OPEN[:-1]).sum(), pl.col("oldest").max())
    )


def _class(day: date, rules: BehaviourRules) -> pl.Expr:
    silent = pl.col("last_paid").is_null() | (pl.col("last_paid") <= day - timedelta(days=rules.silent_days))
    old, stuck = (pl.col(name) + pl.col("_credit") for name in ("over_90", "_over_60"))
    matters = rules.remainder * pl.col("_paid").cast(pl.Float64)
    at_risk = ((old > matters) & (old >= rules.over_90_share * pl.col("owed"))) | ((stuck > matters) & silent)
    seen = (pl.col("_recent_count") >= rules.least_recent) & (
        pl.col("paid_count") - pl.col("_recent_count") >= rules.least_items
    )
    slipping = seen & (pl.col("change") >= rules.slipping_days) & (pl.col("recent") > rules.late_days)
    tried = (
        ((pl.col("paid_count") == 0) & (pl.col("owed") == 0), None),
        (at_risk, Behaviour.AT_RISK),
        (pl.col("paid_count") < rules.least_items, Behaviour.NEW),
        (slipping, Behaviour.SLIPPING),
        (pl.col("spread") > rules.spread_days, Behaviour.ERRATIC),
        (pl.col("days_beyond_terms") > rules.late_days, Behaviour.LATE),
    )
    found = pl.lit(Behaviour.PROMPT.value)
    for holds, name in reversed(tried):
        found = pl.when(holds).then(pl.lit(name.value if name else None, pl.String)).otherwise(found)
    return found


def _mean(total: pl.Expr, weight: pl.Expr) -> pl.Expr:
    return pl.when(weight > 0).then(total.cast(pl.Float64) / weight.cast(pl.Float64))


def _weighed(book: Book) -> pl.LazyFrame:
    """Slices with what they weigh: their amount, or alike where a customer's amounts do not compare."""
    slices = book.frames["slices"].lazy()
    if book.rules.conversion is not Conversion.NONE:
        return slices.with_columns(_weight="amount")
    several = pl.col(CURRENCY).is_null()
    weight = pl.when(several).then(pl.col("amount").sign()).otherwise("amount")
    return slices.join(_currencies(book), on="customer", how="left").with_columns(_weight=weight).drop(CURRENCY)


def _currencies(book: Book) -> pl.LazyFrame:
    """The currency of each customer's amounts: ``customer, currency``; null for several that are never added."""
    if book.rules.conversion is not Conversion.NONE:
        return book.frames["customers"].lazy().select("customer", currency=pl.lit(book.rules.reporting_currency))
    one = pl.when(pl.col(CURRENCY).n_unique() == 1).then(pl.col(CURRENCY).first())
    return book.frames["documents"].lazy().group_by("customer").agg(one.alias(CURRENCY))
