"""Native charts on slides: what an office program reads is what the figure holds, to the last digit."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Inches

from charts.native import Kind, Look, Native, Series, bars
from exports import chart_book, chart_plot
from exports.slide_chart import add, signed
from exports.slide_place import INCH, Box
from tests.exports import slide_packs as made

PLACE = Box(INCH, INCH, 6 * INCH, 4 * INCH)
ONE_THIRD = 1e6 / 3


def drawn(native, subtitle="") -> Any:
    """The chart as it is read back from a saved file."""
    deck: Any = Presentation()
    deck.slide_width = Inches(13.333)
    add(deck.slides.add_slide(deck.slide_layouts[6]).shapes, native, PLACE, "Alt & <text>", subtitle=subtitle)
    buffer = io.BytesIO()
    deck.save(buffer)
    (frame,) = Presentation(io.BytesIO(buffer.getvalue())).slides[0].shapes
    return frame


def series(chart):
    return {each.name: tuple(each.values) for plot in chart.plots for each in plot.series}


def sheet(chart, *, formulas=False) -> Any:
    blob = chart.part.chart_workbook.xlsx_part.blob
    return openpyxl.load_workbook(io.BytesIO(blob), data_only=not formulas)[chart_book.SHEET]


def heading(ser):
    return ser.find(f"{qn('c:tx')}//{qn('c:v')}").text


def seen(native):
    return {each.name: each.values for each in native.series}


@pytest.mark.parametrize(
    "native", [n for n in made.NATIVES if not n.kind.is_bridge], ids=lambda n: n.series[0].name + " " + n.kind
)
def test_every_number_is_read_back_whole(native):
    chart = drawn(native).chart
    assert seen(native).items() <= series(chart).items()
    assert [str(each) for each in chart.plots[0].categories] == chart_plot.categories(native)


@pytest.mark.parametrize("native", made.NATIVES, ids=lambda n: n.series[0].name + " " + n.kind)
def test_its_workbook_holds_what_it_shows(native):
    """Each series points at a column whose heading is its name and whose cells are its values."""
    chart = drawn(native).chart
    page = sheet(chart)
    for plot in chart.plots:
        for each in plot.series:
            heading, cells = (path.text for path in each._element.iter(qn("c:f")) if "$A$" not in path.text)
            column = heading.split("!$")[1].split("$")[0]
            assert page[f"{column}1"].value == each.name
            last = len(native.categories) + 1
            assert cells == f"{chart_book.SHEET}!${column}$2:${column}${last}"
            held = [page[f"{column}{row}"].value for row in range(2, last + 1)]
            # A spreadsheet's file holds 16 digits of a number.
            assert held == [value if value is None else pytest.approx(value, rel=1e-15) for value in each.values]


def test_a_third_of_a_million_is_not_rounded():
    native = replace(made.COLUMNS, categories=("A",), series=(Series("Open", (ONE_THIRD,), "#000000"),))
    chart = drawn(native).chart
    assert series(chart)["Open"] == (ONE_THIRD,)
    assert sheet(chart)["B2"].value == ONE_THIRD


@pytest.mark.parametrize("native", [made.BRIDGE, made.LYING_BRIDGE, made.CROSSING], ids=("up", "lying", "crossing"))
def test_a_bridge_holds_its_signed_amounts_and_its_bars_sum_to_them(native):
    chart = drawn(native).chart
    (one,) = native.series
    page = sheet(chart)
    amounts = {page.cell(1, column).value: column for column in range(1, page.max_column + 1)}[chart_book.AMOUNT]
    assert tuple(page.cell(row, amounts).value for row in range(2, len(one.values) + 2)) == one.values
    read = series(chart)
    shown = zip(read[one.name], read[f"{one.name}, below zero"], strict=True)
    assert [above - below for above, below in shown] == pytest.approx([abs(value) for value in one.values])
    feet = [bar.hidden + bar.hidden_below for bar in bars(native)]
    assert read[chart_plot.FOOT] == pytest.approx(feet)


def test_a_bridge_is_formulas_over_its_amounts():
    """2 bars of 7: the foot of the second is where the first ends."""
    page = sheet(drawn(made.BRIDGE).chart, formulas=True)
    formulas = [page.cell(row, column).value for row in range(2, 9) for column in range(2, 6)]
    assert all(str(formula).startswith("=") for formula in formulas)
    assert "cmd" not in "".join(map(str, formulas))
    kinds = [page.cell(row, 7).value for row in range(2, 9)]
    assert kinds == ["balance", *["step"] * 5, "balance"]


def test_feet_and_room_are_not_seen_and_say_so():
    chart = drawn(made.LYING_BRIDGE).chart
    for each in chart.plots[0].series:
        hidden = each._element.find(f"{qn('c:spPr')}/{qn('a:noFill')}") is not None
        assert hidden == ("(hidden)" in each.name)


def test_steps_are_coloured_by_point():
    chart = drawn(made.BRIDGE).chart
    points = next(each for each in chart.plots[0].series if each.name == "Total AR").points
    found = [points[place].format.fill.fore_color.rgb for place in (1, 3, 4)]
    assert [f"#{colour}".lower() for colour in found] == [made.BRIDGE.series[0].colours[place] for place in (1, 3, 4)]


def test_lines_over_columns_share_their_axes():
    chart = drawn(made.COMBINED).chart
    columns, lines = (plot._element for plot in chart.plots)
    assert columns.tag == qn("c:barChart")
    assert lines.tag == qn("c:lineChart")
    axes = [[axis.get("val") for axis in plot.iter(qn("c:axId"))] for plot in (columns, lines)]
    assert axes[0] == axes[1]
    marked = next(ser for ser in lines.iter(qn("c:ser")) if heading(ser) == "Previous year")
    assert marked.find(f"{qn('c:marker')}/{qn('c:symbol')}").get("val") != "none"
    assert marked.find(f"{qn('c:spPr')}/{qn('a:ln')}/{qn('a:noFill')}") is not None
    dotted = next(ser for ser in lines.iter(qn("c:ser")) if heading(ser) == "Benchmark")
    assert dotted.find(f".//{qn('a:prstDash')}") is not None


def test_what_lies_begins_at_the_top():
    axis = drawn(made.LYING_STACK).chart._chartSpace.catAx_lst[0]
    assert axis.find(f"{qn('c:scaling')}/{qn('c:orientation')}").get("val") == "maxMin"


def test_the_axis_begins_at_zero_or_where_it_is_cut():
    def low(native):
        found = drawn(native).chart._chartSpace.find(f".//{qn('c:valAx')}/{qn('c:scaling')}/{qn('c:min')}")
        return None if found is None else float(found.get("val"))

    assert low(made.COMBINED) == 0
    assert low(made.LYING_BRIDGE) == 36.3
    assert low(made.LINES) == 35


def test_a_little_below_zero_takes_no_more_room_than_it_needs():
    days = made.with_credits(-0.9)
    axis = drawn(days).chart._chartSpace.valAx_lst[0]
    assert _axis(axis) == ("-5.0", "5.0", '0;"−"0')
    far = drawn(made.with_credits(-30.0)).chart._chartSpace.valAx_lst[0]
    assert _axis(far)[:2] == (None, None)
    lying = drawn(made.LYING_STACK, "USD m").chart._chartSpace.valAx_lst[0]
    assert float(_axis(lying)[0] or 0) == -2e6


def _axis(axis):
    """Where it begins, its step, and how it writes numbers."""
    found = [axis.find(f".//{qn(name)}") for name in ("c:min", "c:majorUnit")]
    low, step = (None if each is None else each.get("val") for each in found)
    return low, step, axis.find(qn("c:numFmt")).get("formatCode")


def test_an_axis_has_decimals_only_where_its_numbers_have():
    def form(native):
        return _axis(drawn(native).chart._chartSpace.valAx_lst[0])[2].partition(";")[0]

    cut = replace(made.COMBINED, foot=40.0)
    assert form(cut) == "0"
    assert form(made.with_credits(-0.9)) == "0"
    (first, *_) = made.LINES.series
    near = replace(made.LINES, form="0.0", foot=40.0, series=(replace(first, values=(40.2, 40.6, 41.1), labels=()),))
    assert form(near) == "0.0"


def test_a_legend_only_where_there_is_more_than_one_to_tell_apart():
    assert not drawn(made.COLUMNS).chart.has_legend
    assert not drawn(made.BRIDGE).chart.has_legend
    assert drawn(made.STACKED).chart.has_legend
    assert drawn(made.BARS).chart.has_legend


def test_missing_values_are_gaps():
    chart = drawn(made.LINES).chart
    assert series(chart)["APAC"][:2] == (None, None)
    assert chart._chartSpace.find(f".//{qn('c:dispBlanksAs')}").get("val") == "gap"
    unknown = replace(made.COLUMNS, categories=("A", "B"), series=(Series("Open", (float("nan"), 1.0), "#000000"),))
    assert series(drawn(unknown).chart)["Open"] == (None, 1.0)


def words(element):
    return "".join(each.text for each in element.iter(qn("a:t")))


def labels(chart, name):
    (one,) = (each for plot in chart.plots for each in plot.series if each.name == name)
    return [words(each) for each in one._element.iter(qn("c:dLbl")) if each.find(qn("c:tx")) is not None]


def test_labels_say_what_they_are_told():
    assert labels(drawn(made.COLUMNS).chart, "Open") == list(made.COLUMNS.series[0].labels)
    assert labels(drawn(made.LYING_STACK).chart, chart_plot.ROOM) == list(made.LYING_STACK.totals)
    assert labels(drawn(made.BRIDGE).chart, chart_plot.ROOM) == list(made.BRIDGE.series[0].labels)


def test_labels_that_only_repeat_the_values_follow_them():
    """12.3 and 4.0 million in ``#,##0.0,,`` are what the labels say: no text of ours, the program writes them."""
    values, words = (12_340_000.0, -4e6), ("12.3", "−4.0")
    native = replace(made.COLUMNS, categories=("A", "B"), series=(Series("Open", values, "#000000", labels=words),))
    chart = drawn(native).chart
    assert labels(chart, "Open") == []
    default = next(chart._chartSpace.iter(qn("c:dLbls"))).find(qn("c:showVal"))
    assert default.get("val") == "1"


@pytest.mark.parametrize(
    ("value", "form", "words"),
    [
        (12_340_000.0, "#,##0.0,,", "12.3"), (-4e6, "#,##0.0,,", "-4.0"), (0.234, "0.0%", "23.4%"),
        (1234.0, "#,##0", "1234"), (-0.001, "0.0", "0.0"), (1.0, "[Red]0", None), (1.0, "yyyy", None),
    ],
)  # fmt: skip
def test_number_formats_are_read(value, form, words):
    assert chart_plot.told(value, form) == words


def test_totals_of_a_stack_are_its_sums_where_it_has_no_part_below_zero():
    read = series(drawn(made.COMBINED).chart)
    both = zip(read["Best possible"], read["Late payment"], strict=True)
    tops = read[chart_plot.TOP]
    assert all(top >= best + late - 1e-9 for top, (best, late) in zip(tops, both, strict=True))
    plain = replace(made.COMBINED, series=made.COMBINED.series[:2])
    read = series(drawn(plain).chart)
    assert read[chart_plot.TOTAL][0] == 30.2 + 9.3


def test_names_become_nothing_but_text():
    """A formula, markup, control characters and 200 letters, as categories and as a series."""
    native = Native(Kind.BARS, made.HARD, (Series(made.FORMULA, (1.0,) * len(made.HARD), "#000000"),), "0.0")
    chart = drawn(native).chart
    page = sheet(chart, formulas=True)
    column = [page.cell(row, 1) for row in range(2, len(made.HARD) + 2)]
    assert [cell.value or "" for cell in column] == chart_plot.categories(native)
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in column)
    assert page["B1"].value == made.FORMULA
    assert page["B1"].data_type == "s"
    assert max(map(len, chart_plot.categories(native))) <= 60


def test_a_picture_is_told_in_words():
    frame = drawn(made.STACKED)
    about = frame._element.nvGraphicFramePr.cNvPr
    assert about.get("descr") == "Alt & <text>"


def test_the_unit_stands_at_the_axis_where_nothing_above_says_it():
    def unit(subtitle):
        title = drawn(made.COMBINED, subtitle).chart._chartSpace.find(f".//{qn('c:valAx')}/{qn('c:title')}")
        return "" if title is None else words(title)

    assert unit("DSO, days") == ""
    assert unit("DSO") == "days"


def test_what_office_programs_cannot_draw():
    assert not chart_plot.can_draw(Native(Kind.BARS, (), (), "0"))
    over = replace(made.LYING_STACK, series=(*made.LYING_STACK.series, replace(made.LINES.series[0], look=Look.LINE)))
    assert not chart_plot.can_draw(over)
    assert all(chart_plot.can_draw(native) for native in made.NATIVES)


def test_nothing_in_the_file_leads_outside():
    deck: Any = Presentation()
    add(deck.slides.add_slide(deck.slide_layouts[6]).shapes, made.BRIDGE, PLACE, "Alt")
    buffer = io.BytesIO()
    deck.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        chart = next(name for name in archive.namelist() if "charts/_rels" in name)
        assert b"TargetMode" not in archive.read(chart)


def test_the_same_chart_gives_the_same_workbook():
    books = {chart_book.book(made.BRIDGE, chart_plot.drawn(made.BRIDGE)) for _ in range(2)}
    assert len(books) == 1


def test_below_zero_has_a_true_minus():
    assert signed("#,##0.0,,") == '#,##0.0,,;"−"#,##0.0,,'
    assert signed("0;(0)") == "0;(0)"
