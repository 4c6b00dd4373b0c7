"""What late payment costs, and what was given up."""

from __future__ import annotations

import polars as pl

from metrics import parts
from metrics.spec import Better, Metric, Unit

WRITE_OFFS = Metric(
    id="write_offs",
    label="Written off",
    question="How much was given up?",
    unit=Unit.MONEY,
    better=Better.LOWER,
    additive=True,
    formula="write-offs of the window, less what was taken back (recovered)",
    source="This product's roll-forward",
    example="1 200 written off and 200 of it recovered in the window: 1 000",
    numerator=parts.write_offs,
)

WRITE_OFF_RATIO = Metric(
    id="write_off_ratio",
    label="Write-offs to receivables",
    question="What part of the receivables was given up in the window?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula="write-offs net of recoveries ÷ average gross open of opening and close; per window, not per year",
    source="Filings with the SEC: write-offs net of collections to average trade receivables",
    example="1 000 written off, gross open 90 000 at the opening and 110 000 at the close: 1 %",
    numerator=parts.write_offs,
    denominator=(parts.opening_gross + parts.gross_open) / 2,
    no_value="nothing open",
)

BAD_DEBT_RATIO = Metric(
    id="bad_debt_ratio",
    label="Bad debt to sales",
    question="What part of the sales is lost?",
    unit=Unit.RATIO,
    better=Better.LOWER,
    additive=False,
    formula=(
        "write-offs net of recoveries ÷ credit sales of the window (direct write-off: what was charged to a "
        "provision is not in receivables data)"
    ),
    source="HighRadius; Keiter",
    example="27 200 written off, credit sales 1 785 000: 1.5 %",
    numerator=parts.write_offs,
    denominator=parts.credit_sales,
    no_value="no credit sales in the window",
)

FX_LOSSES = Metric(
    id="fx_losses",
    label="Exchange losses",
    question="How much did exchange rates take?",
    unit=Unit.MONEY,
    better=Better.LOWER,
    additive=True,
    formula=(
        "exchange differences of the window: what was booked at the invoice's rate less what it was settled at; at "
        "closing rates also what open items lost in value; below zero it is a gain"
    ),
    source="This product's roll-forward",
    example="1 000 EUR invoiced at 1.10 and paid at 1.06: 1 100 USD booked, 1 060 USD received, 40 lost",
    numerator=parts.fx,
)

COST_OF_OVERDUE = Metric(
    id="cost_of_overdue",
    label="Cost of overdue",
    question="What does it cost to wait for what is overdue now?",
    unit=Unit.MONEY,
    better=Better.LOWER,
    additive=False,
    formula=(
        "overdue × annual rate × days in the window ÷ 365, to the nearest cent: what carrying today's overdue for as "
        "long as the window costs; the rate is [capital] annual_rate of app.toml"
    ),
    source="Common usage (Tesorio)",
    example="1 000 000 overdue at 8 % a year for 91 days: 19 945.21",
    numerator=(parts.overdue * parts.annual_rate * parts.days / 365)
    .round(0, mode="half_away_from_zero")
    .cast(pl.Int64),
)
