"""What became of a month's invoices: how soon a billing month was paid, and how much of a due month stayed unpaid.

Both are summed by cell when a snapshot is built, and answer for any day: how old a month must be before a figure is
known follows from its dates, and a figure that is known does not change any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from ledger import facts
from ledger.book import Book
from ledger.calendar import Window
from ledger.days import between, month_end, number
from ledger.scope import CUSTOMER, Scope

AGES = (30, 60, 90, 120, 180, 365)
"""Days after its date within which an invoice is paid."""

LATE = 90
"""Days after its due date on which an invoice that is still open counts as at risk."""


def paid_in_steps(slices: pl.LazyFrame, documents: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Invoices and debit memos paid by cash: ``month, <by…>, step, known_on, paid``.

    ``month``: last day of the posting month of the document. ``step``: the smallest of ``AGES`` within which the part
    was paid, from the document date; null when it took longer. ``known_on``: the first day on which the part belongs
    to what the whole month had paid by that age. That is the month's end + ``step``; a document dated after its
    posting month can be paid within its days and yet later than that. ``paid`` sums to that of ``facts.FLOWS``.

    Args:
        slices: ``document, kind, document_date, closed_on, closed_by, amount`` and ``by``.
        documents: ``document, posting_date``; a slice that arose later has no posting day of its own.
        by: columns of the slices to group by.
    """
    took = between(pl.col("document_date"), pl.col("closed_on"))
    step = pl.lit(None, pl.Int32)
    for age in reversed(AGES):
        step = pl.when(took <= age).then(pl.lit(age, pl.Int32)).otherwise(step)
    ripe = pl.max_horizontal((number(pl.col("month")) + pl.col("step")).cast(pl.Date), "closed_on")
    return (
        facts.paid_slices(slices)
        .select("document", "document_date", "closed_on", "amount", *by)
        .join(documents.select("document", "posting_date"), on="document", how="inner")
        .with_columns(month=month_end(pl.col("posting_date")), step=step)
        .with_columns(known_on=pl.when(pl.col("step").is_not_null()).then(ripe))
        .group_by("month", *by, "step", "known_on")
        .agg(paid=pl.col("amount").sum())
    )


def fell_due(documents: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """What fell due: ``month, <by…>, due``, by the last day of the due month, in whole invoices and debit memos.

    What was posted more than ``LATE`` days after its due date is left out: nobody could have paid it by then.
    ``documents``: ``kind, posting_date, document_date, due_date, amount_rep`` and ``by``.
    """
    return _falling(documents).group_by("month", *by).agg(due=pl.col("amount_rep").sum())


def unpaid_late(slices: pl.LazyFrame, documents: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """What of ``fell_due`` was still open ``LATE`` days after its own due date: ``month, <by…>, unpaid``.

    Open for whatever reason: disputed, too. A document never counts with more than its amount, though settlements
    taken back can raise what is open on it.

    Args:
        slices: ``document, kind, credit, opened_on, closed_on, due, amount``.
        documents: as for ``fell_due``, with ``document``.
        by: columns of the documents to group by.
    """
    then = (number(pl.col("due")) + LATE).cast(pl.Date)
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > then)
    left = (
        slices.filter(facts.owed() & ~pl.col("credit") & (pl.col("opened_on") <= then) & still)
        .group_by("document")
        .agg(_open=pl.col("amount").sum())
    )
    open_part = pl.min_horizontal("_open", "amount_rep").clip(lower_bound=0)
    return (
        _falling(documents)
        .join(left, on="document", how="inner")
        .group_by("month", *by)
        .agg(unpaid=open_part.sum())
        .filter(pl.col("unpaid") != 0)
    )


def build(documents: pl.DataFrame, slices: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames ``cohorts`` and ``falling_due`` of a snapshot.

    ``month, cell, step, known_on, paid`` and ``month, cell, due, unpaid``, in minor units of the reporting currency,
    or of the document's where nothing converts.
    """
    paid = paid_in_steps(slices.lazy(), documents.lazy(), ["cell"]).sort(
        "month", "cell", "step", "known_on", nulls_last=True
    )
    due = fell_due(documents.lazy(), ["cell"])
    unpaid = unpaid_late(slices.lazy(), documents.lazy(), ["cell"])
    falling = (
        due.join(unpaid, on=["month", "cell"], how="left")
        .with_columns(pl.col("unpaid").fill_null(0))
        .sort("month", "cell")
    )
    return paid.collect(engine="streaming"), falling.collect(engine="streaming")


def paid_by_age(book: Book, day: date, months: Sequence[date], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """What of each billing month had been paid within each of ``AGES``: ``month, <by…>, currency, 30, 60, …``.

    A column an age, cumulative, in minor units; null where the month has not reached that age on ``day``. Only groups
    that paid something appear. ``months``: the last days of calendar months.
    """
    ages = [str(age) for age in AGES]

    def summed(cells: pl.DataFrame, keys: list[str]) -> pl.LazyFrame:
        rows = (
            paid_in_steps(_recent(book.select("slices", scope, cells), "opened_on", months), _posted(book), keys)
            if _single(scope, by)
            else book.frames["cohorts"].lazy().join(cells.lazy(), on="cell")
        )
        within = (
            pl.col("paid").filter((pl.col("step") <= age) & (pl.col("known_on") <= day)).sum().alias(str(age))
            for age in AGES
        )
        return rows.filter(pl.col("month").is_in(months)).group_by("month", *keys).agg(within)

    ripe = [pl.when(pl.col("month") + pl.duration(days=age) <= day).then(str(age)).alias(str(age)) for age in AGES]
    return book.grouped(summed, ["month"], ages, scope, by).with_columns(ripe)


def unpaid_by_month(book: Book, day: date, months: Sequence[date], scope: Scope, by: Sequence[str]) -> pl.DataFrame:
    """``month, <by…>, currency, due, unpaid`` of each due month, in minor units, as known at the close of ``day``.

    ``unpaid`` is null where the month's end is less than ``LATE`` days before ``day``. Only groups to whom something
    fell due appear.
    """
    ripe = [month for month in months if (day - month).days >= LATE]
    young = [month for month in months if month not in ripe]

    def summed(cells: pl.DataFrame, keys: list[str]) -> pl.LazyFrame:
        documents = book.select("documents", scope, cells)
        known = documents.filter(pl.col("posting_date") <= day)
        parts = [fell_due(_within_months(known, young), keys).with_columns(unpaid=pl.lit(None, pl.Int64))]
        if _single(scope, by):
            chosen = _within_months(documents, ripe)
            unpaid = unpaid_late(book.select("slices", scope, cells), chosen, keys)
            parts.append(
                fell_due(chosen, keys)
                .join(unpaid, on=["month", *keys], how="left")
                .with_columns(pl.col("unpaid").fill_null(0))
            )
        else:
            frame = book.frames["falling_due"].lazy().filter(pl.col("month").is_in(ripe)).join(cells.lazy(), on="cell")
            parts.append(frame.group_by("month", *keys).agg(pl.col("due", "unpaid").sum()))
        return pl.concat(parts, how="diagonal")

    return book.grouped(summed, ["month"], ["due", "unpaid"], scope, by)


def month_windows(months: Sequence[date], day: date) -> list[Window]:
    """The calendar months that end on ``months``, the one of ``day`` up to that day."""
    return [Window(month.replace(day=1), min(month, day)) for month in sorted(months)]


def _falling(documents: pl.LazyFrame) -> pl.LazyFrame:
    due = _due()
    in_time = between(due, pl.col("posting_date")) <= LATE
    return documents.filter(facts.owed() & (pl.col("amount_rep") > 0) & in_time).with_columns(month=month_end(due))


def _due() -> pl.Expr:
    return pl.coalesce("due_date", "document_date")


def _within_months(documents: pl.LazyFrame, months: Sequence[date]) -> pl.LazyFrame:
    """Documents that fall due in one of ``months``, which follow each other."""
    if not months:
        return documents.limit(0)
    return documents.filter(_due().is_between(min(months).replace(day=1), max(months)))


def _recent(slices: pl.LazyFrame, opened: str, months: Sequence[date]) -> pl.LazyFrame:
    """Without what arose before the first of ``months``: no part of a document arises before it is posted."""
    return slices.filter(pl.col(opened) >= min(months).replace(day=1)) if months else slices.limit(0)


def _posted(book: Book) -> pl.LazyFrame:
    return book.frames["documents"].lazy().select("document", "posting_date")


def _single(scope: Scope, by: Sequence[str]) -> bool:
    """Whether the question is about customers one by one, which cells do not tell apart."""
    return CUSTOMER in by or bool(scope.values(CUSTOMER))
