"""Small books that random search found the product and the plain implementation to disagree on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.plain import metrics as plain
from tests.plain.ledger import ZERO, Doc, Ledger, Settlement
from tests.properties.product import BY_SLICES, assert_same, book_of, buckets, lines, values

JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 10) for month in (1, 2, 3, 4))
ENDS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
EURO = Doc("I", "C", "invoice", JANUARY, Decimal(100), currency="EUR", amount_base=Decimal(110), base_currency="USD")


def euro(*rows: tuple[date, Decimal, str, Decimal]) -> Ledger:
    """One invoice of 100 EUR, booked at 110 USD, and what happens to it: day, amount, kind, base amount."""
    settlements = [Settlement(str(n), "I", day, amount, kind, base) for n, (day, amount, kind, base) in enumerate(rows)]
    return Ledger((EURO,), tuple(settlements)).booked()


FOUND = {
    # 55.05 left as 55.050000000000004 when the division by 100 became a multiplication by 0.01.
    "exact cents": Ledger(
        (Doc("J", "C", "journal", JANUARY, Decimal("55.05")), Doc("K", "C", "invoice", MARCH, Decimal("345.78")))
    ),
    # On 30 April a part of no amount stands until 1 May: no open item, so true DSO is 0 days and not unknown.
    "open parts of no amount": Ledger(
        (Doc("Z", "C", "invoice", date(2024, 4, 17), ZERO),),
        (
            Settlement("0", "Z", date(2024, 5, 1), ZERO, "cash"),
            Settlement("1", "Z", date(2024, 4, 17), ZERO, "cash"),
            Settlement("2", "Z", date(2024, 5, 1), Decimal("0.01"), "cash"),
        ),
    ),
    # 10 applied too much in March and 5 more in April: each is as old as the day it arose.
    "too much twice": Ledger(
        (Doc("P", "C", "payment", date(2023, 10, 1), Decimal(-100)),),
        (Settlement("1", "P", MARCH, Decimal(-110), "cash"), Settlement("2", "P", APRIL, Decimal(-5), "cash")),
    ),
    # The 5 USD that the two rates leave over arise in March; January knows nothing of them.
    "reversed at one rate, paid at another": euro(
        (FEBRUARY, Decimal(-50), "cash", Decimal(-55)),
        (MARCH, Decimal(50), "cash", Decimal(60)),
        (APRIL, Decimal(0), "fx", Decimal(-5)),
    ),
    # The exchange difference of March belongs to the credit, and February knows nothing of it.
    "exchange difference on an overpayment": euro(
        (FEBRUARY, Decimal(150), "cash", Decimal(165)), (MARCH, Decimal(0), "fx", Decimal(-2))
    ),
    # Settled in February: not open then, although an exchange difference is booked later.
    "exchange difference after settlement": euro(
        (FEBRUARY, Decimal(100), "cash", Decimal(110)), (MARCH, Decimal(0), "fx", Decimal(-2))
    ),
    "exchange difference before settlement": euro(
        (FEBRUARY, Decimal(0), "fx", Decimal(-3)), (MARCH, Decimal(100), "cash", Decimal(113))
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_books_that_once_differed_agree_at_every_month_end(name: str) -> None:
    ledger = FOUND[name]
    book = book_of(ledger)
    for day in ENDS:
        assert_same(values(book, day, "1mo"), plain.evaluate(ledger, day, "1mo"), but=BY_SLICES)
        assert buckets(book, day) == plain.aging(ledger, day)
        assert lines(book, day, "1mo")["difference"] == ZERO


def test_a_document_settled_in_both_currencies_leaves_no_cents_in_any_bucket() -> None:
    """133.33 EUR received for 100, the excess refunded: 110 − 145.74 + 35.74 = 0, so neither side is open."""
    ledger = euro(
        (FEBRUARY, Decimal("133.33"), "cash", Decimal("145.74")),
        (MARCH, Decimal("-33.33"), "refund", Decimal("-35.74")),
    )
    assert buckets(book_of(ledger), ENDS[2]) == {}
