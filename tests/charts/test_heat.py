"""The heat map of groups: what is coloured, what is printed, what a click tells."""

from __future__ import annotations

import pytest

from charts import DARK, LIGHT, Setting, heat
from charts.heat import Cell, Row
from charts.palette import contrast
from tests.charts import grammar

SETTING = Setting("3 months to 31 Oct 2026", "USD", LIGHT)
NASTY = ("<b>Werke</b>", "=cmd()", "\u0634\u0631\u0643\u0629")


def row(name, share=0.3, stake=1e5, state: str | None = "act"):
    cells = (
        Cell("total_ar", 2e6, whole=9e6),
        Cell("overdue_share", share, good=0.2, attention=0.26, whole=0.22, before=0.1),
        Cell("cei", None),
    )
    return Row(name, name, cells, stake, state)


def figure(rows, setting=SETTING):
    return heat.by_group(rows, "Segment", setting, title="A finding", versus="PY")


def cells(drawn):
    return {(cell["label"], cell["column"]): cell for cell in drawn.spec["data"]["values"]}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_it_is_valid_with_any_names_and_with_none(colours):
    setting = Setting("now", "USD", colours)
    for rows in ([], [row(name) for name in NASTY]):
        drawn = figure(rows, setting)
        grammar.holds(drawn.spec)
        grammar.holds(drawn.standalone("a note"))
        assert drawn.table.height == len(rows)


@pytest.mark.parametrize(
    ("value", "strength"),
    # Good up to 20 %, act beyond 26 %: the full colour at twice that way, 32 %.
    [(0.1, 0.0), (0.2, 0.0), (0.23, 0.25), (0.26, 0.5), (0.32, 1.0), (0.9, 1.0)],
)
def test_a_cell_is_coloured_by_how_far_it_is_beyond_its_target(value, strength):
    assert heat.strength(Cell("overdue_share", value, good=0.2, attention=0.26)) == pytest.approx(strength)


def test_without_a_target_a_cell_is_held_against_the_company():
    # 10 % worse than 40 days; half of it would be the full colour. Of an index higher is better.
    assert heat.strength(Cell("dso", 44.0, whole=40.0)) == pytest.approx(0.2)
    assert heat.strength(Cell("dso", 36.0, whole=40.0)) == 0.0
    assert heat.strength(Cell("cei", 72.0, whole=80.0)) == pytest.approx(0.2)
    assert heat.strength(Cell("dso", 44.0)) == 0.0
    assert heat.strength(Cell("total_ar", 9e9, whole=1.0)) == 0.0


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda palette: palette.name)
def test_figures_are_read_on_the_strongest_colour(colours):
    cell = cells(figure([row("A", share=0.9)], Setting("now", "USD", colours)))["A", "overdue_share"]
    assert cell["fill"] != colours.ground
    assert contrast(cell["ink"], cell["fill"]) >= 4.5


def test_values_are_printed_with_a_word_for_the_state_and_the_change_in_the_tooltip():
    found = cells(figure([row("A"), row("B", share=0.1, stake=-5.0, state=None)]))
    assert found["A", "total_ar"]["value"] == "2.0"
    assert found["A", "overdue_share"]["value"] == "30.0"
    assert found["A", "overdue_share"]["moved"] == "+20.0\u00a0pts vs PY"
    assert found["A", "cei"]["value"] == "n/a"
    assert (found["A", heat.STAKE]["value"], found["A", heat.STATE]["value"]) == ("0.1", "Act")
    assert (found["B", heat.STAKE]["exact"], found["B", heat.STATE]["value"]) == ("none", "")


def test_a_click_picks_the_group_and_the_table_has_every_number():
    drawn = figure([row("A")])
    clicks = [layer for layer in drawn.spec["layer"] if "params" in layer]
    assert [layer["params"][0]["select"]["fields"] for layer in clicks] == [["key"]]
    told = drawn.table.row(0, named=True)
    assert told["Overdue beyond target, USD"] == 1e5
    assert told["Overdue share, target"] == 0.2
    assert told["State"] == "Act"
