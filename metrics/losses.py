"""Loss rates: of what stands in a bucket today, the share that will be written off in the end.

From the company's own history, as the rolls of its invoices tell it, worked backwards from the oldest bucket: of what
leaves a bucket, some is written off, and some moves on to an older bucket and shares that bucket's fate. Where every
invoice moves exactly one bucket a month this is the product of the forward roll rates, as supervisors' handbooks do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

import polars as pl

from ledger.book import Book
from ledger.errors import OutstandingError
from ledger.rolls import WRITTEN_OFF, outcomes
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.rolls import rolled_months

BY_HAND = "rate set by hand"
NO_HISTORY = "nothing left this bucket in these months: taken as lost in full"
NO_LOSS = "none of what left this bucket was lost in these months"


@dataclass(frozen=True)
class Left:
    """What became of the money that stood in one bucket, in minor units, over some months.

    ``gone``: all that did not stay in the bucket. ``lost``: written off. ``moved``: into older buckets, by place.
    """

    gone: int = 0
    lost: int = 0
    moved: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True)
class LossRate:
    """The share (0–1) of a bucket's money that is lost in the end, and what must be known about it."""

    rate: float
    note: str | None = None


def loss_rates(
    book: Book, day: date, months: int = 12, scope: Scope = COMPANY, improvement: float = 0.0
) -> pl.DataFrame:
    """``as_of, currency, bucket, rate, note``: a row per currency and debit bucket, in order of age.

    Args:
        day: rolls that ended on or before it count, the last ``months`` of them.
        months: how many rolls to learn from, or as many as the history has.
        scope: the part of the company whose history it is.
        improvement: what if this share (0–1) of what rolled on or was written off had been collected instead. It does
            not touch the oldest bucket's rate where nothing was seen to leave it.

    A bucket that nothing left in those months takes the rate of the next older one, the oldest is taken as lost, and a
    rate below that of a younger bucket is noted.

    Raises:
        OutstandingError: an improvement outside 0–1, fewer than one month.
    """
    labels = book.rules.aging.labels
    found = learnt(book, day, months, scope, improvement)
    rows = [
        (day, currency, label, of.rate, of.note)
        for currency in book.currencies_of(scope)
        for label, of in zip(labels, with_falls(labels, found[currency]), strict=True)
    ]
    schema = {"as_of": pl.Date, CURRENCY: pl.String, "bucket": pl.String, "rate": pl.Float64, "note": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def learnt(
    book: Book,
    day: date,
    months: int,
    scope: Scope,
    improvement: float = 0.0,
    by_hand: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, list[LossRate]]:
    """The loss rates of each of the book's currencies, youngest bucket first, as ``loss_rates`` explains them.

    ``by_hand``: rates by bucket that stand instead of the history's, as ``chain`` explains.
    """
    labels = book.rules.aging.labels
    left = _left(book, rolled_months(book, day, months), scope)
    nothing: list[Left] = [Left()] * len(labels)
    return {currency: chain(left.get(currency, nothing), labels, improvement, by_hand) for currency in book.currencies}


def chain(
    left: Sequence[Left],
    labels: Sequence[str],
    improvement: float = 0.0,
    by_hand: Mapping[str, float] = MappingProxyType({}),
) -> list[LossRate]:
    """The loss rate of each bucket, youngest first: an absorbing chain, solved backwards from the oldest.

    ``rate = (lost + Σ moved to an older bucket × its rate) ÷ gone``: what stays in its bucket decides nothing. A bucket
    of ``by_hand`` has the rate given there, less the improvement, and younger buckets meet it as their money's fate.
    """
    if not 0 <= improvement <= 1:
        raise OutstandingError(f"An improvement of {improvement:g} cannot be; it is a share between 0 and 1.")
    risk = 1 - Fraction(improvement)
    solved: dict[int, tuple[Fraction, str | None]] = {}
    judged: set[int] = set()  # a rate set by hand is in these: what it says of losses is not what was seen
    for place in reversed(range(len(left))):
        here = left[place]
        if labels[place] in by_hand:
            judged.add(place)
            solved[place] = Fraction(by_hand[labels[place]]) * risk, BY_HAND
        elif here.gone > 0:
            judged |= {place} if judged & here.moved.keys() else set()
            onward = sum(amount * solved[older][0] for older, amount in here.moved.items())
            rate = min(max((here.lost + onward) * risk / here.gone, Fraction(0)), Fraction(1))
            solved[place] = rate, NO_LOSS if rate == 0 and risk and place not in judged else None
        elif place + 1 in solved:
            judged |= {place} if place + 1 in judged else set()
            solved[place] = solved[place + 1][0], _borrowed(labels[place + 1])
        else:
            solved[place] = Fraction(1), NO_HISTORY
    return [LossRate(float(solved[place][0]), solved[place][1]) for place in range(len(left))]


def with_falls(labels: Sequence[str], rates: Sequence[LossRate]) -> list[LossRate]:
    """The same rates; one that is below the highest of the younger buckets says so in its note."""
    told: list[LossRate] = []
    for label, found in zip(falls(labels, [found.rate for found in rates]), rates, strict=True):
        note = label and f"falls with age: below the rate of {label}"
        told.append(LossRate(found.rate, joined(found.note, note)))
    return told


def falls(labels: Sequence[str], rates: Sequence[float | None]) -> list[str | None]:
    """For each bucket, youngest first, the younger one whose rate is higher; ``None`` where rates rise as they should.

    A rate of ``None`` is not known, and is passed over.
    """
    found: list[str | None] = []
    highest: tuple[float, str] | None = None
    for label, rate in zip(labels, rates, strict=True):
        found.append(highest[1] if highest and rate is not None and rate < highest[0] else None)
        if rate is not None and (highest is None or rate >= highest[0]):
            highest = (rate, label)
    return found


def joined(*notes: str | None) -> str | None:
    """Several notes as one."""
    return "; ".join(note for note in notes if note) or None


def rates_from_rolls(forward: Sequence[float]) -> list[float]:
    """Loss rates by the handbooks: the product of the forward roll rates from each bucket to write-off.

    ``forward``: the share of each bucket that moves on to the next, youngest first; the last one's is into write-off.
    """
    rates: list[float] = []
    onward = 1.0
    for share in reversed(forward):
        onward *= share
        rates.append(onward)
    return rates[::-1]


def rates_from_unpaid(unpaid: Sequence[float]) -> list[float | None]:
    """Loss rates from one cohort: what was still unpaid at each age, youngest first, the last of it never paid.

    ``None`` where nothing was unpaid any more.
    """
    return [unpaid[-1] / amount if amount else None for amount in unpaid]


def _borrowed(older: str) -> str:
    return f"nothing left this bucket in these months: the rate of {older}"


def _left(book: Book, ends: Sequence[date], scope: Scope) -> dict[str, list[Left]]:
    """What left each bucket, by currency."""
    count = len(book.rules.aging.labels)
    lost_at = outcomes(book.rules.aging).index(WRITTEN_OFF)
    summed = book.rolls(ends, scope).group_by(CURRENCY, "bucket", "to").agg(pl.col("amount").sum())
    moves: dict[str, list[dict[int, int]]] = {}
    for currency, bucket, to, amount in summed.iter_rows():
        moves.setdefault(currency, [{} for _ in range(count)])[bucket][to] = amount
    return {
        currency: [_of_bucket(place, to, count, lost_at) for place, to in enumerate(rows)]
        for currency, rows in moves.items()
    }


def _of_bucket(place: int, to: Mapping[int, int], buckets: int, lost_at: int) -> Left:
    moved = {older: amount for older, amount in to.items() if place < older < buckets}
    return Left(sum(amount for code, amount in to.items() if code != place), to.get(lost_at, 0), moved)
