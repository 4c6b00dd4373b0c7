"""From a mapping's rows to a Book, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from ledger import behaviour, cohorts, facts, rolls
from ledger.book import DOCUMENT_CURRENCY, Book, BookRules
from ledger.calendar import month_ends
from ledger.cast import PLAIN, CastTable, Formats, cast
from ledger.conversion import Conversion, Rates, day_rates, minor
from ledger.fingerprint import fingerprint
from ledger.gl import comparison
from ledger.money import digits
from ledger.quality import EXAMPLES, Checked, check, every_rule
from ledger.schema import TABLES, Kind, SettledBy
from ledger.slices import reporting_share, slices, with_age_basis

Progress = Callable[[str], None]

UNKNOWN_CUSTOMER = "Unknown customer"


def build_book(
    tables: Mapping[str, pl.DataFrame],
    rules: BookRules,
    formats: Formats = PLAIN,
    source: str = "",
    progress: Progress = lambda _step: None,
) -> Book:
    """Read, check and sum a ledger.

    Args:
        tables: the canonical tables as a mapping returns them, text or typed; missing ones are taken as empty.
        rules: what turns rows into numbers.
        formats: how text is read.
        source: where the rows come from, in words safe to show.
        progress: told the name of each step.

    Returns:
        A Book. Rows that break a rule are in ``book.quarantine``; nothing is raised for them.
    """
    progress("reading values")
    read = {name: _cast(name, tables.get(name), formats, rules) for name in TABLES}
    progress("checking")
    checked = check(read, rules.today, rules.reporting_currency, rules.conversion)
    rules = rules.converted_by(checked.conversion)
    accepted = checked.accepted
    customers = _customers(accepted["customers"], accepted["documents"])
    documents, cells = _documents(accepted["documents"], customers, rules)
    settlements = _settlements(accepted["settlements"], documents, checked.rates)
    progress("cutting slices")
    cut = _slices(documents, settlements, rules)
    frames = {
        "customers": customers,
        "documents": documents,
        "settlements": settlements,
        "slices": cut,
        "cells": cells,
        "fx_rates": checked.rates.table,
        "quarantine": checked.quarantine,
        "quality": _quality(checked),
        "gl": comparison(accepted.get("gl_balances"), documents, settlements),
    }
    first, last = _span(documents, settlements, rules.today)
    computed = _computed(accepted, rules)
    if computed and last:
        frames |= behaviour.as_dimension(Book(rules, frames), last)
    progress("summing facts")
    days = sorted({*month_ends(first, last), last}) if first and last else []
    frames["positions"] = _positions(frames, days, rules, checked.rates)
    frames["flows"] = (
        facts.flows(frames["documents"].lazy(), frames["settlements"].lazy(), frames["slices"].lazy(), ["cell"])
        .sort("day", "cell")
        .collect(engine="streaming")
    )
    frames["cohorts"], frames["falling_due"] = cohorts.build(frames["documents"], frames["slices"])
    frames["rolls"] = _rolls(Book(rules, frames), month_ends(first, last) if first and last else [])
    about = _about(checked, tables, source, first, last) | {"unfilled": _unfilled(cells, rules, computed)}
    return Book(rules, frames, {**about, "fingerprint": fingerprint(frames, rules, last)})


def _cast(name: str, frame: pl.DataFrame | None, formats: Formats, rules: BookRules) -> CastTable:
    table = TABLES[name]
    given = pl.DataFrame() if frame is None else frame
    return cast(table, given, formats, rules.dimensions if name in ("customers", "documents") else ())


def _customers(known: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """Customer master with a number (``customer``) and what to call them (``label``).

    Customers that only documents name are added, ``known`` = false: their balance must not disappear.
    """
    strangers = documents.select("customer_id").unique().join(known, on="customer_id", how="anti", nulls_equal=True)
    both = pl.concat(
        [
            known.drop("_row", strict=False).with_columns(known=pl.lit(value=True)),
            strangers.with_columns(known=pl.lit(value=False)),
        ],
        how="diagonal",
    )
    stranger = pl.concat_str(pl.lit(UNKNOWN_CUSTOMER + " "), "customer_id", ignore_nulls=True).str.strip_chars_end()
    return (
        both.sort("customer_id", nulls_last=True)
        .with_row_index("customer")
        .with_columns(label=pl.when("known").then(pl.coalesce("name", "customer_id")).otherwise(stranger))
    )


def _documents(accepted: pl.DataFrame, customers: pl.DataFrame, rules: BookRules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents in a fixed order with numbers for customer, cell and kind; and the cells.

    A dimension is read from the document where the mapping gives it there, else from the customer.
    """
    own = [name for name in rules.dimensions if name in accepted.columns]
    theirs = [name for name in rules.dimensions if name in customers.columns]
    joined = accepted.join(
        customers.select("customer_id", "customer", *(pl.col(name).alias(f"_{name}") for name in theirs)),
        on="customer_id",
        how="left",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns(
        pl.coalesce(
            *([name] if name in own else []), *([f"_{name}"] if name in theirs else []), pl.lit(None, pl.String)
        ).alias(f"_dim_{name}")
        for name in rules.dimensions
    )
    keys = [f"_dim_{name}" for name in rules.dimensions]
    cells = joined.select(*keys, "currency").unique().sort(*keys, "currency", nulls_last=True).with_row_index("cell")
    documents = (
        joined.join(cells, on=[*keys, "currency"], how="left", nulls_equal=True)
        .sort("customer", "posting_date", "document_date", "document_id")
        .with_row_index("document")
        .select(
            "document",
            "document_id",
            "customer",
            "cell",
            pl.col("kind").replace_strict({k.value: i for i, k in enumerate(Kind)}, return_dtype=pl.UInt8),
            "entity",
            "number",
            "document_date",
            pl.coalesce("posting_date", "document_date").alias("posting_date"),
            "due_date",
            "currency",
            "amount_doc",
            "amount_rep",
            minor("amount_base", pl.col("base_currency")).alias("amount_base"),
            "base_currency",
            "base_rate",
            "document_rate",
            pl.col("disputed").fill_null(value=False),
            "dispute_reason",
        )
    )
    cells = cells.rename({f"_dim_{name}": name for name in rules.dimensions} | {"currency": DOCUMENT_CURRENCY})
    return documents, cells


def _settlements(accepted: pl.DataFrame, documents: pl.DataFrame, rates: Rates) -> pl.DataFrame:
    """Settlements in the order they take effect, beside what their document lends them.

    ``day`` is the later of the settlement's day and the document's posting day, so that paying early never makes a
    balance negative.
    """
    lent = documents.select(
        "document_id",
        "document",
        "customer",
        "cell",
        "posting_date",
        "currency",
        "base_currency",
        _base_rate="base_rate",
        _document_rate="document_rate",
        _doc="amount_doc",
        _base="amount_base",
    )
    joined = (
        accepted.select("settlement_id", "document_id", "settled_on", "amount", "amount_base", "kind")
        .join(lent, on="document_id", how="inner")
        .with_columns(
            day=pl.max_horizontal("settled_on", "posting_date"),
            kind=pl.col("kind").replace_strict({k.value: i for i, k in enumerate(SettledBy)}, return_dtype=pl.UInt8),
            amount_doc=minor("amount", pl.col("currency")),
            amount_base=minor("amount_base", pl.col("base_currency")),
        )
        .sort("document", "day", "settlement_id")
    )
    return reporting_share(joined, 10 ** digits(rates.reporting)).select(
        "document",
        "settlement_id",
        "customer",
        "cell",
        "day",
        "settled_on",
        "kind",
        "amount_doc",
        "amount_rep",
        "amount_base",
    )


def _slices(documents: pl.DataFrame, settlements: pl.DataFrame, rules: BookRules) -> pl.DataFrame:
    cut = slices(documents, settlements)
    aged = with_age_basis(cut, documents, rules.aging)
    lent = documents.select(
        "document",
        "customer",
        "cell",
        "kind",
        "document_date",
        "disputed",
        due=pl.coalesce("due_date", "document_date"),
    )
    return aged.join(lent, on="document", how="left", maintain_order="left")


def _unfilled(cells: pl.DataFrame, rules: BookRules, computed: Sequence[str]) -> list[str]:
    """The dimensions that no document has a value of: most likely not in the mapping, or misspelt in the settings."""
    given = [name for name in rules.dimensions if name not in computed]
    return [name for name in given if cells.height and cells[name].null_count() == cells.height]


def _computed(accepted: Mapping[str, pl.DataFrame], rules: BookRules) -> list[str]:
    """The dimensions that are worked out here: how customers pay, unless the mapping says so itself."""
    own = any(behaviour.BEHAVIOUR in accepted[name].columns for name in ("customers", "documents"))
    return [behaviour.BEHAVIOUR] if behaviour.BEHAVIOUR in rules.dimensions and not own else []


def _positions(frames: Mapping[str, pl.DataFrame], days: list[date], rules: BookRules, rates: Rates) -> pl.DataFrame:
    open_slices = facts.alive(frames["slices"].lazy(), days)
    if rules.conversion is Conversion.CLOSING:
        cells = frames["cells"].lazy().select("cell", DOCUMENT_CURRENCY)
        table = day_rates(rates, frames["cells"][DOCUMENT_CURRENCY].unique(), days).lazy()
        open_slices = (
            open_slices.join(cells, on="cell")
            .join(table, left_on=[DOCUMENT_CURRENCY, "as_of"], right_on=["currency", "as_of"], how="left")
            .with_columns(facts.at_rate("amount", rules.reporting_currency))
        )
    summed = facts.positions(open_slices, ["cell"], rules.aging)
    return summed.sort("as_of", "cell", "bucket").collect(engine="streaming")


def _rolls(book: Book, ends: list[date]) -> pl.DataFrame:
    """What was owed at each month-end but the last, by cell and bucket, and what became of it in the month after."""
    open_slices = facts.alive(rolls.owing(book.frames["slices"].lazy()), ends[:-1])
    summed = rolls.followed(book.valued(open_slices, ends[:-1]), ["cell"], book.rules.aging)
    return summed.sort("as_of", "cell", "bucket", "to").collect(engine="streaming")


def _span(documents: pl.DataFrame, settlements: pl.DataFrame, today: date) -> tuple[date | None, date | None]:
    """First posting day, and the last day on which something happened, not after ``today``."""
    days = pl.concat([documents["posting_date"], settlements["day"]])
    if days.is_empty():
        return None, None
    first, last = _day(days.min()), days.filter(days <= today).max()
    return first, max(_day(last), first) if last is not None else first


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"expected a day, found {value!r}")
    return value


def _quality(checked: Checked) -> pl.DataFrame:
    """Every rule with what it found, one row each; a rule that nothing broke has 0 rows and no amount.

    ``amount`` is in the reporting currency at the latest rates where all its currencies have one, else in the one
    currency concerned, else left out.
    """
    rate = pl.col("currency").replace_strict(checked.rates.latest(), default=None, return_dtype=pl.Float64)
    one = pl.col("currency").n_unique() == 1
    known = pl.col("_rate").is_not_null().all()
    value = pl.col("amount").cast(pl.Float64)
    found = (
        checked.findings.with_columns(_rate=rate)
        .group_by("rule", "table", "severity", maintain_order=True)
        .agg(
            pl.col("rows").sum(),
            pl.when(known).then((value * pl.col("_rate")).sum()).when(one).then(value.sum()).round(2).alias("amount"),
            pl.when(known)
            .then(pl.lit(checked.rates.reporting))
            .when(one)
            .then(pl.col("currency").first())
            .alias("currency"),
            pl.col("examples").list.explode().head(EXAMPLES),
        )
    )
    return (
        every_rule()
        .join(found, on=["rule", "table", "severity"], how="left", maintain_order="left")
        .with_columns(pl.col("rows").fill_null(0), pl.col("examples").fill_null([]))
        .select("rule", "table", "severity", "rows", "amount", "currency", "examples")
    )


def _about(
    checked: Checked, tables: Mapping[str, pl.DataFrame], source: str, first: date | None, last: date | None
) -> dict[str, Any]:
    kept_out = checked.quarantine.group_by("table").len()
    return {
        "source": source,
        "first_day": first,
        "last_day": last,
        "rows_in": {name: rows for name, rows in checked.rows_in.items() if name in tables},
        "quarantined": {name: 0 for name in tables if name in TABLES} | dict(kept_out.iter_rows()),
        "accepted": {name: frame.height for name, frame in checked.accepted.items() if name in tables},
        "quarantined_share": quarantined_share(checked),
    }


def quarantined_share(checked: Checked) -> float:
    """The share of the money that was kept out, 0–1: the larger of documents' and settlements' shares.

    A row whose amount could not be read counts as an average row. Currencies are weighed at their latest rate.
    """
    weights = checked.rates.latest()
    weight = pl.col("currency").replace_strict(weights, default=1.0, return_dtype=pl.Float64)
    shares = [0.0]
    for name in ("documents", "settlements"):
        own = "currency" if name == "documents" else "_currency"
        accepted = checked.accepted[name].select("amount", pl.col(own).alias("currency"))
        out = checked.quarantine.filter(pl.col("table") == name)
        good = float(accepted.select((pl.col("amount").cast(pl.Float64).abs() * weight).sum()).item())
        bad = out.select(
            (pl.col("amount").cast(pl.Float64).abs() * weight).alias("money"),
            pl.col("amount").is_null().alias("unread"),
        )
        rows = accepted.height + out.height
        unread = int(bad["unread"].sum())
        lost = float(bad["money"].sum())
        average = (good + lost) / max(rows - unread, 1)
        lost += unread * average if rows > unread else unread
        shares.append(lost / (good + lost) if good + lost else 0.0)
    return max(shares)
