"""Asking a web API: JSON pages, patience with its limits, and one sentence for whatever goes wrong."""

from __future__ import annotations

import json
import random
import re
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Protocol

import httpx

from ledger.errors import SourceError

_LARGEST = 64 * 2**20
"""Bytes of one answer, unpacked. A page of a thousand invoices has a few."""

_DRIPS = 5
"""Times the read time-out that one answer may take altogether."""

_SHORT = 200
_OK = 200
pause = time.sleep
_BUSY = frozenset({429, 503})
_LOST = frozenset({408, 425, 500, 502, 504, 520, 521, 522, 523, 524, 529})
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Limits:
    """How long to wait for a service, in seconds, and how often to ask it again.

    ``wait``: for one answer at most, all pauses together that the service asks for.
    """

    connect: float = 10
    read: float = 60
    wait: float = 300
    retries: int = 4


class Auth(Protocol):
    """Who asks: headers for a request, and what to do when they are refused."""

    def headers(self) -> Mapping[str, str]: ...

    def renew(self) -> bool:
        """Try to have better headers after a refusal; whether it is worth asking again."""
        ...

    def secrets(self) -> tuple[str, ...]:
        """What no message may hold."""
        ...


@dataclass(frozen=True)
class Answer:
    """What a service said: a status, its headers, and the JSON in it; ``told`` is its own word on what is wrong."""

    status: int
    headers: Mapping[str, str]
    json: Any
    told: str = ""


class _BrokenError(Exception):
    """An answer that may be whole the next time."""


class Client:
    """Asks one service, and only ever reads.

    Numbers with a decimal point arrive as ``Decimal``. Redirections are not followed: they would take the login along.
    """

    def __init__(self, label: str, limits: Limits, auth: Auth | None = None) -> None:
        self._label = label
        self._limits = limits
        self._auth = auth
        timeout = httpx.Timeout(limits.read, connect=limits.connect)
        headers = {"Accept": "application/json"}
        self._http = httpx.Client(timeout=timeout, verify=_trusted(), follow_redirects=False, headers=headers)

    def get(
        self, url: str, params: Mapping[str, str | int] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON at ``url``; ``headers``: further ones for this request.

        Raises:
            SourceError: the service refused, was not there, or gave no JSON, however often it was asked.
        """
        values, further = dict(params or {}), dict(headers or {})
        answer = self._asked("GET", url, values, headers=further)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._auth and self._auth.renew():
            answer = self._asked("GET", url, values, headers=further)
        if answer.status != _OK:
            raise RefusedError(answer.status, self._refusal(answer))
        return answer.json

    def post(self, url: str, form: Mapping[str, str], login: tuple[str, str], secrets: tuple[str, ...]) -> Answer:
        """The answer to a form: a request for tokens, which changes nothing in anybody's books."""
        return self._asked("POST", url, dict(form), login, secrets)

    def close(self) -> None:
        self._http.close()

    def _asked(
        self,
        method: str,
        url: str,
        values: dict[str, str | int],
        login: tuple[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """The first answer that is one, whatever its status; again after a pause where that may help."""
        waited, tried = 0.0, 0
        while True:
            asked, first = None, 1
            try:
                answer = self._once(method, url, values, login, headers)
            except (httpx.RequestError, _BrokenError) as error:
                trouble = self._trouble(error, url)
            else:
                if answer.status not in _BUSY | _LOST:
                    return Answer(answer.status, answer.headers, answer.json, self._clean(answer.told, secrets))
                if answer.status in _BUSY:
                    # A limit is counted by the minute, also where the service does not say for how long it holds.
                    asked, first = _asked_pause(answer.headers), 10
                trouble = self._unwell(answer, asked)
            tried += 1
            seconds = asked or min(first * 2 ** (tried - 1), 60) * (0.75 + random.random() / 2)  # noqa: S311 - no secret
            if tried > self._limits.retries or waited + seconds > self._limits.wait:
                raise SourceError(self._clean(trouble, secrets))
            waited += seconds
            pause(seconds)

    def _once(
        self,
        method: str,
        url: str,
        values: dict[str, str | int],
        login: tuple[str, str] | None,
        further: Mapping[str, str],
    ) -> Answer:
        headers = {**further, **(self._auth.headers() if self._auth else {})}
        if method == "GET":
            request = self._http.build_request(method, url, headers=headers, params=values)
        else:
            request = self._http.build_request(method, url, headers=headers, data=values)
        began = time.monotonic()
        response = self._http.send(request, stream=True, auth=login)
        with closing(response):
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _LARGEST:
                    raise SourceError(f"{self._label} sent an answer of over {_LARGEST >> 20} MB; it was not read.")
                if time.monotonic() - began > self._limits.read * _DRIPS:
                    raise httpx.ReadTimeout("the answer comes in drips")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return self._understood(response, bytes(body), kind)

    def _understood(self, response: httpx.Response, body: bytes, kind: str) -> Answer:
        status, headers = response.status_code, response.headers
        try:
            said = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
        except ValueError:
            if status != _OK:
                return Answer(status, headers, None)
            if kind.endswith("json"):
                raise _BrokenError("sent half an answer") from None
            what = "a web page" if "html" in kind or body.lstrip()[:1] == b"<" else "something else"
            raise SourceError(
                f"{self._label} sent {what} instead of JSON; is base_url right, and does a proxy or a sign-in page "
                "stand between?"
            ) from None
        return Answer(status, headers, said, "" if status == _OK else _own_word(said))

    def _trouble(self, error: Exception, url: str) -> str:
        who = f"{self._label} ({httpx.URL(url).host})"
        match error:
            case httpx.ConnectTimeout():
                return f"{who} did not answer within {self._limits.connect:g} seconds (connect_timeout)."
            case httpx.TimeoutException():
                return f"{who} did not answer within {self._limits.read:g} seconds (read_timeout)."
            case httpx.ConnectError() if _about_certificate(error):
                return f"{who} showed a certificate that is not trusted; does a proxy stand between?"
            case httpx.ConnectError():
                return f"{who} cannot be reached; check the network, a proxy and base_url."
            case httpx.ProxyError():
                return f"{who} cannot be reached: the proxy refused."
            case _:
                return f"{who} broke off in the middle of an answer, again and again."

    def _unwell(self, answer: Answer, asked: float | None) -> str:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            until = f"; it asks to wait {_spoken(asked)}" if asked else ""
            limit = answer.headers.get("x-rate-limit-problem", "")
            which = f" (its {limit.lower()} limit)" if limit.isalpha() else ""
            return (
                f"{self._label} takes no more requests for now{which}{until}, and max_wait allows "
                f"{_spoken(self._limits.wait)}. Refresh later or less often."
            )
        return f"{self._label} has trouble of its own (status {answer.status}), again and again; try later."

    def _refusal(self, answer: Answer) -> str:
        said = f": {answer.told.rstrip('.')}" if answer.told else ""
        match answer.status:
            case HTTPStatus.UNAUTHORIZED:
                return f"{self._label} refused the login{said}."
            case HTTPStatus.FORBIDDEN:
                return f"{self._label} does not allow this login to read that{said}."
            case HTTPStatus.NOT_FOUND:
                return f"{self._label} found nothing at that address{said}."
            case status if status in _REDIRECTS:
                return f"{self._label} points to another address; check base_url."
            case status:
                return f"{self._label} refused the request (status {status}){said}."

    def _clean(self, text: str, further: tuple[str, ...] = ()) -> str:
        """``text`` without a secret, on one line."""
        for secret in (*further, *(self._auth.secrets() if self._auth else ())):
            if secret:
                text = text.replace(secret, "…")
        return " ".join(text.split())


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted, read once: that takes longer than many a request."""
    return httpx.create_ssl_context()


class RefusedError(SourceError):
    """The service understood and said no; ``status`` is its reason as a number."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def _no_number(name: str) -> Decimal:
    raise ValueError(f"{name} is no number")


def _own_word(said: Any) -> str:
    """What an error's JSON says to people, wherever the three services put it."""
    for path in (
        ("error", "message"),
        ("Fault", "Error", 0, "Detail"),
        ("Fault", "Error", 0, "Message"),
        ("fault", "error", 0, "detail"),
        ("fault", "error", 0, "message"),
        ("Elements", 0, "ValidationErrors", 0, "Message"),
        ("Detail",),
        ("Message",),
        ("error_description",),
        ("error",),
        ("Title",),
    ):
        here = said
        for part in path:
            try:
                here = here[part]
            except (KeyError, IndexError, TypeError):
                here = None
                break
        if isinstance(here, str) and here.strip():
            return here.strip()[:_SHORT]
    return ""


def _asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for, written as seconds or as a date."""
    written = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", written):
        return max(float(written), 0.1)
    try:
        until = parsedate_to_datetime(written)
    except (ValueError, TypeError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.1)


def _spoken(seconds: float | None) -> str:
    if seconds is None:
        return "a while"
    for name, length in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {name}"
    return f"{seconds:.0f} seconds"


def _about_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
