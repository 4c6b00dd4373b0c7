"""Which credit closed which debit, where a service only says which of both a payment put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Link:
    """An amount of ``debit`` that was closed by ``credit``; one of both is the payment itself where it is ``None``."""

    debit: str | None
    credit: str | None
    amount: Decimal


def paired(debits: Iterable[tuple[str, Decimal]], credits: Iterable[tuple[str, Decimal]]) -> list[Link]:
    """Debits and credits in the order they were given, each credit on the first debits that are left.

    What no credit covers was paid. Sums by document and by kind are those of the service, whichever way it is shared.
    """
    links: list[Link] = []
    waiting = [[id, amount] for id, amount in debits if amount]
    for credit, amount in credits:
        left = amount
        while left and waiting:
            debit, open_ = waiting[0]
            taken = min(left, Decimal(open_))
            links.append(Link(str(debit), credit, taken))
            left -= taken
            waiting[0][1] = Decimal(open_) - taken
            if not waiting[0][1]:
                waiting.pop(0)
        if left:
            links.append(Link(None, credit, left))
    return links + [Link(str(debit), None, Decimal(open_)) for debit, open_ in waiting]
