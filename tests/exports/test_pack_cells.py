"""A pack's tables as text: the same words on slides and on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from exports.column import Column, Form
from exports.pack import cells
from exports.pack.content import Table
from tests.exports import slide_packs as made

N = "\u00a0"


def table(rows, columns=None, **more):
    return Table("T", "T", pl.DataFrame(rows), columns or {}, **more)


def test_large_money_is_in_thousands_named_in_the_heading():
    of = table(
        {"a": [12_345_678.9, -400_000.0], "b": [1.5, None]},
        {name: Column(form=Form.MONEY, currency="USD") for name in "ab"},
    )
    assert cells.headings(of) == [f"a, USD{N}k", f"b, USD{N}k"]
    assert cells.written(of) == [["12,346", "0"], ["−400", "n/a"]]


def test_small_money_has_its_cents_and_other_money_none():
    column = Column("Open", Form.MONEY, "KWD")
    assert cells.written(table({"a": [Decimal("1.125"), Decimal("-0.0001")]}, {"a": column})) == [["1.125"], ["0.000"]]
    assert cells.headings(table({"a": [1.0]}, {"a": column})) == ["Open, KWD"]
    assert cells.written(table({"a": [1_234_567.89]}, {"a": column})) == [["1,234,568"]]


def test_several_currencies_keep_to_their_own_digits():
    rows = {"amount": [963_646.0, 77.125, None], "currency": ["JPY", "KWD", "USD"]}
    of = table(rows, {"amount": Column(currency_from="currency")})
    assert cells.written(of) == [["963,646", "JPY"], ["77.125", "KWD"], ["n/a", "USD"]]
    assert cells.headings(of) == ["amount", "currency"]


def test_each_kind_of_cell():
    rows = {
        "share": [0.234], "days": [12.34], "count": [12345], "day": [date(2026, 10, 31)], "yes": [True],
        "list": [["a", None, "b"]], "odd": [float("inf")], "name": [made.CONTROL], "metric": [47.26], "unit": ["days"],
    }  # fmt: skip
    of = table(rows, {"share": Column(form=Form.SHARE), "metric": Column(unit_from="unit")})
    (row,) = cells.written(of)
    assert row == [
        f"23.4{N}%", "12.3", "12,345", f"31{N}Oct{N}2026", "Yes", "a; b", "n/a", "Bell and break \ufffe",
        f"47.3{N}days",
    ]  # fmt: skip
    assert cells.sides(of) == ["right", "right", "right", "left", "left", "left", "right", "left", "right"]


def test_a_sum_has_no_segment_but_an_unknown_customer_has_none_either():
    of = table({"segment": [None, "A", None], "open": [1.0, 2.0, None]}, last_is_total=True)
    assert cells.written(of) == [["n/a", "1.0"], ["A", "2.0"], ["", "n/a"]]


def test_states_follow_their_rows():
    of = table(
        {"a": [1, 2, 3, 6]}, most=1, last_is_total=True, states={(0, "a"): "good", (1, "a"): "watch", (3, "a"): "act"}
    )
    assert cells.states(of) == {(0, "a"): "good", (1, "a"): "act"}
