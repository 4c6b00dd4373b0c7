"""The preset for Tryton on a real Tryton 8.2 database, on PostgreSQL and SQLite: every past day as Tryton has it."""

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

from ledger.book import Book
from ledger.listing import open_items
from tests.mappings import books, tryton_report
from tests.mappings.odoo_books import restored

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""After everything in the database."""

_FIRST, _LAST = date(2025, 10, 1), date(2026, 11, 22)
DAYS = [_FIRST + timedelta(days=at) for at in range((_LAST - _FIRST).days + 1)]
SOME = sorted({day for day in DAYS if (day + timedelta(days=1)).day == 1 or day >= date(2026, 11, 19)} | {*DAYS[5::13]})
"""Every month-end, the days around the last ones, and every thirteenth."""

_COLUMNS = {"current": "balance", "1–30": "term0", "31–60": "term1", "61–90": "term2", "90+": "term3"}

_MONEY = {
    "account_move_line": ("debit", "credit", "amount_second_currency"),
    "party_party_credit_limit_amount": ("credit_limit_amount",),
    "currency_currency_rate": ("rate",),
}


@dataclass
class Real:
    """The database, through the second reading of it; and through the preset, with whatever parameters."""

    source: str
    folder: Path
    tables: tryton_report.Tables
    made: dict[str, Book]

    def book(self, parameters: str = "") -> Book:
        if parameters not in self.made:
            folder = self.folder / str(len(self.made))
            source = f"{self.source}[parameters]\n{parameters}\n"
            self.made[parameters] = books.made(folder, "tryton", source, currency="USD", now=NOW)
        return self.made[parameters]

    @property
    def posted(self) -> list[tryton_report.Line]:
        return [line for line in self.tables.lines.values() if not line.draft]


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def real(request: pytest.FixtureRequest, dump: Callable[[str], Path], tmp_path_factory) -> Real:
    if request.param == "sqlite":
        file = dump("tryton82_ar.sqlite")
        address, connection = f"sqlite:///{file}", sqlite3.connect(file)
        for table, columns in _MONEY.items():
            for column in columns:
                # The dump has text where Tryton itself writes bytes.
                connection.execute(f"UPDATE {table} SET {column} = CAST({column} AS BLOB)")
    else:
        file = dump("tryton82_ar.sql")
        address = restored(request.getfixturevalue("postgres").admin, "tryton82", file)
        connection = psycopg.connect(address, autocommit=True)
    connection.commit()
    tables = tryton_report.read(connection)
    connection.close()
    assert tryton_report.pay(tables) > 50
    return Real(f'kind = "sql"\nurl = "{address}"\n', tmp_path_factory.mktemp("tryton"), tables, {})


def test_every_day_has_the_open_lines_that_tryton_has(real):
    seen = 0
    for day in DAYS:
        expected = tryton_report.open_items(real.posted, day)
        assert books.open_by_document(real.book(), day) == expected, day
        seen += len(expected)
    assert seen > 20_000
    assert {line.currency for line in real.posted} == {"USD", "EUR", "GBP", "JPY"}


def test_with_drafts_the_days_are_those_of_tryton_s_own_report(real):
    lines = list(real.tables.lines.values())
    assert [line.base for line in lines if line.draft] == [Decimal(-45)]
    for day in SOME:
        found = books.open_by_document(real.book('drafts = "counted"'), day)
        assert found == tryton_report.open_items(lines, day), day


@pytest.mark.parametrize("drafts", ["left_out", "counted"])
def test_the_columns_of_the_aged_balance(real, drafts):
    lines = real.posted if drafts == "left_out" else list(real.tables.lines.values())
    book = real.book(f'drafts = "{drafts}"' if drafts == "counted" else "")
    columns: set[str] = set()
    for day in SOME:
        expected: dict[Any, Decimal] = defaultdict(Decimal)
        for line in lines:
            if line.in_balance(day):
                expected[line.party, tryton_report.column(line, day)] += line.base
        found: dict[Any, Decimal] = defaultdict(Decimal)
        for party, bucket, amount in open_items(book, day).select("customer_id", "bucket", "open").iter_rows():
            found[party, _COLUMNS[bucket]] += Decimal(str(amount))
        assert _without_zeros(found) == _without_zeros(expected), day
        total: dict[Any, Decimal] = defaultdict(Decimal)
        for (_, name), amount in expected.items():
            total[name] += amount
        whole = {_COLUMNS[bucket]: amount for (bucket,), amount in books.buckets(book, day).items()}
        assert whole == _without_zeros(total), day
        columns |= {name for _, name in expected}
    assert columns == set(_COLUMNS.values())


def test_payments_are_on_their_invoices_since_their_own_day(real):
    book = real.book('applied = "payments"')
    sooner = 0
    for day in sorted({*SOME, *DAYS[::3]}):
        found = books.open_by_document(book, day)
        assert found == tryton_report.paid_open_items(real.tables, day), day
        # Whatever closes what: each party owes the same.
        owed: dict[str, Decimal] = defaultdict(Decimal)
        for id, (_, _, base) in found.items():
            owed[real.tables.lines[int(id)].party] += base
        balance: dict[str, Decimal] = defaultdict(Decimal)
        for line in real.posted:
            if line.in_balance(day):
                balance[line.party] += line.base
        assert _without_zeros(owed) == _without_zeros(balance), day
        sooner += len(found) < len(tryton_report.open_items(real.posted, day))
    assert sooner > 100


def test_payments_leave_the_amount_to_pay_of_each_invoice(real):
    found = books.open_by_document(real.book('applied = "payments"'), _LAST)
    nothing = ("", Decimal(0), Decimal(0))
    unpaid = [invoice for invoice in real.tables.invoices if invoice.posted]
    assert len(unpaid) > 40
    for invoice in unpaid:
        owed = sum(found.get(str(due.id), nothing)[1] for due in invoice.dues)
        assert owed == tryton_report.to_pay(invoice), invoice.id


@pytest.mark.parametrize("parameters", ["", 'applied = "payments"', 'drafts = "counted"'])
def test_what_tryton_has_not_reconciled_and_its_accounts_agree(real, parameters):
    book = real.book(parameters)
    assert books.differences(book) == []
    told: dict[str, Decimal] = defaultdict(Decimal)
    for line in real.tables.lines.values() if "counted" in parameters else real.posted:
        if line.reconciliation is None:
            told[line.currency] += line.amount
    totals = book.frames["verified_totals"].select("currency", "source").iter_rows()
    assert {name: Decimal(str(amount)) for name, amount in totals} == told
    assert book.frames["gl"]["difference"].to_list() == [0.0] * 11
    assert book.frames["quarantine"].is_empty()


def _without_zeros(amounts: dict[Any, Decimal]) -> dict[Any, Decimal]:
    return {key: amount.quantize(tryton_report.CENTS) for key, amount in amounts.items() if amount}
