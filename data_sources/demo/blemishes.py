"""The rows that are wrong on purpose, as every real ledger has some, so that the quality page has something to say.

All are small and belong to Meridian US, in US dollars. Rows with an error never reach the books and are not in the
general ledger; rows with a warning are in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data_sources.demo import days
from data_sources.demo.books import Desk
from data_sources.demo.customers import Customers

UNREADABLE_DATES = ("2026-02-30", "00000000", "17/13/2025", "2025-11-31", "n/a", "20260431")
UNKNOWN_TYPES = ("PRF", "PRF", "QUO", "XYZ")
WRONG_CURRENCIES = ("US$", "EURO", "US", "DOLLAR")
REPEATED = 5
LOST_ADJUSTMENTS = 6
NO_DUE_DATE = 6
DUE_BEFORE_ISSUED = 5
ENTERED_TWICE = 3
NOT_IN_MASTER = 5
PAID_TOO_MUCH = 3

ACCEPTED = NO_DUE_DATE + DUE_BEFORE_ISSUED + 2 * ENTERED_TWICE + NOT_IN_MASTER + PAID_TOO_MUCH + REPEATED
REJECTED = len(UNREADABLE_DATES) + len(WRONG_CURRENCIES) + REPEATED
INVOICES = ACCEPTED + REJECTED
_FIRST_NUMBER = 5_000_000_001
_SPAN = 240
_HOUSE = 0


@dataclass
class Blemish:
    """An invoice as it will be written, before it is spoilt."""

    number: str
    customer: str
    written: int
    cents: int
    type: str = "INV"
    date: str | None = None
    due: str | None = ""
    currency: str = "USD"
    reference: str = ""

    @property
    def day(self) -> str:
        return days.texts(np.array([self.written]))[0]


def write_blemishes(desk: Desk, rng: np.random.Generator) -> None:
    """Write them all, after everything else: a repeated key always comes second."""
    fresh = _fresh(desk.customers, rng)
    _write_warnings(desk, fresh)
    _write_errors(desk, fresh)
    _write_lost_adjustments(desk, fresh)
    _write_repeated(desk, fresh)


def _fresh(customers: Customers, rng: np.random.Generator) -> Iterator[Blemish]:
    """Ordinary small invoices of the last eight months, without end."""
    here = np.flatnonzero((customers.currency == _HOUSE) & (customers.entity == _HOUSE))[3:]
    number = _FIRST_NUMBER
    while True:
        payer = customers.numbers[int(rng.choice(here))]
        written = int(days.working(np.array([days.LAST_DAY - 20 - int(rng.integers(0, _SPAN))]))[0])
        yield Blemish(f"{number:010d}", payer, written, int(rng.integers(4_000, 90_000)))
        number += 1


def _write_errors(desk: Desk, fresh: Iterator[Blemish]) -> None:
    for text in UNREADABLE_DATES:
        blemish = next(fresh)
        blemish.date = text
        _write(desk, blemish, post=False)
    for code in UNKNOWN_TYPES:
        blemish = next(fresh)
        blemish.type = code
        _write(desk, blemish, post=False)
    for code in WRONG_CURRENCIES:
        blemish = next(fresh)
        blemish.currency = code
        _write(desk, blemish, post=False)


def _write_lost_adjustments(desk: Desk, fresh: Iterator[Blemish]) -> None:
    """Write-offs of transactions that nobody can find."""
    for _ in range(LOST_ADJUSTMENTS):
        blemish = next(fresh)
        adjustment = int(desk.database.reserve("ar_adj", 1)[0])
        row = (
            adjustment,
            "T",
            900_000_000_000 + adjustment,
            1,
            "BAD",
            blemish.day,
            blemish.cents // 3,
            blemish.cents // 3,
        )
        desk.database.add("ar_adj", *([value] for value in row))


def _write_repeated(desk: Desk, fresh: Iterator[Blemish]) -> None:
    """Invoices imported a second time under the same number: the first is right, the copy is not."""
    for _ in range(REPEATED):
        blemish = next(fresh)
        _write(desk, blemish, post=True)
        _write(desk, blemish, post=False)


def _write_warnings(desk: Desk, fresh: Iterator[Blemish]) -> None:
    for _ in range(NO_DUE_DATE):
        blemish = next(fresh)
        blemish.due = None
        _write(desk, blemish, post=True)
    for _ in range(DUE_BEFORE_ISSUED):
        blemish = next(fresh)
        blemish.due = days.texts(np.array([blemish.written - 30]))[0]
        _write(desk, blemish, post=True)
    for _ in range(ENTERED_TWICE):
        blemish = next(fresh)
        _write(desk, blemish, post=True)
        again = Blemish(
            next(fresh).number, blemish.customer, blemish.written, blemish.cents, reference=_reference(blemish)
        )
        _write(desk, again, post=True)
    for place in range(NOT_IN_MASTER):
        blemish = next(fresh)
        blemish.customer = f"{9_900_001 + place // 2:07d}"
        _write(desk, blemish, post=True)
    for _ in range(PAID_TOO_MUCH):
        blemish = next(fresh)
        _pay_too_much(desk, blemish, _write(desk, blemish, post=True))


def _reference(blemish: Blemish) -> str:
    return blemish.reference or f"US-{blemish.number[2:]}"


def _write(desk: Desk, blemish: Blemish, *, post: bool) -> int:
    """Write an invoice of one line, and post it if the books accept it; give its transaction id."""
    trx = int(desk.database.reserve("ar_trx", 1)[0])
    due = days.texts(np.array([blemish.written + 30]))[0] if blemish.due == "" else blemish.due
    head = (blemish.number, "1000", blemish.customer, blemish.type, blemish.date or blemish.day, blemish.day)
    desk.database.add("ar_trx", [trx], *([value] for value in head), [blemish.currency], [_reference(blemish)], [None])
    desk.database.add("ar_sched", [trx], [1], [due], [blemish.cents], [blemish.cents])
    if post:
        _post(desk, blemish.written, blemish.cents)
    return trx


def _pay_too_much(desk: Desk, blemish: Blemish, trx: int) -> None:
    """A payment applied to its invoice in full although it is more than the invoice."""
    paid = blemish.cents + 1_250
    on = int(days.working(np.array([min(blemish.written + 15, days.LAST_DAY - 5)]))[0])
    day = days.texts(np.array([on]))[0]
    receipt, application = int(desk.database.reserve("ar_rcpt", 1)[0]), int(desk.database.reserve("ar_appl", 1)[0])
    head = (receipt, f"{receipt:010d}", "1000", blemish.customer, day, day, "USD", paid, paid)
    desk.database.add("ar_rcpt", *([value] for value in head))
    desk.database.add("ar_appl", *([value] for value in (application, receipt, trx, 1, day, paid, paid, 0, 0, 0)))
    _post(desk, on, -paid)


def _post(desk: Desk, on: int, cents: int) -> None:
    desk.control.post(np.array([_HOUSE]), np.array([on]), np.array([cents]))
