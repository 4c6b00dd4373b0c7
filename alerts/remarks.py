"""A remark about a message as a whole, set into what is written already: behind the first paragraph of each form."""

from __future__ import annotations

from dataclasses import dataclass, replace

from alerts.letter_html import REPEAT_BEFORE, remark
from alerts.letter_text import REPEAT_AFTER


@dataclass(frozen=True)
class Written:
    """A message's words in each of their forms."""

    subject: str
    text: str
    html: str


def remarked(written: Written, words: str) -> Written:
    """A message that may be a repeat: its subject says so, and ``words`` why."""
    mark = "May be a repeat: "
    subject = written.subject if written.subject.startswith(mark) else f"{mark}{written.subject}"
    return replace(noted(written, words), subject=subject)


def noted(written: Written, words: str) -> Written:
    """A message with ``words`` about it."""
    first, _, rest = written.text.partition(REPEAT_AFTER)
    told = REPEAT_AFTER.join(part for part in (first, words, rest) if part)
    page = written.html.replace(REPEAT_BEFORE, REPEAT_BEFORE + remark(words), 1)
    return Written(written.subject, told, page)
