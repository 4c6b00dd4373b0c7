"""Who is looking: the login first, then the browser's mark in the form that the server gives out, else one for all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from tests.architecture.sources import ROOT
from ui import reader

MARK = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def seen_as(monkeypatch):
    def who(cookie=None, proxy=None, **user):
        cookies = {} if cookie is None else {reader.COOKIE: cookie}
        options = {"server.trustedUserHeaders": proxy or {}}
        context = SimpleNamespace(cookies=cookies)
        streamlit = SimpleNamespace(user=user, context=context, get_option=options.__getitem__)
        monkeypatch.setattr(reader, "st", streamlit)
        return reader.who()

    return who


@pytest.mark.parametrize(
    ("cookie", "user", "expected"),
    [
        (None, {}, "local"),
        (MARK, {}, MARK),
        (MARK, {"is_logged_in": False}, MARK),
        (MARK, {"is_logged_in": True, "email": " Anna@Example.com "}, "anna@example.com"),
        (MARK, {"is_logged_in": True, "sub": "AbC-1"}, "AbC-1"),
        (MARK, {"is_logged_in": True, "email": None, "sub": ""}, MARK),
        # Logged in by a proxy in front, which says nothing of a login; or not by it.
        (MARK, {"proxy": {"X-Email": "email"}, "email": "bob@example.com"}, "bob@example.com"),
        (MARK, {"proxy": {"X-Email": "email"}, "email": None}, MARK),
        (MARK, {"email": "bob@example.com"}, MARK),
        ("cfo@example.com", {}, "local"),
        (MARK.upper(), {}, "local"),
        (f"{MARK}\n", {}, "local"),
        ("", {}, "local"),
    ],
)
def test_who_it_is(seen_as, cookie, user, expected):
    assert seen_as(cookie, **user) == expected


def _page():
    import streamlit as st

    from ui.reader import who

    st.text(who())


def test_a_test_of_the_app_has_no_cookie():
    app = AppTest.from_function(_page).run()
    assert app.text[0].value == "local"
    app.user = {"is_logged_in": True, "email": "Anna@example.com"}
    assert app.run().text[0].value == "anna@example.com"


def test_the_server_and_the_app_mean_the_same_cookie():
    assert f'COOKIE = "{reader.COOKIE}"' in (ROOT / "serve.py").read_text(encoding="utf-8")
