"""Who owes, in plain Python: concentration, families of customers, and what they may owe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.plain.balances import Reading, plain, ratio, total_ar
from tests.plain.ledger import ZERO, Ledger, open_balance

NOBODY, NO_LIMIT = "nobody owes", "nobody with something open has a limit"


# Concentration -------------------------------------------------------------------------------------------------------


def debts(ledger: Ledger, day: date, groups: bool = False) -> list[tuple[str, Decimal]]:
    """Customers who owe on balance and how much, the largest first. ``groups``: under their ultimate parents."""
    balances: dict[str, Decimal] = {}
    for doc in ledger.docs:
        customer = ultimate_parent(ledger, doc.customer_id) if groups else doc.customer_id
        balances[customer] = balances.get(customer, ZERO) + open_balance(ledger, doc, day)
    owing = [(customer, balance) for customer, balance in balances.items() if balance > 0]
    return sorted(owing, key=lambda pair: (-pair[1], pair[0]))


def top_share(ledger: Ledger, day: date, most: int) -> Reading:
    owed = [balance for _, balance in debts(ledger, day)]
    if not owed:
        return Reading(None, note=NOBODY)
    return ratio(sum(owed[:most], ZERO), sum(owed, ZERO))


def hhi(ledger: Ledger, day: date) -> Reading:
    """The sum of the squared shares in percent: 10 000 is a single debtor."""
    owed = [Fraction(balance) for _, balance in debts(ledger, day)]
    if not owed:
        return Reading(None, note=NOBODY)
    return Reading(sum(((100 * one / sum(owed)) ** 2 for one in owed), Fraction(0)))


def effective(ledger: Ledger, day: date) -> Reading:
    """As many debtors of equal size would be as concentrated."""
    index = hhi(ledger, day).value
    return Reading(None if index is None else 10_000 / index, note=None if index else NOBODY)


# Families ------------------------------------------------------------------------------------------------------------


def parent_of(ledger: Ledger, customer_id: str) -> str | None:
    """The customer's parent. One that the customer table does not know is no parent, nor is the customer itself."""
    for customer in ledger.customers:
        if customer.customer_id == customer_id and customer.parent_id != customer_id:
            known = {other.customer_id for other in ledger.customers}
            return customer.parent_id if customer.parent_id in known else None
    return None


def ultimate_parent(ledger: Ledger, customer_id: str) -> str:
    """Up to where there is no parent. Families must not go round in a circle."""
    parent = parent_of(ledger, customer_id)
    return customer_id if parent is None else ultimate_parent(ledger, parent)


def children(ledger: Ledger, customer_id: str) -> list[str]:
    return [other.customer_id for other in ledger.customers if parent_of(ledger, other.customer_id) == customer_id]


def family(ledger: Ledger, customer_id: str) -> list[str]:
    """The customer and all its descendants."""
    return [customer_id] + [one for child in children(ledger, customer_id) for one in family(ledger, child)]


# Credit limits -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """A holder of a limit. ``members``: customers whose debt counts against it, itself included."""

    customer_id: str
    members: int
    limit: Decimal
    exposure: Decimal
    open_items: int

    @property
    def utilisation(self) -> Fraction | None:
        return Fraction(self.exposure) / Fraction(self.limit) if self.limit > 0 else None

    @property
    def over(self) -> Decimal:
        return max(ZERO, self.exposure - self.limit)


def exposure(ledger: Ledger, customer_id: str, day: date) -> Decimal:
    """What the customer and its descendants owe together, unapplied credits taken off; never below nothing."""
    members = family(ledger, customer_id)
    return max(ZERO, total_ar(ledger.only([doc for doc in ledger.docs if doc.customer_id in members]), day))


def limits(ledger: Ledger, day: date) -> list[Limit]:
    """Every customer with a limit; a limit of 0 is one, none at all is not."""
    rows: list[Limit] = []
    for customer in ledger.customers:
        if customer.credit_limit is not None:
            members = family(ledger, customer.customer_id)
            items = [doc for doc in ledger.docs if doc.customer_id in members and open_balance(ledger, doc, day)]
            owed = exposure(ledger, customer.customer_id, day)
            rows.append(Limit(customer.customer_id, len(members), customer.credit_limit, owed, len(items)))
    return rows


def in_use(ledger: Ledger, day: date) -> list[Limit]:
    return [row for row in limits(ledger, day) if row.open_items]


def utilisation(ledger: Ledger, day: date) -> Reading:
    """Exposure over limit of the topmost holders that have something open, itself or by a descendant."""
    rows = in_use(ledger, day)
    below = {one for row in rows for one in family(ledger, row.customer_id) if one != row.customer_id}
    top = [row for row in rows if row.customer_id not in below]
    if not top:
        return Reading(None, note=NO_LIMIT)
    return ratio(sum((row.exposure for row in top), ZERO), sum((row.limit for row in top), ZERO), note="limits of zero")


def over_limit(ledger: Ledger, day: date) -> Reading:
    """Money above the limits. What is over a customer's limit and over its parent's counts once: the larger of both.

    Without a limit in use there is nothing to be over: no value rather than 0.
    """
    if not in_use(ledger, day):
        return Reading(None, note=NO_LIMIT)
    roots = [one.customer_id for one in ledger.customers if parent_of(ledger, one.customer_id) is None]
    return plain(sum((_excess(ledger, root, day) for root in roots), ZERO))


def _excess(ledger: Ledger, customer_id: str, day: date) -> Decimal:
    own = sum((row.over for row in limits(ledger, day) if row.customer_id == customer_id), ZERO)
    return max(own, sum((_excess(ledger, child, day) for child in children(ledger, customer_id)), ZERO))
