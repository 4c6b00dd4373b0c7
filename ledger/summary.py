"""What a refresh found, summed up: every rule with its findings, and how much of the money was kept out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from ledger import behaviour
from ledger.admission import Admitted
from ledger.book import BookRules
from ledger.conversion import Rates
from ledger.quality import EXAMPLES, Checked, every_rule
from ledger.schema import TABLES


def quality(findings: pl.DataFrame, rates: Rates) -> pl.DataFrame:
    """Every rule with what it found, one row each; a rule that nothing broke has 0 rows and no amount.

    ``amount`` is in the reporting currency at the latest rates where all its currencies have one, else in the one
    currency concerned, else left out.
    """
    rate = pl.col("currency").replace_strict(rates.latest(), default=None, return_dtype=pl.Float64)
    one = pl.col("currency").n_unique() == 1
    known = pl.col("_rate").is_not_null().all()
    value = pl.col("amount").cast(pl.Float64)
    found = (
        findings.with_columns(_rate=rate)
        .group_by("rule", "table", "severity", maintain_order=True)
        .agg(
            pl.col("rows").sum(),
            pl.when(known).then((value * pl.col("_rate")).sum()).when(one).then(value.sum()).round(2).alias("amount"),
            pl.when(known).then(pl.lit(rates.reporting)).when(one).then(pl.col("currency").first()).alias("currency"),
            pl.col("examples").list.explode().head(EXAMPLES),
        )
    )
    return (
        every_rule()
        .join(found, on=["rule", "table", "severity"], how="left", maintain_order="left")
        .with_columns(pl.col("rows").fill_null(0), pl.col("examples").fill_null([]))
        .select("rule", "table", "severity", "rows", "amount", "currency", "examples")
    )


def quarantined_share(told: Admitted, quarantine: pl.DataFrame, rates: Rates) -> float:
    """The share of the money that was kept out, 0–1: the larger of documents' and settlements' shares.

    A row whose amount could not be read counts as an average row. Currencies are weighed at their latest rate.
    """
    weight = pl.col("currency").replace_strict(rates.latest(), default=1.0, return_dtype=pl.Float64)
    shares = [0.0]
    accepted = pl.concat(told.money).group_by("table", "currency").agg(pl.col("money", "rows").sum()).sort("currency")
    for name in ("documents", "settlements"):
        kept = accepted.filter(pl.col("table") == name)
        out = quarantine.filter(pl.col("table") == name)
        good = float(kept.select((pl.col("money").cast(pl.Float64) * weight).sum()).item())
        bad = out.select(
            (pl.col("amount").cast(pl.Float64).abs() * weight).alias("money"),
            pl.col("amount").is_null().alias("unread"),
        )
        rows = int(kept["rows"].sum()) + out.height
        unread = int(bad["unread"].sum())
        lost = float(bad["money"].sum())
        average = (good + lost) / max(rows - unread, 1)
        lost += unread * average if rows > unread else unread
        shares.append(lost / (good + lost) if good + lost else 0.0)
    return max(shares)


def about(
    told: Admitted, masters: Checked, quarantine: pl.DataFrame, given: Sequence[str], source: str
) -> dict[str, Any]:
    """``Book.about`` as far as rows go. ``given``: the tables that the source has."""
    rows_in = masters.rows_in | told.rows_in
    accepted = {name: rows.height for name, rows in masters.accepted.items()} | told.accepted
    kept_out = quarantine.group_by("table").len()
    first, last = span(told)
    return {
        "source": source,
        "first_day": first,
        "last_day": last,
        "rows_in": {name: rows_in[name] for name in given},
        "quarantined": dict.fromkeys(given, 0) | dict(kept_out.iter_rows()),
        "accepted": {name: accepted[name] for name in given},
        "quarantined_share": quarantined_share(told, quarantine, masters.rates),
    }


def span(told: Admitted) -> tuple[date | None, date | None]:
    """First posting day, and the last day on which something happened, not after the refresh."""
    if told.first is None:
        return None, None
    return told.first, max(told.last or told.first, told.first)


def in_order(quarantine: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All rows kept out, by table and row."""
    rank = pl.col("table").replace_strict({name: at for at, name in enumerate(TABLES)}, return_dtype=pl.UInt8)
    return pl.concat(quarantine).sort(rank, "row", maintain_order=True)


def unfilled(cells: pl.DataFrame, rules: BookRules, *, judged: bool) -> list[str]:
    """The dimensions that no document has a value of: most likely not in the mapping, or misspelt in the settings."""
    given = [name for name in rules.dimensions if not (judged and name == behaviour.BEHAVIOUR)]
    return [name for name in given if cells.height and cells[name].null_count() == cells.height]
