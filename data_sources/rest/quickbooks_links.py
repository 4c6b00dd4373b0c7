"""What QuickBooks' transactions say of each other: the lines on receivables, and what a payment put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from data_sources.rest.linking import Link, paired
from data_sources.rest.objects import Thing

# What payments call the purchases that give a customer money back.
_PURCHASES = frozenset(("Purchase", "Check", "Expense", "CreditCardCredit", "CashPurchase"))


def entity_of(kind: str) -> str:
    """The kind of object that a link of a payment means."""
    return "Purchase" if kind in _PURCHASES else kind


def linked(payment: Thing) -> Iterator[tuple[str, str]]:
    """Kind and id of everything that a payment names."""
    for line in payment.each("Line"):
        for one in line.each("LinkedTxn"):
            yield entity_of(one.must("TxnType")), one.must("TxnId")


def customers(entity: str, thing: Thing) -> Iterator[str]:
    """The ids of the customers whose balance a transaction may move."""
    if entity in ("JournalEntry", "Deposit", "Purchase"):
        found = (posting(entity, thing, line)[1] for line in thing.each("Line"))
    else:
        found = (thing.text("CustomerRef", "value"),)
    yield from (one for one in found if one)


def posting(entity: str, thing: Thing, line: Thing) -> tuple[str, str, Decimal]:
    """Account, customer and amount of a line, above 0 where it raises what the customer owes."""
    amount = line.amount("Amount") or Decimal(0)
    if entity == "JournalEntry":
        detail = ("JournalEntryLineDetail",)
        customer = line.text(*detail, "Entity", "EntityRef", "value")
        signed = amount if line.text(*detail, "PostingType") == "Debit" else -amount
    elif entity == "Deposit":
        detail = ("DepositLineDetail",)
        customer = line.text(*detail, "Entity", "value")
        signed = -amount
    else:
        detail = ("AccountBasedExpenseLineDetail",)
        customer = thing.text("EntityRef", "value")
        signed = -amount if thing.flag("Credit") else amount
    return line.text(*detail, "AccountRef", "value") or "", customer or "", signed


def links(payment: Thing, journals: Mapping[str, Mapping[str, Decimal]]) -> list[Link]:
    """What a payment put together: debits and credits by document id."""
    debits: list[tuple[str, Decimal]] = []
    credits: list[tuple[str, Decimal]] = []
    customer = payment.must("CustomerRef", "value")
    for line in payment.each("Line", kind=f"Payment {payment.must('Id')}, line"):
        linked = [(one.must("TxnType"), one.must("TxnId")) for one in line.each("LinkedTxn")]
        if not linked:
            continue
        # An amount is as large as it says, whichever side it is on: credits are told from debits by their kind.
        amount = abs(line.sure("Amount"))
        id, is_credit = _document(*linked[0], customer, journals)
        if len(linked) > 1:
            id = "+".join(f"{kind}-{txn}" for kind, txn in linked)
        (credits if is_credit else debits).append((id, amount))
    return paired(debits, credits)


def _document(kind: str, txn: str, customer: str, journals: Mapping[str, Mapping[str, Decimal]]) -> tuple[str, bool]:
    """The document id that a link means, and whether it is a credit."""
    name = entity_of(kind)
    by_customer = journals.get(f"{name}-{txn}", {})
    owner = customer if customer in by_customer else next(iter(by_customer), None) if len(by_customer) == 1 else None
    if owner is not None:
        return f"{name}-{txn}-{owner}", by_customer[owner] < 0
    return f"{name}-{txn}", name in ("CreditMemo", "Deposit")
