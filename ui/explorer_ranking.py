"""Which groups the explorer shows: ranked, the largest kept, the others left over; and how groups are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from ledger.book import Book
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics import text
from ui import store
from ui.explorer_question import NAME, RANK, Asked

ALL_CODE, OTHERS_CODE, NONE_CODE = "*", "+", "-"
"""Codes of all groups together, of those left over, and of the group without a value; a value's begins with ``=``."""


def value_of(code: str) -> str | None:
    """The group that a code stands for."""
    return None if code == NONE_CODE else code[1:]


def day_of(code: str) -> date:
    """The day that a code stands for."""
    return date.fromisoformat(code[1:])


def is_one(code: str) -> bool:
    """Whether a code stands for one group or day, not for several together."""
    return code not in (ALL_CODE, OTHERS_CODE)


def is_others(code: str) -> bool:
    """Whether a code stands for the groups that are left over."""
    return code == OTHERS_CODE


@dataclass(frozen=True)
class Ranking:
    """Who is kept: codes of the first grouped level in order, and of the second by the first; and who is left over.

    ``first_rest`` and ``second_rest`` hold the values that are left over; ``labels`` the words by level and code.
    """

    first: tuple[str, ...] = ()
    second: Mapping[str, tuple[str, ...]] | None = None
    first_rest: tuple[str | None, ...] = ()
    second_rest: Mapping[str, tuple[str | None, ...]] | None = None
    labels: Mapping[tuple[str, str], str] | None = None
    count: int = 0

    @classmethod
    def read(cls, book: Book, asked: Asked) -> Ranking:
        levels = asked.grouped
        labels = labels_of(book, asked)
        if not levels:
            return cls(labels=labels)
        first = _ordered(_ranked(asked, levels[:1]), levels[0], labels)
        kept, rest = _cut(book, asked, levels[0], first)
        count = len(first)
        if len(levels) == 1:
            return cls(kept, None, rest, None, labels, count)
        below = _ranked(asked, levels)
        second: dict[str, tuple[str, ...]] = {}
        second_rest: dict[str, tuple[str | None, ...]] = {}
        for code in kept:
            ordered = _ordered(below.filter(pl.col("k0") == code), levels[1], labels, "k1")
            second[code], second_rest[code] = _cut(book, asked, levels[1], ordered)
        return cls(kept, second, rest, second_rest, labels, count)


def _ranked(asked: Asked, levels: Sequence[str]) -> pl.DataFrame:
    """Groups that are known on any asked day: ``k0, k1, rank, sort`` with values of the as-of day.

    Customers are many: where the largest are kept and there are more, only those of the as-of day are ranked.
    """
    if CUSTOMER in levels and asked.top is not None and len(asked.days) > 1:
        today = _ranked_on(asked, levels, (asked.day,))
        if today.height > asked.top:
            return today
    return _ranked_on(asked, levels, asked.days)


def _ranked_on(asked: Asked, levels: Sequence[str], days: tuple[date, ...]) -> pl.DataFrame:
    wanted = (asked.rank, *([] if asked.sort in (RANK, NAME, asked.rank) else [asked.sort]))
    keys = [coded(pl.col(column_of(level))).alias(f"k{place}") for place, level in enumerate(levels)]
    rows = evaluated(asked, wanted, days, asked.scope, tuple(levels))
    today, metric, value = pl.col("as_of") == pl.lit(asked.day), pl.col("metric"), pl.col("value")
    return rows.group_by(keys).agg(
        rank=value.filter(today & metric.eq(wanted[0])).first(),
        sort=value.filter(today & metric.eq(wanted[-1])).first(),
    )


def _ordered(ranked: pl.DataFrame, level: str, labels: Mapping[tuple[str, str], str], key: str = "k0") -> pl.DataFrame:
    """``ranked`` with the label of ``key``, the highest rank first."""
    named = [labels.get((level, code), code[1:]) for code in ranked[key]]
    told = ranked.with_columns(pl.Series("label", named, dtype=pl.String), code=pl.col(key))
    return told.sort("rank", "label", "code", descending=[True, False, False], nulls_last=True)


def _cut(book: Book, asked: Asked, level: str, ordered: pl.DataFrame) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """The codes that are kept, in the order wanted, and the values left over."""
    kept = ordered if asked.top is None else ordered.head(asked.top)
    match asked.sort:
        case _ if asked.sort == NAME:
            kept = kept.sort("label", "code", descending=[asked.rising, False])
        case _ if asked.sort == RANK:
            kept = kept.sort("rank", "label", descending=[not asked.rising, False], nulls_last=True)
        case _:
            kept = kept.sort("sort", "label", descending=[not asked.rising, False], nulls_last=True)
    codes = tuple(kept["code"])
    if kept.height == ordered.height:
        return codes, ()
    held = {value_of(code) for code in codes}
    return codes, tuple(value for value in _every_value(book, asked.scope, level) if value not in held)


def _every_value(book: Book, scope: Scope, level: str) -> list[str | None]:
    """All values of a level in a scope, also those that only other days know."""
    restricted = scope.values(level)
    if restricted:
        return list(restricted)
    if level == CUSTOMER:
        return book.frames["customers"]["customer_id"].to_list()
    return book.values(level)


def labels_of(book: Book, asked: Asked) -> dict[tuple[str, str], str]:
    """What groups are called, by level and code; customers of the same name are told apart by their id."""
    found: dict[tuple[str, str], str] = {}
    for level in {*asked.grouped, *([asked.column] if asked.column else [])}:
        if level != CUSTOMER:
            found |= {(level, code_for(value)): text.name(value, UNASSIGNED) for value in book.values(level)}
            continue
        repeated = (pl.col("customer_id").n_unique().over("label") > 1).alias("repeated")
        for id, label, twice in store.customers().select("customer_id", "label", repeated).iter_rows():
            name = text.name(label, UNASSIGNED)
            found[level, code_for(id)] = f"{name} ({id or '-'})" if twice else name
    return found


def evaluated(
    asked: Asked, wanted: tuple[str, ...], days: tuple[date, ...], scope: Scope, by: tuple[str, ...]
) -> pl.DataFrame:
    """``metrics.evaluate`` in the currency asked for, kept."""
    rows = store.evaluate(wanted, days, asked.window, scope, tuple(by))
    return rows.filter(pl.col("currency") == asked.currency)


def column_of(level: str) -> str:
    """The column that a level is in an evaluation."""
    return store.book().by_columns((level,))[0]


def coded(value: pl.Expr) -> pl.Expr:
    """The code of a column of values."""
    return pl.when(value.is_null()).then(pl.lit(NONE_CODE)).otherwise(pl.lit("=") + value)


def code_for(value: str | None) -> str:
    """The code of a value."""
    return NONE_CODE if value is None else f"={value}"
