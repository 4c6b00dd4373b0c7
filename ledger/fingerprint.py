"""The name of a book's content: the same rows and rules give the same name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from ledger.book import BookRules

_CONTENT = ("customers", "documents", "settlements", "cells", "fx_rates", "gl", "quarantine")


def fingerprint(frames: Mapping[str, pl.DataFrame], rules: BookRules, last_day: date | None) -> str:
    """Sixteen hexadecimal digits over the rows, accepted and quarantined, the rules and the last day of the books.

    ``today`` counts only by that last day: the same ledger read again is the same book. Row hashes are those of one
    version of Polars.
    """
    digest = hashlib.blake2b(digest_size=8)
    settings = asdict(rules) | {"today": last_day, "dimensions": list(rules.dimensions.items())}
    digest.update(repr(sorted(settings.items())).encode())
    for name in _CONTENT:
        frame = frames[name]
        digest.update(f"{name}:{frame.schema}".encode())
        # Row hashes are stable for a seed; the order of rows is part of the content.
        digest.update(frame.hash_rows(seed=7).to_numpy().tobytes())
    return digest.hexdigest()
