"""Rows admitted to the books: read, judged, converted, and told which customer and cell they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ledger.behaviour import BEHAVIOUR
from ledger.book import BookRules
from ledger.cast import ROW, CastTable, Formats, cast
from ledger.conversion import Conversion, minor_units
from ledger.fixes import Outcome
from ledger.profile import Profile
from ledger.quality import Checked, check_ledger
from ledger.roster import Cells, customers
from ledger.schema import TABLES, Kind, SettledBy

KEY = "_key"
"""Number of a document among all that were admitted, in no order that means anything."""

_KINDS = {kind.value: code for code, kind in enumerate(Kind)}
_SETTLED = {kind.value: code for code, kind in enumerate(SettledBy)}


@dataclass
class Admitted:
    """What is known of the rows admitted so far. ``days``: the first and last that anything happened on."""

    rows_in: dict[str, int] = field(default_factory=dict[str, int])
    accepted: dict[str, int] = field(default_factory=dict[str, int])
    quarantine: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    findings: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    money: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    first: date | None = None
    last: date | None = None
    unconverted: bool = False
    booked: bool = False
    fixes: list[Outcome] = field(default_factory=list[Outcome])


def read(table: str, rows: pl.DataFrame, formats: Formats, dimensions: Mapping[str, str]) -> CastTable:
    """``rows`` as typed values, with the numbers that they came in with."""
    plain = rows.drop(ROW, strict=False)
    found = cast(TABLES[table], plain, formats, dimensions if table in ("customers", "documents") else ())
    if ROW not in rows.columns:
        return found
    number = rows[ROW]
    return CastTable(found.table, found.rows.with_columns(number), found.raw.with_columns(number), found.unreadable)


class Desk:
    """Where rows are admitted, part by part.

    ``decided``: how amounts are converted, where that is no longer for each part to find out; see
    ``conversion.with_reporting``.
    """

    def __init__(self, masters: Checked, rules: BookRules, decided: Conversion | None = None) -> None:
        self._masters = masters
        self._decided = decided
        self._parts = 0
        self._roster = pl.DataFrame()
        self._named = np.zeros(0, np.bool_)
        self.rules = rules
        self.told = Admitted()
        self.profile = Profile()
        for name, rows in masters.accepted.items():
            self.profile.add(name, rows, masters.given[name])
        self.cells = Cells(masters.accepted["customers"].clear(), ())
        self.judges = False
        """Whether how customers pay is a dimension, and no column of the mapping says it."""

    @property
    def conversion(self) -> Conversion:
        """How amounts were converted."""
        return Conversion.NONE if self.told.unconverted else self._decided or self.rules.conversion

    def name(self, ids: pl.Series) -> pl.DataFrame:
        """Number the customers: those of the master and all of ``ids``, which every document's must be among."""
        self._roster = customers(self._masters.accepted["customers"], ids)
        self._named = self._roster["known"].to_numpy().copy()
        self.cells = Cells(self._roster, list(self.rules.dimensions))
        return self._roster

    def customers(self) -> tuple[pl.DataFrame, NDArray[np.uint32]]:
        """The customers with their lasting numbers; and these by the numbers that ``admit`` gives.

        Who is neither in the master nor on an accepted document is left out.
        """
        lasting = (np.cumsum(self._named) - 1).clip(0).astype(np.uint32)
        kept = self._roster.drop("customer").filter(pl.Series(self._named)).with_row_index("customer")
        return kept, lasting

    def admit(self, documents: CastTable, settlements: CastTable) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What is accepted of a part, with ``KEY``, ``customer`` and ``cell`` on documents, amounts in minor units."""
        checked = check_ledger(self._masters, documents, settlements, self.rules, self._decided)
        self._note(checked)
        accepted = checked.accepted["documents"]
        if not self._roster.width:
            self.name(accepted["customer_id"])
        own = (self._masters.accepted["customers"], accepted)
        self.judges = BEHAVIOUR in self.rules.dimensions and not any(BEHAVIOUR in rows.columns for rows in own)
        numbers = self._roster.select("customer_id", "customer")
        named = accepted.join(numbers, on="customer_id", how="left", nulls_equal=True, maintain_order="left")
        base = minor_units(accepted, "amount_base", "base_currency")
        key = pl.int_range(pl.len(), dtype=pl.UInt64) + (self._parts << 32)
        admitted = named.select(
            key.alias(KEY),
            pl.col(ROW),
            "document_id",
            "customer",
            self.cells.of(named),
            pl.col("kind").replace_strict(_KINDS, return_dtype=pl.UInt8),
            "entity",
            "number",
            "document_date",
            pl.coalesce("posting_date", "document_date").alias("posting_date"),
            "due_date",
            "currency",
            "amount",
            "amount_doc",
            "amount_rep",
            base,
            "base_currency",
            "base_rate",
            "document_rate",
            pl.col("disputed").fill_null(value=False),
            "dispute_reason",
        )
        self._named[admitted["customer"].unique().to_numpy()] = True
        settled = self._settled(checked.accepted["settlements"], admitted)
        self._span(admitted["posting_date"], settled["day"])
        self._parts += 1
        return admitted, settled

    def _settled(self, accepted: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
        """Settlements beside what their document lends them.

        ``day`` is the later of the settlement's day and the document's posting day, so that paying early never makes a
        balance negative.
        """
        at = accepted["_document"]
        lent = documents.select("customer", "posting_date", "currency", "base_currency")[at]
        beside = accepted.with_columns(lent)
        return beside.select(
            (pl.col("_document").cast(pl.UInt64) + (self._parts << 32)).alias(KEY),
            "settlement_id",
            "customer",
            "settled_on",
            pl.max_horizontal("settled_on", "posting_date").alias("day"),
            pl.col("kind").replace_strict(_SETTLED, return_dtype=pl.UInt8),
            minor_units(beside, "amount", "currency").alias("amount_doc"),
            minor_units(beside, "amount_base", "base_currency"),
        )

    def _note(self, checked: Checked) -> None:
        told = self.told
        for name, rows in checked.accepted.items():
            self.profile.add(name, rows, checked.given[name])
        told.quarantine.append(checked.quarantine)
        told.findings.append(checked.findings)
        for name, rows in checked.rows_in.items():
            told.rows_in[name] = told.rows_in.get(name, 0) + rows
            told.accepted[name] = told.accepted.get(name, 0) + checked.accepted[name].height
            own = "currency" if name == "documents" else "_currency"
            told.money.append(
                checked.accepted[name]
                .group_by(pl.col(own).alias("currency"))
                .agg(rows=pl.len(), money=pl.col("amount").abs().sum())
                .with_columns(table=pl.lit(name))
            )
        documents = checked.accepted["documents"]
        by_books = pl.col("base_rate").is_not_null() & (pl.col("currency") != self.rules.reporting_currency)
        told.booked |= bool(documents.select(by_books.any()).item())
        told.unconverted |= checked.conversion is Conversion.NONE

    def _span(self, *days: pl.Series) -> None:
        """The first day, and the last on which something happened, not after ``today``."""
        for series in days:
            first, last = series.min(), series.filter(series <= self.rules.today).max()
            self.told.first = _chosen(min, self.told.first, first)
            self.told.last = _chosen(max, self.told.last, last)


def _chosen(which: Any, *days: object) -> date | None:
    known = [day for day in days if isinstance(day, date)]
    return which(known) if known else None
