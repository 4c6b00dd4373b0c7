"""``Commentary``: what somebody wrote about a section of a pack, for one period. It is everybody's, as the pack is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from state.records import checked, reader_text
from state.tables import LONGEST_PACK, LONGEST_SECTION
from state.tables import commentary as kept
from state.transactions import Transactions

LONGEST_WORDS = 4_000
"""Two pages of print: more is no commentary."""


@dataclass(frozen=True, kw_only=True)
class Comment:
    """What is said of a section. ``day``: the period, by its last day. ``words`` may have several paragraphs.

    ``by`` wrote it last, ``at`` that time in UTC.
    """

    day: date
    section: str
    words: str
    by: str
    at: datetime


class Commentary:
    """The commentary of the whole company. Every call may raise ``StateError``; each is one transaction."""

    def __init__(self, transactions: Transactions) -> None:
        self._in = transactions

    def of(self, pack: str, day: date) -> Mapping[str, Comment]:
        """What is written about a period, by section; empty where nothing is."""
        chosen = sa.select(kept).where(kept.c.pack == pack, kept.c.day == day).order_by(kept.c.section)
        with self._in.reading() as connection:
            return {row.section: _comment(row) for row in connection.execute(chosen).all()}

    def previous(self, pack: str, day: date) -> Mapping[str, Comment]:
        """What is written about the newest period before ``day`` that has anything, to start from; empty: none has."""
        before = sa.select(sa.func.max(kept.c.day)).where(kept.c.pack == pack, kept.c.day < day).scalar_subquery()
        chosen = sa.select(kept).where(kept.c.pack == pack, kept.c.day == before).order_by(kept.c.section)
        with self._in.reading() as connection:
            return {row.section: _comment(row) for row in connection.execute(chosen).all()}

    def put(self, pack: str, day: date, section: str, words: str, by: str, now: datetime) -> None:
        """Keep what ``by`` writes about a section, in place of what was there; nothing written removes it.

        Line breaks stay; spaces and empty lines around the words do not.

        Raises:
            StateError: the words are too long or no text; the pack, the section or the writer cannot be.
        """
        key = {
            "pack": checked("The name of a pack", pack, LONGEST_PACK),
            "day": day,
            "section": checked("The section of a pack", section, LONGEST_SECTION),
        }
        written = "\n".join(line.rstrip() for line in words.splitlines()).strip()
        if not written:
            same = (kept.c.pack == pack) & (kept.c.day == day) & (kept.c.section == section)
            with self._in.writing() as connection:
                connection.execute(sa.delete(kept).where(same))
            return
        values = {"words": checked("The commentary", written, LONGEST_WORDS), "by": reader_text(by), "at": now}
        with self._in.writing() as connection:
            self._in.put(connection, kept, {**key, **values}, replacing=tuple(values))


def _comment(row: Row[Any]) -> Comment:
    return Comment(day=row.day, section=row.section, words=row.words, by=row.by, at=row.at)
