"""Which part of the company a scope is about, in words: the same on the screen, in documents and in packs."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.scope import UNASSIGNED, Scope
from metrics import text

FEW = 3


def restrictions(scope: Scope, labels: Mapping[str, str], most: int = FEW) -> list[tuple[str, str]]:
    """The label of each dimension that is restricted, in the order of ``labels``, with its values in words.

    ``("Region", "DACH and Iberia")``: by name, rows without a value last; beyond ``most``, how many more.
    Dimensions without a label are left out.
    """
    told: list[tuple[str, str]] = []
    for dimension, label in labels.items():
        chosen = scope.values(dimension)
        values = sorted(text.name(value) for value in chosen - {None})
        values += [UNASSIGNED] if None in chosen and UNASSIGNED not in values else []
        if values:
            told.append((label, text.listed(values, most)))
    return told


def in_words(scope: Scope, labels: Mapping[str, str]) -> tuple[str, ...]:
    """``Region DACH and Iberia``: every restriction, in the order of ``labels``."""
    return tuple(f"{label} {values}" for label, values in restrictions(scope, labels))
