"""What is kept, and what is accepted: a sentence says what cannot be."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from ledger.errors import StateError, did_you_mean
from state.tables import (
    LONGEST_KEY,
    LONGEST_LABEL,
    LONGEST_NAME,
    LONGEST_NOTICE,
    LONGEST_PAGE,
    LONGEST_READER,
)

Kind = Literal["page", "customer", "view"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What can be a favourite."""

_LONGEST_PARAMETERS = 20_000
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_PAGE = re.compile(r"pages/[a-z0-9_]+/[a-z0-9_]+\.py")


@dataclass(frozen=True)
class SavedView:
    """A page's address under a name. ``parameters``: every value of each parameter, in order. Times are UTC."""

    id: str
    name: str
    page: str
    parameters: Mapping[str, list[str]]
    owner: str
    shared: bool
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Favourite:
    """What a reader marked: ``key`` is the page's path, the customer's id or the view's id. ``added_at`` is UTC."""

    kind: Kind
    key: str
    label: str
    added_at: datetime


def reader_text(reader: str) -> str:
    """A reader as it is kept. The texts below are checked alike: not empty, not too long, storable everywhere."""
    return checked("The reader", reader, LONGEST_READER)


def notice_text(notice: str) -> str:
    """The name of a notice, such as "tour"."""
    return checked("The notice", notice, LONGEST_NOTICE)


def key_text(key: str) -> str:
    """What is a favourite: a page's path, a customer's id or a view's id."""
    return checked("The key of a favourite", key, LONGEST_KEY)


def label_text(label: str) -> str:
    """The label on one line and cut where it is too long: it is only shown, and the key says what is meant."""
    line = " ".join(_storable("The label of a favourite", label).split())
    return line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1]}…"


def kind_text(kind: str) -> Kind:
    """One of ``KINDS``."""
    if kind not in KINDS:
        raise StateError(f"A favourite cannot be a '{kind}': {did_you_mean(kind, KINDS)}")
    return kind


def page_text(page: str) -> str:
    """The path of a page's script; nothing else, since a view is opened by going there."""
    if len(page) > LONGEST_PAGE or not _PAGE.fullmatch(page):
        raise StateError("A view is of a page such as 'pages/summary/overview.py'; this is another path.")
    return page


def name_text(name: str) -> str:
    """The name of a view as it is kept: any signs, on one line.

    Raises:
        StateError: It is empty, too long, or holds a line break or another control character.
    """
    bare = name.strip()
    if any(unicodedata.category(sign) == "Cc" for sign in bare):
        raise StateError("The name of a view is one line of text; remove line breaks and tabs.")
    return checked("The name of a view", bare, LONGEST_NAME)


def name_key(name: str) -> str:
    """The name as it is compared: capitals, spaces and ways of writing an accent make no difference."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", name).casefold().split()))


def parameters_text(parameters: Mapping[str, Sequence[str]]) -> str:
    """An address as JSON, keys in order.

    Raises:
        StateError: It is longer than an address can be.
    """
    # A single text would be taken for its letters.
    plain = {name: [values] if isinstance(values, str) else list(values) for name, values in parameters.items()}
    # Escaped to ASCII: whatever an address holds, every database keeps it.
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    if len(text) > _LONGEST_PARAMETERS:
        raise StateError("This view has too many filters to be saved; choose fewer values and save it again.")
    return text


def parameters_of(text: str) -> Mapping[str, list[str]]:
    """What ``parameters_text`` wrote."""
    return cast("dict[str, list[str]]", json.loads(text))


def checked(what: str, text: str, most: int) -> str:
    """A text as it is kept, or a sentence about ``what`` it is: not empty, not too long, storable everywhere.

    Raises:
        StateError: It is not so.
    """
    if not text.strip():
        raise StateError(f"{what} is empty; write one.")
    if len(text) > most:
        raise StateError(f"{what} has {len(text):,} characters, and {most} is the most; shorten it.")
    return _storable(what, text)


def storable(text: str, most: int | None = None) -> str:
    """A text that is only shown as every database keeps it: what is no text becomes "\ufffd", too long is cut."""
    plain = _NO_TEXT.sub("\ufffd", text)
    return plain if most is None or len(plain) <= most else f"{plain[: most - 1]}…"


def _storable(what: str, text: str) -> str:
    if _NO_TEXT.search(text):
        raise StateError(f"{what} holds a sign that is no text; remove it.")
    return text
