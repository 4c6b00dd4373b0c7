"""The figures of segments, effectiveness and cohorts: valid, with words and a twin, and true findings."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, fairness, league, lines, pace, stake, variance
from charts.league import Against
from charts.lines import Line, Words
from charts.pace import Pace
from ledger.calendar import month_ends
from metrics import Unit
from tests.charts import grammar

N = "\u00a0"
ENDS = month_ends(date(2026, 4, 1), date(2026, 10, 31))
SETTING = Setting("as of 31 Oct 2026 · Region DACH", "USD", LIGHT)
NASTY = ("<b>Werke</b>", "=cmd()", "**b** $x$")
PACE = Pace((date(2026, 6, 30), date(2026, 8, 31)), 60, 0.7, 0.75)


def series(name="Retail", first=0.2, last=0.3, **how):
    values = {day: first + (last - first) * place / 6 for place, day in enumerate(ENDS)}
    return Line(name, values, "#000000", **how)


def compared(*rows, metric="overdue_share"):
    """``(name, numerator, denominator, expected amount)``; no expectation where nobody can be compared with."""
    columns = {
        "key": pl.String, "label": pl.String, "metric": pl.String, "value": pl.Float64, "expected": pl.Float64,
        "gap": pl.Float64, "numerator": pl.Float64, "denominator": pl.Float64, "expected_amount": pl.Float64,
        "difference": pl.Float64, "peers": pl.Float64, "note": pl.String,
    }  # fmt: skip
    made = [
        (
            name, name, metric, own / base, None if usual is None else usual / base,
            None if usual is None else (own - usual) / base, own, base, usual, None if usual is None else own - usual,
            0.0 if usual is None else 1.0, "alone" if usual is None else None,
        )
        for name, own, base, usual in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=columns, orient="row")


def groups(*names, metrics=("total_ar", "overdue_share", "cei")):
    rows = [
        {
            "key": name, "label": name, "metric": metric, "unit": "money" if metric == "total_ar" else "ratio",
            "value": 0.25 if metric == "overdue_share" else 80.0, "rank": None if metric == "total_ar" else 1,
            "groups": 3, "target": 0.2 if metric == "overdue_share" else None, "state": "act", "previous_year": 0.2,
            "change": 0.05, "rest": 0.2, "gap": 0.05,
        }
        for name in names
        for metric in metrics
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides={"rank": pl.Int64, "target": pl.Float64})


def stakes(*rows):
    schema = {"key": pl.String, "label": pl.String, "flag": pl.String, "at_stake": pl.Float64, "reason": pl.String}
    return pl.DataFrame([(name, name, flag, money, "why") for name, flag, money in rows], schema=schema, orient="row")


def slower(*rows):
    columns = {"key": pl.String, "label": pl.String, "billed": pl.Float64, "share": pl.Float64, "previous": pl.Float64}
    return pl.DataFrame([(name, name, *rest) for name, *rest in rows], schema=columns, orient="row")


def unpaid(*shares):
    months = month_ends(date(2025, 10, 1), date(2026, 10, 31))[-len(shares) :]
    rows = [(month, 100.0, None if s is None else s * 100, s, None) for month, s in zip(months, shares, strict=True)]
    schema = {"month": pl.Date, "due": pl.Float64, "unpaid": pl.Float64, "share": pl.Float64, "note": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def figures(setting=SETTING):
    flags = {NASTY[0]: ("act", "why"), NASTY[1]: ("watch", "why")}
    return [
        lines.over_time(
            [series(NASTY[0]), series("Together", is_strong=True), series("Median", is_dotted=True)],
            ENDS, Words("trend", "A finding", "Overdue share, %", ("overdue_share",)), Unit.RATIO, setting,
        ),
        fairness.by_group(
            compared((NASTY[0], 90, 200, 60.0), ("B", 10, 100, 40.0), ("C", 5, 50, None)), "overdue_share", "Collector",
            setting,
        ),
        *(
            league.league(groups(*NASTY), flags, "Segment", against, setting, title="A finding")
            for against in Against
        ),
        stake.by_group(stakes((NASTY[0], "act", 5e5), ("B", None, -2e5)), "Segment", setting),
        pace.by_group(slower((NASTY[0], 100.0, 0.5, 0.7), ("B", 100.0, 0.8, 0.7)), "Segment", PACE, setting),
        pace.at_risk(unpaid(0.01, 0.03, None), setting),
    ]  # fmt: skip


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
def test_every_figure_is_valid_vega_lite(colours):
    for figure in figures(Setting("now", "USD", colours)):
        grammar.holds(figure.spec)
        grammar.holds(figure.standalone("a note"))
        assert json.dumps(figure.spec, allow_nan=False)


def test_every_figure_says_where_and_has_a_twin_and_words_for_who_cannot_see():
    for figure in figures():
        assert "as of 31 Oct 2026 · Region DACH" in figure.subtitle
        assert figure.table.height
        assert figure.title in figure.alt


def test_figures_without_rows_are_empty_and_still_valid():
    nothing = [
        lines.over_time([], ENDS, Words("trend", "None", "Overdue share"), Unit.RATIO, SETTING),
        fairness.by_group(compared(), "overdue_share", "Collector", SETTING),
        stake.by_group(stakes(), "Segment", SETTING),
        pace.by_group(slower(), "Segment", PACE, SETTING),
        pace.at_risk(unpaid(None, None), SETTING),
    ]
    for figure in nothing:
        assert figure.is_empty
        assert figure.title


@pytest.mark.parametrize(
    ("values", "apart", "want"),
    [
        ([1.0, 5.0, 9.0], 2.0, [1.0, 5.0, 9.0]),
        ([4.0, 4.0], 2.0, [3.0, 5.0]),
        ([4.0, 4.0, 4.0], 2.0, [2.0, 4.0, 6.0]),
        # 0 and 1 move apart to −0.5 and 1.5; 2.5 is then too near, and all three are centred on their mean.
        ([0.0, 1.0, 2.5], 2.0, [3.5 / 3 - 2, 3.5 / 3, 3.5 / 3 + 2]),
        ([], 2.0, []),
    ],
)
def test_names_are_moved_apart_as_little_as_needed(values, apart, want):
    assert lines.spread(values, apart) == pytest.approx(want)


def test_a_line_without_values_is_left_out():
    figure = lines.over_time([series(), Line("Empty", {}, "#000")], ENDS, Words("t", "T", "W"), Unit.RATIO, SETTING)
    assert figure.table.columns == ["As of", "Retail"]


def test_a_line_that_ends_early_names_the_month_of_its_value():
    early = Line("Old", {ENDS[0]: 0.4, ENDS[-2]: 0.5}, "#000")
    figure = lines.over_time([series(), early], ENDS, Words("t", "T", "W"), Unit.RATIO, SETTING)
    names = {row["words"] for row in figure.spec["layer"][-1]["data"]["values"]}
    assert names == {f"Retail 30.0{N}%", f"Old 50.0{N}% in Sep"}


def test_who_falls_short_most_is_told_in_money():
    rows = compared(("Ann", 90, 200, 60.0), ("Ben", 30, 100, 60.0))
    assert fairness.by_group(rows, "overdue_share", "Collector", SETTING).title == (
        "Ann has $30 more overdue than such customers have on average"
    )
    alone = fairness.by_group(rows, "overdue_share", "Collector", SETTING, mixed=False).title
    assert alone == "Ann has $30 more overdue than at the company's average"


def test_of_what_is_collected_less_is_worse():
    rows = compared(("Ann", 90, 200, 60.0), ("Ben", 30, 100, 60.0), metric="cei_cash")
    figure = fairness.by_group(rows, "cei_cash", "Collector", SETTING)
    assert figure.title == "Ben collected $30 less than such customers bring on average"
    assert figure.table["Collector"].to_list() == ["Ben", "Ann"]


def test_a_small_group_is_not_the_message():
    rows = compared(("Crumb", 9, 10, 2.0), ("Ann", 400, 1000, 390.0), ("Ben", 300, 1000, 310.0))
    assert fairness.by_group(rows, "overdue_share", "Collector", SETTING).title.startswith("Ann has $10 more")


def test_who_cannot_be_compared_is_listed_without_a_bar():
    rows = compared(("Ann", 90, 200, 60.0), ("Ben", 30, 100, None))
    figure = fairness.by_group(rows, "overdue_share", "Collector", SETTING)
    assert figure.title.startswith("No collector can be compared")
    assert figure.table["Difference"].to_list() == [None, None]


def test_nobody_stands_out():
    rows = compared(("Ann", 60.1, 200, 60.0), ("Ben", 59.9, 200, 60.0))
    assert fairness.by_group(rows, "overdue_share", "Collector", SETTING).title.startswith("No collector stands out")


def drawn(figure):
    return {(cell["key"], cell["metric"]): cell for cell in figure.spec["data"]["values"]}


def test_the_second_figure_is_what_was_asked_for():
    want = {Against.REST: f"+5.0{N}pts", Against.YEAR: f"+5.0{N}pts", Against.TARGET: f"20{N}%", Against.RANK: "#1"}
    for against, second in want.items():
        figure = league.league(groups("A", "B"), {}, "Segment", against, SETTING, title="T")
        cell = drawn(figure)["A", "overdue_share"]
        assert (cell["value"], cell["second"]) == ("25.0", second)


def test_colour_follows_the_metrics_direction():
    cells = drawn(league.league(groups("A", "B"), {}, "Segment", Against.REST, SETTING, title="T"))
    worse, better = cells["A", "overdue_share"]["fill"], cells["A", "cei"]["fill"]
    assert worse not in (better, LIGHT.ground)
    red, blue = int(worse[1:3], 16) - int(worse[5:], 16), int(better[1:3], 16) - int(better[5:], 16)
    assert red > 0 > blue


def test_flags_are_drawn_and_their_reason_is_in_the_twin():
    figure = league.league(groups("A", "B"), {"A": ("act", "late")}, "Segment", Against.REST, SETTING, title="T")
    assert drawn(figure)["A", "flag"]["value"] == "Act"
    assert figure.table.filter(pl.col("Segment") == "A")["Reason"].unique().to_list() == ["late"]
    unflagged = league.league(groups("A"), {"A": (None, "fine")}, "Segment", Against.REST, SETTING, title="T")
    assert ("A", "flag") not in drawn(unflagged)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", "act", 5e5), ("B", None, -2e5)], "A: $500.0k would not be overdue at the rest's overdue share"),
        ([("A", None, -1.0)], "No segment pays later than the rest"),
        ([], "No segment pays later than the rest"),
    ],
)
def test_what_is_at_stake_in_words(rows, said):
    assert stake.by_group(stakes(*rows), "Segment", SETTING).title == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("A", 100.0, 0.5, 0.7), ("B", 100.0, 0.8, 0.7)], f"A slowed most: −20.0{N}pts to 50.0{N}%"),
        ([("A", 100.0, 0.7, 0.7), ("B", 100.0, 0.8, 0.7)], f"No segment slowed; B gained +10.0{N}pts"),
        ([("A", 100.0, 0.7, 0.7)], "Every segment pays as fast as a year before"),
        ([("A", 100.0, 0.7, None)], "No segment can be compared with the year before"),
        (
            [("Crumb", 1.0, 0.1, 0.9), ("A", 999.0, 0.5, 0.6)],
            f"A slowed most: −10.0{N}pts to 50.0{N}%; Crumb billed too little to count",
        ),
    ],
)
def test_who_slowed_in_words(rows, said):
    assert pace.by_group(slower(*rows), "Segment", PACE, SETTING).title == said


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.01, 0.03), f"3.0{N}% of what fell due in Oct{N}2026 was unpaid 90 days later, the most of 2{N}months"),
        (
            (0.03, 0.01, None),
            f"1.0{N}% of what fell due in Sep{N}2026 was unpaid 90 days later; the worst was Aug{N}2026",
        ),
        ((0.02,), f"2.0{N}% of what fell due in Oct{N}2026 was unpaid 90 days later"),
        ((None,), "No month is old enough yet"),
    ],
)
def test_what_stays_unpaid_in_words(shares, said):
    assert pace.at_risk(unpaid(*shares), SETTING).title.startswith(said)


def test_a_month_not_known_yet_keeps_its_place_and_says_so():
    figure = pace.at_risk(unpaid(0.01, None), SETTING)
    labels = [row["label"] for row in figure.spec["layer"][0]["data"]["values"]]
    assert labels == ["1.0", "–"]


def test_bars_without_a_size_say_that_they_are_not_compared():
    layers = variance.layers([variance.Bar("a", "A", None, "", is_bad=False)], LIGHT)
    assert layers[0]["data"]["values"][0]["onright"] == "not compared"
