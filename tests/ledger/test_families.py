"""Families: everyone's parents and ancestors, whatever the customer master says."""

from __future__ import annotations

import polars as pl
import pytest

from ledger.families import families, parents, ultimate_parents


def customers(**parent_of: str | None) -> pl.DataFrame:
    """Customers numbered in the order given, each with the parent it names."""
    rows = [(number, name, parent) for number, (name, parent) in enumerate(parent_of.items())]
    return pl.DataFrame(
        rows, schema={"customer": pl.UInt32, "customer_id": pl.String, "parent_id": pl.String}, orient="row"
    )


def named(found: pl.DataFrame, of: pl.DataFrame, *columns: str) -> list[tuple[str | int | None, ...]]:
    """Rows with names instead of numbers."""
    names = dict(of.select("customer", "customer_id").iter_rows())
    return [tuple(names.get(value) for value in row) for row in found.select(columns).iter_rows()]


def heads(**parent_of: str | None) -> dict[str | int | None, str | int | None]:
    master = customers(**parent_of)
    return {row[0]: row[1] for row in named(ultimate_parents(master), master, "customer", "head")}


def test_everyone_comes_with_everyone_above_them():
    master = customers(A=None, B="A", C="B", D=None)
    found = families(master)
    assert named(found, master, "customer", "ancestor") == [
        ("A", "A"), ("B", "B"), ("B", "A"), ("C", "C"), ("C", "B"), ("C", "A"), ("D", "D"),
    ]  # fmt: skip
    assert found["depth"].to_list() == [0, 0, 1, 0, 1, 2, 0]


def test_the_ultimate_parent_is_the_topmost():
    assert heads(A=None, B="A", C="B", D=None) == {"A": "A", "B": "A", "C": "A", "D": "D"}


@pytest.mark.parametrize("parent", ["nobody", "A", None, ""])
def test_an_unknown_parent_and_oneself_are_no_parent(parent):
    assert heads(A=parent, B="A") == {"A": "A", "B": "A"}


@pytest.mark.parametrize(
    ("parent_of", "head"),
    [
        ({"A": "B", "B": "A"}, {"A": "A", "B": "A"}),
        # C → D → E → C, and F and G below: the lowest number of the circle itself is its head, not B or F.
        (
            {"B": "D", "C": "D", "D": "E", "E": "C", "F": "E", "G": "F"},
            {"B": "C", "C": "C", "D": "C", "E": "C", "F": "C", "G": "C"},
        ),
        # Two circles, and a family without one.
        (
            {"A": "B", "B": "A", "C": "D", "D": "C", "E": None, "F": "E"},
            {"A": "A", "B": "A", "C": "C", "D": "C", "E": "E", "F": "E"},
        ),
    ],
    ids=["two", "with others below", "several"],
)
def test_a_circle_is_cut_open_at_its_lowest_number(parent_of, head):
    assert heads(**parent_of) == head


def test_a_long_circle_is_cut_once():
    names = [f"K{number:03}" for number in range(300)]
    circle = dict(zip(names, [*names[1:], names[0]], strict=True))
    master = customers(**circle)
    assert parents(master)["parent"].null_count() == 1
    assert set(heads(**circle).values()) == {"K000"}


def test_an_id_that_is_missing_is_nobodys_parent():
    master = customers(A=None, B=None).with_columns(
        customer_id=pl.Series([None, "B"], dtype=pl.String), parent_id=pl.lit(None, pl.String)
    )
    assert parents(master)["parent"].to_list() == [None, None]


def test_a_master_without_parents_or_customers_has_no_families():
    alone = customers(A=None).drop("parent_id")
    assert families(alone).rows() == [(0, 0, 0)]
    assert families(customers()).is_empty()
    assert ultimate_parents(customers()).is_empty()
