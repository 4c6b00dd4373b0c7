"""Where everything of a page stands, and on how many slides, before any of them is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from exports.pack.content import Page, Row, Table
from exports.pack.slide_pieces import ChartPiece, Comment, Piece, Small, comment, piece
from exports.pack.slide_text import INK
from exports.slide_place import INCH, Box
from exports.slide_words import clean

_GAP = round(0.16 * INCH)
_ASIDE, _LEAST_ASIDE = 0.28, 2.3 * INCH
_MOST_BELOW = 0.4
_EASY = 1.3
"""So much more than it takes a table may have, where there is room."""

_LEAST_COLUMN = 3.4 * INCH
"""Where a table and what is beside it would have less, commentary stands below them."""

_WIDE_TABLE = 7
"""Columns that need the width of the slide: commentary stands below them."""

_LEAD, _LEAD_ONE, _LEAD_SMALL, _LEAD_LINES = 13.0, 11.5, 11.0, 3
_NOTES, _NOTES_LINES = 8.0, 3


@dataclass(frozen=True)
class Sheet:
    """One slide of a page: its title's ending, and what stands where."""

    page: Page
    ending: str
    placed: tuple[tuple[Piece, Box], ...]
    is_first: bool


@dataclass(frozen=True)
class _Line:
    """Pieces side by side. ``is_rest``: the rest of a piece that began on the slide before."""

    pieces: tuple[Piece, ...]
    shares: tuple[float, ...]
    weight: float
    is_rest: bool = False

    @property
    def stretches(self) -> bool:
        return any(each.stretches for each in self.pieces)

    def natural(self, box: Box) -> int:
        return max(each.natural(column.width) for each, column in self._columns(box))

    def least(self, box: Box) -> int:
        if self.is_rest:
            return min(self.natural(box), box.height)
        return max(each.least(column.width) for each, column in self._columns(box))

    def _columns(self, box: Box) -> list[tuple[Piece, Box]]:
        return list(zip(self.pieces, box.columns(self.shares, _GAP), strict=True))

    def split(self, box: Box) -> tuple[list[tuple[Piece, Box]], list[Piece]]:
        """What has room in ``box``, and what is left."""
        placed, rest = list[tuple[Piece, Box]](), list[Piece]()
        charts = [(each, column) for each, column in self._columns(box) if isinstance(each, ChartPiece)]
        above = max((each.words_above(column.width) for each, column in charts), default=0)
        for each, column in self._columns(box):
            one = replace(each, above=above) if isinstance(each, ChartPiece) else each
            here, more = one.split(column.width, column.height)
            placed.append((here, column))
            rest += [more] if more else []
        return placed, rest


def planned(page: Page, area: Box) -> list[Sheet]:
    """The slides of a page whose layout leaves ``area`` free. There is one at least."""
    top, box = _framed(page, area)
    words = comment(page.commentary)
    later: Comment | None = None
    if words:
        beside, box, later = _commented(page, words, box)
        top.append(beside)
    lines = [_line(row, page) for row in page.rows if row.blocks]
    filled, lines = _filled(lines, box) if lines else (list[tuple[Piece, Box]](), lines)
    slides = [[*filled, *top]]
    while lines:
        filled, lines = _filled(lines, area)
        slides.append(filled)
    count = len(slides)
    endings = [""] + [f" ({place} of {count})" for place in range(2, count + 1)]
    more = _further(later, area)
    endings += [", continued" + (f" ({place})" if place > 1 else "") for place in range(1, len(more) + 1)]
    everything = [*slides, *more]
    return [
        Sheet(page, ending, tuple(placed), is_first=place == 0)
        for place, (placed, ending) in enumerate(zip(everything, endings, strict=True))
    ]


def _line(row: Row, page: Page) -> _Line:
    shares = row.widths if len(row.widths) == len(row.blocks) else (1.0,) * len(row.blocks)
    return _Line(tuple(piece(block, page.title) for block in row.blocks), tuple(shares), row.height)


def _framed(page: Page, area: Box) -> tuple[list[tuple[Piece, Box]], Box]:
    """Lead and notes in their places, and what is left between them."""
    placed: list[tuple[Piece, Box]] = []
    lead, notes = clean(page.lead), " ".join(clean(note) for note in page.notes)
    if lead:
        # Somewhat smaller where that spares a line.
        one = Small(lead, _LEAD_ONE, 1, INK, "Lead")
        is_one = one.natural(area.width) == Small(lead, _LEAD_ONE, 2).natural(area.width)
        above = Small(lead, _LEAD_ONE if is_one else _LEAD, _LEAD_LINES, INK, "Lead")
        if is_one:
            high = one.natural(area.width)
        elif above.natural(area.width) == Small(lead, _LEAD, _LEAD_LINES + 1).natural(area.width):
            high = above.natural(area.width)
        else:
            above = Small(lead, _LEAD_SMALL, 2 * _LEAD_LINES, INK, "Lead")
            high = above.natural(area.width)
        placed.append((above, area.from_top(high)))
        area = area.below(high + _GAP)
    if notes:
        below = Small(notes, _NOTES, _NOTES_LINES, name="Notes")
        high = below.natural(area.width)
        placed.append((below, area.below(area.height - high)))
        area = area.above(high + _GAP // 2)
    return placed, area


def _commented(page: Page, words: Comment, box: Box) -> tuple[tuple[Piece, Box], Box, Comment | None]:
    """Where commentary stands: below if it is short or a table needs the width, else at the right; and what is left."""
    if not page.rows:
        here, rest = words.split(box.width, box.height)
        return (here, box.from_top(min(here.natural(box.width), box.height))), box.below(box.height), rest
    short = Comment(("x",)).natural(box.width) * 1.9
    aside = round(max(box.width * _ASIDE, _LEAST_ASIDE))
    wide = any(isinstance(block, Table) and block.rows.width > _WIDE_TABLE for block in page.blocks)
    beside = (row.blocks for row in page.rows if any(isinstance(block, Table) for block in row.blocks))
    wide = wide or any((box.width - aside) / len(blocks) < _LEAST_COLUMN for blocks in beside if len(blocks) > 1)
    if wide or words.natural(box.width) <= short:
        here, rest = words.split(box.width, round(box.height * _MOST_BELOW))
        high = min(here.natural(box.width), round(box.height * _MOST_BELOW))
        return (here, box.below(box.height - high)), box.above(high + _GAP), rest
    place = Box(box.right - aside, box.top, aside, box.height)
    here, rest = words.split(aside, box.height)
    return (here, place), Box(box.left, box.top, box.width - aside - _GAP, box.height), rest


def _further(rest: Comment | None, area: Box) -> list[list[tuple[Piece, Box]]]:
    """Slides for commentary that had no room."""
    slides: list[list[tuple[Piece, Box]]] = []
    while rest:
        here, rest = rest.split(area.width, area.height)
        slides.append([(here, area.from_top(min(here.natural(area.width), area.height)))])
    return slides


def _filled(lines: Sequence[_Line], box: Box) -> tuple[list[tuple[Piece, Box]], list[_Line]]:
    """As many rows as have room, one at least, and those that go on a further slide."""
    count, used = 1, lines[0].least(box)
    while count < len(lines) and (used := used + _GAP + lines[count].least(box)) <= box.height:
        count += 1
    placed, left = list[tuple[Piece, Box]](), list[_Line]()
    top = box.top
    for line, high in zip(lines[:count], _heights(lines[:count], box), strict=True):
        here, rest = line.split(Box(box.left, top, box.width, high))
        placed += here
        left += [_Line((each,), (1.0,), 1.0, is_rest=True) for each in rest]
        top += high + _GAP
    return placed, [*left, *lines[count:]]


def _heights(lines: Sequence[_Line], box: Box) -> list[int]:
    """How high each row is: what it takes, or its share of the rest, but no less than must be seen of it."""
    room = box.height - _GAP * (len(lines) - 1)
    fixed = {place: min(line.natural(box), room) for place, line in enumerate(lines) if not line.weight}
    free = {place: line for place, line in enumerate(lines) if line.weight}
    while free:
        left, whole = room - sum(fixed.values()), sum(line.weight for line in free.values())
        shares = {place: round(left * line.weight / whole) for place, line in free.items()}
        low = {place: line.least(box) for place, line in free.items() if line.least(box) > shares[place]}
        easy = {place: round(line.natural(box) * _EASY) for place, line in free.items() if not line.stretches}
        full = {place: high for place, high in easy.items() if high < shares[place]}
        settled = full or low
        if not settled or len(free) == 1:
            return _in_order({**fixed, **shares, **full}, lines)
        fixed |= settled
        free = {place: line for place, line in free.items() if place not in settled}
    return _in_order(fixed, lines)


def _in_order(heights: dict[int, int], lines: Sequence[_Line]) -> list[int]:
    return [max(heights[place], 1) for place in range(len(lines))]
