from __future__ import annotations

import os

import pytest

from scripts import browser

# Before any test imports them: their assertions then explain themselves like a test's own.
pytest.register_assert_rewrite("tests.data_sources.contract", "tests.properties.product", "tests.properties.tables")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The machine's own Chromium for every browser test; without one they are skipped, and say so."""
    path = browser.find()
    if path is None:
        pytest.skip(browser.NONE_FOUND)
    # A container has a small /dev/shm, and Chromium refuses its sandbox to root.
    switches = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": path, "args": switches}


@pytest.fixture
def browser_context_args(browser_context_args):
    """For a reader who wants nothing to move: the same in the end, for half of the work of drawing it."""
    return {**browser_context_args, "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def base_url():
    """No common address: each server picks its port. (The plug-in's own fixture makes pytest warn.)"""


def pytest_collection_modifyitems(items):
    """What needs a browser comes first: it waits most, so it must not be what everybody waits for at the end.

    Neighbours are begun by one worker, which builds the companies and starts the servers that they share.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
