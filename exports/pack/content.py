"""What a pack says, page by page, before it is written as any kind of file.

Every writer gets the same content, so that a slide, a printed page and a sheet have the same words and figures in the
same order. Figures are unrounded here; ``exports.pack.cells`` writes those of tables as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from briefing.tile import Tile
from charts import Figure
from exports.about import About
from exports.workbook import Column
from metrics.state import State


@dataclass(frozen=True)
class Tiles:
    """Numbers side by side, each with its state, what it is compared with and its trend."""

    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Chart:
    """A figure. Its title is the finding, its subtitle says measure, unit, day and filter.

    Office programs get ``figure.native`` and draw it; paper gets ``figure.spec`` as vectors; a workbook
    ``figure.table`` with a native chart beside it.
    """

    figure: Figure


@dataclass(frozen=True)
class Table:
    """Rows under headings.

    Attributes:
        name: short, for a sheet's tab: ``Largest debtors``.
        title: above the table; the finding where there is one, else what it lists.
        subtitle: measure, unit, day; may be empty.
        rows: figures unrounded and days as dates; every column is shown, in order.
        columns: how each is written, by its name.
        most: so many rows are shown on slides and on paper, the largest first as ``rows`` are; a workbook has all of
            them, and the others say how many were left out. ``None``: all of them, over as many pages as it takes.
        last_is_total: the last row sums the others, and is always shown.
        states: ``good``, ``watch`` or ``act`` of a cell, by row and column name.
    """

    name: str
    title: str
    rows: pl.DataFrame
    columns: Mapping[str, Column] = field(default_factory=dict[str, Column])
    subtitle: str = ""
    most: int | None = None
    last_is_total: bool = False
    states: Mapping[tuple[int, str], State] = field(default_factory=dict[tuple[int, str], State])

    @property
    def shown(self) -> pl.DataFrame:
        """The rows of slides and paper."""
        if self.most is None or self.rows.height <= self.most + self.last_is_total:
            return self.rows
        total = self.rows.tail(1) if self.last_is_total else self.rows.head(0)
        return pl.concat([self.rows.head(self.most), total])

    @property
    def left_out(self) -> int:
        """How many rows slides and paper do not show."""
        return self.rows.height - self.shown.height


@dataclass(frozen=True)
class Line:
    """One thing said: ``words`` in full weight, ``more`` quieter below, ``aside`` at the end, with a state's badge."""

    words: str
    more: str = ""
    aside: str = ""
    state: State | None = None


@dataclass(frozen=True)
class Lines:
    """Sentences, one below the other, under a heading that may be empty; ``nothing`` is said where there are none."""

    title: str
    lines: tuple[Line, ...]
    subtitle: str = ""
    nothing: str = ""


Block = Tiles | Chart | Table | Lines


@dataclass(frozen=True)
class Row:
    """Blocks side by side. ``widths``: their shares of the page's width, alike if left out.

    ``height``: its share of the page; 0 for as much as its content takes, as tiles do.
    """

    blocks: tuple[Block, ...]
    widths: tuple[float, ...] = ()
    height: float = 1.0


@dataclass(frozen=True)
class Page:
    """One section: a slide, a printed page, or more where its last table goes on.

    Attributes:
        section: which section it is of: ``summary``, ``dso``; names its sheets and its commentary.
        label: what the section is called: ``Summary``. Stands small above the title, and in the list of contents.
        title: the message, the finding in words with its number.
        rows: what it shows, from top to bottom.
        lead: a line or two below the title; may be empty.
        commentary: what somebody wrote about it for this period; may have several paragraphs.
        metrics: ids of the catalogue that the page rests on; their definitions stand in a slide's notes.
        notes: what a reader must know to read it right, one sentence each: how it is computed, what is left out.
    """

    section: str
    label: str
    title: str
    rows: tuple[Row, ...] = ()
    lead: str = ""
    commentary: str = ""
    metrics: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for row in self.rows for block in row.blocks)


@dataclass(frozen=True)
class Pack:
    """The whole pack.

    Attributes:
        about: whose it is, as of when, of which part, from which books; printed at the foot of every page.
        subtitle: below the title on the first page: ``For the board · October 2026``.
        lines: further facts on the first page, each in a line.
        pages: the sections in order, without the first page.
        parts: what the KPIs are made of, one row for each day compared: ``as_of``, a column for each of
            ``metrics.parts.PARTS`` that they need, in major units of ``about.currency`` where it is money. The first
            row is the as-of day, the next the day compared with, if there is one.
        kpis: ids of the catalogue that the workbook's summary computes from ``parts``.
        values: ``as_of, metric, value, note`` of every one of ``kpis`` on the same days, as the product has them.
    """

    about: About
    subtitle: str
    pages: tuple[Page, ...]
    parts: pl.DataFrame
    kpis: tuple[str, ...]
    values: pl.DataFrame
    lines: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that any page rests on, once, in order of appearance."""
        return tuple(dict.fromkeys(id for page in self.pages for id in page.metrics))
