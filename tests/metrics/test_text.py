"""Numbers, days and names as text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from metrics import text

N = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (78_654_321, "USD", "$78.7m"),
        (Decimal("-1234.56"), "EUR", "−€1.2k"),
        (999_949, "GBP", "£999.9k"),
        (999_950, "GBP", "£1.0m"),
        (4e9, "CHF", f"CHF{N}4.0bn"),
        (12.4, "USD", "$12"),
        (0, "JPY", "¥0"),
        (-0.3, "USD", "$0"),
        (None, "USD", "n/a"),
    ],
)
def test_money(amount, currency, written):
    assert text.money(amount, currency) == written


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (Decimal("78654321.00"), "USD", "$78,654,321.00"),
        (-0.004, "USD", "$0.00"),
        (-0.01, "USD", "−$0.01"),
        (1234.0, "JPY", "¥1,234"),
        (None, "USD", "n/a"),
    ],
)
def test_exact_money(amount, currency, written):
    assert text.exact(amount, currency) == written


@pytest.mark.parametrize(
    ("amount", "unit", "written"),
    [
        (47.28, "days", f"47.3{N}days"),
        (0.2336, "ratio", f"23.4{N}%"),
        (81.25, "percent", "81.2"),
        (4.545, "times", f"4.54{N}×"),
        (-0.001, "ratio", f"−0.1{N}%"),
        (-0.0001, "ratio", f"0.0{N}%"),
        (1e6, "money", "$1.0m"),
        (None, "days", "n/a"),
    ],
)
def test_value_by_unit(amount, unit, written):
    assert text.value(amount, unit, "USD") == written


@pytest.mark.parametrize(
    ("amount", "unit", "written"),
    [
        (4.1e6, "money", "+$4.1m"),
        (-0.62, "days", f"−0.6{N}days"),
        (0.043, "ratio", f"+4.3{N}pts"),
        (-4.94, "percent", f"−4.9{N}pts"),
        (0.0001, "ratio", "no change"),
        (0, "days", "no change"),
        (None, "days", "n/a"),
    ],
)
def test_change_by_unit(amount, unit, written):
    assert text.change(amount, unit, "USD") == written


def test_days_and_months():
    assert text.day(date(2026, 10, 31)) == f"31{N}Oct{N}2026"
    assert text.month(date(2026, 10, 31), year=True) == f"Oct{N}2026"
    assert text.day(None) == "n/a"


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (date(2025, 10, 31), date(2026, 10, 31), "in a year"),
        (date(2025, 2, 28), date(2026, 2, 28), "in a year"),
        (date(2026, 7, 31), date(2026, 10, 31), f"since Jul{N}2026"),
        (date(2026, 7, 15), date(2026, 10, 31), f"since 15{N}Jul{N}2026"),
    ],
)
def test_since(start, end, written):
    assert text.since(start, end) == written


@pytest.mark.parametrize(("form", "written"), [("1mo", f"1{N}month"), ("12mo", f"12{N}months"), ("90d", f"90{N}days")])
def test_window(form, written):
    assert text.window(form) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(5, "moments"), (300, f"5{N}min"), (7300, f"2{N}h"), (86400 * 3, f"3{N}days")]
)
def test_ago(seconds, written):
    assert text.ago(seconds) == written


def test_lists_are_shortened():
    assert text.listed([]) == ""
    assert text.listed(["A"]) == "A"
    assert text.listed(["A", "B", "C"]) == "A, B and C"
    assert text.listed(["A", "B", "C", "D"]) == "A, B and 2 more"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Kessler  Werke\n", "Kessler Werke"),
        (None, "Unassigned"),
        ("  ", "Unassigned"),
        ("a\u202eb\x00c", "ab c"),
        ("漢字", "漢字"),
    ],
)
def test_name_is_one_line_without_tricks(name, written):
    assert text.name(name) == written


def test_one_scale_for_all_numbers_of_a_chart():
    scale = text.Scale.fitting(78_700_000)
    assert scale.unit("EUR") == f"EUR{N}m"
    assert [scale.bare(amount) for amount in (78_700_000, -1_100_000, 0, None)] == ["78.7", "−1.1", "0.0", "n/a"]


def test_a_plain_number_has_decimals_only_while_it_is_small():
    assert [text.value(amount, "number") for amount in (3.85, 99.9, 100.0, 2600.4)] == ["3.9", "99.9", "100", "2,600"]
