"""What a source said before of a past day, and says otherwise by now."""

from __future__ import annotations

import pytest

from ledger.book import BookRules
from ledger.build import build_book
from tests.ledger.books import DIMENSIONS, TODAY, customer, day, invoice, rate, settled, tables

PEOPLE = [customer("C1"), customer("C2", "Two")]
FIRST = [invoice("I1"), invoice("I2", "50", customer_id="C2", document_date="2024-02-10")]
PAID = settled("S1", "40", "2024-02-20")


def made(documents, settlements=(), before=None, **rules):
    own = BookRules(**{"dimensions": DIMENSIONS, "today": TODAY, **rules})
    return build_book(tables(documents, settlements, PEOPLE), own, before=before)


def revised(documents, settlements=(), before=None):
    book = made(documents, settlements, before)
    return [row[:6] for row in book.frames["revised"].rows()], book


def test_the_first_books_revise_nothing():
    rows, book = revised(FIRST)
    assert rows == []
    assert book.frames["revised_days"].is_empty()


def test_what_only_goes_on_revises_nothing():
    """The books before end on 20 February: what comes later is news, and no other past."""
    before = made(FIRST, [PAID])
    later = [*FIRST, invoice("I3", document_date="2024-03-05")]
    rows, book = revised(later, [PAID, settled("S2", "60", "2024-02-21")], before)
    assert before.last_day == day("2024-02-20")
    assert rows == []
    assert book.frames["revised_days"].is_empty()
    assert book.quality.filter(rule="history_changed")["rows"].item() == 0


@pytest.mark.parametrize(
    ("documents", "settlements", "expected"),
    [
        (FIRST, [], [("C1", "I1", "USD", "changed", 60.0, 100.0)]),
        (FIRST[:1], [PAID], [("C2", "I2", "USD", "vanished", 50.0, 0.0)]),
        (FIRST, [PAID, settled("S2", "50", "2024-02-15", of="I2")], [("C2", "I2", "USD", "vanished", 50.0, 0.0)]),
        ([*FIRST, invoice("I0", "7")], [PAID], [("C1", "I0", "USD", "appeared", 0.0, 7.0)]),
        (
            [invoice("I1", document_date="2024-02-21"), FIRST[1]],
            [settled("S1", "40", "2024-02-22")],
            [("C1", "I1", "USD", "vanished", 60.0, 0.0)],
        ),
        (
            [invoice("I1", currency="EUR"), FIRST[1]],
            [PAID],
            [("C1", "I1", "EUR", "appeared", 0.0, 60.0), ("C1", "I1", "USD", "vanished", 60.0, 0.0)],
        ),
        ([FIRST[0], FIRST[1] | {"customer_id": "C1"}], [PAID], []),
    ],
    ids=["un-applied", "deleted", "paid earlier", "back-dated", "moved ahead", "another currency", "another customer"],
)
def test_what_changed_the_past_is_named(documents, settlements, expected):
    rows, book = revised(documents, settlements, made(FIRST, [PAID]))
    assert sorted(rows, key=lambda row: row[2]) == expected
    assert book.quality.filter(rule="history_changed")["rows"].item() == len(expected)


def test_the_last_day_itself_is_past():
    on_it = invoice("I3", "5", document_date="2024-02-20", due_date="2024-03-20")
    rows, _ = revised(FIRST, [PAID], made([*FIRST, on_it], [PAID]))
    assert rows == [("C1", "I3", "USD", "vanished", 5.0, 0.0)]


def test_the_days_whose_total_changed_are_told():
    before = made([*FIRST, invoice("I3", "5", document_date="2024-04-02")], [PAID])
    book = made(
        [*FIRST, invoice("I3", "5", document_date="2024-04-02")], [PAID, settled("S2", "10", "2024-03-15")], before
    )
    assert book.frames["revised_days"].rows() == [
        (day("2024-04-02"), "USD", 115.0, 105.0, -10.0),
        (day("2024-03-31"), "USD", 110.0, 100.0, -10.0),
    ]


def test_days_are_not_compared_across_currencies():
    before = made(FIRST, [PAID])
    book = build_book(
        tables(FIRST, [], PEOPLE, fx_rates=[rate("USD", "2024-01-01", "0.9")]),
        BookRules(dimensions=DIMENSIONS, today=TODAY, reporting_currency="EUR"),
        before=before,
    )
    assert book.frames["revised_days"].is_empty()
    assert [row[1] for row in book.frames["revised"].rows()] == ["I1"]


def test_the_same_books_again_are_the_same_book():
    before = made(FIRST, [PAID])
    assert made(FIRST, [PAID], before).fingerprint == before.fingerprint
