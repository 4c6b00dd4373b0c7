"""Charts as office programs draw them: the figure's own numbers, whole, in stacks and bridges that add up."""

from __future__ import annotations

import math
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import (
    LIGHT,
    aging,
    bridge,
    cohorts,
    explorer,
    groups,
    native,
    trend,
)
from charts.native import Kind, Look, Native, Series, bars
from metrics import Unit, text
from tests.charts import test_explorer_figures as explored
from tests.charts.drawn import (
    DRAWN,
    EMPTY,
    END,
    IN_THE_DARK,
    PICTURES,
    SETTING,
    START,
    of,
    own,
    sums,
)
from tests.charts.test_bridge import drawn as bridged
from tests.charts.test_figures import BUCKETS, ENDS, by_customer, dso_points

drawn_natively = pytest.mark.parametrize("figure", DRAWN.values(), ids=DRAWN.keys())


# --- shape --------------------------------------------------------------------------------------------------------


@drawn_natively
def test_every_series_has_a_value_for_every_category(figure):
    of = own(figure)
    wide = len(of.categories)
    assert wide
    assert of.series
    for series in of.series:
        assert len(series.values) == wide
        assert len(series.labels) in (0, wide)
        assert len(series.colours) in (0, wide)
        assert all(value is None or math.isfinite(value) for value in series.values)
    assert len(of.totals) in (0, wide)


@drawn_natively
def test_colours_are_plain_and_words_are_on_one_line(figure):
    of = own(figure)
    shades = [shade for series in of.series for shade in (series.colour, *series.colours)]
    assert all(len(shade) == len("#rrggbb") and shade[0] == "#" for shade in shades)
    written = [*of.categories, of.unit, *of.totals, *(word for each in of.series for word in (each.name, *each.labels))]
    assert all(words.isprintable() for words in (each.replace(text.NBSP, " ") for each in written))


@pytest.mark.parametrize("figure", PICTURES.values(), ids=PICTURES.keys())
def test_what_no_office_program_draws_travels_as_a_picture(figure):
    assert figure.native is None
    assert figure.table.height


@pytest.mark.parametrize("figure", EMPTY.values(), ids=EMPTY.keys())
def test_of_nothing_there_is_none_or_one_without_numbers(figure):
    values = [value for series in figure.native.series for value in series.values] if figure.native else []
    assert not any(values)


def test_lying_bars_carry_no_marks_as_no_program_draws_them():
    for figure in DRAWN.values():
        of = own(figure)
        looks = {series.look for series in of.series}
        assert not of.kind.lies or looks == {Look.BAR}
        assert of.kind is not Kind.LINES or Look.BAR not in looks
        assert of.kind.is_bridge == bool(of.balances)


@pytest.mark.parametrize("which", DRAWN)
def test_what_stands_on_white_pages_has_the_light_colours_whatever_the_screen_s(which):
    assert own(IN_THE_DARK[which]) == own(DRAWN[which])


def test_colours_are_the_notation_s():
    figure = bridge.of_causes("dso", ((START, 44.0), (END, 45.0)), [("A", 2.0), ("B", -1.0)], SETTING, "T")
    assert own(figure).series[0].colours == (LIGHT.actual, LIGHT.bad, LIGHT.good, LIGHT.actual)
    assert [series.colour for series in own(DRAWN["overdue over time"]).series] == list(LIGHT.aging(BUCKETS).values())[
        1:-1
    ]
    assert [series.colour for series in own(DRAWN["dso"]).series] == [
        LIGHT.actual, LIGHT.bad, LIGHT.unapplied, LIGHT.previous, LIGHT.good, LIGHT.quiet,
    ]  # fmt: skip


# --- the numbers are those of the table, whole ---------------------------------------------------------------------

TWINS = [
    ("dso", "best possible", "Best possible, days"),
    ("dso", "delinquent", "Delinquent, days"),
    ("dso", "unapplied credits", "Unapplied credits, days"),
    ("dso", "PY", "DSO a year before, days"),
    *(("overdue over time", bucket, bucket) for bucket in BUCKETS[1:-1]),
    *(("all over time", aging.heading(bucket, BUCKETS), bucket) for bucket in BUCKETS),
    ("on a day", "Open", "Open, USD"),
    *(("groups", bucket, bucket) for bucket in BUCKETS[1:-1]),
    *(("debtors", bucket, bucket) for bucket in BUCKETS[1:-1]),
    ("a bridge of days", "DSO", "DSO, days"),
    ("a bridge of money", "Total AR", "Total AR, USD"),
    ("lines", "Retail", "Retail"),
    ("lines", "=cmd()", "=cmd()"),
    ("what if", "Allowance", "Allowance, USD"),
    ("largest", "Total AR", "Total AR, USD"),
    ("limits", "Total AR", "Owed, USD"),
    ("exposure", "overdue", "Overdue, USD"),
    ("exposure", "limit", "Limit, USD"),
    ("pace by group", "Change in share paid", "Change in share"),
    ("at risk", "Share unpaid", "Share unpaid"),
    ("at risk", "A year before", "Share unpaid a year before"),
    ("curves", cohorts.NOW, "Share paid"),
    ("curves", cohorts.PREVIOUS, "Share paid, previous year"),
    ("fairness", "Overdue less expected", "Difference"),
    ("stake", "At stake", "At stake, USD"),
    ("parts", "Late payment, contribution", "Late payment, contribution"),
    ("explorer, bars of shares", "Overdue share", "Overdue share"),
    ("explorer, bars of shares", "PY", "Overdue share, PY"),
    ("explorer, columns", "Overdue", "Overdue, USD"),
    ("explorer, columns", "PY", "Overdue, USD, PY"),
    ("alert", "DSO", "DSO, days"),
    ("backtest", "raised in the month", "Raised"),
]


@pytest.mark.parametrize(("which", "series", "column"), TWINS)
def test_the_numbers_are_those_of_the_table(which, series, column):
    told = DRAWN[which].table[column].to_list()
    assert list(of(DRAWN[which], series).values) == told


def test_shares_are_of_one_and_percentages_only_in_the_format():
    figure = DRAWN["a bridge of shares"]
    assert own(figure).form == "0.0%"
    assert [(value or 0) * 100 for value in own(figure).series[0].values] == pytest.approx(figure.table[:, 1].to_list())
    history = own(DRAWN["alert, with a gap"])
    assert history.series[0].values == (0.2, None, 0.31)
    assert history.form == "0.0%"


def test_money_is_written_in_the_unit_of_the_chart_and_stays_whole():
    of = own(aging.on_day(pl.DataFrame({"bucket": ["1–30"], "amount": [12_345_678.91], "count": [3]}), SETTING))
    assert 12_345_678.91 in of.series[0].values
    assert (of.form, of.unit) == ("#,##0.0,,", f"USD{text.NBSP}m")


@pytest.mark.parametrize(
    ("largest", "form"),
    [(12.0, "#,##0"), (9e3, "#,##0.0,"), (9e6, "#,##0.0,,"), (9e9, "#,##0.0,,,"), (0.0, "#,##0")],
)
def test_money_is_divided_by_its_format(largest, form):
    assert native.money(text.Scale.fitting(largest)) == form


def test_every_unit_has_a_format():
    scale = text.Scale(1e3, "k")
    assert {unit: native.form(unit, scale) for unit in Unit} == {
        Unit.MONEY: "#,##0.0,", Unit.DAYS: "0.0", Unit.RATIO: "0.0%", Unit.PERCENT: "0.0", Unit.TIMES: "0.00",
        Unit.NUMBER: "#,##0.0",
    }  # fmt: skip
    assert native.measure(Unit.MONEY, "USD", scale) == f"USD{text.NBSP}k"


# --- stacks -------------------------------------------------------------------------------------------------------


def test_the_parts_of_dso_add_up_to_it_below_a_target_that_steps_in_and_a_benchmark():
    figure = DRAWN["dso"]
    stack = [series for series in own(figure).series if series.look is Look.BAR]
    assert [series.name for series in stack] == ["best possible", "delinquent", "unapplied credits"]
    assert sums(stack) == pytest.approx(figure.table["DSO, days"].to_list())
    assert own(figure).totals == tuple(f"{dso:.0f}" for dso in figure.table["DSO, days"])
    (target,) = [series for series in own(figure).series if series.look is Look.LINE]
    assert (target.name, target.values) == ("target 38", (None,) * 3 + (38,) * 10)
    assert {series.look for series in own(figure).series} == {Look.BAR, Look.MARKER, Look.LINE, Look.DOTTED}
    assert own(figure).categories[:4] == ("Oct 2025", "Nov", "Dec", "Jan 2026")


def test_dso_without_credits_or_a_year_before_has_two_parts():
    # The rest of the subtraction is 0 but for the last digits of a float.
    bare = dso_points(best=33.3).with_columns(days_delinquent=pl.col("dso") - 33.3, previous=pl.lit(None, pl.Float64))
    assert [series.name for series in own(trend.dso(bare, SETTING)).series] == ["best possible", "delinquent"]


@pytest.mark.parametrize("which", ["overdue over time", "all over time"])
def test_buckets_add_up_to_what_is_written_above_them(which):
    found = sums(own(DRAWN[which]).series)
    assert found == pytest.approx(DRAWN[which].table["Sum, USD"].to_list())
    assert own(DRAWN[which]).totals == tuple(text.Scale(1e6, "m").bare(each) for each in found)


def test_shares_of_the_gross_amount_add_up_to_one():
    assert sums(own(DRAWN["shares over time"]).series) == pytest.approx([1.0] * len(ENDS))


def test_groups_are_all_there_with_their_buckets_and_balances():
    names = ("Hansen", "<b>Werke</b>", "=cmd()\nx")
    figure = groups.by_group(by_customer(names), "Customer", SETTING, most=2)
    of = own(figure)
    assert of.categories == ("=cmd() x", "<b>Werke</b>")
    assert of.kind is Kind.STACKED_BARS
    assert sums(of.series) == [1800.0, 1200.0]
    # Nothing is unapplied: it is no series.
    assert [series.name for series in of.series] == ["Current", *BUCKETS[1:-1]]
    assert of.totals == ("1.8", "1.2")


def test_a_debtor_s_bar_tells_its_overdue_share():
    # Of six buckets that hold the same, five are overdue.
    assert own(DRAWN["debtors"]).totals[0] == f"1.8 (83{text.NBSP}%)"


def test_two_parts_with_one_name_are_both_there():
    rows = (explored.Mark("segment=1", "Others"), explored.Mark("segment=2", "Others"))
    twice = explored.panel("overdue", rows, explored.over(*explored.ENDS), [[1e6, 2e6, 3e6], [1e6, 1e6, 1e6]])
    of = own(explorer.stacked(twice, SETTING))
    assert sums(of.series) == [2e6, 3e6, 4e6]


def test_what_is_left_over_is_the_last_part_and_all_add_up():
    names = [f"S{place}" for place in range(9)]
    many = explored.panel("overdue", explored.side(*names), explored.over(*explored.ENDS), [[1e6, 2e6, 3e6]] * 9)
    of = own(explorer.stacked(many, SETTING))
    assert of.series[-1].name == "Others"
    assert sums(of.series) == [9e6, 18e6, 27e6]


def test_what_is_owed_under_a_limit_adds_up_and_the_limit_is_a_mark():
    of = own(DRAWN["exposure"])
    late, rest, limit = of.series
    assert sums([late, rest]) == [1500.0, 1600.0, 50.0]
    assert (limit.look, limit.values) == (Look.MARKER, (600.0, 2000.0, None))
    assert limit.labels[-1] == "no limit set"


def test_columns_over_days_mark_what_they_are_compared_with_and_bars_stand_beside_it():
    assert [series.look for series in own(DRAWN["explorer, columns"]).series] == [Look.BAR, Look.MARKER]
    assert [series.look for series in own(DRAWN["explorer, bars of shares"]).series] == [Look.BAR, Look.BAR]


# --- bridges ------------------------------------------------------------------------------------------------------

BRIDGES = [name for name, figure in DRAWN.items() if own(figure).kind.is_bridge]


@pytest.mark.parametrize("which", BRIDGES)
def test_the_ends_of_a_bridge_differ_by_its_steps(which):
    of = own(DRAWN[which])
    values = [value or 0.0 for value in of.series[0].values]
    assert of.balances == {0, len(values) - 1}
    assert values[0] + math.fsum(values[1:-1]) == pytest.approx(values[-1], rel=1e-12)
    assert len(of.series[0].colours) == len(of.series[0].labels) == len(values)


def test_a_bridge_over_many_steps_sums_what_is_left():
    of = own(DRAWN["a bridge of money"])
    assert of.categories[1:-1] == ("DACH", "Other (3)")
    assert of.series[0].values[1:3] == pytest.approx((2.5e5, 1.3e5))
    assert of.foot is not None
    assert 0 < of.foot < 78e6


def test_the_axis_of_a_bridge_is_cut_where_that_of_the_screen_is():
    of = own(DRAWN["a bridge of shares"])
    assert of.foot is None or of.foot < 0.163
    assert own(DRAWN["a bridge below zero"]).foot is None
    cut = own(bridged("overdue_share", 0.5, [("A", 0.01)]))
    assert cut.foot == pytest.approx(0.49)


def test_a_movement_has_the_lines_of_its_table():
    of, table = own(DRAWN["movement"]), dict(DRAWN["movement"].table.iter_rows())
    assert of.kind is Kind.BRIDGE
    told = dict(zip(of.categories, of.series[0].values, strict=True))
    assert told.pop("31 Jul 2026") == table["Opening"]
    assert told.pop("31 Oct 2026") == table["Closing"]
    assert told == {name: amount for name, amount in table.items() if amount and name in told}
    assert math.fsum(value or 0 for value in told.values()) == pytest.approx(table["Closing"] - table["Opening"])


def test_small_steps_of_a_movement_are_one():
    of = own(DRAWN["movement, small steps merged"])
    assert of.categories[1:-1] == ("Billed", "Cash", "Other")
    assert of.series[0].values[3] == pytest.approx(-1.1e6 - 0.2e6 + 0.4e6)


def test_a_provision_s_steps_are_coloured_by_what_they_do():
    of = own(DRAWN["provision"])
    assert of.kind is Kind.LYING_BRIDGE
    assert of.series[0].values == (100.0, 60.0, -40.0, 5.0, 125.0)
    assert of.series[0].colours == (LIGHT.actual, LIGHT.bad, LIGHT.neutral, LIGHT.neutral, LIGHT.actual)


def of_steps(start, steps, places=frozenset[int]()):
    values = (float(start), *map(float, steps), float(start + sum(steps)))
    ends = frozenset({0, len(values) - 1}) | places
    return Native(Kind.BRIDGE, ("",) * len(values), (Series("", values, "#000000"),), "0", balances=ends)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(-(10**12), 10**12), max_size=12))
def test_the_bars_of_any_bridge_join_and_are_as_large_as_their_steps(start, steps):
    """Each bar runs from the level before to the level after it, whatever the signs, and stands on invisible feet."""
    drawn, level = bars(of_steps(start, steps)), 0
    ends = [start, *steps, start + sum(steps)]
    for place, (bar, value) in enumerate(zip(drawn, ends, strict=True)):
        before = 0 if place in (0, len(ends) - 1) else level
        level = value if place in (0, len(ends) - 1) else level + value
        low, high = min(before, level), max(before, level)
        assert bar.seen - bar.seen_below == abs(value) == high - low
        assert min(bar.seen, bar.hidden) >= 0 >= max(bar.seen_below, bar.hidden_below)
        # What is above zero begins on its foot and ends at the top; what is below, the other way round.
        assert bar.hidden + bar.seen == max(high, 0)
        assert bar.hidden_below + bar.seen_below == min(low, 0)
        assert not (bar.hidden and bar.seen_below)
        assert not (bar.hidden_below and bar.seen)


def test_a_step_across_zero_has_a_part_on_each_side():
    _, step, end = bars(of_steps(30, [-50]))
    assert (step.seen, step.seen_below, step.hidden, step.hidden_below) == (30, -20, 0, 0)
    assert (end.seen, end.seen_below) == (0, -20)


def test_a_bridge_below_zero_hangs():
    tops = [bar.hidden_below for bar in bars(of_steps(-30, [-20, 10]))]
    assert tops == [0, -30, -40, 0]


def test_a_missing_step_is_none_and_a_balance_between_starts_anew():
    of = replace(of_steps(1, []), categories=("a", "b", "c", "d"), balances=frozenset({0, 2}))
    of = replace(of, series=(Series("", (5.0, None, 7.0, 1.0), "#000000"),))
    assert [(bar.hidden, bar.seen) for bar in bars(of)] == [(0, 5), (5, 0), (0, 7), (7, 1)]


def test_only_a_bridge_has_steps():
    with pytest.raises(ValueError, match="lines is not a bridge"):
        bars(own(DRAWN["lines"]))


# --- lines --------------------------------------------------------------------------------------------------------


def test_lines_of_one_colour_become_shades_and_ends_that_meet_are_not_written_twice():
    retail, command, west, peers = own(DRAWN["lines"]).series
    assert len({retail.colour, command.colour, west.colour, peers.colour}) == 4
    assert (retail.is_strong, retail.look, peers.look) == (True, Look.LINE, Look.DOTTED)
    assert west.name == "North West"
    # Retail and North West end at the same height; the label is that of the strong line.
    assert retail.labels == ("",) * 12 + (f"32.0{text.NBSP}%",)
    assert west.labels == peers.labels == ()


@given(st.lists(st.sampled_from(["#949494", "#0072b2", "#b84a00"]), max_size=9))
def test_no_two_series_have_one_colour(colours):
    shades = native.told_apart(colours)
    assert len(set(shades)) == len(shades) == len(colours)
    assert all(shade == colour for shade, colour in zip(shades, colours, strict=True) if colours.count(colour) == 1)


def test_the_newest_value_of_an_alert_is_written():
    number, limit = own(DRAWN["alert"]).series
    assert number.labels == ("", "", "", "", f"57.0{text.NBSP}days")
    assert (number.is_strong, limit.name, limit.values) == (True, f"limit 50.0{text.NBSP}days", (50.0,) * 5)


def test_backtest_parts_add_up_to_what_was_open():
    of = own(DRAWN["backtest"])
    assert sums(of.series) == [1, 2, 0, 0, 1]
    assert of.totals[-1] == "now 1"


def test_months_without_a_payment_are_gaps():
    assert own(DRAWN["days to pay"]).series[0].values == (40.0, None)
    assert own(DRAWN["days to pay"]).series[1].values == (30.0, None)
