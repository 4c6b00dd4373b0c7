"""What a rule found, in words: the values that were not known, and what a doubt changes of the money."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from ledger.money import digits
from ledger.schema import Kind

if TYPE_CHECKING:
    from ledger.book import Book

_MOST = 5
_LONGEST = 40
_CODES = {kind: code for code, kind in enumerate(Kind)}
_OWED = [_CODES[Kind.INVOICE], _CODES[Kind.DEBIT_MEMO]]
_CREDITS = [_CODES[Kind.CREDIT_MEMO], _CODES[Kind.PAYMENT]]


def explained(book: Book) -> pl.DataFrame:
    """The rules of ``book`` with a column ``told``; null where there is nothing to add to what a rule is called."""
    quality = book.frames["quality"]
    words: dict[str, Callable[[Book, str], str]] = {"kind_unknown": _unknown_kinds, "sign_against_kind": _signs}
    told = [
        words[rule](book, table) if rows and rule in words else None
        for rule, table, rows in quality.select("rule", "table", "rows").iter_rows()
    ]
    return quality.with_columns(pl.Series("told", told, pl.String))


def _unknown_kinds(book: Book, table: str) -> str:
    """The values that mean nothing here, the most frequent first."""
    rows = book.quarantine.filter((pl.col("rule") == "kind_unknown") & (pl.col("table") == table))
    counted = (
        rows.select(value=pl.col("raw").str.json_path_match("$.kind").str.strip_chars().fill_null(""))
        .group_by("value")
        .len("rows")
        .sort("rows", "value", descending=[True, False])
    )
    named = [f"{_name(value)} ({count:,}×)" for value, count in counted.head(_MOST).iter_rows()]
    further = counted.height - _MOST
    return "not known: " + _listed([*named, *([f"{further:,} more"] if further > 0 else [])])


def _name(value: str) -> str:
    if not value:
        return "no kind"
    return f"'{value}'" if len(value) <= _LONGEST else f"'{value[:_LONGEST]}…'"


def _signs(book: Book, _table: str) -> str:
    """By how much total AR would differ, if the kinds are right and the signs are not."""
    documents = book.frames["documents"]
    said = [
        (_CREDITS, pl.col("amount_doc") > 0, "counted as owed; if they are credits, total AR is {} too high"),
        (_OWED, pl.col("amount_doc") < 0, "counted as credits; if they are owed, total AR is {} too low"),
    ]
    told: list[str] = []
    for kinds, turned, words in said:
        money = (
            documents.lazy()
            .filter(pl.col("kind").is_in(kinds) & turned)
            .group_by("currency")
            .agg(pl.col("amount_doc").cast(pl.Int128).abs().sum())
            .collect()
            .sort("currency")
        )
        if money.height:
            told.append(words.format(_listed([f"2 × {_exact(amount, code)}" for code, amount in money.iter_rows()])))
    return "; ".join([*told, "as far as they are open"])


def _exact(minor: int, currency: str) -> str:
    """Whole minor units as major ones, to the last digit."""
    places = digits(currency)
    whole, rest = divmod(minor, 10**places)
    return f"{whole:,}{f'.{rest:0{places}d}' if places else ''} {currency}"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
