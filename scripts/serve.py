"""Several servers of one company on this machine, for a proxy to share people out to: ``make serve`` (docs/serving.md).

Each is a process of its own with an interpreter of its own; what they read of a snapshot the system keeps in memory
once. One that ends is started again; all end together.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]

_MOST = 64
_LOOKS_EVERY = 0.5
_RESTS = 3.0
"""Seconds before a process that ended is started again: one that cannot start does not keep the machine busy."""

_ENDS_WITHIN = 20.0


def environment(processes: int, given: Mapping[str, str], cores: int) -> dict[str, str]:
    """What all processes share: the key of their cookies, and how many threads each may compute with.

    Whatever is ``given`` stays as it is.
    """
    shared = {
        "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32),
        "POLARS_MAX_THREADS": str(max(cores // processes, 1)),
    }
    return {**shared, **given}


def command(port: int) -> list[str]:
    """Starts one server, for this machine only."""
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    return [sys.executable, "-m", "streamlit", "run", "serve.py", *options]


def serve(processes: int, port: int) -> None:
    """Keep ``processes`` servers running on ``port`` and the ports after it until this process is told to end."""
    shared = environment(processes, os.environ, os.cpu_count() or 1)
    ports = range(port, port + processes)
    running = {each: _started(each, shared) for each in ports}
    print("Serving at", *(f"http://127.0.0.1:{each}" for each in ports))
    try:
        while True:
            time.sleep(_LOOKS_EVERY)
            for each, server in running.items():
                if server.poll() is not None:
                    print(f"The server at port {each} ended with status {server.returncode}: started again")
                    time.sleep(_RESTS)
                    running[each] = _started(each, shared)
    finally:
        _end(list(running.values()))


def _started(port: int, shared: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command(port), cwd=ROOT, env=shared, stdin=subprocess.DEVNULL)  # noqa: S603 - our own program


def _end(servers: list[subprocess.Popen[bytes]]) -> None:
    for server in servers:
        server.terminate()
    until = time.monotonic() + _ENDS_WITHIN
    for server in servers:
        try:
            server.wait(timeout=max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _told_to_end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Serve until interrupted or told to end."""
    parser = argparse.ArgumentParser(prog="make serve", description=__doc__)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="usual: one for each core")
    parser.add_argument("--port", type=int, default=8511, help="of the first; the others follow")
    asked = parser.parse_args()
    if not 1 <= asked.processes <= _MOST:
        sys.exit(f"{asked.processes} processes cannot be served: 1 to {_MOST}.")
    signal.signal(signal.SIGTERM, _told_to_end)
    try:
        serve(asked.processes, asked.port)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
