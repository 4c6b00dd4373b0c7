"""What is handed over to a channel, and what may go wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_TYPES = {".png": "image/png", ".pdf": "application/pdf", ".xlsx": _SHEET, ".pptx": _SLIDES, ".csv": "text/csv"}

_SLOWEST = 250_000
"""Bytes a second: a line that is slower than that is taken for broken."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A message on its way. ``id`` stays the same when it is tried again or repeated, so that a receiver can tell.

    ``attachments``: names of files and their bytes.
    """

    id: str
    subject: str
    text: str
    html: str
    attachments: tuple[tuple[str, bytes], ...] = ()
    alerts: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the attachments that say more than the text does: all but pictures."""
        return tuple(name for name, _ in self.attachments if not is_picture(name))

    @property
    def seconds(self) -> float:
        """How much longer than a few words the attachments may take on their way."""
        return sum(len(data) for _, data in self.attachments) / _SLOWEST


def media_type(name: str) -> str:
    """What a file is, by the ending of its name."""
    return _TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")


def is_picture(name: str) -> bool:
    """Whether a file is a picture."""
    return media_type(name).startswith("image/")


class Trouble(Exception):  # noqa: N818 - it is not always ours
    """A message was not taken; the text is a clause that says why.

    ``is_down``: nothing else will get through to the channel just now either.
    """

    def __init__(self, why: str, *, is_down: bool = False) -> None:
        super().__init__(why)
        self.is_down = is_down


class Uncertain(Trouble):
    """Nobody knows whether the message was taken: the answer did not come."""
