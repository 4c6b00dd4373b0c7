"""A pack as the file that was asked for. Each writer is loaded when it is needed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from briefing.tile import Tile
from charts import Figure
from config.packs import Shape, Slides
from exports.about import About
from exports.pack.content import Pack, Tiles

if TYPE_CHECKING:
    from exports.pack.slides import Template

WHOLE: Mapping[Shape, str] = {"pptx": "slide", "pdf": "page", "xlsx": "sheet"}
"""What a file of each kind consists of."""

_PDF_PAGE = re.compile(rb"/Type ?/Page\b")
_PARTS: Mapping[Shape, str] = {"pptx": "ppt/slides/slide", "xlsx": "xl/worksheets/sheet"}


@dataclass(frozen=True)
class Written:
    """A file. ``pages``: its slides, pages or sheets. ``undrawn``: letters no font of this machine has, as boxes."""

    data: bytes
    pages: int
    undrawn: tuple[str, ...] = ()


def write(pack: Pack, shape: Shape, slides: Slides) -> Written:
    """The pack as a file of the kind ``shape``. ``slides``: whose master and layouts a presentation has.

    Raises:
        OutstandingError: the template is no presentation, or lacks a layout.
    """
    return _WRITERS[shape](pack, slides)


def slide(figure: Figure, about: About, slides: Slides) -> bytes:
    """One chart as a presentation of one slide.

    Raises:
        OutstandingError: as for ``write``.
    """
    from exports.pack.slides import single

    return single(figure, about, _master(slides))


def check(slides: Slides) -> None:
    """Nothing where slides can be made on the template that is set.

    Raises:
        OutstandingError: it is no presentation, or lacks a layout.
    """
    from exports.pack.slide_master import opened

    opened(_master(slides))


def file_name(pack: str, day: date, shape: Shape) -> str:
    """``board_2026-10-31.pptx``. ``pack``: its key in ``board_pack.toml``."""
    return f"{pack}_{day.isoformat()}.{shape}"


def _as_slides(pack: Pack, slides: Slides) -> Written:
    from exports.pack.slides import write

    data = write(pack, _master(slides))
    return Written(data, _parts(data, "pptx"))


def _master(slides: Slides) -> Template | None:
    from exports.pack.slides import Template

    if slides.template is None:
        return None
    return Template(slides.template, slides.title_layout, slides.content_layout)


def _as_pages(pack: Pack, _: Slides) -> Written:
    from exports.pack.paper import write

    made = write(pack)
    return Written(made.pdf, len(_PDF_PAGE.findall(made.pdf)), made.undrawn)


def _as_workbook(pack: Pack, _: Slides) -> Written:
    from exports.pack.sheets import write

    data = write(pack)
    return Written(data, _parts(data, "xlsx"))


def _parts(data: bytes, shape: Shape) -> int:
    """How many slides or sheets an Office file has."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return sum(name.startswith(_PARTS[shape]) and name.endswith(".xml") for name in parts.namelist())


_WRITERS: Mapping[Shape, Callable[[Pack, Slides], Written]] = {
    "pptx": _as_slides,
    "pdf": _as_pages,
    "xlsx": _as_workbook,
}


def message(pack: Pack) -> str:
    """What the pack finds, in a sentence: the title of its summary, else of its first page."""
    pages = sorted(pack.pages, key=lambda page: page.section != "summary")
    return pages[0].title if pages else pack.about.title


def key_figures(pack: Pack) -> tuple[tuple[str, str], ...]:
    """Label and words of the numbers of its summary, else of the first page that has any."""
    pages = sorted(pack.pages, key=lambda page: page.section != "summary")
    found = (block.tiles for page in pages for block in page.blocks if isinstance(block, Tiles))
    return tuple((tile.definition.label, _told(tile)) for tile in next(found, ()))


def _told(tile: Tile) -> str:
    """``48.5 days (+2.1 days vs PY · target 45) · Act``."""
    beside = " ".join(part for part in (tile.difference, tile.context) if part)
    words = f"{tile.written} ({beside})" if beside else tile.written
    return f"{words} · {tile.state.capitalize()}" if tile.state else words
