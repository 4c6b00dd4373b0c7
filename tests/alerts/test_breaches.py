"""What a rule finds in many groups at once: currencies, breaches with their history, days judged together."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl
import pytest

from alerts.case import key_of
from alerts.judging import ANSWER, breaches, judged
from config.settings import AppFile
from ledger.conversion import Conversion
from metrics import CATALOG
from tests.alerts.series import (
    LAST,
    MONTH,
    NO_TARGETS,
    Goal,
    ask,
    billing,
    ends,
    monthly,
    only,
    rule,
    shares,
    targets,
)
from tests.ledger.books import book, customer, invoice, rate

D = date.fromisoformat


# Currencies ----------------------------------------------------------------------------------------------------------

NEVER_ADDED = {"conversion": Conversion.NONE}


def in_currencies(**amounts):
    rows = [row for name, each in amounts.items() for row in monthly(each, name=name, currency=name)]
    return book(rows, rules=NEVER_ADDED)


def test_a_limit_in_money_holds_for_one_currency_where_they_are_never_added():
    of = in_currencies(USD=[10], EUR=[10], JPY=[10])
    rows = {row["currency"]: row for row in ask(of, rule(value=100))}
    assert {name: row["breach"] for name, row in rows.items()} == {"EUR": None, "JPY": None, "USD": True}
    assert rows["EUR"]["note"] == "the limit is in USD, and nothing converts amounts to it"
    assert only(ask(of, rule(value=100, where={"currency": "EUR"})))["breach"] is True


def test_days_and_shares_hold_for_every_currency():
    of = in_currencies(USD=[10, 20], EUR=[10, 20])
    share = rule("current_share", value=0.5, edge="above")
    assert [row["breach"] for row in ask(of, share)] == [True, True]
    percent = rule(when="change", percent=True, value=0.5, edge="above", against="period")
    assert [row["breach"] for row in ask(of, percent)] == [True, True]
    amount = rule(when="change", value=5, edge="above", against="period")
    assert [row["breach"] for row in ask(of, amount)] == [None, True]


def test_books_of_one_currency_have_their_limits_in_it():
    assert only(ask(in_currencies(EUR=[10]), rule(value=100)))["breach"] is True


def test_a_target_for_a_currency_holds_in_it():
    goals = targets("overdue", Goal(5, 8, (("currency", "EUR"),)), Goal(50, 80))
    documents = [invoice(f"I{each}", "10", currency=each) for each in ("USD", "EUR", "JPY")]
    of = book(documents, rules=NEVER_ADDED)
    rows = {
        row["currency"]: row
        for row in ask(of, rule("overdue", when="target", by="currency"), "2024-03-31", against=goals)
    }
    assert {name: (row["limit"], row["breach"]) for name, row in rows.items()} == {
        "EUR": (8.0, True), "JPY": (80.0, None), "USD": (80.0, False),
    }  # fmt: skip


def test_converted_money_is_asked_by_the_currency_of_the_documents():
    rows = [*monthly([100], name="A"), *monthly([100], name="B", currency="EUR")]
    of = book(rows, fx_rates=[rate("EUR", "2024-12-01", "1.5")])
    told = [
        (row["document_currency"], row["currency"], row["value"], row["breach"])
        for row in ask(of, rule(value=120, by="currency"))
    ]
    assert told == [("EUR", "USD", 150.0, False), ("USD", "USD", 100.0, True)]
    (breach,), _, judged_groups = breaches(of, rule(value=120, by="currency"), LAST, NO_TARGETS, MONTH)
    assert (breach.group, breach.currency, judged_groups) == ((("currency", "USD"),), "USD", 2)


# Breaches ------------------------------------------------------------------------------------------------------------


def test_a_breach_has_its_history_and_since_when():
    of = billing(*[150] * 20, 50, 150, *[50] * 8)
    (breach,), held, judged_groups = breaches(of, rule(value=100), LAST, NO_TARGETS, MONTH)
    assert (breach.value, breach.quantity, breach.limit, breach.expected, breach.compared) == (50, 50, 100, 100, None)
    assert (breach.group, breach.currency, breach.day, breach.since) == ((), "USD", LAST, D("2024-05-31"))
    assert [point.day for point in breach.history] == ends(25)
    assert [point.value for point in breach.history] == [*[150] * 15, 50, 150, *[50] * 8]
    assert {point.limit for point in breach.history} == {100.0}
    assert (held, judged_groups) == (frozenset(), 1)


def test_since_is_at_most_two_years_back():
    (breach,), _, _ = breaches(billing(*[50] * 40), rule(value=100), LAST, NO_TARGETS, MONTH)
    assert (breach.since, len(breach.history)) == (D("2022-12-31"), 25)


def test_since_counts_from_the_first_month_beyond_the_limit_also_where_it_takes_several():
    (breach,), _, _ = breaches(billing(150, 150, *[50] * 4), rule(value=100, periods=3), LAST, NO_TARGETS, MONTH)
    assert breach.since == D("2024-09-30")


def test_what_is_held_is_told_by_key():
    rows = [
        *monthly([50], name="A", region="A"),
        *monthly([101], name="B", region=None),
        *monthly([102], name="C", region="C"),
    ]
    found, held, judged_groups = breaches(book(rows), rule(value=100, by="region"), LAST, NO_TARGETS, MONTH)
    assert [breach.key for breach in found] == [key_of("r", (("region", "A"),), "USD")]
    assert held == {key_of("r", (("region", None),), "USD")}
    assert judged_groups == 3


def test_a_history_is_of_the_group_alone_and_in_the_unit_of_the_value():
    rows = [*monthly([10, 40, 90], name="A", region="A"), *monthly([10, 10, 10], name="B", region="B")]
    one = rule(when="change", value=20, edge="above", against="period", by="region")
    (breach,), _, _ = breaches(book(rows), one, LAST, NO_TARGETS, MONTH)
    assert [(point.value, point.limit) for point in breach.history] == [(10.0, None), (40.0, 30.0), (90.0, 60.0)]
    assert (breach.compared, breach.expected, breach.since) == (D("2024-11-30"), 40.0, D("2024-11-30"))


def test_customers_are_asked_one_by_one():
    rows = [*monthly([10, 10], name="A"), *monthly([10, 30], name="B", customer_id="C2")]
    of = book(rows, customers=[customer(), customer("C2", "Two")])
    found, _, judged_groups = breaches(
        of, rule("gross_open", value=25, edge="above", by=["customer"]), LAST, NO_TARGETS, MONTH
    )
    assert [(breach.group, breach.value, len(breach.history)) for breach in found] == [((("customer", "C2"),), 40.0, 2)]
    assert judged_groups == 2


@pytest.mark.parametrize("one", [
    rule(value=9, by="region"),
    rule(when="change", value=-5, by="region", against="period"),
    rule(when="change", value=0.1, percent=True, by=["region", "customer"], edge="above", against="period", periods=2),
    rule(when="unusual", by="region"),
    rule("total_ar", when="unusual", value=1.5, by=["customer"]),
], ids=["level", "change", "percent", "unusual", "customers"])  # fmt: skip
def test_days_asked_together_are_judged_as_alone(one):
    rows = [
        *monthly([(7 * n * n) % 31 for n in range(40)], name="A", region="EMEA"),
        *monthly([(5 * n * n) % 23 for n in range(40)], name="B", region=None, customer_id="C2"),
        *monthly([0] * 25 + [3, 9, 0, 0, 4, 8, 8, 8, 8, 0, 0, 0, 9, 0, 1], name="C", region="APAC"),
    ]
    of = book(rows, customers=[customer(), customer("C2")])
    days = [*ends(14), D("2024-12-17"), D("2024-02-29")]
    together = judged(of, one, days, NO_TARGETS, MONTH)
    alone = pl.concat([judged(of, one, [day], NO_TARGETS, MONTH) for day in sorted(set(days))])
    assert together.to_dicts() == alone.to_dicts()
    assert together["breach"].n_unique() > 1


def test_no_dimension_can_have_the_name_of_an_answers_column():
    for name in (*ANSWER, "as_of", "currency"):
        with pytest.raises(ValueError, match="which the reports use themselves"):
            AppFile(reporting_currency="USD", source="x", dimensions={name: "Its label"})


@cache
def lively():
    documents, settlements = shares(*((10 * (n % 4), 100 + 10 * (n % 7)) for n in range(30)))
    return book(documents, settlements, [customer(credit_limit="50")])


@pytest.mark.parametrize("metric", list(CATALOG))
def test_every_metric_can_be_asked_in_every_way(metric):
    for by in ((), ("customer", "currency")):
        for kind in (
            {"value": 0.1},
            {"when": "change", "value": 0.1, "percent": True},
            {"when": "unusual"},
        ):
            row = only(ask(lively(), rule(metric, by=by, edge="above", **kind)))
            assert (row["breach"] is None) == (row["note"] is not None)
