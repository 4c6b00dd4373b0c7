"""A pack on paper: a PDF to print, to send and to keep, and small pictures of its pages for the screen.

The template lays the pages out and says how large each plot is to be; then the plots are drawn at that size, in the
typeface of the document. Names reach the template as data and a plot as a picture: nothing in them becomes markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from heapq import nlargest
from typing import Any

from briefing.tile import Tile
from charts import LIGHT, Figure, sparkline
from charts.figure import Key, Spec, draw, learn
from charts.spec import SCHEMA
from exports import formats
from exports.about import About, definitions, facts
from exports.pack import cells
from exports.pack.content import Block, Chart, Line, Lines, Pack, Page, Row, Table, Tiles
from exports.typeset import FONT, FONTS, Paper, Print, pictures, told, typeset
from metrics import text

_TEMPLATE = "pack"
_INCH = 72.0
_ACROSS = {"a4": 297 / 25.4, "us-letter": 11.0}
"""Inches that a sheet is wide."""

_SNAPSHOT = 12
"""So many signs of a snapshot's fingerprint tell it from others."""

_PIXELS = 4 / 3
"""Pixels to the point at which the words of a plot have the size of the notes around it."""

_FINEST = 1.75
"""Pixels to the point at which words of a plot are as small as they may be."""

_LEAST, _MOST = 0.42, 2.2
"""The shortest and the tallest that a plot is drawn, in points to a pixel of its height on the screen."""

_MEASURED = 50
"""A table of more rows goes on over sheets, whatever it holds: no sheet has room for so many."""

_FEW = 14
"""Rows on a page without charts up to which its tables are set larger."""

_LONGEST = 3
"""So many of a column's longest texts are measured to find how wide it is."""

_FOOT = 190
"""Letters that one line at the foot of a sheet holds."""

_TITLE_SIZES = ((30, 34.0), (60, 26.0), (120, 20.0))
"""Size of the pack's title, in points, by its length in letters up to which it is used."""

_TITLE, _FACT = 160, 240
"""Letters of the pack's title and of a fact about it that the first page holds."""

_JOINED = re.compile(r"(?<=[+\u2212-])(?=[^\w\s.,;:()])")
"""Between a sign and the currency after it, where a line could be broken."""


def write(pack: Pack, paper: Paper | None = None) -> Print:
    """The pack as PDF, tagged for screen readers, and the letters that no font of this machine has.

    The same pack gives the same bytes on the same machine.

    Args:
        pack: what it says.
        paper: of its own if left out (``pack.about.paper``); sheets lie on their long side.
    """
    return typeset(_TEMPLATE, _filled(pack, paper or pack.about.paper), pack.about.as_of)


def previews(pack: Pack, width_px: int = 480, paper: Paper | None = None, *, counted: bool = True) -> list[bytes]:
    """Every sheet of the same document as PNG, so many pixels wide.

    ``counted``: whether the foot says how many sheets there are; not of a pack's beginning, which does not know.
    """
    size = paper or pack.about.paper
    filled = {**_filled(pack, size), "counted": counted}
    return pictures(_TEMPLATE, filled, pack.about.as_of, width_px / _ACROSS[size])


# --- plots --------------------------------------------------------------------------------------------------------


def _filled(pack: Pack, paper: Paper) -> dict[str, Any]:
    """Everything that the template sets: the words, then the plots at the size of their places."""
    data = _said(pack, paper)
    short = {**data, "pages": [_without_long(page) for page in data["pages"]]}
    figures = _figures(pack)
    if not figures:
        return data
    with ThreadPoolExecutor(1) as aside:
        # Drawing takes a second to begin with, which the template uses.
        ready = aside.submit(_learn)
        places = told(_TEMPLATE, short, pack.about.as_of, "place")
        ready.result()
    return {**data, "drawn": {place["id"]: _plot(figures[place["id"]], place) for place in places}}


def _without_long(page: Mapping[str, Any]) -> dict[str, Any]:
    """A page that is laid out alike, as long tables move no plot."""
    return {**page, "rows": [{**row, "blocks": list(map(_short, row["blocks"]))} for row in page["rows"]]}


def _short(block: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**block, "rows": block["rows"][:1], "states": {}} if block.get("long") else block


def _figures(pack: Pack) -> dict[str, Figure]:
    """Every figure that is drawn, by its place."""
    return {
        _place(*at): block.figure
        for at, block in _numbered(pack)
        if isinstance(block, Chart) and not block.figure.is_empty
    }


def _numbered(pack: Pack) -> Iterator[tuple[tuple[int, int, int], Block]]:
    for page, of in enumerate(pack.pages):
        for row, beside in enumerate(of.rows):
            for at, block in enumerate(beside.blocks):
                yield (page, row, at), block


def _place(page: int, row: int, block: int) -> str:
    return f"{page}-{row}-{block}"


def _plot(figure: Figure, place: Mapping[str, float]) -> str:
    """The plot as SVG; finer where its place is lower than what it has to show."""
    fine = min(max(_PIXELS, 0.75 * figure.height / place["height"]), _FINEST)
    drawn = figure.drawn(round(place["width"] * fine), round(place["height"] * fine), FONT)
    return "".join(mark for mark in drawn if mark not in _TURNING)


@cache
def _learn() -> None:
    """The typeface, once for all, and the drawing itself: the first picture takes a second more than the next."""
    learn(FONTS)
    draw(_NOTHING)


_NOTHING: Spec = {"$schema": SCHEMA, "data": {"values": []}, "mark": "text"}


# --- words --------------------------------------------------------------------------------------------------------


def _said(pack: Pack, paper: Paper) -> dict[str, Any]:
    about = pack.about
    has_own = any(page.section == "definitions" for page in pack.pages)
    title = _words(formats.shortened(about.title, _TITLE))
    return {
        "paper": paper,
        "title": title,
        "title-size": next((size for most, size in _TITLE_SIZES if len(title) <= most), 15.0),
        "author": _clean(formats.shortened(about.company, _TITLE)),
        "subtitle": _words(pack.subtitle),
        "lines": _all(pack.lines),
        "facts": [[label, _words(formats.shortened(said, _FACT))] for label, said in facts(about)],
        "foot": _foot(about),
        "pages": [_page(place, page) for place, page in enumerate(pack.pages)],
        "defined": "How each number is computed",
        "definitions": [] if has_own else [_all(pair) for pair in definitions(pack.metrics)],
        "drawn": {},
    }


def _foot(about: About) -> str:
    said = [
        about.company,
        f"as of {text.day(about.as_of)}",
        about.currency,
        about.filters or "whole company",
        f"snapshot {about.snapshot[:_SNAPSHOT]}" if about.snapshot else "",
    ]
    known = [_clean(part) for part in said if part]
    longest = max(known, key=len)
    room = _FOOT - sum(len(part) + 3 for part in known if part is not longest)
    return " · ".join(formats.shortened(part, max(room, 40)) if part is longest else part for part in known)


def _page(place: int, page: Page) -> dict[str, Any]:
    return {
        "label": _words(page.label),
        "title": _words(page.title),
        "lead": _words(page.lead),
        "commentary": _all(part for part in page.commentary.splitlines() if part.strip()),
        "notes": _all(page.notes),
        "rows": [_row(place, number, row, page) for number, row in enumerate(page.rows) if row.blocks],
    }


def _row(place: int, number: int, row: Row, page: Page) -> dict[str, Any]:
    blocks = [_block(block, _place(place, number, at), page) for at, block in enumerate(row.blocks)]
    return {"share": row.height, "widths": list(row.widths or (1.0,) * len(row.blocks)), "blocks": blocks}


def _block(block: Block, place: str, page: Page) -> dict[str, Any]:
    """A block as the template takes it. What the page's title says is not said again above a chart."""
    given = _given(block, place)
    if isinstance(block, Table):
        given["roomy"] = _is_roomy(page)
    repeats = isinstance(block, Chart) and given["title"] == _words(page.title)
    return {**given, "title": ""} if repeats else given


def _is_roomy(page: Page) -> bool:
    """Whether there is but a little to read, which is then set larger."""
    rows = sum(block.shown.height for block in page.blocks if isinstance(block, Table))
    return rows <= _FEW and not any(isinstance(block, Chart) for block in page.blocks)


def _given(block: Block, place: str) -> dict[str, Any]:
    match block:
        case Tiles():
            return {"kind": "tiles", "tiles": [_tile(tile) for tile in block.tiles]}
        case Chart():
            return _chart(block.figure, place)
        case Table():
            return _table(block)
        case Lines():
            return {
                "kind": "lines",
                "title": _words(block.title),
                "subtitle": _words(block.subtitle),
                "nothing": _words(block.nothing),
                "lines": [_line(line) for line in block.lines],
            }


def _tile(tile: Tile) -> dict[str, Any]:
    colour = {"good": LIGHT.good, "bad": LIGHT.bad}.get(tile.effect or "", LIGHT.neutral)
    spark = sparkline.svg(tile.trend, colour, LIGHT, tile.target.good if tile.target else None)
    change = f"{tile.difference} {cells.EFFECTS[tile.effect]}" if tile.effect else tile.difference
    return {
        "label": ", ".join(part for part in (tile.definition.label, tile.measured_over) if part),
        "written": tile.written,
        "difference": change if tile.moved else tile.difference,
        "effect": tile.effect or "",
        "context": _words(tile.context),
        "state": tile.state or "",
        "spark": spark and spark.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1),
        "seen": tile.seen,
    }


def _chart(figure: Figure, place: str) -> dict[str, Any]:
    return {
        "kind": "chart",
        "id": place,
        "title": _words(figure.title),
        "subtitle": _words(figure.subtitle),
        "alt": _words(figure.alt),
        "key": [{"label": _words(key.label), "colour": key.colour, "mark": key.mark} for key in _key(figure)],
        "empty": figure.is_empty,
        "least": figure.height * _LEAST,
        "most": figure.height * _MOST,
    }


def _key(figure: Figure) -> tuple[Key, ...]:
    """What explains the marks; nothing where the drawing keeps legends of its own, as those in Vega do."""
    return () if "legends" in figure.spec else figure.key


def _line(line: Line) -> dict[str, Any]:
    return {
        "words": _words(line.words),
        "more": _words(line.more),
        "aside": _words(line.aside),
        "state": line.state,
    }


def _table(table: Table) -> dict[str, Any]:
    rows = [[_words(cell) for cell in row] for row in cells.written(table)]
    names = cells.names(table)
    marks: dict[str, dict[str, str]] = {}
    for (row, name), state in cells.states(table).items():
        place = names.index(name)
        marks.setdefault(str(row), {})[str(place)] = state
        if rows[row][place] == cells.STATES[state]:
            # The mark is the word itself.
            rows[row][place] = ""
    marked = {int(column) for states in marks.values() for column in states}
    columns = [
        {
            "heading": _words(heading),
            "words": nlargest(_LONGEST, heading.split(), key=len),
            "side": side,
            "longest": _longest(row[at] for row in rows),
            "marked": at in marked,
        }
        for at, (heading, side) in enumerate(zip(cells.headings(table), cells.sides(table), strict=True))
    ]
    return {
        "kind": "table",
        "title": _words(table.title),
        "subtitle": _words(table.subtitle),
        "columns": columns,
        "rows": rows,
        "total": table.last_is_total and bool(rows),
        "states": marks,
        "long": len(rows) > _MEASURED,
        "left-out": cells.left_out(table),
    }


def _longest(column: Iterable[str]) -> list[str]:
    """Those that are probably the widest; beyond a line's length it does not matter by how much."""
    return [formats.shortened(words, 80) for words in nlargest(_LONGEST, column, key=len)]


def _all(several: Iterable[str]) -> list[str]:
    return [_words(words) for words in several]


def _words(words: str) -> str:
    """As it can be set: without control characters, with places to break in long words and none after a sign."""
    return formats.breakable(_JOINED.sub(_JOINER, _clean(words)))


def _clean(words: str) -> str:
    return words if words.isprintable() else "".join(map(_printable, words)).strip()


def _printable(mark: str) -> str:
    return " " if unicodedata.category(mark) in _UNSEEN or mark in _TURNING else mark


_JOINER = "\u2060"
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows."""
