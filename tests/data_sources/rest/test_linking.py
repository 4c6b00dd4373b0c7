"""Credits are put on the first debits that are left; what no credit covers was paid."""

from __future__ import annotations

from decimal import Decimal

from data_sources.rest.linking import Link, paired

TEN, FIVE, TWENTY = Decimal(10), Decimal(5), Decimal(20)


def test_one_credit_over_several_debits():
    assert paired([("a", TEN), ("b", TEN), ("c", FIVE)], [("x", Decimal(15))]) == [
        Link("a", "x", TEN),
        Link("b", "x", FIVE),
        Link("b", None, FIVE),
        Link("c", None, FIVE),
    ]


def test_several_credits_on_one_debit():
    assert paired([("a", TWENTY)], [("x", FIVE), ("y", TEN)]) == [
        Link("a", "x", FIVE),
        Link("a", "y", TEN),
        Link("a", None, FIVE),
    ]


def test_more_credit_than_debit_goes_to_the_payment():
    assert paired([("a", FIVE)], [("x", TEN)]) == [Link("a", "x", FIVE), Link(None, "x", FIVE)]


def test_nothing_makes_no_link():
    assert paired([("a", Decimal(0))], []) == []
