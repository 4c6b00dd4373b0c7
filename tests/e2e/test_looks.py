"""How every page looks: layout at four widths, accessibility and contrast in both themes, for three companies."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from scripts.screenshots import PAGES, visit
from tests.e2e import looks
from tests.e2e.turning import darken, turn

pytestmark = pytest.mark.browser

DRILLED = {
    "a customer": "/customers?customer=0010002",
    "a region of the aging": "/aging?region=UK%20and%20Ireland",
    "a day that is no month-end": "/?as_of=2026-05-15&region=UK%20and%20Ireland",
    "an address of nonsense": "/?as_of=2026-99-99&regoin=Iberia",
}
OF_DEMO = {**PAGES, **DRILLED}
# Pages of another company look like the demo's but for its money, or for having nothing to show: those are looked at
# again. What every page says of every company, tests/app holds without a browser.
OF_FIVE = {
    **{name: PAGES[name] for name in ("overview", "inbox", "changes", "aging", "provision", "concentration")},
    "a customer": "/customers?customer=0001",
    "dinars": "/?currency=KWD",
    "yen": "/aging?currency=JPY",
}
OF_EMPTY = {
    name: PAGES[name]
    for name in ("overview", "inbox", "aging", "customers", "explorer", "board_pack", "provision", "health")
}
OF_NEW = {"overview": "/", "glossary": "/glossary", "connect": "/connect"}

VIEWS = [
    *(("demo", name, path) for name, path in OF_DEMO.items()),
    *(("five", name, path) for name, path in OF_FIVE.items()),
    *(("empty", name, path) for name, path in OF_EMPTY.items()),
    *(("new", name, path) for name, path in OF_NEW.items()),
]
# Every page of one company, and how two others differ: the colours of a page are the same for all.
IN_DARK = [view for view in VIEWS if view[0] == "demo"] + [("five", "overview", "/"), ("empty", "overview", "/")]

PHONE, LAPTOP = (390, 844), (1440, 900)
SIZES = (PHONE, (768, 1024), (1920, 1080), LAPTOP)


def _named(view):
    return f"{view[0]}: {view[1]}"


def _resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("view", VIEWS, ids=_named)
def test_a_page_holds_at_every_width_and_can_be_read_by_everyone_in_both_themes(windows, address_of, view):
    """One visit, beginning on a phone in the light: what is widened and darkened must hold as what is opened so.

    In the dark the page is the same but for its colours: what axe says of anything else, it says in the light.
    """
    company, _, path = view
    page = windows(company)
    page.emulate_media(color_scheme="light")
    _resize(page, PHONE)
    faults: list[str] = []
    with looks.heard(page) as said:
        _go(page, address_of(company), path)
        for size in SIZES:
            _resize(page, size)
            faults += looks.labelled(f"{size[0]} px", looks.layout(page))
        faults += looks.contrast(page) + looks.axe(page)
        if view in IN_DARK:
            darken(page)
            dark = looks.layout(page) + looks.contrast(page) + looks.axe(page, looks.OF_COLOURS)
            faults += looks.labelled("in the dark", dark)
    assert said + faults == []


def _go(page: Page, address: str, path: str) -> None:
    if page.url.startswith(address):
        turn(page, path)
    else:
        visit(page, address + path)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_overview_fits_a_laptop(windows, demo, theme):
    """The message, every tile and every chart whole, and the first rows of the lists, without scrolling."""
    page = windows(theme)
    _resize(page, LAPTOP)
    visit(page, demo)
    boxes = {
        place: page.locator(f"[data-testid=stMain] {selector}").evaluate_all(
            "found => found.map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom }))"
        )
        for place, selector in {
            "tile": "[data-testid=stMetric], [class*='st-key-tile_']",
            "chart": ":is(.st-key-card_dso, .st-key-card_aging, .st-key-card_movement)",
            "list": ":is(.st-key-card_segments, .st-key-card_debtors)",
        }.items()
    }
    assert len(boxes["tile"]) >= 6
    assert len(boxes["chart"]) == 3
    assert len(boxes["list"]) == 2
    below = [f"{place} at {box}" for place in ("tile", "chart") for box in boxes[place] if box["bottom"] > LAPTOP[1]]
    three_rows = 170
    below += [f"list at {box}" for box in boxes["list"] if box["top"] + three_rows > LAPTOP[1]]
    assert below == []


def test_several_currencies_are_chosen_between_and_never_added(windows, address_of):
    page = windows("light")
    _resize(page, LAPTOP)
    visit(page, f"{address_of('five')}/?currency=KWD")
    assert page.get_by_label("Currency").first.is_visible()
    total = page.locator(".st-key-tile_total_ar [data-testid=stMetricValue]")
    dinars = total.inner_text()
    assert dinars.startswith(("KWD", "KD", "د.ك"))
    visit(page, f"{address_of('five')}/?currency=JPY")
    assert total.inner_text().startswith("¥")


@pytest.fixture(scope="module")
def in_order(windows, address_of):
    """A page without a fault."""
    page = windows("planted")
    visit(page, f"{address_of('small')}/glossary")
    assert looks.layout(page) + looks.contrast(page) + looks.axe(page) == []
    return page


@pytest.mark.parametrize(
    ("judge", "html", "says"),
    [
        (looks.axe, "<img src='data:,'>", "image-alt (critical)"),
        (looks.axe, "<button style='width: 40px; height: 40px'></button>", "button-name (critical)"),
        (looks.contrast, "<p style='color: #aaa'>too pale</p>", "to 1, 'too pale'"),
        (looks.contrast, "<div style='opacity: 0.4'><p>too thin</p></div>", "to 1, 'too thin'"),
        (looks.layout, "<p style='width: 2000px'>wide</p>", "cut off at the right edge"),
        (looks.layout, "<p style='position: relative; left: -300px; width: 60px'>out</p>", "cut off at the left edge"),
        (
            looks.layout,
            "<div class='st-key-card_a'>a</div><div class='st-key-card_b' style='margin-top: -9px'>b</div>",
            "lies over",
        ),
        (
            looks.layout,
            "<div class='st-key-card_c' style='height: 9px; width: 40px'><p>tall</p></div>",
            "out of its card",
        ),
        (looks.layout, "<div data-testid='stVegaLiteChart' style='height: 90px'></div>", "a chart is not drawn"),
        (
            looks.layout,
            "<svg class='marks' width='60' height='40'><text x='30' y='20'>more than fits</text></svg>",
            "a chart cuts its words",
        ),
        (
            looks.layout,
            "<div data-testid='stMetricValue' style='width: 30px; overflow: hidden'><p>123456789</p></div>",
            "a number is cut",
        ),
    ],
)
def test_a_fault_that_is_planted_is_found(in_order, judge, html, says):
    block = in_order.locator("[data-testid=stMainBlockContainer]")
    block.evaluate("(place, html) => place.insertAdjacentHTML('beforeend', `<div id=planted>${html}</div>`)", html)
    try:
        told = judge(in_order)
    finally:
        in_order.evaluate("() => document.getElementById('planted').remove()")
    assert any(says in fault for fault in told), told
