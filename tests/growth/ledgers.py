"""Ledgers of any size, made by arithmetic: as many documents, customers and segments as wanted, all in one manner."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from config.settings import Settings, load
from data_sources.refresh import refresh
from ledger.book import Book

FIRST = date(2023, 1, 1)
NOW = datetime(2024, 12, 31, 12, tzinfo=UTC)
SPAN = 730
REGIONS = 4

APP = """
company = "Growing"
reporting_currency = "USD"
source = "files"
[store]
path = "{store}"
keep = 1
[dimensions]
region = "Region"
segment = "Segment"
behaviour = "Behaviour"
"""
SOURCE = """
kind = "files"
[tables]
customers = "../../raw/customers.parquet"
documents = "../../raw/documents.parquet"
settlements = "../../raw/settlements.parquet"
"""


def tables(documents: int, customers: int, segments: int) -> dict[str, pl.DataFrame]:
    """Invoices, a tenth of them payments on account; four of five are paid, half of those in two parts."""
    number, buyer = pl.col("n"), pl.col("n") * 7 % customers
    text, cents = pl.String, pl.Decimal(18, 2)
    payment = number % 10 == 9
    posted = pl.lit(FIRST) + pl.duration(days=number * 31 % SPAN)
    amount = (100 + number % 977).cast(cents)
    lines = pl.select(n=pl.int_range(documents)).select(
        "n",
        document_id="D" + number.cast(text),
        customer_id="C" + buyer.cast(text),
        entity=pl.lit("E1"),
        kind=pl.when(payment).then(pl.lit("payment")).otherwise(pl.lit("invoice")),
        document_date=posted,
        due_date=posted + pl.duration(days=30),
        currency=pl.lit("USD"),
        amount=pl.when(payment).then(-amount / 10).otherwise(amount).cast(cents),
        disputed=number % 50 == 0,
    )
    return {
        "customers": pl.select(n=pl.int_range(customers)).select(
            customer_id="C" + number.cast(text),
            name="Customer " + number.cast(text),
            region="R" + (number % REGIONS).cast(text),
            segment="S" + (number // REGIONS % segments).cast(text),
            credit_limit=pl.lit(5_000),
        ),
        "documents": lines.drop("n"),
        "settlements": _settlements(lines.filter((number % 5 != 0) & ~payment)),
    }


def _settlements(paid: pl.DataFrame) -> pl.DataFrame:
    """The first half of the amount on one day, and of every other document the rest later."""
    number, half = pl.col("n"), (pl.col("amount") / 2).round(2)
    parts = [
        paid.select(
            settlement_id=part + number.cast(pl.String),
            document_id="document_id",
            settled_on=pl.col("document_date") + pl.duration(days=20 + after + number % 60),
            amount=amount.cast(pl.Decimal(18, 2)),
            kind=pl.lit("cash"),
        ).filter(which)
        for part, after, amount, which in (
            ("A", 0, half, True),
            ("B", 9, pl.col("amount") - half, pl.int_range(pl.len()) % 2 == 0),
        )
    ]
    rows = pl.concat(parts)
    return rows.filter(pl.col("settled_on") <= NOW.date())


def company(folder: Path, documents: int = 2_000, customers: int = 100, segments: int = 5) -> Settings:
    """Settings of a company whose files hold such a ledger."""
    for name in ("raw", "config/sources"):
        (folder / name).mkdir(parents=True)
    for name, frame in tables(documents, customers, segments).items():
        frame.write_parquet(folder / "raw" / f"{name}.parquet")
    (folder / "config" / "app.toml").write_text(APP.format(store=(folder / "data").as_posix()), encoding="utf-8")
    (folder / "config" / "sources" / "files.toml").write_text(SOURCE, encoding="utf-8")
    return load(folder / "config")


def refreshed(settings: Settings) -> Book:
    return refresh(settings, now=NOW)
