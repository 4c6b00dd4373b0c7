"""What people come for, from beginning to end: the ways of CFO, AR manager and analyst through the product."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from metrics import CATALOG
from scripts.screenshots import ROOT, settle

pytestmark = pytest.mark.browser

SLIDING, SLIDING_NAME = "0010002", "Calder Voss Fabrication Inc."
"""The large debtor of the demonstration company who slides: docs/demo.md."""

METRICS = ("gross_open", "current_share", "overdue_share", "over_90_share", "unapplied_credits")
"""What the explorer's start "Aging by entity" shows."""


def address(screen: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(screen.url).query)


def told(screen: Page) -> dict[str, object]:
    """What a page says: where it is, its message, and every number in a tile."""
    settle(screen)
    screen.wait_for_timeout(300)
    settle(screen)
    return {
        "page": urlsplit(screen.url).path,
        "address": address(screen),
        "message": screen.locator("h1").first.inner_text(),
        "tiles": screen.locator("[data-testid=stMetricValue]").all_inner_texts(),
    }


def answers(config, *words: str) -> list[dict]:
    """Rows of the command line, asked as JSON."""
    command = [sys.executable, "cli.py", "--config", str(config), *words, "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return json.loads(done.stdout)


def choose(screen: Page, label: str, option: str) -> None:
    """Choose in a filter of the sidebar."""
    screen.get_by_label(label).first.click()
    screen.get_by_role("option", name=option, exact=True).click()
    screen.keyboard.press("Escape")


def open_menu(screen: Page, name: str) -> None:
    screen.get_by_role("button", name=re.compile(rf"(^|\b){name}\b")).first.click()


def taken(screen: Page, button: Locator) -> bytes:
    """The file that a button gives."""
    with screen.expect_download() as waited:
        button.click()
    return waited.value.path().read_bytes()


@pytest.fixture
def elsewhere(browser):
    """A second browser, in which nobody has been here before."""
    view = {"width": 1440, "height": 900}
    context = browser.new_context(viewport=view, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def test_cfo_reads_the_message_and_follows_it_to_the_invoices(demo, screen):
    screen.goto(demo)
    overview = told(screen)
    assert re.search(r"Overdue (rose|fell) \$[\d.]+m", str(overview["message"]))

    calling = screen.locator(".st-key-attention").get_by_role("link", name=SLIDING_NAME)
    calling.click()
    expect(screen).to_have_url(re.compile(rf"customer={SLIDING}"))
    customer = told(screen)
    assert SLIDING_NAME in str(customer["message"]).replace("\u2060", "")

    items = screen.locator("[data-testid=stMain] .st-key-card_account [data-testid=stDataFrame]").first
    items.scroll_into_view_if_needed()
    screen.wait_for_timeout(1_000)  # A table is drawn on its canvas a moment after the page stands still.
    items.click(position={"x": 60, "y": 55})
    expect(screen).to_have_url(re.compile("document="))
    expect(screen.locator(".st-key-card_customer_document")).to_contain_text("Invoice")
    invoice = told(screen)

    screen.go_back()
    expect(screen).not_to_have_url(re.compile("document="))
    assert told(screen) == customer
    screen.go_back()
    expect(screen).not_to_have_url(re.compile("customer="))
    assert told(screen) == overview
    screen.go_forward()
    expect(screen).to_have_url(re.compile("customer="))
    screen.go_forward()
    expect(screen).to_have_url(re.compile("document="))
    assert told(screen) == invoice


def test_manager_narrows_to_a_region_compares_collectors_and_takes_a_statement(demo, config_of, screen):
    screen.goto(f"{demo}/effectiveness")
    whole = told(screen)
    choose(screen, "Region", "North America")
    expect(screen).to_have_url(re.compile("region=North"))
    region = told(screen)
    assert region["tiles"] != whole["tiles"]
    expect(screen.locator("[class*='st-key-card_fair_overdue_share_collector']")).to_contain_text("Priya Raman")

    screen.get_by_role("link", name="Customers").first.click()
    expect(screen).to_have_url(re.compile(r"/customers\?.*region=North"))
    settle(screen)
    screen.get_by_label("Sorted by").click()
    screen.get_by_role("option", name="Sorted by over 90 days").click()
    expect(screen).to_have_url(re.compile("customers_by=over"))
    settle(screen)
    first = screen.locator(".st-key-customer_links").get_by_role("button").first
    expect(first).to_contain_text("Calder Voss Fabrication")
    first.click()
    expect(screen).to_have_url(re.compile(rf"customer={SLIDING}"))
    settle(screen)

    open_menu(screen, "Statement")
    written = taken(screen, screen.get_by_role("button", name="PDF", exact=True).last)
    assert written.startswith(b"%PDF")
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(written)).pages)
    (owed,) = answers(config_of("demo"), "kpi", "--metric", "total_ar", "--where", f"customer={SLIDING}")
    assert SLIDING_NAME in words
    assert f"{owed['value']:,.2f}" in words


def test_analyst_builds_a_view_keeps_it_shares_it_and_takes_the_numbers(demo, config_of, screen, elsewhere):
    screen.goto(f"{demo}/explorer?region=UK%20and%20Ireland&region=North%20America")
    settle(screen)
    screen.get_by_role("button", name="Aging by entity").click()
    expect(screen).to_have_url(re.compile("x_rows=entity"))
    built = told(screen)

    open_menu(screen, "Views")
    screen.get_by_label("Save this page as").fill("Two regions, by entity")
    screen.keyboard.press("Tab")
    screen.get_by_role("button", name="Save", exact=True).click()
    expect(screen).to_have_url(re.compile("saved="))
    kept = told(screen)
    assert {**kept["address"], "saved": None} == {**built["address"], "saved": None}  # type: ignore[dict-item]
    screen.reload()
    assert told(screen) == kept

    open_menu(screen, "Two regions, by entity")
    link = screen.locator("[data-testid=stPopoverBody] code").first.inner_text()
    elsewhere.goto(link)
    expect(elsewhere).to_have_url(re.compile("x_rows=entity"))
    theirs = told(elsewhere)
    assert (theirs["message"], theirs["tiles"]) == (kept["message"], kept["tiles"])
    assert {**theirs["address"], "saved": None} == {**kept["address"], "saved": None}  # type: ignore[dict-item]
    screen.keyboard.press("Escape")

    where = ("--where", "region=UK and Ireland", "--where", "region=North America")
    rows = answers(config_of("demo"), "kpi", "--metric", ",".join(METRICS), "--by", "entity", *where)
    expected = {(row["entity"], row["metric"]): row["value"] for row in rows}
    assert len(expected) >= 2 * len(METRICS)
    for numbers in (
        _from_csv(taken(screen, screen.locator(".st-key-explorer_csv button").first)),
        _from_workbook(taken(screen, screen.locator(".st-key-explorer_xlsx button").first)),
    ):
        assert {key: numbers.get(key) for key in expected} == {
            key: pytest.approx(value, abs=0.000_001) for key, value in expected.items()
        }


def _from_csv(written: bytes):
    return _by_entity(csv.reader(io.StringIO(written.decode("utf-8-sig"))))


def _from_workbook(written: bytes):
    book = openpyxl.load_workbook(io.BytesIO(written), read_only=True, data_only=True)
    return _by_entity(book.worksheets[0].iter_rows(values_only=True))


def _by_entity(lines) -> dict[tuple[str, str], float]:
    """The values of an export, under entity and metric; a change that stands beside one is left out."""
    lines = iter(lines)
    head = next(line for line in lines if "Entity" in line)
    at = head.index("Entity")
    columns = {
        metric: place
        for metric in METRICS
        for place, words in enumerate(head)
        if str(words).startswith(CATALOG[metric].label) and "change" not in str(words)
    }
    assert set(columns) == set(METRICS)
    return {
        (str(line[at]), metric): float(line[place])
        for line in lines
        for metric, place in columns.items()
        if line[at] and line[place] not in (None, "")
    }


def test_a_copied_link_opens_the_same_state_for_somebody_else(demo, screen, elsewhere):
    screen.goto(f"{demo}/aging?region=UK%20and%20Ireland&window=6mo&compare=period&as_of=2026-05-15")
    mine = told(screen)
    open_menu(screen, "Link")
    link = screen.locator("[data-testid=stPopoverBody] code").first.inner_text()
    elsewhere.goto(link)
    theirs = told(elsewhere)
    assert {name: theirs[name] for name in ("page", "message", "tiles")} == {
        name: mine[name] for name in ("page", "message", "tiles")
    }
    assert theirs["address"].items() >= mine["address"].items()  # type: ignore[attr-defined]
    assert "as_of" in theirs["address"]  # type: ignore[operator]
