"""A company on disk: settings and CSV files, written as a finance team would."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import Settings, load
from ledger.store import Store
from tests.ledger.books import customer, invoice, payment, settled

APP = """
company = "Test company"
reporting_currency = "USD"
source = "books"
[store]
path = "{store}"
keep = 3
[dimensions]
entity = "Entity"
region = "Region"
"""

SOURCE = """
kind = "files"
[tables]
customers = "customers.csv"
documents = "documents.csv"
settlements = "settlements.csv"
"""

_DOCUMENT = (
    "document_id",
    "customer_id",
    "entity",
    "kind",
    "document_date",
    "due_date",
    "currency",
    "amount",
    "region",
)
COLUMNS = {
    "customers": ("customer_id", "name"),
    "documents": _DOCUMENT,
    "settlements": ("settlement_id", "document_id", "settled_on", "amount", "kind"),
}

CUSTOMERS = [customer(), customer("007", 'Łódź "quoted" <b>'), customer("C3", "=cmd()")]
DOCUMENTS = [
    invoice("I1", "100.10"),
    invoice("I2", "200.20", customer_id="007", region="APAC", document_date="2024-02-15", due_date="2024-03-16"),
    invoice("I3", "50.05", region=None, document_date="2024-03-05", due_date="2024-04-04"),
    invoice("I4", "10.00", region="a=b", customer_id="C3", document_date="2024-03-10", due_date="2024-04-09"),
    payment("P1", "-20.00", "2024-03-20", region="EMEA"),
]
SETTLEMENTS = [settled("1", "40.00", "2024-02-20"), settled("2", "200.20", "2024-03-25", of="I2")]


@dataclass(frozen=True)
class Company:
    """``folder``: the settings; the source's files lie beside its own file."""

    folder: Path

    @property
    def sources(self) -> Path:
        return self.folder / "sources"

    @property
    def settings(self) -> Settings:
        return load(self.folder)

    @property
    def store(self) -> Store:
        return Store(self.folder / "store")

    def app(self, text: str) -> None:
        """Replace app.toml; ``{store}`` in ``text`` is the company's own."""
        (self.folder / "app.toml").write_text(text.replace("{store}", str(self.store.path)), encoding="utf-8")

    def source(self, text: str) -> None:
        (self.sources / "books.toml").write_text(text, encoding="utf-8")

    def table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        with (self.sources / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[name], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)


def found(folder: Path) -> Company:
    """A good company in ``folder``: 340.35 billed in USD, from January to March 2024; not yet refreshed."""
    company = Company(folder)
    company.sources.mkdir(parents=True)
    company.app(APP)
    company.source(SOURCE)
    for name, rows in (("customers", CUSTOMERS), ("documents", DOCUMENTS), ("settlements", SETTLEMENTS)):
        company.table(name, rows)
    return company
