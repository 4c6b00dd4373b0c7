"""Tiles on a slide: each a group of shapes that can be moved as one and edited in its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from briefing.tile import Tile
from charts.palette import LIGHT, ink
from exports.pack.cells import EFFECTS, STATES
from exports.pack.slide_text import INK, QUIET, TINT, Paragraph, Run, painted, put, said, stroked
from exports.slide_place import INCH, POINT, Box
from exports.slide_words import clean, cut, lines, size, width

HEIGHT = round(1.24 * INCH)
GAP = INCH // 9

_LEAST, _LEAST_WITH_TREND = 1.4 * INCH, 1.6 * INCH
_PAD = INCH // 12
_NUMBERS = (22.0, 20.0, 18.0, 16.0, 14.0, 12.0)
_LABELS = (10.0, 9.0, 8.0)
_DIFFERENCE, _CONTEXT, _BADGE = 10.5, 8.5, 8.0
_BADGE_HIGH = round(0.17 * INCH)
_TREND_SHARE = 0.4


def height(tiles: Sequence[Tile], room: int) -> int:
    """How high they are in rows as wide as ``room``."""
    rows = -(-len(tiles) // per_row(len(tiles), room))
    return rows * HEIGHT + (rows - 1) * GAP


def per_row(count: int, room: int) -> int:
    """How many stand side by side: all, if they have room, else as evenly as may be."""
    most = max(int((room + GAP) // (_LEAST + GAP)), 1)
    rows = max(-(-count // most), 1)
    return max(-(-count // rows), 1)


def draw(shapes: Any, tiles: Sequence[Tile], box: Box) -> None:
    """Tiles in rows from the top of ``box``."""
    across = per_row(len(tiles), box.width)
    columns = box.columns([1.0] * across, GAP)
    points = min((_points(tile, columns[0].width) for tile in tiles), default=_NUMBERS[0])
    for place, tile in enumerate(tiles):
        column = columns[place % across]
        top = box.top + place // across * (HEIGHT + GAP)
        _tile(shapes.add_group_shape(), tile, Box(column.left, top, column.width, HEIGHT), points)


def _trend_width(tile: Tile, wide: int) -> int:
    """How much of a tile so wide its trend takes; nothing of one without, nor of a narrow one."""
    is_drawn = sum(value is not None for value in tile.trend) > 1 and wide >= _LEAST_WITH_TREND
    return round((wide - 2 * _PAD) * _TREND_SHARE) if is_drawn else 0


def _points(tile: Tile, wide: int) -> float:
    """The size of letters in which its number has room."""
    return size(tile.written, _NUMBERS, wide - 2 * _PAD - _trend_width(tile, wide), 1, bold=True)


def _tile(group: Any, tile: Tile, box: Box, number_points: float) -> None:
    """Label and state, number and trend, difference, context."""
    shapes, room = group.shapes, box.inside(_PAD, _PAD)
    group.name = clean(tile.definition.label)
    state = STATES.get(tile.state or "", "")  # pyright: ignore[reportArgumentType, reportCallIssue]
    group.element.nvGrpSpPr.cNvPr.set("descr", _spoken(tile, state))
    painted(put(shapes, box, (), name="Panel"), TINT)
    name, first = clean(tile.definition.label), round(0.2 * INCH)
    points = size(name, _LABELS, room.width, 1)
    label = said(cut(name, points, room.width), points, colour=QUIET)
    put(shapes, room.from_top(first), [label], name="Label", anchor="ctr")
    trend = _trend_width(tile, box.width)
    number = Box(room.left, room.top + first, room.width - trend, round(0.38 * INCH))
    put(shapes, number, [said(tile.written, number_points, bold=True)], name="Number", anchor="ctr")
    if trend:
        _trend(shapes, tile.trend, Box(number.right, number.top, trend, number.height).inside(_PAD, _PAD))
    rest = Box(room.left, number.bottom, room.width, room.bottom - number.bottom)
    badge = round(width(state, _BADGE, bold=True) + 0.14 * INCH) if state else 0
    is_crowded = width(_change(tile), _DIFFERENCE, bold=True) + badge + _PAD > rest.width
    put(shapes, rest, _below(tile, rest.width, 1 if badge and is_crowded else 2), name="Comparison")
    if badge:
        top = rest.bottom - _BADGE_HIGH if is_crowded else rest.top
        _badge(shapes, tile, state, Box(rest.right - badge, top, badge, _BADGE_HIGH))


def _badge(shapes: Any, tile: Tile, state: str, box: Box) -> None:
    """The state in a word, at the right of the difference, or in the corner below it."""
    ground = LIGHT.state(tile.state)
    word = said(state, _BADGE, bold=True, colour=ink(ground), side="center")
    put(shapes, box, [word], name="State", anchor="ctr", ground=ground, form="roundRect")


def _below(tile: Tile, room: int, most: int) -> list[Paragraph]:
    """The difference in the colour of its effect, then what it is from; why there is no number, where there is none."""
    if tile.value is None and tile.note:
        return [said(cut(clean(tile.note), _CONTEXT, room, most + 1), _CONTEXT, colour=QUIET)]
    context = " · ".join(part for part in (tile.context, tile.measured_over) if part)
    # In a word too where there is room, so that it is read without seeing the colour.
    in_words = f"{EFFECTS[tile.effect]} {context}".rstrip() if tile.effect and tile.moved else context
    context = in_words if len(lines(clean(in_words), _CONTEXT, room)) <= most else context
    more = [said(cut(clean(context), _CONTEXT, room, most), _CONTEXT, colour=QUIET)]
    if not tile.difference:
        return more
    effect = {"good": LIGHT.good, "bad": LIGHT.bad}.get(tile.effect or "", INK)
    return [
        Paragraph((Run(_change(tile), _DIFFERENCE, bold=tile.moved, colour=effect if tile.moved else QUIET),)),
        *more,
    ]


def _change(tile: Tile) -> str:
    """The difference, with an arrow where there is one that can be seen."""
    arrow = ("▲ " if tile.change > 0 else "▼ ") if tile.moved and tile.change else ""
    return f"{arrow}{tile.difference}"


def _spoken(tile: Tile, state: str) -> str:
    """The tile in one sentence, for whoever cannot see it."""
    parts = (f"{tile.definition.label}: {tile.written}", tile.difference, tile.context, state, tile.seen, tile.alert)
    return clean(", ".join(part for part in parts if part))


def _trend(shapes: Any, values: Sequence[float | None], box: Box) -> None:
    """A thin line that ends in a dot; gaps stay gaps."""
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    step = box.width / max(len(values) - 1, 1)

    def at(place: int, value: float) -> tuple[int, int]:
        part = (value - low) / (high - low) if high > low else 0.5
        return round(box.left + place * step), round(box.bottom - part * box.height)

    piece: list[tuple[int, int]] = []
    for place, value in enumerate([*values, None]):
        if value is not None:
            piece.append(at(place, value))
            continue
        if len(piece) > 1:
            builder = shapes.build_freeform(*piece[0])
            builder.add_line_segments(piece[1:], close=False)
            line = builder.convert_to_shape()
            line.name = "Trend"
            stroked(line, LIGHT.neutral, 1.25)
        piece = []
    last = max(place for place, value in enumerate(values) if value is not None)
    x, y = at(last, known[-1])
    half = 2 * POINT
    dot = put(shapes, Box(x - half, y - half, 2 * half, 2 * half), (), name="Trend's end", form="ellipse")
    painted(dot, LIGHT.actual)
