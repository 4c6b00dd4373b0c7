"""The explorer's figures: valid and drawable, with words and a twin, and findings that the numbers bear out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from charts import DARK, LIGHT, Setting, explorer
from charts.explorer_panel import Mark, Panel, Point, finding, noun, second, twin
from charts.palette import contrast
from metrics import CATALOG
from tests.charts import grammar

N = "\u00a0"
SETTING = Setting("3 months to 31 Oct 2026", "USD", LIGHT)
ENDS = (date(2025, 10, 31), date(2026, 4, 30), date(2026, 10, 31))
NASTY = ("<b>Werke</b>", "=cmd()", "**b** $x$", "漢字")


def side(*names, rest=False):
    found = [Mark(f"segment={name}", name) for name in names]
    return (*found, *([Mark("segment=+", "Others", is_rest=True)] if rest else []))


def over(*days):
    return tuple(Mark(f"time={day}", f"{day:%b %Y}", day=day) for day in days)


def panel(metric, rows, columns, values, together=None, bases=None, sizes=None, **words):
    """``values``: a row of numbers for each of ``rows``."""
    points = {
        (row.key, column.key): Point(value, (bases or values)[i][j] if bases else None, (sizes or [100.0] * 99)[i])
        for i, row in enumerate(rows)
        for j, (column, value) in enumerate(zip(columns, values[i], strict=True))
    }
    whole = {column.key: Point(value) for column, value in zip(columns, together or [], strict=False)}
    return Panel(CATALOG[metric], tuple(rows), tuple(columns), points, whole, "Segment", **words)


ONE = (Mark("", ""),)
SHARE = panel("overdue_share", side("Retail", "Industry"), ONE, [[0.3], [0.2]], [0.24], [[0.25], [0.28]])
AMOUNT = panel("overdue", side("Retail", "Industry", rest=True), ONE, [[30e6], [20e6], [50e6]], [100e6])
SERIES = panel(
    "dso", side("Retail", "Industry"), over(*ENDS), [[40, 41, 46], [50, 49, 48]], [44, 45, 47], across="As of"
)
MAP = panel(
    "cei", side(*NASTY), side("North", "South"), [[80, None], [70, 60], [90, 95], [50, 85]], [75, 80], across="Region"
)
STACK = panel("overdue", side(*NASTY), over(*ENDS), [[1e6, 2e6, 3e6]] * 4, [4e6, 8e6, 12e6], across="As of")
LYING = panel("total_ar", side("A", "B"), side("North", "South"), [[5e6, -1e6], [2e6, 3e6]], across="Region")

_ROSE, _HELD = f"DSO rose 6.0{N}days in a year to 46.0{N}days", f"DSO held at 40.0{N}days in a year"

DRAWN = [
    (explorer.bars, SHARE),
    (explorer.bars, AMOUNT),
    (explorer.bars, panel("overdue", over(*ENDS), ONE, [[1e6], [2e6], [None]], bases=[[9e5], [1e6], [1e6]])),
    (explorer.over_time, SERIES),
    (explorer.stacked, STACK),
    (explorer.stacked, LYING),
    (explorer.heat, MAP),
    (explorer.heat, STACK),
]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("make", "of"), DRAWN)
def test_every_figure_is_valid_and_can_be_drawn(make, of, palette):
    figure = make(of, Setting("as of 31 Oct 2026", "USD", palette))
    grammar.holds(json.loads(json.dumps(figure.standalone("a note"), default=str)))
    assert figure.svg("a note").startswith("<svg")
    assert figure.title
    assert figure.alt.endswith(f"{figure.title}.")
    assert figure.table.height == len(of.rows) * len(of.columns)
    assert figure.metrics == (of.metric.id,)


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (SHARE, f"Retail has the highest overdue share, 30.0{N}%, +5.0{N}pts on a year before; together 24.0{N}%"),
        (AMOUNT, f"Retail has the most overdue: $30.0m, 30.0{N}% of $100.0m"),
        (SERIES, f"DSO of Retail rose most in a year, by 6.0{N}days to 46.0{N}days; together +3.0{N}days"),
        (MAP, "漢字 · North has the lowest CEI, 50.0"),
        (panel("overdue", side("Retail"), ONE, [[0.0]]), "Overdue is 0 everywhere"),
        (panel("dso", side("Retail"), ONE, [[None]]), "DSO is not defined here"),
        (panel("dso", side("Retail"), over(ENDS[0], ENDS[2]), [[40, 46]], [40, 46]), _ROSE),
        (panel("dso", side("Retail"), over(ENDS[0], ENDS[2]), [[40, 40]], [40, 40]), _HELD),
        (
            panel("cei", side("A", "B"), over(ENDS[0], ENDS[2]), [[80, 82], [80, 90]], [80, 86]),
            f"CEI of A rose least in a year, by 2.0{N}pts to 82.0; together +6.0{N}pts",
        ),
    ],
)  # fmt: skip
def test_a_finding_says_what_the_numbers_say(of, told):
    assert finding(of, SETTING) == told


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (SHARE, f"Overdue share of Retail rose most in a year, by 5.0{N}pts"),
        (SERIES, f"Industry has the highest DSO, 48.0{N}days; together 47.0{N}days"),
        (AMOUNT, "Overdue by segment"),
    ],
)
def test_a_second_finding_says_something_else(of, told):
    assert second(of, SETTING) == told != finding(of, SETTING)


def test_a_group_that_holds_next_to_nothing_is_no_finding():
    of = panel("dso", side("Large", "Tiny"), ONE, [[40], [900]], sizes=[1e6, 10.0])
    assert finding(of, SETTING).startswith("DSO of Large is 40.0")


def test_a_period_before_the_history_is_followed_by_nobody():
    of = panel("dso", side("A", "B"), over(*ENDS), [[10, 40, 41], [90, 50, 53]], [50, 45, 47])
    unknown = {
        pair: Point(p.value, p.base, p.size, is_known=pair[1] != of.columns[0].key) for pair, p in of.points.items()
    }
    assert finding(replace(of, points=unknown), SETTING).startswith(f"DSO of B rose most since Apr{N}2026, by 3.0")


def test_changes_are_in_percent_where_the_reader_wants_that():
    relative = Setting("", "USD", LIGHT, relative=True)
    assert f"+20.0{N}% on a year before" in finding(SHARE, relative)


def test_what_is_left_over_is_not_drawn_where_it_dwarfs_the_others():
    few = panel("overdue", side("A", "B", rest=True), ONE, [[3e6], [2e6], [90e6]], [95e6])
    figure = explorer.bars(few, SETTING)
    assert [row["label"] for row in figure.spec["data"]["values"]] == ["A", "B"]
    assert "only in the table" in figure.subtitle
    assert figure.table.height == 3
    assert len(explorer.bars(AMOUNT, SETTING).spec["data"]["values"]) == 3


def test_parts_beyond_the_largest_are_one_and_nothing_is_lost():
    names = [f"S{number}" for number in range(12)]
    of = panel("overdue", side(*names), over(*ENDS), [[float(number)] * 3 for number in range(12)], across="As of")
    drawn = explorer.stacked(of, SETTING).spec["data"]["values"]
    assert len({row["part"] for row in drawn}) == explorer.MOST_PARTS + 1
    assert sum(row["size"] for row in drawn if row["as_of"] == ENDS[0].isoformat()) == pytest.approx(66.0)


def test_a_click_names_the_row_and_the_column():
    rows = explorer.heat(MAP, SETTING).spec["data"]["values"]
    assert rows[0]["key"] == f"{MAP.rows[0].key}\x1e{MAP.columns[0].key}"


def test_figures_of_a_heat_map_can_be_read_on_their_cells():
    for palette in (LIGHT, DARK):
        cells = explorer.heat(MAP, Setting("", "USD", palette)).spec["data"]["values"]
        assert all(contrast(cell["ink"], cell["fill"]) >= 4.5 for cell in cells)


def test_the_twin_has_the_numbers_as_they_are():
    table = twin(SHARE, SETTING)
    assert table.columns == ["Segment", "Overdue share", "Overdue share, PY"]
    assert table["Overdue share"].to_list() == [0.3, 0.2]


@pytest.mark.parametrize(
    ("label", "said"), [("DSO", "DSO"), ("Overdue share", "overdue share"), ("CEI, cash-only", "CEI, cash-only")]
)
def test_a_label_inside_a_sentence_begins_small_unless_it_is_a_name(label, said):
    assert noun(label) == said
