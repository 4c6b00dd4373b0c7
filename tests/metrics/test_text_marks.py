"""Exact numbers and rows of bars as text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from metrics import text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1234.5", "1,234.5"),
        ("-0.000001", "−0.000001"),
        ("12345678901234567890123456789012.123456", "12,345,678,901,234,567,890,123,456,789,012.123456"),
        ("0", "0"),
    ],
)
def test_every_digit_is_written(value, words):
    assert text.every_digit(Decimal(value)) == words


def test_bars_begin_at_nothing_and_reach_the_largest():
    assert text.sparkline([0, 1, 6, 7]) == "▁▂▇█"
    assert text.sparkline([5, 5]) == "██"
    assert text.sparkline([0, 0]) == "▁▁"
    assert text.sparkline([]) == ""
