"""Money received: one receipt pays all that its customer pays that day, sometimes more, sometimes applied late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import days
from data_sources.demo.customers import Customers
from data_sources.demo.life import NEVER, Events
from data_sources.demo.rates import Rates

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Receipts:
    """One element per receipt, by customer and day. Amounts are minor units, positive.

    ``excess`` is more than was due; it is refunded on ``refund_day`` or stays unapplied (NEVER).
    """

    customer: Ints
    entity: Ints
    currency: Ints
    day: Ints
    posted: Ints
    applied: Ints
    amount: Ints
    base: Ints
    excess: Ints
    refund_day: Ints


def receive(
    cash: Events, customer: Ints, customers: Customers, fx: Rates, rng: np.random.Generator
) -> tuple[Receipts, Ints]:
    """The receipts for the cash parts, and each part's receipt. ``customer`` is the part's customer."""
    keys, receipt = np.unique(customer * 100_000 + cash.day, return_inverse=True)
    payer, day = keys // 100_000, keys % 100_000
    count = len(keys)
    due = np.bincount(receipt, cash.amount, count).astype(np.int64)
    posted = days.working(day + (rng.random(count) < 0.35))
    wait = np.where(rng.random(count) < 0.035, rng.integers(2, 26, count), 0)
    # Some pay twice, some round up or pay on account.
    over = rng.random(count) < 0.003
    excess = np.where(rng.random(count) < 0.3, due, due // rng.integers(4, 20, count))
    excess = np.where(over, excess, 0)
    refund = np.where(rng.random(count) < 0.85, days.working(posted + rng.integers(28, 90, count)), NEVER)
    entity, currency = customers.entity[payer], customers.currency[payer]
    amount = due + excess
    receipts = Receipts(
        customer=payer,
        entity=entity,
        currency=currency,
        day=day,
        posted=posted,
        applied=posted + wait,
        amount=amount,
        base=fx.booked(amount, currency, np.minimum(day, days.LAST_DAY), entity),
        excess=excess,
        refund_day=np.where(excess > 0, np.maximum(refund, posted + wait), NEVER),
    )
    return receipts, receipt
