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

from ledger.money import AMOUNT, RATE, digits, exchanged, unit, unit_among


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
        asked = asked.select("currency", "date")
        currencies = asked["currency"].unique().drop_nulls().sort()
        dates = asked["date"].cast(pl.Int32)
        first, last = dates.min(), dates.max()
        if not isinstance(first, int) or not isinstance(last, int):
            return asked.with_columns(rate=pl.lit(None, RATE), _early=pl.lit(None, pl.Boolean))
        days = last - first + 1
        if days * len(currencies) > asked.height:  # few questions, or far apart: each different one is answered
            keys = asked.unique().drop_nulls().sort("currency", "date")
            return asked.join(self._found(keys), on=["currency", "date"], how="left", maintain_order="left")
        # One answer for each day from the first to the last, and the place of a question's answer is computed.
        every = pl.int_range(first, last + 1, dtype=pl.Int32, eager=True).cast(pl.Date).to_frame("date")
        found = self._found(currencies.to_frame().join(every, how="cross", maintain_order="left_right"))
        place = asked["currency"].cast(pl.Enum(currencies)).to_physical().cast(pl.Int64) * days + (dates - first)
        return asked.with_columns(found["rate"].gather(place), found["_early"].gather(place))

    def _found(self, keys: pl.DataFrame) -> pl.DataFrame:
        """``keys`` (``currency, date``, sorted, each once) with ``rate`` and ``_early``, same order."""
        last = keys.join_asof(self.table, on="date", by="currency", strategy="backward", check_sortedness=False)
        first = self.table.group_by("currency").agg(_first=pl.col("rate").first())
        return last.join(first, on="currency", how="left", maintain_order="left").select(
            "currency",
            "date",
            rate=pl.when(pl.col("currency") == self.reporting)
            .then(pl.lit(1, RATE))
            .otherwise(pl.coalesce("rate", "_first"))
            .cast(RATE),
            _early=pl.col("rate").is_null() & pl.col("_first").is_not_null(),
        )

    def latest(self) -> dict[str, float]:
        """The last rate of each currency, the reporting currency included, for weighing only."""
        rows = self.table.group_by("currency").agg(pl.col("rate").last().cast(pl.Float64)).iter_rows()
        return {self.reporting: 1.0, **dict(rows)}


def minor(amount: str, currency: pl.Expr) -> pl.Expr:
    """Column ``amount`` (``AMOUNT``) as whole minor units of ``currency`` (Int64)."""
    return (pl.col(amount).cast(AMOUNT).to_physical() // (10**6 // unit(currency)).cast(pl.Int128)).cast(pl.Int64)


def minor_units(rows: pl.DataFrame, amount: str, currency: str) -> pl.Series:
    """``minor`` of columns at hand: the same numbers, sooner; ``amount`` and ``currency`` name them."""
    millionths = rows[amount].cast(AMOUNT).to_physical()
    shorter = millionths.cast(pl.Int64, strict=False)
    fits = shorter.null_count() == millionths.null_count()
    each = pl.lit(10**6, pl.Int64) // unit_among(rows[currency])
    whole = pl.lit(shorter) // each if fits else pl.lit(millionths) // each.cast(pl.Int128)
    return rows.select(whole.cast(pl.Int64).alias(amount)).to_series()


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
    day = pl.col("document_date").alias("date")
    by_document = rates.on(documents.select("currency", day))
    parts = documents.select(
        "currency",
        "base_currency",
        document_rate=by_document["rate"],
        base_rate=pl.lit(None, RATE),
        rate_early=by_document["_early"],
        amount_doc=minor_units(documents, "amount", "currency"),
    )
    if wanted is Conversion.BOOKED:
        by_base = rates.on(documents.select(pl.col("base_currency").alias("currency"), day))
        used = documents["amount_base"].is_not_null() & by_base["rate"].is_not_null()
        parts = parts.with_columns(
            base_rate=pl.when(used).then(by_base["rate"]),
            rate_early=pl.when(used).then(by_base["_early"]).otherwise("rate_early"),
            _base=minor_units(documents, "amount_base", "base_currency"),
        )
    parts = parts.with_columns(amount_rep=_reported(parts, rates.reporting))
    by_books = parts["base_rate"].is_not_null() & (parts["currency"] != rates.reporting)
    lost = parts["amount_rep"].null_count() > 0
    if wanted is Conversion.NONE or (lost and not rates_given and not by_books.any()):
        wanted = Conversion.NONE
        parts = parts.with_columns(
            amount_rep=pl.col("amount_doc"),
            base_rate=pl.lit(None, RATE),
            document_rate=pl.lit(None, RATE),
            rate_early=pl.lit(value=False),
        )
    early = pl.col("rate_early").fill_null(value=False)
    added = parts.select("document_rate", "amount_doc", "base_rate", "amount_rep", early)
    return documents.hstack(added), wanted


def _reported(parts: pl.DataFrame, reporting: str) -> pl.Series:
    """What each document is worth in the reporting currency: from its base amount where that has a rate."""
    to_unit = 10 ** digits(reporting)
    based = parts["base_rate"].is_not_null()
    if not based.any():
        return exchanged(parts, "amount_doc", "document_rate", "currency", to_unit)
    if based.all():
        return exchanged(parts, "_base", "base_rate", "base_currency", to_unit)
    chosen = parts.select(
        amount=pl.when(based).then("_base").otherwise("amount_doc"),
        rate=pl.coalesce("base_rate", "document_rate"),
        currency=pl.when(based).then("base_currency").otherwise("currency"),
    )
    return exchanged(chosen, "amount", "rate", "currency", to_unit)


def day_rates(rates: Rates, currencies: Iterable[str], days: Sequence[date]) -> pl.DataFrame:
    """``currency, as_of, rate`` for every pair, for converting at the as-of date."""
    pairs = pl.DataFrame({"currency": list(currencies)}, schema={"currency": pl.String}).join(
        pl.DataFrame({"date": list(days)}, schema={"date": pl.Date}), how="cross"
    )
    return rates.on(pairs).select("currency", pl.col("date").alias("as_of"), "rate")
