from __future__ import annotations

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPMessage

import pytest

START_SECONDS = 60

APP = """
import os
import streamlit as st

page = st.navigation(
    [
        st.Page("pages/one/first.py", title="First", default=True),
        st.Page("pages/two/second.py", title="Second", url_path="second"),
        st.Page("pages/two/broken.py", title="Broken", url_path="broken"),
    ],
    position="hidden",
)
with st.sidebar:
    region = st.multiselect("Region", ["North", "South"])
    day = st.selectbox("As of", ["Latest", "2026-01-31", "2025-12-31"])
    st.button("Earlier", on_click=lambda: st.session_state.update(times=st.session_state.get("times", 0) + 1))
    st.page_link("pages/two/second.py", label="To the second", query_params={"as_of": "2026-01-31"})
    st.page_link("https://example.com", label="Elsewhere")
    st.button("Not now", disabled=True)
times = st.session_state.get("times", 0)
st.title(f"{page.title} of {'+'.join(region)} on {day}, {times} pressed, {st.query_params.get('as_of', 'no day')}")
st.caption(f"process {os.getpid()}")


@st.fragment
def menu():
    opened = st.popover("More", on_change="rerun", key="more")
    if opened.open:
        opened.write("x" * 20_000)


menu()
page.run()
"""

PAGES = {
    "one/first.py": "import streamlit as st\nst.vega_lite_chart(spec={'mark': 'bar', 'data': {'name': 'none'}})\n",
    "two/second.py": "import streamlit as st\nst.write('y' * 20_000)\n",
    "two/broken.py": "import streamlit as st\nst.error('This page cannot be shown')\n",
}


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A small app of the same shape as ours: filters beside the page, links, a menu that fills itself."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    for name, script in PAGES.items():
        place = folder / "pages" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(script, encoding="utf-8")
    return folder


def apart(function, *args):
    """What ``function(*args)`` gives in a thread of its own: browser tests may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *args).result()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, path="/_stcore/health", **headers):
    """Status, headers and body of the answer at a port of this machine; status 0 where nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        got = connection.getresponse()
        return got.status, got.headers, got.read()
    except (OSError, HTTPException):
        return 0, HTTPMessage(), b""
    finally:
        connection.close()


def wait_for(port, process):
    deadline = time.monotonic() + START_SECONDS
    while answers(port)[0] != 200:
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.2)


@contextmanager
def started(command, folder, port):
    """A program of ours that answers at ``port``, for as long as it is needed."""
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def streamlit(folder):
    """The port of a server of the small app."""
    port = free_port()
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    return started([sys.executable, "-m", "streamlit", "run", "app.py", *options], folder, port)


@pytest.fixture(scope="session")
def servers(project):
    """The ports of two servers of the small app."""
    with ExitStack() as stack:
        yield [stack.enter_context(streamlit(project)) for _ in range(2)]


@pytest.fixture(scope="session")
def url(servers):
    return f"http://127.0.0.1:{servers[0]}"
