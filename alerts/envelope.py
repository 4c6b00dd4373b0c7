"""What is handed over to a channel, and what may go wrong with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A message on its way. ``id`` stays the same when it is tried again or repeated, so that a receiver can tell."""

    id: str
    subject: str
    text: str
    html: str
    pictures: tuple[tuple[str, bytes], ...] = ()
    alerts: tuple[str, ...] = ()


class Trouble(Exception):  # noqa: N818 - it is not always ours
    """A message was not taken; the text is a clause that says why.

    ``is_down``: nothing else will get through to the channel just now either.
    """

    def __init__(self, why: str, *, is_down: bool = False) -> None:
        super().__init__(why)
        self.is_down = is_down


class Uncertain(Trouble):
    """Nobody knows whether the message was taken: the answer did not come."""
