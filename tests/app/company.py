"""A small company for the screen: two years of invoices, names that try to break a page, and its settings on disk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from ledger.book import BookRules
from ledger.build import build_book
from ledger.calendar import month_end, months_before
from ledger.store import Store

LAST = date(2026, 6, 30)
NASTY = {
    "C01": "=cmd()",
    "C02": "<script>alert(1)</script>",
    "C03": "**bold** _it_ ~~s~~",
    "C04": "$x$ and $y$",
    "C05": ":red[x] :smile: :material/home:",
    "C06": "漢字株式会社",
    "C07": "شركة المثال",
    "C08": "www.example.com https://example.com a@example.com",
    "C09": "[link](https://example.com)",
    "C10": "`code` | pipe # hash",
    "0011": "O'Neil & Sons",
}
REGIONS = ("North", "South", None)

APP = """
company = "Test & Sons"
reporting_currency = "USD"
source = "books"
[store]
path = "{store}"
[dimensions]
region = "Region"
segment = "Segment"
"""
SOURCE = 'kind = "files"\n[tables]\n'
TARGETS = """
[dso]
good = 30
attention = 40
[overdue_share]
good = 0.1
attention = 0.2
"""


def tables() -> dict[str, pl.DataFrame]:
    """One invoice a customer and month; the later the customer in the list, the later it pays; two never do."""
    documents, settlements = [], []
    for place, customer in enumerate(NASTY):
        for back in range(24):
            dated = month_end(months_before(LAST, back)) - timedelta(days=12)
            id = f"{customer}-{back:02d}"
            due = dated + timedelta(days=30)
            amount = Decimal(1000 + 100 * place + back)
            region = REGIONS[place % 3]
            segment = "Retail" if place % 2 else "Industry"
            documents.append((id, customer, "E1", "invoice", dated, due, "USD", amount, region, segment, f"N-{id}"))
            paid = due + timedelta(days=3 * place)
            if paid <= LAST and not (place == 1 and back < 6):
                settlements.append((f"S-{id}", id, paid, amount, "cash"))
    documents.append(("P1", "C01", "E1", "payment", LAST, None, "USD", Decimal(-250), "North", "Industry", "P-1"))
    columns = [
        "document_id", "customer_id", "entity", "kind", "document_date", "due_date", "currency", "amount",
        "region", "segment", "number",
    ]  # fmt: skip
    money = pl.Decimal(scale=2)
    return {
        "customers": pl.DataFrame(
            {"customer_id": list(NASTY), "name": list(NASTY.values()), "credit_limit": ["5000"] * len(NASTY)}
        ),
        "documents": pl.DataFrame(documents, schema=columns, orient="row", schema_overrides={"amount": money}),
        "settlements": pl.DataFrame(
            settlements,
            schema=["settlement_id", "document_id", "settled_on", "amount", "kind"],
            orient="row",
            schema_overrides={"amount": money},
        ),
    }


def rules() -> BookRules:
    return BookRules(
        company="Test & Sons",
        reporting_currency="USD",
        dimensions={"region": "Region", "segment": "Segment"},
        today=LAST,
    )


def settle_in(folder: Path) -> Path:
    """Write the settings of the company into ``folder``; returns the configuration folder."""
    config = folder / "config"
    (config / "sources").mkdir(parents=True)
    (config / "app.toml").write_text(APP.format(store=(folder / "data").as_posix()), encoding="utf-8")
    (config / "sources" / "books.toml").write_text(SOURCE, encoding="utf-8")
    (config / "targets.toml").write_text(TARGETS, encoding="utf-8")
    return config


def publish(folder: Path, rows: dict[str, pl.DataFrame] | None = None, made_at: datetime | None = None) -> Store:
    """Publish a snapshot of ``rows`` (the company's own if left out), made now unless told otherwise."""
    store = Store(folder / "data")
    store.publish(build_book(tables() if rows is None else rows, rules(), source="books"), made_at or datetime.now(UTC))
    return store
