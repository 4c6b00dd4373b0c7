"""Why it moved: the change of a number between two days, split into who caused it and what they did.

A ratio, such as DSO, is R = N ÷ D: total AR ÷ average daily credit sales. (What only rescales a ratio, the days of the
window or a factor of 100, counts as part of D.) Between two days R goes from R0 to R1; M is halfway between them. A
group with N and D of its own contributes

    (N1 − M × D1) ÷ all D1  −  (N0 − M × D0) ÷ all D0

which is what the group holds above the level M, at the end less at the start. Over all groups this is R1 − R0, and no
group needs a ratio of its own. Where it has one on both days, r = N ÷ D, the contribution falls into two parts with w,
the group's share of all D:

- ``rate``: the mean of w × the change of r. The group itself became slower or faster. For DSO the rate is split further
  by what r is made of: ``best_possible`` (not yet due: terms and the timing of billing), ``delinquent`` (overdue: late
  payment) and ``credits`` (unapplied credits, which lower DSO).
- ``mix``: the change of w × (the mean of r less M). More of the business went to groups above or below the level.

A group without a positive D on one of the days came or went, and so did, for all that its ratio can tell, a group whose
share changed more than tenfold: an invoice of last week gives a small group a DSO of thousands of days. All of what
such a group contributes is ``mix``.

Total AR is d × r, daily credit sales × DSO. ``volume`` is the change of d × the mean of r; what is left is timing, the
mean of d × the change of r, in the same three parts as for DSO. A group that has no DSO on one of the days, or whose
sales changed more than tenfold: ``volume`` where it began to owe, where it stopped to owe and to buy, or where balance
and sales went the same way; else its balances changed while its sales do not tell why, and each balance's own change
is the part.

Overdue is gross open × its overdue share: ``size`` is the change of gross open × the mean share, ``lateness`` the rest.
Any other money has one part, ``change``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.calendar import Window
from ledger.errors import OutstandingError
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics import parts, text
from metrics.catalog import CATALOG
from metrics.evaluate import values
from metrics.spec import Metric, Unit

PARTS = ("volume", "mix", "size", "rate", "lateness", "best_possible", "delinquent", "credits", "change")
"""Every part there is, in the order of the rows."""

_OWED = {"best_possible": parts.current, "delinquent": parts.overdue, "credits": parts.unapplied}
"""What total AR is made of, by the part that its change becomes."""

_TENFOLD = 10

_FOR_EXAMPLE = ("dso", "overdue_share", "cei", "total_ar")

Parts = dict[str, pl.Expr]


def explain(
    book: Book,
    metric: str,
    start: date,
    end: date,
    window: str = "3mo",
    scope: Scope = COMPANY,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """``from, to, window, <by…>, currency, metric, part, contribution, unit``: a row per group and part.

    The contributions of a currency add up to the metric's value on ``end`` less that on ``start``: money to the cent,
    anything else so that ``math.fsum`` of them is the difference of the two values of ``evaluate`` to the last bit (of
    the largest contribution, where groups outweigh the change so far that no numbers of that size add up to it).

    Args:
        metric: any metric that is money or a ratio of sums.
        start: the as-of day that the change is counted from.
        end: the as-of day that it is counted to.
        window: ``3mo`` or ``90d``, ending on each of the days.
        scope: the part of the company.
        by: dimensions to group by, ``customer`` and ``currency`` among them; none for the parts of the whole.

    Returns:
        Money in major units, shares as 0–1. Groups sorted, parts in the order of ``PARTS``. A group's part that is
        exactly 0 has no row; without ``by`` every part has one. A currency in which the metric has no value on one of
        the days has no rows.

    Raises:
        OutstandingError: the metric cannot be split, ``start`` is not before ``end``, the metric has no value on one of
            the days in any currency, or a metric, dimension or window is unknown.
    """
    chosen = CATALOG[metric]
    _check(chosen, start, end)
    windows = [Window.ending(day, window) for day in (start, end)]
    needed = _needed(chosen)
    totals = parts.sums(book, windows, scope, (), needed)
    levels = _levels(chosen, totals, start, end)
    labels = book.by_columns(by)
    groups = parts.sums(book, windows, scope, by, needed) if labels else totals
    sides = _sides(chosen, groups, [*labels, CURRENCY], start).join(
        _sides(chosen, totals, [CURRENCY], start, whole="all_").join(levels, on=CURRENCY), on=CURRENCY
    )
    split = {f"_{part}": made for part, made in _split(chosen).items()}
    index = [*labels, CURRENCY, "_moved", "_all"]
    long = (
        sides.select(*labels, CURRENCY, "_moved", _all=_change("all_n"), **split)
        .unpivot(list(split), index=index, variable_name="part", value_name="_share")
        .with_columns(pl.col("part").str.strip_prefix("_").cast(pl.Enum(PARTS)))
        .sort(*labels, CURRENCY, "part", nulls_last=True)
    )
    told = _in_cents(long) if chosen.unit is Unit.MONEY else _to_the_last_bit(long)
    kept = told.filter(pl.col("contribution") != 0) if labels else told
    return kept.select(
        pl.lit(start).alias("from"),
        pl.lit(end).alias("to"),
        pl.lit(window).alias("window"),
        *labels,
        CURRENCY,
        pl.lit(chosen.id).alias("metric"),
        pl.col("part").cast(pl.String),
        "contribution",
        pl.lit(chosen.unit.value).alias("unit"),
    )


def _check(metric: Metric, start: date, end: date) -> None:
    if metric.own:
        known = ", ".join(f"'{name}'" for name in _FOR_EXAMPLE)
        raise OutstandingError(
            f"A change of {metric.label} ('{metric.id}') cannot be split, as it is no ratio of sums; "
            f"money and ratios can, such as {known}."
        )
    if start >= end:
        raise OutstandingError(
            f"A change is explained from an earlier to a later day; {text.day(start)} is not before {text.day(end)}."
        )


def _needed(metric: Metric) -> set[str]:
    """The parts that the metric is made of; what ``_measures`` adds is always there."""
    made_of = [expr for expr in (metric.numerator, metric.denominator, metric.factor, metric.flag) if expr is not None]
    return {name for expr in made_of for name in expr.meta.root_names()}


def _levels(metric: Metric, totals: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """``currency, _moved`` (of the value, as ``evaluate`` gives it), where the metric has a value on both days."""
    found = values(metric, totals, ["as_of", CURRENCY])
    first, last = (found.filter(pl.col("as_of") == day) for day in (start, end))
    both = first.join(last, on=CURRENCY, suffix="_end")
    there = both.filter(pl.col("value").is_not_null() & pl.col("value_end").is_not_null())
    if there.is_empty() and not found.is_empty():
        why = found.filter(pl.col("value").is_null()).sort("as_of", CURRENCY).row(0, named=True)
        several = f" in {why[CURRENCY]}" if found[CURRENCY].n_unique() > 1 else ""
        raise OutstandingError(
            f"{metric.label} ('{metric.id}') is not defined on {text.day(why['as_of'])}{several}: {why['note']}. "
            "Choose another day, a longer window or a wider filter."
        )
    return there.select(CURRENCY, _moved=pl.col("value_end") - pl.col("value"))


# --- the sums of both days, side by side --------------------------------------------------------------------------


def _measures(metric: Metric) -> Parts:
    """What the split is computed from, per group and day; ``n`` is the metric's numerator, ``d`` what it is over."""
    numerator = pl.lit(0) if metric.numerator is None else metric.numerator
    if metric.denominator is not None:
        below = metric.denominator.cast(pl.Float64) / (pl.lit(1) if metric.factor is None else metric.factor)
        return {"n": numerator.cast(pl.Float64), "d": below, **(_OWED if metric.id == "dso" else {})}
    match metric.id:
        case "total_ar":
            return {"n": numerator, "d": parts.credit_sales / parts.days, **_OWED}
        case "overdue":
            return {"n": numerator, "d": parts.gross_open.cast(pl.Float64)}
        case _:
            return {"n": numerator}


def _sides(metric: Metric, sums: pl.DataFrame, keys: list[str], start: date, whole: str = "") -> pl.DataFrame:
    """``<keys>`` and each measure at the start (``…0``) and at the end (``…1``), 0 where the group was not there."""
    measures = {f"_{whole}{name}": made for name, made in _measures(metric).items()}
    early = pl.col("as_of") == start
    # One row a group and day: the sums only put the two days side by side.
    both = [
        pl.col(name).filter(when).sum().alias(f"{name}{side}")
        for name in measures
        for side, when in ((0, early), (1, ~early))
    ]
    return sums.select(*keys, "as_of", **measures).group_by(keys, maintain_order=True).agg(both)


def _at(name: str) -> tuple[pl.Expr, pl.Expr]:
    return pl.col(f"_{name}0"), pl.col(f"_{name}1")


def _change(name: str) -> pl.Expr:
    before, after = _at(name)
    return after - before


# --- the parts ----------------------------------------------------------------------------------------------------


def _split(metric: Metric) -> Parts:
    """The metric's parts, as expressions over ``_sides``."""
    if metric.denominator is not None:
        return _ratio({"rate": "n"} if metric.id != "dso" else {part: part for part in _OWED})
    match metric.id:
        case "total_ar":
            return _volume_and_timing()
        case "overdue":
            return _size_and_lateness()
        case _:
            return {"change": _change("n")}


def _alike(before: pl.Expr, after: pl.Expr) -> pl.Expr:
    """Whether both are positive and neither is more than ten times the other."""
    return (before > 0) & (after > 0) & (after <= before * _TENFOLD) & (before <= after * _TENFOLD)


def _ratio(rates: dict[str, str]) -> Parts:
    """``mix`` and the parts of the rate, each by the measure that is its numerator."""
    (n0, n1), (d0, d1) = _at("n"), _at("d")
    (all_n0, all_n1), (all_d0, all_d1) = _at("all_n"), _at("all_d")
    level = (all_n0 / all_d0 + all_n1 / all_d1) / 2
    w0, w1 = d0 / all_d0, d1 / all_d1
    alike = _alike(w0, w1)
    moved = {
        part: pl.when(alike).then((w0 + w1) / 2 * (pl.col(f"_{over}1") / d1 - pl.col(f"_{over}0") / d0)).otherwise(0.0)
        for part, over in rates.items()
    }
    shifted = (w1 - w0) * ((n0 / d0 + n1 / d1) / 2 - level)
    whole = (n1 - level * d1) / all_d1 - (n0 - level * d0) / all_d0
    return {"mix": pl.when(alike).then(shifted).otherwise(whole), **moved}


def _volume_and_timing() -> Parts:
    """``volume`` and what total AR is made of; whole minor units, the rounding in ``volume``."""
    d0, d1 = _at("d")
    change = _change("n")
    owes_at = [pl.any_horizontal(pl.col(f"_{part}{side}") != 0 for part in _OWED) for side in (0, 1)]
    both = (d0 > 0) & (d1 > 0)
    came_or_went = ~owes_at[0] | (~owes_at[1] & (d1 <= 0)) | (both & ((d1 > d0) == (change > 0)))
    timing = {
        part: pl.when(_alike(d0, d1))
        .then(_whole((d0 + d1) / 2 * (pl.col(f"_{part}1") / d1 - pl.col(f"_{part}0") / d0)))
        .when(came_or_went)
        .then(0)
        .otherwise(_change(part))
        for part in _OWED
    }
    return {"volume": change - pl.sum_horizontal(timing.values()), **timing}


def _size_and_lateness() -> Parts:
    """``size`` and ``lateness`` of the overdue money; whole minor units, the rounding in ``lateness``."""
    (n0, n1), (d0, d1) = _at("n"), _at("d")
    sized = _whole((d1 - d0) * (n0 / d0 + n1 / d1) / 2)
    size = pl.when((d0 > 0) & (d1 > 0)).then(sized).otherwise(_change("n"))
    return {"size": size, "lateness": _change("n") - size}


def _whole(amount: pl.Expr) -> pl.Expr:
    return pl.when(amount.is_finite()).then(amount.round(0)).cast(pl.Int64, strict=False)


# --- adding up ----------------------------------------------------------------------------------------------------


def _in_cents(long: pl.DataFrame) -> pl.DataFrame:
    """Money of whole minor units. A metric that rounds for every group leaves a rest of cents: the largest takes it."""
    rest = pl.col("_all") - pl.col("_share").sum().over(CURRENCY)
    first = pl.int_range(pl.len()).over(CURRENCY) == pl.col("_share").abs().arg_max().over(CURRENCY)
    whole = pl.col("_share") + pl.when(first).then(rest).otherwise(0)
    return long.with_columns(contribution=major(whole, pl.col(CURRENCY)))


def _to_the_last_bit(long: pl.DataFrame) -> pl.DataFrame:
    """Contributions whose exact sum rounds to the change of their currency."""
    settled = [
        rows.with_columns(contribution=pl.Series(adding_up(rows["_share"].to_list(), rows["_moved"][0])))
        for rows in long.partition_by(CURRENCY, maintain_order=True)
    ]
    return pl.concat([long.clear().with_columns(contribution=pl.lit(None, pl.Float64)), *settled])


def adding_up(shares: Sequence[float], total: float) -> list[float]:
    """``shares`` with the last digits of a few of them moved, so that ``math.fsum`` of them is ``total``.

    The largest takes what rounding left. What it is too large to hold goes to smaller ones, those no larger than the
    total first: they have the digits for it.
    """
    done = [share + 0.0 for share in shares]
    moved = [place for place, share in enumerate(done) if share] or list(range(len(done)))
    by_size = sorted(moved, key=lambda place: -abs(done[place]))
    fine = [place for place in by_size if abs(done[place]) <= abs(total)]
    for place in [*by_size[:1], *fine[:2], *by_size[-2:]]:
        if math.fsum(done) == total:
            break
        done[place] += math.fsum([total, *(-share for share in done)])
    return done
