"""Groups compared fairly: each against what the company as a whole does with the same kind of customers.

A collector with hard customers is not blamed for them: what would be expected of him is what all of the company's
customers of the same kinds (a region and a segment, say) show, weighed with his own money in each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import polars as pl

from ledger.book import Book
from ledger.errors import OutstandingError, did_you_mean
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.catalog import CATALOG
from metrics.evaluate import evaluate
from metrics.spec import Metric, Unit

PEERS = 0.1
"""Others must hold this share of a kind's money before it says anything about one of the groups."""

LEAST = 0.5
"""A group is judged when at least this share of its money is of kinds that others have too."""

ALONE = "not compared: no other group has enough of the same kinds of customers"

_WHOLE: Mapping[Unit, float] = MappingProxyType({Unit.RATIO: 1.0, Unit.PERCENT: 100.0})


def fairness(
    book: Book,
    day: date,
    window: str = "3mo",
    by: str = "collector",
    mix: Sequence[str] = (),
    scope: Scope = COMPANY,
    metrics: Sequence[str] = ("overdue_share", "cei"),
) -> pl.DataFrame:
    """A row a group and metric, groups sorted: each one's value and what would be expected of it.

    Columns: ``as_of, window, <by>, currency, metric, value, expected, gap, numerator, denominator, expected_amount,
    difference, peers, note``.

    A kind is a combination of values of ``mix``. ``expected_amount`` is the numerator that the group would have if
    every kind's money did as all of the company's (in ``scope``) money of that kind does, its own included;
    ``difference`` is numerator − ``expected_amount``, so that the differences of all groups, judged or not, add up to
    0. ``expected`` and ``gap`` are the same in the metric's own unit. ``peers`` is the share of the group's money
    (0–1) that is of kinds of which others hold a tenth or more. Money is in major units of ``currency``.

    Below half of ``peers`` everything about the expectation is null and ``note`` says so; ``value`` and ``note`` are
    those of ``evaluate`` else. Without ``mix`` every group is held against the company's own value.

    Args:
        by: the dimension whose groups are compared.
        mix: the dimensions that make customers comparable; ``by`` cannot be one of them.
        metrics: shares (0–1) and percentages with a numerator and a denominator.

    Raises:
        OutstandingError: an unknown dimension, ``by`` in ``mix``, a metric that is no share.
    """
    known = [name for name in book.dimensions if name != by]
    for name in mix:
        if name not in known:
            raise OutstandingError(f"'{name}' cannot make groups comparable; {did_you_mean(name, known)}".rstrip("; "))
    chosen = [_share(CATALOG[metric]) for metric in metrics]
    (label,) = book.by_columns([by])
    ids = [metric.id for metric in chosen]
    apart = evaluate(book, ids, [day], window, scope, [by, *mix])
    whole = evaluate(book, ids, [day], window, scope, [by])
    expected = at_same_mix(apart.rename({label: "_group"}), "_group", book.by_columns(mix)).rename({"_group": label})
    keys = [label, CURRENCY, "metric"]
    judged = pl.col("peers") >= LEAST
    unit = pl.col("metric").replace_strict({m.id: _WHOLE[m.unit] for m in chosen}, return_dtype=pl.Float64)
    rate = pl.when(judged & (pl.col("denominator") > 0)).then(pl.col("_expected") / pl.col("denominator") * unit)
    return (
        whole.join(expected, on=keys, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(expected=rate, expected_amount=pl.when(judged).then("_expected"))
        .select(
            *("as_of", "window", *keys, "value", "expected"),
            (pl.col("value") - pl.col("expected")).alias("gap"),
            *("numerator", "denominator", "expected_amount"),
            (pl.col("numerator") - pl.col("expected_amount")).alias("difference"),
            "peers",
            pl.coalesce("note", pl.when(~judged).then(pl.lit(ALONE))).alias("note"),
        )
    )


def at_same_mix(rows: pl.DataFrame, group: str, mix: Sequence[str]) -> pl.DataFrame:
    """What each group's numerator would be at the whole's rates: ``<group>, currency, metric, _expected, peers``.

    Args:
        rows: ``<group>, <mix…>, currency, metric, numerator, denominator``, a row a group and kind.
        group: the column of groups.
        mix: the columns whose values make a kind; without any there is one kind.

    A kind whose denominators do not add up to more than 0 has no rate: what a group has there is taken as it is, and
    nobody is compared by it. Negative denominators (credits) weigh nothing in ``peers``.
    """
    kind = [*mix, CURRENCY, "metric"]
    whole, own = pl.col("denominator").sum().over(kind), pl.col("denominator")
    there = whole > 0
    at_rate = own * (pl.col("numerator").sum().over(kind) / pl.when(there).then(whole))
    weight = own.clip(lower_bound=0)
    shared = there & (weight <= (1 - PEERS) * whole)
    summed = rows.select(
        group,
        CURRENCY,
        "metric",
        _expected=pl.when(there).then(at_rate).otherwise("numerator"),
        _weight=weight,
        _shared=pl.when(shared).then(weight).otherwise(0.0),
    )
    total = pl.col("_weight").sum()
    return (
        summed.group_by(group, CURRENCY, "metric")
        .agg(
            pl.col("_expected").sum(),
            peers=pl.when(total > 0).then(pl.col("_shared").sum() / total).otherwise(0.0),
        )
        .sort(group, CURRENCY, "metric", nulls_last=True)
    )


def _share(metric: Metric) -> Metric:
    if metric.unit not in _WHOLE or metric.own:
        raise OutstandingError(
            f"{metric.label} is no share of money that can be split: groups are compared by shares, such as "
            "'overdue_share' or 'cei'."
        )
    return metric
