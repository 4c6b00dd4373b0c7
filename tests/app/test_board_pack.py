"""The page of packs: which sections and words go into a pack, what its address says, and the files that come of it."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import openpyxl
import pptx
import pypdf
import pytest
from streamlit.runtime.media_file_manager import MediaFileManager

from config import settings as configuration
from config.advice import command
from config.packs import SECTIONS
from exports.pack import files
from ledger.errors import OutstandingError
from state import State
from tests.app import company
from tests.app.test_pages import titles, words
from ui import pack_files, pack_pages

PAGE = "reports/board_pack"
LAST, MAY = company.LAST, date(2026, 5, 31)
PACKS = """
[packs.board]
title = "Receivables report"
send_to = ["cfo"]
[packs.north]
title = "North"
window = "1mo"
against = "target"
where = { region = ["North"] }
sections = ["summary", { section = "exposures", rows = 3 }, "alerts"]
"""
ALERTS = """
[channels]
finance = "json://localhost:1/x"
[owners.cfo]
name = "Ann <b>Lee</b>"
channels = ["finance"]
"""
_DOT = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def drawn(monkeypatch):
    """The packs that were laid out, in place of laying them out: that takes seconds, and tests/exports holds it."""
    found = []

    def previews(pack, *_, **__):
        found.append(pack)
        return [_DOT] * (len(pack.pages) + 1)

    monkeypatch.setattr(pack_files, "previews", previews)
    monkeypatch.setattr(pack_pages, "_draw_notes", lambda _: None)
    return found


@pytest.fixture
def home(settled):
    """The company with its snapshot and two packs; the folder of the settings."""
    company.publish(settled)
    (settled / "config" / "board_pack.toml").write_text(PACKS, encoding="utf-8")
    (settled / "config" / "alerts.toml").write_text(ALERTS, encoding="utf-8")
    return settled / "config"


@pytest.fixture
def keep(home):
    state = State.open(configuration.load(home))
    yield state
    state.close()


def at(moment: int) -> datetime:
    return datetime(2026, 7, 1, 8, moment, tzinfo=UTC)


def told(app) -> str:
    return words(app).replace("\\", "").replace("\u2060", "").replace("\u00a0", " ")


def sections(app) -> list[str]:
    """What the list says is in the pack, from the top."""
    return [box.key.removeprefix("pack_on_") for box in app.checkbox if box.value]


def said(app) -> dict[str, list[str]]:
    """What the address says; an app test has a list of one as its text."""
    return {key: [told] if isinstance(told, str) else list(told) for key, told in app.query_params.items()}


def box(app, section, day=LAST, name="board"):
    return app.text_area(key=f"pack_words_{name}_{day.isoformat()}_{section}")


def fine(app):
    assert not app.exception
    assert [error.value for error in app.error] == []
    return app


# --- sections -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("home")
def test_the_pack_is_as_its_file_defines_it(opened, drawn):
    app = fine(opened(PAGE))
    assert sections(app) == list(SECTIONS)
    assert "Receivables report: 10 sections as of 30 Jun 2026" in told(app)
    assert dict.fromkeys(page.section for page in drawn[-1].pages).keys() == set(SECTIONS)
    assert len(app.get("image")) == len(drawn[-1].pages) + 1
    assert said(app) == {}


@pytest.mark.usefixtures("home")
def test_a_section_that_is_turned_off_leaves_the_pack_and_the_address_says_so(opened, drawn):
    app = opened(PAGE)
    app.checkbox(key="pack_on_why").uncheck().run()
    fine(app)
    assert said(app)["pack_sections"] == [name for name in SECTIONS if name != "why"]
    assert "why" not in {page.section for page in drawn[-1].pages}
    again = fine(opened(PAGE, pack_sections=said(app)["pack_sections"]))
    assert sections(again) == [name for name in SECTIONS if name != "why"]
    app.checkbox(key="pack_on_why").check().run()
    assert said(app) == {}, "where it stood before"


@pytest.mark.usefixtures("home")
def test_sections_move_in_the_pack_and_in_the_address(opened, drawn):
    app = opened(PAGE)
    app.button(key="pack_up_dso").click().run()
    fine(app)
    assert sections(app)[:3] == ["dso", "summary", "why"]
    assert said(app)["pack_sections"][:2] == ["dso", "summary"]
    assert [page.section for page in drawn[-1].pages][:2] == ["dso", "summary"]
    app.button(key="pack_as_defined").click().run()
    assert said(app) == {}
    assert sections(app) == list(SECTIONS)


@pytest.mark.usefixtures("home")
def test_no_section_is_said_and_nothing_is_made(opened, drawn):
    app = fine(opened(PAGE, pack_sections="-"))
    assert titles(app)[0].endswith("no section is chosen")
    assert not drawn
    assert not app.get("download_button")
    assert len(app.info) == 1


@pytest.mark.usefixtures("home")
def test_nonsense_in_the_address_is_a_sentence(opened, drawn):
    app = opened(
        PAGE, pack="bord", pack_sections=["sumary", "dso"], pack_rows=["alerts=x", "=", "dso"], pack_by="why=b"
    )
    fine(app)
    warned = [warning.value.replace("\\", "") for warning in app.warning]
    assert any("no pack" in each and "did you mean" in each for each in warned)
    assert any("no section" in each and "summary" in each for each in warned)
    assert sections(app) == ["dso"]
    assert len(drawn) == 1


@pytest.mark.parametrize("section", ["segments", "exposures", "alerts"])
@pytest.mark.usefixtures("home")
def test_rows_are_chosen_where_a_table_is_cut(opened, drawn, section):
    app = opened(PAGE, pack_sections=section)
    app.number_input(key=f"pack_rows_{section}_None").set_value(2).run()
    fine(app)
    assert said(app)["pack_rows"] == [f"{section}=2"]
    assert fine(opened(PAGE, pack_sections=section, pack_rows=f"{section}=2")).number_input[0].value == 2
    if section == "exposures":
        assert {table.most for page in drawn[-1].pages for table in page.blocks if hasattr(table, "most")} == {2}


@pytest.mark.parametrize("section", ["why", "segments"])
@pytest.mark.usefixtures("home")
def test_a_section_is_told_by_another_dimension(opened, drawn, section):
    app = opened(PAGE, pack_sections=section)
    before = str([page.title for page in drawn[-1].pages] + [page.label for page in drawn[-1].pages])
    app.selectbox(key=f"pack_by_{section}_").select("region").run()
    fine(app)
    assert said(app)["pack_by"] == [f"{section}=region"]
    assert str([page.title for page in drawn[-1].pages] + [page.label for page in drawn[-1].pages]) != before


# --- which pack, of what ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("home")
def test_another_pack_brings_its_own_filters(opened, drawn):
    app = opened(PAGE, pack_sections=["dso", "why"])
    app.selectbox(key="pack").select("north").run()
    fine(app)
    assert said(app) == {"pack": ["north"], "region": ["North"], "window": ["1mo"], "compare": ["target"]}
    assert sections(app) == ["summary", "exposures", "alerts"]
    assert (drawn[-1].about.window, drawn[-1].about.filters) == ("1mo", "Region North")
    assert "Not the pack's own" not in told(app)


@pytest.mark.usefixtures("home")
def test_other_filters_than_the_pack_has_are_said_and_taken_back(opened, drawn):
    app = opened(PAGE, pack="north")
    assert "Not the pack's own window, comparison and part of the company" in told(app)
    assert drawn[-1].about.filters == ""
    app.button(key="pack_own_filters").click().run()
    fine(app)
    assert said(app)["region"] == ["North"]
    assert drawn[-1].about.filters == "Region North"


@pytest.mark.usefixtures("drawn")
def test_a_pack_of_a_customer_is_of_him_whatever_the_filters(home, opened, drawn):
    only = '[packs.one]\nwhere = { customer = ["0011"] }\n'
    (home / "board_pack.toml").write_text(only, encoding="utf-8")
    fine(opened(PAGE, region="South"))
    assert drawn[-1].about.filters == "Region South · Customer 0011"


@pytest.mark.usefixtures("home", "drawn")
def test_how_it_is_sent_is_said_and_names_are_no_markup(opened):
    app = fine(opened(PAGE))
    (line,) = (caption.value for caption in app.caption if "--send" in caption.value)
    assert f"`{command('export pack board --send')}`" in line
    assert "\\<b\\>" in line
    assert not [caption for caption in opened(PAGE, pack="north").caption if "--send" in caption.value]


# --- commentary ---------------------------------------------------------------------------------------------------


def test_commentary_is_kept_with_the_pack_and_the_day_and_told(opened, drawn, keep):
    app = opened(PAGE)
    box(app, "summary").input("North slipped.\n\n=cmd() <b>by</b> January").run()
    fine(app)
    kept = keep.commentary.of("board", LAST)
    assert kept["summary"].words == "North slipped.\n\n=cmd() <b>by</b> January"
    assert "1 with commentary" in told(app)
    assert drawn[-1].pages[0].commentary == kept["summary"].words
    again = fine(opened(PAGE))
    assert box(again, "summary").value == kept["summary"].words
    assert "You, " in told(again)
    assert not keep.commentary.of("north", LAST)
    box(again, "summary").input("").run()
    assert not keep.commentary.of("board", LAST)


@pytest.mark.usefixtures("drawn")
def test_another_day_has_its_own_and_may_start_from_the_one_before(opened, keep):
    keep.commentary.put("board", MAY, "dso", "May's words", "ann@example.com", at(0))
    app = fine(opened(PAGE))
    assert box(app, "dso").value == ""
    assert "with commentary" not in told(app)
    app.button(key="pack_start_dso").click().run()
    fine(app)
    assert box(app, "dso").value == "May's words"
    assert keep.commentary.of("board", LAST)["dso"].words == "May's words"
    earlier = fine(opened(PAGE, as_of=MAY.isoformat()))
    assert box(earlier, "dso", MAY).value == "May's words"
    assert "ann@example.com" in told(earlier)


@pytest.mark.usefixtures("drawn")
def test_who_writes_at_the_same_time_is_told_and_nothing_is_lost(opened, keep):
    app = opened(PAGE)
    keep.commentary.put("board", LAST, "summary", "Ann's words", "ann@example.com", at(1))
    box(app, "summary").input("My words").run()
    fine(app)
    assert keep.commentary.of("board", LAST)["summary"].words == "My words"
    assert "ann@example.com wrote here at 08:01 UTC while you did" in told(app)
    assert "Ann's words" in [code.value for code in app.code]
    keep.commentary.put("board", LAST, "summary", "Ann's second", "ann@example.com", at(2))
    app.run()
    app.checkbox(key="pack_on_why").uncheck().run()
    assert box(app, "summary").value == "Ann's second"


@pytest.mark.usefixtures("drawn")
def test_what_somebody_else_wrote_since_is_pointed_out(opened, keep):
    app = opened(PAGE)
    keep.commentary.put("board", LAST, "dso", "Ann's words", "ann@example.com", at(1))
    app.run()
    fine(app)
    assert "has changed this since you opened the page" in told(app)
    assert box(app, "dso").value == "Ann's words"


def test_commentary_stands_beside_no_other_part_of_the_company(opened, drawn, keep):
    keep.commentary.put("board", LAST, "summary", "Of the whole", "ann@example.com", at(1))
    app = fine(opened(PAGE, region="North"))
    assert not app.text_area
    assert "Use the pack's own filters to read and write it" in told(app)
    assert drawn[-1].pages[0].commentary == ""


def test_words_that_cannot_be_kept_stay_in_the_box(opened, monkeypatch, keep, drawn):
    def refuse(*_, **__):
        raise OutstandingError("The disk is full.")

    app = opened(PAGE)
    monkeypatch.setattr("state.commentary.Commentary.put", refuse)
    box(app, "summary").input("Hard-won words").run()
    assert not app.exception
    assert [error.value for error in app.error] == ["Not kept: The disk is full\\."]
    assert box(app, "summary").value == "Hard-won words"
    assert drawn[-1].pages[0].commentary == ""
    monkeypatch.undo()
    assert not keep.commentary.of("board", LAST)


def test_without_the_state_database_the_pack_works(home, opened, drawn):
    (home.parent / "data" / "state.sqlite").write_bytes(b"no database" * 100)
    app = opened(PAGE)
    assert not app.exception
    assert not app.error
    assert "Commentary cannot be read or kept" in told(app)
    assert len(drawn[-1].pages) >= len(SECTIONS)
    assert not app.text_area


# --- pages and files ----------------------------------------------------------------------------------------------


def taken(app, monkeypatch, shape) -> bytes:
    """What a click on a button downloads."""
    given = {}
    monkeypatch.setattr(
        MediaFileManager, "add_deferred", lambda _, made, *__, **___: given.update({len(given): made}) or "x"
    )
    app.run()
    return given[list(pack_files.KINDS).index(shape)]()


@pytest.mark.parametrize("shape", list(pack_files.KINDS))
@pytest.mark.usefixtures("drawn")
def test_files_open_and_hold_the_commentary(opened, keep, monkeypatch, shape):
    keep.commentary.put("board", LAST, "aging", "Backlog clears in January", "ann@example.com", at(1))
    app = opened(PAGE, pack_sections=["summary", "aging"])
    data = io.BytesIO(taken(app, monkeypatch, shape))
    match shape:
        case "pptx":
            slides = pptx.Presentation(data).slides
            found = " ".join(slide.element.xpath("string()") for slide in slides)
        case "pdf":
            found = " ".join(page.extract_text() for page in pypdf.PdfReader(data).pages)
        case _:
            cells = (cell for sheet in openpyxl.load_workbook(data) for row in sheet.iter_rows() for cell in row)
            found = " ".join(str(cell.value) for cell in cells if cell.value is not None)
    assert "Backlog clears in January" in " ".join(found.split())


@pytest.mark.usefixtures("home")
def test_the_pages_are_drawn_for_real(opened):
    app = fine(opened(PAGE, pack_sections="aging"))
    assert "3 pages" in told(app)
    assert len(app.get("image")) == 3


@pytest.mark.usefixtures("home")
def test_a_page_is_enlarged_and_turned(opened, drawn):
    app = fine(opened(PAGE, pack_sections=["summary", "aging"], pack_page="2"))
    pages = len(drawn[-1].pages) + 1
    assert f"Page 2 of {pages}" in told(app)
    app.button(key="pack_page_next").click().run()
    assert said(app)["pack_page"] == ["3"]
    for asked in ("99", "-4", "x"):
        fine(opened(PAGE, pack_sections="aging", pack_page=asked))


@pytest.mark.usefixtures("home")
def test_a_very_long_pack_is_shown_in_part(opened, monkeypatch, drawn):
    monkeypatch.setattr(pack_files, "SHEETS", 2)
    fine(opened(PAGE, pack_sections=["summary", "dso", "aging"]))
    assert len(drawn[-1].pages) == 2


@pytest.mark.usefixtures("drawn")
def test_a_template_without_the_layouts_is_a_sentence(home, opened):
    odd = home / "odd.pptx"
    pptx.Presentation().save(odd)
    slides = '[slides]\ntemplate = "odd.pptx"\ncontent_layout = "Ours"\n'
    (home / "board_pack.toml").write_text(slides + PACKS, encoding="utf-8")
    app = opened(PAGE)
    assert not app.exception
    (warned,) = (warning.value for warning in app.warning)
    assert "Slides cannot be made" in warned
    assert "Ours" in warned
    enabled = {button.key: not button.proto.disabled for button in app.get("download_button")}
    assert enabled == {"pack_pptx": False, "pack_pdf": True, "pack_xlsx": True}


@pytest.mark.usefixtures("home")
def test_a_fault_while_a_file_is_written_is_a_sentence(monkeypatch, opened, drawn):
    app = opened(PAGE, pack_sections="aging")
    assert drawn
    monkeypatch.setattr(files, "write", lambda *_: 1 / 0)
    with pytest.raises(OutstandingError, match="server's log"):
        taken(app, monkeypatch, "xlsx")


@pytest.mark.usefixtures("home")
def test_a_fault_while_pages_are_drawn_leaves_the_rest(monkeypatch, opened):
    monkeypatch.setattr(pack_files, "previews", lambda *_, **__: 1 / 0)
    app = opened(PAGE, pack_sections="aging")
    assert not app.exception
    assert "The pages could not be drawn" in app.error[0].value
    assert app.get("download_button")


# --- nothing to report --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("day", ["1990-01-01", "2099-12-31"])
def test_any_day_is_a_page(opened, drawn, day):
    app = fine(opened(PAGE, as_of=day))
    if day < "2000":
        assert app.button(key="show_latest")
        assert not drawn


def test_an_empty_company_is_told(settled, opened, drawn):
    company.publish(settled, {name: frame.head(0) for name, frame in company.tables().items()})
    app = fine(opened(PAGE))
    assert titles(app) == ["There are no receivables in the data"]
    assert not drawn


@pytest.mark.usefixtures("settled")
def test_no_snapshot_says_what_to_run(opened):
    app = opened(PAGE)
    assert not app.exception
    assert titles(app) == ["No data yet"]
