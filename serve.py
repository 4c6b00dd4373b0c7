"""Start of the server: ``streamlit run serve.py``, or any ASGI server with ``serve:app``.

Until a first visitor has been through ``st.navigation``, Streamlit takes the folder ``pages/`` beside the script for
its older way of finding pages: that visitor's deep link then opens with a "Page not found" dialog. Streamlit remembers
the choice in one private attribute, and setting it beforehand is the whole remedy. ``tests/architecture/test_serve.py``
fails when a new Streamlit no longer has it, or no longer needs it.

Each browser gets a random mark in a cookie, so that favourites and saved views find their reader again without a
login. It says nothing about anybody and is of no use elsewhere.

The server answers once code and books are loaded, so that its first visitor waits no longer than the next.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from ui.ready import get_ready

PagesManager.uses_pages_directory = False

COOKIE = "outstanding_reader"
"""Read in ui/reader.py, which takes nothing but 32 small hexadecimal digits."""

_WELL_FORMED = re.compile(r"[0-9a-f]{32}")
_YEAR = 365 * 24 * 3600


class ReaderCookie:
    """Marks a browser that opens a page, for a year from its last visit. A mark that is there stays as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _opens_a_page(scope):
            await self.app(scope, receive, send)
            return
        cookie = _cookie(_mark(scope) or secrets.token_hex(16), secure=scope.get("scheme") == "https")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # What a cache in between may keep would give one browser's mark to the next.
                if "public" not in headers.get("cache-control", ""):
                    headers.append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, answer)


def _opens_a_page(scope: Scope) -> bool:
    """Whether a browser asks for a document: scripts, pictures and probes ask for anything else."""
    return scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")


def _mark(scope: Scope) -> str | None:
    """The mark that the browser sends, if it is one."""
    sent = SimpleCookie()
    for header in Headers(scope=scope).getlist("cookie"):
        for pair in header.split(";"):
            try:
                sent.load(pair.strip())
            except CookieError:
                continue  # Somebody else's cookie, in a form of their own.
    mark = sent[COOKIE].value if COOKIE in sent else ""
    return mark if _WELL_FORMED.fullmatch(mark) else None


def _cookie(mark: str, *, secure: bool) -> str:
    return f"{COOKIE}={mark}; Max-Age={_YEAR}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncGenerator[None]:
    await asyncio.to_thread(get_ready)
    yield


app = st.App(Path(__file__).with_name("app.py"), lifespan=_lifespan, middleware=[Middleware(ReaderCookie)])
