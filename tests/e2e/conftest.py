from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts import companies
from scripts.serving import serving
from tests.app import company
from tests.e2e.turning import count_runs

PATIENCE = 60_000


def _small(folder):
    config = company.settle_in(folder)
    with (config / "app.toml").open("a", encoding="utf-8") as settings:
        settings.write("[screen]\ntour = false\n")
    company.publish(folder)
    return config


@pytest.fixture
def fresh(tmp_path):
    """A server that nobody has visited, over the small company."""
    with serving(_small(tmp_path)) as address:
        yield address


@pytest.fixture(scope="session")
def config_of(tmp_path_factory):
    """The configuration of a company, by its name; each is built once, when it is first asked for.

    ``small`` is the company of the other tests of the screen; for the others see ``scripts.companies``.
    """

    @cache
    def found(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        return _small(folder) if name == "small" else companies.settle(name, folder)

    return found


@pytest.fixture(scope="session")
def address_of(config_of):
    """The address of a server over a company, by its name; each is started once, when it is first asked for."""
    with ExitStack() as servers:
        yield cache(lambda name: servers.enter_context(serving(config_of(name))))


@pytest.fixture
def served(address_of):
    """A server over the small company, shared by the tests that only look."""
    return address_of("small")


@pytest.fixture
def demo(address_of):
    """A server over the demonstration company, shared by the tests that only look."""
    return address_of("demo")


@pytest.fixture
def browser_context_args(browser_context_args):
    return {**browser_context_args, "viewport": {"width": 1440, "height": 1300}, "color_scheme": "light"}


@pytest.fixture
def screen(page: Page):
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return count_runs(page)


@pytest.fixture(scope="module")
def windows(browser):
    """A page by the name of its window, kept for the module: what a first page has fetched, the others have.

    The window ``dark`` is opened in the dark, every other in the light.
    """
    made: dict[str, Page] = {}

    def window(name: str) -> Page:
        if name not in made:
            scheme = "dark" if name == "dark" else "light"
            view = {"width": 1440, "height": 900}
            still = browser.new_context(color_scheme=scheme, viewport=view, reduced_motion="reduce")
            made[name] = count_runs(still.new_page())
            made[name].set_default_timeout(PATIENCE)
        return made[name]

    yield window
    for page in made.values():
        page.context.close()
