"""Charts that a spreadsheet draws: from the right cells, in the right places, of nothing that runs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from charts import Figure
from charts.native import Kind, Look, Native, Series, bars
from charts.palette import LIGHT
from exports.about import About
from exports.chart_cells import whole
from exports.chart_files import chart_workbook
from exports.sheet_chart import number_format, written
from tests.exports.formulas import Sheets
from tests.exports.reading import workbook_of

ABOUT = About("Board pack", "Meridian & Sons", date(2026, 10, 31), "USD", snapshot="ac43a6934fbd0011", metrics=("dso",))
MONTHS = ("Aug 2026", "Sep", "Oct")
SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"a": 1}]},
    "layer": [{"mark": "point", "encoding": {"x": {"field": "a", "type": "quantitative"}}}],
}
HOSTILE = ("=1+1", "+1", "@SUM(A1)", "Sheet!A1", "http://example.com", "<b>&x", "شركة الخليج", "上海", "😀", "a\nb")
SPACES = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}


def figure(native, table=None, title="DSO rose", subtitle="USD m · as of 31 Oct 2026"):
    shown = {"Month": list(native.categories), **{each.name: list(each.values) for each in native.series}}
    return Figure("dso_trend", title, subtitle, "What it shows", SPEC, pl.DataFrame(shown) if table is None else table,
                  native=native)  # fmt: skip


def chart(made) -> Any:
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        return ET.fromstring(parts.read("xl/charts/chart1.xml"))  # noqa: S314 - our own file


def drawn_series(made):
    """What has values of its own."""
    return [each for each in chart(made).iter() if each.find("c:val", SPACES) is not None]


def series(made):
    """Of each series: its name, categories and values as the chart remembers them."""
    found = []
    for each in drawn_series(made):
        parts = {}
        for part in ("tx", "cat", "val"):
            points = each.find(f"c:{part}", SPACES).iterfind(".//c:pt", SPACES)
            parts[part] = {int(point.get("idx", 0)): point.find("c:v", SPACES).text for point in points}
        found.append(parts)
    return found


def kinds(made):
    area = chart(made).find(".//c:plotArea", SPACES)
    return [each.tag.partition("}")[2] for each in area if each.tag.endswith("Chart")]


def columns(kind=Kind.COLUMNS, **changes):
    stacks = (Series("Current", (3e6, None, 1e6), "#7d8ba1"), Series("Late", (1e6, 2e6, 4e6), "#b84a00"))
    return Native(kind, MONTHS, changes.pop("series", stacks), changes.pop("form", "#,##0.0,,"), "USD m", **changes)


def bridge(values, *, kind=Kind.BRIDGE, **changes):
    places = frozenset({0, len(values) - 1})
    names = tuple(f"step {place}" for place in range(len(values)))
    return Native(
        kind, names, (Series("Total AR", tuple(values), "#2b303b"),), "#,##0", "USD", balances=places, **changes
    )


# --- what is drawn ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        (Kind.COLUMNS, "barChart"),
        (Kind.STACKED, "barChart"),
        (Kind.BARS, "barChart"),
        (Kind.STACKED_BARS, "barChart"),
        (Kind.LINES, "lineChart"),
    ],
)
def test_a_chart_is_drawn_from_its_cells(kind, element):
    look = Look.LINE if kind is Kind.LINES else Look.BAR
    drawn = columns(kind, series=(Series("Open", (1.5, None, 2.5), "#000000", look),))
    made = chart_workbook(figure(drawn), ABOUT)
    assert kinds(made) == [element]
    (only,) = series(made)
    assert list(only["cat"].values()) == list(MONTHS)
    assert only["val"] == {0: "1.5", 2: "2.5"}
    sheet = workbook_of(made).worksheets[0]
    assert [cell.value for cell in sheet["B"][3:7]] == ["Open", 1.5, None, 2.5]
    assert chart(made).find(".//c:dispBlanksAs", SPACES) is None, "a gap is what it is without a word"


def test_lines_and_marks_lie_over_columns():
    over = (Series("PY", (1.0, 2.0, 3.0), "#949494", Look.MARKER), Series("target", (2.0,) * 3, "#0072b2", Look.DOTTED))
    made = chart_workbook(figure(columns(Kind.STACKED, series=(*columns().series, *over))), ABOUT)
    assert kinds(made) == ["barChart", "lineChart"]
    assert [list(each["tx"].values()) for each in series(made)] == [["Current"], ["Late"], ["PY"], ["target"]]


@pytest.mark.parametrize("kind", [Kind.BARS, Kind.STACKED_BARS, Kind.LYING_BRIDGE])
def test_what_lies_has_its_first_category_on_top(kind):
    drawn = bridge([1.0, 2.0, 3.0], kind=kind) if kind.is_bridge else columns(kind)
    axis = chart(chart_workbook(figure(drawn), ABOUT)).find(".//c:catAx", SPACES)
    assert axis.find("c:scaling/c:orientation", SPACES).get("val") == "maxMin"


def test_an_axis_begins_at_its_foot_and_writes_numbers_in_the_unit_of_the_chart():
    axis = chart(chart_workbook(figure(columns(Kind.LINES, foot=25.0)), ABOUT)).find(".//c:valAx", SPACES)
    assert axis.find("c:scaling/c:min", SPACES).get("val") == "25.0"
    assert axis.find("c:numFmt", SPACES).get("formatCode") == "#,##0.0,,"


def test_cells_hold_whole_units_and_say_so():
    sheet = workbook_of(chart_workbook(figure(columns()), ABOUT)).worksheets[0]
    assert sheet["B5"].value == 3e6
    assert sheet["B5"].number_format == "#,##0"
    assert "whole units" in sheet["A3"].value
    assert "USD m" in sheet["A3"].value


def test_each_point_has_its_colour():
    one = Series("Open", (1.0, 2.0, 3.0), "#2b303b", colours=("#111111", "#222222", "#333333"))
    made = chart(chart_workbook(figure(columns(series=(one,))), ABOUT))
    assert [each.find(".//{*}srgbClr").get("val") for each in made.iterfind(".//c:dPt", SPACES)] == [
        "111111",
        "222222",
        "333333",
    ]


# --- bridges ------------------------------------------------------------------------------------------------------

BRIDGES = [
    [10.0, 5.0, -3.0, 12.0],
    [10.0, -30.0, 5.0, 40.0, 25.0],
    [-10.0, -5.0, 20.0, 5.0],
    [0.0, 0.0, 0.0],
    [7.5, 7.5],
]


@pytest.mark.parametrize("kind", [Kind.BRIDGE, Kind.LYING_BRIDGE])
@pytest.mark.parametrize("values", BRIDGES)
def test_a_bridge_stands_on_feet_that_are_formulas_over_its_cells(values, kind):
    drawn = bridge(values, kind=kind)
    made = chart_workbook(figure(drawn), ABOUT)
    sheets = Sheets(made)
    sheet = sheets.book.worksheets[0]
    headings = {cell.value: cell.column_letter for cell in sheet[4] if cell.value}
    computed = {
        name: [sheets.value(sheet.title, f"{headings[name]}{row}") for row in range(5, 5 + len(values))]
        for name in ("Foot", "Shown", "Foot below zero", "Shown below zero")
    }
    stands = bars(drawn)
    assert computed["Foot"] == [bar.hidden for bar in stands]
    assert computed["Shown"] == [bar.seen for bar in stands]
    assert computed["Foot below zero"] == [bar.hidden_below for bar in stands]
    assert computed["Shown below zero"] == [bar.seen_below for bar in stands]
    remembered = workbook_values(made)
    for name, column in headings.items():
        if name in computed:
            assert [remembered[f"{column}{row}"].value for row in range(5, 5 + len(values))] == computed[name]


def workbook_values(made):
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(made), data_only=True).worksheets[0]


def test_a_changed_step_moves_all_that_follow():
    made = chart_workbook(figure(bridge([10.0, 5.0, -3.0, 12.0])), ABOUT)
    sheets = Sheets(made)
    sheet = sheets.book.worksheets[0]
    sheet["B6"] = 9.0
    headings = {cell.value: cell.column_letter for cell in sheet[4] if cell.value}
    assert [sheets.value(sheet.title, f"{headings['Level']}{row}") for row in range(5, 9)] == [10, 19, 16, 12]


# --- labels -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (78_654_321.0, "#,##0.0,,", "78.7"),
        (-1_234.5, "#,##0", "-1,234"),
        (0.2344, "0.0%", "23.4%"),
        (4.1e6, "+#,##0.0,,;-#,##0.0,,", "+4.1"),
        (-4.1e6, "+#,##0.0,,;-#,##0.0,,", "-4.1"),
        (-0.001, "0.0", "0.0"),
        (1.0, "dd.mm.yyyy", None),
    ],
)
def test_numbers_as_a_spreadsheet_writes_them(value, form, words):
    assert written(value, form) == words


@pytest.mark.parametrize(
    ("values", "labels", "form", "found"),
    [
        ([3e6, 4.04e6], ["3.0", "4.0"], "#,##0.0,,", "#,##0.0,,"),
        ([38.2, None], ["38", ""], "0.0", "0"),
        ([3e6, -1e6], ["+3.0", "−1.0"], "#,##0.0,,", "+#,##0.0,,;-#,##0.0,,"),
        ([0.5], ["50.0\xa0%"], "0.0%", "0.0%"),
        ([3e6], ["3.0 (45 %)"], "#,##0.0,,", None),
        ([None], ["3.0"], "0.0", None),
    ],
)
def test_labels_that_are_numbers_follow_their_cells(values, labels, form, found):
    assert number_format(values, labels, form) == found


def test_totals_stand_above_stacks_as_sums_of_their_cells():
    sums = [7.0, 2.0, 5.0]
    stacks = (Series("A", (3.0, None, 1.0), "#7d8ba1"), Series("B", (4.0, 2.0, 4.0), "#b84a00"))
    made = chart_workbook(figure(columns(Kind.STACKED, series=stacks, form="0.0", totals=("7.0", "2.0", "5.0"))), ABOUT)
    sheets = Sheets(made)
    sheet = sheets.book.worksheets[0]
    headings = {cell.value: cell.column_letter for cell in sheet[4] if cell.value}
    assert [sheets.value(sheet.title, f"{headings['Total']}{row}") for row in range(5, 8)] == sums
    labelled = [each for each in drawn_series(made) if each.find("c:dLbls", SPACES) is not None]
    assert len(labelled) == 1
    assert labelled[0].find("c:dLbls/c:numFmt", SPACES).get("formatCode") == "0.0"


def test_words_at_points_are_words():
    made = chart_workbook(figure(columns(Kind.STACKED, totals=("4.0 (25 %)", "", "Sheet!A1"))), ABOUT)
    labels = chart(made).findall(".//c:dLbl", SPACES)
    told = ["".join(each.itertext()).strip() for each in labels if each.find("c:delete", SPACES) is None]
    assert [words.replace("\u2060", "") for words in told] == ["4.0 (25 %)", "Sheet!A1"]
    assert not chart(made).findall(".//c:dLbl//c:f", SPACES)


# --- names, and what cannot be drawn ------------------------------------------------------------------------------


def test_names_are_names_wherever_they_stand():
    drawn = Native(
        Kind.BARS, HOSTILE, tuple(Series(name, (1.0,) * len(HOSTILE), "#000000") for name in HOSTILE), "0.0", "days"
    )
    made = chart_workbook(figure(drawn, pl.DataFrame({"=A1": HOSTILE}), "=cmd|' /C calc'!A0", "=2+2"), ABOUT)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    assert [list(each["cat"].values()) for each in series(made)] == [list(HOSTILE)] * len(HOSTILE)
    title = chart(made).find("c:chart/c:title", SPACES)
    assert title.find(".//c:f", SPACES).text.endswith("$A$1")
    assert title.find(".//c:v", SPACES).text == "=cmd|' /C calc'!A0"


def test_a_figure_that_no_spreadsheet_draws_is_a_picture():
    made = chart_workbook(Figure("heat", "Hot", "now", "A heat map", SPEC, pl.DataFrame({"a": [1.0]})), ABOUT)
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert parts.read("xl/media/image1.png").startswith(b"\x89PNG")
        assert b"A heat map" in parts.read("xl/drawings/drawing1.xml")


def test_a_figure_without_rows_still_opens():
    nothing = Native(Kind.COLUMNS, (), (), "0.0")
    made = chart_workbook(figure(nothing, pl.DataFrame(schema={"a": pl.Float64})), ABOUT)
    assert workbook_of(made).sheetnames == ["DSO trend", "About"]


def test_numbers_that_the_chart_does_not_show_follow_below():
    table = pl.DataFrame({"Month": MONTHS, "Open, USD": [4e6, 2e6, 5e6], "Days": [41.25, 40.5, 39.75]})
    sheet = workbook_of(chart_workbook(figure(columns(), table), ABOUT)).worksheets[0]
    held = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {41.25, 40.5, 39.75, "Days"} <= held
    assert len(sheet.tables) == 2
    assert len(workbook_of(chart_workbook(figure(columns()), ABOUT)).worksheets[0].tables) == 1


def test_the_same_figure_gives_the_same_bytes():
    assert chart_workbook(figure(columns()), ABOUT) == chart_workbook(figure(columns()), ABOUT)


def test_the_chart_says_what_it_shows_to_who_cannot_see_it():
    with zipfile.ZipFile(io.BytesIO(chart_workbook(figure(columns()), ABOUT))) as parts:
        assert b'descr="What it shows"' in parts.read("xl/drawings/drawing1.xml")


def test_colours_are_those_of_the_palette():
    made = ET.tostring(chart(chart_workbook(figure(columns()), ABOUT))).decode()
    found = {f"#{colour.lower()}" for colour in re.findall(r'srgbClr val="(\w{6})"', made)}
    assert found <= {LIGHT.text, LIGHT.quiet, LIGHT.grid, LIGHT.ground, "#7d8ba1", "#b84a00"}


@pytest.mark.parametrize(
    ("form", "found"), [("#,##0.0,,", "#,##0"), ("0.0%", "0.0%"), ("#,##0", "#,##0"), ("0.0", "0.0")]
)
def test_the_form_of_cells_has_no_scale(form, found):
    assert whole(form) == found
