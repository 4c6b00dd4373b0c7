"""What frames a slide: its title, its section, its foot, and the notes of whoever presents it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from exports import formats
from exports.about import About, definitions, facts
from exports.pack.content import Chart, Lines, Pack, Page, Table
from exports.pack.slide_master import Layout
from exports.pack.slide_text import QUIET, put, said
from exports.slide_place import INCH, POINT, Box
from exports.slide_words import LEADING, clean, cut, height, lines, paragraphs, size
from metrics import text

_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_NUMBER = "{7B0E2B5C-2E0B-4A57-9B6D-1F0B7A0C5D11}"
"""What fields of office files are told apart by: any will do."""

_LEAST_TITLE, _TITLE_LINES = 14.0, 2
_INSET = INCH // 5
_LABEL, _LABEL_HIGH = 10.0, round(0.22 * INCH)
_FEET = (9.0, 8.0, 7.0, 6.5)
_SNAPSHOT = 12
_SHORTER = (1_000, 90, 60, 40, 25, 15)
_FRONT_LINES = 3
_Fact = tuple[str, str]
"""Label and words."""

_FRONT = ((18.0, 13.0), (16.0, 12.0), (14.0, 11.0), (12.0, 10.0), (11.0, 9.0), (10.0, 8.0))


def titled(slide: Slide, layout: Layout, words: str, ending: str = "") -> None:
    """The message in the title, in letters that keep it to two lines; what would be longer ends in an ellipsis."""
    title, box = slide.shapes.title, layout.title
    if title is None:
        return
    room, own = box.width - _INSET, layout.title_size
    sizes = [own, *(float(points) for points in range(int(own) - 1, int(_LEAST_TITLE) - 1, -1))]
    fitting = (points for points in sizes if _fits(words + ending, points, box, room))
    points = next(fitting, min(own, _LEAST_TITLE))
    most = min(_TITLE_LINES, max(box.height // height(1, points), 1))
    kept = words
    while kept and len(lines(kept + ending, points, room, bold=True)) > most:
        kept = cut(words, points, room, most, bold=True) if kept == words else f"{kept[:-2].rstrip()}…"
    title.text_frame.text = clean(kept) + ending
    if points != own:
        for each in title.text_frame.paragraphs[0].runs:
            each.font.size = Pt(points)


def _fits(words: str, points: float, box: Box, room: int) -> bool:
    count = len(lines(words, points, room, bold=True))
    return count <= _TITLE_LINES and height(count, points) <= box.height + POINT


def label_area(layout: Layout) -> tuple[Box, Box]:
    """Where the section's name stands, above the title if there is room, and what the layout leaves for the rest."""
    title, area = layout.title, layout.area
    if title.top > _LABEL_HIGH:
        return Box(title.left, title.top - _LABEL_HIGH, title.width, _LABEL_HIGH), area
    return area.from_top(_LABEL_HIGH), area.below(_LABEL_HIGH)


def labelled(slide: Slide, place: Box, words: str) -> None:
    """The section's name, small."""
    shown = cut(clean(words), _LABEL, place.width, 1, bold=True)
    if shown:
        put(slide.shapes, place, [said(shown, _LABEL, bold=True, colour=QUIET)], name="Section")


# --- the first slide ----------------------------------------------------------------------------------------------


def front(slide: Slide, layout: Layout, pack: Pack) -> None:
    """What the pack is, whose, as of when and of which part."""
    titled(slide, layout, clean(pack.about.title, "Receivables"))
    large: list[_Fact] = [("", clean(pack.subtitle))] if pack.subtitle else []
    small: list[_Fact] = [("", clean(line)) for line in pack.lines] + [
        (f"{label}  ", clean(words)) for label, words in facts(pack.about)
    ]
    holder = next(
        (each for each in slide.placeholders if each.placeholder_format.type == PP_PLACEHOLDER.SUBTITLE), None
    )
    if holder is not None:
        box = Box(int(holder.left), int(holder.top), int(holder.width), int(holder.height))
    else:
        box = Box(layout.title.left, layout.title.bottom, layout.title.width, layout.foot.top - layout.title.bottom)
        holder = put(slide.shapes, box, (), name="Subtitle")
    body: Any = holder.element.txBody
    for child in body.findall(qn("a:p")):
        body.remove(child)
    first, rest = next(
        (sizes for sizes in _FRONT if _front_high(large, small, sizes, box.width) <= box.height), _FRONT[-1]
    )
    for (label, words), points in [*((each, first) for each in large), *((each, rest) for each in small)]:
        body.append(parse_xml(_front_line(label, cut(words, points, box.width - _INSET, _FRONT_LINES), points)))
    if not body.findall(qn("a:p")):
        body.append(parse_xml(f"<a:p {_SPACES}/>"))


def _front_line(label: str, words: str, points: float) -> str:
    """A line of the first slide, in the template's own look."""
    size = f'lang="en-US" sz="{round(points * 100)}"'
    bold = f'<a:r><a:rPr {size} b="1"/><a:t>{escape(label)}</a:t></a:r>' if label else ""
    return (
        f'<a:p {_SPACES}><a:pPr><a:lnSpc><a:spcPts val="{round(points * LEADING * 100)}"/></a:lnSpc><a:spcBef>'
        f'<a:spcPts val="300"/></a:spcBef></a:pPr>{bold}<a:r><a:rPr {size}/><a:t>{escape(words)}</a:t></a:r></a:p>'
    )


def _front_high(large: Sequence[_Fact], small: Sequence[_Fact], sizes: tuple[float, float], room: int) -> int:
    every = [*((each, sizes[0]) for each in large), *((each, sizes[1]) for each in small)]
    counts = ((min(len(lines("".join(each), points, room - _INSET)), _FRONT_LINES), points) for each, points in every)
    return sum(height(count, points) + 3 * POINT for count, points in counts) + _INSET // 2


# --- the foot -----------------------------------------------------------------------------------------------------


def footed(slide: Slide, layout: Layout, about: About, number: int, count: int) -> None:
    """Whose slide it is, as of when, of which part and books; and its number."""
    shown, points = _foot_fitting(about, layout.foot)
    _foot(slide, layout, PP_PLACEHOLDER.FOOTER, f'<a:r><a:rPr lang="en-US" sz="{round(points * 100)}"/>'
          f"<a:t>{escape(shown)}</a:t></a:r>")  # fmt: skip
    points = size(f"{count} of {count}", _FEET, layout.number.width - _INSET, 1)
    look = f'<a:rPr lang="en-US" sz="{round(points * 100)}"/>'
    page = f'<a:fld id="{_NUMBER}" type="slidenum">{look}<a:t>{number}</a:t></a:fld>'
    _foot(slide, layout, PP_PLACEHOLDER.SLIDE_NUMBER, f"{page}<a:r>{look}<a:t> of {count}</a:t></a:r>")


def _foot_fitting(about: About, box: Box) -> tuple[str, float]:
    """The foot and the size of its letters; long names and filters are shortened before day or snapshot are lost."""
    room = box.width - _INSET
    for most in _SHORTER:
        words = foot_words(about, most)
        for points in _FEET:
            if len(lines(words, points, room)) <= _rows(box, points):
                return words, points
    return cut(foot_words(about, _SHORTER[-1]), _FEET[-1], room, _rows(box, _FEET[-1])), _FEET[-1]


def foot_words(about: About, most: int = 1_000) -> str:
    """The foot of every slide in a line; names and filters have ``most`` letters."""
    company, filters = (
        formats.shortened(clean(words), most) for words in (about.company, about.filters or "whole company")
    )
    snapshot = f"snapshot {clean(about.snapshot)[:_SNAPSHOT]}" if about.snapshot else ""
    parts = (company, f"as of {text.day(about.as_of)}", clean(about.currency), filters, snapshot)
    return " · ".join(part for part in parts if part)


def _rows(box: Box, points: float) -> int:
    return max(box.height // height(1, points), 1)


def _foot(slide: Slide, layout: Layout, kind: PP_PLACEHOLDER, runs: str) -> None:
    """In the layout's own place, or in a text box where it has none."""
    is_number = kind == PP_PLACEHOLDER.SLIDE_NUMBER
    holds = layout.holds_number if is_number else layout.holds_footer
    name = "Slide Number" if is_number else "Footer"
    if not holds:
        shape = put(slide.shapes, layout.number if is_number else layout.foot, (), name=name, anchor="ctr")
        body = shape.element.txBody
        body.remove(body.find(qn("a:p")))
        side = "r" if is_number else "l"
        body.append(parse_xml(f'<a:p {_SPACES}><a:pPr algn="{side}"/>{runs}</a:p>'))
        return
    own = next(each for each in layout.own.placeholders if each.placeholder_format.type == kind)
    mark: Any = own.element.find(f".//{qn('p:ph')}")
    marked = "".join(f' {key}="{escape(value)}"' for key, value in mark.attrib.items())
    id = 1 + max(int(each.get("id")) for each in slide.element.iter(qn("p:cNvPr")))
    slide.shapes.element.append(parse_xml(
        f'<p:sp {_SPACES}><p:nvSpPr><p:cNvPr id="{id}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
        f"<p:nvPr><p:ph{marked}/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p>{runs}</a:p>"
        "</p:txBody></p:sp>"
    ))  # fmt: skip


# --- the notes of whoever presents --------------------------------------------------------------------------------


def noted(slide: Slide, page: Page) -> None:
    """How the numbers are computed, and whatever the slide had no room for."""
    words = spoken(page)
    if words and (frame := slide.notes_slide.notes_text_frame) is not None:
        frame.text = words


def spoken(page: Page) -> str:
    """The notes of a page: its message, lead and notes in full, its charts' subtitles and methods, definitions."""
    parts = [[clean(page.title), clean(page.lead)], paragraphs(page.commentary), [clean(note) for note in page.notes]]
    for block in page.blocks:
        match block:
            case Chart(figure):
                parts.append([clean(figure.title), clean(figure.subtitle), clean(figure.method)])
            case Table() | Lines():
                parts.append([clean(block.title), clean(block.subtitle)])
            case _:
                pass
    meanings = [f"{label}: {said}" for label, said in definitions(page.metrics)]
    parts.append(["How it is computed", *meanings] if meanings else [])
    told = ["\n".join(line for line in part if line) for part in parts]
    return "\n\n".join(dict.fromkeys(part for part in told if part))
