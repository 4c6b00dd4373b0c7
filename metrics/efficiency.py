"""Collection efficiency: of what was overdue when the window opened, how much is settled at its end."""

from __future__ import annotations

import polars as pl

from ledger.days import between
from metrics.question import Question
from metrics.spec import Better, Metric, Unit

COLLECTION_EFFICIENCY = Metric(
    id="collection_efficiency",
    label="Collection efficiency",
    question="Of what was overdue at the start, how much has been cleared?",
    unit=Unit.RATIO,
    better=Better.HIGHER,
    additive=False,
    formula=(
        "of the items overdue at the window's opening: the amount no longer open at its end ÷ the amount overdue; the "
        "same items, cleared by whatever means"
    ),
    source="ciproiv, collection efficiency on the opening target",
    example="1 123 000 overdue at the opening, 581 000 of it still open at the end: 48.3 %",
    no_value="nothing was overdue at the opening",
    own="collection_efficiency",
)


def collection_efficiency(asked: Question) -> pl.DataFrame:
    """``as_of, <by…>, currency, value, numerator, denominator, note``: a row a group with something overdue then.

    Follows the parts of documents that were overdue at the close before each window; both amounts are at the opening
    day's rates, so that exchange rates clear nothing. A part that was paid and came back counts as cleared: what came
    back is a new part.
    """
    rule = asked.book.rules.aging
    openings = [window.opening for window in asked.windows]
    # Two windows may have one opening: those of one month that end on the last days of a longer month.
    ends = pl.DataFrame(
        {"as_of": openings, "_end": asked.days},
        schema={"as_of": pl.Date, "_end": pl.Date},
    ).lazy()

    def overdue(rows: pl.LazyFrame) -> pl.LazyFrame:
        late = between(pl.col("late_from"), pl.col("as_of"))
        return rows.filter(~pl.col("credit") & rule.overdue(late)).join(ends, on="as_of").with_columns(as_of="_end")

    cleared = (pl.col("closed_on") <= pl.col("_end")).fill_null(value=False)
    measures = {
        "numerator": pl.when(cleared).then("amount").otherwise(0).sum(),
        "denominator": pl.col("amount").sum(),
    }
    found = asked.book.open_sums(openings, asked.scope, asked.by, overdue, measures)
    there = pl.col("denominator") > 0
    ratio = pl.col("numerator").cast(pl.Float64) / pl.col("denominator").cast(pl.Float64)
    return found.select(
        *asked.keys,
        pl.when(there).then(ratio).alias("value"),
        "numerator",
        "denominator",
        note=pl.when(~there).then(pl.lit(COLLECTION_EFFICIENCY.no_value)),
    )
