"""Exact postings: what each closed part is worth in the entity's own currency, to the last cent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import days
from data_sources.demo.invoices import Lines
from data_sources.demo.life import Cause, Events, Fates
from data_sources.demo.receipts import Receipts

Ints = NDArray[np.int64]
NO_RECEIPT = -1


@dataclass(frozen=True)
class Closed:
    """One element per closed part of a line, in order of line and day.

    ``settled``: the later of the day applied and the posting days of both documents. ``base``: the part of the line's
    booked amount that is closed. ``received``: what the receipt brought for it in the same currency; the difference
    between the two is the realised exchange difference. Both are minor units of the entity's currency.
    """

    line: Ints
    cause: Ints
    applied: Ints
    settled: Ints
    amount: Ints
    receipt: Ints
    base: Ints
    received: Ints


def close(lines: Lines, cash: Events, receipt: Ints, receipts: Receipts, others: Events, fates: Fates) -> Closed:
    """All closed parts with exact base amounts: money, the discounts taken with it, its bounces, and the others."""
    applied = receipts.applied[receipt]
    settled = np.maximum(applied, lines.posted[cash.line])
    discounts = _discounts(cash, settled, fates)
    bounces = _bounces(cash, settled, fates)
    groups = (Events(cash.line, cash.cause, settled, cash.amount), discounts, bounces, others)
    line, cause, on, amount = (np.concatenate([getattr(group, part) for group in groups]) for part in _PARTS)
    no_receipt = np.full(len(line) - len(cash.line), NO_RECEIPT)
    order = np.lexsort((cause, on, line))
    line, on, amount = line[order], on[order], amount[order]
    paid_by = np.concatenate([receipt, no_receipt])[order]
    return Closed(
        line=line,
        cause=cause[order],
        applied=np.concatenate([applied, *(group.day for group in groups[1:])])[order],
        settled=on,
        amount=amount,
        receipt=paid_by,
        base=_shares(line, amount, lines.amount, lines.base),
        received=_received(paid_by, on, amount, receipts),
    )


_PARTS = ("line", "cause", "day", "amount")


def _discounts(cash: Events, settled: Ints, fates: Fates) -> Events:
    """Discounts, taken with their line's only payment."""
    at = np.flatnonzero(fates.discount[cash.line] > 0)
    line = cash.line[at]
    return Events(line, np.full(len(at), Cause.DISCOUNT), settled[at], fates.discount[line])


def _bounces(cash: Events, settled: Ints, fates: Fates) -> Events:
    """Payments returned by the bank some days after they were applied: always their line's first."""
    at = np.flatnonzero((fates.bounce_after[cash.line] > 0) & (cash.day == fates.pay_day[cash.line]))
    line = cash.line[at]
    on = days.working(settled[at] + fates.bounce_after[line])
    return Events(line, np.full(len(at), Cause.BOUNCE), on, -cash.amount[at])


def _received(receipt: Ints, settled: Ints, amount: Ints, receipts: Receipts) -> Ints:
    """What each part's receipt brought for it, in the entity's currency; 0 where there is no receipt."""
    paid = np.flatnonzero(receipt != NO_RECEIPT)
    order = paid[np.lexsort((settled[paid], receipt[paid]))]
    received = np.zeros(len(receipt), np.int64)
    received[order] = _shares(receipt[order], amount[order], receipts.amount, receipts.base)
    return received


def _shares(document: Ints, amount: Ints, whole: Ints, base: Ints) -> Ints:
    """Each part's share of its document's base amount, parts being ordered by document.

    Rounded on the running total, so that the parts of a wholly closed document sum exactly to its base amount.
    """
    if len(document) == 0:
        return np.zeros(0, np.int64)
    total = np.cumsum(amount)
    starts = np.flatnonzero(np.diff(document, prepend=-1))
    before = np.repeat(total[starts] - amount[starts], np.diff(np.append(starts, len(document))))
    running = total - before
    closed = np.rint(running / whole[document] * base[document]).astype(np.int64)
    earlier = np.concatenate([np.zeros(1, np.int64), closed[:-1]])
    earlier[starts] = 0
    return closed - earlier


def refund_base(receipts: Receipts) -> Ints:
    """Base amount of each receipt's excess: what its applications leave."""
    due = receipts.amount - receipts.excess
    return receipts.base - np.rint(due / receipts.amount * receipts.base).astype(np.int64)
