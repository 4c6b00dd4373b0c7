"""The lines of the table, the parts each is measured by, and the order in which they run."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from benchmarks.measure import DISTURBED, Ran, run
from benchmarks.place import Place
from benchmarks.stamp import most_memory, stamp

ENGINES = ("ours", "duckdb", "pandas", "postgres")

LINES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "refresh": ("refresh.scan", "refresh.product"),
        "positions": tuple(f"positions.{engine}" for engine in ENGINES),
        "kpis": ("kpis.asked",),
        "drill": ("kpis.drilled",),
        "overview": ("pages.overview",),
        "people": ("pages.people",),
        "growth": ("growth.documents", "growth.days", "growth.cells", "growth.customers", "growth.people"),
    }
)
"""Line to parts. Every part is measured in a program of its own."""

_FUNCTIONS = MappingProxyType(
    {
        "refresh.scan": "refresh:scanned",
        "refresh.product": "refresh:refreshed",
        "refresh.opened": "refresh:opened",
        "positions.ours": "engines.ours:run",
        "positions.duckdb": "engines.duck:run",
        "positions.pandas": "engines.frames:run",
        "positions.postgres": "engines.postgres:run",
        "kpis.asked": "kpis:asked",
        "kpis.drilled": "kpis:drilled",
        "pages.overview": "pages:overview",
        "pages.people": "pages:people",
        "growth.documents": "growth:documents",
        "growth.days": "growth:days",
        "growth.cells": "growth:cells",
        "growth.customers": "growth:customers",
        "growth.people": "growth:people",
    }
)
PARTS = tuple(_FUNCTIONS)

UP_TO = MappingProxyType({"positions.pandas": 20_000_000, "positions.postgres": 20_000_000})
"""Documents beyond which a part is left out: it would neither fit nor end."""

_REPEATED = ("refresh.scan", "refresh.product")
"""Short or noisy: done several times, and the best is kept."""

_LARGE = (2_000_000, 20_000_000)
"""Documents beyond which they are done twice, and once."""


@dataclass(frozen=True)
class Order:
    """What to measure. ``day``: the day of the results, told by the caller. ``limit``: seconds a part may take."""

    lines: Sequence[str]
    day: str
    limit: float
    tile_above: int


def part(name: str) -> Callable[[Place], dict[str, Any]]:
    """The function that measures a part, imported when it is needed: no engine pays for another's libraries."""
    module, _, function = _FUNCTIONS[name].partition(":")
    return getattr(importlib.import_module(f"benchmarks.{module}"), function)


def measure(place: Place, order: Order) -> None:
    """Make the data of a place if need be, and measure all lines asked for, keeping each result once it is there.

    What fails or takes too long is kept with its reason, and the rest goes on.
    """
    from benchmarks import company

    company.make(place, order.tile_above, lambda step: _tell(place, step))
    (place.folder / "peers").mkdir(exist_ok=True)
    ready = False
    for line in (line for line in LINES if line in order.lines):
        if not ready and line != "refresh" and _ran(place, "refresh.opened", order).problem:
            _part(place, "refresh.product", order)
        ready = ready or line != "refresh"
        for name in LINES[line]:
            _part(place, name, order)


def results(place: Place) -> dict[str, Any]:
    """What was measured there so far, by part."""
    return json.loads(place.results.read_text(encoding="utf-8")) if place.results.is_file() else {}


def _part(place: Place, name: str, order: Order) -> None:
    if place.documents > UP_TO.get(name, place.documents):
        _keep(place, name, {"problem": f"left out beyond {UP_TO[name]:,} documents"}, order)
        return
    runs = [_ran(place, name, order) for _ in range(_repeats(place, name))]
    done = [run for run in runs if run.problem is None] or runs
    best = min(done, key=lambda run: (run.result or {}).get("wall", run.wall))
    told = {**best.told(), "runs": len(runs)}
    line, _, engine = name.partition(".")
    if line == "positions" and engine != "ours" and best.problem is None:
        from benchmarks.engines import answers

        told["differences"] = {**answers.differences(place, f"{engine}_files"), **answers.differences(place, engine)}
    _keep(place, name, told, order)


def _ran(place: Place, name: str, order: Order) -> Ran:
    _tell(place, name)
    ran = run(name, place, order.limit, most_memory())
    disturbed = f", {ran.taken:.0%} of the processors taken away by the host" if ran.taken > DISTURBED else ""
    _tell(place, f"{name}: {ran.problem or f'{ran.wall:.1f} s, {ran.peak:,.0f} MB at most'}{disturbed}")
    return ran


def _repeats(place: Place, name: str) -> int:
    """The shorter, the noisier, the oftener."""
    if name not in _REPEATED or place.documents > _LARGE[1]:
        return 1
    return 2 if place.documents > _LARGE[0] else 3


def _keep(place: Place, name: str, told: dict[str, Any], order: Order) -> None:
    kept = {**results(place), name: {**told, "stamp": stamp(order.day)}}
    fresh = place.results.with_suffix(".new")
    fresh.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    fresh.replace(place.results)


def _tell(place: Place, step: str) -> None:
    print(f"{place.documents:,}: {step}", flush=True)
