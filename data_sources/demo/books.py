"""The desk where rows are written: every posting that moves receivables also moves the control account."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_sources.demo import company, days, rates
from data_sources.demo.customers import Customers
from data_sources.demo.database import Database
from data_sources.demo.invoices import TYPE_CODES, Headers, Lines
from data_sources.demo.receipts import Receipts

Ints = NDArray[np.int64]

FIRST_MONTH = int(days.month_index(np.array([days.TAKEN_OVER_ON]))[0])
MONTHS = int(days.month_index(np.array([days.LAST_DAY]))[0]) - FIRST_MONTH + 1
ENTITY_CODES = np.array([entity.code for entity in company.ENTITIES], dtype=object)
NUMBER_PREFIXES = np.array([entity.number_prefix for entity in company.ENTITIES])
CURRENCY_CODES = np.array(rates.CURRENCY_CODES, dtype=object)
# The last entry answers to invoices.NOT_DISPUTED, which is -1.
REASON_CODES = np.array([*(code for code, _ in company.DISPUTE_REASONS), None], dtype=object)
MEMO_SERIES = 7_000_000_000
NO_RECEIPT = -1


@dataclass
class ControlAccount:
    """The receivables account of each entity, month by month, in minor units of its currency."""

    movements: NDArray[np.float64] = field(default_factory=lambda: np.zeros((len(company.ENTITIES), MONTHS)))

    def post(self, entity: Ints, on: Ints, amount: Ints) -> None:
        """Add amounts to their entity and month. Whole numbers below 2**53, so the sums are exact."""
        cell = entity * MONTHS + days.month_index(on) - FIRST_MONTH
        self.movements += np.bincount(cell, amount, self.movements.size).reshape(self.movements.shape)

    def balances(self) -> Ints:
        """Balance at every month's end: one row per entity."""
        return np.rint(np.cumsum(self.movements, axis=1)).astype(np.int64)


@dataclass(frozen=True)
class Desk:
    """Writes documents and adjustments, and posts them."""

    database: Database
    control: ControlAccount
    customers: Customers

    def customer_numbers(self, at: Ints) -> list[str]:
        """Customer numbers at positions of the master."""
        return np.array(self.customers.numbers, dtype=object)[at].tolist()

    def headers(self, headers: Headers, used: Ints) -> Ints:
        """Write the used headers; give their transaction ids."""
        ids = self.database.reserve("ar_trx", len(used))
        customer = headers.customer[used]
        entity = self.customers.entity[customer]
        numbers = padded(headers.number[used])
        references = pl.Series(NUMBER_PREFIXES[entity]) + "-" + pl.Series(numbers, dtype=pl.String).str.slice(2)
        self.database.add(
            "ar_trx",
            ids,
            numbers,
            ENTITY_CODES[entity],
            self.customer_numbers(customer),
            np.array(TYPE_CODES, dtype=object)[headers.type[used]],
            days.texts(headers.day[used]),
            days.texts(headers.posted[used]),
            CURRENCY_CODES[self.customers.currency[customer]],
            references.to_list(),
            REASON_CODES[headers.dispute[used]],
        )
        return ids

    def lines(self, lines: Lines, trx_id: Ints) -> None:
        """Write payment lines and post them."""
        self.database.add("ar_sched", trx_id, lines.number, days.texts(lines.due), lines.amount, lines.base)
        self.control.post(lines.entity, lines.posted, lines.base)

    def memos(self, customer: Ints, written: Ints, amount: Ints, base: Ints) -> Ints:
        """Write and post one credit memo each; give their transaction ids."""
        count = len(customer)
        ids = self.database.reserve("ar_trx", count)
        numbers, on = padded(MEMO_SERIES + ids), days.texts(written)
        entity = self.customers.entity[customer]
        self.database.add(
            "ar_trx",
            ids,
            numbers,
            ENTITY_CODES[entity],
            self.customer_numbers(customer),
            ["CRM"] * count,
            on,
            on,
            CURRENCY_CODES[self.customers.currency[customer]],
            [f"CM-{number}" for number in numbers],
            [None] * count,
        )
        self.database.add("ar_sched", ids, [1] * count, on, amount, base)
        self.control.post(entity, written, -base)
        return ids

    def receipts(self, money: Receipts) -> Ints:
        """Write and post the receipts posted by the last day; give each its id, or NO_RECEIPT if it comes too late."""
        here = np.flatnonzero(money.posted <= days.LAST_DAY)
        ids = self.database.reserve("ar_rcpt", len(here))
        self.database.add(
            "ar_rcpt",
            ids,
            padded(ids),
            ENTITY_CODES[money.entity[here]],
            self.customer_numbers(money.customer[here]),
            days.texts(money.day[here]),
            days.texts(money.posted[here]),
            CURRENCY_CODES[money.currency[here]],
            money.amount[here],
            money.base[here],
        )
        self.control.post(money.entity[here], money.posted[here], -money.base[here])
        every = np.full(len(money.amount), NO_RECEIPT)
        every[here] = ids
        return every

    def line_adjustments(self, code: str, trx_id: Ints, line_no: Ints, on: Ints, amount: Ints, base: Ints) -> None:
        """Write adjustments of transaction lines. The caller posts them: their sign depends on the document's kind."""
        self._adjustments(code, "T", trx_id, line_no.tolist(), on, amount, base)

    def refunds(self, rcpt_id: Ints, entity: Ints, on: Ints, amount: Ints, base: Ints) -> None:
        """Write and post refunds of receipts."""
        self._adjustments("RFD", "R", rcpt_id, [None] * len(rcpt_id), on, amount, base)
        self.control.post(entity, on, base)

    def _adjustments(
        self, code: str, target: str, ids: Ints, line_no: list[int | None], on: Ints, amount: Ints, base: Ints
    ) -> None:
        count = len(ids)
        numbers = self.database.reserve("ar_adj", count)
        self.database.add(
            "ar_adj", numbers, [target] * count, ids, line_no, [code] * count, days.texts(on), amount, base
        )


def padded(numbers: Ints) -> list[str]:
    """Numbers as ten digits of text, with leading zeros."""
    return pl.Series(numbers).cast(pl.String).str.zfill(10).to_list()
