"""Sub-ledger against general ledger."""

from __future__ import annotations

from tests.ledger.books import book, invoice, settled


def gl(entity, on, balance, currency="USD"):
    return {"entity": entity, "currency": currency, "as_of": on, "balance": balance}


def compared(*balances, documents=None, settlements=()):
    done = book(documents or [invoice()], settlements, gl_balances=balances)
    return [
        tuple(row)
        for row in done.gl_comparison.select("entity", "currency", "gl_balance", "subledger", "difference").iter_rows()
    ]


def test_no_balances_no_comparison():
    assert book([invoice()]).gl_comparison.is_empty()


def test_a_balance_that_agrees_and_one_that_does_not():
    told = compared(
        gl("E1", "2024-01-31", "100"), gl("E1", "2024-02-29", "100.01"), settlements=[settled("1", "40", "2024-02-05")]
    )
    # Newest first.
    assert told == [("E1", "USD", 100.01, 60.0, -40.01), ("E1", "USD", 100.0, 100.0, 0.0)]


def test_a_balance_before_the_first_document_is_compared_with_nothing():
    assert compared(gl("E1", "2023-12-31", "5")) == [("E1", "USD", 5.0, 0.0, -5.0)]


def test_an_entity_that_the_documents_do_not_know_has_nothing():
    assert compared(gl("E9", "2024-01-31", "5")) == [("E9", "USD", 5.0, 0.0, -5.0)]


def test_a_balance_without_an_entity_is_that_of_the_documents_without_one():
    documents = [invoice("A", "10", entity=None), invoice("B", "5")]
    assert compared(gl(None, "2024-01-31", "10"), gl("E1", "2024-01-31", "5"), documents=documents) == [
        (None, "USD", 10.0, 10.0, 0.0),
        ("E1", "USD", 5.0, 5.0, 0.0),
    ]


def test_a_balance_in_the_entitys_own_currency_is_that_of_the_booked_amounts():
    documents = [
        invoice("A", "100", currency="EUR", amount_base="110", base_currency="USD"),
        invoice("B", "50", amount_base="50", base_currency="USD"),
    ]
    settlements = [
        settled("1", "40", "2024-02-05", of="A"),
        settled("2", "0", "2024-02-29", by="fx", of="A", amount_base="-3"),
    ]
    told = compared(
        gl("E1", "2024-02-29", "119"), gl("E1", "2024-02-29", "60", "EUR"), documents=documents, settlements=settlements
    )
    # 110 + 50 booked, less 40 % of the 110, and 3 more of revaluation: 119; 60 euros are open.
    assert told == [("E1", "EUR", 60.0, 60.0, 0.0), ("E1", "USD", 119.0, 119.0, 0.0)]


def test_currencies_keep_their_own_smallest_units():
    documents = [invoice("J", "1000", currency="JPY"), invoice("K", "2.345", currency="KWD")]
    assert compared(
        gl("E1", "2024-01-31", "1000", "JPY"), gl("E1", "2024-01-31", "2.344", "KWD"), documents=documents
    ) == [
        ("E1", "JPY", 1000.0, 1000.0, 0.0),
        ("E1", "KWD", 2.344, 2.345, 0.001),
    ]
