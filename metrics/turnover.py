"""How fast what is billed turns into cash: DSO and its relatives."""

from __future__ import annotations

import polars as pl

from metrics import parts
from metrics.spec import Better, Metric, Unit

_CRF = "Credit Research Foundation, KPI definitions"
_NO_SALES = "no credit sales in the window"

BILLED = Metric(
    id="billed",
    label="Billed",
    question="How much was invoiced?",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    additive=True,
    formula="invoices and debit memos posted in the window",
    source="This product's roll-forward",
    example="Invoices of 9 000 and a debit memo of 200 in the window: 9 200",
    numerator=parts.billed,
)

CREDIT_SALES = Metric(
    id="credit_sales",
    label="Credit sales",
    question="How much was sold on credit, net of credit memos?",
    unit=Unit.MONEY,
    better=Better.HIGHER,
    additive=True,
    formula="billed − credits in the window: what DSO divides by",
    source=_CRF,
    example="Billed 9 200, credit memos of 200: 9 000",
    numerator=parts.credit_sales,
)

DSO = Metric(
    id="dso",
    label="DSO",
    question="How many days of sales are waiting to be paid?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="total AR ÷ credit sales × days in the window; credit sales = billed − credits",
    source=_CRF,
    example="AR 1 500 000, credit sales 9 000 000 in 365 days: 60.8 days",
    numerator=parts.total_ar,
    denominator=parts.credit_sales,
    factor=parts.days,
    no_value=_NO_SALES,
)

DSO_AVERAGE = Metric(
    id="dso_average",
    label="DSO, average balance",
    question="How many days of sales were waiting to be paid, on average over the window?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="(opening AR + closing AR) ÷ 2 ÷ credit sales × days in the window",
    source="Common usage (Alwadi): calmer than DSO when the balance jumps at the end",
    example="AR 100 000 at the opening and 120 000 at the close, sales 500 000 in 365 days: 80.3 days",
    numerator=(parts.opening + parts.total_ar) / 2,
    denominator=parts.credit_sales,
    factor=parts.days,
    no_value=_NO_SALES,
)

DSO_BEST_POSSIBLE = Metric(
    id="dso_best_possible",
    label="Best possible DSO",
    question="What would DSO be if every customer paid on the due date?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="current (not yet due) ÷ credit sales × days in the window",
    source=_CRF,
    example="10 000 of AR, 2 000 of it past due, 30 000 of sales in 30 days: 8.0 days",
    numerator=parts.current,
    denominator=parts.credit_sales,
    factor=parts.days,
    no_value=_NO_SALES,
)

DAYS_DELINQUENT = Metric(
    id="days_delinquent",
    label="Average days delinquent",
    question="How many days of DSO are late payment?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="overdue ÷ credit sales × days in the window; DSO = best possible + delinquent + unapplied credits' part",
    source=f"{_CRF}; JD Edwards calls it delinquent DSO",
    example="2 000 overdue, 30 000 of sales in 30 days: 2.0 days",
    numerator=parts.overdue,
    denominator=parts.credit_sales,
    factor=parts.days,
    no_value=_NO_SALES,
)

DSO_COUNTBACK = Metric(
    id="dso_countback",
    label="Count-back DSO",
    question="How many days back must we go to have billed what is owed now?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula=(
        "walking back month by month from the as-of day: while AR covers the month's credit sales, take them off and "
        "count its days; then the rest ÷ the month's credit sales × its days"
    ),
    source="JD Edwards F03B16; Oracle Hyperion Financial Management, DSO()",
    example="AR 212 000; months of 100 000, 80 000 and 70 000, 30 days each: 30 + 30 + 32/70 × 30 = 73.7 days",
    windowed=False,
    own="countback",
)

AR_TURNOVER = Metric(
    id="ar_turnover",
    label="AR turnover",
    question="How many times was the balance collected in the window?",
    unit=Unit.TIMES,
    better=Better.HIGHER,
    additive=False,
    formula="credit sales of the window ÷ total AR at its end; per window, not per year",
    source=_CRF,
    example="Credit sales 500 000, AR 120 000 at the end: 4.17 times",
    numerator=parts.credit_sales,
    denominator=parts.total_ar,
    no_value="nothing owed",
)

AR_TURNOVER_AVERAGE = Metric(
    id="ar_turnover_average",
    label="AR turnover, average balance",
    question="How many times was the average balance collected in the window?",
    unit=Unit.TIMES,
    better=Better.HIGHER,
    additive=False,
    formula="credit sales of the window ÷ ((opening AR + closing AR) ÷ 2); per window, not per year",
    source="Common usage (Alwadi)",
    example="Credit sales 500 000, AR 100 000 at the opening and 120 000 at the close: 4.55 times",
    numerator=parts.credit_sales,
    denominator=(parts.opening + parts.total_ar) / 2,
    no_value="nothing owed",
)

DSO_DAY_VALUE = Metric(
    id="dso_day_value",
    label="Cash value of a DSO day",
    question="How much cash does one day less of DSO set free?",
    unit=Unit.MONEY,
    better=Better.NEITHER,
    additive=False,
    formula="credit sales ÷ days in the window, to the nearest cent",
    source="Tesorio: sales of a year ÷ 365",
    example="Credit sales 10 000 000 in 365 days: 27 397.26",
    numerator=(parts.credit_sales / parts.days).round(0, mode="half_away_from_zero").cast(pl.Int64),
)
