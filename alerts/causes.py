"""Why a number is where it is: who or what made its change, few of them, named.

A change is counted from the day that the rule compares with, else from a year before, else from the day the window
opens. ``metrics.explain`` splits it; the groups told are those of the dimension, or of two, in which few groups make
most of the change and more of it than their size would: that a region with half of the business made half of a change
tells nobody anything. Of a customer it is told by document where the number is a balance, else by what it did.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations

import polars as pl

from alerts.case import Breach, Cause, Where
from alerts.change import LEADERS, MOST, Change, cause_of, led
from alerts.documents import BY_DOCUMENT, documents
from alerts.holdings import Holdings
from alerts.wording import Names
from ledger.book import Book
from ledger.calendar import Window, months_before
from ledger.errors import OutstandingError
from ledger.scope import CURRENCY, CUSTOMER, Scope
from metrics import text
from metrics.catalog import CATALOG
from metrics.concentration import TOP, concentration
from metrics.evaluate import evaluate
from metrics.reasons import PART_LABELS, sentences

COMPUTED = "behaviour"
"""A class that is computed from how customers pay explains nothing about how they pay."""

_TELLING = 0.3
"""Two groups that make so much more of a change than their share of the balance have explained it."""

_SECOND = 0.05
"""Two dimensions must tell so much more than one."""

_MANY = 10
"""Of fewer groups one leads: two of four would make most of anything."""

_IN_PARTS = ("dso", "total_ar", "overdue")
"""Metrics whose change is told by parts: later payment, higher sales."""

_TINY = 1e-9
"""What binary fractions may leave between the documents' parts and the change."""


def cause(holdings: Holdings, breach: Breach, scope: Scope, names: Names, by: Sequence[str] = ()) -> Cause | None:
    """Why the number is where it is; ``None`` where its change cannot be split.

    Args:
        holdings: of the books, as of the breach's day.
        breach: what was found.
        scope: the part of the company that it is about.
        names: what groups are called.
        by: the dimensions to tell it by, such as those of the alert that it is the same money as; those that tell most
            when left out.
    """
    book, within = holdings.book, holdings.within(scope, breach.currency)
    metric = CATALOG[breach.rule.metric]
    window = breach.rule.window or names.window
    above = breach.expected is None or breach.value >= breach.expected
    first: Cause | None = None
    for start in _starts(book, breach, window, windowed=metric.windowed):
        change = Change(book, metric, scope, breach.currency, window, start, breach.day, names, within, tuple(by))
        try:
            found = _own(change) if metric.own else _customer(change) if _one(scope) else _groups(change)
        except OutstandingError:  # it has no value on that day
            continue
        if found is not None and (found.change > 0) == above:
            return found
        # A number that is high and has fallen since: since a later day it may have risen.
        first = first or found
    return first


def _starts(book: Book, breach: Breach, window: str, *, windowed: bool) -> Iterator[date]:
    """The days that the change may be counted from, the best first."""
    opening = Window.ending(breach.day, window).opening
    days = [breach.compared] if breach.compared else [months_before(breach.day, 12), opening]
    first = book.first_day
    for day in days:
        reached = book.covers(Window.ending(day, window)) if windowed else first is not None and day >= first
        if reached and day < breach.day:
            yield day


def _one(scope: Scope) -> bool:
    return len(scope.values(CUSTOMER)) == 1


# --- groups of the company -----------------------------------------------------------------------------------------


def _groups(change: Change) -> Cause | None:
    """By the groups that tell most: every grouping is summed from one split by all dimensions at once."""
    by, leaves = _by(change)
    if leaves.is_empty():
        return None
    if change.metric.id in _IN_PARTS:
        whole, rows = change.split(), change.split(by)
    else:
        whole = rows = _summed(leaves, by)
    summed = rows.group_by(by, maintain_order=True).agg(pl.col("contribution").sum())
    groups = [(tuple((key, row[key]) for key in by), row["contribution"]) for row in summed.iter_rows(named=True)]
    found = _told(change, groups, _sentence(change, whole, rows))
    return _spread(change, found, len(groups)) if by == (CUSTOMER,) and ": " not in found.words else found


def _spread(change: Change, found: Cause, customers: int) -> Cause:
    """Words for a change that no few customers made."""
    if not found.contributors:
        return found
    leader = found.contributors[0]
    size = text.change(leader.amount, change.metric.unit, change.currency)
    return replace(found, words=f"{found.words}: spread over {customers:,} customers, {leader.name} most ({size})")


def _by(change: Change) -> tuple[tuple[str, ...], pl.DataFrame]:
    """The dimensions to tell the change by, and its split by these or finer."""
    if change.by:
        return change.by, change.split(change.by)
    free = [name for name in change.book.dimensions if name != COMPUTED and len(change.scope.values(name)) != 1]
    fine = [*free, CUSTOMER]
    leaves = change.split(fine)
    return _telling(_weighed(change, leaves, fine), free), leaves


def _summed(leaves: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """A split by many dimensions as one by fewer; what each group did is not told apart any more."""
    same = ["from", "to", "window", *by, CURRENCY, "metric", "unit"]
    summed = leaves.group_by(same, maintain_order=True).agg(pl.col("contribution").sum(), part=pl.lit("change"))
    order = ["from", "to", "window", *by, CURRENCY, "metric", "part", "contribution", "unit"]
    return summed.select(order)


def _weighed(change: Change, leaves: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """``<by…>, _part, _size``: each group's part of the change, and its share of what is open."""
    made = leaves.group_by(by).agg(_part=pl.col("contribution").sum())
    size = change.holdings.group_by(by).agg(_size=pl.col("open").sum())
    both = made.join(size, on=by, how="full", coalesce=True, nulls_equal=True)
    whole = math.fsum(leaves["contribution"])
    return both.with_columns(
        _part=pl.col("_part").fill_null(0) / (whole or math.inf),
        _size=pl.col("_size").fill_null(0) / max(float(both["_size"].sum()), 1.0),
    )


def _telling(rows: pl.DataFrame, free: Sequence[str]) -> tuple[str, ...]:
    """The dimension, or the two, whose groups tell most; ``customer`` where none tells enough."""
    options = [*((name,) for name in free), *combinations(free, 2), (CUSTOMER,)]
    told = [(_told_by(rows, by) - _SECOND * (len(by) - 1), by) for by in options]
    best = max(told, key=lambda pair: pair[0])
    return best[1] if best[0] >= _TELLING else (CUSTOMER,)


def _told_by(rows: pl.DataFrame, by: Sequence[str]) -> float:
    """By how much the part of its leaders is more than their size; a single group tells nothing."""
    groups = rows.group_by(by).agg(pl.col("_part", "_size").sum())
    if groups.height <= 1:
        return -math.inf
    few = LEADERS if groups.height >= _MANY else 1
    leaders = groups.sort("_part", *by, descending=[True, *(False for _ in by)], nulls_last=True).head(few)
    # All of a change is enough: where others moved against it, the leaders' part is more than all.
    return min(math.fsum(leaders["_part"]), 1.0) - math.fsum(leaders["_size"])


def _sentence(change: Change, whole: pl.DataFrame, rows: pl.DataFrame | None) -> str:
    groupings = () if rows is None else (rows,)
    return sentences(whole, *groupings, labels=change.names.labels, names=change.names.customers)[0]


def _told(change: Change, groups: Sequence[tuple[Where, float]], words: str) -> Cause:
    """The groups that made the change, by name; of customers who share a name with the id."""
    total = math.fsum(amount for _, amount in groups)
    called = Counter(
        change.names.customers.get(value) for where, _ in groups for key, value in where if key == CUSTOMER
    )
    along = sorted(
        (group for group in groups if group[1] * total > 0), key=lambda group: (-abs(group[1]), str(group[0]))
    )
    named: list[tuple[str, float]] = []
    for where, amount in along[:MOST]:
        id = dict(where).get(CUSTOMER)
        alike = id is not None and called[change.names.customers.get(id)] > 1
        named.append((f"{change.names.who(where)}{f' ({text.name(id)})' if alike else ''}", amount))
    return cause_of(change, named, total, words)


# --- a customer ----------------------------------------------------------------------------------------------------


def _customer(change: Change) -> Cause | None:
    """What a customer did, and for a balance in which documents."""
    whole = change.split()
    if whole.is_empty():
        return None
    total = math.fsum(whole["contribution"])
    parts = [(PART_LABELS[part], amount) for part, amount in whole.select("part", "contribution").iter_rows()]
    words = _sentence(change, whole, None)
    parts_made = documents(change) if change.metric.id in BY_DOCUMENT else []
    apart = abs(math.fsum(each.amount for each in parts_made) - total)
    if not parts_made or apart > _TINY * max(1.0, abs(total)):
        return cause_of(change, parts, total, words)
    return led(change, cause_of(change, [(each.name, each.amount) for each in parts_made if each.open], total, words))


# --- metrics that no ratio of sums gives ----------------------------------------------------------------------------


def _own(change: Change) -> Cause | None:
    """Whose balances made the change, where the metric is one of balances; ``None`` for any other."""
    match change.metric.id:
        case "over_limit" if _one(change.scope):
            # What is open less what the limit has room for, which is in the rest.
            opened = documents(replace(change, metric=CATALOG["gross_open"]))
            parts = [(each.name, each.amount) for each in opened]
        case "over_limit":
            parts = [(_customer_name(change, id), part) for id, part in _over_limits(change).items()]
        case "top_10_share" | "hhi":
            parts = [(_customer_name(change, id), part) for id, part in _concentrated(change).items()]
        case _:
            return None
    total = change.amount
    if total is None:
        return None
    size = text.change(abs(total), change.metric.unit, change.currency).removeprefix("+")
    when = f"from {text.day(change.start)} to {text.day(change.end)}"
    words = f"{change.metric.label} {text.direction(total)} {size} {when}"
    return led(change, cause_of(change, parts, total, words))


def _customer_name(change: Change, id: str | None) -> str:
    return change.names.who(((CUSTOMER, id),))


def _over_limits(change: Change) -> dict[str | None, float]:
    """By customer, what it is over its limit at the end less at the start. What families share is in the rest."""
    rows = evaluate(change.book, ["over_limit"], [change.start, change.end], change.window, change.scope, [CUSTOMER])
    sign = pl.when(pl.col("as_of") == change.end).then(1.0).otherwise(-1.0)
    moved = rows.filter(pl.col(CURRENCY) == change.currency).group_by(CUSTOMER).agg((pl.col("value") * sign).sum())
    return dict(moved.drop_nulls("value").iter_rows())


def _concentrated(change: Change) -> dict[str | None, float]:
    """By customer, what its balance adds to the number at the end less at the start: exactly the change."""
    moved: dict[str | None, float] = {}
    for day, sign in ((change.start, -1.0), (change.end, 1.0)):
        rows = concentration(change.book, day, change.scope).filter(pl.col(CURRENCY) == change.currency)
        counted = rows.head(TOP) if change.metric.id == "top_10_share" else rows
        for id, share in counted.select(CUSTOMER, "share").iter_rows():
            adds = share if change.metric.id == "top_10_share" else share * share * 10_000
            moved[id] = moved.get(id, 0.0) + sign * adds
    return moved
