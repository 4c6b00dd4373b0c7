"""The beginning of a pack: enough of it for so many sheets, and no more."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from exports.pack.beginning import beginning
from exports.pack.content import Page, Row, Table
from exports.pack.paper import previews
from tests.exports.packs import pack


def table(rows: int, **how) -> Table:
    return Table("Debtors", "All debtors", pl.DataFrame({"Customer": [f"C{n}" for n in range(rows)]}), **how)


def of(*pages: Page):
    return replace(pack(), pages=pages)


def page(*tables: Table) -> Page:
    return Page("exposures", "Exposures", "Who owes", tuple(Row((each,)) for each in tables))


def test_a_pack_that_fits_is_the_very_same():
    whole = of(page(table(60)), page(table(10)))
    assert beginning(whole, 4) is whole


def test_a_long_table_is_cut_where_it_fills_the_sheets():
    cut = beginning(of(page(table(5_000)), page(table(10))), 4)
    (only,) = cut.pages
    (shown,) = only.blocks
    assert isinstance(shown, Table)
    assert 4 * 50 <= shown.shown.height < 5_000


def test_rows_that_are_not_shown_anyway_do_not_count():
    whole = of(page(table(5_000, most=10)), page(table(5)))
    assert beginning(whole, 4) is whole


def test_many_pages_end_where_the_sheets_are_full():
    assert len(beginning(of(*[page(table(3))] * 60), 40).pages) == 40


def test_states_of_rows_that_are_cut_go_with_them():
    long = table(900, states={(0, "Customer"): "act", (899, "Customer"): "act"}, last_is_total=True)
    (shown,) = beginning(of(page(long)), 2).pages[0].blocks
    assert isinstance(shown, Table)
    assert dict(shown.states) == {(0, "Customer"): "act"}
    assert not shown.last_is_total


@pytest.mark.parametrize("sheets", [2, 3])
def test_what_is_left_fills_that_many_sheets(sheets):
    assert len(previews(beginning(of(page(table(2_000))), sheets), 120, counted=False)) >= sheets
