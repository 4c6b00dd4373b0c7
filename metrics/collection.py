"""How well receivables are collected, and how customers pay."""

from __future__ import annotations

import polars as pl

from metrics import parts
from metrics.spec import Better, Metric, Unit

_NOTHING_PAID = "nothing was paid in the window"

CASH_COLLECTED = Metric(
    id="cash_collected",
    label="Cash collected",
    question="How much cash came in?",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    additive=True,
    formula="payments received in the window, applied or not: cash settlements − payment documents, signed",
    source="This product's roll-forward",
    example="A receipt of 1 000 of which 900 is applied at once: 1 000",
    numerator=parts.cash,
)

CEI = Metric(
    id="cei",
    label="CEI",
    question="Of what could be collected, how much was?",
    unit=Unit.PERCENT,
    better=Better.HIGHER,
    additive=False,
    formula=(
        "(opening AR + credit sales − closing AR) ÷ (opening AR + credit sales − closing current) × 100, "
        "over one and the same window"
    ),
    source="Credit Research Foundation's collection effectiveness index, full-period form",
    example="Opening 6 200, credit sales 10 890, closing 6 340 of which 3 590 current: 79.6",
    numerator=parts.opening + parts.credit_sales - parts.total_ar,
    denominator=parts.opening + parts.credit_sales - parts.current,
    factor=pl.lit(100),
    no_value="nothing was collectible",
    flag=pl.when(parts.total_ar < parts.current).then(pl.lit("above 100: credits exceed what is overdue")),
)

DAYS_TO_PAY = Metric(
    id="days_to_pay",
    label="Days to pay",
    question="How long do customers take to pay?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="Σ paid × (paid on − document date) ÷ Σ paid, over invoices and debit memos paid in the window",
    source="Oracle Fusion, weighted average days paid",
    example="10 paid after 5 days and 100 after 10 days: 9.5 days",
    numerator=pl.col("paid_days"),
    denominator=parts.paid,
    no_value=_NOTHING_PAID,
)

DAYS_BEYOND_TERMS = Metric(
    id="days_beyond_terms",
    label="Days beyond terms",
    question="How many days late, or early, do customers pay?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="Σ paid × (paid on − due date) ÷ Σ paid, signed: paying early counts below zero",
    source="Satago; Fit Small Business (signed form)",
    example="100 at −10, 200 at −5, 300 at 0, 400 at 5 and 500 at 10 days: 3.3 days",
    numerator=pl.col("paid_late_days"),
    denominator=parts.paid,
    no_value=_NOTHING_PAID,
)

ON_TIME_SHARE = Metric(
    id="on_time_share",
    label="Paid on time",
    question="What part of the money came by its due date?",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    additive=False,
    formula="paid by the due date ÷ paid, over invoices and debit memos paid in the window, by amount",
    source="Common usage; no grace days",
    example="600 of 1 000 paid by the due date: 60 %",
    numerator=pl.col("paid_on_time"),
    denominator=parts.paid,
    no_value=_NOTHING_PAID,
)
