"""What a person should look at in rows that break no rule: gaps in master data, look-alikes, outliers, silent feeds.

Nothing here is wrong for certain, so nothing is kept out for it. Every check says what made it speak.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from ledger.book import Book
from ledger.conversion import Conversion
from ledger.dimension_values import doubtful_values, whose
from ledger.fixes import Came
from ledger.lookalikes import lookalikes
from ledger.money import major
from ledger.schema import Kind, SettledBy

SUSPECTS = {
    "check": pl.String(),
    "customer_id": pl.String(),
    "customer": pl.String(),
    "document_id": pl.String(),
    "other_id": pl.String(),
    "amount": pl.Float64(),
    "currency": pl.String(),
    "worth": pl.Float64(),
    "why": pl.String(),
}
"""``amount`` in ``currency``: the document's, or what the customer owes in the reporting currency; ``worth``: the same
in the reporting currency, where amounts are converted. ``other_id``: the document or customer that it looks like."""

CHECKS = {
    "gap": "Customers who owe money and lack a field that others have",
    "same_name": "Customers whose names are nearly the same",
    "same_amount": "Invoices of one customer with the same amount within a few days",
    "odd_amount": "Invoices far above what the customer is usually billed",
    "odd_terms": "Invoices due much earlier or later than the customer's others",
    "odd_value": "Values of a dimension that look misspelt, or that one customer alone has",
}

FEEDS = {
    "entity": pl.String(),
    "feed": pl.String(),
    "last": pl.Date(),
    "silent_days": pl.Int64(),
    "usual_days": pl.Int64(),
    "stale": pl.Boolean(),
}
"""``silent_days`` from the last row to the day of the refresh; ``usual_days``: the longest silence of the year before,
all but one in fifty of them."""

CLOSE = timedelta(days=3)
"""Invoices of the same amount within so many days look like one; monthly ones do not."""

KNOWN = 12
"""Invoices of a customer that say what is usual for it."""

_TIMES = 10
"""An amount is odd above so many times the customer's median, and above anything else it was billed by half."""

_APART = 30
"""Days between a document's terms and the customer's usual ones that are odd."""

_USUAL = 0.8
"""The share of a customer's invoices that must have the same terms for these to be usual."""

_PATIENCE = 3
"""No feed is called silent before so many days, nor before twice its usual silence."""

_FILLED = ("terms_days", "credit_limit", "collector", "segment", "region", "email")
_OWED = [code for code, kind in enumerate(Kind) if kind in (Kind.INVOICE, Kind.DEBIT_MEMO)]


def suspects(book: Book) -> pl.DataFrame:
    """``SUSPECTS``: everything to look at, by check in the order of ``CHECKS``, the largest money first."""
    billed = _billed(book)
    found = [
        _gaps(book),
        _same_names(book),
        _same_amounts(billed),
        _odd_amounts(billed),
        _odd_terms(billed),
        _odd_values(book),
    ]
    order = pl.col("check").replace_strict({name: at for at, name in enumerate(CHECKS)}, return_dtype=pl.UInt8)
    rows = pl.concat([_shaped(rows, book) for rows in found])
    return rows.sort(order, pl.col("worth").abs(), "document_id", "customer_id", descending=[False, True, False, False])


def marked(found: pl.DataFrame) -> pl.DataFrame:
    """``found`` with ``mark``: names a suspect with its facts, so that one that was passed is known again."""
    facts = [pl.col(name).cast(pl.String).fill_null("") for name in ("check", "customer_id", "document_id", "other_id")]
    why = pl.col("why").fill_null("").str.head(200)
    return found.with_columns(mark=pl.concat_str([*facts, why], separator="|"))


def feeds(book: Book) -> pl.DataFrame:
    """``FEEDS``: when each entity last billed and last received money, and whether that is longer ago than usual."""
    documents, settlements = book.frames["documents"], book.frames["settlements"]
    cash = list(SettledBy).index(SettledBy.CASH)
    entity = documents["entity"].gather(settlements["document"]) if settlements.height else documents["entity"].head(0)
    parts = [
        documents.filter(pl.col("kind").is_in(_OWED)).select("entity", day="posting_date", feed=pl.lit("billing")),
        settlements.with_columns(entity=entity)
        .filter(pl.col("kind") == cash)
        .select("entity", "day", feed=pl.lit("cash")),
    ]
    days = pl.concat(parts).filter(pl.col("day") <= book.rules.today).unique().sort("entity", "feed", "day")
    gap = pl.col("day").diff().dt.total_days().over("entity", "feed")
    silent = (pl.lit(book.rules.today) - pl.col("day").max()).dt.total_days()
    recent = pl.col("day") > pl.col("day").max().over("entity", "feed") - timedelta(days=365)
    summed = (
        days.with_columns(gap=pl.when(recent).then(gap))
        .group_by("entity", "feed")
        .agg(
            last=pl.col("day").max(),
            silent_days=silent,
            usual_days=pl.col("gap").quantile(0.98, "higher").cast(pl.Int64),
        )
        .sort("entity", "feed", nulls_last=True)
    )
    stale = (pl.col("silent_days") > 2 * pl.col("usual_days")) & (pl.col("silent_days") > _PATIENCE)
    return summed.with_columns(stale=stale.fill_null(value=False)).select(
        pl.col(name).cast(dtype) for name, dtype in FEEDS.items()
    )


def _billed(book: Book) -> pl.DataFrame:
    """Invoices and debit memos: ``customer``, ids, dates, ``currency`` and ``amount_doc``."""
    columns = ("customer", "document_id", "document_date", "due_date", "currency", "amount_doc", "amount_rep")
    owed = pl.col("kind").is_in(_OWED) & (pl.col("amount_doc") > 0)
    return book.frames["documents"].filter(owed).select(columns)


def _gaps(book: Book) -> pl.DataFrame:
    """Customers with something open who lack what the source tells of others."""
    if book.last_day is None:
        return pl.DataFrame(schema=SUSPECTS)
    owing = (
        book.positions([book.last_day], by=["customer"], measures=["amount"])
        .group_by(pl.col("customer").alias("customer_id"), "currency")
        .agg(pl.col("amount").sum())
        .filter(pl.col("amount") > 0)
    )
    # Who is not in the master has no row that could be filled; the rules on customers tell of those.
    people = book.frames["customers"].filter("known")
    told = [name for name in _FILLED if _told(book, people, name)]
    lacking = pl.concat_list(pl.when(pl.col(name).is_null()).then(pl.lit(name)) for name in told) if told else None
    if lacking is None:
        return pl.DataFrame(schema=SUSPECTS)
    return (
        owing.join(people.select("customer_id", "label", *told), on="customer_id")
        .with_columns(lacks=lacking.list.drop_nulls())
        .filter(pl.col("lacks").list.len() > 0)
        .select(
            "customer_id",
            "currency",
            check=pl.lit("gap"),
            amount_doc="amount",
            amount_rep="amount",
            why=pl.format("no {}", pl.col("lacks").list.join(", ").str.replace_all("_", " ", literal=True)),
        )
    )


def _told(book: Book, people: pl.DataFrame, column: str) -> bool:
    """Whether the source gives a column of some customer: what people filled in says nothing of the others."""
    applied = {one["id"] for one in book.about.get("fixes", ()) if one["came"] == Came.APPLIED}
    of_one = [fix for fix in book.rules.fixes if fix.id in applied and fix.kind == "value" and fix.column == column]
    filled = [fix.key for fix in of_one if fix.was is None]
    return bool((people[column].is_not_null() & ~people["customer_id"].is_in(filled)).any())


def _same_names(book: Book) -> pl.DataFrame:
    people = book.frames["customers"].filter(pl.col("name").is_not_null())
    pairs = lookalikes(people["name"].to_list())
    ids = people["customer_id"].to_list()
    names = people["name"].to_list()
    return pl.DataFrame(
        {
            "check": ["same_name"] * len(pairs),
            "customer_id": [ids[one] for one, _ in pairs],
            "other_id": [ids[other] for _, other in pairs],
            "why": [f"looks like '{names[other]}'" for _, other in pairs],
        },
        schema={name: SUSPECTS[name] for name in ("check", "customer_id", "other_id", "why")},
    )


def _same_amounts(billed: pl.DataFrame) -> pl.DataFrame:
    """Neighbours in time among one customer's invoices of one amount."""
    alike = ["customer", "currency", "amount_doc"]
    ordered = billed.sort(*alike, "document_date", "document_id")
    near = ordered.with_columns(
        other_id=pl.col("document_id").shift(1).over(alike),
        _days=pl.col("document_date").diff().over(alike),
        _due=pl.col("due_date").diff().over(alike).dt.total_days(),
    )
    # The parts of one invoice that is paid in several: of one day, due one after the other.
    parts = (pl.col("_days").dt.total_days() == 0) & (pl.col("_due").fill_null(0) != 0)
    near = near.filter((pl.col("_days") <= CLOSE) & ~parts)
    return near.select(
        "customer",
        "document_id",
        "other_id",
        "currency",
        "amount_doc",
        "amount_rep",
        check=pl.lit("same_amount"),
        why=pl.format("the same amount as {}, {} days apart", "other_id", pl.col("_days").dt.total_days()),
    )


def _odd_amounts(billed: pl.DataFrame) -> pl.DataFrame:
    of = ["customer", "currency"]
    usual = billed.with_columns(
        _count=pl.len().over(of),
        _median=pl.col("amount_doc").median().over(of),
        _second=pl.col("amount_doc").top_k(2).min().over(of),
        _most=pl.col("amount_doc").max().over(of),
    )
    odd = usual.filter(
        (pl.col("_count") >= KNOWN)
        & (pl.col("amount_doc") == pl.col("_most"))
        & (pl.col("amount_doc") > _TIMES * pl.col("_median"))
        & (pl.col("amount_doc") > 1.5 * pl.col("_second"))
    )
    times = (pl.col("amount_doc") / pl.col("_median")).round(0).cast(pl.Int64)
    return odd.select(
        "customer",
        "document_id",
        "currency",
        "amount_doc",
        "amount_rep",
        check=pl.lit("odd_amount"),
        why=pl.format("{} times the customer's median", times),
    )


def _odd_terms(billed: pl.DataFrame) -> pl.DataFrame:
    terms = (pl.col("due_date") - pl.col("document_date")).dt.total_days().alias("_terms")
    # The parts of an invoice that is paid in several are due one after the other.
    whole = pl.col("due_date").n_unique().over("customer", "document_date") == 1
    dated = billed.filter(pl.col("due_date").is_not_null() & whole).with_columns(terms)
    usual = (
        dated.group_by("customer", "_terms")
        .len("_times")
        .sort("_times", "_terms", descending=[True, False])
        .group_by("customer", maintain_order=True)
        .agg(_usual=pl.col("_terms").first(), _most=pl.col("_times").first(), _count=pl.col("_times").sum())
        .filter((pl.col("_count") >= KNOWN) & (pl.col("_most") >= _USUAL * pl.col("_count")))
    )
    odd = dated.join(usual, on="customer").filter((pl.col("_terms") - pl.col("_usual")).abs() >= _APART)
    return odd.select(
        "customer",
        "document_id",
        "currency",
        "amount_doc",
        "amount_rep",
        check=pl.lit("odd_terms"),
        why=pl.format("due after {} days, usually after {}", "_terms", "_usual"),
    )


def _odd_values(book: Book) -> pl.DataFrame:
    """The customers whose documents have a value that is most likely another one."""
    of = ["dimension", "value"]
    told = book.once(whose).join(book.once(doubtful_values), on=of, maintain_order="left")
    return told.select("customer", check=pl.lit("odd_value"), why=pl.format("{} '{}': {}", "label", "value", "why"))


def _shaped(rows: pl.DataFrame, book: Book) -> pl.DataFrame:
    """``rows``, which name their customer by number or by id, in the form of ``SUSPECTS``."""
    people = book.frames["customers"].select("customer", "customer_id", _label="label")
    by = "customer" if rows.schema.get("customer") == pl.UInt32 else "customer_id"
    named = rows.drop("customer", strict=False) if by == "customer_id" else rows
    told = named.join(people, on=by, how="left").drop("customer").rename({"_label": "customer"})
    if "amount_doc" in told.columns:
        reporting = pl.lit(book.rules.reporting_currency)
        own = pl.col("currency") if book.rules.conversion is Conversion.NONE else reporting
        told = told.with_columns(
            amount=major(pl.col("amount_doc"), pl.col("currency")), worth=major(pl.col("amount_rep"), own)
        )
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in SUSPECTS.items() if name not in told.columns]
    return told.with_columns(absent).select(pl.col(name).cast(dtype) for name, dtype in SUSPECTS.items())
