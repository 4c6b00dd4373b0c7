"""The quality rules, as data: which rows are kept out, which are let in and counted, and why.

A rule's ``broken`` is a Polars expression over the prepared table: the canonical columns, ``_bad_<column>`` marks for
values that were there and could not be read, and the helper columns that ``ledger.quality`` adds (``_today``, and for
settlements the document's ``_document``, ``_currency`` and dates).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from ledger.money import LARGEST, unit
from ledger.schema import Kind, SettledBy

EARLIEST = date(1970, 1, 1)
"""A business date before this day is taken for a mistake."""

LATEST_YEARS_AHEAD = 10
"""A business date more than this many years after the refresh is taken for a mistake."""


class Severity(StrEnum):
    """An error keeps a row out; a warning lets it in and is counted."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Rule:
    """One thing that may be wrong with a row.

    ``column``: where the offending value stands; its raw text is put in place of ``{value}`` in ``reason``.
    """

    id: str
    table: str
    severity: Severity
    column: str
    reason: str
    broken: pl.Expr


def bad(column: str) -> str:
    """Name of the mark that ``column`` held something unreadable."""
    return f"_bad_{column}"


def _error(id: str, table: str, column: str, reason: str, broken: pl.Expr) -> Rule:
    return Rule(id, table, Severity.ERROR, column, reason, broken)


def _warning(id: str, table: str, column: str, reason: str, broken: pl.Expr) -> Rule:
    return Rule(id, table, Severity.WARNING, column, reason, broken)


def _missing(column: str) -> pl.Expr:
    return pl.col(column).is_null()


def _out_of_range(column: str) -> pl.Expr:
    latest = pl.col("_today").dt.offset_by(f"{LATEST_YEARS_AHEAD}y")
    return (pl.col(column) < EARLIEST) | (pl.col(column) > latest)


def _no_code(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & ~pl.col(column).str.contains("^[A-Z]{3}$")


def _too_fine(column: str, currency: str) -> pl.Expr:
    """Whether an amount has digits below the smallest unit of its currency."""
    return (pl.col(column).to_physical() * unit(pl.col(currency)).cast(pl.Int128)) % 10**6 != 0


def _key(table: str, column: str) -> Rule:
    return _error("key_missing", table, column, f"{column} is empty", _missing(column))


def _date(table: str, column: str, *, needed: bool) -> Rule:
    broken = _missing(column) if needed else pl.col(bad(column))
    return _error(
        "date_unreadable", table, column, f"{column} '{{value}}' is not a date in the [formats] given", broken
    )


def _range(table: str, column: str) -> Rule:
    reason = f"{column} '{{value}}' lies before {EARLIEST} or more than {LATEST_YEARS_AHEAD} years ahead"
    return _error("date_out_of_range", table, column, reason, _out_of_range(column))


def _amount(table: str, column: str, *, needed: bool) -> Rule:
    broken = _missing(column) if needed else pl.col(bad(column))
    reason = (
        f"{column} '{{value}}' is not a number in the [formats] given, or has more than {len(str(LARGEST)) - 1} digits"
    )
    return _error("amount_unreadable", table, column, reason, broken)


def _fine(table: str, column: str, currency: str) -> Rule:
    reason = (
        f"{column} '{{value}}' has more decimals than its currency; check [formats] decimal, or round in the mapping"
    )
    return _error("amount_too_fine", table, column, reason, _too_fine(column, currency))


def _code(table: str, column: str, *, needed: bool = True) -> Rule:
    broken = _missing(column) | _no_code(column) if needed else _no_code(column)
    return _error("currency_unknown", table, column, f"{column} '{{value}}' is not a three-letter code", broken)


def _among(table: str, column: str, words: type[StrEnum]) -> Rule:
    reason = f"{column} '{{value}}' is not one of " + ", ".join(words)
    return _error("kind_unknown", table, column, reason, _missing(column) | ~pl.col(column).is_in(list(words)))


_OWED = [Kind.INVOICE, Kind.DEBIT_MEMO]
_OWING = [Kind.CREDIT_MEMO, Kind.PAYMENT]
_SIGN = (pl.col("kind").is_in(_OWED) & (pl.col("amount") < 0)) | (pl.col("kind").is_in(_OWING) & (pl.col("amount") > 0))
_FACTS = ("customer_id", "number", "document_date", "due_date", "amount", "kind")
_TWICE = pl.col("number").is_not_null() & pl.struct(_FACTS).is_duplicated()
_SETTLED = pl.col("amount").sum().over("document_id")
_BEYOND = (
    pl.when(pl.col("_amount") != 0)
    .then(_SETTLED * pl.col("_amount").sign() > pl.col("_amount").abs())
    .otherwise(_SETTLED != 0)
)
_AHEAD = pl.max_horizontal("document_date", "posting_date") > pl.col("_today")

RULES: tuple[Rule, ...] = (
    _key("documents", "document_id"),
    _among("documents", "kind", Kind),
    _date("documents", "document_date", needed=True),
    _date("documents", "posting_date", needed=False),
    _date("documents", "due_date", needed=False),
    _range("documents", "document_date"),
    _range("documents", "posting_date"),
    _code("documents", "currency"),
    _code("documents", "base_currency", needed=False),
    _amount("documents", "amount", needed=True),
    _amount("documents", "amount_base", needed=False),
    _fine("documents", "amount", "currency"),
    _fine("documents", "amount_base", "base_currency"),
    _error("base_against_amount", "documents", "amount_base", "amount_base '{value}' has the opposite sign of amount", pl.col("amount").sign() * pl.col("amount_base").sign() < 0),
    _warning("base_differs", "documents", "amount_base", "amount_base '{value}' is not the amount, in the same currency: the base amount counts", (pl.col("currency") == pl.col("base_currency")) & (pl.col("amount") != pl.col("amount_base"))),
    _warning("base_currency_missing", "documents", "base_currency", "an amount_base without base_currency: taken to be in the reporting currency", pl.col("_base_assumed")),
    _warning("due_date_missing", "documents", "due_date", "no due date: taken as due on the document date", _missing("due_date") & pl.col("kind").is_in(_OWED)),
    _warning("due_before_document", "documents", "due_date", "due '{value}' before the document date", pl.col("due_date") < pl.col("document_date")),
    _warning("due_date_out_of_range", "documents", "due_date", "due date '{value}' is far from any other", _out_of_range("due_date")),
    _warning("customer_unknown", "documents", "customer_id", "customer '{value}' is not in the customer table", ~pl.col("_known_customer")),
    _warning("future_dated", "documents", "document_date", "dated after the day of the refresh", _AHEAD),
    _warning("sign_against_kind", "documents", "amount", "amount '{value}' has the sign of the opposite kind: counted as it is written", _SIGN),
    _warning("possible_duplicate", "documents", "number", "same customer, number, dates and amount as another document", _TWICE),
    _warning("flag_unreadable", "documents", "disputed", "disputed '{value}' is neither yes nor no: taken as no", pl.col(bad("disputed"))),
    _key("settlements", "settlement_id"),
    _error("document_unknown", "settlements", "document_id", "document '{value}' is not among the accepted documents", _missing("_document")),
    _among("settlements", "kind", SettledBy),
    _date("settlements", "settled_on", needed=True),
    _range("settlements", "settled_on"),
    _amount("settlements", "amount", needed=True),
    _amount("settlements", "amount_base", needed=False),
    _fine("settlements", "amount", "_currency"),
    _fine("settlements", "amount_base", "_base_currency"),
    _warning("settled_before_document", "settlements", "settled_on", "settled '{value}' before its document was issued", pl.col("settled_on") < pl.col("_document_date")),
    _warning("settled_beyond_amount", "settlements", "amount", "its document is settled for more than its amount", _BEYOND),
    _warning("future_dated", "settlements", "settled_on", "settled '{value}', after the day of the refresh", pl.col("settled_on") > pl.col("_today")),
    _key("customers", "customer_id"),
    _warning("number_unreadable", "customers", "credit_limit", "credit_limit '{value}' is not a number: left out", pl.col(bad("credit_limit"))),
    _warning("number_unreadable", "customers", "terms_days", "terms_days '{value}' is not a whole number: left out", pl.col(bad("terms_days"))),
    _code("fx_rates", "currency"),
    _date("fx_rates", "date", needed=True),
    _error("rate_unreadable", "fx_rates", "rate", "rate '{value}' is not a number above 0", _missing("rate") | (pl.col("rate") <= 0)),
    _code("gl_balances", "currency"),
    _date("gl_balances", "as_of", needed=True),
    _amount("gl_balances", "balance", needed=True),
    _fine("gl_balances", "balance", "currency"),
    _error("key_missing", "verify", "document_id", "document_id and customer_id are empty", _missing("document_id") & _missing("customer_id")),
    _code("verify", "currency"),
    _amount("verify", "amount", needed=True),
    _fine("verify", "amount", "currency"),
)  # fmt: skip

KEY_REPEATED = "key_repeated"
"""Found after the others, so that the first row that is otherwise good stays."""

RATE_MISSING = "rate_missing"
"""Found when amounts are converted: no exchange rate for the document's currency."""

RATE_EARLY = "rate_early"
"""Found when amounts are converted: a document older than the first exchange rate takes that first rate."""

SOURCE_DIFFERS = "source_differs"
"""Found in finished books: what the source itself says is open is not what its documents and settlements leave open."""

HISTORY_CHANGED = "history_changed"
"""Found in finished books: on the last day of the books before, another amount was open than was known then."""
