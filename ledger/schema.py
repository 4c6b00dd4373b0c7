"""The canonical tables: what a mapping must return, whatever the source.

The connector delivers these tables by name, as text or typed; ``ledger.cast`` reads them into the types below.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a document is. The order is the code stored in snapshots."""

    INVOICE = "invoice"
    DEBIT_MEMO = "debit_memo"
    CREDIT_MEMO = "credit_memo"
    PAYMENT = "payment"
    JOURNAL = "journal"


class SettledBy(StrEnum):
    """What closed a part of a document. The order is the code stored in snapshots."""

    CASH = "cash"
    CREDIT = "credit"
    DISCOUNT = "discount"
    WRITE_OFF = "write_off"
    FX = "fx"
    REFUND = "refund"
    OTHER = "other"


class Type(StrEnum):
    """How a column is read."""

    TEXT = "text"
    DATE = "date"
    AMOUNT = "amount"
    NUMBER = "number"
    INTEGER = "integer"
    FLAG = "flag"
    CURRENCY = "currency"


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    ``required``: the mapping must return the column. Which rows must have a value is for the quality rules.
    """

    name: str
    type: Type = Type.TEXT
    required: bool = False


def _must(name: str, type: Type = Type.TEXT) -> Column:
    return Column(name, type, required=True)


@dataclass(frozen=True)
class Table:
    """A canonical table: its columns, its key, and whether a source may leave it out."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


CUSTOMERS = Table(
    "customers",
    (
        _must("customer_id"),
        Column("name", required=True),
        Column("parent_id"),
        Column("segment"),
        Column("region"),
        Column("country"),
        Column("industry"),
        Column("collector"),
        Column("sales_rep"),
        Column("risk_class"),
        Column("credit_limit", Type.NUMBER),
        Column("terms_days", Type.INTEGER),
        Column("email"),
    ),
    key=("customer_id",),
)

DOCUMENTS = Table(
    "documents",
    (
        _must("document_id"),
        _must("customer_id"),
        Column("entity", required=True),
        _must("kind"),
        _must("document_date", Type.DATE),
        Column("posting_date", Type.DATE),
        Column("due_date", Type.DATE),
        _must("currency", Type.CURRENCY),
        _must("amount", Type.AMOUNT),
        Column("amount_base", Type.AMOUNT),
        Column("base_currency", Type.CURRENCY),
        Column("disputed", Type.FLAG),
        Column("dispute_reason"),
        Column("number"),
    ),
    key=("document_id",),
)

SETTLEMENTS = Table(
    "settlements",
    (
        _must("settlement_id"),
        _must("document_id"),
        _must("settled_on", Type.DATE),
        _must("amount", Type.AMOUNT),
        Column("amount_base", Type.AMOUNT),
        _must("kind"),
    ),
    key=("settlement_id",),
)

FX_RATES = Table(
    "fx_rates",
    (_must("currency", Type.CURRENCY), _must("date", Type.DATE), _must("rate", Type.NUMBER)),
    key=("currency", "date"),
    optional=True,
)

GL_BALANCES = Table(
    "gl_balances",
    (
        Column("entity", required=True),
        _must("currency", Type.CURRENCY),
        _must("as_of", Type.DATE),
        _must("balance", Type.AMOUNT),
    ),
    key=("entity", "currency", "as_of"),
    optional=True,
)

VERIFY = Table(
    "verify",
    (
        Column("document_id"),
        Column("customer_id"),
        _must("currency", Type.CURRENCY),
        _must("amount", Type.AMOUNT),
    ),
    key=("document_id", "customer_id", "currency"),
    optional=True,
)

TABLES = MappingProxyType(
    {table.name: table for table in (CUSTOMERS, DOCUMENTS, SETTLEMENTS, FX_RATES, GL_BALANCES, VERIFY)}
)
