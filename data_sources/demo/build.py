"""Builds the demonstration company's database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data_sources.demo import blemishes, books, company, days, rates
from data_sources.demo.block import write_block
from data_sources.demo.books import ControlAccount, Desk
from data_sources.demo.customers import Customers, draw_customers
from data_sources.demo.database import Database, new_database
from data_sources.demo.invoices import Plan, draw_plan
from data_sources.demo.rates import Rates

FEWEST_INVOICES = 100
BLOCK = 200_000

# The general ledger of Meridian UK holds one manual journal that never went through the sub-ledger.
UNEXPLAINED_ENTITY = 2
UNEXPLAINED_PENCE = 18_400_00
UNEXPLAINED_DAY = "2026-10-30"
UNEXPLAINED_MEMO = "Rebate accrual Q3, posted to trade receivables by mistake, to be reversed in November"


def build(
    path: Path, invoices: int = 60_000, seed: int = 7, progress: Callable[[str, float], None] | None = None
) -> None:
    """Write the demonstration company to a SQLite file, replacing it only when all is written.

    The same ``invoices`` and ``seed`` give the same rows every time.

    Args:
        path: the file to write; its folder is made if need be.
        invoices: invoice lines in the books, to within about one in a hundred; at least 100, the stories need more.
        seed: picks one company among many alike.
        progress: told what is being done and the share done, 0–1.

    Raises:
        ValueError: fewer than 100 invoices were asked for.
    """
    if invoices < FEWEST_INVOICES:
        raise ValueError(f"The demonstration company needs at least {FEWEST_INVOICES} invoices, not {invoices}")
    tell = progress or _silent
    rng = np.random.default_rng([seed, invoices])
    with new_database(path) as database:
        tell("customers", 0.0)
        fx = rates.draw_rates(rng)
        customers = draw_customers(max(1_500, invoices // 40), invoices, rng)
        plan = draw_plan(invoices - blemishes.INVOICES, customers, rng)
        _write_codes(database)
        _write_rates(database, fx)
        _write_customers(database, customers)
        desk = Desk(database, ControlAccount(), customers)
        blocks = list(_blocks(plan))
        for number, block in enumerate(blocks):
            tell("invoices and payments", 0.03 + 0.9 * number / len(blocks))
            chance = np.random.default_rng([seed, invoices, number + 1])
            write_block(desk, plan, fx, block, chance)
        blemishes.write_blemishes(desk, rng)
        _write_ledger(database, desk.control)
        tell("indexes", 0.94)
    tell("done", 1.0)


def _silent(what: str, share: float) -> None:
    """Nobody is listening."""


def _blocks(plan: Plan) -> Iterator[tuple[int, int]]:
    """Runs of customers with about BLOCK invoices together, so that memory does not grow with the company."""
    block = np.cumsum(plan.counts) // BLOCK
    edges = np.flatnonzero(np.diff(block, prepend=-1, append=block[-1] + 1))
    starts = np.unique(np.append(edges, len(plan.counts)))
    yield from zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)


def _write_codes(database: Database) -> None:
    database.add("company", *_columns((e.code, e.name, e.currency) for e in company.ENTITIES))
    database.add("curr", *_columns((c.code, c.decimals) for c in company.CURRENCIES))
    database.add("territory", *_columns((r.code, r.name) for r in company.REGIONS))
    database.add("segment", *_columns((s.code, s.name) for s in company.SEGMENTS))
    people = [(code, name, "collector") for code, name in company.COLLECTORS]
    people += [(code, name, "sales") for code, name, _ in company.SALES_REPS]
    database.add("staff", *_columns(people))
    percent = f"{company.DISCOUNT_RATE * 100:g}"
    terms = ((t.code, t.days, t.discount_days or None, percent if t.discount_days else None) for t in company.TERMS)
    database.add("pay_terms", *_columns(terms))
    database.add("risk", *_columns((r.code, r.name) for r in company.RISKS))
    database.add("reason", *_columns(company.DISPUTE_REASONS))


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _write_rates(database: Database, fx: Rates) -> None:
    """Working days only, quoted in dollars for one unit, or for a hundred where a unit is small."""
    calendar = np.arange(rates.RATES_FROM, days.LAST_DAY + 1)
    working = np.flatnonzero(days.weekday(calendar) < 5)
    texts = days.texts(calendar[working])
    for code, currency in enumerate(company.CURRENCIES):
        if currency.code == company.REPORTING_CURRENCY:
            continue
        per = 100 if currency.decimals == 0 else 1
        quotes = [f"{rate * per:.6f}" for rate in fx.dollars[code, working].tolist()]
        database.add("fx", [currency.code] * len(texts), texts, [per] * len(texts), quotes)


def _write_customers(database: Database, customers: Customers) -> None:
    # Position -1 means none: it finds the None at the end.
    numbers = np.array([*customers.numbers, None], dtype=object)
    collectors = np.array([*(code for code, _ in company.COLLECTORS), None], dtype=object)
    segments = np.array([*(s.code for s in company.SEGMENTS), None], dtype=object)
    database.add(
        "cust",
        customers.numbers,
        customers.names,
        numbers[customers.parent],
        _codes([r.code for r in company.REGIONS], customers.region),
        segments[np.where(customers.has_segment, customers.segment, -1)],
        customers.country,
        customers.industry,
        collectors[customers.collector],
        customers.sales_rep,
        _codes([t.code for t in company.TERMS], customers.terms),
        _codes([r.code for r in company.RISKS], customers.risk),
        [limit if limit >= 0 else None for limit in customers.limit.tolist()],
        customers.emails,
    )


def _codes(codes: list[str], at: NDArray[np.int64]) -> list[str]:
    return np.array(codes, dtype=object)[at].tolist()


def _write_ledger(database: Database, control: ControlAccount) -> None:
    """Receivables as the sub-ledger moved them, one manual journal apart, and an allowance account beside them."""
    balances = control.balances()
    balances[UNEXPLAINED_ENTITY, -1] += UNEXPLAINED_PENCE
    ends = days.month_ends(books.FIRST_MONTH, books.MONTHS)
    texts = days.texts(ends)
    for code, entity in enumerate(company.ENTITIES):
        size = len(texts)
        database.add("gl_balance", [entity.code] * size, [company.RECEIVABLES_ACCOUNT] * size, texts, balances[code])
        allowance = -(balances[code] // 50)
        database.add("gl_balance", [entity.code] * size, [company.ALLOWANCE_ACCOUNT] * size, texts, allowance)
    entity = company.ENTITIES[UNEXPLAINED_ENTITY].code
    journal = (
        entity,
        company.RECEIVABLES_ACCOUNT,
        "MJ-2026-1184",
        UNEXPLAINED_DAY,
        UNEXPLAINED_PENCE,
        UNEXPLAINED_MEMO,
    )
    database.add("gl_journal", *([value] for value in journal))
