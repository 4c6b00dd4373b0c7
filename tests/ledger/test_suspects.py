"""What a person should look at: each check speaks where it should, and is silent beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ledger.fixes import Fix
from ledger.lookalikes import lookalikes, plain
from ledger.suspects import CHECKS, feeds, suspects
from tests.ledger.books import book, customer, day, invoice, rate, settled

START = day("2024-01-01")


def monthly(count=12, amount="100", of="C1", terms=30, prefix="M"):
    """So many invoices, one every 20 days, of slightly different amounts."""
    rows = []
    for place in range(count):
        dated = START + timedelta(days=20 * place)
        rows.append(
            invoice(
                f"{prefix}{place}",
                f"{amount}.{place:02d}",
                customer_id=of,
                document_date=str(dated),
                due_date=str(dated + timedelta(days=terms)),
            )
        )
    return rows


def paid(documents):
    return [
        settled(f"S-{row['document_id']}", row["amount"], row["document_date"], of=row["document_id"])
        for row in documents
    ]


def found(check, documents, settlements=(), customers=()):
    rows = suspects(book(documents, settlements, customers))
    return [
        (row["customer_id"], row["document_id"], row["other_id"], row["why"])
        for row in rows.filter(check=check).iter_rows(named=True)
    ]


def test_a_quiet_ledger_raises_nothing():
    rows = monthly()
    assert suspects(book(rows, paid(rows))).is_empty()


def test_an_empty_ledger_raises_nothing():
    assert suspects(book()).is_empty()
    assert feeds(book()).is_empty()


def test_who_owes_and_lacks_what_others_have_is_named():
    people = [
        customer("C1", terms_days=None, collector="Ann"),
        customer("C2", terms_days=30, collector="Ann"),
        customer("C3", terms_days=None, collector=None),
    ]
    rows = [invoice("I1"), invoice("I2", "70", customer_id="C2"), invoice("I3", "5", customer_id="C3")]
    assert found("gap", rows, [settled("S", "5", "2024-02-01", of="I3")], people) == [
        ("C1", None, None, "no terms days")
    ]
    everyone = [customer("C1"), customer("C2")]
    assert found("gap", rows[:2], (), everyone) == [], "a field that the source has for nobody is no gap"


def test_what_a_correction_fills_in_makes_no_gap_of_the_others():
    people = [customer(f"C{at}", region="EMEA") for at in range(5)]
    rows = [invoice(f"I{at}", customer_id=f"C{at}") for at in range(5)]
    fixes = (Fix("1", "value", "segment", "C1", None, "Retail"), Fix("2", "value", "segment", "C1", "Retail", "Shops"))
    assert suspects(book(rows, customers=people, rules={"fixes": fixes})).filter(check="gap").is_empty()
    some = [{**row, "segment": "Retail" if row["customer_id"] == "C2" else None} for row in people]
    lacking = suspects(book(rows, customers=some, rules={"fixes": fixes})).filter(check="gap")
    assert sorted(lacking["customer_id"]) == ["C0", "C3", "C4"], "the source tells it of C2, and a person of C1"


def test_nobody_is_asked_to_fill_in_a_customer_that_only_documents_name():
    people = [customer("C1", terms_days=30)]
    assert found("gap", [invoice("I1"), invoice("I2", customer_id="Z")], (), people) == []


@pytest.mark.parametrize(
    ("second", "speaks"),
    [
        ({"document_date": "2024-03-13"}, True),
        ({"document_date": "2024-03-14"}, False),
        ({"document_date": "2024-03-11", "amount": "250.01"}, False),
        ({"document_date": "2024-03-11", "customer_id": "C2"}, False),
        ({"document_date": "2024-03-11", "currency": "EUR"}, False),
        ({"document_date": "2024-03-10", "due_date": "2024-05-10"}, False),
        ({"document_date": "2024-03-10", "due_date": "2024-04-09"}, True),
        ({"document_date": "2024-03-11", "kind": "credit_memo", "amount": "-250"}, False),
    ],
    ids=["3 days", "4 days", "a cent", "customer", "currency", "an instalment", "the same day", "a credit"],
)
def test_the_same_amount_within_days(second, speaks):
    first = invoice("I1", "250", document_date="2024-03-10", due_date="2024-04-09")
    pair = [first, {**first, "document_id": "I2", "due_date": "2024-04-12", **second}]
    said = found("same_amount", pair, (), [customer("C1"), customer("C2", "Two")])
    assert bool(said) == speaks
    if speaks:
        assert said[0][:3] == ("C1", "I2", "I1")


@pytest.mark.parametrize(("amount", "speaks"), [("1000.61", True), ("1000.60", False)])
def test_an_amount_ten_times_the_usual(amount, speaks):
    rows = [*monthly(), invoice("BIG", amount, document_date="2024-09-15", due_date="2024-10-15")]
    said = found("odd_amount", rows, paid(rows))
    assert said == ([("C1", "BIG", None, "10 times the customer's median")] if speaks else [])


def test_too_few_invoices_say_nothing_of_what_is_usual():
    rows = [*monthly(10), invoice("BIG", "9000", document_date="2024-09-15", due_date="2025-06-15")]
    assert found("odd_amount", rows) == found("odd_terms", rows) == []


def test_two_large_ones_are_usual():
    rows = [*monthly(), *(invoice(f"B{n}", "9000", document_date=f"2024-09-{n}", due_date=None) for n in (10, 20))]
    assert found("odd_amount", rows) == []


@pytest.mark.parametrize(("due", "speaks"), [("2024-11-14", True), ("2024-11-13", False)])
def test_terms_apart_from_the_usual(due, speaks):
    rows = [*monthly(), invoice("ODD", "77", document_date="2024-09-15", due_date=due)]
    said = found("odd_terms", rows)
    assert said == ([("C1", "ODD", None, "due after 60 days, usually after 30")] if speaks else [])


def test_parts_of_an_invoice_have_no_odd_terms():
    parts = [invoice(f"P{n}", "50", document_date="2024-09-15", due_date=f"2024-{n}-15") for n in (10, 11, 12)]
    assert found("odd_terms", [*monthly(), *parts]) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Meridian Supply Ltd", "MERIDIAN SUPPLY, Inc.", True),
        ("Meridian Supply", "Meridian Suply GmbH", True),
        ("Société Dupont", "Societe Dupont SA", True),
        ("Acme Steel North", "Acme Steel South", False),
        ("Store 12 Hamburg", "Store 13 Hamburg", False),
        ("Group Holding", "Holding Group", False),
        ("北辰 Denki 株式会社", "光洋 Shōji 株式会社", False),
        ("", "---", False),
    ],
)
def test_names_that_are_most_likely_one(one, other, alike):
    assert bool(lookalikes([one, "Zzyzx Quarry", other])) == alike


def test_look_alikes_are_pairs_each_once():
    assert lookalikes(["Alpha Foods", "Beta", "Alpha Foods Ltd", "alpha foods"]) == [(0, 2), (0, 3)]
    assert plain("Ltd & Co.") == "ltd co"


def test_customers_with_one_name_are_told():
    people = [customer("C1", "Alpha Foods Ltd"), customer("C2", "Alpha Foods Inc")]
    assert found("same_name", [invoice()], (), people) == [("C1", None, "C2", "looks like 'Alpha Foods Inc'")]


def test_checks_come_in_order_the_largest_first():
    people = [customer("C1", "Alpha Foods Ltd"), customer("C2", "Alpha Foods Inc")]
    pairs = [
        invoice(f"{id}{n}", amount, document_date=f"2024-03-1{n}", due_date=f"2024-04-1{n}")
        for id, amount in (("A", "10"), ("B", "90"))
        for n in (1, 2)
    ]
    rows = suspects(book(pairs, (), people))
    assert rows["check"].to_list() == ["same_name", "same_amount", "same_amount"]
    assert rows["amount"].to_list()[1:] == [90.0, 10.0]
    assert set(rows["check"]) <= CHECKS.keys()


def test_a_feed_is_stale_when_it_is_silent_for_twice_as_long_as_ever():
    rows = monthly(17)
    last = START + timedelta(days=20 * 16)
    cash = paid(rows)

    def told(silent):
        made = book(rows, cash, rules={"today": last + timedelta(days=silent)})
        return [(feed, days, usual, stale) for _, feed, _, days, usual, stale in feeds(made).iter_rows()]

    assert told(40) == [("billing", 40, 20, False), ("cash", 40, 20, False)]
    assert told(41) == [("billing", 41, 20, True), ("cash", 41, 20, True)]


def test_a_feed_is_told_by_entity_and_a_single_day_is_no_habit():
    rows = [invoice("I1"), invoice("I2", entity="E2", document_date="2024-11-01")]
    told = feeds(book(rows, [settled("S", "10", "2024-03-01")]))
    assert told.select("entity", "feed", "last", "usual_days", "stale").rows() == [
        ("E1", "billing", day("2024-01-10"), None, False),
        ("E1", "cash", day("2024-03-01"), None, False),
        ("E2", "billing", day("2024-11-01"), None, False),
    ]


def test_money_of_several_currencies_is_weighed_in_the_reporting_currency():
    pairs = [
        invoice(f"{code}{n}", amount, currency=code, document_date=f"2024-03-1{n}", due_date=f"2024-04-1{n}")
        for code, amount in (("JPY", "9000"), ("USD", "100"))
        for n in (1, 2)
    ]
    made = book(pairs, rules={"conversion": "closing"}, fx_rates=[rate("JPY", "2024-01-01", "0.01")])
    rows = suspects(made)
    assert rows.select("document_id", "amount", "worth").rows() == [("USD2", 100.0, 100.0), ("JPY2", 9000.0, 90.0)]
