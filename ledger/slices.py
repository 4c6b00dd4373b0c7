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
from ledger.money import divided, exchanged
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
    based = _with_base(settlements)
    by_base = (based["_base_rate"].is_not_null() & based["amount_base"].is_not_null()).alias("_by_base")
    shares = based.select(
        by_base,
        "amount_doc",
        by_document=pl.col("_document_rate").is_not_null(),
        from_base=_taken(based, "amount_base", "_base_rate", "base_currency", reporting_unit)
        if by_base.any()
        else pl.lit(None, pl.Int64),
        from_document=pl.lit(None, pl.Int64)
        if by_base.all()
        else _taken(based, "amount_doc", "_document_rate", "currency", reporting_unit),
    )
    amount = pl.when("_by_base").then("from_base").when("by_document").then("from_document").otherwise("amount_doc")
    return based.with_columns(shares.select(amount_rep=amount).to_series())


def _taken(rows: pl.DataFrame, amount: str, rate: str, currency: str, reporting_unit: int) -> pl.Series:
    """What each row takes off its document in the reporting currency: steps of the running total, converted."""
    total = rows.select("document", rate, currency, running(pl.col(amount), "document").alias(amount))
    reported = exchanged(total, amount, rate, currency, reporting_unit)
    return total.select("document").with_columns(reported).select(step(pl.col(amount), "document")).to_series()


def _with_base(settlements: pl.DataFrame) -> pl.DataFrame:
    """Fill ``amount_base``: where a document's settlements have none, its amount is shared out as they take it off.

    Where some have one and others do not, those take their share of the base money that is still open then.
    """
    missing = pl.col("amount_base").is_null()
    lacking = settlements.select(missing & pl.col("_base").is_not_null()).to_series()
    if not lacking.any():
        return settlements
    settled = settlements.select("document", "_doc", "_base", settled=running(pl.col("amount_doc"), "document"))
    share = settled.select(
        step(divided(pl.col("settled").cast(pl.Int128) * pl.col("_base"), pl.col("_doc")), "document")
    )
    filled = settlements.select(pl.coalesce("amount_base", share.to_series().alias("_share"))).to_series()
    # Within a document some row has one and its neighbour has none.
    differs = (missing != missing.shift(1)) & (pl.col("document") == pl.col("document").shift(1))
    mixed = settlements.filter(differs & pl.col("_base").is_not_null())["document"].unique()
    if mixed.len():
        odd = settlements["document"].is_in(mixed.implode()).arg_true()
        filled = filled.scatter(odd, pl.Series(list(_shared(settlements[odd])), dtype=pl.Int64))
    return settlements.with_columns(filled)


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
        documents: ``document, posting_date, amount_doc, amount_rep``, one row each, numbered from 0.
        settlements: ``document, day, kind, amount_doc, amount_rep`` sorted by document, day and order; ``day`` is
            the later of the settlement's day and the document's posting date.

    Returns:
        ``SLICES``, sorted by document.
    """
    at = settlements["document"]
    joined = settlements.with_columns(
        documents["posting_date"].gather(at),
        documents["amount_doc"].gather(at).alias("_doc"),
        documents["amount_rep"].gather(at).alias("_rep"),
    ).with_columns(
        _settled=running(pl.col("amount_doc"), "document"), _settled_rep=running(pl.col("amount_rep"), "document")
    )
    odd = _odd_documents(joined)
    settled, remaining = _settled(joined), _remaining(documents, joined)
    if odd.height:
        straight = ~pl.col("document").is_in(odd["document"].implode())
        settled, remaining = settled.filter(straight), remaining.filter(straight)
    # What is left of a document comes last: sorting by document alone keeps the days of the settlements in order.
    cut = pl.concat([settled, remaining]).sort("document", maintain_order=True)
    # The slice that closes last is open exactly as long as its document is: it stands for it in counts.
    last = (pl.col("document") != pl.col("document").shift(-1)).fill_null(value=True)
    credit = documents.select(credit=pl.coalesce(_no_zero("amount_doc"), "amount_rep") < 0).to_series()
    cut = cut.with_columns(
        first=last.cast(pl.UInt8), excess=pl.lit(value=False), credit=credit.gather(cut["document"])
    ).select(list(SLICES))
    if odd.is_empty():
        return cut
    return pl.concat([cut, _walked(documents, joined, odd)]).sort("document", maintain_order=True)


def _settled(joined: pl.DataFrame) -> pl.DataFrame:
    """The slices that settlements cut off."""
    return joined.filter((pl.col("amount_doc") != 0) | (pl.col("amount_rep") != 0)).select(
        "document",
        opened_on="posting_date",
        closed_on="day",
        closed_by="kind",
        amount_doc="amount_doc",
        amount="amount_rep",
    )


def _remaining(documents: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """The slices that are still open: what the last settlement of each document left of it."""
    last = (pl.col("document") != pl.col("document").shift(-1)).fill_null(value=True)
    taken = joined.lazy().select("document", "_settled", "_settled_rep").filter(last).collect()

    def left(amount: str, settled: str) -> pl.Series:
        nothing = pl.zeros(documents.height, pl.Int64, eager=True)
        return documents[amount] - nothing.scatter(taken["document"], taken[settled])

    rows = documents.select("document", opened_on="posting_date").with_columns(
        amount_doc=left("amount_doc", "_settled"), amount=left("amount_rep", "_settled_rep")
    )
    return rows.filter((pl.col("amount_doc") != 0) | (pl.col("amount") != 0)).select(
        "document",
        "opened_on",
        closed_on=pl.lit(None, pl.Date),
        closed_by=pl.lit(None, pl.UInt8),
        amount_doc="amount_doc",
        amount="amount",
    )


def _no_zero(amount: str) -> pl.Expr:
    return pl.when(pl.col(amount) != 0).then(pl.col(amount))


def _odd_documents(joined: pl.DataFrame) -> pl.DataFrame:
    """Documents whose balance leaves the straight way from amount to zero.

    Reversed, settled beyond the amount, or moved again by an exchange difference when nothing was open any more.
    """
    sign = pl.col("_doc").sign()
    doc, before = pl.col("_settled"), pl.col("_settled_rep") - pl.col("amount_rep")
    nothing_open = (doc == pl.col("_doc")) & (before == pl.col("_rep")) & (pl.col("amount_rep") != 0)
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
    due = documents.select(pl.coalesce("due_date", "document_date")).to_series()
    basis = due if rule.basis == "due_date" else documents[rule.basis]
    at = cut["document"]
    dates = {"basis": basis.gather(at), "late_from": due.gather(at)}
    if cut["excess"].any():
        dates = {
            name: cut.select(pl.when("excess").then("opened_on").otherwise(day)).to_series()
            for name, day in dates.items()
        }
    return cut.drop("excess").with_columns(**dates)
