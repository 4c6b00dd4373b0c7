"""Packs for the board by command: as a file, sent, and what a person may get wrong when asking for one."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from pptx import Presentation
from pypdf import PdfReader

from config.settings import load
from state import State
from tests.alerts.receivers import a_mailbox, free_port
from tests.exports.reading import slides_of
from tests.ledger.books import invoice
from tests.refresh.company import DOCUMENTS

DAY = date(2024, 3, 25)
SHORT = ("--section", "summary", "--section", "definitions")
PACK = 'sections = ["summary", "alerts"]\nformats = ["pptx", "pdf"]\n'


def _text(path):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_every_section_as_slides_by_its_own_name(published, tmp_path):
    result = published("export", "pack", "board", "-o", str(tmp_path))
    path = tmp_path / "board_2024-03-25.pptx"
    count = len(Presentation(path).slides)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: {count} slides, as of 25 Mar 2024\n"
    assert count >= 11  # the first one, and one a section at least


@pytest.mark.parametrize("words", ["--format=pdf -o {}/x", "-o {}/x.pdf", "-o {}/x.PDF"])
def test_the_ending_names_the_format(published, tmp_path, words):
    result = published("export", "pack", "board", *SHORT, *words.format(tmp_path).split())
    assert result.exit_code == 0, result.stderr
    (path,) = tmp_path.iterdir()
    assert result.stdout == f"{path}: {len(PdfReader(path).pages)} pages, as of 25 Mar 2024\n"


def test_a_workbook_of_a_part_on_a_past_day(published, tmp_path):
    path = tmp_path / "then.xlsx"
    words = ("--as-of", "2024-02-29", "--where", "region=EMEA", "--window", "1mo", "--against", "period")
    result = published("export", "pack", "board", *SHORT, *words, "-o", str(path))
    assert result.exit_code == 0, result.stderr
    book = openpyxl.load_workbook(path)
    assert result.stdout == f"{path}: {len(book.sheetnames)} sheets, as of 29 Feb 2024, Region EMEA\n"
    said = " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)
    assert "Region EMEA" in said
    assert "29 Feb 2024" in said.replace("\u00a0", " ")


def test_without_o_the_file_lies_here(published, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert published("export", "pack", "board", "--section", "definitions").stdout.startswith("board_2024-03-25.pptx: ")
    assert [path.name for path in tmp_path.iterdir()] == ["board_2024-03-25.pptx"]


def test_the_packs_there_are(fresh):
    (fresh.company.folder / "board_pack.toml").write_text(
        '[packs.board]\nsections = ["summary", "dso"]\n[packs.emea]\nwhere = { region = ["EMEA"] }\n', encoding="utf-8"
    )
    board, emea = fresh.rows("export", "packs")
    assert (board["name"], board["sections"], board["part"]) == ("board", ["summary", "dso"], None)
    assert (emea["part"], emea["window"], emea["formats"]) == ("region: EMEA", "3mo", ["pptx", "pdf"])
    assert "emea" in fresh("export", "packs").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bord"], "has no pack 'bord'; did you mean 'board'?"),
        (["board", "--section", "agin"], "There is no section 'agin'; did you mean 'aging'?"),
        (["board", "--as-of", "2024-03-26"], "2024-03-26 is not in the books, which go from"),
        (["board", "--as-of", "1999-12-31"], "1999-12-31 is not in the books"),
        (["board", "--where", "regoin=EMEA"], "There is no dimension 'regoin'; did you mean 'region'?"),
        (["board", "--where", "region"], "--where 'region' is not of the form dimension=value"),
        (["board", "--window", "3"], "The window '3' is not of the form '3mo'"),
        (["board", "--currency", "EUR"], "Amounts do not come in the currency 'EUR'; known are 'USD'."),
        (["board", "-o", "x.docx"], "'x.docx' ends in none of pptx, pdf, xlsx"),
        (["board", "--section", "definitions", "-o", "/nowhere/x.pdf"], "/nowhere/x.pdf cannot be written"),
        (["board", "--send"], "names nobody to be sent to; write send_to"),
        (["board", "--to", "cfo"], "add --send, or leave it out"),
        (["board", "--send", "--to", "cfo"], "There is no owner 'cfo' in"),
    ],
)
def test_a_slip_is_one_sentence(published, words, told):
    assert told in published.refused("export", "pack", *words)


def test_a_template_that_is_none_is_one_sentence(fresh):
    fresh("refresh")
    file = fresh.company.folder / "board_pack.toml"
    file.write_text('[slides]\ntemplate = "our.pptx"\n', encoding="utf-8")
    asked = ("export", "pack", "board", "--section", "definitions", "-o", str(fresh.company.folder))
    assert "our.pptx" in fresh.refused(*asked)
    (fresh.company.folder / "our.pptx").write_text("no presentation", encoding="utf-8")
    assert "our.pptx" in fresh.refused(*asked)
    file.write_text('[slides]\ncontent_layout = "Inhalt"\ntemplate = "our.pptx"\n', encoding="utf-8")
    Presentation().save(fresh.company.folder / "our.pptx")
    assert "Inhalt" in fresh.refused(*asked)


def test_a_currency_that_its_part_does_not_have_is_refused(fresh, tmp_path):
    """100.15 is open in USD and 70.00 in EUR, and there is no rate: a pack is of one of them."""
    euro = invoice("E1", "70.00", currency="EUR", document_date="2024-03-05", due_date="2024-04-04")
    fresh.company.table("documents", [*DOCUMENTS, euro])
    fresh("refresh")
    asked = ("export", "pack", "board", "--section", "definitions", "-o", str(tmp_path / "x.pdf"))
    for words, currency in (((), "USD"), (("--currency", "EUR"), "EUR"), (("--where", "currency=EUR"), "EUR")):
        result = fresh(*asked, *words)
        assert (result.exit_code, result.stderr) == (0, "")
        assert f"as of 25 Mar 2024 · {currency} · whole company" in _text(tmp_path / "x.pdf")
    assert fresh.refused(*asked, "--where", "currency=EUR", "--currency", "USD") == (
        "Amounts do not come in the currency 'USD'; known are 'EUR'."
    )


def test_empty_books_are_one_sentence(fresh):
    for name in ("customers", "documents", "settlements"):
        fresh.company.table(name, [])
    fresh("refresh", "--force")
    assert fresh.refused("export", "pack", "board") == (
        "The books are empty, so there is nothing to tell; 'refresh' reads them."
    )


def test_commentary_of_the_day_is_printed_and_not_beside_another_part(fresh, tmp_path):
    fresh("refresh")
    state = State.open(load(fresh.company.folder))
    state.commentary.put("board", DAY, "summary", "Collections were calm.", "anna", datetime.now(UTC))
    state.close()
    path = tmp_path / "x.pdf"
    asked = ("export", "pack", "board", "--section", "summary", "-o", str(path))
    assert fresh(*asked).stderr == ""
    assert "Collections were calm." in _text(path)
    assert fresh(*asked, "--where", "region=EMEA").stderr == (
        "Note: the commentary is about another part of the company, so it is left out.\n"
    )
    assert "Collections were calm." not in _text(path)


def test_without_the_state_database_the_pack_is_made_all_the_same(fresh, tmp_path):
    fresh("refresh", "--no-alerts")
    (fresh.company.folder / "store" / "state.sqlite").write_text("no database, but longer than nothing" * 40)
    result = fresh("export", "pack", "board", "--section", "alerts", "-o", str(tmp_path / "x.pdf"))
    assert result.exit_code == 0
    assert result.stderr.startswith("Note: the pack is made without alerts and commentary: ")
    assert (tmp_path / "x.pdf").exists()


@pytest.fixture
def sending(fresh):
    """A company that may send packs to whoever listens on a port."""
    port = free_port()
    folder = fresh.company.folder
    (folder / "alerts.toml").write_text(
        f"[channels]\nmain = 'mailto://127.0.0.1:{port}?from=ar@x.example&to=cfo@x.example'\n"
        '[owners.cfo]\nname = "Ada Marsh"\nchannels = ["main"]\n',
        encoding="utf-8",
    )
    (folder / "board_pack.toml").write_text(f'[packs.board]\n{PACK}send_to = ["cfo"]\n', encoding="utf-8")
    fresh("refresh")
    return fresh, port


def test_a_pack_is_sent_as_files_that_open_each_time_it_is_asked_for(sending, tmp_path, monkeypatch):
    asked, port = sending
    monkeypatch.chdir(tmp_path)
    with a_mailbox(port=port) as box:
        result = asked("export", "pack", "board", "--send")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith("Sent to 'cfo' over 'main': board_2024-03-25.pptx, ")
        assert list(tmp_path.glob("*.*")) == []
        (mail,) = box.mails
        deck, paper = (io.BytesIO(part.get_content()) for part in mail.iter_attachments())
        assert mail["Subject"] == "Receivables report, 25 Mar 2024"
        titles = [slide.shapes.title.text for slide in slides_of(deck.getvalue())]
        plain: Any = mail.get_body(("plain",))
        assert titles[1] in plain.get_content().replace("\u2060", "")
        assert "Receivables report" in " ".join(page.extract_text() for page in PdfReader(paper).pages)
        asked("alerts", "send")
        assert len(box.raw) == 1
        again = asked("export", "pack", "board", "--send", "--to", "cfo", "--format", "xlsx", "-o", "x.xlsx")
        assert again.exit_code == 0, again.stderr
        assert len(box.raw) == 2
        (book,) = box.mails[-1].iter_attachments()
        assert book.get_filename() == "board_2024-03-25.xlsx"
        assert openpyxl.load_workbook(io.BytesIO(book.get_content())).sheetnames
    assert [path.name for path in tmp_path.glob("*.*")] == ["x.xlsx"]


def test_a_server_that_is_away_is_told_and_tried_again(sending):
    asked, _ = sending
    result = asked("export", "pack", "board", "--send", "--format", "pdf", "--section", "definitions")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "cannot be reached" in result.stderr
    assert "'cfo' has not got it over 'main' yet; 'alerts send' tries again." in result.stderr
    (row,) = json.loads(asked("alerts", "log", "--of", "messages", "--format", "json").stdout)
    assert (row["mode"], row["status"], row["attempts"]) == ("report", "waiting", 1)
