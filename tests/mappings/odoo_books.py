"""A small Odoo: its tables as Odoo 16, 17 and 18 have them, filled entry by entry, on SQLite or PostgreSQL.

Residuals are kept as Odoo keeps them, by what was reconciled, apart from anything that the preset reads.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg.sql import SQL, Identifier, Placeholder

RECEIVABLE, BANK, INCOME, EXPENSE, DISCOUNT, TAX, EXCHANGE, SHOP, PAYABLE, STAFF, LOSS, GIFT = range(1, 13)
"""Accounts. ``SHOP`` is the point of sale's receivable, ``STAFF`` one marked as non-trade; ``EXCHANGE`` and ``LOSS``
take exchange differences, ``DISCOUNT`` and ``GIFT`` early payment discounts."""

SALES, MONEY, MISC, RATES = range(1, 5)
"""Journals."""

USD, EUR, JPY = range(1, 4)
"""Currencies."""

_TEXT, _WHOLE, _MONEY, _DAY, _FLAG, _JSON = "varchar", "integer", "numeric", "date", "boolean", "jsonb"

_ODD = {
    "name": _TEXT, "state": _TEXT, "move_type": _TEXT, "parent_state": _TEXT, "type": _TEXT, "account_type": _TEXT,
    "email": _TEXT, "delay_type": _TEXT, "res_id": _TEXT, "value_reference": _TEXT, "date": _DAY, "invoice_date": _DAY,
    "date_maturity": _DAY, "max_date": _DAY, "create_date": "timestamp", "balance": _MONEY, "amount_currency": _MONEY,
    "amount_residual": _MONEY, "amount_residual_currency": _MONEY, "amount": _MONEY, "debit_amount_currency": _MONEY,
    "credit_amount_currency": _MONEY, "rate": _MONEY, "value_float": "double precision", "blocked": _FLAG,
    "non_trade": _FLAG, "end_month": _FLAG, "res_partner.credit_limit": _JSON, "account_account.name": _JSON,
    "res_partner.property_payment_term_id": _JSON, "res_country.name": _JSON, "res_partner_industry.name": _JSON,
    "res_partner_category.name": _JSON, "res_currency_rate.name": _DAY,
}  # fmt: skip
"""Types of columns that hold no whole number, by name or by table and name."""

_TABLES: dict[str, str] = {
    "res_currency": "id name decimal_places",
    "res_currency_rate": "id name rate currency_id company_id",
    "res_company": "id name currency_id account_journal_early_pay_discount_loss_account_id "
    "account_journal_early_pay_discount_gain_account_id income_currency_exchange_account_id "
    "expense_currency_exchange_account_id",
    "account_account": "id name account_type non_trade",
    "account_journal": "id type",
    "account_move": "id name state move_type date invoice_date journal_id company_id partner_id commercial_partner_id "
    "invoice_user_id reversed_entry_id",
    "account_move_line": "id move_id account_id company_id company_currency_id currency_id partner_id parent_state "
    "date date_maturity balance amount_currency amount_residual amount_residual_currency tax_line_id blocked",
    "account_partial_reconcile": "id debit_move_id credit_move_id exchange_move_id amount debit_amount_currency "
    "credit_amount_currency max_date create_date",
    "account_full_reconcile": "id exchange_move_id",
    "res_partner": "id name commercial_partner_id country_id industry_id user_id email",
    "res_users": "id partner_id",
    "res_country": "id name",
    "res_partner_industry": "id name",
    "res_partner_category": "id name",
    "res_partner_res_partner_category_rel": "category_id partner_id",
    "account_payment_term_line": "id payment_id nb_days delay_type",
    "ir_property": "id name res_id company_id value_float value_reference",
}
_BY_VERSION: dict[str, dict[str, str]] = {
    "16": {"account_payment_term_line": "id payment_id days months end_month"},
    "17": {},
    "18": {
        "res_partner": _TABLES["res_partner"] + " credit_limit property_payment_term_id",
        "account_move_line": _TABLES["account_move_line"].removesuffix(" blocked"),
    },
}


def tables(version: str = "17") -> dict[str, list[str]]:
    """The columns of each table of Odoo that the preset may read."""
    found = {name: columns.split() for name, columns in (_TABLES | _BY_VERSION[version]).items()}
    if version == "18":
        del found["ir_property"]
    return found


@dataclass
class Odoo:
    """Two companies, the second in euros, and whatever a test adds. Money is given as text."""

    version: str = "17"
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id, name, digits in ((USD, "USD", 2), (EUR, "EUR", 2), (JPY, "JPY", 0)):
            self.add("res_currency", id=id, name=name, decimal_places=digits)
        for id, name, currency in ((1, "Main", USD), (2, "Second", EUR)):
            self.add(
                "res_company",
                id=id,
                name=name,
                currency_id=currency,
                account_journal_early_pay_discount_loss_account_id=DISCOUNT,
                income_currency_exchange_account_id=EXCHANGE,
                expense_currency_exchange_account_id=LOSS,
                account_journal_early_pay_discount_gain_account_id=GIFT,
            )
        kinds = ("asset_receivable", "asset_cash", "income", "expense", "expense", "liability_current", "income_other")
        for id, kind in enumerate(
            (*kinds, "asset_receivable", "liability_payable", "asset_receivable", "expense", "income_other"), 1
        ):
            self.add("account_account", id=id, name='{"en_US": "x"}', account_type=kind, non_trade=id == STAFF)
        for id, kind in ((SALES, "sale"), (MONEY, "bank"), (MISC, "general"), (RATES, "general")):
            self.add("account_journal", id=id, type=kind)
        self.partner("Clerk")
        self.add("res_users", id=1, partner_id=1)

    def add(self, table: str, **row: Any) -> int:
        """One row, and its id."""
        rows = self.rows.setdefault(table, [])
        row.setdefault("id", len(rows) + 1)
        rows.append(row)
        return cast(int, row["id"])

    def partner(self, name: str | None, company: int | None = None, **more: Any) -> int:
        """A partner; a contact of ``company`` where one is given."""
        id = self.add("res_partner", name=name, **more)
        self.rows["res_partner"][-1].setdefault("commercial_partner_id", company or id)
        return id

    def entry(
        self,
        day: str,
        *lines: tuple[int, str] | tuple[int, str, dict[str, Any]],
        partner: int | None = None,
        type: str = "entry",
        journal: int = MISC,
        **more: Any,
    ) -> list[int]:
        """A posted entry of ``lines`` (account, amount, what else its columns hold), and the ids of its items.

        An amount alone is in the company's currency.
        """
        company = more.setdefault("company_id", 1)
        state = more.setdefault("state", "posted")
        move = self.add("account_move", date=day, move_type=type, journal_id=journal, partner_id=partner, **more)
        self.rows["account_move"][-1].setdefault("name", f"M/{move}")
        self.rows["account_move"][-1].setdefault("commercial_partner_id", partner)
        currency = {1: USD, 2: EUR}[company]
        ids: list[int] = []
        for account, amount, *further in lines:
            told: dict[str, Any] = {
                "account_id": account,
                "balance": amount,
                "amount_currency": amount,
                "currency_id": currency,
                "partner_id": partner,
                "date_maturity": day if account in (RECEIVABLE, SHOP, STAFF) else None,
                "blocked": False,
            }
            told.update(*further)
            told.setdefault("amount_residual", told["balance"])
            told.setdefault("amount_residual_currency", told["amount_currency"])
            fixed = {"move_id": move, "company_id": company, "company_currency_id": currency, "date": day}
            ids.append(self.add("account_move_line", parent_state=state, **fixed, **told))
        return ids

    def invoice(self, day: str, amount: str, partner: int, **more: Any) -> int:
        """An invoice on account due that day, or what ``item`` says of its receivable item."""
        item = more.pop("item", {})
        lines = ((RECEIVABLE, amount, item), (INCOME, negated(amount)))
        return self.entry(day, *lines, partner=partner, type="out_invoice", journal=SALES, **more)[0]

    def credit_note(self, day: str, amount: str, partner: int) -> int:
        lines = ((RECEIVABLE, negated(amount)), (INCOME, amount))
        return self.entry(day, *lines, partner=partner, type="out_refund", journal=SALES)[0]

    def receipt(self, day: str, amount: str, partner: int, *short: tuple[int, str, dict[str, Any]], **more: Any) -> int:
        """Money that came for ``amount``, less what ``short`` lines stand for."""
        item = more.pop("item", {})
        came = Decimal(amount) - sum(Decimal(line[1]) for line in short)
        lines = ((RECEIVABLE, negated(amount), item), (BANK, str(came)), *short)
        return self.entry(day, *lines, partner=partner, journal=MONEY, **more)[0]

    def match(
        self,
        debit: int,
        credit: int,
        amount: str,
        debit_amount: str | None = None,
        credit_amount: str | None = None,
        exchange: int | None = None,
    ) -> int:
        """Reconcile ``amount`` of two items. ``exchange``: an item of the entry that books the difference of rates."""
        sides = [self.item(debit), self.item(credit)]
        parts = [debit_amount or amount, credit_amount or amount]
        for side, part, sign in zip(sides, parts, (1, -1), strict=True):
            for column, off in (("amount_residual", amount), ("amount_residual_currency", part)):
                side[column] = str(Decimal(side[column]) - sign * Decimal(off))
        return self.add(
            "account_partial_reconcile",
            debit_move_id=debit,
            credit_move_id=credit,
            exchange_move_id=exchange and self.item(exchange)["move_id"],
            amount=amount,
            debit_amount_currency=parts[0],
            credit_amount_currency=parts[1],
            max_date=max(side["date"] for side in sides),
            create_date="2026-11-01 08:00:00",
        )

    def item(self, id: int) -> dict[str, Any]:
        return self.rows["account_move_line"][id - 1]

    def in_sqlite(self, file: Path, *, numbers: bool = False) -> str:
        """The address of an SQLite file, amounts as text, or as numbers."""
        with sqlite3.connect(file) as base:
            for table, columns, values in self._values():
                base.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
                rows = [[_plain(v, _type(table, c), numbers) for v, c in zip(r, columns, strict=True)] for r in values]
                base.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", rows)
        base.close()
        return f"sqlite:///{file}"

    def in_postgres(self, admin: str, database: str) -> str:
        """The address of a PostgreSQL database of its own, with Odoo's types."""
        address = made_database(admin, database)
        with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
            for table, columns, values in self._values():
                typed = [SQL("{} ").format(Identifier(c)) + SQL(cast(Any, _type(table, c))) for c in columns]
                cursor.execute(SQL("CREATE TABLE {} ({})").format(Identifier(table), SQL(", ").join(typed)))
                holes = SQL(", ").join([Placeholder()] * len(columns))
                insert = SQL("INSERT INTO {} VALUES ({})").format(Identifier(table), holes)
                cursor.executemany(insert, values)
        return address

    def _values(self) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
        for table, columns in tables(self.version).items():
            yield table, columns, [[row.get(column) for column in columns] for row in self.rows.get(table, ())]


def made_database(admin: str, name: str) -> str:
    """A new, empty database on the server, and its address."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return admin.replace("/postgres?", f"/{name}?")


def restored(admin: str, name: str, dump: Path) -> str:
    """The address of a new database with the tables and rows of a plain ``pg_dump``, without keys and indexes."""
    address = made_database(admin, name)
    tables = re.compile(r"^CREATE TABLE .*?^\);$|^COPY [^;]*;\n(.*?)^\\\.$", re.MULTILINE | re.DOTALL)
    with psycopg.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        for found in tables.finditer(dump.read_text(encoding="utf-8")):
            rows = found.group(1)
            if rows is None:
                cursor.execute(cast(Any, found.group()))
                continue
            with cursor.copy(cast(Any, found.group().partition(";")[0])) as copy:
                copy.write(rows)
    return address


def negated(amount: str) -> str:
    return str(-Decimal(amount))


def _type(table: str, column: str) -> str:
    return _ODD.get(f"{table}.{column}") or _ODD.get(column) or _WHOLE


def _plain(value: Any, type: str, numbers: bool) -> Any:
    if value is None or type == _TEXT:
        return value
    return float(value) if type == _MONEY and numbers else value
