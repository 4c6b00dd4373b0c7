"""Ways through the app that do not load it anew: to another of its addresses, as Back goes, and into the dark.

Loading it costs a browser more than drawing a page does; what it takes to load, the tests that open an address hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from scripts.screenshots import PATIENCE, settle

_WATCH = """
(patience) => {
  const app = document.querySelector('[data-testid=stApp]');
  const state = () => app.getAttribute('data-test-script-state');
  let begun = false;
  window.theRun = new Promise((done, failed) => {
    const watch = new MutationObserver(() => {
      begun ||= state() !== 'notRunning';
      if (begun && state() === 'notRunning') { watch.disconnect(); done(); }
    });
    watch.observe(app, { attributes: true });
    setTimeout(() => { watch.disconnect(); failed(new Error(`no run came to its end: ${state()}`)); }, patience);
  });
}
"""
_TURN = """
(path) => { history.pushState({}, '', path); window.dispatchEvent(new PopStateEvent('popstate', { state: {} })); }
"""
_DRAWN = 600


@contextmanager
def one_run(page: Page) -> Iterator[None]:
    """What is done within makes the page's script run; afterwards the page stands still, drawn."""
    page.evaluate(_WATCH, PATIENCE)
    yield
    page.evaluate("() => window.theRun")
    settle(page)
    page.wait_for_timeout(_DRAWN)


def turn(page: Page, path: str) -> None:
    """Go to another address of the app that is open; ``path`` begins with a slash."""
    with one_run(page):
        page.evaluate(_TURN, path)


def darken(page: Page) -> None:
    """Put the open page into the dark: its frame follows the machine at once, its charts at the next run."""
    page.emulate_media(color_scheme="dark")
    with one_run(page):
        page.locator("body").press("r")
