"""The map of who holds the money: nothing is lost in it, names from the data stay text, a click tells where to."""

from __future__ import annotations

import copy
import json
from itertools import pairwise

import plotly.graph_objects as go
import plotly.io
import polars as pl
import pytest
import vl_convert

from charts import DARK, LIGHT, Setting, treemap
from charts.palette import contrast, ink
from charts.treemap import NAMES, REST, Level

N = "\u00a0"
LEVELS = (Level("Region", "region", "region_label"), Level("Customer", "customer", "label"))
THREE = (LEVELS[0], Level("Segment", "segment", "segment_label"), LEVELS[1])
THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)


def setting(colours=LIGHT):
    return Setting("as of 31 Oct 2026 · Entity US", "USD", colours)


def owing(*rows):
    """Rows of (region, segment, customer, gross, overdue, unapplied); labels are the keys, "Unassigned" for none."""
    names = ["region", "segment", "customer", "gross", "overdue", "unapplied"]
    texts = dict.fromkeys(names[:3], pl.String)
    frame = pl.DataFrame(rows, schema=names, orient="row", schema_overrides=texts)
    return frame.with_columns(
        region_label=pl.col("region").fill_null("Unassigned"),
        segment_label=pl.col("segment").fill_null("Unassigned"),
        label=pl.col("customer").fill_null("Unassigned"),
    )


BOOK = owing(
    ("EMEA", "Retail", "Hansen", 600.0, 300.0, 0.0),
    ("EMEA", "Health", "<b>Werke</b>", 300.0, 60.0, -20.0),
    ("EMEA", None, "=cmd() & sons", 100.0, 40.0, 0.0),
    ("APAC", "Retail", "Nishi", 500.0, 0.0, 0.0),
    (None, "Retail", "Nobody", 0.0, 0.0, -70.0),
    (None, None, None, 50.0, 50.0, 0.0),
)


def only(customer):
    return BOOK.filter(pl.col("customer") == customer)


def crowd(count):
    """A region of so many customers: the first owes the most, and a tenth of each is overdue."""
    return owing(
        *(("EMEA", "Retail", f"C{place:03}", 1000.0 - place, 100.0 - place / 10, 0.0) for place in range(count))
    )


@THEMES
def test_it_is_valid_plotly_and_a_valid_picture(colours):
    figure = treemap.holders(BOOK, LEVELS, setting(colours))
    go.Figure(copy.deepcopy(figure.plot))
    drawn = figure.svg("snapshot abc")
    assert "snapshot abc" in drawn
    assert "Hansen" in drawn
    assert figure.png(scale=1).startswith(b"\x89PNG")


def test_plotly_adds_no_template_of_its_own():
    plot = treemap.holders(BOOK, LEVELS, setting()).plot
    assert "colorway" not in str(plotly.io.to_json(go.Figure(plot)))


@pytest.mark.parametrize("levels", [LEVELS[1:], LEVELS, THREE], ids=["customers", "two levels", "three levels"])
@pytest.mark.parametrize("most", [1, 2, 30])
def test_leaves_add_up_to_all_that_is_open_and_groups_to_their_leaves(levels, most):
    drawn = BOOK.filter(pl.col("gross") > 0)
    found = treemap.tiles(drawn, levels, most)
    leaves = [tile for tile in found if tile.is_leaf]
    assert sum(tile.gross for tile in leaves) == pytest.approx(drawn["gross"].sum())
    assert sum(tile.overdue for tile in leaves) == pytest.approx(drawn["overdue"].sum())
    assert sum(tile.count for tile in leaves) == drawn.height
    for group in (tile for tile in found if not tile.is_leaf):
        inside = [tile.gross for tile in leaves if tile.path[: len(group.path)] == group.path]
        assert sum(inside) == pytest.approx(group.gross)


def test_every_tile_has_an_id_of_its_own_that_tells_the_way_to_it_and_its_parent_is_there():
    # Two customers of one name in two regions, and a region without a name.
    twice = pl.concat([BOOK, owing(("APAC", "Retail", "Hansen", 10.0, 0.0, 0.0))])
    found = treemap.tiles(twice.filter(pl.col("gross") > 0), THREE)
    ids = [tile.id for tile in found]
    assert len(set(ids)) == len(ids)
    assert [treemap.path(id) for id in ids] == [tile.path for tile in found]
    assert {tile.parent for tile in found} <= {"", *ids}
    assert (None, None, None) in [tile.path for tile in found]


def test_those_beyond_the_limit_are_one_tile_and_a_single_one_is_drawn_itself():
    # 32 customers, 30 drawn: the last two owe 970 and 969.
    rest = [tile for tile in treemap.tiles(crowd(32), LEVELS, 30) if tile.is_rest]
    assert [(tile.path, tile.label, tile.gross, tile.count) for tile in rest] == [
        (("EMEA", REST), f"2{N}more", 1939, 2)
    ]
    assert not [tile for tile in treemap.tiles(crowd(31), LEVELS, 30) if tile.is_rest]


def test_the_rest_of_several_groups_counts_their_customers():
    # Two regions besides the largest, with one and one customer that owe something.
    found = treemap.tiles(BOOK.filter(pl.col("gross") > 0), LEVELS, 1)
    top = [tile for tile in found if tile.path == (REST,)]
    assert [(tile.label, tile.gross, tile.count, tile.is_leaf) for tile in top] == [(f"2{N}more", 550, 2, True)]


def test_negative_balances_have_no_tile_but_are_told_and_listed():
    figure = treemap.holders(BOOK, LEVELS, setting())
    assert "Nobody" not in json.dumps(figure.plot)
    assert "−$90 of credits with 2\u00a0customers not drawn" in figure.subtitle
    assert "Nobody" in figure.table["Customer"].to_list()
    # Credits aged into the buckets can make a customer's gross negative.
    aged = treemap.holders(
        owing(("EMEA", None, "A", 100.0, 0.0, 0.0), ("EMEA", None, "B", -30.0, -30.0, 0.0)), LEVELS, setting()
    )
    assert "−$30 of credits with 1\u00a0customer not drawn" in aged.subtitle
    assert [tile for tile in aged.plot["data"][0]["values"] if tile < 0] == []  # type: ignore[index]


def test_twin_is_unrounded_and_has_everybody():
    twin = treemap.holders(BOOK, LEVELS, setting()).table
    assert twin.height == BOOK.height
    assert twin["Gross open, USD"].sum() == 1550
    assert twin.row(0, named=True)["Overdue share"] == 0.5
    assert twin.row(-1, named=True)["Overdue share"] is None


@pytest.mark.parametrize(
    ("rows", "levels", "finding"),
    [
        # 400 of EMEA's, 50 of nobody's: 400 ÷ 450; Hansen's 300 are more than half of the 400.
        (BOOK, LEVELS, f"EMEA holds 88.9{N}% of the overdue $450; 1{N}customer there owes half of that"),
        (BOOK, LEVELS[1:], f"Hansen holds 66.7{N}% of the overdue $450; 1{N}customer owes half of it"),
        (only("Nishi"), LEVELS, f"APAC holds 100.0{N}% of the open $500; nothing is overdue"),
        (only("Hansen"), LEVELS, f"EMEA holds 100.0{N}% of the overdue $300"),
        (BOOK.filter(pl.col("gross") <= 0), LEVELS, "Nobody owes anything"),
    ],
)  # fmt: skip
def test_finding(rows, levels, finding):
    figure = treemap.holders(rows, levels, setting())
    assert figure.title == finding
    assert figure.title in figure.alt
    assert "as of 31 Oct 2026 · Entity US" in figure.subtitle


def test_names_from_the_data_are_shown_as_they_stand():
    trace = treemap.holders(BOOK, LEVELS, setting()).plot["data"][0]  # type: ignore[index]
    told = json.dumps([trace[part] for part in ("labels", "text", "customdata")])
    assert "<b>Werke" not in told
    assert "&lt;b&gt;Werke&lt;/b&gt;" in told
    assert "=cmd() &amp; sons" in told


@pytest.mark.parametrize(
    ("share", "name"),
    [(0.0, 0), (0.0004, 0), (0.05, 1), (0.1, 1), (0.11, 2), (0.25, 2), (0.5, 3), (0.51, 4), (1.0, 4)],
)
def test_shade_is_that_of_the_share(share, name):
    assert treemap.step(share) == name
    assert len(NAMES) == len(LIGHT.late)


@THEMES
def test_every_word_on_a_tile_can_be_read(colours):
    for fill in (*colours.late, colours.panel, colours.ground):
        assert contrast(ink(fill), fill) >= 4.5


@THEMES
def test_more_overdue_is_ever_further_from_the_ground(colours):
    distance = [contrast(fill, colours.ground) for fill in colours.late]
    assert distance == sorted(distance)
    assert all(contrast(one, next) >= 1.1 for one, next in pairwise(colours.late))


@THEMES
def test_screen_and_picture_have_the_same_tiles_in_the_same_colours(colours):
    figure = treemap.holders(BOOK, LEVELS, setting(colours))
    trace = figure.plot["data"][0]  # type: ignore[index]
    still = {row["id"]: row["fill"] for row in figure.spec["data"][0]["values"] if row["id"] != "all"}
    assert still == dict(zip(trace["ids"], trace["marker"]["colors"], strict=True))
    assert [key.colour for key in figure.key] == list(colours.late) == figure.spec["scales"][0]["range"]


def test_the_picture_of_a_large_map_is_drawn():
    figure = treemap.holders(crowd(400), THREE, setting())
    assert "370\u00a0more" in vl_convert.vega_to_svg(figure.spec)
