"""Figures of risk: valid Vega-Lite, findings true of their data, table twins with the same numbers."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, concentration, movement, provision
from charts.concentration import FREE, HALF, NEAR, NONE, OVER
from charts.palette import contrast
from charts.provision import Rolls
from tests.charts import grammar

N = "\u00a0"
BUCKETS = ("current", "1–30", "31–60", "unapplied")
OPENING, CLOSING = date(2026, 7, 31), date(2026, 10, 31)
LINES = {"opening": 100.0, "charge": 60.0, "write_offs": -40.0, "recoveries": 5.0, "fx": 0.0, "closing": 125.0}


def setting(palette=LIGHT):
    return Setting("as of 31 Oct 2026", "USD", palette, BUCKETS)


def lines(**amounts):
    told = LINES | amounts
    return pl.DataFrame({"line": list(told), "amount": list(told.values())})


def followed():
    """Of 100 current: 20 stay, 30 roll on, 50 paid. Of 40 in 1–30: 10 roll on, 30 paid. Of 10: 8 stay, 2 lost."""
    rows = [
        ("current", "current", 20.0, 100.0), ("current", "1–30", 30.0, 100.0), ("current", "paid", 50.0, 100.0),
        ("1–30", "31–60", 10.0, 40.0), ("1–30", "paid", 30.0, 40.0),
        ("31–60", "31–60", 8.0, 10.0), ("31–60", "written off", 2.0, 10.0),
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["bucket", "to", "amount", "opening"], orient="row")
    return frame.with_columns(rate=pl.col("amount") / pl.col("opening"))


def net_flow():
    rows = [("current", "1–30", 40.0, 100.0, 0.4), ("1–30", "31–60", 60.0, 40.0, 1.5)]
    return pl.DataFrame(rows, schema=["bucket", "to", "amount", "opening", "rate"], orient="row")


def debtors(*rows):
    names = ["label", "balance", "share", "cumulative", "over"]
    found = pl.DataFrame(rows, schema=names, orient="row", schema_overrides={"over": pl.Float64})
    return found.with_columns(key="label")


TWO = debtors(("Hansen", 300.0, 0.6, 0.6, 50.0), ("=cmd()", 100.0, 0.2, 0.8, None))
USED = {OVER: (30.0, 2), NEAR: (20.0, 1), HALF: (0.0, 0), FREE: (40.0, 3), NONE: (10.0, 4)}

FIGURES = {
    "movement": lambda s: provision.movement(lines(), OPENING, CLOSING, s),
    "what if": lambda s: provision.what_if([(0.0, 100.0), (0.1, 80.0), (0.2, 65.0)], 0.2, s),
    "followed": lambda s: provision.rolls(Rolls(followed(), is_followed=True, months=12), s),
    "net flow": lambda s: provision.rolls(Rolls(net_flow(), is_followed=False, months=12), s),
    "no rolls": lambda s: provision.rolls(Rolls(followed().clear(), is_followed=True, months=0), s),
    "debtors": lambda s: concentration.debtors(TWO, s, groups=False),
    "limits": lambda s: concentration.by_use(USED, s),
}


def data(figure):
    return figure.spec["data"]["values"]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("made", FIGURES.values(), ids=FIGURES.keys())
def test_figure_is_valid_vega_lite_and_draws(made, palette):
    figure = made(setting(palette))
    grammar.holds(figure.spec)
    assert figure.svg("a note").startswith("<svg")
    assert "as of 31 Oct 2026" in figure.subtitle
    assert figure.title in figure.alt


def test_the_bridge_of_the_provision_meets_its_closing():
    figure = FIGURES["movement"](setting())
    bars = figure.spec["layer"][1]["data"]["values"]
    assert [bar["name"] for bar in bars] == [
        f"31{N}Jul{N}2026",
        "Charge",
        "Written off",
        "Recovered",
        f"31{N}Oct{N}2026",
    ]
    assert bars[-2]["end"] == pytest.approx(bars[-1]["end"])
    assert figure.title == f"$60 had to be set aside since 31{N}Jul{N}2026; $40 was written off, $5 recovered"
    assert "balancing figure" in figure.subtitle
    assert dict(figure.table.iter_rows())["Closing"] == 125.0


@pytest.mark.parametrize(
    ("charge", "words", "kind"),
    [(-20.0, "$20 could be released", "released"), (0.0, "Nothing had to be set aside", "released")],
)
def test_a_release_is_good_news(charge, words, kind):
    figure = provision.movement(
        lines(charge=charge, write_offs=0.0, recoveries=0.0, closing=100 + charge), OPENING, CLOSING, setting()
    )
    assert figure.title.startswith(words)
    assert figure.spec["layer"][1]["data"]["values"][1]["kind"] == kind


def test_what_is_asked_of_the_what_if_is_told_and_marked():
    figure = FIGURES["what if"](setting())
    assert figure.title == f"Collections better by 20{N}% would save $35: $65 to set aside"
    assert [row["colour"] for row in data(figure)] == [LIGHT.actual, LIGHT.previous, LIGHT.good]
    still = provision.what_if([(0.0, 100.0), (0.1, 80.0)], 0.0, setting())
    assert still.title.startswith(f"Collections better by 10{N}% would save $20")
    assert provision.what_if([(0.0, 0.0), (0.1, 0.0)], 0.1, setting()).title.endswith("would save nothing")


def test_followed_rolls_say_what_gets_older():
    figure = FIGURES["followed"](setting())
    assert figure.title == (
        f"Over 12{N}months, 30.0{N}% of what is current is overdue a month later; 25.0{N}% of 1–30 days gets older"
    )
    cells = {(cell["from"], cell["to"]): cell for cell in data(figure)}
    assert cells["Current", "1–30"]["label"] == "30.0"
    assert cells["1–30", "Current"]["label"] == ""
    assert figure.table["Share of opening"].to_list() == followed()["rate"].to_list()


def test_net_flow_may_exceed_the_whole_and_says_of_what():
    figure = FIGURES["net flow"](setting())
    assert figure.title == (
        f"1–30 days hold 40.0{N}% of what was current a month before; 31–60 days hold 150.0{N}% of what was in 1–30"
    )
    assert "balance ÷" in figure.subtitle


def test_without_two_month_ends_nothing_has_rolled():
    assert FIGURES["no rolls"](setting()).title.startswith("Nothing has rolled yet")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
def test_figures_can_be_read_in_the_strongest_cell(palette):
    full = followed().with_columns(rate=pl.lit(1.0))
    figure = provision.rolls(Rolls(full, is_followed=True, months=12), setting(palette))
    assert min(contrast(cell["fill"], palette.text) for cell in data(figure)) >= 4.5


def test_the_largest_are_named_and_those_over_a_limit_marked():
    figure = FIGURES["debtors"](setting())
    assert figure.title == f"The 2 largest customers owe 80.0{N}% of everything; Hansen 60.0{N}%, $300"
    assert [row["kind"] for row in data(figure)] == [concentration.OVER_LIMIT, concentration.WITHIN]
    alone = concentration.debtors(debtors(("A", 5.0, 1.0, 1.0, None)), setting(), groups=True)
    assert alone.title == "One group owes everything: A, $5"
    assert concentration.debtors(TWO.clear(), setting(), groups=False).title == "Nobody owes anything"


def test_no_limit_stands_apart_and_the_bands_add_up():
    figure = FIGURES["limits"](setting())
    assert figure.title == f"$50 is owed by customers that have used 90{N}% of a limit or more; $10 has no limit set"
    assert figure.table["Owed, USD"].sum() == 100
    assert figure.table["Limit used"].to_list()[-1] == NONE
    assert concentration.by_use({NONE: (5.0, 1)}, setting()).title == "No credit limit covers what is owed"
    assert concentration.by_use({FREE: (5.0, 1)}, setting()).title == f"Nobody has used 90{N}% of a limit"


def test_a_remainder_is_not_called_a_tie_out():
    told = {"opening": 10.0, "billed": 5.0, "cash": -4.0, "fx": 1.0, "closing": 12.0, "difference": 0.0}
    rows = pl.DataFrame({"line": list(told), "amount": list(told.values())})
    usual = movement.bridge(rows, OPENING, CLOSING, setting())
    closing = movement.bridge(rows, OPENING, CLOSING, setting(), fx_is_rest=True)
    assert "ties out" in usual.subtitle
    assert "ties out" not in closing.subtitle + closing.alt
    assert "FX is the remainder, at closing rates" in closing.subtitle
