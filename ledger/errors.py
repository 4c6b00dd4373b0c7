"""The one family of errors a person is meant to read."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_FEW = 12


class OutstandingError(Exception):
    """A problem told in one sentence: what is wrong, where, and what to do. Never carries a secret."""


class ConfigError(OutstandingError):
    """A setting is missing, unknown or impossible."""


class SourceError(OutstandingError):
    """A source cannot be reached, read or mapped."""


class RefreshError(OutstandingError):
    """A refresh was not published. The last good snapshot still serves."""


class NoSnapshotError(OutstandingError):
    """Nothing has been published yet."""


class StateError(OutstandingError):
    """What people keep (saved views, favourites) cannot be read, or not be changed like this."""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """The tail of an error sentence: the nearest option, or all of them when none is near and they are few."""
    known = sorted(options)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if 0 < len(known) <= _FEW:
        return "known are " + ", ".join(f"'{name}'" for name in known) + "."
    return ""
