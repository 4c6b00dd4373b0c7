"""Words on slides: what may stand in them, and how much room they take.

Office files are not laid out by whoever writes them, so widths are those of Helvetica, which Arial and its like share,
with a margin for other typefaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from exports.slide_place import POINT
from metrics import text

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML does not hold."""

_SMALL = dict(zip(
    "abcdefghijklmnopqrstuvwxyz",
    (556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
     500, 500, 500),
    strict=True,
))  # fmt: skip
_LARGE = dict(zip(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    (667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944,
     667, 667, 611),
    strict=True,
))  # fmt: skip
_SIGNS = {
    **dict.fromkeys(" .,:;/!|\u00a0\u2019'’·", 278),
    **dict.fromkeys("-()[]", 333),
    **dict.fromkeys("+−=<>", 584),
    "%": 889, "&": 667, "@": 1015, "—": 1000, "…": 1000, '"': 355, "*": 389,
}  # fmt: skip
_WIDTHS = {**_SMALL, **_LARGE, **_SIGNS}

_USUAL, _WIDE = 600, 1000
_BOLD, _MARGIN = 1.07, 1.04
LEADING = 1.2
"""From line to line, in sizes of the letters."""


def clean(words: str, missing: str = "") -> str:
    """One line that XML holds, without control or direction characters; spaces that must not break are kept."""
    parts = (text.name(part, "") for part in _FORBIDDEN.sub(" ", words).split(text.NBSP))
    return text.NBSP.join(parts).strip(f" {text.NBSP}") or missing


def paragraphs(words: str) -> list[str]:
    """The lines of what somebody wrote, each clean; empty ones are left out."""
    return [line for line in map(clean, words.splitlines()) if line]


@lru_cache(maxsize=4096)
def _letter(sign: str) -> int:
    if sign in _WIDTHS:
        return _WIDTHS[sign]
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Cf"):
        return 0
    bare = unicodedata.normalize("NFD", sign)[0]
    if bare in _WIDTHS:
        return _WIDTHS[bare]
    return _WIDE if unicodedata.east_asian_width(sign) in "WF" else _USUAL


@lru_cache(maxsize=1 << 15)
def width(words: str, points: float, *, bold: bool = False) -> int:
    """How wide words in one line are."""
    return round(sum(map(_letter, words)) / 1000 * points * POINT * _MARGIN * (_BOLD if bold else 1.0))


def height(lines: int, points: float) -> int:
    """How high so many lines are."""
    return round(lines * points * LEADING * POINT)


def lines(words: str, points: float, room: int, *, bold: bool = False) -> list[str]:
    """Words as they are broken into lines ``room`` wide; a word wider than that is broken within."""
    if width(words, points, bold=bold) <= room:
        return [words] if words else []
    found, line = list[str](), ""
    for word in _pieces(words.split(" "), points, room, bold=bold):
        longer = f"{line} {word}" if line else word
        if line and width(longer, points, bold=bold) > room:
            found.append(line)
            line = word
        else:
            line = longer
    return [*found, line] if line else found


def _pieces(words: list[str], points: float, room: int, *, bold: bool) -> Iterator[str]:
    for word in words:
        rest = word
        while width(rest, points, bold=bold) > room and len(rest) > 1:
            kept = _fitting(rest, points, room, bold=bold)
            yield rest[:kept]
            rest = rest[kept:]
        yield rest


def _fitting(word: str, points: float, room: int, *, bold: bool) -> int:
    """How many letters of ``word`` fit; one at least."""
    most, used = room / (points * POINT * _MARGIN * (_BOLD if bold else 1.0)) * 1000, 0
    for place, sign in enumerate(word):
        used += _letter(sign)
        if used > most:
            return max(place, 1)
    return len(word)


def cut(words: str, points: float, room: int, most: int = 1, *, bold: bool = False) -> str:
    """``words``, or as much of them as stands in ``most`` lines with an ellipsis."""
    broken = lines(words, points, room, bold=bold)
    if len(broken) <= most:
        return words
    last = broken[most - 1]
    while last and width(f"{last}…", points, bold=bold) > room:
        last = last[:-1].rstrip()
    return " ".join([*broken[: most - 1], f"{last}…"])


def size(words: str, sizes: tuple[float, ...], room: int, most: int, *, bold: bool = False) -> float:
    """The first of ``sizes`` in which words take no more than ``most`` lines, else the last."""
    return next((each for each in sizes if len(lines(words, each, room, bold=bold)) <= most), sizes[-1])
