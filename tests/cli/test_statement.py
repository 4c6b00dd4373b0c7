"""A statement of account as a file, and what a person may get wrong when asking for one."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from pypdf import PdfReader

from config.advice import command
from tests.refresh.company import APP


def _text(path):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def test_a_pdf_of_what_is_open(published, tmp_path):
    """C1 owes 60.10 of I1 and 50.05 of I3, and 20.00 of P1 is not applied."""
    result = published("statement", "C1", "-o", str(tmp_path))
    path = tmp_path / "statement_C1_2024-03-25.pdf"
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: 3 open items, USD 90.15\n"
    said = _text(path)
    assert "Statement of account as of 25 Mar 2024" in said
    assert "Total due, USD 90.15" in said


def test_any_past_day_and_a_part_of_the_account(published, tmp_path):
    path = tmp_path / "then.pdf"
    assert published("statement", "C1", "--as-of", "2024-02-19", "-o", str(path)).exit_code == 0
    assert "Total due, USD 100.10" in _text(path)
    assert published("statement", "C1", "--where", "region=EMEA", "-o", str(path)).exit_code == 0
    assert "covers only a part of your account. Region: EMEA." in _text(path)


@pytest.mark.parametrize("words", ["--format=xlsx -o {}/x", "-o {}/x.xlsx", "-o {}/x.XLSX"])
def test_the_ending_names_the_format(published, tmp_path, words):
    result = published("statement", "C1", *words.format(tmp_path).split())
    assert result.exit_code == 0
    (path,) = tmp_path.iterdir()
    assert openpyxl.load_workbook(io.BytesIO(path.read_bytes())).sheetnames[0] == "Open items"


def test_csv(published, tmp_path):
    path = tmp_path / "x.csv"
    assert published("statement", "C1", "-o", str(path)).exit_code == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["Open"] for row in rows] == ["60.1", "50.05", "-20.0"]


def test_a_customer_by_name_whatever_the_case(published, tmp_path):
    result = published("statement", 'łódź "QUOTED" <b>', "-o", str(tmp_path))
    assert result.stdout.endswith("statement_007_2024-03-25.pdf: no open items\n")


def test_without_o_the_file_lies_here(published, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert published("statement", "C3").stdout == "statement_C3_2024-03-25.pdf: 1 open item, USD 10.00\n"
    assert (tmp_path / "statement_C3_2024-03-25.pdf").is_file()


def test_what_the_settings_say_of_the_sender_is_printed(fresh, tmp_path):
    said = ('address = ["1 Harbour Street", "Boston"]', 'contact = "ar@example.com"', 'note = "Quote your account."')
    fresh.company.app("\n".join([APP, "[statement]", *said, 'paper = "us-letter"']))
    assert fresh("refresh").exit_code == 0
    path = tmp_path / "x.pdf"
    assert fresh("statement", "C1", "-o", str(path)).exit_code == 0
    said = _text(path)
    assert all(words in said for words in ("1 Harbour Street", "Boston", "ar@example.com", "Quote your account."))
    assert round(PdfReader(path).pages[0].mediabox.width) == 612


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["C33"], "There is no customer 'C33' in this snapshot; did you mean 'C3'?"),
        (["quoted"], "There is no customer 'quoted' in this snapshot; names with it are 'Łódź \"quoted\" <b>' (007)."),
        (["zzzzzz"], "There is no customer 'zzzzzz' in this snapshot"),
        (["C1", "--where", "regio=EMEA"], "did you mean 'region'?"),
        (["C1", "-o", "/nowhere/x.pdf"], "/nowhere/x.pdf cannot be written: No such file or directory."),
    ],
)
def test_a_mistake_is_one_sentence(published, words, told):
    assert told in published.refused("statement", *words)


def test_no_snapshot(fresh):
    assert "refresh first. " + command("refresh", fresh.company.folder) in fresh.refused("statement", "C1")


def test_two_customers_of_one_name(fresh):
    fresh.company.table("customers", [{"customer_id": id, "name": "Twin"} for id in ("C1", "007", "C3")])
    assert fresh("refresh").exit_code == 0
    assert fresh.refused("statement", "twin") == "3 customers are called 'twin'; give one's id: '007', 'C1', 'C3'."


NOWHERE = "\U0010abcd"
"""For private use, in the last plane of all: fonts that draw letters for private use draw those of the first."""


def test_a_letter_that_no_font_has_is_noted(fresh, tmp_path):
    fresh.company.table("customers", [{"customer_id": "C1", "name": f"One {NOWHERE}"}])
    assert fresh("refresh").exit_code == 0
    result = fresh("statement", "C1", "-o", str(tmp_path))
    assert result.exit_code == 0
    assert result.stderr == f"Note: this machine has no font for '{NOWHERE}', drawn as empty boxes; install one.\n"
