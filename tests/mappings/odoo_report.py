"""What Odoo's own reports say of a past day, worked out a second time from its tables alone, in plain Python.

Twice even: forward, from what was booked less what was reconciled by then, and backward as the aged partner balance of
OCA does it, from today's residual and what was reconciled since. Nothing here knows the preset.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

_CENTS = Decimal("0.001")


class Connection(Protocol):
    """What the report needs of a database's connection."""

    def execute(self, query: Any, /) -> Any: ...


@dataclass
class Item:
    """A journal item. ``moves``: the day, amount and base amount of whatever closed a part of it, signed as it is."""

    id: str
    partner: str
    currency: str
    posted: date
    due: date
    amount: Decimal
    base: Decimal
    residual: Decimal
    base_residual: Decimal
    moves: list[tuple[date, Decimal, Decimal]]

    def open_on(self, day: date) -> tuple[Decimal, Decimal]:
        """In the item's and in the company's currency: booked, less what closed by that day."""
        if self.posted > day:
            return Decimal(0), Decimal(0)
        gone = [(amount, base) for on, amount, base in self.moves if on <= day]
        return self.amount - sum(a for a, _ in gone), self.base - sum(b for _, b in gone)

    def looked_back(self, day: date) -> tuple[Decimal, Decimal]:
        """The same from the other end: what is open now, and what closed after that day."""
        if self.posted > day:
            return Decimal(0), Decimal(0)
        since = [(amount, base) for on, amount, base in self.moves if on > day]
        return self.residual + sum(a for a, _ in since), self.base_residual + sum(b for _, b in since)


def items(connection: Connection) -> list[Item]:
    """Every posted item on a receivable account."""
    names: dict[int, str] = dict(_rows(connection, "res_currency", "id, name"))
    wanted = {id for id, kind in _rows(connection, "account_account", "id, account_type") if kind == "asset_receivable"}
    posted = {id for id, state in _rows(connection, "account_move", "id, state") if state == "posted"}
    found: dict[int, Item] = {}
    columns = (
        "id, move_id, account_id, partner_id, currency_id, date, date_maturity, amount_currency, balance, "
        "amount_residual_currency, amount_residual"
    )
    for row in _rows(connection, "account_move_line", columns):
        id, move, account, partner, currency, day, due, amount, base, residual, base_residual = row
        if account in wanted and move in posted:
            on = _day(day)
            found[id] = Item(
                id=str(id),
                partner=str(partner),
                currency=names[currency],
                posted=on,
                due=_day(due) if due else on,
                amount=Decimal(str(amount)),
                base=Decimal(str(base)),
                residual=Decimal(str(residual)),
                base_residual=Decimal(str(base_residual)),
                moves=[],
            )
    columns = "debit_move_id, credit_move_id, amount, debit_amount_currency, credit_amount_currency, max_date"
    for debit, credit, *amounts, day in _rows(connection, "account_partial_reconcile", columns):
        base, of_debit, of_credit = (Decimal(str(value)) for value in amounts)
        if debit in found:
            found[debit].moves.append((_day(day), of_debit, base))
        if credit in found:
            found[credit].moves.append((_day(day), -of_credit, -base))
    return list(found.values())


def open_items(every: list[Item], day: date) -> dict[str, tuple[str, Decimal, Decimal]]:
    """What is open at the end of ``day``, by item: its currency, and the amount in it and in the company's."""
    found: dict[str, tuple[str, Decimal, Decimal]] = {}
    for item in every:
        amount, base = item.open_on(day)
        assert (amount, base) == item.looked_back(day), item
        if amount or base:
            found[item.id] = item.currency, amount.quantize(_CENTS), base.quantize(_CENTS)
    return found


def aged(item: Item, day: date) -> str:
    """The column of the aged partner balance: on the due date nothing is late, and 30 days are in the first."""
    if day <= item.due:
        return "current"
    for last in (30, 60, 90, 120):
        if day <= item.due + timedelta(days=last):
            return f"{last - 29}–{last}"
    return "120+"


def stated(item: Item, day: date) -> str:
    """The column of the partner statement, where exactly 30 days stand in the second."""
    late = (day - item.due).days
    if late <= 0:
        return "current"
    return next((f"{last - 29}–{last}" for last in (30, 60, 90, 120) if late < last), "120+")


def _rows(connection: Connection, table: str, columns: str) -> list[Any]:
    return list(connection.execute(f"SELECT {columns} FROM {table}"))


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
