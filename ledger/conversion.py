"""Amounts in the reporting currency: as booked, at the document date, or at the as-of date.

Design: an amount that the ledger booked in its own currency is believed before any rate; without booked amounts and
without rates nothing is converted, and currencies are never added together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from ledger.money import AMOUNT, RATE, converted, digits, unit


class Conversion(StrEnum):
    """How amounts come to be in the reporting currency."""

    BOOKED = "booked"
    HISTORICAL = "historical"
    CLOSING = "closing"
    NONE = "none"
    """Several currencies and no rates: numbers come per currency."""


@dataclass(frozen=True)
class Rates:
    """Exchange rates to ``reporting``. ``table``: ``currency, date, rate`` (``RATE``), sorted by currency and date."""

    reporting: str
    table: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame | None, reporting: str) -> Rates:
        schema = {"currency": pl.String(), "date": pl.Date(), "rate": RATE}
        table = (
            pl.DataFrame(schema=schema)
            if rows is None
            else rows.select(list(schema)).filter(pl.col("currency") != reporting)
        )
        return cls(reporting, table.sort("currency", "date"))

    def on(self, asked: pl.DataFrame) -> pl.DataFrame:
        """The rate of each (``currency``, ``date``) of ``asked``, same order: ``rate`` and ``_early``.

        The last rate on or before the day; where the history of rates begins later, the first one, marked
        ``_early``. 1 for the reporting currency; null where a currency has no rate at all.
        """
        keys = asked.select("currency", "date").unique().sort("currency", "date")
        last = keys.join_asof(self.table, on="date", by="currency", strategy="backward", check_sortedness=False)
        first = self.table.group_by("currency").agg(_first=pl.col("rate").first())
        found = last.join(first, on="currency", how="left").with_columns(
            _early=pl.col("rate").is_null() & pl.col("_first").is_not_null(),
            rate=pl.when(pl.col("currency") == self.reporting)
            .then(pl.lit(1, RATE))
            .otherwise(pl.coalesce("rate", "_first"))
            .cast(RATE),
        )
        return asked.select("currency", "date").join(
            found.select("currency", "date", "rate", "_early"),
            on=["currency", "date"],
            how="left",
            maintain_order="left",
        )

    def latest(self) -> dict[str, float]:
        """The last rate of each currency, the reporting currency included, for weighing only."""
        rows = self.table.group_by("currency").agg(pl.col("rate").last().cast(pl.Float64)).iter_rows()
        return {self.reporting: 1.0, **dict(rows)}


def minor(amount: str, currency: pl.Expr) -> pl.Expr:
    """Column ``amount`` (``AMOUNT``) as whole minor units of ``currency`` (Int64)."""
    return (pl.col(amount).cast(AMOUNT).to_physical() * unit(currency).cast(pl.Int128) // 10**6).cast(pl.Int64)


def with_reporting(
    documents: pl.DataFrame, rates: Rates, wanted: Conversion, *, rates_given: bool
) -> tuple[pl.DataFrame, Conversion]:
    """Add what the ledger needs to speak the reporting currency, and say how it was done.

    Adds ``amount_doc`` (minor units of the document's currency), ``amount_rep`` (minor units of the reporting
    currency; null where nothing converts), the rates that were used, ``document_rate`` and ``base_rate`` (null where
    the booked amount is not used), and ``rate_early``. ``booked`` falls back row by row to the document date's rate.
    When the source gives no rates (``rates_given``) and no booked amounts to go by either, and some document is in
    another currency, nothing is converted: ``Conversion.NONE``. Otherwise such a document is left without an amount.
    """
    to_unit = pl.lit(10 ** digits(rates.reporting), pl.Int64)
    booked = wanted is Conversion.BOOKED
    by_document = rates.on(documents.select("currency", pl.col("document_date").alias("date")))
    by_base = rates.on(
        documents.select(pl.col("base_currency").alias("currency"), pl.col("document_date").alias("date"))
    )
    use_base = pl.col("amount_base").is_not_null() & pl.col("_base_rate").is_not_null() & pl.lit(booked)
    out = (
        documents.with_columns(
            by_document["rate"].alias("document_rate"),
            by_base["rate"].alias("_base_rate"),
            by_document["_early"].alias("_early"),
            by_base["_early"].alias("_base_early"),
            amount_doc=minor("amount", pl.col("currency")),
        )
        .with_columns(base_rate=pl.when(use_base).then("_base_rate"))
        .with_columns(
            amount_rep=pl.when(pl.col("base_rate").is_not_null())
            .then(
                converted(
                    minor("amount_base", pl.col("base_currency")),
                    pl.col("base_rate"),
                    unit(pl.col("base_currency")),
                    to_unit,
                )
            )
            .otherwise(converted(pl.col("amount_doc"), pl.col("document_rate"), unit(pl.col("currency")), to_unit)),
            rate_early=pl.when(pl.col("base_rate").is_not_null())
            .then("_base_early")
            .otherwise("_early")
            .fill_null(value=False),
        )
        .drop("_base_rate", "_early", "_base_early")
    )
    by_books = out.select((pl.col("base_rate").is_not_null() & (pl.col("currency") != rates.reporting)).any()).item()
    if out["amount_rep"].null_count() and not rates_given and not by_books:
        alone = out.with_columns(
            amount_rep=pl.col("amount_doc"),
            base_rate=pl.lit(None, RATE),
            document_rate=pl.lit(None, RATE),
            rate_early=pl.lit(value=False),
        )
        return alone, Conversion.NONE
    return out, wanted


def day_rates(rates: Rates, currencies: Iterable[str], days: Sequence[date]) -> pl.DataFrame:
    """``currency, as_of, rate`` for every pair, for converting at the as-of date."""
    pairs = pl.DataFrame({"currency": list(currencies)}, schema={"currency": pl.String}).join(
        pl.DataFrame({"date": list(days)}, schema={"date": pl.Date}), how="cross"
    )
    return rates.on(pairs).select("currency", pl.col("date").alias("as_of"), "rate")
