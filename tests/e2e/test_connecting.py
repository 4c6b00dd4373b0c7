"""An administrator connects a folder of files, from nothing to books, in a browser."""

from __future__ import annotations

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from config.settings import load
from data_sources.refresh import refresh
from scripts.screenshots import PATIENCE, settle, visit
from tests.e2e import looks

pytestmark = pytest.mark.browser

TABLES = {
    "customers": {"Customer No": ["K1", "K2"], "Customer Name": ["One Ltd", "Two Ltd"], "Region": ["North", "South"]},
    "invoices": {
        "Invoice No": ["R1", "R2", "G1"],
        "Customer": ["K1", "K2", "K1"],
        "Type": ["R", "R", "G"],
        "Invoice Date": ["05.01.2026", "15.01.2026", "20.01.2026"],
        "Due Date": ["04.02.2026", "14.02.2026", "20.01.2026"],
        "Amount": ["1.200,50", "300,00", "100,00"],
    },
    "payments": {"Payment No": ["Z1"], "Invoice No": ["R2"], "Payment Date": ["30.01.2026"], "Amount": ["300,00"]},
}


def fill(screen: Page, label: str, at: int, text: str) -> None:
    box = screen.get_by_role("textbox", name=label, exact=True).nth(at)
    box.fill(text)
    box.press("Enter")
    settle(screen)
    expect(box).to_have_value(text, timeout=PATIENCE)


def onward(screen: Page, label: str) -> None:
    screen.get_by_role("button", name=label, exact=True).click()
    settle(screen)


def test_files_become_a_company_of_its_own(screen, fresh, tmp_path):
    for name, columns in TABLES.items():
        pl.DataFrame(columns).write_csv(tmp_path / f"{name}.csv", separator=";")
    visit(screen, f"{fresh}/connect")
    screen.get_by_test_id("stMain").get_by_text("Files", exact=True).click()
    for at, name in enumerate(TABLES):
        if at:
            onward(screen, "Another table")
            expect(screen.get_by_role("textbox", name="Path", exact=True)).to_have_count(at + 1, timeout=PATIENCE)
        for label, text in {"Table": name, "Path": str(tmp_path / f"{name}.csv"), "Delimiter": ";"}.items():
            fill(screen, label, at, text)
    onward(screen, "Test the connection")
    expect(screen.get_by_text("3 tables can be seen")).to_be_visible(timeout=PATIENCE)
    for step in ("Tables", "Columns", "Look", "Save"):
        onward(screen, f"Next: {step}")
        assert looks.layout(screen) == [], step
    screen.get_by_text("As a company of its own", exact=True).click()
    for label, text in {
        "Folder of its settings": str(tmp_path / "mine"),
        "Company": "Mine",
        "Reporting currency": "EUR",
    }.items():
        fill(screen, label, 0, text)
    onward(screen, "Save")
    expect(screen.get_by_text("Saved.", exact=False)).to_be_visible(timeout=PATIENCE)
    settings = load(tmp_path / "mine")
    assert (settings.company, dict(settings.dimensions)) == ("Mine", {"entity": "Entity", "region": "Region"})
    book = refresh(
        settings.model_copy(update={"store": settings.store.model_copy(update={"path": tmp_path / "books"})})
    )
    assert book.about["accepted"] == {"customers": 2, "documents": 3, "settlements": 1}
