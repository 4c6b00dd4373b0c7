"""How well receivables are collected, and how customers pay."""

from __future__ import annotations

import polars as pl

from metrics import parts
from metrics.spec import Better, Metric, Unit

_NOTHING_PAID = "nothing was paid in the window"
_ABOVE_100 = pl.when(parts.total_ar < parts.current).then(pl.lit("above 100: credits exceed what is overdue"))
_AVERAGE_MONTH = parts.opening + parts.credit_sales / parts.months

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
    flag=_ABOVE_100,
)

CEI_CRF = Metric(
    id="cei_crf",
    label="CEI, average month",
    question="How does collection compare with the published index?",
    unit=Unit.PERCENT,
    better=Better.HIGHER,
    additive=False,
    formula=(
        "(opening AR + credit sales ÷ months − closing AR) ÷ (opening AR + credit sales ÷ months − closing current) "
        "× 100; a window in days has days ÷ 30.4 months"
    ),
    source="Credit Research Foundation's collection effectiveness index as published; its medians are in this form",
    example="Opening 6 200, credit sales 10 890 in three months, closing 6 340 of which 3 590 current: 55.9",
    numerator=_AVERAGE_MONTH - parts.total_ar,
    denominator=_AVERAGE_MONTH - parts.current,
    factor=pl.lit(100),
    no_value="nothing was collectible",
    flag=_ABOVE_100,
)

CEI_CASH = Metric(
    id="cei_cash",
    label="CEI, cash only",
    question="Of what could be collected, how much came in as cash?",
    unit=Unit.PERCENT,
    better=Better.HIGHER,
    additive=False,
    formula="cash collected ÷ (opening AR + credit sales − closing current) × 100; write-offs do not count",
    source="This product: the Credit Research Foundation's index with cash as its numerator",
    example="Opening 100, credit sales 40, closing 90 of which 40 current, 40 in cash and 10 written off: 40",
    numerator=parts.cash,
    denominator=parts.opening + parts.credit_sales - parts.current,
    factor=pl.lit(100),
    no_value="nothing was collectible",
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

DAYS_BEYOND_TERMS_CLAMPED = Metric(
    id="days_beyond_terms_clamped",
    label="Days late, early as zero",
    question="How many days late do customers pay, when paying early earns nothing?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="Σ paid × days paid after the due date, 0 for what came early ÷ Σ paid",
    source="Common usage (the clamped form of days beyond terms)",
    example="4 000 on time, 6 000 six days late and 2 000 eight days late: 4.3 days",
    numerator=pl.col("paid_overdue_days"),
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

ON_TIME_COUNT_SHARE = Metric(
    id="on_time_count_share",
    label="Paid on time, by count",
    question="What part of the payments came by its due date?",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    additive=False,
    formula=(
        "payments by the due date ÷ payments, by number: every part of an invoice or debit memo that was paid in the "
        "window counts once"
    ),
    source="Common usage; no grace days",
    example="7 of 10 invoices paid by the due date: 70 %",
    numerator=pl.col("paid_on_time_count"),
    denominator=pl.col("paid_count"),
    no_value=_NOTHING_PAID,
    counted=True,
)
