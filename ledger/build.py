"""From a mapping's rows to a Book: read, judged and summed part by part, in memory that does not grow with the ledger.

A part is first some documents with all their settlements, whoever their customers are: that is enough to judge rows.
What is admitted is dealt again, by customer: that is enough to put it in order, to cut slices and to sum. A ledger that
fits into memory is one part, and goes the same way without touching the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ledger import behaviour, gl, revision, summary, verification
from ledger.admission import Desk, read
from ledger.book import DOCUMENT_CURRENCY, Book, BookRules
from ledger.cast import PLAIN, CastTable, Formats
from ledger.conversion import Conversion
from ledger.fingerprint import Fingerprint
from ledger.fixes import added, fixed
from ledger.intake import Intake
from ledger.posting import FACTS, Plan, Posted, post, split_cells
from ledger.profile import profile_of
from ledger.quality import Checked, check_masters, merged, noted
from ledger.rules import HISTORY_CHANGED, SOURCE_DIFFERS
from ledger.schema import TABLES
from ledger.shelf import Memory, Shelf
from ledger.stacking import stacked
from ledger.waiting import Dealt, Held

Progress = Callable[[str, float], None]
"""Told the name of a step and the share of the build that it is."""

PART = 300_000
"""Documents and settlements that are worked on at a time, about."""

_FOLD = 12
"""So many sums of parts wait before they are added up."""


@dataclass(frozen=True)
class Origin:
    """Where rows come from: the ``source`` in words safe to show, the ``formats`` of its text, the books ``before``."""

    source: str = ""
    formats: Formats = PLAIN
    before: Book | None = None


def build_book(
    tables: Mapping[str, pl.DataFrame],
    rules: BookRules,
    formats: Formats = PLAIN,
    source: str = "",
    before: Book | None = None,
) -> Book:
    """Read, check and sum a ledger that fits into memory.

    Args:
        tables: the canonical tables as a mapping returns them, text or typed; missing ones are taken as empty.
        rules: what turns rows into numbers.
        formats: how text is read.
        source: where the rows come from, in words safe to show.
        before: the last books of the same source, with which these are compared.

    Returns:
        A Book. Rows that break a rule are in ``book.quarantine``; nothing is raised for them.
    """
    shelf = Memory()
    built = build({name: [frame] for name, frame in tables.items()}, rules, shelf, Origin(source, formats, before))
    return Book(built.rules, shelf.frames(), built.about)


@dataclass(frozen=True)
class Built:
    """What is known of a book whose frames are on a shelf: its ``rules``, ``about`` and ``quarantine``."""

    rules: BookRules
    about: Mapping[str, Any]
    quarantine: pl.DataFrame


def build(
    tables: Mapping[str, Iterable[pl.DataFrame]],
    rules: BookRules,
    shelf: Shelf,
    origin: Origin = Origin(),
    progress: Progress = lambda _step, _share: None,
    folder: Path | None = None,
    most: int = PART,
) -> Built:
    """Read, check and sum a ledger of any size.

    Args:
        tables: the canonical tables in batches of rows; each is read once, in the order of ``TABLES``.
        rules: what turns rows into numbers.
        shelf: where the frames go.
        origin: where the rows come from.
        progress: told the name of each step.
        folder: where rows wait when there are more than ``most``; ``None`` holds all in memory.
        most: documents and settlements that are worked on at a time, about.
    """
    intake = Intake(folder, most)
    try:
        taken = _taken_in(tables, intake, rules, origin.formats, progress)
        taken["customers"], corrected = fixed("customers", taken["customers"], rules.fixes)
        masters = check_masters(taken, rules.reporting_currency)
        desk, waiting = _admitted(intake, masters, rules, origin.formats, progress)
        desk.told.fixes += corrected
    finally:
        intake.close()
    try:
        given = [name for name in TABLES if name in tables]
        return _Posting(masters, desk, rules, shelf, origin.before).all(waiting, given, origin.source, progress)
    finally:
        waiting.close()


def _taken_in(
    tables: Mapping[str, Iterable[pl.DataFrame]], intake: Intake, rules: BookRules, formats: Formats, progress: Progress
) -> dict[str, CastTable]:
    """All rows in: those of documents and settlements at ``intake``, the other tables as returned."""
    masters: dict[str, CastTable] = {}
    for name in TABLES:
        batches = tables.get(name, ())
        progress(f"reading {name}", 0.06)
        if name in ("documents", "settlements"):
            intake.add(name, batches)
        elif name in tables or not TABLES[name].optional:
            rows = list(batches)
            masters[name] = read(name, stacked(rows) if rows else pl.DataFrame(), formats, rules.dimensions)
    return masters


def _admitted(
    intake: Intake, masters: Checked, rules: BookRules, formats: Formats, progress: Progress
) -> tuple[Desk, Held | Dealt]:
    """Every part through the desk; once more where the parts did not agree whether amounts are converted."""
    desk = Desk(masters, rules)
    waiting = _through(desk, intake, formats, progress)
    if intake.count > 1 and desk.told.unconverted:
        waiting.close()
        desk = Desk(masters, rules, decided=rules.conversion if desk.told.booked else Conversion.NONE)
        waiting = _through(desk, intake, formats, progress)
    return desk, waiting


def _through(desk: Desk, intake: Intake, formats: Formats, progress: Progress) -> Held | Dealt:
    waiting: Held | Dealt = Held()
    if intake.folder and intake.dealt:
        met = intake.customers()
        named = desk.name(met["customer_id"]).join(met, on="customer_id", how="left", nulls_equal=True)
        waiting = Dealt(intake.folder, named.sort("customer")["rows"].fill_null(0), intake.most)
    for number, (documents, settlements) in enumerate(intake.parts(), start=1):
        progress(_numbered("checking", number, intake.count), 0.35 / intake.count)
        dimensions = desk.rules.dimensions
        read_in = read("documents", documents, formats, dimensions)
        corrected, told = fixed("documents", read_in, desk.rules.fixes)
        desk.told.fixes += told
        waiting.add(*desk.admit(corrected, read("settlements", settlements, formats, {})))
    return waiting


def _numbered(step: str, number: int, count: int) -> str:
    return step if count == 1 else f"{step}, part {number} of {count}"


class _Posting:
    """From admitted rows to the frames on a shelf."""

    def __init__(self, masters: Checked, desk: Desk, rules: BookRules, shelf: Shelf, before: Book | None) -> None:
        self._masters = masters
        self._before = before
        self._told = desk.told
        self._profile = desk.profile
        self._shelf = shelf
        self._print = Fingerprint()
        self._sums: dict[str, list[pl.DataFrame]] = {name: [] for name in FACTS}
        self._classes: list[pl.DataFrame] = []
        self._findings = [masters.findings, *desk.told.findings]
        self._cells_used: list[pl.Series] = []
        self._documents = 0
        self._rules = rules.converted_by(desk.conversion)
        self._roster, numbers = desk.customers()
        self._cells = desk.cells.frame()
        places = np.zeros(max(self._cells.height, 1), np.uint32)
        places[self._cells["cell"].to_numpy()] = np.arange(self._cells.height)
        first, last = summary.span(desk.told)
        verified = "verify" in masters.accepted
        until = before.last_day if before else None
        self._plan = Plan(
            self._rules, masters.rates, self._roster, numbers, places, desk.judges, first, last, verified, until
        )

    def all(self, waiting: Held | Dealt, given: Sequence[str], source: str, progress: Progress) -> Built:
        for number, (documents, settlements) in enumerate(waiting.ranges(), start=1):
            progress(_numbered("summing", number, waiting.count), 0.35 / waiting.count)
            self._put(post(documents, settlements, self._plan))
        quarantine = summary.in_order([self._masters.quarantine, *self._told.quarantine])
        cells = self._own_cells()
        sums = {name: _sorted(name, self._added(name)) for name in FACTS}
        looks = self._second_looks(sums, cells)
        frames = {
            "customers": self._judged(),
            "cells": cells,
            "fx_rates": self._masters.rates.table,
            "quarantine": quarantine,
            "quality": summary.quality(merged(self._findings), self._masters.rates),
            "profile": self._profile.frame(),
            "profile_before": profile_of(self._before),
            **looks,
            **sums,
        }
        for name, frame in frames.items():
            self._print.add(name, frame)
            self._shelf.put(name, frame)
        about = summary.about(self._told, self._masters, quarantine, given, source)
        about["before_day"] = self._plan.before
        about["fixes"] = [asdict(one) for one in added(self._told.fixes, self._rules.fixes)]
        about["unfilled"] = summary.unfilled(cells, self._rules, judged=self._plan.split)
        about["fingerprint"] = self._print.name(self._rules, self._plan.last)
        return Built(self._rules, about, quarantine)

    def _second_looks(self, sums: dict[str, pl.DataFrame], cells: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """The books held against the general ledger, the source's own balances, and the books before.

        Takes out of ``sums`` what was summed only for this, and notes what differs.
        """
        given = self._masters.accepted
        apart, totals = verification.compared(given.get("verify"), sums.pop("still_open"), self._roster)
        revised = revision.documents_revised(self._before, sums.pop("open_before"), self._roster)
        self._findings.append(noted(SOURCE_DIFFERS, "verify", apart))
        self._findings.append(noted(HISTORY_CHANGED, "documents", revised))
        return {
            "gl": gl.comparison(given.get("gl_balances"), sums.pop("gl_movements")),
            "verified": apart,
            "verified_totals": totals,
            "revised": revised,
            "revised_days": revision.days_revised(self._before, sums["positions"], cells, self._rules),
        }

    def _put(self, posted: Posted) -> None:
        for name, frame in posted.tables.items():
            moved = frame.with_columns((pl.col("document") + self._documents).cast(pl.UInt32))
            self._print.add(name, moved)
            self._shelf.put(name, moved)
        self._documents += posted.tables["documents"].height
        self._cells_used.append(posted.tables["documents"]["cell"].unique())
        self._classes.append(posted.classes)
        self._findings.append(posted.twice)
        for name, rows in posted.facts.items():
            self._sums[name].append(rows)
            if len(self._sums[name]) > _FOLD:
                self._sums[name] = [self._added(name)]

    def _added(self, name: str) -> pl.DataFrame:
        parts = self._sums[name]
        if len(parts) == 1:
            return parts[0]
        keys = list(FACTS[name])
        rows = pl.concat(parts)
        return (
            rows.lazy()
            .group_by(keys)
            .agg(pl.all().exclude(keys).sum())
            .select(rows.columns)
            .collect(engine="streaming")
        )

    def _own_cells(self) -> pl.DataFrame:
        """The cells that documents are in, with their lasting numbers, sorted by their values."""
        numbered = self._cells.drop("cell").with_row_index("cell").rename({"currency": DOCUMENT_CURRENCY})
        if self._plan.split:
            numbered = split_cells(numbered)
        order = [*self._rules.dimensions, DOCUMENT_CURRENCY]
        used = pl.concat(self._cells_used).unique()
        return numbered.filter(pl.col("cell").is_in(used.implode())).sort(order, nulls_last=True)

    def _judged(self) -> pl.DataFrame:
        """The customers, and how each pays where that is a dimension."""
        if not self._plan.split:
            return self._roster
        classes = pl.concat(self._classes).rename({"class": behaviour.BEHAVIOUR})
        return self._roster.join(classes, on="customer", how="left", maintain_order="left")


def _sorted(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sort(FACTS[name], nulls_last=True)
