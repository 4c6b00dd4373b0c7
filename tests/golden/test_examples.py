"""The worked examples against the product, from canonical tables to metric rows."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from metrics import concentration, evaluate
from tests.golden.examples import EXAMPLES, Example
from tests.properties.product import book_of, buckets, lines


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_product_gives_the_published_figure(example: Example) -> None:
    rows = evaluate(book_of(example.ledger, example.rule), list(example.want), [example.day], example.window)
    got = dict(rows.select("metric", "value").iter_rows())
    assert got == {
        metric: None if want is None else pytest.approx(want, rel=1e-5) for metric, want in example.want.items()
    }
    for metric, word in example.notes.items():
        note = rows.filter(pl.col("metric") == metric)["note"].item()
        assert word in (note or ""), metric


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.aging], ids=lambda example: example.id)
def test_product_gives_the_published_buckets(example: Example) -> None:
    want = {key: (Decimal(amount), count) for key, (amount, count) in example.aging.items()}
    assert buckets(book_of(example.ledger, example.rule), example.day) == want


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_example_ties_out(example: Example) -> None:
    assert lines(book_of(example.ledger, example.rule), example.day, example.window)["difference"] == 0


def test_the_three_largest_of_the_published_shares() -> None:
    """G-CON-1: 40, 25 and 15 of 100."""
    example = next(one for one in EXAMPLES if one.id == "G-CON-1")
    rows = concentration(book_of(example.ledger), example.day)
    assert list(rows["share"]) == pytest.approx([0.40, 0.25, 0.15, 0.10, 0.05, 0.05])
    assert rows["cumulative"][2] == pytest.approx(0.80)
