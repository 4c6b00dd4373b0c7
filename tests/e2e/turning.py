"""Ways through the app that do not load it anew: to another of its addresses, as Back goes, and into the dark.

Loading it costs a browser more than drawing a page does; what it takes to load, the tests that open an address hold.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from scripts.screenshots import PATIENCE, settle

_TURN = """
(path) => { history.pushState({}, '', path); window.dispatchEvent(new PopStateEvent('popstate', { state: {} })); }
"""
_IS_DARK = """
() => {
  const ground = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor;
  return ground.match(/\\d+/g).slice(0, 3).every((part) => part < 64);
}
"""
_DRAWN = 600
_LONGEST_WORD = 1_000  # bytes: that a run has ended is said in a few, and what is drawn takes many

_runs: WeakKeyDictionary[Page, int] = WeakKeyDictionary()


def count_runs(page: Page) -> Page:
    """Count the runs that the server says have ended; to be called before the page loads anything.

    What the page itself shows of a run is not enough: one that is over at once leaves no trace in it.
    """

    def hear(word: str | bytes) -> None:
        if isinstance(word, bytes) and len(word) < _LONGEST_WORD:
            told = ForwardMsg.FromString(word)
            if told.WhichOneof("type") == "script_finished":
                _runs[page] += told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", hear)

    _runs[page] = 0
    page.on("websocket", listen)
    return page


@contextmanager
def _one_run(page: Page) -> Iterator[None]:
    """What is done within makes the page's script run; afterwards the page stands still, drawn."""
    before, until = _runs[page], time.monotonic() + PATIENCE / 1000
    yield
    while _runs[page] == before:
        assert time.monotonic() < until, f"no run came to its end: {page.url}"
        page.wait_for_timeout(50)
    page.wait_for_timeout(_DRAWN)
    settle(page)


def turn(page: Page, path: str) -> None:
    """Go to another address of the app that is open; ``path`` begins with a slash."""
    with _one_run(page):
        page.evaluate(_TURN, path)


def darken(page: Page) -> None:
    """Put the open page into the dark: its frame follows the machine at once, its charts at the next run."""
    page.emulate_media(color_scheme="dark")
    # A run that begins before the frame has followed is told of the light, and brings what belongs to that.
    page.wait_for_function(_IS_DARK, timeout=PATIENCE)
    with _one_run(page):
        page.locator("body").press("r")
