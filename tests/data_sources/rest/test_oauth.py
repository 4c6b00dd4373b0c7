"""A login that is renewed: each new token is kept before it is used, privately, and by one process at a time."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
import traceback

import pytest

from config.validation import validated
from data_sources.rest.client import Client, Limits
from data_sources.rest.oauth import OAuth, OAuthOptions
from ledger.errors import SourceError
from tests.data_sources.contract import told
from tests.data_sources.rest.service import CLIENT_SECRET, LOGIN, Asked, Reply, Tokens, serving, settings


class Login:
    """A service that wants a login, and what reads it."""

    def __init__(self, folder, tokens):
        self.folder, self.tokens = folder, tokens
        self.seen: list[Asked] = []
        self.opens: list[Client | OAuth] = []

    def answers(self, asked: Asked) -> Reply:
        self.seen.append(asked)
        if asked.path == "/token":
            return self.tokens.answer(asked)
        return Reply({"ok": True}) if self.tokens.admits(asked) else Reply({"Detail": "TokenExpired"}, 401)

    def opened(self, url, more="", login=LOGIN):
        loaded = settings(self.folder, f'kind = "xero"\n{login}{more}')
        options = validated(OAuthOptions, loaded.source.options(), loaded.source.file)
        auth = OAuth("Acme Books", options, loaded, f"{url}/token", {"Tenant": "t"})
        client = Client("Acme Books", Limits(retries=1), auth)
        self.opens += [client, auth]
        return client

    @property
    def file(self):
        return self.folder / "store" / "tokens" / "cloud.json"


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def login(tmp_path, tokens):
    one = Login(tmp_path, tokens)
    yield one
    for each in one.opens:
        each.close()


def test_it_begins_with_the_token_of_the_source_file_and_keeps_the_next(login, tokens):
    with serving(login.answers) as service:
        assert login.opened(service.url).get(f"{service.url}/x") == {"ok": True}
    kept = json.loads(login.file.read_text())
    assert kept["refresh_token"] == tokens.refresh
    assert tokens.renewals == 1
    assert [one.path for one in login.seen] == ["/token", "/x"]
    assert login.seen[1].headers["tenant"] == "t"


def test_the_file_is_private_and_nothing_else_is_left(login):
    with serving(login.answers) as service:
        login.opened(service.url).get(f"{service.url}/x")
    assert stat.S_IMODE(login.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(login.file.parent.stat().st_mode) == 0o700
    assert {one.name for one in login.file.parent.iterdir()} <= {"cloud.json", "cloud.json.lock"}


def test_an_access_token_is_used_as_long_as_it_lasts(login, tokens):
    with serving(login.answers) as service:
        for _ in range(3):
            login.opened(service.url).get(f"{service.url}/x")
    assert tokens.renewals == 1


def test_an_access_token_near_its_end_is_renewed_with_the_kept_token(login, tokens):
    tokens.lasts = 30
    with serving(login.answers) as service:
        for _ in range(3):
            login.opened(service.url).get(f"{service.url}/x")
    assert tokens.renewals == 3
    assert json.loads(login.file.read_text())["refresh_token"] == tokens.refresh


def test_an_access_token_that_is_refused_is_renewed_once(login, tokens):
    with serving(login.answers) as service:
        client = login.opened(service.url)
        client.get(f"{service.url}/x")
        tokens.access = "another"  # ended before its time
        assert client.get(f"{service.url}/x") == {"ok": True}
        assert tokens.renewals == 2
        service.answers = lambda asked: tokens.answer(asked) if asked.path == "/token" else Reply({}, 401)
        with told("refused the login"):
            client.get(f"{service.url}/x")
    assert tokens.renewals == 3


def test_a_refresh_token_that_is_refused_says_to_connect_again(login, tokens):
    tokens.dead = True
    with serving(login.answers) as service, told("Connect again", "cloud.toml", never="refresh-0"):
        login.opened(service.url).get(f"{service.url}/x")
    assert not login.file.exists()


def test_a_new_connection_takes_the_place_of_the_kept_one(login, tokens):
    with serving(login.answers) as service:
        login.opened(service.url).get(f"{service.url}/x")
        tokens.refresh = "refresh-new"  # somebody connected again
        tokens.access = "another"
        again = LOGIN.replace("refresh-0", "refresh-new")
        assert login.opened(service.url, login=again).get(f"{service.url}/x") == {"ok": True}
    assert tokens.renewals == 2


def test_an_unknown_client_is_told(login):
    wrong = CLIENT_SECRET[::-1]
    with serving(login.answers) as service:
        client = login.opened(service.url, login=LOGIN.replace(CLIENT_SECRET, wrong))
        with told("client_id and client_secret", never=wrong):
            client.get(f"{service.url}/x")


def test_a_token_file_that_is_damaged_begins_anew(login):
    login.file.parent.mkdir(parents=True)
    login.file.write_text('{"seed": "x", "refresh')
    with serving(login.answers) as service:
        assert login.opened(service.url).get(f"{service.url}/x") == {"ok": True}


def test_a_token_file_that_cannot_be_read_is_not_passed_over(login, tokens):
    """The token of the source file is used up by then: asking with it could end the connection."""
    login.file.mkdir(parents=True)
    with serving(login.answers) as service, told("cannot be read", "cloud.json", never="refresh-0"):
        login.opened(service.url).get(f"{service.url}/x")
    assert tokens.renewals == 0


def test_the_source_file_may_name_another_file(login):
    with serving(login.answers) as service:
        login.opened(service.url, '[token]\npath = "keep/me.json"\n').get(f"{service.url}/x")
    assert (login.folder / "sources" / "keep" / "me.json").is_file()
    assert not login.file.exists()


def test_without_a_place_for_the_next_token_none_is_asked_for(login, tokens):
    """A folder that stands where the file should be: nothing can take its place. The old token stays good."""
    login.file.parent.mkdir(parents=True)
    login.file.parent.chmod(0o500)
    if os.access(login.file.parent, os.W_OK):  # root may write anywhere
        login.file.parent.chmod(0o700)
        login.file.parent.rmdir()
        login.file.parent.write_text("no folder")
    with serving(login.answers) as service, told("cannot be written", "[token] path", never="refresh-0"):
        login.opened(service.url).get(f"{service.url}/x")
    assert tokens.renewals == 0


def test_a_token_that_cannot_be_understood_leaves_the_kept_one(login):
    with (
        serving(lambda asked: Reply({"token": 1}) if asked.path == "/token" else Reply({})) as service,
        told("access token"),
    ):
        login.opened(service.url).get(f"{service.url}/x")
    assert not login.file.exists()
    assert not [one for one in login.file.parent.iterdir() if one.name.startswith(".")]


def test_two_at_once_renew_once(login, tokens):
    """Both find the access token run out. The one that comes second takes what the first one got."""
    original = tokens.answer

    def slowly(asked):
        time.sleep(0.2)
        return original(asked)

    tokens.answer = slowly
    said = []
    with serving(login.answers) as service:
        clients = [login.opened(service.url) for _ in range(2)]
        threads = [threading.Thread(target=lambda c=c: said.append(c.get(f"{service.url}/x"))) for c in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert said == [{"ok": True}, {"ok": True}]
    assert tokens.renewals == 1


def test_no_secret_is_shown(login, tokens):
    with serving(login.answers) as service:
        client = login.opened(service.url)
        client.get(f"{service.url}/x")
        service.answers = lambda _: Reply(
            {"error": {"message": f"{tokens.access} {tokens.refresh} {CLIENT_SECRET}"}}, 400
        )
        with pytest.raises(SourceError) as caught:
            client.get(f"{service.url}/x")
    shown = "".join(traceback.format_exception(caught.value)) + repr(vars(client)) + repr(vars(login.opens[1]))
    for secret in (tokens.access, tokens.refresh, CLIENT_SECRET, "refresh-0"):
        assert secret not in shown
