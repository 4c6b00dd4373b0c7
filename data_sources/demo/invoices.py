"""What is billed: when, to whom, how much, and how it falls due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import company, days, rates, stories
from data_sources.demo.customers import Customers
from data_sources.demo.rates import Rates

Ints = NDArray[np.int64]

INVOICE, DEBIT_MEMO, JOURNAL = 0, 1, 2
TYPE_CODES = ("INV", "DBM", "JNL")
TYPE_SHARES = (0.9842, 0.015, 0.0008)
INSTALMENT_SHARE = 0.008
INSTALMENTS = 3
DISPUTED_SHARE = 0.03
# Of what was billed before the ledger opened, this share was still open and is taken over (measured).
STILL_OPEN_SHARE = 0.105
NOT_DISPUTED = -1


@dataclass(frozen=True)
class Plan:
    """Who is billed, and when.

    ``counts``: invoices per customer. ``rank``: the place of every invoice in order of date, customer after customer.
    ``day_of_rank``: the days in that order.
    """

    counts: Ints
    rank: Ints
    day_of_rank: Ints


@dataclass(frozen=True)
class Headers:
    """One element per transaction. ``number`` counts up with the date; ``dispute`` is a reason's position or -1."""

    customer: Ints
    number: Ints
    type: Ints
    day: Ints
    posted: Ints
    dispute: Ints


@dataclass(frozen=True)
class Lines:
    """One element per payment line (instalment), header after header. Amounts are minor units, positive."""

    header: Ints
    customer: Ints
    entity: Ints
    currency: Ints
    type: Ints
    number: Ints
    day: Ints
    posted: Ints
    due: Ints
    amount: Ints
    base: Ints
    disputed: NDArray[np.bool_]


def draw_plan(invoices: int, customers: Customers, rng: np.random.Generator) -> Plan:
    """A plan that leaves ``invoices`` invoice lines in the books, to within a few in a thousand."""
    weights = days.invoicing_weights()
    within = weights[days.FIRST_DAY - days.DRAWN_FROM :].sum()
    kept = within + (1 - within) * STILL_OPEN_SHARE
    lines_each = TYPE_SHARES[INVOICE] * (1 + INSTALMENT_SHARE * (INSTALMENTS - 1))
    count = round(invoices / (kept * lines_each))
    per_day = rng.multinomial(count, weights)
    calendar = np.arange(days.DRAWN_FROM, days.LAST_DAY + 1)
    return Plan(
        counts=rng.multinomial(count, customers.odds / customers.odds.sum()),
        rank=rng.permutation(count),
        day_of_rank=np.repeat(calendar, per_day),
    )


def draw_headers(plan: Plan, first: int, last: int, rng: np.random.Generator) -> Headers:
    """The headers of customers ``first`` to ``last`` (exclusive)."""
    start = int(plan.counts[:first].sum())
    counts = plan.counts[first:last]
    count = int(counts.sum())
    rank = plan.rank[start : start + count]
    written = plan.day_of_rank[rank]
    type_ = rng.choice(len(TYPE_SHARES), count, p=TYPE_SHARES)
    lag = np.where(rng.random(count) < 0.9, 0, rng.integers(1, 4, count))
    # Posting waits for nothing over a month's end: the month is closed on its last day.
    posted = np.minimum(written + lag, days.month_end(written))
    posted = np.where(written < days.FIRST_DAY, days.TAKEN_OVER_ON, posted)
    reason = rng.integers(0, len(company.DISPUTE_REASONS), count)
    disputed = (rng.random(count) < DISPUTED_SHARE) & (type_ == INVOICE)
    return Headers(
        customer=np.repeat(np.arange(first, last), counts),
        number=rank + 1,
        type=type_,
        day=written,
        posted=posted,
        dispute=np.where(disputed, reason, NOT_DISPUTED),
    )


def draw_lines(headers: Headers, customers: Customers, fx: Rates, rng: np.random.Generator) -> Lines:
    """The payment lines of the headers: one each, or three instalments a month apart."""
    count = len(headers.customer)
    instalments = (headers.type == INVOICE) & (rng.random(count) < INSTALMENT_SHARE)
    pieces = np.where(instalments, INSTALMENTS, 1)
    header = np.repeat(np.arange(count), pieces)
    number = np.arange(len(header)) - np.repeat(np.cumsum(pieces) - pieces, pieces) + 1
    customer = headers.customer[header]
    currency, entity = customers.currency[customer], customers.entity[customer]
    total = _totals(headers, instalments, customers, fx, rng)
    part = total // pieces
    amount = np.where(number == pieces[header], (total - part * (pieces - 1))[header], part[header])
    terms = np.array([t.days for t in company.TERMS])[customers.terms[customer]]
    written = headers.day[header]
    return Lines(
        header=header,
        customer=customer,
        entity=entity,
        currency=currency,
        type=headers.type[header],
        number=number,
        day=written,
        posted=headers.posted[header],
        due=written + np.where(instalments[header], 30 * number, terms),
        amount=amount,
        base=fx.booked(amount, currency, written, entity),
        disputed=headers.dispute[header] != NOT_DISPUTED,
    )


def _totals(
    headers: Headers, instalments: NDArray[np.bool_], customers: Customers, fx: Rates, rng: np.random.Generator
) -> Ints:
    """Header amounts in minor units of the customer's currency. Price lists are in it and do not follow its rate."""
    count = len(headers.customer)
    spread = np.where(headers.customer < stories.GROUP_SIZE, 0.35, 0.7)
    size = np.exp(rng.normal(0.0, 1.0, count) * spread - spread**2 / 2)
    size = np.where(instalments, size * 2.5, size)
    size = np.where(headers.type == INVOICE, size, size * 0.15)
    currency = customers.currency[headers.customer]
    list_rate = fx.dollars[:, days.FIRST_DAY - rates.RATES_FROM][currency]
    amount = customers.usual_amount[headers.customer] * size / list_rate * rates.SCALE[currency]
    smallest = np.rint(40.0 / list_rate * rates.SCALE[currency])
    return np.maximum(np.rint(amount), smallest).astype(np.int64)


def keep(lines: Lines, wanted: NDArray[np.bool_]) -> Lines:
    """The wanted lines."""
    return Lines(**{name: getattr(lines, name)[wanted] for name in Lines.__dataclass_fields__})
