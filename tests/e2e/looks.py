"""What a browser can judge of a page: accessibility (axe), contrast, layout. An answer is a list of faults in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Error, Page

_HERE = Path(__file__).parent
_EVERYTHING = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The rules of axe that a theme can break."""
_GRAVE = {"serious", "critical"}
_AXE = """
async (only) => {
  const told = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
  return told.violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, html }) => ({ rule: id, impact, help, target: target.flat().join(' '), html })));
}
"""


# What is still changing has a colour that nobody chose; what never ends is not waited for.
_REST = """
() => new Promise((done) => {
  const until = performance.now() + 5000;
  const fading = (one) => one.playState === 'running' && Number.isFinite(one.effect?.getComputedTiming().endTime);
  const look = () => {
    const busy = document.querySelector('[data-stale=true], [data-testid=stStatusWidget]')
      || document.getAnimations().some(fading)
      || [...document.querySelectorAll('[data-testid=stElementContainer]')].some(
        (one) => getComputedStyle(one).opacity < 1);
    busy && performance.now() < until ? setTimeout(look, 100) : done(null);
  };
  look();
})
"""


def axe(page: Page, only: Mapping[str, object] = _EVERYTHING) -> list[str]:
    """Serious and critical violations of WCAG 2.1 A and AA. None is excused, nor any element left out."""
    page.evaluate(_REST)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(_AXE, only)
    return [
        f"{each['rule']} ({each['impact']}): {each['help']}: {each['target']} {each['html'][:160]}"
        for each in found
        if each["impact"] in _GRAVE
    ]


@contextmanager
def heard(page: Page) -> Iterator[list[str]]:
    """What a page's own scripts complain of meanwhile."""
    told: list[str] = []

    def note(error: Error) -> None:
        told.append(f"an error on the page: {error}")

    page.on("pageerror", note)
    try:
        yield told
    finally:
        page.remove_listener("pageerror", note)


def contrast(page: Page) -> list[str]:
    """Words with less contrast than WCAG 2.1 AA asks for."""
    page.evaluate(_REST)
    return page.evaluate(_script("contrast"))


def layout(page: Page) -> list[str]:
    """What is cut off, covered, not drawn or out of sight in the window as it is, once it stands still."""
    return at_rest(page, lambda: page.evaluate(_script("layout")))


def at_rest(page: Page, measure: Callable[[], list[str]], *, step: int = 350, tries: int = 14) -> list[str]:
    """A measure once it says the same twice: a sidebar moves, and charts follow their cards."""
    before = None
    for _ in range(tries):
        now = measure()
        if now == before:
            return now
        before = now
        page.wait_for_timeout(step)
    return [*(before or []), "it never comes to rest"]


@cache
def _script(name: str) -> str:
    """A function in JavaScript; the comment that heads its file is for readers."""
    told = (_HERE / f"{name}.js").read_text(encoding="utf-8")
    return told[told.index("\n() =>") + 1 :]


def labelled(label: str, faults: Iterable[str]) -> list[str]:
    return [f"{label}: {fault}" for fault in faults]
