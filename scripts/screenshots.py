"""Pictures of the pages in both themes, for README and docs, and for the eye. Nothing is compared.

    make screenshots                                    # those that README and docs show, of the demonstration company
    python -m scripts.screenshots --company five --width 390 --out /tmp/looks            # every page, another company
    python -m scripts.screenshots --address http://127.0.0.1:8501 --page aging --full --out /tmp/looks

A picture's colours are reduced to 256, which the eye does not see on a screen of flat colours, and which makes the file
a third as large: the repository keeps every version of it.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from alerts.run import run
from config.settings import load
from ledger.store import Store
from metrics import Targets
from scripts import browser, companies
from scripts.serving import ROOT, serving
from state import State

THEMES = ("light", "dark")
WIDTH, HEIGHT = 1440, 900
PATIENCE = 60_000

_SCRIPTS = sorted((ROOT / "pages").glob("*/*.py"), key=lambda file: file.stem)

PAGES: dict[str, str] = {file.stem: "/" if file.stem == "overview" else f"/{file.stem}" for file in _SCRIPTS}
"""Every page by its name, and its address."""

SHOWN = {
    "overview": "/",
    "inbox": "/inbox",
    "changes": "/changes",
    "segments": "/segments",
    "effectiveness": "/effectiveness",
    "customer": "/customers?customer=0010002",
    "explorer": "/explorer",
    "board_pack": "/board_pack",
}
"""What README and docs show of the demonstration company: the first in both themes, the others in the light one."""

_STILL = """
() => !document.querySelector('[data-testid=stSkeleton], [data-testid=stStatusWidget], [data-stale=true]')
"""
_DRAWN = 1_200


def settle(page: Page) -> None:
    """Wait until a page stands still: drawn, and no run under way."""
    page.wait_for_selector("h1", timeout=PATIENCE)
    page.wait_for_function(_STILL, timeout=PATIENCE)


def visit(page: Page, address: str) -> None:
    """Open an address and wait until everything on it is drawn; tables are, on a canvas, a moment after the rest."""
    page.goto(address)
    settle(page)
    page.wait_for_timeout(_DRAWN)
    settle(page)


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser.

    Raises:
        SystemExit: There is none on this machine.
    """
    path = browser.find()
    if path is None:
        sys.exit(browser.NONE_FOUND)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


def take(
    address: str, folder: Path, pages: dict[str, str], size: tuple[int, int] = (WIDTH, HEIGHT), *, full: bool = False
) -> list[Path]:
    """Write ``<page>_<theme>.png`` for each page of the server at ``address``; ``full`` is the whole height of it."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with opened() as chromium:
        for theme in THEMES:
            context = chromium.new_context(color_scheme=theme, viewport={"width": size[0], "height": size[1]})
            page = context.new_page()
            for name, path in _in(theme, pages).items():
                visit(page, address.rstrip("/") + path)
                if full:
                    _stretch(page, size)
                file = folder / f"{name}_{theme}.png"
                _save(page.screenshot(), file)
                written.append(file)
            context.close()
    return written


def _in(theme: str, pages: dict[str, str]) -> dict[str, str]:
    """The pages that are taken in a theme."""
    return pages if theme == "light" or pages is not SHOWN else dict([next(iter(SHOWN.items()))])


def _stretch(page: Page, size: tuple[int, int]) -> None:
    """Make the window as high as the page: its content is moved inside a frame, which a picture would cut."""
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size[0], "height": max(size[1], height)})
    page.wait_for_timeout(_DRAWN)


def _save(picture: bytes, file: Path) -> None:
    with Image.open(io.BytesIO(picture)) as taken:
        few = taken.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.screenshots", description="Pictures of the pages.")
    parser.add_argument("--company", choices=companies.NAMES, default="demo", help="whose pages (demo)")
    parser.add_argument("--address", help="a server that is running, instead of a company's own")
    parser.add_argument(
        "--page", action="append", metavar="NAME", help="a page, or a path such as /aging?region=Iberia"
    )
    parser.add_argument("--shown", action="store_true", help="only what README and docs show")
    parser.add_argument("--width", type=int, default=WIDTH, help=f"of the window ({WIDTH})")
    parser.add_argument("--height", type=int, default=HEIGHT, help=f"of the window ({HEIGHT})")
    parser.add_argument("--full", action="store_true", help="the whole page instead of a window of it")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="the folder (docs/images)")
    return parser.parse_args(words)


def _chosen(arguments: argparse.Namespace) -> dict[str, str]:
    if arguments.shown:
        return SHOWN
    if not arguments.page:
        return PAGES
    unknown = [name for name in arguments.page if name not in PAGES and not name.startswith("/")]
    if unknown:
        sys.exit(f"There is no page '{unknown[0]}'; there are {', '.join(PAGES)}. A path begins with '/'.")
    named: list[str] = arguments.page
    return {_as_file(name): PAGES.get(name, name) for name in named}


def _as_file(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.strip("/")) or "overview"


@contextmanager
def _server(arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.address:
        yield arguments.address
        return
    with tempfile.TemporaryDirectory(prefix="outstanding-") as folder:
        print(f"Building the company '{arguments.company}'")
        config = companies.settle(arguments.company, Path(folder))
        _ask_the_rules(config)
        with serving(config) as address:
            yield address


def _ask_the_rules(config: Path) -> None:
    """Raise what the company's rules raise, as the command that refreshes it would."""
    settings = load(config)
    place = Store(settings.store.path, settings.store.keep)
    id = place.current()
    if id is None:
        return
    state = State.open(settings)
    try:
        run(settings, place.load(id), state, Targets.of(settings.targets, "targets.toml"), by="refresh")
    finally:
        state.close()


def main(words: Sequence[str] | None = None) -> None:
    """Take the pictures that the words of the command line ask for."""
    arguments = _arguments(words)
    pages = _chosen(arguments)
    with _server(arguments) as address:
        size = (arguments.width, arguments.height)
        for file in take(address, arguments.out, pages, size, full=arguments.full):
            print(f"{file} {file.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
