"""One block of customers, from the plan to rows in the database."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import days, invoices, life, postings, receipts
from data_sources.demo.books import Desk
from data_sources.demo.invoices import Lines, Plan
from data_sources.demo.life import Cause, Fates
from data_sources.demo.postings import Closed
from data_sources.demo.rates import Rates
from data_sources.demo.receipts import Receipts

Ints = NDArray[np.int64]

ADJUSTMENT_CODES = {Cause.BAD_DEBT: "BAD", Cause.SMALL_BALANCE: "SML", Cause.BOUNCE: "NSF", Cause.RECLASS: "RCL"}


def write_block(desk: Desk, plan: Plan, fx: Rates, block: tuple[int, int], rng: np.random.Generator) -> None:
    """Draw and write everything about customers ``block[0]`` to ``block[1]`` (exclusive)."""
    customers = desk.customers
    headers = invoices.draw_headers(plan, *block, rng)
    lines = invoices.draw_lines(headers, customers, fx, rng)
    fates = life.draw_fates(lines, customers, rng)
    in_books = (lines.day >= days.FIRST_DAY) | (life.first_event(fates) > days.TAKEN_OVER_ON)
    lines, fates = invoices.keep(lines, in_books), life.keep(fates, in_books)
    cash = life.cash_parts(fates, rng)
    money, receipt = receipts.receive(cash, lines.customer[cash.line], customers, fx, rng)
    closed = postings.close(lines, cash, receipt, money, life.other_parts(lines, fates, rng), fates)
    used, place = np.unique(lines.header, return_inverse=True)
    trx_id = desk.headers(headers, used)[place]
    desk.lines(lines, trx_id)
    rcpt_id = desk.receipts(money)
    _write_refunds(desk, money, rcpt_id)
    _write_applications(desk, lines, closed, trx_id, rcpt_id)
    _write_credits(desk, lines, fates, closed, trx_id)
    _write_returns(desk, lines, fates, fx, rng)
    _write_adjustments(desk, lines, closed, trx_id)


def _write_refunds(desk: Desk, money: Receipts, rcpt_id: Ints) -> None:
    due = np.flatnonzero(money.refund_day <= days.LAST_DAY)
    base = postings.refund_base(money)[due]
    desk.refunds(rcpt_id[due], money.entity[due], money.refund_day[due], money.excess[due], base)


def _write_applications(desk: Desk, lines: Lines, closed: Closed, trx_id: Ints, rcpt_id: Ints) -> None:
    at = np.flatnonzero((closed.cause == Cause.CASH) & (closed.settled <= days.LAST_DAY))
    line = closed.line[at]
    # The discount follows its payment: same line, next in order.
    follower = np.minimum(at + 1, len(closed.line) - 1)
    has_discount = (closed.cause[follower] == Cause.DISCOUNT) & (closed.line[follower] == line)
    discount = np.where(has_discount, closed.amount[follower], 0)
    discount_base = np.where(has_discount, closed.base[follower], 0)
    difference = closed.base[at] - closed.received[at]
    desk.database.add(
        "ar_appl",
        desk.database.reserve("ar_appl", len(at)),
        rcpt_id[closed.receipt[at]],
        trx_id[line],
        lines.number[line],
        days.texts(closed.applied[at]),
        closed.amount[at],
        closed.received[at],
        discount,
        discount_base,
        difference,
    )
    # The line closes at what it was booked at, the receipt at what it brought: the account keeps the difference.
    desk.control.post(lines.entity[line], closed.settled[at], -(difference + discount_base))


def _write_credits(desk: Desk, lines: Lines, fates: Fates, closed: Closed, trx_id: Ints) -> None:
    """Credit memos against open lines. A memo is booked at what it closes: no exchange difference, no movement."""
    at = np.flatnonzero(closed.cause == Cause.CREDIT)
    at = at[fates.credit_day[closed.line[at]] <= days.LAST_DAY]
    line = closed.line[at]
    memo_id = desk.memos(lines.customer[line], fates.credit_day[line], closed.amount[at], closed.base[at])
    used = closed.settled[at] <= days.LAST_DAY
    line, at = line[used], at[used]
    desk.database.add(
        "ar_cm_appl",
        desk.database.reserve("ar_cm_appl", len(at)),
        memo_id[used],
        trx_id[line],
        lines.number[line],
        days.texts(closed.applied[at]),
        closed.amount[at],
        closed.base[at],
    )


def _write_returns(desk: Desk, lines: Lines, fates: Fates, fx: Rates, rng: np.random.Generator) -> None:
    """Goods returned after they were paid for: a credit memo that is paid out, or waits to be."""
    count = len(lines.amount)
    written = days.working(fates.pay_day + rng.integers(8, 50, count))
    refunded = days.working(written + rng.integers(10, 50, count))
    line = np.flatnonzero((fates.returned > 0) & (written <= days.LAST_DAY))
    amount = fates.returned[line]
    base = fx.booked(amount, lines.currency[line], written[line], lines.entity[line])
    memo_id = desk.memos(lines.customer[line], written[line], amount, base)
    out = refunded[line] <= days.LAST_DAY
    line, memo_id, amount, base = line[out], memo_id[out], amount[out], base[out]
    desk.line_adjustments("RFD", memo_id, np.ones(len(line), np.int64), refunded[line], amount, base)
    desk.control.post(lines.entity[line], refunded[line], base)


def _write_adjustments(desk: Desk, lines: Lines, closed: Closed, trx_id: Ints) -> None:
    for cause, code in ADJUSTMENT_CODES.items():
        at = np.flatnonzero((closed.cause == cause) & (closed.settled <= days.LAST_DAY))
        line, on = closed.line[at], closed.settled[at]
        desk.line_adjustments(code, trx_id[line], lines.number[line], on, closed.amount[at], closed.base[at])
        desk.control.post(lines.entity[line], on, -closed.base[at])
