"""Who is looking: the name under which favourites, saved views and notices seen are kept."""

from __future__ import annotations

import re

import streamlit as st

COOKIE = "outstanding_reader"
"""Set by ``serve.py`` for a browser that nobody has logged in with."""

LOCAL = "local"
"""Where there is neither a login nor a cookie, as behind ``streamlit run app.py``: everybody is one reader."""

_WELL_FORMED = re.compile(r"[0-9a-f]{32}")


def who() -> str:
    """The e-mail address (or else the account) of who is logged in, else the browser's own mark, else ``local``.

    A browser can send any cookie it likes. Only the form that the server gives out counts, so that nobody passes for
    somebody's e-mail address.
    """
    if st.user.get("is_logged_in") or _a_proxy_logs_in():
        if address := st.user.get("email"):
            return str(address).strip().lower()
        if subject := st.user.get("sub"):
            return str(subject)
    # As text: Streamlit's own app tests have stand-ins for cookies.
    mark = str(st.context.cookies.get(COOKIE, ""))
    return mark if _WELL_FORMED.fullmatch(mark) else LOCAL


def _a_proxy_logs_in() -> bool:
    """Whether a proxy in front says who it is; it says nothing of a login, and Streamlit takes its word."""
    return bool(st.get_option("server.trustedUserHeaders"))


def logged_in() -> str:
    """The address or account of who is logged in; empty where nobody is."""
    name = who()
    return "" if name == LOCAL or is_browser(name) else name


def is_browser(name: str) -> bool:
    """Whether a reader is a browser's mark and no name."""
    return _WELL_FORMED.fullmatch(name) is not None
