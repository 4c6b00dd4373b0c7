"""Taking the secrets of a channel's address out of what is told about it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit

HIDDEN = "***"
_SHORTEST = 3
_MAIL = ("mailto", "mailtos")
# What Apprise itself defines for mail and says nothing secret.
_PLAIN = frozenset({"to", "cc", "bcc", "from", "name", "reply", "smtp", "mode", "format", "verify", "overflow"})


@dataclass(frozen=True, repr=False)
class Secrets:
    """Everything that must not be told, in every way it may be written."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, address: str, values: Iterable[str] = ()) -> Secrets:
        """The user, the password, the tokens and parameters of ``address``, and ``values``; the host may be told.

        Args:
            address: a channel's address, its variables replaced.
            values: those of the variables.
        """
        parts = {*values, *_parts(address)}
        written = {form for part in parts for form in _forms(part) if len(form) >= _SHORTEST}
        # The longest first: one may be part of another.
        return cls(tuple(sorted(written, key=lambda form: (-len(form), form))))

    def hide(self, told: str) -> str:
        """``told`` without any of them, whatever their capitals."""
        for word in self.words:
            told = re.sub(re.escape(word), HIDDEN, told, flags=re.IGNORECASE)
        return told


def _parts(address: str) -> Iterable[str]:
    scheme, _, rest = address.partition("://")
    if not rest:
        yield scheme if scheme == address else ""
        return
    is_mail = scheme.lower() in _MAIL
    place, _, query = rest.partition("?")
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if not is_mail or name.lower() not in _PLAIN:
            yield value
    host, _, path = place.partition("/")
    account, at, _ = host.rpartition("@")
    if at:
        yield account
        yield from account.split(":", 1)
    elif scheme.lower() not in _HOSTS_FIRST:
        # Services without a host of their own begin with a token.
        yield host
    if not is_mail:
        yield from path.split("/")


_HOSTS_FIRST = frozenset(
    {
        *_MAIL,
        "json",
        "jsons",
        "form",
        "forms",
        "xml",
        "xmls",
        "workflow",
        "workflows",
        "mmost",
        "mmosts",
        "rocket",
        "rockets",
    }
    | {"matrix", "matrixs", "gotify", "gotifys", "ntfys", "apprise", "apprises", "signal", "signals"}
)


def _forms(part: str) -> set[str]:
    """A part as it is written, read and written again: plain and percent-encoded."""
    plain = {part, unquote(part), unquote_plus(part)}
    return plain | {quote(form, safe="") for form in plain} | {quote_plus(form) for form in plain}


def host_of(address: str) -> str:
    """The host of an address, where it is told to have one; else nothing."""
    scheme, _, _ = address.partition("://")
    if scheme.lower() not in _HOSTS_FIRST:
        return ""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
