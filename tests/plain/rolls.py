"""What becomes of open money from month-end to month-end, in plain Python: rolls, loss rates, provision.

Amounts are those of slices, in the documents' currency.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tests.plain.balances import AgingRule, aged_from, bucket
from tests.plain.ledger import ZERO, Ledger, Slice, slices
from tests.plain.paying import month_end

OUTCOME = {"cash": "paid", "fx": "paid", "credit": "credited", "write_off": "written off"}
"""Exchange differences are paid: they close an invoice together with the payment that they arose on."""
WRITTEN_OFF = "written off"

Flows = dict[int, dict[int | str, Decimal]]
"""Bucket at the earlier month-end to outcome (a bucket, or what closed it) to money."""


def debit_slices(ledger: Ledger, day: date) -> list[Slice]:
    """The slices of money owed that are open at the end of ``day``."""
    return [part for doc in ledger.docs for part in slices(ledger, doc) if part.amount > 0 and part.is_open(day)]


def bucket_of(part: Slice, rule: AgingRule, day: date) -> int:
    """What a credit was settled for beyond its amount ages from the day it arose."""
    beyond = part.doc.amount <= 0
    return bucket(rule, part.opened_on if beyond else aged_from(rule, part.doc), day)


def late_slices(ledger: Ledger, day: date, rule: AgingRule) -> list[Slice]:
    """The slices of money owed that are past due at the end of ``day``, however the rule ages them otherwise."""
    by_due = AgingRule(basis="due_date", due_today=rule.due_today)
    return [part for part in debit_slices(ledger, day) if bucket_of(part, by_due, day) > 0]


def month_ends(day: date, count: int) -> list[date]:
    """The last ``count`` month-ends up to ``day``, oldest first."""
    found: list[date] = []
    end = day if day == month_end(day) else day.replace(day=1) - timedelta(days=1)
    while len(found) < count:
        found.insert(0, end)
        end = end.replace(day=1) - timedelta(days=1)
    return found


def followed(ledger: Ledger, day: date, months: int = 12, rule: AgingRule | None = None) -> Flows:
    """The same slices from one month-end to the next, summed over the last ``months`` pairs up to ``day``."""
    rule = rule or AgingRule()
    ends = month_ends(day, months + 1)
    flows: Flows = {}
    for earlier, later in pairwise(ends):
        for part in debit_slices(ledger, earlier):
            outcomes = flows.setdefault(bucket_of(part, rule, earlier), {})
            to = bucket_of(part, rule, later) if part.is_open(later) else OUTCOME.get(part.closed_by or "", "other")
            outcomes[to] = outcomes.get(to, ZERO) + part.amount
    return flows


def net_flow(
    ledger: Ledger, day: date, months: int = 12, rule: AgingRule | None = None
) -> dict[int, tuple[Decimal, Decimal]]:
    """Bucket to (money in the next bucket at the later month-ends, money in the bucket at the earlier ones).

    The first month-end is that of the month in which the history begins.
    """
    rule = rule or AgingRule()
    first = min((doc.opened_on for doc in ledger.docs), default=day)
    ends = [end for end in month_ends(day, months + 1) if end >= first]

    def held(place: int, day: date) -> Decimal:
        return sum((p.amount for p in debit_slices(ledger, day) if bucket_of(p, rule, day) == place), ZERO)

    table: dict[int, tuple[Decimal, Decimal]] = {}
    for place in range(len(rule.edges) + 1):
        went = sum((held(place + 1, end) for end in ends[1:]), ZERO)
        table[place] = (went, sum((held(place, end) for end in ends[:-1]), ZERO))
    return table


def loss_rates(flows: Flows, buckets: int, improvement: Fraction = Fraction(0)) -> list[Fraction]:
    """The share of each bucket's money that is written off in the end, current first.

    From the oldest bucket back: what leaves a bucket in a month is written off, closed otherwise, or goes on to a later
    bucket and is lost at that one's rate. A bucket that nothing has ever left has the next older one's rate; the
    oldest, 1. ``improvement``: that share of what would be written off or go on is collected instead.
    """
    rates: list[Fraction] = []  # oldest first
    for place in reversed(range(buckets)):
        outcomes = flows.get(place, {})
        left = sum((Fraction(amount) for to, amount in outcomes.items() if to != place), Fraction(0))
        lost = Fraction(outcomes.get(WRITTEN_OFF, ZERO))
        for later in range(place + 1, buckets):
            lost += Fraction(outcomes.get(later, ZERO)) * rates[buckets - 1 - later]
        older = rates[-1] if rates else Fraction(1)
        rates.append(lost * (1 - improvement) / left if left else older)
    return rates[::-1]


def exposures(ledger: Ledger, day: date, rule: AgingRule | None = None) -> dict[int, Decimal]:
    """Money owed by bucket, credits left out whatever the rule says of them."""
    rule = rule or AgingRule()
    table: dict[int, Decimal] = {}
    for part in debit_slices(ledger, day):
        place = bucket_of(part, rule, day)
        table[place] = table.get(place, ZERO) + part.amount
    return table


def provision(
    ledger: Ledger,
    day: date,
    months: int = 12,
    rule: AgingRule | None = None,
    adjustments: dict[int, Fraction] | None = None,
) -> dict[int, Fraction]:
    """Bucket to allowance, not rounded: money × own loss rate × (1 + adjustment), at most the money."""
    rates = loss_rates(followed(ledger, day, months, rule), len((rule or AgingRule()).edges) + 2)
    return {
        place: Fraction(amount) * min(Fraction(1), rates[place] * (1 + (adjustments or {}).get(place, Fraction(0))))
        for place, amount in exposures(ledger, day, rule).items()
    }
