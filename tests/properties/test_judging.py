"""The product judges as the plain second implementation does, on books and rules that nobody chose."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.judging import breaches, judged
from config.alerts import Rule, read_rule
from ledger.book import Book
from ledger.calendar import months_before
from ledger.conversion import Conversion
from ledger.scope import CURRENCY
from metrics import CATALOG, Better, Targets
from tests.alerts import plain
from tests.alerts.series import Goal, ends, monthly
from tests.ledger.books import book, customer, settled
from tests.plain.strategies import days, ledgers
from tests.properties.product import book_of

METRICS = ("overdue", "overdue_share", "billed", "credit_sales", "total_ar", "dso", "cash_collected", "over_limit")
TARGETS = Targets.of(
    {
        "overdue_share": [Goal(0.2, 0.4, (("region", "EMEA"),)), Goal(0.3, 0.5, end=date(2024, 3, 31)), Goal(0.5, 0.7)],
        "overdue": [Goal(50, 100, (("region", None),)), Goal(100, 300, start=date(2024, 2, 1))],
        "dso": [Goal(30, 60)],
    },
    "targets.toml",
)
KINDS = ("level", "level", "target", "benchmark", "change", "change", "unusual")


@st.composite
def rules(draw: st.DrawFn, metrics: tuple[str, ...] = METRICS, kinds: tuple[str, ...] = KINDS) -> Rule:
    when = draw(st.sampled_from(kinds))
    metric = draw(st.sampled_from(metrics))
    table: dict[str, Any] = {
        "title": "A rule",
        "metric": metric,
        "when": when,
        "by": draw(st.sampled_from([[], ["region"], ["customer"], ["entity", "region"], ["currency"]])),
        "edge": draw(st.sampled_from(["above", "at_least", "below", "at_most"])),
        "periods": draw(st.sampled_from([1, 1, 1, 2, 3])),
        "margin": draw(st.sampled_from([None, None, 0, 0.1])),
    }
    if CATALOG[metric].better is not Better.NEITHER or when == "unusual":
        table["edge"] = draw(st.sampled_from([table["edge"], None]))
    if when in ("level", "change"):
        table["value"] = draw(st.sampled_from([0, 0.1, 0.5, 20, 100, -0.2, -30]))
    if when == "change":
        table |= {"percent": draw(st.booleans()), "against": draw(st.sampled_from(["year", "period"]))}
    if when == "unusual":
        table["value"] = draw(st.sampled_from([None, 1, 2]))
    if when in ("target", "benchmark"):
        table["of"] = draw(st.sampled_from(["good", "attention"]))
    if draw(st.booleans()):
        table["where"] = draw(st.sampled_from([{"region": "EMEA"}, {"region": ["EMEA", "Unassigned"]}, {}]))
    if draw(st.booleans()):
        table["least"] = draw(st.sampled_from([10, 100, 300]))
    if draw(st.booleans()):
        table["window"] = draw(st.sampled_from(["1mo", "2mo", "30d"]))
    return read_rule("r", {key: value for key, value in table.items() if value is not None}, "a test")


def assert_same(of: Book, rule: Rule, asked: list[date]) -> None:
    """Verdicts, quantities and limits of every group and day; and the breaches of the last day."""
    rows = judged(of, rule, asked, TARGETS, "3mo").to_dicts()
    other = plain.Judge(of, rule, TARGETS, "3mo")
    labels = [next(iter(of.by_columns([name])), CURRENCY) for name in rule.by]
    for day in asked:
        want = other.judge(day)
        got = {(*(row[label] for label in labels), row[CURRENCY]): row for row in rows if row["as_of"] == day}
        assert got.keys() == want.keys()
        for group, row in got.items():
            verdict = want[group]
            assert (row["breach"], row["clear"]) == (verdict.breach, verdict.clear), (day, group, row, verdict)
            assert (row["note"] is None) == (verdict.breach is not None)
            if verdict.breach is not None:
                for name in ("value", "quantity", "limit", "expected"):
                    assert row[name] == pytest.approx(getattr(verdict, name), rel=1e-9, abs=1e-9), name
    assert_same_breaches(of, rule, asked[-1], other)


def assert_same_breaches(of: Book, rule: Rule, day: date, other: plain.Judge) -> None:
    found, held, count = breaches(of, rule, day, TARGETS, "3mo")
    want = other.judge(day)
    assert [(*(value for _, value in each.group), each.currency) for each in found] == sorted(
        (group for group, verdict in want.items() if verdict.breach),
        key=lambda group: [(v is None, v or "") for v in group],
    )
    assert count == sum(verdict.breach is not None for verdict in want.values())
    assert len(held) == sum(verdict.breach is False and verdict.clear is False for verdict in want.values())
    for each in found:
        group = (*(value for _, value in each.group), each.currency)
        since, back = day, 1
        while back <= 24 and (before := plain.earlier(day, back)) and other.reaches(before):
            if group not in other.groups(before) or not other.once(before, group).breach:
                break
            since, back = before, back + 1
        assert each.since == since
        assert each.history[-1].day == day


@given(ledgers(), rules(), days)
def test_messy_short_books(ledger: Any, rule: Rule, day: date) -> None:
    assert_same(book_of(ledger), rule, [months_before(day, 1), day])


@given(ledgers(currencies=("USD", "EUR")), rules(), days)
def test_currencies_that_are_never_added(ledger: Any, rule: Rule, day: date) -> None:
    assert_same(book_of(ledger, conversion=Conversion.NONE), rule, [day])


def long_book(drawn: random.Random, months: int) -> Book:
    """Up to four years of a few groups: some begin late, pause or end, some never change."""
    rows, paid = [], []
    for place, region in enumerate(("EMEA", "APAC", None)):
        shape = drawn.choice(["noise", "season", "constant", "late", "gaps"])
        amounts = [drawn.choice([50, 60, 70, 80, 200]) for _ in range(months)]
        if shape == "season":
            amounts = [100 * (1 + back % 12) + drawn.choice([0, 0, 1]) for back in range(months)]
        if shape == "constant":
            amounts = [90] * (months - 1) + [drawn.choice([90, 91])]
        if shape == "late":
            amounts[: drawn.randrange(months)] = [0] * drawn.randrange(months)
            amounts = ([0] * months + amounts)[-months:]
        if shape == "gaps":
            amounts = [drawn.choice([0, 0, each]) for each in amounts]
        rows += monthly(amounts, name=f"{place}-", region=region, customer_id=drawn.choice(["C1", "C2"]))
        for row in rows:
            if drawn.random() < 0.6 and row["document_id"].startswith(f"{place}-"):
                on = date.fromordinal(date.fromisoformat(row["document_date"]).toordinal() + drawn.randrange(200))
                paid.append(settled(f"S{row['document_id']}", row["amount"], on.isoformat(), of=row["document_id"]))
    return book(rows, paid, [customer(), customer("C2", "Two")])


@given(
    st.randoms(use_true_random=False),
    st.sampled_from([10, 26, 47]),
    rules(("billed", "gross_open", "dso", "cash_collected"), ("change", "unusual", "unusual", "unusual")),
)
def test_long_books(drawn: random.Random, months: int, rule: Rule) -> None:
    assert_same(long_book(drawn, months), rule, ends(2))
