"""Segments side by side: a league of groups × metrics, and the ones that need attention before they are significant.

*The rest* of a group is the company without it: the parts of the whole less those of the group, and the formula anew.
It is never an average of groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from ledger.book import Book
from ledger.calendar import Window, months_before
from ledger.money import major, to_the_cent
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope
from metrics import text
from metrics.catalog import CATALOG
from metrics.evaluate import begins_early, evaluate, values
from metrics.parts import sums
from metrics.spec import Better, Metric, Unit
from metrics.targets import Targets, chosen

METRICS = (
    "total_ar",
    "overdue",
    "overdue_share",
    "over_90_share",
    "dso",
    "days_delinquent",
    "cei",
    "days_beyond_terms",
    "on_time_share",
)
"""What a league shows when nothing else is asked for."""

LARGEST = 50
"""Of customers, as many as are worth comparing: those with the most open."""

NO_TARGETS = Targets()
TOO_SHORT = "the history does not reach a year back"

_MONTHS = 7
_UNCHANGED = ("days", "months", "annual_rate")
"""Parts that are the same for the whole, a group and the rest."""


@dataclass(frozen=True)
class FlagRules:
    """When a group is flagged. Shares are of gross open, and *worse* is in comparison with the rest of the company.

    ``act``: the overdue share is worse, grows worse, and the money at stake matters. ``watch``: it grows clearly worse,
    whatever its level, or it is worse with a stake that matters and does not recover.

    Attributes:
        level: worse by this much. Below it groups differ by their terms and the day of the month.
        trend: worse by this much with every month: four and a half points in half a year.
        clear: this trend alone is enough to watch: nine points in half a year.
        stake: the money at stake matters from this share of the company's total AR.
        size: a group with less than this share of the company's gross open is not judged …
        documents: … nor one with fewer open documents: one invoice would be its trend.
    """

    level: float = 0.03
    trend: float = 0.0075
    clear: float = 0.015
    stake: float = 0.0025
    size: float = 0.005
    documents: int = 30


FLAG_RULES = FlagRules()


def segments(
    book: Book,
    day: date,
    window: str = "3mo",
    by: str = "segment",
    scope: Scope = COMPANY,
    metrics: Sequence[str] | None = None,
    targets: Targets = NO_TARGETS,
) -> pl.DataFrame:
    """The league: a row per group, currency and metric.

    Args:
        by: a dimension, ``currency`` or ``customer`` (the ``LARGEST`` in scope by gross open).
        metrics: ids; ``METRICS`` when left out.
        targets: the most specific one of each group holds.

    Returns:
        ``as_of, window, <by>, currency, metric, value, unit, rank, groups, target, state, previous_year, change, rest,
        gap, note``. ``rank`` 1 is best, equals share a rank, of ``groups`` with a value; null where neither way is
        better. ``previous_year`` is the value on the same day a year before, null with a ``note`` where the history
        does not reach; ``change`` is the difference. ``rest`` is the company without the group, null for metrics that
        are not made of parts; ``gap`` is the difference from it, null for money: groups are of different size.

        A metric over a window that begins before the history has no ``value``, and its ``note`` says so.

    Raises:
        OutstandingError: an unknown dimension, metric or window.
    """
    wanted = CATALOG.choose(METRICS if metrics is None else metrics)
    ids = [metric.id for metric in wanted]
    within = _limited(book, day, by, scope)
    labels = [*book.by_columns([by]), CURRENCY]
    year = _year_before(book, day, window)
    rows = evaluate(book, ids, [day, *([year] if year else [])], window, within, [by])
    if not book.covers(Window.ending(day, window)):
        # Sales of a part of the window are not those of the window: ranks and targets of such a DSO would mislead.
        part = pl.col("metric").is_in([metric.id for metric in wanted if metric.windowed])
        early = pl.lit(begins_early(book), pl.String)
        rows = rows.with_columns(
            value=pl.when(~part).then(pl.col("value")), note=pl.when(part).then(early).otherwise(pl.col("note"))
        )
    before = rows.filter(pl.col("as_of") == pl.lit(year, pl.Date)).select(*labels, "metric", previous_year="value")
    league = (
        rows.filter(pl.col("as_of") == day)
        .join(before, on=[*labels, "metric"], how="left", nulls_equal=True, maintain_order="left")
        .join(
            _rest(book, day, window, by, within, wanted),
            on=[*labels, "metric"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
    )
    better = {metric.id: _SIGN[metric.better] for metric in wanted}
    # Whole numbers of a billionth, so that what is equal to the eye is equal in rank.
    quality = (pl.col("value") * pl.col("metric").replace_strict(better, return_dtype=pl.Float64)).round(9)
    known = pl.col("value").is_not_null()
    too_short = pl.lit(None if year else TOO_SHORT, pl.String)
    return _with_targets(league, day, by, labels, scope, targets).select(
        "as_of",
        "window",
        *labels,
        "metric",
        "value",
        "unit",
        rank=quality.rank("min", descending=True).over(CURRENCY, "metric").cast(pl.Int64),
        groups=known.sum().over(CURRENCY, "metric").cast(pl.Int64),
        target="_target",
        state="_state",
        previous_year="previous_year",
        change=_told(pl.col("value") - pl.col("previous_year")),
        rest="_rest",
        gap=pl.when(~_MONEY).then(pl.col("value") - pl.col("_rest")),
        note=pl.coalesce("note", too_short),
    )


_MONEY = pl.col("unit") == Unit.MONEY.value


def _told(change: pl.Expr) -> pl.Expr:
    """Money to the cent, anything else as it is."""
    return pl.when(_MONEY).then(to_the_cent(change, pl.col(CURRENCY))).otherwise(change)


_SIGN = {Better.HIGHER: 1.0, Better.LOWER: -1.0, Better.NEITHER: None}


def _limited(book: Book, day: date, by: str, scope: Scope) -> Scope:
    """The scope, of customers only the largest."""
    if by != CUSTOMER:
        return scope
    owed = pl.col("amount") - pl.col("credit")
    largest = (
        book.positions([day], scope, [CUSTOMER], ["amount", "credit"])
        .group_by(CUSTOMER)
        .agg(_owed=owed.sum())
        .sort("_owed", CUSTOMER, descending=[True, False], nulls_last=True)
        .head(LARGEST)
    )
    return scope.narrowed(CUSTOMER, *largest[CUSTOMER]) if largest.height else scope


def _year_before(book: Book, day: date, window: str) -> date | None:
    """The same day a year earlier, where its window is in the history."""
    if book.first_day is None or day.year <= 1:
        return None
    year = months_before(day, 12)
    return year if book.covers(Window.ending(year, window)) else None


def _rest(book: Book, day: date, window: str, by: str, scope: Scope, metrics: Sequence[Metric]) -> pl.DataFrame:
    """``<by>, currency, metric, _rest``: each metric of the company without each group."""
    labels = [*book.by_columns([by]), CURRENCY]
    spans = [Window.ending(day, window)]
    groups = sums(book, spans, scope, [by])
    whole = sums(book, spans, COMPANY, ()).drop("as_of", *_UNCHANGED)
    parts = [name for name in whole.columns if name != CURRENCY]
    left = groups.join(whole.rename({name: f"_{name}" for name in parts}), on=CURRENCY).with_columns(
        pl.col(f"_{name}") - pl.col(name) for name in parts
    )
    left = left.with_columns(pl.col(f"_{name}").alias(name) for name in parts)
    made_of = [metric for metric in metrics if not metric.own]
    rows = [values(metric, left, labels).select(*labels, "metric", _rest="value") for metric in made_of]
    schema = {**dict.fromkeys(labels, pl.String), "metric": pl.String, "_rest": pl.Float64}
    return pl.concat([pl.DataFrame(schema=schema), *rows])


def _with_targets(
    league: pl.DataFrame, day: date, by: str, labels: Sequence[str], scope: Scope, targets: Targets
) -> pl.DataFrame:
    """``_target`` and ``_state`` for every row: a league is small."""
    found: list[tuple[float | None, str | None]] = []
    for row in league.select(labels[0], "metric", "value").rows():
        narrowed = {**chosen(scope), by: row[0]}
        target = targets.of_metric(row[1], day, narrowed)
        found.append((target.good if target else None, targets.state(row[1], row[2], day, narrowed)))
    told = pl.DataFrame(found, schema={"_target": pl.Float64, "_state": pl.String}, orient="row")
    return league.with_columns(told.get_columns())


def flags(
    book: Book,
    day: date,
    by: str = "segment",
    scope: Scope = COMPANY,
    rules: FlagRules = FLAG_RULES,
) -> pl.DataFrame:
    """Groups that under-perform, before it is significant, by ``rules``.

    Returns:
        ``as_of, <by>, currency, flag, level, trend, at_stake, reason``, a row per group with something open. ``flag``
        is ``act``, ``watch`` or null. ``level``: overdue share less that of the rest of the company. ``trend``: how far
        the share grows with a month, beyond the rest's: the slope of the straight line nearest to the last seven
        month-ends (the same day of the month). ``at_stake``: overdue less gross open × the rest's overdue share, what
        would not be late if the group paid like the rest, in major units; below zero where the group is better.
        ``reason`` says it in one sentence where there is a flag, and why not where a group is too small, or the history
        too short, to judge.
    """
    ends = [months_before(day, back) for back in range(_MONTHS)] if day.year > 1 else [day]
    known = book.first_day is not None and ends[-1] >= book.first_day and len(ends) == _MONTHS
    labels = [*book.by_columns([by]), CURRENCY]
    groups = _shares(book.positions(ends, _limited(book, day, by, scope), [by]), ["as_of", *labels])
    whole = _shares(book.positions(ends), ["as_of", CURRENCY])
    both = groups.join(whole, on=["as_of", CURRENCY], suffix="_all")
    share = pl.col("_late") / pl.col("_gross")
    rest = (pl.col("_late_all") - pl.col("_late")) / (pl.col("_gross_all") - pl.col("_gross"))
    # Least squares over evenly spaced points: Σ (t − mean of t) × y ÷ Σ (t − mean of t)².
    middle = (_MONTHS - 1) / 2
    place = middle - pl.col("as_of").replace_strict({end: i for i, end in enumerate(ends)}, return_dtype=pl.Float64)
    spread = sum((i - middle) ** 2 for i in range(_MONTHS))
    now = pl.col("as_of") == day
    judged = (
        both.with_columns(_share=share, _rest=rest, _place=place)
        .group_by(labels)
        .agg(
            _share=pl.col("_share").filter(now).first(),
            _rest=pl.col("_rest").filter(now).first(),
            _gross=pl.col("_gross").filter(now).sum(),
            _late=pl.col("_late").filter(now).sum(),
            _documents=pl.col("_documents").filter(now).sum(),
            _part=(pl.col("_gross") / pl.col("_gross_all")).filter(now).first(),
            _total=pl.col("_total_all").filter(now).first(),
            _trend=((pl.col("_share") - pl.col("_rest")) * pl.col("_place")).sum() / spread,
            _months=(pl.col("_share").is_finite() & pl.col("_rest").is_finite()).sum(),
        )
        .filter(pl.col("_gross") > 0)
        .with_columns(
            level=pl.when(pl.col("_rest").is_finite()).then(pl.col("_share") - pl.col("_rest")),
            trend=pl.when(pl.lit(known) & (pl.col("_months") == _MONTHS)).then("_trend"),
            _stake=pl.when(pl.col("_rest").is_finite()).then(pl.col("_late") - pl.col("_gross") * pl.col("_rest")),
        )
        .with_columns(
            at_stake=major(pl.col("_stake").round(0), pl.col(CURRENCY)),
            _small=(pl.col("_part") < rules.size) | (pl.col("_documents") < rules.documents),
        )
        .with_columns(flag=_flag(rules))
        .sort(labels, nulls_last=True)
    )
    reasons = [_reason(row) for row in judged.iter_rows(named=True)]
    return judged.with_columns(pl.Series("reason", reasons, dtype=pl.String)).select(
        pl.lit(day).alias("as_of"), *labels, "flag", "level", "trend", "at_stake", "reason"
    )


def _shares(positions: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """What shares are made of, for each of ``keys``, in minor units; customers owe something in each row."""
    debit = pl.col("amount") - pl.col("credit")
    return positions.group_by(keys).agg(
        _gross=debit.sum(),
        _late=pl.col("overdue").sum(),
        _total=pl.col("amount").sum(),
        _documents=pl.col("count").sum(),
    )


def _flag(rules: FlagRules) -> pl.Expr:
    judged = ~pl.col("_small") & pl.col("trend").is_not_null() & pl.col("level").is_not_null()
    worse = pl.col("level") >= rules.level
    matters = pl.col("_stake") >= rules.stake * pl.col("_total").abs()
    act = worse & (pl.col("trend") >= rules.trend) & matters
    watch = (pl.col("trend") >= rules.clear) | (worse & matters & (pl.col("trend") > -rules.trend))
    return (
        pl.when(judged & act)
        .then(pl.lit("act"))
        .when(judged & watch)
        .then(pl.lit("watch"))
        .otherwise(pl.lit(None, pl.String))
    )


def _reason(row: dict[str, Any]) -> str | None:
    if row["level"] is None:
        return "there is no rest of the company to compare with"
    if row["_small"]:
        return f"too small to judge: {text.count(int(row['_documents']), 'open document')}"
    if row["trend"] is None:
        return "the history is too short to judge: it takes seven month-ends"
    if row["flag"] is None:
        return None
    ratio = Unit.RATIO
    level, trend = row["level"], row["trend"]
    apart = text.change(abs(level), ratio).lstrip("+")
    side = f"{apart} {'above' if level > 0 else 'below'} the rest of the company"
    pace = text.change(abs(trend), ratio).lstrip("+")
    moving = (
        "growing as the rest does"
        if pace == "no change"
        else f"growing {pace} a month {'faster' if trend > 0 else 'slower'} than it"
    )
    words = f"{text.share(row['_share'])} is overdue, {side}, {moving}"
    stake = text.money(row["at_stake"], str(row[CURRENCY]))
    return f"{words}; {stake} would not be late at the rest's share" if row["at_stake"] > 0 else words
