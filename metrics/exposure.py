"""Metrics of how much hangs on few customers, and of what is owed beyond credit limits."""

from __future__ import annotations

from metrics.spec import Better, Metric, Unit

_NOBODY_OWES = "nobody owes anything"
_NO_LIMIT = "nobody with something open has a credit limit"
_NET = "customers' balances net of their unapplied credits, those above zero"

TOP_10_SHARE = Metric(
    id="top_10_share",
    label="Top 10 share",
    question="How much of what we are owed is owed by the ten largest debtors?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula=f"the ten largest balances ÷ all balances: {_NET}",
    source="Common usage in concentration disclosures",
    example="Balances of 40, 25, 15, 10, 5 and 5: the ten largest are all there is, 100 %",
    no_value=_NOBODY_OWES,
    windowed=False,
    own="top_share",
)

HHI = Metric(
    id="hhi",
    label="Concentration index (HHI)",
    question="How concentrated is what we are owed?",
    unit=Unit.NUMBER,
    better=Better.LOWER,
    additive=False,
    formula=f"Σ (balance ÷ all balances)² × 10 000: {_NET}; 10 000 is one single debtor",
    source="Herfindahl–Hirschman index",
    example="Shares of 40, 25, 15, 10, 5 and 5 %: 1 600 + 625 + 225 + 100 + 25 + 25 = 2 600",
    no_value=_NOBODY_OWES,
    windowed=False,
    own="hhi",
)

EFFECTIVE_DEBTORS = Metric(
    id="effective_debtors",
    label="Effective debtors",
    question="How many debtors of equal size would spread the risk as we do?",
    unit=Unit.NUMBER,
    better=Better.HIGHER,
    additive=False,
    formula=f"10 000 ÷ concentration index (HHI): {_NET}",
    source="Inverse of the Herfindahl–Hirschman index",
    example="An index of 2 600: 10 000 ÷ 2 600 = 3.85 debtors",
    no_value=_NOBODY_OWES,
    windowed=False,
    own="effective_debtors",
)

CREDIT_UTILISATION = Metric(
    id="credit_utilisation",
    label="Credit utilisation",
    question="How much of the credit we grant is used?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula=(
        "exposure ÷ credit limit, over customers with a limit and something open; a parent's limit covers its whole "
        "family, whose own limits then do not count; exposure is net of unapplied credits, at least 0"
    ),
    source="Common usage; open orders are not in the ledger and do not count",
    example="A family owes 80 of its parent's 100, another customer 60 of 50: 140 ÷ 150 = 93.3 %",
    no_value=_NO_LIMIT,
    windowed=False,
    own="credit_utilisation",
)

OVER_LIMIT = Metric(
    id="over_limit",
    label="Over limit",
    question="How much is owed beyond credit limits?",
    unit=Unit.MONEY,
    better=Better.LOWER,
    additive=False,
    formula=(
        "Σ exposure − credit limit where that is above 0, a family counted once: the larger of the parent's own excess "
        "and the sum of its members'; no limit is not a limit of zero"
    ),
    source="This product's roll-up of limits",
    example="A child owes 70 with a limit of 50, its parent's family 130 with a limit of 100: 30 over, not 50",
    no_value=_NO_LIMIT,
    windowed=False,
    own="over_limit",
)
