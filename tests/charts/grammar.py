"""Whether a figure is Vega-Lite. Its schema is read once: a chart object that checks itself reads it at every check."""

from __future__ import annotations

from functools import cache
from typing import Any

from altair.vegalite.v6.schema.core import load_schema
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match


@cache
def _grammar() -> Draft7Validator:
    return Draft7Validator(load_schema())


def holds(spec: dict[str, Any]) -> None:
    """Fail, with the nearest rule that is broken, unless ``spec`` is a whole Vega-Lite chart."""
    if not _grammar().is_valid(spec):
        nearest = best_match(_grammar().iter_errors(spec))
        raise AssertionError(f"No Vega-Lite: {nearest.json_path if nearest else ''} {nearest and nearest.message}")
