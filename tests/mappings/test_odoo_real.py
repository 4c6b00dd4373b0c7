"""The preset for Odoo on a real Odoo 17 database, on PostgreSQL and SQLite: every past day as Odoo has it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.settings import load
from data_sources.refresh import refresh
from ledger.book import Book
from ledger.listing import open_items
from tests.mappings import books, odoo_books, odoo_report

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""After everything in the database."""

_FIRST, _LAST = date(2025, 10, 1), date(2026, 11, 22)
DAYS = [_FIRST + timedelta(days=at) for at in range((_LAST - _FIRST).days + 1)]

# Tables of Odoo that the dump leaves out. Nobody in it has an industry; user 6 is the partner "Marc Demo".
_MISSING = (
    "CREATE TABLE res_users (id integer, partner_id integer)",
    "INSERT INTO res_users VALUES (1, 2), (6, 7)",
)


@dataclass
class Real:
    """The database through the preset, and through the second reading of it."""

    folder: Path
    book: Book
    items: list[odoo_report.Item]


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def real(request: pytest.FixtureRequest, dump: Callable[[str], Path], tmp_path_factory) -> Real:
    if request.param == "sqlite":
        file = dump("odoo17_ar.sqlite")
        address, connection = f"sqlite:///{file}", sqlite3.connect(file)
        names = "text"
    else:
        file = dump("odoo17_ar.sql")
        address = odoo_books.restored(request.getfixturevalue("postgres").admin, "odoo17", file)
        connection = psycopg.connect(address, autocommit=True)
        names = "jsonb"
    for statement in (*_MISSING, f"CREATE TABLE res_partner_industry (id integer, name {names})"):
        connection.execute(statement)
    connection.commit()
    folder = tmp_path_factory.mktemp("odoo") / "settings"
    source = f'kind = "sql"\nurl = "{address}"\n[parameters]\nversion = "17"'
    book = books.made(folder, "odoo", source, currency="USD", now=NOW)
    items = odoo_report.items(connection)
    connection.close()
    return Real(folder, book, items)


def test_every_day_has_the_open_items_that_odoo_has(real):
    seen = 0
    for day in DAYS:
        expected = odoo_report.open_items(real.items, day)
        assert books.open_by_document(real.book, day) == expected, day
        seen += len(expected)
    # So many items on so many days were compared, most of them in other currencies too.
    assert seen > 30_000
    assert {item.currency for item in real.items} == {"USD", "EUR", "GBP", "JPY"}


def test_every_month_end_has_the_columns_of_the_aged_partner_balance(real):
    ends = [day for day in DAYS if (day + timedelta(days=1)).day == 1]
    columns: set[str] = set()
    for day in [*ends, *DAYS[7::19]]:
        expected = _summed(real.items, day, odoo_report.aged, base=True)
        found: dict[Any, Decimal] = defaultdict(Decimal)
        for id, bucket, amount in open_items(real.book, day).select("customer_id", "bucket", "open").iter_rows():
            found[id, bucket] += Decimal(str(amount))
        assert _without_zeros(found) == expected, day
        total: dict[Any, Decimal] = defaultdict(Decimal)
        for (_, bucket), amount in expected.items():
            total[(bucket,)] += amount
        assert books.buckets(real.book, day) == _without_zeros(total), day
        columns |= {bucket for _, bucket in expected}
    assert columns == {"current", "1–30", "31–60", "61–90", "91–120", "120+"}


def test_the_partner_statement_has_its_last_days_outside(real):
    settings = real.folder / "app.toml"
    written = settings.read_text()
    settings.write_text(written.replace('preset = "odoo"', 'preset = "odoo"\nlast_day = "outside"'))
    book = refresh(load(real.folder), now=NOW)
    settings.write_text(written)
    differing = 0
    for day in (date(2026, 3, 31), date(2026, 5, 15), date(2026, 6, 30), date(2026, 9, 30), date(2026, 11, 20)):
        expected = _summed(real.items, day, odoo_report.stated, base=False)
        found: dict[Any, Decimal] = defaultdict(Decimal)
        columns = ("customer_id", "currency", "bucket", "open_amount")
        for *cell, amount in open_items(book, day).select(columns).iter_rows():
            found[tuple(cell)] += Decimal(str(amount))
        assert _without_zeros(found) == expected, day
        inside = _summed(real.items, day, odoo_report.aged, base=False)
        differing += len(set(expected.items()) ^ set(inside.items()))
    assert differing  # else the edge was never met


def test_odoo_s_own_residuals_and_accounts_agree(real):
    assert books.differences(real.book) == []
    totals = real.book.frames["verified_totals"]
    told = {currency: Decimal(0) for currency in totals["currency"]}
    for item in real.items:
        if item.residual:
            told[item.currency] += item.residual
    assert {name: Decimal(str(amount)) for name, amount in totals.select("currency", "source").iter_rows()} == told
    assert real.book.frames["gl"]["difference"].to_list() == [0.0] * 12
    assert real.book.frames["quarantine"].is_empty()


def _summed(
    items: list[odoo_report.Item], day: date, column: Callable[[odoo_report.Item, date], str], *, base: bool
) -> dict[Any, Decimal]:
    """Amounts by partner and column: in the company's currency, or by the items' currency too."""
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for item in items:
        amount, in_base = item.open_on(day)
        key = (item.partner, column(item, day)) if base else (item.partner, item.currency, column(item, day))
        found[key] += in_base if base else amount
    return _without_zeros(found)


def _without_zeros(amounts: dict[Any, Decimal]) -> dict[Any, Decimal]:
    return {key: amount.quantize(Decimal("0.001")) for key, amount in amounts.items() if amount}
