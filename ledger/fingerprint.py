"""The name of a book's content: the same rows and rules give the same name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from ledger.book import BookRules

_CONTENT = (
    "customers",
    "documents",
    "settlements",
    "cells",
    "fx_rates",
    "gl",
    "verified",
    "verified_totals",
    "quarantine",
)


class Fingerprint:
    """Sixteen hexadecimal digits over the rows, accepted and quarantined, the rules and the last day of the books.

    ``today`` counts only by that last day: the same ledger read again is the same book. Rows may come in pieces. Row
    hashes are those of one version of Polars.
    """

    def __init__(self) -> None:
        self._digests = {name: hashlib.blake2b(digest_size=16) for name in _CONTENT}

    def add(self, name: str, rows: pl.DataFrame) -> None:
        """The next rows of frame ``name``; frames that are derived from others count for nothing."""
        if name not in self._digests:
            return
        # Row hashes are stable for a seed; the order of rows is part of the content.
        self._digests[name].update(rows.hash_rows(seed=7).to_numpy().tobytes())

    def name(self, rules: BookRules, last_day: date | None) -> str:
        """The fingerprint of all that was added, under ``rules``."""
        digest = hashlib.blake2b(digest_size=8)
        settings = asdict(rules) | {"today": last_day, "dimensions": list(rules.dimensions.items())}
        # A fix counts by what it changes in the rows.
        del settings["fixes"]
        digest.update(repr(sorted(settings.items())).encode())
        for name, rows in self._digests.items():
            digest.update(f"{name}:{rows.hexdigest()}".encode())
        return digest.hexdigest()


def stamp_of(packages: Iterable[ModuleType]) -> str:
    """Names the code of some packages: what an earlier version computed is not what this one would."""
    digest = hashlib.sha256()
    for package in packages:
        for file in sorted(Path(package.__path__[0]).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
