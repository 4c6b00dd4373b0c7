"""Pictures of charts: no name keeps one from being drawn, and what goes onto paper is light and has its names."""

from __future__ import annotations

import json
import re

import polars as pl
import pytest

from charts import (
    LIGHT,
    bridge,
    concentration,
    groups,
)
from tests.charts.drawn import (
    DRAWN,
    END,
    IN_THE_DARK,
    PICTURES,
    SETTING,
    START,
)
from tests.charts.test_figures import by_customer
from tests.charts.test_risk_figures import TWO


def test_no_name_keeps_a_chart_from_being_drawn():
    """The maker of pictures ends its whole process over a character that its format cannot hold."""
    name = "a\x00\x0b\x1f\u2028\u202e\ufffe\uffff\\'\"b"
    made = [
        groups.by_group(by_customer((name, "c")), "Customer", SETTING),
        bridge.of_causes("dso", ((START, 44.0), (END, 45.0)), [(name, 2.0), ("B", -1.0)], SETTING, name),
        concentration.debtors(TWO.with_columns(label=pl.lit(name)), SETTING, groups=False),
    ]
    for figure in made:
        assert figure.png(name, 0.3).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "figure", [DRAWN["explorer, bars of shares"], DRAWN["explorer, bars on each other"], PICTURES["explorer, heat"]]
)
def test_names_that_are_told_apart_by_their_keys_are_drawn_alone(figure):
    assert figure.png("a note", 0.3).startswith(b"\x89PNG")
    written = figure.svg()
    assert ">Retail</text>" in written or ">A</text>" in written or ">漢字</text>" in written


def colours_of(spec):
    return set(re.findall("#[0-9a-f]{6}", json.dumps(spec, default=str)))


@pytest.mark.parametrize("which", [name for name in DRAWN if name != "explorer, columns on each other"])
def test_what_goes_onto_paper_is_drawn_as_on_a_light_screen(which):
    paper = IN_THE_DARK[which].on_white()
    assert paper.palette == LIGHT
    # An outline may have the colour of its fill.
    outlines = set(LIGHT.ramp) | set(LIGHT.edges)
    assert colours_of(paper.spec) | outlines == colours_of(DRAWN[which].spec) | outlines
    assert DRAWN[which].on_white() is DRAWN[which]


@pytest.mark.parametrize("which", ["debtors", "largest"])
def test_bars_without_names_on_a_card_have_them_on_a_picture(which):
    figure = DRAWN[which]
    assert ">=cmd()</text>" in figure.svg()
    assert all(layer["encoding"]["y"]["axis"] is None for layer in figure.on_screen["layer"])


def test_a_chart_is_a_page_in_vectors_too():
    paper = DRAWN["on a day"].pdf("snapshot abc")
    assert paper.startswith(b"%PDF-")
    assert b"/FontFile" in paper or b"/ObjStm" in paper
