"""Who holds what is open: customers by cell, the parts of the company that alerts are about, and books without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import polars as pl

from ledger.book import DOCUMENT_CURRENCY, Book
from ledger.conversion import Conversion
from ledger.scope import COMPANY, CURRENCY, CUSTOMER, Scope
from ledger.standing import PASSING, STANDING


@dataclass(frozen=True)
class Holdings:
    """What is open in a book at the close of a day, by customer and cell; what is paid counts with 0."""

    book: Book
    day: date

    @cached_property
    def frame(self) -> pl.DataFrame:
        """``cell, customer`` (id), ``open`` (gross, minor units as Float64) and the columns of cells.

        A row a customer and cell with any document, in a fixed order.
        """
        owed = pl.when(~pl.col("credit")).then(pl.col("amount")).otherwise(0).sum()
        opened = self.book.open_sums([self.day], COMPANY, [CUSTOMER], lambda rows: rows, {"open": owed}, ["cell"])
        documents = self.book.frames["documents"].select("customer", "cell").unique().sort("cell", "customer")
        numbers = self.book.frames["customers"].select("customer", "customer_id")
        return (
            documents.join(numbers, on="customer", maintain_order="left")
            .select("cell", customer="customer_id")
            .join(opened.select("cell", CUSTOMER, "open"), on=["cell", CUSTOMER], how="left", nulls_equal=True,
                  maintain_order="left")
            .with_columns(pl.col("open").fill_null(0).cast(pl.Float64))
            .join(self.book.frames["cells"], on="cell", maintain_order="left")
        )  # fmt: skip

    def members(self, scope: Scope, currency: str) -> pl.Series:
        """Which rows are in scope; where currencies are never added, those in ``currency`` alone."""
        apart = self.book.rules.conversion is Conversion.NONE
        own = pl.col(DOCUMENT_CURRENCY) == currency if apart else pl.lit(value=True)
        return self.frame.select((_hit(scope) & own).alias("_member")).to_series()

    def within(self, scope: Scope, currency: str) -> pl.DataFrame:
        """The rows in scope."""
        return self.frame.filter(self.members(scope, currency))


def without(book: Book, scopes: Sequence[Scope]) -> Book:
    """The books without some parts of the company.

    Parts that customers are chosen for are missing in what is read by customer alone: ask such books with a choice of
    customers, of all of them if need be.
    """
    cells = book.frames["cells"]
    whole = [each for each in scopes if not each.values(CUSTOMER)]
    kept = cells.filter(~pl.any_horizontal([pl.lit(value=False), *(_hit(each) for each in whole)]))
    frames = {**book.frames, "cells": kept}
    chosen = [_of_customers(book, each) for each in scopes if each.values(CUSTOMER)]
    if chosen:
        # A row of no cell is in no scope; rows stay where they are, as documents are found by their place.
        kept_cell = pl.when(~pl.any_horizontal(chosen)).then("cell").alias("cell")
        tables = ("documents", "settlements", "slices", STANDING, PASSING)
        frames |= {table: frames[table].with_columns(kept_cell) for table in tables if table in frames}
    return replace(book, frames=frames)


def _of_customers(book: Book, scope: Scope) -> pl.Expr:
    """Whether a row with ``customer`` and ``cell`` is in a scope that customers are chosen for."""
    wanted = _in("customer_id", scope.values(CUSTOMER))
    numbers = book.frames["customers"].filter(wanted)["customer"]
    cells = book.frames["cells"].filter(_hit(scope.without(CUSTOMER)))["cell"]
    hit = pl.col("customer").is_in(numbers.implode())
    return hit & pl.col("cell").is_in(cells.implode()) if len(scope.where) > 1 else hit


def _hit(scope: Scope) -> pl.Expr:
    """Whether a row with the columns of cells, and ``customer`` by id where customers are chosen, is in scope."""
    column = {CURRENCY: DOCUMENT_CURRENCY}
    return pl.all_horizontal(
        [pl.lit(value=True), *(_in(column.get(name, name), values) for name, values in scope.where)]
    )


def _in(column: str, values: frozenset[str | None]) -> pl.Expr:
    named = pl.Series(sorted(each for each in values if each is not None), dtype=pl.String)
    hit = pl.col(column).is_in(named.implode()).fill_null(value=False)
    return hit | pl.col(column).is_null() if None in values else hit
