"""A web service on this machine that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from config.settings import Settings, load
from data_sources.refresh import refresh
from ledger.book import Book

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    values: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def login(self) -> str:
        """User and password of a basic login."""
        return b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()


@dataclass(frozen=True)
class Reply:
    """An answer: JSON unless ``body`` says otherwise. ``cut``: the connection ends in the middle of it."""

    json: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    kind: str = "application/json"
    cut: bool = False
    chunked: bool = False
    after: float = 0.0


Answers = Callable[[Asked], Reply]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer waits 40 ms for the client to confirm its headers

    def _reply(self) -> None:
        server = cast("Service", self.server)
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        values = dict(parse_qsl(parts.query)) | dict(parse_qsl(self.rfile.read(length).decode()))
        asked = Asked(self.command, parts.path, values, {k.lower(): v for k, v in self.headers.items()})
        server.asked.append(asked)
        reply = server.answers(asked)
        if reply.after:
            time.sleep(reply.after)
        body = reply.body if reply.body is not None else written(reply.json)
        self.send_response(reply.status)
        self.send_header("content-type", reply.kind)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not reply.chunked:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if reply.cut else body)
        self.close_connection = self.close_connection or reply.cut or reply.chunked

    do_GET = do_POST = _reply  # noqa: N815 - as the base class calls them

    def log_message(self, *_: object) -> None:
        pass


class Service(ThreadingHTTPServer):
    """A server on a free port of this machine."""

    daemon_threads = True

    def __init__(self, answers: Answers) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no trouble."""


@contextmanager
def serving(answers: Answers) -> Iterator[Service]:
    service = Service(answers)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()
        thread.join()


def written(value: Any) -> bytes:
    """``value`` as JSON, a Decimal digit by digit."""

    def marked(one: Any) -> Any:
        match one:
            case Decimal():
                return f"\x00{one}\x00"
            case dict():
                return {key: marked(inner) for key, inner in one.items()}
            case list():
                return [marked(inner) for inner in one]
            case _:
                return one

    return json.dumps(marked(value)).replace('"\\u0000', "").replace('\\u0000"', "").encode()


def settings(folder: Path, source: str, *, company: str = "Acme", currency: str = "USD") -> Settings:
    """Settings of a company whose source file says ``source``."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "app.toml").write_text(
        f'company = "{company}"\nreporting_currency = "{currency}"\nsource = "cloud"\n[store]\n'
        f'path = "{folder / "store"}"\n[dimensions]\nentity = "Entity"\ncountry = "Country"\n'
    )
    (folder / "sources" / "cloud.toml").write_text(source)
    return load(folder)


def made(folder: Path, source: str, *, currency: str = "USD", force: bool = False) -> Book:
    """The books of a refresh from a source file."""
    return refresh(settings(folder, source, currency=currency), now=NOW, force=force)


class Tokens:
    """The token endpoint of a service with rotating refresh tokens: each is good for one renewal."""

    def __init__(self, first: str = "refresh-0", lasts: int = 3600) -> None:
        self.refresh = first
        self.access = ""
        self.lasts = lasts
        self.renewals = 0
        self.dead = False

    def answer(self, asked: Asked) -> Reply:
        if asked.login != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return Reply({"error": "invalid_client"}, 401)
        if self.dead or asked.values["refresh_token"] != self.refresh:
            return Reply({"error": "invalid_grant", "error_description": f"bad {asked.values['refresh_token']}"}, 400)
        self.renewals += 1
        self.refresh, self.access = f"refresh-{self.renewals}-secret", f"access-{self.renewals}-secret"
        return Reply(
            {
                "access_token": self.access,
                "refresh_token": self.refresh,
                "expires_in": self.lasts,
                "token_type": "bearer",
            }
        )

    def admits(self, asked: Asked) -> bool:
        return bool(self.access) and asked.headers.get("authorization") == f"Bearer {self.access}"


CLIENT_ID = "client-1"
CLIENT_SECRET = "client-secret-1"  # noqa: S105 - nobody's
LOGIN = f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\nrefresh_token = "refresh-0"\n'
