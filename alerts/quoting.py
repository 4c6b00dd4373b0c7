"""Names from the books as messages may carry them: on one line, not too long, and doing nothing but being read.

A customer is free to be called ``<!channel>``, ``@everyone`` or ``[Pay here](https://…)``. A program that shows a
message makes pings, links and icons of such signs; an invisible joiner after each of them keeps the name readable and
lets nothing come of it.
"""

from __future__ import annotations

import html
import re
import unicodedata

from metrics import text

_JOINER = "\u2060"
_MARKS = frozenset("\u200e\u200f\u061c\ufeff")
"""Marks that turn the direction of what follows, beside those that ``text.name`` leaves out, and a stray byte order."""

_LIVE = re.compile(
    r"[@<]"  # a mention; a tag, or Slack's <!channel>
    r"|:(?=[^\s\d])"  # an address or an icon: https://…, :bell:
    r"|](?=\()"  # a link of Markdown
    r"|(?<=\w)\.(?=[^\W\d_]{2})"  # example.com: programs make a link of it by themselves
)


def line(words: str | None, most: int, missing: str = "") -> str:
    """``words`` on one line without control signs, cut to ``most`` letters; ``missing`` where nothing is left."""
    kept = "".join(sign for sign in words or "" if sign not in _MARKS and unicodedata.category(sign) != "Cs")
    told = text.name(kept, missing) or missing
    return told if len(told) <= most else f"{told[: most - 1].rstrip()}…"


def still(words: str) -> str:
    """``words`` that read the same, and out of which no program makes a mention, a link, an icon or a tag."""
    return _LIVE.sub(lambda found: found[0] + _JOINER, words)


def tagged(words: str) -> str:
    """``words`` as HTML text, or between the quotes of an attribute."""
    return html.escape(still(words))
