"""What is open without a value of a dimension, counted once more one document after the other."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given

from ledger.dimension_values import unassigned
from tests.plain.balances import open_parts
from tests.plain.ledger import ZERO, Doc, Ledger
from tests.plain.strategies import ledgers
from tests.properties.product import book_of


def _value(ledger: Ledger, doc: Doc, dimension: str) -> str | None:
    if dimension == "entity":
        return doc.entity
    customer = ledger.customer(doc)
    return getattr(customer, dimension) if customer else None


@given(ledgers(("USD", "EUR")))
def test_each_currency_has_the_open_documents_without_a_value_and_no_other(ledger: Ledger):
    book = book_of(ledger)
    day = book.last_day
    filled = [name for name in book.dimensions if name not in book.about["unfilled"]]
    want: dict[tuple[str, str], tuple[int, int, Decimal]] = {}
    for name in filled:
        for currency in ("EUR", "USD"):
            open_docs = [
                (doc, sum((part.left for part in parts), ZERO))
                for doc in ledger.docs
                if day
                and doc.currency == currency
                and _value(ledger, doc, name) is None
                and (parts := open_parts(ledger, doc, day))
            ]
            if open_docs:
                whose = {doc.customer_id for doc, _ in open_docs}
                want[name, currency] = len(open_docs), len(whose), sum((left for _, left in open_docs), ZERO)
    got = {
        (row["dimension"], row["currency"]): (
            row["documents"],
            row["customers"],
            Decimal(str(row["open"])).quantize(Decimal("0.01")),
        )
        for row in unassigned(book).iter_rows(named=True)
    }
    assert got == want
