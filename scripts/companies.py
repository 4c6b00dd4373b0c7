"""Companies to look at and to test with, each written to a folder of its own: settings, source and snapshot.

``demo`` is the demonstration company. ``five`` has five currencies and no exchange rates, so that its amounts are never
added; its names are long, or run from right to left, or are in Chinese and Japanese, and its currencies have two, three
and no decimals. ``empty`` is a ledger without a row. ``new`` has settings and a source, and has not been refreshed.
Nobody is shown the tour.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from config.settings import load
from data_sources.refresh import refresh
from ledger.calendar import month_end, months_before

ROOT = Path(__file__).resolve().parents[1]

_TABLES = {
    "customers": ("customer_id", "name", "parent_id", "segment", "region", "collector", "credit_limit", "terms_days"),
    "documents": (
        *("document_id", "customer_id", "entity", "kind", "document_date", "due_date", "currency", "amount"),
        *("disputed", "dispute_reason", "number"),
    ),
    "settlements": ("settlement_id", "document_id", "settled_on", "amount", "kind"),
}

_APP = """
company = {name}
reporting_currency = "EUR"
source = "ledger"
[store]
path = {store}
[screen]
tour = false
[dimensions]
entity = "Entity"
region = "Region"
segment = "Segment"
collector = "Collector"
behaviour = "Payment behaviour"
"""

_SOURCE = """
kind = "files"
[tables]
customers = "customers.csv"
documents = "documents.csv"
settlements = "settlements.csv"
"""

_TARGETS = """
[dso]
good = 45
attention = 60
note = "Group treasury policy, revised for all subsidiaries"
[overdue_share]
good = 0.2
attention = 0.35
[cei]
good = 85
attention = 70
"""

_LAST = date(2026, 9, 30)
_MONTHS = 26

_NAMES = (
    "Vereinigte Süddeutsche Fördertechnik- und Maschinenbau-Beteiligungsgesellschaft mbH & Co. KG auf Aktien",
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesellschaft",
    "شركة الخليج المتحدة للتجارة العامة والمقاولات ذات المسؤولية المحدودة",
    "חברת הצפון לציוד תעשייתי ומסחר בינלאומי בע״מ",
    "株式会社東日本精密機械製作所ホールディングス",
    "上海远东国际贸易与供应链管理有限责任公司",
    "대한산업기계 주식회사",
    "Société anonyme des établissements Lefèvre, Dubois et Compagnie de l’Atlantique Nord",
    "Ødegård & Łukasiewicz Þjónusta",
    "O’Neil “Sons” <Holdings> [No. 1] *starred* $cost$ _under_",
    "A",
    "Al-Rashid مجموعة Trading K.S.C.C. 株式会社",
)
_ENTITIES = (
    "Nordmark Industrieholding Deutschland GmbH",
    "Nordmark Gulf W.L.L.",
    "ノルドマルク・ジャパン株式会社",
)
_REGIONS = ("Deutschland, Österreich und Schweiz", "الخليج العربي", "日本", "United Kingdom and Ireland", None)
_SEGMENTS = ("Wholesale and distribution partners", "Public sector", "製造業", "Retail")
_COLLECTORS = ("Maximiliane von und zu Hohenstein-Waldenburg", "فاطمة الزهراء", "佐藤 健", "Jo")

_CURRENCIES = MappingProxyType({"EUR": "412.37", "USD": "1834.9", "GBP": "265.08", "JPY": "98350", "KWD": "57.125"})
"""The amount that an invoice is a multiple of; EUR is the reporting currency."""
_DECIMALS = {"JPY": 0, "KWD": 3}


@dataclass(frozen=True)
class Company:
    """A company that can be looked at: what writes its configuration, and whether a snapshot of it is made."""

    write: Callable[..., None]
    refreshed: bool = True


def settle(name: str, folder: Path, **options: Any) -> Path:
    """Write a company into ``folder`` and publish it; returns its configuration folder, for ``OUTSTANDING_CONFIG``.

    Args:
        name: One of ``NAMES``.
        folder: Where its settings, its source and its snapshots go; made if need be.
        options: For ``demo``: ``invoices``, how many.
    """
    company = _COMPANIES[name]
    config = folder / "config"
    config.mkdir(parents=True)
    company.write(config, **options)
    if company.refreshed:
        refresh(load(config), force=True)
    return config


def _demo(config: Path, invoices: int | None = None) -> None:
    shutil.copytree(ROOT / "config", config, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    _replace(config / "app.toml", "tour = true", "tour = false")
    if invoices is not None:
        _replace(config / "sources" / "demo.toml", "invoices = 60000", f"invoices = {invoices}")


def _replace(file: Path, old: str, new: str) -> None:
    told = file.read_text(encoding="utf-8")
    if old not in told:
        raise ValueError(f"{file} does not say '{old}'.")
    file.write_text(told.replace(old, new), encoding="utf-8")


def _quoted(value: Path | str) -> str:
    return json.dumps(value.as_posix() if isinstance(value, Path) else value, ensure_ascii=False)


def _files(config: Path, name: str, tables: dict[str, pl.DataFrame]) -> None:
    """Settings with a source of CSV files beside them."""
    sources = config / "sources"
    sources.mkdir()
    told = _APP.format(name=_quoted(name), store=_quoted(config.parent / "data"))
    (config / "app.toml").write_text(told, encoding="utf-8")
    (config / "targets.toml").write_text(_TARGETS, encoding="utf-8")
    (sources / "ledger.toml").write_text(_SOURCE, encoding="utf-8")
    for table, columns in _TABLES.items():
        tables.get(table, pl.DataFrame(schema=dict.fromkeys(columns, pl.String))).write_csv(sources / f"{table}.csv")


def _empty(config: Path) -> None:
    _files(config, "Nothing Yet Ltd", {})


def _five(config: Path) -> None:
    _files(config, "Nordmark Industrieholding Aktiengesellschaft und Tochterunternehmen", five_currencies())


def five_currencies() -> dict[str, pl.DataFrame]:
    """The raw tables of the company with five currencies, all text: sixty customers, twenty-six months.

    A customer buys in one currency, every twelfth in two. The later in the list, the later it pays; one in seven
    leaves the last half year unpaid.
    """
    customers = list(_customers())
    documents: list[dict[str, str | None]] = []
    settlements: list[dict[str, str | None]] = []
    numbers = count(1)
    for place, customer in enumerate(customers):
        for back in range(_MONTHS):
            document = _invoice(place, back, customer, next(numbers))
            documents.append(document)
            settlements.extend(_paid(place, back, document))
        if place % 9 == 0:
            documents.append(_receipt(place, customer, next(numbers)))
    rows = {"customers": customers, "documents": documents, "settlements": settlements}
    return {
        name: pl.DataFrame(rows[name], schema=dict.fromkeys(columns, pl.String)) for name, columns in _TABLES.items()
    }


def _customers() -> Iterator[dict[str, str | None]]:
    for place in range(60):
        name = _NAMES[place % len(_NAMES)]
        yield {
            "customer_id": f"{place:04d}",
            "name": name if place < len(_NAMES) else f"{name} {place // len(_NAMES) + 1}",
            "parent_id": f"{place - 1:04d}" if place % 8 == 1 else None,
            "segment": _SEGMENTS[place % len(_SEGMENTS)],
            "region": _REGIONS[place % len(_REGIONS)],
            "collector": _COLLECTORS[place // 3 % len(_COLLECTORS)],
            "credit_limit": None if place % 5 == 4 else str(900_000 * (1 + place % 3)),
            "terms_days": "30",
        }


def _currency(place: int, back: int) -> str:
    codes = tuple(_CURRENCIES)
    return codes[(place + (back % 2 if place % 12 == 0 else 0)) % len(codes)]


def _money(currency: str, factor: int) -> Decimal:
    places = Decimal(1).scaleb(-_DECIMALS.get(currency, 2))
    return (Decimal(_CURRENCIES[currency]) * factor).quantize(places)


def _invoice(place: int, back: int, customer: dict[str, str | None], number: int) -> dict[str, str | None]:
    dated = month_end(months_before(_LAST, back)) - timedelta(days=3 + place % 20)
    currency = _currency(place, back)
    disputed = place % 11 == 3 and back < 3
    return {
        "document_id": f"D{number:05d}",
        "customer_id": customer["customer_id"],
        "entity": _ENTITIES[place % len(_ENTITIES)],
        "kind": "invoice",
        "document_date": dated.isoformat(),
        "due_date": (dated + timedelta(days=30)).isoformat(),
        "currency": currency,
        "amount": str(_money(currency, 37 + 61 * (place % 13) + 5 * (back % 7))),
        "disputed": "true" if disputed else "false",
        "dispute_reason": "Mengenabweichung laut Lieferschein" if disputed else None,
        "number": f"RE-{dated.year}-{number:05d}",
    }


def _paid(place: int, back: int, invoice: dict[str, str | None]) -> Iterator[dict[str, str | None]]:
    """What settles an invoice: cash, in part first where the customer is slow, or a write-off of an old one."""
    due = date.fromisoformat(invoice["due_date"] or "")
    amount, id = Decimal(invoice["amount"] or "0"), invoice["document_id"]
    on = due + timedelta(days=place % 13 * 2 - 8 + max(0, 12 - back) * (place % 4) // 2)
    if on > _LAST or (place % 7 == 5 and back < 6):
        return
    kind = "write_off" if place % 17 == 16 and back == 9 else "cash"
    parts = [amount] if place % 3 else [amount - amount // 4, amount // 4]
    for part, share in enumerate(parts):
        day = min(on + timedelta(days=9 * part), _LAST)
        told = {"settlement_id": f"S{id}-{part}", "document_id": id, "settled_on": day.isoformat(), "kind": kind}
        yield {**told, "amount": str(share)}


def _receipt(place: int, customer: dict[str, str | None], number: int) -> dict[str, str | None]:
    """Money that nothing has been settled with yet."""
    currency = _currency(place, 0)
    return {
        **_invoice(place, 0, customer, number),
        "kind": "payment",
        "due_date": None,
        "amount": str(-_money(currency, 20)),
        "disputed": "false",
        "dispute_reason": None,
    }


_COMPANIES = {
    "demo": Company(_demo),
    "five": Company(_five),
    "empty": Company(_empty),
    "new": Company(_five, refreshed=False),
}
NAMES = tuple(_COMPANIES)
