"""Two further readings of DSO that no ratio of one window's sums gives: rolling over a year, and by each item's age."""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.calendar import Window
from ledger.days import between, month_end
from metrics.question import Question
from metrics.spec import Better, Metric, Unit

_YEAR = "12mo"
_NO_SALES = "no credit sales in the 12 months"

DSO_ROLLING = Metric(
    id="dso_rolling",
    label="Rolling DSO",
    question="How many days of a whole year's sales are waiting to be paid?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula="total AR ÷ credit sales of the 12 months to the as-of day × days of those months, whatever the window",
    source="JD Edwards, current balance divided by sales; SAP lets the windows of sales and balance differ",
    example="AR 1 500 000, credit sales 9 000 000 in the 365 days of 12 months: 60.8 days",
    no_value=_NO_SALES,
    windowed=False,
    own="dso_rolling",
)

DSO_TRUE = Metric(
    id="dso_true",
    label="True DSO",
    question="How old are the open items, each against the sales of its own month?",
    unit=Unit.DAYS,
    better=Better.LOWER,
    additive=False,
    formula=(
        "Σ over open debit items: days since the document date × open amount ÷ credit sales of the month it was "
        "posted in; items of months without credit sales are left out, with a note"
    ),
    source="Oracle Advanced Collections, true DSO",
    example="On 31 March 20 of 15 January and 50 of 10 March, sales 100 a month: 75 × 0.20 + 21 × 0.50 = 25.5 days",
    windowed=False,
    own="dso_true",
)


def dso_rolling(asked: Question) -> pl.DataFrame:
    """``as_of, <by…>, currency, value, numerator, denominator, note``: total AR over the credit sales of 12 months.

    A row a group with a balance or with sales. Of each window only its last day counts. Noted where the 12 months
    begin before the history does; null without credit sales.
    """
    book, keys = asked.book, asked.keys
    years = [_year(day) for day in asked.days]
    balances = asked.balances.select(*keys, numerator="total_ar")
    sales = book.credit_sales(years, asked.scope, asked.by).rename({"credit_sales": "denominator"})
    early = f"the 12 months begin before the first document ({book.first_day.isoformat()})" if book.first_day else None
    spans = pl.DataFrame(
        {
            "as_of": [year.end for year in years],
            "_days": [year.days for year in years],
            "_note": [None if book.covers(year) else early for year in years],
        },
        schema={"as_of": pl.Date, "_days": pl.Int64, "_note": pl.String},
    )
    joined = (
        pl.concat([balances.select(keys), sales.select(keys)])
        .unique()
        .join(balances, on=keys, how="left", nulls_equal=True)
        .join(sales, on=keys, how="left", nulls_equal=True)
        .join(spans, on="as_of")
        .with_columns(pl.col("numerator", "denominator").fill_null(0))
    )
    there = pl.col("denominator") > 0
    ratio = pl.col("numerator").cast(pl.Float64) / pl.col("denominator").cast(pl.Float64) * pl.col("_days")
    return joined.select(
        *keys,
        value=pl.when(there).then(ratio),
        numerator="numerator",
        denominator="denominator",
        note=pl.when(there).then("_note").otherwise(pl.lit(_NO_SALES)),
    ).sort(keys, nulls_last=True)


def _year(end: date) -> Window:
    """The 12 months to ``end``; all there is before it in the first year of the calendar."""
    return Window.ending(end, _YEAR) if end.year > 1 else Window(date.min, end)


def dso_true(asked: Question) -> pl.DataFrame:
    """``as_of, <by…>, currency, value, numerator, denominator, note``: a row a group with open debit items.

    Age counts from the document date, the month is that of posting; the as-of day's own month ends on the as-of day.
    ``numerator`` is the open amount that counts, ``denominator`` the credit sales of its months. Items of months
    without credit sales are left out, with a note; null where nothing else is open. Of each window only its last day
    counts.
    """
    keys = asked.keys
    months = _open_by_month(asked)
    spans = [Window(end.replace(day=1), end) for end in months["month"].unique().sort()]
    sales = asked.book.credit_sales(spans, asked.scope, asked.by).rename({"as_of": "month", "credit_sales": "sales"})
    counts = pl.col("sales") > 0
    days = (pl.col("_aged").cast(pl.Float64) / pl.col("sales").cast(pl.Float64)).filter(counts)
    left_out = (~counts & (pl.col("left") > 0)).any()
    found = (
        months.join(sales, on=["month", *keys[1:]], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.col("sales").fill_null(0))
        .group_by(keys, maintain_order=True)
        .agg(
            value=pl.when(counts.any()).then(days.sum()),
            numerator=pl.col("left").filter(counts).sum(),
            denominator=pl.col("sales").filter(counts).sum(),
            note=pl.when(left_out).then(pl.lit("open items of months without credit sales are left out")),
        )
    )
    return found.select(*keys, "value", "numerator", "denominator", "note")


def _open_by_month(asked: Question) -> pl.DataFrame:
    """Open debit items by posting month: ``as_of, <by…>, currency, month, left, _aged``.

    ``month``: the last day that counts of it; ``left``: the open amount; ``_aged``: Σ amount × days since the document
    date (Int128). Sorted.
    """

    def by_month(rows: pl.LazyFrame) -> pl.LazyFrame:
        month = month_end(pl.col("posting_date"))
        return rows.filter(~pl.col("credit") & (pl.col("amount") != 0)).with_columns(
            month=pl.min_horizontal(month, "as_of")
        )

    age = between(pl.col("document_date"), pl.col("as_of"))
    measures = {"left": pl.col("amount").sum(), "_aged": (pl.col("amount").cast(pl.Int128) * age).sum()}
    return asked.book.open_sums(asked.days, asked.scope, asked.by, by_month, measures, ["month"])
