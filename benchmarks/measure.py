"""Measuring: seconds, memory, and a program of its own for whatever is measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.place import ROOT, Place

Answer = TypeVar("Answer")

DISTURBED = 0.05
"""From this share of the processors taken away on, times say as much about the host as about us."""

_LOOKS_EVERY = 0.02
_ENDS_WITHIN = 20


@dataclass(frozen=True)
class Ran:
    """How a program went. Seconds of ``wall`` and ``cpu`` (all threads); memory in MB at its highest.

    ``taken``: the share of the processors' busy time that went to other guests of the host meanwhile, 0 to 1.
    """

    result: dict[str, Any] | None
    problem: str | None = None
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    peak_anonymous: float = 0.0
    peak_files: float = 0.0
    taken: float = 0.0

    def told(self) -> dict[str, Any]:
        """As it is kept."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass
class Samples:
    """Seconds of many questions of a kind."""

    wall: list[float] = field(default_factory=list[float])
    cpu: list[float] = field(default_factory=list[float])

    def time(self, call: Callable[[], Answer]) -> Answer:
        """Call it, and keep how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        answer = call()
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        return answer

    def told(self) -> dict[str, float]:
        """``n``, ``p50``, ``p95``, ``max`` of the wall clock and the mean ``cpu``, in seconds."""
        return {
            "n": len(self.wall),
            "p50": percentile(self.wall, 50),
            "p95": percentile(self.wall, 95),
            "max": max(self.wall),
            "best": min(self.wall),
            "cpu": sum(self.cpu) / len(self.cpu),
        }


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that ``share`` percent of ``values`` do not exceed."""
    ranked = sorted(values)
    return ranked[max(ceil(len(ranked) * share / 100) - 1, 0)]


def best_of(call: Callable[[], Answer], most: int, seconds: float) -> tuple[Answer, dict[str, float]]:
    """Call it up to ``most`` times within about ``seconds``: the last answer, and the best times."""
    samples = Samples()
    answer = samples.time(call)
    while len(samples.wall) < most and sum(samples.wall) < seconds:
        answer = samples.time(call)
    return answer, {"wall": min(samples.wall), "cpu": min(samples.cpu), "n": len(samples.wall)}


def memory(process: int | str = "self") -> dict[str, float]:
    """MB of a process now: ``anonymous`` (its own), ``files`` (mapped, shared with the page cache), ``peak`` of all.

    Zeros where the system does not tell.
    """
    names = {"RssAnon": "anonymous", "RssFile": "files", "VmHWM": "peak"}
    found = dict.fromkeys(names.values(), 0.0)
    try:
        told = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return found
    for line in told.splitlines():
        name, _, value = line.partition(":")
        if name in names:
            found[names[name]] = int(value.split()[0]) / 1024
    return found


def busy() -> tuple[int, int]:
    """What all processors did since the start, and how much of that was for other guests of the host, in ticks.

    Zeros where the system does not tell.
    """
    try:
        told = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()
        user, nice, system, _idle, _waiting, *interrupts, stolen = map(int, told[1:9])
    except (OSError, ValueError):
        return 0, 0
    return user + nice + system + sum(interrupts) + stolen, stolen


def run(part: str, place: Place, limit: float, most_memory: float, **options: str) -> Ran:
    """Measure ``part`` in a program of its own, ended after ``limit`` seconds or beyond ``most_memory`` MB."""
    place.folder.mkdir(parents=True, exist_ok=True)
    out, log = place.folder / ".part.json", place.folder / f"{part}.log"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks", "part", part, "--place", str(place.folder), "--out", str(out)]
    for name, value in options.items():
        command += [f"--{name}", value]
    began, highest, problem = time.perf_counter(), {"anonymous": 0.0, "files": 0.0, "peak": 0.0}, None
    worked = busy()
    environment = {**os.environ, "OUTSTANDING_CONFIG": str(place.config)}
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT, start_new_session=True
        )
        while process.poll() is None:
            now = memory(process.pid)
            highest = {name: max(value, now[name]) for name, value in highest.items()}
            problem = _too_much(time.perf_counter() - began, highest["anonymous"], limit, most_memory)
            if problem:
                _end(process)
                break
            time.sleep(_LOOKS_EVERY)
    wall = time.perf_counter() - began
    ticks, stolen = (now - before for now, before in zip(busy(), worked, strict=True))
    if problem is None and not out.is_file():
        problem = _last_line(log) or f"ended with status {process.returncode}"
    told = json.loads(out.read_text(encoding="utf-8")) if problem is None else {}
    out.unlink(missing_ok=True)
    return Ran(
        result=told.get("result"),
        problem=problem,
        wall=wall,
        cpu=told.get("cpu", 0.0),
        peak=highest["peak"],
        peak_anonymous=highest["anonymous"],
        peak_files=highest["files"],
        taken=stolen / max(ticks, 1),
    )


def _too_much(seconds: float, anonymous: float, limit: float, most_memory: float) -> str | None:
    if seconds > limit:
        return f"not done within {limit:,.0f} s"
    if anonymous > most_memory:
        return f"needs more than {most_memory / 1000:,.0f} GB"
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, so that it stops its own servers; then end it with all it has started."""
    process.terminate()
    try:
        process.wait(timeout=_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
