"""The pieces that slides are made of: each knows how much room it takes, how it is split, and how it is drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from briefing.tile import Tile
from charts import Figure
from charts.palette import LIGHT
from exports import slide_chart
from exports.chart_plot import can_draw
from exports.pack import slide_tiles
from exports.pack.cells import STATES
from exports.pack.content import Block, Chart, Line, Lines, Table, Tiles
from exports.pack.slide_table import piece as table_piece
from exports.pack.slide_text import INK, QUIET, TEXT, TINT, Paragraph, Run, head, painted, put, said
from exports.slide_place import INCH, POINT, Box
from exports.slide_words import clean, cut, height, lines, paragraphs, width

_CHART = round(1.5 * INCH)
_NATURAL_CHART = round(2.4 * INCH)
_SMALL_CHART, _NARROW_PLACE = 5 * INCH, 0.36 * INCH

_WORDS, _MORE = 12.0, 10.0
_LONGEST_LINE = 8
_LEAST_LINES = 2

_COMMENT, _COMMENT_HEAD, _COMMENT_AFTER = 12.0, 9.0, 4.0
_PAD = round(0.12 * INCH)
_BAR = 3 * POINT


class Piece(Protocol):
    """Part of a slide. Rooms and heights are in units of presentations."""

    @property
    def stretches(self) -> bool:
        """Whether it fills any height, as a chart does."""
        ...

    def natural(self, room: int) -> int:
        """How high it is in this width."""
        ...

    def least(self, room: int) -> int:
        """How high what must be seen of it at once is."""
        ...

    def split(self, room: int, high: int) -> tuple[Piece, Piece | None]:
        """What has room, and the rest."""
        ...

    def draw(self, shapes: Any, box: Box) -> None:
        """Draws it."""
        ...


def piece(block: Block, page_title: str) -> Piece:
    """A block as a piece. What the slide's own title says is not said twice."""
    match block:
        case Tiles():
            return TilesPiece(block.tiles)
        case Chart():
            return ChartPiece(block.figure, _title(block.figure.title, page_title))
        case Table():
            return table_piece(block, _title(block.title, page_title))
        case Lines():
            return LinesPiece(block, _title(block.title, page_title), 0, len(block.lines))


def _title(words: str, page_title: str) -> str:
    return "" if clean(words) == clean(page_title) else words


@dataclass(frozen=True)
class TilesPiece:
    """Tiles side by side."""

    tiles: tuple[Tile, ...]
    stretches: bool = False

    def natural(self, room: int) -> int:
        return slide_tiles.height(self.tiles, room) if self.tiles else 0

    def least(self, room: int) -> int:
        return self.natural(room)

    def split(self, room: int, high: int) -> tuple[Piece, Piece | None]:
        del room, high
        return self, None

    def draw(self, shapes: Any, box: Box) -> None:
        if self.tiles:
            slide_tiles.draw(shapes, self.tiles, box)


@dataclass(frozen=True)
class ChartPiece:
    """A native chart, or the picture of one that office programs cannot draw."""

    figure: Figure
    title: str
    above: int = 0
    """How high the words above those beside it are: its own end there too, so that all plots begin at one height."""

    @property
    def stretches(self) -> bool:
        return not self._is_empty

    @property
    def _is_empty(self) -> bool:
        return not self._can_draw and self.figure.is_empty

    @property
    def _can_draw(self) -> bool:
        return self.figure.native is not None and can_draw(self.figure.native)

    def words_above(self, room: int) -> int:
        """How high its own title and subtitle are; nothing of a picture, which has them inside."""
        return head(self.title, self.figure.subtitle, room)[1] if self._can_draw or self._is_empty else 0

    def natural(self, room: int) -> int:
        chart = height(1, _MORE) if self._is_empty else _NATURAL_CHART
        return head(self.title, self.figure.subtitle, room)[1] + chart

    def least(self, room: int) -> int:
        return self.natural(room) + (0 if self._is_empty else _CHART - _NATURAL_CHART)

    def split(self, room: int, high: int) -> tuple[Piece, Piece | None]:
        del room, high
        return self, None

    def draw(self, shapes: Any, box: Box) -> None:
        figure, native = self.figure, self.figure.native
        if not self._can_draw and not self._is_empty:
            _picture(shapes, figure, box)
            return
        told, top = head(self.title, figure.subtitle, box.width)
        box = box.below(max(self.above - top, 0))
        if told:
            put(shapes, box.from_top(top), told, name="Chart title")
        place = box.below(top)
        if native is None or self._is_empty:
            put(shapes, place, [said("Nothing to show.", _MORE, colour=QUIET)], name="Note")
            return
        points = 9.0 if place.width < _SMALL_CHART else 10.0
        if not native.kind.lies and place.width < _NARROW_PLACE * len(native.categories):
            points = 8.0
        slide_chart.add(shapes, native, place, figure.alt, name=figure.name, points=points, subtitle=figure.subtitle)


def _picture(shapes: Any, figure: Figure, box: Box) -> None:
    """The picture with its own title, as large as it goes."""
    picture = shapes.add_picture(io.BytesIO(figure.png()), box.left, box.top)
    scale = min(box.width / picture.width, box.height / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    picture.left = box.left + (box.width - picture.width) // 2
    picture.name = clean(figure.name, "Picture")
    picture._element.nvPicPr.cNvPr.set("descr", clean(figure.alt))  # noqa: SLF001  # the library has no alt text


@dataclass(frozen=True)
class _Sizes:
    """Points of what is said, of what is quieter below it, and of the room after it."""

    words: float
    more: float
    after: float


_LOOSE, _DENSE = _Sizes(_WORDS, _MORE, 6.0), _Sizes(11.0, 9.0, 2.0)
"""Dense is what would not all have room else."""


@dataclass(frozen=True)
class LinesPiece:
    """Sentences ``start`` to ``stop`` of a block."""

    block: Lines
    title: str
    start: int
    stop: int
    sizes: _Sizes = _LOOSE
    stretches: bool = False

    def _head(self, room: int) -> tuple[tuple[Paragraph, ...], int]:
        return head(self.title, self.block.subtitle, room)

    def natural(self, room: int) -> int:
        shown = self.block.lines[self.start : self.stop]
        nothing = 0 if self.block.lines else height(1, self.sizes.words)
        return self._head(room)[1] + sum(_line_height(each, room, self.sizes) for each in shown) + nothing

    def least(self, room: int) -> int:
        return replace(self, stop=min(self.start + _LEAST_LINES, self.stop)).natural(room)

    def split(self, room: int, high: int) -> tuple[Piece, Piece | None]:
        if self.natural(room) > high >= (dense := replace(self, sizes=_DENSE)).natural(room):
            return dense, None
        left, stop = high - self._head(room)[1], self.start
        while stop < self.stop and (left := left - _line_height(self.block.lines[stop], room, self.sizes)) >= 0:
            stop += 1
        stop = max(stop, min(self.start + 1, self.stop))
        return replace(self, stop=stop), replace(self, start=stop) if stop < self.stop else None

    def draw(self, shapes: Any, box: Box) -> None:
        told, top = self._head(box.width)
        if told:
            put(shapes, box.from_top(top), told, name="Heading")
        lines_ = self.block.lines[self.start : self.stop]
        shown = [part for each in lines_ for part in _line(each, box.width, self.sizes)]
        if not shown and self.block.nothing:
            shown = [said(self.block.nothing, self.sizes.words, colour=QUIET)]
        if shown:
            put(shapes, box.below(top), shown, name=clean(self.title or self.block.title, "Lines"))


def _mark(of: Line) -> str:
    return f"{STATES[of.state]}  " if of.state else ""


def _words(of: Line, room: int, points: float) -> str:
    return cut(clean(of.words), points, room - width(_mark(of), points, bold=True), _LONGEST_LINE, bold=bool(of.more))


def _line(of: Line, room: int, sizes: _Sizes) -> list[Paragraph]:
    """A state's word, what is said, what is said at its end, and below it what is quieter."""
    runs = (
        Run(_mark(of), sizes.words, bold=True, colour=LIGHT.state(of.state)),
        Run(_words(of, room, sizes.words), sizes.words, bold=bool(of.more), colour=INK),
        Run(f"  {of.aside}" if of.aside else "", sizes.more, colour=QUIET),
    )
    more = cut(clean(of.more), sizes.more, room, _LONGEST_LINE)
    below = [Paragraph((Run(more, sizes.more, colour=QUIET),), after=sizes.after)] if more else []
    return [Paragraph(runs, after=0 if more else sizes.after), *below]


def _line_height(of: Line, room: int, sizes: _Sizes) -> int:
    first = f"{_mark(of)}{_words(of, room, sizes.words)}" + (f"  {clean(of.aside)}" if of.aside else "")
    more = cut(clean(of.more), sizes.more, room, _LONGEST_LINE)
    high = height(len(lines(first, sizes.words, room, bold=bool(of.more))), sizes.words)
    return high + height(len(lines(more, sizes.more, room)), sizes.more) + round(sizes.after * POINT)


@dataclass(frozen=True)
class Comment:
    """What somebody wrote, in a panel of its own."""

    words: tuple[str, ...]
    is_rest: bool = False
    stretches: bool = False

    def natural(self, room: int) -> int:
        inner = room - 2 * _PAD - _BAR
        told = sum(_comment_height(each, inner) for each in self.words)
        return told + height(1, _COMMENT_HEAD) + round(_COMMENT_AFTER * POINT) + 2 * _PAD

    def least(self, room: int) -> int:
        return replace(self, words=self.words[:1]).natural(room)

    def split(self, room: int, high: int) -> tuple[Comment, Comment | None]:
        """Whole lines that have room, and the rest; a paragraph is broken between two of its lines."""
        inner = room - 2 * _PAD - _BAR
        left = high - replace(self, words=()).natural(room)
        for place, each in enumerate(self.words):
            tall = _comment_height(each, inner)
            if tall <= left:
                left -= tall
                continue
            broken = lines(each, _COMMENT, inner)
            count = max(left // height(1, _COMMENT), 1 if place == 0 else 0)
            here, rest = " ".join(broken[:count]), " ".join(broken[count:])
            kept = (*self.words[:place], here) if here else self.words[:place]
            others = ((rest,) if rest else ()) + self.words[place + 1 :]
            return replace(self, words=kept), Comment(others, is_rest=True) if others else None
        return self, None

    def draw(self, shapes: Any, box: Box) -> None:
        group = shapes.add_group_shape()
        group.name = "Commentary"
        painted(put(group.shapes, Box(box.left, box.top, _BAR, box.height), (), name="Bar"), LIGHT.good)
        title = "Commentary, continued" if self.is_rest else "Commentary"
        heading = Paragraph((Run(title, _COMMENT_HEAD, bold=True, colour=QUIET),), after=_COMMENT_AFTER)
        told = [Paragraph((Run(each, _COMMENT, colour=TEXT),), after=_COMMENT_AFTER) for each in self.words]
        place = Box(box.left + _BAR, box.top, box.width - _BAR, box.height)
        put(group.shapes, place, [heading, *told], name="Words", ground=TINT, inset=(_PAD, _PAD))


def _comment_height(words: str, room: int) -> int:
    return height(len(lines(words, _COMMENT, room)), _COMMENT) + round(_COMMENT_AFTER * POINT)


def comment(words: str) -> Comment | None:
    """The commentary of a page, if there is any."""
    told = paragraphs(words)
    return Comment(tuple(told)) if told else None


@dataclass(frozen=True)
class Small:
    """A sentence or more in one size: the lead, or the notes at the bottom."""

    words: str
    points: float
    most: int
    ink: str = QUIET
    name: str = "Note"
    stretches: bool = False

    def natural(self, room: int) -> int:
        return height(min(len(lines(self.words, self.points, room)), self.most), self.points)

    def least(self, room: int) -> int:
        return self.natural(room)

    def split(self, room: int, high: int) -> tuple[Piece, Piece | None]:
        del room, high
        return self, None

    def draw(self, shapes: Any, box: Box) -> None:
        shown = cut(self.words, self.points, box.width, self.most)
        put(shapes, box, [said(shown, self.points, colour=self.ink)], name=self.name)


def drawn(pieces: Sequence[tuple[Piece, Box]], shapes: Any) -> None:
    """Draws each in its place."""
    for each, box in pieces:
        each.draw(shapes, box)
