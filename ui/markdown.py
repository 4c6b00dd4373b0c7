"""Names from the data, written so that Streamlit's Markdown shows them and does nothing else with them."""

from __future__ import annotations

import re

from metrics import text

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&^=\"'])")
_JOINER = "\u2060"
_ACTS = re.compile(r"(:(?!\s)|@)")


def plain(name: str | None, missing: str = "Unassigned") -> str:
    """A name as Markdown that reads exactly like it: no markup, formula, colour, icon, emoji or link comes of it."""
    return prose(text.name(name, missing))


def prose(sentence: str) -> str:
    """A sentence of ours that may hold names and money from the data, as Markdown that reads exactly like it."""
    words = _MARKS.sub(r"\\\1", sentence)
    # Colour directives, icons and emoji begin with a colon; bare addresses become links: an invisible joiner ends both.
    # There is none where nothing could begin: it would come along when a path or a message is copied.
    words = _ACTS.sub(rf"\1{_JOINER}", words)
    return re.sub(r"(?i)(www)(\\?\.)", rf"\1{_JOINER}\2", words)
