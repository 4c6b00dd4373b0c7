"""Who may connect sources: whoever does so has the server read any file and any database that it can reach."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import streamlit as st

from config.advice import command
from ui import reader, store

OWN_MACHINE = "OUTSTANDING_OWN_MACHINE"
"""Set by ``make run`` for a server that listens to its own machine only."""

_HERE = ("127.0.0.1", "localhost", "::1")
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


def is_one() -> bool:
    """Whether the reader may: named in ``[administration] people``; or alone with the server, where nobody is named."""
    people = {name.strip().lower() for name in store.settings().administration.people}
    if people:
        return reader.logged_in().lower() in people
    return os.environ.get(OWN_MACHINE) == "1" and is_here(st.context.headers)


def is_here(headers: Mapping[str, str]) -> bool:
    """Whether a browser on the server's own machine asks, and no proxy for another."""
    if any(name in headers for name in _PASSED_ON):
        return False
    # A proxy may tell nothing of itself, but hands on where the browser thinks it is: no page can change that.
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).hostname in _HERE


def refuse() -> None:
    """What stands in the place of the page for everybody else."""
    people = store.settings().administration.people
    st.info(
        "Sources are connected by those who are named in [administration] of app.toml. Ask one of them."
        if people
        else "Nobody is named who may connect sources. Name them, by the address they log in with, in [administration] "
        "people of app.toml; or open the dashboard on the server itself, by 'make run'.",
        icon=":material/lock:",
    )
    st.caption(f"On the server's command line: `{command('source init')}`, and `{command('source test')}`")
