"""Every figure: valid Vega-Lite, a finding that is true of its data, a table twin with the same numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise

import altair as alt
import polars as pl
import pytest

from charts import DARK, LIGHT, Setting, aging, customers, groups, movement, trend
from ledger.calendar import month_ends
from metrics import BENCHMARKS, text
from tests.charts import grammar

N = "\u00a0"
BUCKETS = ("current", "1–30", "31–60", "61–90", "91–120", "120+", "unapplied")
ENDS = month_ends(date(2025, 10, 1), date(2026, 10, 31))
SETTING = Setting("as of 31 Oct 2026 · Region DACH", "USD", LIGHT, BUCKETS)


def dso_points(first=42.0, last=47.0, best=34.0):
    rows = [first + (last - first) * place / 12 for place in range(13)]
    return pl.DataFrame(
        {
            "as_of": ENDS,
            "dso": rows,
            "dso_best_possible": [best] * 13,
            "days_delinquent": [dso - best + 0.5 for dso in rows],
            "previous": [None] * 3 + [41.0] * 10,
        },
        schema_overrides={"previous": pl.Float64},
    )


def aged(oldest_grows=0.0):
    amounts = (60e6, 10e6, 4e6, 2e6, 1e6, 0.5e6, -1e6)
    return pl.DataFrame(
        [
            {"as_of": end, "bucket": bucket, "amount": amount + (oldest_grows * place if bucket == "120+" else 0.0)}
            for place, end in enumerate(ENDS)
            for bucket, amount in zip(BUCKETS, amounts, strict=True)
        ]
    )


def one_day():
    return aged().filter(pl.col("as_of") == ENDS[-1]).with_columns(count=pl.lit(10))


def by_customer(names=("Hansen", "<b>Werke</b>", "=cmd()")):
    return pl.DataFrame(
        [
            {"key": name, "label": name, "bucket": bucket, "amount": float((place + 1) * 100 * (bucket != "unapplied"))}
            for place, name in enumerate(names)
            for bucket in BUCKETS
        ]
    )


def lines(**changed):
    amounts = {
        "opening": 74.9e6, "billed": 34.6e6, "credits": -1.1e6, "cash": -29.9e6, "write_offs": -0.2e6,
        "discounts": 0.0, "fx": 0.4e6, "refunds": 0.0, "other": 0.0, "closing": 78.7e6, "difference": 0.0,
    } | changed  # fmt: skip
    return pl.DataFrame({"line": list(amounts), "amount": list(amounts.values())})


def paid(days_late):
    return pl.DataFrame(
        {
            "settled_on": [date(2026, 1 + place % 10, 1 + place % 27) for place in range(len(days_late))],
            "days_late": days_late,
            "amount": [100.0] * len(days_late),
            "currency": ["EUR"] * len(days_late),
            "number": ["N"] * len(days_late),
        },
        schema_overrides={
            "days_late": pl.Int64,
            "settled_on": pl.Date,
            "amount": pl.Float64,
            "currency": pl.String,
            "number": pl.String,
        },
    )


def figures(setting=SETTING):
    return [
        trend.dso(dso_points(), setting, target=dict.fromkeys(ENDS, 38), benchmark=BENCHMARKS["dso"]),
        aging.over_time(aged(), setting),
        aging.over_time(aged(), setting, whole=True),
        aging.over_time(aged(), setting, whole=True, share=True),
        aging.on_day(one_day(), setting, chosen="1–30"),
        groups.by_group(by_customer(), "Customer", setting),
        groups.debtors(by_customer(), 3, 0.4, setting),
        movement.bridge(lines(), date(2026, 7, 31), date(2026, 10, 31), setting),
        customers.payments(paid([-5, 0, 12]), setting),
    ]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda p: p.name)
def test_every_figure_is_valid_vega_lite(colours):
    for figure in figures(Setting("now", "USD", colours, BUCKETS)):
        grammar.holds(figure.spec)
        grammar.holds(figure.standalone("a note"))


def test_a_figure_is_a_chart_of_altair_for_whoever_wants_one():
    figure = figures()[-1]
    assert alt.Chart.from_dict(figure.spec).to_dict()["layer"]


def test_every_figure_says_where_and_has_a_twin_and_words_for_who_cannot_see():
    for figure in figures():
        assert "as of 31 Oct 2026 · Region DACH" in figure.subtitle
        assert figure.table.height
        assert figure.title in figure.alt
        assert json.dumps(figure.spec, allow_nan=False)


def test_a_picture_travels_with_title_and_note():
    figure = figures()[0]
    drawn = figure.svg("snapshot abc")
    for words in ("DSO", "Region DACH", "snapshot abc"):
        assert words in drawn
    assert figure.png("snapshot abc", scale=1).startswith(b"\x89PNG")


def test_nothing_at_all_is_still_a_figure():
    empty_points = dso_points().head(0)
    empty_aged, empty_day = aged().head(0), one_day().head(0)
    drawn = [
        trend.dso(empty_points, SETTING),
        aging.over_time(empty_aged, SETTING),
        aging.on_day(empty_day, SETTING),
        groups.by_group(by_customer().head(0), "Customer", SETTING),
        groups.debtors(by_customer().head(0), 0, 0.0, SETTING),
        movement.bridge(lines().head(0), date(2026, 7, 31), date(2026, 10, 31), SETTING),
        customers.payments(paid([]), SETTING),
    ]
    for figure in drawn:
        grammar.holds(figure.spec)
        assert figure.title


@pytest.mark.parametrize(
    ("points", "finding"),
    [
        (dso_points(42, 47), f"Late payment added 5.0{N}days to DSO in a year"),
        (dso_points(47, 42), f"Late payment took 5.0{N}days off DSO in a year"),
        (dso_points(42, 42.2), f"DSO held at 42.2{N}days in a year"),
        (dso_points().head(1), f"DSO is 42.0{N}days"),
    ],
)
def test_dso_finding(points, finding):
    assert trend.dso_finding(points) == finding


def test_dso_finding_when_terms_moved_it():
    moved = dso_points().with_columns(dso_best_possible=pl.col("dso") - 8, days_delinquent=pl.lit(8.0))
    assert trend.dso_finding(moved) == f"DSO rose 5.0{N}days in a year to 47.0"


def test_a_finding_compares_with_the_day_it_is_given_and_not_with_the_first_one_drawn():
    base = dso_points(44, 44).head(1).with_columns(as_of=pl.lit(date(2025, 10, 31)))
    assert trend.dso(dso_points(42, 47), SETTING, base=base).title == f"Late payment added 3.0{N}days to DSO in a year"
    before = aged(1e5).filter(pl.col("as_of") == ENDS[6]).with_columns(as_of=pl.lit(date(2025, 10, 31)))
    # Six of the twelve steps of 100 000 lie between the base and the last day.
    titled = aging.over_time(aged(1e5), SETTING, base=before).title
    assert titled == f"Overdue rose $600.0k in a year, 100{N}% of it 120+ days"


def test_dso_labels_stand_above_bar_previous_year_and_target_and_the_key_names_them():
    spec = trend.dso(dso_points(42, 47), SETTING, target=dict.fromkeys(ENDS, 60)).spec
    assert {row["top"] for row in spec["layer"][-2]["data"]["values"]} == {60}
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domainMax"] > 60
    assert key(spec) == {"PY": [1, 0], "target 60": [1, 0]}
    alone = trend.dso(dso_points().with_columns(previous=pl.lit(None, pl.Float64)), SETTING).spec
    assert len(alone["layer"][0]["encoding"]["color"]["scale"]["domain"]) == 3
    assert key(alone) == {}


def key(spec):
    """What the key of the lines names, and the dashes it is drawn with."""
    found = [layer["encoding"]["strokeDash"]["scale"] for layer in spec["layer"] if "strokeDash" in layer["encoding"]]
    return dict(zip(found[0]["domain"], found[0]["range"], strict=True)) if found else {}


def pieces(spec):
    """The pieces of the lines by name: first day, last day, value."""
    found = next(layer["data"]["values"] for layer in spec["layer"] if "strokeDash" in layer["encoding"])
    return [(row["line"], row["as_of"], row["until"], row["value"]) for row in found]


def test_a_target_is_solid_and_steps_where_it_changed_and_a_benchmark_is_dotted_and_names_its_source():
    aims = {end: 47.0 if end.year == 2025 else 45.0 for end in ENDS}
    spec = trend.dso(dso_points(), SETTING, target=aims, benchmark=BENCHMARKS["dso"]).spec
    assert key(spec) == {"PY": [1, 0], "target 47, then 45": [1, 0], "CRF median 38": [2, 3]}
    assert pieces(spec) == [
        ("target 47, then 45", "2025-10-31", "2025-12-31", 47),
        ("target 47, then 45", "2026-01-31", "2026-10-31", 45),
        ("CRF median 38", "2025-10-31", "2026-10-31", 38.04),
    ]
    assert [end.isoformat() for end in ENDS] == spec["layer"][-3]["encoding"]["x"]["scale"]["domain"]


def test_days_without_a_target_have_no_line():
    spec = trend.dso(dso_points(), SETTING, target=dict.fromkeys(ENDS[4:7], 40)).spec
    assert pieces(spec) == [("target 40", ENDS[4].isoformat(), ENDS[6].isoformat(), 40)]
    tops = [row["top"] for row in spec["layer"][-2]["data"]["values"]]
    # Best possible 34 and delinquent 8.5 and more stand above 40 everywhere.
    assert tops == pytest.approx([42.5 + 5 * place / 12 for place in range(13)])


@pytest.mark.parametrize(
    ("amounts", "finding"),
    [
        ({"current": 250.0, "120+": 750.0}, f"Hansen owes 25.0{N}% of all, 75.0{N}% of it overdue"),
        ({"current": 500.0}, f"Hansen owes 25.0{N}% of all, none of it overdue"),
        ({"1–30": 500.0}, f"Hansen owes 25.0{N}% of all, all of it overdue"),
        ({"1–30": 500.0, "unapplied": -100.0}, f"Hansen owes 25.0{N}% of all, all of it overdue"),
    ],
)
def test_debtors_lead_with_what_they_hold_and_what_is_overdue(amounts, finding):
    rows = [{"key": "1", "label": "Hansen", "bucket": bucket, "amount": amount} for bucket, amount in amounts.items()]
    figure = groups.debtors(pl.DataFrame(rows), 1, 0.25, SETTING)
    assert figure.title == finding
    assert [key.label for key in figure.key] == ["Current", "1–30", "31–60", "61–90", "91–120", "120+"]


def test_all_other_debtors_stand_below_in_figures_and_not_as_a_bar():
    others = groups.Others(count=40, total=9e6, overdue=2e6, gross=10e6)
    figure = groups.debtors(by_customer(), 3, 0.4, SETTING, others=others)
    lines, drawn = figure.spec["data"]["values"], figure.spec["layer"][0]["data"]["values"]
    # In thousands, as the largest of the drawn is 300 × 6 buckets; a fifth of their gross is overdue.
    assert (lines[-1]["text"], lines[-1]["share"]) == ("9,000.0", f"20{N}%")
    assert lines[-1]["label"] not in {row["label"] for row in drawn}
    assert figure.title == f"The 3 largest owe 40.0{N}%; of =cmd(), 83.3{N}% is overdue"


def test_dso_twin_shows_all_three_parts():
    row = trend.dso(dso_points(), SETTING).table.row(0, named=True)
    assert row["DSO, days"] == row["Best possible, days"] + row["Delinquent, days"] + row["Unapplied credits, days"]
    assert row["Unapplied credits, days"] == -0.5


def test_overdue_finding_names_the_bucket_that_made_it():
    # 12 months of +100 000 in the oldest bucket: 1.2m more, all of it there.
    assert aging.over_time_finding(aged(1e5), SETTING) == f"Overdue rose $1.2m in a year, 100{N}% of it 120+ days"
    assert aging.over_time_finding(aged(), SETTING) == "$17.5m is overdue"


def test_day_findings():
    # 17.5m of 77.5m gross is overdue; 0.5m of it in the oldest bucket.
    assert aging.on_day_finding(one_day(), SETTING) == f"22.6{N}% of the open amount is overdue: $17.5m of $77.5m"
    assert aging.on_day_finding(one_day(), SETTING, "Hansen") == f"Hansen: $17.5m of $77.5m is overdue (22.6{N}%)"
    assert aging.on_day_finding(one_day().head(1), SETTING, "Hansen") == "Hansen: $60.0m is open, none of it overdue"
    assert aging.on_day_finding(one_day().head(0), SETTING, "Hansen") == "Hansen: nothing is open"
    assert aging.on_day(one_day(), SETTING).title == f"$500.0k is 120+ days late, 0.6{N}% of the open amount"


def test_day_twin_has_every_bucket_and_shares_of_gross():
    twin = aging.on_day(one_day(), SETTING).table
    assert twin["Days past due"].to_list() == ["Current", *BUCKETS[1:-1], "Unapplied"]
    assert twin["Share of gross open"].sum() == pytest.approx(1)
    assert twin["Share of gross open"].to_list()[-1] is None
    assert twin["Open, USD"].sum() == pytest.approx(76.5e6)


def test_the_whole_year_is_labelled_with_the_total_that_the_groups_are_labelled_with():
    figure = aging.over_time(aged(), SETTING, whole=True)
    # 77.5m gross less 1.0m of unapplied credits.
    assert [row["label"] for row in figure.spec["layer"][1]["data"]["values"]] == ["76.5"] * 13
    assert aging.NET in figure.subtitle
    assert aging.NET in groups.by_group(by_customer(), "Customer", SETTING).subtitle
    assert aging.NET not in aging.over_time(aged(), SETTING).subtitle


def test_groups_stand_most_overdue_first_and_the_rest_is_told():
    figure = groups.by_group(by_customer(tuple("ABCDE")), "Customer", SETTING, most=2)
    assert figure.table["Customer"].to_list() == list("EDCBA")
    assert f"3{N}more of $3.6k in the table" in figure.subtitle
    # A to E have 5 overdue buckets of 100 to 500 each: 7 500, E's third of it.
    assert figure.title == f"E holds 33.3{N}% of the overdue $7.5k"


def test_a_click_tells_the_key_and_not_the_label():
    spec = groups.by_group(by_customer(), "Customer", SETTING).spec
    picks = [layer["params"][0]["select"]["fields"] for layer in spec["layer"] if "params" in layer]
    assert picks == [["key"]]


def test_bridge_adds_up_from_column_to_column():
    spec = movement.bridge(lines(), date(2026, 7, 31), date(2026, 10, 31), SETTING).spec
    steps = spec["layer"][0]["data"]["values"]
    for before, after in pairwise(steps[:-1]):
        assert after["start"] == pytest.approx(before["end"])
    assert steps[-2]["end"] == pytest.approx(steps[-1]["end"])


def test_bridge_leaves_out_what_did_not_move_but_lists_it():
    figure = movement.bridge(lines(), date(2026, 7, 31), date(2026, 10, 31), SETTING)
    drawn = [row["name"] for row in figure.spec["layer"][0]["data"]["values"]]
    assert "Discounts" not in drawn
    assert "Discounts" in figure.table["Line"].to_list()


def test_a_bridge_draws_small_steps_as_one_and_lists_each():
    rows = lines(discounts=-0.1e6, refunds=0.05e6, other=0.01e6)
    figure = movement.bridge(rows, date(2026, 7, 31), date(2026, 10, 31), SETTING, least=0.02)
    steps = {row["name"]: row for row in figure.spec["layer"][0]["data"]["values"]}
    assert list(steps) == [f"31{N}Jul{N}2026", "Billed", "Credits", "Cash", "Other", f"31{N}Oct{N}2026"]
    # Write-offs −0.2m, discounts −0.1m, FX +0.4m, refunds +0.05m and other +0.01m, each below 2 % of 34.6m.
    assert steps["Other"]["end"] - steps["Other"]["start"] == pytest.approx(0.16)
    assert {"Write-offs", "Discounts", "FX", "Refunds"} <= set(figure.table["Line"])
    assert [row["key"] for row in steps.values()] == ["opening", "billed", "credits", "cash", "other", "closing"]


def test_one_small_step_alone_keeps_its_name():
    rows = lines(fx=0.0)
    figure = movement.bridge(rows, date(2026, 7, 31), date(2026, 10, 31), SETTING, least=0.02)
    assert "Write-offs" in [row["name"] for row in figure.spec["layer"][0]["data"]["values"]]


def test_a_card_draws_no_legend_where_its_subtitle_has_the_key_and_a_picture_keeps_it():
    figure = trend.dso(dso_points(), SETTING, target=dict.fromkeys(ENDS, 38))
    assert [key.label for key in figure.key] == ["best possible", "delinquent", "unapplied credits", "PY", "target 38"]

    def legends(spec):
        coded = [layer["encoding"].get("color", {}) for layer in spec["layer"]]
        return [each["legend"] for each in coded if each.get("legend")]

    assert legends(figure.standalone())
    assert not legends(figure.on_screen)


def test_a_click_tells_the_day_or_the_day_and_the_bucket():
    dso = trend.dso(dso_points(), SETTING).spec["layer"][-1]
    assert dso["params"][0]["select"]["fields"] == ["as_of"]
    assert dso["data"]["values"][-1]["as_of"] == "2026-10-31"
    parts = aging.over_time(aged(), SETTING, picked=True).spec["layer"][0]
    assert parts["params"][0]["select"]["fields"] == ["key"]
    assert "2026-10-31/31–60" in {row["key"] for row in parts["data"]["values"]}
    assert "params" not in aging.over_time(aged(), SETTING).spec["layer"][0]


def test_findings_against_a_target():
    assert trend.target_finding(dso_points(42, 47), 42, SETTING) == (
        f"DSO is 5.0{N}days above target; 13.5 is late payment"
    )
    assert trend.target_finding(dso_points(42, 40), 42, SETTING) == f"DSO is 2.0{N}days below target"
    assert trend.target_finding(dso_points(42, 42), 42, SETTING) == f"DSO meets its target of 42{N}days"
    # 17.5m of 77.5m gross is overdue; a tenth would be 7.75m.
    assert aging.target_finding(aged(), 0.1, SETTING) == f"Overdue is $9.8m above its target of 10{N}%"
    assert aging.target_finding(aged(), 0.5, SETTING) == f"Overdue is $21.2m below its target of 50{N}%"


def test_findings_in_percent_and_in_the_scale_that_the_reader_chose():
    percent = replace(SETTING, relative=True)
    # From 42 to 47 days; from 17.5m to 18.7m.
    assert trend.dso(dso_points(42, 47), percent).title == f"DSO rose 11.9{N}% in a year, mostly late payment"
    assert aging.over_time(aged(1e5), percent).title.startswith(f"Overdue rose 6.9{N}% in a year")
    thousands = replace(SETTING, scale=text.Scale(1e3, "k"))
    assert aging.over_time(aged(1e5), thousands).title.startswith("Overdue rose $1,200.0k in a year")
    assert f"USD{N}k" in aging.over_time(aged(), thousands).subtitle


def test_bridge_ties_out_or_says_by_how_much_it_does_not():
    ties = movement.bridge(lines(), date(2026, 7, 31), date(2026, 10, 31), SETTING)
    assert "ties out" in ties.subtitle
    # 34.6m billed less 29.9m cash, whatever was credited; the balance went from 74.9m to 78.7m.
    assert ties.title == "Billed $4.7m more than collected; AR rose $3.8m"
    broken = movement.bridge(lines(difference=-0.01), date(2026, 7, 31), date(2026, 10, 31), SETTING)
    assert "difference −$0.01" in broken.subtitle


@pytest.mark.parametrize(
    ("days_late", "finding"),
    [
        ([10, 20], "Paid invoices came 15 days late on average"),
        ([-10, -20], "Paid invoices came 15 days early on average"),
        ([0, 0], "Paid invoices came on the due date on average"),
        ([], "No invoice of this customer has been settled"),
    ],
)
def test_payment_finding(days_late, finding):
    assert customers.payments(paid(days_late), SETTING).title == finding


def test_a_few_very_late_payments_do_not_flatten_the_rest():
    figure = customers.payments(paid([5] * 99 + [900]), SETTING)
    assert "1 beyond 30 days at the upper edge" in figure.subtitle
    assert figure.table["Days after due"].max() == 900
