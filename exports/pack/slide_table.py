"""A table on slides: native, as many slides as it takes, each with the headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import Any

from pptx.oxml import parse_xml

from charts.palette import LIGHT
from exports.pack import cells
from exports.pack.content import Table
from exports.pack.slide_text import INK, QUIET, RULE, Paragraph, Run, colour, head, line, put, said
from exports.slide_place import INCH, POINT, Box
from exports.slide_words import clean, cut, height, lines, width

_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""Of every office program: no fills and no lines but those of the cells."""

_SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)
_EASY = 9.0
"""Letters down to this are read without effort: smaller ones are taken only where numbers would not fit."""

_ACROSS, _DOWN = round(0.055 * INCH), round(0.03 * INCH)
_APART = round(0.22 * INCH)
_LEAST_TEXT, _SHARE_OF_TEXT = 0.9 * INCH, 0.45
_STRETCH = 1.7
_MANY_ROWS, _FEW_LINES, _MANY_LINES = 40, 2, 6
_HEADING_LINES = 3
_SAMPLE = 50
_LEAST_ROWS = 3
_AIR = 0.3
"""By so much rows may be higher where there is room."""

_NOTE = 8.5


@dataclass(frozen=True)
class Fit:
    """How a table lies in a width: size of letters, width of each column, height of the headings and of each row."""

    points: float
    widths: tuple[int, ...]
    top: int
    sums: tuple[int, ...]
    most: int

    def high(self, start: int, stop: int) -> int:
        """So many rows with their headings."""
        return self.top + self.sums[stop] - self.sums[start]


@dataclass
class Grid:
    """The words of a table, and how they lie in each width that was asked for."""

    table: Table
    known: dict[tuple[int, float], Fit] = field(default_factory=dict[tuple[int, float], Fit])

    @cached_property
    def texts(self) -> list[list[str]]:
        return cells.written(self.table)

    @cached_property
    def headings(self) -> list[str]:
        return cells.headings(self.table)

    @cached_property
    def sides(self) -> list[cells.Side]:
        return cells.sides(self.table)

    @cached_property
    def rigid(self) -> list[bool]:
        return cells.rigid(self.table)

    @cached_property
    def pads(self) -> list[int]:
        """Room at the left of each column: more where texts follow numbers, which end there."""
        before: list[cells.Side] = ["left", *self.sides]
        return [
            _APART if (one, two) == ("right", "left") else _ACROSS for one, two in zip(before, self.sides, strict=False)
        ]

    @cached_property
    def marked(self) -> dict[int, set[str]]:
        """The states in each column that has any."""
        found: dict[int, set[str]] = {}
        for (_, place), state in self.states.items():
            found.setdefault(place, set()).add(state)
        return found

    def mark(self, place: int, points: float) -> int:
        """How wide the words of states in a column are."""
        words = (f"{cells.STATES[each]} " for each in self.marked.get(place, ()))  # pyright: ignore[reportArgumentType]
        return max((width(each, points, bold=True) for each in words), default=0)

    @cached_property
    def states(self) -> dict[tuple[int, int], str]:
        """The state of a cell, by row and place of its column."""
        places = {name: place for place, name in enumerate(cells.names(self.table))}
        return {(row, places[at]): state for (row, at), state in cells.states(self.table).items() if at in places}

    def fit(self, room: int, largest: float = _SIZES[0]) -> Fit:
        """How it lies in ``room``, with letters no larger than ``largest``."""
        key = (room, largest)
        if key not in self.known:
            self.known[key] = self._fit(room, [size for size in _SIZES if size <= largest])
        return self.known[key]

    def _fit(self, room: int, sizes: Sequence[float]) -> Fit:
        for points in [size for size in sizes if size >= _EASY]:
            wanted = [min(wide, round(room * _SHARE_OF_TEXT)) for wide in self._natural(points)]
            if sum(wanted) <= room:
                stretch = min(room / max(sum(wanted), 1), _STRETCH)
                return self._laid(points, [int(wide * stretch) for wide in wanted])
        for points in sizes:
            natural = self._natural(points)
            pairs = zip(natural, self.rigid, strict=True)
            least = [wide if rigid else min(wide, round(_LEAST_TEXT)) for wide, rigid in pairs]
            if sum(least) <= room or points == sizes[-1]:
                break
        spare, wish = room - sum(least), sum(natural) - sum(least)
        if spare < 0:
            return self._laid(points, [int(wide * room / sum(least)) for wide in least])
        share = min(spare / wish, 1.0) if wish else 0.0
        return self._laid(points, [int(low + (wide - low) * share) for low, wide in zip(least, natural, strict=True)])

    def _natural(self, points: float) -> list[int]:
        """What each column takes with every cell in one line, and its heading in a few."""
        found: list[int] = []
        for place, heading in enumerate(self.headings):
            shown = sorted({row[place] for row in self.texts}, key=len, reverse=True)[:_SAMPLE]
            words = max((width(each, points, bold=True) for each in shown), default=0)
            above = _above(heading, points)
            found.append(max(words + self.mark(place, points), above) + self.pads[place] + _ACROSS + POINT)
        return found

    def _laid(self, points: float, widths: Sequence[int]) -> Fit:
        """Heights of rows for these widths."""
        most = _FEW_LINES if len(self.texts) > _MANY_ROWS else _MANY_LINES
        rooms = [wide - pad - _ACROSS for wide, pad in zip(widths, self.pads, strict=True)]
        above = zip(self.headings, rooms, strict=True)
        heads = max((len(lines(words, points, room, bold=True)) for words, room in above), default=1)
        loose = [(place, rooms[place], self.mark(place, points)) for place, rigid in enumerate(self.rigid) if not rigid]
        one = height(1, points)
        heights = [
            max((_high(row[place], points, room - mark, most) for place, room, mark in loose), default=one) + 2 * _DOWN
            for row in self.texts
        ]
        top = height(min(heads, _HEADING_LINES), points) + 2 * _DOWN
        return Fit(points, tuple(widths), top, tuple(accumulate(heights, initial=0)), most)


def _above(heading: str, points: float) -> int:
    """How wide a heading is that is broken into a few lines, none of its words and nothing of its unit cut."""
    longest = max((width(each, points, bold=True) for each in heading.split(" ")), default=0)
    wide = max(longest, width(heading, points, bold=True) // _HEADING_LINES)
    while len(lines(heading, points, wide, bold=True)) > _HEADING_LINES:
        wide = round(wide * 1.1)
    return wide


def _high(words: str, points: float, room: int, most: int) -> int:
    """How high a cell is."""
    if width(words, points) <= room:
        return height(1, points)
    return height(min(len(lines(words, points, room)), most), points)


@dataclass(frozen=True)
class TablePiece:
    """Rows ``start`` to ``stop`` of a table."""

    grid: Grid
    title: str
    start: int = 0
    stop: int = 0
    stretches: bool = False

    def _head(self, room: int) -> tuple[tuple[Paragraph, ...], int]:
        return head(self.title, self.grid.table.subtitle, room)

    def _foot(self) -> str:
        """What is said below the last row."""
        table = self.grid.table
        return cells.left_out(table) if self.stop >= len(self.grid.texts) else ""

    def _below(self) -> int:
        return height(1, _NOTE) + _DOWN if self._foot() else 0

    def natural(self, room: int) -> int:
        """How high all its rows are."""
        if not self.grid.texts:
            return self._head(room)[1] + height(1, _SIZES[0])
        return self._head(room)[1] + self.grid.fit(room).high(self.start, self.stop) + self._below()

    def least(self, room: int) -> int:
        """How high a few rows are."""
        some = min(self.start + _LEAST_ROWS, self.stop)
        return replace(self, stop=some).natural(room)

    def split(self, room: int, high: int) -> tuple[TablePiece, TablePiece | None]:
        """The rows that have room, one at least, and the rest. Somewhat smaller letters are taken if all fit then."""
        if self._points(room, high) is not None:
            return self, None
        fit = self.grid.fit(room)
        left = high - self._head(room)[1] - fit.top
        stop = self.start + 1
        while stop < self.stop and fit.sums[stop + 1] - fit.sums[self.start] <= left:
            stop += 1
        if stop >= self.stop:
            return self, None
        return replace(self, stop=stop), replace(self, start=stop)

    def _points(self, room: int, high: int) -> float | None:
        """The size of letters in which all rows have room."""
        for points in _SIZES:
            used = self._head(room)[1] + self._below()
            if self.grid.texts and points >= _EASY - 1:
                used += self.grid.fit(room, points).high(self.start, self.stop)
            if used <= high and (points >= _EASY - 1):
                return points
        return None

    def draw(self, shapes: Any, box: Box) -> None:
        """Title, rows and what is left out."""
        told, top = self._head(box.width)
        if told:
            put(shapes, box.from_top(top), told, name="Table title")
        under = box.below(top)
        if not self.grid.texts:
            put(shapes, under, [said("Nothing to show.", _SIZES[1], colour=QUIET)], name="Note")
            return
        fit = self.grid.fit(box.width, self._points(box.width, box.height) or _SIZES[0])
        high = fit.high(self.start, self.stop)
        frame = shapes.add_table(1, 1, under.left, under.top, sum(fit.widths), high)
        frame.name = clean(self.grid.table.name, "Table")
        about = clean(f"{self.title or self.grid.table.title}. {self.grid.table.subtitle}")
        frame._element.nvGraphicFramePr.cNvPr.set("descr", about)  # noqa: SLF001  # the library has no alt text
        table: Any = frame.table._tbl  # noqa: SLF001  # many cells at once: one by one takes minutes
        airy = 1 + min(max(under.height - self._below() - high, 0) / max(high - fit.top, 1), _AIR)
        high = fit.top + round((high - fit.top) * airy)
        table.getparent().replace(table, parse_xml(self._xml(fit, airy)))
        frame.height = high
        if self._foot():
            put(
                shapes,
                under.below(high + _DOWN).from_top(height(1, _NOTE)),
                [said(self._foot(), _NOTE, colour=QUIET)],
                name="Left out",
            )

    def _xml(self, fit: Fit, airy: float) -> str:
        columns = "".join(f'<a:gridCol w="{wide}"/>' for wide in fit.widths)
        rows = [self._row(self.grid.headings, fit, fit.top, -1)] + [
            self._row(self.grid.texts[row], fit, round((fit.sums[row + 1] - fit.sums[row]) * airy), row)
            for row in range(self.start, self.stop)
        ]
        return (
            f'<a:tbl {_A}><a:tblPr firstRow="1"><a:tableStyleId>{_STYLE}</a:tableStyleId></a:tblPr>'
            f"<a:tblGrid>{columns}</a:tblGrid>{''.join(rows)}</a:tbl>"
        )

    def _row(self, words: Sequence[str], fit: Fit, high: int, row: int) -> str:
        """One row; -1 is that of the headings."""
        is_total = self.grid.table.last_is_total and row == len(self.grid.texts) - 1
        rule = _rules(is_head=row < 0, is_total=is_total)
        found = "".join(
            f"<a:tc><a:txBody><a:bodyPr/>{self._cell(word, fit, row, place, is_bold=is_total or row < 0)}"
            f'</a:txBody><a:tcPr marL="{self.grid.pads[place]}" marR="{_ACROSS}" marT="{_DOWN}" marB="{_DOWN}" '
            f'anchor="{"b" if row < 0 else "ctr"}">{rule}</a:tcPr></a:tc>'
            for place, word in enumerate(words)
        )
        return f'<a:tr h="{high}">{found}</a:tr>'

    def _cell(self, words: str, fit: Fit, row: int, place: int, *, is_bold: bool) -> str:
        side, room = self.grid.sides[place], fit.widths[place] - self.grid.pads[place] - _ACROSS
        if row < 0:
            shown = cut(words, fit.points, room, _HEADING_LINES, bold=True)
            return line(Paragraph((Run(shown, fit.points, is_bold, QUIET),), side))
        state = self.grid.states.get((row, place))
        ink = LIGHT.state(state) if state else INK
        word = cells.STATES[state] if state else ""  # pyright: ignore[reportArgumentType]
        mark = "" if word == words else word
        mark = f"{mark} " if mark else ""
        if not self.grid.rigid[place]:
            words = cut(words, fit.points, room - self.grid.mark(place, fit.points), fit.most, bold=is_bold)
        runs = (Run(mark, fit.points, bold=True, colour=ink), Run(words, fit.points, is_bold or bool(state), ink))
        return line(Paragraph(runs, side))


def _rules(*, is_head: bool, is_total: bool) -> str:
    """Lines of a cell: below the headings, fainter below each row, above the sum."""
    top = _line("lnT", QUIET, 9_525) if is_total else ""
    return top + _line("lnB", QUIET if is_head else RULE, 9_525 if is_head else 6_350)


def _line(side: str, ink: str, wide: int) -> str:
    return f'<a:{side} w="{wide}"><a:solidFill>{colour(ink)}</a:solidFill></a:{side}>'


def piece(table: Table, title: str) -> TablePiece:
    """All rows that slides show, under ``title``."""
    grid = Grid(table)
    return TablePiece(grid, title, 0, len(grid.texts))
