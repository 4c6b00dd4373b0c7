"""The first visitor of a fresh server may come by a deep link: serve.py's one private name, and what it is for."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException

import pytest
from streamlit.runtime.pages_manager import PagesManager

from tests.architecture.sources import ROOT

START_SECONDS = 60
APP = """
import streamlit as st

page = st.navigation({
    "One": [st.Page("pages/one/first.py", title="First", default=True)],
    "Two": [st.Page("pages/two/second.py", title="Second", url_path="second")],
})
st.caption("The frame")
page.run()
"""


@pytest.fixture
def project(tmp_path):
    """A small app of the same shape: two pages in folders of their own, the real serve.py, no settings."""
    shutil.copy(ROOT / "serve.py", tmp_path)
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    for section, name in (("one", "first"), ("two", "second")):
        (tmp_path / "pages" / section).mkdir(parents=True)
        page = f"import streamlit as st\nst.write('This is the {name} page')\n"
        (tmp_path / "pages" / section / f"{name}.py").write_text(page, encoding="utf-8")
    return tmp_path


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _healthy(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def _server(folder, script):
    """The address of a server that has just started on ``script``."""
    port = _free_port()
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", script, *options]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _healthy(port):
            assert server.poll() is None, (folder / "server.log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_the_private_name_is_still_there():
    assert "uses_pages_directory" in vars(PagesManager)


@pytest.mark.browser
def test_first_deep_link_opens_its_page_inside_the_frame(project, page):
    with _server(project, "serve.py") as address:
        page.goto(f"{address}/second")
        page.get_by_text("This is the second page").wait_for()
        assert page.get_by_text("The frame").is_visible()
        assert page.get_by_role("dialog").count() == 0


@pytest.mark.browser
def test_without_serve_the_first_deep_link_shows_a_dialog(project, page):
    """Once this fails, Streamlit has mended it and serve.py can lose its private name."""
    with _server(project, "app.py") as address:
        page.goto(f"{address}/second")
        page.get_by_text("This is the second page").wait_for()
        page.get_by_role("dialog").get_by_text("Page not found").wait_for()
