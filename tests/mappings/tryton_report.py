"""What Tryton's aged balance says of a past day, worked out a second time from its tables alone, in plain Python.

And what payments had paid by then, entered one after the other into the invoices they were made for. Nothing here knows
the preset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

CENTS = Decimal("0.001")


class Connection(Protocol):
    """What the report needs of a database's connection."""

    def execute(self, query: Any, /) -> Any: ...


@dataclass
class Line:
    """A move line on a receivable account. ``paid``: day, amount and base amount of payments, signed as the line is."""

    id: int
    party: str
    currency: str
    digits: int
    posted: date
    due: date
    amount: Decimal
    base: Decimal
    draft: bool
    move: int
    account: int
    reconciliation: int | None
    closed: date | None
    paid: list[tuple[date, Decimal, Decimal]] = field(default_factory=list)

    def in_balance(self, day: date) -> bool:
        """The conditions of the aged balance's own query."""
        return self.posted <= day and (self.closed is None or self.closed > day)


@dataclass
class Invoice:
    """An invoice's lines to pay and the payments entered for it. ``posted``: not paid, draft or cancelled."""

    id: int
    posted: bool
    dues: list[Line]
    payments: list[Line]


@dataclass
class Tables:
    """What was read: lines by id, and invoices."""

    lines: dict[int, Line]
    invoices: list[Invoice]


def read(connection: Connection) -> Tables:
    """All lines with a party on accounts that are receivable on the line's side."""
    currencies = {id: (code, digits) for id, code, digits in _rows(connection, "currency_currency", "id, code, digits")}
    companies = dict(_rows(connection, "company_company", "id, currency"))
    receivable = {id for id, flag in _rows(connection, "account_account_type", "id, receivable") if flag}
    accounts = {id: types for id, *types in _rows(connection, "account_account", "id, type, debit_type, credit_type")}
    moves = {id: facts for id, *facts in _rows(connection, "account_move", "id, date, company, state")}
    dates = dict(_rows(connection, "account_move_reconciliation", "id, date"))
    codes = dict(_rows(connection, "party_party", "id, code"))
    found: dict[int, Line] = {}
    columns = "id, move, account, party, debit, credit, amount_second_currency, second_currency, maturity_date"
    for row in _rows(connection, "account_move_line", f"{columns}, reconciliation"):
        id, move, account, party, debit, credit, second, second_currency, due, reconciliation = row
        debit, credit = _money(debit), _money(credit)
        usual, in_debit, in_credit = accounts[account]
        wanted = usual in receivable or (debit and in_debit in receivable) or (credit and in_credit in receivable)
        if not wanted or party is None:
            continue
        on, company, state = moves[move]
        currency, digits = currencies[second_currency or companies[company]]
        found[id] = Line(
            id=id,
            party=codes[party],
            currency=currency,
            digits=digits,
            posted=_day(on),
            due=_day(due or on),
            amount=_money(second) if second_currency else debit - credit,
            base=debit - credit,
            draft=state != "posted",
            move=move,
            account=account,
            reconciliation=reconciliation,
            closed=_day(dates[reconciliation]) if reconciliation else None,
        )
    return Tables(found, _invoices(connection, found))


def _invoices(connection: Connection, lines: dict[int, Line]) -> list[Invoice]:
    links: dict[int, list[Line]] = defaultdict(list)
    for invoice, line in _rows(connection, '"account_invoice-account_move_line"', "invoice, line"):
        links[invoice].append(lines[line])
    of_move: dict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines.values():
        of_move[line.move, line.account].append(line)
    return [
        Invoice(id, state == "posted", of_move[move, account], links[id])
        for id, move, account, state in _rows(connection, "account_invoice", "id, move, account, state")
        if move is not None
    ]


def open_items(lines: Iterable[Line], day: date) -> dict[str, tuple[str, Decimal, Decimal]]:
    """What is open at the end of ``day``, by line: its currency, and the amount in it and in the company's."""
    return {
        str(line.id): (line.currency, line.amount.quantize(CENTS), line.base.quantize(CENTS))
        for line in lines
        if line.in_balance(day)
    }


def column(line: Line, day: date) -> str:
    """The column of the aged balance in days: ``balance`` alone for what is due later."""
    terms = {"term0": 0, "term1": 30, "term2": 60, "term3": 90}
    for name, days in terms.items():
        later = days + 30 if days < 90 else None
        if line.due <= day - timedelta(days=days) and (later is None or line.due > day - timedelta(days=later)):
            return name
    return "balance"


def paid_open_items(tables: Tables, day: date) -> dict[str, tuple[str, Decimal, Decimal]]:
    """The same with payments on their invoices since their own day, and reconciliations since their last posting."""
    last: dict[int, date] = {}
    for line in tables.lines.values():
        if line.reconciliation and not line.draft:
            last[line.reconciliation] = max(last.get(line.reconciliation, line.posted), line.posted)
    found: dict[str, tuple[str, Decimal, Decimal]] = {}
    for line in tables.lines.values():
        if line.draft or line.posted > day or (line.reconciliation and last[line.reconciliation] <= day):
            continue
        gone = [(amount, base) for on, amount, base in line.paid if on <= day]
        amount, base = line.amount - sum(a for a, _ in gone), line.base - sum(b for _, b in gone)
        if amount or base:
            found[str(line.id)] = line.currency, amount.quantize(CENTS), base.quantize(CENTS)
    return found


def pay(tables: Tables) -> int:
    """Enter every payment into its invoice, the earliest due first; the number of payments that paid something."""
    count = 0
    for invoice in tables.invoices:
        left = {due.id: due.amount for due in invoice.dues}
        for payment in sorted(invoice.payments, key=lambda line: (line.posted, line.id)):
            if payment.draft:
                continue
            count += bool(list(_entered(payment, invoice.dues, left)))
    return count


def _entered(payment: Line, dues: list[Line], left: dict[int, Decimal]) -> Iterator[Line]:
    money, spent = abs(payment.amount), Decimal(0)
    for due in sorted(dues, key=lambda line: (line.due, line.id)):
        together = due.reconciliation == payment.reconciliation and due.currency == payment.currency
        opposite = (due.amount < 0) != (payment.amount < 0)
        part = min(money - spent, abs(left[due.id]))
        if due.draft or not together or not opposite or not part:
            continue
        cent = Decimal("0.01")
        base = (payment.base * (spent + part) / money).quantize(cent) - (payment.base * spent / money).quantize(cent)
        signed = part if payment.amount > 0 else -part
        day = max(payment.posted, due.posted)
        payment.paid.append((day, signed, base))
        due.paid.append((day, -signed, -base))
        left[due.id] += signed
        spent += part
        yield due


def to_pay(invoice: Invoice) -> Decimal:
    """Tryton's own amount to pay of an invoice, where all its lines and payments have one currency."""
    lines = [*invoice.dues, *invoice.payments]
    assert len({line.currency for line in lines}) == 1
    return sum((line.amount for line in lines if line.reconciliation is None), Decimal(0))


def _rows(connection: Connection, table: str, columns: str) -> list[Any]:
    return list(connection.execute(f"SELECT {columns} FROM {table}"))


def _money(value: Any) -> Decimal:
    return Decimal(value.decode() if isinstance(value, bytes) else str(value))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
