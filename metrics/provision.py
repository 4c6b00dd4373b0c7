"""The provision matrix: what of today's receivables is expected to be lost.

The simplified approach of IFRS 9 and the aging schedule of ASC 326: money by bucket × the bucket's loss rate × (1 + a
forward-looking adjustment). Items that are judged one by one stand apart, with a rate of their own. Credits are no
exposure and take nothing off it; disputed items are in the bucket of their age. A negative balance, as of an exchange
difference that outlives its paid invoice, is no exposure either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from ledger.book import Book
from ledger.errors import OutstandingError, did_you_mean
from ledger.money import converted, divided, major
from ledger.running import running, step
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics import text
from metrics.losses import LossRate, falls, learnt, with_falls

INDIVIDUAL = "individual"
"""The bucket of items that are assessed one by one."""

LARGEST_ADJUSTMENT = 10
"""An adjustment of this much or more is taken for a percentage that was meant as a share."""


@dataclass(frozen=True)
class Individual:
    """A customer, or one document, that is judged by itself: ``rate`` (0–1) of what is open is expected to be lost.

    Exactly one of ``customer`` and ``document`` is given, by id. A document is judged before its customer.
    """

    rate: float
    customer: str | None = None
    document: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        return f"document {self.document}" if self.document is not None else f"customer {self.customer}"


@dataclass(frozen=True)
class Plan:
    """How a provision is made.

    ``months``: how many rolls the company's own loss rates are learnt from. ``rates``: by bucket, instead of those; the
    learnt rates of younger buckets take what rolled on to be lost at them.
    ``adjustments``: by bucket, what is expected to be different from history: 0.1 raises the rate by a tenth.
    ``history``: the part of the company that the rates are learnt from; the whole of it, whatever is looked at, so that
    the provisions of parts add up to that of the whole.

    Raises:
        OutstandingError: a rate outside 0–1, an adjustment below −1 or of 10 and more, an individual without one id or
            twice.
    """

    months: int = 12
    rates: Mapping[str, float] = field(default_factory=dict[str, float])
    adjustments: Mapping[str, float] = field(default_factory=dict[str, float])
    individual: tuple[Individual, ...] = ()
    history: Scope = COMPANY

    def __post_init__(self) -> None:
        """Refuse what no provision can be made of."""
        named = {f"bucket {bucket}": rate for bucket, rate in self.rates.items()}
        for name, rate in [*named.items(), *((item.name, item.rate) for item in self.individual)]:
            if not 0 <= rate <= 1:
                raise OutstandingError(f"The loss rate of {name} is {rate:g}; a rate is a share between 0 and 1.")
        for bucket, change in self.adjustments.items():
            if not -1 <= change < LARGEST_ADJUSTMENT:
                raise OutstandingError(
                    f"The adjustment of bucket {bucket} is {change:g}; it is a share of the rate, from −1 to below "
                    f"{LARGEST_ADJUSTMENT}: 0.1 raises it by a tenth."
                )
        if any((item.customer is None) == (item.document is None) for item in self.individual):
            raise OutstandingError("An individual assessment names a customer or a document: one of them.")
        names = [item.name for item in self.individual]
        for name in names:
            if names.count(name) > 1:
                raise OutstandingError(f"The {name} is assessed individually twice; leave one of them out.")

    @classmethod
    def of(cls, settings: Any) -> Plan:
        """The plan that settings describe: ``months, rates, adjustments, individual`` by attribute."""
        items = (Individual(item.rate, item.customer, item.document, item.note) for item in settings.individual)
        return cls(settings.months, dict(settings.rates), dict(settings.adjustments), tuple(items))

    def warnings(self, buckets: Sequence[str]) -> list[str]:
        """Sentences about rates set by hand that fall with age; ``buckets`` are in order of age."""
        rates = [self.rates.get(bucket) for bucket in buckets]
        return [
            f"The loss rate of {bucket}, {text.share(rate)}, is below that of {younger}, "
            f"{text.share(self.rates[younger])}: rates usually rise with age."
            for bucket, rate, younger in zip(buckets, rates, falls(buckets, rates), strict=True)
            if younger
        ]

    def check_buckets(self, buckets: Iterable[str]) -> None:
        """Raise an ``OutstandingError`` for a rate or an adjustment of a bucket that there is not."""
        known = list(buckets)
        for bucket in [*self.rates, *self.adjustments]:
            if bucket not in known:
                raise OutstandingError(f"There is no aging bucket '{bucket}'; {did_you_mean(bucket, known)}")


OWN_HISTORY = Plan()
"""The company's own rates of the last twelve months, nothing adjusted, nothing judged apart."""


def provision(
    book: Book,
    day: date,
    plan: Plan = OWN_HISTORY,
    scope: Scope = COMPANY,
    by: Sequence[str] = (),
    improvement: float = 0.0,
) -> pl.DataFrame:
    """``as_of, <by…>, currency, bucket, amount, loss_rate, adjustment, rate, allowance, note``: the matrix.

    Every debit bucket for each group in order of age, then a row for each individually assessed item that has something
    open (``bucket`` is ``individual``, ``note`` names it); its money is in no other row. ``rate`` is loss rate ×
    (1 + adjustment), at most 1. ``allowance`` is in whole cents, 0 where ``amount`` is negative. Groups share the cents
    of the company's row, so that each row is within a cent of amount × rate and the rows of all groups add up to the
    row without ``by``. Where a group's amount is negative, the others' is more than the whole's: they have the whole's
    allowance between them, in proportion to their amounts, and each less than amount × rate.

    Args:
        day: balances of its close; rates from the month-ends on or before it.
        plan: how it is made.
        scope: the part of the company whose money it is.
        by: dimensions to group by.
        improvement: what if this share (0–1) of what used to roll on or be lost is collected instead. A rate set by
            hand falls by that share once, and younger buckets use it so; an individual rate stays.

    Raises:
        OutstandingError: an unknown bucket or dimension, an improvement outside 0–1.
    """
    rows = in_minor_units(book, day, plan, scope, by, improvement)
    money = [major(pl.col(name), pl.col(CURRENCY)).alias(name) for name in ("amount", "allowance")]
    return rows.with_columns(money)


def unknown_items(book: Book, plan: Plan) -> list[str]:
    """Sentences about individually assessed customers and documents that the books do not have."""
    documents, customers = book.frames["documents"]["document_id"], book.frames["customers"]["customer_id"]
    return [
        f"The {item.name} is assessed individually, but is not in the books."
        for item in plan.individual
        if not (customers == item.customer if item.document is None else documents == item.document).any()
    ]


def expected_loss(
    balances: Sequence[float], rates: Sequence[float], adjustments: Sequence[float] | None = None
) -> list[float]:
    """Balance × rate × (1 + adjustment) for each bucket, not rounded; a negative balance is no exposure."""
    changes = adjustments or [0.0] * len(rates)
    return [
        max(balance, 0.0) * min(1.0, rate * (1 + change))
        for balance, rate, change in zip(balances, rates, changes, strict=True)
    ]


def in_minor_units(
    book: Book, day: date, plan: Plan, scope: Scope = COMPANY, by: Sequence[str] = (), improvement: float = 0.0
) -> pl.DataFrame:
    """The rows of ``provision`` with whole minor units in ``amount`` and ``allowance``."""
    plan.check_buckets(book.rules.aging.labels)
    keys = ["as_of", *book.by_columns(by), CURRENCY]
    single = book.owed_of(day, _marks(book, plan), scope, by)
    pooled = _pooled(book, day, scope, by, keys, single)
    rated = pooled.join(_rates(book, day, plan, improvement), on=[CURRENCY, "bucket"])
    rows = pl.concat([rated, _assessed(book, plan, single, keys)], how="diagonal")
    # Cents are shared out along the groups of a line, so that they add up to the line of the whole.
    exact = converted(_exposed("_part"), pl.col("rate"), pl.lit(1), pl.lit(1))
    return (
        rows.sort(CURRENCY, "_line", *keys, nulls_last=True)
        .with_columns(_part=pl.struct(CURRENCY, "_line").rle_id())
        .with_columns(allowance=step(exact, "_part"))
        .sort(*keys, "_line", nulls_last=True)
        .select(*keys, "bucket", "amount", "loss_rate", "adjustment", "rate", "allowance", "note")
    )


def _exposed(part: str) -> pl.Expr:
    """The running exposure of each line (``part``): from 0 to its whole amount, or 0 where that is negative.

    A group with a negative amount adds nothing; what it takes off the whole, it takes off the others in proportion.
    """
    positive = pl.col("amount").clip(lower_bound=0)
    so_far = running(positive, part).cast(pl.Int128)
    whole, all_positive = (amount.sum().over(part) for amount in (pl.col("amount"), positive))
    return divided(so_far * whole.clip(lower_bound=0), all_positive).fill_null(0)


def _rates(book: Book, day: date, plan: Plan, improvement: float) -> pl.DataFrame:
    """``currency, bucket, _line, loss_rate, adjustment, rate, note`` of every bucket."""
    labels = book.rules.aging.labels
    changes = [plan.adjustments.get(label, 0.0) for label in labels]
    rows: list[tuple[Any, ...]] = []
    for currency, losses in learnt(book, day, plan.months, plan.history, improvement, plan.rates).items():
        adjusted = [min(1.0, of.rate * (1 + change)) for of, change in zip(losses, changes, strict=True)]
        told = with_falls(labels, [LossRate(rate, of.note) for rate, of in zip(adjusted, losses, strict=True)])
        rows += [
            (currency, labels[place], place, losses[place].rate, changes[place], told[place].rate, told[place].note)
            for place in range(len(labels))
        ]
    schema = {
        CURRENCY: pl.String,
        "bucket": pl.String,
        "_line": pl.Int64,
        **dict.fromkeys(("loss_rate", "adjustment", "rate"), pl.Float64),
        "note": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _pooled(
    book: Book, day: date, scope: Scope, by: Sequence[str], keys: list[str], single: pl.DataFrame
) -> pl.DataFrame:
    """``<keys>, bucket, amount``: every debit bucket of each group, without what is assessed by itself."""
    labels = book.rules.aging.labels
    owed = (
        book.positions([day], scope, by, ["amount", "credit"])
        .filter(pl.col("bucket") < len(labels))
        .select(*keys, "bucket", amount=pl.col("amount") - pl.col("credit"))
    )
    taken = single.select(*keys, "bucket", amount=-pl.col("amount"))
    left = pl.concat([owed, taken]).group_by(*keys, "bucket").agg(pl.col("amount").sum())
    groups = owed.filter(pl.col("amount") != 0).select(keys).unique()
    if not by:
        pairs = [(day, currency) for currency in book.currencies_of(scope)]
        groups = pl.DataFrame(pairs, schema={"as_of": pl.Date, CURRENCY: pl.String}, orient="row")
    buckets = pl.DataFrame({"_code": range(len(labels)), "_label": labels}, schema_overrides={"_code": pl.UInt8})
    return (
        groups.join(buckets, how="cross")
        .join(left.rename({"bucket": "_code"}), on=[*keys, "_code"], how="left", nulls_equal=True)
        .select(*keys, pl.col("_label").alias("bucket"), pl.col("amount").fill_null(0))
    )


def _marks(book: Book, plan: Plan) -> pl.DataFrame:
    """``document, mark``: the documents that are assessed by themselves, and the place of their item in the plan."""
    by_document = {item.document: place for place, item in enumerate(plan.individual) if item.document is not None}
    by_customer = {item.customer: place for place, item in enumerate(plan.individual) if item.customer is not None}
    customers = book.frames["customers"].select("customer", _by_customer=_place("customer_id", by_customer))
    return (
        book.frames["documents"]
        .lazy()
        .select("document", "customer", _by_document=_place("document_id", by_document))
        .join(customers.lazy(), on="customer")
        .select("document", mark=pl.coalesce("_by_document", "_by_customer"))
        .drop_nulls()
        .collect()
    )


def _place(column: str, places: Mapping[str, int]) -> pl.Expr:
    return pl.col(column).replace_strict(places, default=None, return_dtype=pl.UInt32)


def _assessed(book: Book, plan: Plan, single: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """A row per group and item that has something open there, at the item's own rate."""
    names = dict(book.frames["customers"].select("customer_id", "label").iter_rows()) if plan.individual else {}
    items = pl.DataFrame(
        [(place, item.rate, _told(names.get(item.customer), item)) for place, item in enumerate(plan.individual)],
        schema={"mark": pl.UInt32, "rate": pl.Float64, "note": pl.String},
        orient="row",
    )
    return (
        single.group_by(*keys, "mark")
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") != 0)
        .join(items, on="mark")
        .select(
            *keys,
            "amount",
            "rate",
            "note",
            bucket=pl.lit(INDIVIDUAL),
            loss_rate="rate",
            adjustment=pl.lit(0.0),
            _line=pl.col("mark").cast(pl.Int64) + len(book.rules.aging.labels),
        )
    )


def _told(customer: str | None, item: Individual) -> str:
    """What an item is called, and why it stands apart."""
    name = item.name if item.document is not None or customer is None else customer
    return f"{name}: {item.note}" if item.note else name
