"""Reading values: what is clear is read exactly, what is not is marked, nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from ledger.cast import PLAIN, Formats, cast
from ledger.errors import ConfigError
from ledger.schema import CUSTOMERS, DOCUMENTS, FX_RATES
from tests.ledger.books import book, invoice, owed, quarantined

GERMAN = Formats(date="%d.%m.%Y", decimal=",", thousands=".")
UNGROUPED = Formats(decimal=",")
FRENCH = Formats(date="%d/%m/%Y", decimal=",", thousands="\u202f")
ENGLISH = Formats(thousands=",")


def read(column, values, formats=PLAIN, dtype=None, table=DOCUMENTS):
    """The column as read, and where a value was there that could not be read."""
    done = cast(table, pl.DataFrame({column: pl.Series(values, dtype=dtype)}), formats)
    unreadable = done.unreadable[column].to_list() if column in done.unreadable.columns else []
    return done.rows[column].to_list(), unreadable


@pytest.mark.parametrize(
    ("text", "formats", "amount"),
    [
        ("1234.56", PLAIN, "1234.56"),
        ("0", PLAIN, "0"),
        ("-0.10", PLAIN, "-0.1"),
        ("+7", PLAIN, "7"),
        (".5", PLAIN, "0.5"),
        ("5.", PLAIN, "5"),
        ("12.30-", PLAIN, "-12.3"),
        ("007", PLAIN, "7"),
        (" 1.50 ", PLAIN, "1.5"),
        ("\u00a01.50\u00a0", PLAIN, "1.5"),
        ("1.234,56", GERMAN, "1234.56"),
        ("1.234.567,8", GERMAN, "1234567.8"),
        ("1.234", GERMAN, "1234"),
        ("1.234,56-", GERMAN, "-1234.56"),
        ("-1.234,56", GERMAN, "-1234.56"),
        ("1234,56", GERMAN, "1234.56"),
        ("1234,56", UNGROUPED, "1234.56"),
        ("1\u202f234,56", FRENCH, "1234.56"),
        ("1,234.56", ENGLISH, "1234.56"),
        ("99999999999999.99", PLAIN, "99999999999999.99"),
    ],
)
def test_an_amount_in_its_format_is_read_exactly(text, formats, amount):
    assert read("amount", [text], formats) == ([Decimal(amount)], [False])


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("1.234,56", PLAIN),
        ("1.234,56", UNGROUPED),
        ("1.234,56", ENGLISH),
        ("1,234.56", GERMAN),
        ("1,234.56", PLAIN),
        ("1.234", UNGROUPED),
        ("12.34", GERMAN),
        ("1.23.456", GERMAN),
        ("1.2345,6", GERMAN),
        ("1234.567,8", GERMAN),
        ("1,5", PLAIN),
        ("1e3", PLAIN),
        ("1E-2", PLAIN),
        ("(5.00)", PLAIN),
        ("-5-", PLAIN),
        ("--5", PLAIN),
        ("- 5", PLAIN),
        ("1 000", PLAIN),
        ("$5", PLAIN),
        ("5 USD", PLAIN),
        ("NaN", PLAIN),
        ("inf", PLAIN),
        (".", PLAIN),
        ("-", PLAIN),
        ("n/a", PLAIN),
        ("1\n2", PLAIN),
        ("٣", PLAIN),
        ("100000000000000", PLAIN),
        ("9" * 40, PLAIN),
    ],
)
def test_an_amount_that_is_not_clear_is_marked_and_not_guessed(text, formats):
    assert read("amount", [text], formats) == ([None], [True])


def test_one_broken_amount_leaves_its_neighbours_alone():
    assert read("amount", ["1", "x", None, " ", "2"]) == (
        [Decimal(1), None, None, None, Decimal(2)],
        [False, True, False, False, False],
    )


@pytest.mark.parametrize(
    ("number", "dtype", "amount"),
    [
        (0.1 + 0.2, pl.Float64, "0.3"),
        (1234.56, pl.Float64, "1234.56"),
        (1.005, pl.Float64, "1.005"),
        (-0.0, pl.Float64, "0"),
        (12, pl.Int64, "12"),
        (Decimal("12.345"), pl.Decimal(10, 3), "12.345"),
    ],
)
def test_typed_amounts_are_read_without_a_doubles_noise(number, dtype, amount):
    assert read("amount", [number], dtype=dtype) == ([Decimal(amount)], [False])


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300])
def test_a_number_that_is_no_amount_is_marked(number):
    assert read("amount", [number]) == ([None], [True])


def test_three_decimals_in_dollars_are_kept_out_and_never_cut():
    done = book([invoice("A", "1.234"), invoice("B", "1.230"), invoice("C", "2.345", currency="KWD")])
    assert quarantined(done) == [("A", "amount_too_fine")]


def test_three_decimals_in_dinars_are_an_amount():
    done = book([invoice("C", "2.345", currency="KWD")], rules={"reporting_currency": "KWD"})
    assert owed(done, "2024-01-31") == Decimal("2.345")


@pytest.mark.parametrize(
    ("values", "dtype", "ids"),
    [
        (["000010", " 0011 ", "", "  ", None], pl.String, ["000010", "0011", None, None, None]),
        ([1001.0, 1e15, 7.5, float("nan"), None], pl.Float64, ["1001", "1000000000000000", "7.5", None, None]),
        ([7, -1], pl.Int64, ["7", "-1"]),
        ([Decimal(42)], pl.Decimal(10, 0), ["42"]),
        ([date(2024, 2, 29)], pl.Date, ["2024-02-29"]),
        ([b"0007", None], pl.Binary, ["0007", None]),
        ([b"\xff\x01", b"A"], pl.Binary, ["ff01", "41"]),
        (["株式会社", "=cmd()", '"', "<b>", "{value}"], pl.String, ["株式会社", "=cmd()", '"', "<b>", "{value}"]),
    ],
)
def test_ids_keep_their_text(values, dtype, ids):
    assert read("document_id", values, dtype=dtype)[0] == ids


@pytest.mark.parametrize(
    ("text", "formats", "when"),
    [
        ("2024-02-29", PLAIN, date(2024, 2, 29)),
        (" 2024-02-29 ", PLAIN, date(2024, 2, 29)),
        ("2024-02-29T23:59:59", PLAIN, date(2024, 2, 29)),
        ("2024-02-29 00:00:00.000", PLAIN, date(2024, 2, 29)),
        ("2024-02-29T23:59:59+02:00", PLAIN, date(2024, 2, 29)),
        ("29.02.2024", GERMAN, date(2024, 2, 29)),
        ("29/02/2024", FRENCH, date(2024, 2, 29)),
        ("20240229", Formats(date="%Y%m%d"), date(2024, 2, 29)),
    ],
)
def test_a_date_in_its_format_is_read(text, formats, when):
    assert read("document_date", [text], formats) == ([when], [False])


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2023-02-29", PLAIN),
        ("2024-13-01", PLAIN),
        ("29.02.2024", PLAIN),
        ("2024-02-29", GERMAN),
        ("02/29/2024", FRENCH),
        ("2024-02-29x", PLAIN),
        ("2024-02", PLAIN),
        ("0000-00-00", PLAIN),
        ("soon", PLAIN),
        ("45351", PLAIN),
        ("2024-02-29", Formats(date="%Q")),
    ],
)
def test_a_date_that_is_not_clear_is_marked(text, formats):
    assert read("document_date", [text], formats) == ([None], [True])


def test_dates_and_times_of_a_database_are_days():
    at = datetime(2024, 2, 29, 23, 59, tzinfo=UTC)
    assert read("document_date", [at.replace(tzinfo=None)])[0] == [date(2024, 2, 29)]
    assert read("document_date", [at], dtype=pl.Datetime("us", "UTC"))[0] == [date(2024, 2, 29)]
    assert read("document_date", [date(2024, 2, 29), None])[0] == [date(2024, 2, 29), None]


def test_a_day_as_a_whole_number_is_read_by_its_format():
    assert read("document_date", [20240229], Formats(date="%Y%m%d"))[0] == [date(2024, 2, 29)]


@pytest.mark.parametrize("yes", ["true", "T", "Yes", "y", "1", "X", " x "])
def test_flags_say_yes_in_many_ways(yes):
    assert read("disputed", [yes]) == ([True], [False])


@pytest.mark.parametrize("no", ["false", "F", "No", "n", "0"])
def test_flags_say_no_in_many_ways(no):
    assert read("disputed", [no]) == ([False], [False])


def test_a_flag_that_is_neither_is_marked_and_nothing_is_nothing():
    assert read("disputed", ["maybe", "", None]) == ([None, None, None], [True, False, False])
    assert read("disputed", [1, 0]) == ([True, False], [False, False])
    assert read("disputed", [True, None]) == ([True, None], [False, False])


def test_terms_are_whole_days():
    assert read("terms_days", ["30", "30.0", "30.5", "x"], table=CUSTOMERS) == (
        [30, 30, None, None],
        [False, False, True, True],
    )


def test_currencies_are_capital_letters():
    assert read("currency", [" usd ", "Eur", ""])[0] == ["USD", "EUR", None]


def test_rates_keep_twelve_decimals():
    assert read("rate", ["0.000000000001", "1.0931"], table=FX_RATES)[0] == [
        Decimal("0.000000000001"),
        Decimal("1.0931"),
    ]


def test_columns_that_the_mapping_left_out_are_empty_and_others_are_dropped():
    done = cast(
        DOCUMENTS, pl.DataFrame({"document_id": ["1"], "colour": ["red"], "region": ["EMEA"]}), PLAIN, ["region"]
    )
    assert done.rows.columns == ["_row", *DOCUMENTS.names, "region"]
    assert done.rows["region"].item() == "EMEA"
    assert done.rows["amount"].item() is None


def test_rows_are_numbered_as_the_source_gave_them():
    done = cast(DOCUMENTS, pl.DataFrame({"document_id": ["b", "a"]}), PLAIN)
    assert done.rows.select("_row", "document_id").rows() == [(1, "b"), (2, "a")]


@pytest.mark.parametrize("formats", [{"decimal": ",", "thousands": ","}, {"decimal": ""}, {"decimal": ".."}])
def test_separators_that_cannot_be_told_apart_are_refused(formats):
    with pytest.raises(ConfigError, match="decimal"):
        Formats(**formats)
