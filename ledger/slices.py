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
from ledger.schema import SettledBy

SLICES = {
    "document": pl.UInt32(),
    "opened_on": pl.Date(),
    "closed_on": pl.Date(),
    "closed_by": pl.UInt8(),
    "amount_doc": pl.Int64(),
    "amount": pl.Int64(),
    "first": pl.UInt8(),
    "excess": pl.Boolean(),
}
"""``document``: row of the documents table. ``closed_by``: position in ``SettledBy``, null while open. ``amount_doc``
and ``amount``: minor units of the document's and the reporting currency, signed as the document is. ``first``: 1 on
the slice that stands for its document when documents are counted. ``excess``: opened by settling too much."""

CODE = {kind.value: code for code, kind in enumerate(SettledBy)}


def reporting_share(settlements: pl.DataFrame, reporting_unit: int) -> pl.DataFrame:
    """Add ``amount_rep``: what each settlement takes off its document in the reporting currency.

    From the booked base amount where the document was converted from that (``_base_rate``), else by the document's
    own rate. A settlement without a base amount takes its share of the document's (``amount_base`` is filled in).
    Every conversion is of the running total, so that a document settled in full ends at exactly zero.

    Args:
        settlements: sorted by document, day and order; ``amount_doc, amount_base, base_currency`` and the document's
            ``_doc, _base, _rep`` amounts and ``_base_rate``.
        reporting_unit: minor units of one major unit of the reporting currency.
    """
    settled = running(pl.col("amount_doc"), "document")
    share = step(divided(settled.cast(pl.Int128) * pl.col("_base"), pl.col("_doc")), "document")
    based = settlements.with_columns(amount_base=pl.coalesce("amount_base", share))
    by_base = converted(
        running(pl.col("amount_base"), "document"),
        pl.col("_base_rate"),
        unit(pl.col("base_currency")),
        pl.lit(reporting_unit, pl.Int64),
    )
    by_document = divided(settled.cast(pl.Int128) * pl.col("_rep"), pl.col("_doc"))
    return based.with_columns(
        amount_rep=pl.when(pl.col("_base_rate").is_not_null() & pl.col("amount_base").is_not_null())
        .then(step(by_base, "document"))
        .when(pl.col("_doc") == pl.col("_rep"))
        .then("amount_doc")
        .otherwise(step(by_document, "document").fill_null(0))
    )


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
    last = pl.col("document") != pl.col("document").shift(-1)
    cut = cut.with_columns(first=last.fill_null(value=True).cast(pl.UInt8), excess=pl.lit(value=False))
    walked = _walked(documents, joined, odd)
    return pl.concat([cut.select(list(SLICES)), walked]).sort("document", maintain_order=True)


def _odd_documents(joined: pl.DataFrame) -> pl.DataFrame:
    """Documents whose balance leaves the straight way from amount to zero: reversed or settled beyond the amount."""
    sign = pl.col("_doc").sign()
    straight = (pl.col("amount_doc") * sign >= 0).all() & (
        pl.col("amount_doc").sum().abs() <= pl.col("_doc").first().abs()
    )
    zero = pl.col("_doc").first() == 0
    moved = (pl.col("amount_doc") != 0).any()
    return joined.group_by("document").agg(odd=~straight | (zero & moved)).filter("odd").select("document")


Event = tuple[date, int, int, int]
"""Day, kind, amount in document currency and in reporting currency."""

Cut = tuple[date, date | None, int | None, int, int, int, bool]
"""A slice without its document: the columns of ``SLICES`` from ``opened_on`` on."""


@dataclass
class _Open:
    amount: int
    rep: int
    opened_on: date
    excess: bool


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
    stack = [_Open(amount, rep, posted, excess=False)]
    for day, kind, part, part_rep in events:
        left, left_rep = part, part_rep
        if part == 0 and part_rep:  # an exchange difference: base money only
            stack[-1].rep -= part_rep
            yield (stack[-1].opened_on, day, kind, 0, part_rep, 0, stack[-1].excess)
        while left and stack[-1].amount and (left > 0) == (stack[-1].amount > 0):
            top = stack[-1]
            size = min(abs(left), abs(top.amount))
            took = size if left > 0 else -size
            took_rep = left_rep * took // left
            top.amount, top.rep = top.amount - took, top.rep - took_rep
            left, left_rep = left - took, left_rep - took_rep
            ended = top.amount == 0
            yield (top.opened_on, day, kind, took, took_rep, int(ended and len(stack) == 1), top.excess)
            if ended and len(stack) > 1:
                closed = stack.pop()
                stack[-1].rep += closed.rep  # what the rate left over stays with the document
        if left:  # the balance moves away from zero: this part opens today, and its cause has no length
            yield (day, day, kind, left, left_rep, 0, True)
            settled = len(stack) == 1 and stack[0].amount == 0
            if settled and stack[0].rep:
                yield (stack[0].opened_on, None, None, 0, stack[0].rep, 0, stack[0].excess)
            opened = _Open(-left, -left_rep, day, excess=settled and (left > 0) == (amount > 0))
            stack = [opened] if settled else [*stack, opened]
    for part in stack:
        if part.amount or part.rep:
            yield (part.opened_on, None, None, part.amount, part.rep, int(part is stack[0]), part.excess)


def with_age_basis(cut: pl.DataFrame, documents: pl.DataFrame, rule: AgingRule) -> pl.DataFrame:
    """Add ``basis`` (the date age counts from) and ``credit`` (an unapplied credit, whatever document it is from).

    A part opened by settling too much is as old as the day it arose. A base-only part (an exchange difference) goes
    where its document's money is.
    """
    facts = documents.select(
        "document",
        _basis=pl.col(rule.basis) if rule.basis != "due_date" else pl.coalesce("due_date", "document_date"),
        _sign=pl.when(pl.col("amount_doc") != 0).then(pl.col("amount_doc")).otherwise(pl.col("amount_rep")),
    )
    side = pl.when(pl.col("amount_doc") != 0).then(pl.col("amount_doc")).otherwise(pl.col("_sign"))
    return (
        cut.join(facts, on="document", how="left", maintain_order="left")
        .with_columns(
            basis=pl.when("excess").then("opened_on").otherwise("_basis"),
            credit=side < 0,
        )
        .drop("_basis", "_sign", "excess")
    )
