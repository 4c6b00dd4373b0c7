"""A pack as a workbook: its formulas give the product's values, its checks find what is wrong, nothing said is lost."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import openpyxl
import polars as pl
import pytest

import metrics
from briefing.tile import Tile
from charts import Figure
from charts.movement import HEADINGS
from charts.native import Kind, Native, Series
from exports.about import About
from exports.column import Column, Form
from exports.pack.content import Chart, Line, Lines, Pack, Page, Row, Table, Tiles
from exports.pack.formula import is_money
from exports.pack.sheet_ties import tolerance
from exports.pack.sheets import write
from ledger.build import build_book
from ledger.calendar import Window
from ledger.errors import OutstandingError
from ledger.money import major
from ledger.scope import COMPANY, CURRENCY
from metrics import CATALOG, parts
from metrics.spec import Unit
from tests.app import company
from tests.exports import customers
from tests.exports.formulas import Sheets
from tests.exports.reading import workbook_of

DAY, BASE = company.LAST, date(2025, 6, 30)
KPIS = tuple(CATALOG)
HOSTILE = ("=1+1", "+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "http://example.com", "&L&R", "a\nb", customers.ARABIC)


@cache
def book():
    return build_book(company.tables(), company.rules(), source="books")


def in_major(found):
    money = [name for name in parts.PARTS if is_money(name)]
    return found.with_columns(major(pl.col(name), pl.col(CURRENCY)).cast(pl.Float64) for name in money)


@cache
def pack(kpis=KPIS, days=(DAY, BASE)) -> Pack:
    """A pack of the customers' books: all of the catalogue, with movement, age and groups."""
    sums = in_major(parts.sums(book(), [Window.ending(day, "3mo") for day in sorted(days)], COMPANY, (), None))
    order = pl.DataFrame({"as_of": list(days)}, schema={"as_of": pl.Date})
    told = metrics.evaluate(book(), kpis, days).select("as_of", "metric", "value", "note")
    return Pack(
        about=About("Board pack", "Meridian & Sons", DAY, "USD", "3mo", snapshot="ac43a6934fbd0011"),
        subtitle="For the board",
        pages=(_summary(told), _movement(), _aging(days), _segments()),
        parts=order.join(sums.select("as_of", *parts.PARTS), on="as_of", how="left", maintain_order="left"),
        kpis=kpis,
        values=told,
    )


def _summary(told):
    value = told.filter((pl.col("metric") == "dso") & (pl.col("as_of") == DAY))["value"].item()
    tile = Tile("dso", value, None, (), "USD", state="act", note="a note on DSO")
    lines = Lines("Who needs someone", (Line("Five Currencies", "1.2m late", "since May", "watch"),))
    return Page(
        "summary", "Summary", "Customers owe more than ever", (Row((Tiles((tile,)), lines)),), lead="And later too",
        commentary="First paragraph.\n\nSecond one.", metrics=("dso",), notes=("Read with care.",),
    )  # fmt: skip


def _movement():
    lines = metrics.movement(book(), DAY).filter(pl.col("line") != "difference").select("line", "amount")
    named = lines.with_columns(pl.col("line").replace({**HEADINGS, "opening": "Opening, 31 Mar 2026"}))
    table = Table("Movement", "It ties out", named, {"amount": Column(form=Form.MONEY)}, last_is_total=True)
    return Page("movement", "Movement", "More billed than collected", (Row((table,)),))


def _aging(days):
    aged = metrics.aging(book(), days)
    now = aged.filter(pl.col("as_of") == DAY).select(pl.col("bucket").alias("Bucket"), pl.col("amount").alias("Amount"))
    if len(days) > 1:
        now = now.with_columns(Before=aged.filter(pl.col("as_of") == BASE)["amount"])
    total = now.select(pl.lit("Total AR").alias("Bucket"), *(pl.col(name).sum().round(2) for name in now.columns[1:]))
    rows = pl.concat([now, total])
    native = Native(Kind.COLUMNS, tuple(now["Bucket"]), (Series("Open", tuple(now["Amount"]), "#2b303b"),), "#,##0")
    figure = Figure("aging", "Most is late", "USD · as of 31 Dec 2024", "Columns by age", {}, now, native=native)
    table = Table("Ageing", "By age", rows, {"Amount": Column(form=Form.MONEY)}, last_is_total=True,
                  states={(1, "Amount"): "act", (0, "Bucket"): "good"})  # fmt: skip
    return Page("aging", "Ageing", "Old money", (Row((Chart(figure), table)),))


def _segments():
    owed = metrics.evaluate(book(), ["total_ar"], [DAY], by=["customer"])
    rows = owed.select(pl.col("customer").alias("Customer"), pl.col("value").alias("Total AR"))
    return Page("segments", "Customers", "Who owes", (Row((Table("By customer", "All of them", rows),)),))


@cache
def written() -> bytes:
    return write(pack())


def changed(of: Pack, section: str, **changes) -> Pack:
    """The pack with the rows of one section's table replaced."""
    pages = []
    for page in of.pages:
        blocks = tuple(
            replace(block, **changes) if isinstance(block, Table) and page.section == section else block
            for block in page.blocks
        )
        pages.append(replace(page, rows=(Row(blocks),)))
    return replace(of, pages=tuple(pages))


def table_of(of: Pack, section: str) -> Table:
    return next(b for page in of.pages if page.section == section for b in page.blocks if isinstance(b, Table))


def texts(made) -> list[str]:
    return [str(cell.value) for sheet in workbook_of(made) for row in sheet.iter_rows() for cell in row if cell.value]


def remembered(made) -> Any:
    """The workbook as a preview shows it: the values that were written with the formulas."""
    return openpyxl.load_workbook(io.BytesIO(made), data_only=True)


def told(made) -> dict[str, tuple[Any, Any]]:
    """Of each KPI on the summary: its cells of both days."""
    sheet = workbook_of(made)["Summary"]
    labels = {CATALOG[id].label: id for id in KPIS}
    return {labels[row[0].value]: (row[1], row[2]) for row in sheet.iter_rows() if row[0].value in labels}


# --- the numbers --------------------------------------------------------------------------------------------------


def test_the_summary_computes_the_values_of_the_product():
    of = pack()
    made = write(of)
    sheets = Sheets(made)
    shown = remembered(made)["Summary"]
    known = {(day, id): value for day, id, value, _ in of.values.rows()}
    formulas = 0
    for id, cells in told(made).items():
        for day, cell in zip((DAY, BASE), cells, strict=True):
            expected = known[day, id]
            found = sheets.value("Summary", cell.coordinate)
            formulas += cell.data_type == "f"
            assert found == "n/a" if expected is None else found == pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert shown[cell.coordinate].value == (found if expected is None else pytest.approx(found, rel=1e-9))
    assert formulas == 2 * sum(not CATALOG[id].own for id in KPIS)


def test_formulas_rest_on_the_data_sheets():
    made = written()
    of = workbook_of(made)["Parts"]
    linked = {row[0].value: row[1].value for row in of.iter_rows(min_row=5) if row[1].data_type == "f"}
    assert linked["Total AR"] == "=SUM(Ageing!$B$5:$B$11)"
    assert linked["Opening AR"] == "=Movement!$B$5"
    assert {"Current", "Overdue", "Over 90 days", "Billed", "Cash", "Credit sales", "Unapplied credits"} <= set(linked)
    sheets = Sheets(made)
    before = sheets.value("Summary", told(made)["dso"][0].coordinate)
    changed_sheets = Sheets(made)
    changed_sheets.book["Ageing"]["B5"] = changed_sheets.book["Ageing"]["B5"].value * 2
    assert changed_sheets.value("Summary", told(made)["dso"][0].coordinate) > before


def test_a_part_that_another_sheet_does_not_add_up_to_stays_a_value():
    rows = table_of(pack(), "aging").rows.with_columns(
        Amount=pl.when(pl.col("Bucket") == "current").then(pl.col("Amount") + 0.01).otherwise("Amount")
    )
    made = write(changed(pack(), "aging", rows=rows))
    held = {row[0].value: row[1] for row in workbook_of(made)["Parts"].iter_rows(min_row=5)}
    assert held["Total AR"].data_type == "n"
    assert held["Overdue"].data_type == "f"
    assert "differ" in remembered(made)["Tie-out"]["A4"].value
    assert Sheets(made).value("Tie-out", "A4") == remembered(made)["Tie-out"]["A4"].value


def test_all_ties_out():
    made = written()
    words = Sheets(made).value("Tie-out", "A4")
    assert re.fullmatch(r"All \d+ checks tie out", words)
    assert remembered(made)["Tie-out"]["A4"].value == words
    assert Sheets(made).value("Summary", _checked(made)) == words
    sheet = remembered(made)["Tie-out"]
    checks = [row for row in sheet.iter_rows(min_row=6, values_only=True) if row[4]]
    assert len(checks) == int(words.split()[1])
    assert [row[0] for row in checks[:2]] == ["Σ buckets of the sheet 'Ageing'", "Σ groups of the sheet 'By customer'"]
    assert "Opening and movements, against total AR at the close" in [row[0] for row in checks]


def _checked(made):
    sheet = workbook_of(made)["Summary"]
    return next(f"B{row[0].row}" for row in sheet.iter_rows() if row[0].value == "Check")


@pytest.mark.parametrize("section", ["movement", "segments"])
def test_a_cent_too_much_is_found(section):
    rows = table_of(pack(), section).rows
    column = rows.columns[1]
    first = pl.int_range(pl.len()) == 0
    wrong = rows.with_columns(pl.when(first).then(pl.col(column) + 0.01).otherwise(column).alias(column))
    made = write(changed(pack(), section, rows=wrong))
    words = Sheets(made).value("Tie-out", "A4")
    assert words.startswith("1 of ")
    assert remembered(made)["Tie-out"]["A4"].value == words


def test_a_value_of_the_product_that_the_formulas_do_not_give_is_found():
    of = pack()
    wrong = of.values.with_columns(
        value=pl.when(pl.col("metric") == "dso").then(pl.col("value") + 0.001).otherwise("value")
    )
    made = write(replace(of, values=wrong))
    assert Sheets(made).value("Tie-out", "A4").startswith("2 of ")
    assert remembered(made)["Summary"][_checked(made)].value.startswith("2 of ")


def test_an_amount_beyond_the_digits_of_a_cell_is_held_to_those_it_has():
    assert tolerance(4_411_035.64, 0.01) == 0.005
    assert 0.005 < tolerance(29_629_631_019_477.94, 0.01) < 0.05


def test_the_change_is_the_difference_and_shares_move_in_points():
    made = written()
    sheets = Sheets(made)
    for id, (now, base) in told(made).items():
        change = sheets.value("Summary", f"D{now.row}")
        first, second = (sheets.value("Summary", cell.coordinate) for cell in (now, base))
        if "n/a" in (first, second):
            assert change == "n/a"
        else:
            times = 100 if CATALOG[id].unit is Unit.RATIO else 1
            assert change == pytest.approx((first - second) * times)


def test_what_has_no_value_says_why():
    of = pack()
    names = [name for name in of.parts.columns if is_money(name) and name != "as_of"]
    nothing = of.parts.with_columns(pl.lit(0.0).alias(name) for name in names)
    told_ = of.values.with_columns(
        value=pl.when(pl.col("metric") == "dso").then(None).otherwise("value"),
        note=pl.when(pl.col("metric") == "dso").then(pl.lit("no credit sales in the window")).otherwise("note"),
    )
    made = write(replace(of, parts=nothing, values=told_, pages=()))
    cell = told(made)["dso"][0]
    assert Sheets(made).value("Summary", cell.coordinate) == "n/a"
    assert remembered(made)["Summary"][cell.coordinate].value == "n/a"
    assert "no credit sales in the window" in texts(made)


def test_a_part_that_is_not_known_gives_no_number():
    of = pack()
    made = write(replace(of, parts=of.parts.with_columns(annual_rate=pl.lit(None, pl.Float64)), pages=()))
    assert Sheets(made).value("Summary", told(made)["cost_of_overdue"][0].coordinate) == "n/a"
    assert remembered(made)["Summary"][told(made)["cost_of_overdue"][0].coordinate].value == "n/a"


def test_one_day_has_no_change():
    made = write(pack(days=(DAY,)))
    sheet = workbook_of(made)["Summary"]
    headings = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "KPI")
    assert [each for each in headings if each] == ["KPI", "30\xa0Jun\xa02026", "Unit", "State", "Note"]


def test_sums_of_several_currencies_are_never_added():
    of = pack()
    with pytest.raises(OutstandingError, match="one currency"):
        write(replace(of, parts=pl.concat([of.parts, of.parts])))


# --- what is said -------------------------------------------------------------------------------------------------


def test_nothing_that_the_pages_say_is_missing():
    found = "\n".join(texts(written()))
    for page in pack().pages:
        for words in (page.label, page.title, page.lead, *page.notes, *page.commentary.splitlines()):
            assert words in found
    for words in ("Who needs someone", "Five Currencies", "1.2m late · since May", "Watch", "a note on DSO", "Act"):
        assert words in found
    for id in KPIS:
        assert CATALOG[id].formula in found
    assert "ac43a6934fbd0011" in found


def test_sheets_stand_in_the_order_of_the_pages():
    names = workbook_of(written()).sheetnames
    assert names[:6] == ["Summary", "Commentary", "Movement", "Aging", "Ageing", "By customer"]
    assert names[6:] == ["Tie-out", "Parts", "Definitions", "About"]


def test_a_total_stands_below_its_table_as_a_sum():
    sheet = workbook_of(written())["Ageing"]
    (table,) = sheet.tables.values()
    assert table.ref == "A4:C11"
    assert [sheet[f"{column}12"].value for column in "ABC"] == ["Total AR", "=SUM(B5:B11)", "=SUM(C5:C11)"]


def test_a_state_is_a_word_as_well():
    sheet = workbook_of(written())["Ageing"]
    assert sheet["B6"].number_format == '#,##0.00" · Act"'
    assert sheet["B6"].font.color.rgb == "FFB84A00"
    assert sheet["A5"].number_format == '@" · Good"'


def test_names_are_names_wherever_they_stand():
    rows = pl.DataFrame({name: [*HOSTILE, None] for name in HOSTILE})
    natives = tuple(Series(name, (1.0,) * len(HOSTILE), "#000000") for name in HOSTILE)
    native = Native(Kind.STACKED_BARS, HOSTILE, natives, "0.0", totals=HOSTILE)
    pages = tuple(
        Page(
            words, words, words, lead=words, commentary=words, notes=(words,),
            rows=(Row((
                Table(words, words, rows, subtitle=words),
                Chart(Figure(words, words, words, words, {}, rows, native=native)),
                Lines(words, (Line(words, words, words),), words),
            )),),
        )
        for words in HOSTILE
    )  # fmt: skip
    words = HOSTILE[0]
    about = About(words, words, DAY, words, filters=words, snapshot=words, notes=HOSTILE)
    made = write(
        replace(pack(), about=about, pages=pages, lines=HOSTILE, subtitle=words, parts=pl.DataFrame(), kpis=())
    )
    with zipfile.ZipFile(io.BytesIO(made)) as files:
        for part in files.namelist():
            assert not part.startswith("xl/externalLinks")
            assert b'TargetMode="External"' not in files.read(part)
    ours = re.compile(r"=(SUM|SUMIF|MIN|MAX|\d|[A-Z]+\d)")
    for cell in (cell for sheet in workbook_of(made) for row in sheet.iter_rows() for cell in row):
        assert cell.data_type != "f" or (ours.match(cell.value) and cell.value not in HOSTILE)
        assert not cell.hyperlink or (cell.hyperlink.location and not cell.hyperlink.target)


def test_an_empty_pack_still_opens():
    nothing = Pack(About("Nothing", "Meridian", DAY), "", (), pl.DataFrame(), (), pl.DataFrame())
    made = write(nothing)
    assert workbook_of(made).sheetnames == ["Summary", "Commentary", "Tie-out", "Parts", "Definitions", "About"]
    assert "Nothing to check" in texts(made)


def test_sheets_of_like_names_are_told_apart():
    one = Table("Summary", "", pl.DataFrame({"a": [1]}))
    page = Page(
        "x",
        "X",
        "X",
        (Row((one, replace(one, name="x" * 40), replace(one, name="x" * 40), replace(one, name="[]:*"))),),
    )
    names = workbook_of(write(replace(pack(), pages=(page,)))).sheetnames
    assert names[2:6] == ["Summary (2)", "x" * 31, f"{'x' * 27} (2)", "Sheet"]


def test_rows_of_several_currencies_have_their_own_decimals():
    rows = pl.DataFrame({"in": ["USD", "EUR", "JPY", "KWD", "GBP"], "open": [1.5, 2.5, 3.0, 4.125, 5.0]})
    table = Table("Open", "In five currencies", rows, {"open": Column(currency_from="in")})
    about = About("Several", "Meridian", DAY, "several")
    made = write(Pack(about, "", (Page("x", "X", "X", (Row((table,)),)),), pl.DataFrame(), (), pl.DataFrame()))
    found = [workbook_of(made)["Open"][f"B{row}"].number_format for row in range(5, 10)]
    assert found == ["#,##0.00", "#,##0.00", "#,##0", "#,##0.000", "#,##0.00"]


def test_a_long_table_is_whole():
    rows = pl.DataFrame({"Customer": [f"C{i}" for i in range(5_000)], "Owed": [float(i) for i in range(5_000)]})
    page = Page("x", "X", "X", (Row((Table("Long", "All", rows, most=10),)),))
    sheet = workbook_of(write(replace(pack(), pages=(page,))))["Long"]
    assert sheet["B5004"].value == 4999
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.freeze_panes == "A5"


def test_the_same_pack_gives_the_same_bytes():
    assert write(pack()) == written()


# --- computed by a spreadsheet ------------------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed: no spreadsheet to compute with")
def test_a_spreadsheet_computes_the_same(tmp_path):
    """What was written with the formulas is taken out first, so that what is read has been computed."""
    of, place = pack(), tmp_path / "pack.xlsx"
    made = write(of)
    with zipfile.ZipFile(io.BytesIO(made)) as read, zipfile.ZipFile(place, "w") as bare:
        for part in read.namelist():
            data = read.read(part)
            bare.writestr(part, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", data) if "worksheets/sheet" in part else data)
    assert remembered(place.read_bytes())["Summary"]["B8"].value is None
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(place)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    computed = remembered((tmp_path / "out" / "pack.xlsx").read_bytes())
    known = {(day, id): value for day, id, value, _ in of.values.rows()}
    for id, cells in told(made).items():
        for day, cell in zip((DAY, BASE), cells, strict=True):
            found, expected = computed["Summary"][cell.coordinate].value, known[day, id]
            assert found == "n/a" if expected is None else found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert computed["Tie-out"]["A4"].value == remembered(made)["Tie-out"]["A4"].value
