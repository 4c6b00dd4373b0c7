"""A small Tryton: the tables that the preset reads, filled move by move, on SQLite or PostgreSQL.

Lines are reconciled as Tryton 8.2 does it, whose rule for the date is another than that of older versions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Placeholder

from ledger.book import Book
from ledger.listing import documents, history
from tests.mappings import books
from tests.mappings.cases import Cases
from tests.mappings.odoo_books import made_database

RECEIVABLE, PAYABLE, BANK, INCOME, RECLASSED, PLEDGED, GERMAN = range(1, 8)
"""Accounts. Two are payable, and receivable while in debit (``RECLASSED``) or in credit (``PLEDGED``). ``GERMAN``: the
second company's receivable."""

REVENUE, CASH, MISC, WRITE_OFF, STATEMENT = range(1, 6)
"""Journals."""

USD, EUR, JPY = range(1, 4)
"""Currencies."""

_TABLES: dict[str, str] = {
    "currency_currency": "id code:text digits",
    "currency_currency_rate": "id currency date:date rate:money",
    "company_company": "id party currency",
    "country_country": "id name:text",
    "party_party": "id code:text name:text",
    "party_address": "id party sequence country active:flag",
    "party_category": "id name:text",
    "party_party-party_category": "id party category",
    "party_party_payment_term": "id party customer_payment_term",
    "party_party_credit_limit_amount": "id party company credit_limit_amount:money",
    "account_account_type": "id receivable:flag payable:flag",
    "account_account": "id code:text company type debit_type credit_type",
    "account_journal": "id type:text",
    "account_move": "id company date:date journal number:text origin:text state:text",
    "account_move_line": "id account amount_second_currency:money credit:money debit:money maturity_date:date move "
    "party reconciliation second_currency",
    "account_move_reconciliation": "id date:date",
    "account_invoice": "id move type:text state:text number:text invoice_date:date account party currency",
    "account_invoice-account_move_line": "id invoice line",
    "account_invoice_payment_term_line": "id payment type:text",
    "account_invoice_payment_term_line_delta": "id line day month weekday days weeks months",
    "account_dunning": "id line blocked:flag",
}
_TYPES = {"text": "varchar", "money": "numeric", "date": "date", "flag": "boolean", "": "integer"}


@dataclass
class Tryton:
    """Two companies, the second in euros, and whatever a test adds. Money is given as text."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code, digits in (("USD", 2), ("EUR", 2), ("JPY", 0)):
            self.add("currency_currency", code=code, digits=digits)
        for name, currency in (("Main", USD), ("Zweite", EUR)):
            self.add("company_company", party=self.party(name, None), currency=currency)
        receivable = self.add("account_account_type", receivable=True, payable=False)
        payable = self.add("account_account_type", receivable=False, payable=True)
        other = self.add("account_account_type", receivable=False, payable=False)
        kinds: tuple[dict[str, Any], ...] = (
            {"type": receivable},
            {"type": payable},
            {"type": other},
            {"type": other},
            {"type": payable, "debit_type": receivable},
            {"type": payable, "credit_type": receivable},
            {"type": receivable, "company": 2},
        )
        for kind in kinds:
            self.add("account_account", **({"company": 1} | kind))
        for kind in ("revenue", "cash", "general", "write-off", "statement"):
            self.add("account_journal", type=kind)

    def add(self, table: str, **row: Any) -> int:
        """One row, and its id."""
        rows = self.rows.setdefault(table, [])
        rows.append({"id": len(rows) + 1, **row})
        return len(rows)

    def party(self, name: str | None, code: str | None = "?") -> int:
        """A party; its code is made from its name if left out."""
        id = self.add("party_party", name=name, code=code)
        if code == "?":
            self.rows["party_party"][-1]["code"] = f"C{id:03}"
        return id

    def code(self, party: int) -> str:
        return self.rows["party_party"][party - 1]["code"]

    def move(self, day: str, *lines: dict[str, Any], journal: int = MISC, **more: Any) -> list[int]:
        """A posted move, and the ids of its lines. A line's ``amount`` is positive in debit."""
        told = {"company": 1, "state": "posted", **more}
        move = self.add("account_move", date=day, journal=journal, **told)
        self.rows["account_move"][-1].setdefault("number", f"M{move}")
        ids: list[int] = []
        for line in lines:
            amount = Decimal(line["amount"])
            side = {"debit": str(max(amount, Decimal(0))), "credit": str(max(-amount, Decimal(0)))}
            rest = {name: value for name, value in line.items() if name != "amount"}
            ids.append(self.add("account_move_line", move=move, **({"account": RECEIVABLE} | side | rest)))
        return ids

    def invoice(self, day: str, party: int, *lines: dict[str, Any], **more: Any) -> list[int]:
        """A posted invoice: the ids of its lines to pay, each with ``amount`` and ``maturity_date``."""
        facts = {name: more.pop(name) for name in ("invoice_date", "type", "account") if name in more}
        kept = {"invoice_date": day, "type": "out", "account": RECEIVABLE, "state": "posted", "party": party} | facts
        number = len(self.rows.get("account_invoice", ())) + 1
        more = {"origin": f"account.invoice,{number}", "journal": REVENUE} | more
        taken = str(-sum(Decimal(line["amount"]) for line in lines))
        items = [{"party": party, "account": kept["account"], "maturity_date": day} | line for line in lines]
        ids = self.move(day, *items, {"account": INCOME, "amount": taken}, **more)
        self.add("account_invoice", number=f"INV{number}", move=len(self.rows["account_move"]), **kept)
        return ids[:-1]

    def receipt(self, day: str, party: int, amount: str, pays: int | None = None, **more: Any) -> int:
        """Money that came; entered as a payment of the invoice of the line ``pays``, where one is given."""
        line = more.pop("line", {})
        if pays is not None:
            invoice = self._invoice_of(pays)
            more = {"origin": f"account.invoice,{invoice}"} | more
        lines = ({"party": party, "amount": str(-Decimal(amount))} | line, {"account": BANK, "amount": amount})
        id = self.move(day, *lines, **({"journal": CASH} | more))[0]
        if pays is not None:
            self.add("account_invoice-account_move_line", invoice=self._invoice_of(pays), line=id)
        return id

    def reconcile(self, *lines: int, day: str | None = None) -> int:
        """Reconcile ``lines`` on ``day``; if left out, as of the latest of their dates and due dates."""
        told = [self.line(id) for id in lines]
        assert sum(Decimal(line["debit"]) - Decimal(line["credit"]) for line in told) == 0
        dates = [self.rows["account_move"][line["move"] - 1]["date"] for line in told]
        dates += [line["maturity_date"] for line in told if line.get("maturity_date")]
        id = self.add("account_move_reconciliation", date=day or max(dates))
        for line in told:
            assert not line.get("reconciliation")
            line["reconciliation"] = id
        return id

    def line(self, id: int) -> dict[str, Any]:
        return self.rows["account_move_line"][id - 1]

    def _invoice_of(self, line: int) -> int:
        move = self.line(line)["move"]
        return next(row["id"] for row in self.rows["account_invoice"] if row["move"] == move)

    def in_sqlite(self, file: Path) -> str:
        """The address of an SQLite file with numbers as Tryton puts them there, as bytes."""
        with sqlite3.connect(file) as base:
            for table, columns, values in self._values():
                named = ", ".join(f'"{name}"' for name in columns)
                base.execute(f'CREATE TABLE "{table}" ({named})')
                kinds = list(columns.values())
                rows = [[_bytes(v, kind) for v, kind in zip(row, kinds, strict=True)] for row in values]
                base.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})', rows)
        base.close()
        return f"sqlite:///{file}"

    def in_postgres(self, admin: str, database: str) -> str:
        """The address of a PostgreSQL database of its own, with Tryton's types."""
        address = made_database(admin, database)
        with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            for table, columns, values in self._values():
                typed = [Identifier(c) + SQL(" ") + SQL(_TYPES[kind]) for c, kind in columns.items()]  # pyright: ignore[reportArgumentType]
                cursor.execute(SQL("CREATE TABLE {} ({})").format(Identifier(table), SQL(", ").join(typed)))
                holes = SQL(", ").join([Placeholder()] * len(columns))
                cursor.executemany(SQL("INSERT INTO {} VALUES ({})").format(Identifier(table), holes), values)
        return address

    def _values(self) -> Iterator[tuple[str, dict[str, str], list[list[Any]]]]:
        for table, written in _TABLES.items():
            columns = {name: kind for name, _, kind in (one.partition(":") for one in written.split())}
            yield table, columns, [[row.get(name) for name in columns] for row in self.rows.get(table, ())]


def _bytes(value: Any, kind: str) -> Any:
    return value.encode() if kind == "money" and value is not None else value


def cases() -> Cases:
    """Cases that share a Tryton, on SQLite or PostgreSQL."""

    def written(tryton: Tryton, request: pytest.FixtureRequest, folder: Path) -> str:
        if request.param == "sqlite":
            return tryton.in_sqlite(folder / "tryton.sqlite")
        return tryton.in_postgres(request.getfixturevalue("postgres").admin, f"tryton_{request.module.__name__[-5:]}")

    return Cases("tryton", Tryton, written)


ONE = 'companies = "1"'
PAYMENTS = f'{ONE}\napplied = "payments"'
DRAFTS = f'{ONE}\ndrafts = "counted"'


def owed(book: Book, day: str, *lines: int) -> dict[int, tuple[str, ...]]:
    """What is open of ``lines``: the amount in dollars; or currency, amount and base amount."""
    found = books.open_by_document(book, date.fromisoformat(day))
    plain = {id: tuple(str(part) for part in found[str(id)]) for id in lines if str(id) in found}
    told = {id: (currency, amount[:-1], base[:-1]) for id, (currency, amount, base) in plain.items()}
    return {id: facts[1:2] if facts[0] == "USD" else facts for id, facts in told.items()}


def closed(book: Book, line: int) -> list[tuple[str, str, str]]:
    """Day, kind and amount of what closed a line, by kind."""
    rows = history(book, str(line)).select("settled_on", "kind", "amount").iter_rows()
    return sorted((str(day), kind, f"{amount:.2f}") for day, kind, amount in rows)


def told(book: Book, line: int) -> dict[str, object]:
    """A line as the list of documents has it at the end."""
    rows = documents(book, date(2026, 11, 20)).rows(named=True)
    return next(row for row in rows if row["document_id"] == str(line))


def euros(of: str, **more: object) -> dict[str, object]:
    return {"second_currency": EUR, "amount_second_currency": of, **more}
