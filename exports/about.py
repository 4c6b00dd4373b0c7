"""What an export says of itself: whose it is, as of when, of which part, from which books, by which definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from metrics import CATALOG, text


@dataclass(frozen=True)
class About:
    """Printed on or in every export.

    ``window``: over which flows are measured, as in ``3mo``; empty where nothing is. ``filters``: the part of the
    company, in words; empty for the whole. ``currency``: of the amounts, or several. ``metrics``: ids of the catalogue
    whose definitions are added. ``notes``: further sentences.
    """

    title: str
    company: str
    as_of: date
    currency: str = ""
    window: str = ""
    filters: str = ""
    snapshot: str = ""
    metrics: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    paper: Literal["a4", "us-letter"] = "a4"


def facts(of: About) -> list[tuple[str, str]]:
    """Label and words, in order; what is not known is left out."""
    told = [
        ("Company", of.company),
        ("As of the close of", text.day(of.as_of)),
        ("Window", text.window(of.window, of.as_of) if of.window else ""),
        ("Currency", of.currency),
        ("Filters", of.filters or "none: the whole company"),
        ("Snapshot", of.snapshot),
        *(("Note", note) for note in of.notes),
    ]
    return [(label, said) for label, said in told if said]


def definitions(ids: Sequence[str]) -> list[tuple[str, str]]:
    """Label, and formula with source, of each metric once."""
    known = [CATALOG[id] for id in dict.fromkeys(ids)]
    return [(metric.label, f"{metric.formula}. Source: {metric.source}") for metric in known]
