"""The master a presentation is written on: our own, or a company's, with the places that its layouts leave free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.opc.package import OpcPackage
from pptx.oxml.ns import qn
from pptx.package import Package
from pptx.parts.presentation import PresentationPart
from pptx.presentation import Presentation
from pptx.slide import Slide, SlideLayout

from exports.slide_place import INCH, Box
from ledger.errors import OutstandingError

OWN = Path(__file__).parents[1] / "templates" / "board.pptx"

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
_FEET = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.HEADER)
_UNREADABLE = (PythonPptxError, OSError, BadZipFile, KeyError, ValueError, AttributeError, SyntaxError)
"""What opening a file that is no presentation ends in; XML that cannot be read is a syntax error."""

_GAP = INCH // 10
_MARGIN = INCH // 2
_FOOT_HEIGHT = INCH // 4
_LEAST_HEIGHT, _LEAST_WIDTH = 0.35, 0.4
_TITLE_SIZE = 44.0
_BROAD = 0.5
_LOOSE = ("{http://schemas.openxmlformats.org/presentationml/2006/main}custShowLst",
          "{http://schemas.openxmlformats.org/presentationml/2006/main}extLst")  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A presentation or template of a company's own; the names of its layouts for the first slide and for the rest."""

    path: Path
    title_layout: str = "Title Slide"
    content_layout: str = "Title Only"


@dataclass(frozen=True)
class Layout:
    """One layout and where things go on it."""

    own: SlideLayout
    wide: int
    high: int

    @cached_property
    def title(self) -> Box:
        """Where the title stands."""
        return _box(next(each for each in self.own.placeholders if each.placeholder_format.type in _TITLES))

    @cached_property
    def foot(self) -> Box:
        """Where the footer stands: the layout's, else a line at the bottom."""
        found = _box_of(self.own, PP_PLACEHOLDER.FOOTER)
        return found or Box(self._left, self._line, round(self._right - self._left - 1.2 * INCH), _FOOT_HEIGHT)

    @cached_property
    def number(self) -> Box:
        """Where the number of the slide stands."""
        found = _box_of(self.own, PP_PLACEHOLDER.SLIDE_NUMBER)
        return found or Box(round(self._right - 1.1 * INCH), self._line, round(1.1 * INCH), _FOOT_HEIGHT)

    @cached_property
    def area(self) -> Box:
        """Between title and footer, or where the layout has its content."""
        bodies = [_box(each) for each in self._bodies]
        floor = min([box.top for box in self._feet if box.top > self.high * _BROAD] + [self.high - _MARGIN]) - _GAP
        if bodies:
            left, top = min(box.left for box in bodies), min(box.top for box in bodies)
            right, bottom = max(box.right for box in bodies), min(max(box.bottom for box in bodies), floor)
        else:
            left, right, top, bottom = self._left, self._right, self.title.bottom + _GAP, floor
        return Box(left, top, right - left, bottom - top)

    @cached_property
    def holds_footer(self) -> bool:
        return _box_of(self.own, PP_PLACEHOLDER.FOOTER) is not None

    @cached_property
    def holds_number(self) -> bool:
        return _box_of(self.own, PP_PLACEHOLDER.SLIDE_NUMBER) is not None

    @cached_property
    def title_size(self) -> float:
        """The size of the title's letters, in points."""
        return _title_size(self.own)

    @cached_property
    def _bodies(self) -> list[Any]:
        return [each for each in self.own.placeholders if each.placeholder_format.type not in (*_TITLES, *_FEET)]

    @cached_property
    def _feet(self) -> list[Box]:
        kept = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
        found = [_box_of(self.own, kind) for kind in kept]
        return [box for box in found if box] + ([] if all(found) else [Box(0, self._line, 0, _FOOT_HEIGHT)])

    @cached_property
    def _left(self) -> int:
        return self.title.left if self.title.width > self.wide * _BROAD else _MARGIN

    @cached_property
    def _right(self) -> int:
        return self.title.right if self.title.width > self.wide * _BROAD else self.wide - _MARGIN

    @cached_property
    def _line(self) -> int:
        return self.high - _FOOT_HEIGHT - _GAP


@dataclass(frozen=True)
class Master:
    """An opened template without slides."""

    deck: Presentation
    front: Layout
    content: Layout


def opened(template: Template | None) -> Master:
    """The template, emptied of its slides; our own if there is none.

    Raises:
        OutstandingError: the file is no presentation, or a layout is missing, has no title, or leaves no room.
    """
    chosen = template or Template(OWN)
    deck = _deck(chosen.path)
    _emptied(deck)
    layouts = [layout for master in deck.slide_masters for layout in master.slide_layouts]
    wide, high = int(deck.slide_width or 0), int(deck.slide_height or 0)
    front, content = (
        Layout(_layout(layouts, name, chosen.path), wide, high) for name in (chosen.title_layout, chosen.content_layout)
    )
    if content.area.height < high * _LEAST_HEIGHT or content.area.width < wide * _LEAST_WIDTH:
        raise OutstandingError(
            f"The layout '{chosen.content_layout}' of {chosen.path} leaves too little room between its title and its "
            "footer for a chart; choose another one."
        )
    return Master(deck, front, content)


def _deck(path: Path) -> Presentation:
    """The presentation in a file; templates (.potx) and those with macros are taken too, without the macros."""
    if not path.exists():
        raise OutstandingError(f"The template {path} does not exist.")
    try:
        part = Package.open(str(path)).main_document_part
    except _UNREADABLE as error:
        raise OutstandingError(f"The template {path} is no PowerPoint presentation.") from error
    if not isinstance(part, PresentationPart):
        raise OutstandingError(f"The template {path} is no PowerPoint presentation.")
    part._content_type = CONTENT_TYPE.PML_PRESENTATION_MAIN  # noqa: SLF001  # a template becomes a presentation
    _drop(part.rels, "vbaProject")
    package: OpcPackage = part.package
    _drop(package._rels, RELATIONSHIP_TYPE.THUMBNAIL)  # noqa: SLF001  # a picture of slides that are gone
    return part.presentation


def _drop(links: Any, kind: str) -> None:
    for name in [name for name, link in links.items() if link.reltype.endswith(kind)]:
        links.pop(name)


def _emptied(deck: Presentation) -> None:
    """No slides, and nothing that names them, such as sections."""
    element: Any = deck.part._element  # noqa: SLF001  # the library has no way to take a slide out
    for each in element.findall(f"{qn('p:sldIdLst')}/{qn('p:sldId')}"):
        deck.part.drop_rel(each.rId)
        each.getparent().remove(each)
    for tag in _LOOSE:
        for each in element.findall(tag):
            element.remove(each)


def _layout(layouts: list[SlideLayout], name: str, path: Path) -> SlideLayout:
    found = next((each for each in layouts if each.name == name), None)
    if found is None:
        known = ", ".join(f"'{each.name}'" for each in layouts)
        raise OutstandingError(f"The template {path} has no layout '{name}'. It has: {known or 'none'}.")
    if not any(each.placeholder_format.type in _TITLES for each in found.placeholders):
        raise OutstandingError(f"The layout '{name}' of {path} has no title, and every slide needs one.")
    return found


def _box(holder: Any) -> Box:
    sides = (holder.left, holder.top, holder.width, holder.height)
    return Box(*(int(side or 0) for side in sides))


def _box_of(layout: SlideLayout, kind: PP_PLACEHOLDER) -> Box | None:
    """Where a layout has a placeholder; ``None`` if it has none, or one without an extent."""
    found = next((_box(each) for each in layout.placeholders if each.placeholder_format.type == kind), None)
    return found if found and found.width and found.height else None


def _title_size(layout: SlideLayout) -> float:
    """Where the layout says nothing, its master does; a presentation of nobody's choice has 44 points."""
    for element in _title_looks(layout):
        size = element.find(f".//{qn('a:lvl1pPr')}/{qn('a:defRPr')}")
        if size is not None and size.get("sz"):
            return int(size.get("sz")) / 100
    return _TITLE_SIZE


def _title_looks(layout: SlideLayout) -> Iterator[Any]:
    for owner in (layout, layout.slide_master):
        for each in owner.placeholders:
            if each.placeholder_format.type in _TITLES:
                yield each.element
    style = layout.slide_master.element.find(f".//{qn('p:titleStyle')}")
    if style is not None:
        yield style


def added(master: Master, layout: Layout) -> Slide:
    """A new slide with the placeholders of its title alone, and on the first one of what stands below it."""
    slide = master.deck.slides.add_slide(layout.own)
    kept = (*_TITLES, PP_PLACEHOLDER.SUBTITLE) if layout is master.front else _TITLES
    for each in list(slide.placeholders):
        if each.placeholder_format.type not in kept:
            slide.shapes.element.remove(each.element)
    return slide
