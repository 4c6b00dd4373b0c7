"""A letter as plain text: for the text part of a mail, for chats and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerts.letter import Entry, Letter, Link, Short
from alerts.quoting import still
from metrics import text

REPEAT_AFTER = "\n\n"
"""What ends the first paragraph: a remark about the whole message goes behind it."""


def as_text(letter: Letter) -> str:
    """The letter, a paragraph an alert; names in it ping nobody and link nowhere."""
    parts = [
        still(letter.lead),
        *_report(letter),
        *(_entry(entry) for entry in letter.entries),
        *([f"And {letter.more} more, not written out here."] if letter.more else []),
        *_listed("Still open", letter.open, letter.more_open),
        *_listed("Resolved", letter.resolved, letter.more_resolved),
        *([_link(letter.inbox)] if letter.inbox else []),
        still(letter.foot),
    ]
    # No-break spaces are for screens: chats and programs have no use for them.
    return REPEAT_AFTER.join(parts).replace(text.NBSP, " ") + "\n"


def _report(letter: Letter) -> Iterable[str]:
    if letter.facts:
        yield "\n".join(f"  {still(name)}: {still(told)}" for name, told in letter.facts)
    if letter.files:
        yield "\n".join(["Files:", *(f"  {still(file)}" for file in letter.files)])


def _entry(entry: Entry) -> str:
    facts = [f"  {still(name)}: {still(told)}" for name, told in entry.facts]
    lines = [
        f"{entry.mark}: {still(entry.who)}",
        still(entry.words),
        *facts,
        *([f"  Why: {still(entry.cause)}"] if entry.cause else []),
        *(f"    {still(one)}" for one in entry.contributors),
        *(["  The same money:"] if entry.same else []),
        *(f"    {still(one)}" for one in entry.same),
        *([f"  Note: {still(entry.note)}"] if entry.note else []),
        *(f"  {_link(link)}" for link in entry.links),
    ]
    return "\n".join(lines)


def _listed(title: str, shorts: Sequence[Short], more: int) -> Iterable[str]:
    if shorts:
        told = [f"  {_state(short)}{still(short.who)}: {still(short.words)}" for short in shorts]
        yield "\n".join([f"{title}:", *told, *([f"  and {more} more"] if more else [])])


def _state(short: Short) -> str:
    return "" if short.state == "resolved" else f"{short.state.capitalize()}, "


def _link(link: Link) -> str:
    return f"{link.words}: {link.url}"
