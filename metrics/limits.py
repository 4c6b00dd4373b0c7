"""Credit limits: what is owed against what was granted, families counted as one.

A holder of a limit is a customer with a ``credit_limit`` in the customer master. Its exposure is what it and all its
descendants owe in the chosen scope, net of unapplied credits, and at least 0. No limit is not a limit of zero: without
a limit a customer can be over none, with a limit of zero every exposure is over it. A limit below zero is read as
none. Limits are in the reporting currency.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.book import Book
from ledger.conversion import Conversion
from ledger.families import families, parents
from ledger.money import RATE, RATE_SCALE, digits, major
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.question import Question

ZERO_LIMIT = "a limit of zero"


def credit_limits(book: Book, day: date, scope: Scope = COMPANY) -> pl.DataFrame:
    """``as_of, currency, customer, level, members, limit, exposure, utilisation, over_limit, note``.

    One row a holder of a limit with something open, its own or its descendants', at the close of ``day``; the most
    over its limit first. ``level`` is ``group`` for a customer with others below it, ``members`` how many the exposure
    is of, itself included. ``utilisation`` is exposure ÷ limit, above 1 when over, and null at a limit of zero;
    ``over_limit`` is exposure − limit, at least 0. Money is in major units.

    Where a parent and its child are both over, both rows say so: the metric ``over_limit`` counts that money once.
    Where currencies are never added limits cannot be compared: those columns are null, with a note.
    """
    held, names = book.holdings([day], scope, ())
    drawn = _exposures(book, held)
    sizes = book.once(_sizes)
    ids = book.frames["customers"]["customer_id"]
    exposure, limit = pl.col("_exposure"), pl.col("_limit")
    comparable = pl.lit(not _apart(book))
    over = pl.when(comparable).then((exposure - limit).clip(lower_bound=0))
    zero = pl.when(limit == 0).then(pl.lit(ZERO_LIMIT))
    return (
        names[drawn["_row"]]
        .hstack(drawn)
        .with_columns(over.alias("_over"), members=pl.lit(sizes).gather(pl.col("_holder")))
        .sort("as_of", CURRENCY, "_over", "_exposure", "_holder", descending=[False, False, True, True, False])
        .select(
            "as_of",
            CURRENCY,
            customer=pl.lit(ids).gather(pl.col("_holder")),
            level=pl.when(pl.col("members") > 1).then(pl.lit("group")).otherwise(pl.lit("customer")),
            members="members",
            limit=pl.when(comparable).then(major(limit, pl.col(CURRENCY))),
            exposure=major(exposure, pl.col(CURRENCY)),
            utilisation=pl.when(comparable & (limit > 0)).then(exposure.cast(pl.Float64) / limit.cast(pl.Float64)),
            over_limit=major(pl.col("_over"), pl.col(CURRENCY)),
            note=pl.when(comparable).then(zero).otherwise(pl.lit(_apart_note(book))),
        )
    )


def credit_utilisation(asked: Question) -> pl.DataFrame:
    """Exposure of the topmost holders ÷ their limits: ``as_of, <by…>, currency, value, numerator, denominator, note``.

    A row a group in which a holder has something open. A topmost holder has no other holder above it, so that no
    balance and no limit counts twice. Of each window only its last day counts.
    """
    book, keys = asked.book, asked.keys
    topmost = asked.once(_drawn).filter(~pl.lit(book.once(_under_others)).gather(pl.col("_holder")))
    summed = topmost.group_by("_row", maintain_order=True).agg(
        numerator=pl.col("_exposure").sum(), denominator=pl.col("_limit").cast(pl.Int128).sum()
    )
    numerator, denominator = pl.col("numerator").cast(pl.Float64), pl.col("denominator").cast(pl.Float64)
    reason = (
        pl.lit(_apart_note(book)) if _apart(book) else pl.when(denominator == 0).then(pl.lit("every limit is zero"))
    )
    return asked.named(summed).select(
        *keys,
        value=pl.when(pl.lit(not _apart(book)) & (denominator > 0)).then(numerator / denominator),
        numerator=numerator,
        denominator=pl.when(pl.lit(not _apart(book))).then(denominator),
        note=reason,
    )


def over_limit(asked: Question) -> pl.DataFrame:
    """What is owed beyond limits: ``as_of, <by…>, currency, value, numerator, denominator, note``, in minor units.

    A row a group in which a holder has something open. The excess of a member is the larger of its own and the sum of
    what is over below it, so that no money is over two limits. Of each window only its last day counts.
    """
    book, keys = asked.book, asked.keys
    drawn = asked.once(_drawn)
    excess = drawn.filter(pl.col("_exposure") > pl.col("_limit")).select(
        "_row", "_holder", _excess=pl.col("_exposure") - pl.col("_limit")
    )
    top = _carried_up(excess, book.once(_links))
    value = pl.when(pl.lit(not _apart(book))).then(pl.col("_excess").fill_null(0))
    return asked.named(drawn.select("_row").unique().join(top, on="_row", how="left")).select(
        *keys,
        value=value,
        numerator=value,
        denominator=pl.lit(None, pl.Int64),
        note=pl.lit(_apart_note(book) if _apart(book) else None, pl.String),
    )


def _carried_up(excess: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """``_row, _excess``: what is over, summed over the heads of families.

    Level by level from the bottom, a member's excess is the larger of its own and the sum of its children's.

    Args:
        excess: ``_row, _holder, _excess``: what each is over by itself.
        links: ``_holder, _parent, _depth``: everyone's parent, and how many are above.
    """
    up = links.select("_holder", "_parent")
    own = excess.join(links.select("_holder", "_depth"), on="_holder")
    deepest = own["_depth"].max()
    below = excess.clear()
    for depth in range(deepest if isinstance(deepest, int) else 0, 0, -1):
        level = _larger(own.filter(pl.col("_depth") == depth).select(excess.columns), below)
        below = level.join(up, on="_holder").group_by("_row", _holder="_parent").agg(pl.col("_excess").sum())
    heads = _larger(own.filter(pl.col("_depth") == 0).select(excess.columns), below)
    return heads.group_by("_row").agg(pl.col("_excess").sum())


def _larger(own: pl.DataFrame, below: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([own, below]).group_by("_row", "_holder").agg(pl.col("_excess").max())


def _tree(book: Book) -> pl.DataFrame:
    return families(book.frames["customers"])


def _links(book: Book) -> pl.DataFrame:
    """``_holder, _parent, _depth``: everyone's parent by number, and how many are above them."""
    depths = book.once(_tree).group_by(_holder="customer").agg(_depth=pl.col("depth").max())
    return parents(book.frames["customers"]).select(_holder="customer", _parent="parent").join(depths, on="_holder")


def _sizes(book: Book) -> pl.Series:
    """How many are in everyone's family, themselves included, by customer number."""
    sizes = book.once(_tree).group_by("ancestor").agg(pl.len().cast(pl.Int64)).sort("ancestor")
    return sizes["len"]


def _alone(book: Book) -> pl.Series:
    """The limit of everyone who has one and nobody below, by customer number; null for all others."""
    limits = book.frames["customers"].select(_holder="customer").join(_holders(book), on="_holder", how="left")
    return limits.sort("_holder").select(pl.when(pl.lit(book.once(_sizes)) == 1).then("_limit")).to_series()


def _counted(book: Book) -> pl.DataFrame:
    """``_debtor, _holder, _limit``: everyone in the family of a holder with others below it, itself included."""
    heads = _holders(book).filter(pl.lit(book.once(_sizes)).gather(pl.col("_holder")) > 1)
    return (
        book.once(_tree)
        .join(heads, left_on="ancestor", right_on="_holder")
        .select(_debtor="customer", _holder="ancestor", _limit="_limit")
    )


def _under_others(book: Book) -> pl.Series:
    """Who has another holder of a limit above them, by customer number."""
    above = book.once(_tree).filter(pl.col("depth") > 0)
    under = above.join(_holders(book), left_on="ancestor", right_on="_holder", how="semi")["customer"]
    return book.frames["customers"]["customer"].is_in(under.implode())


def _drawn(asked: Question) -> pl.DataFrame:
    return _exposures(asked.book, asked.held)


def _exposures(book: Book, held: pl.DataFrame) -> pl.DataFrame:
    """``_row, _holder, _limit, _exposure`` in minor units: every holder with something open in its family."""
    exposure = pl.col("_balance").clip(lower_bound=0).alias("_exposure")
    # Most holders are alone: what they owe is their exposure, and their limit is fetched by their number.
    limit, related = (pl.lit(book.once(each)).gather(pl.col("_debtor")) for each in (_alone, _related))
    alone = held.with_columns(_limit=limit).drop_nulls("_limit").rename({"_debtor": "_holder"})
    members = held.filter(related).join(book.once(_counted), on="_debtor")
    together = members.group_by("_row", "_holder", "_limit").agg(pl.col("_balance").sum())
    columns = ("_row", "_holder", "_limit", exposure)
    return pl.concat([alone.select(columns), together.select(columns)])


def _related(book: Book) -> pl.Series:
    """Who is in the family of a holder with others below it, by customer number."""
    return book.frames["customers"]["customer"].is_in(book.once(_counted)["_debtor"].implode())


def _holders(book: Book) -> pl.DataFrame:
    """``_holder, _limit``: customers with a credit limit, in minor units of the reporting currency.

    A limit beyond what 64 bits hold cannot be reached, and is left out.
    """
    customers = book.frames["customers"]
    if "credit_limit" not in customers.columns:
        return pl.DataFrame(schema={"_holder": pl.UInt32, "_limit": pl.Int64})
    scaled = pl.col("credit_limit").cast(RATE).to_physical() * 10 ** digits(book.rules.reporting_currency)
    limit = scaled // 10**RATE_SCALE
    return (
        customers.select(_holder="customer", _limit=limit.cast(pl.Int64, strict=False))
        .drop_nulls("_limit")
        .filter(pl.col("_limit") >= 0)
    )


def _apart(book: Book) -> bool:
    """Whether amounts stay in currencies of their own, which limits cannot be compared with."""
    return book.rules.conversion is Conversion.NONE


def _apart_note(book: Book) -> str:
    return f"limits are in {book.rules.reporting_currency}, and nothing converts the amounts to it"
