"""The first visitor of a fresh server may come by a deep link, and each browser gets a mark of its own."""

from __future__ import annotations

import re
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
from ui.reader import who

page = st.navigation({
    "One": [st.Page("pages/one/first.py", title="First", default=True)],
    "Two": [st.Page("pages/two/second.py", title="Second", url_path="second")],
})
st.caption("The frame")
st.text(f"Reader {who()}")
page.run()
"""
READY = """
from pathlib import Path

def get_ready():
    Path("ready").touch()
"""


@pytest.fixture
def project(tmp_path):
    """A small app of the same shape: two pages in folders of their own, the real serve.py, no settings."""
    shutil.copy(ROOT / "serve.py", tmp_path)
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    (tmp_path / "ui").mkdir()
    shutil.copy(ROOT / "ui" / "reader.py", tmp_path / "ui")
    (tmp_path / "ui" / "ready.py").write_text(READY, encoding="utf-8")
    for section, name in (("one", "first"), ("two", "second")):
        (tmp_path / "pages" / section).mkdir(parents=True)
        page = f"import streamlit as st\nst.write('This is the {name} page')\n"
        (tmp_path / "pages" / section / f"{name}.py").write_text(page, encoding="utf-8")
    return tmp_path


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _asked(address, path="/", **headers):
    """Status and headers of the answer to a request as a browser makes it that opens a page."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
    try:
        connection.request("GET", path, headers={"Accept": "text/html,*/*", **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def _mark(headers):
    """The mark that an answer gives, and how long and for whom it is; both empty where it gives none."""
    given = [cookie for cookie in headers.get_all("Set-Cookie", []) if cookie.startswith("outstanding_reader")]
    if not given:
        return "", ""
    [cookie] = given
    found = re.fullmatch(r"outstanding_reader=([0-9a-f]{32}); (.*)", cookie)
    assert found, cookie
    return found[1], found[2]


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


def test_a_server_that_answers_has_loaded_what_it_needs(project):
    with _server(project, "serve.py"):
        assert (project / "ready").exists()


def test_each_browser_gets_a_mark_that_stays(project):
    with _server(project, "serve.py") as address:
        status, headers, page = _asked(address)
        mark, rest = _mark(headers)
        assert (status, rest) == (200, "Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax")
        assert _mark(_asked(address)[1])[0] != mark
        # Sent back, it is given out again, so that the year begins anew; also among others' cookies.
        own = f"outstanding_reader={mark}"
        for sent in (own, f"{own}; other=1", f'bad[]=x; a="b; {own}'):
            assert _mark(_asked(address, Cookie=sent)[1])[0] == mark
        # A deep link is a page too.
        assert _mark(_asked(address, "/second", Cookie=own)[1])[0] == mark

        # Whatever is no mark of ours is replaced: nobody chooses their own name.
        for forged in ("cfo@example.com", mark[:-1], mark.upper().replace("0", "O"), f"{mark}0", "é", ""):
            assert _mark(_asked(address, Cookie=f"outstanding_reader={forged}")[1])[0] not in {mark, forged, ""}

        # What is no page carries no mark, and what others may keep never does.
        [script, *_] = re.findall(r'src="\./(static/[^"]+\.js)"', page)
        for path, accept in [("/_stcore/health", "*/*"), (f"/{script}", "*/*"), (f"/{script}", "text/html")]:
            status, headers, _ = _asked(address, path, Accept=accept)
            assert (status, _mark(headers)) == (200, ("", "")), path


@pytest.mark.browser
def test_the_app_knows_the_browser_again(project, page, browser):
    with _server(project, "serve.py") as address:
        page.goto(address)
        reader = page.get_by_text(re.compile("^Reader [0-9a-f]{32}$")).inner_text()
        page.goto(f"{address}/second")
        page.get_by_text(reader).wait_for()
        another = browser.new_page()
        another.goto(address)
        assert another.get_by_text(re.compile("^Reader [0-9a-f]{32}$")).inner_text() != reader
        another.close()
