"""A report that is sent as files: one message over each channel of those who are to have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from alerts.letter import Letter, Link
from alerts.letter_html import as_html
from alerts.letter_text import as_text
from alerts.quoting import line, still
from config.alerts import AlertSettings
from ledger.errors import OutstandingError, did_you_mean
from metrics import text
from state.alert_records import NewMessage

MOST_BYTES = 18_000_000
"""Of all files of a message: in a mail they grow by a third, and many servers take no mail of more than 25 MB."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class File:
    """A file that goes along. ``words``: what it holds, such as ``11 slides``."""

    name: str
    data: bytes
    words: str = ""

    @property
    def told(self) -> str:
        """``board_2026-10-31.pptx, 11 slides, 340 kB``."""
        return ", ".join(part for part in (self.name, self.words, size(len(self.data))) if part)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is sent.

    Attributes:
        pack: the key of the pack that it is, for a link.
        title: what the report is called.
        company: whose it is.
        day: as of the close of which day.
        message: the finding, in a sentence.
        facts: label and words of its most important numbers.
        files: what goes along.
        part: the part of the company it is about, in words; empty for the whole.
        snapshot: from which books.
    """

    pack: str
    title: str
    company: str
    day: date
    message: str
    facts: tuple[tuple[str, str], ...]
    files: tuple[File, ...]
    part: str = ""
    snapshot: str = ""


def channels_of(owners: Sequence[str], settings: AlertSettings) -> dict[str, list[str]]:
    """The owners behind each channel that a report to ``owners`` goes over.

    Raises:
        OutstandingError: there is no such owner, or one has no channel.
    """
    found: dict[str, list[str]] = {}
    for key in dict.fromkeys(owners):
        if key not in settings.owners:
            hint = did_you_mean(key, settings.owners) or "it has none."
            raise OutstandingError(f"There is no owner '{key}' in {settings.file}; {hint}")
        if not settings.owners[key].channels:
            raise OutstandingError(
                f"{settings.file}: owner '{key}' has no channel to be sent anything over; name some as 'channels' of "
                f"[owners.{key}], with their addresses in [channels]."
            )
        for channel in settings.owners[key].channels:
            found.setdefault(channel, []).append(key)
    return {channel: list(dict.fromkeys(keys)) for channel, keys in found.items()}


def write(report: Report, owners: Sequence[str], settings: AlertSettings) -> list[NewMessage]:
    """One message for each channel of ``owners``, with every file; a channel that two of them share gets one.

    Raises:
        OutstandingError: there is no such owner, one has no channel, or the files are too large to be sent.
    """
    total = sum(len(file.data) for file in report.files)
    if total > MOST_BYTES:
        raise OutstandingError(
            f"The files have {size(total)} in all, and {size(MOST_BYTES)} is the most that mail servers take; "
            "choose fewer formats, sections or rows."
        )
    made: list[NewMessage] = []
    for channel, keys in channels_of(owners, settings).items():
        told = _letter(report, [settings.owners[key].name for key in keys], settings.delivery.url)
        made.append(
            NewMessage(
                owner=keys[0],
                channel=channel,
                mode="report",
                subject=still(told.subject),
                text=as_text(told),
                html=as_html(told),
                notices=(),
                attachments=tuple((file.name, file.data) for file in report.files),
            )
        )
    return made


def size(count: int) -> str:
    """``340 kB``, ``1.2 MB``."""
    return f"{count / _MEGABYTE:.1f} MB" if count >= _MEGABYTE else f"{max(round(count / 1000), 1)} kB"


def _letter(report: Report, names: Sequence[str], url: str) -> Letter:
    foot = [
        line(report.company, 80),
        f"as of {text.day(report.day)}",
        line(report.part, 120),
        f"snapshot {line(report.snapshot, 60)}" if report.snapshot else "",
        f"sent to {line(text.listed(list(names)), 160)}",
    ]
    asked = urlencode({"pack": report.pack, "as_of": report.day.isoformat()})
    return Letter(
        subject=line(f"{report.title}, {text.day(report.day)}", 180),
        lead=line(report.message, 420, report.title),
        entries=(),
        more=0,
        open=(),
        more_open=0,
        resolved=(),
        more_resolved=0,
        inbox=Link("Open it in the dashboard", f"{url.rstrip('/')}/board_pack?{asked}") if url else None,
        foot=" · ".join(part for part in foot if part),
        facts=tuple((line(label, 80), line(words, 160)) for label, words in report.facts),
        files=tuple(line(file.told, 200) for file in report.files),
    )
