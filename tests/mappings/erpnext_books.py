"""A small ERPNext: the tables that the preset reads, filled document by document, on SQLite or MariaDB.

Documents post to both ledgers as ERPNext 14 and 15 do: what is reconciled later is written anew in the payment ledger
only. What ERPNext keeps as outstanding of an invoice is worked out when the tables are written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymysql
import pytest

from ledger.book import Book
from ledger.listing import documents, history
from tests import servers
from tests.mappings import books
from tests.mappings.cases import Cases

MAIN, SECOND = "Main & Co. (USA)", "Zweite"
"""Companies, in dollars and in euros."""

DEBTORS, DEBTORS_EUR, DEBTORS_JPY, ADVANCES = "Debtors - M", "Debtors EUR - M", "Debtors JPY - M", "Advances - M"
"""Receivable accounts of the first company. ``ADVANCES`` are what it owes for money that came before an invoice."""

DEBTORS_Z = "Debtors - Z"
"""The receivable account of the second."""

BANK, SALES, WRITE_OFF, DISCOUNT, EXCHANGE, FEES = (
    f"{name} - M" for name in ("Bank", "Sales", "Write Off", "Discount", "Exchange", "Fees")
)

SINV, PAY, JOURNAL = "Sales Invoice", "Payment Entry", "Journal Entry"
"""Types of vouchers."""

_ACCOUNT = "account account_currency:text"
_SIDES = "debit:money credit:money debit_in_account_currency:money credit_in_account_currency:money"
_TABLES: dict[str, str] = {
    "Account": "name account_type account_currency company",
    "Company": "name default_currency credit_limit:money payment_terms write_off_account default_discount_account "
    "exchange_gain_loss_account",
    "Currency Exchange": "name date:date from_currency to_currency exchange_rate:money for_selling:flag",
    "Customer": "name customer_name customer_group territory industry account_manager payment_terms email_id",
    "Customer Credit Limit": "parent parenttype company credit_limit:money bypass_credit_limit_check:flag",
    "Customer Group": "name payment_terms",
    "GL Entry": f"name posting_date:date company {_ACCOUNT} {_SIDES} party_type party voucher_type voucher_no "
    "against_voucher_type against_voucher is_cancelled:flag",
    "Journal Entry": "name company voucher_type posting_date:date bill_no due_date:date docstatus:flag",
    "Journal Entry Account": f"name parent {_ACCOUNT} {_SIDES} party_type party reference_type reference_name "
    "docstatus:flag",
    "Payment Entry": "name company payment_type posting_date:date party_type party paid_from paid_to "
    "paid_from_account_currency paid_to_account_currency unallocated_amount:money docstatus:flag",
    "Payment Entry Deduction": "name parent account amount:money",
    "Payment Entry Reference": "name parent reference_doctype reference_name payment_term allocated_amount:money "
    "docstatus:flag",
    "Payment Ledger Entry": "name posting_date:date company account_type account account_currency party_type party "
    "voucher_type voucher_no against_voucher_type against_voucher_no amount:money amount_in_account_currency:money "
    "delinked:flag",
    "Payment Schedule": "name parent payment_term due_date:date payment_amount:money paid_amount:money",
    "Payment Terms Template Detail": "name parent due_date_based_on credit_days:flag credit_months:flag",
    "Sales Invoice": "name customer company posting_date:date due_date:date debit_to party_account_currency currency "
    "is_return:flag return_against update_outstanding_for_self:flag is_debit_note:flag is_opening is_pos:flag "
    "docstatus:flag amended_from outstanding_amount:money grand_total:money base_grand_total:money "
    "rounding_adjustment:money base_rounding_adjustment:money rounded_total:money base_rounded_total:money "
    "write_off_amount:money base_write_off_amount:money loyalty_amount:money",
    "Sales Team": "name parent parenttype idx:flag sales_person",
}
_TYPES = {"money": "decimal(21,9)", "date": "date", "flag": "int", "": "varchar(140)", "text": "varchar(140)"}


def money(amount: str) -> Decimal:
    return Decimal(amount)


@dataclass
class Erpnext:
    """Two companies and whatever a test adds. Money is given as text, positive in debit."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in _TABLES})
    _made: int = 0

    def __post_init__(self) -> None:
        for name, currency, letter in ((MAIN, "USD", "M"), (SECOND, "EUR", "Z")):
            results = {f"{told}_account": f"{kind} - {letter}" for told, kind in _RESULTS.items()}
            self.add("Company", name=name, default_currency=currency, credit_limit="0", **results)
            for kind in (*_RESULTS.values(), "Sales", "Fees"):
                self.add("Account", name=f"{kind} - {letter}", company=name, account_currency=currency)
            self.add("Account", name=f"Bank - {letter}", account_type="Bank", company=name, account_currency=currency)
        for name, currency, company in (
            (DEBTORS, "USD", MAIN),
            (ADVANCES, "USD", MAIN),
            (DEBTORS_EUR, "EUR", MAIN),
            (DEBTORS_JPY, "JPY", MAIN),
            (DEBTORS_Z, "EUR", SECOND),
        ):
            self.add("Account", name=name, account_type="Receivable", account_currency=currency, company=company)

    def add(self, table: str, **row: Any) -> dict[str, Any]:
        """One row. Its name is a number where none is given."""
        rows = self.rows[table]
        self._made += 1
        rows.append({"name": f"{self._made:010x}", "docstatus": 1, **row})
        return rows[-1]

    def row(self, table: str, name: str) -> dict[str, Any]:
        return next(row for row in self.rows[table] if row["name"] == name)

    def customer(self, name: str, **more: Any) -> str:
        """A customer, whose name is its id."""
        self.add("Customer", name=name, **({"customer_name": name} | more))
        return name

    def invoice(self, day: str, customer: str, amount: str, *, due: str | None = None, **more: Any) -> str:
        """A submitted invoice of ``amount`` in its account's currency, ``base`` in the company's.

        ``return_against``: it is a credit note. ``alone``: one that is not taken off that invoice.
        """
        account, base = more.pop("account", DEBTORS), more.pop("base", amount)
        back, alone = more.pop("return_against", None), more.pop("alone", False)
        told = {
            "name": f"SINV-{len(self.rows[SINV]) + 1:05}",
            "company": self.row("Account", account)["company"],
            "customer": customer,
            "posting_date": day,
            "due_date": due or day,
            "debit_to": account,
            "party_account_currency": self._currency(account),
            "is_return": back is not None or money(amount) < 0,
            "return_against": back,
            "update_outstanding_for_self": alone,
            "grand_total": amount,
            "base_grand_total": base,
            "is_opening": "No",
        }
        name = self.add(SINV, **(told | more))["name"]
        if more.get("docstatus", 1) == 1:
            against = back if back and not alone else name
            self.post((SINV, name), day, account, amount, base=base, party=customer, against=(SINV, against))
            self.post((SINV, name), day, SALES, negated(base))
        return name

    def pay(self, name: str, *amounts: str) -> None:
        """What was given at the till for an invoice, and given back if negative."""
        told = self.row(SINV, name)
        against = (SINV, told["return_against"] or name)
        told["is_pos"] = 1
        for amount in amounts:
            facts = {"party": told["customer"], "against": against}
            self.post((SINV, name), told["posting_date"], told["debit_to"], negated(amount), **facts)
            self.post((SINV, name), told["posting_date"], BANK, amount)

    def payment(
        self, day: str, customer: str, *applied: tuple[str, str] | tuple[str, str, str], rest: str = "0", **more: Any
    ) -> str:
        """Money that came, or went out where all is negative.

        ``applied``: vouchers, what is taken off them, and that in the company's currency where it differs. ``rest``:
        what is not applied. ``deductions``: accounts and amounts of what did not come.
        """
        account, deductions = more.pop("account", DEBTORS), more.pop("deductions", ())
        rest_base = more.pop("rest_base", rest)
        given = [(name, amount, *base) for name, amount, *base in applied]
        out = sum(money(amount) for _, amount, *_ in given) + money(rest) < 0
        name = f"PAY-{len(self.rows[PAY]) + 1:05}"
        accounts = {"paid_from": BANK, "paid_to": account} if out else {"paid_from": account, "paid_to": BANK}
        told = {
            "name": name,
            "company": self.row("Account", account)["company"],
            "payment_type": "Pay" if out else "Receive",
            "posting_date": day,
            "party_type": "Customer",
            "party": customer,
            **accounts,
            **{f"{side}_account_currency": self._currency(one) for side, one in accounts.items()},
            "unallocated_amount": str(abs(money(rest))),
        }
        submitted = self.add(PAY, **(told | more))["docstatus"] == 1
        for lost, amount in deductions:
            self.add(f"{PAY} Deduction", parent=name, account=lost, amount=amount)
        for target, amount, *base in given:
            kind = self._kind(target)
            self.add(
                f"{PAY} Reference",
                parent=name,
                reference_doctype=kind,
                reference_name=target,
                allocated_amount=amount,
                docstatus=told.get("docstatus", 1),
            )
            if submitted:
                facts = {"party": customer, "against": (kind, target), "base": negated(base[0] if base else amount)}
                self.post((PAY, name), day, account, negated(amount), **facts)
        if submitted and money(rest):
            self.post((PAY, name), day, account, negated(rest), base=negated(rest_base), party=customer)
        return name

    def journal(self, day: str, *lines: dict[str, Any], **more: Any) -> str:
        """A journal entry of ``lines``: account, amount, ``base``, party, and what it refers to (``against``)."""
        name = f"JV-{len(self.rows[JOURNAL]) + 1:05}"
        company = self.row("Account", lines[0]["account"])["company"]
        told = {"name": name, "company": company, "voucher_type": JOURNAL, "posting_date": day}
        submitted = self.add(JOURNAL, **(told | more))["docstatus"] == 1
        for line in lines:
            kind, number = line.get("against") or (None, None)
            base = line.get("base", line["amount"])
            self.add(
                f"{JOURNAL} Account",
                parent=name,
                account=line["account"],
                account_currency=self._currency(line["account"]),
                party_type="Customer" if line.get("party") else None,
                party=line.get("party"),
                reference_type=kind,
                reference_name=number,
                docstatus=told.get("docstatus", 1),
                **_sides(line["amount"], base),
            )
            if submitted:
                facts = {"base": base, "party": line.get("party"), "against": line.get("against")}
                self.post((JOURNAL, name), day, line["account"], line["amount"], **facts)
        return name

    def post(self, voucher: tuple[str, str], day: str, account: str, amount: str, **more: Any) -> None:
        """One entry of the general ledger, and one of the payment ledger where the account is receivable."""
        base, party, against = more.get("base") or amount, more.get("party"), more.get("against")
        owner = self.row("Account", account)
        facts = {
            "posting_date": day,
            "company": owner["company"],
            "account": account,
            "account_currency": owner["account_currency"],
            "party_type": "Customer" if party else None,
            "party": party,
            "voucher_type": voucher[0],
            "voucher_no": voucher[1],
        }
        kind, number = against or (None, None)
        self.add("GL Entry", **facts, **_sides(amount, base), against_voucher_type=kind, against_voucher=number)
        self.rows["GL Entry"][-1]["is_cancelled"] = 0
        if owner.get("account_type") == "Receivable":
            self._ledger(facts, amount, base, against or voucher)

    def _ledger(self, facts: dict[str, Any], amount: str, base: str, against: tuple[str, str]) -> None:
        self.add(
            "Payment Ledger Entry",
            **facts,
            account_type="Receivable",
            against_voucher_type=against[0],
            against_voucher_no=against[1],
            amount=base,
            amount_in_account_currency=amount,
            delinked=0,
        )

    def cancel(self, name: str, on: str | None = None) -> None:
        """Cancel a document: its entries stay, with others that reverse them, none of which count.

        ``on``: in an immutable ledger all of them count, those that reverse from this day.
        """
        self.row(self._kind(name), name)["docstatus"] = 2
        for table in ("Journal Entry Account", "Payment Entry Reference"):
            for row in self.rows[table]:
                if row["parent"] == name:
                    row["docstatus"] = 2
        for table, mark in (("Payment Ledger Entry", "delinked"), ("GL Entry", "is_cancelled")):
            for row in [row for row in self.rows[table] if row["voucher_no"] == name]:
                row[mark] = 0 if on else 1
                facts = {key: _reversed(key, value) for key, value in row.items() if key != "name"}
                self.add(table, **(facts | ({"posting_date": on} if on else {})))

    def reconcile(self, payment: str, target: str, amount: str) -> None:
        """Payment Reconciliation: the entry is written anew under its old day, in the payment ledger only."""
        kind, to = self._kind(payment), (self._kind(target), target)
        own = next(
            row
            for row in self.rows["Payment Ledger Entry"]
            if row["voucher_no"] == row["against_voucher_no"] == payment
        )
        facts = {
            key: value
            for key, value in own.items()
            if key not in ("name", "amount", "amount_in_account_currency", "delinked", "account_type", "docstatus")
            and not key.startswith("against")
        }
        left = money(own["amount"]) + money(amount)
        self.rows["Payment Ledger Entry"].remove(own)
        self._ledger(facts, negated(amount), negated(amount), to)
        if left:
            self._ledger(facts, str(left), str(left), (kind, payment))
        if kind == PAY:
            self.row(PAY, payment)["unallocated_amount"] = str(-left)
            told = {"reference_doctype": to[0], "reference_name": target, "allocated_amount": amount}
            self.add("Payment Entry Reference", parent=payment, **told)
            return
        line = next(
            row
            for row in self.rows["Journal Entry Account"]
            if row["parent"] == payment and row["party"] and not row["reference_name"]
        )
        told = {"reference_type": to[0], "reference_name": target, **_sides(negated(amount), negated(amount))}
        self.add("Journal Entry Account", **({k: v for k, v in line.items() if k != "name"} | told))
        line.update(_sides(str(left), str(left)))

    def _kind(self, name: str) -> str:
        return {"SINV": SINV, "PAY": PAY, "JV": JOURNAL}.get(name.partition("-")[0], "Sales Order")

    def _currency(self, account: str) -> str:
        return self.row("Account", account)["account_currency"]

    def _outstanding(self) -> None:
        """What ERPNext keeps as outstanding of an invoice, if not given: what the payment ledger has against it."""
        for told in self.rows[SINV]:
            if told["docstatus"] == 1:
                against = (
                    money(row["amount_in_account_currency"])
                    for row in self.rows["Payment Ledger Entry"]
                    if not row["delinked"]
                    and (row["against_voucher_no"], row["account"]) == (told["name"], told["debit_to"])
                )
                told.setdefault("outstanding_amount", str(sum(against, Decimal(0))))

    def values(self) -> Iterator[tuple[str, dict[str, str], list[list[Any]]]]:
        """Name, columns with their types, and rows of each table."""
        self._outstanding()
        for table, written in _TABLES.items():
            columns = {name: kind for name, _, kind in (one.partition(":") for one in written.split())}
            yield (
                f"tab{table}",
                columns,
                [[_plain(row.get(c), k) for c, k in columns.items()] for row in self.rows[table]],
            )

    def in_sqlite(self, file: Path) -> str:
        """The address of an SQLite file, with numbers as text as in a dump."""
        with sqlite3.connect(file) as base:
            for table, columns, values in self.values():
                base.execute(f"CREATE TABLE `{table}` ({', '.join(columns)})")
                base.executemany(f"INSERT INTO `{table}` VALUES ({', '.join('?' * len(columns))})", values)
        base.close()
        return f"sqlite:///{file}"

    def in_mariadb(self, server: servers.Mariadb, database: str) -> str:
        """The address of a MariaDB database of its own, with ERPNext's types and order of letters."""
        connection = pymysql.connect(unix_socket=str(server.socket), user=server.user, charset="utf8mb4")
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{database}` COLLATE utf8mb4_unicode_ci")
            cursor.execute(f"USE `{database}`")
            for table, columns, values in self.values():
                typed = ", ".join(f"`{name}` {_TYPES[kind]}" for name, kind in columns.items())
                cursor.execute(f"CREATE TABLE `{table}` ({typed})")
                cursor.executemany(f"INSERT INTO `{table}` VALUES ({', '.join(['%s'] * len(columns))})", values)
        connection.commit()
        connection.close()
        return server.url(database)


_RESULTS = {"write_off": "Write Off", "default_discount": "Discount", "exchange_gain_loss": "Exchange"}


def _sides(amount: str, base: str) -> dict[str, str]:
    """An amount and its base as ERPNext has them, by side."""
    return {
        f"{side}{place}": str(max(sign * money(told), Decimal(0)))
        for side, sign in (("debit", 1), ("credit", -1))
        for place, told in (("", base), ("_in_account_currency", amount))
    }


def _reversed(column: str, value: Any) -> Any:
    number = column.startswith(("amount", "debit", "credit"))
    return negated(value) if number else value


def _plain(value: Any, kind: str) -> Any:
    """As ERPNext has it: numbers are never missing."""
    if kind == "money":
        return f"{money(value or '0'):.9f}"
    return int(value or 0) if kind == "flag" else value


def negated(amount: str) -> str:
    return str(-money(amount))


def cases() -> Cases:
    """Cases that share an ERPNext, on SQLite or MariaDB."""

    def written(erp: Erpnext, request: pytest.FixtureRequest, folder: Path) -> str:
        if request.param == "sqlite":
            return erp.in_sqlite(folder / "erpnext.sqlite")
        return erp.in_mariadb(request.getfixturevalue("mariadb"), request.module.__name__.rpartition(".")[2])

    return Cases("erpnext", Erpnext, written)


ONE = f'company = "{MAIN}"'


def owed(book: Book, day: str, customer: str) -> dict[str, str]:
    """What is open of a customer by number of the voucher, in dollars, or in euros and dollars: ``9.00 = 10.00``."""
    found: dict[str, str] = {}
    for id, (currency, amount, base) in books.open_by_document(book, date.fromisoformat(day)).items():
        _, number, party, account = id.split("|", 3)
        if party == customer:
            key = number if account in (DEBTORS, DEBTORS_EUR, DEBTORS_JPY, DEBTORS_Z) else f"{number} on {account}"
            assert key not in found
            found[key] = f"{base:.2f}" if currency == "USD" else f"{amount:.2f} = {base:.2f}"
    return found


def closed(book: Book, number: str, account: str = DEBTORS) -> list[tuple[str, str, str]]:
    """Day, kind and amount of what closed a voucher, in order."""
    (id,) = (
        row["document_id"] for row in _all(book) if row["number"] == number and row["document_id"].endswith(account)
    )
    rows = history(book, id).select("settled_on", "kind", "amount").iter_rows()
    return sorted((str(day), kind, f"{amount:.2f}") for day, kind, amount in rows)


def told(book: Book, number: str) -> dict[str, Any]:
    """A voucher as the list of documents has it at the end."""
    (row,) = (row for row in _all(book) if row["number"] == number)
    return row


def numbers(book: Book, customer: str) -> list[str]:
    """The vouchers of a customer that are documents."""
    return sorted(row["number"] for row in _all(book) if row["customer_id"] == customer)


def _all(book: Book) -> Sequence[dict[str, Any]]:
    return documents(book, date(2026, 11, 20)).rows(named=True)
