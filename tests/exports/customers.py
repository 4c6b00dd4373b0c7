"""Customers that are hard to write to, and what each owes at the end of 2024."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from tests.ledger.books import Row, book, customer, invoice, payment, rate, settled

DAY = date(2024, 12, 31)
HOSTILE = '#import "x.typ": * *bold* $x^2$ \\ `raw` <b> @ref // no /* c */ #panic(1) #set page(width: 1cm)'
ARABIC = "شركة الخليج للتجارة"
CHINESE = "上海电气集团"
EMOJI = "Sunny 😀 Side 🍳 Café"
MANY_ITEMS = 500
RATES = {"EUR": "1.1", "JPY": "0.0067", "KWD": "3.25", "GBP": "1.27"}

NAMES = {
    "MANY": "Five Currencies GmbH & Co. KG",
    "LONG": "Long List Trading plc",
    "VOID": "Nothing Open AG",
    "OWED": "Overpaid SARL",
    "AR": ARABIC,
    "ZH": CHINESE,
    "EMO": EMOJI,
    "EVIL": HOSTILE,
    "WIDE": "W" * 120,
    "BIG": "Very Large Numbers Inc.",
}


def _several_currencies() -> tuple[list[Row], list[Row]]:
    """Five currencies of 0, 2 and 3 decimals; a part payment, a credit memo and a payment not applied."""
    documents = [
        invoice("M1", "1200.10", customer_id="MANY", currency="USD", number="A-1"),
        invoice("M2", "980.55", customer_id="MANY", currency="EUR", number="A-2"),
        invoice("M3", "963646", customer_id="MANY", currency="JPY", number="A-3"),
        invoice("M4", "77.125", customer_id="MANY", currency="KWD", number="A-4"),
        invoice("M5", "90", customer_id="MANY", currency="GBP", number="A-5", due_date="2025-01-15"),
        invoice("M6", "-310.00", customer_id="MANY", currency="GBP", kind="credit_memo", number="C-1", due_date=None),
        payment("M7", "-100.00", "2024-12-20", customer_id="MANY", currency="EUR", number="R-1"),
    ]
    return documents, [settled("m1", "200.05", "2024-03-01", of="M1"), settled("m2", "980.50", "2024-03-01", of="M2")]


def _many_items() -> tuple[list[Row], list[Row]]:
    """Five hundred invoices of 2024; every ninth is paid in part, every thirty-seventh in dispute."""
    documents, settlements = [], []
    for i in range(MANY_ITEMS):
        dated = date(2024, 1, 1) + timedelta(days=i * 340 // MANY_ITEMS)
        documents.append(
            invoice(
                f"L{i:04}", f"{1000 + i * 7.13:.2f}", customer_id="LONG", number=f"INV-{i:04}",
                document_date=dated.isoformat(), due_date=(dated + timedelta(days=30)).isoformat(),
                disputed=str(i % 37 == 0).lower(), dispute_reason="Price differs" if i % 37 == 0 else None,
            )
        )  # fmt: skip
        if i % 9 == 0:
            settlements.append(settled(f"l{i}", "250.50", (dated + timedelta(days=20)).isoformat(), of=f"L{i:04}"))
    return documents, settlements


def _others() -> tuple[list[Row], list[Row]]:
    named = [invoice(f"I{id}", "1234.56", customer_id=id, number=f"{id}-1") for id in ("AR", "ZH", "EMO")]
    documents = [
        *named,
        invoice("IE", "1.00", customer_id="EVIL", number=HOSTILE, disputed="true", dispute_reason=HOSTILE),
        invoice("IW", "2.00", customer_id="WIDE", number="9" * 90),
        invoice("IO", "100.00", customer_id="OWED", number="O-1"),
        invoice("IS", "56.00", customer_id="STRANGER", number="S-1"),
        invoice("IN", "55.00", customer_id=None, number="N-1"),
        invoice("IP", "70.00", customer_id="VOID", number="V-1"),
        *(invoice(f"IB{i}", "9876543210987.65", customer_id="BIG", number=f"B-{i}") for i in range(3)),
    ]
    return documents, [settled("o", "160.00", "2024-02-20", of="IO"), settled("v", "70.00", "2024-02-20", of="IP")]


def written_to(*, converted=True):
    """The books of all of them; without rates, nothing says how to convert."""
    rates = [rate(currency, "2024-01-01", value) for currency, value in RATES.items()]
    parts = (_several_currencies(), _many_items(), _others())
    ask = partial(book, fx_rates=rates) if converted else book
    return ask(
        [row for documents, _ in parts for row in documents],
        [row for _, settlements in parts for row in settlements],
        [customer(id, name, email=f"{id.lower()}@example.com") for id, name in NAMES.items()],
        rules={"company": "Meridian Supply Group"},
    )
