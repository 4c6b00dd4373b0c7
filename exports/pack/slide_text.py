"""Text boxes on slides, in the typeface and the ink of the template's theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Literal

from pptx.oxml import parse_xml

from exports.slide_place import POINT, Box
from exports.slide_words import LEADING, clean, cut, height, lines

INK, QUIET, TINT, RULE = "ink", "quiet", "tint", "rule"
TEXT = "text"
"""``INK`` said in so many words: on a ground of its own some programs would choose another."""
"""Colours of the template: of its text, of what is less important, of a panel, of a thin line."""

_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_COLOURS = {
    INK: '<a:schemeClr val="tx1"/>',
    TEXT: '<a:schemeClr val="tx1"/>',
    QUIET: '<a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr>',
    TINT: '<a:schemeClr val="tx1"><a:alpha val="5000"/></a:schemeClr>',
    RULE: '<a:schemeClr val="tx1"><a:lumMod val="20000"/><a:lumOff val="80000"/></a:schemeClr>',
}

Side = Literal["left", "right", "center"]
_SIDES = {"left": "l", "right": "r", "center": "ctr"}


@dataclass(frozen=True)
class Run:
    """Words in one look. ``colour``: ``INK``, ``QUIET`` or ``#rrggbb``."""

    words: str
    points: float
    bold: bool = False
    colour: str = INK


@dataclass(frozen=True)
class Paragraph:
    """Runs in one line, or as many as they take; ``after``: points of room below."""

    runs: tuple[Run, ...]
    side: Side = "left"
    after: float = 0


def said(words: str, points: float, *, bold: bool = False, colour: str = INK, side: Side = "left") -> Paragraph:
    """A paragraph in one look."""
    return Paragraph((Run(words, points, bold, colour),), side)


_TITLE, _SUBTITLE, _UNDER = 12.0, 9.0, POINT * 4


@lru_cache(maxsize=256)
def head(title: str, subtitle: str, room: int) -> tuple[tuple[Paragraph, ...], int]:
    """What stands above a chart or a table, and how high it is; nothing where there are no words."""
    title, subtitle = cut(clean(title), _TITLE, room, 2, bold=True), cut(clean(subtitle), _SUBTITLE, room, 2)
    high = height(len(lines(title, _TITLE, room, bold=True)), _TITLE)
    high += height(len(lines(subtitle, _SUBTITLE, room)), _SUBTITLE)
    both = [said(title, _TITLE, bold=True)] if title else []
    both += [said(subtitle, _SUBTITLE, colour=QUIET)] if subtitle else []
    return tuple(both), high + _UNDER if both else 0


def colour(name: str) -> str:
    """A colour in the language of office files."""
    return _COLOURS.get(name) or f'<a:srgbClr val="{name.lstrip("#")}"/>'


def fill(name: str) -> str:
    """A fill in the language of office files."""
    return f"<a:solidFill>{colour(name)}</a:solidFill>"


def paragraph(of: Paragraph) -> str:
    """A paragraph in the language of office files; its words can become nothing else.

    Its lines are as far apart in any typeface: of those that a machine lacks, another one takes the place.
    """
    runs = "".join(_run(run) for run in of.runs if run.words)
    points = max((run.points for run in of.runs if run.words), default=10.0)
    after = f'<a:spcAft><a:spcPts val="{round(of.after * 100)}"/></a:spcAft>'
    leading = f'<a:lnSpc><a:spcPts val="{round(points * LEADING * 100)}"/></a:lnSpc>'
    return (
        f'<a:p><a:pPr marL="0" indent="0" algn="{_SIDES[of.side]}">{leading}'
        f'<a:spcBef><a:spcPts val="0"/></a:spcBef>{after}<a:buNone/></a:pPr>{runs}'
        f'<a:endParaRPr lang="en-US" sz="{round(points * 100)}"/></a:p>'
    )


def line(of: Paragraph) -> str:
    """A paragraph of a table's cell, as short as it can be said: tables have many."""
    size = max((run.points for run in of.runs), default=10.0)
    leading = f'<a:lnSpc><a:spcPts val="{round(size * LEADING * 100)}"/></a:lnSpc>'
    side = f' algn="{_SIDES[of.side]}"' if of.side != "left" else ""
    runs = "".join(_run(run) for run in of.runs if run.words)
    return f"<a:p><a:pPr{side}>{leading}</a:pPr>{runs or _empty(size)}</a:p>"


def _empty(points: float) -> str:
    """An empty line has the height of its letters all the same."""
    return f'<a:endParaRPr lang="en-US" sz="{round(points * 100)}"/>'


def _run(of: Run) -> str:
    ink = fill(of.colour) if of.colour != INK else ""
    bold = ' b="1"' if of.bold else ""
    return (
        f'<a:r><a:rPr lang="en-US" sz="{round(of.points * 100)}"{bold}>{ink}</a:rPr>'
        f"<a:t>{escape(_spaced(of.words))}</a:t></a:r>"
    )


def _spaced(words: str) -> str:
    """Clean words that keep a space at either end, where another run goes on."""
    first, last = " " * words.startswith(" "), " " * (words.endswith(" ") and len(words) > 1)
    return f"{first}{clean(words)}{last}"


def put(
    shapes: Any,
    box: Box,
    paragraphs: Sequence[Paragraph],
    *,
    name: str,
    anchor: Literal["t", "ctr", "b"] = "t",
    ground: str = "",
    inset: tuple[int, int] = (0, 0),
    form: str = "rect",
) -> Any:
    """A text box.

    Args:
        shapes: of the slide or of a group.
        box: where.
        paragraphs: what it says.
        name: what the list of objects calls it.
        anchor: top, middle or bottom.
        ground: its fill; none if left out.
        inset: room within at the sides, and above and below.
        form: ``rect`` or ``roundRect``.
    """
    shape = shapes.add_textbox(box.left, box.top, box.width, box.height)
    shape.name = name
    element: Any = shape.element
    body = element.txBody
    across, down = inset
    for child in list(body):
        body.remove(child)
    body.append(parse_xml(
        f'<a:bodyPr {_A} wrap="square" lIns="{across}" rIns="{across}" tIns="{down}" bIns="{down}" anchor="{anchor}" '
        'rtlCol="0"><a:noAutofit/></a:bodyPr>'
    ))  # fmt: skip
    body.append(parse_xml(f"<a:lstStyle {_A}/>"))
    for each in paragraphs or [Paragraph(())]:
        body.append(parse_xml(paragraph(each).replace("<a:p>", f"<a:p {_A}>", 1)))
    if form != "rect":
        element.spPr.prstGeom.set("prst", form)
    if ground:
        painted(shape, ground)
    return shape


def painted(shape: Any, ground: str) -> None:
    """Fills a shape, and takes its outline."""
    properties: Any = shape.element.spPr
    for child in list(properties):
        if child.tag.rpartition("}")[2] in ("noFill", "solidFill", "ln"):
            properties.remove(child)
    properties.append(parse_xml(fill(ground).replace("<a:solidFill>", f"<a:solidFill {_A}>", 1)))
    properties.append(parse_xml(f"<a:ln {_A}><a:noFill/></a:ln>"))


def stroked(shape: Any, ink: str, wide: float) -> None:
    """Draws a shape as a line, without a fill."""
    properties: Any = shape.element.spPr
    for child in list(properties):
        if child.tag.rpartition("}")[2] in ("noFill", "solidFill", "ln"):
            properties.remove(child)
    properties.append(parse_xml(f"<a:noFill {_A}/>"))
    style = shape.element.find("{http://schemas.openxmlformats.org/presentationml/2006/main}style")
    if style is not None:
        shape.element.remove(style)
    line = f'<a:ln {_A} w="{round(wide * 12_700)}" cap="rnd">{fill(ink)}<a:round/></a:ln>'
    properties.append(parse_xml(line))
