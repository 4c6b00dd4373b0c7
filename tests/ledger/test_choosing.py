"""Choosing by number: customers' rows as stretches of sorted tables, and the groups of cells."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.choosing import MANY, customers_of, rows_of
from ledger.errors import OutstandingError
from ledger.scope import COMPANY, Scope
from tests.ledger.books import book, customer, invoice

CUSTOMERS = pl.DataFrame({"customer": range(5), "customer_id": ["", "A", "B", "Ö", None]})


@pytest.mark.parametrize(
    ("ids", "numbers"),
    [
        (["A"], [1]),
        (["Ö", "", "B"], [0, 2, 3]),
        (["nobody", "0", "ÖÖ"], []),
        ([None], [4]),
        (["A", None, "C"], [1, 4]),
    ],
)
def test_customers_are_found_by_id(ids, numbers):
    found = customers_of(Scope.of(customer=ids), CUSTOMERS)
    assert found is not None
    assert found.to_list() == numbers


def test_without_a_choice_all_customers_are_meant():
    assert customers_of(COMPANY, CUSTOMERS) is None


def test_nobody_is_found_among_no_customers():
    found = customers_of(Scope.of(customer="A"), CUSTOMERS.clear())
    assert found is not None
    assert found.is_empty()


@pytest.mark.parametrize(
    "wanted", [[], [0], [2, 5], [3, 4, 5], [1, 7, 8, 999], list(range(0, 1000, 2)), list(range(1000))]
)
def test_rows_of_customers_are_those_that_a_filter_finds(wanted):
    assert len(range(0, 1000, 2)) > MANY
    rows = pl.DataFrame({"customer": [n for n in range(900) for _ in range(n % 3)]}).with_row_index()
    rows = pl.concat([rows.slice(0, 400), rows.slice(400, 7), rows.slice(407)], rechunk=False)
    found = rows_of(rows, pl.Series(wanted, dtype=pl.UInt32))
    assert found.equals(rows.filter(pl.col("customer").is_in(wanted)))


def test_the_same_question_twice_has_the_same_answer_and_a_wrong_one_fails_every_time():
    of = book([invoice()], customers=[customer()])
    once, again = (of.positions(of.position_days, Scope.of(region="EMEA"), ["region"]) for _ in range(2))
    assert once.equals(again)
    for _ in range(2):
        with pytest.raises(OutstandingError, match="no dimension 'planet'"):
            of.positions(of.position_days, COMPANY, ["planet"])
