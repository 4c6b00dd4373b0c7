"""The proxies' examples of docs/serving: one process for each browser, everything compressed that gains by it."""

from __future__ import annotations

import asyncio
import gzip
import re
import secrets
import shutil

import pytest

from benchmarks.load_session import Session
from tests.architecture.sources import ROOT
from tests.benchmarks.conftest import answers, apart, free_port, started

EXAMPLES = ROOT / "docs" / "serving"

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    types {{ text/html html; application/javascript js; text/css css; }}
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {site};
}}
"""
"""What a distribution's own nginx.conf sets around a site."""


def _moved(example, folder, port, servers):
    """The example with this test's ports."""
    text = (EXAMPLES / example).read_text(encoding="utf-8")
    for written, own in [("8501", port), ("8511", servers[0]), ("8512", servers[1])]:
        assert re.search(rf":{written}\b", text), written
        text = re.sub(rf":{written}\b", f":{own}", text)
    site = folder / example
    site.write_text(text, encoding="utf-8")
    return site


def _nginx(folder, port, servers):
    site = _moved("nginx.conf", folder, port, servers)
    whole = folder / "whole.conf"
    whole.write_text(NGINX.format(folder=folder, site=site), encoding="utf-8")
    return ["nginx", "-p", str(folder), "-c", str(whole)]


def _caddy(folder, port, servers):
    site = _moved("Caddyfile", folder, port, servers)
    # A test may not take the usual port for its administration, nor write beside its own folder.
    site.write_text("{\n\tadmin off\n}\n" + site.read_text(encoding="utf-8"), encoding="utf-8")
    return ["caddy", "run", "--config", str(site), "--adapter", "caddyfile"]


@pytest.fixture(params=[_nginx, _caddy], ids=["nginx", "caddy"])
def proxy(request, tmp_path, servers, monkeypatch):
    """The port of a proxy in front of both servers, set up as the example says."""
    name = request.param.__name__.removeprefix("_")
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    monkeypatch.setenv("HOME", str(tmp_path))
    port = free_port()
    with started(request.param(tmp_path, port, servers), tmp_path, port):
        yield port


def _process(port, cookie):
    """The process that a browser's session is in."""

    async def told():
        session = await Session.open(f"http://127.0.0.1:{port}", cookie)
        try:
            run = await session.load()
            assert run.problem == ""
            captions = [shown.drawn.markdown.body for shown in session._elements("markdown")]
            return next(words for words in captions if words.startswith("process"))
        finally:
            await session.close()

    return apart(asyncio.run, told())


def _browser(port):
    """What a browser sends once it has opened the first page, as nginx and Caddy know it again."""
    given = answers(port, "/", Accept="text/html")[1].get_all("Set-Cookie", [])
    own = [cookie.partition(";")[0] for cookie in given if cookie.startswith("outstanding_process")]
    return "; ".join([*own, f"outstanding_reader={secrets.token_hex(16)}"])


def test_a_browser_stays_with_its_process_and_all_processes_have_some(proxy):
    browsers = [_browser(proxy) for _ in range(12)]
    first = [_process(proxy, each) for each in browsers]
    assert [_process(proxy, each) for each in browsers] == first
    assert len(set(first)) == 2


def test_scripts_arrive_compressed_and_stay_in_the_browser(proxy, servers):
    page = answers(proxy, "/", Accept="text/html")[2].decode()
    script = next(iter(re.findall(r'src="\./(static/[^"]+\.js)"', page)))
    _, _, plain = answers(servers[0], f"/{script}")
    status, headers, packed = answers(proxy, f"/{script}", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 2
    assert "immutable" in headers["Cache-Control"]
    # Who cannot read it gets it as it is.
    assert answers(proxy, f"/{script}")[2] == plain
