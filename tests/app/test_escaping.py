"""Names from the data are shown as they are: no markup, no formula, no code."""

from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app import company
from ui import csv
from ui.markdown import plain

MARKS = set("\\`*_{}[]()<>#+-.!|~$&^=\"'")


@given(st.text(max_size=60))
def test_every_mark_of_markdown_is_escaped(name):
    written = plain(name)
    place = 0
    while place < len(written):
        if written[place] == "\\":
            assert written[place + 1] in MARKS
            place += 2
            continue
        assert written[place] not in MARKS
        place += 1


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=60))
def test_nothing_else_of_a_name_is_changed(name):
    shown = plain(name).replace("\u2060", "").replace("\\", "")
    kept = " ".join("".join(" " if not c.isprintable() and c.isspace() else c for c in name).split())
    assert [c for c in shown if c.isalnum()] == [c for c in (kept or "Unassigned") if c.isalnum()]


@pytest.mark.parametrize("name", company.NASTY.values())
def test_no_colon_or_address_is_left_to_act(name):
    written = plain(name)
    assert ":red" not in written
    assert ":smile" not in written
    assert "://" not in written.replace("\\", "")
    assert "www\\." not in written


def test_direction_marks_cannot_turn_a_line_around():
    assert plain("abc\u202edef") == "abcdef"


@pytest.mark.parametrize("script", ["summary/overview", "receivables/aging", "receivables/customers"])
@pytest.mark.usefixtures("published")
def test_no_name_reaches_a_page_as_markup(opened, script):
    app = opened(script, customer="C02", group="customer")
    kinds = ("title", "markdown", "caption", "button", "warning", "info")
    drawn = [getattr(e, "value", None) or getattr(e, "label", "") for kind in kinds for e in getattr(app, kind)]
    for text in map(str, drawn):
        for name in company.NASTY.values():
            if not name.isalnum() and name != "O'Neil & Sons":
                assert name not in text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_in_a_cell_is_disarmed(cell):
    written = csv.safe(pl.DataFrame({"name": [cell]}))
    assert written["name"].to_list() == [f"'{cell}"]


@pytest.mark.parametrize("heading", ["=1+1", "@x"])
def test_a_formula_in_a_heading_is_disarmed(heading):
    assert csv.safe(pl.DataFrame({heading: ["a"]})).columns == [f"'{heading}"]


def test_numbers_and_days_and_plain_names_are_left_alone():
    table = pl.DataFrame({"name": ["Kessler", None], "amount": [-1.5, 2.0], "n": [-3, None]})
    assert csv.safe(table).equals(table)


def test_a_written_table_reads_back():
    table = pl.DataFrame({"name": ["=cmd()", '漢字, "x"\nline'], "amount": [0.1 + 0.2, None], "tags": [["a", "b"], []]})
    back = pl.read_csv(io.BytesIO(csv.encode(table)))
    assert back["name"].to_list() == ["'=cmd()", '漢字, "x"\nline']
    assert back["amount"].to_list() == [0.3, None]
    assert back["tags"].to_list() == ["a; b", ""]
