"""What becomes of each line: credited, paid in one part or two, paid short, bounced, written off, or still open.

Everything is decided without regard to the last day of the data; whatever falls after it is cut off later, as it
would be in a real ledger looked at on that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import company, days, stories
from data_sources.demo.customers import Customers
from data_sources.demo.invoices import INVOICE, JOURNAL, Lines

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = days.LAST_DAY + 1_000
CHASED_ABOVE = 4.0


class Cause(IntEnum):
    """What closes a part of a line. The order settles ties within a day."""

    CASH = 0
    DISCOUNT = 1
    CREDIT = 2
    BAD_DEBT = 3
    SMALL_BALANCE = 4
    BOUNCE = 5
    RECLASS = 6


@dataclass(frozen=True)
class Events:
    """One element per closed part: which line, why, on which day, how much in minor units (a bounce is negative)."""

    line: Ints
    cause: Ints
    day: Ints
    amount: Ints


@dataclass(frozen=True)
class Fates:
    """Per line: how the amount splits up, and when. Amounts are minor units; days are NEVER where nothing happens."""

    credit: Ints
    credit_day: Ints
    returned: Ints
    discount: Ints
    short: Ints
    bad: Flags
    journal: Flags
    first_cash: Ints
    second_cash: Ints
    pay_day: Ints
    second_day: Ints
    bounce_after: Ints
    close_day: Ints


def draw_fates(lines: Lines, customers: Customers, rng: np.random.Generator) -> Fates:
    """Every line's fate."""
    count = len(lines.amount)
    journal = lines.type == JOURNAL
    debtor = lines.customer == stories.DEBTOR
    unpaid = stories.unpaid_by_debtor(lines.customer, lines.due, rng.random(count))
    bad = (rng.random(count) < customers.bad_debt[lines.customer]) & ~journal & ~debtor & ~_chased(lines)
    plain = ~journal & ~debtor & ~bad
    early = _takes_discount(lines, customers, plain, rng)
    credited = plain & ~early & (rng.random(count) < np.where(lines.disputed, 0.5, 0.012))
    part = np.where(rng.random(count) < 0.2, 1.0, rng.uniform(0.05, 0.5, count))
    credit = np.where(credited, np.maximum(np.rint(lines.amount * part), 1), 0).astype(np.int64)
    discount = np.where(early, np.rint(lines.amount * company.DISCOUNT_RATE), 0).astype(np.int64)
    whole = plain & ~early & ~credited
    short = np.where(whole & (rng.random(count) < 0.008), lines.amount // rng.integers(60, 600, count), 0)
    cash = np.where(bad | journal | unpaid, 0, lines.amount - credit - discount - short)
    in_two = whole & (rng.random(count) < 0.045)
    first = np.where(in_two, np.rint(cash * rng.uniform(0.3, 0.8, count)), cash).astype(np.int64)
    pay_day = _pay_days(lines, customers, early, rng)
    second_day = _on_a_run(pay_day + rng.integers(12, 60, count), lines, customers)
    returns = whole & (lines.type == INVOICE) & (rng.random(count) < 0.004)
    after = np.where(bad, lines.due + rng.integers(150, 261, count), pay_day + rng.integers(25, 80, count))
    return Fates(
        credit=credit,
        credit_day=days.working(lines.day + rng.integers(5, 41, count)),
        returned=np.where(returns, lines.amount // rng.integers(3, 15, count), 0),
        discount=discount,
        short=short,
        bad=bad,
        journal=journal,
        first_cash=first,
        second_cash=cash - first,
        pay_day=pay_day,
        second_day=second_day,
        bounce_after=np.where(whole & (rng.random(count) < 0.0015) & (first > 0), rng.integers(4, 10, count), 0),
        close_day=days.month_end(after),
    )


def _chased(lines: Lines) -> Flags:
    """Very large lines, which nobody forgets: their payment is a matter of telephone calls."""
    return lines.base > CHASED_ABOVE * company.AVERAGE_INVOICE_USD * 100


def _takes_discount(lines: Lines, customers: Customers, plain: Flags, rng: np.random.Generator) -> Flags:
    offered = np.array([t.discount_days > 0 for t in company.TERMS])[customers.terms[lines.customer]]
    return plain & offered & (lines.type == INVOICE) & ~lines.disputed & (rng.random(len(plain)) < 0.55)


def _pay_days(lines: Lines, customers: Customers, early: Flags, rng: np.random.Generator) -> Ints:
    """Day the money arrives: the customer's habit, chance, the season, the stories, and the payment run."""
    count = len(lines.due)
    spread = customers.spread[lines.customer]
    late = customers.late[lines.customer] + spread * (rng.gamma(2.0, 0.5, count) - 1.0)
    late += stories.extra_days_late(
        lines.due,
        customers.region[lines.customer],
        customers.segment[lines.customer],
        customers.collector[lines.customer],
    )
    late += np.where(np.isin(days.month_index(lines.due) % 12, (7, 11)), 2.0, 0.0)
    forgotten = (rng.random(count) < 0.03) & ~_chased(lines)
    late += np.where(forgotten, 15.0 + rng.exponential(55.0, count), 0.0)
    late += np.where(lines.disputed, 10.0 + rng.exponential(25.0, count), 0.0)
    # A payer aims at the run nearest to the day it has in mind, which is half a week before the run that follows.
    wanted = np.maximum(lines.due + np.rint(late).astype(np.int64) - 4, lines.day + 2)
    wanted = np.where(early, lines.day + rng.integers(3, 8, count), wanted)
    paid = _on_a_run(wanted, lines, customers)
    # Some pay on order, before the invoice is written.
    ahead = ~early & (lines.type == INVOICE) & (rng.random(count) < 0.006)
    return np.where(
        ahead, days.working(lines.day - rng.integers(1, 9, count)), np.where(early, days.working(wanted), paid)
    )


def _on_a_run(wanted: Ints, lines: Lines, customers: Customers) -> Ints:
    """The customer's first payment run on or after the wanted day: weekly on its weekday, or once a month."""
    run = customers.run_day[lines.customer]
    monthly = days.working(days.next_day_of_month(wanted, run))
    return np.where(customers.monthly[lines.customer], monthly, days.next_weekday(wanted, run))


def first_event(fates: Fates) -> Ints:
    """First day on which anything happens to each line."""
    cash = np.where(fates.first_cash > 0, fates.pay_day, NEVER)
    credit = np.where(fates.credit > 0, fates.credit_day, NEVER)
    closed = np.where(fates.bad | fates.journal, fates.close_day, NEVER)
    return np.minimum(np.minimum(cash, credit), closed)


def keep(fates: Fates, wanted: Flags) -> Fates:
    """Fates of the wanted lines."""
    return Fates(**{name: getattr(fates, name)[wanted] for name in Fates.__dataclass_fields__})


def cash_parts(fates: Fates, rng: np.random.Generator) -> Events:
    """Money that arrives, by line; its ``day`` is the day of receipt. A bounced payment is paid again later."""
    again = fates.pay_day + rng.integers(45, 76, len(fates.pay_day))
    return _gather(
        (fates.first_cash > 0, Cause.CASH, fates.pay_day, fates.first_cash),
        (fates.second_cash > 0, Cause.CASH, fates.second_day, fates.second_cash),
        (fates.bounce_after > 0, Cause.CASH, days.working(again), fates.first_cash),
    )


def other_parts(lines: Lines, fates: Fates, rng: np.random.Generator) -> Events:
    """Everything but money and what comes with it: credits, write-offs, journals closed by another journal."""
    count = len(fates.credit)
    # Most credit memos are applied at once; some wait for somebody to do it.
    wait = np.where(rng.random(count) < 0.85, rng.integers(0, 3, count), rng.integers(20, 71, count))
    applied = np.maximum(fates.credit_day + wait, lines.posted)
    whole_line = lines.amount
    return _gather(
        (fates.credit > 0, Cause.CREDIT, applied, fates.credit),
        (fates.bad, Cause.BAD_DEBT, fates.close_day, whole_line),
        (fates.short > 0, Cause.SMALL_BALANCE, fates.close_day, fates.short),
        (fates.journal, Cause.RECLASS, fates.close_day, whole_line),
    )


def _gather(*groups: tuple[Flags, Cause, Ints, Ints]) -> Events:
    chosen = [np.flatnonzero(wanted) for wanted, _, _, _ in groups]
    return Events(
        line=np.concatenate(chosen),
        cause=np.concatenate(
            [np.full(len(at), cause, np.int64) for at, (_, cause, _, _) in zip(chosen, groups, strict=True)]
        ),
        day=np.concatenate([on[at] for at, (_, _, on, _) in zip(chosen, groups, strict=True)]),
        amount=np.concatenate([amount[at] for at, (_, _, _, amount) in zip(chosen, groups, strict=True)]),
    )
