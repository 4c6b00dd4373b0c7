"""Start Outstanding: the first data if there is none yet, the server, and the reader's browser.

``streamlit run serve.py`` is all it takes to serve. This adds what a first visit on one's own machine wants: data to
look at, a word when the port is taken, and the browser, which Streamlit does not open for an app served this way.
"""

from __future__ import annotations

import argparse
import errno
import os
import runpy
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from contextlib import closing
from http.client import HTTPConnection, HTTPException

import streamlit as st

from ui.administrators import OWN_MACHINE

_OWN_MACHINE = ("127.0.0.1", "localhost", "::1")
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not bound to
_PATIENCE_SECONDS = 60


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description="Start Outstanding on this machine.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    return parser.parse_args()


def _refuse_taken_port(host: str, port: int) -> None:
    """End with one sentence when nothing can listen there; the server's own word for it comes late."""
    try:
        with socket.create_server((host, port)):
            return
    except (OSError, OverflowError) as problem:
        if getattr(problem, "errno", None) == errno.EADDRINUSE:
            sys.exit(f"Port {port} is in use. Stop what runs there, or take another: make run PORT={port + 1}")
        sys.exit(
            f"Nothing can be served at {host}:{port} ({problem}). Choose others: make run HOST=127.0.0.1 PORT=8501"
        )


def _load_first_data() -> None:
    """Refresh if no snapshot can be read. A refresh that fails has said why."""
    command = [sys.executable, "cli.py"]
    looked = subprocess.run([*command, "check", "--format", "json"], capture_output=True, check=False)  # noqa: S603
    if looked.returncode == 0:
        return
    refreshed = subprocess.run([*command, "refresh"], check=False)  # noqa: S603 - our own program
    if refreshed.returncode:
        sys.exit(refreshed.returncode)


def _healthy(host: str, port: int) -> bool:
    with closing(HTTPConnection(host, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status == 200  # noqa: PLR2004 - the number is the name
        except (OSError, HTTPException):
            return False


def _open_browser(host: str, port: int) -> None:
    """Show the app once the server answers, unless the server is set to open none or has no display."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _healthy(host, port):
        if time.monotonic() > deadline:
            return
        time.sleep(0.2)
    # Not asked earlier: the server reads its settings when it starts, and takes an earlier reading for a change.
    if not st.get_option("server.headless"):
        webbrowser.open(f"http://{host}:{port}")


def main() -> None:
    """Serve until interrupted."""
    chosen = _arguments()
    _refuse_taken_port(chosen.host, chosen.port)
    _load_first_data()
    if chosen.host in _OWN_MACHINE:
        os.environ[OWN_MACHINE] = "1"
    seen = _EVERY_ADDRESS.get(chosen.host, chosen.host)
    threading.Thread(target=_open_browser, args=(seen, chosen.port), daemon=True).start()
    sys.argv = ["streamlit", "run", "serve.py", f"--server.address={chosen.host}", f"--server.port={chosen.port}"]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
