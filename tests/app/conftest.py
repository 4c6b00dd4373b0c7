from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app import company
from ui import states

ROOT = Path(__file__).parents[2]


def _raise(error: Exception) -> None:
    raise error


@pytest.fixture(autouse=True)
def _faults_are_seen(monkeypatch):
    """A fault of a page fails its test instead of showing the reader's sentence."""
    monkeypatch.setattr(states, "unexpected", _raise)


@pytest.fixture
def settled(tmp_path, monkeypatch):
    """The company's settings, and nothing published yet; the test's own, to change as it likes."""
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(company.settle_in(tmp_path)))
    return tmp_path


@pytest.fixture(scope="session")
def _shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    config = company.settle_in(folder)
    company.publish(folder)
    return config


@pytest.fixture
def published(_shared, monkeypatch):
    """The company with its snapshot, shared by the tests that only look."""
    monkeypatch.setenv("OUTSTANDING_CONFIG", str(_shared))


@pytest.fixture
def opened():
    """Opens the app at a page as a link would, with parameters in the address."""

    def open_page(page: str | None = None, **parameters) -> AppTest:
        app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        for name, value in parameters.items():
            app.query_params[name] = value
        if page and page != "summary/overview":
            app.switch_page(f"pages/{page}.py")
        return app.run()

    return open_page
