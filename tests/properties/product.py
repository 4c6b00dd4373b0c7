"""Asking the product and the plain implementation the same question, in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl
import pytest

from ledger.aging import UNAPPLIED, AgingRule
from ledger.book import Book, BookRules
from ledger.build import build_book
from ledger.scope import Scope
from metrics import aging, evaluate, movement
from tests.plain import metrics as plain
from tests.plain.ledger import Doc, Ledger
from tests.plain.strategies import to_frames

DIMENSIONS = {"entity": "Entity", "region": "Region", "segment": "Segment"}
ADDITIVE = (
    "total_ar", "gross_open", "overdue", "unapplied_credits", "disputed", "billed", "credit_sales", "cash_collected",
    "write_offs", "fx_losses",
)  # fmt: skip
TO_THE_CENT = ("dso_day_value", "cost_of_overdue")
"""Money that comes from a division, given to the nearest cent."""

MONEY = (*ADDITIVE, *TO_THE_CENT, "over_limit")
AGED = ("bucket", "amount", "count")
BY_SLICES = (
    "days_to_pay", "days_beyond_terms", "days_beyond_terms_clamped", "on_time_share", "collection_efficiency",
)  # fmt: skip
"""Metrics weighed by slices, whose amounts in another currency are shares of their document's."""

RULES = (
    plain.AgingRule(),
    plain.AgingRule(edges=(60,)),
    plain.AgingRule(due_today="overdue", last_day="outside"),
    plain.AgingRule(edges=(10, 20, 30, 45), basis="document_date"),
    plain.AgingRule(basis="posting_date", last_day="outside"),
    plain.AgingRule(credits="aged"),
)

Readings = Mapping[str, plain.Reading]


def book_of(ledger: Ledger, rule: plain.AgingRule = RULES[0], *, as_text: bool = False, **rules: Any) -> Book:
    """The product's books of the ledger."""
    own = AgingRule(rule.edges, rule.basis, rule.credits, rule.due_today, rule.last_day)
    return build_book(to_frames(ledger, as_text), BookRules(dimensions=DIMENSIONS, aging=own, **rules))


def values(
    book: Book, day: date, window: str, scope: Scope = Scope(), match: Mapping[str, str | None] = MappingProxyType({})
) -> dict[str, float | None]:
    """Metric to value: the rows of one group, which ``match`` names by dimension."""
    rows = evaluate(book, days=[day], window=window, scope=scope, by=list(match))
    for name, value in match.items():
        rows = rows.filter(pl.col(name).eq_missing(pl.lit(value, pl.String)))
    assert rows["metric"].is_unique().all()
    return dict(rows.select("metric", "value").iter_rows())


def assert_same(got: Mapping[str, float | None], want: Readings, but: tuple[str, ...] = ()) -> None:
    """Every metric has the plain implementation's value: money to the cent, ratios to the last digits of a double."""
    assert got.keys() == want.keys()
    assert differences(got, numbers(want), but) == {}


def numbers(readings: Readings) -> dict[str, float | None]:
    return {name: None if item.value is None else float(item.value) for name, item in readings.items()}


def differences(
    got: Mapping[str, float | None], want: Mapping[str, float | None], but: tuple[str, ...] = ()
) -> dict[str, tuple[float | None, float | None]]:
    """The metrics on which two answers differ, with both values. No value equals no value."""
    asked = {name: 0.005 + 1e-9 if name in TO_THE_CENT else 1e-9 for name in want if name not in but}
    return {name: (got[name], want[name]) for name, within in asked.items() if not near(got[name], want[name], within)}


def near(one: float | None, other: float | None, within: float = 1e-9) -> bool:
    if one is None or other is None:
        return one is other
    return one == pytest.approx(other, rel=1e-9, abs=within)


def nothing() -> dict[str, float | None]:
    """What the plain implementation says of a group without documents."""
    return numbers(plain.evaluate(Ledger(), date(2024, 1, 31)))


def buckets(book: Book, day: date) -> dict[int | str, tuple[Decimal, int]]:
    """Bucket to amount and documents, empty buckets left out, in the plain implementation's shape."""
    rows = aging(book, [day])
    codes: dict[str, int | str] = {label: code for code, label in enumerate(book.rules.aging.labels)}
    codes[UNAPPLIED] = plain.UNAPPLIED
    found = {codes[name]: (cents(amount), count) for name, amount, count in rows.select(*AGED).iter_rows()}
    return {code: pair for code, pair in found.items() if pair != (0, 0)}


def lines(book: Book, day: date, window: str) -> dict[str, Decimal]:
    """The roll-forward, line to amount, signed as it adds."""
    rows = movement(book, day, window)
    return {name: cents(amount) for name, amount in rows.select("line", "amount").iter_rows()}


def cents(amount: float) -> Decimal:
    """Money is exact to the cent: reading it back as cents loses nothing."""
    exact = Decimal(str(amount))
    assert exact == exact.quantize(Decimal("0.01"))
    return exact


def label(ledger: Ledger, doc: Doc, dimension: str) -> str | None:
    """The value a document has in a dimension."""
    match dimension:
        case "customer":
            return doc.customer_id
        case "entity":
            return doc.entity
        case "region" | "segment":
            customer = ledger.customer(doc)
            return None if customer is None else getattr(customer, dimension)
        case _:
            raise ValueError(dimension)
