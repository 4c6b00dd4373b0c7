"""What a network and a service can do to a reader: limits, troubles, halves and web pages in place of JSON."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from data_sources.rest import client as client_module
from data_sources.rest.client import Client, Limits
from ledger.errors import SourceError
from tests.data_sources.contract import told
from tests.data_sources.rest.service import Reply, Service, serving

SECRET = "sk_very_secret"  # noqa: S105 - nobody's
OK = Reply({"total": Decimal("0.10")})


class Login:
    """Headers with a secret that cannot be renewed."""

    def headers(self):
        return {"Authorization": f"Bearer {SECRET}"}

    def renew(self):
        return False

    def secrets(self):
        return (SECRET,)


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(lambda _: OK) as one:
        yield one


@pytest.fixture
def asked(service):
    """The answer to a request, after some replies that come first."""

    def asked_(*first: Reply, limits: Limits | None = None, always: Reply = OK):
        queue = list(first)
        service.answers = lambda _: queue.pop(0) if queue else always
        client = Client("Acme Books", limits or Limits(connect=1, read=5), Login())
        try:
            return client.get(f"{service.url}/things", {"page": 1})
        finally:
            client.close()

    return asked_


def test_numbers_are_exact(asked):
    reply = Reply(body=b'{"a": 0.1, "b": 1234567890123456.78, "c": 5}')
    assert asked(reply) == {"a": Decimal("0.1"), "b": Decimal("1234567890123456.78"), "c": 5}


def test_a_limit_is_waited_for_as_long_as_it_asks(asked, pauses):
    assert asked(Reply(status=429, headers={"Retry-After": "7"}), Reply(status=429, headers={"Retry-After": "9"}))
    assert pauses == [7, 9]


def test_a_limit_may_end_at_a_time(asked, pauses):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    asked(Reply(status=503, headers={"Retry-After": until}))
    assert 25 < pauses[0] <= 30


def test_a_day_s_limit_is_not_waited_for(asked, pauses):
    reply = Reply({"x": 1}, 429, {"Retry-After": "7200", "X-Rate-Limit-Problem": "day"})
    with told("Acme Books", "day limit", "2 hours", "5 minutes", never=SECRET):
        asked(always=reply)
    assert pauses == []


def test_pauses_together_are_bounded(asked, pauses):
    with told("max_wait"):
        asked(always=Reply(status=429, headers={"Retry-After": "100"}), limits=Limits(retries=50, wait=250))
    assert pauses == [100, 100]


def test_a_limit_without_a_time_backs_off(asked, pauses):
    asked(Reply(status=429), Reply(status=429), Reply(status=429))
    assert len(pauses) == 3
    assert pauses[0] < pauses[1] < pauses[2]
    assert 50 < sum(pauses) < 90


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_service_s_own_trouble_is_asked_again(asked, service, status, pauses):
    assert asked(Reply(status=status), Reply(body=b"<html>oops", kind="text/html", status=status)) == {
        "total": Decimal("0.10")
    }
    assert len(service.asked) == 3
    assert len(pauses) == 2


def test_trouble_that_stays_is_told(asked, service, pauses):
    with told("Acme Books", "status 500", never=SECRET):
        asked(always=Reply({"error": {"message": f"for {SECRET}"}}, 500))
    assert len(service.asked) == 5
    assert len(pauses) == 4


@pytest.mark.parametrize("chunked", [False, True])
def test_half_a_page_is_asked_for_again(asked, chunked, pauses):
    half = Reply({"rows": list(range(1000))}, cut=True, chunked=chunked)
    assert asked(half, Reply({"rows": [1]})) == {"rows": [1]}
    assert len(pauses) == 1


def test_halves_that_stay_halves_are_told(asked):
    with told("broke off in the middle", never=SECRET):
        asked(always=Reply({"rows": list(range(1000))}, cut=True))


def test_a_web_page_is_no_answer(asked, service):
    with told("a web page instead of JSON", "sign-in", never=SECRET):
        asked(always=Reply(body=b"<!doctype html><title>Sign in</title>", kind="text/html"))
    assert len(service.asked) == 1


def test_what_is_no_number_is_no_json(asked):
    with told("broke off"):
        asked(always=Reply(body=b'{"total": NaN}'))


def test_a_redirection_is_not_followed(asked, service):
    with told("points to another address"):
        asked(always=Reply(status=302, headers={"Location": "https://elsewhere.example"}))
    assert len(service.asked) == 1


def test_a_slow_answer_is_told_after_some_tries(asked, pauses):
    with told("did not answer within 0.1 seconds (read_timeout)", never=SECRET):
        asked(always=Reply({}, after=0.4), limits=Limits(read=0.1, retries=1))
    assert len(pauses) == 1


def test_an_answer_may_not_be_endless(asked, monkeypatch):
    monkeypatch.setattr(client_module, "_LARGEST", 2**20)
    with told("over 1 MB"):
        asked(always=Reply({"x": "y" * 2**21}))


def test_nobody_there_is_told(pauses):
    client = Client("Acme Books", Limits(retries=2), Login())
    with told("127.0.0.1", "cannot be reached", never=SECRET):
        client.get("http://127.0.0.1:9/things")
    assert len(pauses) == 2
    client.close()


@pytest.mark.parametrize(
    ("status", "json", "words"),
    [
        (401, {"error": {"message": f"Invalid API Key: {SECRET}"}}, "refused the login: Invalid API Key: …."),
        (403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}, "does not allow"),
        (404, None, "found nothing at that address"),
        (400, {"Fault": {"Error": [{"Message": "m", "Detail": "QueryParserError"}]}}, "status 400): QueryParserError."),
        (418, {"error": "teapot"}, "status 418): teapot."),
    ],
)
def test_a_refusal_is_told_in_the_service_s_words_without_secrets(asked, service, status, json, words):
    with pytest.raises(SourceError) as caught:
        asked(always=Reply(json, status))
    assert words in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert len(service.asked) == 1
