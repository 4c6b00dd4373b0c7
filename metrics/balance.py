"""What is owed, and how late it is, at the close of a day."""

from __future__ import annotations

from metrics import parts
from metrics.spec import Better, Metric, Unit

_LEDGER = "This product's open-interval ledger; terms of the Credit Research Foundation's KPI definitions"
_CRF = "Credit Research Foundation, KPI definitions"

TOTAL_AR = Metric(
    id="total_ar",
    label="Total AR",
    question="How much do customers owe us, net of what we hold for them?",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    additive=True,
    formula="all open items at the close of the as-of day, unapplied credits included",
    source=_LEDGER,
    example="Open invoices of 10 000 and an unapplied payment of 500: total AR is 9 500",
    windowed=False,
    numerator=parts.total_ar,
)

GROSS_OPEN = Metric(
    id="gross_open",
    label="Gross open",
    question="How much is invoiced and not yet paid?",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    additive=True,
    formula="current + overdue: the open debit items, before unapplied credits",
    source=_LEDGER,
    example="8 000 not yet due and 2 000 overdue: gross open is 10 000",
    windowed=False,
    numerator=parts.gross_open,
)

OVERDUE = Metric(
    id="overdue",
    label="Overdue",
    question="How much is past its due date?",
    unit=Unit.MONEY,
    better=Better.LOWER,
    additive=True,
    formula="open debit items past their due date at the close of the as-of day; due today is current unless set so",
    source=_LEDGER,
    example="Of 10 000 open, 8 000 falls due today or later: overdue is 2 000",
    windowed=False,
    numerator=parts.overdue,
)

OVERDUE_SHARE = Metric(
    id="overdue_share",
    label="Overdue share",
    question="What part of the open invoices is late?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula="overdue ÷ gross open",
    source=f"{_CRF} (100 % less percent current); SAP's ratio of overdue to open",
    example="2 000 overdue of 10 000 gross open: 20 %",
    windowed=False,
    numerator=parts.overdue,
    denominator=parts.gross_open,
    no_value="nothing open",
)

CURRENT_SHARE = Metric(
    id="current_share",
    label="Current share",
    question="What part of the open invoices is not yet due?",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    additive=False,
    formula="current ÷ gross open; 100 % less the overdue share",
    source=f"{_CRF} (percent current)",
    example="8 000 not yet due of 10 000 gross open: 80 %",
    windowed=False,
    numerator=parts.current,
    denominator=parts.gross_open,
    no_value="nothing open",
)

OVER_90_SHARE = Metric(
    id="over_90_share",
    label="Over 90 days",
    question="What part of the open invoices is more than 90 days late?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula="open debit items more than 90 days past due ÷ gross open (from 90 days where last_day is set outside)",
    source=f"{_CRF} (percent over 90 days past due)",
    example="140 000 more than 90 days past due of 3 610 000 open: 3.9 %",
    windowed=False,
    numerator=parts.over_90,
    denominator=parts.gross_open,
    no_value="nothing open",
)

UNAPPLIED_CREDITS = Metric(
    id="unapplied_credits",
    label="Unapplied credits",
    question="How much customer money is not yet matched to an invoice?",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    additive=True,
    formula="open payments, credit memos and overpayments: zero or negative, part of total AR, in no aging bucket",
    source=f"{_CRF}: receivables include unapplied cash",
    example="A payment of 500 with no invoice to go to: −500",
    windowed=False,
    numerator=parts.unapplied,
)

UNAPPLIED_CASH_SHARE = Metric(
    id="unapplied_cash_share",
    label="Unapplied cash share",
    question="What part of a window's receipts is waiting to be matched?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula=(
        "open payment documents at the close ÷ cash collected in the window; credit memos and overpaid invoices are "
        "unapplied credits, but not in here. Old unapplied cash can take it above 100 %"
    ),
    source="Common usage: unapplied receipts to receipts of the period",
    example="Payments of 500 not yet matched, 20 000 received in the window: 2.5 %",
    numerator=-parts.unapplied_cash,
    denominator=parts.cash,
    no_value="no cash in the window",
)

DISPUTED = Metric(
    id="disputed",
    label="Disputed",
    question="How much of what is open do customers dispute?",
    unit=Unit.MONEY,
    better=Better.LOWER,
    additive=True,
    formula="open debit items that the source marks as disputed today; it does not say since when",
    source="SAP, overdue in dispute",
    example="Of 10 000 gross open, invoices of 700 are marked as disputed: 700",
    windowed=False,
    numerator=parts.disputed,
)

DISPUTED_SHARE = Metric(
    id="disputed_share",
    label="Disputed share",
    question="What part of the open invoices is disputed?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula="disputed ÷ gross open",
    source="SAP, overdue in dispute",
    example="700 disputed of 10 000 gross open: 7 %",
    windowed=False,
    numerator=parts.disputed,
    denominator=parts.gross_open,
    no_value="nothing open",
)
