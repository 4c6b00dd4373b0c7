"""Proposals for missing values, and a plain second look at who has what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.proposals import Proposal, proposed
from tests.ledger.books import book, customer, invoice


def people(having, lacking=0, **more):
    """So many customers with a region, so many without, and X, who lacks it; all with ``more``."""
    told = [customer(f"C{at}", region="EMEA" if at < having else None, **more) for at in range(having + lacking)]
    return [*told, customer("X", region=None, **more)]


def billed(customers, **more):
    rows = [invoice(f"I{row['customer_id']}", customer_id=row["customer_id"], **more) for row in customers]
    return [{name: value for name, value in row.items() if name != "region"} for row in rows]


@pytest.mark.parametrize(
    ("having", "lacking", "why"),
    [
        (9, 1, "9 of 10 customers in Germany have it"),
        (8, 2, "8 of 10 customers in Germany have it"),
        (7, 2, None),
        (5, 0, "5 of 5 customers in Germany have it"),
        (4, 0, None),
    ],
)
def test_what_nearly_all_of_a_country_have_is_proposed(having, lacking, why):
    made = book(customers=people(having, lacking, country="Germany"))
    assert proposed(made, "X", "region") == (Proposal("EMEA", why) if why else None)


def test_the_parent_comes_first_then_the_country_then_the_entity():
    peers = people(6, country="Germany")
    family = [customer("P", "Parent Co", region="APAC"), {**peers[-1], "parent_id": "P"}]
    assert proposed(book(customers=[*peers[:-1], *family]), "X", "region") == Proposal(
        "APAC", "its parent Parent Co has it"
    )
    without = [customer("P", "Parent Co", region=None), {**peers[-1], "parent_id": "P"}]
    made = book(customers=[*peers[:-1], *without])
    assert proposed(made, "X", "region") == Proposal("EMEA", "6 of 6 customers in Germany have it")
    nowhere = people(6)
    made = book(billed(nowhere), customers=nowhere)
    assert proposed(made, "X", "region") == Proposal("EMEA", "6 of 6 customers of E1 have it")


def test_what_customers_do_not_share_is_not_proposed():
    same = {"credit_limit": "500", "email": "a@example.com", "country": "Germany"}
    rows = [customer(f"C{at}", terms_days=30, **same) for at in range(9)]
    made = book(customers=[*rows, customer("X", terms_days=None, country="Germany")])
    assert proposed(made, "X", "credit_limit") is None
    assert proposed(made, "X", "email") is None
    assert proposed(made, "X", "terms_days") == Proposal("30", "9 of 9 customers in Germany have it")
    assert proposed(made, "X", "country") is None, "nobody is asked for a country by the country"
    assert proposed(made, "X", "no such column") is None


_PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["DE", "DE", "DE", "FR", None]),
        st.sampled_from(["EMEA", "EMEA", "EMEA", "EMEA", "EMEA", "EMEA", "APAC", None]),
        st.sampled_from([None, None, "C0", "C1"]),
        st.sampled_from(["E1", "E2"]),
    ),
    min_size=6,
    max_size=14,
)


def _plainly(rows):
    """The value proposed for the last of ``rows``, found one customer after the other."""
    country, _, parent, entity = rows[-1]
    by_id = {f"C{at}": row for at, row in enumerate(rows)}
    if parent and by_id[parent][1]:
        return by_id[parent][1]
    for place, own in ((0, country), (3, entity)):
        alike = [row[1] for row in rows[:-1] if own is not None and row[place] == own]
        for value in ("EMEA", "APAC"):
            if alike.count(value) >= 5 and alike.count(value) * 10 >= len(alike) * 8:
                return value
    return None


@given(_PEOPLE)
def test_a_plain_second_look_proposes_the_same(rows):
    rows = [*rows[:-1], (rows[-1][0], None, *rows[-1][2:])]
    told = [
        customer(f"C{at}", country=country, region=region, parent_id=parent)
        for at, (country, region, parent, _) in enumerate(rows)
    ]
    documents = [
        {
            name: value
            for name, value in invoice(f"I{at}", customer_id=f"C{at}", entity=row[3]).items()
            if name != "region"
        }
        for at, row in enumerate(rows)
    ]
    found = proposed(book(documents, customers=told), f"C{len(rows) - 1}", "region")
    assert (found.value if found else None) == _plainly(rows)
