"""The preset for ERPNext on a real ERPNext 14 database, on MariaDB and SQLite: every past day as ERPNext has it."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymysql
import pymysql.cursors
import pytest

from config.settings import load
from data_sources.refresh import refresh
from ledger.book import Book
from tests import servers
from tests.mappings import books, erpnext_report
from tests.mappings.looks import kinds, moved

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""After everything in the database."""

_FIRST, _LAST = date(2025, 9, 30), date(2026, 7, 20)
DAYS = [_FIRST + timedelta(days=at) for at in range((_LAST - _FIRST).days + 1)]

_TABLES = {"Payment Ledger Entry": "entries", "Sales Invoice": "invoices", "Journal Entry": "journals"}
_RANGES = {
    "not due": "current",
    "range1": "1–30",
    "range2": "31–60",
    "range3": "61–90",
    "range4": "91–120",
    "range5": "120+",
}


@dataclass
class Real:
    """The database through the preset, its raw rows, and a way to change it."""

    folder: Path
    book: Book
    ledger: erpnext_report.Ledger
    change: Callable[[str], None]


@pytest.fixture(scope="module", params=["mariadb", "sqlite"])
def real(request: pytest.FixtureRequest, dump: Callable[[str], Path], tmp_path_factory) -> Real:
    if request.param == "sqlite":
        file = dump("erpnext14_ar.sqlite")
        address, connection = f"sqlite:///{file}", sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        cursor = connection.cursor()
    else:
        file = dump("erpnext14_ar.sql")
        server: servers.Mariadb = request.getfixturevalue("mariadb")
        connection, address = _restored(server, file)
        cursor = connection.cursor(pymysql.cursors.DictCursor)

    def ask(sql: str) -> list[Any]:
        cursor.execute(sql)
        return list(cursor.fetchall())

    def change(sql: str) -> None:
        ask(sql)
        connection.commit()

    folder = tmp_path_factory.mktemp("erpnext") / "settings"
    book = books.made(folder, "erpnext", f'kind = "sql"\nurl = "{address}"', currency="USD", now=NOW)
    rows = {name: [dict(row) for row in ask(f"SELECT * FROM `tab{table}`")] for table, name in _TABLES.items()}
    return Real(folder, book, erpnext_report.ledger(**rows), change)


def _restored(server: servers.Mariadb, file: Path) -> tuple[pymysql.Connection[Any], str]:
    """The dump as its own client reads it, and a reader who may only read."""
    connection = pymysql.connect(unix_socket=str(server.socket), user=server.user, charset="utf8mb4")
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE erpnext14")
        cursor.execute("CREATE USER outstanding@localhost IDENTIFIED BY 'reads'")
        cursor.execute("GRANT SELECT ON erpnext14.* TO outstanding@localhost")
    with file.open("rb") as script:
        command = ["mariadb", "--no-defaults", f"--socket={server.socket}", f"--user={server.user}", "erpnext14"]
        subprocess.run(command, stdin=script, check=True, capture_output=True)
    connection.select_db("erpnext14")
    return connection, server.url("erpnext14", "outstanding", "reads")


def test_every_day_has_the_lines_of_the_report(real):
    seen, currencies = 0, set()
    for day in DAYS:
        expected = {
            "|".join(key): (line.currency, _cents(line.amount), _cents(line.base))
            for key, line in erpnext_report.report(real.ledger, day).items()
        }
        assert books.open_by_document(real.book, day) == expected, day
        seen += len(expected)
        currencies |= {currency for currency, _, _ in expected.values()}
    # So many lines on so many days were compared.
    assert seen > 10_000
    assert currencies == {"USD", "EUR"}


def test_every_day_has_the_ranges_of_the_report(real):
    met: set[str] = set()
    for day in DAYS[::7]:
        expected = {
            (_RANGES[name],): _cents(amount) for name, amount in erpnext_report.ranges(real.ledger, day).items()
        }
        assert books.buckets(real.book, day) == expected, day
        met |= {bucket for (bucket,) in expected}
    assert met == set(_RANGES.values())


def test_erpnext_s_own_balances_and_ledger_agree(real):
    assert books.differences(real.book) == []
    totals = real.book.frames["verified_totals"].select("currency", "items", "source").rows()
    now = erpnext_report.report(real.ledger, _LAST).values()
    for currency, items, source in totals:
        of_it = [line.amount for line in now if line.currency == currency]
        assert (items, _cents(source)) == (len(of_it), _cents(sum(of_it)))
    assert real.book.frames["gl"]["difference"].to_list() == [0.0] * 10
    assert real.book.frames["quarantine"].is_empty()


def test_what_came_and_what_was_given_up_are_told_apart(real):
    lines = moved(real.book, date(2026, 7, 31))
    # The journal entry of 1,500.00 and the 20.00 that a payment deducts.
    assert lines["write_offs"] == Decimal("-1520.00")
    # All that was applied or left as an advance, less those 20.00: exchange differences were not AR's (their
    # deductions stand beside the bank).
    assert lines["cash"] == -(Decimal("100063.32") + Decimal("7447.46") + Decimal("1094.44") - 20)
    assert lines["credits"] == -(Decimal(650) + 300 + 500)
    assert "fx" not in lines
    found = kinds(real.book)
    assert found["ACC-SINV-2026-00062"] == "credit_memo"
    assert found["ACC-JV-2026-00001"] == "journal"
    assert "ACC-JV-2026-00003" not in found  # the write-off is no document of its own


def test_a_balance_that_moved_without_an_entry_is_found(real):
    table = "`tabSales Invoice` SET outstanding_amount = outstanding_amount"
    real.change(f"UPDATE {table} - 12.34 WHERE name = 'ACC-SINV-2026-00049'")
    try:
        (row,) = books.differences(refresh(load(real.folder), now=NOW))
    finally:
        real.change(f"UPDATE {table} + 12.34 WHERE name = 'ACC-SINV-2026-00049'")
    assert row["document_id"] == "Sales Invoice|ACC-SINV-2026-00049|Chimera|Debtors EUR - A"
    assert (row["currency"], row["source"], row["books"], row["difference"]) == ("EUR", 1487.66, 1500.0, 12.34)


def _cents(amount: Decimal | float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.001"))
