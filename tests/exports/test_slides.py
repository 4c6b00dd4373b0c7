"""A pack as a presentation: everything it says is on a slide, inside it, native, on anybody's master."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu

from exports import slide_words
from exports.column import Column, Form
from exports.pack.content import Chart, Lines, Page, Row, Table, Tiles
from exports.pack.slide_master import OWN
from exports.pack.slide_plan import planned
from exports.pack.slides import Template, single, write
from exports.slide_place import INCH, Box
from ledger.errors import OutstandingError
from scripts import board_template
from tests.exports import slide_packs as made

N = "\u00a0"


@pytest.fixture(scope="module")
def masters(tmp_path_factory):
    """Ours, the library's 4:3, and a foreign one with its own slides."""
    folder = tmp_path_factory.mktemp("masters")
    (folder / "narrow.pptx").write_bytes(made.narrow())
    (folder / "foreign.pptx").write_bytes(made.foreign())
    return {
        "own": None,
        "narrow": Template(folder / "narrow.pptx"),
        "foreign": Template(folder / "foreign.pptx", "Corporate Cover", "Corporate Content"),
    }


@pytest.fixture(scope="module")
def decks(masters):
    return {name: read(made.pack(comment=made.COMMENT * 12), master) for name, master in masters.items()}


every_master = pytest.mark.parametrize("master", ["own", "narrow", "foreign"])


def read(pack, template=None) -> Any:
    return Presentation(io.BytesIO(write(pack, template)))


def shapes(parent) -> Iterator[Any]:
    """Every shape, those of groups too, with its place on the slide."""
    for shape in parent.shapes:
        yield shape
        if shape.shape_type == 6:
            yield from shapes(shape)


def words(slide):
    found = [shape.text_frame.text for shape in shapes(slide) if shape.has_text_frame]
    found += [cell.text for shape in shapes(slide) if shape.has_table for row in shape.table.rows for cell in row.cells]
    return "\n".join(found)


def tables(deck) -> list[Any]:
    return [shape for slide in deck.slides for shape in slide.shapes if shape.has_table]


def one(*rows, **more):
    return replace(made.pack(), pages=(Page("a", "A", "The message", rows, **more),))


# --- every slide --------------------------------------------------------------------------------------------------


@every_master
def test_every_slide_says_what_it_is(decks, master):
    deck = decks[master]
    count = len(deck.slides)
    assert count >= len(made.pack().pages) + 1
    for number, slide in enumerate(deck.slides, start=1):
        said = words(slide)
        assert slide.shapes.title.text_frame.text
        foot = "Meridian Instruments · as of 31 Oct 2026 · USD · Region EMEA · snapshot 3fa9c1d2e4b5"
        assert foot in said.replace(N, " ")
        assert f"{number} of {count}" in said


@every_master
def test_messages_are_the_titles_and_no_two_are_alike(decks, master):
    titles = [slide.shapes.title.text_frame.text.replace(N, " ") for slide in decks[master].slides]
    assert len(set(titles)) == len(titles)
    assert titles[0] == "Receivables report"
    for page in made.pack().pages:
        assert page.title.replace(N, " ") in titles


@every_master
def test_nothing_lies_outside_or_over_the_foot(decks, master):
    deck = decks[master]
    for slide in deck.slides:
        feet = [
            shape.top for shape in slide.shapes if shape.is_placeholder and shape.placeholder_format.type in (13, 15)
        ]
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width + 10
            assert shape.top >= 0
            assert shape.top + shape.height <= deck.slide_height + 10
            if not shape.is_placeholder and feet and shape.name not in ("Footer", "Slide Number"):
                assert shape.top + shape.height <= min(feet) + INCH // 20, (shape.name, slide.shapes.title.text)


@every_master
def test_blocks_do_not_overlap(decks, master):
    for slide in decks[master].slides:
        boxes = [
            (s.left, s.top, s.left + s.width, s.top + s.height, s.name) for s in slide.shapes if not s.is_placeholder
        ]
        for place, (left, top, right, bottom, name) in enumerate(boxes):
            for other in boxes[place + 1 :]:
                apart = right <= other[0] + 9 or other[2] <= left + 9 or bottom <= other[1] + 9 or other[3] <= top + 9
                assert apart, (slide.shapes.title.text, name, other[4])


@every_master
def test_no_empty_placeholder_is_left(decks, master):
    for slide in decks[master].slides:
        for shape in slide.placeholders:
            assert shape.text_frame.text.strip(), (slide.shapes.title.text, shape.name)


@every_master
def test_pictures_and_charts_are_told_in_words(decks, master):
    kinds = []
    for slide in decks[master].slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table or shape.shape_type == 13:
                about = next(shape._element.iter(qn("p:cNvPr")))
                kinds.append(shape.has_chart)
                assert about.get("descr")
    assert sum(kinds) == 10
    assert len(kinds) > 12


def test_a_template_s_own_slides_are_gone(decks):
    said = "\n".join(words(slide) for slide in decks["foreign"].slides)
    assert "An old slide" not in said


def test_what_presenters_read_has_definitions_and_methods(decks):
    notes = [slide.notes_slide.notes_text_frame.text for slide in list(decks["own"].slides)[1:3]]
    assert "Days sales outstanding" in notes[1] or "DSO:" in notes[1]
    assert "Balances are those of the close of the day." in notes[0]
    assert "Weighted." in notes[1]


def test_its_properties():
    known = read(made.pack()).core_properties
    assert (known.title, known.author, known.created.date()) == ("Receivables report", "Meridian Instruments", made.DAY)


def test_the_same_pack_gives_the_same_bytes():
    assert write(made.pack()) == write(made.pack())


def test_nothing_leads_outside_and_nothing_runs():
    with zipfile.ZipFile(io.BytesIO(write(made.pack()))) as archive:
        names = archive.namelist()
        links = b"".join(archive.read(name) for name in names if name.endswith(".rels"))
    assert b'TargetMode="External"' not in links
    assert not [name for name in names if "vba" in name.lower() or name.endswith(".bin")]


# --- titles and words ---------------------------------------------------------------------------------------------


@every_master
@pytest.mark.parametrize("title", ["Short", "Receivables " * 9, "W" * 300, made.ARABIC * 8, made.CHINESE * 20], ids=len)
def test_a_title_keeps_to_two_lines(masters, master, title):
    (slide,) = list(read(replace(one(), pages=(Page("a", "A", title),)), masters[master]).slides)[1:]
    holder = slide.shapes.title
    run = holder.text_frame.paragraphs[0].runs[0]
    size = run.font.size.pt if run.font.size else 44 if masters[master] else 22
    assert len(slide_words.lines(run.text, size, holder.width - INCH // 5, bold=True)) <= 2
    assert size >= 14


def test_hostile_names_are_text_everywhere():
    table = made.customers(8)
    page = Page("x", made.MARKUP, made.FORMULA, (Row((table,)), Row((made.said(4),))), made.CONTROL, made.MARKUP)
    said = words(list(read(replace(made.pack(), pages=(page,))).slides)[1])
    for name in (made.ARABIC, made.CHINESE, made.FORMULA, made.MARKUP, made.EMOJI, "Bell and break"):
        assert name in said
    assert "\x07" not in said
    assert "\ufffe" not in said
    assert "\u202e" not in said


def test_long_words_are_broken_or_cut():
    assert slide_words.cut("W" * 500, 10, INCH, 2).endswith("…")
    assert all(slide_words.width(line, 10) <= INCH for line in slide_words.lines("W" * 500 + " a b", 10, INCH))
    assert slide_words.lines("", 10, INCH) == []
    assert slide_words.width(made.CHINESE, 10) > slide_words.width("llllll", 10)


# --- commentary ---------------------------------------------------------------------------------------------------


@every_master
@pytest.mark.parametrize("times", [1, 3, 12, 60])
def test_commentary_is_whole_however_long(masters, master, times):
    chart = Chart(made.figure(made.STACKED, "A chart"))
    said = " ".join(f"Sentence number {place} of this commentary tells why." for place in range(times))
    deck = read(one(Row((chart,)), commentary=said), masters[master])
    panels = [
        next(each for each in shapes(slide) if each.name == "Words").text_frame.text.split("\n", 1)[1]
        for slide in list(deck.slides)[1:]
        if any(each.name == "Words" for each in shapes(slide))
    ]
    assert " ".join(panels).replace("\n", " ") == said
    titles = [slide.shapes.title.text for slide in deck.slides][2:]
    assert all(", continued" in title for title in titles)
    assert bool(titles) == (times > 12) or times == 12
    (plot,) = [shape for shape in deck.slides[1].shapes if shape.has_chart]
    assert plot.height > INCH


# --- tables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 10, 40, 400])
def test_every_row_is_shown_once(count):
    deck = read(one(Row((made.customers(count),))))
    rows = [[cell.text for cell in row.cells] for each in tables(deck) for row in list(each.table.rows)[1:]]
    assert len(rows) == count + 1
    assert [row[-1] for row in rows] == [f"{place:,}" for place in range(count)] + [f"{count:,}"]
    for each in tables(deck):
        assert next(cell.text for cell in each.table.rows[0].cells) == "Customer"
        assert each.top + sum(row.height for row in each.table.rows) <= deck.slide_height - INCH // 2


def test_slides_of_one_table_are_numbered():
    titles = [slide.shapes.title.text for slide in read(one(Row((made.customers(100),)))).slides][1:]
    assert titles[0] == "The message"
    assert titles[1:] == [f"The message ({place} of {len(titles)})" for place in range(2, len(titles) + 1)]


def test_what_is_left_out_is_said():
    deck = read(one(Row((made.customers(30, most=10),))))
    (frame,) = tables(deck)
    assert len(frame.table.rows) == 12
    assert f"20{N}more rows are not shown here; the workbook has them all." in words(deck.slides[1])


def test_states_have_a_word_and_numbers_stand_at_the_right():
    (frame,) = tables(read(one(Row((made.customers(5),)))))
    cell = frame.table.cell(1, 4)
    assert cell.text == f"Act 30.0{N}%"
    assert cell.text_frame.paragraphs[0].alignment == PP_ALIGN.RIGHT
    assert frame.table.cell(1, 0).text_frame.paragraphs[0].alignment != PP_ALIGN.RIGHT
    assert all(run.font.bold for run in frame.table.cell(6, 0).text_frame.paragraphs[0].runs)


def test_an_empty_table_says_so():
    deck = read(one(Row((Table("T", "Nobody", pl.DataFrame({"a": []})),))))
    assert "Nothing to show." in words(deck.slides[1])


def test_a_wide_table_stays_on_its_slide():
    rows = pl.DataFrame({f"bucket {place}": [1234567.0 * place, None] for place in range(16)})
    columns = {name: Column(form=Form.MONEY, currency="USD") for name in rows.columns}
    (frame,) = tables(read(one(Row((Table("T", "Wide", rows, columns),)))))
    assert (
        sum(column.width for column in frame.table.columns)
        <= frame.part.package.presentation_part.presentation.slide_width - INCH
    )
    assert frame.table.cell(2, 3).text == "n/a"


def test_a_long_name_in_the_foot_is_shortened_and_the_day_and_the_snapshot_stay(masters):
    about = replace(made.ABOUT, company=made.LONG, filters="Region EMEA, " * 30)
    for master in masters.values():
        foot = words(list(read(replace(one(), about=about), master).slides)[1]).replace(N, " ")
        assert "as of 31 Oct 2026 · USD" in foot
        assert "snapshot 3fa9c1d2e4b5" in foot
        assert "Very Long Name…" in foot or "Very Long Name of" in foot


# --- other blocks -------------------------------------------------------------------------------------------------


def test_tiles_are_groups_of_native_shapes(decks):
    groups = [shape for shape in decks["own"].slides[1].shapes if shape.shape_type == 6]
    assert len(groups) == 6
    dso = groups[1]
    said = [each.text_frame.text for each in dso.shapes if each.has_text_frame]
    assert f"47.3{N}days" in said
    assert "Act" in said
    assert any(text.startswith(f"▲ +3.3{N}days") for text in said)
    assert sum(each.name == "Trend" for each in dso.shapes) == 2, "a gap in the year parts the line"
    assert "between" in dso._element.nvGrpSpPr.cNvPr.get("descr")
    assert "nothing to divide by" in " ".join(each.text_frame.text for each in groups[4].shapes if each.has_text_frame)


def test_many_tiles_take_several_rows():
    groups = [
        shape
        for shape in read(one(Row((Tiles(made.tiles(8).tiles * 2),), height=0))).slides[1].shapes
        if shape.shape_type == 6
    ]
    assert len(groups) == 16
    assert len({shape.top for shape in groups}) == 2


def test_lines_go_on_where_they_have_no_room():
    deck = read(one(Row((made.said(60),))))
    said = "\n".join(words(slide) for slide in deck.slides)
    assert said.count("A plain sentence without anything else") == 15
    assert len(deck.slides) > 3


def test_no_lines_say_so():
    assert "All is well." in words(read(one(Row((Lines("Alerts", (), nothing="All is well."),)))).slides[1])


def test_a_figure_without_a_native_chart_is_a_picture():
    deck = read(one(Row((Chart(made.figure(None, "A picture")),))))
    (picture,) = [shape for shape in deck.slides[1].shapes if shape.shape_type == 13]
    assert picture._element.nvPicPr.cNvPr.get("descr") == "A picture: a chart."
    assert abs(picture.width / picture.height - picture.image.size[0] / picture.image.size[1]) < 0.01


def test_a_figure_of_nothing_says_so():
    figure = replace(made.figure(None, "Nothing open"), table=pl.DataFrame({"x": []}))
    assert "Nothing to show." in words(read(one(Row((Chart(figure),)))).slides[1])


def test_what_the_title_says_is_not_said_twice():
    said = words(read(one(Row((Chart(made.figure(made.STACKED, "The message")),)))).slides[1])
    assert said.count("The message") == 1


def test_an_empty_pack_is_a_first_slide():
    deck = read(replace(made.pack(), pages=()))
    assert len(deck.slides) == 1
    assert "For the board · October 2026" in words(deck.slides[0])
    assert "Prepared by Treasury" in words(deck.slides[0])


def test_a_page_of_nothing_is_its_message():
    assert read(one()).slides[1].shapes.title.text == "The message"


def test_rows_that_have_no_room_move_to_a_further_slide():
    chart = Row((Chart(made.figure(made.STACKED, "A chart")),))
    sheets = planned(Page("a", "A", "T", (chart,) * 5), Box(0, 0, 12 * INCH, 5 * INCH))
    assert [len(sheet.placed) for sheet in sheets] == [2, 2, 1]
    assert [sheet.ending for sheet in sheets] == ["", " (2 of 3)", " (3 of 3)"]


@every_master
def test_one_chart_alone(masters, master):
    deck: Any = Presentation(io.BytesIO(single(made.figure(made.COMBINED, "DSO rose"), made.ABOUT, masters[master])))
    (slide,) = deck.slides
    assert slide.shapes.title.text == "DSO rose"
    (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
    assert tuple(chart.plots[0].series[0].values) == made.COMBINED.series[0].values
    assert "1 of 1" in words(slide)


# --- masters ------------------------------------------------------------------------------------------------------


def test_our_master_is_what_its_script_makes():
    assert OWN.read_bytes() == board_template.template(), "run python -m scripts.board_template"
    deck: Any = Presentation(str(OWN))
    assert [layout.name for layout in deck.slide_layouts] == list(board_template.LAYOUTS)
    assert Emu(deck.slide_width) / Emu(deck.slide_height) == pytest.approx(16 / 9)


def test_content_stands_where_a_layout_has_it(masters):
    template = replace(masters["narrow"], content_layout="Title and Content")
    slide = read(one(Row((Chart(made.figure(made.STACKED, "A chart")),))), template).slides[1]
    (chart,) = [shape for shape in slide.shapes if shape.has_chart]
    body = slide.slide_layout.placeholders[1]
    assert chart.left == body.left
    assert chart.width == body.width
    assert [each.placeholder_format.type for each in slide.placeholders].count(7) == 0


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"content_layout": "Fancy"}, r"has no layout 'Fancy'. It has: 'Title Slide', 'Title and Content'"),
        ({"title_layout": "Cover"}, r"has no layout 'Cover'"),
        ({"content_layout": "Blank"}, r"The layout 'Blank' of .*narrow.pptx has no title, and every slide needs one"),
        ({"content_layout": "Section Header"}, r"leaves too little room"),
    ],
)
def test_a_layout_that_does_not_serve_is_named(masters, changed, sentence):
    with pytest.raises(OutstandingError, match=sentence):
        write(made.pack(), replace(masters["narrow"], **changed))


def test_what_is_no_presentation_is_named(tmp_path):
    wrong = tmp_path / "board.pptx"
    with pytest.raises(OutstandingError, match=re.escape(f"The template {wrong} does not exist.")):
        write(made.pack(), Template(wrong))
    for content in (b"", b"hello", b"PK\x03\x04 broken"):
        wrong.write_bytes(content)
        with pytest.raises(OutstandingError, match="is no PowerPoint presentation"):
            write(made.pack(), Template(wrong))
    with zipfile.ZipFile(wrong, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(OutstandingError, match="is no PowerPoint presentation"):
        write(made.pack(), Template(wrong))


def test_a_template_for_new_presentations_serves_too(tmp_path):
    """A .potx says of itself that it is a template; what is made of it must not."""
    path = tmp_path / "company.potx"
    kind, template = b"presentationml.presentation.main+xml", b"presentationml.template.main+xml"
    with zipfile.ZipFile(io.BytesIO(made.narrow())) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(kind, template))
    assert len(read(made.pack(), Template(path)).slides) > 5
