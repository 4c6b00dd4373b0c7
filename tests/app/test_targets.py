"""Targets on the screen: the one for the part and the day shown, in tiles, chart and table, and what is said of it."""

from __future__ import annotations

import json
import re

import pytest

from charts import heat
from tests.app import company

N = "\u00a0"
TARGETS = """
[dso]
good = 1000
attention = 2000
from = 2026-01-01
note = "Easily reached"

[[dso.for]]
region = "North"
good = 1
attention = 2
from = 2026-01-01

[[dso.for]]
to = 2025-12-31
good = 3
attention = 4
"""


@pytest.fixture
def held(settled, opened):
    """Opens a page of the company with these targets."""
    (settled / "config" / "targets.toml").write_text(TARGETS, encoding="utf-8")
    company.publish(settled)
    return opened


def said(app):
    written = [element.value for kind in ("markdown", "caption") for element in getattr(app, kind)]
    links = [element.proto.label for element in app.get("page_link")]
    return "\n".join([*written, *links, *(metric.proto.delta_description for metric in app.metric)])


def state(app):
    """The word of the DSO tile's badge: the first on the page, as only DSO has a target."""
    return re.findall(r"-badge\[(Good|Watch|Act)\]", said(app))[:1]


def drawn(app):
    """The target's line on the DSO chart: first day, last day and value of each piece."""
    specs = [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]
    layers = [layer for spec in specs for layer in spec.get("layer", []) if "strokeDash" in layer.get("encoding", {})]
    (layer,) = layers
    rows = [row for row in layer["data"]["values"] if row["line"].startswith("target")]
    return [(row["as_of"], row["until"], row["value"]) for row in rows]


def test_the_companys_target_holds_when_nothing_is_narrowed(held):
    app = held()
    assert state(app) == ["Good"]
    assert "target 1000" in said(app)
    assert "below target" in said(app)
    told = "\n".join(element.help for element in app.markdown if element.help)
    assert f"Good up to 1000{N}days, act beyond 2000{N}days:" in told
    assert "Easily reached" in told


def test_the_target_of_the_part_holds_when_the_reader_narrows_to_it(held):
    app = held(region="North")
    assert state(app) == ["Act"]
    assert re.search(r"target 1$", said(app), re.MULTILINE)
    assert "above the goal" in said(app)
    # Until 2025 the company's 3 holds for the region too; its own 1 begins in 2026.
    assert drawn(app) == [("2025-06-30", "2025-12-31", 3), ("2026-01-31", "2026-06-30", 1)]


def test_another_part_and_several_parts_have_the_companys(held):
    assert state(held(region="South")) == ["Good"]
    assert state(held(region=["North", "South"])) == ["Good"]


def test_a_past_day_is_held_against_the_target_of_its_time(held):
    app = held(as_of="2025-12-31")
    assert state(app) == ["Act"]
    assert "target 3" in said(app)
    assert [piece[1:] for piece in drawn(app)] == [("2025-12-31", 3)]


def test_each_row_of_the_table_is_held_against_its_own_target(held, monkeypatch):
    asked, drawn_by = [], heat.by_group
    monkeypatch.setattr(
        heat, "by_group", lambda rows, *rest, **words: asked.append(rows) or drawn_by(rows, *rest, **words)
    )
    app = held()
    app.selectbox(key="overview_group").set_value("region").run()
    assert not app.exception
    assert {row.label: row.state for row in asked[-1]} == {"North": "act", "South": "good", "Unassigned": "good"}


def test_the_customers_page_knows_the_targets_too(held):
    app = held("receivables/customers", customer="C02")
    assert not app.exception
    assert app.metric


def test_the_glossary_tells_benchmarks_and_the_edges_of_a_state(held):
    words = said(held("help/glossary"))
    assert "a value equal to it included" in words
    assert "What others report" in words
    assert "house rule" in words.lower()


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        ("[dso]\ngood = 45\nattention = 40\n", ["targets.toml", "wrong way round"]),
        ("[[dso.for]]\nregoin = 'North'\ngood = 4\nattention = 5\n", ["targets.toml", "did you mean 'region'?"]),
    ],
)
def test_a_mistake_is_told_and_nothing_else_is_shown(settled, opened, targets, words):
    (settled / "config" / "targets.toml").write_text(targets, encoding="utf-8")
    company.publish(settled)
    app = opened()
    assert not app.exception
    assert not app.metric
    everything = "\n".join(e.value for kind in ("title", "markdown", "error", "info") for e in getattr(app, kind))
    for word in words:
        assert word in everything.replace("\\", "")
