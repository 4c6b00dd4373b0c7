"""Facts: small tables that answer fast, summed from documents, settlements and slices.

Every function here works on any selection of rows and any grouping: the whole ledger by cell when a snapshot is
built, one customer's rows when a page asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import polars as pl

from ledger.aging import AgingRule
from ledger.calendar import Window
from ledger.money import converted, digits, unit
from ledger.schema import Kind, SettledBy

BALANCES = ("amount", "credit", "unapplied_cash", "count", "overdue", "over_90", "overdue_days", "disputed")
"""Measures of a position. ``amount``: open, credits included; ``credit``: the unapplied credits in it (≤ 0);
``unapplied_cash``: the open payment documents among those (≤ 0);
``count``: open documents; ``overdue``, ``over_90`` and ``disputed``: the part of the open debit amount that is past
due, more than 90 days past due, or disputed, whatever date the buckets count from; ``overdue_days``: Σ overdue × days
past due (Int128)."""

FLOWS = (
    "billed",
    "credits",
    "cash",
    "write_offs",
    "discounts",
    "fx",
    "refunds",
    "other",
    "paid",
    "paid_days",
    "paid_late_days",
    "paid_overdue_days",
    "paid_on_time",
    "paid_count",
    "paid_on_time_count",
)
"""Measures of a day. opening + billed − credits − cash − write_offs − discounts − fx − refunds − other = closing.
``paid…``: invoices' and debit memos' parts closed by cash: amount, amount × days to pay, × days beyond terms, × days
beyond terms with early ones as 0 (Int128), the amount paid by its due date, how many parts, and how many by then."""

MOVEMENT = FLOWS[:8]

_OWED = [list(Kind).index(Kind.INVOICE), list(Kind).index(Kind.DEBIT_MEMO)]
_PAYMENT = list(Kind).index(Kind.PAYMENT)
_CASH = list(SettledBy).index(SettledBy.CASH)
_SETTLED_AS = {
    "cash": SettledBy.CASH,
    "credits": SettledBy.CREDIT,
    "discounts": SettledBy.DISCOUNT,
    "write_offs": SettledBy.WRITE_OFF,
    "fx": SettledBy.FX,
    "refunds": SettledBy.REFUND,
    "other": SettledBy.OTHER,
}
# A payment, a credit memo and a journal reduce their line when they are posted, and cancel out when they are applied.
_POSTED_AS = {"cash": Kind.PAYMENT, "credits": Kind.CREDIT_MEMO, "other": Kind.JOURNAL}


def alive(slices: pl.LazyFrame, days: Sequence[date]) -> pl.LazyFrame:
    """Each slice once for every one of ``days`` (sorted) that it is open at the end of, as ``as_of``.

    The cost grows with what is open, not with slices × days.
    """
    ends = pl.Series("end", list(days), dtype=pl.Date)
    low = ends.search_sorted
    bounds = (
        _met(slices, days)
        .with_columns(
            _from=pl.col("opened_on").map_batches(lambda s: low(s, side="left"), return_dtype=pl.UInt32),
            _to=pl.when(pl.col("closed_on").is_null())
            .then(pl.lit(len(ends), pl.UInt32))
            .otherwise(
                pl.col("closed_on")
                .fill_null(date.max)
                .map_batches(lambda s: low(s, side="left"), return_dtype=pl.UInt32)
            ),
        )
        .filter(pl.col("_from") < pl.col("_to"))
    )
    index = pl.DataFrame({"_day": range(len(ends)), "as_of": ends}, schema_overrides={"_day": pl.UInt32}).lazy()
    return (
        bounds.with_columns(_day=pl.int_ranges("_from", "_to", dtype=pl.UInt32))
        .drop("_from", "_to")
        .explode("_day")
        .join(index, on="_day")
        .drop("_day")
    )


def _met(slices: pl.LazyFrame, days: Sequence[date]) -> pl.LazyFrame:
    """Slices that are open on some day from the first to the last: a plain filter, done before anything is joined."""
    if not days:
        return slices.limit(0)
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > days[0])
    return slices.filter((pl.col("opened_on") <= days[-1]) & still)


def positions(open_slices: pl.LazyFrame, by: Sequence[str], rule: AgingRule) -> pl.LazyFrame:
    """Balances per ``as_of``, ``by`` and ``bucket`` (code of ``rule.buckets``); see ``BALANCES``.

    ``open_slices``: slices with ``as_of, kind, basis, late_from, credit, disputed, amount, first``.
    """
    age = (pl.col("as_of") - pl.col("basis")).dt.total_days()
    owed = pl.when(~pl.col("credit")).then(pl.col("amount")).otherwise(0)
    bucket = rule.code(age)
    if rule.credits == "separate":
        bucket = pl.when("credit").then(pl.lit(rule.unapplied_code, pl.UInt8)).otherwise(bucket)
    late = (pl.col("as_of") - pl.col("late_from")).dt.total_days()
    overdue = pl.when(rule.overdue(late)).then(owed).otherwise(0)
    return (
        open_slices.with_columns(bucket.alias("bucket"))
        .group_by("as_of", *by, "bucket")
        .agg(
            amount=pl.col("amount").sum(),
            credit=(pl.col("amount") - owed).sum(),
            unapplied_cash=pl.when("credit", pl.col("kind") == _PAYMENT).then("amount").otherwise(0).sum(),
            count=pl.col("first").sum().cast(pl.Int64),
            overdue=overdue.sum(),
            over_90=pl.when(rule.beyond(late, 90)).then(owed).otherwise(0).sum(),
            overdue_days=(overdue.cast(pl.Int128) * late).sum(),
            disputed=pl.when("disputed").then(owed).otherwise(0).sum(),
        )
    )


def flows(
    documents: pl.LazyFrame,
    settlements: pl.LazyFrame,
    slices: pl.LazyFrame,
    by: Sequence[str],
    measures: Sequence[str] = FLOWS,
) -> pl.LazyFrame:
    """Movement per ``day`` and ``by``: the ``measures`` asked for, of ``FLOWS``.

    Args:
        documents: ``kind, posting_date, amount_rep`` and ``by``.
        settlements: ``day, kind, amount_rep`` and ``by`` of their document.
        slices: ``kind`` (of the document), ``document_date, due, closed_on, closed_by, amount`` and ``by``.
        by: columns to group by, beside the day.
        measures: what to sum; a source that none of them needs is not read.
    """
    closed = paid_slices(slices)
    sources = (
        (documents, "posting_date", _posted("amount_rep")),
        (settlements, "day", _settled("amount_rep")),
        (closed, "closed_on", _paid()),
    )
    # Summed before they meet: narrow passes instead of one wide one.
    parts = [
        rows.select(*by, pl.col(day).alias("day"), *wanted).group_by("day", *by).agg(pl.all().sum())
        for rows, day, lines in sources
        if (wanted := [line for name, line in lines.items() if name in measures])
    ]
    return pl.concat(parts, how="diagonal").group_by("day", *by).agg(pl.col(name).sum() for name in measures)


def owed() -> pl.Expr:
    """Whether a row's ``kind`` is an invoice or a debit memo."""
    return pl.col("kind").is_in(_OWED)


def paid_slices(slices: pl.LazyFrame) -> pl.LazyFrame:
    """The parts of invoices and debit memos that cash closed: what ``paid…`` counts."""
    return slices.filter((pl.col("closed_by") == _CASH) & owed() & (pl.col("amount") > 0))


def _posted(amount: str) -> dict[str, pl.Expr]:
    billed = pl.when(owed()).then(amount).otherwise(0)
    reduced = {
        line: pl.when(pl.col("kind") == list(Kind).index(kind)).then(-pl.col(amount)).otherwise(0)
        for line, kind in _POSTED_AS.items()
    }
    return {line: value.alias(line) for line, value in {"billed": billed, **reduced}.items()}


def _settled(amount: str) -> dict[str, pl.Expr]:
    return {
        line: pl.when(pl.col("kind") == list(SettledBy).index(kind)).then(amount).otherwise(0).alias(line)
        for line, kind in _SETTLED_AS.items()
    }


def _paid() -> dict[str, pl.Expr]:
    amount = pl.col("amount").cast(pl.Int128)
    days = (pl.col("closed_on") - pl.col("document_date")).dt.total_days()
    late = (pl.col("closed_on") - pl.col("due")).dt.total_days()
    return {
        "paid": pl.col("amount").alias("paid"),
        "paid_days": (amount * days).alias("paid_days"),
        "paid_late_days": (amount * late).alias("paid_late_days"),
        "paid_overdue_days": (amount * late.clip(lower_bound=0)).alias("paid_overdue_days"),
        "paid_on_time": pl.when(late <= 0).then("amount").otherwise(0).alias("paid_on_time"),
        "paid_count": pl.lit(1, pl.Int64).alias("paid_count"),
        "paid_on_time_count": (late <= 0).cast(pl.Int64).alias("paid_on_time_count"),
    }


def within(daily: pl.LazyFrame, windows: Sequence[Window]) -> pl.LazyFrame:
    """Each row of ``daily`` once for every window that its ``day`` lies in, as ``as_of`` (the window's last day).

    ``windows`` come sorted, starts and ends both rising; they may overlap.
    """
    if any(later.start < earlier.start or later.end < earlier.end for earlier, later in pairwise(windows)):
        raise ValueError("the windows are not in order")
    starts = pl.Series([w.start for w in windows], dtype=pl.Date)
    ends = pl.Series("as_of", [w.end for w in windows], dtype=pl.Date)
    index = pl.DataFrame({"_window": range(len(ends)), "as_of": ends}, schema_overrides={"_window": pl.UInt32}).lazy()
    return (
        daily.with_columns(
            _from=pl.col("day").map_batches(lambda s: ends.search_sorted(s, side="left"), return_dtype=pl.UInt32),
            _to=pl.col("day").map_batches(lambda s: starts.search_sorted(s, side="right"), return_dtype=pl.UInt32),
        )
        .filter(pl.col("_from") < pl.col("_to"))
        .with_columns(_window=pl.int_ranges("_from", "_to", dtype=pl.UInt32))
        .drop("_from", "_to")
        .explode("_window")
        .join(index, on="_window")
        .drop("_window")
    )


def at_rate(name: str, reporting: str) -> pl.Expr:
    """``amount_doc`` in the reporting currency at the row's ``rate`` (of ``document_currency``), as ``name``."""
    to_unit = pl.lit(10 ** digits(reporting), pl.Int64)
    return converted(pl.col("amount_doc"), pl.col("rate"), unit(pl.col("document_currency")), to_unit).alias(name)
