"""The pack on paper: what stands on each sheet, read back from the PDF, and how it behaves with odd content."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import replace

import polars as pl
import pytest

from charts import groups, sankey, treemap
from exports.about import definitions
from exports.pack import cells, paper
from exports.pack.content import Chart, Line, Lines, Row, Table, Tiles
from metrics import text
from tests.charts import test_figures as made
from tests.charts import test_sankey as sankeys
from tests.charts import test_treemap as treemaps
from tests.exports import packs
from tests.exports.packs import DAY, LINES, NASTY, TILES, debtors, figures, pack, page, titled
from tests.exports.reading import pdf_of

WORDS = "A paragraph that says a thing or two about the month and what comes next. " * 8


@pytest.fixture(scope="module")
def whole():
    return packs.full()


@pytest.fixture(scope="module")
def printed(whole):
    return paper.write(whole)


def sheets(made_):
    """The words of every sheet, spaces and places to break left out."""
    return [_bare(sheet.extract_text()) for sheet in pdf_of(made_.pdf).pages]


def _bare(words):
    return re.sub(r"[\s\u200b]", "", words)


def said(of, **how):
    return sheets(paper.write(of, **how))


def test_the_first_sheet_says_whose_it_is_and_where_each_section_begins(whole, printed):
    first, *rest = sheets(printed)
    for words in (
        "Receivables pack", whole.subtitle, *whole.lines, "Meridian Supply Group", f"31{text.NBSP}Oct 2026", "USD",
        "Region DACH", whole.about.snapshot,
    ):  # fmt: skip
        assert _bare(words) in first
    for section in whole.pages:
        begins = next(
            place for place, words in enumerate(rest, start=2) if _bare(section.label + section.title) in words
        )
        assert _bare(f"{section.label}{begins}{section.title}") in first


def test_every_section_begins_on_a_sheet_of_its_own_in_order(whole, printed):
    found = sheets(printed)
    begins = [
        next(place for place, words in enumerate(found) if words.startswith(_bare(section.label + section.title)))
        for section in whole.pages
    ]
    assert begins == sorted(set(begins))


def test_every_sheet_carries_its_foot(printed):
    found = sheets(printed)
    for place, words in enumerate(found, start=1):
        foot = "Meridian Supply Group · as of 31 Oct 2026 · USD · Region DACH · snapshot 0123456789ab"
        assert _bare(f"{foot}Page {place} of {len(found)}") in words


def test_every_word_of_every_block_is_printed(whole, printed):
    found = "".join(sheets(printed))
    for section in whole.pages:
        expected = [section.lead, *section.notes, *section.commentary.splitlines()]
        for block in section.blocks:
            match block:
                case Chart():
                    expected += [block.figure.title, *(key.label for key in block.figure.key)]
                case Table():
                    expected += [cell for row in cells.written(block) for cell in row] + cells.headings(block)
                case Lines():
                    expected += [part for line in block.lines for part in (line.words, line.more, line.aside)]
                case Tiles():
                    expected += [part for tile in block.tiles for part in (tile.written, tile.difference, tile.context)]
        for words in expected:
            assert _bare(words) in found, words


def test_words_and_figures_of_a_plot_stay_text_in_the_typeface_of_the_page(printed):
    reader = pdf_of(printed.pdf)
    dso = reader.pages[2]
    assert re.search(r"\b47\b", dso.extract_text()), "the label of the last column"
    fonts = {str(font.get_object()["/BaseFont"]) for font in dso["/Resources"]["/Font"].values()}
    assert all("Inter" in font for font in fonts), fonts


def test_a_state_is_a_word(printed):
    summary = sheets(printed)[1]
    for word in ("Act", "Watch", "Good", "worse", "better"):
        assert word in summary


def test_definitions_end_the_pack_unless_it_has_its_own(whole, printed):
    last = sheets(printed)[-1]
    for label, formula in definitions(whole.metrics):
        assert _bare(label + formula) in last
    own = pack(page("definitions", "What the words mean", Row((LINES,))))
    assert len(said(own)) == 2


def test_the_document_is_tagged_titled_and_dated(whole, printed):
    reader = pdf_of(printed.pdf)
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert str(catalog["/Lang"]).startswith("en")
    assert (reader.metadata.title, reader.metadata.author) == ("Receivables pack", "Meridian Supply Group")
    assert reader.metadata.creation_date.date() == DAY
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data()
    titles = [mark.title for mark in reader.outline if not isinstance(mark, list)]
    assert [_bare(title) for title in titles] == [
        _bare(title) for title in (*(section.title for section in whole.pages), "How each number is computed")
    ]
    assert printed.undrawn == ()


def test_every_picture_can_be_heard(whole, printed):
    heard = [_bare(words) for words in tags(printed.pdf, "/Figure")]
    figures_ = [block.figure for section in whole.pages for block in section.blocks if isinstance(block, Chart)]
    assert {_bare(figure.alt) for figure in figures_ if not figure.is_empty} <= set(heard)
    assert all(heard)
    assert _bare(TILES.tiles[0].seen) in heard


def tags(pdf, kind):
    """The words in place of every element of this kind."""
    found, waiting = [], [pdf_of(pdf).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop()
        if not hasattr(element, "get"):
            continue
        if element.get("/S") == kind:
            found.append(str(element.get("/Alt", "")))
        below = element.get("/K", [])
        waiting += [each.get_object() for each in (below if isinstance(below, list) else [below])]
    return found


def test_the_same_pack_gives_the_same_bytes(whole, printed):
    assert paper.write(whole).pdf == printed.pdf


@pytest.mark.parametrize(("size", "wide", "tall"), [("a4", 297, 210), ("us-letter", 279.4, 215.9)])
def test_sheets_lie_on_their_long_side(size, wide, tall):
    of = pack(page("list", "All", Row((LINES,))))
    for made_ in (paper.write(of, size), paper.write(titled(of, paper=size))):
        box = pdf_of(made_.pdf).pages[0].mediabox
        assert (float(box.width) / 72 * 25.4, float(box.height) / 72 * 25.4) == pytest.approx((wide, tall), abs=0.1)


def test_a_long_table_goes_on_under_its_headings_with_every_row():
    table = debtors(200, last_is_total=True)
    of = pack(page("list", "All of them", Row((TILES,), height=0), Row((table,))))
    _, *found, _ = said(of)
    assert len(found) > 4
    heading = _bare("".join(cells.headings(table)))
    assert all(heading in words for words in found)
    assert all(_bare("All of them, continued") in words for words in found[1:])
    together = "".join(found)
    # A name and its number may stand on two lines, and the words of a state between cells.
    assert all(_bare("".join(row[4:])) in together for row in cells.written(table)[1:])
    assert all(_bare(cell) in together for row in cells.written(table) for cell in row)


def test_rows_left_out_are_counted():
    of = pack(page("list", "The largest", Row((debtors(30, most=5, last_is_total=True),))))
    words = said(of)[1]
    assert _bare("24 more rows are not shown here; the workbook has them all.") in words
    assert _bare(f"{packs.NAMES[29 % 7]} 29") in words, "the total"


def test_a_table_too_wide_for_its_place_takes_the_sheet():
    rows = pl.DataFrame({f"Column {place}": [123456.7 * place] * 3 for place in range(10)})
    wide = Table("Wide", "Ten columns", rows)
    of = pack(page("wide", "Wide", Row((Chart(figures()["dso"]), wide))))
    found = "".join(said(of))
    assert all(_bare(cell) in found for row in cells.written(wide) for cell in row)


@pytest.mark.parametrize("paragraphs", [1, 3, 40])
def test_commentary_is_whole_however_long(paragraphs):
    chart = Chart(figures()["dso"])
    numbered = [f"{place}. {WORDS}" for place in range(paragraphs)]
    of = pack(page("dso", "DSO rose", Row((chart, chart)), commentary="\n\n".join(numbered)))
    found = "".join(said(of))
    assert found.count("Commentary") == 1
    assert found.count(_bare("that says a thing or two")) == 8 * paragraphs
    assert found.count(_bare("DSO, days · as of")) == 2, "the charts as well"


def test_a_finding_that_is_the_title_is_not_said_twice():
    chart = Chart(figures()["dso"])
    of = pack(page("dso", chart.figure.title, Row((chart, LINES))))
    assert said(of)[1].count(_bare(chart.figure.title)) == 1
    two = pack(page("dso", chart.figure.title, Row((chart, Chart(figures()["day"])))))
    assert said(two)[1].count(_bare(chart.figure.title)) == 1


def test_a_chart_of_ribbons_and_one_of_tiles_are_drawn_too():
    ribbons = sankey.flows(sankeys.WENT, sankeys.ENDS, sankeys.setting())
    tiles = treemap.holders(treemaps.BOOK, treemaps.LEVELS, treemaps.setting())
    words = said(pack(page("x", "Where it went", Row((Chart(ribbons), Chart(tiles))))))[1]
    for name in ("Written off", "Hansen", *(key.label for key in ribbons.key)):
        assert _bare(name) in words


def test_many_rows_of_charts_take_several_sheets():
    chart = Chart(figures()["day"])
    of = pack(page("many", "Many", *[Row((chart, chart))] * 5, notes=("The last word.",)))
    _, *found, _ = said(of)
    assert len(found) == 2
    assert [words.count(_bare("of the open amount")) for words in found] == [6, 4]
    assert [_bare("The last word.") in words for words in found] == [False, True]


def test_names_from_the_data_are_words():
    hostile = replace(debtors(1), title=NASTY, subtitle=NASTY)
    lines = Lines(NASTY, (Line(NASTY, NASTY, NASTY, "act"),), NASTY)
    of = pack(
        page("x", NASTY, Row((hostile, lines)), lead=NASTY, commentary=NASTY, notes=(NASTY,)), lines=(NASTY,)
    )  # fmt: skip
    found = "".join(said(titled(of, title=NASTY, company=NASTY, filters=NASTY)))
    # Title, company, filters and foot on three sheets; the page's own twelve, its title twice with the contents.
    assert found.count(_bare(NASTY)) >= 14


def test_letters_that_cannot_be_drawn_are_told_and_the_others_stand(monkeypatch):
    monkeypatch.setattr(packs, "NAMES", ("شركة الخليج", "上海贸易", "Ro\x00cket \U0001f680", "\u202eevil", "W" * 200))
    chart = Chart(groups.by_group(made.by_customer(packs.NAMES[:4]), "Customer", made.SETTING))
    result = paper.write(pack(page("x", "Names", Row((chart, debtors(5))))))
    assert "\U0001f680" in result.undrawn
    found = "".join(sheets(result))
    assert found.count("W" * 200) == 1
    assert "evil" in found


def test_empty_blocks_say_so():
    of = pack(
        page("x", "Nothing", Row((Chart(figures()["none"]), debtors(0), Lines("Alerts", (), nothing="None is open.")))),
        page("y", "Not even a row"),
    )  # fmt: skip
    words = said(of)
    assert words[1].count("Nothingtoshow.") == 2
    assert _bare("None is open.") in words[1]
    assert _bare("Not even a row") in words[2]


def test_a_pack_without_pages_is_a_first_sheet():
    assert len(said(pack())) == 1


def test_previews_are_pictures_of_every_sheet(whole, printed):
    drawn = paper.previews(whole, width_px=300)
    assert len(drawn) == len(pdf_of(printed.pdf).pages)
    for picture in drawn:
        assert picture.startswith(b"\x89PNG")
        wide, tall = struct.unpack(">II", picture[16:24])
        assert (wide, tall) == (pytest.approx(300, abs=1), pytest.approx(300 * 210 / 297, abs=1))
    assert io.BytesIO(drawn[1]).getbuffer().nbytes > 5_000, "not a blank sheet"
