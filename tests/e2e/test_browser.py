"""What only a browser shows: the first visit, clicks, reload and Back, names as they are, no outside world."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from scripts.screenshots import settle
from tests.app import company
from tests.e2e.turning import turn

pytestmark = pytest.mark.browser


def state(screen: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(screen.url).query)


def bar(screen: Page, chart: str, name: str):
    return screen.locator(f"[class*='st-key-chart_{chart}'] path[aria-label^='label: {name};']").first


def test_first_deep_link_opens_its_page_without_a_dialog_and_without_the_outside_world(fresh, screen):
    asked = []
    screen.on("request", lambda request: asked.append(request.url))
    screen.goto(f"{fresh}/aging?region=South&as_of=2026-05-31")
    settle(screen)
    expect(screen.locator("h1")).to_contain_text(re.compile("^South:.* is overdue"))
    expect(screen.get_by_role("dialog")).to_have_count(0)
    expect(screen.get_by_text("31 May 2026").first).to_be_visible()
    outside = [url for url in asked if not url.startswith((fresh, fresh.replace("http", "ws"), "data:", "blob:"))]
    assert outside == []


def test_drill_to_an_invoice_reload_and_go_back(served, screen):
    screen.goto(f"{served}/aging")
    settle(screen)
    bar(screen, "by_region", "South").click()
    expect(screen).to_have_url(re.compile("region=South"))
    bar(screen, "by_segment", "Retail").click()
    expect(screen).to_have_url(re.compile("segment=Retail"))
    settle(screen)
    bar(screen, "by_customer", company.NASTY["C02"]).click()
    expect(screen).to_have_url(re.compile("customer=C02"))
    settle(screen)
    items = screen.locator("[class*='st-key-aging_items_']").first
    items.scroll_into_view_if_needed()
    items.locator("canvas").first.wait_for()
    screen.wait_for_timeout(1_000)  # A table is drawn on its canvas a moment after the page stands still.
    for across in (60, 160, 260, 360):  # A busy machine loses a click now and then.
        items.click(position={"x": across, "y": 55})
        screen.wait_for_timeout(3_000)
        if "document=" in screen.url:
            break
    expect(screen).to_have_url(re.compile("document=C02-"))
    settle(screen)
    document = screen.locator(".st-key-card_aging_document")
    expect(document).to_contain_text("Invoice")
    here, shown = state(screen), document.inner_text()

    screen.goto(screen.url)
    settle(screen)
    assert state(screen) == here
    expect(screen.locator(".st-key-card_aging_document")).to_have_text(re.compile(re.escape(shown.split("\n")[0])))

    screen.go_back()
    expect(screen).not_to_have_url(re.compile("document="))
    settle(screen)
    expect(screen.locator(".st-key-card_aging_document")).to_have_count(0)
    assert state(screen) == {name: values for name, values in here.items() if name != "document"}


def test_a_filter_narrows_the_numbers_and_stays_on_the_next_page(served, screen):
    screen.goto(f"{served}/")
    settle(screen)
    total = screen.locator(".st-key-tile_total_ar [data-testid=stMetricValue]")
    before = total.inner_text()
    screen.get_by_label("Region").first.click()
    screen.get_by_role("option", name="South").click()
    expect(screen).to_have_url(re.compile("region=South"))
    expect(total).not_to_have_text(before)
    screen.keyboard.press("Escape")
    screen.get_by_role("link", name="Customers").first.click()
    settle(screen)
    expect(screen).to_have_url(re.compile(r"/customers\?.*region=South"))
    expect(screen.locator("h1")).to_contain_text("is overdue at")


def test_names_are_shown_as_they_are(served, screen):
    dialogs = []
    screen.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    screen.goto(f"{served}/customers")
    settle(screen)
    for customer, name in company.NASTY.items():
        turn(screen, f"/customers?customer={customer}")
        heading = screen.locator("h1")
        told = heading.inner_text().replace("\u2060", "")
        assert re.fullmatch(re.escape(name) + r" (owes|holds|has|is|owed)\b.*", told), told
        assert heading.locator("a, strong, em, code, .katex, img, script, [data-testid=stIconMaterial]").count() == 0
    assert dialogs == []


def test_a_headline_leads_to_who_it_is_about(served, screen):
    screen.goto(f"{served}/")
    settle(screen)
    finding = screen.locator(".st-key-attention a", has_text="alert(1)").first
    finding.click()
    expect(screen).to_have_url(re.compile(r"/customers\?.*customer=C02"))
    settle(screen)
    expect(screen.locator("h1")).to_contain_text("owes")


def test_a_chart_can_be_read_as_a_table_and_taken_away(served, screen):
    screen.goto(f"{served}/")
    settle(screen)
    screen.locator(".st-key-menu_dso").get_by_role("button").click()
    expect(screen.get_by_text("total AR ÷ credit sales").first).to_be_visible()
    files = {
        "PowerPoint": b"PK",
        "Excel": b"PK",
        "CSV": "\ufeffAs of,".encode(),
        "PNG": b"\x89PNG",
        "SVG": b"<svg",
        "PDF": b"%PDF-",
    }
    for label, begins in files.items():
        with screen.expect_download() as waited:
            screen.get_by_role("button", name=label, exact=True).last.click()
        assert waited.value.path().read_bytes().startswith(begins)


def test_dark_theme_draws_on_a_dark_ground(served, browser):
    context = browser.new_context(color_scheme="dark")
    try:
        screen = context.new_page()
        screen.goto(f"{served}/")
        settle(screen)
        ground = screen.evaluate(
            "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        assert ground == "rgb(20, 23, 29)"
        label = screen.locator(".st-key-card_dso svg.marks text").first
        assert label.get_attribute("fill") == "#a2a9b5"
    finally:
        context.close()
