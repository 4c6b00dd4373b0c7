"""Pages: people at a real server, one of them alone and many at once. ``benchmarks.load`` plays them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measure import memory
from benchmarks.place import ROOT, Place
from scripts.serving import serving

PEOPLE, EVERY, SECONDS = 25, 8, 60
BUSY, BUSY_SECONDS = 4, 30
CROWDS = (1, 2, 4, 8, 16)


def overview(place: Place) -> dict[str, Any]:
    """One person on the overview of a server of its own, without pauses: from a click to the finished page.

    ``asked_first``: views that nobody has asked for yet. Memory of the server in MB, started and afterwards.
    """
    _need_load()
    with _served(place) as (address, process):
        began = memory(process)
        clicks = load(address, people=1, closed=True, seconds=BUSY_SECONDS)
        return {**clicks, "memory_started": began, "memory": memory(process)}


def people(place: Place) -> dict[str, Any]:
    """Page runs a second of a few people without pauses; what many people wait for, on every page; memory after."""
    _need_load()
    with _served(place) as (address, process):
        load(address, people=1, closed=True, seconds=10)
        busy = load(address, people=BUSY, closed=True, seconds=BUSY_SECONDS)
        many = load(address, people=PEOPLE, every=EVERY, seconds=SECONDS)
        return {"busy": busy, "many": many, "memory": memory(process)}


def crowds(place: Place) -> list[dict[str, Any]]:
    """Page runs of growing numbers of people without pauses."""
    _need_load()
    with _served(place) as (address, _process):
        load(address, people=1, closed=True, seconds=10)
        return [{"people": many, **load(address, people=many, closed=True, seconds=15)} for many in CROWDS]


def _need_load() -> None:
    if find_spec("benchmarks.load") is None:
        raise SystemExit("left out: benchmarks.load, which plays the people, is not there")


def load(address: str, people: int, seconds: int, every: int = 0, *, closed: bool = False) -> dict[str, Any]:
    """What ``benchmarks.load`` reports of people who click ``every`` so many seconds, or without pauses."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "load.json"
        who = ["--closed", str(people)] if closed else ["--people", str(people), "--every", str(every)]
        command = [sys.executable, "-m", "benchmarks.load", "--url", address, *who]
        command += ["--seconds", str(seconds), "--json", str(out)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=seconds * 5 + 120)
        return json.loads(out.read_text(encoding="utf-8"))


@contextmanager
def _served(place: Place) -> Iterator[tuple[str, int]]:
    """A server over the snapshot: its address and its process."""
    before = _children()
    with serving(place.config) as address:
        yield address, next(iter(_children() - before))


def _children() -> set[int]:
    """The processes that this one has started."""
    found: set[int] = set()
    for told in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = told.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]
        except OSError:
            continue  # It has ended meanwhile.
        if int(parent) == os.getpid():
            found.add(int(told.parent.name))
    return found
