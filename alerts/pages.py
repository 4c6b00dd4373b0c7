"""Where to look and who is to act: the page that tells most about a breach, what it is narrowed to, and its owner."""

from __future__ import annotations

import polars as pl

from alerts.case import Breach, Where
from config.alerts import AlertSettings, owner_named
from ledger.book import Book
from ledger.scope import CUSTOMER, UNASSIGNED, Scope
from metrics.catalog import CATALOG

CUSTOMERS = "pages/receivables/customers.py"
SEGMENTS = "pages/receivables/segments.py"
AGING = "pages/receivables/aging.py"
CHANGES = "pages/summary/changes.py"
EFFECTIVENESS = "pages/collections/effectiveness.py"
CONCENTRATION = "pages/risk/concentration.py"
PROVISION = "pages/risk/provision.py"
OVERVIEW = "pages/summary/overview.py"

_BY_METRIC = {
    **dict.fromkeys(("overdue", "overdue_share", "current_share", "over_90_share"), AGING),
    **dict.fromkeys(("gross_open", "disputed", "disputed_share", "cost_of_overdue"), AGING),
    **dict.fromkeys(("cei", "cei_crf", "cei_cash", "collection_efficiency"), EFFECTIVENESS),
    **dict.fromkeys(("days_to_pay", "days_beyond_terms", "days_beyond_terms_clamped"), SEGMENTS),
    **dict.fromkeys(("on_time_share", "on_time_count_share"), SEGMENTS),
    **dict.fromkeys(("top_10_share", "hhi", "effective_debtors", "credit_utilisation", "over_limit"), CONCENTRATION),
    **dict.fromkeys(("write_offs", "write_off_ratio", "bad_debt_ratio"), PROVISION),
}


def page(breach: Breach) -> str:
    """A customer's own page; of others the one about the metric: the aging page leads to the documents to chase.

    Days of payment are told beside other groups, what else can be split by why it moved.
    """
    if CUSTOMER in dict(breach.group):
        return CUSTOMERS
    metric = CATALOG[breach.rule.metric]
    return _BY_METRIC.get(metric.id, OVERVIEW if metric.own else CHANGES)


def where(breach: Breach) -> Where:
    """What the page is narrowed to: the rule's own part where it is one value, and the group."""
    own = [
        (name, values[0]) for name, values in breach.rule.where if len(values) == 1 and name not in dict(breach.group)
    ]
    return (*((name, None if value == UNASSIGNED else value) for name, value in own), *breach.group)


def owner(book: Book, breach: Breach, scope: Scope, settings: AlertSettings) -> str:
    """A key of the owners: whom the rule's ``owner_by`` names for this group, else its ``owner``, else the first.

    Of a customer, ``owner_by`` is the value of most of its documents' open money; empty where there is no owner.
    """
    named = owner_named(settings, _value(book, breach, scope)) if breach.rule.owner_by else None
    fallback = breach.rule.owner if breach.rule.owner in settings.owners else next(iter(settings.owners), "")
    return named or fallback


def _value(book: Book, breach: Breach, scope: Scope) -> str | None:
    """The value of ``owner_by`` that the group has."""
    name, group = breach.rule.owner_by, dict(where(breach))
    if name in group or CUSTOMER not in group:
        return group.get(name)
    if name in (CUSTOMER, "currency"):
        return group.get(name)
    owed = book.positions([breach.day], scope, [name]).group_by(name).agg((pl.col("amount") - pl.col("credit")).sum())
    known = owed.drop_nulls(name).sort("amount", name, descending=[True, False])
    return known[name][0] if known.height else None
