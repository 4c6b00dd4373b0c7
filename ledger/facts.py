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
from ledger.days import between, number
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
_LINE_OF_KIND = [
    MOVEMENT.index(dict(zip(_POSTED_AS.values(), _POSTED_AS, strict=True)).get(kind, "billed")) for kind in Kind
]
_LINE_OF_SETTLEMENT = [
    MOVEMENT.index(dict(zip(_SETTLED_AS.values(), _SETTLED_AS, strict=True))[by]) for by in SettledBy
]
_PAID = len(MOVEMENT)
_LINES = 16
_CELLS = 2**32


def alive(slices: pl.LazyFrame, days: Sequence[date]) -> pl.LazyFrame:
    """Each slice once for every one of ``days`` (sorted) that it is open at the end of, as ``as_of``.

    The cost grows with what is open, not with slices × days.
    """
    if len(days) == 1:
        return _met(slices, days).with_columns(as_of=pl.lit(days[0], pl.Date))
    ends = pl.Series("as_of", list(days), dtype=pl.Date)
    closed = pl.when(pl.col("closed_on").is_null()).then(pl.lit(len(ends), pl.UInt32))
    return (
        _met(slices, days)
        .with_columns(
            _from=_first_from(ends, pl.col("opened_on")),
            _to=closed.otherwise(_first_from(ends, pl.col("closed_on").fill_null(date.max))),
        )
        .filter(pl.col("_from") < pl.col("_to"))
        .with_columns(as_of=pl.int_ranges("_from", "_to", dtype=pl.UInt32))
        .drop("_from", "_to")
        .explode("as_of")
        .with_columns(pl.col("as_of").map_batches(ends.gather, return_dtype=pl.Date(), is_elementwise=True))
    )


def _first_from(ends: pl.Series, day: pl.Expr) -> pl.Expr:
    """The place of the first of ``ends`` that is not before ``day``."""

    def place(days: pl.Series) -> pl.Series:
        return ends.search_sorted(days, side="left")

    return day.map_batches(place, return_dtype=pl.UInt32(), is_elementwise=True)


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
    age = between(pl.col("basis"), pl.col("as_of"))
    owed = pl.when(~pl.col("credit")).then(pl.col("amount")).otherwise(0)
    bucket = rule.code(age)
    if rule.credits == "separate":
        bucket = pl.when("credit").then(pl.lit(rule.unapplied_code, pl.UInt8)).otherwise(bucket)
    late = between(pl.col("late_from"), pl.col("as_of"))
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


def daily(documents: pl.DataFrame, settlements: pl.DataFrame, slices: pl.DataFrame) -> pl.DataFrame:
    """``flows`` by cell, of whole tables: the same numbers, sorted by day and cell, sooner.

    A row adds to one line of ``MOVEMENT``. So the lines are summed one below the other, by one number that holds day,
    cell and line, and put side by side afterwards.
    """
    sign = pl.when(owed()).then(pl.col("amount_rep")).otherwise(0 - pl.col("amount_rep"))
    moved = (
        documents.lazy().select(_key=_key("posting_date", _line(_LINE_OF_KIND)), value=sign),
        settlements.lazy().select(_key=_key("day", _line(_LINE_OF_SETTLEMENT)), value="amount_rep"),
    )
    paid = (
        paid_slices(slices.lazy())
        .select(_key=_key("closed_on", pl.lit(_PAID, pl.Int64)), **_paid())
        .group_by("_key")
        .agg(pl.all().sum())
        .collect(engine="streaming")
    )
    places = paid.lazy().select("_key", value=pl.int_range(pl.len(), dtype=pl.Int64))
    summed = pl.concat(moved).group_by("_key").agg(pl.col("value").sum())
    lines = pl.concat([summed, places]).sort("_key").collect(engine="streaming")
    return _side_by_side(lines, paid.drop("_key"))


def _key(day: str, line: pl.Expr) -> pl.Expr:
    """Day, cell and line as one number, which sorts as they do."""
    return (number(pl.col(day)).cast(pl.Int64) * _CELLS + pl.col("cell").cast(pl.Int64)) * _LINES + line


def _line(lines: Sequence[int]) -> pl.Expr:
    """The place in ``MOVEMENT`` that the ``kind`` of a row adds to."""
    found = pl.lit(lines[0], pl.Int64)
    for kind, line in enumerate(lines):
        found = pl.when(pl.col("kind") == kind).then(pl.lit(line, pl.Int64)).otherwise(found)
    return found


def _side_by_side(lines: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """A row a day and cell of ``lines`` (``_key, value``, sorted), whose line ``_PAID`` names a row of ``paid``."""
    keyed = lines.select(_row=pl.col("_key") // _LINES, line=(pl.col("_key") % _LINES).cast(pl.UInt8), value="value")
    begins = keyed.select((pl.col("_row") != pl.col("_row").shift(1)).fill_null(value=True)).to_series()
    rows = keyed["_row"].filter(begins)
    at = begins.cast(pl.UInt32).cum_sum() - 1
    side = rows.to_frame().select(
        day=(pl.col("_row") // _CELLS).cast(pl.Int32).cast(pl.Date), cell=(pl.col("_row") % _CELLS).cast(pl.UInt32)
    )
    columns: list[pl.Series] = []
    for line, name in enumerate(MOVEMENT):
        own = (keyed["line"] == line).arg_true()
        nothing = pl.zeros(len(rows), pl.Int64, eager=True).alias(name)
        columns.append(nothing.scatter(at.gather(own), keyed["value"].gather(own)))
    own = (keyed["line"] == _PAID).arg_true()
    where, which = at.gather(own), keyed["value"].gather(own)
    for name, dtype in paid.schema.items():
        nothing = pl.zeros(len(rows), dtype, eager=True).alias(name)
        columns.append(nothing.scatter(where, paid[name].gather(which)))
    return side.with_columns(columns)


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
    days = between(pl.col("document_date"), pl.col("closed_on"))
    late = between(pl.col("due"), pl.col("closed_on"))
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
