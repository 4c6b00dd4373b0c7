"""A part of the company in words: labels in their order, values by name, rows without a value last."""

from __future__ import annotations

from briefing.part import in_words, restrictions
from ledger.scope import COMPANY, Scope

LABELS = {"region": "Region", "entity": "Entity", "currency": "Currency"}


def test_every_restriction_in_the_order_of_the_labels():
    scope = Scope.of(currency="EUR", entity=["Meridian UK", "Meridian US"], region=["Iberia", None, "DACH"])
    assert in_words(scope, LABELS) == (
        "Region DACH, Iberia and Unassigned",
        "Entity Meridian UK and Meridian US",
        "Currency EUR",
    )


def test_beyond_a_few_they_are_counted():
    scope = Scope.of(region=["A", "B", "C", "D", "E"])
    assert in_words(scope, LABELS) == ("Region A, B and 3 more",)
    assert restrictions(scope, LABELS, 6) == [("Region", "A, B, C, D and E")]


def test_a_value_called_unassigned_is_told_once():
    assert in_words(Scope.of(region=["Unassigned", None]), LABELS) == ("Region Unassigned",)


def test_a_name_is_on_one_line():
    assert in_words(Scope.of(region="A\nB\u202e"), LABELS) == ("Region A B",)


def test_the_whole_company_and_what_has_no_label_say_nothing():
    assert in_words(COMPANY, LABELS) == in_words(Scope.of(customer="C1"), LABELS) == ()
