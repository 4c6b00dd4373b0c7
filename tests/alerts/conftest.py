"""Those who get messages, and a company that sends them."""

from __future__ import annotations

import pytest

from tests.alerts.desk import Office
from tests.alerts.receivers import a_hook, a_mailbox


@pytest.fixture
def box():
    """A mail server."""
    with a_mailbox() as running:
        yield running


@pytest.fixture
def hook():
    """A webhook."""
    with a_hook() as running:
        yield running


@pytest.fixture
def office(tmp_path):
    """Makes a company with channels; its state is closed at the end."""
    made = []

    def make(delivery='url = "https://ar.example.com"\n', channels=("main",), **addresses):
        names = ", ".join(f'"{name}"' for name in channels)
        owners = f'[owners.cfo]\nname = "Ada Marsh"\nchannels = [{names}]\n'
        made.append(Office(tmp_path / f"config{len(made)}", addresses, owners, delivery))
        return made[-1]

    yield make
    for each in made:
        each.state.close()
