"""A statement of account: what one customer owes at the close of a day, document by document, in their own currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from briefing.part import restrictions
from ledger import listing
from ledger.book import Book
from ledger.money import major, to_the_cent, unit
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, UNASSIGNED, Scope
from metrics import text

_KINDS = {
    "invoice": "Invoice",
    "debit_memo": "Debit memo",
    "credit_memo": "Credit memo",
    "payment": "Payment",
    "journal": "Adjustment",
}
_LONGEST_FILTER = 6


@dataclass(frozen=True)
class Sender:
    """Whose statement it is. ``address``: lines below the name; ``contact``: whom to ask; ``note``: a last sentence."""

    name: str
    address: tuple[str, ...] = ()
    contact: str = ""
    note: str = ""


@dataclass(frozen=True)
class Statement:
    """What a customer is told. Amounts are in major units of each document's own currency; credits are negative.

    Attributes:
        sender: whose statement it is.
        customer_id: the account; ``None`` for documents that name no customer.
        customer: what the customer is called.
        email: from the customer master; ``None`` where it has none.
        day: everything is as of the close of this day.
        items: one row a document with something left open: what is owed first, oldest due date first, then what the
            customer is owed. ``currency, credit`` (whether it is for the customer), ``document_id, number`` (the id
            where there is none), ``kind`` (in words), ``document_date, due_date, days_past_due`` (null where not past
            due), ``bucket, amount, settled, open, disputed, dispute_reason``; ``amount`` = ``settled`` + ``open``.
        totals: one row a currency: ``currency, items, owed, credits, balance, past_due, not_due, disputed``;
            ``balance`` = ``owed`` + ``credits`` and ``owed`` = ``past_due`` + ``not_due``. ``disputed`` is a part of
            ``owed``.
        aging: ``currency, bucket, amount`` for every currency and bucket; a currency's buckets sum to its balance.
        worth: ``currency, amount``: total AR of the customer as the metrics have it, in the reporting currency.
        limited_to: the part of the account that it covers, in words; empty for the whole.
        aged_by: the date that ages count from, as the settings call it.
        snapshot: the fingerprint of the books it was read from.
    """

    sender: Sender
    customer_id: str | None
    customer: str
    email: str | None
    day: date
    items: pl.DataFrame
    totals: pl.DataFrame
    aging: pl.DataFrame
    worth: pl.DataFrame
    limited_to: str = ""
    aged_by: str = "due_date"
    snapshot: str = ""

    @property
    def is_empty(self) -> bool:
        return self.items.is_empty()


def statement(
    book: Book, customer_id: str | None, day: date, *, sender: Sender | None = None, scope: Scope = COMPANY
) -> Statement:
    """The statement of one customer as of the close of ``day``.

    Args:
        book: the books.
        customer_id: the account; ``None`` for documents that name no customer.
        day: any day, past or future.
        sender: whose statement it is; the books' company by name if left out.
        scope: a part of the account, such as one entity or one currency; the statement says so.

    Raises:
        OutstandingError: no such customer or dimension.
    """
    master = listing.customer(book, customer_id)
    listed = listing.open_items(book, day, scope.narrowed(CUSTOMER, customer_id))
    items = _items(book, listed)
    return Statement(
        sender=sender or Sender(book.rules.company),
        customer_id=customer_id,
        customer=text.name(master["label"], UNASSIGNED) if master["known"] else text.name(customer_id, UNASSIGNED),
        email=master.get("email"),
        day=day,
        items=items,
        totals=_totals(items),
        aging=_aging(items, book.rules.aging.buckets),
        worth=_summed(listed, "reporting_currency", open="open").rename(
            {"reporting_currency": "currency", "open": "amount"}
        ),
        limited_to=_limits(book, scope),
        aged_by=book.rules.aging.basis,
        snapshot=book.fingerprint,
    )


def _items(book: Book, listed: pl.DataFrame) -> pl.DataFrame:
    """Open items as they are told, without those that only an exchange difference keeps open."""
    open_amount, late = pl.col("open_amount"), pl.col("days_past_due")
    overpaid = (open_amount < 0) & (pl.col("amount") > 0)
    kind = pl.col("kind").replace_strict(_KINDS)
    return (
        listed.filter(open_amount != 0)
        .select(
            "currency",
            (open_amount < 0).alias("credit"),
            "document_id",
            pl.coalesce("number", "document_id").alias("number"),
            pl.when(overpaid).then(kind + ", overpaid").otherwise(kind).alias("kind"),
            "document_date",
            "due_date",
            pl.when((open_amount > 0) & book.rules.aging.overdue(late)).then(late).alias("days_past_due"),
            "bucket",
            "amount",
            to_the_cent(pl.col("amount") - open_amount, pl.col("currency")).alias("settled"),
            open_amount.alias("open"),
            pl.col("disputed").fill_null(value=False),
            "dispute_reason",
        )
        .sort("currency", "credit", "due_date", "document_date", "number", "document_id")
    )


def _totals(items: pl.DataFrame) -> pl.DataFrame:
    owed, late = ~pl.col("credit"), pl.col("days_past_due").is_not_null()
    marked = items.with_columns(
        pl.when(owed).then("open").alias("owed"),
        pl.when("credit").then("open").alias("credits"),
        pl.when(late).then("open").alias("past_due"),
        pl.when(owed & ~late).then("open").alias("not_due"),
        pl.when(owed & pl.col("disputed")).then("open").alias("_disputed"),
    )
    sums = _summed(
        marked, "currency", owed="owed", credits="credits", balance="open", past_due="past_due", not_due="not_due",
        disputed="_disputed",
    )  # fmt: skip
    counts = items.group_by("currency").agg(pl.len().alias("items"))
    return counts.join(sums, on="currency").sort("currency")


def _aging(items: pl.DataFrame, buckets: tuple[str, ...]) -> pl.DataFrame:
    order = pl.DataFrame({"bucket": buckets}).with_row_index("place")
    every = items.select(pl.col("currency").unique().sort()).join(order, how="cross")
    sums = _summed(items, "currency", "bucket", amount="open")
    return (
        every.join(sums, on=["currency", "bucket"], how="left")
        .sort("currency", "place")
        .select("currency", "bucket", pl.col("amount").fill_null(0.0))
    )


def _summed(rows: pl.DataFrame, currency: str, *by: str, **columns: str) -> pl.DataFrame:
    """Sums of columns in major units, exact to the cent: they are added as whole minor units. Nulls count as 0."""
    code = pl.col(currency)
    whole = [
        (pl.col(column) * unit(code)).round(0).cast(pl.Int64).sum().alias(name) for name, column in columns.items()
    ]
    return (
        rows.group_by(currency, *by)
        .agg(whole)
        .with_columns(major(pl.col(name), code) for name in columns)
        .sort(currency)
    )


def _limits(book: Book, scope: Scope) -> str:
    """``Entity: Meridian US, Meridian UK; Currency: EUR``."""
    labels = {**book.dimensions, CURRENCY: "Currency"}
    return "; ".join(f"{label}: {values}" for label, values in restrictions(scope, labels, _LONGEST_FILTER))
