"""Why it moved, in words: the few groups that made a change, and sentences that say so. ``metrics.explain`` counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import polars as pl

from ledger.scope import CURRENCY, CUSTOMER, UNASSIGNED
from metrics import text
from metrics.catalog import CATALOG
from metrics.spec import Better, Metric, Unit

_ENOUGH = 0.8
"""Groups that make this share of a change have explained it."""

_NAMED = 0.15
"""A group that makes less than this share of a change is not told."""

PART_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "volume": "Sales volume",
        "mix": "Mix of groups",
        "size": "Open balance",
        "rate": "Within the groups",
        "lateness": "Late share",
        "best_possible": "Terms and billing",
        "delinquent": "Late payment",
        "credits": "Unapplied credits",
        "change": "Change",
    }
)
"""A part's name at a step of a bridge or in a table."""

_SECOND = 0.25
"""A second part is told beside the first one when it makes this share of the change."""

_WORDS = {
    "volume": ("higher sales", "lower sales"),
    "size": ("a larger open balance", "a smaller open balance"),
    "lateness": ("a higher late share", "a lower late share"),
    "best_possible": ("longer terms or later billing", "shorter terms or earlier billing"),
    "delinquent": ("later payment", "earlier payment"),
    "credits": ("fewer unapplied credits", "more unapplied credits"),
}
"""What a part that raises the number is, and one that lowers it."""

_BELOW_ZERO = frozenset({"unapplied_credits"})
"""Numbers of zero or less, told by their size: held for customers, not owed by them."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


def leaders(rows: pl.DataFrame, most: int = 3, part: str | None = None) -> pl.DataFrame:
    """The few groups that explain most of a change: ``<by…>, currency, contribution, share``, largest first.

    Of each currency at most ``most`` groups whose contribution has the sign of the change, and no more than make
    four fifths of it. ``share`` is of the change and above 1 where other groups moved against it. None where the
    contributions cancel out.

    Args:
        rows: an answer of ``explain`` with ``by``.
        most: how many groups of a currency.
        part: count this part alone, contributions and change.
    """
    keys = _keys(rows)
    chosen = rows if part is None else rows.filter(pl.col("part") == part)
    change = {key[0]: math.fsum(group["contribution"]) for key, group in chosen.group_by(CURRENCY)}
    total = pl.col(CURRENCY).replace_strict(change, default=0.0, return_dtype=pl.Float64)
    return (
        chosen.group_by([*keys, CURRENCY], maintain_order=True)
        .agg(pl.col("contribution").sum())
        .with_columns(_total=total)
        .filter(pl.col("contribution") * pl.col("_total").sign() > 0)
        .with_columns(share=pl.col("contribution") / pl.col("_total"))
        .sort(CURRENCY, "share", *keys, descending=[False, True, *[False] * len(keys)], nulls_last=True)
        .with_columns(_before=pl.col("share").cum_sum().over(CURRENCY) - pl.col("share"))
        .filter((pl.col("_before") < _ENOUGH) & (pl.int_range(pl.len()).over(CURRENCY) < most))
        .select(*keys, CURRENCY, "contribution", "share")
    )


def sentences(
    rows: pl.DataFrame,
    *groupings: pl.DataFrame,
    labels: Mapping[str, str] = _NOTHING,
    names: Mapping[str | None, str] = MappingProxyType({}),
) -> list[str]:
    """One sentence a currency: by how much the number moved, which part of that is what, and who made it.

    ``DSO rose 3.8 days from 31 Jul to 31 Oct 2026: 3.1 of it is later payment, mostly Construction in Continental
    Europe (+1.2 days) and Retail in Iberia (+0.6 days); by collector, led by Marcus Bell (+0.9 days)``. *Mostly* are
    groups that make half of what was told before them or more. No full stop, as it may become a title.

    Args:
        rows: an answer of ``explain`` without ``by``: the parts of the whole. Of one with ``by`` only the sum is told.
        groupings: answers for the same change by one or several dimensions, in the order to tell them.
        labels: a dimension's label, as in ``book.dimensions``.
        names: a customer's name by id; the id itself where it is missing.
    """
    told: list[str] = []
    for currency in rows[CURRENCY].unique().sort():
        of = pl.col(CURRENCY) == currency
        change = _Change(rows.filter(of), tuple(g.filter(of) for g in groupings), labels, names)
        told.append(change.sentence(several=rows[CURRENCY].n_unique() > 1))
    return told


@dataclass(frozen=True)
class _Change:
    """A change in one currency: its parts in ``rows``, its groups in ``groupings``."""

    rows: pl.DataFrame
    groupings: tuple[pl.DataFrame, ...]
    labels: Mapping[str, str]
    names: Mapping[str | None, str]

    def sentence(self, *, several: bool) -> str:
        metric = self._metric
        moved = math.fsum(self.rows["contribution"])
        size = self._turned * moved
        apart = several and metric.unit is not Unit.MONEY
        label = f"{metric.label} in {self.rows[CURRENCY][0]}" if apart else metric.label
        if not self._shows(size):
            return "; ".join([f"{label} held {self._when()}", *self._both_ways()])
        head = f"{label} {text.direction(size)} {self._size(moved)} {self._when()}"
        if metric.better is not Better.NEITHER and (moved > 0) == (metric.better is Better.HIGHER):
            head += ", an improvement"
        clauses = list(self._by_part(moved)) or [*self._who(None, moved), *self._mix(moved)]
        return ": ".join([head, "; ".join(clauses)]) if clauses else head

    @property
    def _metric(self) -> Metric:
        return CATALOG[self.rows["metric"][0]]

    @property
    def _turned(self) -> int:
        return -1 if self._metric.id in _BELOW_ZERO else 1

    def _when(self) -> str:
        """From day to day; for money of a window, the one window against the other."""
        start, end, form = self.rows.select("from", "to", "window").row(0)
        first = text.day(start)
        first = first.removesuffix(f"{text.NBSP}{start.year}") if start.year == end.year else first
        if self._metric.windowed and self._metric.denominator is None and self._metric.additive:
            return f"in the {text.window(form)} to {text.day(end)} against those to {first}"
        return f"from {first} to {text.day(end)}"

    # What it is: the parts of the whole.

    def _parts(self) -> dict[str, float]:
        """The parts that have words and show, in the order of the words; none of rows by group, whose mix is apart."""
        parts = {} if _keys(self.rows) else dict(self.rows.select("part", "contribution").iter_rows())
        return {part: parts[part] for part in _WORDS if parts.get(part) and self._shows(parts[part])}

    def _by_part(self, change: float) -> Iterable[str]:
        """The part that made most of the change, a second one beside it, or what went the other way; and who."""
        parts = self._parts()
        along = sorted((p for p in parts if parts[p] * change > 0), key=lambda p: -abs(parts[p]))
        if not along:
            return
        lead, *others = along
        against = min(parts, key=lambda part: parts[part] * change)
        if self._size(parts[lead]) == self._size(change) or (abs(parts[lead]) > abs(change) and against in along):
            yield self._joined(f"all of it is {self._said(lead, parts[lead])}", lead, parts[lead])
        elif abs(parts[lead]) > abs(change):
            yield self._joined(self._did(lead, parts[lead]), lead, parts[lead])
            yield self._did(against, parts[against])
        elif others and abs(parts[others[0]]) >= _SECOND * abs(change):
            first, second = (f"{self._figure(parts[part])} of it" for part in along[:2])
            said = [self._said(part, parts[part]) for part in along[:2]]
            yield f"{first} is {said[0]} and {second} {said[1]}"
            yield from self._who(None, change)
        else:
            yield self._joined(
                f"{self._figure(parts[lead])} of it is {self._said(lead, parts[lead])}", lead, parts[lead]
            )

    def _joined(self, words: str, part: str, moved: float) -> str:
        """A part with its groups: those of the first grouping in one breath."""
        who = list(self._who(part, moved))
        if who and not who[0].startswith("by "):
            words = f"{words}, {who.pop(0)}"
        return "; ".join([words, *who])

    def _both_ways(self) -> Iterable[str]:
        """The two parts that cancelled out, where both show."""
        parts = self._parts()
        up, down = (pick(parts, key=lambda part: parts[part], default=None) for pick in (max, min))
        if up and down and parts[up] > 0 > parts[down]:
            yield f"{self._did(up, parts[up])} and {self._did(down, parts[down])}"

    def _said(self, part: str, moved: float) -> str:
        return _WORDS[part][0 if moved > 0 else 1]

    def _did(self, part: str, moved: float) -> str:
        return f"{self._said(part, moved)} {'added' if moved > 0 else 'took off'} {self._size(moved)}"

    def _mix(self, change: float) -> Iterable[str]:
        """How much of a ratio's change is a shift between the groups of the first grouping, where it matters."""
        if not self.groupings or not _keys(self.groupings[0]) or self._metric.denominator is None:
            return
        rows = self.groupings[0]
        mix = math.fsum(rows.filter(pl.col("part") == "mix")["contribution"])
        if abs(mix) < _SECOND * abs(change) or not self._shows(mix):
            return
        shift = f"a changed mix by {self._dimensions(rows)}"
        if 0 < mix / change < 1 and self._size(mix) != self._size(change):
            yield f"{self._figure(mix)} of it is {shift}"
        elif self._shows(rest := change - mix):
            yield f"without {shift} it would have {'risen' if rest > 0 else 'fallen'} {self._size(rest)}"
        else:
            yield f"without {shift} it would have held"

    # Who made it: the groups.

    def _who(self, part: str | None, moved: float) -> Iterable[str]:
        """The groups that made ``moved``, a clause a grouping."""
        for place, rows in enumerate(self.groupings):
            keys = _keys(rows)
            found = leaders(rows, 2 if place == 0 else 1, part) if keys else rows.clear()
            told = [row for row in found.to_dicts() if self._is_told(row["contribution"], moved)]
            if told:
                verb = self._verb([row["contribution"] for row in told], moved)
                by = f"by {self._dimensions(rows)}, " if place else ""
                yield f"{by}{verb} {text.listed([self._named(keys, row) for row in told])}"

    def _named(self, keys: Sequence[str], row: Mapping[str, Any]) -> str:
        name = group_name([(key, row[key]) for key in keys], self.labels, self.names)
        return f"{name} ({self._signed(row['contribution'])})"

    def _verb(self, contributions: Sequence[float], moved: float) -> str:
        first = contributions[0]
        if abs(first) > abs(moved) and self._size(first) != self._size(moved):
            return "more than all of it"
        return "mostly" if abs(math.fsum(contributions)) >= abs(moved) / 2 else "led by"

    def _is_told(self, contribution: float, moved: float) -> bool:
        return contribution / moved >= _NAMED and self._shows(contribution)

    def _dimensions(self, rows: pl.DataFrame) -> str:
        return text.listed([self.labels.get(key, key).lower() for key in _keys(rows)])

    # A number of the change's unit, in words.

    def _signed(self, amount: float) -> str:
        unit, currency = self.rows.select("unit", CURRENCY).row(0)
        return text.change(self._turned * amount, unit, currency)

    def _size(self, amount: float) -> str:
        return self._signed(amount).removeprefix("+").removeprefix(text.MINUS)

    def _figure(self, amount: float) -> str:
        """The size without its unit, but for money."""
        size = self._size(amount)
        return size if self._metric.unit is Unit.MONEY else size.split(text.NBSP)[0]

    def _shows(self, amount: float) -> bool:
        """Whether the amount is more than nothing once it is rounded."""
        return any(mark in "123456789" for mark in self._signed(amount))


def steps(
    rows: pl.DataFrame, labels: Mapping[str, str] = _NOTHING, names: Mapping[str | None, str] = MappingProxyType({})
) -> list[tuple[str, float]]:
    """What a bridge is drawn from: the groups of ``rows``, or its parts without ``by``, largest first, with names.

    ``rows`` of one currency; ``labels`` and ``names`` as for ``sentences``.
    """
    keys = _keys(rows) or ["part"]
    summed = rows.group_by(keys, maintain_order=True).agg(pl.col("contribution").sum())
    summed = summed.sort(pl.col("contribution").abs(), *keys, descending=[True, *[False] * len(keys)], nulls_last=True)
    return [
        (
            PART_LABELS[row["part"]] if keys == ["part"] else group_name([(k, row[k]) for k in keys], labels, names),
            row["contribution"],
        )
        for row in summed.iter_rows(named=True)
    ]


def group_name(
    group: Sequence[tuple[str, str | None]], labels: Mapping[str, str], names: Mapping[str | None, str]
) -> str:
    """``Retail in Iberia``, the last dimension first; a customer by its name; ``no region`` for a missing value."""
    return " in ".join(_value(key, value, labels, names) for key, value in reversed(group))


def _value(key: str, value: str | None, labels: Mapping[str, str], names: Mapping[str | None, str]) -> str:
    if key == CUSTOMER:
        return text.name(names.get(value, value), UNASSIGNED)
    return text.name(value, f"no {labels.get(key, key).lower()}")


def _keys(rows: pl.DataFrame) -> list[str]:
    """The dimensions that the rows are grouped by."""
    return rows.columns[rows.columns.index("window") + 1 : rows.columns.index(CURRENCY)]
