"""What the source's columns hold, and what of it changed sharply since the snapshot before, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from briefing import soundness
from ledger.book import Book
from ledger.schema import Type
from ledger.shifts import shifts
from metrics import text

_SENTENCES = 5
"""So many changes are told one by one."""


def shifted(book: Book) -> pl.DataFrame:
    """``ledger.shifts.SHIFTS`` with ``words``: each change as a sentence."""
    found = book.once(shifts)
    return found.with_columns(pl.Series("words", [said(row) for row in found.iter_rows(named=True)], pl.String))


def sentences(book: Book) -> list[str]:
    """The sharp changes, the worst first; many of them end in how many more there are."""
    words = shifted(book)["words"].to_list()
    more = len(words) - _SENTENCES
    told = text.count(more, "more field value or share", "more changes in the fields")
    return [*words[:_SENTENCES], *([f"{told} since the snapshot before"] if more > 0 else [])]


def finding(book: Book) -> str:
    """What is to be known of the fields, for the head of their table."""
    every = book.frames["profile"].height
    if book.frames["profile_before"].is_empty():
        return f"{text.count(every, 'field')} are read; there is no snapshot before to compare with"
    changed = book.once(shifts).select("table", "column").n_unique()
    if not changed:
        return f"None of {text.count(every, 'field')} has changed sharply since the snapshot before"
    have = "has" if changed == 1 else "have"
    return f"{changed:,} of {text.count(every, 'field')} {have} changed sharply since the snapshot before"


def table(book: Book) -> pl.DataFrame:
    """A row a field, those that changed sharply first.

    ``table, column, type, rows, filled, filled_before, distinct, exact, smallest, largest, shortest, longest, frequent,
    frequent_share, shift, change``: ``filled`` and ``filled_before`` are shares, 0–1, null without rows or a snapshot
    before; ``frequent`` is the most frequent value and ``frequent_share`` its share of the filled rows, 0–1. Of a field
    that is no longer given, all but what it was before is null.
    """
    first = pl.col("values").list.first()
    share = pl.when(pl.col("rows") > 0).then(pl.col("filled") / pl.col("rows"))
    keys = ["table", "column"]
    before = book.frames["profile_before"].select(*keys, filled_before=share)
    change = (
        shifted(book)
        .group_by(keys, maintain_order=True)
        .agg(shift=pl.col("shift").first(), change=pl.col("words").first())
    )
    now = book.frames["profile"]
    gone = book.frames["profile_before"].join(now, on=keys, how="anti").select(*keys, "type")
    told = (
        pl.concat([now, gone], how="diagonal")
        .join(before, on=keys, how="left", maintain_order="left")
        .join(change, on=keys, how="left", maintain_order="left")
        .with_columns(
            filled=share,
            frequent=first.struct.field("value"),
            frequent_share=first.struct.field("rows") / pl.col("counted"),
        )
    )
    ends = ("smallest", "largest", "shortest", "longest")
    rows = told.select(
        *keys, "type", "rows", "filled", "filled_before", "distinct", "exact", *ends, "frequent", "frequent_share",
        "shift", "change",
    )  # fmt: skip
    return rows.sort(pl.col("shift").is_null(), maintain_order=True)


def frequent(book: Book, field: tuple[str, str]) -> pl.DataFrame:
    """The most frequent values of a field: ``value, rows, share, share_before``; rows of the sample where it is one.

    ``share_before`` is null without a snapshot before, and where that does not name the value.
    """
    now, before = (_values(book.frames[name], field) for name in ("profile", "profile_before"))
    return now.join(before.select("value", share_before="share"), on="value", how="left", maintain_order="left")


def profile(book: Book, field: tuple[str, str]) -> Mapping[str, Any] | None:
    """The row of ``ledger.profile.PROFILE`` about ``field``, its table and column."""
    rows = _of(book.frames["profile"], field)
    return rows.row(0, named=True) if rows.height else None


def name(table: str, column: str) -> str:
    """``due date of documents``."""
    return f"{column.replace('_', ' ')} of {_table(table)}"


def value(words: str | None, type: str) -> str:
    """A value of a profile as people read it."""
    if words is None:
        return text.MISSING
    match type:
        case Type.DATE:
            return text.day(date.fromisoformat(words))
        case Type.AMOUNT | Type.NUMBER | Type.INTEGER:
            return text.every_digit(Decimal(words))
        case _:
            return text.name(words, text.MISSING)


def said(row: Mapping[str, Any]) -> str:
    """A row of ``ledger.shifts.SHIFTS`` as a sentence."""
    of = name(row["table"], row["column"])
    now, before = text.share(row["now"]), text.share(row["before"])
    match row["shift"]:
        case "gone":
            return f"{of} is no longer given; {before} of the rows had it"
        case "emptied":
            return f"{of} is empty; {before} of the rows had it before"
        case "less_filled":
            return f"{of} is filled in {now} of the rows, {before} before"
        case "not_lately":
            return f"{of} is filled in {now} of the rows that came since, {before} of those before"
        case "stretched":
            return f"{of} reaches {text.number(row['now'])}, {text.number(row['before'])} before"
        case "tilted":
            return f"{of} is '{text.name(row['value'])}' in {now} of the rows, {before} before"
        case _:
            return f"{of} has a value that never was: '{text.name(row['value'])}', in {text.count(row['rows'], 'row')}"


def _table(name: str) -> str:
    label = soundness.TABLES.get(name, name)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _of(profiled: pl.DataFrame, field: tuple[str, str]) -> pl.DataFrame:
    return profiled.filter((pl.col("table") == field[0]) & (pl.col("column") == field[1]))


def _values(profiled: pl.DataFrame, field: tuple[str, str]) -> pl.DataFrame:
    rows = _of(profiled, field).select("values", "counted").explode("values").drop_nulls("values").unnest("values")
    return rows.select("value", "rows", share=pl.col("rows") / pl.col("counted"))
