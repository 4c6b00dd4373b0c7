"""What every section is told from, and the few things that several of them say alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from briefing.groups import usual
from briefing.summary import Summary
from briefing.told import Raised
from briefing.view import View
from charts.palette import LIGHT
from config.packs import SectionSettings
from exports.column import Column, Form
from exports.pack.content import Line, Lines, Page, Row
from ledger.errors import OutstandingError
from ledger.scope import UNASSIGNED
from metrics import Plan, text
from metrics.state import State

PALETTE = LIGHT
HEIGHT = 260
"""Pixels of a chart's plot; writers draw it at the size of its place."""


@dataclass(frozen=True)
class Brief:
    """``chosen``: the section as the pack's definition has it; ``plan``: how a loss is provided for."""

    chosen: SectionSettings
    summary: Summary
    plan: Plan

    @property
    def view(self) -> View:
        return self.summary.view

    @property
    def raised(self) -> Raised:
        return self.summary.raised

    @property
    def currency(self) -> str:
        return self.view.currency

    @property
    def dimension(self) -> str:
        """What the section is grouped by: as chosen, else the company's usual cut.

        Raises:
            OutstandingError: there is no such dimension.
        """
        known = self.summary.book.dimensions
        if not self.chosen.by:
            return usual(known, self.view.scope)
        if self.chosen.by not in known:
            named = ", ".join(f"'{name}'" for name in known)
            raise OutstandingError(f"'{self.chosen.by}' is no dimension of these books; they have {named}.")
        return self.chosen.by

    def label(self, own: str) -> str:
        """What the section is called."""
        return self.chosen.title or own

    def most(self, own: int) -> int:
        """So many rows a table shows."""
        return self.chosen.rows or own

    def in_currency(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.filter(pl.col("currency") == self.currency)

    @property
    def days(self) -> tuple[date, ...]:
        """The as-of day, and the day compared with where there is one that the history reaches."""
        base = self.summary.base_day
        return (self.view.day,) if base is None else (self.view.day, base)

    @property
    def before(self) -> str:
        """What the column of the day compared with is called."""
        return "" if self.summary.base_day is None else text.day(self.summary.base_day)

    def money(self, heading: str = "") -> Column:
        """A column of the pack's money."""
        return Column(heading, Form.MONEY, self.currency)


SHARE = Column(form=Form.SHARE)

CALLING: Mapping[str, State] = {"act": "act", "watch": "watch"}
"""The state that stands beside what calls for somebody, by how much it does; all else has none."""


def named(column: str) -> pl.Expr:
    """Names from the data on one line; missing ones by a word."""
    return pl.col(column).map_elements(text.name, return_dtype=pl.String).fill_null(UNASSIGNED)


def cannot(section: str, label: str, reason: str) -> Page:
    """The page of a section that cannot be told."""
    return Page(section, label, f"{label} cannot be told", (Row((Lines("", (Line(reason),)),)),))
