"""Those who get the messages, for real: a mail server and a webhook on this machine, and a server without answers."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass
class Mailbox:
    """A mail server. ``refuses``: what it says to a recipient; ``answers``: to the messages, one after the other."""

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[list[str]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.raw]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: ARG002, N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802
        self.before()
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            self.raw.append(envelope.content)
            self.envelopes.append(list(envelope.rcpt_tos))
        return answer


@contextmanager
def a_mailbox(password: str = "", port: int = 0) -> Generator[Mailbox]:
    """A mail server that is running; with a ``password`` it wants the user ``sender`` to log in."""
    box = Mailbox(port or free_port())
    more: dict[str, Any] = {}
    if password:

        def known(_server, _session, _envelope, _mechanism, data):
            fine = isinstance(data, LoginPassword) and (data.login, data.password) == (b"sender", password.encode())
            return AuthResult(success=fine, handled=False)

        more = {"authenticator": known, "auth_required": True, "auth_require_tls": False}
    server = Controller(box, hostname="127.0.0.1", port=box.port, **more)
    server.start()
    try:
        yield box
    finally:
        server.stop()


@dataclass
class Hook:
    """A webhook. ``answers``: the statuses it gives, then 200; ``slow``: seconds before it answers."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    slow: float = 0.0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def a_hook() -> Generator[Hook]:
    """A webhook that is running."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.bodies.append(json.loads(body))
            hook.headers.append(dict(self.headers.items()))
            hook.paths.append(self.path)
            time.sleep(hook.slow)
            with contextlib.suppress(OSError):
                self.send_response(hook.answers.pop(0) if hook.answers else 200)
                self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def a_wall() -> Generator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        yield server.getsockname()[1]
