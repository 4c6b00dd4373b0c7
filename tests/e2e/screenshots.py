"""Pictures of every page in both themes, of a server that is running.

    python -m tests.e2e.screenshots http://127.0.0.1:8501 docs/images

For the eye, and for the README: nothing is compared.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scripts import browser

PAGES = {
    "overview": "/",
    "changes": "/changes",
    "aging": "/aging",
    "segments": "/segments",
    "cohorts": "/cohorts",
    "customers": "/customers",
    "effectiveness": "/effectiveness",
    "provision": "/provision",
    "concentration": "/concentration",
    "health": "/health",
    "glossary": "/glossary",
}
STILL = "() => !document.querySelector('[data-testid=stSkeleton], [data-testid=stStatusWidget], [data-stale=true]')"


def take(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.wait_for_selector("h1", timeout=90_000)
    page.wait_for_function(STILL, timeout=90_000)
    page.wait_for_timeout(1_500)  # Tables are drawn on a canvas, a moment after they are there.
    page.screenshot(path=file)


def main(address: str, folder: Path, pages: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        for theme in ("light", "dark"):
            page = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=theme).new_page()
            for name, path in pages.items():
                take(page, address.rstrip("/") + path, folder / f"{name}_{theme}.png")
        chromium.close()


if __name__ == "__main__":
    named = {name.strip("/").replace("/", "_") or "overview": name for name in sys.argv[3:]}
    main(sys.argv[1], Path(sys.argv[2]), named or PAGES)
