"""The demonstration company for its tests: its mapped tables, and its figures computed without the product."""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from data_sources.demo import build

SOURCE = Path(__file__).parents[2] / "config" / "sources" / "demo.toml"
MAPPING = {
    table: (SOURCE.parent / name).read_text(encoding="utf-8")
    for table, name in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["mapping"].items()
}
LAST_DAY = date(2026, 10, 31)
KINDS = ("invoice", "debit_memo", "credit_memo", "payment", "journal")

# What the books accept, said in SQL alone: readable day, known kind, three-letter currency, and a repeated key once.
# A repeated row is the same row again, so DISTINCT drops it. Adding no days makes SQLite turn 30 February into 2 March.
ACCEPTED = """
CREATE TEMP TABLE accepted AS
SELECT DISTINCT document_id, entity, kind, currency, posting_date, amount, amount_base,
    CAST(replace(amount_base, '.', '') AS INTEGER) AS cents
FROM documents
WHERE date(document_date, '+0 days') = document_date AND currency GLOB '[A-Z][A-Z][A-Z]'
    AND kind IN ('invoice', 'debit_memo', 'credit_memo', 'payment', 'journal')
"""


class Demo:
    """A built company, and its mapped tables once more as SQLite's own, for checks in plain SQL."""

    def __init__(self, folder: Path, invoices: int) -> None:
        self.path, self.invoices = folder / "demo.sqlite", invoices
        build(self.path, invoices)
        self.connection = sqlite3.connect(self.path)
        for table, sql in MAPPING.items():
            self.connection.execute(f"CREATE TEMP TABLE {table} AS {sql}")
        self.connection.execute(ACCEPTED)

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def table(self, name: str) -> pl.DataFrame:
        """A canonical table as the mapping returns it."""
        cursor = self.connection.execute(MAPPING[name])
        names = [column[0] for column in cursor.description]
        return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every canonical table that is mapped."""
        return {name: self.table(name) for name in MAPPING}


@cache
def company(invoices: int) -> Demo:
    """The company at a size, built once for all tests."""
    folder = Path(tempfile.mkdtemp(prefix="outstanding-demo-"))
    demo = Demo(folder, invoices)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(demo.connection.close)
    return demo


class Books:
    """Open items and movements in US dollars, at the booked amount and the document day's rate. Floats will do."""

    def __init__(self, demo: Demo) -> None:
        documents = demo.table("documents").filter(
            pl.col("document_date").str.to_date(strict=False).is_not_null(),
            pl.col("currency").str.contains(r"^[A-Z]{3}$"),
            pl.col("kind").is_in(KINDS),
        )
        customers = demo.table("customers")
        rates = demo.table("fx_rates").with_columns(pl.col("date").str.to_date()).sort("date")
        self.documents = (
            documents.unique("document_id", keep="first", maintain_order=True)
            .with_columns(pl.col("document_date", "posting_date", "due_date").str.to_date())
            .with_columns(pl.col("due_date").fill_null(pl.col("document_date")))
            .sort("document_date")
            .join_asof(
                rates.rename({"currency": "base_currency"}),
                left_on="document_date",
                right_on="date",
                by="base_currency",
                check_sortedness=False,
            )
            .with_columns(pl.col("rate").fill_null(1.0))
            .with_columns(usd=pl.col("amount_base").cast(pl.Float64) * pl.col("rate"))
            .join(customers.select(pl.exclude("terms_days", "email")), on="customer_id", how="left")
        )
        traits = self.documents.select(pl.exclude("amount", "amount_base", "usd", "document_date", "posting_date"))
        self.settlements = (
            demo.table("settlements")
            .with_columns(pl.col("settled_on").str.to_date())
            .join(traits.rename({"kind": "of_kind"}), on="document_id")
            .with_columns(usd=pl.col("amount_base").cast(pl.Float64) * pl.col("rate"))
        )

    def within(self, *scope: pl.Expr) -> Books:
        part = object.__new__(Books)
        part.documents, part.settlements = self.documents.filter(*scope), self.settlements.filter(*scope)
        return part

    @cache  # noqa: B019 (the books live as long as the tests)
    def open(self, day: date) -> pl.DataFrame:
        """Open items at the end of a day: ``open`` in dollars, ``late`` in days past due."""
        closed = self.settlements.filter(pl.col("settled_on") <= day).group_by("document_id")
        return (
            self.documents.filter(pl.col("posting_date") <= day)
            .join(closed.agg(closed=pl.col("usd").sum()), on="document_id", how="left")
            .with_columns(
                open=pl.col("usd") - pl.col("closed").fill_null(0.0),
                late=(pl.lit(day) - pl.col("due_date")).dt.total_days(),
            )
            .filter(pl.col("open").abs() > 0.005)
        )

    def total(self, day: date) -> float:
        """Total AR in dollars: open credits included."""
        return _sum(self.open(day)["open"])

    def owed(self, day: date, past: int | None = None) -> float:
        """Gross open in dollars, or the part of it more than ``past`` days late."""
        owed = self.open(day).filter(pl.col("open") > 0)
        return _sum((owed.filter(pl.col("late") > past) if past is not None else owed)["open"])

    def overdue_share(self, day: date) -> float:
        return self.owed(day, past=0) / self.owed(day)

    def beyond_terms(self, day: date) -> float:
        """Days between due and paid, weighted by amount, over the three months that end on a month-end."""
        paid = self.settlements.filter(
            pl.col("settled_on").is_between(_window_start(day), day),
            pl.col("kind") == "cash",
            pl.col("of_kind").is_in(["invoice", "debit_memo"]),
            pl.col("usd") > 0,
        )
        days = (paid["settled_on"] - paid["due_date"]).dt.total_days()
        return _sum(days * paid["usd"]) / _sum(paid["usd"])

    def dso(self, day: date) -> float:
        """Days sales outstanding over the three calendar months that end on a month-end."""
        start = _window_start(day)
        billed = self.documents.filter(pl.col("posting_date").is_between(start, day))
        closed = self.settlements.filter(pl.col("settled_on").is_between(start, day), pl.col("kind") == "credit")
        memos = _sum(billed.filter(pl.col("kind") == "credit_memo")["usd"])
        sales = _sum(billed.filter(pl.col("kind").is_in(["invoice", "debit_memo"]))["usd"])
        sales -= _sum(closed["usd"]) - memos
        return self.total(day) / sales * ((day - start).days + 1)


def _window_start(day: date) -> date:
    return date(day.year - (day.month < 3), (day.month - 3) % 12 + 1, 1)


def _sum(amounts: pl.Series) -> float:
    return float(amounts.sum())
