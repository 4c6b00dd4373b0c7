"""The worked examples against the plain implementation: first the judge is judged."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from tests.golden.examples import EXAMPLES, Example
from tests.plain import debtors
from tests.plain import metrics as plain


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_plain_implementation_gives_the_published_figure(example: Example) -> None:
    got = plain.evaluate(example.ledger, example.day, example.window, example.rule)
    for metric, want in example.want.items():
        value = got[metric].value
        if want is None:
            assert value is None, f"{metric} is {value}"
        else:
            assert value is not None
            assert float(value) == pytest.approx(want, rel=1e-5), metric
    for metric, word in example.notes.items():
        assert word in (got[metric].note or ""), metric


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.aging], ids=lambda example: example.id)
def test_plain_aging_gives_the_published_buckets(example: Example) -> None:
    want = {key: (Decimal(amount), count) for key, (amount, count) in example.aging.items()}
    assert plain.aging(example.ledger, example.day, example.rule) == want


def test_countback_with_months_of_thirty_days() -> None:
    """Benji Pays and trymesha print 73.7 for 212 000 over 100 000, 80 000 and 70 000; JD Edwards' data give 63.03."""
    months = [(Decimal(sales), 30) for sales in (100_000, 80_000, 70_000)]
    assert plain.countback(Decimal(212_000), months) == (30 + 30 + Fraction(32, 70) * 30, [])
    months = [(Decimal(sales), 30) for sales in (5_538, 4_566, 7_570)]
    assert float(plain.countback(Decimal(10_869), months)[0]) == pytest.approx(63.0317, abs=1e-4)


def test_the_three_largest_of_the_published_shares() -> None:
    """G-CON-1: 40, 25 and 15 of 100."""
    example = next(one for one in EXAMPLES if one.id == "G-CON-1")
    assert debtors.top_share(example.ledger, example.day, 3).value == Fraction(80, 100)
