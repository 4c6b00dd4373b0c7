"""A pack as a presentation that can be edited: native charts, tables and text on a company's own master or on ours."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time

from pptx.presentation import Presentation

from charts import Figure
from exports.about import About
from exports.pack.content import Chart, Pack, Page, Row
from exports.pack.slide_frame import footed, front, label_area, labelled, noted, titled
from exports.pack.slide_master import Master, Template, added, opened
from exports.pack.slide_pieces import drawn
from exports.pack.slide_plan import Sheet, planned
from exports.slide_words import clean

__all__ = ["Template", "single", "write"]

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""What archives say of a file without a time."""


def write(pack: Pack, template: Template | None = None) -> bytes:
    """The pack as a .pptx file: a first slide, then a slide or more for each page. The same pack gives the same bytes.

    Args:
        pack: what it says.
        template: a company's own master; ours if left out.

    Raises:
        OutstandingError: the template is no presentation, or a layout is missing or leaves no room.
    """
    master = opened(template)
    area = label_area(master.content)[1]
    sheets = [sheet for page in pack.pages for sheet in planned(page, area)]
    count = len(sheets) + 1
    slide = added(master, master.front)
    front(slide, master.front, pack)
    footed(slide, master.front, pack.about, 1, count)
    _sheets(master, sheets, pack.about, 2, count)
    return _saved(master.deck, pack.about)


def single(figure: Figure, about: About, template: Template | None = None) -> bytes:
    """One slide with one chart as a .pptx file.

    Raises:
        OutstandingError: as for ``write``.
    """
    title = figure.title or about.title
    page = Page("chart", "", title, (Row((Chart(figure),)),), metrics=figure.metrics, notes=about.notes)
    master = opened(template)
    sheets = planned(page, label_area(master.content)[1])
    _sheets(master, sheets, about, 1, len(sheets))
    return _saved(master.deck, about)


def _sheets(master: Master, sheets: list[Sheet], about: About, first: int, count: int) -> None:
    place = label_area(master.content)[0]
    for number, sheet in enumerate(sheets, start=first):
        page = sheet.page
        slide = added(master, master.content)
        titled(slide, master.content, clean(page.title, clean(page.label, "Untitled")), sheet.ending)
        if clean(page.label) != clean(page.title):
            labelled(slide, place, page.label)
        drawn(sheet.placed, slide.shapes)
        footed(slide, master.content, about, number, count)
        if sheet.is_first:
            noted(slide, page)


def _saved(deck: Presentation, about: About) -> bytes:
    """The file, with nothing in it that depends on when it is made."""
    made, known = datetime.combine(about.as_of, time()), deck.core_properties
    known.title, known.author, known.last_modified_by = clean(about.title), clean(about.company), clean(about.company)
    known.created = known.modified = made
    known.revision = 1
    known.subject = known.keywords = known.comments = known.category = ""
    buffer, kept = io.BytesIO(), io.BytesIO()
    deck.save(buffer)
    with zipfile.ZipFile(buffer) as made_now, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in made_now.namelist():
            archive.writestr(zipfile.ZipInfo(name, _NO_TIME), made_now.read(name), zipfile.ZIP_DEFLATED)
    return kept.getvalue()
