"""Names that are most likely one: written twice, with another legal form, or with a slip of the pen."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence

from rapidfuzz.distance import OSA

ALIKE = 0.92
"""How much of two names, 0–1, must be the same for them to be taken for one: all but one slip (a letter more, less,
another or exchanged with its neighbour) in thirteen letters."""

_NEIGHBOURS = 8
"""So many that follow a name in the alphabet are compared with it: a slip rarely comes in the first letters."""

_LEGAL = frozenset(
    [
        *("ag", "aktiengesellschaft", "as", "asa", "ab", "bv", "co", "company", "corp", "corporation", "gmbh", "group"),
        *("holding", "inc", "incorporated", "kg", "kgaa", "limited", "llc", "llp", "lp", "ltd", "mbh", "nv", "oy"),
        *("oyj", "plc", "pty", "sa", "sarl", "sas", "se", "sl", "spa", "srl", "spzoo", "the", "und", "and", "ug"),
    ]
)
"""Words that say what kind of company it is, and not which."""

_SIGNS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def lookalikes(names: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of places in ``names`` that look like one name, each pair once, in order.

    Names that differ in a number do not: "Store 12" and "Store 13" are two shops.
    """
    bare = [plain(name) for name in names]
    places: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(bare):
        if name:
            places[name].append(place)
    pairs = [(held[0], other) for held in places.values() for other in held[1:]]
    ordered = sorted(places)
    for at, name in enumerate(ordered):
        for other in ordered[at + 1 : at + 1 + _NEIGHBOURS]:
            alike = OSA.normalized_similarity(name, other, score_cutoff=ALIKE)
            if alike and _DIGITS.findall(name) == _DIGITS.findall(other):
                pairs.append((places[name][0], places[other][0]))
    return sorted((min(pair), max(pair)) for pair in pairs)


def plain(name: str) -> str:
    """``name`` in small letters without accents, signs and legal forms; a name of nothing else stays whole."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    words = _SIGNS.sub(" ", "".join(sign for sign in letters if not unicodedata.combining(sign))).split()
    return " ".join([word for word in words if word not in _LEGAL] or words)
