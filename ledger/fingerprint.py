"""The name of a book's content: the same rows and rules give the same name on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from ledger.book import BookRules

_CONTENT = ("customers", "documents", "settlements", "cells", "fx_rates", "gl")


def fingerprint(frames: Mapping[str, pl.DataFrame], rules: BookRules) -> str:
    """Sixteen hexadecimal digits over the accepted rows, in their fixed order, and the rules; not over ``today``."""
    digest = hashlib.blake2b(digest_size=8)
    settings = asdict(rules) | {"today": None, "dimensions": list(rules.dimensions.items())}
    digest.update(repr(sorted(settings.items())).encode())
    for name in _CONTENT:
        frame = frames[name]
        digest.update(f"{name}:{frame.schema}".encode())
        # Row hashes are stable for a seed; the order of rows is part of the content.
        digest.update(frame.hash_rows(seed=7).to_numpy().tobytes())
    return digest.hexdigest()
