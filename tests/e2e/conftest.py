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

import pytest

from tests.app import company

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 90


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"The server ended with status {process.returncode}.")
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()  # noqa: S310
        except (URLError, OSError):
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"The server did not answer within {STARTS_WITHIN} seconds.")


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """A server over a small company in ``folder``; its address."""
    config = company.settle_in(folder)
    company.publish(folder)
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port)]
    quiet = ["--server.headless", "true", "--server.fileWatcherType", "none"]
    environment = {**os.environ, "OUTSTANDING_CONFIG": str(config)}
    process = subprocess.Popen([*command, *quiet], cwd=ROOT, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def fresh(tmp_path):
    """A server that nobody has visited."""
    with _serving(tmp_path) as address:
        yield address


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server that several tests share."""
    with _serving(tmp_path_factory.mktemp("served")) as address:
        yield address


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 1300}, "color_scheme": "light"}
