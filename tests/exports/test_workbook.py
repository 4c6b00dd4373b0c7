"""A workbook read back: values as they were, nothing that runs, and what Excel needs to open it at all."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import fastexcel
import polars as pl
import pytest

from exports import About, Column, Form, Sheet, workbook
from ledger.errors import OutstandingError
from metrics import CATALOG
from tests.exports.reading import workbook_of

ABOUT = About(
    title="Overdue by region",
    company="Meridian & Sons",
    as_of=date(2026, 10, 31),
    currency="USD",
    window="3mo",
    filters="Region: EMEA",
    snapshot="ac43a6934fbd0011",
    metrics=("dso", "overdue_share"),
)
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "http://example.com",
    "{=A1}",
    "001",
    "1e5",
    "_x0041_",
    "\x01a",
]


def _made(rows, columns=None, about=ABOUT, name="Table"):
    return workbook([Sheet(name, rows, columns or {})], about)


def _sheet(rows, columns=None):
    return workbook_of(_made(rows, columns)).worksheets[0]


def _values(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_values_are_what_they_were():
    rows = pl.DataFrame(
        {
            "name": ["a", None],
            "on": [date(2026, 10, 31), None],
            "at": [datetime.fromisoformat("2026-10-31 14:05"), None],
            "count": [3, None],
            "amount": [60.05, float("nan")],
            "exact": [Decimal("0.1"), None],
            "late": [True, False],
            "tags": [["a", "b"], None],
        }
    )
    assert _values(_sheet(rows))[1:] == [
        [
            "a",
            datetime.fromisoformat("2026-10-31"),
            datetime.fromisoformat("2026-10-31 14:05"),
            3,
            60.05,
            0.1,
            "Yes",
            "a; b",
        ],
        [None, None, None, None, None, None, "No", None],
    ]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_becomes_a_formula_a_link_or_a_number(words):
    made = _made(pl.DataFrame({words: [words]}), name=words)
    sheet = workbook_of(made).worksheets[0]
    cell = sheet.cell(2, 1)
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    if words.isprintable():
        assert fastexcel.read_excel(made).load_sheet(0).to_polars().item() == words
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert not any(b"<f>" in parts.read(part) for part in parts.namelist() if part.startswith("xl/worksheets"))


def test_number_formats_follow_what_a_column_holds():
    rows = pl.DataFrame({"a": [1.5], "b": [0.25], "c": [7.0], "d": [3], "e": [date(2026, 1, 1)]})
    columns = {
        "a": Column("Open", currency="JPY"),
        "b": Column(form=Form.SHARE),
        "c": Column(form=Form.DECIMAL, places=2),
    }
    sheet = _sheet(rows, columns)
    assert [cell.number_format for cell in sheet[2]] == ["#,##0", "0.0%", "#,##0.00", "#,##0", "yyyy-mm-dd"]
    assert sheet["A1"].value == "Open"


def test_rows_of_several_currencies_and_units():
    rows = pl.DataFrame(
        {"unit": ["money", "money", "ratio", "days"], "in": ["USD", "KWD", None, None], "value": [1.0, 2.0, 0.5, 47.3]}
    )
    sheet = _sheet(rows, {"value": Column(currency_from="in", unit_from="unit")})
    assert [sheet.cell(row, 3).number_format for row in range(2, 6)] == ["#,##0.00", "#,##0.000", "0.0%", "#,##0.0"]


def test_each_sheet_is_a_native_table_with_a_filter_and_a_frozen_heading():
    sheet = _sheet(pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    (table,) = sheet.tables.values()
    assert table.ref == "A1:B3"
    assert table.autoFilter.ref == "A1:B3"
    assert sheet.freeze_panes == "A2"


def test_print_set_up():
    sheet = _sheet(pl.DataFrame({"a": [1]}))
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToWidth in {None, 1}, "one page wide, which is the default"
    assert sheet.page_setup.fitToHeight == 0
    foot = sheet.oddFooter
    assert foot.left.text == "Meridian && Sons · as of 31 Oct 2026"
    assert foot.center.text == "Region: EMEA"
    assert "ac43a6934fbd" in foot.right.text
    assert "&P" in foot.right.text or "Page" in foot.right.text


@pytest.mark.parametrize("words", ["A" * 400, "&" * 400, "&L&R&C&P", "line\nbreak", ""])
def test_a_foot_of_any_words_is_kept(words):
    about = About(title=words, company=words, as_of=date(2026, 10, 31), filters=words, snapshot="f" * 64)
    with zipfile.ZipFile(io.BytesIO(_made(pl.DataFrame({"a": [1]}), about=about))) as parts:
        page = workbook_of(_made(pl.DataFrame({"a": [1]}), about=about)).worksheets[0]
        assert b"oddFooter" in parts.read("xl/worksheets/sheet1.xml"), "a foot that is too long is left out"
    assert "ffffffffffff" in page.oddFooter.right.text


def test_about_says_what_it_is_and_what_the_numbers_mean():
    read = workbook_of(_made(pl.DataFrame({"a": [1]})))
    told = {row[0]: row[1] for row in _values(read["About"]) if row[0]}
    assert told["Company"] == "Meridian & Sons"
    assert told["As of the close of"] == "31\xa0Oct\xa02026"
    assert told["Window"] == "3\xa0months to 31\xa0Oct\xa02026"
    assert (told["Currency"], told["Filters"], told["Snapshot"]) == ("USD", "Region: EMEA", "ac43a6934fbd0011")
    for id in ABOUT.metrics:
        assert told[CATALOG[id].label].startswith(CATALOG[id].formula)
    assert read.properties.title == "Overdue by region"
    assert read.properties.creator == "Meridian & Sons"


def test_names_that_excel_does_not_take():
    names = ["About", "a/b:c*?[x]", "'quoted'", "", "x" * 40, "x" * 40, "History", "TOTAL", "total"]
    made = workbook([Sheet(name, pl.DataFrame({"a": [1]})) for name in names], ABOUT)
    found = workbook_of(made).sheetnames
    assert len({name.casefold() for name in found}) == len(names) + 1
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in found)
    assert found[-1] == "About"


def test_headings_that_a_table_does_not_take():
    rows = pl.DataFrame([pl.Series(name, [1]) for name in ("Open", "open", " ", "x" * 300)])
    sheet = _sheet(rows)
    told = [cell.value for cell in sheet[1]]
    assert told == ["Open", "open (2)", "Column", "x" * 255]
    (table,) = sheet.tables.values()
    assert [column.name for column in table.tableColumns] == told


@pytest.mark.parametrize("rows", [pl.DataFrame(), pl.DataFrame(schema={"a": pl.Int64, "b": pl.String})])
def test_an_empty_table_still_opens(rows):
    assert _values(_sheet(rows))[0][0] in {"Nothing to show.", "a"}


def test_what_excel_cannot_hold_is_text():
    rows = pl.DataFrame({"id": [2**60], "old": [date(1850, 1, 1)], "long": ["x" * 40_000]})
    (told,) = _values(_sheet(rows))[1:]
    assert told[:2] == [str(2**60), "1850-01-01"]
    assert len(told[2]) == 32_767


def test_more_rows_than_a_sheet_holds():
    rows = pl.DataFrame({"a": pl.int_range(1_048_576, eager=True)})
    with pytest.raises(OutstandingError, match="1,048,576 rows"):
        _made(rows)


def test_widths_fit_what_a_column_holds():
    sheet = _sheet(
        pl.DataFrame({"short": ["a"], "long": ["word " * 6], "endless": ["x" * 500], "amount": [123456789.12]})
    )
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths[0] < widths[1] < widths[2] <= 61
    assert widths[3] >= len("123,456,789.12")


def test_the_same_tables_give_the_same_bytes():
    rows = pl.DataFrame({"a": [1.5], "b": ["x"]})
    assert _made(rows) == _made(rows)
