from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from config import settings as configuration
from state import State
from tests.app import alerted, company
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


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """The company's snapshot, and the state database after its rules were asked once: for each test to copy."""
    folder = tmp_path_factory.mktemp("asked")
    config = company.settle_in(folder)
    company.publish(folder)
    (config / "alerts.toml").write_text(alerted.RULES, encoding="utf-8")
    state = State.open(configuration.load(config))
    alerted.ask(config, state)
    state.close()
    return folder / "data"


@pytest.fixture
def home(settled, made_once):
    """The company with its snapshot and its rules, not asked yet; the folder of the settings."""
    shutil.copytree(made_once, settled / "data", ignore=shutil.ignore_patterns("state.sqlite*"))
    (settled / "config" / "alerts.toml").write_text(alerted.RULES, encoding="utf-8")
    return settled / "config"


@pytest.fixture
def keep(home):
    """Its state database."""
    state = State.open(configuration.load(home))
    yield state
    state.close()


@pytest.fixture
def asked(home, made_once):
    """Its state database after the rules were asked once."""
    shutil.copy(made_once / "state.sqlite", home.parent / "data")
    state = State.open(configuration.load(home))
    yield state
    state.close()
