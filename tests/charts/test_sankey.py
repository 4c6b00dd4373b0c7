"""Where the opening balance went: ribbons that add up, true findings, the same on the screen and in a picture."""

from __future__ import annotations

import copy
import json
from datetime import date
from itertools import pairwise

import plotly.graph_objects as go
import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, sankey

N = "\u00a0"
OPENED, CLOSED = f"31{N}Jul{N}2026", f"31{N}Oct{N}2026"
BUCKETS = ("current", "1–30", "31–60", "unapplied")
LATE = f"what was overdue on {OPENED} was paid by {CLOSED}"
NOT_LATE = f"what was owed, none of it overdue, on {OPENED} was paid by {CLOSED}"
ENDS = (date(2026, 7, 31), date(2026, 10, 31))
THEMES = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)


def setting(colours=LIGHT):
    return Setting("3 months to 31 Oct 2026", "USD", colours, BUCKETS)


def moved(*rows):
    """Rows of (bucket, to, amount) with their opening and rate."""
    frame = pl.DataFrame(
        rows, schema={"bucket": pl.String, "to": pl.String, "amount": pl.Float64}, orient="row"
    ).with_columns(opening=pl.col("amount").sum().over("bucket"))
    return frame.with_columns(rate=pl.col("amount") / pl.col("opening"))


WENT = moved(
    ("current", "paid", 800.0), ("current", "31–60", 100.0), ("current", "credited", 100.0),
    ("1–30", "paid", 150.0), ("1–30", "31–60", 50.0),
    ("31–60", "paid", 30.0), ("31–60", "31–60", 20.0), ("31–60", "written off", 50.0),
)  # fmt: skip


def placed(rows=WENT):
    return sankey.lay_out(rows, setting(), 300)


@THEMES
def test_it_is_valid_plotly_and_a_valid_picture(colours):
    figure = sankey.flows(WENT, ENDS, setting(colours))
    go.Figure(copy.deepcopy(figure.plot))
    drawn = figure.svg("snapshot abc")
    for words in ("snapshot abc", "Written off", f"Open on {OPENED}"):
        assert words in drawn
    assert figure.png(scale=1).startswith(b"\x89PNG")


def test_ribbons_add_up_to_their_nodes_on_both_sides_and_to_the_whole():
    found = placed()
    for place, node in enumerate(found.sources):
        assert sum(ribbon.amount for ribbon in found.ribbons if ribbon.source == place) == pytest.approx(node.amount)
    for place, node in enumerate(found.targets):
        assert sum(ribbon.amount for ribbon in found.ribbons if ribbon.target == place) == pytest.approx(node.amount)
    assert sum(ribbon.amount for ribbon in found.ribbons) == pytest.approx(WENT["amount"].sum())


def test_plotly_is_given_exactly_the_flows_of_the_table():
    figure = sankey.flows(WENT, ENDS, setting())
    link = figure.plot["data"][0]["link"]  # type: ignore[index]
    assert sorted(link["value"]) == sorted(figure.table["Amount, USD"].to_list())
    assert figure.table["Share of opening"].to_list()[0] == 0.8


def test_nodes_stand_apart_and_ribbons_within_their_nodes():
    found = placed()
    for nodes in (found.sources, found.targets):
        for above, below in pairwise(nodes):
            assert below.top >= above.top + above.tall + 10
        assert nodes[-1].top + nodes[-1].tall <= 300 + 1e-6
    for ribbon in found.ribbons:
        source, target = found.sources[ribbon.source], found.targets[ribbon.target]
        assert source.top - 1e-6 <= ribbon.start <= source.top + source.tall - ribbon.thick + 1e-6
        assert target.top - 1e-6 <= ribbon.end <= target.top + target.tall - ribbon.thick + 1e-6


def test_good_stands_on_top_and_lost_at_the_bottom():
    assert [node.name for node in placed().targets] == ["paid", "credited", "31–60", "written off"]
    assert [node.name for node in placed().sources] == ["current", "1–30", "31–60"]


@THEMES
def test_screen_and_picture_have_the_same_nodes_and_ribbons_in_the_same_colours(colours):
    figure = sankey.flows(WENT, ENDS, setting(colours))
    node, link = (figure.plot["data"][0][part] for part in ("node", "link"))  # type: ignore[index]
    nodes, ribbons = (data["values"] for data in figure.spec["data"])
    assert [row["fill"] for row in nodes] == node["color"]
    assert nodes[3]["fill"] == colours.good
    reds = [int(row["fill"][1:3], 16) for row in ribbons]
    assert [int(colour[5:].split(",")[0]) for colour in link["color"]] == reds
    middles = [row["y"] + row["tall"] / 2 for row in nodes]
    assert node["y"] == pytest.approx(middles)


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        # Of 300 overdue 180 were paid and 70 are open: 50 of them stood in 1–30.
        (
            WENT,
            f"60.0{N}% of {LATE}; 23.3{N}% is still open, $50 of it from 1–30 days",
        ),
        (
            moved(("1–30", "paid", 90.0), ("1–30", "31–60", 10.0)),
            f"90.0{N}% of {LATE}; 10.0{N}% is still open",
        ),
        (
            moved(("1–30", "paid", 100.0)),
            f"100.0{N}% of {LATE}; none of it is still open",
        ),
        (
            moved(("current", "paid", 75.0), ("current", "1–30", 25.0)),
            f"75.0{N}% of {NOT_LATE}; 25.0{N}% is still open",
        ),
        (moved(), f"Nothing was owed on {OPENED}"),
    ],
)
def test_finding(rows, finding):
    figure = sankey.flows(rows, ENDS, setting())
    assert figure.title == finding
    assert figure.title in figure.alt


def test_an_exchange_difference_that_cannot_be_drawn_is_told_and_stays_in_the_table():
    figure = sankey.flows(pl.concat([WENT, moved(("31–60", "paid", -5.0))]), ENDS, setting())
    assert "−$5 of exchange differences not drawn" in figure.subtitle
    assert -5 in figure.table["Amount, USD"].to_list()
    assert "-5" not in json.dumps(figure.plot["data"][0]["link"]["value"])  # type: ignore[index]


def test_nothing_at_all_is_still_a_figure():
    figure = sankey.flows(moved(), ENDS, setting())
    assert figure.is_empty
    go.Figure(copy.deepcopy(figure.plot))
    assert "svg" in figure.svg()


def test_the_key_names_only_what_is_drawn():
    told = [key.label for key in sankey.flows(WENT, ENDS, setting()).key]
    assert told == ["paid", "credited or other", "still open, darker is older", "written off"]
    assert [key.label for key in sankey.flows(moved(("1–30", "paid", 1.0)), ENDS, setting()).key] == ["paid"]
