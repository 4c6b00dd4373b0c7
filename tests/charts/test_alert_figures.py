"""The figures of an alert, and marks on other charts: valid, true findings, a twin with the same numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, alert, lines, trend
from charts.lines import Line, Words
from charts.marks import Mark, layers, on
from ledger.calendar import month_ends
from metrics import Unit, text
from tests.charts import grammar

N = text.NBSP
ENDS = month_ends(date(2024, 10, 1), date(2026, 10, 31))
LAST = ENDS[-1]
SETTING = Setting("as of 31 Oct 2026 · Construction", "USD", LIGHT)
NASTY = ("<b>Werke</b>", "=cmd()", "a\nb\u202e")


@dataclass(frozen=True)
class At:
    day: date
    value: float | None
    limit: float | None


@dataclass(frozen=True)
class By:
    name: str
    amount: float


@dataclass(frozen=True)
class Why:
    words: str
    start: date
    change: float
    contributors: tuple[By, ...]
    rest: float


def points(values, limit: float | list[float] | list[float | None] | None = 50.0):
    """The newest of the months, with these values; ``limit`` a number for all or one a month."""
    limits = limit if isinstance(limit, list) else [limit] * len(values)
    return [At(day, *pair) for day, pair in zip(ENDS[-len(values) :], zip(values, limits, strict=True), strict=True)]


RISING = points([40.0, 48.0, 50.0, 53.0, 57.0])
CAUSE = Why("DSO rose 17 days", ENDS[0], 17.0, (By("Industrial", 12.0), By("Retail", 6.0), By("Public", -2.0)), 1.0)


def figures(setting=SETTING):
    yield alert.history(RISING, "dso", setting, since=ENDS[-2])
    yield alert.history(points([0.2, None, 0.31], [0.2, 0.25, 0.3]), "overdue_share", setting)
    yield alert.history(points([1e6, 2e6], None), "overdue", setting)
    yield alert.history(points([60.0, 62.0], [70.0, 64.0]), "cei", setting)
    yield alert.history(
        points([float(place) for place in range(9)], [place * 1.1 for place in range(9)]), "dso", setting
    )
    yield alert.history(points([None, None]), "dso", setting)
    yield alert.history(points([1.0, 2.0]), "a_metric_that_is_gone", setting)
    yield alert.history([], "dso", setting)
    yield alert.contributors(CAUSE, "dso", LAST, 57.0, setting)
    yield alert.contributors(
        replace(CAUSE, contributors=tuple(By(name, 1.0) for name in NASTY)), "cei", LAST, 57.0, setting
    )


def rows(figure, field):
    """The values of a field over all layers that have it."""
    return [row[field] for layer in figure.spec["layer"] for row in layer["data"]["values"] if field in row]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_figure_is_valid_and_drawn_without_a_browser(palette):
    for figure in figures(replace(SETTING, palette=palette)):
        assert figure.title
        assert figure.alt.endswith(".")
        if not figure.is_empty:
            grammar.holds(figure.standalone())
            assert figure.svg().startswith("<svg")
    assert next(figures(replace(SETTING, palette=palette))).png().startswith(b"\x89PNG")


def test_nothing_in_a_name_can_end_the_picture():
    *_, last = figures()
    assert "&lt;b&gt;Werke" in last.svg()
    assert json.loads(json.dumps(last.spec)) == last.spec


def test_the_finding_holds_the_number_against_its_limit_and_says_since_when():
    assert (
        alert.history(RISING, "dso", SETTING, since=ENDS[-2]).title
        == f"57.0{N}days against a limit of 50.0{N}days: beyond it since Sep{N}2026"
    )
    assert alert.finding_of(points([49.0, 60.0]), "dso", "USD", LAST).endswith("beyond it for the first time")
    assert alert.finding_of(points([40.0], None), "dso", "USD") == f"40.0{N}days on 31{N}Oct{N}2026"
    assert alert.finding_of([], "dso", "USD") == "No value is known"
    assert alert.history(RISING, "dso", SETTING, title="As a mail says it").title == "As a mail says it"


def test_the_limit_itself_counts_only_for_the_day_of_the_alert():
    """A rule may take its limit in: whether it does, only the alert says, which stands on the last day."""
    figure = alert.history(points([50.0, 40.0, 50.0]), "dso", SETTING)
    assert figure.table["Beyond"].to_list() == ["no", "no", "yes"]


def test_beyond_is_on_the_side_of_the_newest_value():
    below = alert.history(points([90.0, 80.0, 70.0], 75.0), "cei", SETTING)
    assert below.table["Beyond"].to_list() == ["no", "no", "yes"]
    assert rows(below, "apart")[-1] == f"{text.MINUS}5.0{N}pts"


def test_a_rule_that_is_within_its_limit_now_has_its_own_side():
    """The newest value tells the side of an alert; of a rule it tells nothing: it may be within."""
    within = alert.history(points([84.0, 88.0, 87.0], 86.0), "cei", SETTING, above=False)
    assert within.table["Beyond"].to_list() == ["yes", "no", "no"]
    assert {key.label for key in within.key} == {"limit 86.0", alert.BEYOND}
    never = alert.history(points([92.0, 88.0, 87.0], 86.0), "cei", SETTING, above=False)
    assert [key.label for key in never.key] == ["limit 86.0"]
    assert set(rows(never, "colour")) == {LIGHT.actual}


def test_months_without_a_value_or_a_limit_are_not_beyond():
    figure = alert.history(points([60.0, None, 60.0, 60.0], [50.0, 50.0, None, 50.0]), "dso", SETTING)
    assert figure.table["Beyond"].to_list() == ["yes", "no", "no", "yes"]
    assert figure.table["Limit, days"].to_list() == [50.0, 50.0, None, 50.0]


def test_the_twin_has_the_numbers_drawn_shares_in_percent():
    figure = alert.history(points([0.2, 0.31], 0.25), "overdue_share", SETTING)
    assert figure.table["Overdue share, %"].to_list() == pytest.approx([20.0, 31.0])
    assert figure.table["As of"].to_list() == ENDS[-2:]


def test_a_limit_that_holds_is_named_in_the_key_and_one_that_steps_is_drawn_as_steps():
    held = alert.history(RISING, "dso", SETTING)
    assert [key.label for key in held.key] == [f"limit 50.0{N}days", alert.BEYOND]
    stepped = alert.history(points([40.0, 41.0, 60.0, 60.0], [48.0, 48.0, 50.0, 50.0]), "dso", SETTING)
    pieces = [row for layer in stepped.spec["layer"] for row in layer["data"]["values"] if "until" in row]
    assert {(row["as_of"], row["until"], row["value"]) for row in pieces} == {
        (ENDS[-4].isoformat(), ENDS[-3].isoformat(), 48.0),
        (ENDS[-2].isoformat(), ENDS[-1].isoformat(), 50.0),
    }


def test_a_limit_that_moves_every_month_is_a_line():
    values = [float(place) for place in range(9)]
    figure = alert.history(points(values, [value * 1.1 + 1 for value in values]), "dso", SETTING)
    assert not [row for layer in figure.spec["layer"] for row in layer["data"]["values"] if "until" in row]
    assert [layer for layer in figure.spec["layer"] if layer["encoding"].get("y", {}).get("field") == "limit"]


def test_good_news_is_drawn_in_the_colour_of_good_and_passes_no_limit():
    better = alert.history(points([30.0, 22.0, 20.0], 25.0), "dso", SETTING, since=ENDS[-2])
    assert rows(better, "colour")[-1] == LIGHT.good
    assert better.title == f"20.0{N}days against a mark of 25.0{N}days: better than it since Sep{N}2026"
    assert [key.label for key in better.key] == [f"mark 25.0{N}days", alert.BETTER]
    assert rows(alert.history(RISING, "dso", SETTING), "colour")[-1] == LIGHT.bad


def test_since_is_marked_where_it_is_drawn():
    marked = alert.history(RISING, "dso", SETTING, since=ENDS[-2])
    assert f"since 30{N}Sep{N}2026" in rows(marked, "words")
    for elsewhere in (ENDS[0], LAST):
        assert not rows(alert.history(RISING, "dso", SETTING, since=elsewhere), "words")


def test_a_state_of_a_year_holds_for_it():
    told = alert.finding_of(points([60.0] * 13), "dso", "USD", ENDS[-13])
    assert told.endswith("beyond it for a year")


def test_the_bridge_leads_from_what_it_was_to_what_it_is():
    figure = alert.contributors(CAUSE, "dso", LAST, 57.0, SETTING)
    assert figure.table["Step"].to_list() == [
        f"31{N}Oct{N}2024", "Industrial", "Retail", "Public", "All others", f"31{N}Oct{N}2026",
    ]  # fmt: skip
    amounts = figure.table["DSO, days"].to_list()
    assert amounts == [40.0, 12.0, 6.0, -2.0, 1.0, 57.0]
    assert sum(amounts[:-1]) == pytest.approx(amounts[-1])
    assert figure.title == "DSO rose 17 days"


def test_nothing_left_has_no_bar():
    figure = alert.contributors(replace(CAUSE, change=16.0, rest=0.0), "dso", LAST, 57.0, SETTING)
    assert "All others" not in figure.table["Step"].to_list()


# --- marks on other charts ----------------------------------------------------------------------------------------

MARK = Mark(ENDS[-3], "DSO beyond its target", "watch")


def marked(*marks, days=ENDS[-6:]):
    found = layers(marks, days, LIGHT, {"field": "place"})
    return found[-1]["data"]["values"] if found else []


def test_a_mark_stands_at_the_month_in_which_it_happened():
    assert [(row["place"], row["as_of"]) for row in marked(MARK)] == [(3, ENDS[-3].isoformat())]
    earlier = replace(MARK, day=ENDS[-3] - timedelta(days=12))
    assert [row["place"] for row in marked(earlier)] == [3]
    assert [row["place"] for row in marked(replace(MARK, day=ENDS[-3] + timedelta(days=1)))] == [4]


def test_what_happened_before_the_chart_or_after_it_is_left_out():
    assert not marked(replace(MARK, day=ENDS[-8]))
    assert not marked(replace(MARK, day=LAST + timedelta(days=1)))
    assert not marked(MARK, days=[])
    assert not marked()


def test_several_of_one_month_are_one_mark_in_the_colour_of_the_worst():
    (row,) = marked(MARK, Mark(ENDS[-3], "<b>Act</b>", "act"), Mark(ENDS[-3], "news", "info"))
    assert row["words"] == "<b>Act</b>; DSO beyond its target; news"
    assert row["colour"] == LIGHT.bad
    assert marked(Mark(ENDS[-3], "news", "info"))[0]["colour"] == LIGHT.good


def dso_points():
    days = list(ENDS[-13:])
    return pl.DataFrame(
        {
            "as_of": days, "dso": [45.0] * 13, "dso_best_possible": [34.0] * 13, "days_delinquent": [11.0] * 13,
            "previous": [None] * 13,
        },
        schema_overrides={"previous": pl.Float64},
    )  # fmt: skip


def test_dso_carries_a_mark_that_picks_its_month_and_leaves_the_rest_as_it_was():
    plain, with_mark = trend.dso(dso_points(), SETTING), trend.dso(dso_points(), SETTING, marks=[MARK])
    grammar.holds(with_mark.standalone())
    (added,) = with_mark.spec["layer"][len(plain.spec["layer"]) :]
    assert [row["as_of"] for row in added["data"]["values"]] == [ENDS[-3].isoformat()]
    assert with_mark.table.equals(plain.table)
    assert with_mark.title == plain.title


def test_lines_carry_a_mark_with_its_words():
    line = Line("CEI", dict.fromkeys(ENDS[-6:], 80.0), "#000000")
    words = Words("cei", "A finding", "CEI", ("cei",))
    drawn = lines.over_time([line], ENDS[-6:], words, Unit.PERCENT, SETTING, marks=[MARK], picked=True)
    grammar.holds(drawn.standalone())
    assert "DSO beyond its target" in rows(drawn, "words")
    assert drawn.svg().startswith("<svg")


def test_an_empty_chart_stays_empty():
    empty = trend.dso(dso_points().clear(), SETTING)
    assert on(empty, [MARK], list(ENDS)) is empty
