"""The bridge of a change: bars that meet, colours by effect, words and table with the same numbers."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, bridge
from metrics import CATALOG
from tests.charts import grammar
from tests.ledger.books import day

START, END = day("2026-07-31"), day("2026-10-31")
WHERE = "as of 31 Oct 2026"
LABELS = {"region": "Region"}


def rows(metric, moved, by="region"):
    unit = CATALOG[metric].unit.value
    keys = ["from", "to", "window", by, "currency", "metric", "part", "contribution", "unit"]
    found = [(START, END, "3mo", group, "USD", metric, "rate", float(amount), unit) for group, amount in moved]
    types = dict.fromkeys(keys, pl.String) | {"from": pl.Date, "to": pl.Date, "contribution": pl.Float64}
    return pl.DataFrame(found, schema=types, orient="row")


def drawn(metric, before, moved, palette=LIGHT, **how):
    after = before + sum(amount for _, amount in moved)
    ends = ((START, before), (END, after))
    return bridge.change(metric, ends, rows(metric, moved), Setting(WHERE, "USD", palette), labels=LABELS, **how)


def bars(figure):
    return figure.spec["layer"][1]["data"]["values"]


def plain(words):
    return words.replace("\u00a0", " ")


DAYS = drawn("dso", 44.0, [("DACH", 2.5), ("Iberia", -1.0), ("Nordics", 2.0), (None, 0.3)])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize(
    ("metric", "before", "step"),
    [
        ("dso", 44.0, 1.5), ("total_ar", 78e6, 3e6), ("overdue_share", 0.163, 0.01), ("cei", 88.0, -2.0),
        ("ar_turnover", 1.9, 0.2), ("unapplied_credits", -5e5, 1e5), ("days_beyond_terms", -1.0, 3.0),
    ],
)  # fmt: skip
def test_every_unit_is_drawn_in_valid_vega_lite(metric, before, step, palette):
    figure = drawn(metric, before, [("DACH", step), ("Iberia", -step / 3), ("Nordics", step / 5)], palette)
    grammar.holds(figure.spec)
    assert ">Nordics</text>" in figure.svg("a note")
    assert WHERE in figure.subtitle
    assert figure.title in figure.alt


def test_the_bars_meet_from_the_start_to_the_end():
    found = bars(DAYS)
    assert [bar["name"] for bar in found] == [
        "31\u00a0Jul\u00a02026", "DACH", "Nordics", "Iberia", "no region", "31\u00a0Oct\u00a02026",
    ]  # fmt: skip
    for before, after in pairwise(found[:-1]):
        assert after["start"] == pytest.approx(before["end"])
    assert found[-2]["end"] == pytest.approx(found[-1]["end"])
    assert [bar["label"] for bar in found] == ["44.0", "+2.5", "+2.0", "−1.0", "+0.3", "47.8"]


def test_colours_follow_the_effect_and_the_key_says_which_is_which():
    assert [bar["kind"] for bar in bars(DAYS)] == ["balance", "worse", "worse", "better", "worse", "balance"]
    colour = DAYS.spec["layer"][1]["encoding"]["color"]
    assert dict(zip(colour["scale"]["domain"], colour["scale"]["range"], strict=True)) == {
        "balance": LIGHT.actual, "better": LIGHT.good, "worse": LIGHT.bad,
    }  # fmt: skip
    assert colour["legend"]["values"] == ["better", "worse"]
    higher = drawn("cei", 80.0, [("DACH", 2.0), ("Iberia", -1.0)])
    assert [bar["kind"] for bar in bars(higher)][1:-1] == ["better", "worse"]


def test_a_number_without_a_good_direction_has_no_good_or_bad():
    figure = drawn("total_ar", 78e6, [("DACH", 3e6), ("Iberia", -1e6)])
    assert {bar["kind"] for bar in bars(figure)} == {"balance", "change"}
    assert figure.spec["layer"][1]["encoding"]["color"]["legend"] is None
    assert figure.table["Effect"].null_count() == figure.table.height
    assert bars(figure)[1]["exact"] == "+$3,000,000.00"


def test_the_rest_is_summed_and_counted():
    figure = drawn("dso", 40.0, [(f"R{n}", 1.0 + n / 10) for n in range(9)], most=3)
    # 1.8, 1.7 and 1.6 are drawn; 1.0 to 1.5 are six groups, 7.5 in all.
    assert figure.table["Step"].to_list()[1:-1] == ["R8", "R7", "R6", "Other (6)"]
    assert figure.table["DSO, days"].to_list() == pytest.approx([40.0, 1.8, 1.7, 1.6, 7.5, 52.6])
    assert "Other" not in str(drawn("dso", 40.0, [(f"R{n}", 1.0) for n in range(4)], most=3).table)


def test_the_table_has_the_drawn_numbers_and_their_effect():
    assert DAYS.table.rows() == [
        ("31\u00a0Jul\u00a02026", 44.0, None), ("DACH", 2.5, "worse"), ("Nordics", 2.0, "worse"),
        ("Iberia", -1.0, "better"), ("no region", 0.3, "worse"), ("31\u00a0Oct\u00a02026", pytest.approx(47.8), None),
    ]  # fmt: skip
    share = drawn("overdue_share", 0.16, [("DACH", 0.02)]).table
    assert share["Overdue share, % and points"].to_list() == pytest.approx([16.0, 2.0, 18.0])


def test_the_title_says_how_far_and_who():
    # 2.5 of 3.8 days; with 2.0 more it is all that went up.
    assert plain(DAYS.title) == (
        "DSO rose 3.8 days from 31 Jul to 31 Oct 2026: mostly DACH (+2.5 days) and Nordics (+2.0 days)"
    )
    assert drawn("dso", 40.0, []).title == "DSO did not move"


def test_the_parts_of_the_whole_are_a_bridge_too():
    whole = pl.concat([rows("dso", [("", 3.0)]), rows("dso", [("", -1.0)]), rows("dso", [("", 0.0)])]).drop("region")
    parts = whole.with_columns(part=pl.Series(["delinquent", "best_possible", "mix"]))
    figure = bridge.change("dso", ((START, 40.0), (END, 42.0)), parts, Setting(WHERE, "USD"))
    assert [bar["name"] for bar in bars(figure)][1:-1] == ["Late payment", "Terms and billing"]
    assert "later payment added 3.0 days" in plain(figure.title)


@pytest.mark.parametrize(
    ("metric", "before", "step", "words"),
    [
        # Between 44 and 46 all moves: the axis begins below that, and above nought.
        ("dso", 44.0, 2.0, "axis cut at 43.0"),
        ("total_ar", 78e6, 3e6, "axis cut at 76.0"),
        ("overdue_share", 0.160, 0.025, "axis cut at 14.0"),
        ("dso", 10.0, 30.0, ""),
        ("unapplied_credits", -5e5, 1e4, ""),
        ("dso", 44.0, 0.0, ""),
    ],
)
def test_small_steps_are_seen_on_a_cut_axis_that_is_told(metric, before, step, words):
    figure = drawn(metric, before, [("DACH", step)])
    scale = figure.spec["layer"][1]["encoding"]["x"]["scale"]
    assert words in figure.subtitle
    assert ("axis cut" in figure.subtitle) == ("domainMin" in scale) == bool(words)
    if words:
        assert 0 < scale["domainMin"] < min(bar["end"] for bar in bars(figure))
        assert bars(figure)[0]["start"] == scale["domainMin"]


def test_two_groups_of_one_name_are_two_bars():
    moved = rows("dso", [("C1", 2.0), ("C2", 1.0)], by="customer")
    ends = ((START, 40.0), (END, 43.0))
    figure = bridge.change("dso", ends, moved, Setting(WHERE, "USD"), names={"C1": "Hansen", "C2": "Hansen"})
    assert [(bar["place"], bar["name"]) for bar in bars(figure)][1:-1] == [(1, "Hansen"), (2, "Hansen")]


def test_a_name_is_text_and_never_an_expression():
    figure = drawn("dso", 40.0, [('"]); alert("x") //', 2.0), ("\\u0022</script>", 1.0)])
    grammar.holds(figure.spec)
    assert "alert" in figure.svg()


def test_what_is_too_small_to_write_has_no_sign():
    assert bars(drawn("dso", 40.0, [("DACH", 0.01)]))[1]["label"] == "0.0"


@pytest.mark.parametrize("most", [2, 7])
def test_a_click_picks_the_group_that_was_drawn_and_nothing_else(most):
    moved = [("DACH", 2.5), ("Iberia", -1.0), (None, 2.0), ("Nordics", -2.0), ("Benelux", 0.0), ("UK", 0.2)]
    figure = drawn("dso", 44.0, moved, most=most)
    picking = bridge.clickable(figure, rows("dso", moved), lambda group: f"key of {group}")
    grammar.holds(picking.spec)
    assert picking.spec["layer"][-1]["params"][0]["select"]["fields"] == ["key"]
    for layer in picking.spec["layer"]:
        told = {bar["name"]: bar["key"] for bar in layer["data"]["values"] if bar["key"]}
        names = {"no region": "None"}
        assert told == {name: f"key of {names.get(name, name)}" for name in told}
        assert len(told) == (most if most == 2 else 5)
    assert "key" not in bars(figure)[1]
