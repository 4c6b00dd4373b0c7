"""The browser for the tests: the one that is here, or else one that can be had.

Tests call ``find``. ``python -m scripts.browser`` looks, installs when nothing is found, and never fails: without a
browser the browser tests are skipped, and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
MAC_APPS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
NONE_FOUND = (
    "No browser: the browser tests are skipped. Install Chromium or Google Chrome, "
    "or run .venv/bin/python -m playwright install chromium."
)
_INSTALL_SECONDS = 600
_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


@cache
def find() -> str | None:
    """Path of a Chromium or Chrome that starts, Playwright's own last; ``None`` if there is none."""
    return next((path for path in _candidates() if _runs([path, "--version"])), None)


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, COMMANDS))
    yield from (path for path in MAC_APPS if Path(path).exists())
    # Asked in a process of its own: Playwright refuses to start twice in one, and a test may have started it.
    asked = subprocess.run([sys.executable, "-c", _OWN], capture_output=True, text=True, check=False)  # noqa: S603
    if Path(own := asked.stdout.strip()).is_file():
        yield own


def _runs(command: Sequence[str], *, seconds: int = 30, quiet: bool = True) -> bool:
    """Whether the command ends well.

    A command that is there need not work: Ubuntu's ``chromium-browser`` only says how to install one.
    """
    output = subprocess.DEVNULL if quiet else sys.stderr
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=seconds,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _with_apt() -> bool:
    """Install Debian's Chromium, as root or where sudo asks for no password."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif _runs(["sudo", "-n", "true"]):
        prefix = ["sudo", "-n"]
    else:
        return False
    packages = ["chromium", "fonts-liberation"]
    return _runs([*prefix, "apt-get", "update", "-qq"], seconds=_INSTALL_SECONDS, quiet=False) and _runs(
        [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        seconds=_INSTALL_SECONDS,
        quiet=False,
    )


def _with_playwright() -> bool:
    """Download Playwright's own Chromium."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return _runs(command, seconds=_INSTALL_SECONDS)


def main() -> None:
    """Say which browser the tests use, after installing one if need be."""
    for install in (_with_apt, _with_playwright):
        if find() is not None:
            break
        print("No browser for the tests yet: installing one", file=sys.stderr)
        install()
        find.cache_clear()
    print(f"Browser for the tests: {find()}" if find() else NONE_FOUND)


if __name__ == "__main__":
    main()
