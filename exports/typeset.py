"""Documents for print: a template of ours, filled with data, as PDF.

Data reach a template as JSON and are set as text, so that nothing in a name can become code. Templates lie in
``templates/``; ``house.typ`` there holds what every document shares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst
from fontpkg_inter import ROOT as _INTER

from ledger.errors import OutstandingError

Paper = Literal["a4", "us-letter"]

FONT, FONTS = "Inter", Path(_INTER) / "files"
"""The house's typeface, and the folder it lies in."""

_TEMPLATES = Path(__file__).parent / "templates"
_STANDARDS: list[Any] = ["a-2a", "ua-1"]
"""For archives (PDF/A-2a) and for screen readers (PDF/UA-1): both demand that every letter can be drawn."""

_UNDRAWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


@dataclass(frozen=True)
class Print:
    """A document as PDF. ``undrawn``: the letters that no font of this machine has, drawn as empty boxes."""

    pdf: bytes
    undrawn: tuple[str, ...] = ()


def typeset(template: str, data: Mapping[str, Any], day: date) -> Print:
    """``templates/<template>.typ`` filled with ``data``: tagged, and PDF/A where every letter can be drawn.

    Letters beyond Latin, Greek and Cyrillic come from the fonts of the machine. The same data give the same bytes on
    the same machine: the date inside is ``day``, not that of the printing.

    Args:
        template: its name, without the ending.
        data: texts, lists and mappings; the template finds them in ``sys.inputs.data``.
        day: the document's date.
    """
    compiler, page = _compiler(template, data, day), _page(template)
    stamp = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        return Print(_compiled(compiler, page, stamp, _STANDARDS))
    except typst.TypstError as error:
        undrawn = tuple(dict.fromkeys(_plain(letters) for letters in _UNDRAWN.findall(error.diagnostic)))
    try:
        return Print(_compiled(compiler, page, stamp, []), undrawn)
    except typst.TypstError as error:
        raise _failed(template, error) from error


def pictures(template: str, data: Mapping[str, Any], day: date, ppi: float) -> list[bytes]:
    """Each page of the same document as PNG, with ``ppi`` pixels to the inch, for a look on the screen."""
    try:
        made = _compiler(template, data, day).compile(_page(template), format="png", ppi=ppi)
    except typst.TypstError as error:
        raise _failed(template, error) from error
    return [made] if isinstance(made, bytes) else [page for page in made or [] if page is not None]


def told(template: str, data: Mapping[str, Any], day: date, label: str) -> list[Any]:
    """What the template says of itself once it is laid out: the values of its ``metadata`` with this label."""
    try:
        found = _compiler(template, data, day).query(f"<{label}>", field="value")
    except (typst.TypstError, RuntimeError) as error:
        raise _failed(template, error) from error
    return json.loads(found)


def _compiler(template: str, data: Mapping[str, Any], day: date) -> typst.Compiler:
    return typst.Compiler(
        _page(template),
        root=_TEMPLATES,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "day": day.isoformat()},
    )


def _page(template: str) -> Path:
    return _TEMPLATES / f"{template}.typ"


def _failed(template: str, error: Exception) -> OutstandingError:
    said = error.message if isinstance(error, typst.TypstError) else str(error)
    return OutstandingError(f"The document '{template}' could not be laid out: {said}.")


def _compiled(compiler: typst.Compiler, page: Path, stamp: datetime, standards: list[Any]) -> bytes:
    made = compiler.compile(page, format="pdf", timestamp=stamp, pdf_standards=standards)
    if not isinstance(made, bytes):
        raise TypeError(f"one PDF was asked for, not {type(made).__name__}")
    return made


def _plain(letters: str) -> str:
    """Letters as they are, where the message wrote them by number."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), letters)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Inter, which comes with the project, and the machine's own for the letters that it lacks."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[FONTS])
