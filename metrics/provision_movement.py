"""How the provision moved between two days."""

from __future__ import annotations

from datetime import date

import polars as pl

from ledger.book import DOCUMENT_CURRENCY, Book
from ledger.calendar import Window
from ledger.conversion import Conversion, day_rates
from ledger.money import divided, major
from ledger.scope import COMPANY, CURRENCY, Scope
from metrics.provision import OWN_HISTORY, Plan, in_minor_units

LINES = ("opening", "charge", "write_offs", "recoveries", "fx", "closing")


def provision_movement(
    book: Book, day: date, window: str = "12mo", plan: Plan = OWN_HISTORY, scope: Scope = COMPANY
) -> pl.DataFrame:
    """``as_of, window, currency, line, amount``: the lines of ``LINES`` in order, in major units.

    Signed as they add: ``opening + charge + write_offs + recoveries + fx = closing``, to the cent.

    - ``opening`` and ``closing``: the provision at the window's two ends, each by the rates that were known that day;
      the plan's own settings hold at both.
    - ``write_offs``: invoices and debit memos written off, which use the provision up: 0 or negative.
    - ``recoveries``: write-offs taken back: 0 or positive.
    - ``fx``: what the opening provision gained or lost with the rates of its documents' currencies; 0 unless amounts
      are converted at the as-of day's rate.
    - ``charge``: what the result must bear for the rest to add up. It is the balancing figure, not read from anywhere.
    """
    span = Window.ending(day, window)
    opening, closing = (_total(book, at, plan, scope) for at in (span.opening, span.end))
    lost = book.written_off(span, scope).select(CURRENCY, write_offs=-pl.col("written_off"), recoveries="recovered")
    lines = pl.DataFrame({CURRENCY: list(book.currencies_of(scope))}, schema={CURRENCY: pl.String})
    for name, part in (("opening", opening), ("closing", closing)):
        lines = lines.join(part.rename({"allowance": name}), on=CURRENCY, how="left")
    lines = (
        lines.join(lost, on=CURRENCY, how="left")
        .join(_exchange(book, span, plan, scope), on=CURRENCY, how="left")
        .with_columns(pl.col("opening", "closing", "write_offs", "recoveries", "fx").fill_null(0))
        .with_columns(
            charge=pl.col("closing") - pl.sum_horizontal("opening", "write_offs", "recoveries", "fx"),
        )
    )
    rank = pl.DataFrame({"line": LINES, "_rank": range(len(LINES))})
    return (
        lines.unpivot(LINES, index=CURRENCY, variable_name="line", value_name="amount")
        .join(rank, on="line")
        .sort(CURRENCY, "_rank")
        .select(
            pl.lit(day).alias("as_of"),
            pl.lit(window).alias("window"),
            CURRENCY,
            "line",
            major(pl.col("amount"), pl.col(CURRENCY)).alias("amount"),
        )
    )


def _total(book: Book, day: date, plan: Plan, scope: Scope) -> pl.DataFrame:
    return in_minor_units(book, day, plan, scope).group_by(CURRENCY).agg(pl.col("allowance").sum())


def _exchange(book: Book, span: Window, plan: Plan, scope: Scope) -> pl.DataFrame:
    """``currency, fx``: the opening provision of each document currency at the closing day's rate, less what it was."""
    if book.rules.conversion is not Conversion.CLOSING:
        return pl.DataFrame(schema={CURRENCY: pl.String, "fx": pl.Int64})
    held = (
        in_minor_units(book, span.opening, plan, scope, [CURRENCY])
        .group_by(DOCUMENT_CURRENCY, CURRENCY)
        .agg(pl.col("allowance").sum())
    )
    both = day_rates(book.rates(), held[DOCUMENT_CURRENCY].unique(), [span.opening, span.end])
    before, after = (
        both.filter(pl.col("as_of") == at).select(pl.col(CURRENCY).alias(DOCUMENT_CURRENCY), pl.col("rate").alias(name))
        for at, name in ((span.opening, "_before"), (span.end, "_after"))
    )
    return (
        held.join(before, on=DOCUMENT_CURRENCY)
        .join(after, on=DOCUMENT_CURRENCY)
        .with_columns(_now=_at_new_rate())
        .group_by(CURRENCY)
        .agg(fx=(pl.col("_now") - pl.col("allowance")).sum())
    )


def _at_new_rate() -> pl.Expr:
    old, new = (pl.col(name).to_physical() for name in ("_before", "_after"))
    return divided(pl.col("allowance").cast(pl.Int128) * new, old)
