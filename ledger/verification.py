"""The second look: what the source itself says is open now, held against what the books make of its movements."""

from __future__ import annotations

import polars as pl

from ledger.conversion import minor
from ledger.money import major

DIFFERENCES = {
    "customer_id": pl.String(),
    "document_id": pl.String(),
    "currency": pl.String(),
    "source": pl.Float64(),
    "books": pl.Float64(),
    "difference": pl.Float64(),
}
TOTALS = {
    "currency": pl.String(),
    "items": pl.UInt32(),
    "differing": pl.UInt32(),
    "source": pl.Float64(),
    "books": pl.Float64(),
    "difference": pl.Float64(),
}


def still_open(documents: pl.DataFrame, settlements: pl.DataFrame) -> pl.DataFrame:
    """``customer, document_id, currency, amount``: what no settlement took off, whatever its day, in minor units.

    ``documents`` are numbered by their rows. A source's own balance knows no day either: it is all that was posted.
    """
    settled = settlements.group_by("document").agg(_settled=pl.col("amount_doc").sum())
    return (
        documents.select("document", "customer", "document_id", "currency", "amount_doc")
        .join(settled, on="document", how="left")
        .select(
            "customer",
            "document_id",
            "currency",
            amount=pl.col("amount_doc") - pl.col("_settled").fill_null(0),
        )
        .filter(pl.col("amount") != 0)
    )


def compared(
    told: pl.DataFrame | None, own: pl.DataFrame, customers: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What differs (``DIFFERENCES``, largest first) and the sums of all (``TOTALS``); both empty where nothing is told.

    Each document is compared; or each customer, where the source names no documents. ``difference`` = books − source,
    in the document's currency.

    Args:
        told: accepted rows of the canonical table ``verify``; ``None`` where the source has none.
        own: from ``still_open``.
        customers: the roster, with ``customer`` and ``customer_id``.
    """
    if told is None:
        return pl.DataFrame(schema=DIFFERENCES), pl.DataFrame(schema=TOTALS)
    held = own.join(customers.select("customer", "customer_id"), on="customer", how="left").drop("customer")
    by_document = told["document_id"].null_count() == 0
    keys = ["document_id", "currency"] if by_document else ["customer_id", "currency"]
    said = told.select("customer_id", "document_id", "currency", amount=minor("amount", pl.col("currency")))
    both = (
        _summed(said, keys)
        .join(_summed(held, keys), on=keys, how="full", coalesce=True, nulls_equal=True)
        .with_columns(
            source=pl.col("amount").fill_null(0),
            books=pl.col("amount_right").fill_null(0),
            customer_id=pl.coalesce("customer_id", "customer_id_right") if by_document else pl.col("customer_id"),
            document_id=pl.col("document_id") if by_document else pl.lit(None, pl.String),
        )
        .with_columns(difference=pl.col("books") - pl.col("source"))
        .filter((pl.col("source") != 0) | (pl.col("books") != 0))
    )
    money = [major(pl.col(name), pl.col("currency")).alias(name) for name in ("source", "books", "difference")]
    apart = (
        both.filter(pl.col("difference") != 0)
        .sort(pl.col("difference").abs(), "customer_id", "document_id", descending=[True, False, False])
        .select("customer_id", "document_id", "currency", *money)
    )
    totals = (
        both.group_by("currency")
        .agg(
            pl.len().alias("items"),
            (pl.col("difference") != 0).sum().alias("differing"),
            pl.col("source", "books", "difference").sum(),
        )
        .sort("currency")
        .select("currency", "items", "differing", *money)
    )
    return apart, totals


def _summed(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Amounts by ``keys``; of documents with their customer."""
    further = [pl.col("customer_id").first()] if "customer_id" not in keys else []
    return rows.group_by(keys).agg(pl.col("amount").sum(), *further)
