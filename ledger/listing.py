"""Documents one by one: what is open, what was settled, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from ledger.aging import UNAPPLIED
from ledger.book import Book
from ledger.calendar import Window
from ledger.conversion import Conversion
from ledger.errors import OutstandingError
from ledger.money import major
from ledger.schema import Kind, SettledBy
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope

_KINDS = {code: kind.value for code, kind in enumerate(Kind)}
_FIXED = ("number", "dispute_reason")
"""Columns of every list, which may be dimensions too."""

_SETTLED_BY = {code: kind.value for code, kind in enumerate(SettledBy)}


def open_items(book: Book, day: date, scope: Scope = COMPANY) -> pl.DataFrame:
    """One row an open document at the close of ``day``, oldest first.

    ``document_id, number, customer_id, customer, <dimensions…>, kind, document_date, due_date, days_past_due, bucket,
    currency, amount, open_amount, reporting_currency, open, disputed, dispute_reason``. ``amount`` and ``open_amount``
    are in the document's currency, ``open`` in the reporting currency, all in major units; credits are negative and in
    bucket ``unapplied``. ``due_date`` is the document date where none was given. ``open`` sums to total AR.
    """
    return _documents(book, day, scope, only_open=True).select(*_identity(book), *_amounts()).sort(
        ["days_past_due", "open", "document_id"], descending=[True, True, False]
    )  # fmt: skip


def documents(book: Book, day: date, scope: Scope = COMPANY) -> pl.DataFrame:
    """Every document of ``scope`` as it stood at the close of ``day``, newest first.

    The columns of ``open_items`` and ``status`` (``open``, ``settled``, ``not yet posted``), ``settled_on`` (the day
    of the last settlement of a settled document) and ``days_to_pay`` (from document date to that day).
    """
    rows = _documents(book, day, scope, only_open=False)
    settled = (pl.col("status") == "settled") & (pl.col("_settlements") > 0)
    return (
        rows.with_columns(settled_on=pl.when(settled).then("_last"))
        .with_columns(days_to_pay=(pl.col("settled_on") - pl.col("document_date")).dt.total_days())
        .select(*_identity(book), *_amounts(), "status", "settled_on", "days_to_pay")
        .sort(["document_date", "document_id"], descending=[True, False])
    )


def history(book: Book, document_id: str) -> pl.DataFrame:
    """What settled a document: ``settled_on, effective_on, kind, amount, currency``, in order, in major units.

    Raises:
        OutstandingError: no such document.
    """
    found = book.frames["documents"].filter(pl.col("document_id") == document_id)
    if found.is_empty():
        raise OutstandingError(f"There is no document '{document_id}' in this snapshot.")
    document = found.row(0, named=True)
    return (
        book.frames["settlements"]
        .filter(pl.col("document") == document["document"])
        .select(
            "settled_on",
            pl.col("day").alias("effective_on"),
            pl.col("kind").replace_strict(_SETTLED_BY, return_dtype=pl.String),
            major(pl.col("amount_doc"), pl.lit(document["currency"])).alias("amount"),
            pl.lit(document["currency"]).alias("currency"),
        )
    )


def reductions(book: Book, window: Window, scope: Scope = COMPANY) -> pl.DataFrame:
    """What lowered debts otherwise than by money within ``window``, newest first.

    ``day, kind, document_id, number, amount, currency``: credit memos by their posting day, write-offs and discounts by
    the day they count from, on the document that they closed a part of. ``amount`` is in major units of the document's
    currency, positive where it lowers what is owed.
    """
    documents = book.select("documents", scope)
    within = pl.lit(window.start), pl.lit(window.end)
    memos = documents.filter(
        (pl.col("kind") == _code(_KINDS, Kind.CREDIT_MEMO)) & pl.col("posting_date").is_between(*within)
    ).select(
        pl.col("posting_date").alias("day"),
        pl.lit(Kind.CREDIT_MEMO.value).alias("kind"),
        "document_id",
        "number",
        (0 - pl.col("amount_doc")).alias("_amount"),
        CURRENCY,
    )
    given_up = [_code(_SETTLED_BY, kind) for kind in (SettledBy.WRITE_OFF, SettledBy.DISCOUNT)]
    lost = (
        book.select("settlements", scope)
        .filter(pl.col("kind").is_in(given_up) & pl.col("day").is_between(*within))
        .select("document", "day", "kind", pl.col("amount_doc").alias("_amount"))
        .join(documents.select("document", "document_id", "number", CURRENCY), on="document")
        .select(
            "day",
            pl.col("kind").replace_strict(_SETTLED_BY, return_dtype=pl.String),
            "document_id",
            "number",
            "_amount",
            CURRENCY,
        )
    )
    return (
        pl.concat([memos, lost])
        .with_columns(major(pl.col("_amount"), pl.col(CURRENCY)).alias("amount"))
        .sort("day", "document_id", "kind", "_amount", descending=[True, False, False, True])
        .select("day", "kind", "document_id", "number", "amount", CURRENCY)
        .collect()
    )


def customer(book: Book, customer_id: str | None) -> dict[str, Any]:
    """Master data of a customer by id; ``label`` is what to call them, ``known`` whether the master has them.

    Raises:
        OutstandingError: no such customer.
    """
    same = pl.col("customer_id").is_null() if customer_id is None else pl.col("customer_id") == customer_id
    found = book.frames["customers"].filter(same)
    if found.is_empty():
        raise OutstandingError(f"There is no customer '{customer_id}' in this snapshot.")
    row = found.row(0, named=True)
    del row["customer"]
    return row


def customers(book: Book) -> pl.DataFrame:
    """Everyone in the customer master or named by a document: ``customer_id, label, known`` and the master columns."""
    return book.frames["customers"].drop("customer")


def _code(names: Mapping[int, str], wanted: str) -> int:
    return next(code for code, name in names.items() if name == wanted)


def _documents(book: Book, day: date, scope: Scope, *, only_open: bool) -> pl.DataFrame:
    """Documents in scope with open amounts as of ``day``; without ``only_open``, the others too."""
    summed = (
        book.open_slices([day], scope)
        .group_by("document")
        .agg(
            open_doc=pl.col("amount_doc").sum(),
            open_rep=pl.col("amount").sum(),
            basis=pl.col("basis").min(),
            late_from=pl.col("late_from").min(),
            credit=pl.col("credit").all(),
        )
    )
    rows = book.select("documents", scope).join(summed, on="document", how="inner" if only_open else "left")
    customers = book.frames["customers"]
    # Customers are numbered as they stand in their table: fetched, not joined.
    rows = rows.with_columns(
        pl.lit(customers[name]).gather(pl.col("customer")).alias(name) for name in ("customer_id", "label")
    )
    rows = rows.join(book.frames["cells"].lazy(), on="cell").with_columns(pl.col("open_doc", "open_rep").fill_null(0))
    if not only_open:
        paid = (
            book.select("settlements", scope)
            .filter(pl.col("day") <= day)
            .group_by("document")
            .agg(_last=pl.col("day").max(), _settlements=pl.len())
        )
        rows = rows.join(paid, on="document", how="left")
    return rows.with_columns(*_state(book, day)).collect()


def _state(book: Book, day: date) -> Sequence[pl.Expr]:
    rule = book.rules.aging
    is_open = (pl.col("open_doc") != 0) | (pl.col("open_rep") != 0)
    age = (pl.lit(day) - pl.col("basis")).dt.total_days()
    late = (pl.lit(day) - pl.col("late_from")).dt.total_days()
    aged = rule.code(age).replace_strict(dict(enumerate(rule.labels)), return_dtype=pl.String)
    bucket = pl.when("credit").then(pl.lit(UNAPPLIED)).otherwise(aged) if rule.credits == "separate" else aged
    reporting = book.rules.reporting_currency
    return (
        pl.when(is_open).then(late).alias("days_past_due"),
        pl.when(is_open).then(bucket).alias("bucket"),
        pl.when(pl.col("posting_date") > day)
        .then(pl.lit("not yet posted"))
        .when(is_open)
        .then(pl.lit("open"))
        .otherwise(pl.lit("settled"))
        .alias("status"),
        (pl.col("currency") if book.rules.conversion is Conversion.NONE else pl.lit(reporting)).alias(
            "reporting_currency"
        ),
    )


def _identity(book: Book) -> list[pl.Expr | str]:
    return [
        "document_id",
        "number",
        "customer_id",
        pl.col("label").alias(CUSTOMER),
        *(name for name in book.dimensions if name not in _FIXED),
        pl.col("kind").replace_strict(_KINDS, return_dtype=pl.String),
        "document_date",
        pl.coalesce("due_date", "document_date").alias("due_date"),
        "days_past_due",
        "bucket",
    ]


def _amounts() -> list[pl.Expr | str]:
    return [
        CURRENCY,
        major(pl.col("amount_doc"), pl.col(CURRENCY)).alias("amount"),
        major(pl.col("open_doc"), pl.col(CURRENCY)).alias("open_amount"),
        "reporting_currency",
        major(pl.col("open_rep"), pl.col("reporting_currency")).alias("open"),
        "disputed",
        "dispute_reason",
    ]
