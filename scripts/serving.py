"""A server of its own over one company, for as long as it is needed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL
from urllib.error import URLError

from ui.administrators import OWN_MACHINE

ROOT = Path(__file__).resolve().parents[1]
_STARTS_WITHIN = 90
_ENDS_WITHIN = 20


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """Serve the company of a configuration folder on a free port of this machine.

    Yields:
        Its address, ``http://127.0.0.1:…`` without a slash at its end.

    Raises:
        RuntimeError: The server ended, or did not answer in time.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port)]
    quiet = ["--server.headless", "true", "--server.fileWatcherType", "none"]
    environment = {**os.environ, "OUTSTANDING_CONFIG": str(config.absolute()), OWN_MACHINE: "1"}
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*command, *quiet], cwd=ROOT, env=environment, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with status {process.returncode}.")
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()  # noqa: S310 - our own server
        except (URLError, OSError):
            time.sleep(0.3)
        else:
            return
    raise RuntimeError(f"The server did not answer within {_STARTS_WITHIN} seconds.")
