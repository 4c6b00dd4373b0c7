"""No test waits: pauses between requests are counted, not slept."""

from __future__ import annotations

import os

import pytest

from data_sources.rest import client


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses that were asked for, in seconds."""
    taken: list[float] = []
    monkeypatch.setattr(client, "pause", taken.append)
    for name in list(os.environ):
        if name.startswith("OUTSTANDING_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return taken
