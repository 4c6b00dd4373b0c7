"""Open intervals: each part of a document, from the day it opens to the day it is settled.

The one idea everything rests on. A settlement cuts a slice off its document; what is left is a slice that is still
open. What was owed at the end of day *t* is the sum of the slices with ``opened_on <= t`` and ``closed_on`` null or
later than *t*. Slices of one document sum to its amount, in document and in reporting currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from ledger.aging import AgingRule
from ledger.money import converted, divided, unit
from ledger.running import running, step

SLICES = {
    "document": pl.UInt32(),
    "opened_on": pl.Date(),
    "closed_on": pl.Date(),
    "closed_by": pl.UInt8(),
    "amount_doc": pl.Int64(),
    "amount": pl.Int64(),
    "first": pl.UInt8(),
    "credit": pl.Boolean(),
    "excess": pl.Boolean(),
}
"""``document``: row of the documents table. ``closed_by``: position in ``SettledBy``, null while open and where nothing
is closed. ``amount_doc`` and ``amount``: minor units of the document's and the reporting currency, signed as the
document is. ``first``: 1 on the slice that stands for its document when documents are counted. ``credit``: an unapplied
credit while it is open. ``excess``: opened by settling too much."""


def reporting_share(settlements: pl.DataFrame, reporting_unit: int) -> pl.DataFrame:
    """Add ``amount_rep``: what each settlement takes off its document in the reporting currency.

    From the booked base amount where the document was converted from that (``_base_rate``), else by the document's
    own rate. A settlement without a base amount takes its share of the document's (``amount_base`` is filled in).
    Every conversion is of the running total, so that a document settled in full ends at exactly zero.

    Args:
        settlements: sorted by document, day and order; ``amount_doc, amount_base, base_currency`` and the document's
            ``currency``, amounts ``_doc, _base`` and rates ``_base_rate, _document_rate`` (null: not converted).
        reporting_unit: minor units of one major unit of the reporting currency.
    """
    settled = running(pl.col("amount_doc"), "document")
    based = _with_base(settlements)
    by_base = converted(
        running(pl.col("amount_base"), "document"),
        pl.col("_base_rate"),
        unit(pl.col("base_currency")),
        pl.lit(reporting_unit, pl.Int64),
    )
    by_document = converted(
        settled, pl.col("_document_rate"), unit(pl.col("currency")), pl.lit(reporting_unit, pl.Int64)
    )
    return based.with_columns(
        amount_rep=pl.when(pl.col("_base_rate").is_not_null() & pl.col("amount_base").is_not_null())
        .then(step(by_base, "document"))
        .when(pl.col("_document_rate").is_not_null())
        .then(step(by_document, "document"))
        .otherwise("amount_doc")
    )


def _with_base(settlements: pl.DataFrame) -> pl.DataFrame:
    """Fill ``amount_base``: where a document's settlements have none, its amount is shared out as they take it off.

    Where some have one and others do not, those take their share of the base money that is still open then.
    """
    settled = running(pl.col("amount_doc"), "document")
    share = step(divided(settled.cast(pl.Int128) * pl.col("_base"), pl.col("_doc")), "document")
    missing = pl.col("amount_base").is_null()
    mixed = (
        settlements.filter(pl.col("_base").is_not_null())
        .group_by("document")
        .agg(mixed=missing.any() & ~missing.all())
        .filter("mixed")
        .select("document")
    )
    filled = settlements.with_columns(amount_base=pl.coalesce("amount_base", share))
    if mixed.is_empty():
        return filled
    odd = settlements.join(mixed, on="document", how="semi", maintain_order="left")
    shared = pl.Series("amount_base", list(_shared(odd)), dtype=pl.Int64)
    plain = filled.join(mixed, on="document", how="anti", maintain_order="left")
    return pl.concat([plain, odd.with_columns(shared)]).sort("document", maintain_order=True)


def _shared(settlements: pl.DataFrame) -> Iterator[int]:
    document, owed, base = None, 0, 0
    columns = ("document", "_doc", "_base", "amount_doc", "amount_base")
    for number, whole, whole_base, part, given in settlements.select(columns).iter_rows():
        if number != document:
            document, owed, base = number, whole, whole_base
        took = given if given is not None else base * part // owed if owed else 0
        owed, base = owed - part, base - took
        yield took


def slices(documents: pl.DataFrame, settlements: pl.DataFrame) -> pl.DataFrame:
    """The open intervals of a ledger.

    Args:
        documents: ``document, posting_date, amount_doc, amount_rep``, one row each.
        settlements: ``document, day, kind, amount_doc, amount_rep`` sorted by document, day and order; ``day`` is
            the later of the settlement's day and the document's posting date.

    Returns:
        ``SLICES``, sorted by document.
    """
    joined = settlements.join(
        documents.select("document", "posting_date", _doc="amount_doc", _rep="amount_rep"), on="document", how="left"
    )
    odd = _odd_documents(joined)
    plain = joined.join(odd, on="document", how="anti") if odd.height else joined
    settled = plain.filter((pl.col("amount_doc") != 0) | (pl.col("amount_rep") != 0)).select(
        "document",
        opened_on="posting_date",
        closed_on="day",
        closed_by="kind",
        amount_doc="amount_doc",
        amount="amount_rep",
    )
    taken = settled.group_by("document").agg(_doc=pl.col("amount_doc").sum(), _rep=pl.col("amount").sum())
    left = documents.join(odd, on="document", how="anti") if odd.height else documents
    remaining = (
        left.join(taken, on="document", how="left")
        .select(
            "document",
            opened_on="posting_date",
            closed_on=pl.lit(None, pl.Date),
            closed_by=pl.lit(None, pl.UInt8),
            amount_doc=pl.col("amount_doc") - pl.col("_doc").fill_null(0),
            amount=pl.col("amount_rep") - pl.col("_rep").fill_null(0),
        )
        .filter((pl.col("amount_doc") != 0) | (pl.col("amount") != 0))
    )
    cut = pl.concat([settled, remaining]).sort("document", "closed_on", nulls_last=True, maintain_order=True)
    # The slice that closes last is open exactly as long as its document is: it stands for it in counts.
    last = (pl.col("document") != pl.col("document").shift(-1)).fill_null(value=True)
    sides = documents.select("document", credit=pl.coalesce(_no_zero("amount_doc"), "amount_rep") < 0)
    cut = cut.with_columns(first=last.cast(pl.UInt8), excess=pl.lit(value=False)).join(sides, on="document", how="left")
    walked = _walked(documents, joined, odd)
    return pl.concat([cut.select(list(SLICES)), walked]).sort("document", maintain_order=True)


def _no_zero(amount: str) -> pl.Expr:
    return pl.when(pl.col(amount) != 0).then(pl.col(amount))


def _odd_documents(joined: pl.DataFrame) -> pl.DataFrame:
    """Documents whose balance leaves the straight way from amount to zero.

    Reversed, settled beyond the amount, or moved again by an exchange difference when nothing was open any more.
    """
    sign = pl.col("_doc").sign()
    doc, rep = running(pl.col("amount_doc"), "document"), running(pl.col("amount_rep"), "document")
    nothing_open = (
        (doc == pl.col("_doc")) & (rep - pl.col("amount_rep") == pl.col("_rep")) & (pl.col("amount_rep") != 0)
    )
    odd = (
        (pl.col("amount_doc") * sign < 0)
        | (doc.abs() > pl.col("_doc").abs())
        | ((pl.col("amount_doc") == 0) & nothing_open)
    )
    return joined.filter(odd).select("document").unique()


Event = tuple[date, int, int, int]
"""Day, kind, amount in document currency and in reporting currency."""

Cut = tuple[date, date | None, int | None, int, int, int, bool, bool]
"""A slice without its document: the columns of ``SLICES`` from ``opened_on`` on."""


@dataclass
class _Open:
    """A part that is open: document money and base money, or base money alone."""

    amount: int
    rep: int
    opened_on: date
    credit: bool
    excess: bool = False

    def cut(self, day: date | None, kind: int | None, amount: int, rep: int) -> Cut:
        """A slice of this part that closes on ``day``."""
        return (self.opened_on, day, kind, amount, rep, 0, self.credit, self.excess)


@dataclass
class _Counted:
    """Which part stands for the document in counts, and since when: a slice without money marks it."""

    part: _Open | None
    since: date

    def moved_to(self, part: _Open | None, day: date | None) -> Iterator[Cut]:
        if self.part is not None and part is not self.part and self.since != day:
            yield (self.since, day, None, 0, 0, 1, self.part.credit, self.part.excess)
        if part is not self.part and day is not None:
            self.part, self.since = part, day


def _walked(documents: pl.DataFrame, joined: pl.DataFrame, odd: pl.DataFrame) -> pl.DataFrame:
    """Slices of the few odd documents, one settlement at a time. The last part opened is the first to close."""
    schema = SLICES
    if odd.is_empty():
        return pl.DataFrame(schema=schema)
    heads = documents.join(odd, on="document", how="semi").select(
        "document", "posting_date", "amount_doc", "amount_rep"
    )
    events = (
        joined.join(odd, on="document", how="semi")
        .group_by("document", maintain_order=True)
        .agg("day", "kind", "amount_doc", "amount_rep")
    )
    rows = [
        (document, *cut)
        for document, posted, amount, rep, days, kinds, amounts, reps in heads.join(events, on="document").iter_rows()
        for cut in _walk(posted, amount, rep, zip(days, kinds, amounts, reps, strict=True))
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _walk(posted: date, amount: int, rep: int, events: Iterable[Event]) -> Iterator[Cut]:
    owed = _Open(amount, rep, posted, credit=(amount or rep) < 0)
    stack = [owed] if amount else []
    # Base money that outlives its document money: what the rates left over.
    left_over = [owed] if rep and not amount else []
    counted = _Counted(owed if amount or rep else None, posted)
    for day, kind, part, part_rep in events:
        if part:
            yield from _settle(day, kind, part, part_rep, stack, left_over, owed=amount)
        elif part_rep:  # a settlement of nothing opens and closes nothing
            side = owed.credit if amount or rep else part_rep > 0
            yield from _difference(day, kind, part_rep, stack, left_over, credit=side)
        still_open = [*stack, *(base for base in left_over if base.rep)]
        yield from counted.moved_to(still_open[0] if still_open else None, day)
    yield from counted.moved_to(None, None)
    for part in [*stack, *left_over]:
        if part.amount or part.rep:
            yield part.cut(None, None, part.amount, part.rep)


def _settle(
    day: date, kind: int, left: int, left_rep: int, stack: list[_Open], left_over: list[_Open], *, owed: int
) -> Iterator[Cut]:
    """A settlement closes what is open, the last part first; what it has left opens the opposite."""
    while left and stack and (left > 0) == (stack[-1].amount > 0):
        top = stack[-1]
        # What is more than enough takes all the base money there is; the rest of its own goes to the excess.
        enough = abs(left) <= abs(top.amount)
        took, took_rep = (left, left_rep) if enough else (top.amount, top.rep)
        left, left_rep = left - took, left_rep - took_rep
        top.amount, top.rep = top.amount - took, top.rep - took_rep
        yield top.cut(day, kind, took, took_rep)
        if top.amount == 0:
            stack.pop()
            left_over += [top] if top.rep else []
    if left:  # the balance moves away from zero: this part opens today, and its cause has no length
        # What is settled too much, or taken back, closes nothing: it is no payment of this document.
        yield (day, day, None, left, left_rep, 0, left < 0, True)
        beyond = not owed or (left > 0) == (owed > 0)
        stack.append(_Open(-left, -left_rep, day, credit=left > 0, excess=beyond))


def _difference(
    day: date, kind: int, rep: int, stack: list[_Open], left_over: list[_Open], *, credit: bool
) -> Iterator[Cut]:
    """An exchange difference: base money only. It is taken off what is open, or opens what the rates left over."""
    if not stack and not left_over:
        yield (day, day, kind, 0, rep, 0, credit, False)
        left_over.append(_Open(0, -rep, day, credit=credit))
        return
    part = (stack or left_over)[-1]
    part.rep -= rep
    yield part.cut(day, kind, 0, rep)


def with_age_basis(cut: pl.DataFrame, documents: pl.DataFrame, rule: AgingRule) -> pl.DataFrame:
    """Add ``basis``, the date that aging counts from, and ``late_from``, the due date.

    For a part opened by settling too much both are the day it arose. A missing due date is the document date.
    """
    due = pl.coalesce("due_date", "document_date")
    dates = documents.select("document", _due=due, _basis=due if rule.basis == "due_date" else pl.col(rule.basis))
    return (
        cut.join(dates, on="document", how="left", maintain_order="left")
        .with_columns(
            basis=pl.when("excess").then("opened_on").otherwise("_basis"),
            late_from=pl.when("excess").then("opened_on").otherwise("_due"),
        )
        .drop("_basis", "_due", "excess")
    )
