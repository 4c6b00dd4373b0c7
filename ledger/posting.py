"""Admitted rows into the books: one range of customers at a time, in the order and the numbers they keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ledger import behaviour, cohorts, facts, gl, revision, rolls, standing, verification
from ledger.admission import KEY
from ledger.behaviour import Behaviour
from ledger.book import DOCUMENT_CURRENCY, Book, BookRules
from ledger.calendar import month_ends
from ledger.conversion import Rates
from ledger.money import digits
from ledger.quality import possible_duplicates
from ledger.slices import reporting_share, slices, with_age_basis
from ledger.standing import PASSING, STANDING

_CLASSES: tuple[str | None, ...] = (None, *(each.value for each in Behaviour))

FACTS = {
    "positions": ("as_of", "cell", "bucket"),
    "flows": ("day", "cell"),
    "cohorts": ("month", "cell", "step", "known_on"),
    "falling_due": ("month", "cell"),
    "rolls": ("as_of", "cell", "bucket", "to"),
    "gl_movements": ("entity", "currency", "day"),
    "still_open": ("customer", "document_id", "currency"),
    "open_before": ("customer", "document_id", "currency"),
}
"""What is summed over the ledger, with the columns it is summed by."""


@dataclass(frozen=True)
class Plan:
    """What every range of customers is posted by.

    ``customers`` and ``cells``: the final numbers, by the number at the desk. ``roster``: all customers. ``split``:
    whether cells are divided by how customers pay. ``first`` and ``last``: the span of the books. ``verified``: whether
    the source says itself what is open. ``before``: the last day of the books before these.
    """

    rules: BookRules
    rates: Rates
    roster: pl.DataFrame
    customers: NDArray[np.uint32]
    cells: NDArray[np.uint32]
    split: bool
    first: date | None
    last: date | None
    verified: bool
    before: date | None

    @property
    def ends(self) -> list[date]:
        """The month-ends of the history."""
        return month_ends(self.first, self.last) if self.first and self.last else []

    @property
    def days(self) -> list[date]:
        """Month-ends and the last day."""
        return sorted({*self.ends, *([self.last] if self.last else [])})


@dataclass(frozen=True)
class Posted:
    """A range of customers in the books. Documents are numbered from 0 within it.

    ``tables``: documents, settlements, slices and what stands of them. ``facts``: those of ``FACTS``. ``classes``: how
    each customer pays. ``twice``: what ``possible_duplicates`` found.
    """

    tables: dict[str, pl.DataFrame]
    facts: dict[str, pl.DataFrame]
    classes: pl.DataFrame
    twice: pl.DataFrame


def post(admitted: pl.DataFrame, settled: pl.DataFrame, plan: Plan) -> Posted:
    """Rows from ``admission.Desk.admit``: all documents of some customers, and all settlements of these."""
    documents = _documents(admitted, plan)
    settlements = _settlements(settled, documents, plan)
    tables = {"documents": documents, "settlements": settlements, "slices": _slices(documents, settlements, plan.rules)}
    twice = possible_duplicates(documents, "customer")
    tables["documents"] = documents.drop(KEY, "_row", "amount")
    classes = pl.DataFrame(schema={"customer": pl.UInt32, "class": pl.String})
    if plan.split and plan.last:
        classes = behaviour.judged(_book(tables, plan), plan.last).select("customer", "class")
        tables = _split(tables, classes, plan.roster.height)
    stands = dict(
        zip((STANDING, PASSING), standing.build(tables["slices"], tables["documents"], plan.days), strict=True)
    )
    return Posted(tables | stands, _facts(tables, stands[STANDING], plan), classes, twice)


def split_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """``cells`` (with the numbers that ``post`` gives them before they are split) once for every class."""
    codes = pl.DataFrame({"_class": range(len(_CLASSES)), behaviour.BEHAVIOUR: _CLASSES}, strict=False).cast(
        {behaviour.BEHAVIOUR: pl.String}
    )
    return (
        cells.drop(behaviour.BEHAVIOUR)
        .join(codes, how="cross")
        .with_columns(cell=pl.col("cell") * len(_CLASSES) + pl.col("_class").cast(pl.UInt32))
        .select(cells.columns)
    )


def _documents(admitted: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Documents in their lasting order, numbered."""
    return (
        admitted.with_columns(
            pl.Series("customer", plan.customers[admitted["customer"].to_numpy()]),
            pl.Series("cell", plan.cells[admitted["cell"].to_numpy()]),
        )
        .sort("customer", "posting_date", "document_date", "document_id")
        .with_row_index("document")
    )


def _settlements(settled: pl.DataFrame, documents: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Settlements in the order they take effect, with what they take off in the reporting currency."""
    at = settled.select(KEY).join(documents.select(KEY, "document"), on=KEY, how="left", maintain_order="left")
    lent = documents.select(
        "document",
        "customer",
        "cell",
        "currency",
        "base_currency",
        _base_rate="base_rate",
        _document_rate="document_rate",
        _doc="amount_doc",
        _base="amount_base",
    )[at["document"]]
    joined = settled.drop(KEY, "customer").hstack(lent).sort("document", "day", "settlement_id")
    return reporting_share(joined, 10 ** digits(plan.rates.reporting)).select(
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
    cut = with_age_basis(slices(documents, settlements), documents, rules.aging)
    lent = documents.select(
        "customer",
        "cell",
        "kind",
        "document_date",
        "disputed",
        due=pl.coalesce("due_date", "document_date"),
    )
    return cut.hstack(lent[cut["document"]])


def _split(tables: dict[str, pl.DataFrame], classes: pl.DataFrame, customers: int) -> dict[str, pl.DataFrame]:
    """``tables`` with cells divided by how their customers pay."""
    codes = classes["class"].replace_strict({name: at for at, name in enumerate(_CLASSES)}, return_dtype=pl.UInt32)
    of = np.zeros(customers, np.uint32)
    of[classes["customer"].to_numpy()] = codes.to_numpy()
    return {
        name: frame.with_columns(
            (frame["cell"] * len(_CLASSES) + pl.Series(of[frame["customer"].to_numpy()])).alias("cell")
        )
        for name, frame in tables.items()
    }


def _book(tables: dict[str, pl.DataFrame], plan: Plan) -> Book:
    """These customers' rows as a book, for the questions that facts are answers to."""
    cells = tables["documents"].select("cell", pl.col("currency").alias(DOCUMENT_CURRENCY)).unique("cell")
    return Book(plan.rules, {**tables, "cells": cells, "customers": plan.roster, "fx_rates": plan.rates.table})


def _facts(tables: dict[str, pl.DataFrame], stands: pl.DataFrame, plan: Plan) -> dict[str, pl.DataFrame]:
    documents, settlements, cut = (tables[name] for name in ("documents", "settlements", "slices"))
    paid, falling = cohorts.build(documents, cut)
    rule = plan.rules.aging
    valued = _book(tables, plan).valued(stands.lazy(), plan.days)
    at_ends = valued.filter(pl.col("as_of").is_in(plan.ends[:-1]))
    asked = {
        "positions": facts.positions(valued, ["cell"], rule),
        "rolls": rolls.followed(rolls.owing(at_ends), ["cell"], rule),
    }
    return {
        **{name: rows.collect(engine="streaming") for name, rows in asked.items()},
        "flows": facts.daily(documents, settlements, cut),
        "cohorts": paid,
        "falling_due": falling,
        "gl_movements": gl.movements(documents, settlements),
        "still_open": verification.still_open(_if(plan.verified, documents), _if(plan.verified, settlements)),
        "open_before": revision.open_on(documents, _if(plan.before, cut), plan.before or date.min),
    }


def _if(asked: object, frame: pl.DataFrame) -> pl.DataFrame:
    """``frame``, or what it is without rows where nothing is ``asked`` of it."""
    return frame if asked else frame.clear()
