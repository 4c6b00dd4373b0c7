"""Values of dimensions that somebody should look at: each is found, and nothing beside it."""

from __future__ import annotations

import pytest

from ledger.dimension_values import doubtful_values, misspelt, unassigned
from ledger.suspects import suspects
from tests.ledger.books import book, customer, invoice, rate, settled


def regions(**counts):
    """So many invoices of each region, each to a customer of its own name and number."""
    rows, people = [], {}
    for region, count in counts.items():
        for place in range(count):
            id = f"{region}-{place}"
            rows.append(invoice(id, f"{100 + place}", customer_id=f"C{place % 40}", region=region, number=id))
            people[f"C{place % 40}"] = customer(
                f"C{place % 40}", f"Company of Mx {'ABCDEFGHIJ'[place % 10]}{place % 40}"
            )
    return rows, [*people.values()]


def doubted(**counts):
    rows, people = regions(**counts)
    return [
        (row["value"], row["looks_like"], row["customers"], row["documents"])
        for row in doubtful_values(book(rows, customers=people)).iter_rows(named=True)
    ]


def test_a_rare_value_that_looks_like_a_frequent_one_is_named():
    assert doubted(Nordics=60, Nordcis=2) == [("Nordcis", "Nordics", 2, 2)]
    assert doubted(Nordics=60, nordics=1) == [("nordics", "Nordics", 1, 1)]
    assert doubted(Nordics=60, Nordcis=4) == [], "4 of 60 is more than one in twenty"
    assert doubted(Nordics=60, Iberia=1) == [], "another word, and too few customers to call it alone"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("EMEA", "emea", True),
        ("EMEA", "EMAE", False),
        ("A. Bell", "M. Bell", False),
        ("Store 12", "Store 13", False),
        ("Wholesale", "Wholsale", True),
        ("Manufacturing", "Manufcaturnig", True),
        ("North", "South", False),
        ("São Paulo", "Sao Paulo", True),
    ],
)
def test_which_values_are_taken_for_one(one, other, same):
    assert misspelt(one, other) is same
    assert misspelt(other, one) is same


def test_a_value_that_one_customer_alone_has_among_many_is_named():
    rows = [invoice(f"I{n}", customer_id=f"C{n}", region="EMEA" if n else "Elsewhere") for n in range(70)]
    told = doubtful_values(book(rows))
    assert told.select("dimension", "value", "looks_like", "why").rows() == [
        ("region", "Elsewhere", None, "no other customer has it")
    ]


def test_suspects_name_the_customers():
    rows, people = regions(Nordics=60, Nordcis=2)
    found = suspects(book(rows, customers=people)).filter(check="odd_value")
    assert sorted(found["customer_id"]) == ["C0", "C1"]
    assert set(found["why"]) == {"Region 'Nordcis': looks like 'Nordics'"}


def test_money_open_without_a_value_is_told_by_dimension():
    rows = [
        invoice("I1", "100"),
        invoice("I2", "300", region=None, customer_id="C2"),
        invoice("I3", "50", region=None, customer_id="C3"),
    ]
    told = unassigned(book(rows, [settled("S3", "50", "2024-03-01", of="I3")]))
    assert told.rows(named=True) == [
        {
            "dimension": "region", "label": "Region", "customers": 1, "documents": 1, "open": 300.0, "share": 0.75,
            "currency": "USD",
        }
    ]  # fmt: skip


def test_several_currencies_are_told_one_by_one_where_nothing_converts():
    rows = [invoice("I1", "100", region=None), invoice("I2", "300", currency="EUR"), invoice("I3", "100")]
    told = unassigned(book(rows, rules={"reporting_currency": "USD"}))
    assert told.select("currency", "open", "share").rows() == [("USD", 100.0, 0.5)], "in EUR all have one"
    rates = [rate("EUR", "2024-01-01", "2")]
    (one,) = unassigned(book(rows, fx_rates=rates)).select("currency", "open", "share").rows()
    assert one == ("USD", 100.0, 100 / 800)


def test_an_empty_ledger_and_a_whole_one_have_nothing_unassigned():
    assert unassigned(book()).is_empty()
    assert unassigned(book([invoice()])).is_empty()
    assert doubtful_values(book()).is_empty()
